//! The sink that sources fill: completes rows with what only the whole harvest knows (whose account, which asset), counts, and
//! hands them to the Parquet writer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::Deserialize;

use super::declarations::Register;
use super::link::{Link, Roster};
use super::names;
use super::witness::Witness;
use crate::snapshot::ids;
use crate::snapshot::schema::{Account, Record, Reject, RestoreTest};
use crate::snapshot::writer::TablesWriter;
use crate::sources::{Sink, SinkError};

/// Characters of a refused row that are kept.
const EXCERPT: usize = 200;

/// What is known across sources.
pub(super) struct Shared {
    pub(super) tables: TablesWriter,
    pub(super) roster: Roster,
    pub(super) register: Register,
    /// asset_id by squeezed application name and by host; two assets of one name make `None`.
    pub(super) assets: HashMap<String, Option<String>>,
    pub(super) links: BTreeMap<&'static str, u64>,
    /// Links by the directory's immutable id, for the accounts that an identity provider federates; only kept when one is read.
    pub(super) federated: Option<HashMap<String, Link>>,
}

/// One collection's sink.
pub(super) struct CollectionSink<'a> {
    pub(super) shared: &'a mut Shared,
    pub(super) collection_id: &'a str,
    pub(super) progress: &'a mut dyn FnMut(u64),
    pub(super) witness: Option<&'a dyn Witness>,
    pub(super) records: u64,
    pub(super) rejects: BTreeMap<String, u64>,
}

impl Sink for CollectionSink<'_> {
    fn push(&mut self, mut record: Record<'_>) -> Result<(), SinkError> {
        match &mut record {
            Record::Person(person) => self.shared.roster.add(person),
            Record::Account(account) => self.shared.complete(account),
            Record::Entitlement(right) => {
                self.shared.own(&mut right.owner_id);
                self.shared.register.entitlement(&right.system, &right.name, &right.entitlement_id);
            }
            Record::Asset(asset) => {
                self.shared.own(&mut asset.owner_id);
                self.shared.own(&mut asset.technical_owner_id);
                self.shared.index_asset(&names::squeeze(&asset.application), &asset.asset_id);
            }
            Record::AssetHost(host) => self.shared.index_asset(&host_key(&host.host), &host.asset_id),
            Record::RestoreTest(test) => self.shared.place(test),
            _ => {}
        }
        if let Some(witness) = self.witness {
            match &record {
                Record::Account(account) if witness.wants(&account.account_id) => witness.account(account),
                Record::Grant(grant) if witness.wants(&grant.account_id) => witness.grant(grant),
                _ => {}
            }
        }
        self.records += 1;
        self.shared.tables.push(&record, self.collection_id)?;
        Ok(())
    }

    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        *self.rejects.entry(reason.to_owned()).or_default() += 1;
        let reject = Reject {
            row: i64::try_from(row).unwrap_or(i64::MAX),
            reason: reason.into(),
            excerpt: excerpt.chars().map(|c| if c.is_control() { ' ' } else { c }).take(EXCERPT).collect::<String>().into(),
        };
        if let Some(witness) = self.witness {
            witness.reject(&reject);
        }
        self.shared.tables.push(&reject.into(), self.collection_id)?;
        Ok(())
    }

    fn progress(&mut self, rows_seen: u64) {
        (self.progress)(rows_seen);
    }
}

fn host_key(host: &str) -> String {
    format!("host {}", ids::host(host))
}

/// What correlation reads of the attributes.
#[derive(Default, Deserialize)]
struct Facts {
    upn: Option<String>,
    #[serde(default)]
    federation: Federation,
}

#[derive(Default, Deserialize)]
struct Federation {
    /// Immutable id of the same account in the directory behind an identity provider.
    ldap_id: Option<String>,
}

impl Shared {
    fn index_asset(&mut self, key: &str, asset_id: &str) {
        self.assets
            .entry(key.to_owned())
            .and_modify(|known| {
                if known.as_deref() != Some(asset_id) {
                    *known = None;
                }
            })
            .or_insert_with(|| Some(asset_id.to_owned()));
    }

    /// An owner that a source names by address becomes the person of the roster; one nobody knows becomes nobody.
    fn own(&self, owner: &mut Option<Cow<'_, str>>) {
        if let Some(address) = owner.as_deref().filter(|owner| owner.contains('@')) {
            *owner = self.roster.by_email(address).map(|id| id.to_owned().into());
        }
    }

    /// Declared facts first, then the rules, and only for accounts that a person can own.
    fn complete(&mut self, account: &mut Account<'_>) {
        self.own(&mut account.owner_id);
        let (person, declared) = self.register.account(&account.system, &account.login, &account.account_id);
        if let Some(declared) = declared {
            account.kind = declared.kind.word().into();
            account.owner_id = declared.owner.as_deref().and_then(|owner| self.roster.person(owner)).map(|id| id.to_owned().into());
        }
        let link = match person.as_deref().and_then(|person| self.roster.person(person)) {
            Some(id) => {
                Link { person_id: Some(id.to_owned()), rule: Some("declared".into()), confidence: Some(1.0), status: "declared" }
            }
            None if matches!(account.kind.as_ref(), "human" | "unknown") => self.rules(account),
            None => Link { person_id: None, rule: None, confidence: None, status: "none" },
        };
        *self.links.entry(link.status).or_default() += 1;
        if let Some(federated) = &mut self.federated
            && let Some((_, local)) = account.account_id.split_once(':')
        {
            federated.insert(local.to_lowercase(), link.clone());
        }
        account.person_id = link.person_id.map(Cow::Owned);
        account.link_rule = link.rule.map(Cow::Owned);
        account.link_confidence = link.confidence;
        account.link_status = link.status.into();
    }

    /// A federated account is the directory's account seen again: it has its link. Others go by the rules.
    fn rules(&self, account: &Account<'_>) -> Link {
        let facts = facts(account);
        let directory = self.federated.as_ref().zip(facts.federation.ldap_id).and_then(|(known, id)| known.get(&id.to_lowercase()));
        match directory.filter(|link| matches!(link.status, "definite" | "declared")) {
            Some(link) => Link { rule: Some("federated".into()), ..link.clone() },
            None => self.roster.link(account, facts.upn.as_deref()),
        }
    }

    /// Finds the asset of a restore test by its application, else by the host the data came from.
    fn place(&self, test: &mut RestoreTest<'_>) {
        if test.asset_id.is_some() {
            return;
        }
        let by_name = self.assets.get(&names::squeeze(&test.application)).cloned().flatten();
        let by_host = || test.source_host.as_deref().and_then(|host| self.assets.get(&host_key(host)).cloned().flatten());
        test.asset_id = by_name.or_else(by_host).map(Cow::Owned);
    }
}

fn facts(account: &Account<'_>) -> Facts {
    if !(account.attributes.contains("\"upn\"") || account.attributes.contains("\"ldap_id\"")) {
        return Facts::default();
    }
    // Attributes of another shape say nothing to correlation.
    serde_json::from_str(&account.attributes).unwrap_or_default()
}

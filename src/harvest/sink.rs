//! The sink that sources fill: completes rows with what only the whole harvest knows (whose account, which asset), counts, and
//! gathers them for the writer.

use std::borrow::Cow;
use std::io;

use hashbrown::HashMap;
use serde::Deserialize;

use super::declarations::{Register, Sightings};
use super::link::{Link, Newcomer, Roster};
use super::names;
use super::witness::Witness;
use crate::snapshot::feed::{Feed, Frame};
use crate::snapshot::ids;
use crate::snapshot::schema::{Account, Record, Reject, RestoreTest};
use crate::sources::{Sink, SinkError};

/// Characters of a refused row that are kept.
const EXCERPT: usize = 200;

/// What is known across sources: what those before told. It does not change while sources are read.
pub(super) struct Known {
    pub(super) roster: Roster,
    pub(super) register: Register,
    /// asset_id by squeezed application name and by host; two assets of one name make `None`.
    pub(super) assets: HashMap<String, Option<String>>,
    /// Links by the directory's immutable id, for the accounts that an identity provider federates; only kept when one is read.
    pub(super) federated: Option<HashMap<String, Link<'static>>>,
}

/// What one source adds to it.
#[derive(Default)]
pub(super) struct Learned {
    people: Vec<Newcomer>,
    seen: Sightings,
    /// Keys and the asset_id they lead to.
    assets: Vec<(String, String)>,
    federated: Vec<(String, Link<'static>)>,
}

/// One collection's sink.
pub(super) struct CollectionSink<'a> {
    pub(super) known: &'a Known,
    pub(super) learned: Learned,
    pub(super) feed: Feed,
    /// Where full batches go.
    pub(super) to: &'a mut dyn FnMut(Frame) -> io::Result<()>,
    pub(super) progress: &'a mut dyn FnMut(u64),
    pub(super) witness: Option<&'a dyn Witness>,
    pub(super) records: u64,
    pub(super) rejects: u64,
}

impl CollectionSink<'_> {
    fn add(&mut self, record: &Record<'_>) -> Result<(), SinkError> {
        if let Some(frame) = self.feed.push(record)? {
            (self.to)(frame)?;
        }
        Ok(())
    }
}

impl Sink for CollectionSink<'_> {
    fn push(&mut self, record: Record<'_>) -> Result<(), SinkError> {
        let (known, learned) = (self.known, &mut self.learned);
        // Borrows from what is known, too.
        let mut record: Record<'_> = record;
        match &mut record {
            Record::Person(person) => learned.people.push(Newcomer::of(person)),
            Record::Account(account) => known.complete(account, learned),
            Record::Entitlement(right) => {
                known.own(&mut right.owner_id);
                known.register.entitlement(&right.system, &right.name, &right.entitlement_id, &mut learned.seen);
            }
            Record::Asset(asset) => {
                known.own(&mut asset.owner_id);
                known.own(&mut asset.technical_owner_id);
                learned.assets.push((names::squeeze(&asset.application), asset.asset_id.to_string()));
            }
            Record::AssetHost(host) => learned.assets.push((host_key(&host.host), host.asset_id.to_string())),
            Record::RestoreTest(test) => known.place(test),
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
        self.add(&record)
    }

    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        self.rejects += 1;
        let reject = refused(row, reason, excerpt);
        if let (Some(witness), Record::Reject(reject)) = (self.witness, &reject) {
            witness.reject(reject);
        }
        self.add(&reject)
    }

    fn progress(&mut self, rows_seen: u64) {
        (self.progress)(rows_seen);
    }
}

/// A row of `rejects`.
pub(super) fn refused<'r>(row: u64, reason: &'r str, excerpt: &str) -> Record<'r> {
    let excerpt: String = excerpt.chars().map(|c| if c.is_control() { ' ' } else { c }).take(EXCERPT).collect();
    Reject { row: i64::try_from(row).unwrap_or(i64::MAX), reason: reason.into(), excerpt: excerpt.into() }.into()
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

impl Known {
    /// Takes in what a source taught. Called in the order of the sources.
    pub(super) fn learn(&mut self, learned: Learned) {
        learned.people.into_iter().for_each(|person| self.roster.add(person));
        self.register.learn(learned.seen);
        for (key, asset) in learned.assets {
            let known = self.assets.entry(key).or_insert_with(|| Some(asset.clone()));
            if known.as_ref() != Some(&asset) {
                *known = None;
            }
        }
        if let Some(federated) = &mut self.federated {
            federated.extend(learned.federated);
        }
    }

    /// An owner that a source names by address becomes the person of the roster; one nobody knows becomes nobody.
    fn own<'k>(&'k self, owner: &mut Option<Cow<'k, str>>) {
        if let Some(address) = owner.as_deref().filter(|owner| owner.contains('@')) {
            *owner = self.roster.by_email(address).map(Cow::Borrowed);
        }
    }

    /// Declared facts first, then the rules, and only for accounts that a person can own.
    fn complete<'k>(&'k self, account: &mut Account<'k>, learned: &mut Learned) {
        self.own(&mut account.owner_id);
        let (person, declared) = self.register.account(&account.system, &account.login, &account.account_id, &mut learned.seen);
        if let Some(declared) = declared {
            account.kind = declared.kind.word().into();
            account.owner_id = declared.owner.as_deref().and_then(|owner| self.roster.person(owner)).map(Cow::Borrowed);
        }
        let link = match person.and_then(|person| self.roster.person(person)) {
            Some(id) => {
                Link { person_id: Some(id.into()), rule: Some("declared".into()), confidence: Some(1.0), status: "declared" }
            }
            None if matches!(account.kind.as_ref(), "human" | "unknown") => self.rules(account),
            None => Link::NONE,
        };
        if self.federated.is_some()
            && let Some((_, local)) = account.account_id.split_once(':')
        {
            learned.federated.push((local.to_lowercase(), link.clone().into_owned()));
        }
        account.person_id = link.person_id;
        account.link_rule = link.rule;
        account.link_confidence = link.confidence;
        account.link_status = link.status.into();
    }

    /// A federated account is the directory's account seen again: it has its link. Others go by the rules.
    fn rules(&self, account: &Account<'_>) -> Link<'_> {
        if self.roster.is_empty() && self.federated.is_none() {
            return Link::NONE;
        }
        let facts = facts(account);
        let directory = self.federated.as_ref().zip(facts.federation.ldap_id).and_then(|(known, id)| known.get(&id.to_lowercase()));
        match directory.filter(|link| matches!(link.status, "definite" | "declared")) {
            Some(link) => Link { rule: Some("federated".into()), ..link.clone() },
            None => self.roster.link(account, facts.upn.as_deref()),
        }
    }

    /// Finds the asset of a restore test by its application, else by the host the data came from.
    fn place<'k>(&'k self, test: &mut RestoreTest<'k>) {
        if test.asset_id.is_some() {
            return;
        }
        let named = |key: &str| self.assets.get(key).and_then(Option::as_deref);
        let by_name = named(&names::squeeze(&test.application));
        let by_host = || test.source_host.as_deref().and_then(|host| named(&host_key(host)));
        test.asset_id = by_name.or_else(by_host).map(Cow::Borrowed);
    }
}

fn facts(account: &Account<'_>) -> Facts {
    if !(account.attributes.contains("\"upn\"") || account.attributes.contains("\"ldap_id\"")) {
        return Facts::default();
    }
    // Attributes of another shape say nothing to correlation.
    serde_json::from_str(&account.attributes).unwrap_or_default()
}

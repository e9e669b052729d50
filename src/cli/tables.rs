//! The tables of a snapshot that a review is made from.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::failure::Failure;
use super::session::Session;
use crate::judge::finding::{Assessment, Severity};
use crate::review::{Flag, Records};
use crate::snapshot::read;
use crate::snapshot::schema::{Account, Asset, Collection, Decision, Entitlement, Grant, Person, Remediation};

/// The tables that a review is made from, within the perimeter.
pub(super) struct Tables {
    pub(super) people: Vec<Person<'static>>,
    accounts: Vec<Account<'static>>,
    entitlements: Vec<Entitlement<'static>>,
    pub(super) grants: Vec<Grant<'static>>,
    assets: Vec<Asset<'static>>,
    pub(super) decisions: Vec<Decision<'static>>,
    remediations: Vec<Remediation<'static>>,
    pub(super) collections: Vec<Collection<'static>>,
}

impl Tables {
    pub(super) fn read(session: &Session, snapshot: &Path) -> Result<Self, Failure> {
        let outside = &session.config.file.perimeter.outside;
        let is_outside = |system: &str| outside.iter().any(|known| known == system);
        let mut tables = Self {
            people: read::rows(snapshot)?,
            accounts: read::rows(snapshot)?,
            entitlements: read::rows(snapshot)?,
            grants: read::rows(snapshot)?,
            assets: read::rows(snapshot)?,
            decisions: read::rows(snapshot)?,
            remediations: read::rows(snapshot)?,
            collections: read::rows(snapshot)?,
        };
        tables.accounts.retain(|account| !is_outside(&account.system));
        tables.grants.retain(|grant| !grant.account_id.split_once(':').is_some_and(|(system, _)| is_outside(system)));
        Ok(tables)
    }

    pub(super) fn records<'a>(
        &'a self,
        session: &'a Session,
        flags: &'a BTreeMap<String, Vec<Flag>>,
        as_of: Timestamp,
    ) -> Records<'a> {
        Records {
            people: &self.people,
            accounts: &self.accounts,
            entitlements: &self.entitlements,
            grants: &self.grants,
            assets: &self.assets,
            decisions: &self.decisions,
            remediations: &self.remediations,
            flags,
            as_of: as_of.into(),
            zone: &session.config.zone,
            lang: session.config.file.organisation.locale,
        }
    }
}

/// The instant an assessment was made for.
pub(super) fn as_of(assessment: &Assessment) -> Result<Timestamp, Failure> {
    assessment.as_of.parse().map_err(|error: jiff::Error| Failure::new(error.to_string()))
}

/// What access checks found, by account id: the key of their subjects.
pub(super) fn flags(assessment: &Assessment) -> BTreeMap<String, Vec<Flag>> {
    let mut flags: BTreeMap<String, Vec<Flag>> = BTreeMap::new();
    for finding in assessment.findings.iter().filter(|f| f.columns.first().is_some_and(|c| c == "account_id")) {
        for subject in &finding.exceptions {
            flags.entry(subject.key.clone()).or_default().push(Flag {
                check_id: finding.check_id.clone(),
                fr: finding.title.fr.clone(),
                en: finding.title.en.clone(),
                serious: finding.severity >= Severity::High,
            });
        }
    }
    flags
}

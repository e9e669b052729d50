//! The tables of a snapshot that a review is made from.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::failure::Failure;
use super::session::Session;
use crate::review::{Flag, Records};
use crate::snapshot::read;
use crate::snapshot::schema::{Account, Asset, Collection, Decision, Entitlement, Grant, Person};

/// The tables that a review is made from, within the perimeter.
pub(super) struct Tables {
    pub(super) people: Vec<Person<'static>>,
    accounts: Vec<Account<'static>>,
    entitlements: Vec<Entitlement<'static>>,
    pub(super) grants: Vec<Grant<'static>>,
    assets: Vec<Asset<'static>>,
    pub(super) decisions: Vec<Decision<'static>>,
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
            flags,
            as_of: as_of.into(),
            zone: &session.config.zone,
            lang: session.config.file.organisation.locale,
        }
    }
}

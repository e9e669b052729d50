//! Writes a realm's rows as its users stream past, and keeps the arithmetic of the collection. Exports and the live API both end
//! here, so that the same realm gives the same rows either way.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::account::{self, Beside, Rules};
use super::closure::{self, Held, Reached};
use super::config::KeycloakConfig;
use super::privileged::Privileges;
use super::realm::Realm;
use crate::snapshot::ids;
use crate::snapshot::schema::{Entitlement, Grant};
use crate::sources::directory::Options;
use crate::sources::{Reading, Request, Sink, SinkError};

/// How far a realm's roles and groups were written.
#[derive(Debug, Default)]
struct Written {
    roles: usize,
    groups: usize,
}

pub(super) struct Emit<'a> {
    config: &'a KeycloakConfig,
    options: Options,
    request: &'a Request,
    sink: &'a mut dyn Sink,
    pub(super) reading: Reading,
    doubts: Vec<String>,
    notes: Vec<String>,
    written: BTreeMap<String, Written>,
    seen: BTreeSet<String>,
    /// Realms of which a user of a directory was met.
    federated: BTreeSet<String>,
}

impl<'a> Emit<'a> {
    pub(super) fn new(config: &'a KeycloakConfig, request: &'a Request, sink: &'a mut dyn Sink) -> Self {
        Self {
            config,
            options: Options { service_logins: config.service_logins.clone(), ..Options::default() },
            request,
            sink,
            reading: Reading::default(),
            doubts: vec![],
            notes: vec![],
            written: BTreeMap::new(),
            seen: BTreeSet::new(),
            federated: BTreeSet::new(),
        }
    }

    /// Something that makes the collection incomplete.
    pub(super) fn doubt(&mut self, doubt: String) {
        if !self.doubts.contains(&doubt) {
            self.doubts.push(doubt);
        }
    }

    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(super) fn count(&mut self, what: &str, by: u64) {
        *self.reading.details.entry(what.to_owned()).or_default() += by;
    }

    /// A row that cannot be read. The excerpt has no more than names.
    pub(super) fn reject(&mut self, why: &str, value: &Value) -> Result<(), SinkError> {
        self.reading.rows_seen += 1;
        let known = ["realm", "username", "name", "id"].iter().filter_map(|key| value.get(*key)?.as_str());
        self.sink.reject(self.reading.rows_seen, why, &known.collect::<Vec<_>>().join(" "))
    }

    /// Writes the roles and groups of a realm that were not written yet.
    pub(super) fn entitlements(&mut self, realm: &Realm) -> Result<(), SinkError> {
        let done = self.written.entry(realm.name.clone()).or_default();
        if done.roles == realm.roles.len() && done.groups == realm.groups.len() {
            return Ok(());
        }
        let privileges = Privileges::of(realm, self.config);
        let system = &self.request.system;
        for (role, privileged) in realm.roles.iter().zip(privileges.roles).skip(done.roles) {
            let resource = role.client.as_ref().map_or_else(|| realm.name.clone(), |client| format!("{}/{client}", realm.name));
            let row = Entitlement {
                entitlement_id: ids::object(system, &role.local).into(),
                system: system.as_str().into(),
                resource: resource.into(),
                name: role.label.as_str().into(),
                description: role.description.as_deref().map(Into::into),
                privileged,
                owner_id: None,
            };
            self.sink.push(row.into())?;
        }
        for (group, privileged) in realm.groups.iter().zip(privileges.groups).skip(done.groups) {
            let row = Entitlement {
                entitlement_id: ids::object(system, &group.local).into(),
                system: system.as_str().into(),
                resource: realm.name.as_str().into(),
                name: group.path.as_str().into(),
                description: group.description.as_deref().map(Into::into),
                privileged,
                owner_id: None,
            };
            self.sink.push(row.into())?;
        }
        *done = Written { roles: realm.roles.len(), groups: realm.groups.len() };
        Ok(())
    }

    /// Whether a user was met before; a live list may show one twice while it changes.
    pub(super) fn met(&self, realm: &Realm, user: &Value) -> bool {
        account::local_id(&realm.name, user).is_some_and(|id| self.seen.contains(&id))
    }

    /// Writes a user's account and grants. Returns the roles it effectively has; `None` when it was rejected.
    pub(super) fn user(
        &mut self,
        realm: &Realm,
        user: &Value,
        held: &Held,
        beside: &Beside,
    ) -> Result<Option<Vec<Reached>>, SinkError> {
        let local = account::local_id(&realm.name, user).unwrap_or_default();
        if !local.is_empty() && !self.seen.insert(local) {
            self.reject("the user is there twice", user)?;
            return Ok(None);
        }
        let options = &self.options;
        let rules = Rules {
            system: &self.request.system,
            employee_attribute: self.config.employee_attribute.as_deref(),
            is_service: &|login| options.is_service(login, b""),
        };
        let understood = match account::read(realm, user, beside, &rules) {
            Ok(understood) => understood,
            Err(why) => {
                self.reject(&why, user)?;
                return Ok(None);
            }
        };
        self.entitlements(realm)?;
        if understood.federated && !self.federated.contains(&realm.name) {
            self.federated.insert(realm.name.clone());
        }
        self.reading.rows_seen += 1;
        self.reading.rows_kept += 1;
        self.count(if understood.row.kind == "service" { "service_accounts" } else { "users" }, 1);
        self.count("federated_users", u64::from(understood.federated));
        let account_id = understood.row.account_id.clone().into_owned();
        self.sink.push(understood.row.into())?;
        let reached = self.grants(realm, held, &account_id)?;
        if self.reading.rows_seen.is_multiple_of(1024) {
            self.sink.progress(self.reading.rows_seen);
        }
        Ok(Some(reached))
    }

    fn grants(&mut self, realm: &Realm, held: &Held, account_id: &str) -> Result<Vec<Reached>, SinkError> {
        let system = &self.request.system;
        let mut direct = 0;
        let mut groups = held.groups.clone();
        groups.sort_unstable();
        groups.dedup();
        for group in groups.iter().filter_map(|at| realm.groups.get(*at)) {
            let entitlement_id = ids::object(system, &group.local).into();
            self.sink.push(Grant { account_id: account_id.into(), entitlement_id, direct: true, via: None }.into())?;
            direct += 1;
        }
        let reached = closure::effective(realm, &Held { roles: held.roles.clone(), groups });
        let mut indirect = 0;
        for one in &reached {
            let Some(role) = realm.roles.get(one.role) else { continue };
            let grant = Grant {
                account_id: account_id.into(),
                entitlement_id: ids::object(system, &role.local).into(),
                direct: one.via.is_none(),
                via: one.via.as_deref().map(Into::into),
            };
            self.sink.push(grant.into())?;
            *if one.via.is_none() { &mut direct } else { &mut indirect } += 1;
        }
        self.count("grants_direct", direct);
        self.count("grants_through_groups_and_composites", indirect);
        Ok(reached)
    }

    /// Says what federation means for this collection, and hands out the reading and the notes for its `query`.
    pub(super) fn finish(mut self, realms: &BTreeMap<String, Realm>, live: bool) -> (Reading, Vec<String>) {
        for realm in realms.values() {
            self.federation(realm, live);
            self.count("roles", realm.roles.len() as u64);
            self.count("groups", realm.groups.len() as u64);
        }
        self.sink.progress(self.reading.rows_seen);
        self.reading.details.retain(|_, count| *count > 0);
        self.reading.incomplete = (!self.doubts.is_empty()).then(|| self.doubts.join("; "));
        (self.reading, self.notes)
    }

    fn federation(&mut self, realm: &Realm, live: bool) {
        if realm.federations.is_empty() {
            return;
        }
        self.count("federation_components", realm.federations.len() as u64);
        let names = realm.federations.values().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
        let name = &realm.name;
        match (self.federated.contains(name), live) {
            (false, false) => self.doubt(format!(
                "realm {name}: users also come from the directory {names}, and none of them is in the export: an export holds only those that Keycloak has copied. Synchronise all users in Keycloak and export again, or harvest the directory itself"
            )),
            (false, true) => self.doubt(format!(
                "realm {name}: users also come from the directory {names}, and the server listed none of them: check in Keycloak that the directory answers (User federation, Test connection)"
            )),
            (true, false) => self.note(format!(
                "realm {name}: users also come from the directory {names}; those that never logged in and were not synchronised are not in an export"
            )),
            (true, true) => {}
        }
    }
}

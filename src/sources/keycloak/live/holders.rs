//! Who holds what, asked role by role and group by group rather than user by user: a realm has hundreds of roles and groups and a
//! hundred thousand users. Also what the server remembers of logins and of links to identity providers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::capture::Fault;
use super::super::closure::Held;
use super::super::emit::Emit;
use super::super::keep;
use super::super::realm::{GroupAt, Realm};
use super::ask::Ask;
use super::definitions::{Listed, Settings};
use super::encode;
use crate::snapshot::value::Micros;

/// Kinds of event that are a login of a person and of a client.
pub(super) const LOGINS: [&str; 2] = ["LOGIN", "CLIENT_LOGIN"];

/// What is known by user id.
#[derive(Default)]
pub(super) struct Holders {
    held: BTreeMap<String, Held>,
    logins: BTreeMap<String, Micros>,
    identity_providers: BTreeMap<String, Vec<String>>,
    /// Holders met in the list of users; the others are of users the list did not show.
    pub(super) none: Held,
}

impl Holders {
    pub(super) fn held(&self, id: &str) -> &Held {
        self.held.get(id).unwrap_or(&self.none)
    }

    pub(super) fn last_login(&self, id: &str) -> Option<Micros> {
        self.logins.get(id).copied()
    }

    pub(super) fn identity_providers(&self, id: &str) -> Vec<String> {
        self.identity_providers.get(id).cloned().unwrap_or_default()
    }

    /// Ids of those who hold something.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.held.keys().map(String::as_str)
    }

    /// Direct holders of every role and members of every group.
    pub(super) fn ask(
        ask: &mut Ask<'_>,
        realm: &Realm,
        roles: &[Listed],
        groups: &[(GroupAt, String)],
        emit: &mut Emit<'_>,
    ) -> Self {
        let mut all = Self::default();
        let paths: Vec<String> = roles.iter().map(|one| format!("{}/users?briefRepresentation=true", one.path)).collect();
        for (one, found) in roles.iter().zip(ask.lists(&paths, keep::members)) {
            let label = realm.roles.get(one.role).map_or("", |role| role.label.as_str());
            for id in ids(found, &format!("holders of the role {label}"), emit) {
                all.held.entry(id).or_default().roles.push(one.role);
            }
        }
        let paths: Vec<String> = groups.iter().map(|(_, path)| path.clone()).collect();
        for ((group, _), found) in groups.iter().zip(ask.lists(&paths, keep::members)) {
            let label = realm.groups.get(*group).map_or("", |group| group.path.as_str());
            for id in ids(found, &format!("members of the group {label}"), emit) {
                all.held.entry(id).or_default().groups.push(*group);
            }
        }
        for held in all.held.values_mut() {
            held.roles.sort_unstable();
            held.roles.dedup();
            held.groups.sort_unstable();
            held.groups.dedup();
        }
        all
    }

    /// Who is linked to an identity provider.
    pub(super) fn ask_links(&mut self, ask: &mut Ask<'_>, base: &str, settings: &Settings, emit: &mut Emit<'_>) {
        let Some(aliases) = &settings.identity_providers else {
            emit.note("links to identity providers are not shown to this client (view-identity-providers)".into());
            return;
        };
        let paths: Vec<String> =
            aliases.iter().map(|alias| format!("{base}/users?idpAlias={}&briefRepresentation=true", encode(alias))).collect();
        for (alias, found) in aliases.iter().zip(ask.lists(&paths, keep::members)) {
            match found {
                Ok(users) => {
                    for id in users.iter().filter_map(|user| user.get("id")?.as_str()) {
                        self.identity_providers.entry(id.to_owned()).or_default().push(alias.clone());
                    }
                }
                Err(fault) => emit.note(format!("links to the identity provider {alias} cannot be read: {fault}")),
            }
        }
    }

    /// Newest login of each user, from the events that the realm keeps, newest first.
    pub(super) fn ask_logins(&mut self, ask: &mut Ask<'_>, base: &str, settings: &Settings, emit: &mut Emit<'_>, most: u64) {
        if !settings.keeps_logins() || most == 0 {
            emit.note("the realm keeps no login events, or they are not asked for: last logins are not known".into());
            return;
        }
        let path = format!("{base}/events?type={}&type={}", LOGINS[0], LOGINS[1]);
        let mut first = 0;
        loop {
            let page = match ask.page(&path, first, keep::events) {
                Ok(page) if page.is_empty() => return,
                Ok(page) => page,
                Err(fault) => {
                    emit.note(format!("login events cannot be read further: {fault}"));
                    return;
                }
            };
            for event in &page {
                let at = event.get("time").and_then(Value::as_i64).and_then(|millis| millis.checked_mul(1000)).map(Micros);
                if let (Some(id), Some(at)) = (event.get("userId").and_then(Value::as_str), at) {
                    let last = self.logins.entry(id.to_owned()).or_insert(at);
                    *last = at.max(*last);
                }
            }
            emit.count("login_events", page.len() as u64);
            first += page.len();
            if first as u64 >= most {
                emit.note(format!("the newest {first} login events were read (login_events = {most}); older ones are not known"));
                return;
            }
        }
    }
}

fn ids(found: Result<Vec<Value>, Fault>, what: &str, emit: &mut Emit<'_>) -> Vec<String> {
    match found {
        Ok(users) => users.iter().filter_map(|user| user.get("id")?.as_str()).map(str::to_owned).collect(),
        Err(fault) => {
            emit.doubt(format!("the {what} could not be read: {fault}"));
            vec![]
        }
    }
}

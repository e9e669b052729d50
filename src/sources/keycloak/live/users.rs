//! The users of a live realm, page by page, and whether they are all there: the list ends with an empty page, the server's count ties,
//! every holder was listed, and the effective roles of a few users are those that the server computes itself.

use serde_json::{Value, json};

use super::super::account::Beside;
use super::super::closure::Reached;
use super::super::emit::Emit;
use super::super::keep;
use super::super::realm::Realm;
use super::ask::Ask;
use super::holders::Holders;
use super::{Stop, definitions, encode};

/// Users on their way into the snapshot.
pub(super) struct Users<'a, 'e> {
    pub(super) base: &'a str,
    pub(super) realm: &'a Realm,
    pub(super) holders: &'a Holders,
    pub(super) emit: &'a mut Emit<'e>,
}

impl Users<'_, '_> {
    /// Reads them all.
    pub(super) fn all(&mut self, ask: &mut Ask<'_>) -> Result<(), Stop> {
        self.service_accounts(ask)?;
        self.listed(ask)?;
        self.unlisted();
        Ok(())
    }

    fn user(&mut self, user: &Value, client: Option<&str>) -> Result<Option<Vec<Reached>>, Stop> {
        let id = user.get("id").and_then(Value::as_str).unwrap_or_default();
        let beside = Beside {
            client: client.map(str::to_owned),
            last_login: self.holders.last_login(id),
            identity_providers: self.holders.identity_providers(id),
        };
        Ok(self.emit.user(self.realm, user, self.holders.held(id), &beside)?)
    }

    /// The list of users leaves the service accounts of clients out.
    fn service_accounts(&mut self, ask: &mut Ask<'_>) -> Result<(), Stop> {
        let (clients, paths): (Vec<String>, Vec<String>) = definitions::service_accounts(self.realm, self.base).into_iter().unzip();
        for (client, found) in clients.iter().zip(ask.each(&paths, keep::users)) {
            match found {
                Ok(user) if !self.emit.met(self.realm, &user) => {
                    self.user(&user, Some(client))?;
                }
                Ok(_) => {}
                Err(fault) => self.emit.doubt(format!("the service account of the client {client} could not be read: {fault}")),
            }
        }
        Ok(())
    }

    /// All users, page by page, then their count. What breaks on the way leaves what came before it, as incomplete.
    fn listed(&mut self, ask: &mut Ask<'_>) -> Result<(), Stop> {
        let services = self.emit.reading.rows_seen;
        let path = format!("{}/users?briefRepresentation=false", self.base);
        let (mut first, mut broken) = (0, false);
        loop {
            let page = match ask.page(&path, first, keep::users) {
                Ok(page) if page.is_empty() => break,
                Ok(page) => page,
                Err(fault) if fault.status == Some(403) => return Err(fault.into()),
                Err(fault) => {
                    self.emit.doubt(format!("the list of users broke off after {first}: {fault}"));
                    broken = true;
                    break;
                }
            };
            first += page.len();
            let mut new = false;
            for user in &page {
                if self.emit.met(self.realm, user) {
                    self.emit.count("listed_twice", 1);
                    continue;
                }
                new = true;
                self.one(user, ask)?;
            }
            if !new {
                break;
            }
        }
        let seen = self.emit.reading.rows_seen - services;
        let count = self.counted(ask);
        // The server's count leaves the service accounts of clients out, as its list does.
        self.emit.reading.server_count = count.map(|count| count + services);
        if !broken {
            self.tie(seen, count);
        }
        Ok(())
    }

    fn one(&mut self, user: &Value, ask: &mut Ask<'_>) -> Result<(), Stop> {
        let Some(reached) = self.user(user, None)? else { return Ok(()) };
        // Users 1, 2, 4, 8 and so on: enough to notice a rule of the server that is not known here.
        if self.emit.reading.rows_kept.is_power_of_two() {
            self.cross_check(user, &reached, ask);
        }
        Ok(())
    }

    /// Compares the effective realm roles computed here with the server's own.
    fn cross_check(&mut self, user: &Value, reached: &[Reached], ask: &mut Ask<'_>) {
        let id = user.get("id").and_then(Value::as_str).unwrap_or_default();
        let path = format!("{}/users/{}/role-mappings/realm/composite", self.base, encode(id));
        let Ok(theirs) = ask.one(&path, keep::roles) else {
            self.emit.note("effective roles could not be cross-checked with the server's".into());
            return;
        };
        let mut theirs: Vec<&str> = theirs.as_array().into_iter().flatten().filter_map(|role| role.get("name")?.as_str()).collect();
        let of =
            |one: &Reached| self.realm.roles.get(one.role).filter(|role| role.client.is_none()).map(|role| role.label.as_str());
        let mut ours: Vec<&str> = reached.iter().filter_map(of).collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        if ours == theirs {
            self.emit.count("cross_checked_users", 1);
        } else {
            let login = user.get("username").and_then(Value::as_str).unwrap_or(id);
            let differ: Vec<&str> = theirs
                .iter()
                .filter(|name| !ours.contains(name))
                .chain(ours.iter().filter(|name| !theirs.contains(name)))
                .copied()
                .collect();
            self.emit.doubt(format!(
                "the realm roles of {login} are not those the server computes (they differ in {})",
                differ.join(", ")
            ));
        }
    }

    fn counted(&mut self, ask: &mut Ask<'_>) -> Option<u64> {
        match ask.one(&format!("{}/users/count", self.base), keep::all) {
            Ok(count) => count.as_u64(),
            Err(fault) => {
                self.emit.note(format!("the server does not count its users: {fault}"));
                None
            }
        }
    }

    /// Compares what was read with what the server counts.
    fn tie(&mut self, seen: u64, count: Option<u64>) {
        let Some(count) = count else {
            self.emit.doubt("the server gave no count of its users to compare with".into());
            return;
        };
        if seen < count {
            self.emit.doubt(format!(
                "the server counts {count} users and listed {seen}: the client may not see them all (view-users), or they changed meanwhile: harvest again"
            ));
        } else if seen > count && self.realm.federations.is_empty() {
            self.emit.doubt(format!("the server listed {seen} users and counts {count}: they changed meanwhile: harvest again"));
        } else if seen > count {
            // A directory's users are listed before Keycloak has copied, and so counted, them.
            self.emit.count("listed_but_not_counted", seen - count);
        }
    }

    /// Holders of a role or members of a group that no list of users showed.
    fn unlisted(&mut self) {
        let realm = self.realm;
        let missing: Vec<&str> = self.holders.ids().filter(|id| !self.emit.met(realm, &json!({ "id": id }))).collect();
        if let Some(first) = missing.first() {
            let doubt =
                format!("{} users hold roles or groups and were not listed (the first: {first}): harvest again", missing.len());
            self.emit.doubt(doubt);
        }
    }
}

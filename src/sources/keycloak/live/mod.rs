//! A live harvest by the Admin REST API: what the realm consists of, who holds what, then all users, page by page. Complete means:
//! every list ended with an empty page, the server's own count ties, every holder was listed, and the effective roles of a few users
//! are those that the server computes itself.

mod ask;
mod definitions;
mod holders;
mod http;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use self::ask::{Ask, Origin};
use self::holders::Holders;
use self::http::Http;
use super::account::Beside;
use super::capture::{Fault, LIVE, Line, Replay};
use super::closure::Reached;
use super::config::{KeycloakConfig, Place};
use super::emit::Emit;
use super::keep;
use super::realm::Realm;
use crate::sources::{Reading, Request, Sink, SourceError};

/// RFC 3986 section 2.3: what needs no encoding in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// What was asked, as the capture's first line keeps it.
struct Asked {
    url: String,
    realm: String,
    client_id: String,
    page_size: u32,
    login_events: u64,
    tls: String,
}

impl Asked {
    fn line(&self, request: &Request) -> Line {
        let body = json!({
            "version": 1, "url": self.url, "realm": self.realm, "client_id": self.client_id, "page_size": self.page_size,
            "login_events": self.login_events, "tls": self.tls, "as_of": request.as_of.to_string(),
        });
        Line { path: LIVE.into(), outcome: Ok(body) }
    }

    fn again(header: &Value) -> Option<Self> {
        let text = |key: &str| header.get(key)?.as_str().map(str::to_owned);
        let number = |key: &str| header.get(key)?.as_u64();
        Some(Self {
            url: text("url")?,
            realm: text("realm")?,
            client_id: text("client_id")?,
            page_size: u32::try_from(number("page_size")?).ok()?,
            login_events: number("login_events")?,
            tls: text("tls")?,
        })
    }
}

/// Harvests a server.
pub(super) fn harvest(
    config: &KeycloakConfig,
    request: &Request,
    sink: &mut dyn Sink,
    capture: &mut dyn Write,
) -> Result<Reading, SourceError> {
    let place = config.place().map_err(|message| told(request, message))?;
    let Place::Live { url, realm, client_id } = place else { return Err(told(request, "`url` is missing".into())) };
    let http = Http::open(config, request, (url, realm, client_id)).map_err(|message| told(request, message))?;
    let tls = match (url.starts_with("https://"), &config.ca_file) {
        (false, _) => "none (allow_http = true)".to_owned(),
        (true, Some(path)) => format!("verified against {}", path.display()),
        (true, None) => "verified against the public authorities".to_owned(),
    };
    let asked = Asked {
        url: url.to_owned(),
        realm: realm.to_owned(),
        client_id: client_id.to_owned(),
        page_size: config.page_size,
        login_events: config.login_events,
        tls,
    };
    let line = asked.line(request);
    line.write(capture).map_err(SourceError::Capture)?;
    let origin = Origin::Server(Box::new(http));
    let mut ask = Ask::new(&origin, capture, config.connections, config.page_size);
    run(&asked, Emit::new(config, request, sink), &mut ask, request)
}

/// Harvests the capture of a server.
pub(super) fn again(
    config: &KeycloakConfig,
    request: &Request,
    path: &Path,
    sink: &mut dyn Sink,
    capture: &mut dyn Write,
) -> Result<Reading, SourceError> {
    let name = path.display().to_string();
    let replay = Replay::open(path).map_err(|(line, message)| SourceError::Line { path: name.clone(), line, message })?;
    let asked = Asked::again(&replay.header).ok_or_else(|| SourceError::Line {
        path: name,
        line: 1,
        message: "is no header of this version: take the capture from the store again".into(),
    })?;
    let made: Option<jiff::Timestamp> = replay.header.get("as_of").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let first = Line { path: LIVE.into(), outcome: Ok(replay.header.clone()) };
    first.write(capture).map_err(SourceError::Capture)?;
    let origin = Origin::Capture(replay);
    let mut ask = Ask::new(&origin, capture, 1, asked.page_size);
    let mut reading = run(&asked, Emit::new(config, request, sink), &mut ask, request)?;
    reading.content_at = made;
    Ok(reading)
}

fn told(request: &Request, message: String) -> SourceError {
    SourceError::File { path: format!("source {}", request.source), message }
}

fn run(asked: &Asked, mut emit: Emit<'_>, ask: &mut Ask<'_>, request: &Request) -> Result<Reading, SourceError> {
    let mut realm = Realm::new(&asked.realm);
    let read = everything(asked, &mut emit, ask, &mut realm);
    if let Some(error) = ask.failed() {
        return Err(SourceError::Capture(error));
    }
    match read {
        Ok(()) => {}
        Err(Stop::Source(error)) => return Err(error),
        Err(Stop::Fault(fault)) => return Err(told(request, fault.message)),
    }
    emit.reading.pages = ask.pages;
    emit.reading.endpoint = format!("{}/admin/realms/{}", asked.url, asked.realm);
    emit.reading.identity = Some(asked.client_id.clone());
    let notes = std::mem::take(&mut emit.notes);
    let mut reading = emit.finish(&BTreeMap::from([(asked.realm.clone(), realm)]), true);
    reading.query = json!({
        "url": asked.url, "realm": asked.realm, "client_id": asked.client_id, "page_size": asked.page_size, "tls": asked.tls,
        "asked": ["realm", "roles", "clients", "groups", "holders of roles", "members of groups", "service accounts", "components",
            "identity provider links", "login events", "users", "users/count"],
        "notes": notes,
    });
    Ok(reading)
}

/// Why a harvest ends early.
enum Stop {
    Source(SourceError),
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<crate::sources::SinkError> for Stop {
    fn from(error: crate::sources::SinkError) -> Self {
        Self::Source(error.into())
    }
}

fn everything(asked: &Asked, emit: &mut Emit<'_>, ask: &mut Ask<'_>, realm: &mut Realm) -> Result<(), Stop> {
    let base = format!("/admin/realms/{}", encode(&asked.realm));
    let settings = definitions::settings(ask, &base, realm)?;
    let roles = definitions::roles(ask, &base, realm)?;
    let groups = definitions::groups(ask, &base, realm, emit)?;
    definitions::federations(ask, &base, realm, emit);
    let mut holders = Holders::ask(ask, realm, &roles, &groups, emit);
    holders.ask_links(ask, &base, &settings, emit);
    holders.ask_logins(ask, &base, &settings, emit, asked.login_events);
    emit.entitlements(realm)?;
    let mut users = Users { base: &base, realm, holders: &holders, emit };
    users.service_accounts(ask)?;
    users.listed(ask)?;
    users.unlisted();
    Ok(())
}

/// Users on their way into the snapshot.
struct Users<'a, 'e> {
    base: &'a str,
    realm: &'a Realm,
    holders: &'a Holders,
    emit: &'a mut Emit<'e>,
}

impl Users<'_, '_> {
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
        let of = |one: &Reached| self.realm.roles.get(one.role).filter(|role| role.client.is_none()).map(|role| role.label.as_str());
        let mut ours: Vec<&str> = reached.iter().filter_map(of).collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        if ours == theirs {
            self.emit.count("cross_checked_users", 1);
        } else {
            let login = user.get("username").and_then(Value::as_str).unwrap_or(id);
            let differ: Vec<&str> =
                theirs.iter().filter(|name| !ours.contains(name)).chain(ours.iter().filter(|name| !theirs.contains(name))).copied().collect();
            self.emit.doubt(format!("the realm roles of {login} are not those the server computes (they differ in {})", differ.join(", ")));
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
            let doubt = format!("{} users hold roles or groups and were not listed (the first: {first}): harvest again", missing.len());
            self.emit.doubt(doubt);
        }
    }
}

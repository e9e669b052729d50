//! A live harvest by the Admin REST API: what the realm consists of, who holds what, then all users, page by page. Complete means:
//! every list ended with an empty page, the server's own count ties, every holder was listed, and the effective roles of a few users
//! are those that the server computes itself.

mod ask;
mod definitions;
mod faults;
mod holders;
mod http;
mod look;
mod users;

pub(super) use self::look::look;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use self::ask::{Ask, Origin};
use self::holders::Holders;
use self::http::Http;
use self::users::Users;
use super::capture::{Fault, LIVE, Line, Replay};
use super::config::{KeycloakConfig, Place};
use super::emit::Emit;
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

/// What is asked, and the connection for it; nothing is sent yet.
fn open(config: &KeycloakConfig, request: &Request) -> Result<(Asked, Http), SourceError> {
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
    Ok((asked, http))
}

/// Harvests a server.
pub(super) fn harvest(
    config: &KeycloakConfig,
    request: &Request,
    sink: &mut dyn Sink,
    capture: &mut dyn Write,
) -> Result<Reading, SourceError> {
    let (asked, http) = open(config, request)?;
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
    let (mut reading, notes) = emit.finish(&BTreeMap::from([(asked.realm.clone(), realm)]), true);
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
    Users { base: &base, realm, holders: &holders, emit }.all(ask)
}

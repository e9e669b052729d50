//! The one connection to the server: tokens, retries, limits, and errors that say what to do.
//!
//! Tokens: client credentials grant (RFC 6749 section 4.4). Their life is short; an answer 401 asks for a new one, so that no clock
//! is needed here.

use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::super::capture::Fault;
use super::super::config::KeycloakConfig;
use super::encode;
use crate::context::Context;
use crate::sources::Request;

/// Times a request is sent before it is given up, and the pause before the second time; it doubles.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(250);
/// Longest answer, in bytes.
const MAX_ANSWER: u64 = 64 << 20;
const CONNECT: Duration = Duration::from_secs(10);

/// A server, a realm and the right to ask.
pub(super) struct Http {
    agent: Agent,
    url: String,
    token_path: String,
    realm: String,
    client_id: String,
    secret: SecretString,
    /// The token, and how many there were before it.
    token: Mutex<(u64, Option<SecretString>)>,
}

/// What one exchange came to.
enum Outcome {
    Answer(Value),
    /// Trying again may help.
    Again(Fault),
    Refused(Fault),
    /// The token is too old.
    Expired(Fault),
}

impl Http {
    pub(super) fn open(config: &KeycloakConfig, request: &Request, place: (&str, &str, &str)) -> Result<Self, String> {
        let (url, realm, client_id) = place;
        let timeout = Duration::from_secs(config.timeout_seconds);
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(!config.allow_http)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("probant/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT.min(timeout)))
            .timeout_global(Some(timeout))
            .tls_config(TlsConfig::builder().root_certs(roots(config, request)?).build())
            .build()
            .new_agent();
        Ok(Self {
            agent,
            url: url.to_owned(),
            token_path: format!(
                "/realms/{}/protocol/openid-connect/token",
                encode(config.auth_realm.as_deref().unwrap_or(realm))
            ),
            realm: realm.to_owned(),
            client_id: client_id.to_owned(),
            secret: secret(config, request)?,
            token: Mutex::new((0, None)),
        })
    }

    /// The answer to a question, after as many tries as it takes within reason.
    pub(super) fn answer(&self, path: &str) -> Result<Value, Fault> {
        let (mut pause, mut renewed, mut tries) = (PAUSE, false, 0);
        let mut too_old = 0;
        loop {
            let (number, token) = self.token(too_old)?;
            tries += 1;
            match self.exchange(path, &token) {
                Outcome::Answer(body) => return Ok(body),
                Outcome::Refused(fault) => return Err(fault),
                Outcome::Expired(fault) if renewed => return Err(fault),
                Outcome::Expired(_) => (renewed, too_old) = (true, number),
                Outcome::Again(fault) if tries >= TRIES => {
                    return Err(Fault { message: format!("{} (tried {TRIES} times)", fault.message), ..fault });
                }
                Outcome::Again(_) => {
                    thread::sleep(pause);
                    pause *= 2;
                    renewed = false;
                }
            }
        }
    }

    fn exchange(&self, path: &str, token: &SecretString) -> Outcome {
        let sent = self.agent.get(format!("{}{path}", self.url)).header("Authorization", &format!("Bearer {}", token.expose_secret())).call();
        let (status, body) = match self.received(sent) {
            Ok(received) => received,
            Err(outcome) => return outcome,
        };
        match status {
            200 => serde_json::from_slice(&body).map_or_else(
                |error| Outcome::Again(Fault::new(format!("{path}: the answer is no JSON or was cut ({error})"))),
                Outcome::Answer,
            ),
            401 => Outcome::Expired(self.refused(path, 401, &body)),
            408 | 429 | 500.. => Outcome::Again(self.refused(path, status, &body)),
            _ => Outcome::Refused(self.refused(path, status, &body)),
        }
    }

    /// Status and whole body. A body cut short is an error of the connection, never an answer.
    fn received(&self, sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<(u16, Vec<u8>), Outcome> {
        let read = sent.and_then(|mut response| {
            let status = response.status().as_u16();
            response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().map(|body| (status, body))
        });
        read.map_err(|error| {
            let (lasting, why) = explain(&error);
            let fault = Fault::new(format!("{}: {why}", self.url));
            if lasting { Outcome::Refused(fault) } else { Outcome::Again(fault) }
        })
    }

    fn refused(&self, path: &str, status: u16, body: &[u8]) -> Fault {
        let said = serde_json::from_slice::<Value>(body).ok();
        let said = |key: &str| said.as_ref()?.get(key)?.as_str().map(str::to_owned);
        let said = said("error_description").or_else(|| said("errorMessage")).or_else(|| said("error")).unwrap_or_default();
        let said: String = said.chars().take(200).collect();
        let said = if said.is_empty() { String::new() } else { format!(" ({said})") };
        let hint = match status {
            300..=399 => "the server sends elsewhere: give its final address as `url`".to_owned(),
            401 => "the token is refused: check that `auth_realm` is the realm of the client".to_owned(),
            403 => format!(
                "the service account of {} lacks a right: give it {} of realm-management (in the realm master: of {}-realm)",
                self.client_id,
                right(path),
                self.realm
            ),
            404 => format!("not found: check `realm` = \"{}\" and `url` (before version 17 it ends with /auth)", self.realm),
            _ => "the server failed: look in its log at this time".to_owned(),
        };
        Fault { status: Some(status), message: format!("{path}: status {status}{said}: {hint}") }
    }

    /// A token, newer than the one numbered `too_old`.
    fn token(&self, too_old: u64) -> Result<(u64, SecretString), Fault> {
        let mut held = self.token.lock().map_err(|_poisoned| Fault::new("a request panicked"))?;
        if let (number, Some(token)) = &*held
            && *number > too_old
        {
            return Ok((*number, token.clone()));
        }
        let mut pause = PAUSE;
        for attempt in 1.. {
            match self.ask_token() {
                Outcome::Answer(Value::String(token)) => {
                    let number = held.0 + 1;
                    self.rights(&token)?;
                    *held = (number, Some(token.into()));
                    break;
                }
                Outcome::Again(_) if attempt < TRIES => {
                    thread::sleep(pause);
                    pause *= 2;
                }
                Outcome::Again(fault) | Outcome::Refused(fault) | Outcome::Expired(fault) => return Err(fault),
                Outcome::Answer(_) => return Err(Fault::new("the token endpoint answered without access_token")),
            }
        }
        match &*held {
            (number, Some(token)) => Ok((*number, token.clone())),
            _ => Err(Fault::new("the token endpoint gave no token")),
        }
    }

    fn ask_token(&self) -> Outcome {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.secret.expose_secret()),
        ];
        let sent = self.agent.post(format!("{}{}", self.url, self.token_path)).send_form(form);
        let (status, body) = match self.received(sent) {
            Ok(received) => received,
            Err(outcome) => return outcome,
        };
        let answer: Option<Value> = serde_json::from_slice(&body).ok();
        let text = |key: &str| answer.as_ref().and_then(|answer| answer.get(key)?.as_str()).map(str::to_owned);
        match status {
            200 => match text("access_token") {
                Some(token) => Outcome::Answer(Value::String(token)),
                None => Outcome::Again(Fault::new("the token endpoint's answer was cut")),
            },
            400 | 401 => Outcome::Refused(Fault {
                status: Some(status),
                message: format!(
                    "{}{}: the client {} is refused ({}): check client_id and the secret, and that the client is confidential with \"Service accounts roles\" switched on",
                    self.url, self.token_path, self.client_id, text("error_description").or_else(|| text("error")).unwrap_or_default()
                ),
            }),
            408 | 429 | 500.. => Outcome::Again(self.refused(&self.token_path, status, &body)),
            _ => Outcome::Refused(self.refused(&self.token_path, status, &body)),
        }
    }

    /// Keycloak does not refuse a list to who may see only part of it: it leaves the rest out. So the token itself must say
    /// that it may see everything.
    fn rights(&self, token: &str) -> Result<(), Fault> {
        let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let claims: Option<Value> = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
        let Some(clients) = claims.as_ref().and_then(|claims| claims.get("resource_access")?.as_object()) else { return Ok(()) };
        let admin = ["realm-management".to_owned(), format!("{}-realm", self.realm)];
        let held: Vec<&str> = admin
            .iter()
            .filter_map(|client| clients.get(client)?.get("roles")?.as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let missing: Vec<&str> = [["view-users", "manage-users"], ["view-clients", "manage-clients"], ["view-realm", "manage-realm"]]
            .iter()
            .filter(|either| !either.iter().any(|one| held.contains(one)) && !held.contains(&"realm-admin"))
            .map(|[view, _]| *view)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Fault {
            status: Some(403),
            message: format!(
                "the service account of {} lacks {}: Keycloak would leave out what it may not see without saying so. Give it these roles of realm-management (in the realm master: of {}-realm)",
                self.client_id,
                missing.join(", "),
                self.realm
            ),
        })
    }
}

/// The role of realm-management that a path needs (Server Administration Guide, "Dedicated realm admin consoles").
fn right(path: &str) -> &'static str {
    let path = path.split('?').next().unwrap_or_default();
    let path = path.strip_prefix("/admin/realms/").and_then(|rest| rest.split_once('/')).map_or("", |(_, rest)| rest);
    match path.split('/').next().unwrap_or_default() {
        "users" => "view-users",
        "groups" => "view-users and query-groups",
        "clients" if path.ends_with("/users") || path.ends_with("service-account-user") => "view-clients and view-users",
        "clients" => "view-clients",
        "roles" if path.ends_with("/users") => "view-realm and view-users",
        "events" => "view-events",
        "identity-provider" => "view-identity-providers",
        _ => "view-realm",
    }
}

fn roots(config: &KeycloakConfig, request: &Request) -> Result<RootCerts, String> {
    let Some(path) = &config.ca_file else { return Ok(RootCerts::WebPki) };
    let path = request.path(path);
    let pem = fs::read(&path).map_err(|error| format!("ca_file {} cannot be read: {error}", path.display()))?;
    let mut found: Vec<Certificate<'static>> = vec![];
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(format!("ca_file {} is no PEM: {error}", path.display())),
        }
    }
    if found.is_empty() {
        return Err(format!("ca_file {} holds no certificate: it must have -----BEGIN CERTIFICATE-----", path.display()));
    }
    Ok(RootCerts::new_with_certs(&found))
}

fn secret(config: &KeycloakConfig, request: &Request) -> Result<SecretString, String> {
    match (&config.secret_file, &config.secret_env) {
        (Some(path), None) => {
            let path = request.path(path);
            let text = fs::read_to_string(&path).map_err(|error| format!("secret_file {} cannot be read: {error}", path.display()))?;
            let line = text.lines().next().unwrap_or_default().trim();
            if line.is_empty() { Err(format!("secret_file {} is empty", path.display())) } else { Ok(line.into()) }
        }
        (None, Some(name)) => Context::secret(name).ok_or_else(|| format!("the environment has no {name}: set it to the client's secret")),
        _ => Err("set either secret_file or secret_env: the client's secret is never written in the configuration".into()),
    }
}

/// Whether trying again is useless, and what went wrong in words that help.
fn explain(error: &ureq::Error) -> (bool, String) {
    let text = error.to_string();
    let tls = |what: &str, hint: &str| (true, format!("{what} ({text}): {hint}"));
    match error {
        ureq::Error::HostNotFound => (true, "no such host: check the name in `url` and the resolver".into()),
        ureq::Error::Timeout(_) => (false, format!("no answer in time ({text}): raise timeout_seconds if the server is slow")),
        ureq::Error::BodyExceedsLimit(_) => (true, "the answer is longer than 64 MiB: lower page_size".into()),
        _ if text.contains("UnknownIssuer") || text.contains("CaUsedAsEndEntity") => {
            tls("the certificate comes from an authority that is not trusted", "give that authority's certificate as ca_file")
        }
        _ if text.contains("xpired") => tls("the server's certificate has expired", "have it renewed"),
        _ if text.contains("NotValidForName") || text.contains("not valid for name") => {
            tls("the certificate is for another name", "use the name it was made for in `url`")
        }
        _ if text.contains("CorruptMessage") || text.contains("InvalidMessage") || text.contains("corrupt message") => {
            tls("the server does not speak TLS there", "check scheme and port of `url`")
        }
        _ => (false, format!("the connection failed ({text}): check that the server runs and can be reached from here")),
    }
}

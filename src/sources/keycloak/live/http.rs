//! The one connection to the server: tokens, retries, limits, and errors that say what to do.
//!
//! Tokens: client credentials grant (RFC 6749 section 4.4). Their life is short; an answer 401 asks for a new one, so that no clock
//! is needed here.

use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::super::capture::Fault;
use super::super::config::KeycloakConfig;
use super::encode;
use super::faults::{About, explain};
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
            token_path: format!("/realms/{}/protocol/openid-connect/token", encode(config.auth_realm.as_deref().unwrap_or(realm))),
            realm: realm.to_owned(),
            client_id: client_id.to_owned(),
            secret: config.secret().find(request)?,
            token: Mutex::new((0, None)),
        })
    }

    fn about(&self) -> About<'_> {
        About { client_id: &self.client_id, realm: &self.realm }
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
        let sent = self
            .agent
            .get(format!("{}{path}", self.url))
            .header("Authorization", &format!("Bearer {}", token.expose_secret()))
            .call();
        let (status, body) = match self.received(sent) {
            Ok(received) => received,
            Err(outcome) => return outcome,
        };
        match status {
            200 => serde_json::from_slice(&body).map_or_else(
                |error| Outcome::Again(Fault::new(format!("{path}: the answer is no JSON or was cut ({error})"))),
                Outcome::Answer,
            ),
            401 => Outcome::Expired(self.about().refused(path, 401, &body)),
            408 | 429 | 500.. => Outcome::Again(self.about().refused(path, status, &body)),
            _ => Outcome::Refused(self.about().refused(path, status, &body)),
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
                    self.about().rights(&token)?;
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
                    self.url,
                    self.token_path,
                    self.client_id,
                    text("error_description").or_else(|| text("error")).unwrap_or_default()
                ),
            }),
            408 | 429 | 500.. => Outcome::Again(self.about().refused(&self.token_path, status, &body)),
            _ => Outcome::Refused(self.about().refused(&self.token_path, status, &body)),
        }
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

//! From the configuration's keys to what a connection needs: files read, secrets fetched, paths made absolute.

use std::fs;
use std::time::Duration;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::config::{LdapConfig, Sasl};
use super::connect::Way;
use super::fault::Fault;
use super::session::{Proof, Session};
use super::tls::{self, TlsSettings};
use crate::context::Context;
use crate::sources::Request;

/// Longest password file: more is a mistaken path.
const PASSWORD_FILE: u64 = 4096;

/// How to get to a server and be known there.
#[derive(Clone)]
pub struct Plan {
    pub way: Way,
    pub proof: Proof,
    /// Silence that is taken for death.
    pub silence: Duration,
}

impl Plan {
    pub fn new(config: &LdapConfig, request: &Request) -> Result<Self, Fault> {
        config.check().map_err(Fault::Settings)?;
        let tls = if config.url.is_tls() || config.starttls {
            let client = config.client_cert.as_ref().zip(config.client_key.as_ref());
            Some(tls::client_config(&TlsSettings {
                ca_file: config.ca_file.as_ref().map(|path| request.path(path)),
                client: client.map(|(certificate, key)| (request.path(certificate), request.path(key))),
                verify: config.verify,
            })?)
        } else {
            None
        };
        Ok(Self {
            way: Way { address: config.url.clone(), tls, limit: Duration::from_secs(config.connect_timeout.into()) },
            proof: proof(config, request)?,
            silence: Duration::from_secs(config.timeout.into()),
        })
    }

    pub async fn open(&self) -> Result<Session, Fault> {
        Session::open(&self.way, &self.proof, self.silence).await
    }
}

fn proof(config: &LdapConfig, request: &Request) -> Result<Proof, Fault> {
    match (config.sasl, &config.bind_dn) {
        (Some(Sasl::External), _) => Ok(Proof::External),
        #[cfg(feature = "gssapi")]
        (Some(Sasl::Gssapi), _) => Ok(Proof::Gssapi),
        #[cfg(not(feature = "gssapi"))]
        (Some(Sasl::Gssapi), _) => Err(Fault::Settings("this probant was built without Kerberos".to_owned())),
        (None, None) => Ok(Proof::Anonymous),
        (None, Some(dn)) => Ok(Proof::Simple { dn: dn.clone(), password: password(config, request)? }),
    }
}

fn password(config: &LdapConfig, request: &Request) -> Result<SecretString, Fault> {
    use secrecy::ExposeSecret as _;
    let source = config.url.to_string();
    let found = match (&config.password_file, &config.password_env, config.answer.get()) {
        (Some(path), ..) => {
            let path = request.path(path);
            let refuse = |why: String| Fault::File {
                path: path.display().to_string(),
                why,
                what: "password_file must be a small file whose first line is the password",
            };
            let size = fs::metadata(&path).map_err(|error| refuse(error.to_string()))?.len();
            if size > PASSWORD_FILE {
                return Err(refuse(format!("it has {size} bytes")));
            }
            let text = Zeroizing::new(fs::read_to_string(&path).map_err(|error| refuse(error.to_string()))?);
            SecretString::from(text.lines().next().unwrap_or_default())
        }
        (None, Some(variable), _) => Context::secret(variable).ok_or_else(|| {
            Fault::Settings(format!(
                "the environment variable {variable}, named by password_env, is not set: set it to the password for {source}"
            ))
        })?,
        (None, None, Some(answer)) => answer.clone(),
        (None, None, None) => {
            return Err(Fault::Settings("no password: name a file in password_file or a variable in password_env, or start probant at a terminal to be asked".to_owned()));
        }
    };
    // A name with an empty password binds as nobody and is said to succeed (RFC 4513 section 5.1.2).
    if found.expose_secret().is_empty() {
        return Err(Fault::Settings("the password is empty: a directory would take that for an anonymous bind".to_owned()));
    }
    Ok(found)
}

impl LdapConfig {
    /// What to ask a person for, when neither a file nor the environment holds the password.
    #[must_use]
    pub fn question(&self) -> Option<String> {
        let asked = self.password_file.is_none() && self.password_env.is_none() && self.answer.get().is_none();
        let dn = self.bind_dn.as_ref().filter(|_| asked)?;
        Some(format!("{dn} ({})", self.url))
    }

    /// Takes the password that a person typed. The first answer stays.
    pub fn take_answer(&self, password: SecretString) {
        // A second answer changes nothing, which is what the documentation above says.
        let _ = self.answer.set(password);
    }
}

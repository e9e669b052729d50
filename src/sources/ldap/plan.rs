//! From the configuration's keys to what a connection needs: files read, secrets fetched, paths made absolute.

use std::time::Duration;

use secrecy::SecretString;

#[cfg(feature = "gssapi")]
use super::address::Address;
use super::config::{LdapConfig, Sasl};
use super::connect::Way;
use super::contradictions;
use super::fault::Fault;
use super::session::{Proof, Session};
use super::tls::{self, TlsSettings};
use crate::sources::Request;

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
        contradictions::check(config).map_err(Fault::Settings)?;
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
        (Some(Sasl::Gssapi), _) => match &config.url {
            Address::Tcp { host, .. } => Ok(Proof::Gssapi { host: host.clone() }),
            Address::Unix { .. } => Err(Fault::Kerberos("it needs the server's name".to_owned())),
        },
        #[cfg(not(feature = "gssapi"))]
        (Some(Sasl::Gssapi), _) => Err(Fault::Settings("this probant was built without Kerberos".to_owned())),
        (None, None) => Ok(Proof::Anonymous),
        (None, Some(dn)) => Ok(Proof::Simple { dn: dn.clone(), password: password(config, request)? }),
    }
}

fn password(config: &LdapConfig, request: &Request) -> Result<SecretString, Fault> {
    // A name with an empty password binds as nobody and is said to succeed (RFC 4513 section 5.1.2): none is empty here.
    config.secret().find(request).map_err(Fault::Settings)
}

//! The keys of `kind = "ldap"`, checked before anything is asked of a server.

use std::path::PathBuf;
use std::sync::OnceLock;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};

use super::address::Address;
use super::keys::{AttributeName, EntryName, Filter, PageSize};
use crate::sources::directory::{Dn, LoginPattern, Options, Room};
use crate::sources::ldif::config::FlavourSetting;
use crate::sources::secret::Keys;

/// `kind = "ldap"`: a live directory.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in the configuration")]
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LdapConfig {
    /// Where it listens: `ldaps://dc1.example.org`, `ldap://ldap.example.org:1389`, `ldapi://%2Frun%2Fslapd%2Fldapi`.
    pub url: Address,
    /// Changes an `ldap://` connection to TLS before anything else is said (StartTLS).
    #[serde(default)]
    pub starttls: bool,
    /// PEM file of the authority that issued the server's certificate, when it is a private one. Replaces the system's authorities.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// PEM file of a client certificate (and its chain), and of its key.
    #[serde(default)]
    pub client_cert: Option<PathBuf>,
    #[serde(default)]
    pub client_key: Option<PathBuf>,
    /// What is verified of the server's certificate. Anything but `full` is recorded with the collection.
    #[serde(default)]
    pub verify: Verify,
    /// Sends the password over a connection that anyone on the way can read. Recorded with the collection.
    #[serde(default)]
    pub cleartext_password: bool,
    /// Who asks: a name the directory binds (`cn=reader,ou=services,dc=example,dc=org`; in Active Directory also
    /// `reader@example.org`). Without it and without `sasl`, nobody in particular (anonymous).
    #[serde(default)]
    pub bind_dn: Option<String>,
    /// File whose first line is the password of `bind_dn`.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Environment variable that holds it. With neither, it is asked for at the terminal.
    #[serde(default)]
    pub password_env: Option<String>,
    /// `external`: the client certificate, or the Unix user over ldapi. `gssapi`: the current Kerberos ticket.
    #[serde(default)]
    pub sasl: Option<Sasl>,
    /// Where to begin, one name or several. Without it, what the server says it holds.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany")]
    pub base: Vec<String>,
    /// Which entries. Without it, everything an access review needs.
    #[serde(default)]
    pub filter: Option<Filter>,
    /// Attributes to ask for beside those that the flavour gives; they end up in the raw capture. Secrets are refused.
    #[serde(default)]
    pub extra_attributes: Vec<AttributeName>,
    /// Make of the directory: `auto` (the default) reads it from the root entry.
    #[serde(default)]
    pub flavour: FlavourSetting,
    /// Entries a page. Without it, what suits the flavour; smaller when the server refuses.
    #[serde(default)]
    pub page_size: Option<PageSize>,
    /// What becomes of references to other servers. All are recorded; `follow` reads them too, with the same identity.
    #[serde(default)]
    pub referrals: Referrals,
    /// Counts the entries a second time, without their attributes, to hold the harvest against.
    #[serde(default = "yes")]
    pub count: bool,
    /// The account that asks is known to read every attribute, so one that is missing is truly absent. Only an administrator can
    /// tell: to a client, "may not read" and "is not there" look the same. Recorded with the collection.
    #[serde(default)]
    pub reads_everything: bool,
    /// Accounts known to be locked, disabled or to have logged in: `probant sources test` looks whether their state can be read.
    #[serde(default)]
    pub probe: Vec<EntryName>,
    /// Seconds to reach the server and to begin TLS.
    #[serde(default = "ten")]
    pub connect_timeout: u16,
    /// Seconds of silence after which the server is taken for dead.
    #[serde(default = "two_minutes")]
    pub timeout: u16,
    /// How often a broken connection is made again, waiting longer each time. The base that was being read begins anew.
    #[serde(default = "three")]
    pub retries: u8,
    /// Groups that give administration, by DN. Active Directory's own are known by their SID; any other directory needs this list.
    #[serde(default)]
    pub privileged_groups: Vec<Dn>,
    /// Regular expressions on the login that tell service accounts, such as `^svc[-_]`.
    #[serde(default)]
    pub service_logins: Vec<LoginPattern>,
    /// Branches that hold service accounts only, by DN.
    #[serde(default)]
    pub service_bases: Vec<Dn>,
    /// Password policy of accounts that name none (OpenLDAP's `ppolicy_default`), by DN.
    #[serde(default)]
    pub default_policy: Option<Dn>,
    /// The password, once somebody typed it.
    #[serde(skip)]
    pub(super) answer: OnceLock<SecretString>,
}

/// What is verified of the server's certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verify {
    /// Issued by a trusted authority, valid today, for the name in `url`.
    #[default]
    Full,
    /// Issued by a trusted authority and valid today, for whatever name.
    Chain,
    /// Nothing: whoever answers is believed.
    Nothing,
}

impl Verify {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Chain => "chain",
            Self::Nothing => "nothing",
        }
    }
}

/// How to prove who asks, other than by a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sasl {
    External,
    Gssapi,
}

/// What becomes of references to other servers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Referrals {
    #[default]
    Record,
    Follow,
}

const fn yes() -> bool {
    true
}
const fn ten() -> u16 {
    10
}
const fn two_minutes() -> u16 {
    120
}
const fn three() -> u8 {
    3
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a distinguished name, or a list of them")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let names = match OneOrMany::deserialize(from)? {
        OneOrMany::One(name) => vec![name],
        OneOrMany::Many(names) => names,
    };
    for name in &names {
        Dn::try_from(name.clone()).map_err(de::Error::custom)?;
    }
    Ok(names)
}

impl LdapConfig {
    /// Where the password comes from.
    #[must_use]
    pub fn secret(&self) -> Keys<'_> {
        Keys {
            what: "password",
            file_key: "password_file",
            file: self.password_file.as_ref(),
            env_key: "password_env",
            env: self.password_env.as_deref(),
            typed: &self.answer,
        }
    }

    /// What the decoding of any directory needs.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            flavour: self.flavour.0,
            privileged_groups: self.privileged_groups.clone(),
            service_logins: self.service_logins.clone(),
            service_bases: self.service_bases.clone(),
            default_policy: self.default_policy.clone(),
            room: Room::default(),
        }
    }
}

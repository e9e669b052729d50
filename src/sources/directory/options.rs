//! What the configuration may say about any directory, live or exported, checked once before reading.

use regex::{Regex, RegexBuilder};
use schemars::JsonSchema;
use serde::Deserialize;

use super::attrs::Attr;
use super::dn;
use super::parted;

/// Make of a directory: which attributes carry state, and what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Flavour {
    /// OpenLDAP, and any directory that is none of the others.
    #[serde(rename = "openldap")]
    OpenLdap,
    /// Active Directory, Samba as a domain controller, AD LDS.
    #[serde(rename = "ad")]
    Ad,
    /// 389 Directory Server, Red Hat DS, ODSEE, `FreeIPA`.
    #[serde(rename = "389ds")]
    Ds389,
    /// IBM (Tivoli) Directory Server, IBM Security Verify Directory.
    #[serde(rename = "ibm")]
    Ibm,
}

impl Flavour {
    /// Its word in the configuration.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OpenLdap => "openldap",
            Self::Ad => "ad",
            Self::Ds389 => "389ds",
            Self::Ibm => "ibm",
        }
    }

    /// The flavour of such a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::OpenLdap, Self::Ad, Self::Ds389, Self::Ibm].into_iter().find(|flavour| flavour.word() == word)
    }

    /// The flavour that the attributes met tell, and the attribute that tells it.
    #[must_use]
    pub fn told_by(present: u128) -> (Self, Option<Attr>) {
        // 389-DS and AD may also carry entryUUID, so it speaks last.
        [
            (Self::Ad, Attr::ObjectGuid),
            (Self::Ad, Attr::ObjectSid),
            (Self::Ad, Attr::SamAccountName),
            (Self::Ds389, Attr::NsUniqueId),
            (Self::Ibm, Attr::IbmEntryUuid),
            (Self::OpenLdap, Attr::EntryUuid),
        ]
        .into_iter()
        .find(|(_, attr)| present & (1 << attr.index()) != 0)
        .map_or((Self::OpenLdap, None), |(flavour, attr)| (flavour, Some(attr)))
    }
}

/// A distinguished name in the configuration: refused there and then when it is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Dn {
    written: String,
    comparable: Vec<u8>,
}

impl TryFrom<String> for Dn {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let mut comparable = vec![];
        let hint = "write a distinguished name such as `cn=admins,ou=groups,dc=example,dc=org`";
        dn::normalise(written.as_bytes(), &mut comparable).map_err(|error| format!("`{written}` {error}: {hint}"))?;
        if comparable.is_empty() { Err(format!("an empty name names nothing: {hint}")) } else { Ok(Self { written, comparable }) }
    }
}

/// A pattern of logins in the configuration; case does not count, for it does not in logins.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct LoginPattern(Regex);

impl TryFrom<String> for LoginPattern {
    type Error = String;

    fn try_from(pattern: String) -> Result<Self, String> {
        let regex = RegexBuilder::new(&pattern).case_insensitive(true).build();
        regex.map(Self).map_err(|error| format!("not a regular expression: {error}"))
    }
}

/// What is declared of a directory.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub flavour: Option<Flavour>,
    pub privileged_groups: Vec<Dn>,
    pub service_logins: Vec<LoginPattern>,
    pub service_bases: Vec<Dn>,
    pub default_policy: Option<Dn>,
    /// How many notes of a kind wait in memory before they go to a temporary file.
    pub room: Room,
}

/// Notes of one kind that wait in memory.
#[derive(Debug, Clone, Copy)]
pub struct Room(pub usize);

impl Default for Room {
    fn default() -> Self {
        Self(parted::ROOM)
    }
}

impl Options {
    /// Whether a list of privileged groups was declared at all.
    #[must_use]
    pub fn declares_privileged(&self) -> bool {
        !self.privileged_groups.is_empty()
    }

    /// Whether this group (comparable name) was declared privileged.
    #[must_use]
    pub fn is_privileged(&self, name: &[u8]) -> bool {
        self.privileged_groups.iter().any(|declared| declared.comparable == name)
    }

    /// The declared privileged groups, comparable and as written.
    pub fn privileged(&self) -> impl Iterator<Item = (&[u8], &str)> {
        self.privileged_groups.iter().map(|dn| (dn.comparable.as_slice(), dn.written.as_str()))
    }

    /// The declared default policy, comparable.
    #[must_use]
    pub fn default_policy(&self) -> Option<&[u8]> {
        self.default_policy.as_ref().map(|dn| dn.comparable.as_slice())
    }

    /// Whether login or place says that this is a service account.
    #[must_use]
    pub fn is_service(&self, login: &str, name: &[u8]) -> bool {
        self.service_logins.iter().any(|pattern| pattern.0.is_match(login))
            || self.service_bases.iter().any(|base| dn::is_below(name, &base.comparable))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn settings_are_checked_before_anything_is_read() {
        let bad = LoginPattern::try_from("svc(".to_owned()).unwrap_err();
        assert!(bad.starts_with("not a regular expression"), "{bad}");
        let bad = Dn::try_from("admins".to_owned()).unwrap_err();
        assert!(bad.starts_with("`admins` has a part without `=`: write a distinguished name"), "{bad}");
        assert!(Dn::try_from(String::new()).is_err());
    }

    #[test]
    fn service_accounts_are_told_by_login_or_place() {
        let options = Options {
            service_logins: vec![LoginPattern::try_from("^svc[-_]".to_owned()).unwrap()],
            service_bases: vec![Dn::try_from("OU=Services, DC=x".to_owned()).unwrap()],
            ..Options::default()
        };
        assert!(options.is_service("SVC_backup", b"cn=a,dc=x"));
        assert!(options.is_service("jo", b"cn=jo,ou=services,dc=x"));
        assert!(!options.is_service("jo-svc-", b"cn=jo,dc=x"));
    }
}

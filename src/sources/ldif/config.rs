//! The keys of `kind = "ldif"`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::sources::directory::{Dn, Flavour, LoginPattern, Options, Room};

/// `kind = "ldif"`: an export of a directory.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LdifConfig {
    /// The export, or several that together make one directory; relative to the configuration file, `*` and `?` allowed. UTF-8, or
    /// UTF-16 with a byte order mark (`ldifde -u`). Ask the directory for operational attributes too (`'*' '+'`): without them ids,
    /// locks and dates are missing. Password hashes are not needed; if there are any they are dropped.
    #[serde(deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany")]
    pub path: Vec<String>,
    /// Make of the directory: `auto` (the default) tells it from the attributes met, `openldap`, `ad`, `389ds` or `ibm` says it.
    #[serde(default)]
    pub flavour: FlavourSetting,
    /// Reads values that stand in files of their own (`jpegPhoto:< file:///…`). Only files below the export's folder, never other
    /// URLs. Off, an entry that needs such a value is rejected.
    #[serde(default)]
    pub allow_urls: bool,
    /// Groups that give administration, by DN. Active Directory's own are known by their SID; any other directory needs this list:
    /// without it nothing can be said of a group's privilege.
    #[serde(default)]
    pub privileged_groups: Vec<Dn>,
    /// Regular expressions on the login that tell service accounts, such as `^svc[-_]`. Case does not count.
    #[serde(default)]
    pub service_logins: Vec<LoginPattern>,
    /// Branches that hold service accounts only, by DN.
    #[serde(default)]
    pub service_bases: Vec<Dn>,
    /// Password policy of accounts that name none (OpenLDAP's `ppolicy_default`), by DN. Without it the only policy of the export,
    /// when there is exactly one.
    #[serde(default)]
    pub default_policy: Option<Dn>,
}

/// Make of the directory, or `auto`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(from = "FlavourWord")]
#[schemars(with = "FlavourWord")]
pub struct FlavourSetting(pub Option<Flavour>);

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
enum FlavourWord {
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "openldap")]
    OpenLdap,
    #[serde(rename = "ad")]
    Ad,
    #[serde(rename = "389ds")]
    Ds389,
    #[serde(rename = "ibm")]
    Ibm,
}

impl From<FlavourWord> for FlavourSetting {
    fn from(word: FlavourWord) -> Self {
        Self(match word {
            FlavourWord::Auto => None,
            FlavourWord::OpenLdap => Some(Flavour::OpenLdap),
            FlavourWord::Ad => Some(Flavour::Ad),
            FlavourWord::Ds389 => Some(Flavour::Ds389),
            FlavourWord::Ibm => Some(Flavour::Ibm),
        })
    }
}

impl LdifConfig {
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

#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a path, or a list of paths")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    match OneOrMany::deserialize(from)? {
        OneOrMany::One(path) => Ok(vec![path]),
        OneOrMany::Many(paths) if paths.is_empty() => Err(serde::de::Error::custom("`path` is empty: name at least one file")),
        OneOrMany::Many(paths) => Ok(paths),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn read(toml: &str) -> Result<LdifConfig, String> {
        toml::from_str(toml).map_err(|error| error.to_string())
    }

    #[test]
    fn a_path_or_a_list_of_them() {
        assert_eq!(read("path = 'a.ldif'").unwrap().path, ["a.ldif"]);
        assert_eq!(read("path = ['a.ldif', 'b.ldif']").unwrap().path, ["a.ldif", "b.ldif"]);
        assert!(read("path = 3").unwrap_err().contains("a path, or a list of paths"));
        assert!(read("path = []").unwrap_err().contains("name at least one file"));
    }

    #[test]
    fn mistakes_are_told_where_they_stand() {
        let error = read("path = 'a'\nflavor = 'ad'").unwrap_err();
        assert!(error.contains("line 2") && error.contains("`flavour`"), "{error}");
        let error = read("path = 'a'\nflavour = 'novell'").unwrap_err();
        assert!(error.contains("line 2") && error.contains("`389ds`"), "{error}");
        let error = read("path = 'a'\nservice_logins = ['(']").unwrap_err();
        assert!(error.contains("line 2") && error.contains("not a regular expression"), "{error}");
        let error = read("path = 'a'\nprivileged_groups = ['admins']").unwrap_err();
        assert!(error.contains("line 2") && error.contains("part without `=`"), "{error}");
    }
}

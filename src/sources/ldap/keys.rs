//! Values of keys that are refused there and then when they cannot be meant.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::sources::directory::{Dn, secrets};

/// A search filter (RFC 4515), refused there and then when it is none.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Filter(pub String);

impl TryFrom<String> for Filter {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        match ldap3::parse_filter(&written) {
            Ok(_) => Ok(Self(written)),
            Err(()) => {
                Err(format!("`{written}` is no search filter: write one such as `(objectClass=person)`, with its parentheses"))
            }
        }
    }
}

/// The name of one attribute, never a secret and never a wildcard.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct AttributeName(pub String);

impl TryFrom<String> for AttributeName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let base = name.split(';').next().unwrap_or_default().to_ascii_lowercase();
        if base.is_empty() || !base.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')) {
            return Err(format!(
                "`{name}` is not the name of one attribute; `*` and `+` would also bring password hashes, so each is named"
            ));
        }
        if secrets::is_secret(&base) {
            return Err(format!("{name} holds secrets: it is never asked for; take it out of the list"));
        }
        Ok(Self(name))
    }
}

/// A name of an entry in the configuration, kept as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct EntryName(pub String);

impl TryFrom<String> for EntryName {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        Dn::try_from(written.clone()).map(|_checked| Self(written))
    }
}

/// Entries a page: 1 to 100,000.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(try_from = "i64")]
#[schemars(with = "u32")]
pub struct PageSize(pub i32);

impl TryFrom<i64> for PageSize {
    type Error = String;

    fn try_from(size: i64) -> Result<Self, String> {
        match i32::try_from(size) {
            Ok(size @ 1..=100_000) => Ok(Self(size)),
            _ => Err("page_size must be from 1 to 100000".to_owned()),
        }
    }
}

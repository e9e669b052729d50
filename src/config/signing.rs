//! `[signing]` and `[envelope]`: the seal key, and who gets the bundle under encryption.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// The seal.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Signing {
    /// Private key, encrypted PKCS#8 PEM. Default: `keys/seal.key.pem` in the store.
    pub key: Option<PathBuf>,
    /// Its certificate, PEM, followed by intermediate ones if any. Default: `keys/seal.cert.pem` in the store.
    pub certificate: Option<PathBuf>,
    /// Key and certificates in one PKCS#12 file (.p12, .pfx), instead of `key`.
    pub pkcs12: Option<PathBuf>,
    /// Key on a smart card or in an HSM, instead of `key`.
    pub pkcs11: Option<Pkcs11>,
    /// File that holds the passphrase of the key, or the token's PIN. Without it: the variable below, then a prompt.
    pub passphrase_file: Option<PathBuf>,
    /// Environment variable that holds it. Default: `PROBANT_PASSPHRASE`; `PROBANT_PIN` for a token.
    pub passphrase_env: Option<String>,
    /// Open file descriptor to read it from: 3 for `probant run 3< <(vault read …)`.
    pub passphrase_fd: Option<u32>,
    /// Subject of certificate requests: `CN=Evidence seal,O=Organisation,C=FR`.
    pub subject: Option<String>,
    /// Make a key and a self-made certificate when there are none yet.
    pub create: bool,
    /// How long the seal is to be believed: B (signature), T (and a time-stamp), LT (and revocation lists), LTA (and an archive
    /// time-stamp, renewed with `probant bundle extend`). Without what its level needs, nothing is sealed.
    pub level: SealLevel,
    /// Time-stamping authorities (RFC 3161), from level T on: the first that answers rightly serves.
    pub tsa: Vec<TimeStampAuthority>,
    /// Revocation lists of the signer's and the authorities' issuers, from level LT on: files or http(s) addresses, DER or PEM.
    pub crl: Vec<String>,
}

/// Signature level, as EN 319 122-1 calls them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum SealLevel {
    #[default]
    B,
    T,
    Lt,
    Lta,
}

/// Who says when the seal was there.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeStampAuthority {
    /// Address that takes requests: http:// or https:// (the answer is signed, whatever carries it).
    pub url: String,
    /// Certificate, PEM, that the authority's own must lead to.
    pub anchor: PathBuf,
    /// Policy to ask for and to insist on, as an OID (1.2.3.4).
    pub policy: Option<String>,
}

/// A key on a PKCS#11 token.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pkcs11 {
    /// The vendor's library: `/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so`.
    pub module: PathBuf,
    /// Label of the token. Not needed when there is only one.
    pub token: Option<String>,
    /// Slot of the token, where labels do not tell.
    pub slot: Option<u64>,
    /// Label of the key. Not needed when there is only one.
    pub key_label: Option<String>,
    /// Id of the key, in hexadecimal: `01`, `a1:b2`.
    pub key_id: Option<String>,
}

/// The bundle, encrypted for its readers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Envelope {
    /// Certificates (PEM) of those who may open it. Each bundle then has a `….asice.p7m` beside it.
    pub encrypt_for: Vec<PathBuf>,
}

impl Signing {
    /// The key at fault and what is wrong, when settings contradict each other.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let places = [("key", self.key.is_some()), ("pkcs12", self.pkcs12.is_some()), ("pkcs11", self.pkcs11.is_some())];
        let named: Vec<&'static str> = places.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect();
        if let [first, second, ..] = named.as_slice() {
            return Err((second, format!("[signing] names two seal keys, {first} and {second}; keep one")));
        }
        if self.pkcs12.is_some() && self.certificate.is_some() {
            return Err(("certificate", "a PKCS#12 file holds its certificates itself; take `certificate` away".into()));
        }
        if let (true, Some(place)) = (self.create, named.iter().find(|name| **name != "key")) {
            return Err(("create", format!("a key is made in a file only, not with {place}; take `create` away")));
        }
        if self.passphrase_fd.is_some() && self.passphrase_file.is_some() {
            return Err(("passphrase_fd", "the passphrase comes from passphrase_file or passphrase_fd, not both".into()));
        }
        if self.passphrase_fd.is_some_and(|fd| fd == 1 || fd == 2) {
            return Err(("passphrase_fd", "1 and 2 are the outputs; use 0 (standard input), or 3 and up".into()));
        }
        if self.pkcs11.as_ref().is_some_and(|token| token.key_id.is_some() && token.id().is_none()) {
            return Err(("pkcs11", "key_id is hexadecimal, two digits a byte: \"01\", \"a1:b2\"".into()));
        }
        Ok(())
    }
}

impl Pkcs11 {
    /// `key_id` as bytes. None when there is none, or when it is not hexadecimal.
    #[must_use]
    pub fn id(&self) -> Option<Vec<u8>> {
        let digits: String = self.key_id.as_ref()?.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
        if digits.is_empty() || digits.len() % 2 == 1 || !digits.is_ascii() {
            return None;
        }
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn check(text: &str) -> Result<(), (&'static str, String)> {
        toml::from_str::<Signing>(text).unwrap().check()
    }

    #[test]
    fn contradictions_are_refused_at_the_key_that_brings_them() {
        assert_eq!(check("key = 'a'\ncertificate = 'b'\ncreate = true"), Ok(()));
        for (text, key, says) in [
            ("key = 'a'\npkcs12 = 'b'", "pkcs12", "two seal keys, key and pkcs12"),
            ("pkcs12 = 'b'\npkcs11 = { module = 'm' }", "pkcs11", "two seal keys"),
            ("pkcs12 = 'b'\ncertificate = 'c'", "certificate", "holds its certificates itself"),
            ("pkcs11 = { module = 'm' }\ncreate = true", "create", "in a file only"),
            ("passphrase_fd = 3\npassphrase_file = 'p'", "passphrase_fd", "not both"),
            ("passphrase_fd = 2", "passphrase_fd", "3 and up"),
            ("pkcs11 = { module = 'm', key_id = '0' }", "pkcs11", "hexadecimal"),
        ] {
            let (at, message) = check(text).unwrap_err();
            assert!(at == key && message.contains(says), "{text}: {at}: {message}");
        }
    }

    #[test]
    fn ids_are_read_as_tools_show_them() {
        let id = |text: &str| Pkcs11 { key_id: Some(text.into()), ..Pkcs11::default() }.id();
        assert_eq!(id("01"), Some(vec![1]));
        assert_eq!(id("A1:b2 03"), Some(vec![0xa1, 0xb2, 3]));
        for wrong in ["", "1", "xy", "é1"] {
            assert_eq!(id(wrong), None, "{wrong}");
        }
    }
}

//! The keyed hash behind pseudonyms: HMAC-SHA-256, its first 60 bits in base 32.

use ring::hmac;
use unicode_normalization::UnicodeNormalization as _;

/// Shortest key, in bytes: as long as the hash (RFC 2104, section 3).
const SHORTEST: usize = 32;
/// Characters of a pseudonym: 60 bits, so that among a million people two share one with a chance of 1 in 2,000,000.
const LENGTH: usize = 12;
/// RFC 4648, section 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The key of the pseudonyms.
pub struct Key(hmac::Key);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// What a pseudonym stands for: a person, or a login in a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Person,
    Account,
}

impl Key {
    /// `None` when it is too short to keep anyone from trying.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= SHORTEST).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// `P-` for a person, `C-` for an account (compte), then the hash.
    pub(super) fn pseudonym(&self, kind: Kind, folded: &str) -> String {
        let (prefix, label) = match kind {
            Kind::Person => ("P-", "person"),
            Kind::Account => ("C-", "account"),
        };
        format!("{prefix}{}", self.hash(label, folded))
    }

    /// Names the key, and is of no use to guess it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.hash("fingerprint", "")
    }

    fn hash(&self, label: &str, text: &str) -> String {
        let tag = hmac::sign(&self.0, format!("{label}\0{text}").as_bytes());
        let mut bits = tag.as_ref().iter().take(8).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let mut out = String::with_capacity(LENGTH);
        for _ in 0..LENGTH {
            let digit = usize::try_from(bits >> 59).unwrap_or_default();
            out.push(char::from(BASE32.get(digit).copied().unwrap_or(b'A')));
            bits <<= 5;
        }
        out
    }
}

/// A name as it is compared: without accents, case, or doubled blanks.
pub(super) fn fold(text: &str) -> String {
    let plain: String =
        text.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_pseudonym_depends_on_the_key_and_on_nothing_else() {
        let (one, other) = (Key::new(&[1; 32]).unwrap(), Key::new(&[2; 32]).unwrap());
        // HMAC-SHA-256 under 32 bytes 0x01 of "person\0martin", cut to 60 bits in base 32 (made with Python's hmac and base64).
        assert_eq!(one.pseudonym(Kind::Person, "martin"), "P-64YE3Z7KYFP7");
        assert_ne!(one.pseudonym(Kind::Person, "martin"), other.pseudonym(Kind::Person, "martin"));
        assert_ne!(one.pseudonym(Kind::Person, "martin"), one.pseudonym(Kind::Account, "martin").replace("C-", "P-"));
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert!(Key::new(&[0; 31]).is_none());
        assert_eq!(format!("{one:?}"), "Key");
    }

    #[test]
    fn names_compare_without_accents_and_case() {
        assert_eq!(fold("  Éloïse  MÜLLER\u{a0}"), "eloise muller");
    }
}

//! The four `BagIt` files (RFC 8493): declaration, `bag-info.txt`, payload manifest and tag manifest.
//!
//! Names need no escaping: [`crate::bundle::layout`] admits neither CR, LF nor `%`, on which RFC 8493, sha256sum and bagit.py differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bundle::digest::{Digest, from_hex, hex};
use crate::bundle::error::SealError;
use crate::bundle::fault::{Fault, Phrase, phrase};

pub const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

const OXUM: &str = "Payload-Oxum";
const BUNDLE_ID: &str = "Bundle-Id";
const BUNDLE_SEQ: &str = "Bundle-Seq";
const PREVIOUS: &str = "Previous-Manifest-SHA256";
const LEVEL: &str = "Signature-Level";
const ORGANISATION: &str = "Source-Organization";
const DATE: &str = "Bagging-Date";
const RESERVED: [&str; 7] = [ORGANISATION, DATE, OXUM, BUNDLE_ID, BUNDLE_SEQ, PREVIOUS, LEVEL];

/// What `bag-info.txt` says about the bundle as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BagInfo {
    pub organisation: String,
    /// Year-month-day, UTC.
    pub date: String,
    /// Bytes and files under `data/`.
    pub oxum: (u64, u64),
    pub bundle_id: String,
    pub seq: u64,
    /// Digest of the previous bundle's ASiC manifest; none in the first of a chain.
    pub previous: Option<String>,
    pub level: String,
    /// Other lines, as given.
    pub extra: Vec<(String, String)>,
}

impl BagInfo {
    #[must_use]
    pub fn write(&self) -> String {
        let oxum = format!("{}.{}", self.oxum.0, self.oxum.1);
        let seq = self.seq.to_string();
        let mut lines = vec![
            (ORGANISATION, self.organisation.as_str()),
            (DATE, &self.date),
            (OXUM, &oxum),
            (BUNDLE_ID, &self.bundle_id),
            (BUNDLE_SEQ, &seq),
        ];
        lines.extend(self.previous.as_deref().map(|previous| (PREVIOUS, previous)));
        lines.push((LEVEL, &self.level));
        lines.extend(self.extra.iter().map(|(label, value)| (label.as_str(), value.as_str())));
        lines.into_iter().fold(String::new(), |mut text, (label, value)| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{label}: {value}");
            text
        })
    }

    /// Refuses what could not be read back as it was.
    pub fn check(&self) -> Result<(), SealError> {
        let fixed = [(ORGANISATION, &self.organisation), (BUNDLE_ID, &self.bundle_id)];
        for (label, value) in fixed.into_iter().chain(self.extra.iter().map(|(label, value)| (label.as_str(), value))) {
            let refuse = |problem| Err(SealError::BagInfo { label: label.to_owned(), problem });
            if !is_label(label) {
                return refuse("a label is made of ASCII letters, digits and hyphens");
            }
            if !is_value(value) {
                return refuse("the value is empty, begins or ends with a blank, or has a line end or control character");
            }
        }
        if let Some((label, _)) = self.extra.iter().find(|(label, _)| is_reserved(label)) {
            return Err(SealError::BagInfo { label: label.clone(), problem: "this label is written by the seal itself" });
        }
        if self.previous.as_deref().is_some_and(|previous| from_hex(previous).is_none()) {
            return Err(SealError::Chain {
                seq: self.seq,
                problem: "the previous manifest's SHA-256 must be 64 lower-case hexadecimal digits",
            });
        }
        match (self.seq, &self.previous) {
            (0, _) => Err(SealError::Chain { seq: 0, problem: "bundles are numbered from 1" }),
            (1, Some(_)) => Err(SealError::Chain { seq: 1, problem: "the first bundle of a chain has no previous one" }),
            (seq @ 2.., None) => Err(SealError::Chain { seq, problem: "the SHA-256 of the previous bundle's manifest is missing" }),
            _ => Ok(()),
        }
    }

    /// The content, if these are the very bytes that [`BagInfo::write`] gives for it.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|e| Fault::new(&BAG_INFO, e.to_string()))?;
        let mut fixed = BTreeMap::new();
        let mut extra = Vec::new();
        for line in text.lines() {
            let (label, value) = line.split_once(": ").ok_or_else(|| Fault::new(&BAG_INFO, line))?;
            if RESERVED.contains(&label) {
                fixed.insert(label, value);
            } else {
                extra.push((label.to_owned(), value.to_owned()));
            }
        }
        let one = |label: &'static str| fixed.get(label).copied().ok_or_else(|| Fault::new(&BAG_INFO, label));
        let number = |text: &str| text.parse().map_err(|e| Fault::new(&BAG_INFO, format!("{text}: {e}")));
        let (octets, files) = one(OXUM)?.split_once('.').ok_or_else(|| Fault::new(&BAG_INFO, OXUM))?;
        let info = Self {
            organisation: one(ORGANISATION)?.to_owned(),
            date: one(DATE)?.to_owned(),
            oxum: (number(octets)?, number(files)?),
            bundle_id: one(BUNDLE_ID)?.to_owned(),
            seq: number(one(BUNDLE_SEQ)?)?,
            previous: fixed.get(PREVIOUS).map(|&text| text.to_owned()),
            level: one(LEVEL)?.to_owned(),
            extra,
        };
        info.check().map_err(|e| Fault::new(&BAG_INFO, e.to_string()))?;
        if info.write().as_bytes() == bytes { Ok(info) } else { Err(Fault::bare(&BAG_INFO)) }
    }
}

/// The form that sha256sum reads: digest, two spaces, name.
#[must_use]
pub fn write_manifest(digests: &BTreeMap<String, Digest>) -> String {
    digests.iter().fold(String::new(), |mut text, (name, digest)| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}  {name}", hex(digest));
        text
    })
}

/// The digests, if these are the very bytes that [`write_manifest`] gives for them.
pub fn read_manifest(file: &str, bytes: &[u8]) -> Result<BTreeMap<String, Digest>, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|e| Fault::new(&MANIFEST, format!("{file} ({e})")))?;
    let digests = text
        .lines()
        .map(|line| {
            let (digest, name) = line.split_once("  ")?;
            Some((name.to_owned(), from_hex(digest)?))
        })
        .collect::<Option<BTreeMap<_, _>>>()
        .ok_or_else(|| Fault::new(&MANIFEST, file))?;
    if write_manifest(&digests).as_bytes() == bytes { Ok(digests) } else { Err(Fault::new(&MANIFEST, file)) }
}

fn is_reserved(label: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(label))
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The line separators of Unicode too: bagit.py splits lines on them.
fn is_value(value: &str) -> bool {
    !value.is_empty()
        && value.trim() == value
        && !value.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'))
}

static BAG_INFO: Phrase = phrase("bag-info.txt is not as a seal writes it", "bag-info.txt n'est pas tel qu'un scellé l'écrit");
static MANIFEST: Phrase =
    phrase("a bag manifest is not as a seal writes it", "un manifeste BagIt n'est pas tel qu'un scellé l'écrit");

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn info() -> BagInfo {
        BagInfo {
            organisation: "Agence régionale".into(),
            date: "2026-10-01".into(),
            oxum: (12, 3),
            bundle_id: "2026-T3".into(),
            seq: 2,
            previous: Some("ab".repeat(32)),
            level: "B".into(),
            extra: vec![("Contact-Name".into(), "X: y".into()), ("Contact-Name".into(), "Z".into())],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = info().write();
        assert_eq!(BagInfo::read(text.as_bytes()).unwrap(), info());
        for (from, to) in [
            ("\n", "\r\n"),
            ("Bundle-Seq: 2", "Bundle-Seq: 02"),
            ("Bundle-Seq: 2\n", "Bundle-Seq: 2\nBundle-Seq: 2\n"),
            ("Bundle-Seq: 2", "Bundle-Seq: 1"),
            ("Payload-Oxum: 12.3", "Payload-Oxum: 12"),
            ("Signature-Level: B\n", ""),
            ("Contact-Name: Z", "bundle-id: Z"),
            ("Contact-Name: Z", " folded"),
        ] {
            assert!(BagInfo::read(text.replacen(from, to, usize::MAX).as_bytes()).is_err(), "{from:?} → {to:?}");
        }
    }

    #[test]
    fn what_could_not_be_read_back_is_not_written() {
        for (label, value) in [("a b", "x"), ("a", ""), ("a", " x"), ("a", "x\ny"), ("Payload-Oxum", "1.1"), ("bundle-seq", "3")] {
            let wrong = BagInfo { extra: vec![(label.into(), value.into())], ..info() };
            assert!(matches!(wrong.check(), Err(SealError::BagInfo { .. })), "{label}: {value}");
        }
        assert!(matches!(BagInfo { seq: 0, ..info() }.check(), Err(SealError::Chain { .. })));
        assert!(matches!(BagInfo { previous: None, ..info() }.check(), Err(SealError::Chain { .. })));
        assert!(matches!(BagInfo { previous: Some("AB".repeat(32)), ..info() }.check(), Err(SealError::Chain { .. })));
    }

    #[test]
    fn manifests_have_one_spelling() {
        let digests = BTreeMap::from([("data/a  b".to_owned(), [0xab; 32]), ("data/é".to_owned(), [8; 32])]);
        let text = write_manifest(&digests);
        assert_eq!(read_manifest("m", text.as_bytes()).unwrap(), digests);
        let line = text.lines().next().unwrap();
        for wrong in [
            text.replace('\n', "\r\n"),
            text.replace("  data", " *data"),
            format!("{text}{line}\n"),
            text.trim_end().to_owned(),
            text.to_uppercase(),
        ] {
            assert!(read_manifest("m", wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}

//! Where the ledger stood at an instant, on a signed page: what a checkpoint in the store, a head in the mirror and the auditor's
//! receipt all are. Printed it can be read, as a file it can be checked by `openssl cms -verify` alone.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use jiff::Timestamp;

use crate::bundle::digest::from_hex;
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::signed_text::{self, SignedText};
use crate::bundle::{SealError, Signer, TrustAnchor};
use crate::store::ledger::{Entry, Head};

pub const SCHEMA: &str = "probant.receipt.v1";
/// Bytes; ten thousand bundles stay below.
pub const LARGEST: u64 = 4 << 20;
/// What a person reads first.
const PREFACE: &str = "\
PROBANT - LEDGER RECEIPT / REÇU DU REGISTRE

Keep this page apart from the bundles. It says where the ledger stood: an event
or a bundle that is later changed, replaced or removed no longer fits it.
Gardez cette page à part des dossiers. Elle dit où en était le registre : un
événement ou un dossier modifié, remplacé ou retiré ensuite n'y correspond plus.

";

/// A bundle as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub seq: u64,
    /// Of its signed manifest: what the next bundle carries.
    pub manifest_sha256: String,
    /// Of the whole file.
    pub sha256: String,
    pub name: String,
    /// Removed since, its time being over.
    pub purged: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub organisation: String,
    /// SHA-256 of the ledger's first line, which tells it from any other ledger.
    pub ledger: String,
    pub head: Head,
    pub at: Timestamp,
    /// How many bundles the ledger knows.
    pub bundle_count: u64,
    /// All of them, or the newest only.
    pub bundles: Vec<Known>,
}

impl Receipt {
    /// The receipt of the ledger that ends with these events; `None` when there are none.
    #[must_use]
    pub fn of(events: &[Entry], head: &Head, organisation: &str, at: Timestamp) -> Option<Self> {
        let ledger = match events {
            [] => return None,
            [_] => head.sha256.clone(),
            [_, second, ..] => second.previous.clone(),
        };
        let bundles = bundles(events);
        Some(Self {
            organisation: organisation.split_whitespace().collect::<Vec<_>>().join(" "),
            ledger,
            head: head.clone(),
            at,
            bundle_count: bundles.len() as u64,
            bundles,
        })
    }

    /// The same with the newest bundle only: each names the one before it, so a head does not grow with every bundle.
    #[must_use]
    pub fn short(mut self) -> Self {
        self.bundles = self.bundles.pop().into_iter().collect();
        self
    }

    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "{PREFACE}Format: {SCHEMA}\nOrganisation: {}\nLedger: {}\nHead-Sequence: {}\nHead-SHA256: {}\nEvents: {}\nAt: {}\nBundles: {}\n",
            self.organisation, self.ledger, self.head.seq, self.head.sha256, self.head.seq, self.at, self.bundle_count
        );
        for bundle in &self.bundles {
            let state = if bundle.purged { "purged" } else { "kept" };
            let Known { seq, manifest_sha256, sha256, name, .. } = bundle;
            // Three lines, none wider than a printed page. Writing to a String cannot fail.
            let _ = write!(text, "Bundle: {seq} {state} {name}\n  manifest {manifest_sha256}\n  file     {sha256}\n");
        }
        text
    }

    /// Reads what [`Self::text`] wrote, and nothing else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.strip_prefix(PREFACE)?.lines();
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned);
        if field("Format")? != SCHEMA {
            return None;
        }
        let organisation = field("Organisation")?;
        let ledger = field("Ledger")?;
        let head = Head { seq: field("Head-Sequence")?.parse().ok()?, sha256: field("Head-SHA256")? };
        let _events = field("Events")?;
        let at = field("At")?.parse().ok()?;
        let bundle_count = field("Bundles")?.parse().ok()?;
        let mut bundles = vec![];
        while let Some(first) = lines.next() {
            bundles.push(known(first, lines.next()?, lines.next()?)?);
        }
        let read = Self { organisation, ledger, head, at, bundle_count, bundles };
        let digests = [&read.ledger, &read.head.sha256];
        let whole = digests.into_iter().all(|digest| from_hex(digest).is_some()) && read.text() == text;
        whole.then_some(read)
    }

    /// The sealed page.
    pub fn sign(&self, signer: &Signer) -> Result<Vec<u8>, SealError> {
        signed_text::sign(signer, &self.text(), self.at)
    }
}

fn known(first: &str, manifest: &str, file: &str) -> Option<Known> {
    let mut words = first.strip_prefix("Bundle: ")?.splitn(3, ' ');
    let seq = words.next()?.parse().ok()?;
    let purged = match words.next()? {
        "kept" => false,
        "purged" => true,
        _ => return None,
    };
    let digest = |line: &str, label: &str| line.strip_prefix(label).filter(|value| from_hex(value).is_some()).map(str::to_owned);
    Some(Known {
        seq,
        manifest_sha256: digest(manifest, "  manifest ")?,
        sha256: digest(file, "  file     ")?,
        name: words.next()?.to_owned(),
        purged,
    })
}

/// Bundles in the order of the ledger.
#[must_use]
pub fn bundles(events: &[Entry]) -> Vec<Known> {
    let purged = crate::store::purge::purged(events);
    let text = |entry: &Entry, key: &str| entry.data.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    events
        .iter()
        .filter(|entry| entry.event == "bundle")
        .map(|entry| {
            let path = text(entry, "path");
            Known {
                seq: entry.data.get("seq").and_then(serde_json::Value::as_u64).unwrap_or_default(),
                manifest_sha256: text(entry, "manifest_sha256"),
                sha256: text(entry, "sha256"),
                name: path.rsplit('/').next().unwrap_or_default().to_owned(),
                purged: purged.contains_key(&path),
            }
        })
        .collect()
}

/// A receipt as it was received.
#[derive(Debug)]
pub struct Received {
    pub receipt: Receipt,
    page: SignedText,
}

impl Received {
    /// Reads a signed page; a fault when it is none, or was changed after it was signed.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let page = signed_text::open(bytes)?;
        let receipt = Receipt::read(&page.text).ok_or_else(|| Fault::bare(&NOT_A_RECEIPT))?;
        Ok(Self { receipt, page })
    }

    /// Reads the file of a receipt that someone kept. One that is no good proves nothing against the ledger: it cannot be told.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        let bytes = bytes(path).map_err(|error| Fault::unknown(&UNREADABLE, error.to_string()))?;
        Self::read(&bytes).map_err(|fault| Fault { undetermined: true, ..fault })
    }

    /// Whether its signer leads to an anchor. Held to the receipt's own instant: whoever kept the page knows since when, and a
    /// certificate that expired meanwhile takes nothing away from it.
    pub fn check_signer(&self, anchors: &[TrustAnchor]) -> Result<(), Fault> {
        self.page.check_signer(anchors, self.receipt.at)
    }
}

/// The bytes of a receipt's file, as far as one can be long.
pub(super) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

static NOT_A_RECEIPT: Phrase =
    phrase("it is signed, but it is no receipt of a Probant ledger", "c'est signé, mais ce n'est pas un reçu de registre Probant");
static UNREADABLE: Phrase = phrase("the receipt cannot be read", "le reçu ne peut être lu");

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn event(seq: u64, event: &str, data: serde_json::Value) -> Entry {
        let at = "2026-10-05T08:00:00Z".parse().unwrap();
        Entry { seq, at, event: event.into(), data, previous: format!("{seq:064x}") }
    }

    #[test]
    fn what_is_written_is_read_and_every_changed_character_is_refused() {
        let digest = "ab".repeat(32);
        let data = json!({ "seq": 1, "manifest_sha256": digest, "sha256": digest, "path": "bundles/dossier été 1.asice" });
        let events = [event(1, "snapshot", json!({})), event(2, "bundle", data)];
        let head = Head { seq: 2, sha256: digest.clone() };
        let receipt = Receipt::of(&events, &head, "Agence  de\nl'eau", events[1].at).unwrap();
        assert_eq!(receipt.ledger, format!("{:064x}", 2));
        assert_eq!(receipt.organisation, "Agence de l'eau");
        assert_eq!(receipt.bundles[0].name, "dossier été 1.asice");
        let text = receipt.text();
        assert_eq!(Receipt::read(&text), Some(receipt.clone()));
        assert_eq!(Receipt::read(&receipt.clone().short().text()), Some(receipt));
        for wrong in [
            text.replace("Events: 2", "Events: 3"),
            text.replace(" kept ", " lost "),
            text.replace(&digest, "AB"),
            format!("{text}\n"),
            text.replace("Organisation", "Organization"),
        ] {
            assert_eq!(Receipt::read(&wrong), None, "{wrong}");
        }
        assert_eq!(Receipt::of(&[], &head, "x", events[0].at), None);
    }
}

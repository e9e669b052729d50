//! What leaves the house without naming people: a copy of a snapshot in which chosen columns are dropped or replaced by
//! pseudonyms, and texts and workbooks from which the same names are taken.
//!
//! The copy is a snapshot like another: findings, report and exchange formats are made again from it, so that an auditor who runs a
//! check on the sealed tables finds what the sealed findings say. A pseudonym is a keyed hash: the same person bears the same one in
//! every table and every quarter as long as the key stays, and without the key nobody can try names out.
//!
//! ```text
//! rules ─ what becomes of each column     snapshot ─► known (who is who) ─► tables ─► redacted snapshot
//! key ─ the keyed hash                                    └─► scrub ─► texts, workbooks
//! ```

mod config;
mod key;
mod known;
mod listing;
mod rules;
mod scrub;
mod tables;
mod workbook;

use std::io;
use std::path::Path;

pub use config::RedactionConfig;
pub use key::Key;
use known::Known;
pub use known::Mapping;
pub use listing::{Excluded, LISTING, Listing};
pub use rules::{RuleError, Rules};

/// Something cannot be redacted, and so does not leave.
#[derive(Debug, thiserror::Error)]
pub enum RedactionError {
    #[error(transparent)]
    Rule(#[from] RuleError),
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
}

/// A snapshot's redaction: who is to be hidden, and how.
pub struct Redaction {
    rules: Rules,
    known: Known,
}

impl Redaction {
    /// Learns from a snapshot who is to be hidden.
    pub fn learn(snapshot: &Path, rules: Rules, key: Key) -> Result<Self, RedactionError> {
        let known = Known::learn(snapshot, &rules, key).map_err(|source| at(snapshot, source))?;
        Ok(Self { rules, known })
    }

    /// Writes the redacted tables below `to` (a folder named `tables`), and returns their row counts.
    pub fn tables(&self, snapshot: &Path, to: &Path) -> Result<crate::snapshot::writer::Written, RedactionError> {
        tables::write(snapshot, &self.rules, &self.known, to).map_err(|source| at(to, source))
    }

    /// A text without the names that the rules hide.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        scrub::text(text, &self.known)
    }

    /// A workbook (xlsx, ods) without them, or why it cannot be made: it must stay.
    pub fn workbook(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        workbook::redact(bytes, &self.known)
    }

    /// Pseudonyms and what they stand for. Never leaves the store.
    #[must_use]
    pub fn mapping(&self) -> Mapping {
        self.known.mapping()
    }

    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Names the key without giving it away: two bundles with the same one use the same pseudonyms.
    #[must_use]
    pub fn key_fingerprint(&self) -> String {
        self.known.key().fingerprint()
    }
}

fn at(path: &Path, source: io::Error) -> RedactionError {
    RedactionError::Io { path: path.display().to_string(), source }
}

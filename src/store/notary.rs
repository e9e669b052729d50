//! Signed heads beside the ledger: `checkpoints/<number of the event>.eml`, one after each event for which the seal key was at hand.
//!
//! The store does not know what is in them: a [`Notary`] makes them, and whoever audits the ledger reads them. They detect that the
//! ledger was cut or rewritten by someone without the key; a copy elsewhere detects it of someone who removes them too.

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::atomic;
use super::ledger::{Entry, Head};

/// Their folder in the store.
pub const FOLDER: &str = "checkpoints";

/// Who signs where the ledger stands.
pub trait Notary: Debug {
    /// The signed page for this head; `None` when there is nothing to sign yet.
    fn attest(&self, events: &[Entry], head: &Head, at: Timestamp) -> Result<Option<Vec<u8>>, String>;
}

/// Where the head of this number is kept. Ten digits: names sort as numbers do.
#[must_use]
pub fn path(root: &Path, seq: u64) -> PathBuf {
    root.join(FOLDER).join(format!("{seq:010}.eml"))
}

/// Names of the heads that are there, oldest first.
pub fn names(root: &Path) -> io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(root.join(FOLDER)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        entries => entries?,
    };
    let mut names = vec![];
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with(atomic::TEMPORARY) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Keeps a head. The caller looked that none is there: what was signed is never replaced.
pub(super) fn keep(root: &Path, seq: u64, page: &[u8]) -> io::Result<()> {
    let path = path(root, seq);
    atomic::folder(&root.join(FOLDER))?;
    atomic::write(&path, page)
}

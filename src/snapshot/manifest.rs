//! `snapshot.json`: names, counts and digests of a snapshot's tables. Its own digest stands in the ledger.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::writer;
use crate::store::{self, SNAPSHOT_FILE, StoreError, atomic, digest};

/// Folder of the tables inside a snapshot.
pub const TABLES: &str = "tables";

/// A snapshot is not as it was made.
#[derive(Debug, thiserror::Error)]
pub enum DamageError {
    #[error("{0}. Take the snapshot from a copy of the store, or harvest again")]
    Damaged(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks that a snapshot is as the ledger of the store at `root` announced it: its manifest, then every table.
pub fn check(root: &Path, snapshot: &Path) -> Result<(), DamageError> {
    let path = snapshot.join(SNAPSHOT_FILE);
    let unread = |error: io::Error| DamageError::Damaged(format!("{} cannot be read: {error}", path.display()));
    let (sha256, _) = File::open(&path).and_then(digest::stream).map_err(unread)?;
    if store::announced_digest(root, snapshot)?.is_none_or(|known| known != sha256) {
        return Err(DamageError::Damaged(format!("{} was changed since the ledger recorded it", path.display())));
    }
    let manifest = Manifest::read(snapshot).map_err(unread)?;
    manifest.changed(snapshot).map_or(Ok(()), |message| Err(DamageError::Damaged(message)))
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `probant.snapshot.v1`.
    pub schema: String,
    pub id: String,
    pub as_of: Timestamp,
    pub organisation: String,
    pub tool_version: String,
    pub tables: BTreeMap<String, TableFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

impl Manifest {
    /// Digests the tables below `folder`.
    pub fn make(folder: &Path, id: &str, as_of: Timestamp, organisation: &str, rows: &writer::Written) -> io::Result<Self> {
        let tables = rows
            .iter()
            .map(|(name, rows)| {
                let (sha256, bytes) = digest::stream(File::open(writer::path(&folder.join(TABLES), name))?)?;
                Ok(((*name).to_owned(), TableFile { rows: *rows, bytes, sha256 }))
            })
            .collect::<io::Result<_>>()?;
        Ok(Self {
            schema: "probant.snapshot.v1".into(),
            id: id.to_owned(),
            as_of,
            organisation: organisation.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").into(),
            tables,
        })
    }

    /// Writes it durably into `folder`.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        atomic::write(&folder.join(SNAPSHOT_FILE), &bytes)
    }

    /// The first file below `folder` that is not as digested when the snapshot was made, or that is missing.
    #[must_use]
    pub fn changed(&self, folder: &Path) -> Option<String> {
        self.tables.iter().find_map(|(name, table)| {
            let path = writer::path(&folder.join(TABLES), name);
            match File::open(&path).and_then(digest::stream) {
                Ok((sha256, _)) if sha256 == table.sha256 => None,
                Ok(_) => Some(format!("{} was changed since the snapshot was made", path.display())),
                Err(error) => Some(format!("{} cannot be read: {error}", path.display())),
            }
        })
    }

    /// Reads the manifest of a published snapshot.
    pub fn read(folder: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(folder.join(SNAPSHOT_FILE))?)?)
    }
}

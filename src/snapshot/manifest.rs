//! `snapshot.json`: names, counts and digests of a snapshot's tables. Its own digest stands in the ledger.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::writer;
use crate::store::{SNAPSHOT_FILE, atomic, digest};

/// Folder of the tables inside a snapshot.
pub const TABLES: &str = "tables";

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

    /// Reads the manifest of a published snapshot.
    pub fn read(folder: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(folder.join(SNAPSHOT_FILE))?)?)
    }
}

//! What the targets of sources share: a sink that keeps what it is given, and the arithmetic that must hold for any input.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::snapshot::schema::{Record, Row as _};
use crate::sources::{Reading, Request, Sink, SinkError, Source, SourceError};

/// Everything a source handed over, as text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Rows by table.
    pub rows: BTreeMap<&'static str, Vec<String>>,
    /// Row, reason, excerpt.
    pub rejects: Vec<(u64, String, String)>,
    pub capture: Vec<u8>,
}

impl Sink for Kept {
    fn push(&mut self, record: Record<'_>) -> Result<(), SinkError> {
        let mut row = String::new();
        let mut cells = 0;
        record.cells(&mut |cell| {
            cells += 1;
            // Writing to a String cannot fail.
            let _ = write!(row, "{cell:?}\t");
        });
        let table = record.table();
        // Every column but `collection_id`, which the real sink adds.
        assert_eq!(cells + 1, table.columns.len(), "cells of {}", table.name);
        self.rows.entry(table.name).or_default().push(row);
        Ok(())
    }
    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        assert!(!reason.trim().is_empty(), "row {row} was rejected without a reason");
        self.rejects.push((row, reason.to_owned(), excerpt.to_owned()));
        Ok(())
    }
    fn progress(&mut self, _: u64) {}
}

impl Kept {
    /// Whether a text went anywhere at all.
    #[must_use]
    pub fn tells(&self, text: &str) -> bool {
        let holds = |part: &String| part.contains(text);
        memchr::memmem::find(&self.capture, text.as_bytes()).is_some()
            || self.rows.values().flatten().any(holds)
            || self.rejects.iter().any(|(_, reason, excerpt)| holds(reason) || holds(excerpt))
    }
}

/// What every source is told here.
#[must_use]
pub fn request(base: &Path) -> Request {
    Request {
        source: "fuzz".to_owned(),
        system: "SYS".to_owned(),
        zone: TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC),
        // 2026-11-23T10:00:00Z.
        as_of: Timestamp::from_second(1_795_428_000).unwrap_or(Timestamp::UNIX_EPOCH),
        base: base.to_owned(),
    }
}

/// A folder for the one file that a target reads. The system's temporary folder is best in memory: `run` sees to it.
pub struct Folder(PathBuf);

impl Folder {
    /// One for each process.
    #[must_use]
    pub fn new(target: &str) -> Self {
        let path = std::env::temp_dir().join(format!("probant-fuzz-{target}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(path)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Replaces the file `f`.
    pub fn put(&self, bytes: &[u8]) {
        let path = self.0.join("f");
        std::fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// Harvests, and holds the arithmetic: every row seen is kept or rejected, whatever was read.
pub fn harvest(source: &dyn Source, base: &Path) -> Result<(Reading, Kept), SourceError> {
    let mut kept = Kept::default();
    let mut capture = Vec::new();
    let reading = source.harvest(&request(base), &mut kept, &mut capture)?;
    kept.capture = capture;
    assert_eq!(reading.rows_seen, reading.rows_kept + kept.rejects.len() as u64, "rows seen = kept + rejected");
    Ok((reading, kept))
}

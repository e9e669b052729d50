//! The mapping from end to end: a file and its TOML in, records, rejects and arithmetic out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod fixtures;
mod formats;
mod mapping;
mod messages;
mod presets;
mod properties;
mod sheets;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::snapshot::schema::{Record, Row};
use crate::snapshot::value::Value;
use crate::sources::{Reading, Request, Sink, SinkError, Source, SourceError};

use super::TableConfig;

/// Keeps what a source pushes, as text.
#[derive(Default)]
pub(super) struct Kept {
    /// Rows by table, as `column=value` texts, empty cells left out.
    pub(super) rows: BTreeMap<&'static str, Vec<String>>,
    /// Row, reason, excerpt.
    pub(super) rejects: Vec<(u64, String, String)>,
    pub(super) capture: Vec<u8>,
}

impl Sink for Kept {
    fn push(&mut self, record: Record<'_>) -> Result<(), SinkError> {
        let table = record.table();
        let mut columns = table.columns.iter();
        let mut cells = Vec::new();
        record.cells(&mut |cell| {
            let name = columns.next().unwrap().name;
            match cell {
                Value::Null => {}
                Value::Text(text) => cells.push(format!("{name}={text}")),
                Value::Bool(value) => cells.push(format!("{name}={value}")),
                Value::Int(value) => cells.push(format!("{name}={value}")),
                Value::Real(value) => cells.push(format!("{name}={value}")),
                Value::Time(value) => cells.push(format!("{name}={value}")),
                Value::Date(value) => cells.push(format!("{name}={value}")),
            }
        });
        self.rows.entry(table.name).or_default().push(cells.join(" "));
        Ok(())
    }
    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        self.rejects.push((row, reason.to_owned(), excerpt.to_owned()));
        Ok(())
    }
    fn progress(&mut self, _: u64) {}
}

impl Kept {
    pub(super) fn table(&self, name: &str) -> Vec<&str> {
        self.rows.get(name).into_iter().flatten().map(String::as_str).collect()
    }
    pub(super) fn reasons(&self) -> Vec<String> {
        self.rejects.iter().map(|(row, reason, _)| format!("{row}: {reason}")).collect()
    }
    pub(super) fn captured(&self) -> String {
        String::from_utf8(self.capture.clone()).unwrap()
    }
}

pub(super) fn request(base: &Path) -> Request {
    Request {
        source: "test".into(),
        system: "SYS".into(),
        zone: TimeZone::get("Europe/Paris").unwrap(),
        as_of: "2026-11-23T10:00:00Z".parse().unwrap(),
        base: base.to_owned(),
    }
}

pub(super) fn compile(mapping: &str) -> Result<TableConfig, String> {
    toml::from_str(mapping).map_err(|error| error.to_string())
}

/// Harvests a mapping below a folder.
pub(super) fn harvest(base: &Path, mapping: &str) -> Result<(Reading, Kept), SourceError> {
    let table = compile(mapping).unwrap();
    let mut kept = Kept::default();
    let mut capture = Vec::new();
    let reading = table.harvest(&request(base), &mut kept, &mut capture)?;
    kept.capture = capture;
    assert_eq!(reading.rows_seen, reading.rows_kept + kept.rejects.len() as u64, "the arithmetic of {mapping}");
    Ok((reading, kept))
}

/// Writes one file and harvests it.
pub(super) fn read(file: &str, content: impl AsRef<[u8]>, mapping: &str) -> (Reading, Kept) {
    try_read(file, content, mapping).unwrap()
}

pub(super) fn try_read(file: &str, content: impl AsRef<[u8]>, mapping: &str) -> Result<(Reading, Kept), SourceError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(file), content).unwrap();
    harvest(folder.path(), &format!("path = \"{file}\"\n{mapping}"))
}

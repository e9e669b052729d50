//! Harvesting an export into memory, and asking it questions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, dead_code, reason = "shared by several test binaries")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use probant::snapshot::schema::{Record, Row as _};
use probant::snapshot::value::Value;
use probant::sources::ldif::LdifConfig;
use probant::sources::{Reading, Request, Sink, SinkError, Source as _, SourceError};

pub(crate) type Row = BTreeMap<&'static str, String>;

/// The instant of all these tests.
pub(crate) const AS_OF: &str = "2026-09-28T02:00:00Z";

#[must_use]
pub(crate) fn request() -> Request {
    Request {
        source: "annuaire".into(),
        system: "annuaire".into(),
        zone: jiff::tz::TimeZone::UTC,
        as_of: AS_OF.parse().unwrap(),
        base: "/".into(),
    }
}

#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) tables: BTreeMap<&'static str, Vec<Row>>,
    pub(crate) rejects: Vec<String>,
}

impl Sink for Rows {
    fn push(&mut self, record: Record<'_>) -> Result<(), SinkError> {
        let table = record.table();
        let mut row = Row::new();
        let mut columns = table.columns.iter();
        record.cells(&mut |cell| {
            let name = columns.next().unwrap().name;
            let text = match cell {
                Value::Null => return,
                Value::Text(text) => text.into_owned(),
                Value::Bool(yes) => yes.to_string(),
                Value::Int(number) => number.to_string(),
                Value::Real(number) => number.to_string(),
                Value::Time(at) => at.to_string(),
                Value::Date(day) => day.to_string(),
            };
            row.insert(name, text);
        });
        self.tables.entry(table.name).or_default().push(row);
        Ok(())
    }

    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        self.rejects.push(format!("{row}|{reason}|{excerpt}"));
        Ok(())
    }

    fn progress(&mut self, _rows_seen: u64) {}
}

pub(crate) struct Harvested {
    pub(crate) tables: BTreeMap<&'static str, Vec<Row>>,
    pub(crate) rejects: Vec<String>,
    pub(crate) capture: Vec<u8>,
    pub(crate) reading: Reading,
}

/// Harvests a file; `config` adds keys to its `path`.
pub(crate) fn harvest(path: &Path, config: &str) -> Result<Harvested, SourceError> {
    let config: LdifConfig = toml::from_str(&format!("path = '{}'\n{config}", path.display())).unwrap();
    let mut rows = Rows::default();
    let mut capture = vec![];
    let reading = config.harvest(&request(), &mut rows, &mut capture)?;
    assert_eq!(reading.rows_seen, reading.rows_kept + rows.rejects.len() as u64, "the arithmetic");
    Ok(Harvested { tables: rows.tables, rejects: rows.rejects, capture, reading })
}

/// Harvests one of the exports in `tests/ldif`.
pub(crate) fn fixture(name: &str, config: &str) -> Harvested {
    harvest(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ldif").join(name), config).unwrap()
}

pub(crate) fn harvest_bytes(bytes: &[u8], config: &str) -> Result<Harvested, SourceError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("export.ldif");
    fs::write(&path, bytes).unwrap();
    harvest(&path, config)
}

#[must_use]
pub(crate) fn refused(bytes: &[u8]) -> String {
    harvest_bytes(bytes, "").err().unwrap().to_string()
}

impl Harvested {
    #[must_use]
    pub(crate) fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    fn one(&self, table: &str, column: &str, value: &str) -> &Row {
        let mut found = self.rows(table).iter().filter(|row| row.get(column).is_some_and(|text| text == value));
        let row = found.next().unwrap_or_else(|| panic!("no {table} with {column} = {value}"));
        assert!(found.next().is_none(), "two {table} with {column} = {value}");
        row
    }

    #[must_use]
    pub(crate) fn account(&self, login: &str) -> &Row {
        self.one("accounts", "login", login)
    }

    #[must_use]
    pub(crate) fn attributes(&self, login: &str) -> serde_json::Value {
        serde_json::from_str(&self.account(login)["attributes"]).unwrap()
    }

    #[must_use]
    pub(crate) fn entitlement(&self, name: &str) -> &Row {
        self.one("entitlements", "name", name)
    }

    /// Grants of an account, `name direct` or `name nested path`, sorted.
    #[must_use]
    pub(crate) fn grants(&self, login: &str) -> Vec<String> {
        let account = &self.account(login)["account_id"];
        let mut all: Vec<String> = self
            .rows("grants")
            .iter()
            .filter(|row| row["account_id"] == *account)
            .map(|row| {
                let name = &self.one("entitlements", "entitlement_id", &row["entitlement_id"])["name"];
                match row.get("via") {
                    None if row["direct"] == "true" => format!("{name} direct"),
                    None => format!("{name} somehow"),
                    Some(via) => format!("{name} nested {via}"),
                }
            })
            .collect();
        all.sort();
        all
    }
}

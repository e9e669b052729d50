//! What the source makes of exports, of a server, and of captures of both.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unnecessary_wraps,
    reason = "tests"
)]

mod exports;
mod fake;
mod live;
mod look;
mod shared;
mod tls;
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::*;
use crate::snapshot::schema::{Record, Row};
use crate::snapshot::value::Value;
use crate::sources::SinkError;

type Cells = BTreeMap<&'static str, String>;

/// Rows by table, cells as text; null cells are left out.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    rows: BTreeMap<&'static str, Vec<Cells>>,
    rejects: Vec<(u64, String, String)>,
}

impl Sink for Kept {
    fn push(&mut self, record: Record<'_>) -> Result<(), SinkError> {
        let table = record.table();
        let mut columns = table.columns.iter();
        let mut row = Cells::new();
        record.cells(&mut |cell| {
            let column = columns.next().unwrap().name;
            let text = match cell {
                Value::Null => return,
                Value::Text(text) => text.into_owned(),
                Value::Bool(value) => value.to_string(),
                Value::Time(value) => value.to_string(),
                other => format!("{other:?}"),
            };
            row.insert(column, text);
        });
        self.rows.entry(table.name).or_default().push(row);
        Ok(())
    }
    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        self.rejects.push((row, reason.into(), excerpt.into()));
        Ok(())
    }
    fn progress(&mut self, _: u64) {}
}

impl Kept {
    fn table(&self, name: &str) -> &[Cells] {
        self.rows.get(name).map_or(&[], Vec::as_slice)
    }

    fn account(&self, login: &str) -> &Cells {
        self.table("accounts").iter().find(|row| row["login"] == login).unwrap_or_else(|| panic!("no account {login}"))
    }

    fn attributes(&self, login: &str) -> Json {
        serde_json::from_str(&self.account(login)["attributes"]).unwrap()
    }

    fn entitlement(&self, name: &str) -> &Cells {
        self.table("entitlements").iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no entitlement {name}"))
    }

    /// `name` for what is held directly, `name < way` for the rest; sorted.
    fn rights(&self, login: &str) -> Vec<String> {
        let account = &self.account(login)["account_id"];
        let names: BTreeMap<&str, &str> =
            self.table("entitlements").iter().map(|row| (row["entitlement_id"].as_str(), row["name"].as_str())).collect();
        let mut rights: Vec<String> = self
            .table("grants")
            .iter()
            .filter(|grant| &grant["account_id"] == account)
            .map(|grant| {
                let name = names[grant["entitlement_id"].as_str()];
                assert_eq!(grant["direct"] == "true", !grant.contains_key("via"), "{grant:?}");
                grant.get("via").map_or_else(|| name.to_owned(), |via| format!("{name} < {via}"))
            })
            .collect();
        rights.sort();
        rights
    }
}

fn request(base: &Path) -> Request {
    Request {
        source: "sso".into(),
        system: "KC".into(),
        zone: TimeZone::UTC,
        as_of: "2026-10-05T08:00:00Z".parse().unwrap(),
        base: base.to_owned(),
    }
}

/// Reads with a configuration; gives what was said, kept and captured.
fn harvest(base: &Path, config: &str) -> (Result<Reading, String>, Kept, Vec<u8>) {
    let config: KeycloakConfig = toml::from_str(config).unwrap();
    let (mut kept, mut capture) = (Kept::default(), vec![]);
    let reading = config.harvest(&request(base), &mut kept, &mut capture).map_err(|error| error.to_string());
    if let Ok(reading) = &reading {
        assert_eq!(reading.rows_seen, reading.rows_kept + kept.rejects.len() as u64, "{reading:?}");
    }
    (reading, kept, capture)
}

/// Reads a capture again: same rows, same arithmetic, same capture.
fn assert_again(config: &str, reading: &Reading, kept: &Kept, capture: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("capture.jsonl"), capture).unwrap();
    let (second, rows, recaptured) = harvest(dir.path(), &format!("files = ['capture.jsonl']\n{config}"));
    let second = second.unwrap();
    assert_eq!(&rows, kept);
    assert_eq!((second.rows_seen, second.rows_kept, &second.details), (reading.rows_seen, reading.rows_kept, &reading.details));
    assert_eq!((second.server_count, &second.incomplete), (reading.server_count, &reading.incomplete));
    assert_eq!(String::from_utf8(recaptured).unwrap(), String::from_utf8(capture.to_vec()).unwrap());
}

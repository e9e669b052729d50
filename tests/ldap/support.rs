//! Harvesting a live directory into memory, and an independent reading of the same directory to hold it against.
#![allow(dead_code, reason = "shared by several test binaries")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;

use base64::Engine as _;
use probant::snapshot::schema::Record;
use probant::sources::ldap::LdapConfig;
use probant::sources::{Reading, Request, Sink, SinkError, Source as _, SourceError};

use crate::ldif_support::{Row, Rows, harvest_bytes};

/// The instant of these tests.
pub(crate) const AS_OF: &str = "2026-11-01T00:00:00Z";

/// What `tests/servers/up` wrote about one server. Without `PROBANT_TEST_SERVERS`: `None`, loudly. With it, a server that is not there
/// fails the test.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the servers are")]
pub(crate) fn server(name: &str) -> Option<BTreeMap<String, String>> {
    static SAID: Once = Once::new();
    let Some(folder) = std::env::var_os("PROBANT_TEST_SERVERS").map(PathBuf::from) else {
        // Written directly: the harness swallows what a passing test prints.
        SAID.call_once(|| {
            let text = "SKIPPED: REAL DIRECTORY SERVERS ARE NOT TESTED: start them with tests/servers/up <folder> and set PROBANT_TEST_SERVERS=<folder>\n";
            std::io::stderr().write_all(text.as_bytes()).unwrap();
        });
        return None;
    };
    let file = folder.join(format!("{name}.env"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("PROBANT_TEST_SERVERS is set, but {name} is not up: {}: {error}; see tests/servers/up", file.display())
    });
    Some(text.lines().filter_map(|line| line.split_once('=')).map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

/// A password in a file beside the servers, which goes when they go. Tests run side by side: it appears whole.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the servers are")]
pub(crate) fn password_file(name: &str, password: &str) -> String {
    let folder = PathBuf::from(std::env::var_os("PROBANT_TEST_SERVERS").unwrap());
    let path = folder.join(format!("{name}.password"));
    // Made for its owner only, as the product demands.
    let mut file = tempfile::NamedTempFile::new_in(&folder).unwrap();
    file.write_all(format!("{password}\nsecond line\n").as_bytes()).unwrap();
    file.persist(&path).unwrap();
    path.display().to_string()
}

#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) rows: Rows,
    pub(crate) progress: Vec<u64>,
}

impl Sink for Counted {
    fn push(&mut self, record: Record<'_>) -> Result<(), SinkError> {
        self.rows.push(record)
    }
    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        self.rows.reject(row, reason, excerpt)
    }
    fn progress(&mut self, rows_seen: u64) {
        self.progress.push(rows_seen);
    }
}

pub(crate) struct Harvested {
    pub(crate) tables: BTreeMap<&'static str, Vec<Row>>,
    pub(crate) capture: Vec<u8>,
    pub(crate) reading: Reading,
}

pub(crate) fn request() -> Request {
    Request { as_of: AS_OF.parse().unwrap(), ..crate::ldif_support::request() }
}

pub(crate) fn config(keys: &str) -> LdapConfig {
    toml::from_str(keys).unwrap_or_else(|error| panic!("{keys}\n{error}"))
}

/// Harvests, and holds the arithmetic and the raw capture to what they promise.
pub(crate) fn harvest(keys: &str) -> Result<Harvested, SourceError> {
    let mut sink = Counted::default();
    let mut capture = vec![];
    let reading = config(keys).harvest(&request(), &mut sink, &mut capture)?;
    let Rows { tables, rejects } = sink.rows;
    assert_eq!(reading.rows_seen, reading.rows_kept + rejects.len() as u64, "the arithmetic");
    Ok(Harvested { tables, capture, reading })
}

/// The message of a harvest that cannot be.
pub(crate) fn refused(keys: &str) -> String {
    match harvest(keys) {
        Ok(got) => panic!("{} rows came: {:?}", got.reading.rows_seen, got.reading.incomplete),
        Err(error) => error.to_string(),
    }
}

impl Harvested {
    pub(crate) fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn account(&self, login: &str) -> &Row {
        let mut found = self.rows("accounts").iter().filter(|row| row["login"] == login);
        let row = found.next().unwrap_or_else(|| panic!("no account {login}"));
        assert!(found.next().is_none(), "two accounts {login}");
        row
    }

    /// Names of the groups an account holds; nested ones with a star.
    pub(crate) fn groups(&self, login: &str) -> Vec<String> {
        let account = &self.account(login)["account_id"];
        let names: BTreeMap<&str, &str> =
            self.rows("entitlements").iter().map(|row| (row["entitlement_id"].as_str(), row["name"].as_str())).collect();
        let grants = self.rows("grants").iter().filter(|row| row["account_id"] == *account);
        let mut all: Vec<String> = grants
            .map(|row| format!("{}{}", names[row["entitlement_id"].as_str()], if row["direct"] == "true" { "" } else { "*" }))
            .collect();
        all.sort();
        all
    }

    pub(crate) fn incomplete(&self) -> &str {
        self.reading.incomplete.as_deref().unwrap_or("complete")
    }

    /// The raw capture, read as an export, gives the same tables.
    pub(crate) fn assert_capture_reads_back(&self, keys: &str) {
        let again = harvest_bytes(&self.capture, keys).unwrap();
        // That reading is made for another instant, on which only locks depend.
        for table in ["accounts", "entitlements", "grants"] {
            let strip = |rows: &[Row]| -> Vec<Row> {
                let mut rows: Vec<Row> = rows.to_vec();
                for row in &mut rows {
                    row.remove("locked");
                }
                rows
            };
            assert!(strip(self.rows(table)) == strip(again.rows(table)), "{table} differ");
        }
        assert_eq!(again.reading.rows_seen, self.reading.rows_seen);
        assert_eq!(
            again.reading.incomplete.is_some(),
            self.reading.incomplete.is_some(),
            "{:?} {:?}",
            again.reading.incomplete,
            self.reading.incomplete
        );
    }
}

/// An entry as `ldapsearch` printed it.
#[derive(Debug, Default)]
pub(crate) struct Printed {
    pub(crate) dn: String,
    values: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Printed {
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.bytes(name).iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect()
    }
    pub(crate) fn bytes(&self, name: &str) -> &[Vec<u8>] {
        self.values.get(&name.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default()
    }
    pub(crate) fn one(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }
}

/// Runs `ldapsearch` and reads what it prints: a parser of a few lines, with nothing in common with the product's.
pub(crate) fn ldapsearch(arguments: &[&str], environment: &[(&str, &str)]) -> Vec<Printed> {
    let output = Command::new("ldapsearch")
        .args(["-LLL", "-o", "ldif-wrap=no"])
        .args(arguments)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    records(&String::from_utf8(output.stdout).unwrap())
}

/// Entries of unfolded LDIF as tools print it.
pub(crate) fn records(text: &str) -> Vec<Printed> {
    let mut all = vec![];
    for record in text.split("\n\n") {
        let mut entry = Printed::default();
        for line in record.lines() {
            let Some((name, value)) = line.split_once(':').filter(|_| !line.starts_with('#')) else { continue };
            let value = match value.strip_prefix(':') {
                Some(coded) => base64::engine::general_purpose::STANDARD.decode(coded.trim()).unwrap(),
                None => value.trim_start().as_bytes().to_vec(),
            };
            if name == "dn" {
                entry.dn = String::from_utf8(value).unwrap();
            } else {
                entry.values.entry(name.to_ascii_lowercase()).or_default().push(value);
            }
        }
        if !entry.dn.is_empty() {
            all.push(entry);
        }
    }
    all
}

/// Generalized time as RFC 3339, in UTC, for comparison: `20260101081500.123456Z`.
pub(crate) fn instant(written: &str) -> String {
    let (whole, fraction) = written.trim_end_matches('Z').split_once('.').unwrap_or((written.trim_end_matches('Z'), ""));
    let fraction = fraction.trim_end_matches('0');
    let fraction = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    format!("{}-{}-{}T{}:{}:{}{fraction}Z", &whole[..4], &whole[4..6], &whole[6..8], &whole[8..10], &whole[10..12], &whole[12..14])
}

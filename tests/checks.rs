//! Each built-in check against a small snapshot made by hand (`tests/checks/cases.toml`), with the real writer and engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use probant::judge::assess::{Request, assess};
use probant::judge::check::{self, Check};
use probant::judge::controls::{self, Framework};
use probant::judge::finding::{Finding, Status, Subject};
use probant::judge::period::Span;
use probant::judge::soa::Soa;
use probant::snapshot::manifest::{Manifest, TABLES as FOLDER};
use probant::snapshot::schema::{Column, Record, TABLES};
use probant::snapshot::value::{Days, Kind, Micros, Value};
use probant::snapshot::writer::TablesWriter;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    as_of: Timestamp,
    period: Ends,
    case: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
struct Ends {
    start: Timestamp,
    end: Timestamp,
}

#[derive(Deserialize)]
struct Case {
    population: u64,
    exceptions: Vec<String>,
    #[serde(default)]
    undetermined: Vec<String>,
    #[serde(default)]
    rows: BTreeMap<String, Vec<toml::Table>>,
}

fn cell(column: &Column, written: Option<&toml::Value>) -> Value<'static> {
    let Some(written) = written else {
        return match (column.nullable, column.kind) {
            (true, _) => Value::Null,
            (_, Kind::Text | Kind::List) => Value::Text("".into()),
            (_, Kind::Bool) => Value::Bool(false),
            (_, Kind::Int) => Value::Int(0),
            (_, Kind::Real) => Value::Real(0.0),
            (_, Kind::Time) => Value::Time(Micros(0)),
            (_, Kind::Date) => Value::Date(Days(0)),
        };
    };
    let text = || written.as_str().unwrap().to_owned();
    match column.kind {
        Kind::Text | Kind::List => Value::Text(text().into()),
        Kind::Bool => Value::Bool(written.as_bool().unwrap()),
        Kind::Int => Value::Int(written.as_integer().unwrap()),
        Kind::Real => Value::Real(written.as_float().unwrap()),
        Kind::Time => Value::Time(text().parse::<Timestamp>().unwrap().into()),
        Kind::Date => Value::Date(text().parse::<Date>().unwrap().into()),
    }
}

/// Writes a snapshot with the rows of a case; a fresh collection that feeds every table unless the case has collections.
fn snapshot(folder: &Path, cases: &Cases, rows: &BTreeMap<String, Vec<toml::Table>>) {
    let mut tables = TablesWriter::start(&folder.join(FOLDER)).unwrap();
    let mut all = rows.clone();
    all.entry("collections".into()).or_insert_with(|| {
        let names: Vec<&str> = TABLES.iter().map(|t| t.name).collect();
        let text = format!(
            "collection_id = 'x'\nsource = 'x'\ntables = '{}'\nevidence_at = '{}'\ncomplete = true",
            names.join(";"),
            cases.as_of
        );
        vec![text.parse().unwrap()]
    });
    for (name, rows) in &all {
        let table = TABLES.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"));
        for row in rows {
            for key in row.keys() {
                assert!(table.position(key).is_some(), "{name} has no column {key}");
            }
            let mut columns = table.columns.iter();
            let record = Record::stored(name, &mut || {
                let column = columns.next().unwrap();
                cell(column, row.get(column.name))
            });
            tables.all("x", record).unwrap();
        }
    }
    let rows = tables.finish().unwrap();
    Manifest::make(folder, "test", cases.as_of, "test", &rows).unwrap().write(folder).unwrap();
}

fn judge(folder: &Path, cases: &Cases, checks: &[Check]) -> Vec<Finding> {
    let framework = Framework::iso27001().unwrap();
    let period = Span { label: "test".into(), start: cases.period.start, end: cases.period.end };
    let request = Request {
        snapshot: folder,
        framework: &framework,
        checks,
        soa: &Soa::default(),
        params: &BTreeMap::new(),
        skipped: &BTreeMap::new(),
        outside: &[],
        organisation: "test",
        as_of: cases.as_of,
        period: &period,
        zone: &TimeZone::UTC,
        zone_name: "UTC",
    };
    assess(&request).unwrap().findings
}

fn keys(subjects: &[Subject]) -> Vec<String> {
    subjects.iter().map(|s| s.key.clone()).collect()
}

#[test]
fn every_check_finds_what_its_case_says_and_nothing_else() {
    let cases: Cases = toml::from_str(include_str!("checks/cases.toml")).unwrap();
    let framework = Framework::iso27001().unwrap();
    let all = controls::checks(&[], &framework).unwrap();
    let ids: BTreeSet<&str> = all.iter().map(|c| c.id.as_str()).collect();
    let told: BTreeSet<&str> = cases.case.keys().map(String::as_str).collect();
    assert_eq!(ids, told, "every check has a case, every case a check");
    assert!(ids.len() >= 20);

    for check in &all {
        let case = &cases.case[&check.id];
        let folder = tempfile::tempdir().unwrap();
        snapshot(folder.path(), &cases, &case.rows);
        let finding = judge(folder.path(), &cases, std::slice::from_ref(check)).remove(0);
        let id = &check.id;
        assert_ne!(finding.status, Status::Broken, "{id}: {}", finding.reason.en);
        assert_eq!(keys(&finding.exceptions), case.exceptions, "{id}: exceptions");
        assert_eq!(keys(&finding.undetermined), case.undetermined, "{id}: undetermined");
        assert_eq!(finding.counts.population, case.population, "{id}: population");
        let c = finding.counts;
        assert_eq!(c.population, c.conform + c.exceptions + c.accepted + c.undetermined, "{id}");
    }
}

fn leavers(cases: &Cases, change: impl FnOnce(&mut BTreeMap<String, Vec<toml::Table>>)) -> Finding {
    let framework = Framework::iso27001().unwrap();
    let checks: Vec<Check> =
        controls::checks(&[], &framework).unwrap().into_iter().filter(|c| c.id == "leaver-with-active-account").collect();
    let mut rows = cases.case["leaver-with-active-account"].rows.clone();
    change(&mut rows);
    let folder = tempfile::tempdir().unwrap();
    snapshot(folder.path(), cases, &rows);
    judge(folder.path(), cases, &checks).remove(0)
}

fn derogation(subject: &str, expires: &str) -> toml::Table {
    format!("exception_id = 'D-1'\ncheck_id = 'leaver-with-active-account'\nsubject = '{subject}'\napprover = 'RSSI'\napproved_on = '2026-01-01'\nexpires_on = '{expires}'\nreason = 'x'")
        .parse()
        .unwrap()
}

#[test]
fn a_derogation_is_shown_apart_and_counts_again_once_expired() {
    let cases: Cases = toml::from_str(include_str!("checks/cases.toml")).unwrap();
    let finding = leavers(&cases, |rows| {
        rows.insert("exceptions".into(), vec![derogation("AD:declared", "2026-10-05")]);
    });
    assert_eq!(keys(&finding.exceptions), ["AD:left-two-days-ago"]);
    assert_eq!((finding.accepted.len(), finding.accepted[0].subject.key.as_str()), (1, "AD:declared"));
    assert_eq!(finding.accepted[0].approver, "RSSI");

    let finding = leavers(&cases, |rows| {
        rows.insert("exceptions".into(), vec![derogation("AD:declared", "2026-10-04")]);
    });
    assert_eq!(finding.accepted, []);
    assert_eq!(finding.counts.exceptions, 2);
    assert_eq!(finding.expired_exceptions.len(), 1);
}

fn collection(tables: &str, evidence_at: &str, complete: bool) -> toml::Table {
    let at = if evidence_at.is_empty() { String::new() } else { format!("evidence_at = '{evidence_at}'") };
    format!("collection_id = '{tables}'\nsource = 'x'\ntables = '{tables}'\ncomplete = {complete}\n{at}").parse().unwrap()
}

#[test]
fn no_check_passes_by_absence() {
    let cases: Cases = toml::from_str(include_str!("checks/cases.toml")).unwrap();
    // Nobody is guilty in these snapshots; only the evidence differs.
    let status = |collections: Vec<toml::Table>| {
        leavers(&cases, |rows| {
            rows.clear();
            rows.insert("people".into(), vec!["person_id = 'RH:1'\nstatus = 'active'".parse().unwrap()]);
            rows.insert(
                "accounts".into(),
                vec!["account_id = 'A:1'\nenabled = true\nperson_id = 'RH:1'\nlink_status = 'definite'".parse().unwrap()],
            );
            rows.insert("collections".into(), collections);
        })
        .status
    };
    let fresh = "2026-10-05T00:00:00Z";
    assert_eq!(status(vec![collection("people;accounts", fresh, true)]), Status::Satisfied);
    assert_eq!(status(vec![collection("people", fresh, true)]), Status::NotCollected);
    assert_eq!(status(vec![collection("people;accounts", fresh, false)]), Status::Incomplete);
    assert_eq!(
        status(vec![collection("people", fresh, true), collection("accounts", "2026-09-01T00:00:00Z", true)]),
        Status::Stale
    );
    // One of two account sources was not collected: what is not there cannot be judged.
    assert_eq!(status(vec![collection("people;accounts", fresh, true), collection("accounts", "", false)]), Status::Incomplete);
    assert_eq!(status(vec![collection("people", fresh, true), collection("accounts", "", false)]), Status::NotCollected);
}

#[test]
fn a_bad_check_file_is_refused_with_its_place() {
    let refused = |from: &str, to: &str| {
        let good = "[check.x]\ncontrols = [\"A.5.16\"]\nseverity = \"low\"\nneeds = { documents = \"7d\" }\n\
             population = \"SELECT document_id FROM documents\"\n\
             exceptions = \"\"\"\nSELECT document_id\nFROM documents WHERE path = ''\"\"\"\n\
             [check.x.fr]\ntitle = \"t\"\nremediation = \"r\"\n[check.x.en]\ntitle = \"t\"\nremediation = \"r\"\n";
        let text = good.replace(from, to);
        assert!(from.is_empty() || text != good, "{from}");
        let read = check::read("own.toml", &text);
        let checked = read.and_then(|checks| {
            probant::judge::assess::validate(&checks)?;
            controls::checks(&[("own.toml".into(), text.clone())], &Framework::iso27001().unwrap()).map(|_| ())
        });
        checked.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(refused("", ""), "");
    let message = refused("severity = \"low\"", "severity = \"lo\"");
    assert!(message.starts_with("own.toml, line 3, column 12: unknown variant `lo`, expected one of"), "{message}");
    let message = refused("needs = { documents", "needs = { document");
    assert!(message.contains("line 4") && message.contains("there is no table `document`"), "{message}");
    let message = refused("FROM documents WHERE", "FORM documents WHERE");
    assert!(message.starts_with("own.toml, line 8, column 6") || message.starts_with("own.toml, line 8, column 1"), "{message}");
    let message = refused("path = ''", "paht = ''");
    assert!(message.starts_with("own.toml, line 8, column 22") && message.contains("paht"), "{message}");
    let message = refused("A.5.16", "A.5.61");
    assert!(message.contains("line 2") && message.contains("has no control A.5.61"), "{message}");
    let message = refused("path = ''", "owner = ''");
    assert!(message.contains("columns that may be null (owner)") && message.contains("undetermined"), "{message}");
}

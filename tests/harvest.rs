//! The harvest, for any behaviour of a source: what it pushed is what the snapshot holds, and `rows_seen = rows_kept +
//! rows_rejected` or the collection says that it is incomplete.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;
use probant::context::Context;
use probant::harvest::correlation::Correlation;
use probant::harvest::{Harvested, Job, Outcome, Plan, Progress, harvest};
use probant::snapshot::manifest::Manifest;
use probant::snapshot::read;
use probant::snapshot::schema::{Account, Collection, Grant, Reject};
use probant::sources::{RawCapture, Reading, Request, Sink, Source, SourceError};
use probant::store::{self, Store, digest, raw};
use proptest::prelude::*;

/// What a source does with one of its rows.
#[derive(Debug, Clone)]
enum Step {
    Account {
        login: String,
        enabled: Option<bool>,
    },
    Grant {
        login: String,
        right: String,
    },
    /// Understood, and makes no row.
    Structure,
    Refused {
        reason: String,
        excerpt: String,
    },
}

/// How it ends.
#[derive(Debug, Clone, PartialEq)]
enum End {
    /// Only after a while.
    Slowly,
    Panics,
    Whole,
    Partial(String),
    /// It miscounts: the harvest must notice.
    Lies,
    Fails(String),
}

#[derive(Debug, Clone)]
struct Scripted {
    steps: Vec<Step>,
    end: End,
}

impl Source for Scripted {
    fn tables(&self) -> Vec<&'static str> {
        vec!["accounts", "grants"]
    }

    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn RawCapture) -> Result<Reading, SourceError> {
        let mut kept = 0;
        for (row, step) in (1..).zip(&self.steps) {
            writeln!(capture, "{step:?}").map_err(SourceError::Capture)?;
            match step {
                Step::Account { login, enabled } => sink.push(
                    Account {
                        account_id: format!("{}:{row}:{login}", request.system).into(),
                        system: request.system.as_str().into(),
                        login: login.into(),
                        enabled: *enabled,
                        kind: "human".into(),
                        link_status: "none".into(),
                        last_login_precision: "none".into(),
                        attributes: "{}".into(),
                        ..Account::default()
                    }
                    .into(),
                )?,
                Step::Grant { login, right } => {
                    sink.push(Grant { account_id: login.into(), entitlement_id: right.into(), direct: true, via: None }.into())?;
                }
                Step::Structure => {}
                Step::Refused { reason, excerpt } => {
                    sink.reject(row, reason, excerpt)?;
                    continue;
                }
            }
            kept += 1;
        }
        let reading = Reading {
            endpoint: "script".into(),
            rows_seen: self.steps.len() as u64,
            rows_kept: kept,
            pages: 1,
            ..Reading::default()
        };
        match &self.end {
            End::Whole => Ok(reading),
            End::Slowly => {
                std::thread::sleep(Duration::from_millis(300));
                Ok(reading)
            }
            End::Panics => panic!("a defect, on purpose"),
            End::Partial(why) => Ok(Reading { incomplete: Some(why.clone()), ..reading }),
            End::Lies => Ok(Reading { rows_seen: reading.rows_seen + 1, ..reading }),
            End::Fails(message) => Err(SourceError::File { path: "script".into(), message: message.clone() }),
        }
    }
}

struct Silent;

impl Progress for Silent {
    fn started(&mut self, _source: &str, _at: usize, _of: usize) {}
    fn rows(&mut self, _source: &str, _rows_seen: u64) {}
    fn ended(&mut self, _outcome: &Outcome) {}
}

fn run(folder: &Path, scripts: &[Scripted]) -> Harvested {
    run_at_once(folder, scripts, 2)
}

fn run_at_once(folder: &Path, scripts: &[Scripted], parallel: usize) -> Harvested {
    // Ids carry the instant: what is compared must be made at the same one.
    let context = Context::system().unwrap().stopped_at("2026-10-05T08:00:00Z".parse().unwrap());
    let jobs = scripts
        .iter()
        .enumerate()
        .map(|(n, script)| Job {
            id: format!("s{n}"),
            system: format!("S{n}"),
            kind: "script",
            source: Box::new(script.clone()),
            zone: TimeZone::UTC,
            evidence_at: None,
            evidence_from_name: None,
            skip: None,
        })
        .collect();
    let plan = Plan {
        jobs,
        correlation: Correlation::default(),
        declarations: None,
        exceptions: None,
        organisation: "test".into(),
        base: folder.to_owned(),
        as_of: context.now(),
        zone: TimeZone::UTC,
        parallel,
        witness: None,
    };
    let mut store = Store::open(folder, context.now()).unwrap();
    harvest(&plan, &mut store, &context, &mut Silent).unwrap()
}

fn step() -> impl Strategy<Value = Step> {
    let text = || proptest::string::string_regex("[ -~é€\u{202e}\n;=@]{0,12}").unwrap();
    prop_oneof![
        4 => (text(), proptest::option::of(any::<bool>())).prop_map(|(login, enabled)| Step::Account { login, enabled }),
        2 => (text(), text()).prop_map(|(login, right)| Step::Grant { login, right }),
        1 => Just(Step::Structure),
        2 => (text(), text()).prop_map(|(reason, excerpt)| Step::Refused { reason, excerpt }),
    ]
}

fn script() -> impl Strategy<Value = Scripted> {
    let end = prop_oneof![
        3 => Just(End::Whole),
        1 => Just(End::Partial("size limit".into())),
        1 => Just(End::Lies),
        1 => Just(End::Fails("cannot be read".into())),
    ];
    (proptest::collection::vec(step(), 0..40), end).prop_map(|(steps, end)| Scripted { steps, end })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_was_pushed_is_what_is_held_and_the_arithmetic_holds(scripts in proptest::collection::vec(script(), 1..4)) {
        let folder = tempfile::tempdir().unwrap();
        let harvested = run(folder.path(), &scripts);
        let collections: BTreeMap<String, Collection<'static>> =
            read::rows::<Collection<'static>>(&harvested.folder).unwrap().into_iter().map(|c| (c.source.to_string(), c)).collect();
        prop_assert_eq!(collections.len(), scripts.len());

        let accounts: Vec<Account<'static>> = read::rows(&harvested.folder).unwrap();
        let rejects: Vec<Reject<'static>> = read::rows(&harvested.folder).unwrap();
        let mut expected = vec![];
        let mut refused = 0;
        for (n, script) in scripts.iter().enumerate() {
            let collection = &collections[&format!("s{n}")];
            let told = collection.rows_kept + collection.rows_rejected;
            // Either the sum holds, or the collection says that it does not.
            prop_assert!(collection.rows_seen == told || !collection.complete);
            prop_assert_eq!(collection.complete, script.end == End::Whole);
            prop_assert_eq!(collection.incomplete_reason.is_some(), script.end != End::Whole);
            let rejected = script.steps.iter().filter(|s| matches!(s, Step::Refused { .. })).count();
            prop_assert_eq!(usize::try_from(collection.rows_rejected).unwrap(), rejected);
            refused += rejected;
            for (row, step) in (1..).zip(&script.steps) {
                if let Step::Account { login, enabled } = step {
                    expected.push((format!("S{n}:{row}:{login}"), login.clone(), *enabled));
                }
            }
            if let Some(sha256) = &collection.raw_sha256 {
                let mut back = String::new();
                raw::open(&folder.path().join("raw"), sha256).unwrap().read_to_string(&mut back).unwrap();
                prop_assert_eq!(digest::hex(back.as_bytes()), sha256.as_ref());
                prop_assert_eq!(back.lines().count(), script.steps.len());
            }
        }
        let held: Vec<_> = accounts.iter().map(|a| (a.account_id.to_string(), a.login.to_string(), a.enabled)).collect();
        prop_assert_eq!(held, expected);
        prop_assert_eq!(rejects.len(), refused);

        // The manifest in the ledger digests the files as they are.
        let manifest = Manifest::read(&harvested.folder).unwrap();
        for (name, table) in &manifest.tables {
            let path = harvested.folder.join("tables").join(format!("{name}.parquet"));
            prop_assert_eq!(&digest::hex(&std::fs::read(path).unwrap()), &table.sha256);
        }
        prop_assert_eq!(store::newest_snapshot(folder.path()).unwrap(), harvested.folder);
    }
}

#[test]
fn a_failed_source_does_not_stop_the_others_and_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let one = Step::Account { login: "x".into(), enabled: None };
    let harvested = run(
        folder.path(),
        &[
            Scripted { steps: vec![one.clone()], end: End::Fails("no such share".into()) },
            Scripted { steps: vec![one], end: End::Whole },
        ],
    );
    let failed: Vec<(&str, bool)> = harvested.outcomes.iter().map(|o| (o.source.as_str(), o.failed)).collect();
    assert_eq!(failed, [("s0", true), ("s1", false)]);
    assert_eq!(harvested.outcomes[0].reason.as_deref(), Some("script: no such share"));
    let collections: Vec<Collection<'static>> = read::rows(&harvested.folder).unwrap();
    assert_eq!(collections[0].evidence_at, None, "nothing is known of when it was true");
    assert_eq!(collections[0].evidence_at_basis, "none");
}

/// Sources that give more rows than a batch holds, rejects among them; the first is the slowest.
fn several() -> Vec<Scripted> {
    let rows = |n: usize| -> Vec<Step> {
        (0..n)
            .map(|row| match row % 5 {
                0 => Step::Account { login: format!("u{row}"), enabled: (row % 3 == 0).then_some(row % 2 == 0) },
                4 if row % 400 == 4 => Step::Refused { reason: "odd".into(), excerpt: format!("row {row}") },
                _ => Step::Grant { login: format!("u{}", row / 5), right: format!("r{}", row % 97) },
            })
            .collect()
    };
    let script = |n, end| Scripted { steps: rows(n), end };
    vec![
        script(120_000, End::Slowly),
        script(40, End::Whole),
        script(100_000, End::Whole),
        script(7, End::Fails("no such share".into())),
        script(200, End::Partial("size limit".into())),
        script(3, End::Panics),
        script(90_000, End::Whole),
    ]
}

#[test]
fn the_tables_are_the_same_bytes_however_many_sources_are_read_at_once() {
    let tables = |parallel: usize| {
        let folder = tempfile::tempdir().unwrap();
        let harvested = run_at_once(folder.path(), &several(), parallel);
        let order: Vec<String> = harvested.outcomes.iter().map(|outcome| outcome.source.clone()).collect();
        assert_eq!(order, ["s0", "s1", "s2", "s3", "s4", "s5", "s6"]);
        let mut files = BTreeMap::new();
        for name in ["accounts", "grants", "rejects", "collections"] {
            files.insert(name, std::fs::read(harvested.folder.join("tables").join(format!("{name}.parquet"))).unwrap());
        }
        let collections: Vec<Collection<'static>> = read::rows(&harvested.folder).unwrap();
        let told: Vec<String> = collections
            .iter()
            .map(|c| format!("{} {} {} {} {:?}", c.source, c.rows_kept, c.rows_rejected, c.complete, c.raw_sha256))
            .collect();
        (files, told)
    };
    let one = tables(1);
    assert_eq!(one.1.len(), 7);
    for parallel in [2, 4, 7] {
        let several = tables(parallel);
        assert_eq!(several.1, one.1, "{parallel} at once");
        assert!(several.0 == one.0, "{parallel} at once: other bytes");
    }
}

#[test]
fn a_source_that_panics_or_fails_among_others_is_one_failed_source() {
    let folder = tempfile::tempdir().unwrap();
    let harvested = run_at_once(folder.path(), &several(), 4);
    let failed: Vec<&str> = harvested.outcomes.iter().filter(|o| o.failed).map(|o| o.source.as_str()).collect();
    assert_eq!(failed, ["s3", "s5"]);
    let reason = harvested.outcomes[5].reason.as_deref().unwrap();
    assert!(reason.contains("a defect of Probant"), "{reason}");
    assert_eq!(harvested.outcomes[6].rows_seen, 90_000);
    let left = std::fs::read_dir(folder.path().join("raw")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).filter(|name| name != "sha256").collect();
    assert!(left.is_empty(), "captures of failed sources are left: {left:?}");
}

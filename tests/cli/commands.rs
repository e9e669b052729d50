//! The commands one by one: what they answer, in both languages and as JSON, and their exit codes.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::kit::{World, digest, done, files, ran, tool};

/// The samples hold a truncated, a stale and a missing source: a campaign opens on them only when each is accepted by name.
const OPEN: [&str; 8] = ["review", "open", "--accept-source", "extranet", "--accept-source", "nexus", "--accept-source", "oracle"];

/// The `schema` of every JSON answer, and that it is one document.
#[test]
fn json_answers_say_which_version_they_are() {
    let world = World::run_samples();
    for (arguments, schema) in [
        (&["harvest"][..], "probant.harvest.v1"),
        (&["assess"], "probant.assessment.v1"),
        (&["report"], "probant.report.v1"),
        (&OPEN, "probant.review.v1"),
        (&["bundle"], "probant.bundle.v1"),
        (&["run"], "probant.run.v1"),
        (&["drift"], "probant.drift.v1"),
        (&["sample", "people", "-n", "2"], "probant.sample.v1"),
        (&["sql", "SELECT COUNT(*) AS n FROM people"], "probant.sql.v1"),
        (&["checks", "list"], "probant.checks.v1"),
        (&["keys", "show"], "probant.key.v1"),
        (&["ledger"], "probant.ledger.v1"),
        (&["sources", "test", "rh"], "probant.harvest.v1"),
        (&["sources", "list"], "probant.sources.v1"),
        (&["sources", "kinds"], "probant.kinds.v1"),
        (&["checks", "explain", "orphan-account"], "probant.check.v1"),
    ] {
        let arguments = [arguments, &["--format", "json"]].concat();
        let done = world.probant(&arguments);
        let json: Value =
            serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{}{}", done.out, done.err));
        assert_eq!(json["schema"], schema, "{arguments:?}");
    }
}

#[test]
fn both_languages() {
    for (lang, said) in
        [("fr", ["Mesures (", "Écart", "Gravité", "élevée"]), ("en", ["Controls (", "Exception", "Severity", "high"])]
    {
        let summary = ran().probant(&["assess", "--lang", lang]).code(0).out;
        let one = ran().probant(&["assess", "--check", "orphan-account", "--lang", lang]).code(0).out;
        for word in said {
            assert!(summary.contains(word) || one.contains(word), "{lang}: no `{word}` in\n{summary}{one}");
        }
    }
    // The organisation's language when none is asked for.
    assert!(ran().probant(&["assess"]).code(0).out.contains("Mesures ("));
}

#[test]
fn checks_are_listed_shown_and_explained() {
    let json = ran().probant(&["checks", "list", "--format", "json"]).code(0).json();
    let listed: BTreeSet<String> =
        json["checks"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("controls/checks");
    let written: BTreeSet<String> =
        files(&root).iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(listed, written, "a check's file bears its name");
    assert!(listed.len() >= 20);

    let shown = ran().probant(&["checks", "show", "orphan-account"]).code(0).out;
    assert_eq!(shown, fs::read_to_string(root.join("orphan-account.toml")).unwrap());
    let explained = ran().probant(&["checks", "explain", "orphan-account", "--lang", "en"]).code(0).out;
    for word in ["What to do:", "Rests on: ", "accounts", "A.5.16", "orphan-account.toml"] {
        assert!(explained.contains(word), "no `{word}` in\n{explained}");
    }
    ran().probant(&["checks", "show", "nope"]).code(2).says(&["no check `nope`", "probant checks list"]);
}

#[test]
fn sql_answers_and_refuses() {
    // 2,197 and 142 rows kept, of which two are former contracts of people who came back.
    assert_eq!(ran().sql("SELECT COUNT(*) AS n FROM people"), [[Some("2337".to_owned())]]);
    let shown =
        ran().probant(&["sql", "SELECT system, expires_on FROM accounts ORDER BY account_id LIMIT 1", "--lang", "en"]).code(0);
    assert!(
        shown.out.contains("system") && shown.out.contains('∅') && shown.err.contains("1 row(s)"),
        "{}{}",
        shown.out,
        shown.err
    );
    ran().probant(&["sql", "SELECT nope FROM people"]).code(2).says(&["nope"]);
    ran().probant(&["sql", "SELECT 1 FROM nowhere"]).code(2).says(&["nowhere"]);
    ran().probant(&["sql", "SELECT 1 FROM people", "--snapshot", "2020"]).code(2).says(&["no snapshot `2020`", "20261005T080000Z"]);
}

#[test]
fn a_sample_can_be_drawn_again() {
    let draw = |options: &[&str]| {
        ran().probant(&[&["sample", "accounts", "-n", "10", "--format", "json"], options].concat()).code(0).json()
    };
    let (first, again, other) = (draw(&["--seed", "audit-1"]), draw(&["--seed", "audit-1"]), draw(&["--seed", "audit-2"]));
    assert_eq!(first, again);
    assert_eq!(first["rows"].as_array().unwrap().len(), 10);
    assert_ne!(first["rows"], other["rows"]);
    assert_eq!(draw(&[]), draw(&[]), "the snapshot's own seed");

    let part = draw(&["--where", "system = 'PAIE'"]);
    assert_eq!((part["population"].as_u64(), part["rows"].as_array().unwrap().len()), (Some(53), 10));
    assert!(part["rows"].as_array().unwrap().iter().all(|row| row[0].as_str().unwrap().starts_with("PAIE:")));
    ran().probant(&["sample", "comptes"]).code(2).says(&["no table `comptes`", "accounts"]);
    ran().probant(&["sample", "accounts", "--where", "nope = 1"]).code(2).says(&["nope"]);
}

#[test]
fn a_report_in_each_language_without_network() {
    let world = World::run_samples();
    let json = world.probant(&["report", "--format", "json"]).code(0).json();
    let reports: Vec<&str> = json["reports"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert!(reports[0].ends_with("rapport.html") && reports[1].ends_with("report.html"), "{reports:?}");
    for (path, lang, word) in [(reports[0], "lang=\"fr\"", "dérogation"), (reports[1], "lang=\"en\"", "derogation")] {
        let html = fs::read_to_string(world.folder.join(path)).unwrap();
        assert!(html.contains(lang) && html.to_lowercase().contains(word), "{path}");
        for outside in ["src=\"http", "href=\"http", "@import", "url(http"] {
            assert!(!html.contains(outside), "{path} reaches for {outside}");
        }
    }
}

#[test]
fn each_reviewer_gets_a_workbook() {
    let world = World::run_samples();
    fs::remove_dir_all(world.store().join("campaigns")).unwrap();
    world.probant(&["review", "open"]).code(2).says(&["the campaign is not opened", "source `nexus`", "--accept-source oracle"]);
    let json = world.probant(&[&OPEN[..], &["--format", "json"]].concat()).code(0).json();
    let paths = json["workbooks"].as_array().unwrap();
    assert!(paths.len() > 30 && json["lines"].as_u64().unwrap() > 3000, "{json}");
    for path in paths {
        let bytes = fs::read(world.folder.join(path.as_str().unwrap())).unwrap();
        assert!(bytes.starts_with(b"PK"), "{path} is no workbook");
    }
    world.probant(&OPEN).code(2).says(&["2026-annuelle is open already"]);
    let status = world.probant(&["review", "status", "--format", "json"]).code(0).json();
    assert_eq!(status["totals"]["items"], json["lines"]);
    assert_eq!(status["totals"]["decided"], 0);
    // Sent back as it was: not signed, so nothing is decided, and the campaign cannot be closed.
    let sent = world.folder.join(paths[0].as_str().unwrap());
    world.probant(&["review", "collect", sent.to_str().unwrap(), "--lang", "en"]).code(0);
    world.probant(&["review", "close"]).code(2).says(&["are not decided", "no-answer rule"]);
    let without = World::small();
    without.probant(&["harvest", "--quiet"]).code(0);
    without.probant(&["review", "open"]).code(2).says(&["no [review] section"]);
}

#[test]
fn bundles_are_chained() {
    let world = World::run_samples();
    let first = world.bundle();
    world.probant(&["bundle", "--quiet"]).code(0);
    let second = files(&world.store().join("bundles")).into_iter().find(|path| *path != first).unwrap();
    let member = |bundle: &std::path::Path, name: &str| tool(Command::new("unzip").arg("-p").arg(bundle).arg(name));
    let first_digest = digest(member(&first, "META-INF/ASiCManifest001.xml").as_bytes());
    let info = member(&second, "bag-info.txt");
    assert!(info.contains(&format!("Previous-Manifest-SHA256: {first_digest}")) && info.contains("Bundle-Seq: 2"), "{info}");
    let ledger = world.probant(&["ledger", "--format", "json"]).code(0).json();
    let events = ledger["entries"].as_array().unwrap();
    assert_eq!(events[events.len() - 1]["data"]["previous_manifest_sha256"], first_digest);
    assert_eq!(events[events.len() - 2]["data"]["manifest_sha256"], first_digest);
    let certificate = world.certificate().display().to_string();
    world.probant(&["verify", "--anchor", &certificate, &first.display().to_string(), &second.display().to_string()]).code(0);
}

#[test]
fn init_makes_a_configuration_that_works() {
    for lang in ["fr", "en"] {
        let world = World::empty();
        let init = || {
            let mut command = world.command(&["init", "--organisation", "Agence \"A\"", "--lang", lang]);
            command.env("PROBANT_PASSPHRASE", "une phrase assez longue");
            done(&mut command)
        };
        init().code(0);
        assert!(world.folder.join("probant.toml").exists() && world.folder.join("probant.schema.json").exists());
        world.probant(&["sources", "list"]).code(0);
        world.probant(&["checks", "list"]).code(0);
        let shown = world.probant(&["keys", "show"]).code(0);
        assert!(shown.out.contains("O=Agence \"A\"") || shown.out.contains("Agence \\\"A\\\""), "{}", shown.out);
        let before = fs::read(world.folder.join("probant.toml")).unwrap();
        init().code(2).says(&["exists already", "nothing was changed"]);
        assert_eq!(fs::read(world.folder.join("probant.toml")).unwrap(), before);
    }
}

#[test]
fn what_needs_no_configuration() {
    let world = World::empty();
    let kinds = world.probant(&["sources", "kinds", "--lang", "en"]).code(0).out;
    let schema: Value = serde_json::from_str(&world.probant(&["sources", "json-schema"]).code(0).out).unwrap();
    let text = schema.to_string();
    for kind in ["ldif", "table", "bpdbjobs", "jira", "documents"] {
        assert!(kinds.contains(kind), "{kind} is not listed");
        assert!(text.contains(&format!("\"const\":\"{kind}\"")), "{kind} is not in the JSON Schema");
    }
    let columns = world.probant(&["sources", "schema"]).code(0).out;
    for table in ["collections", "people", "accounts", "grants", "rejects", "exceptions", "remediations"] {
        assert!(columns.contains(table), "{table} is not in the page");
    }
    let bash = world.probant(&["completions", "bash"]).code(0).out;
    assert!(bash.contains("_probant()") && bash.contains("icinga"), "{bash}");
    let man = world.probant(&["man"]).code(0).out;
    assert!(man.starts_with(".ie") && man.contains(".TH probant 1"), "{man}");
    assert_eq!(world.probant(&["--version"]).code(0).out.trim(), concat!("probant ", env!("CARGO_PKG_VERSION")));
    world.probant(&["harvset"]).code(2).says(&["harvset", "harvest"]);
}

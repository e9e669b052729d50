//! The commands: each runs its stages and says what came of it. Exit codes are returned, never taken.

use std::path::Path;

use super::args::{Assess, Checks, Drift, Init, Judged, Review, Sample, Sources, Sql, Verify};
use super::console::{Bar, Console, number};
use super::failure::Failure;
use super::produce::{self, Parts};
use super::session::Session;
use super::summary;
use crate::bundle::{self, TrustAnchor};
use crate::config;
use crate::context::Context;
use crate::judge::drift;
use crate::judge::engine::Engine;
use crate::judge::finding::{Assessment, Status};
use crate::outputs::files;
use crate::snapshot::manifest::Manifest;
use crate::snapshot::pages;
use crate::sources::kinds::KINDS;
use crate::store::{SNAPSHOT_FILE, digest, ledger};

/// 0: done. 1: done, and there is something to act on. 2: could not do its work.
pub(super) type Exit = Result<u8, Failure>;

/// `probant run`.
pub(super) fn run(mut session: Session, judged: &Judged) -> Exit {
    let mut store = session.store()?;
    let harvested = produce::snapshot(&mut session, &mut store, judged)?;
    let mut assessment = session.assess(&harvested.folder, judged)?;
    assessment.findings.sort_by(|a, b| a.check_id.cmp(&b.check_id));
    let workbooks = produce::workbooks(&session, &harvested.folder, &assessment)?;
    let paths = workbooks.as_ref().map(|w| w.paths.clone()).unwrap_or_default();
    let name = produce::bundle_name(&session, &store, &assessment);
    let links = produce::links(&assessment, Some(name.clone()), &paths);
    let reports = produce::reports(&session, &harvested.folder, &assessment, &links)?;
    let parts = Parts { snapshot: &harvested.folder, assessment: &assessment, reports: &reports, workbooks: &paths };
    let bundle = produce::seal(&session, &mut store, &name, &parts)?;

    let console = &session.console;
    let failed: Vec<&str> = harvested.outcomes.iter().filter(|o| o.failed).map(|o| o.source.as_str()).collect();
    console.json(&summary::RunSummary {
        schema: "probant.run.v1",
        snapshot: &harvested.id,
        assessment: &assessment,
        files: [("snapshot", vec![harvested.folder.clone()]), ("reports", reports.clone()), ("workbooks", paths.clone()), ("bundle", vec![bundle.clone()])]
            .into(),
        failed_sources: failed.clone(),
    })?;
    summary::run(console, &assessment);
    console.say("");
    let show = |path: &Path| summary::shown(path, &session.context.folder);
    console.say(format!("{}  {}", console.pick("Instantané ", "Snapshot   "), show(&harvested.folder)));
    for report in &reports {
        console.say(format!("{}  {}", console.pick("Rapport    ", "Report     "), show(report)));
    }
    if let Some(workbooks) = &workbooks {
        let folder = paths.first().and_then(|path| path.parent()).map(show).unwrap_or_default();
        console.say(console.pick(
            format!(
                "Classeurs    {} relecteurs, {} lignes ({} sans relecteur) dans {folder}",
                paths.len(),
                number(console.lang, workbooks.lines),
                number(console.lang, workbooks.unassigned)
            ),
            format!(
                "Workbooks    {} reviewers, {} lines ({} without a reviewer) in {folder}",
                paths.len(),
                number(console.lang, workbooks.lines),
                number(console.lang, workbooks.unassigned)
            ),
        ));
    }
    console.say(format!("{}  {}", console.pick("Dossier    ", "Bundle     "), show(&bundle)));
    let (_, certificate) = produce::key_paths(&session);
    console.say("");
    console.say(format!("{} probant verify {} --anchor {}", console.pick("Pour vérifier :", "To check it:"), show(&bundle), show(&certificate)));
    for unmet in &harvested.unmet_declarations {
        console.note(console.pick(format!("Déclaré mais vu dans aucune source : {unmet}"), format!("Declared but in no source: {unmet}")));
    }
    could_not_read(console, &failed)
}

/// Exit 2 when a source could not be read at all, and says so.
fn could_not_read(console: &Console, failed: &[&str]) -> Exit {
    if failed.is_empty() {
        return Ok(0);
    }
    Console::error(&console.pick(
        format!("Source(s) illisible(s) : {}. Le reste a été fait ; ce qui en dépend est marqué « non collecté ».", failed.join(", ")),
        format!("Source(s) that could not be read: {}. The rest was done; what depends on them is marked \"not collected\".", failed.join(", ")),
    ));
    Ok(2)
}

/// `probant harvest`.
pub(super) fn harvest(mut session: Session) -> Exit {
    let mut store = session.store()?;
    let harvested = produce::snapshot(&mut session, &mut store, &Judged::default())?;
    let console = &session.console;
    let collections = crate::judge::assess::collections(&mut Engine::open(&harvested.folder)?)?;
    console.json(&serde_json::json!({ "schema": "probant.harvest.v1", "snapshot": harvested.id, "collections": collections }))?;
    summary::sources(console, &collections);
    console.say("");
    console.say(format!("{} {}", console.pick("Instantané", "Snapshot"), summary::shown(&harvested.folder, &session.context.folder)));
    let failed: Vec<&str> = harvested.outcomes.iter().filter(|o| o.failed).map(|o| o.source.as_str()).collect();
    could_not_read(console, &failed)
}

/// `probant assess`.
pub(super) fn assess(session: &Session, args: &Assess) -> Exit {
    let snapshot = session.snapshot(args.judged.snapshot.as_deref())?;
    let assessment = session.assess(&snapshot, &args.judged)?;
    let console = &session.console;
    console.json(&assessment)?;
    match &args.check {
        Some(id) => subjects(console, &assessment, id)?,
        None => {
            summary::header(console, &assessment);
            summary::controls(console, &assessment);
            summary::findings(console, &assessment, None);
        }
    }
    let gate = args.fail_on.map(crate::judge::finding::Severity::from);
    let act = assessment.findings.iter().any(|f| gate.is_some_and(|gate| f.severity >= gate) && f.status >= Status::NotCollected);
    Ok(u8::from(act))
}

/// Every subject of one check.
fn subjects(console: &Console, assessment: &Assessment, id: &str) -> Result<(), Failure> {
    let finding = assessment
        .findings
        .iter()
        .find(|f| f.check_id == id)
        .ok_or_else(|| Failure::new(format!("there is no check `{id}`; see `probant checks list`")))?;
    console.say(format!("{} — {}", console.pick(&finding.title.fr, &finding.title.en), summary::status(console.lang, finding.status)));
    console.say(console.pick(&finding.reason.fr, &finding.reason.en));
    let header: Vec<&str> = finding.columns.iter().map(String::as_str).collect();
    let unknown = console.pick("inconnu", "unknown");
    for (title, list) in [(console.pick("Écarts", "Exceptions"), &finding.exceptions), (console.pick("Indéterminés", "Undetermined"), &finding.undetermined)] {
        if list.is_empty() {
            continue;
        }
        console.say("");
        console.say(format!("{title} ({})", list.len()));
        let rows = list
            .iter()
            .map(|s| std::iter::once(s.key.clone()).chain(s.cells.iter().map(|c| c.clone().unwrap_or_else(|| unknown.into()))).collect())
            .collect();
        console.table(&header, &[], rows);
    }
    for accepted in &finding.accepted {
        console.say(format!(
            "{} {} : {} ({}, {} {})",
            console.pick("Dérogation", "Derogation"),
            accepted.exception_id,
            accepted.subject.key,
            accepted.approver,
            console.pick("jusqu'au", "until"),
            accepted.expires_on
        ));
    }
    Ok(())
}

/// `probant report`.
pub(super) fn report(session: &Session, judged: &Judged) -> Exit {
    let snapshot = session.snapshot(judged.snapshot.as_deref())?;
    let assessment = session.assess(&snapshot, judged)?;
    let paths = produce::reports(session, &snapshot, &assessment, &produce::links(&assessment, None, &[]))?;
    session.console.json(&serde_json::json!({ "schema": "probant.report.v1", "reports": paths }))?;
    for path in &paths {
        session.console.say(summary::shown(path, &session.context.folder));
    }
    Ok(0)
}

/// `probant review`.
pub(super) fn review(session: &Session, command: &Review) -> Exit {
    let Review::Open(judged) = command;
    let snapshot = session.snapshot(judged.snapshot.as_deref())?;
    let assessment = session.assess(&snapshot, judged)?;
    let workbooks = produce::workbooks(session, &snapshot, &assessment)?
        .ok_or_else(|| Failure::new(format!("{} has no [review] section; `probant init` in an empty folder writes an example", session.config.path.display())))?;
    session.console.json(&serde_json::json!({
        "schema": "probant.review.v1", "workbooks": workbooks.paths, "lines": workbooks.lines, "unassigned": workbooks.unassigned,
    }))?;
    for path in &workbooks.paths {
        session.console.say(summary::shown(path, &session.context.folder));
    }
    session.console.note(session.console.pick(
        format!("{} lignes, {} sans relecteur", workbooks.lines, workbooks.unassigned),
        format!("{} lines, {} without a reviewer", workbooks.lines, workbooks.unassigned),
    ));
    Ok(0)
}

/// `probant bundle`.
pub(super) fn bundle(session: &Session, judged: &Judged) -> Exit {
    let mut store = session.store()?;
    let snapshot = session.snapshot(judged.snapshot.as_deref())?;
    let assessment = session.assess(&snapshot, judged)?;
    let workbooks = produce::workbooks(session, &snapshot, &assessment)?.map(|w| w.paths).unwrap_or_default();
    let name = produce::bundle_name(session, &store, &assessment);
    let reports = produce::reports(session, &snapshot, &assessment, &produce::links(&assessment, Some(name.clone()), &workbooks))?;
    let parts = Parts { snapshot: &snapshot, assessment: &assessment, reports: &reports, workbooks: &workbooks };
    let path = produce::seal(session, &mut store, &name, &parts)?;
    session.console.json(&serde_json::json!({ "schema": "probant.bundle.v1", "bundle": path }))?;
    session.console.say(summary::shown(&path, &session.context.folder));
    Ok(0)
}

/// `probant verify`: needs no configuration. The exit code is the worst of the files'.
pub(super) fn verify(context: &Context, console: &Console, args: &Verify) -> Exit {
    let mut anchors = vec![];
    for path in &args.anchor {
        anchors.extend(TrustAnchor::load(path)?);
    }
    let mut worst = 0;
    let mut verdicts = vec![];
    for file in &args.files {
        let verdict = bundle::verify(file, &anchors, context.now(), console.lang);
        worst = worst.max(verdict.exit);
        console.say(format!("{} : {}", file.display(), verdict.summary));
        for line in &verdict.checks {
            let sign = match line.outcome {
                bundle::Outcome::Passed => '✓',
                bundle::Outcome::Failed => '✗',
                bundle::Outcome::Warning => '!',
                bundle::Outcome::Unknown => '?',
                bundle::Outcome::NotExamined => '–',
            };
            console.say(format!("  {sign} {}", line.text));
            for detail in &line.details {
                console.say(format!("      {detail}"));
            }
        }
        verdicts.push(serde_json::json!({ "file": file, "verdict": verdict }));
    }
    console.json(&serde_json::json!({ "schema": "probant.verify.v1", "bundles": verdicts }))?;
    Ok(worst)
}

/// `probant drift`.
pub(super) fn drift(session: &Session, args: &Drift) -> Exit {
    let result = compare(session, args);
    if !args.icinga {
        let drift = result?;
        session.console.json(&drift)?;
        show_drift(&session.console, &drift);
        return Ok(u8::from(drift.worse().next().is_some()));
    }
    // The monitoring-plug-in convention: one line, 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    match result {
        Err(failure) => {
            session.console.raw(&format!("UNKNOWN - {}\n", failure.show().lines().map(str::trim).collect::<Vec<_>>().join(" ")));
            Ok(3)
        }
        Ok(drift) => {
            let worse: Vec<_> = drift.worse().collect();
            let appeared: usize = worse.iter().map(|c| c.appeared.len()).sum();
            let (word, code) = match drift.worst() {
                None => ("OK", 0),
                Some(severity) if severity >= crate::judge::finding::Severity::High => ("CRITICAL", 2),
                Some(_) => ("WARNING", 1),
            };
            let names: Vec<String> = worse.iter().map(|c| format!("{} +{}", c.check_id, c.appeared.len())).collect();
            let names = if names.is_empty() { session.console.pick("rien de nouveau", "nothing new").to_owned() } else { names.join(", ") };
            session.console.raw(&format!("{word} - {names} | new={appeared} checks_worse={}\n", worse.len()));
            Ok(code)
        }
    }
}

fn compare(session: &Session, args: &Drift) -> Result<drift::Drift, Failure> {
    let now = session.snapshot(args.judged.snapshot.as_deref())?;
    let before = match &args.since {
        Some(name) => session.snapshot(Some(name))?,
        None => {
            let all = crate::store::snapshots(&session.store_path())?;
            let at = all.iter().position(|path| *path == now).unwrap_or_default();
            at.checked_sub(1)
                .and_then(|at| all.get(at).cloned())
                .ok_or_else(|| Failure::new("there is no older snapshot to compare with; harvest once more, or name one with --since"))?
        }
    };
    // The older one is judged as of its own instant: what was fine then must not look late now.
    let then = Judged { as_of: Some(Manifest::read(&before)?.as_of), ..args.judged.clone() };
    Ok(drift::compare(&session.assess(&before, &then)?, &session.assess(&now, &args.judged)?))
}

fn show_drift(console: &Console, drift: &drift::Drift) {
    console.say(format!("{} → {}", drift.before, drift.now));
    if drift.changes.is_empty() {
        console.say(console.pick(format!("Rien n'a changé dans {} contrôles.", drift.compared), format!("Nothing changed in {} checks.", drift.compared)));
    }
    for change in &drift.changes {
        console.say(format!(
            "{}: {} → {}, +{} −{}",
            console.pick(&change.title.fr, &change.title.en),
            summary::status(console.lang, change.before),
            summary::status(console.lang, change.now),
            change.appeared.len(),
            change.disappeared.len()
        ));
        for subject in change.appeared.iter().take(20) {
            let cells: Vec<&str> = subject.cells.iter().flatten().map(String::as_str).collect();
            console.say(format!("  + {}  {}", subject.key, cells.join("  ")));
        }
        if change.appeared.len() > 20 {
            console.say(format!("  … +{}", change.appeared.len() - 20));
        }
        for key in change.disappeared.iter().take(20) {
            console.say(format!("  − {key}"));
        }
        if change.disappeared.len() > 20 {
            console.say(format!("  … −{}", change.disappeared.len() - 20));
        }
    }
}

/// `probant sample`: rows ranked by the digest of seed and row, so that anyone with the snapshot draws the same ones.
pub(super) fn sample(session: &Session, args: &Sample) -> Exit {
    let snapshot = session.snapshot(None)?;
    let known: Vec<&str> = crate::snapshot::schema::TABLES.iter().map(|t| t.name).collect();
    if !known.contains(&args.table.as_str()) {
        return Err(Failure::new(format!("there is no table `{}`; the tables are {}", args.table, known.join(", "))));
    }
    let seed = match &args.seed {
        Some(seed) => seed.clone(),
        None => digest::hex(&std::fs::read(snapshot.join(SNAPSHOT_FILE))?),
    };
    let condition = args.condition.as_ref().map(|sql| format!(" WHERE {sql}")).unwrap_or_default();
    let answer = Engine::open(&snapshot)?.ask(&format!("SELECT * FROM {}{condition}", args.table))?;
    let population = answer.rows.len();
    let mut ranked: Vec<(String, Vec<Option<String>>)> = answer
        .rows
        .into_iter()
        .map(|row| {
            let text: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or("\u{0}")).collect();
            (digest::hex(format!("{seed}\u{1f}{}", text.join("\u{1f}")).as_bytes()), row)
        })
        .collect();
    ranked.sort();
    ranked.truncate(args.size);
    let console = &session.console;
    console.json(&serde_json::json!({
        "schema": "probant.sample.v1", "table": args.table, "seed": seed, "population": population, "columns": answer.columns,
        "rows": ranked.iter().map(|(_, row)| row).collect::<Vec<_>>(),
    }))?;
    console.say(console.pick(
        format!("{} lignes tirées de {population} ({}), graine {seed}", ranked.len(), args.table),
        format!("{} rows drawn from {population} ({}), seed {seed}", ranked.len(), args.table),
    ));
    show_rows(console, &answer.columns, ranked.into_iter().map(|(_, row)| row));
    Ok(0)
}

fn show_rows(console: &Console, columns: &[String], rows: impl Iterator<Item = Vec<Option<String>>>) {
    let header: Vec<&str> = columns.iter().map(String::as_str).collect();
    let rows = rows.map(|row| row.into_iter().map(|cell| cell.unwrap_or_else(|| "∅".into())).collect()).collect();
    console.table(&header, &[], rows);
}

/// `probant sql`.
pub(super) fn sql(session: &Session, args: &Sql) -> Exit {
    let snapshot = session.snapshot(args.snapshot.as_deref())?;
    let answer = Engine::open(&snapshot)?.ask(&args.query)?;
    let console = &session.console;
    console.json(&serde_json::json!({ "schema": "probant.sql.v1", "columns": answer.columns, "rows": answer.rows }))?;
    let rows = answer.rows.len();
    show_rows(console, &answer.columns, answer.rows.into_iter());
    console.note(console.pick(format!("{rows} ligne(s)"), format!("{rows} row(s)")));
    Ok(0)
}

/// `probant checks`.
pub(super) fn checks(session: &Session, command: &Checks) -> Exit {
    let (framework, checks) = session.checks()?;
    let console = &session.console;
    let find = |id: &String| {
        checks.iter().find(|check| check.id == *id).ok_or_else(|| Failure::new(format!("there is no check `{id}`; see `probant checks list`")))
    };
    match command {
        Checks::List => {
            let list: Vec<_> = checks
                .iter()
                .map(|c| serde_json::json!({ "id": c.id, "severity": c.severity, "controls": c.controls, "title": c.title, "file": c.file }))
                .collect();
            console.json(&serde_json::json!({ "schema": "probant.checks.v1", "checks": list }))?;
            let rows = checks
                .iter()
                .map(|c| vec![c.id.clone(), summary::severity(console.lang, c.severity).into(), c.controls.join(" "), console.pick(&c.title.fr, &c.title.en).clone()])
                .collect();
            let header = console.pick(["Contrôle", "Gravité", "Mesures", "Titre"], ["Check", "Severity", "Controls", "Title"]);
            console.table(&header, &[], rows);
        }
        Checks::Show { check } => console.raw(&find(check)?.source),
        Checks::Explain { check } => {
            let check = find(check)?;
            let pick = |text: &crate::judge::finding::Text| console.pick(&text.fr, &text.en).clone();
            console.say(format!("{} ({})", pick(&check.title), summary::severity(console.lang, check.severity)));
            console.say(pick(&check.rationale));
            console.say(format!("{} {}", console.pick("Que faire :", "What to do:"), pick(&check.remediation)));
            let needs: Vec<String> = check.needs.iter().map(|(table, hours)| format!("{table} (< {hours} h)")).collect();
            console.say(format!("{} {}", console.pick("Repose sur :", "Rests on:"), needs.join(", ")));
            for control in framework.controls.iter().filter(|c| check.controls.contains(&c.id)) {
                console.say(format!("{} {} — {}", control.id, pick(&control.title), pick(&control.evidence)));
            }
            console.say(format!("{}: {} (sha256 {})", console.pick("Fichier", "File"), check.file, check.sha256));
        }
    }
    Ok(0)
}

/// `probant sources`.
pub(super) fn sources(session: &mut Session, command: &Sources) -> Exit {
    match command {
        Sources::Kinds | Sources::Schema | Sources::JsonSchema => {}
        Sources::List => {
            let titles = session.titles();
            let rows = session
                .config
                .sources
                .iter()
                .map(|(id, entry)| {
                    let skip = entry.job.skip.as_deref().map(|reason| format!(" [{reason}]")).unwrap_or_default();
                    vec![id.clone(), entry.job.kind.into(), entry.job.system.clone(), titles.get(id).cloned().unwrap_or_default() + &skip]
                })
                .collect();
            let header = session.console.pick(["Source", "Genre", "Système", "Titre"], ["Source", "Kind", "System", "Title"]);
            session.console.table(&header, &[], rows);
        }
        Sources::Test { source } => return test(session, source),
    }
    Ok(0)
}

/// Reads one source into a store that is thrown away.
fn test(session: &mut Session, source: &str) -> Exit {
    let mut plan = session.plan(&Judged::default());
    plan.jobs.retain(|job| job.id == source);
    if plan.jobs.is_empty() {
        return Err(Failure::new(format!("there is no source `{source}`; see `probant sources list`")));
    }
    plan.declarations = None;
    plan.exceptions = None;
    let scratch = session.store_path().join("test");
    let _gone = std::fs::remove_dir_all(&scratch); // from a stopped test
    let mut store = crate::store::Store::open(&scratch, session.context.now())?;
    let harvested = crate::harvest::harvest(&plan, &mut store, &session.context, &mut Bar::new(&session.console));
    let shown = harvested.map_err(Failure::from).and_then(|harvested| {
        let mut engine = Engine::open(&harvested.folder)?;
        let collections = crate::judge::assess::collections(&mut engine)?;
        session.console.json(&serde_json::json!({ "schema": "probant.harvest.v1", "collections": collections }))?;
        summary::sources(&session.console, &collections);
        for collection in &collections {
            for (reason, n) in &collection.reject_reasons {
                session.console.say(format!("  {n} × {reason}"));
            }
        }
        for (table, file) in Manifest::read(&harvested.folder)?.tables {
            if file.rows > 0 && table != "collections" && table != "rejects" {
                session.console.say(format!("  {table}: {}", number(session.console.lang, file.rows)));
            }
        }
        Ok(u8::from(harvested.outcomes.iter().any(|o| o.failed)) * 2)
    });
    drop(store);
    std::fs::remove_dir_all(&scratch)?;
    shown
}

/// What needs no configuration: kinds, columns, JSON Schema.
pub(super) fn source_pages(console: &Console, command: &Sources) -> Option<Exit> {
    match command {
        Sources::Schema => console.raw(&pages::columns()),
        Sources::JsonSchema => {
            let text = serde_json::to_string_pretty(&config::schema::json_schema());
            match text {
                Ok(text) => console.raw(&(text + "\n")),
                Err(error) => return Some(Err(error.into())),
            }
        }
        Sources::Kinds => {
            let rows = KINDS.iter().map(|kind| vec![kind.name.to_owned(), console.pick(kind.summary_fr, kind.summary_en).to_owned()]).collect();
            console.table(&console.pick(["Genre", "Ce qu'il lit"], ["Kind", "What it reads"]), &[], rows);
        }
        Sources::List | Sources::Test { .. } => return None,
    }
    Some(Ok(0))
}

/// `probant keys create`.
pub(super) fn create_key(session: &Session) -> Exit {
    let fingerprint = produce::create_key(session)?;
    let (key, certificate) = produce::key_paths(session);
    session.console.json(&serde_json::json!({ "schema": "probant.key.v1", "key": key, "certificate": certificate, "sha256": fingerprint }))?;
    session.console.say(session.console.pick(
        format!("Clé : {}\nCertificat : {}\nEmpreinte SHA-256, à donner à l'auditeur par une autre voie : {fingerprint}", key.display(), certificate.display()),
        format!("Key: {}\nCertificate: {}\nSHA-256 fingerprint, to give the auditor by another way: {fingerprint}", key.display(), certificate.display()),
    ));
    Ok(0)
}

/// `probant keys show`.
pub(super) fn show_key(session: &Session) -> Exit {
    let (_, certificate) = produce::key_paths(session);
    for anchor in TrustAnchor::load(&certificate)? {
        session.console.json(&serde_json::json!({ "schema": "probant.key.v1", "certificate": certificate, "subject": anchor.subject() }))?;
        session.console.say(format!("{}: {}", certificate.display(), anchor.subject()));
    }
    Ok(0)
}

/// `probant ledger`.
pub(super) fn show_ledger(session: &Session) -> Exit {
    let (entries, head, unfinished) = ledger::read(&session.store_path().join("ledger.jsonl"))?;
    session.console.json(&serde_json::json!({
        "schema": "probant.ledger.v1", "entries": entries, "head": { "seq": head.seq, "sha256": head.sha256 }, "unfinished_bytes": unfinished,
    }))?;
    let text = |entry: &ledger::Entry, key: &str| entry.data.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let rows = entries.iter().map(|e| vec![e.seq.to_string(), e.at.to_string(), e.event.clone(), text(e, "path"), text(e, "sha256")]).collect();
    session.console.table(&session.console.pick(["N°", "Quand", "Événement", "Objet", "sha256"], ["#", "When", "Event", "Object", "sha256"]), &[0], rows);
    session.console.say(session.console.pick(
        format!("La chaîne tient : {} événements, tête {}", head.seq, head.sha256),
        format!("The chain holds: {} events, head {}", head.seq, head.sha256),
    ));
    Ok(0)
}

/// `probant init`: a commented starter, and a seal key.
pub(super) fn init(context: Context, console: &Console, args: &Init, global: &super::args::Global) -> Exit {
    let folder = context.folder.join(&args.folder);
    let path = folder.join("probant.toml");
    if path.exists() {
        return Err(Failure::new(format!("{} exists already; nothing was changed", path.display())));
    }
    let organisation = args.organisation.clone().unwrap_or_else(|| console.pick("Mon organisme", "My organisation").to_owned());
    let template = console.pick(include_str!("../../templates/probant.fr.toml"), include_str!("../../templates/probant.en.toml"));
    let quoted = toml::Value::String(organisation).to_string();
    std::fs::create_dir_all(&folder)?;
    files::write(&folder, "probant.toml", template.replace("\"{organisation}\"", &quoted).as_bytes())?;
    files::write(&folder, "probant.schema.json", serde_json::to_string_pretty(&config::schema::json_schema())?.as_bytes())?;
    console.say(console.pick(format!("Écrit : {}", path.display()), format!("Written: {}", path.display())));
    let session = Session::open(context, &super::args::Global { config: Some(path), ..global.clone() })?;
    session.store()?;
    create_key(&session)
}

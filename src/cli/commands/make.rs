//! Commands that make things: `run`, `harvest`, `report`, `review`, `bundle`.

use std::path::Path;
use std::rc::Rc;

use super::{Exit, keys};
use crate::cli::args::{Bundle, Bundled, Harvest, Judged};
use crate::cli::console::{Console, number};
use crate::cli::payload::Parts;
use crate::cli::session::Session;
use crate::cli::{campaigns, mirror, notary, produce, sealing, summary, time};
use crate::judge::assess::collections as judge_collections;
use crate::judge::engine::Engine;

/// `probant run`.
pub(in crate::cli) fn run(mut session: Session, args: &Bundled) -> Exit {
    let judged = &args.judged;
    let mut store = session.store()?;
    // What would stop the end is looked at before the work: the key, the readers, and the checks.
    let signer = notary::signer(&session)?;
    notary::with(&session, &mut store, Rc::clone(&signer))?;
    time::check(&session)?;
    let recipients = sealing::recipients(&session, &args.encrypt_for)?;
    session.checks()?;
    let harvested = produce::snapshot(&mut session, &mut store, judged)?;
    let assessment = session.assess(&harvested.folder, judged)?;
    // An unreadable roster must not cost the report and the bundle.
    let (workbooks, no_workbooks) = match produce::workbooks(&session, &harvested.folder, &assessment) {
        Ok(workbooks) => (workbooks, None),
        Err(failure) => (None, Some(failure)),
    };
    let paths = workbooks.as_ref().map(|w| w.paths.clone()).unwrap_or_default();
    let name = sealing::bundle_name(&session, &store, &assessment);
    campaigns::follow_all(&session, &mut store)?;
    let links = produce::links(&session, &assessment, Some(name.clone()), &paths)?;
    let reports = produce::reports(&session, &harvested.folder, &assessment, &links)?;
    let parts =
        Parts { snapshot: &harvested.folder, assessment: &assessment, reports: &reports, workbooks: &paths, judged, attached: &[] };
    let bundle = sealing::seal(&session, &mut store, &name, &signer, &parts)?;
    let envelopes = sealing::envelopes(&session, &mut store, &bundle, &recipients)?;

    let console = &session.console;
    let failed: Vec<&str> = harvested.outcomes.iter().filter(|o| o.failed).map(|o| o.source.as_str()).collect();
    console.json(&summary::RunSummary {
        schema: "probant.run.v1",
        snapshot: &harvested.id,
        assessment: &assessment,
        files: [
            ("snapshot", vec![harvested.folder.clone()]),
            ("reports", reports.clone()),
            ("workbooks", paths.clone()),
            ("bundle", vec![bundle.clone()]),
            ("envelopes", envelopes.clone()),
        ]
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
    summary::campaigns(console, &links.campaigns);
    console.say(format!("{}  {}", console.pick("Dossier    ", "Bundle     "), show(&bundle)));
    keys::say_envelopes(&session, &envelopes, &recipients);
    console.say("");
    console.say(format!(
        "{} probant verify {} --anchor {}",
        console.pick("Pour vérifier :", "To check it:"),
        show(&bundle),
        keys::anchor(&session, &signer)
    ));
    for unmet in &harvested.unmet_declarations {
        console.note(
            console.pick(format!("Déclaré mais vu dans aucune source : {unmet}"), format!("Declared but in no source: {unmet}")),
        );
    }
    if let Some(failure) = no_workbooks {
        Console::error(console.pick("Aucun classeur de revue n'a été fait\u{a0}:", "No review workbook was made:"));
        Console::error(&failure.show());
        return Ok(mirror::after(&session, 2));
    }
    let exit = could_not_read(console, &failed);
    Ok(mirror::after(&session, exit))
}

/// Exit 2 when a source could not be read at all, and says so.
fn could_not_read(console: &Console, failed: &[&str]) -> u8 {
    if failed.is_empty() {
        return 0;
    }
    Console::error(&console.pick(
        format!(
            "Source(s) illisible(s) : {}. Le reste a été fait ; ce qui en dépend est marqué « non collecté ».",
            failed.join(", ")
        ),
        format!(
            "Source(s) that could not be read: {}. The rest was done; what depends on them is marked \"not collected\".",
            failed.join(", ")
        ),
    ));
    2
}

/// `probant harvest`.
pub(in crate::cli) fn harvest(mut session: Session, command: &Harvest) -> Exit {
    let mut store = session.store()?;
    let harvested = match &command.from_raw {
        None => produce::snapshot(&mut session, &mut store, &Judged::default())?,
        Some(name) => produce::rebuilt(&mut session, &mut store, name.as_deref())?,
    };
    let console = &session.console;
    let collections = judge_collections(&mut Engine::open(&harvested.folder)?)?;
    console.json(&serde_json::json!({ "schema": "probant.harvest.v1", "snapshot": harvested.id, "collections": collections }))?;
    summary::sources(console, &collections);
    console.say("");
    console.say(format!(
        "{} {}",
        console.pick("Instantané", "Snapshot"),
        summary::shown(&harvested.folder, &session.context.folder)
    ));
    let failed: Vec<&str> = harvested.outcomes.iter().filter(|o| o.failed).map(|o| o.source.as_str()).collect();
    Ok(mirror::after(&session, could_not_read(console, &failed)))
}

/// `probant report`.
pub(in crate::cli) fn report(session: &Session, judged: &Judged) -> Exit {
    let snapshot = session.snapshot(judged.snapshot.as_deref())?;
    let assessment = session.assess(&snapshot, judged)?;
    let paths = produce::reports(session, &snapshot, &assessment, &produce::links(session, &assessment, None, &[])?)?;
    session.console.json(&serde_json::json!({ "schema": "probant.report.v1", "reports": paths }))?;
    for path in &paths {
        session.console.say(summary::shown(path, &session.context.folder));
    }
    Ok(0)
}

/// `probant bundle`.
pub(in crate::cli) fn bundle(session: &Session, command: &Bundle) -> Exit {
    let args = &command.sealed;
    let judged = &args.judged;
    let mut store = session.store()?;
    let signer = notary::signer(session)?;
    notary::with(session, &mut store, Rc::clone(&signer))?;
    time::check(session)?;
    let recipients = sealing::recipients(session, &args.encrypt_for)?;
    let snapshot = session.snapshot(judged.snapshot.as_deref())?;
    let assessment = session.assess(&snapshot, judged)?;
    let workbooks = produce::workbooks(session, &snapshot, &assessment)?.map(|w| w.paths).unwrap_or_default();
    let name = sealing::bundle_name(session, &store, &assessment);
    campaigns::follow_all(session, &mut store)?;
    let links = produce::links(session, &assessment, Some(name.clone()), &workbooks)?;
    let reports = produce::reports(session, &snapshot, &assessment, &links)?;
    let parts = Parts {
        snapshot: &snapshot,
        assessment: &assessment,
        reports: &reports,
        workbooks: &workbooks,
        judged,
        attached: &command.attach,
    };
    let path = sealing::seal(session, &mut store, &name, &signer, &parts)?;
    let envelopes = sealing::envelopes(session, &mut store, &path, &recipients)?;
    session.console.json(&serde_json::json!({ "schema": "probant.bundle.v1", "bundle": path, "envelopes": envelopes }))?;
    session.console.say(summary::shown(&path, &session.context.folder));
    keys::say_envelopes(session, &envelopes, &recipients);
    Ok(mirror::after(session, 0))
}

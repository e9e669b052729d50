//! `probant sources test`: a live source is connected to and looked at, any other is read into a store that is thrown away.

use std::fs;

use super::Exit;
use crate::cli::args::Judged;
use crate::cli::console::{Bar, Console, number};
use crate::cli::failure::Failure;
use crate::cli::produce;
use crate::cli::session::Session;
use crate::cli::summary;
use crate::harvest::{Plan, harvest};
use crate::judge::assess::collections;
use crate::judge::engine::Engine;
use crate::snapshot::manifest::Manifest;
use crate::sources::{Look, Request, SourceError};
use crate::store::Store;

pub(super) fn test(session: &mut Session, source: &str) -> Exit {
    let mut plan = session.plan(&Judged::default())?;
    plan.jobs.retain(|job| job.id == source);
    let Some(job) = plan.jobs.first() else {
        return Err(Failure::new(format!("there is no source `{source}`; see `probant sources list`")));
    };
    plan.declarations = None;
    plan.exceptions = None;
    produce::ask_secrets(&session.console, &plan);
    let request = Request {
        source: job.id.clone(),
        system: job.system.clone(),
        zone: job.zone.clone(),
        as_of: plan.as_of,
        base: plan.base.clone(),
    };
    match job.source.look(&request) {
        Some(look) => {
            let refused = |error: SourceError| Failure::new(session.console.lang.reason(&error.to_string()));
            show(session, (source, job.kind), &look.map_err(refused)?)
        }
        None => read(session, &plan),
    }
}

/// What was found out, and at the end what is wanting; exit 2 when something is.
fn show(session: &Session, (source, kind): (&str, &str), look: &Look) -> Exit {
    let console = &session.console;
    // What the server refused is said in English by its kind of source.
    let said = |text: &String| console.lang.reason(text).into_owned();
    let wanting: Vec<String> = look.wanting(console.lang).iter().map(said).collect();
    console.json(&serde_json::json!({
        "schema": "probant.source-test.v1", "source": source, "kind": kind, "good": look.is_good(), "wanting": wanting, "facts": look.facts,
    }))?;
    for line in look.lines(console.lang) {
        console.say(said(line));
    }
    if look.is_good() {
        console.say(console.pick("✓ une collecte serait complète", "✓ a harvest would be whole"));
        return Ok(0);
    }
    Console::error(console.pick("Il manque quelque chose :", "Something is wanting:"));
    for reason in wanting {
        Console::error(&format!("  {reason}"));
    }
    Ok(2)
}

/// Reads it into a store that is thrown away.
fn read(session: &Session, plan: &Plan) -> Exit {
    let scratch = session.store_path().join("test");
    let _gone = fs::remove_dir_all(&scratch); // from a stopped test
    let mut store = Store::open(&scratch, session.context.now())?;
    let harvested = harvest(plan, &mut store, &session.context, &mut Bar::new(&session.console));
    let shown = harvested.map_err(Failure::from).and_then(|harvested| {
        let mut engine = Engine::open(&harvested.folder)?;
        let collections = collections(&mut engine)?;
        session.console.json(&serde_json::json!({ "schema": "probant.harvest.v1", "collections": collections }))?;
        summary::sources(&session.console, &collections);
        for collection in &collections {
            for (reason, n) in &collection.reject_reasons {
                session.console.say(format!("  {n} × {}", session.console.lang.reason(reason)));
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
    fs::remove_dir_all(&scratch)?;
    shown
}

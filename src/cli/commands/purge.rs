//! `probant purge`: removes what is past its time, shows what is past its time and still needed.

use super::Exit;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::remote;
use crate::cli::session::Session;
use crate::custody::inventory::Inventory;
use crate::custody::retention::{self, Keep, Plan};
use crate::store::ledger;
use crate::store::purge::Removal;

/// `probant purge [--dry-run]`.
pub(in crate::cli) fn purge(session: &Session, dry_run: bool) -> Exit {
    let keep = &session.config.file.store.keep;
    if *keep == Keep::default() {
        return Err(Failure::new(session.console.pick(
            format!(
                "{} ne fixe aucune durée de conservation ; écrivez par exemple [store.keep] snapshots = \"3 years\"",
                session.config.path.display()
            ),
            format!(
                "{} sets no time to keep anything; write for example [store.keep] snapshots = \"3 years\"",
                session.config.path.display()
            ),
        )));
    }
    if remote::is_bucket(session) {
        return Err(Failure::new(session.console.pick(
            "la purge ne se fait que dans un dossier : dans un compartiment, ce sont ses règles de cycle de vie",
            "only a folder is purged: in a bucket, that is for its lifecycle rules",
        )));
    }
    let root = session.store_path();
    let now = session.context.now();
    let plan = if dry_run {
        let (events, _, _) = ledger::read(&root.join(ledger::FILE))?;
        retention::plan(&Inventory { root: &root, events: &events, keep, zone: &session.config.zone }.objects()?, now)
    } else {
        let mut store = session.store()?;
        let inventory = Inventory { root: &root, events: store.events(), keep, zone: &session.config.zone };
        let objects = inventory.objects()?;
        inventory.remember(&objects)?;
        let plan = retention::plan(&objects, now);
        store.purge(&plan.removals, now)?;
        plan
    };
    show(&session.console, &plan, dry_run)?;
    Ok(0)
}

fn show(console: &Console, plan: &Plan, dry_run: bool) -> Result<(), Failure> {
    let needed: Vec<_> = plan.needed.iter().map(|(object, by)| serde_json::json!({ "object": object, "needed_by": by })).collect();
    console.json(&serde_json::json!({
        "schema": "probant.purge.v1", "dry_run": dry_run, "removed": plan.removals, "still_needed": needed,
    }))?;
    let row = |removal: &Removal| {
        vec![
            removal.kind.clone(),
            removal.object.clone(),
            console.lang.date(jiff::tz::TimeZone::UTC.to_datetime(removal.made).date()),
            removal.kept.clone(),
        ]
    };
    let header = console.pick(["Genre", "Objet", "Du", "Durée"], ["Kind", "Object", "Of", "Kept for"]);
    console.table(&header, &[], plan.removals.iter().map(row).collect());
    if !plan.needed.is_empty() {
        console.say(console.pick("Hors délai, mais encore nécessaires :", "Past their time, but still needed:"));
        let rows = plan.needed.iter().map(|(object, by)| vec![object.clone(), by.clone()]).collect();
        console.table(&console.pick(["Objet", "Nécessaire à"], ["Object", "Needed by"]), &[], rows);
    }
    let count = plan.removals.len();
    console.say(match (dry_run, count) {
        (_, 0) => console.pick("Rien à retirer.", "Nothing to remove.").to_owned(),
        (true, n) => console.pick(
            format!("{n} objets seraient retirés. Rien n'a été changé ; pour le faire : probant purge"),
            format!("{n} objects would be removed. Nothing was changed; to do it: probant purge"),
        ),
        (false, n) => console.pick(
            format!("{n} objets retirés. Le registre dit lesquels et pourquoi ; une stèle (.purged.json) reste à leur place."),
            format!("{n} objects removed. The ledger says which and why; a tombstone (.purged.json) stands in their place."),
        ),
    });
    Ok(())
}

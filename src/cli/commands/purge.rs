//! `probant purge`: removes what is past its time, shows what is past its time and still needed.

use super::Exit;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::remote;
use crate::cli::session::Session;
use crate::custody::inventory::{Bucketed, Inventory};
use crate::custody::retention::{self, Keep, Plan};
use crate::store::ledger;
use crate::store::purge::Removal;
use crate::store::remote::Retained;

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
    // What snapshots need is read in them.
    remote::snapshots(session, None, usize::MAX)?;
    let bucket = remote::bucket(session)?.map(|bucket| Bucketed::read(&*bucket)).transpose()?;
    let root = session.store_path();
    let now = session.context.now();
    let (plan, retained) = if dry_run {
        let (events, _, _) = ledger::read(&root.join(ledger::FILE))?;
        let inventory = Inventory { root: &root, events: &events, keep, zone: &session.config.zone, bucket: bucket.as_ref() };
        (retention::plan(&inventory.objects()?, now), vec![])
    } else {
        let mut store = session.store()?;
        let inventory =
            Inventory { root: &root, events: store.events(), keep, zone: &session.config.zone, bucket: bucket.as_ref() };
        let objects = inventory.objects()?;
        inventory.remember(&objects)?;
        let plan = retention::plan(&objects, now);
        let retained = store.purge(&plan.removals, now)?;
        (plan, retained)
    };
    show(&session.console, &plan, &retained, dry_run)?;
    Ok(0)
}

fn show(console: &Console, plan: &Plan, retained: &[Retained], dry_run: bool) -> Result<(), Failure> {
    let needed: Vec<_> = plan.needed.iter().map(|(object, by)| serde_json::json!({ "object": object, "needed_by": by })).collect();
    console.json(&serde_json::json!({
        "schema": "probant.purge.v1", "dry_run": dry_run, "removed": plan.removals, "still_needed": needed,
        "retained": retained,
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
    if !retained.is_empty() {
        console.say(
            console.pick(
                "Retirés du magasin, mais conservés par le compartiment :",
                "Removed from the store, but kept by the bucket:",
            ),
        );
        let rows = retained.iter().map(|kept| vec![kept.object.clone(), kept.why.clone()]).collect();
        console.table(&console.pick(["Objet", "Pourquoi"], ["Object", "Why"]), &[], rows);
    }
    let count = plan.removals.len();
    console.say(match (dry_run, count) {
        (_, 0) => console.pick("Rien à retirer.", "Nothing to remove.").to_owned(),
        (true, n) => console.pick(
            format!("À retirer : {n}. Rien n'a été changé ; pour le faire : probant purge"),
            format!("To be removed: {n}. Nothing was changed; to do it: probant purge"),
        ),
        (false, n) => console.pick(
            format!("Retirés : {n}. Le registre dit lesquels et pourquoi ; une stèle (.purged.json) reste à leur place."),
            format!("Removed: {n}. The ledger says which and why; a tombstone (.purged.json) stands in their place."),
        ),
    });
    Ok(())
}

//! A command of a review that is killed at any instant, and typed again, leaves what it leaves when nobody kills it.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::handing::{BACK, OPENED, filled, world};
use crate::kills;
use crate::kit::{World, digest, done, files};

/// Kills in each command.
const KILLS: usize = 20;

/// A command, and the instant it is typed at.
type Step = (&'static [&'static str], &'static str);

#[test]
fn a_review_killed_at_any_instant_goes_on_to_its_end() {
    typed_again(&[
        (&["review", "open", "--no-answer", "revoke"], OPENED),
        (&["review", "collect", "retours"], BACK),
        (&["review", "reassign", "--from", "9", "--to", "8", "--reason", "Congé"], "2026-10-08T08:00:00Z"),
        (&["review", "close"], "2026-10-21T08:00:00Z"),
        (&["review", "follow-up"], "2026-10-22T08:00:00Z"),
    ]);
}

#[test]
fn abandoning_a_review_is_killed_and_typed_again() {
    typed_again(&[
        (&["review", "open", "--no-answer", "revoke"], OPENED),
        (&["review", "abandon", "2026-T4", "--reason", "Ouverte par erreur"], BACK),
    ]);
}

fn typed_again(steps: &[Step]) {
    let mut before = world();
    for &(arguments, now) in steps {
        if arguments.contains(&"collect") {
            let sent =
                files(&before.store().join("campaigns/2026-T4/sent")).into_iter().find(|path| path.extension().unwrap() == "xlsx");
            filled(&before, &sent.unwrap(), "retours/zoe.xlsx", &|id| id.ends_with('1') || id.ends_with('2'));
        }
        let after = copy(&before);
        let whole = kills::whole(&mut after.at(now, arguments));
        let mut killed = 0;
        for n in kills::instants(&whole, KILLS) {
            let world = copy(&before);
            let life = kills::at(n, &mut world.at(now, arguments));
            killed += usize::from(life.killed);
            let at = life.operations.last();
            world.probant(&["ledger", "verify"]).code(0);
            let again = done(&mut world.at(now, arguments));
            let (is, should_be) = (left(&world), left(&after));
            let other: Vec<&String> =
                is.keys().chain(should_be.keys()).filter(|path| is.get(*path) != should_be.get(*path)).collect();
            assert!(other.is_empty(), "{arguments:?} killed at {at:?}, then: {again:?}\nnot as they should be: {other:?}");
            done(&mut world.at(now, &["ledger", "verify"])).code(0);
            assert_eq!(newest(&world), newest(&after), "{arguments:?} killed at {at:?}, then: {again:?}");
        }
        assert!(killed > KILLS / 2, "{arguments:?}: {killed}");
        before = after;
    }
}

fn copy(of: &World) -> World {
    let world = World::small_in_memory();
    crate::kit::copy(&of.folder, &world.folder);
    crate::kit::copy(&of.store(), &world.store());
    world
}

/// Everything that is there but for the ledger, where a line that was cut leaves its trace: digest by path.
fn left(world: &World) -> BTreeMap<String, String> {
    let name = |path: &std::path::Path| path.strip_prefix(&world.folder).unwrap().display().to_string();
    let ledger = [world.store().join("checkpoints"), world.store().join("ledger.jsonl")];
    let all = files(&world.folder).into_iter().filter(|path| !ledger.iter().any(|ledger| path.starts_with(ledger)));
    all.map(|path| (name(&path), digest(&fs::read(&path).unwrap()))).collect()
}

/// What the ledger says of the last thing done.
fn newest(world: &World) -> (Value, Value) {
    let ledger = world.probant(&["ledger", "--format", "json"]).code(0).json();
    let last = ledger["entries"].as_array().unwrap().last().unwrap().clone();
    (last["event"].clone(), last["data"].clone())
}

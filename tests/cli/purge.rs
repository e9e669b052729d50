//! `probant purge`: what is past its time goes and leaves a tombstone, what is still needed stays, the chain still verifies, and a
//! purge killed at any instant is finished by the next command.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::kills;
use crate::kit::{World, done, files};

const KEEP: &str = "[store.keep]\nraw = \"10 days\"\nsnapshots = \"1 month\"\nbundles = \"3 years\"\n\n[signing]";

/// A run on the first, harvests of other data on the days after, each a snapshot of its own.
fn world(harvests: usize) -> World {
    let world = World::small_in_memory();
    world.edit("probant.toml", "[signing]", KEEP);
    world.probant(&["run", "--quiet"]).code(0);
    for n in 0..harvests {
        world.append("annuaire.ldif", &crate::kit::entry(&format!("u{n}"), 100 + u32::try_from(n).unwrap()));
        done(&mut world.at(&format!("2026-10-{:02}T08:00:00Z", 6 + n), &["harvest", "--quiet"])).code(0);
    }
    // Raw captures are as old as their files; these are as old as the runs.
    let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    for path in files(&world.store().join("raw")) {
        fs::File::open(path).unwrap().set_modified(old).unwrap();
    }
    world
}

fn purge(world: &World, now: &str, more: &[&str]) -> Value {
    let arguments = [&["purge", "--format", "json"], more].concat();
    done(&mut world.at(now, &arguments)).code(0).json()
}

fn objects(of: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    of.as_array().unwrap().iter().map(|o| (text(&o["kind"]), text(&o["object"]))).collect()
}

#[test]
fn what_is_past_its_time_goes_and_what_is_still_needed_stays() {
    let world = world(3);
    let count = |folder: &str| fs::read_dir(world.store().join(folder)).unwrap().count();
    let raw = |world: &World| files(&world.store().join("raw")).iter().filter(|path| path.extension().unwrap() == "zst").count();
    // Within a month of the first: nothing.
    assert_eq!(purge(&world, "2026-11-01T00:00:00Z", &[])["removed"], Value::Array(vec![]));
    // All four snapshots are past their time at the end of the year. The first is in a bundle, the last is the newest.
    let shown = purge(&world, "2026-12-31T00:00:00Z", &["--dry-run"]);
    let before = (count("snapshots"), raw(&world));
    assert_eq!(before, (4, 6), "roster, application, and four exports of the directory");
    let going = objects(&shown["removed"]);
    let snapshots: Vec<&str> = going.iter().filter(|(kind, _)| kind == "snapshot").map(|(_, path)| path.as_str()).collect();
    assert_eq!(snapshots, ["snapshots/20261006T080000Z", "snapshots/20261007T080000Z"]);
    let needed = shown["still_needed"].as_array().unwrap();
    let of_bundle = needed.iter().find(|n| n["object"] == "snapshots/20261005T080000Z").unwrap();
    assert!(of_bundle["needed_by"].as_str().unwrap().starts_with("bundles/"), "{of_bundle}");
    let did = purge(&world, "2026-12-31T00:00:00Z", &[]);
    assert_eq!((&did["removed"], &did["still_needed"]), (&shown["removed"], &shown["still_needed"]));
    assert!(world.store().join("snapshots/20261005T080000Z/snapshot.json").exists());
    assert!(!world.store().join("snapshots/20261006T080000Z").exists());
    // Their captures were named by them until now: they have their own ten days from the snapshots' own instants, long over.
    assert_eq!(raw(&world), 4, "two exports that no snapshot names any more are gone");
    // The tombstone says what the ledger says.
    let tombstone = fs::read(world.store().join("snapshots/20261006T080000Z.purged.json")).unwrap();
    let tombstone: Value = serde_json::from_slice(&tombstone).unwrap();
    assert_eq!(Some(&tombstone), did["removed"].as_array().unwrap().iter().find(|r| r["object"] == tombstone["object"]));
    assert!(tombstone["reason"].as_str().unwrap().starts_with("kept for 1 month; its time was over at 2026-11-06"), "{tombstone}");
    let ledger = world.probant(&["ledger", "--format", "json"]).code(0).json();
    let event = ledger["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&event["event"], &event["data"]["objects"]), (&"purged".into(), &did["removed"]));
    // Everything that is left works, and the removed ones are no loss to the chain.
    world.probant(&["ledger", "verify"]).code(0);
    world.probant(&["assess", "--quiet"]).code(0);
    world.probant(&["assess", "--quiet", "--snapshot", "20261005T080000Z"]).code(0);
    world.probant(&["bundle", "--quiet"]).code(0);
    assert_eq!(purge(&world, "2026-12-31T00:00:00Z", &[])["removed"], Value::Array(vec![]));
}

#[test]
fn a_bundle_past_its_time_goes_with_what_only_it_needed_and_the_receipt_says_so() {
    let world = world(1);
    let did = purge(&world, "2030-01-01T00:00:00Z", &[]);
    let kinds: Vec<String> = objects(&did["removed"]).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["snapshot", "bundle", "raw", "outputs"], "{did}");
    world.probant(&["ledger", "verify"]).code(0);
    done(&mut world.at("2030-01-01T09:00:00Z", &["run", "--quiet"])).code(0);
    done(&mut world.at("2030-01-01T10:00:00Z", &["ledger", "receipt", "--out", "r.eml"])).code(0);
    let text = fs::read_to_string(world.folder.join("r.eml")).unwrap();
    assert!(text.contains("Bundle: 1 purged ") && text.contains("Bundle: 2 kept "), "{text}");
    // The chain starts at its second bundle: the receipt tells why.
    let (folder, anchor) = (world.store().join("bundles"), world.certificate());
    let arguments = ["verify", "--chain", folder.to_str().unwrap(), "--anchor", anchor.to_str().unwrap()];
    done(&mut world.at("2030-01-02T09:00:00Z", &arguments)).code(2);
    done(&mut world.at("2030-01-02T09:00:00Z", &[&arguments[..], &["--expect-head", "r.eml"]].concat())).code(0);
}

#[test]
fn a_purge_says_what_it_needs_to_know() {
    let world = World::small();
    world.probant(&["purge"]).code(2).says(&["sets no time to keep anything", "[store.keep]"]);
    world.edit("probant.toml", "[signing]", "[store.keep]\nraw = \"3 weeks\"\n\n[signing]");
    world.probant(&["purge"]).code(2).says(&["probant.toml", "`3 weeks` is no time to keep something", "13 months"]);
    // A snapshot that cannot be read: what it needs is not known, so nothing goes.
    let world = self::world(1);
    let collections = world.store().join("snapshots/20261005T080000Z/tables/collections.parquet");
    fs::write(&collections, "damaged").unwrap();
    let before = files(&world.store()).len();
    done(&mut world.at("2030-01-01T00:00:00Z", &["purge"])).code(2).says(&["20261005T080000Z", "Nothing is removed"]);
    assert_eq!(files(&world.store()).len(), before);
}

#[test]
fn a_purge_killed_at_any_instant_is_finished_by_the_next_command() {
    const KILLS: usize = 24;
    let first = world(4);
    let copy = || {
        let world = World::small_in_memory();
        crate::kit::copy(&first.folder, &world.folder);
        crate::kit::copy(&first.store(), &world.store());
        world
    };
    let command = |world: &World| world.at("2026-12-31T00:00:00Z", &["purge", "--quiet"]);
    let mut midway = 0;
    for n in kills::instants(&kills::whole(&mut command(&copy())), KILLS) {
        let world = copy();
        let life = kills::at(n, &mut command(&world));
        let announced = announced(&world);
        midway += usize::from(announced.iter().any(|path| world.store().join(path).exists()));
        // Right after the kill: nothing is lost that the ledger does not speak of, and what is there is whole.
        world.probant(&["ledger", "verify"]).code(0);
        world.probant(&["sql", "SELECT COUNT(*) AS n FROM accounts"]).code(0);
        // Any command that writes finishes it.
        world.probant(&["ledger", "receipt", "--out", "r.eml"]).code(0);
        let killed = life.operations.last();
        let left: Vec<_> = announced.iter().filter(|path| world.store().join(path).exists()).collect();
        assert!(left.is_empty(), "killed at {killed:?}: announced as removed and still there: {left:?}");
        for path in &announced {
            let tombstone = world.store().join(format!("{path}.purged.json"));
            serde_json::from_slice::<Value>(&fs::read(tombstone).unwrap()).unwrap();
        }
        assert_eq!(temporaries(&world.store()), Vec::<String>::new(), "killed at {killed:?}");
        world.probant(&["ledger", "verify"]).code(0);
    }
    assert!(midway >= KILLS / 2, "only {midway} of {KILLS} kills came between the announcement and the last removal");
}

fn announced(world: &World) -> Vec<String> {
    let ledger = world.probant(&["ledger", "--format", "json"]).code(0).json();
    let objects = ledger["entries"].as_array().unwrap().iter().filter_map(|event| event["data"]["objects"].as_array());
    objects.flatten().map(|object| object["object"].as_str().unwrap().to_owned()).collect()
}

fn temporaries(store: &Path) -> Vec<String> {
    let name = |path: &std::path::PathBuf| path.strip_prefix(store).unwrap().display().to_string();
    files(store).iter().map(name).filter(|name| name.contains(".tmp")).collect()
}

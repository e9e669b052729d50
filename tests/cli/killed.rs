//! A run killed at any instant leaves a store that reads, whose ledger holds, and that the next run carries on from.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::kills;
use crate::kit::{World, digest, entry, files};

/// Stores, each of which lives through several kills, on top of all that the former ones left.
const STORES: usize = 5;
/// Kills in each.
const KILLS: usize = 8;

/// Large enough for the harvest to be a good part of the run.
fn world() -> World {
    let world = World::small_in_memory();
    for n in 3..400 {
        world.append("rh.csv", &format!("{n};Nom{n};Prénom{n};Présent;01/02/2020;\n"));
        world.append("annuaire.ldif", &entry(&format!("u{n}"), n));
    }
    world
}

#[test]
fn a_run_killed_at_any_instant_leaves_a_whole_store() {
    let mut left_something = 0;
    for store in 0..STORES {
        let world = world();
        // Once to make the key, once to see what a run does.
        world.probant(&["run", "--quiet"]).code(0);
        let instants = kills::instants(&kills::whole(&mut world.command(&["run", "--quiet"])), STORES * KILLS);
        let mut named = events(&world).len();
        // Over all stores, evenly spread from the first instant to the last.
        for n in instants.into_iter().skip(store).step_by(STORES) {
            let life = kills::at(n, &mut world.command(&["run", "--quiet"]));
            let after = events(&world);
            left_something += usize::from(after.len() > named || !temporaries(&world.store()).is_empty());
            // What is readable right after the kill, before anything repairs it. The last object may still want its name.
            everything_named_is_whole(&world, &after, named);
            world.probant(&["sql", "SELECT COUNT(*) AS n FROM accounts"]).code(0);
            // What the next run makes of it.
            world.probant(&["run", "--quiet"]).code(0);
            assert_eq!(
                temporaries(&world.store()),
                Vec::<String>::new(),
                "left behind by a kill at {:?} and a whole run",
                life.operations.last()
            );
            let after = events(&world);
            named = after.len();
            everything_named_is_whole(&world, &after, named);
        }
        let bundles: Vec<String> = files(&world.store().join("bundles")).iter().map(|path| path.display().to_string()).collect();
        let certificate = world.certificate().display().to_string();
        let arguments = [vec!["verify", "--anchor", &certificate], bundles.iter().map(String::as_str).collect()].concat();
        world.probant(&arguments).code(0);
    }
    let kills = STORES * KILLS;
    assert!(left_something >= kills / 2, "only {left_something} kills of {kills} left something");
}

fn events(world: &World) -> Vec<Value> {
    let ledger = world.probant(&["ledger", "--format", "json"]).code(0).json();
    ledger["entries"].as_array().unwrap().clone()
}

/// Every object of the ledger is there and is what the ledger says. Of those after the first `named`, the last may lack its name: it
/// was announced, and the next run gives it its name.
fn everything_named_is_whole(world: &World, events: &[Value], named: usize) {
    for (n, event) in events.iter().enumerate() {
        let (Some(path), Some(sha256)) = (event["data"]["path"].as_str(), event["data"]["sha256"].as_str()) else { continue };
        let path = world.store().join(path);
        if !path.exists() && n >= named && n + 1 == events.len() {
            let temporary = path.with_file_name(format!(".tmp-{}", path.file_name().unwrap().to_str().unwrap()));
            assert!(temporary.exists(), "{} is announced and nowhere", path.display());
        } else if path.is_dir() {
            let manifest = fs::read(path.join("snapshot.json")).unwrap();
            assert_eq!(digest(&manifest), sha256, "{}", path.display());
            let manifest: Value = serde_json::from_slice(&manifest).unwrap();
            for (table, file) in manifest["tables"].as_object().unwrap() {
                let bytes = fs::read(path.join(format!("tables/{table}.parquet"))).unwrap();
                assert_eq!(file["sha256"], digest(&bytes), "{table} of {}", path.display());
            }
        } else {
            assert_eq!(digest(&fs::read(&path).unwrap()), sha256, "{}", path.display());
        }
    }
    // And nothing bears a name that the ledger did not announce.
    for kind in ["snapshots", "bundles"] {
        for entry in fs::read_dir(world.store().join(kind)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let announced = events.iter().any(|event| event["data"]["path"] == format!("{kind}/{name}"));
            assert!(
                announced || name.starts_with(".tmp-") || name.ends_with(".partial"),
                "{kind}/{name} is in no event of the ledger"
            );
        }
    }
}

/// Paths below the store that bear a temporary name.
fn temporaries(store: &Path) -> Vec<String> {
    let name = |path: &Path| path.strip_prefix(store).unwrap().display().to_string();
    files(store).iter().map(|path| name(path)).filter(|name| name.contains(".tmp") || name.ends_with(".partial")).collect()
}

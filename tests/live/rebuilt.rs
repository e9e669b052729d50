//! `harvest --from-raw` over exports: the samples made again from their captures, and what cannot be made again.

use std::fs;

use crate::kit::{World, done, ran};

const TABLES: [&str; 9] =
    ["people", "accounts", "entitlements", "grants", "assets", "backup_jobs", "changes", "incidents", "vulnerabilities"];

fn rows(world: &World, snapshot: &str, table: &str) -> String {
    let query = format!("SELECT * FROM {table}");
    let mut answer = world.probant(&["sql", &query, "--snapshot", snapshot, "--format", "json"]).code(0).json();
    let at = answer["columns"].as_array().unwrap().iter().position(|name| name == "collection_id").unwrap();
    let rows = answer["rows"].as_array_mut().unwrap();
    let mut all: Vec<String> = rows
        .iter_mut()
        .map(|row| {
            row.as_array_mut().unwrap().remove(at);
            row.to_string()
        })
        .collect();
    all.sort();
    all.join("\n")
}

fn snapshots(world: &World) -> Vec<String> {
    let folder = fs::read_dir(world.store().join("snapshots")).unwrap();
    let mut names: Vec<String> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_samples_are_made_again_without_their_exports() {
    let world = World::run_samples();
    fs::remove_dir_all(world.folder.join("exports")).unwrap();
    done(&mut world.at("2026-10-06T08:00:00Z", &["harvest", "--from-raw"])).code(0);
    let names = snapshots(&world);
    for table in TABLES {
        // One source's capture lacks the passwords that stood in its lines, and cannot be read as such lines again.
        let of = |world: &World, snapshot: &str| -> Vec<String> {
            rows(world, snapshot, table).lines().filter(|row| !row.contains("RUNDECK")).map(str::to_owned).collect()
        };
        let then = of(ran(), &names[0]);
        assert!(!then.is_empty(), "{table} holds rows");
        assert!(then == of(&world, &names[1]), "{table} differs");
    }
    let left = world.sql("SELECT source, incomplete_reason FROM collections WHERE evidence_at IS NULL ORDER BY source");
    let left: Vec<&str> = left.iter().map(|row| row[0].as_deref().unwrap()).collect();
    assert_eq!(left, ["documents", "oracle", "rundeck"], "what keeps no files, what never came, what secrets were left out of");
    // Evidence is as old as it was.
    let ages = |world: &World, snapshot: &str| {
        let query = "SELECT source, evidence_at FROM collections WHERE source NOT IN ('documents', 'rundeck', 'exceptions') ORDER BY source";
        world.probant(&["sql", query, "--snapshot", snapshot, "--format", "json"]).code(0).json()["rows"].clone()
    };
    assert_eq!(ages(ran(), &names[0]), ages(&world, &names[1]));
}

#[test]
fn a_capture_that_was_changed_is_refused() {
    let world = World::small();
    world.probant(&["harvest"]).code(0);
    let row = world.sql("SELECT raw_sha256 FROM collections WHERE source = 'annuaire'");
    let sha256 = row[0][0].clone().unwrap();
    let path = world.store().join(format!("raw/sha256/{}/{sha256}.zst", &sha256[..2]));
    fs::remove_file(&path).unwrap();
    done(&mut world.at("2026-10-06T08:00:00Z", &["harvest", "--from-raw"])).code(2).says(&[
        "the raw capture",
        "cannot be read back",
        "take it from a copy of the store",
        "Source(s) that could not be read: annuaire",
    ]);
}

#[test]
fn a_source_that_was_not_there_then_is_not_made_up() {
    let world = World::small();
    world.probant(&["harvest"]).code(0);
    world.edit("probant.toml", "[source.annuaire]", "[source.autre]");
    let done = done(&mut world.at("2026-10-06T08:00:00Z", &["harvest", "--from-raw"])).code(0);
    assert!(done.err.contains("The source annuaire of that snapshot is no longer configured"), "{}", done.err);
    assert!(done.out.contains("not a source of 20261005T080000Z"), "{}", done.out);
}

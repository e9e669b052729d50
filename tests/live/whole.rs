//! One configuration, three real directories: harvested, asked in SQL, and made again offline from what was received.

use serde_json::Value;

use crate::kit::{World, done};
use crate::support::{ldapsearch, server};
use crate::worlds::{ds389, openldap, samba, source, world};

/// A table of a snapshot, sorted, without the column that names the snapshot; instants of the run aside.
fn table(world: &World, snapshot: &str, table: &str) -> Vec<String> {
    let answer =
        world.probant(&["sql", &format!("SELECT * FROM {table}"), "--snapshot", snapshot, "--format", "json"]).code(0).json();
    let names: Vec<String> = serde_json::from_value(answer["columns"].clone()).unwrap();
    let rows: Vec<Vec<Value>> = serde_json::from_value(answer["rows"].clone()).unwrap();
    let of = |row: &Vec<Value>| -> Vec<String> {
        names.iter().zip(row).filter(|(name, _)| *name != "collection_id").map(|(_, cell)| cell.to_string()).collect()
    };
    let mut all: Vec<String> = rows.iter().map(|row| of(row).join("|")).collect();
    all.sort();
    all
}

fn snapshots(world: &World) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(world.store().join("snapshots"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn three_directories_are_harvested_and_made_again_offline() {
    let (Some(open), Some(ad), Some(ds)) = (server("openldap"), server("samba"), server("389ds")) else { return };
    let sources =
        [source("openldap", "OL", &openldap(&open, "reader")), source("ad", "AD", &samba(&ad)), source("ds", "DS", &ds389(&ds))];
    let world = world(&sources.concat());
    let harvested = world.probant(&["harvest", "--format", "json"]).code(0).json();
    for collection in harvested["collections"].as_array().unwrap() {
        assert_eq!(collection["complete"], true, "{collection}");
    }
    // Every account that the directories have, and no other.
    let people = ldapsearch(
        &[
            "-x",
            "-H",
            &format!("ldaps://{}", ad["ADDRESS"]),
            "-D",
            &ad["USER"],
            "-w",
            &ad["PASSWORD"],
            "-b",
            &ad["BASE"],
            "-E",
            "pr=500/noprompt",
            "(&(objectCategory=person)(objectClass=user))",
            "1.1",
        ],
        &[("LDAPTLS_CACERT", &ad["CA"])],
    );
    let counts = world.sql("SELECT system, COUNT(*) FROM accounts GROUP BY system ORDER BY system");
    let counts: Vec<(&str, &str)> = counts.iter().map(|row| (row[0].as_deref().unwrap(), row[1].as_deref().unwrap())).collect();
    let managed = (people.len() + 1).to_string();
    assert_eq!(counts, [("AD", managed.as_str()), ("DS", "5200"), ("OL", "1409")]);
    let locked = world.sql("SELECT login FROM accounts WHERE system = 'AD' AND login = 'uac.disabled' AND NOT enabled");
    assert_eq!(locked.len(), 1);

    // Nothing is asked of the servers: their ports are closed now, as far as the configuration knows.
    for server in [&open["TLS"], &ds["TLS"]] {
        world.edit("probant.toml", &format!("localhost:{server}"), "localhost:1");
    }
    world.edit("probant.toml", &format!("ldaps://{}", ad["ADDRESS"]), "ldaps://127.0.0.1:1");
    done(&mut world.at("2026-10-06T08:00:00Z", &["harvest", "--from-raw"])).code(0);
    let names = snapshots(&world);
    assert_eq!(names.len(), 2, "{names:?}");
    for name in ["accounts", "entitlements", "grants", "people", "rejects"] {
        let (then, now) = (table(&world, &names[0], name), table(&world, &names[1], name));
        assert_eq!(then.len(), now.len(), "{name}");
        for (then, now) in then.iter().zip(&now) {
            assert_eq!(then, now, "{name}");
        }
    }
    let provenance = |snapshot: &str| {
        let query = "SELECT source, endpoint, identity, pages, rows_seen, rows_kept, server_count, evidence_at, details, complete, raw_sha256 FROM collections ORDER BY source";
        world.probant(&["sql", query, "--snapshot", snapshot, "--format", "json"]).code(0).json()["rows"].clone()
    };
    assert_eq!(provenance(&names[0]), provenance(&names[1]), "where it comes from is as it was, to the digest of the capture");
    let query = world.sql("SELECT query FROM collections WHERE source = 'ad'");
    let query: Value = serde_json::from_str(query[0][0].as_deref().unwrap()).unwrap();
    assert_eq!(query["rebuilt_from"]["collection"], format!("ad@{}", names[0]));
    assert!(!world.store().join(".tmp-rebuild").exists() || crate::kit::files(&world.store().join(".tmp-rebuild")).is_empty());
}

//! The store in a bucket: what one machine records another reads, and of two that write at once one is told to run again.

use std::fs;
use std::process::Stdio;

use crate::bucket::{Server, credentials};
use crate::kit::{World, done, files};

fn is_a(name: &str, kind: &str) -> bool {
    name.rsplit('.').next() == Some(kind)
}

/// A machine: its own working folder, the same bucket, the same key.
fn machine(server: &Server, of: Option<&World>) -> World {
    let world = World::small();
    credentials(&world);
    let store = format!("[store]\npath = \"s3://evidence/agence\"\nwork = \"store\"\n\n{}[signing]", server.section("store"));
    world.edit("probant.toml", "[signing]", &store);
    if let Some(of) = of {
        let keys = of.store().join("keys");
        // A machine that has only harvested has made none.
        if keys.exists() {
            crate::kit::copy(&keys, &world.store().join("keys"));
        }
    }
    world
}

#[test]
fn a_second_machine_reads_checks_and_goes_on() {
    let Some(server) = Server::start("a_second_machine_reads_checks_and_goes_on") else { return };
    server.bucket("evidence", false);
    let one = machine(&server, None);
    one.probant(&["run", "--quiet"]).code(0);
    let two = machine(&server, Some(&one));
    // Nothing there yet but its configuration: all comes from the bucket.
    assert_eq!(two.sql("SELECT COUNT(*) AS n FROM accounts")[0][0].as_deref(), Some("3"));
    assert!(two.store().join("snapshots/20261005T080000Z/tables/accounts.parquet").exists());
    two.probant(&["ledger", "verify"]).code(0);
    // A bundle of a snapshot made elsewhere, with its raw captures.
    done(&mut two.at("2026-10-06T08:00:00Z", &["bundle", "--quiet"])).code(0);
    let (bundle, anchor) = (two.bundle(), one.certificate());
    two.probant(&["verify", bundle.to_str().unwrap(), "--anchor", anchor.to_str().unwrap()]).code(2);
    done(&mut two.at("2026-10-07T08:00:00Z", &["verify", bundle.to_str().unwrap(), "--anchor", anchor.to_str().unwrap()])).code(0);
    // And the first one goes on from there.
    done(&mut one.at("2026-10-08T08:00:00Z", &["harvest", "--quiet"])).code(0);
    let ledger = two.probant(&["ledger", "--format", "json"]).code(0).json();
    let events: Vec<&str> = ledger["entries"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["snapshot", "bundle", "bundle", "snapshot"]);
    two.probant(&["drift"]).code(0);
    one.probant(&["ledger", "verify"]).code(0);
}

/// Names in the bucket, as its listing shows them.
fn names(server: &Server, bucket: &str) -> Vec<String> {
    let answer = server.ask("GET", &format!("/{bucket}?list-type=2"), "");
    answer.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap().to_owned()).collect()
}

fn purged(world: &World, now: &str, more: &[&str]) -> serde_json::Value {
    done(&mut world.at(now, &[&["purge", "--format", "json"], more].concat())).code(0).json()
}

#[test]
fn what_one_machine_purges_is_gone_for_all_and_leaves_tombstones() {
    let Some(server) = Server::start("what_one_machine_purges_is_gone_for_all_and_leaves_tombstones") else { return };
    server.bucket("evidence", false);
    let one = machine(&server, None);
    one.edit(
        "probant.toml",
        "[signing]",
        "[store.keep]\nsnapshots = \"1 month\"\nbundles = \"1 month\"\nraw = \"1 month\"\n\n[signing]",
    );
    one.probant(&["run", "--quiet"]).code(0);
    let two = machine(&server, Some(&one));
    two.edit(
        "probant.toml",
        "[signing]",
        "[store.keep]\nsnapshots = \"1 month\"\nbundles = \"1 month\"\nraw = \"1 month\"\n\n[signing]",
    );
    two.append("annuaire.ldif", &crate::kit::entry("u1", 100));
    done(&mut two.at("2026-10-06T08:00:00Z", &["harvest", "--quiet"])).code(0);
    let captures = || names(&server, "evidence").iter().filter(|name| name.starts_with("agence/raw/") && is_a(name, "zst")).count();
    assert_eq!(captures(), 4, "roster, application, and two exports of the directory");
    let first = "agence/snapshots/20261005T080000Z";
    let before = names(&server, "evidence");
    assert!(before.iter().any(|name| name.starts_with(first)) && before.iter().any(|name| is_a(name, "asice")), "{before:?}");
    // Shown from the machine that made neither snapshot nor bundle of the first day, then done there.
    let shown = purged(&two, "2030-12-31T00:00:00Z", &["--dry-run"]);
    let kinds: Vec<&str> = shown["removed"].as_array().unwrap().iter().map(|r| r["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["snapshot", "bundle", "raw"], "{shown}");
    assert_eq!(names(&server, "evidence"), before);
    let did = purged(&two, "2030-12-31T00:00:00Z", &[]);
    assert_eq!((&did["removed"], &did["retained"]), (&shown["removed"], &serde_json::json!([])));
    let after = names(&server, "evidence");
    assert!(!after.iter().any(|name| name.starts_with(&format!("{first}/")) || is_a(name, "asice")), "{after:?}");
    assert!(after.contains(&format!("{first}.purged.json")), "{after:?}");
    assert_eq!(after.iter().filter(|name| name.ends_with(".asice.purged.json")).count(), 1, "{after:?}");
    assert_eq!(captures(), 3, "{after:?}");
    // The other machine follows with its next command; the chain holds on both.
    assert!(one.store().join("snapshots/20261005T080000Z").exists());
    done(&mut one.at("2031-01-01T08:00:00Z", &["harvest", "--quiet"])).code(0);
    assert!(!one.store().join("snapshots/20261005T080000Z").exists());
    assert!(one.store().join("snapshots/20261005T080000Z.purged.json").exists());
    for world in [&one, &two] {
        done(&mut world.at("2031-01-02T08:00:00Z", &["ledger", "verify"])).code(0);
        done(&mut world.at("2031-01-02T08:00:00Z", &["assess", "--quiet"])).code(0);
    }
}

#[test]
fn a_purge_that_was_stopped_is_finished_in_the_bucket_by_any_machine() {
    let Some(server) = Server::start("a_purge_that_was_stopped_is_finished_in_the_bucket_by_any_machine") else { return };
    server.bucket("evidence", false);
    let one = machine(&server, None);
    one.edit("probant.toml", "[signing]", "[store.keep]\nbundles = \"1 month\"\n\n[signing]");
    one.probant(&["run", "--quiet"]).code(0);
    let bundle = format!("/evidence/agence/bundles/{}", one.bundle().file_name().unwrap().to_str().unwrap());
    let purge = purged(&one, "2026-12-31T00:00:00Z", &[]);
    assert_eq!(purge["removed"].as_array().unwrap().len(), 1, "{purge}");
    // As if stopped right after the announcement: the bundle is there still.
    assert!(server.ask("PUT", &bundle, "").starts_with("HTTP/1.1 200"));
    let two = machine(&server, Some(&one));
    two.probant(&["ledger", "verify"]).code(0);
    assert!(server.ask("HEAD", &bundle, "").starts_with("HTTP/1.1 404"));
}

#[test]
fn what_object_lock_keeps_is_said_and_fails_nothing() {
    let Some(server) = Server::start("what_object_lock_keeps_is_said_and_fails_nothing") else { return };
    server.bucket("evidence", true);
    let one = machine(&server, None);
    one.edit("probant.toml", "[signing]", "[store.keep]\nbundles = \"1 month\"\n\n[signing]");
    one.probant(&["run", "--quiet"]).code(0);
    let did = purged(&one, "2026-12-31T00:00:00Z", &[]);
    let retained = did["retained"].as_array().unwrap();
    assert_eq!((did["removed"].as_array().unwrap().len(), retained.len()), (1, 1), "{did}");
    assert!(retained[0]["object"].as_str().unwrap().starts_with("bundles/"), "{did}");
    assert!(retained[0]["why"].as_str().unwrap().contains("is still there, under object lock"), "{did}");
    assert!(!names(&server, "evidence").iter().any(|name| is_a(name, "asice")));
    done(&mut one.at("2027-01-02T08:00:00Z", &["ledger", "verify"])).code(0);
}

#[test]
fn a_second_machine_makes_the_snapshot_again_from_the_captures_in_the_bucket() {
    let Some(server) = Server::start("a_second_machine_makes_the_snapshot_again_from_the_captures_in_the_bucket") else { return };
    server.bucket("evidence", false);
    let one = machine(&server, None);
    one.probant(&["harvest", "--quiet"]).code(0);
    let two = machine(&server, None);
    // Neither what was read then nor what was kept of it is on this machine.
    for name in ["rh.csv", "appli.csv", "annuaire.ldif"] {
        fs::remove_file(two.folder.join(name)).unwrap();
    }
    assert!(!two.store().join("raw").exists());
    done(&mut two.at("2026-10-06T08:00:00Z", &["harvest", "--from-raw", "--quiet"])).code(0);
    let rows = |world: &World, snapshot: &str, what: &str| {
        let query = format!("SELECT {what} ORDER BY 1, 2");
        world.probant(&["sql", &query, "--snapshot", snapshot, "--format", "json"]).code(0).json()["rows"].clone()
    };
    for what in [
        "account_id, login, person_id, enabled, attributes FROM accounts",
        "person_id, employee_id, display_name FROM people",
        "source, complete, rows_seen, raw_sha256, evidence_at FROM collections",
    ] {
        let then = rows(&one, "20261005T080000Z", what);
        assert!(!then.as_array().unwrap().is_empty(), "{what}");
        assert_eq!(then, rows(&two, "20261006T080000Z", what), "{what}");
    }
    // The snapshot made again is in the bucket too.
    assert_eq!(rows(&one, "20261006T080000Z", "login, kind FROM accounts").as_array().unwrap().len(), 3);
    // A capture that is gone from the bucket is said.
    let query = "SELECT raw_sha256 FROM collections WHERE source = 'annuaire' AND raw_sha256 IS NOT NULL LIMIT 1";
    let sha256 = one.sql(query)[0][0].clone().unwrap();
    let capture = format!("/evidence/agence/raw/{sha256}.zst");
    assert!(server.ask("HEAD", &capture, "").starts_with("HTTP/1.1 200"));
    assert!(server.ask("DELETE", &capture, "").starts_with("HTTP/1.1 204"));
    let three = machine(&server, None);
    done(&mut three.at("2026-10-07T08:00:00Z", &["harvest", "--from-raw", "--quiet"])).code(2).says(&[&sha256]);
}

#[test]
fn of_two_that_write_at_once_one_is_told_to_run_again() {
    let Some(server) = Server::start("of_two_that_write_at_once_one_is_told_to_run_again") else { return };
    server.bucket("evidence", false);
    let one = machine(&server, None);
    one.probant(&["run", "--quiet"]).code(0);
    let two = machine(&server, Some(&one));
    two.probant(&["ledger"]).code(0);
    let mut lost = 0;
    for n in 0..4 {
        // A second apart: their snapshots have names of their own, the number of the event is the same.
        let start = |world: &World, second: u32| {
            let mut command = world.at(&format!("2026-10-{:02}T08:00:{second:02}Z", 6 + n), &["harvest", "--quiet"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let (a, b) = (start(&one, 0), start(&two, 1));
        let ended: Vec<_> = [a, b].into_iter().map(|child| child.wait_with_output().unwrap()).collect();
        for output in &ended {
            let said = String::from_utf8_lossy(&output.stderr).replace("\n  │ ", " ");
            match output.status.code() {
                Some(0) => {}
                Some(2) => {
                    assert!(
                        said.contains("another Probant recorded event") && said.contains("run the same command again"),
                        "{said}"
                    );
                    lost += 1;
                }
                other => panic!("{other:?}: {said}"),
            }
        }
        assert!(ended.iter().any(|output| output.status.success()), "both lost");
    }
    assert!(lost > 0, "they never met");
    for world in [&one, &two] {
        world.probant(&["ledger", "verify"]).code(0);
        let left: Vec<_> = files(&world.store()).into_iter().filter(|path| path.to_string_lossy().contains(".tmp-2026")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
    let events = |world: &World| world.probant(&["ledger", "--format", "json"]).code(0).json()["head"].clone();
    assert_eq!(events(&one), events(&two));
}

//! The store in a bucket: what one machine records another reads, and of two that write at once one is told to run again.

use std::process::Stdio;

use crate::bucket::{Server, credentials};
use crate::kit::{World, done, files};

/// A machine: its own working folder, the same bucket, the same key.
fn machine(server: &Server, of: Option<&World>) -> World {
    let world = World::small();
    credentials(&world);
    let store = format!("[store]\npath = \"s3://evidence/agence\"\nwork = \"store\"\n\n{}[signing]", server.section("store"));
    world.edit("probant.toml", "[signing]", &store);
    if let Some(of) = of {
        let keys = of.store().join("keys");
        crate::kit::copy(&keys, &world.store().join("keys"));
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
    one.probant(&["purge"]).code(2);
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

//! A key that cannot be used, a second writer, a ledger or a snapshot that was changed: refused, and said so.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::kit::{World, files};

/// The small world after one run.
fn ran() -> World {
    let world = World::small();
    world.probant(&["run", "--quiet"]).code(0);
    world
}

/// A refused bundle leaves the store as it was.
#[track_caller]
fn no_bundle(world: &World, words: &[&str]) {
    let before = (files(&world.store()), fs::read(world.store().join("ledger.jsonl")).unwrap());
    world.probant(&["bundle"]).code(2).says(words);
    assert_eq!(fs::read(world.store().join("ledger.jsonl")).unwrap(), before.1, "the ledger changed");
    let after = files(&world.store());
    let new: Vec<_> = after.iter().filter(|path| !before.0.contains(path)).collect();
    assert!(new.is_empty(), "left behind: {new:?}");
}

#[test]
fn a_wrong_passphrase() {
    let world = ran();
    world.write("passphrase.txt", "une autre phrase\n");
    no_bundle(&world, &["wrong passphrase", "seal.key.pem"]);
}

#[test]
fn a_missing_passphrase() {
    let world = ran();
    fs::remove_file(world.folder.join("passphrase.txt")).unwrap();
    no_bundle(&world, &["passphrase.txt", "No such file"]);
    world.edit("probant.toml", "passphrase_file = \"passphrase.txt\"\n", "");
    no_bundle(&world, &["no passphrase", "PROBANT_PASSPHRASE", "passphrase_file"]);
}

#[test]
fn a_short_passphrase() {
    let world = World::small();
    world.write("passphrase.txt", "court\n");
    world.probant(&["keys", "create"]).code(2).says(&["shorter than 8"]);
    assert!(!world.store().join("keys/seal.key.pem").exists());
}

#[test]
fn a_key_that_others_may_read() {
    let world = ran();
    let key = world.store().join("keys/seal.key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    no_bundle(&world, &["readable by others", "mode 0640", "chmod 600"]);
}

#[test]
fn a_key_without_its_certificate() {
    let world = ran();
    fs::remove_file(world.certificate()).unwrap();
    no_bundle(&world, &["seal.cert.pem", "No such file"]);
}

#[test]
fn no_key_and_none_may_be_made() {
    let world = ran();
    world.edit("probant.toml", "create = true", "create = false");
    fs::remove_dir_all(world.store().join("keys")).unwrap();
    no_bundle(&world, &["no seal key at", "probant keys create"]);
}

#[test]
fn two_writers_at_once() {
    let world = ran();
    let lock = fs::File::options().append(true).open(world.store().join(".lock")).unwrap();
    lock.try_lock().unwrap();
    for command in ["run", "harvest", "bundle"] {
        world.probant(&[command]).code(2).says(&["another Probant is writing", "wait for it to end"]);
    }
    // Who only reads need not wait.
    world.probant(&["assess", "--quiet"]).code(0);
    world.probant(&["ledger"]).code(0);
    drop(lock);
    world.probant(&["harvest", "--quiet"]).code(0);
}

#[test]
fn a_changed_ledger() {
    let world = ran();
    world.edit("store/ledger.jsonl", "\"event\":\"snapshot\"", "\"event\":\"snapshop\"");
    for command in ["ledger", "assess", "run", "bundle"] {
        world.probant(&[command]).code(2).says(&["line 2", "digest of the line before", "restore it from a copy"]);
    }
    let world = ran();
    world.append("store/ledger.jsonl", "not an event\n");
    world.probant(&["ledger"]).code(2).says(&["line 3", "not an event", "restore it from a copy"]);
}

#[test]
fn an_unfinished_line_of_the_ledger_is_cut_and_said() {
    let world = ran();
    world.append("store/ledger.jsonl", "{\"seq\":3,\"at\":\"2026");
    world.probant(&["ledger"]).code(0);
    world.probant(&["harvest", "--quiet"]).code(0);
    let ledger = world.probant(&["ledger", "--format", "json"]).code(0).json();
    assert_eq!(ledger["entries"][2]["event"], "recovered");
    assert_eq!(ledger["entries"][2]["data"]["unfinished_bytes_cut"], 19);
    assert_eq!(ledger["unfinished_bytes"], 0);
}

#[test]
fn a_snapshot_damaged_on_disk() {
    for name in ["tables/people.parquet", "snapshot.json"] {
        let world = ran();
        let path = files(&world.store().join("snapshots")).into_iter().find(|path| path.ends_with(name)).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        // Where a reader of Parquet does not look: in the data, or in the name of the organisation.
        let at = if name == "snapshot.json" { bytes.windows(5).position(|w| w == b"Essai").unwrap() } else { 60 };
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        for command in ["assess", "report", "bundle"] {
            world.probant(&[command]).code(2).says(&[name.rsplit('/').next().unwrap(), "changed"]);
        }
        // A new harvest makes a whole one.
        world.probant(&["harvest", "--quiet"]).code(0);
        world.probant(&["assess", "--quiet"]).code(0);
    }
}

#[test]
fn a_snapshot_with_a_table_missing() {
    let world = ran();
    let path = files(&world.store().join("snapshots")).into_iter().find(|path| path.ends_with("tables/people.parquet")).unwrap();
    fs::remove_file(path).unwrap();
    world.probant(&["assess"]).code(2).says(&["people.parquet"]);
}

#[test]
fn what_stopped_runs_left_is_removed_wherever_it_lies() {
    let world = ran();
    let left = [
        "raw/.tmp-rh",
        "snapshots/.tmp-20261001T080000Z/tables/people.parquet",
        "bundles/.tmp-dossier.asice",
        "bundles/..tmp-dossier.asice.partial",
        "outputs/20261005T080000Z/.tmp-report.html",
        "outputs/20261005T080000Z/csv/.tmp-people.csv",
        "campaigns/2026/sent/20261005T080000Z/.tmp-revue.xlsx",
    ];
    for name in left {
        world.write(&format!("store/{name}"), "half");
    }
    world.probant(&["run", "--quiet"]).code(0);
    let still: Vec<_> = left.iter().filter(|name| world.store().join(name).exists()).collect();
    assert!(still.is_empty(), "still there after a whole run: {still:?}");
}

#[test]
fn a_store_open_to_others_is_said() {
    let world = ran();
    fs::set_permissions(world.store(), fs::Permissions::from_mode(0o755)).unwrap();
    world.probant(&["harvest"]).code(0).says(&["can be read by others (mode 755)", "chmod -R go="]);
}

#[test]
fn an_expired_exception_counts_again() {
    let world = World::small();
    world.edit("probant.toml", "include = []", "exceptions = \"exceptions.toml\"");
    world.edit("appli.csv", "lp,2,non", "lp,2,oui");
    let derogation = |until: &str| {
        format!(
            "[[exception]]\nid = \"DER-1\"\ncheck = \"leaver-with-active-account\"\nsubject = \"APPLI:lp\"\napprover = \"RSSI\"\n\
             approved_on = 2026-01-01\nexpires_on = {until}\nreason = \"Passation\"\n"
        )
    };
    let judged = |until: &str| {
        world.write("exceptions.toml", derogation(until));
        world.probant(&["harvest", "--quiet"]).code(0);
        let findings = world.probant(&["assess", "--format", "json"]).code(0).json();
        let finding =
            findings["findings"].as_array().unwrap().iter().find(|f| f["check_id"] == "leaver-with-active-account").unwrap();
        let count = |name: &str| finding[name].as_array().unwrap().len();
        (count("exceptions"), count("accepted"), count("expired_exceptions"), finding["status"].as_str().unwrap().to_owned())
    };
    assert_eq!(judged("2026-10-05"), (0, 1, 0, "satisfied".to_owned()), "it holds on its last day");
    assert_eq!(judged("2026-10-04"), (1, 0, 1, "not_satisfied".to_owned()), "it is over the day after");
    world.write("exceptions.toml", derogation("\"soon\""));
    world.probant(&["harvest"]).code(2).says(&["exceptions.toml, line 7, column 14"]);
}

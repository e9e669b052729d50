//! The ledger's signed heads and receipts: checked by openssl alone, and seen by `probant ledger verify` when the ledger was cut,
//! rewritten, or lost what it announces.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::kit::{World, digest, files, tool};

fn ledger(world: &World) -> PathBuf {
    world.store().join("ledger.jsonl")
}

fn head(world: &World) -> Value {
    world.probant(&["ledger", "--format", "json"]).code(0).json()["head"].clone()
}

/// What openssl says the page holds.
fn openssl(world: &World, page: &Path) -> String {
    let mut command = Command::new("openssl");
    command
        .args(["cms", "-verify", "-cades", "-no-CApath", "-no-CAstore", "-in"])
        .arg(page)
        .arg("-CAfile")
        .arg(world.certificate());
    tool(&mut command)
}

/// Puts other events in the place of the ledger's, each carrying the digest of the one before: as whoever has the disk can.
fn rewrite(world: &World, change: impl Fn(&mut Vec<Value>)) {
    let text = fs::read_to_string(ledger(world)).unwrap();
    let mut events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    change(&mut events);
    let (mut previous, mut out) = ("0".repeat(64), String::new());
    for (n, event) in events.iter().enumerate() {
        // In the order of the ledger's own fields.
        let line = format!(
            "{{\"seq\":{},\"at\":{},\"event\":{},\"data\":{},\"previous\":\"{previous}\"}}",
            n + 1,
            event["at"],
            event["event"],
            event["data"]
        );
        previous = digest(line.as_bytes());
        out.push_str(&line);
        out.push('\n');
    }
    fs::write(ledger(world), out).unwrap();
}

/// One run, one harvest: three events.
fn world() -> World {
    let world = World::small();
    world.probant(&["run", "--quiet"]).code(0);
    world.at("2026-10-06T08:00:00Z", &["harvest", "--quiet"]).output().unwrap();
    world
}

#[test]
fn every_event_has_a_signed_head_that_openssl_checks() {
    let world = world();
    let pages = files(&world.store().join("checkpoints"));
    let names: Vec<_> = pages.iter().map(|page| page.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["0000000001.eml", "0000000002.eml", "0000000003.eml"]);
    let said = openssl(&world, &pages[2]);
    let head = head(&world);
    assert!(said.contains("Head-Sequence: 3"), "{said}");
    assert!(said.contains(&format!("Head-SHA256: {}", head["sha256"].as_str().unwrap())), "{said}");
    assert!(said.contains("CAdES Verification successful"), "{said}");
    let done = world.probant(&["ledger", "verify"]).code(0);
    assert!(done.out.contains("The ledger holds: 3 events.") && !done.out.contains('!'), "{}", done.out);
    // A character changed in the text, and the same tool says no.
    let text = fs::read_to_string(&pages[2]).unwrap().replace("Head-Sequence: 3", "Head-Sequence: 4");
    fs::write(&pages[2], text).unwrap();
    let mut again = Command::new("openssl");
    again.args(["cms", "-verify", "-in"]).arg(&pages[2]).arg("-CAfile").arg(world.certificate());
    assert!(!again.output().unwrap().status.success());
    let done = world.probant(&["ledger", "verify"]).code(1);
    assert!(done.out.contains("0000000003.eml") && done.out.contains("it was edited"), "{}", done.out);
}

#[test]
fn a_cut_ledger_is_seen_by_its_heads_and_without_them_by_a_receipt() {
    let world = world();
    let said = world.probant(&["ledger", "receipt", "--out", "reçu.eml"]).code(0).out;
    assert!(said.contains("openssl cms -verify"), "{said}");
    assert!(openssl(&world, &world.folder.join("reçu.eml")).contains("Events: 3"));
    world.probant(&["ledger", "receipt", "--out", "reçu.eml"]).code(2).says(&["never replaces a file"]);
    world.probant(&["ledger", "verify", "--expect-head", "reçu.eml"]).code(0);

    let text = fs::read_to_string(ledger(&world)).unwrap();
    let cut: Vec<&str> = text.split_inclusive('\n').take(2).collect();
    fs::write(ledger(&world), cut.concat()).unwrap();
    let done = world.probant(&["ledger", "verify"]).code(1);
    assert!(done.out.contains("the ledger was cut") && done.out.contains("0000000003.eml: 3 > 2"), "{}", done.out);
    fs::remove_file(world.store().join("checkpoints/0000000003.eml")).unwrap();
    world.probant(&["ledger", "verify"]).code(0);
    let done = world.probant(&["ledger", "verify", "--expect-head", "reçu.eml", "--lang", "fr"]).code(1);
    assert!(done.out.contains("le registre a été tronqué") && done.out.contains("Le registre a été altéré"), "{}", done.out);
}

#[test]
fn a_rewritten_ledger_whose_chain_holds_is_seen() {
    let world = world();
    world.probant(&["ledger", "receipt", "--out", "r.eml"]).code(0);
    rewrite(&world, |_| {});
    world.probant(&["ledger", "verify", "--expect-head", "r.eml"]).code(0);
    rewrite(&world, |events| events[1]["at"] = "2026-10-05T09:00:00Z".into());
    world.probant(&["ledger"]).code(0);
    let done = world.probant(&["ledger", "verify", "--expect-head", "r.eml", "--format", "json"]).code(1).json();
    let failed: Vec<&str> = done["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["outcome"] == "failed")
        .map(|c| c["code"].as_str().unwrap())
        .collect();
    assert_eq!(failed, ["checkpoints", "receipts"]);
    assert_eq!(done["schema"], "probant.ledger-verify.v1");
    // Made anew from its first line on, heads and all: the receipt still knows.
    rewrite(&world, |events| events[0]["at"] = "2026-10-04T09:00:00Z".into());
    fs::remove_dir_all(world.store().join("checkpoints")).unwrap();
    let done = world.probant(&["ledger", "verify", "--expect-head", "r.eml"]).code(1);
    assert!(done.out.contains("the ledger was made anew"), "{}", done.out);
}

#[test]
fn what_the_ledger_announces_must_be_there_as_announced() {
    let world = world();
    let bundle = world.bundle();
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[100] ^= 1;
    fs::write(&bundle, &bytes).unwrap();
    assert!(world.probant(&["ledger", "verify"]).code(1).out.contains("it was changed since: bundles/"));
    fs::remove_file(&bundle).unwrap();
    let done = world.probant(&["ledger", "verify"]).code(1);
    assert!(done.out.contains("it is gone, and no removal is recorded: bundles/"), "{}", done.out);
}

#[test]
fn heads_signed_by_someone_else_cannot_be_told() {
    let world = world();
    let other = World::small();
    other.probant(&["keys", "create"]).code(0);
    let anchor = other.certificate().display().to_string();
    let done = world.probant(&["ledger", "verify", "--anchor", &anchor]).code(2);
    assert!(done.out.contains("Cannot tell"), "{}", done.out);
}

#[test]
fn a_key_that_would_ask_signs_nothing_by_the_way() {
    let world = World::small();
    world.probant(&["keys", "create"]).code(0);
    world.edit("probant.toml", "passphrase_file = \"passphrase.txt\"\n", "");
    world.probant(&["harvest", "--quiet"]).code(0);
    assert!(!world.store().join("checkpoints").exists());
    let done = world.probant(&["ledger", "verify"]).code(0);
    assert!(done.out.contains("! Every event is covered by a signed head"), "{}", done.out);
    // From the environment it asks nothing.
    let mut harvest = world.at("2026-10-06T08:00:00Z", &["harvest", "--quiet"]);
    crate::kit::done(harvest.env("PROBANT_PASSPHRASE", "une phrase assez longue")).code(0);
    assert_eq!(files(&world.store().join("checkpoints")).len(), 2, "the head as found, and the new one");
    let mut wrong = world.at("2026-10-07T08:00:00Z", &["harvest"]);
    crate::kit::done(wrong.env("PROBANT_PASSPHRASE", "une autre phrase")).code(0).says(&["head is not signed", "wrong passphrase"]);
}

#[test]
fn a_receipt_is_not_taken_for_what_it_is_not() {
    let world = world();
    world.write("text.eml", "Head-Sequence: 3\n");
    let done = world.probant(&["ledger", "verify", "--expect-head", "text.eml"]).code(2);
    assert!(done.out.contains("it is not a page that Probant signed"), "{}", done.out);
    let done = world.probant(&["ledger", "verify", "--expect-head", "absent.eml"]).code(2);
    assert!(done.out.contains("absent.eml"), "{}", done.out);
}

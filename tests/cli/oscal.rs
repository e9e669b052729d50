//! The OSCAL documents of the samples, held to the official schemas, in the store and in the sealed bundle.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::kit::{World, digest, ran, skipped, tool};

/// Runs `tests/oscal/check.py` on a folder: whether it is content, and what it said. `tests/run` says where its Python is.
fn check(folder: &Path) -> Option<(bool, String)> {
    let Ok(python) = std::env::var("PROBANT_OSCAL") else {
        skipped("the OSCAL schemas", "PROBANT_OSCAL names no Python with jsonschema; run tests/run");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oscal/check.py");
    let done = Command::new(python).arg(script).arg(folder).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    Some((done.status.success(), said))
}

fn documents() -> PathBuf {
    let outputs = ran().store().join("outputs");
    let snapshot = fs::read_dir(outputs).unwrap().next().unwrap().unwrap().path();
    snapshot.join("oscal")
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_documents_of_the_samples_are_valid() {
    let Some((content, said)) = check(&documents()) else { return };
    assert!(content && said.matches("looked at").count() == 2, "{said}");
    let results = read(&documents().join("assessment-results.json"));
    let result = &results["assessment-results"]["results"][0];
    for list in ["observations", "findings", "risks"] {
        assert!(result[list].as_array().unwrap().len() > 5, "{list}");
    }
}

#[test]
fn the_check_can_fail() {
    let world = World::empty();
    for name in ["assessment-results.json", "component-definition.json"] {
        fs::copy(documents().join(name), world.folder.join(name)).unwrap();
    }
    let path = world.folder.join("assessment-results.json");
    let good = fs::read_to_string(&path).unwrap();
    for (old, new, word) in [
        ("\"not-satisfied\"", "\"incomplete\"", "incomplete"),
        ("\"control-id\": \"A.5.18\"", "\"control-id\": \"A:5.18\"", "A:5.18"),
        ("\"observation-uuid\": \"", "\"observation-uuid\": \"00000000-0000-5000-8000-0", "does not match"),
        ("\"target-id\": \"A.5.18_obj\"", "\"target-id\": \"A.5.99_obj\"", "no such objective"),
    ] {
        assert!(good.contains(old), "{old}");
        fs::write(&path, good.replacen(old, new, 1)).unwrap();
        let Some((content, said)) = check(&world.folder) else { return };
        assert!(!content && said.contains(word), "{new}: {said}");
    }
}

#[test]
fn the_bundle_holds_them_and_their_link_to_the_findings_ties() {
    let world = World::empty();
    tool(Command::new("unzip").arg("-q").arg(ran().bundle()).arg("-d").arg(&world.folder));
    let folder = world.folder.join("data/oscal");
    let results = read(&folder.join("assessment-results.json"));
    let resources = results["assessment-results"]["back-matter"]["resources"].as_array().unwrap();
    let link =
        resources.iter().flat_map(|r| r["rlinks"].as_array().into_iter().flatten()).find(|l| l["hashes"].is_array()).unwrap();
    let cited = fs::read(folder.join(link["href"].as_str().unwrap())).unwrap();
    assert_eq!(link["hashes"][0]["value"].as_str().unwrap(), digest(&cited));
    if let Some((content, said)) = check(&folder) {
        assert!(content, "{said}");
    }
}

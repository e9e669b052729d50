//! The seal of a bundle without its evidence: made by the command, read by everyday tools, compared with the bundle.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::kit::{World, files, tool};

fn text(path: PathBuf) -> String {
    path.into_os_string().into_string().unwrap()
}

#[test]
fn it_verifies_alone_and_beside_its_bundle() {
    let world = World::small();
    world.probant(&["run", "--quiet"]).code(0);
    let (bundle, anchor) = (text(world.bundle()), text(world.certificate()));
    world.probant(&["bundle", "seal-only", &bundle, "--out", "sceau.asice"]).code(0);
    assert_eq!(files(&world.store().join("seals")).len(), 1);
    // It is an event of the ledger, and no link of the chain of bundles.
    let second = world.probant(&["bundle", "--format", "json"]).code(0).json()["bundle"].as_str().unwrap().to_owned();
    let done = world.probant(&["verify", &second, "--anchor", &anchor, "--format", "json"]).code(0).json();
    assert_eq!(done["bundles"][0]["verdict"]["seq"], 2, "{done}");

    let alone = world.probant(&["verify", "sceau.asice", "--anchor", &anchor, "--lang", "en"]).code(0);
    assert!(alone.out.contains("is the seal alone of"), "{}", alone.out);
    let both = world.probant(&["verify", "sceau.asice", &bundle, "--anchor", &anchor, "--lang", "en"]).code(0);
    assert!(both.out.contains(&format!("sceau.asice is the seal of {bundle}")), "{}", both.out);
    // Nothing of the evidence is in it: the roster's people are in the bundle's tables.
    let listing = tool(Command::new("unzip").args(["-p", "sceau.asice"]).current_dir(&world.folder));
    assert!(!listing.contains("Martin"), "{listing}");
    assert!(fs::metadata(world.folder.join("sceau.asice")).unwrap().len() < 40_000);
}

#[test]
fn openssl_accepts_its_signature() {
    let world = World::small();
    world.probant(&["run", "--quiet"]).code(0);
    world.probant(&["bundle", "seal-only", &text(world.bundle()), "--out", "sceau.asice"]).code(0);
    tool(Command::new("unzip").args(["-q", "sceau.asice", "-d", "contents"]).current_dir(&world.folder));
    for folder in ["META-INF", "data/manifests"] {
        let said = tool(
            Command::new("openssl")
                .args(["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-out", "/dev/null", "-in"])
                .args([format!("contents/{folder}/signature001.p7s"), "-content".into()])
                .args([format!("contents/{folder}/ASiCManifest001.xml"), "-CAfile".into(), text(world.certificate())])
                .current_dir(&world.folder),
        );
        assert!(said.contains("CAdES Verification successful"), "{said}");
    }
}

#[test]
fn a_tampered_bundle_gets_no_seal_and_nothing_is_written_over() {
    let world = World::small();
    world.probant(&["run", "--quiet"]).code(0);
    let bundle = text(world.bundle());
    world.write("autre.txt", "à garder");
    world.probant(&["bundle", "seal-only", &bundle, "--out", "autre.txt"]).code(2).says(&["autre.txt"]);
    assert_eq!(fs::read_to_string(world.folder.join("autre.txt")).unwrap(), "à garder");
    let mut bytes = fs::read(&bundle).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    world.write("casse.asice", bytes);
    world.probant(&["bundle", "seal-only", "casse.asice"]).code(2).says(&["casse.asice"]);
    world.probant(&["bundle", "seal-only", "probant.toml"]).code(2).says(&["probant.toml"]);
}

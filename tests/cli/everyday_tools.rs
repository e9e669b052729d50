//! The sealed bundle of the samples under `probant verify` and under the tools that every auditor has.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::kit::{Done, World, ran, skipped, tool};

fn verify(bundle: &str, anchor: &str) -> Done {
    ran().probant(&["verify", bundle, "--anchor", anchor, "--lang", "en"])
}

fn text(path: PathBuf) -> String {
    path.into_os_string().into_string().unwrap()
}

fn bundle() -> String {
    text(ran().bundle())
}

fn certificate() -> String {
    text(ran().certificate())
}

#[test]
fn verify_says_valid_and_why() {
    let done = verify(&bundle(), &certificate()).code(0);
    assert!(done.out.contains("valid"), "{}", done.out);
    assert!(done.out.matches('✓').count() >= 5, "it does not say why:\n{}", done.out);
    assert!(!done.out.contains('✗'), "{}", done.out);
    let json = ran().probant(&["verify", &bundle(), "--anchor", &certificate(), "--format", "json"]).code(0).json();
    assert_eq!(json["schema"], "probant.verify.v1");
    assert_eq!(json["bundles"][0]["verdict"]["exit"], 0);
}

#[test]
fn a_flipped_byte_is_tampering_wherever_it_lies() {
    let world = World::empty();
    let path = text(world.folder.join("b.asice"));
    let good = fs::read(ran().bundle()).unwrap();
    for at in [50, good.len() / 3, good.len() / 2, good.len() - 2000] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let done = verify(&path, &certificate()).code(1);
        assert!(done.out.contains('✗'), "byte {at}:\n{}", done.out);
    }
}

#[test]
fn another_anchor_cannot_tell() {
    let other = World::small();
    other.probant(&["keys", "create"]).code(0);
    let done = verify(&bundle(), &text(other.certificate())).code(2);
    assert!(!done.out.contains("is valid"), "{}", done.out);
}

#[test]
fn a_text_is_not_a_bundle() {
    let readme = text(ran().folder.join("soa.toml"));
    verify(&readme, &certificate()).code(3);
}

#[test]
fn verify_without_an_anchor_is_refused() {
    ran().probant(&["verify", &bundle()]).code(2).says(&["--anchor"]);
    verify(&bundle(), "absent.pem").code(2).says(&["absent.pem"]);
}

/// The bundle unpacked by `unzip`.
fn unpacked() -> (World, PathBuf) {
    let world = World::empty();
    let folder = world.folder.join("x");
    tool(Command::new("unzip").env("LC_ALL", "C.UTF-8").arg("-q").arg(ran().bundle()).arg("-d").arg(&folder));
    (world, folder)
}

#[test]
fn openssl_and_sha256sum_agree() {
    let (_world, folder) = unpacked();
    let mut openssl = Command::new("openssl");
    openssl.args(["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "META-INF/signature001.p7s"]);
    openssl.args(["-content", "META-INF/ASiCManifest001.xml", "-out", "/dev/null", "-CAfile"]).arg(ran().certificate());
    let said = tool(openssl.current_dir(&folder));
    assert!(said.contains("CAdES Verification successful"), "{said}");
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        tool(Command::new("sha256sum").args(["-c", "--strict", "--quiet", manifest]).current_dir(&folder));
    }
}

#[test]
fn the_bundle_holds_what_an_auditor_asks_for() {
    let (_world, folder) = unpacked();
    let held: Vec<String> =
        crate::kit::files(&folder.join("data")).iter().map(|p| p.strip_prefix(&folder).unwrap().display().to_string()).collect();
    for name in ["data/index.html", "data/VERIFY.fr.md", "data/VERIFY.en.md"] {
        assert!(held.iter().any(|held| held == name), "no {name} in {held:#?}");
    }
    for end in ["accounts.parquet", "accounts.csv", "findings.json", "leaver-with-active-account.toml", ".xlsx"] {
        assert!(held.iter().any(|held| held.ends_with(end)), "nothing that ends in {end} in {held:#?}");
    }
    let findings = held.iter().find(|name| name.ends_with("findings.json")).unwrap();
    let findings: serde_json::Value = serde_json::from_slice(&fs::read(folder.join(findings)).unwrap()).unwrap();
    assert_eq!(findings["schema"], "probant.assessment.v1");
}

#[test]
fn bagit_agrees() {
    let Some(python) = std::env::var_os("PROBANT_BAGIT") else {
        return skipped("bagit_agrees", "PROBANT_BAGIT does not name a python that has the bagit module");
    };
    let (_world, folder) = unpacked();
    tool(Command::new(&python).args(["-m", "bagit", "--validate"]).arg(&folder));
    fs::remove_file(folder.join("data/VERIFY.en.md")).unwrap();
    let again = Command::new(&python).args(["-m", "bagit", "--validate"]).arg(&folder).output().unwrap();
    assert!(!again.status.success(), "bagit does not look at the payload");
}

//! The seal alone: a small bundle that holds another's manifests and nothing of its evidence.

use std::fs;
use std::path::Path;

use probant::bundle::{Lang, PayloadFile, PayloadSource, SealRequest, Status, Verdict, manifests_only, seal, verify};

use crate::kit::{file, impostor, judge, now, request, sample_files, seal_to, sealer};

/// Seals a payload as a seal alone, with the lines of `bag-info.txt` given.
fn seal_alone(folder: &Path, files: Vec<PayloadFile>, bag_info: Vec<(String, String)>) -> Verdict {
    let request = SealRequest { bundle_id: "s".into(), seq: 1, previous_manifest_sha256: None, bag_info, ..request(files) };
    let made = seal(&request, &sealer().signer, &folder.join(format!("{}.asice", fs::read_dir(folder).unwrap().count()))).unwrap();
    judge(&fs::read(made.path).unwrap())
}

fn bytes(file: &PayloadFile) -> Vec<u8> {
    match &file.source {
        PayloadSource::Bytes(bytes) => bytes.clone(),
        PayloadSource::File(path) => fs::read(path).unwrap(),
    }
}

#[test]
fn it_holds_manifests_names_its_bundle_and_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let whole = seal_to(folder.path(), sample_files());
    let alone = manifests_only(&whole.path).unwrap();
    let names: Vec<&str> = alone.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        names,
        ["ASiCManifest001.xml", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "signature001.p7s", "tagmanifest-sha256.txt"]
            .map(|name| format!("manifests/{name}"))
    );
    for evidence in sample_files().iter().map(bytes).filter(|bytes| bytes.len() > 100) {
        let held = |file: &PayloadFile| bytes(file).windows(100).any(|window| window == &evidence[..100]);
        assert!(!alone.files.iter().any(held), "a file of the evidence is in it");
    }
    let verdict = seal_alone(folder.path(), alone.files, alone.bag_info);
    assert_eq!(verdict.status, Status::Valid, "{verdict:?}");
    let of = verdict.claims.seal_of.unwrap();
    assert_eq!((of.bundle_id.as_str(), of.manifest_sha256), ("2026-T3", whole.manifest_sha256));
    assert_eq!(judge(&fs::read(&whole.path).unwrap()).claims.seal_of, None);
}

#[test]
fn manifests_that_do_not_tie_are_tampering_even_under_a_good_seal() {
    let folder = tempfile::tempdir().unwrap();
    let whole = seal_to(folder.path(), sample_files());
    let below = tempfile::tempdir().unwrap();
    let other = seal_to(below.path(), vec![file("autre.txt", "autre")]);
    let good = || manifests_only(&whole.path).unwrap();
    let swapped = |name: &str| {
        let others = manifests_only(&other.path).unwrap().files;
        let mut files = good().files;
        let at = files.iter().position(|file| file.path.ends_with(name)).unwrap();
        files[at] = others.into_iter().nth(at).unwrap();
        files
    };
    for (name, said) in [
        ("/ASiCManifest001.xml", "another bundle"),
        ("/signature001.p7s", "signature"),
        ("/manifest-sha256.txt", "does not hold this file's digest"),
    ] {
        let verdict = seal_alone(folder.path(), swapped(name), good().bag_info);
        let details: String = verdict.checks.iter().flat_map(|line| line.details.clone()).collect();
        assert_eq!(verdict.status, Status::Tampered, "{name}: {verdict:?}");
        assert!(details.contains(said), "{name}: {details}");
    }
    let mut missing = good().files;
    missing.pop();
    assert_eq!(seal_alone(folder.path(), missing, good().bag_info).status, Status::Tampered);
    // Another's lines in bag-info.txt.
    assert_eq!(seal_alone(folder.path(), good().files, manifests_only(&other.path).unwrap().bag_info).status, Status::Tampered);
}

#[test]
fn a_seal_of_a_seal_is_refused_and_trust_is_still_the_verifiers() {
    let folder = tempfile::tempdir().unwrap();
    let whole = seal_to(folder.path(), sample_files());
    let alone = manifests_only(&whole.path).unwrap();
    let request = SealRequest {
        bundle_id: "s".into(),
        seq: 1,
        previous_manifest_sha256: None,
        bag_info: alone.bag_info,
        ..request(alone.files)
    };
    let path = folder.path().join("s.asice");
    seal(&request, &sealer().signer, &path).unwrap();
    let fault = manifests_only(&path).unwrap_err().text(Lang::En);
    assert!(fault.contains("already the seal alone"), "{fault}");
    assert_eq!(verify(&path, &impostor().anchors, now(), Lang::En).status, Status::CannotTell);
}

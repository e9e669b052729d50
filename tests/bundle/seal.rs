//! Sealing itself: the same bytes each time, nothing half-made, errors that name the culprit.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use probant::bundle::digest::{hex, sha256};
use probant::bundle::layout::{ASIC_MANIFEST, SIGNATURE};
use probant::bundle::{Lang, Outcome, PayloadFile, PayloadSource, SealError, Status, seal, verify};

use crate::kit::{codes, entry, file, good, judge, now, request, sample_files, seal_to, sealer, unpack};

#[test]
fn a_sealed_bundle_is_valid_and_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let sealed = seal_to(folder.path(), sample_files());
    let verdict = verify(&sealed.path, &sealer().anchors, now(), Lang::En);
    assert_eq!(verdict.status, Status::Valid, "{verdict:#?}");
    assert_eq!(verdict.exit, 0);
    let absent = codes(&verdict, Outcome::NotApplicable);
    assert_eq!(absent, ["time-stamp", "archive-time-stamp", "time-stamp-trust"], "level B has none");
    assert_eq!(codes(&verdict, Outcome::Passed).len() + absent.len(), 21, "{verdict:#?}");
    let claims = &verdict.claims;
    assert_eq!(claims.bundle_id.as_deref(), Some("2026-T3"));
    assert_eq!((claims.seq, claims.entries), (Some(2), Some(13)));
    assert_eq!(claims.previous_manifest_sha256, Some("5a".repeat(32)));
    assert_eq!(claims.signing_time.as_deref(), Some("2026-10-01T08:30:00Z"));
    assert_eq!(claims.manifest_sha256.as_ref(), Some(&sealed.manifest_sha256));
    assert_eq!(claims.bytes, Some(sealed.bytes));
    let signer = claims.signer.as_ref().unwrap();
    assert_eq!(signer.fingerprint_sha256, sealer().signer.fingerprint());
    assert_eq!(signer.subject, "CN=Probant seal,O=Agence régionale d'essai");

    let bytes = fs::read(&sealed.path).unwrap();
    assert_eq!(sealed.bytes, bytes.len() as u64);
    assert_eq!(sealed.manifest_sha256, hex(&sha256(entry(&mut unpack(&bytes), ASIC_MANIFEST))));
    assert_eq!((sealed.entries, sealed.many_entries), (13, false));
    assert_eq!(fs::metadata(&sealed.path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file was left");
}

#[test]
fn the_verdict_is_versioned_json_in_two_languages() {
    let french = probant::bundle::verify_source(good(), &sealer().anchors, now(), Lang::Fr);
    let json = serde_json::to_value(&french).unwrap();
    assert_eq!(json["schema"], "probant.verdict.v1");
    assert_eq!(json["status"], "valid");
    assert_eq!(json["bundle_id"], "2026-T3");
    assert_eq!(json["checks"][5]["code"], "signature-value");
    assert_eq!(json["checks"][5]["text"], "La signature couvre le manifeste");
    assert_eq!(judge(good()).checks[5].text, "The signature covers the manifest");
}

#[test]
fn the_same_request_gives_the_same_bytes_from_memory_and_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let again = fs::read(seal_to(folder.path(), sample_files()).path).unwrap();
    assert!(again == good());
    let from_files: Vec<PayloadFile> = sample_files()
        .into_iter()
        .rev()
        .enumerate()
        .map(|(index, file)| {
            let PayloadSource::Bytes(bytes) = file.source else { unreachable!() };
            let path = folder.path().join(index.to_string());
            fs::write(&path, bytes).unwrap();
            PayloadFile { path: file.path, source: PayloadSource::File(path) }
        })
        .collect();
    let sealed = seal(&request(from_files), &sealer().signer, &folder.path().join("sub-dossier.asice")).unwrap();
    let mut ours = unpack(&fs::read(sealed.path).unwrap());
    let mut theirs = unpack(good());
    // The file's name is printed in the two texts.
    for entries in [&mut ours, &mut theirs] {
        entries.retain(|(name, _)| name.starts_with("data/") && !name.contains("VERIFY"));
    }
    assert_eq!(ours, theirs);
}

/// Above a mebibyte files are streamed: compressible, random, misleading at the start, and suspiciously compressible.
#[test]
fn large_files_are_streamed_and_stored_when_that_is_wiser() {
    let folder = tempfile::tempdir().unwrap();
    let mut noise = vec![0; 1 << 20];
    let mut state = 1_u64;
    for byte in &mut noise {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *byte = (state >> 56) as u8;
    }
    let text = "une ligne de journal, puis une autre\n".bytes().zip(noise.iter().cycle());
    let text: Vec<u8> = text.cycle().take(1 << 21).enumerate().map(|(i, (b, n))| if i % 9 == 0 { *n } else { b }).collect();
    let misleading: Vec<u8> = [text[..1 << 20].to_vec(), noise.repeat(20)].concat();
    let contents = [("a.log", text), ("b.bin", noise.repeat(2)), ("c.mix", misleading), ("d.zero", vec![0; 3 << 20])];
    let mut files = Vec::new();
    for (name, content) in &contents {
        fs::write(folder.path().join(name), content).unwrap();
        files.push(PayloadFile { path: (*name).into(), source: PayloadSource::File(folder.path().join(name)) });
    }
    let sealed = seal_to(folder.path(), files);
    let bytes = fs::read(&sealed.path).unwrap();
    assert_eq!(judge(&bytes).exit, 0, "{:#?}", judge(&bytes));
    let mut entries = unpack(&bytes);
    for (name, content) in &contents {
        assert!(entry(&mut entries, &format!("data/{name}")) == content, "{name}");
    }
    let archive = probant::bundle::container::read::open(bytes.as_slice()).unwrap();
    let packed = |name: &str| archive.records.iter().find(|r| r.name == format!("data/{name}")).map(|r| r.packed < r.size).unwrap();
    assert_eq!([packed("a.log"), packed("b.bin"), packed("c.mix"), packed("d.zero")], [true, false, false, false]);
}

#[test]
fn a_file_that_changes_between_plan_and_end_is_an_error() {
    use probant::bundle::pinned::Planned;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.log");
    fs::write(&path, "avant").unwrap();
    let planned = Planned::new(&path).unwrap();
    fs::write(&path, "avant et après").unwrap();
    assert!(matches!(planned.open(), Err(SealError::Changed { .. })));
    let planned = Planned::new(&path).unwrap();
    let mut open = planned.open().unwrap();
    fs::write(&path, "plus court").unwrap();
    let error = open.read_exact(&mut [0; 16]).unwrap_err().to_string();
    assert!(error.contains("journal.log: changed while it was being sealed"), "{error}");
    fs::write(&path, "de même lg").unwrap();
    let later = fs::metadata(&path).unwrap().modified().unwrap() + std::time::Duration::from_secs(5);
    let planned = Planned::new(&path).unwrap();
    let open = planned.open().unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    assert!(matches!(open.check_unchanged(), Err(SealError::Changed { .. })));
}

#[test]
fn what_cannot_be_sealed_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("dossier.asice");
    let missing = PayloadFile { path: "a".into(), source: PayloadSource::File(folder.path().join("absent")) };
    let link = folder.path().join("lien");
    std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
    let linked = PayloadFile { path: "a".into(), source: PayloadSource::File(link.clone()) };
    for (files, says) in [
        (vec![file("../x", "")], "empty, . or .. component"),
        (vec![file("a\\b", "")], "not every system reads alike"),
        (vec![file("100%", "")], "not every system reads alike"),
        (vec![file("A", ""), file("a", "")], "differ only by case"),
        (vec![file("a", ""), file("a/b", "")], "is itself a file"),
        (vec![file("VERIFY.fr.md", "")], "written by the seal itself"),
        (vec![file("verify.FR.md", "")], "differ only by case"),
        (vec![missing], "cannot be read for sealing"),
        (vec![linked], "not a regular file"),
    ] {
        let error = seal(&request(files), &sealer().signer, &target).unwrap_err().to_string();
        assert!(error.contains(says), "{error:?} does not say {says:?}");
    }
    fs::remove_file(link).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let named = probant::bundle::SealRequest { file_name: "a; rm -rf b.asice".into(), ..request(vec![]) };
    let shell = seal(&named, &sealer().signer, &target).unwrap_err();
    assert!(matches!(shell, SealError::BundleName { .. }));
    let unnumbered = probant::bundle::SealRequest { seq: 1, ..request(vec![]) };
    assert!(matches!(seal(&unnumbered, &sealer().signer, &target), Err(SealError::Chain { .. })));
}

#[test]
fn a_bundle_is_never_overwritten_and_a_killed_run_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".dossier.asice.partial"), "half of something").unwrap();
    let sealed = seal_to(folder.path(), sample_files());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let before = fs::read(&sealed.path).unwrap();
    let error = seal(&request(vec![]), &sealer().signer, &sealed.path).unwrap_err();
    assert!(matches!(error, SealError::Exists { .. }), "{error}");
    assert!(fs::read(&sealed.path).unwrap() == before);
}

#[test]
fn thousands_of_entries_are_valid_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let files = (0..5000).map(|n| file(&format!("n{n:05}.txt"), format!("{n}"))).collect();
    let sealed = seal_to(folder.path(), files);
    assert!(sealed.many_entries);
    let verdict = verify(&sealed.path, &sealer().anchors, now(), Lang::En);
    assert_eq!(verdict.exit, 0, "{verdict:#?}");
    assert_eq!(codes(&verdict, Outcome::Warning), ["entry-count"]);
}

#[test]
fn the_signature_file_depends_on_the_manifest_only() {
    let mut entries = unpack(good());
    let manifest = entry(&mut entries, ASIC_MANIFEST).clone();
    let again = sealer().signer.sign(&manifest, now()).unwrap();
    assert_eq!(*entry(&mut entries, SIGNATURE), again);
}

//! The same file under everyday tools, by the commands that `VERIFY.*.md` prints.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use probant::bundle::Level;
use probant::bundle::layout::{MANIFEST, VERIFY_EN, VERIFY_FR};

use crate::authority::Pki;
use crate::kit::{Entries, entry, fix_bag, good, run, sample_files, seal_to, sealer, unpack, write_entries};

fn unpacked() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let sealed = seal_to(folder.path(), sample_files());
    run(Command::new("unzip").env("LC_ALL", "C.UTF-8").arg("-q").arg(&sealed.path).arg("-d").arg(folder.path().join("x")));
    let contents = folder.path().join("x");
    (folder, contents)
}

#[test]
fn unzip_gives_back_every_byte() {
    let (_folder, contents) = unpacked();
    for (name, content) in unpack(good()) {
        assert!(fs::read(contents.join(&name)).unwrap() == content, "{name}");
    }
}

#[test]
fn openssl_accepts_the_signature_as_cades() {
    let (_folder, contents) = unpacked();
    let mut command = Command::new("openssl");
    command.args(["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "META-INF/signature001.p7s"]);
    command.args(["-content", "META-INF/ASiCManifest001.xml", "-out", "/dev/null", "-CAfile"]).arg(&sealer().certificate);
    let text = run(command.current_dir(&contents));
    assert!(text.contains("CAdES Verification successful"), "{text}");
}

#[test]
fn sha256sum_accepts_both_manifests() {
    let (_folder, contents) = unpacked();
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        run(Command::new("sha256sum").args(["-c", "--strict", manifest]).current_dir(&contents));
    }
}

#[test]
fn bagit_accepts_the_bag() {
    let Some(python) = std::env::var_os("PROBANT_BAGIT") else {
        // Written directly: the harness swallows what a passing test prints.
        let said = b"SKIPPED: bagit_accepts_the_bag needs PROBANT_BAGIT, the path of a python that has the bagit module\n";
        std::io::stderr().write_all(said).unwrap();
        return;
    };
    let (_folder, contents) = unpacked();
    run(Command::new(&python).args(["-m", "bagit", "--validate"]).arg(&contents));
    fs::write(contents.join("data/vide.txt"), "plein").unwrap();
    let again = Command::new(&python).args(["-m", "bagit", "--validate"]).arg(&contents).output().unwrap();
    assert!(!again.status.success(), "bagit does not look at the payload");
}

/// The fenced `sh` blocks of a text, in order.
fn commands(text: &str) -> String {
    let blocks: Vec<&str> = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 7, "too few commands in the text");
    format!("set -e\n{}", blocks.concat())
}

fn script(name: &str) -> String {
    commands(std::str::from_utf8(entry(&mut unpack(good()), name)).unwrap())
}

fn output(folder: &Path, script: &str) -> (bool, String) {
    let output = Command::new("sh").arg("-c").arg(script).current_dir(folder).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

#[test]
fn the_printed_commands_work_as_written() {
    for (name, oks) in [(VERIFY_EN, ["lists: OK", "nothing added: OK"]), (VERIFY_FR, ["listes : OK", "rien d'ajouté : OK"])] {
        let folder = tempfile::tempdir().unwrap();
        seal_to(folder.path(), sample_files());
        fs::copy(&sealer().certificate, folder.path().join("ca.pem")).unwrap();
        let (success, text) = output(folder.path(), &script(name));
        assert!(success, "{text}");
        for said in [oks[0], oks[1], "CAdES Verification successful", sealer().signer.fingerprint()] {
            assert!(text.contains(said), "{name} does not show {said:?}:\n{text}");
        }
        assert_eq!(text.matches("OK\n").count(), 4, "{text}");
        assert!(!text.contains("FAILED") && !text.contains("ÉCHEC"), "{text}");
        let listed = text.rsplit("OK\n").next().unwrap();
        assert_eq!(listed.matches("./").count(), 7, "{text}");
    }
}

/// Payload and both lists rewritten: every other command still says OK, the step that closes the loop does not.
#[test]
fn the_printed_commands_close_the_digest_loop() {
    for (name, closing) in [(VERIFY_EN, "for list in"), (VERIFY_FR, "for liste in")] {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(&sealer().certificate, folder.path().join("ca.pem")).unwrap();
        let mut entries: Entries = unpack(good());
        entry(&mut entries, "data/index.html").extend(b"falsified");
        fix_bag(&mut entries);
        let contents = folder.path().join("contents");
        write_entries(&contents, &entries);
        let loops = script(name);
        let start = loops.find(closing).unwrap();
        let end = start + loops[start..].find("done\n").unwrap() + 5;
        let (_, text) = output(&contents, &loops[start..end]);
        assert_eq!(text.matches("OK\n").count(), 0, "{text}");
        assert!(text.contains(MANIFEST) && (text.contains("FAILED") || text.contains("ÉCHEC")), "{text}");
        let (lists, text) = output(&contents, "sha256sum -c --strict --quiet manifest-sha256.txt tagmanifest-sha256.txt");
        assert!(lists, "the attack is not the one meant: {text}");
    }
}

/// At the levels with time-stamps too, with openssl's own authority; and after a renewal.
#[test]
fn the_printed_commands_verify_time_stamps() {
    let pki = Pki::usual();
    for (level, file, verified, archived) in
        [(Level::T, VERIFY_FR, 1, 0), (Level::Lt, VERIFY_EN, 1, 0), (Level::Lta, VERIFY_FR, 2, 2), (Level::Lta, VERIFY_EN, 2, 2)]
    {
        let folder = tempfile::tempdir().unwrap();
        let bytes = pki.seal(level);
        fs::write(folder.path().join("dossier.asice"), &bytes).unwrap();
        fs::copy(pki.path("racine.pem"), folder.path().join("ca.pem")).unwrap();
        fs::copy(pki.path("racine-tsa.pem"), folder.path().join("tsa.pem")).unwrap();
        let script = commands(&String::from_utf8(entry(&mut unpack(&bytes), file).clone()).unwrap());
        let (success, text) = output(folder.path(), &script);
        assert!(success, "{text}");
        assert!(text.contains("CAdES Verification successful"), "{text}");
        assert_eq!(text.matches("Verification: OK").count(), verified, "{text}");
        assert!(text.contains("Time stamp: "), "{text}");
        assert_eq!(text.matches("archiv").count(), archived, "{text}");
        assert!(!text.contains("FAILED") && !text.contains("ÉCHEC"), "{text}");
        if level >= Level::Lt {
            let script = "cd cont*; openssl cms -verify -cades -binary -inform DER -in META-INF/signature001.p7s \
                -content META-INF/ASiCManifest001.xml -CAfile ../ca.pem -no-CApath -no-CAstore -crl_check_all -out /dev/null";
            let (success, text) = output(folder.path(), script);
            assert!(success, "{text}");
        }
    }
}

/// The same bundle under an independent implementation of CAdES and RFC 3161.
#[test]
fn pyhanko_accepts_signature_time_stamps_and_lists() {
    let Some(python) = std::env::var_os("PROBANT_PYHANKO") else {
        let said = b"SKIPPED: pyhanko_accepts_signature_time_stamps_and_lists needs PROBANT_PYHANKO, a python that has pyHanko\n";
        std::io::stderr().write_all(said).unwrap();
        return;
    };
    let pki = Pki::usual();
    let bytes = pki.seal(Level::Lta);
    let folder = tempfile::tempdir().unwrap();
    write_entries(folder.path(), &unpack(&bytes));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bundle/pyhanko_check.py");
    let check = || {
        let mut command = Command::new(&python);
        command.arg(&script).arg(folder.path()).args([pki.path("racine.pem"), pki.path("racine-tsa.pem")]);
        command.output().unwrap()
    };
    let output = check();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "signature: intact, valid, trusted",
        "signature time-stamp: intact, valid, trusted",
        "archive time-stamp: intact, valid, trusted",
    ] {
        assert!(said.contains(line), "{said}");
    }
    fs::write(folder.path().join("META-INF/ASiCManifest001.xml"), "changed").unwrap();
    assert!(!check().status.success(), "pyHanko does not look at the manifest");
}

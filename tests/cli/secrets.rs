//! Secrets reach no screen, no store and no bundle; what the store holds is closed to others.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::kit::{World, done, files, ran, tool};
use crate::same_bytes::holds;

const PASSPHRASE: &str = "hippocampe-violet-42";
const PASSWORD: &str = "MotDePasseEnClair9";

/// A run whose key is under a passphrase of the environment and whose directory exports a password.
fn run() -> (World, String) {
    let world = World::small();
    world.edit("probant.toml", "passphrase_file = \"passphrase.txt\"\n", "");
    world.edit("annuaire.ldif", "sn: amartin\n", &format!("sn: amartin\nuserPassword: {PASSWORD}\n# userPassword: {PASSWORD}\n"));
    let mut said = String::new();
    for arguments in
        [&["run"][..], &["bundle", "--format", "json"], &["keys", "show"], &["ledger"], &["assess", "--format", "json"]]
    {
        let mut command = world.command(arguments);
        let done = done(command.env("PROBANT_PASSPHRASE", PASSPHRASE)).code(0);
        said.extend([done.out, done.err]);
    }
    let wrong = done(world.command(&["bundle"]).env("PROBANT_PASSPHRASE", "hippocampe-vert-43")).code(2);
    assert!(!wrong.err.contains("hippocampe"), "{}", wrong.err);
    (world, said)
}

/// A file's bytes, and what is packed in it.
fn contents(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    match path.extension().and_then(|e| e.to_str()) {
        Some("zst") => {
            let mut plain = vec![];
            zstd::Decoder::new(bytes.as_slice()).unwrap().read_to_end(&mut plain).unwrap();
            plain
        }
        Some("asice" | "xlsx") => {
            let members = Command::new("unzip").arg("-p").arg(path).output().unwrap().stdout;
            assert!(members.len() > 10_000, "{}", path.display());
            [bytes, members].concat()
        }
        _ => bytes,
    }
}

#[test]
fn secrets_are_nowhere() {
    let (world, said) = run();
    for secret in [PASSPHRASE, PASSWORD] {
        assert!(!said.contains(secret), "{secret} was shown:\n{said}");
        for path in files(&world.store()) {
            assert!(!holds(&contents(&path), secret.as_bytes()), "{secret} is in {}", path.display());
        }
    }
    // The look into captures is not blind: the directory's is there, and says where something was taken out.
    let raw: Vec<Vec<u8>> = files(&world.store().join("raw")).iter().map(|path| contents(path)).collect();
    let directory = raw.iter().find(|bytes| holds(bytes, b"dn: uid=amartin")).expect("the capture of the directory");
    assert!(holds(directory, b"userPassword: [redacted]"), "{}", String::from_utf8_lossy(directory));
}

#[test]
fn the_key_is_in_no_bundle() {
    let key = fs::read_to_string(ran().store().join("keys/seal.key.pem")).unwrap();
    assert!(key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{key}");
    let bundle = contents(&ran().bundle());
    for line in key.lines() {
        assert!(!holds(&bundle, line.as_bytes()), "the bundle holds `{line}`");
    }
    let listed = tool(Command::new("unzip").arg("-Z1").arg(ran().bundle()));
    assert!(!listed.contains("passphrase") && !listed.contains("keys/"), "{listed}");
}

#[test]
fn the_store_is_closed_to_others() {
    let world = World::small();
    // As on a system whose users share by default.
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 000; exec \"$0\" run --quiet", env!("CARGO_BIN_EXE_probant")]).current_dir(&world.folder);
    tool(&mut shell);
    let mut wide = vec![];
    let mut look = |path: &Path, expected: u32| {
        let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
        if mode != expected {
            wide.push(format!("{} is {mode:03o}, not {expected:03o}", path.strip_prefix(&world.folder).unwrap().display()));
        }
    };
    look(&world.store(), 0o700);
    for path in files(&world.store()) {
        // A certificate is there to be handed out; the folder it lies in is closed.
        let public = path.ends_with("keys/seal.cert.pem");
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        look(&path, if public { mode & 0o755 } else { 0o600 });
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != world.store()) {
            look(folder, 0o700);
        }
    }
    wide.sort();
    wide.dedup();
    assert!(wide.is_empty(), "{wide:#?}");
}

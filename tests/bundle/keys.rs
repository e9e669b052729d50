//! The key at rest: what is written, what is refused, and that openssl reads it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use probant::bundle::{Curve, KeyError, KeyRequest, NewKey, create_key, load_signer};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::kit::{PASSPHRASE, random, run, sealer};

fn new_key(seed: u8) -> NewKey {
    let passphrase = SecretString::from(PASSPHRASE);
    let request = KeyRequest {
        organisation: "Agence régionale d'essai",
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2051-01-01T00:00:00Z".parse().unwrap(),
        passphrase: &passphrase,
    };
    create_key(Curve::P256, &request, &mut random(seed)).unwrap()
}

fn written() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (folder.path().join("k.pem"), folder.path().join("c.pem"));
    new_key(7).write(&key, &certificate).unwrap();
    (folder, key, certificate)
}

fn load(key: &std::path::Path, certificate: &std::path::Path, passphrase: &str) -> Result<(), KeyError> {
    load_signer(key, certificate, &SecretString::from(passphrase)).map(|_| ())
}

#[test]
fn the_same_random_bytes_give_the_same_key() {
    assert_eq!(*new_key(3).key_pem, *new_key(3).key_pem);
    assert_eq!(new_key(3).certificate_pem, new_key(3).certificate_pem);
    assert_ne!(new_key(3).fingerprint, new_key(4).fingerprint);
}

#[test]
fn files_are_for_their_owner_and_never_overwritten() {
    let (_folder, key, certificate) = written();
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&key).unwrap().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    let before = fs::read(&key).unwrap();
    let error = new_key(8).write(&key, &certificate).unwrap_err();
    assert!(matches!(error, KeyError::Exists { .. }), "{error}");
    fs::remove_file(&certificate).unwrap();
    assert!(new_key(8).write(&key, &certificate).is_err());
    assert_eq!(fs::read(&key).unwrap(), before);
}

#[test]
fn openssl_reads_key_and_certificate() {
    let (_folder, key, certificate) = written();
    let pass = format!("pass:{PASSPHRASE}");
    let public = run(Command::new("openssl").args(["pkey", "-passin", &pass, "-pubout", "-in"]).arg(&key));
    let same = run(Command::new("openssl").args(["x509", "-noout", "-pubkey", "-in"]).arg(&certificate));
    assert_eq!(public, same);
    let text = run(Command::new("openssl").args(["x509", "-noout", "-text", "-fingerprint", "-sha256", "-in"]).arg(&certificate));
    for said in
        ["Digital Signature, Non Repudiation", "CA:FALSE", "2051", "Not Before: Jan  1 00:00:00 2026", &new_key(7).fingerprint]
    {
        assert!(text.contains(said), "{said}\n{text}");
    }
}

#[test]
fn a_key_that_cannot_be_used_says_why() {
    let (folder, key, certificate) = written();
    load(&key, &certificate, PASSPHRASE).unwrap();
    // Enough wrong passphrases that one of them gives a plausible padding.
    for attempt in 0..3 {
        let error = load(&key, &certificate, &format!("wrong {attempt}")).unwrap_err();
        assert!(matches!(error, KeyError::WrongPassphrase { .. }), "{error}");
        assert!(error.to_string().contains("k.pem: wrong passphrase"), "{error}");
    }
    for mode in [0o640, 0o604, 0o660] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let error = load(&key, &certificate, PASSPHRASE).unwrap_err().to_string();
        assert!(error.contains("chmod 600") && error.contains(&format!("{mode:04o}")), "{error}");
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let error = load(&key, &sealer().certificate, PASSPHRASE).unwrap_err();
    assert!(matches!(error, KeyError::Mismatch { .. }), "{error}");
    assert!(matches!(load(&certificate_as_key(&folder, &certificate), &certificate, PASSPHRASE), Err(KeyError::NotAKey { .. })));
    assert!(matches!(load(&key, &key, PASSPHRASE), Err(KeyError::NotACertificate { .. })));
    assert!(matches!(load(&folder.path().join("absent"), &certificate, PASSPHRASE), Err(KeyError::Read { .. })));
}

fn certificate_as_key(folder: &TempDir, certificate: &std::path::Path) -> PathBuf {
    let path = folder.path().join("not-a-key.pem");
    fs::copy(certificate, &path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn plain_and_foreign_keys_are_refused() {
    let (folder, _, certificate) = written();
    let openssl = |args: &[&str]| run(Command::new("openssl").args(args).current_dir(folder.path()));
    openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "plain.pem"]);
    openssl(&["genpkey", "-algorithm", "ED25519", "-aes-256-cbc", "-pass", &format!("pass:{PASSPHRASE}"), "-out", "ed.pem"]);
    for name in ["plain.pem", "ed.pem"] {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let plain = load(&folder.path().join("plain.pem"), &certificate, PASSPHRASE).unwrap_err().to_string();
    assert!(plain.contains("not encrypted") && plain.contains("openssl pkcs8 -topk8"), "{plain}");
    let foreign = load(&folder.path().join("ed.pem"), &certificate, PASSPHRASE).unwrap_err();
    assert!(matches!(foreign, KeyError::Algorithm { .. }), "{foreign}");
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let make = |organisation: &str, from, to, passphrase: &str| {
        let passphrase = SecretString::from(passphrase);
        let request = KeyRequest { organisation, not_before: at(from), not_after: at(to), passphrase: &passphrase };
        create_key(Curve::P256, &request, &mut random(1)).map(|_| ()).unwrap_err()
    };
    let (start, end) = ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    assert!(matches!(make("A", start, end, "court"), KeyError::ShortPassphrase(_)));
    assert!(matches!(make("A", end, start, PASSPHRASE), KeyError::Validity { .. }));
    assert!(matches!(make("", start, end, PASSPHRASE), KeyError::Organisation(_)));
    assert!(matches!(make(&"A".repeat(65), start, end, PASSPHRASE), KeyError::Organisation(_)));
    let passphrase = SecretString::from(PASSPHRASE);
    let request = KeyRequest { organisation: "A", not_before: at(start), not_after: at(end), passphrase: &passphrase };
    let mut broken = |_: &mut [u8]| Err(std::io::Error::other("no entropy"));
    assert!(matches!(create_key(Curve::P256, &request, &mut broken), Err(KeyError::Random(_))));
}

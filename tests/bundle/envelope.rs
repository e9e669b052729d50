//! The encrypted envelope, opened by openssl and by nothing of ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use probant::bundle::envelope::{self, PART, Part, Recipient, encrypt, parts};
use probant::bundle::{EnvelopeError, Lang, Status, verify};

use crate::key_kinds::Bench;
use crate::kit::{random, run, sample_files, seal_to, sealer};

/// Readers with keys that openssl can use: `rsa`, `p256`, `p384`.
const READERS: [(&str, &str); 3] = [
    ("rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:3072"),
    ("p256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
    ("p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384"),
];

fn reader(bench: &Bench, name: &str, options: &str, usage: &str) -> PathBuf {
    bench.openssl(&format!("genpkey {options} -out {name}.key"));
    bench.openssl(&format!("req -x509 -key {name}.key -days 3650 -subj /CN=Auditeur-{name}{usage} -out {name}.pem"));
    bench.path(&format!("{name}.pem"))
}

/// In an hour: openssl makes certificates that are valid from now on, to the second.
fn today() -> jiff::Timestamp {
    jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)
}

fn open(bench: &Bench, envelope: &Path, name: &str) -> Vec<u8> {
    let out = bench.path("opened");
    let mut command = Command::new("openssl");
    command.args(["cms", "-decrypt", "-binary", "-inform", "DER", "-in"]).arg(envelope);
    command.args(["-inkey", &format!("{name}.key"), "-out"]).arg(&out).current_dir(bench.folder.path());
    run(&mut command);
    fs::read(out).unwrap()
}

#[test]
fn every_reader_opens_the_same_envelope() {
    let bench = Bench::new();
    let readers: Vec<Recipient> =
        READERS.iter().map(|(name, options)| Recipient::load(&reader(&bench, name, options, ""), today()).unwrap()).collect();
    assert_eq!(readers[0].subject(), "CN=Auditeur-rsa");
    let fingerprint = bench.openssl("x509 -in p384.pem -noout -fingerprint -sha256");
    assert!(fingerprint.contains(readers[2].fingerprint()), "{fingerprint}");
    let sealed = seal_to(bench.folder.path(), sample_files()).path;
    let [part] = parts("dossier.asice", fs::metadata(&sealed).unwrap().len(), PART).try_into().unwrap();
    let envelope = bench.path(&part.name);
    encrypt(&sealed, &part, &readers, &mut random(1), &envelope).unwrap();
    let clear = fs::read(&sealed).unwrap();
    for (name, _) in READERS {
        assert!(open(&bench, &envelope, name) == clear, "{name}");
    }
    let hidden = fs::read(&envelope).unwrap();
    assert!(!hidden.windows(16).any(|window| clear.windows(16).nth(100) == Some(window)), "the content shows");
    let printed = bench.openssl("cms -cmsout -print -noout -inform DER -in dossier.asice.p7m");
    for said in ["rsaesOaep", "sha256", "dhSinglePass-stdDH-sha256kdf-scheme", "id-aes256-wrap", "aes-256-cbc"] {
        assert!(printed.contains(said), "{said}\n{printed}");
    }
    // What comes out is verified as any bundle; what is in the envelope says what it is.
    fs::write(bench.path("out.asice"), open(&bench, &envelope, "p256")).unwrap();
    assert_eq!(verify(&bench.path("out.asice"), &sealer().anchors, crate::kit::now(), Lang::En).status, Status::Valid);
    let verdict = verify(&envelope, &sealer().anchors, crate::kit::now(), Lang::En);
    assert_eq!((verdict.exit, verdict.status), (3, Status::NotABundle));
    assert!(verdict.checks[0].details[0].contains("openssl cms -decrypt -binary -inform DER"), "{verdict:#?}");
}

#[test]
fn one_kind_of_reader_is_enough_and_others_are_kept_out() {
    let bench = Bench::new();
    fs::write(bench.path("x"), "evidence").unwrap();
    for (name, options) in READERS {
        let readers = [Recipient::load(&reader(&bench, name, options, ""), today()).unwrap()];
        let part = parts(name, 8, PART).remove(0);
        encrypt(&bench.path("x"), &part, &readers, &mut random(2), &bench.path(&part.name)).unwrap();
        assert_eq!(open(&bench, &bench.path(&part.name), name), b"evidence");
    }
    let other = Command::new("openssl")
        .args(["cms", "-decrypt", "-inform", "DER", "-in", "p256.p7m", "-inkey", "p384.key", "-recip", "p384.pem"])
        .current_dir(bench.folder.path())
        .output()
        .unwrap();
    assert!(!other.status.success());
}

/// Every length around a block and around what is read at a time; parts join again.
#[test]
fn no_byte_is_lost_at_any_length() {
    let bench = Bench::new();
    let readers = [Recipient::load(&reader(&bench, "p256", READERS[1].1, ""), today()).unwrap()];
    let chunk = 1 << 18;
    for length in [0_u32, 1, 15, 16, 17, 32, chunk - 1, chunk, chunk + 1, 3 * chunk + 5] {
        let clear: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
        fs::write(bench.path("x"), &clear).unwrap();
        let part = parts("x", u64::from(length), PART).remove(0);
        let _ = fs::remove_file(bench.path("x.p7m"));
        encrypt(&bench.path("x"), &part, &readers, &mut random(3), &bench.path("x.p7m")).unwrap();
        assert!(open(&bench, &bench.path("x.p7m"), "p256") == clear, "{length}");
    }
    let clear: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(bench.path("y"), &clear).unwrap();
    let mut joined = vec![];
    for part in parts("y", clear.len() as u64, 150_000) {
        encrypt(&bench.path("y"), &part, &readers, &mut random(4), &bench.path(&part.name)).unwrap();
        joined.extend(open(&bench, &bench.path(&part.name), "p256"));
    }
    assert!(joined == clear);
    assert!(bench.path("y.03.p7m").exists() && !bench.path("y.04.p7m").exists());
}

#[test]
fn certificates_that_cannot_be_encrypted_for_are_refused() {
    let bench = Bench::new();
    let refuse = |name: &str, options: &str, usage: &str, now: jiff::Timestamp| match Recipient::load(
        &reader(&bench, name, options, usage),
        now,
    ) {
        Ok(_) => panic!("{name} was accepted"),
        Err(error) => error.to_string(),
    };
    let rsa = READERS[0].1;
    for (name, options, usage, says) in [
        ("weak", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "", "2048 bits; 3072 to 4096"),
        ("ed", "-algorithm ED25519", "", "only RSA and ECDSA"),
        ("p521", "-algorithm EC -pkeyopt ec_paramgen_curve:P-521", "", "only RSA and ECDSA"),
        ("signer", rsa, " -addext keyUsage=digitalSignature", "lacks keyEncipherment"),
        ("ecsigner", READERS[1].1, " -addext keyUsage=digitalSignature", "lacks keyAgreement"),
    ] {
        let error = refuse(name, options, usage, today());
        assert!(error.contains(says) && error.contains(&format!("{name}.pem")), "{error}");
    }
    assert!(Recipient::load(&reader(&bench, "good", rsa, " -addext keyUsage=keyEncipherment"), today()).is_ok());
    let error = refuse("late", READERS[1].1, "", "2050-01-01T00:00:00Z".parse().unwrap());
    assert!(error.contains("expired on") && error.contains("ask its holder"), "{error}");
    fs::write(bench.path("text"), "no certificate").unwrap();
    assert!(matches!(Recipient::load(&bench.path("text"), today()), Err(EnvelopeError::Key(_))));
}

#[test]
fn nothing_is_left_when_it_fails() {
    let bench = Bench::new();
    let readers = [Recipient::load(&reader(&bench, "p256", READERS[1].1, ""), today()).unwrap()];
    fs::write(bench.path("x"), vec![7; 1000]).unwrap();
    let part = |bytes| -> Part { parts("x", bytes, PART).remove(0) };
    // Shorter than when it was measured.
    let error = encrypt(&bench.path("x"), &part(2000), &readers, &mut random(5), &bench.path("x.p7m")).unwrap_err();
    assert!(matches!(error, EnvelopeError::Changed { .. }), "{error}");
    let mut broken = |_: &mut [u8]| Err(std::io::Error::other("no entropy"));
    assert!(encrypt(&bench.path("x"), &part(1000), &readers, &mut broken, &bench.path("x.p7m")).is_err());
    let left: Vec<_> = fs::read_dir(bench.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    fs::write(bench.path("x.p7m"), "there already").unwrap();
    assert!(encrypt(&bench.path("x"), &part(1000), &readers, &mut random(6), &bench.path("x.p7m")).is_err());
    assert_eq!(fs::read(bench.path("x.p7m")).unwrap(), b"there already");
    assert!(!envelope::is_envelope(b"there already".as_slice()));
}

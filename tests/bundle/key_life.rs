//! The life of a key: asking for a certificate, putting it in place, changing keys while old bundles stay valid.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use probant::bundle::{
    Curve, KeyError, KeyRequest, KeySource, KeyTrust, Lang, NewKey, Status, TrustAnchor, certificate_request, create_key,
    default_subject, issued, load_signer, rotate, seal, verify,
};

use crate::key_kinds::{Bench, secret};
use crate::kit::{now, random, request, sample_files};

fn new_key(curve: Curve, seed: u8) -> NewKey {
    let passphrase = secret();
    let request = KeyRequest {
        organisation: "Agence régionale",
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2028-01-01T00:00:00Z".parse().unwrap(),
        passphrase: &passphrase,
    };
    create_key(curve, &request, &mut random(seed)).unwrap()
}

/// In an hour: openssl makes certificates that are valid from now on, to the second.
fn soon() -> jiff::Timestamp {
    jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)
}

fn placed(bench: &Bench) -> (KeySource, PathBuf, PathBuf) {
    let (key, certificate) = (bench.path("seal.key.pem"), bench.path("seal.cert.pem"));
    new_key(Curve::P256, 1).write(&key, &certificate).unwrap();
    (KeySource::File { key: key.clone(), certificate: certificate.clone() }, key, certificate)
}

/// openssl checks that the request is signed by the key in it.
#[test]
fn a_request_says_what_the_seal_needs() {
    let bench = Bench::new();
    let (rsa, rsa_certificate) = bench.key_pair("rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:3072");
    let (p384, p384_certificate) = bench.key_pair("p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384");
    let subject = "CN=Sceau de preuve, OU=Sécurité, O=Agence\\, régionale, C=FR";
    for (source, algorithm) in [
        (placed(&bench).0, "ecdsa-with-SHA256"),
        (KeySource::File { key: p384, certificate: p384_certificate }, "ecdsa-with-SHA384"),
        (KeySource::File { key: rsa, certificate: rsa_certificate }, "sha256WithRSAEncryption"),
    ] {
        fs::write(bench.path("r.csr"), certificate_request(&source, &secret(), subject).unwrap()).unwrap();
        let said = bench.openssl("req -in r.csr -noout -verify -text -nameopt RFC2253,utf8,-esc_msb");
        for part in ["self-signature verify OK", "CN=Sceau de preuve,OU=Sécurité,O=Agence\\, régionale,C=FR", algorithm] {
            assert!(said.contains(part), "{part}\n{said}");
        }
        assert!(said.contains("X509v3 Key Usage") && said.contains("Digital Signature, Non Repudiation"), "{said}");
    }
    assert_eq!(default_subject("Agence").unwrap(), "CN=Probant seal,O=Agence");
}

#[test]
fn the_issued_certificate_takes_its_place_and_the_old_one_is_kept() {
    let bench = Bench::new();
    bench.authorities();
    let (source, key, certificate) = placed(&bench);
    let before = fs::read(&certificate).unwrap();
    fs::write(bench.path("r.csr"), certificate_request(&source, &secret(), "CN=Sceau,O=Agence").unwrap()).unwrap();
    let own = bench.issue("r.csr", "own.pem");
    // In the wrong order, with the root and a stranger: the chain is put together from what is there.
    bench.key_pair("stranger", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    let files = [bench.path("stranger.pem"), bench.path("sub.pem"), own, bench.path("ca.pem")];
    let good = issued(&source, &secret(), &files, soon()).unwrap();
    assert_eq!(good.standing.chain, ["CN=Intermediaire,O=Essai", "CN=Racine,O=Essai"]);
    assert_eq!(good.standing.trust, KeyTrust::Issued);
    let kept = good.install(&certificate).unwrap().unwrap();
    assert_eq!(fs::read(&kept).unwrap(), before);
    assert!(kept.starts_with(bench.path("old")), "{kept:?}");
    let signer = load_signer(&key, &certificate, &secret()).unwrap();
    bench.accepted(&signer, &bench.path("ca.pem"));
    assert_eq!(source.standing(None).unwrap().issuer, "CN=Intermediaire,O=Essai");
}

#[test]
fn a_certificate_that_does_not_fit_changes_nothing() {
    let bench = Bench::new();
    bench.authorities();
    let (source, _, certificate) = placed(&bench);
    let before = fs::read(&certificate).unwrap();
    fs::write(bench.path("r.csr"), certificate_request(&source, &secret(), "CN=Sceau,O=Agence").unwrap()).unwrap();
    let refuse = |files: &[&str], now: jiff::Timestamp| {
        let files: Vec<PathBuf> = files.iter().map(|file| bench.path(file)).collect();
        issued(&source, &secret(), &files, now).unwrap_err()
    };
    let real_now = soon();
    bench.key_pair("other", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    let error = refuse(&["other.pem", "sub.pem"], real_now);
    assert!(matches!(error, KeyError::NotIssued { .. }) && error.to_string().contains("another key"), "{error}");
    bench.issue("r.csr", "own.pem");
    let error = refuse(&["own.pem"], "2040-01-01T00:00:00Z".parse().unwrap());
    assert!(matches!(error, KeyError::NotForSealing { .. }) && error.to_string().contains("expired"), "{error}");
    let error = refuse(&["own.pem"], "2020-01-01T00:00:00Z".parse().unwrap()).to_string();
    assert!(error.contains("not valid before"), "{error}");
    fs::write(bench.path("seal.cnf"), "keyUsage=critical,keyEncipherment\n").unwrap();
    bench.issue("r.csr", "encipher.pem");
    let error = refuse(&["encipher.pem"], real_now).to_string();
    assert!(error.contains("digitalSignature"), "{error}");
    bench.openssl("crl2pkcs7 -nocrl -certfile own.pem -out own.p7b");
    let error = refuse(&["own.p7b"], real_now).to_string();
    assert!(error.contains("openssl pkcs7 -print_certs"), "{error}");
    assert_eq!(fs::read(&certificate).unwrap(), before);
    // In DER, as some authorities send it.
    bench.openssl("x509 -in encipher.pem -outform DER -out encipher.der");
    assert!(matches!(refuse(&["encipher.der"], real_now), KeyError::NotForSealing { .. }));
}

#[test]
fn bundles_of_a_former_key_stay_valid() {
    let bench = Bench::new();
    let (source, key, certificate) = placed(&bench);
    let seal_now = |name: &str| {
        let signer = source.signer(&secret()).unwrap();
        seal(&request(sample_files()), &signer, &bench.path(name)).unwrap().path
    };
    let former = seal_now("former.asice");
    let (key_before, certificate_before) = (fs::read(&key).unwrap(), fs::read(&certificate).unwrap());
    let retired = rotate(&new_key(Curve::P384, 2), &key, &certificate).unwrap();
    let latter = seal_now("latter.asice");
    assert_eq!((fs::read(&retired.key).unwrap(), fs::read(&retired.certificate).unwrap()), (key_before, certificate_before));
    assert_eq!(fs::metadata(&retired.key).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let status = |bundle: &PathBuf, anchor: &PathBuf| verify(bundle, &TrustAnchor::load(anchor).unwrap(), now(), Lang::En).status;
    assert_eq!(status(&former, &retired.certificate), Status::Valid);
    assert_eq!(status(&latter, &certificate), Status::Valid);
    // Neither speaks for the other.
    assert_eq!(status(&former, &certificate), Status::CannotTell);
    assert_eq!(status(&latter, &retired.certificate), Status::CannotTell);
    let anchors = TrustAnchor::load(&retired.certificate).unwrap();
    assert_eq!(anchors.first().unwrap().fingerprint().unwrap(), retired.fingerprint);
}

/// Between any two steps of a rotation, what is in place still seals.
#[test]
fn a_rotation_stopped_half_way_leaves_a_pair() {
    let bench = Bench::new();
    let (_, key, certificate) = placed(&bench);
    let (old_key, old_certificate) = (fs::read(&key).unwrap(), fs::read_to_string(&certificate).unwrap());
    let new = new_key(Curve::P256, 2);
    // After the first replacement: both certificates, the old key. After the second: both, the new key.
    fs::write(&certificate, format!("{}\n{old_certificate}", new.certificate_pem)).unwrap();
    let first = load_signer(&key, &certificate, &secret()).unwrap();
    fs::write(&key, new.key_pem.as_bytes()).unwrap();
    let second = load_signer(&key, &certificate, &secret()).unwrap();
    assert_ne!(first.fingerprint(), second.fingerprint());
    assert_eq!(second.fingerprint(), new.fingerprint);
    // Begun again from there, it ends well.
    fs::write(&key, old_key).unwrap();
    let newest = new_key(Curve::P256, 3);
    rotate(&newest, &key, &certificate).unwrap();
    assert_eq!(load_signer(&key, &certificate, &secret()).unwrap().fingerprint(), newest.fingerprint);
}

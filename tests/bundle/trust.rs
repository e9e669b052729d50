//! Who signed: chains to explicit anchors, and all the ways in which one cannot tell. Certificates are made by openssl.

use std::fs;
use std::path::Path;
use std::process::Command;

use probant::bundle::{Lang, Signer, Status, TrustAnchor, Verdict, load_signer, seal, verify_source};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::kit::{PASSPHRASE, expect_verdict, file, good, now, request, run, sealer};

/// A certification authority, one below it, and a place for signers.
struct Pki {
    folder: TempDir,
}

const CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
const SIGNER: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n";

impl Pki {
    fn new() -> Self {
        let pki = Self { folder: tempfile::tempdir().unwrap() };
        pki.issue("root", "root", CA, "P-384");
        pki.issue("inter", "root", CA, "P-256");
        pki
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// A key, and a certificate of subject `name` signed by `issuer`, valid for ten years from the day of the test run.
    fn issue(&self, name: &str, issuer: &str, extensions: &str, curve: &str) {
        let folder = self.folder.path();
        let openssl = |args: &[&str]| run(Command::new("openssl").args(args).current_dir(folder));
        openssl(&[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            &format!("ec_paramgen_curve:{curve}"),
            "-out",
            &format!("{name}.key"),
        ]);
        openssl(&["req", "-new", "-key", &format!("{name}.key"), "-subj", &format!("/O=Agence/CN={name}"), "-out", "request"]);
        fs::write(self.path("extensions"), extensions).unwrap();
        let mut args = vec!["x509", "-req", "-in", "request", "-days", "3650", "-extfile", "extensions"];
        let (out, key, ca, ca_key) =
            (format!("{name}.pem"), format!("{name}.key"), format!("{issuer}.pem"), format!("{issuer}.key"));
        if name == issuer {
            args.extend(["-key", &key]);
        } else {
            args.extend(["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial"]);
        }
        args.extend(["-out", &out]);
        openssl(&args);
    }

    fn anchors(&self, name: &str) -> Vec<TrustAnchor> {
        TrustAnchor::load(&self.path(&format!("{name}.pem"))).unwrap()
    }

    /// The key of `name`, encrypted by openssl, with these certificates.
    fn signer(&self, name: &str, certificates: &[&str]) -> Signer {
        let all: String = certificates.iter().map(|c| fs::read_to_string(self.path(&format!("{c}.pem"))).unwrap()).collect();
        fs::write(self.path("chain.pem"), all).unwrap();
        encrypt(self.folder.path(), &format!("{name}.key"), "encrypted.pem");
        load_signer(&self.path("encrypted.pem"), &self.path("chain.pem"), &SecretString::from(PASSPHRASE)).unwrap()
    }
}

fn encrypt(folder: &Path, key: &str, out: &str) {
    let mut command = Command::new("openssl");
    command.args(["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", key, "-out", out, "-passout", &format!("pass:{PASSPHRASE}")]);
    run(command.current_dir(folder));
    fs::set_permissions(folder.join(out), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// Certificates made by openssl start at the second of the run; an hour later they are valid, however slow the run.
fn today() -> jiff::Timestamp {
    let seconds: i64 = run(Command::new("date").arg("+%s")).trim().parse().unwrap();
    jiff::Timestamp::from_second(seconds + 3600).unwrap()
}

fn sealed_by(signer: &Signer, at: jiff::Timestamp) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let request = probant::bundle::SealRequest { created: at, ..request(vec![file("a.txt", "a")]) };
    fs::read(seal(&request, signer, &folder.path().join("d.asice")).unwrap().path).unwrap()
}

fn judge(bytes: &[u8], anchors: &[TrustAnchor], at: jiff::Timestamp) -> Verdict {
    verify_source(bytes, anchors, at, Lang::En)
}

#[test]
fn a_chain_leads_to_the_anchor_given() {
    let pki = Pki::new();
    pki.issue("sceau", "inter", SIGNER, "P-384");
    let now = today();
    let bytes = sealed_by(&pki.signer("sceau", &["sceau", "inter", "root"]), now);
    for anchor in ["root", "inter", "sceau"] {
        let verdict = judge(&bytes, &pki.anchors(anchor), now);
        assert_eq!(verdict.status, Status::Valid, "{anchor}: {verdict:#?}");
    }
    // Without the intermediate inside, only its own certificate or the signer's will do.
    let short = sealed_by(&pki.signer("sceau", &["sceau"]), now);
    assert_eq!(judge(&short, &pki.anchors("inter"), now).exit, 0);
    expect_verdict(&judge(&short, &pki.anchors("root"), now), 2, "signer-trust", "none of the anchors");
    // openssl agrees, P-384 and SHA-384 included.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("d.asice"), &bytes).unwrap();
    run(Command::new("unzip").args(["-q", "d.asice"]).current_dir(folder.path()));
    let mut command = Command::new("openssl");
    command.args(["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "META-INF/signature001.p7s", "-CAfile"]);
    command.arg(pki.path("root.pem")).args(["-content", "META-INF/ASiCManifest001.xml", "-out", "/dev/null"]);
    run(command.current_dir(folder.path()));
}

#[test]
fn an_unknown_authority_of_the_same_name_convinces_nobody() {
    let (ours, theirs) = (Pki::new(), Pki::new());
    theirs.issue("sceau", "inter", SIGNER, "P-256");
    let now = today();
    let bytes = sealed_by(&theirs.signer("sceau", &["sceau", "inter", "root"]), now);
    assert_eq!(judge(&bytes, &theirs.anchors("root"), now).exit, 0);
    for anchor in ["root", "inter"] {
        expect_verdict(&judge(&bytes, &ours.anchors(anchor), now), 2, "signer-trust", "");
    }
    expect_verdict(&judge(&bytes, &ours.anchors("inter"), now), 2, "signer-trust", "none of the anchors");
    expect_verdict(&judge(&bytes, &[], now), 2, "signer-trust", "no trust anchor");
}

#[test]
fn those_who_may_not_issue_or_sign_are_not_believed() {
    let pki = Pki::new();
    let now = today();
    pki.issue("simple", "root", SIGNER, "P-256");
    pki.issue("sous-simple", "simple", SIGNER, "P-256");
    pki.issue("sans-usage", "root", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n", "P-256");
    pki.issue("sous-sans-usage", "sans-usage", SIGNER, "P-256");
    pki.issue("courte", "root", "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n", "P-256");
    pki.issue("milieu", "courte", CA, "P-256");
    pki.issue("sous-milieu", "milieu", SIGNER, "P-256");
    pki.issue("chiffre", "root", "keyUsage=critical,keyAgreement\n", "P-256");
    pki.issue("critique", "root", &format!("{SIGNER}1.2.3.4=critical,DER:0500\n"), "P-256");
    for (name, chain, says) in [
        ("sous-simple", &["sous-simple", "simple"][..], "may not issue"),
        ("sous-sans-usage", &["sous-sans-usage", "sans-usage"], "may not issue"),
        ("sous-milieu", &["sous-milieu", "milieu", "courte"], "may not issue"),
        ("chiffre", &["chiffre"], "not for signing"),
        ("critique", &["critique"], "critical extension"),
    ] {
        let bytes = sealed_by(&pki.signer(name, chain), now);
        expect_verdict(&judge(&bytes, &pki.anchors("root"), now), 2, "signer-trust", says);
    }
}

#[test]
fn without_a_time_stamp_an_expired_signer_proves_nothing() {
    let at = |text: &str| text.parse().unwrap();
    let anchors = &sealer().anchors;
    assert_eq!(judge(good(), anchors, at("2028-01-01T00:00:00Z")).exit, 0, "the last second counts");
    expect_verdict(&judge(good(), anchors, at("2028-01-01T00:00:01Z")), 2, "signer-trust", "has expired");
    expect_verdict(&judge(good(), anchors, at("2025-12-31T23:59:59Z")), 2, "signer-trust", "not valid yet");
    expect_verdict(&judge(good(), anchors, at("2026-09-30T00:00:00Z")), 2, "signing-time", "in the future");
    let early = sealed_by(&sealer().signer, at("2025-06-01T00:00:00Z"));
    expect_verdict(&judge(&early, anchors, now()), 2, "signing-time", "outside the certificate's validity");
}

#[test]
fn an_rsa_authority_is_said_to_be_unreadable() {
    let pki = Pki::new();
    let folder = pki.folder.path();
    let openssl = |args: &[&str]| run(Command::new("openssl").args(args).current_dir(folder));
    openssl(&["req", "-x509", "-newkey", "rsa:3072", "-nodes", "-keyout", "rsa.key", "-subj", "/CN=rsa", "-out", "rsa.pem"]);
    pki.issue("sceau", "rsa", SIGNER, "P-256");
    let now = today();
    let bytes = sealed_by(&pki.signer("sceau", &["sceau", "rsa"]), now);
    expect_verdict(&judge(&bytes, &pki.anchors("rsa"), now), 2, "signer-trust", "RSA is not yet");
    assert_eq!(judge(&bytes, &pki.anchors("sceau"), now).exit, 0);
}

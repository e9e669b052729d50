//! Who signed: chains to explicit anchors, and all the ways in which one cannot tell. Certificates are made by openssl.

use std::fs;
use std::process::Command;

use probant::bundle::{Lang, Signer, Status, Trust, TrustAnchor, Verdict, seal, verify_source};

use crate::authority::{CA, Pki, SIGNER, today};
use crate::kit::{expect_verdict, file, good, request, run, sealer};

/// An authority and one below it.
fn pki() -> Pki {
    let pki = Pki::new();
    pki.root("root", "P-384");
    pki.issue("inter", "root", CA, ("P-256", 3650));
    pki.list("root", "root.crl");
    pki.list("inter", "inter.crl");
    pki
}

/// An hour later, certificates just made are valid, however slow the run.
fn now() -> jiff::Timestamp {
    today() + jiff::SignedDuration::from_hours(1)
}

fn sealed_by(signer: &Signer, at: jiff::Timestamp) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let request = probant::bundle::SealRequest { created: at, ..request(vec![file("a.txt", "a")]) };
    fs::read(seal(&request, signer, &folder.path().join("d.asice")).unwrap().path).unwrap()
}

fn judge(bytes: &[u8], anchors: &[TrustAnchor], at: jiff::Timestamp) -> Verdict {
    verify_source(bytes, anchors, at, Lang::En)
}

/// With the lists of the PKI at hand.
fn judge_with(pki: &Pki, lists: &[&str], bytes: &[u8], anchor: &str, at: jiff::Timestamp) -> Verdict {
    let (anchors, crls) = (pki.anchors(&[anchor]), pki.crls(lists));
    verify_source(bytes, Trust { anchors: &anchors, authorities: &[], crls: &crls }, at, Lang::En)
}

#[test]
fn a_chain_leads_to_the_anchor_given() {
    let (pki, lists) = (pki(), ["root.crl", "inter.crl"]);
    pki.issue("sceau", "inter", SIGNER, ("P-384", 700));
    let now = now();
    let bytes = sealed_by(&pki.signer(&["sceau", "inter", "root"]), now);
    for anchor in ["root", "inter", "sceau"] {
        let verdict = judge_with(&pki, &lists, &bytes, anchor, now);
        assert_eq!(verdict.status, Status::Valid, "{anchor}: {verdict:#?}");
    }
    // Without the intermediate inside, only its own certificate or the signer's will do.
    let short = sealed_by(&pki.signer(&["sceau"]), now);
    assert_eq!(judge_with(&pki, &lists, &short, "inter", now).exit, 0);
    expect_verdict(&judge_with(&pki, &lists, &short, "root", now), 2, "signer-trust", "none of the anchors");
    openssl_agrees(&pki, &bytes);
}

/// P-384 and SHA-384, RSA: what this program calls signed, openssl does.
fn openssl_agrees(pki: &Pki, bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("d.asice"), bytes).unwrap();
    run(Command::new("unzip").args(["-q", "d.asice"]).current_dir(folder.path()));
    let mut command = Command::new("openssl");
    command.args(["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "META-INF/signature001.p7s", "-CAfile"]);
    command.arg(pki.path("root.pem")).args(["-content", "META-INF/ASiCManifest001.xml", "-out", "/dev/null"]);
    run(command.current_dir(folder.path()));
}

/// Of certificates that an authority issued, only a list in force says that they were not revoked.
#[test]
fn without_revocation_data_nobody_can_tell() {
    let pki = pki();
    pki.issue("sceau", "inter", SIGNER, ("P-256", 700));
    let now = now();
    let bytes = sealed_by(&pki.signer(&["sceau", "inter", "root"]), now);
    let judge = |lists: &[&str], at| judge_with(&pki, lists, &bytes, "root", at);
    expect_verdict(&judge(&[], now), 2, "revocation", "no revocation list");
    expect_verdict(&judge(&["inter.crl"], now), 2, "revocation", "CN=inter");
    expect_verdict(&judge(&["root.crl"], now), 2, "revocation", "CN=sceau");
    assert_eq!(judge(&["root.crl", "inter.crl"], now).exit, 0);
    // A list of thirty days says nothing a year later, and without a time-stamp the signature may be of that day.
    expect_verdict(&judge(&["root.crl", "inter.crl"], now + crate::authority::years(1)), 2, "revocation", "no revocation list");
    // A list by a namesake is no list.
    let other = self::pki();
    let foreign: Vec<_> = pki.crls(&["root.crl"]).into_iter().chain(other.crls(&["inter.crl"])).collect();
    let anchors = pki.anchors(&["root"]);
    let trust = Trust { anchors: &anchors, authorities: &[], crls: &foreign };
    expect_verdict(&verify_source(bytes.as_slice(), trust, now, Lang::En), 2, "revocation", "CN=sceau");
    // Revoked: without a time-stamp, nothing shows that the seal is older.
    pki.revoke("sceau", "inter", Some("keyCompromise"));
    pki.list("inter", "later.crl");
    expect_verdict(&judge(&["root.crl", "later.crl", "inter.crl"], now), 2, "revocation", "was revoked before it was used");
}

#[test]
fn an_authority_without_the_right_to_revoke_clears_nobody() {
    let pki = pki();
    pki.issue("muette", "root", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n", ("P-256", 3650));
    pki.issue("sceau", "muette", SIGNER, ("P-256", 700));
    // openssl makes the list nevertheless.
    pki.list("muette", "muette.crl");
    let now = now();
    let bytes = sealed_by(&pki.signer(&["sceau", "muette", "root"]), now);
    expect_verdict(&judge_with(&pki, &["root.crl", "muette.crl"], &bytes, "root", now), 2, "revocation", "CN=sceau");
}

#[test]
fn an_unknown_authority_of_the_same_name_convinces_nobody() {
    let (ours, theirs) = (pki(), pki());
    theirs.issue("sceau", "inter", SIGNER, ("P-256", 700));
    let now = now();
    let bytes = sealed_by(&theirs.signer(&["sceau", "inter", "root"]), now);
    assert_eq!(judge_with(&theirs, &["root.crl", "inter.crl"], &bytes, "root", now).exit, 0);
    for anchor in ["root", "inter"] {
        expect_verdict(&judge(&bytes, &ours.anchors(&[anchor]), now), 2, "signer-trust", "");
    }
    expect_verdict(&judge(&bytes, &ours.anchors(&["inter"]), now), 2, "signer-trust", "none of the anchors");
    expect_verdict(&judge(&bytes, &[], now), 2, "signer-trust", "no trust anchor");
}

#[test]
fn those_who_may_not_issue_or_sign_are_not_believed() {
    let pki = pki();
    let now = now();
    let issue = |name: &str, issuer: &str, extensions: &str| pki.issue(name, issuer, extensions, ("P-256", 700));
    issue("simple", "root", SIGNER);
    issue("sous-simple", "simple", SIGNER);
    issue("sans-usage", "root", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n");
    issue("sous-sans-usage", "sans-usage", SIGNER);
    issue("courte", "root", "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n");
    issue("milieu", "courte", CA);
    issue("sous-milieu", "milieu", SIGNER);
    issue("chiffre", "root", "keyUsage=critical,keyAgreement\n");
    issue("critique", "root", &format!("{SIGNER}1.2.3.4=critical,DER:0500\n"));
    issue("bornee", "root", &format!("{CA}nameConstraints=critical,permitted;DNS:example.org\n"));
    issue("sous-bornee", "bornee", SIGNER);
    issue("ailleurs", "root", &format!("{SIGNER}extendedKeyUsage=critical,codeSigning\n"));
    for (chain, says) in [
        (&["sous-simple", "simple"][..], "may not issue"),
        (&["sous-sans-usage", "sans-usage"], "may not issue"),
        (&["sous-milieu", "milieu", "courte"], "may not issue"),
        (&["chiffre"], "not for signing"),
        (&["critique"], "critical extension"),
        (&["sous-bornee", "bornee"], "critical extension"),
        (&["ailleurs"], "critical extension"),
    ] {
        let bytes = sealed_by(&pki.signer(chain), now);
        expect_verdict(&judge(&bytes, &pki.anchors(&["root"]), now), 2, "signer-trust", says);
    }
}

#[test]
fn without_a_time_stamp_an_expired_signer_proves_nothing() {
    let at = |text: &str| text.parse().unwrap();
    let anchors = &sealer().anchors;
    assert_eq!(judge(good(), anchors, at("2028-01-01T00:00:00Z")).exit, 0, "the last second counts");
    expect_verdict(&judge(good(), anchors, at("2028-01-01T00:00:01Z")), 2, "signer-trust", "had expired");
    expect_verdict(&judge(good(), anchors, at("2025-12-31T23:59:59Z")), 2, "signer-trust", "was not valid yet");
    expect_verdict(&judge(good(), anchors, at("2026-09-30T00:00:00Z")), 2, "signing-time", "in the future");
    let early = sealed_by(&sealer().signer, at("2025-06-01T00:00:00Z"));
    expect_verdict(&judge(&early, anchors, now()), 2, "signing-time", "outside the certificate's validity");
}

/// An authority whose signatures are RSA's, in both paddings; weak ones are read as unreadable.
#[test]
fn authorities_with_rsa_keys() {
    let pki = Pki::new();
    pki.root("root", "rsa:3072");
    pki.root("faible", "rsa:1024");
    let now = now();
    pki.issue("sceau", "root", SIGNER, ("P-256", 700));
    pki.list("root", "root.crl");
    let bytes = sealed_by(&pki.signer(&["sceau", "root"]), now);
    assert_eq!(judge_with(&pki, &["root.crl"], &bytes, "root", now).exit, 0, "{:#?}", judge(&bytes, &pki.anchors(&["root"]), now));
    openssl_agrees(&pki, &bytes);
    pki.issue("faible-sceau", "faible", SIGNER, ("P-256", 700));
    let bytes = sealed_by(&pki.signer(&["faible-sceau", "faible"]), now);
    expect_verdict(&judge(&bytes, &pki.anchors(&["faible"]), now), 2, "signer-trust", "RSA from 2048 bits");
    // PSS, with the salt as long as the digest, and not.
    for (salt, exit) in [("32", 0), ("20", 2)] {
        pki.openssl(&["req", "-new", "-config", "openssl.cnf", "-key", "sceau.key", "-subj", "/CN=pss", "-out", "request"]);
        fs::write(pki.path("extensions"), SIGNER).unwrap();
        let salt = format!("rsa_pss_saltlen:{salt}");
        let mut args = vec!["x509", "-req", "-in", "request", "-days", "700", "-extfile", "extensions", "-CA", "root.pem"];
        args.extend(["-CAkey", "root.key", "-CAcreateserial", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", &salt]);
        args.extend(["-out", "pss.pem"]);
        pki.openssl(&args);
        fs::copy(pki.path("sceau.key"), pki.path("pss.key")).unwrap();
        let bytes = sealed_by(&pki.signer(&["pss", "root"]), now);
        let verdict = judge_with(&pki, &["root.crl"], &bytes, "root", now);
        assert_eq!(verdict.exit, exit, "{verdict:#?}");
    }
}

/// RSA signers, made by openssl in the form that a seal has: strong ones count, others are not judged.
#[test]
fn a_namesake_whose_key_nobody_can_read_is_not_taken_for_the_issuer() {
    let pki = pki();
    pki.issue("sceau", "inter", SIGNER, ("P-256", 700));
    // Same name as the issuer, a key of another kind.
    pki.openssl(&["genpkey", "-algorithm", "ED25519", "-out", "homonyme.key"]);
    pki.openssl(&[
        "req",
        "-x509",
        "-config",
        "openssl.cnf",
        "-key",
        "homonyme.key",
        "-subj",
        "/O=Agence/CN=inter",
        "-out",
        "homonyme.pem",
    ]);
    let now = now();
    let bytes = sealed_by(&pki.signer(&["sceau", "homonyme"]), now);
    expect_verdict(&judge(&bytes, &pki.anchors(&["sceau"]), now), 2, "signature-form", "cannot read");
}

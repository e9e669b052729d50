//! Seals that can be believed later: time-stamps, revocation lists, archive time-stamps, and what each proves when.

use std::fs;

use probant::bundle::{
    Authority, Lang, Level, Outcome, Proofs, SealError, SealRequest, Status, TimeStamping, Transport, Trusted, extend, seal_with,
    tsa, verify_source,
};

use crate::authority::{Desk, Pki, TSA, today, years};
use crate::forged::Forger;
use crate::kit::{codes, expect_verdict, random, request, sample_files, unpack};

/// With a P-256 authority beside, whose clock a test sets.
fn pki() -> Pki {
    let pki = Pki::usual();
    pki.issue("horloge", "racine-tsa", TSA, ("P-256", 3650));
    pki
}

#[test]
fn every_level_is_valid_and_says_what_shows_it() {
    let pki = Pki::usual();
    for level in [Level::T, Level::Lt, Level::Lta] {
        let bytes = pki.seal(level);
        let (anchors, authorities) = (pki.anchors(&["racine"]), pki.anchors(&["racine-tsa"]));
        let crls = pki.crls(&["racine.crl", "racine-tsa.crl"]);
        let trust = Trusted { anchors: &anchors, authorities: &authorities, crls: if level == Level::T { &crls } else { &[] } };
        let verdict = verify_source(bytes.as_slice(), trust, today(), Lang::En);
        assert_eq!(verdict.status, Status::Valid, "{level:?}: {verdict:#?}");
        assert_eq!(verdict.claims.signature_level.as_deref(), Some(level.name()));
        let stamps = &verdict.claims.time_stamps;
        assert_eq!(stamps.len(), if level == Level::Lta { 2 } else { 1 }, "{stamps:#?}");
        assert_eq!(
            (stamps[0].of, stamps[0].authority.as_str(), stamps[0].policy.as_str()),
            ("signature", "CN=tsa,O=Agence", "1.2.3.4.1")
        );
        let line = verdict.checks.iter().find(|line| line.code == "time-stamp").unwrap();
        assert!(line.details[0].contains(&stamps[0].time) && line.details[0].contains("CN=tsa"), "{line:#?}");
        let line = verdict.checks.iter().find(|line| line.code == "revocation").unwrap();
        assert!(line.details.iter().all(|detail| detail.starts_with("not revoked, by the list of: 20")), "{line:#?}");
        let expected: &[&str] = if level == Level::Lta { &[] } else { &["archive-time-stamp"] };
        assert_eq!(codes(&verdict, Outcome::NotApplicable), expected);
    }
}

/// Seals at this level with answers from `transport`.
fn seal_through(pki: &Pki, level: Level, transport: &dyn Transport, authorities: Vec<Authority>) -> Result<Vec<u8>, SealError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dossier.asice");
    let request = SealRequest { created: today(), ..request(sample_files()) };
    let stamping = TimeStamping { authorities, transport, random: &mut random(5) };
    let mut proofs = Proofs { level, stamping, crls: pki.crls(&["racine.crl", "racine-tsa.crl"]) };
    let sealed = seal_with(&request, &pki.signer(&["sceau", "racine"]), &mut proofs, &path);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), usize::from(sealed.is_ok()), "nothing is left by a failure");
    Ok(fs::read(sealed?.path).unwrap())
}

fn judged_with(pki: &Pki, bytes: &[u8], lists: &[&str], at: jiff::Timestamp) -> probant::bundle::Verdict {
    let (anchors, authorities, crls) = (pki.anchors(&["racine"]), pki.anchors(&["racine-tsa"]), pki.crls(lists));
    verify_source(bytes, Trusted { anchors: &anchors, authorities: &authorities, crls: &crls }, at, Lang::En)
}

#[test]
fn expired_after_a_good_time_stamp_is_still_believed() {
    let pki = Pki::usual();
    for level in [Level::Lt, Level::Lta] {
        let bytes = pki.seal(level);
        assert_eq!(pki.judge(&bytes, today() + years(3)).exit, 0, "{:#?}", pki.judge(&bytes, today() + years(3)));
        // Once the authority's own certificate has expired too, only a newer archive time-stamp would help.
        expect_verdict(&pki.judge(&bytes, today() + years(11)), 2, "time-stamp-trust", "had expired");
    }
    expect_verdict(&pki.judge(&pki.seal(Level::T), today()), 2, "revocation", "no revocation list");
}

#[test]
fn revoked_before_the_time_stamp_is_not_believed_and_after_it_is() {
    let pki = pki();
    let before = today();
    pki.revoke("sceau", "racine", Some("keyCompromise"));
    pki.list("racine", "apres.crl");
    let hour = jiff::SignedDuration::from_hours(1);
    for (offset, exit) in [(-hour, 0), (hour, 2)] {
        let forger = Forger::new(&pki, "horloge", before + offset);
        let bytes = pki.seal_at(Level::T, &forger, before + offset - hour);
        let verdict = judged_with(&pki, &bytes, &["apres.crl", "racine.crl", "racine-tsa.crl"], before + hour + hour);
        assert_eq!(verdict.exit, exit, "{verdict:#?}");
        if exit == 2 {
            expect_verdict(&verdict, 2, "revocation", "revoked before it was used");
        }
    }
    // And nobody seals with it at a level that says that it is not revoked.
    let desk = Desk::new(&pki, "tsa");
    fs::copy(pki.path("apres.crl"), pki.path("racine.crl")).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    let error = seal_through(&pki, Level::Lt, &desk, vec![pki.authority("tsa", "racine-tsa")]).unwrap_err().to_string();
    assert!(error.contains("revoked before it was used") && error.contains("nothing was sealed"), "{error}");
}

/// RFC 3161, section 4: for an authority, the reason matters.
#[test]
fn an_authority_that_was_revoked_later() {
    for (reason, exit) in [(Some("cessationOfOperation"), 0), (Some("superseded"), 0), (Some("keyCompromise"), 2), (None, 2)] {
        let pki = pki();
        let now = today();
        let hour = jiff::SignedDuration::from_hours(1);
        let bytes = pki.seal_at(Level::T, &Forger::new(&pki, "horloge", now - hour), now - hour - hour);
        assert_eq!(judged_with(&pki, &bytes, &["racine.crl", "racine-tsa.crl"], now).exit, 0);
        pki.revoke("horloge", "racine-tsa", reason);
        pki.list("racine-tsa", "apres.crl");
        let verdict = judged_with(&pki, &bytes, &["racine.crl", "apres.crl"], now + hour);
        assert_eq!(verdict.exit, exit, "{reason:?}: {verdict:#?}");
    }
}

#[test]
fn answers_that_are_not_what_was_asked_for_seal_nothing() {
    let pki = pki();
    pki.issue(
        "sans-eku",
        "racine-tsa",
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n",
        ("P-256", 3650),
    );
    pki.issue("eku-mou", "racine-tsa", &TSA.replace("extendedKeyUsage=critical,", "extendedKeyUsage="), ("P-256", 3650));
    pki.issue("eku-large", "racine-tsa", &TSA.replace("timeStamping", "timeStamping,codeSigning"), ("P-256", 3650));
    pki.root("autre", "P-256");
    pki.issue("inconnue", "autre", TSA, ("P-256", 3650));
    pki.issue("finie", "racine-tsa", TSA, ("P-256", 0));
    let now = today();
    let forger = |name: &str| Forger::new(&pki, name, now);
    let honest = || forger("horloge");
    for (forger, says) in [
        (Forger { nonce: Some(&[1, 2, 3]), ..honest() }, "another nonce"),
        (Forger { other_imprint: true, ..honest() }, "made for something else"),
        (Forger { policy: "1.2.3.4.9", ..honest() }, "policy 1.2.3.4.9, which was not asked for"),
        (Forger { status: 2, ..honest() }, "the authority refused (status 2)"),
        (Forger { named: (false, false), ..honest() }, "names no certificate"),
        (Forger { without_certificate: true, ..honest() }, "does not hold its authority's certificate"),
        (Forger { version: cms::content_info::CmsVersion::V1, ..honest() }, "parts that no bundle keeps"),
        (Forger { time: "202611231730Z".into(), ..honest() }, "genTime"),
        (Forger { instead: Some(vec![]), ..honest() }, "not readable"),
        (Forger { instead: Some(b"<html>proxy</html>".to_vec()), ..honest() }, "http://tsa.invalid/: "),
        (Forger { instead: Some([0x30, 0x80].repeat(5000)), ..honest() }, "not readable"),
        (forger("sans-eku"), "not that of a time-stamping authority"),
        (forger("eku-mou"), "not that of a time-stamping authority"),
        (forger("eku-large"), "not that of a time-stamping authority"),
        (forger("inconnue"), "none of the anchors"),
        (Forger::new(&pki, "horloge", now - years(1)), "one of the two clocks is wrong"),
        (Forger::new(&pki, "horloge", now + years(11)), "had expired"),
        (Forger { time: now.strftime("%Y%m%d%H%M%S.250Z").to_string(), ..honest() }, "genTime"),
    ] {
        let mut authority = pki.authority("tsa", "racine-tsa");
        authority.policy = tsa::policy("1.2.3.4.1");
        let error = seal_through(&pki, Level::T, &forger, vec![authority]).unwrap_err();
        assert!(matches!(error, SealError::TimeStamp { .. }), "{error}");
        let error = error.to_string();
        assert!(error.contains(says) && error.contains("nothing was sealed"), "{error:?} does not say {says:?}");
    }
    // What real authorities send: fractions of a second, the older attribute, both, modifications granted, BER.
    for forger in [
        Forger { time: now.strftime("%Y%m%d%H%M%S.25Z").to_string(), ..honest() },
        Forger { named: (false, true), ..honest() },
        Forger { named: (true, true), ..honest() },
        Forger { status: 1, ..honest() },
        Forger { ber: true, ..honest() },
    ] {
        let bytes = seal_through(&pki, Level::Lta, &forger, vec![pki.authority("tsa", "racine-tsa")]).unwrap();
        assert_eq!(pki.judge(&bytes, today()).exit, 0, "{:#?}", pki.judge(&bytes, today()));
    }
}

#[test]
fn authorities_are_tried_in_order() {
    let pki = Pki::usual();
    let desk = Desk::new(&pki, "tsa");
    let all =
        || vec![pki.authority("down", "racine-tsa"), pki.authority("tsa", "racine-tsa"), pki.authority("spare", "racine-tsa")];
    let bytes = seal_through(&pki, Level::T, &desk, all()).unwrap();
    assert_eq!(desk.asked.get(), 2);
    assert_eq!(judged_with(&pki, &bytes, &["racine.crl", "racine-tsa.crl"], today()).exit, 0);
    let error =
        seal_through(&pki, Level::T, &desk, vec![pki.authority("down", "racine-tsa"), pki.authority("down2", "racine-tsa")]);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("http://down.invalid/: connection refused; http://down2.invalid/"), "{error}");
    let error = seal_through(&pki, Level::T, &desk, vec![]).unwrap_err().to_string();
    assert!(error.contains("no authority is configured"), "{error}");
}

#[test]
fn missing_or_foreign_lists_seal_nothing() {
    let pki = Pki::usual();
    let desk = Desk::new(&pki, "tsa");
    let seal = |lists: &[&str], chain: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let stamping =
            TimeStamping { authorities: vec![pki.authority("tsa", "racine-tsa")], transport: &desk, random: &mut random(5) };
        let mut proofs = Proofs { level: Level::Lt, stamping, crls: pki.crls(lists) };
        let request = SealRequest { created: today(), ..request(vec![]) };
        seal_with(&request, &pki.signer(chain), &mut proofs, &folder.path().join("d.asice")).map(|_| ()).unwrap_err().to_string()
    };
    let chain = &["sceau", "racine"];
    assert!(seal(&[], chain).contains("no revocation list says"), "{}", seal(&[], chain));
    assert!(seal(&["racine.crl"], chain).contains("CN=tsa"), "{}", seal(&["racine.crl"], chain));
    assert!(seal(&["racine-tsa.crl"], chain).contains("CN=sceau"));
    assert!(seal(&["racine.crl", "racine-tsa.crl"], &["sceau"]).contains("append its issuers"));
}

/// The archive time-stamp is renewed, and renewed again; what was sealed stays where it is, byte for byte.
#[test]
fn a_renewed_bundle_outlives_its_first_authority() {
    let pki = pki();
    let now = today();
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("dossier.asice"), folder.path().join("renouvele.asice"));
    fs::write(&old, pki.seal(Level::Lta)).unwrap();
    let original = fs::read(&old).unwrap();
    // Nine years on, the first authority's certificate still stands; another authority takes over.
    pki.root("racine-tsa2", "P-384");
    pki.issue("horloge2", "racine-tsa2", TSA, ("P-256", 7000));
    pki.list("racine-tsa2", "racine-tsa2.crl");
    let at = now + years(9);
    let (anchors, authorities) = (pki.anchors(&["racine"]), pki.anchors(&["racine-tsa", "racine-tsa2"]));
    let lists = long_lists(&pki, &["racine-tsa2"]);
    let trust = Trusted { anchors: &anchors, authorities: &authorities, crls: &lists };
    let forger = Forger::new(&pki, "horloge2", at);
    let stamping = || TimeStamping {
        authorities: vec![pki.authority("tsa2", "racine-tsa2")],
        transport: &forger,
        random: Box::leak(Box::new(random(6))),
    };
    let mut proofs = Proofs { level: Level::Lta, stamping: stamping(), crls: lists.clone() };
    let extended = extend(&old, &new, &mut proofs, trust, at).unwrap();
    assert_eq!(extended.time_stamps, 2);
    assert_eq!(fs::read(&old).unwrap(), original, "the old one is untouched");
    let bytes = fs::read(&new).unwrap();
    let names: Vec<String> = unpack(&bytes).into_iter().map(|(name, _)| name).filter(|name| name.contains("META-INF")).collect();
    assert_eq!(
        names,
        [
            "META-INF/ASiCManifest001.xml",
            "META-INF/signature001.p7s",
            "META-INF/ASiCArchiveManifest001.xml",
            "META-INF/timestamp001.tst",
            "META-INF/timestamp002.tst",
            "META-INF/ASiCArchiveManifest.xml"
        ]
    );
    // Byte for byte up to the signature's end, and the older time-stamp and its manifest as they were.
    let archive = probant::bundle::container::read::open(bytes.as_slice()).unwrap();
    let archived = archive.records.iter().find(|record| record.name.contains("Archive")).unwrap();
    let end = usize::try_from(archived.offset).unwrap();
    assert!(bytes[..end] == original[..end]);
    let content = |bytes: &[u8], name: &str| unpack(bytes).into_iter().find(|(n, _)| n == name).unwrap().1;
    assert_eq!(content(&bytes, "META-INF/ASiCArchiveManifest001.xml"), content(&original, "META-INF/ASiCArchiveManifest.xml"));
    let newest = String::from_utf8(content(&bytes, "META-INF/ASiCArchiveManifest.xml")).unwrap();
    assert!(newest.contains("URI=\"META-INF/ASiCArchiveManifest001.xml\" Rootfile=\"true\""), "{newest}");
    // The old one is now past judging; the renewed one is not.
    let judge = |bytes: &[u8]| verify_source(bytes, Trusted { crls: &[], ..trust }, now + years(12), Lang::En);
    expect_verdict(&judge(&original), 2, "time-stamp-trust", "had expired");
    assert_eq!(judge(&bytes).exit, 0, "{:#?}", judge(&bytes));
    assert_eq!(judge(&bytes).claims.time_stamps.len(), 3);
    // In place, and once more.
    let mut proofs = Proofs { level: Level::Lta, stamping: stamping(), crls: lists.clone() };
    assert_eq!(extend(&new, &new, &mut proofs, trust, at).unwrap().time_stamps, 3);
    let bytes = fs::read(&new).unwrap();
    assert_eq!(judge(&bytes).exit, 0, "{:#?}", judge(&bytes));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

/// Lists that are in force for decades: openssl makes none of the future.
fn long_lists(pki: &Pki, issuers: &[&str]) -> Vec<probant::bundle::Crl> {
    issuers
        .iter()
        .flat_map(|issuer| {
            let (ca, key, out) = (format!("{issuer}.pem"), format!("{issuer}.key"), format!("{issuer}.crl"));
            let args =
                ["ca", "-config", "openssl.cnf", "-gencrl", "-crldays", "7000", "-cert", &ca, "-keyfile", &key, "-out", &out];
            pki.openssl(&args);
            pki.crls(&[&out])
        })
        .collect()
}

#[test]
fn what_cannot_be_renewed_stays_as_it_is() {
    let pki = Pki::usual();
    let desk = Desk::new(&pki, "tsa");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dossier.asice");
    let (anchors, authorities, lists) =
        (pki.anchors(&["racine"]), pki.anchors(&["racine-tsa"]), pki.crls(&["racine.crl", "racine-tsa.crl"]));
    let trust = Trusted { anchors: &anchors, authorities: &authorities, crls: &lists };
    let try_it = |bytes: &[u8], url: &str, destination: &std::path::Path| {
        fs::write(&file, bytes).unwrap();
        let stamping =
            TimeStamping { authorities: vec![pki.authority(url, "racine-tsa")], transport: &desk, random: &mut random(7) };
        let mut proofs = Proofs { level: Level::Lta, stamping, crls: lists.clone() };
        let error = extend(&file, destination, &mut proofs, trust, today()).map(|_| ()).unwrap_err().to_string();
        assert!(fs::read(&file).unwrap() == bytes, "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{error}");
        error
    };
    let error = try_it(&pki.seal(Level::Lt), "tsa", &file);
    assert!(error.contains("only bundles sealed at level LTA") && error.contains("LT"), "{error}");
    let good = pki.seal(Level::Lta);
    let mut tampered = good.clone();
    tampered[2000] ^= 1;
    let error = try_it(&tampered, "tsa", &file);
    assert!(error.contains("was not renewed and is as it was: Tampered with"), "{error}");
    let error = try_it(&good, "down", &file);
    assert!(error.contains("connection refused"), "{error}");
    let error = try_it(&good, "tsa", &folder.path().join("none/such.asice"));
    assert!(error.contains("none/such.asice: the bundle could not be written"), "{error}");
}

/// Same request, same key: only the time-stamps differ.
#[test]
fn two_runs_give_the_same_bytes_but_for_time_stamps() {
    let pki = pki();
    let now = today();
    let once = |seconds: i64| {
        let forger = Forger::new(&pki, "horloge", now + jiff::SignedDuration::from_secs(seconds));
        let folder = tempfile::tempdir().unwrap();
        let request = SealRequest { created: now, ..request(sample_files()) };
        let stamping =
            TimeStamping { authorities: vec![pki.authority("tsa", "racine-tsa")], transport: &forger, random: &mut random(5) };
        let mut proofs = Proofs { level: Level::Lta, stamping, crls: pki.crls(&["racine.crl", "racine-tsa.crl"]) };
        let signer = pki.signer(&["sceau", "racine"]);
        fs::read(seal_with(&request, &signer, &mut proofs, &folder.path().join("d.asice")).unwrap().path).unwrap()
    };
    let (first, second) = (unpack(&once(0)), unpack(&once(1)));
    let differing: Vec<&str> = first.iter().zip(&second).filter(|(a, b)| a != b).map(|((name, _), _)| name.as_str()).collect();
    assert_eq!(differing, ["META-INF/signature001.p7s", "META-INF/timestamp001.tst", "META-INF/ASiCArchiveManifest.xml"]);
}

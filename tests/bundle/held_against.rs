//! What `verify` must hold against, line by line: each is made as a file, verified as a file, and must end in this exit code with
//! this check saying why. The other tests of this folder try the variants of each line.
//!
//! Broken chains of bundles need more than one file and are tried where chains are verified; keys that others can read, in `keys.rs`;
//! files that change while they are read, in `seal.rs`.

use std::fs;

use der::asn1::{Any, OctetString, SetOfVec};
use der::{Encode as _, Tag};
use probant::bundle::layout::{ASIC_MANIFEST, MIMETYPE, SIGNATURE};
use probant::bundle::lists::asic;
use probant::bundle::signature::cms;
use probant::bundle::tsa::tst_info::MessageImprint;
use probant::bundle::{Lang, Level, TrustAnchor, Trusted, Verdict, verify};

use crate::authority::{Pki, TSA, today, years};
use crate::forged::Forger;
use crate::kit::{
    Entries, entry, expect_verdict, fix_asic, fix_bag, good, impostor, insert_payload, now, pack, resign, sealer, unpack,
};
use crate::tamper_content::{changed, insider, remove, repaired};
use crate::tamper_signature::{edited, edited_signer, original, with, without_attribute};
use crate::tamper_zip::{Raw, content, deflate};

const FILE: &str = "data/index.html";

/// What lines are made from.
struct World {
    pki: Pki,
    /// A bundle of level T of the PKI, at its instant.
    stamped: Vec<u8>,
    at: jiff::Timestamp,
}

/// A file, and who judges it.
enum Made {
    /// Sealed with the tests' self-made certificate.
    Own(Vec<u8>),
    /// Sealed below the PKI's root; lists at hand, instant of the verification.
    Pki(Vec<u8>, &'static [&'static str], jiff::Timestamp),
    /// Judged with no anchor at all.
    NoAnchor(Vec<u8>),
}

use Made::{NoAnchor, Own, Pki as Below};

struct Line {
    says: &'static str,
    exit: u8,
    check: &'static str,
    why: &'static str,
    make: fn(&World) -> Made,
}

const fn line(says: &'static str, exit: u8, check: &'static str, why: &'static str, make: fn(&World) -> Made) -> Line {
    Line { says, exit, check, why, make }
}

const LISTS: &[&str] = &["racine.crl", "racine-tsa.crl"];

#[rustfmt::skip]
const LINES: &[Line] = &[
    // Content.
    line("a flipped byte", 1, "digests", "changed: data/index.html", |_| Own(pack(&changed(flip)))),
    line("a flipped byte, bag manifests fixed up", 1, "digests", "changed: data/index.html", |_| Own(pack(&repaired(flip)))),
    line("CRLF conversion", 1, "digests", "changed: data/index.html", |_| Own(pack(&repaired(crlf)))),
    line("a file removed", 1, "nothing-missing", "missing: data/index.html", |_| Own(pack(&repaired(|e| remove(e, FILE))))),
    line("an extra file in data", 1, "nothing-extra", "not sealed: data/x", |_| Own(pack(&repaired(|e| insert_payload(e, "data/x", ""))))),
    line("an extra file at the root", 1, "nothing-extra", "not sealed: x", |_| Own(added("x"))),
    line("an extra file in META-INF", 1, "nothing-extra", "not sealed: META-INF/x", |_| Own(added("META-INF/x"))),
    line("a second, unsigned ASiCManifest", 1, "nothing-extra", "not sealed: META-INF/ASiCManifest002.xml", |_| Own(added("META-INF/ASiCManifest002.xml"))),
    line("names that differ only by case", 1, "zip-container", "differ only by case", |_| Own(signed_name("data/INDEX.html"))),
    line("names that differ only by Unicode form", 1, "zip-container", "Unicode form", |_| Own(signed_name("data/tables/comptes e\u{301}te\u{301}.csv"))),
    line("a symbolic link", 1, "zip-container", "a link, a folder or a device", |_| Own(mode(0o120_777))),
    // ZIP.
    line("duplicate names", 1, "zip-container", "same name", |_| Own(twice())),
    line("a name with ..", 1, "entry-names", "empty, . or ..", |_| Own(signed_name("data/../x"))),
    line("an absolute name", 1, "entry-names", "not a relative", |_| Own(added("/etc/x"))),
    line("a name with a backslash", 1, "entry-names", "not every system", |_| Own(signed_name("data/a\\b"))),
    line("a name with NUL", 1, "entry-names", "not every system", |_| Own(signed_name("data/a\0b"))),
    line("mimetype not first", 1, "zip-container", "not in its place", |_| Own(pack(&changed(|e| e.swap(0, 1))))),
    line("mimetype compressed", 1, "mimetype", "not an uncompressed mimetype", |_| Own(compressed_mimetype())),
    line("mimetype changed", 1, "mimetype", "not an uncompressed mimetype", |_| Own(pack(&changed(|e| entry(e, MIMETYPE).push(b'\n'))))),
    line("a comment of the file", 1, "zip-container", "something was added", |_| Own(commented())),
    line("a comment of an entry", 1, "zip-container", "comment: data/index.html", |_| Own(commented_entry())),
    line("bytes before", 1, "zip-container", "before or between", |_| Own(Raw::good().build_after(b"MZ"))),
    line("bytes between", 1, "zip-container", "before or between", |_| Own(between())),
    line("bytes after", 1, "zip-container", "something was added", |_| Own([good(), b"x"].concat())),
    line("local header and central directory that disagree", 1, "zip-container", "disagree", |_| Own(Raw::good().local(FILE, |h| h[22] = 1).build())),
    line("an entry only in the directory", 1, "zip-container", "overlap", |_| Own(only_listed())),
    line("an entry without a place in the directory", 1, "zip-container", "between", |_| Own(unlisted())),
    line("a truncated end record", 1, "zip-container", "cut short", |_| Own(good()[..good().len() - 3].to_vec())),
    line("the encrypted flag", 1, "zip-container", "encrypted", |_| Own(Raw::good().both(FILE, 6, &[1, 0]).build())),
    line("an unknown method", 1, "zip-container", "unknown compression", |_| Own(Raw::good().both(FILE, 8, &[93, 0]).build())),
    line("overlapping entries", 1, "zip-container", "overlap", |_| Own(only_listed())),
    line("a bad CRC", 1, "digests", "CRC is wrong", |_| Own(packed(|packed| packed, 1))),
    line("bytes after the deflate end", 1, "digests", "follow the end", |_| Own(packed(|packed| [packed, vec![0]].concat(), 0))),
    line("a bomb", 1, "zip-container", "bomb", |_| Own(bomb())),
    // Signature.
    line("no signature", 1, "signature-form", "missing: META-INF/signature001.p7s", |_| Own(pack(&changed(|e| remove(e, SIGNATURE))))),
    line("manifest edited by one space", 1, "signature-value", "another manifest", |_| Own(pack(&changed(space)))),
    line("a DOCTYPE", 1, "signed-manifest", "document type", |_| Own(insider(|e| manifest(e, "<asic:ASiC", "<!DOCTYPE x><asic:ASiC")))),
    line("no signed attributes", 1, "signature-form", "no signed attributes", |_| Own(edited_signer(|info| info.signed_attrs = None))),
    line("SHA-1 in the signature", 1, "signature-form", "digest that is not accepted", |_| Own(edited_signer(|info| info.digest_alg.oid = const_oid::db::rfc5912::ID_SHA_1))),
    line("attached content", 1, "signature-form", "its own content", |_| Own(attached())),
    line("unsorted attributes", 1, "signature-form", "only admissible encoding", |_| Own(unsorted())),
    line("trailing bytes", 1, "signature-form", "not a CMS signature", |_| Own(with([original(), vec![0]].concat()))),
    line("time-stamp removed", 1, "signature-level", "the time-stamp was removed", |w| Below(without_time_stamp(w), LISTS, w.at)),
    line("another's time-stamp put in", 1, "time-stamp", "made for something else", |w| Below(foreign_time_stamp(w), LISTS, w.at)),
    line("a time-stamp that a forger made", 2, "time-stamp-trust", "none of the anchors", |w| Below(restamped(w, "faussaire"), LISTS, w.at)),
    line("no signing-certificate-v2", 1, "signing-certificate", "missing or there twice", |_| Own(without_attribute(const_oid::db::rfc5911::ID_AA_SIGNING_CERTIFICATE_V_2))),
    line("a wrong signing-certificate-v2", 1, "signing-certificate", "another certificate", |_| Own(wrong_certificate())),
    line("two signers", 1, "signature-form", "exactly one signer", |_| Own(two_signers())),
    line("another bundle's signature", 1, "signature-value", "comes from another bundle", |_| Own(with(sealer().signer.sign(b"other", now()).unwrap()))),
    // A manifest written by an insider.
    line("a duplicate reference", 1, "signed-manifest", "twice", |_| Own(insider(|e| list(e, |refs| refs.insert(1, refs[0].clone()))))),
    line("a non-canonical URI", 1, "signed-manifest", "edited", |_| Own(insider(|e| manifest(e, "data/index.html", "data/%69ndex.html")))),
    line("SHA-1 in the manifest", 1, "signed-manifest", "another digest", |_| Own(insider(|e| manifest(e, "xmlenc#sha256", "xmldsig#sha1")))),
    line("SigReference elsewhere", 1, "signed-manifest", "own signature", |_| Own(insider(|e| manifest(e, "signature001", "signature002")))),
    line("a partial manifest", 1, "nothing-extra", "not sealed: data/index.html", |_| Own(insider(|e| list(e, |refs| refs.retain(|r| r.0 != FILE))))),
    line("an absent file in the manifest", 1, "nothing-missing", "missing: zzz", |_| Own(insider(|e| list(e, |refs| refs.push(("zzz".into(), [0; 32])))))),
    // Can't tell.
    line("an unknown authority of the same name", 2, "signer-trust", "of that name is known", |_| Own(resealed())),
    line("an expired signer without time-stamp", 2, "signer-trust", "had expired", |w| Below(w.pki.seal_plain(w.at), LISTS, w.at + years(3))),
    line("revoked before the time-stamp", 2, "revocation", "revoked before it was used", |w| Below(w.stamped.clone(), &["avant.crl", "racine-tsa.crl"], w.at)),
    line("no revocation data", 2, "revocation", "no revocation list", |w| Below(w.stamped.clone(), &[], w.at)),
    line("a TSA certificate without its extended key usage", 2, "time-stamp-trust", "not that of a time-stamping authority", |w| Below(restamped(w, "sans-eku"), LISTS, w.at)),
    line("trust taken from the bundle itself", 2, "signer-trust", "no trust anchor", |_| NoAnchor(good().to_vec())),
    // Still valid.
    line("expired after a good time-stamp", 0, "signer-trust", "", |w| Below(w.stamped.clone(), LISTS, w.at + years(3))),
    line("revoked after a good time-stamp", 0, "revocation", "not revoked", |w| Below(w.stamped.clone(), &["apres.crl", "racine-tsa.crl"], w.at)),
];

impl World {
    fn new() -> Self {
        let pki = Pki::usual();
        let at = today();
        pki.issue("horloge", "racine-tsa", TSA, ("P-256", 3650));
        pki.issue("sans-eku", "racine-tsa", &TSA.replace("extendedKeyUsage=critical,timeStamping\n", ""), ("P-256", 3650));
        pki.root("faux", "P-256");
        pki.issue("faussaire", "faux", TSA, ("P-256", 3650));
        // The seal is of an hour ago; one list knows of a key lost two hours ago, one of a key lost just now.
        let hour = jiff::SignedDuration::from_hours(1);
        let stamped = pki.seal_at(Level::T, &Forger::new(&pki, "horloge", at - hour), at - hour);
        pki.revoke("sceau", "racine", None);
        pki.list("racine", "apres.crl");
        pki.forget();
        let lost = (at - hour - hour).strftime("%Y%m%d%H%M%SZ").to_string();
        pki.revoke_with("sceau", "racine", &["-crl_compromise", &lost]);
        pki.list("racine", "avant.crl");
        Self { pki, stamped, at: at + hour }
    }

    fn judge(&self, made: &Made, file: &std::path::Path) -> Verdict {
        let write = |bytes: &[u8]| fs::write(file, bytes).unwrap();
        match made {
            Own(bytes) => {
                write(bytes);
                verify(file, &sealer().anchors, now(), Lang::En)
            }
            NoAnchor(bytes) => {
                write(bytes);
                verify(file, Trusted::default(), now(), Lang::En)
            }
            Below(bytes, lists, at) => {
                write(bytes);
                let (anchors, authorities, crls) =
                    (self.pki.anchors(&["racine"]), self.pki.anchors(&["racine-tsa"]), self.pki.crls(lists));
                verify(file, Trusted { anchors: &anchors, authorities: &authorities, crls: &crls }, *at, Lang::En)
            }
        }
    }
}

#[test]
fn every_line_of_the_list() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = vec![];
    for (number, line) in LINES.iter().enumerate() {
        let file = folder.path().join(format!("{number:02}.asice"));
        let verdict = world.judge(&(line.make)(&world), &file);
        let check = verdict.checks.iter().find(|check| check.code == line.check);
        let said = check.is_some_and(|check| line.why.is_empty() || check.details.iter().any(|detail| detail.contains(line.why)));
        if verdict.exit != line.exit || !said {
            wrong.push(format!("{}: exit {} instead of {}, {check:#?}", line.says, verdict.exit, line.exit));
        }
    }
    assert!(wrong.is_empty(), "{} of {} lines are not held:\n{}", wrong.len(), LINES.len(), wrong.join("\n"));
    assert_eq!(LINES.iter().filter(|line| line.exit == 0).count(), 2);
}

/// The same files, if nothing is done to them, are good: what is found above is what was done.
#[test]
fn what_the_lines_start_from_is_valid() {
    let world = World::new();
    assert_eq!(world.judge(&Below(world.stamped.clone(), LISTS, world.at), &world.pki.path("x")).exit, 0);
    let restamped = restamped(&world, "horloge");
    let verdict = world.judge(&Below(restamped, LISTS, world.at), &world.pki.path("x"));
    assert_eq!(verdict.exit, 0, "{verdict:#?}");
    expect_verdict(
        &world.judge(&Below(with_lists(&world), LISTS, world.at), &world.pki.path("x")),
        1,
        "signature-level",
        "was added",
    );
}

fn flip(entries: &mut Entries) {
    entry(entries, FILE)[3] ^= 1;
}

fn crlf(entries: &mut Entries) {
    let text = String::from_utf8(entry(entries, FILE).clone()).unwrap();
    *entry(entries, FILE) = text.replace('\n', "\r\n").into_bytes();
}

fn added(name: &str) -> Vec<u8> {
    pack(&changed(|entries| entries.push((name.into(), vec![]))))
}

/// Another file, sealed with the right key.
fn signed_name(name: &str) -> Vec<u8> {
    let mut entries = repaired(|entries| insert_payload(entries, name, "x"));
    fix_asic(&mut entries);
    resign(&mut entries, &sealer().signer);
    pack(&entries)
}

fn mode(mode: u32) -> Vec<u8> {
    Raw::good().central(FILE, |header| header[38..42].copy_from_slice(&(mode << 16).to_le_bytes())).build()
}

fn twice() -> Vec<u8> {
    let mut raw = Raw::good();
    let at = raw.at(FILE);
    raw.locals.insert(at, raw.locals[at].clone());
    raw.centrals.insert(at, raw.centrals[at].clone());
    raw.build()
}

fn compressed_mimetype() -> Vec<u8> {
    let padded = [content(MIMETYPE), vec![b' '; 200]].concat();
    let raw = Raw::good().data(MIMETYPE, deflate(&padded), crc32fast::hash(&padded), padded.len());
    raw.both(MIMETYPE, 4, &[20, 0]).both(MIMETYPE, 8, &[8, 0]).build()
}

fn commented() -> Vec<u8> {
    let mut raw = Raw::good();
    raw.end[20] = 2;
    [raw.build(), b"hi".to_vec()].concat()
}

fn commented_entry() -> Vec<u8> {
    let comment = |header: &mut Vec<u8>| {
        header[32] = 2;
        header.extend(b"hi");
    };
    Raw::good().central(FILE, comment).build()
}

fn between() -> Vec<u8> {
    let mut raw = Raw::good();
    let at = raw.at(FILE);
    raw.locals[at].1.extend(b"between");
    raw.build()
}

fn only_listed() -> Vec<u8> {
    let mut raw = Raw::good();
    let at = raw.at(FILE);
    raw.centrals.insert(at + 1, raw.centrals[at].clone());
    let out = raw.locals.iter().flat_map(|(header, data)| [header.as_slice(), data].concat()).collect();
    // Offsets as they were: two records for the same bytes.
    Raw { locals: vec![], ..raw }.finish(out)
}

fn unlisted() -> Vec<u8> {
    let mut raw = Raw::good();
    let hidden = raw.locals[raw.at(FILE)].clone();
    raw.locals.push(hidden);
    raw.build()
}

fn packed(change: fn(Vec<u8>) -> Vec<u8>, crc: u32) -> Vec<u8> {
    let text = content(FILE);
    Raw::good().data(FILE, change(deflate(&text)), crc32fast::hash(&text) ^ crc, text.len()).build()
}

fn bomb() -> Vec<u8> {
    let zeros = vec![0; 1 << 22];
    Raw::good().data(FILE, deflate(&zeros), crc32fast::hash(&zeros), zeros.len()).build()
}

fn manifest(entries: &mut Entries, from: &str, to: &str) {
    let text = String::from_utf8(entry(entries, ASIC_MANIFEST).clone()).unwrap();
    assert!(text.contains(from));
    *entry(entries, ASIC_MANIFEST) = text.replacen(from, to, 1).into_bytes();
}

fn space(entries: &mut Entries) {
    manifest(entries, "/>", " />");
}

fn list(entries: &mut Entries, change: impl FnOnce(&mut Vec<asic::Reference>)) {
    let mut references = asic::read(entry(entries, ASIC_MANIFEST)).unwrap();
    change(&mut references);
    *entry(entries, ASIC_MANIFEST) = asic::write(&references).into_bytes();
}

fn attached() -> Vec<u8> {
    edited(|data| {
        let content = entry(&mut unpack(good()), ASIC_MANIFEST).clone();
        data.encap_content_info.econtent = Some(Any::new(Tag::OctetString, content).unwrap());
    })
}

fn unsorted() -> Vec<u8> {
    let parts: Vec<Vec<u8>> = cms::parse(&original()).unwrap().attributes.iter().map(|a| a.to_der().unwrap()).collect();
    let (sorted, swapped) = (parts.concat(), [parts[1].clone(), parts[0].clone(), parts[2..].concat()].concat());
    let mut bytes = original();
    let at = bytes.windows(sorted.len()).position(|window| window == sorted).unwrap();
    bytes[at..at + sorted.len()].copy_from_slice(&swapped);
    with(bytes)
}

/// Signed with the right key over attributes that name the impostor's certificate.
fn wrong_certificate() -> Vec<u8> {
    let theirs = cms::parse(&impostor().signer.sign(b"x", now()).unwrap()).unwrap();
    let named = theirs.attributes.iter().find(|a| a.oid == const_oid::db::rfc5911::ID_AA_SIGNING_CERTIFICATE_V_2).unwrap().clone();
    edited_signer(|info| {
        let kept = info.signed_attrs.clone().unwrap().into_vec().into_iter().filter(|a| a.oid != named.oid);
        info.signed_attrs = Some(SetOfVec::try_from(kept.chain([named.clone()]).collect::<Vec<_>>()).unwrap());
    })
}

fn two_signers() -> Vec<u8> {
    edited(|data| {
        let info = data.signer_infos.0.as_slice()[0].clone();
        let other = ::cms::signed_data::SignerInfo { signature: OctetString::new(*b"another").unwrap(), ..info.clone() };
        data.signer_infos.0 = SetOfVec::try_from(vec![info, other]).unwrap();
    })
}

fn resealed() -> Vec<u8> {
    let mut entries = repaired(flip);
    fix_bag(&mut entries);
    fix_asic(&mut entries);
    resign(&mut entries, &impostor().signer);
    pack(&entries)
}

fn with_signature(bundle: &[u8], change: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut entries = unpack(bundle);
    let changed = change(entry(&mut entries, SIGNATURE));
    *entry(&mut entries, SIGNATURE) = changed;
    pack(&entries)
}

fn without_time_stamp(world: &World) -> Vec<u8> {
    with_signature(&world.stamped, |bytes| {
        let outer: ::cms::content_info::ContentInfo = der::Decode::from_der(bytes).unwrap();
        let mut data: ::cms::signed_data::SignedData = outer.content.decode_as().unwrap();
        let mut info = data.signer_infos.0.as_slice()[0].clone();
        info.unsigned_attrs = None;
        data.signer_infos.0 = SetOfVec::try_from(vec![info]).unwrap();
        ::cms::content_info::ContentInfo { content: Any::encode_from(&data).unwrap(), ..outer }.to_der().unwrap()
    })
}

/// A genuine time-stamp of the same authority, over another bundle's signature.
fn foreign_time_stamp(world: &World) -> Vec<u8> {
    let other = world.pki.seal(Level::T);
    let token = cms::parse(entry(&mut unpack(&other), SIGNATURE)).unwrap().time_stamp.unwrap();
    with_signature(&world.stamped, |bytes| cms::add(bytes, &token, &[]).unwrap())
}

/// A time-stamp of this very signature by another authority.
fn restamped(world: &World, name: &str) -> Vec<u8> {
    let forger = Forger::new(&world.pki, name, world.at - jiff::SignedDuration::from_hours(2));
    with_signature(&world.stamped, |bytes| {
        let value = cms::parse(bytes).unwrap().info.signature;
        let imprint = MessageImprint {
            hash_algorithm: probant::bundle::certificates::public_key::plain(const_oid::db::rfc5912::ID_SHA_256),
            hashed_message: OctetString::new(probant::bundle::digest::sha256(value.as_bytes())).unwrap(),
        };
        let token = forger.token(&imprint, &der::asn1::Int::new(&[5]).unwrap());
        cms::add(bytes, &token, &[]).unwrap()
    })
}

/// Lists in a signature whose signed level has none.
fn with_lists(world: &World) -> Vec<u8> {
    let crls = world.pki.crls(LISTS);
    with_signature(&world.stamped, |bytes| {
        let token = cms::parse(bytes).unwrap().time_stamp.unwrap();
        cms::add(bytes, &token, &crls.iter().collect::<Vec<_>>()).unwrap()
    })
}

/// No anchor of the same name helps, whatever its key.
#[test]
fn an_anchor_is_a_key_and_not_a_name() {
    let anchors: &[TrustAnchor] = &impostor().anchors;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("d.asice");
    fs::write(&file, good()).unwrap();
    expect_verdict(&verify(&file, anchors, now(), Lang::En), 2, "signer-trust", "did not sign");
}

//! Changes to what is sealed, by outsiders who can repair the bag and by an insider who holds the key.

use probant::bundle::layout::{ASIC_MANIFEST, BAG_INFO, BAGIT, MANIFEST, MIMETYPE, SIGNATURE};
use probant::bundle::lists::asic;
use probant::bundle::lists::bagit;

use crate::kit::{Entries, entry, expect, fix_asic, fix_bag, good, impostor, insert_payload, judge, pack, resign, sealer, unpack};

/// A good bundle's entries after `change`.
pub(crate) fn changed(change: impl FnOnce(&mut Entries)) -> Entries {
    let mut entries = unpack(good());
    change(&mut entries);
    entries
}

pub(crate) fn repaired(change: impl FnOnce(&mut Entries)) -> Entries {
    let mut entries = changed(change);
    fix_bag(&mut entries);
    entries
}

/// By someone with the key, who can therefore sign anything.
pub(crate) fn insider(change: impl FnOnce(&mut Entries)) -> Vec<u8> {
    let mut entries = changed(change);
    resign(&mut entries, &sealer().signer);
    pack(&entries)
}

pub(crate) fn remove(entries: &mut Entries, name: &str) {
    entries.retain(|(n, _)| n != name);
}

#[test]
fn the_kit_rebuilds_the_very_same_bundle() {
    let mut entries = repaired(|_| {});
    fix_asic(&mut entries);
    resign(&mut entries, &sealer().signer);
    assert!(pack(&entries) == good());
}

#[test]
fn a_changed_file_is_seen_whatever_is_repaired() {
    let flip = |entries: &mut Entries| entry(entries, "data/index.html")[3] ^= 1;
    expect(&pack(&changed(flip)), 1, "digests", "changed: data/index.html");
    expect(&pack(&changed(flip)), 1, "bag-manifests", "manifest-sha256.txt: data/index.html");
    expect(&pack(&repaired(flip)), 1, "digests", "changed: data/index.html");
    let mut all = repaired(flip);
    fix_asic(&mut all);
    expect(&pack(&all), 1, "signature-value", "another manifest");
    let crlf = |entries: &mut Entries| {
        let text = String::from_utf8(entry(entries, "data/index.html").clone()).unwrap();
        *entry(entries, "data/index.html") = text.replace('\n', "\r\n").into_bytes();
    };
    expect(&pack(&repaired(crlf)), 1, "digests", "changed: data/index.html");
}

#[test]
fn a_removed_file_is_seen() {
    let gone = |entries: &mut Entries| remove(entries, "data/index.html");
    expect(&pack(&changed(gone)), 1, "nothing-missing", "missing: data/index.html");
    expect(&pack(&changed(gone)), 1, "payload-oxum", "declared / found");
    expect(&pack(&repaired(gone)), 1, "nothing-missing", "missing: data/index.html");
    for name in [BAGIT, BAG_INFO, MANIFEST, MIMETYPE, SIGNATURE, ASIC_MANIFEST] {
        let verdict = judge(&pack(&changed(|entries| remove(entries, name))));
        assert_eq!(verdict.exit, 1, "without {name}: {verdict:#?}");
    }
    expect(&pack(&changed(|e| remove(e, SIGNATURE))), 1, "signature-form", "missing: META-INF/signature001.p7s");
}

#[test]
fn an_added_file_is_seen() {
    let payload = |entries: &mut Entries| insert_payload(entries, "data/plus.txt", "x");
    expect(&pack(&changed(payload)), 1, "nothing-extra", "not sealed: data/plus.txt");
    expect(&pack(&repaired(payload)), 1, "nothing-extra", "not sealed: data/plus.txt");
    for name in ["plus.txt", "META-INF/plus.txt", "META-INF/ASiCManifest002.xml", "META-INF/signature002.p7s", "fetch.txt"] {
        let bytes = pack(&changed(|entries| entries.push((name.into(), b"x".to_vec()))));
        expect(&bytes, 1, "nothing-extra", name);
    }
}

#[test]
fn names_that_would_meet_on_disk_are_refused() {
    for name in ["data/Index.HTML", "data/tables/comptes e\u{301}te\u{301}.csv", "data/index.html", "data/index.html/x"] {
        let verdict = judge(&pack(&repaired(|entries| insert_payload(entries, name, "x"))));
        assert_eq!(verdict.exit, 1, "{name}: {verdict:#?}");
        assert_eq!(verdict.checks[0].outcome, probant::bundle::Outcome::Failed, "{name}: {verdict:#?}");
    }
}

#[test]
fn hostile_names_are_refused_even_from_an_insider() {
    for name in ["data/../../etc/cron.d/x", "data//x", "data/a\\b", "data/a\0b", "data/con", "data/\u{202e}fdp.exe"] {
        let mut entries = repaired(|entries| insert_payload(entries, name, "x"));
        fix_asic(&mut entries);
        resign(&mut entries, &sealer().signer);
        expect(&pack(&entries), 1, "entry-names", "the name");
    }
}

#[test]
fn the_signed_manifest_has_one_spelling() {
    let manifest = |from: &'static str, to: &'static str| {
        move |entries: &mut Entries| {
            let text = String::from_utf8(entry(entries, ASIC_MANIFEST).clone()).unwrap();
            assert!(text.contains(from));
            *entry(entries, ASIC_MANIFEST) = text.replacen(from, to, 1).into_bytes();
        }
    };
    expect(&pack(&changed(manifest("/>", " />"))), 1, "signature-value", "another manifest");
    expect(&pack(&changed(manifest("/>", " />"))), 1, "signed-manifest", "edited");
    expect(&insider(manifest("/>", " />")), 1, "signed-manifest", "edited");
    expect(&insider(manifest("<asic:ASiC", "<!DOCTYPE x [<!ENTITY y 'z'>]><asic:ASiC")), 1, "signed-manifest", "document type");
    expect(&insider(manifest("xmlenc#sha256", "xmldsig#sha1")), 1, "signed-manifest", "another digest");
    expect(&insider(manifest("META-INF/signature001.p7s", "META-INF/signature009.p7s")), 1, "signed-manifest", "own signature");
    expect(&insider(manifest("URI=\"data/index.html\"", "URI=\"data%2Findex.html\"")), 1, "signed-manifest", "edited");
}

#[test]
fn an_insider_cannot_sign_a_list_that_is_not_the_content() {
    let references = |entries: &mut Entries| asic::read(entry(entries, ASIC_MANIFEST)).unwrap();
    let partial = insider(|entries| {
        let kept: Vec<_> = references(entries).into_iter().filter(|(name, _)| name != "data/index.html").collect();
        *entry(entries, ASIC_MANIFEST) = asic::write(&kept).into_bytes();
    });
    expect(&partial, 1, "nothing-extra", "not sealed: data/index.html");
    let absent = insider(|entries| {
        let mut more = references(entries);
        more.push(("zzz".into(), [0; 32]));
        *entry(entries, ASIC_MANIFEST) = asic::write(&more).into_bytes();
    });
    expect(&absent, 1, "nothing-missing", "missing: zzz");
    let twice = insider(|entries| {
        let list = references(entries);
        *entry(entries, ASIC_MANIFEST) = asic::write(&[list[..1].to_vec(), list.clone()].concat()).into_bytes();
    });
    expect(&twice, 1, "signed-manifest", "twice");
    let itself = insider(|entries| {
        let mut more = references(entries);
        more.push((MIMETYPE.into(), [0; 32]));
        more.sort();
        *entry(entries, ASIC_MANIFEST) = asic::write(&more).into_bytes();
    });
    expect(&itself, 1, "nothing-extra", "not sealed: mimetype");
}

/// The lists must agree even when the signature covers the disagreement.
#[test]
fn an_insider_cannot_let_the_bag_say_something_else() {
    let signed = |change: &dyn Fn(&mut Entries)| {
        insider(|entries| {
            change(entries);
            fix_asic(entries);
        })
    };
    let lost = signed(&|entries| {
        let mut list = bagit::read_manifest(MANIFEST, entry(entries, MANIFEST)).unwrap();
        list.remove("data/index.html");
        *entry(entries, MANIFEST) = bagit::write_manifest(&list).into_bytes();
    });
    expect(&lost, 1, "bag-manifests", "manifest-sha256.txt: data/index.html");
    let info = |from: &'static str, to: &'static str| {
        move |entries: &mut Entries| {
            let text = String::from_utf8(entry(entries, BAG_INFO).clone()).unwrap();
            assert!(text.contains(from));
            *entry(entries, BAG_INFO) = text.replacen(from, to, 1).into_bytes();
        }
    };
    expect(&signed(&info("Bundle-Seq: 2", "Bundle-Seq: 3")), 1, "bag-manifests", "tagmanifest-sha256.txt: bag-info.txt");
    expect(&signed(&info("Bundle-Seq: 2", "Bundle-Seq: +2")), 1, "bag-info", "as a seal writes it");
    expect(&signed(&info("Payload-Oxum: ", "Payload-Oxum: 1")), 1, "payload-oxum", "declared / found");
    let declaration = |entries: &mut Entries| *entry(entries, BAGIT) = b"BagIt-Version: 0.97\n".to_vec();
    expect(&signed(&declaration), 1, "bag-manifests", "bag declaration");
}

#[test]
fn a_level_that_this_version_cannot_judge_is_unknown() {
    let mut entries = changed(|entries| {
        let text = String::from_utf8(entry(entries, BAG_INFO).clone()).unwrap();
        *entry(entries, BAG_INFO) = text.replace("Signature-Level: B", "Signature-Level: XL").into_bytes();
    });
    fix_bag(&mut entries);
    fix_asic(&mut entries);
    resign(&mut entries, &sealer().signer);
    expect(&pack(&entries), 2, "bag-info", "LT and LTA only: XL");
}

#[test]
fn a_bundle_resealed_by_someone_else_is_not_trusted() {
    let mut entries = repaired(|entries| entry(entries, "data/index.html")[3] ^= 1);
    fix_asic(&mut entries);
    resign(&mut entries, &impostor().signer);
    expect(&pack(&entries), 2, "signer-trust", "of that name is known, but it did not sign");
}

//! Changes to the signature file, by outsiders and by a signer who does not follow the rules.

use cms::cert::CertificateChoices;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{SignedData, SignerInfo};
use const_oid::db::rfc5911::{ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA};
use const_oid::db::rfc5912::{ECDSA_WITH_SHA_384, ID_SHA_1, ID_SHA_384};
use der::asn1::{Any, OctetString, SetOfVec};
use der::{Decode as _, DecodePem as _, Encode as _, Tag};
use probant::bundle::layout::{ASIC_MANIFEST, SIGNATURE};
use probant::bundle::{TrustAnchor, seal};

use crate::kit::{entry, expect, good, impostor, now, pack, request, sealer, unpack};

pub(crate) fn original() -> Vec<u8> {
    entry(&mut unpack(good()), SIGNATURE).clone()
}

/// The good bundle with this signature file.
pub(crate) fn with(signature: Vec<u8>) -> Vec<u8> {
    let mut entries = unpack(good());
    *entry(&mut entries, SIGNATURE) = signature;
    pack(&entries)
}

pub(crate) fn edited(change: impl FnOnce(&mut SignedData)) -> Vec<u8> {
    let outer = ContentInfo::from_der(&original()).unwrap();
    let mut data: SignedData = outer.content.decode_as().unwrap();
    change(&mut data);
    with(ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(&data).unwrap() }.to_der().unwrap())
}

pub(crate) fn edited_signer(change: impl FnOnce(&mut SignerInfo)) -> Vec<u8> {
    edited(|data| {
        let mut info = data.signer_infos.0.as_slice()[0].clone();
        change(&mut info);
        data.signer_infos.0 = SetOfVec::try_from(vec![info]).unwrap();
    })
}

pub(crate) fn without_attribute(oid: const_oid::ObjectIdentifier) -> Vec<u8> {
    edited_signer(|info| {
        let kept: Vec<_> = info.signed_attrs.clone().unwrap().into_vec().into_iter().filter(|a| a.oid != oid).collect();
        info.signed_attrs = Some(SetOfVec::try_from(kept).unwrap());
    })
}

#[test]
fn editing_nothing_changes_nothing() {
    assert!(edited(|_| {}) == good());
    assert!(edited_signer(|_| {}) == good());
}

#[test]
fn another_bundles_signature() {
    let folder = tempfile::tempdir().unwrap();
    let other = seal(&request(vec![]), &sealer().signer, &folder.path().join("autre.asice")).unwrap();
    let signature = entry(&mut unpack(&std::fs::read(other.path).unwrap()), SIGNATURE).clone();
    expect(&with(signature), 1, "signature-value", "comes from another bundle");
}

#[test]
fn encodings_other_than_the_one() {
    expect(&with([original(), vec![0]].concat()), 1, "signature-form", "not a CMS signature");
    expect(&with(Vec::new()), 1, "signature-form", "not a CMS signature");
    expect(&with(original()[..100].to_vec()), 1, "signature-form", "not a CMS signature");
    // The first two signed attributes swapped: the same set, but not in DER order.
    let data: SignedData = ContentInfo::from_der(&original()).unwrap().content.decode_as().unwrap();
    let attributes = data.signer_infos.0.as_slice()[0].signed_attrs.clone().unwrap();
    let parts: Vec<Vec<u8>> = attributes.iter().map(|a| a.to_der().unwrap()).collect();
    let sorted = parts.concat();
    let swapped = [parts[1].clone(), parts[0].clone(), parts[2..].concat()].concat();
    let mut bytes = original();
    let at = bytes.windows(sorted.len()).position(|window| window == sorted).unwrap();
    bytes[at..at + sorted.len()].copy_from_slice(&swapped);
    expect(&with(bytes), 1, "signature-form", "only admissible encoding");
}

#[test]
fn attached_content_and_unsigned_parts() {
    let attached = edited(|data| {
        let content = entry(&mut unpack(good()), ASIC_MANIFEST).clone();
        data.encap_content_info.econtent = Some(Any::new(Tag::OctetString, content).unwrap());
    });
    expect(&attached, 1, "signature-form", "its own content");
    let unsigned = edited_signer(|info| info.unsigned_attrs = info.signed_attrs.clone());
    expect(&unsigned, 1, "signature-form", "nothing protects");
    let crls = edited(|data| data.crls = Some(cms::revocation::RevocationInfoChoices(SetOfVec::default())));
    expect(&crls, 1, "signature-form", "nothing protects");
    let version = edited(|data| data.version = CmsVersion::V3);
    expect(&version, 1, "signature-form", "version");
}

#[test]
fn signed_attributes_missing_or_wrong() {
    expect(&edited_signer(|info| info.signed_attrs = None), 1, "signature-form", "no signed attributes");
    expect(&without_attribute(ID_CONTENT_TYPE), 1, "signature-value", "missing or there twice");
    expect(&without_attribute(ID_MESSAGE_DIGEST), 1, "signature-value", "missing or there twice");
    expect(&without_attribute(ID_AA_SIGNING_CERTIFICATE_V_2), 1, "signing-certificate", "missing or there twice");
    expect(&without_attribute(ID_AA_SIGNING_CERTIFICATE_V_2), 1, "signature-value", "not by this certificate");
    let foreign = edited_signer(|info| {
        let mut attributes = info.signed_attrs.clone().unwrap().into_vec();
        attributes[0].oid = const_oid::ObjectIdentifier::new_unwrap("1.2.3.4");
        info.signed_attrs = Some(SetOfVec::try_from(attributes).unwrap());
    });
    expect(&foreign, 1, "signature-value", "a seal does not have: 1.2.3.4");
}

#[test]
fn weak_and_mismatched_algorithms() {
    let sha1 = edited_signer(|info| info.digest_alg.oid = ID_SHA_1);
    expect(&sha1, 1, "signature-form", "digest that is not accepted");
    let mixed = edited_signer(|info| info.digest_alg.oid = ID_SHA_384);
    expect(&mixed, 1, "signature-form", "digestAlgorithms");
    let other = edited_signer(|info| info.signature_algorithm.oid = ECDSA_WITH_SHA_384);
    expect(&other, 1, "signature-value", "not by this certificate");
    let sha1_signature =
        edited_signer(|info| info.signature_algorithm.oid = const_oid::ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"));
    expect(&sha1_signature, 2, "signature-value", "cannot read");
}

#[test]
fn signers_none_two_or_another() {
    let none = edited(|data| data.signer_infos.0 = SetOfVec::default());
    expect(&none, 1, "signature-form", "exactly one signer");
    let two = edited(|data| {
        let info = data.signer_infos.0.as_slice()[0].clone();
        let other = SignerInfo { signature: OctetString::new(*b"another").unwrap(), ..info.clone() };
        data.signer_infos.0 = SetOfVec::try_from(vec![info, other]).unwrap();
    });
    expect(&two, 1, "signature-form", "exactly one signer");
    let stripped = edited(|data| data.certificates = None);
    expect(&stripped, 1, "signature-form", "not in the signature file");
    // The certificate of a namesake, with his key: the signature does not fit, nor does the name in the signed attributes.
    let theirs = impostor().signer.sign(b"", now()).unwrap();
    let theirs: SignedData = ContentInfo::from_der(&theirs).unwrap().content.decode_as().unwrap();
    let swapped = edited_signer(|info| info.sid = theirs.signer_infos.0.as_slice()[0].sid.clone());
    expect(&swapped, 1, "signature-form", "not in the signature file");
    let replaced = edited(|data| {
        data.certificates = theirs.certificates.clone();
        let mut info = data.signer_infos.0.as_slice()[0].clone();
        info.sid = theirs.signer_infos.0.as_slice()[0].sid.clone();
        data.signer_infos.0 = SetOfVec::try_from(vec![info]).unwrap();
    });
    expect(&replaced, 1, "signature-value", "not by this certificate");
    expect(&replaced, 1, "signing-certificate", "another certificate");
    let stranger = edited(|data| {
        let mut set: Vec<CertificateChoices> = data.certificates.clone().unwrap().0.into_vec();
        set.extend(theirs.certificates.clone().unwrap().0.into_vec());
        data.certificates = Some(set.try_into().unwrap());
    });
    expect(&stranger, 1, "signature-form", "nothing to do with the signer");
    // A self-made certificate is its own issuer: neither a second copy of it nor a namesake whose key nobody can read leads on.
    let pem = std::fs::read(&sealer().certificate).unwrap();
    let same = x509_cert::Certificate::from_pem(pem).unwrap().to_der().unwrap();
    let mut namesake = same.clone();
    let key = namesake.windows(7).position(|window| window == [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]).unwrap();
    namesake[key + 3] = 0x4e;
    for added in [same, namesake] {
        let longer = edited(|data| {
            let mut set: Vec<CertificateChoices> = data.certificates.clone().unwrap().0.into_vec();
            set.push(CertificateChoices::from_der(&added).unwrap());
            data.certificates = Some(set.try_into().unwrap());
        });
        expect(&longer, 1, "signature-form", "nothing to do with the signer");
    }
}

/// (r, n - s) verifies wherever (r, s) does; only one of them is a seal.
#[test]
fn the_twin_of_an_ecdsa_signature() {
    let twin = edited_signer(|info| {
        let signature = p256::ecdsa::Signature::from_der(info.signature.as_bytes()).unwrap();
        let high = p256::ecdsa::Signature::from_scalars(signature.r(), -signature.s()).unwrap();
        info.signature = OctetString::new(high.to_der().as_bytes()).unwrap();
    });
    expect(&twin, 1, "signature-value", "transformed after signing");
}

#[test]
fn an_anchor_of_the_same_name_does_not_help() {
    let anchors: &[TrustAnchor] = &impostor().anchors;
    let verdict = probant::bundle::verify_source(good(), anchors, now(), probant::bundle::Lang::En);
    crate::kit::expect_verdict(&verdict, 2, "signer-trust", "of that name is known, but it did not sign");
}

//! The signature file: CMS `SignedData` (RFC 5652) in DER, one signer, detached, with the signed attributes of CAdES level B
//! (EN 319 122-1); from level T on a time-stamp, from LT on revocation lists. Built here, and taken apart strictly: the bytes must
//! be those that re-encoding gives.

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::revocation::RevocationInfoChoice;
use cms::signed_data::{EncapsulatedContentInfo, SignedAttributes, SignedData, SignerIdentifier, SignerInfo, SignerInfos};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc3161::ID_AA_TIME_STAMP_TOKEN;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA, ID_SIGNING_TIME,
};
use der::asn1::{Any, OctetString, SetOfVec};
use der::{Decode, Encode, Sequence};
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use crate::bundle::certificates::crl::Crl;
use crate::bundle::certificates::public_key::{self, Hash, plain};
use crate::bundle::digest::sha256;
use crate::bundle::fault::{Fault, Phrase, phrase};

/// In one signature file or time-stamp: checking a path tries each against each.
pub const MAX_CERTIFICATES: usize = 16;
/// Bytes; none that anybody issues comes near.
const LARGEST_CERTIFICATE: usize = 1 << 16;

/// RFC 5035: the certificate that signed, by digest; SHA-256 unless said otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct EssCertIdV2 {
    #[asn1(optional = "true")]
    pub hash_algorithm: Option<AlgorithmIdentifierOwned>,
    pub cert_hash: OctetString,
    #[asn1(optional = "true")]
    pub issuer_serial: Option<Any>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SigningCertificateV2 {
    pub certs: Vec<EssCertIdV2>,
    #[asn1(optional = "true")]
    pub policies: Option<Any>,
}

/// The attributes to be signed over `content`, in DER order.
pub fn signed_attributes(content: &[u8], hash: Hash, signer: &Certificate, signing_time: Time) -> der::Result<SignedAttributes> {
    let id = EssCertIdV2 { hash_algorithm: None, cert_hash: OctetString::new(sha256(&signer.to_der()?))?, issuer_serial: None };
    let certificate = SigningCertificateV2 { certs: vec![id], policies: None };
    SetOfVec::try_from(vec![
        attribute(ID_CONTENT_TYPE, &ID_DATA)?,
        attribute(ID_MESSAGE_DIGEST, &OctetString::new(hash.digest(content))?)?,
        attribute(ID_SIGNING_TIME, &signing_time)?,
        attribute(ID_AA_SIGNING_CERTIFICATE_V_2, &certificate)?,
    ])
}

fn attribute<T: Encode>(oid: ObjectIdentifier, value: &T) -> der::Result<Attribute> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![Any::from_der(&value.to_der()?)?])? })
}

/// The whole file. `certificates` starts with the signer's.
pub fn assemble(
    attributes: SignedAttributes,
    hash: Hash,
    signature: Vec<u8>,
    certificates: &[Certificate],
) -> der::Result<Vec<u8>> {
    let signer = certificates.first().ok_or_else(|| der::Error::from(der::ErrorKind::Failed))?;
    let tbs = signer.tbs_certificate();
    let sid = IssuerAndSerialNumber { issuer: tbs.issuer().clone(), serial_number: tbs.serial_number().clone() };
    let info = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(sid),
        digest_alg: plain(hash.digest_oid()),
        signed_attrs: Some(attributes),
        signature_algorithm: public_key::signature_algorithm(tbs.subject_public_key_info(), hash)
            .map_err(|_unreadable| der::Error::from(der::ErrorKind::Failed))?,
        signature: OctetString::new(signature)?,
        unsigned_attrs: None,
    };
    let choices: Vec<_> = certificates.iter().cloned().map(CertificateChoices::Certificate).collect();
    let data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![plain(hash.digest_oid())])?,
        encap_content_info: EncapsulatedContentInfo { econtent_type: ID_DATA, econtent: None },
        certificates: Some(choices.try_into()?),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![info])?),
    };
    ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(&data)? }.to_der()
}

/// A signature file whose form is right. Nothing has been verified yet.
#[derive(Debug)]
pub struct Parsed {
    pub info: SignerInfo,
    pub attributes: SignedAttributes,
    pub hash: Hash,
    pub signer: Certificate,
    /// The other certificates inside.
    pub others: Vec<Certificate>,
    /// The signature's time-stamp, as it lies there: from level T on.
    pub time_stamp: Option<Vec<u8>>,
    /// Revocation lists: from level LT on.
    pub crls: Vec<Crl>,
}

pub fn parse(bytes: &[u8]) -> Result<Parsed, Fault> {
    let content = ContentInfo::from_der(bytes).map_err(|e| Fault::new(&NOT_CMS, e.to_string()))?;
    if content.content_type != ID_SIGNED_DATA {
        return Err(Fault::new(&NOT_CMS, content.content_type.to_string()));
    }
    let data: SignedData = content.content.decode_as().map_err(|e: der::Error| Fault::new(&NOT_CMS, e.to_string()))?;
    let again = Any::encode_from(&data)
        .and_then(|content| ContentInfo { content_type: ID_SIGNED_DATA, content }.to_der())
        .map_err(|e| Fault::new(&NOT_CMS, e.to_string()))?;
    if again != bytes {
        return Err(Fault::bare(&NOT_DER));
    }
    if data.encap_content_info.econtent_type != ID_DATA || data.encap_content_info.econtent.is_some() {
        return Err(Fault::bare(&ATTACHED));
    }
    let [info] = data.signer_infos.0.as_slice() else { return Err(Fault::bare(&SIGNERS)) };
    let time_stamp = time_stamp(info)?;
    let crls = lists(&data)?;
    if data.version != CmsVersion::V1 || info.version != CmsVersion::V1 {
        return Err(Fault::new(&NOT_CMS, "version"));
    }
    let hash =
        Hash::from_digest_oid(info.digest_alg.oid).ok_or_else(|| Fault::new(&WEAK_DIGEST, info.digest_alg.oid.to_string()))?;
    if data.digest_algorithms.as_slice() != [plain(hash.digest_oid())] || info.digest_alg != plain(hash.digest_oid()) {
        return Err(Fault::new(&NOT_CMS, "digestAlgorithms"));
    }
    let attributes = info.signed_attrs.clone().ok_or_else(|| Fault::bare(&NO_SIGNED_ATTRIBUTES))?;
    if data.certificates.as_ref().is_some_and(|set| set.0.len() > MAX_CERTIFICATES) {
        return Err(Fault::bare(&TOO_MANY));
    }
    let mut others = Vec::new();
    for choice in data.certificates.iter().flat_map(|set| set.0.iter()) {
        match choice {
            CertificateChoices::Certificate(certificate) if is_too_large(certificate) => return Err(Fault::bare(&TOO_MANY)),
            CertificateChoices::Certificate(certificate) => others.push(certificate.clone()),
            CertificateChoices::Other(_) => return Err(Fault::bare(&UNSIGNED_EXTRAS)),
        }
    }
    let at = others.iter().position(|certificate| is_named(&info.sid, certificate));
    let signer = others.remove(at.ok_or_else(|| Fault::bare(&NO_SIGNER_CERTIFICATE))?);
    Ok(Parsed { info: info.clone(), attributes, hash, signer, others, time_stamp, crls })
}

/// The only unsigned attribute that a seal may have.
fn time_stamp(info: &SignerInfo) -> Result<Option<Vec<u8>>, Fault> {
    let Some(attributes) = &info.unsigned_attrs else { return Ok(None) };
    match attributes.as_slice() {
        [one] if one.oid == ID_AA_TIME_STAMP_TOKEN && one.values.len() == 1 => {
            one.values.iter().next().map(Encode::to_der).transpose().map_err(|e| Fault::new(&NOT_CMS, e.to_string()))
        }
        _ => Err(Fault::bare(&UNSIGNED_EXTRAS)),
    }
}

fn lists(data: &SignedData) -> Result<Vec<Crl>, Fault> {
    let Some(set) = &data.crls else { return Ok(Vec::new()) };
    if set.0.is_empty() {
        return Err(Fault::bare(&UNSIGNED_EXTRAS));
    }
    if set.0.len() > MAX_CERTIFICATES {
        return Err(Fault::bare(&TOO_MANY));
    }
    let one = |choice: &RevocationInfoChoice| match choice {
        RevocationInfoChoice::Crl(list) => Ok(Crl { list: list.clone() }),
        RevocationInfoChoice::Other(_) => Err(Fault::bare(&UNSIGNED_EXTRAS)),
    };
    set.0.iter().map(one).collect()
}

/// The signature file with a time-stamp of its signature value and with revocation lists (EN 319 122-1, 5.3 and 5.4.2).
pub fn add(bytes: &[u8], time_stamp: &[u8], crls: &[&Crl]) -> der::Result<Vec<u8>> {
    let failed = || der::Error::from(der::ErrorKind::Failed);
    let mut data: SignedData = ContentInfo::from_der(bytes)?.content.decode_as()?;
    let mut info = data.signer_infos.0.as_slice().first().cloned().ok_or_else(failed)?;
    info.unsigned_attrs = Some(SetOfVec::try_from(vec![attribute(ID_AA_TIME_STAMP_TOKEN, &Any::from_der(time_stamp)?)?])?);
    data.signer_infos = SignerInfos(SetOfVec::try_from(vec![info])?);
    if !crls.is_empty() {
        let lists: Vec<_> = crls.iter().map(|crl| RevocationInfoChoice::Crl(crl.list.clone())).collect();
        data.crls = Some(lists.try_into()?);
    }
    ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(&data)? }.to_der()
}

pub(in crate::bundle) fn is_too_large(certificate: &Certificate) -> bool {
    certificate.encoded_len().is_ok_and(|length| u32::from(length) as usize > LARGEST_CERTIFICATE)
}

/// A signature file of level B, to which nothing was added.
pub fn parse_bare(bytes: &[u8]) -> Result<Parsed, Fault> {
    let parsed = parse(bytes)?;
    if parsed.time_stamp.is_some() || !parsed.crls.is_empty() {
        return Err(Fault::bare(&UNSIGNED_EXTRAS));
    }
    Ok(parsed)
}

fn is_named(sid: &SignerIdentifier, certificate: &Certificate) -> bool {
    let tbs = certificate.tbs_certificate();
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(id) => id.issuer == *tbs.issuer() && id.serial_number == *tbs.serial_number(),
        SignerIdentifier::SubjectKeyIdentifier(_) => false,
    }
}

static NOT_CMS: Phrase = phrase(
    "the signature file is not a CMS signature as a seal makes it",
    "le fichier de signature n'est pas une signature CMS telle qu'un scellé la fait",
);
static NOT_DER: Phrase = phrase(
    "the signature file is not in its only admissible encoding (DER): it was edited",
    "le fichier de signature n'est pas dans son seul codage admis (DER) : il a été retouché",
);
static ATTACHED: Phrase = phrase(
    "the signature carries its own content instead of covering the manifest",
    "la signature porte son propre contenu au lieu de couvrir le manifeste",
);
static UNSIGNED_EXTRAS: Phrase = phrase(
    "the signature file has parts that a seal does not have and that nothing protects",
    "le fichier de signature comporte des parties qu'un scellé n'a pas et que rien ne protège",
);
static TOO_MANY: Phrase = phrase(
    "the signature file holds more certificates or revocation lists than any path needs, or larger ones than exist",
    "le fichier de signature contient plus de certificats ou de listes qu'aucun chemin n'en demande, ou de plus grands qu'il n'en existe",
);
static SIGNERS: Phrase = phrase("there must be exactly one signer", "il doit y avoir un signataire et un seul");
static WEAK_DIGEST: Phrase = phrase(
    "the signature uses a digest that is not accepted (SHA-256, SHA-384 or SHA-512 are)",
    "la signature emploie une empreinte non admise (SHA-256, SHA-384 ou SHA-512 le sont)",
);
static NO_SIGNED_ATTRIBUTES: Phrase = phrase(
    "the signature has no signed attributes, so nothing ties it to its certificate",
    "la signature n'a pas d'attributs signés : rien ne la lie à son certificat",
);
static NO_SIGNER_CERTIFICATE: Phrase = phrase(
    "the signer's certificate is not in the signature file",
    "le certificat du signataire n'est pas dans le fichier de signature",
);

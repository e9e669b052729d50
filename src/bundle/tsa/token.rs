//! A time-stamp token: CMS SignedData by an authority over what it says (RFC 3161, section 2.4.2), in the one form that a bundle
//! keeps: DER, one signer, the certificates of its path and nothing else, in an archive token the lists that clear them.

use cms::cert::CertificateChoices;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::revocation::RevocationInfoChoice;
use cms::signed_data::{CertificateSet, SignedAttributes, SignedData, SignerIdentifier, SignerInfo};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc3161::ID_CT_TST_INFO;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE, ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA,
};
use der::asn1::{Any, OctetString};
use der::{Decode, Encode as _, Sequence};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::tst_info::TstInfo;
use crate::bundle::certificates::crl::Crl;
use crate::bundle::certificates::public_key::{self, Hash, Refusal};
use crate::bundle::certificates::{self, chain};
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::signature::cms::{MAX_CERTIFICATES, SigningCertificateV2, is_too_large};

/// RFC 2634, 5.4: the certificate that signed, by its SHA-1. It only names; the signature is what convinces.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct EssCertId {
    cert_hash: OctetString,
    #[asn1(optional = "true")]
    issuer_serial: Option<Any>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct SigningCertificate {
    certs: Vec<EssCertId>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

/// A token whose form is right. [`Token::check`] says whether it is genuine, [`chain`] whether its authority is trusted.
#[derive(Clone, Debug)]
pub struct Token {
    data: SignedData,
    info: SignerInfo,
    attributes: SignedAttributes,
    hash: Hash,
    content: Vec<u8>,
    pub says: TstInfo,
    pub signer: Certificate,
    pub others: Vec<Certificate>,
    pub crls: Vec<Crl>,
}

impl Token {
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let not_cms = |e: der::Error| Fault::new(&NOT_TOKEN, e.to_string());
        let outer = ContentInfo::from_der(bytes).map_err(not_cms)?;
        if outer.content_type != ID_SIGNED_DATA {
            return Err(Fault::new(&NOT_TOKEN, outer.content_type.to_string()));
        }
        let data: SignedData = outer.content.decode_as().map_err(not_cms)?;
        if encode(&data).map_err(not_cms)? != bytes {
            return Err(Fault::new(&NOT_TOKEN, "DER"));
        }
        let inner = &data.encap_content_info;
        let content = inner.econtent.as_ref().filter(|_| inner.econtent_type == ID_CT_TST_INFO);
        let content =
            content.and_then(|any| any.decode_as::<OctetString>().ok()).ok_or_else(|| Fault::new(&NOT_TOKEN, "TSTInfo"))?;
        let [info] = data.signer_infos.0.as_slice() else { return Err(Fault::new(&NOT_TOKEN, "SignerInfo")) };
        // RFC 5652, 5.3: the version follows from how the certificate is named.
        let version = match info.sid {
            SignerIdentifier::IssuerAndSerialNumber(_) => CmsVersion::V1,
            SignerIdentifier::SubjectKeyIdentifier(_) => CmsVersion::V3,
        };
        if data.version != CmsVersion::V3 || info.version != version || info.unsigned_attrs.is_some() {
            return Err(Fault::bare(&EXTRAS));
        }
        let hash = Hash::from_digest_oid(info.digest_alg.oid).ok_or_else(|| Fault::new(&WEAK, info.digest_alg.oid.to_string()))?;
        if !matches!(data.digest_algorithms.as_slice(), [only] if is_same(only, &info.digest_alg)) {
            return Err(Fault::new(&NOT_TOKEN, "digestAlgorithms"));
        }
        let attributes = info.signed_attrs.clone().ok_or_else(|| Fault::new(&NOT_TOKEN, "signedAttrs"))?;
        let mut others = certificates(&data)?;
        let at =
            others.iter().position(|certificate| is_named(&info.sid, certificate)).ok_or_else(|| Fault::bare(&NO_CERTIFICATE))?;
        let signer = others.remove(at);
        let (crls, says, info) = (lists(&data)?, TstInfo::read(content.as_bytes())?, info.clone());
        Ok(Self { content: content.into_bytes().into(), data, info, attributes, hash, says, signer, others, crls })
    }

    /// Whether the token is about `data` and signed with the key of the certificate inside.
    pub fn check(&self, data: &[u8]) -> Result<(), Fault> {
        self.says.check_imprint(data)?;
        if self.single::<ObjectIdentifier>(ID_CONTENT_TYPE)? != Some(ID_CT_TST_INFO) {
            return Err(Fault::new(&NOT_TOKEN, "content-type"));
        }
        let digest: Option<OctetString> = self.single(ID_MESSAGE_DIGEST)?;
        if digest.is_none_or(|digest| digest.as_bytes() != self.hash.digest(&self.content)) {
            return Err(Fault::bare(&FORGED));
        }
        self.check_signing_certificate()?;
        let message = self.attributes.to_der().map_err(|e| Fault::new(&NOT_TOKEN, e.to_string()))?;
        let key = self.signer.tbs_certificate().subject_public_key_info();
        let algorithm = (&self.info.signature_algorithm, self.hash);
        match public_key::verify_cms(key, algorithm, &message, self.info.signature.as_bytes()) {
            Ok(()) => chain::check_no_stranger(&self.signer, &self.others)
                .map_err(|fault| if fault.undetermined { fault } else { Fault::new(&EXTRAS, fault.subject) }),
            Err(Refusal::Wrong) => Err(Fault::bare(&FORGED)),
            Err(Refusal::Unsupported(oid)) => Err(Fault::unknown(&UNSUPPORTED, oid.to_string())),
        }
    }

    /// The authority's name (RFC 4514).
    #[must_use]
    pub fn authority(&self) -> String {
        certificates::name(&self.signer)
    }

    /// The same token with these certificates and lists only. What the authority signed stays as it is.
    pub fn with(&self, path: &[&Certificate], crls: &[&Crl]) -> Result<Vec<u8>, der::Error> {
        let choices: Vec<_> = path.iter().map(|certificate| CertificateChoices::Certificate((*certificate).clone())).collect();
        let lists: Vec<_> = crls.iter().map(|crl| RevocationInfoChoice::Crl(crl.list.clone())).collect();
        let data = SignedData {
            certificates: Some(choices.try_into()?),
            crls: if lists.is_empty() { None } else { Some(lists.try_into()?) },
            ..self.data.clone()
        };
        encode(&data)
    }

    /// One of the two attributes that name the certificate, and rightly (RFC 5816).
    fn check_signing_certificate(&self) -> Result<(), Fault> {
        let der = self.signer.to_der().map_err(|e| Fault::new(&NOT_TOKEN, e.to_string()))?;
        let second: Option<SigningCertificateV2> = self.single(ID_AA_SIGNING_CERTIFICATE_V_2)?;
        let first: Option<SigningCertificate> = self.single(ID_AA_SIGNING_CERTIFICATE)?;
        let second = second.map(|named| {
            named.certs.first().is_some_and(|id| {
                let hash = id.hash_algorithm.as_ref().map_or(Some(Hash::Sha256), |algorithm| Hash::from_digest_oid(algorithm.oid));
                hash.is_some_and(|hash| id.cert_hash.as_bytes() == hash.digest(&der))
            })
        });
        let sha1 = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &der);
        let first = first.map(|named| named.certs.first().is_some_and(|id| id.cert_hash.as_bytes() == sha1.as_ref()));
        match (second, first) {
            (None, None) | (Some(false), _) | (_, Some(false)) => Err(Fault::bare(&OTHER_CERTIFICATE)),
            _ => Ok(()),
        }
    }

    /// The value of an attribute that is there at most once, with one value.
    fn single<T: for<'a> Decode<'a>>(&self, oid: ObjectIdentifier) -> Result<Option<T>, Fault> {
        let refuse = || Fault::new(&NOT_TOKEN, oid.to_string());
        let mut found = self.attributes.iter().filter(|attribute| attribute.oid == oid);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(attribute), None) => {
                let [value] = attribute.values.as_slice() else { return Err(refuse()) };
                let bytes = value.to_der().map_err(|e| Fault::new(&NOT_TOKEN, e.to_string()))?;
                T::from_der(&bytes).map(Some).map_err(|_error| refuse())
            }
            _ => Err(refuse()),
        }
    }
}

fn encode(data: &SignedData) -> der::Result<Vec<u8>> {
    ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(data)? }.to_der()
}

/// Authorities write NULL in one place and nothing in the other.
fn is_same(one: &AlgorithmIdentifierOwned, other: &AlgorithmIdentifierOwned) -> bool {
    one.oid == other.oid && public_key::is_plain(one) && public_key::is_plain(other)
}

fn certificates(data: &SignedData) -> Result<Vec<Certificate>, Fault> {
    let set = data.certificates.as_ref().map_or(&[][..], |set: &CertificateSet| set.0.as_slice());
    if set.len() > MAX_CERTIFICATES {
        return Err(Fault::bare(&EXTRAS));
    }
    let one = |choice: &CertificateChoices| match choice {
        CertificateChoices::Certificate(certificate) if !is_too_large(certificate) => Ok(certificate.clone()),
        CertificateChoices::Certificate(_) | CertificateChoices::Other(_) => Err(Fault::bare(&EXTRAS)),
    };
    set.iter().map(one).collect()
}

fn lists(data: &SignedData) -> Result<Vec<Crl>, Fault> {
    let set = data.crls.as_ref().map_or(&[][..], |set| set.0.as_slice());
    if set.len() > MAX_CERTIFICATES {
        return Err(Fault::bare(&EXTRAS));
    }
    let one = |choice: &RevocationInfoChoice| match choice {
        RevocationInfoChoice::Crl(list) => Ok(Crl { list: list.clone() }),
        RevocationInfoChoice::Other(_) => Err(Fault::bare(&EXTRAS)),
    };
    set.iter().map(one).collect()
}

fn is_named(sid: &SignerIdentifier, certificate: &Certificate) -> bool {
    let tbs = certificate.tbs_certificate();
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(id) => id.issuer == *tbs.issuer() && id.serial_number == *tbs.serial_number(),
        SignerIdentifier::SubjectKeyIdentifier(id) => {
            matches!(tbs.get_extension::<SubjectKeyIdentifier>(), Ok(Some((_, found))) if found == *id)
        }
    }
}

static NOT_TOKEN: Phrase =
    phrase("the time-stamp is not a token of RFC 3161 in DER", "l'horodatage n'est pas un jeton RFC 3161 en DER");
static EXTRAS: Phrase = phrase(
    "the time-stamp holds parts that no bundle keeps and that nothing protects",
    "l'horodatage comporte des parties qu'aucun dossier ne garde et que rien ne protège",
);
static WEAK: Phrase = phrase(
    "the time-stamp is signed over a digest that is not accepted (SHA-256, SHA-384 or SHA-512 are)",
    "l'horodatage est signé sur une empreinte non admise (SHA-256, SHA-384 ou SHA-512 le sont)",
);
static NO_CERTIFICATE: Phrase = phrase(
    "the time-stamp does not hold its authority's certificate",
    "l'horodatage ne contient pas le certificat de son autorité",
);
static FORGED: Phrase =
    phrase("the time-stamp is not signed by the certificate inside", "l'horodatage n'est pas signé par le certificat inclus");
static OTHER_CERTIFICATE: Phrase = phrase(
    "the time-stamp names no certificate, or another than the one inside",
    "l'horodatage ne désigne aucun certificat, ou un autre que celui qui est inclus",
);
static UNSUPPORTED: Phrase = phrase(
    "the time-stamp is signed in a way that this version cannot read (ECDSA P-256 and P-384 and RSA from 2048 bits are)",
    "l'horodatage est signé d'une façon que cette version ne lit pas (ECDSA P-256 et P-384 et RSA dès 2048 bits le sont)",
);

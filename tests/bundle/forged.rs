//! A time-stamping authority that says what a test wants: any instant, and any breach of the protocol. openssl's refuses most.

use cms::cert::CertificateChoices;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA};
use der::asn1::{Any, Int, OctetString, SetOfVec};
use der::{Decode as _, DecodePem as _, Encode, Sequence, Tag};
use p256::ecdsa::signature::Signer as _;
use p256::pkcs8::DecodePrivateKey as _;
use probant::bundle::Transport;
use probant::bundle::digest::sha256;
use probant::bundle::tsa::tst_info::MessageImprint;
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::authority::Pki;

const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

#[derive(Sequence)]
struct Request {
    version: u8,
    imprint: MessageImprint,
    #[asn1(optional = "true")]
    policy: Option<ObjectIdentifier>,
    nonce: Int,
    cert_req: bool,
}

/// The authority, with its breaches.
pub(crate) struct Forger {
    pub(crate) key: p256::ecdsa::SigningKey,
    pub(crate) certificate: Certificate,
    /// genTime as it is written.
    pub(crate) time: String,
    pub(crate) policy: &'static str,
    pub(crate) nonce: Option<&'static [u8]>,
    /// Sent as they are in place of an answer.
    pub(crate) instead: Option<Vec<u8>>,
    pub(crate) status: u8,
    pub(crate) other_imprint: bool,
    /// Attributes that name the certificate: of version 2, of version 1.
    pub(crate) named: (bool, bool),
    pub(crate) without_certificate: bool,
    pub(crate) version: CmsVersion,
    /// Indefinite lengths, strings in pieces, sets backwards.
    pub(crate) ber: bool,
}

/// The same value as some authorities write it.
fn ber(der: &[u8]) -> Vec<u8> {
    let mut out = vec![];
    let mut rest = der;
    while let [tag, first, tail @ ..] = rest {
        let (length, tail) = match first {
            0x81 => (usize::from(tail[0]), &tail[1..]),
            0x82 => (usize::from(tail[0]) << 8 | usize::from(tail[1]), &tail[2..]),
            short => (usize::from(*short), tail),
        };
        let (content, after) = tail.split_at(length);
        match tag {
            0x04 if length > 1 => {
                out.extend([0x24, 0x80, 0x04, 0x01, content[0], 0x04, 0x81, u8::try_from(length - 1).unwrap_or(0)]);
                if length > 256 {
                    out.truncate(out.len() - 2);
                    out.extend([0x82, u8::try_from((length - 1) >> 8).unwrap(), u8::try_from((length - 1) & 0xff).unwrap()]);
                }
                out.extend(&content[1..]);
                out.extend([0, 0]);
            }
            _ if tag & 0x20 != 0 => {
                out.extend([*tag, 0x80]);
                out.extend(ber(content));
                out.extend([0, 0]);
            }
            _ => out.extend(&rest[..rest.len() - after.len()]),
        }
        rest = after;
    }
    out
}

fn any(tag: Tag, value: impl Into<Vec<u8>>) -> Any {
    Any::new(tag, value.into()).unwrap()
}

fn sequence(parts: &[&dyn Fn() -> Vec<u8>]) -> Any {
    any(Tag::Sequence, parts.iter().flat_map(|part| part()).collect::<Vec<u8>>())
}

fn der(value: &impl Encode) -> Vec<u8> {
    value.to_der().unwrap()
}

fn attribute(oid: ObjectIdentifier, value: &impl Encode) -> Attribute {
    Attribute { oid, values: SetOfVec::try_from(vec![Any::from_der(&der(value)).unwrap()]).unwrap() }
}

impl Forger {
    /// With the P-256 key and certificate of this name; honest, at `time`.
    pub(crate) fn new(pki: &Pki, name: &str, time: jiff::Timestamp) -> Self {
        let pem = |end: &str| std::fs::read_to_string(pki.path(&format!("{name}.{end}"))).unwrap();
        Self {
            key: p256::ecdsa::SigningKey::from_pkcs8_pem(&pem("key")).unwrap(),
            certificate: Certificate::from_pem(pem("pem")).unwrap(),
            time: time.strftime("%Y%m%d%H%M%SZ").to_string(),
            policy: "1.2.3.4.1",
            nonce: None,
            instead: None,
            status: 0,
            other_imprint: false,
            named: (true, false),
            without_certificate: false,
            version: CmsVersion::V3,
            ber: false,
        }
    }

    pub(crate) fn token(&self, imprint: &MessageImprint, nonce: &Int) -> Vec<u8> {
        let mut imprint = imprint.clone();
        if self.other_imprint {
            imprint.hashed_message = OctetString::new(sha256(b"something else")).unwrap();
        }
        let nonce = self.nonce.map_or_else(|| nonce.clone(), |bytes| Int::new(bytes).unwrap());
        let policy = ObjectIdentifier::new_unwrap(self.policy);
        let content = der(&sequence(&[
            &|| der(&1_u8),
            &|| der(&policy),
            &|| der(&imprint),
            &|| der(&77_u8),
            &|| der(&any(Tag::GeneralizedTime, self.time.as_bytes())),
            &|| der(&nonce),
        ]));
        self.sign(&content)
    }

    fn sign(&self, content: &[u8]) -> Vec<u8> {
        let certificate = der(&self.certificate);
        let one = |digest: Vec<u8>| {
            sequence(&[&|| der(&sequence(&[&|| der(&sequence(&[&|| der(&OctetString::new(digest.clone()).unwrap())]))]))])
        };
        let mut attributes =
            vec![attribute(ID_CONTENT_TYPE, &TST_INFO), attribute(ID_MESSAGE_DIGEST, &OctetString::new(sha256(content)).unwrap())];
        if self.named.0 {
            attributes.push(attribute(SIGNING_CERTIFICATE_V2, &one(sha256(&certificate).to_vec())));
        }
        if self.named.1 {
            let sha1 = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate);
            attributes.push(attribute(SIGNING_CERTIFICATE, &one(sha1.as_ref().to_vec())));
        }
        let attributes = SetOfVec::try_from(attributes).unwrap();
        let signature: p256::ecdsa::DerSignature = self.key.sign(&der(&attributes));
        let plain = |oid| AlgorithmIdentifierOwned { oid, parameters: None };
        let tbs = self.certificate.tbs_certificate();
        let sid = cms::cert::IssuerAndSerialNumber { issuer: tbs.issuer().clone(), serial_number: tbs.serial_number().clone() };
        let info = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(sid),
            digest_alg: plain(SHA256),
            signed_attrs: Some(attributes),
            signature_algorithm: plain(ECDSA_SHA256),
            signature: OctetString::new(signature.as_bytes()).unwrap(),
            unsigned_attrs: None,
        };
        let choices = vec![CertificateChoices::Certificate(self.certificate.clone())];
        let data = SignedData {
            version: self.version,
            digest_algorithms: SetOfVec::try_from(vec![plain(SHA256)]).unwrap(),
            encap_content_info: EncapsulatedContentInfo { econtent_type: TST_INFO, econtent: Some(any(Tag::OctetString, content)) },
            certificates: if self.without_certificate { None } else { Some(choices.try_into().unwrap()) },
            crls: None,
            signer_infos: SignerInfos(SetOfVec::try_from(vec![info]).unwrap()),
        };
        der(&ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(&data).unwrap() })
    }
}

impl Transport for Forger {
    fn post(&self, _: &str, _: &str, body: &[u8]) -> Result<Vec<u8>, String> {
        if let Some(bytes) = &self.instead {
            return Ok(bytes.clone());
        }
        let request = Request::from_der(body).unwrap();
        assert_eq!((request.version, request.cert_req), (1, true));
        let token = self.token(&request.imprint, &request.nonce);
        let status = sequence(&[&|| der(&self.status)]);
        let answer = der(&sequence(&[&|| der(&status), &|| if self.status > 1 { vec![] } else { token.clone() }]));
        Ok(if self.ber { ber(&answer) } else { answer })
    }
}

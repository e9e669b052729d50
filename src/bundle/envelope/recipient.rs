//! Who may open an envelope: a certificate, and the content's key encrypted so that only its holder gets it back.
//!
//! RSA: OAEP with SHA-256 (RFC 4055, 8017). P-256 and P-384: one-pass ECDH with a fresh key, the X9.63 derivation with SHA-256, AES-256
//! key wrap (RFC 5753). Only public keys are handled here.

use std::io;
use std::path::Path;

use aes::cipher::KeyInit as _;
use cms::cert::IssuerAndSerialNumber;
use cms::content_info::CmsVersion;
use cms::enveloped_data::{
    KeyAgreeRecipientIdentifier, KeyAgreeRecipientInfo, KeyTransRecipientInfo, OriginatorIdentifierOrKey, OriginatorPublicKey,
    RecipientEncryptedKey, RecipientIdentifier, RecipientInfo,
};
use const_oid::db::rfc5753::DH_SINGLE_PASS_STD_DH_SHA_256_KDF_SCHEME;
use const_oid::db::rfc5911::ID_AES_256_WRAP;
use const_oid::db::rfc5912::{ID_MGF_1, ID_RSAES_OAEP, ID_SHA_256};
use der::asn1::{Any, BitString, Null, OctetString};
use der::{Encode as _, Sequence};
use p256::elliptic_curve::point::AffineCoordinates as _;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::EnvelopeError;
use crate::bundle::certificates::files;
use crate::bundle::keys::{Expiry, KeyKind, Random, Standing, draw};

/// Below, RSA is for the past (ANSSI, ETSI TS 119 312); above, the crate refuses.
const RSA_BITS: std::ops::RangeInclusive<usize> = 3072..=4096;

/// A reader of the bundle.
pub struct Recipient {
    certificate: Certificate,
    key: PublicKey,
    standing: Standing,
}

enum PublicKey {
    Rsa(Box<rsa::PublicKey>),
    P256(p256::PublicKey),
    P384(p384::PublicKey),
}

impl Recipient {
    /// The first certificate of a file: others are its chain.
    pub fn load(path: &Path, now: jiff::Timestamp) -> Result<Self, EnvelopeError> {
        let refuse = |reason: String| EnvelopeError::Recipient { path: path.to_owned(), reason };
        let certificates = files::read(path)?;
        let standing = Standing::of(&certificates)?;
        let certificate = certificates.into_iter().next().ok_or_else(|| refuse("it holds no certificate".into()))?;
        match standing.expiry(now) {
            Expiry::Expired { .. } => {
                return Err(refuse(format!("this certificate expired on {}; ask its holder for another", standing.not_after)));
            }
            Expiry::NotYet => return Err(refuse(format!("this certificate is not valid before {}", standing.not_before))),
            Expiry::Fine { .. } | Expiry::Soon { .. } => {}
        }
        let key = public_key(&certificate).map_err(refuse)?;
        check_usage(&certificate, &key).map_err(refuse)?;
        Ok(Self { certificate, key, standing })
    }

    /// For whom: the certificate's subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.standing.subject
    }

    /// SHA-256 of the certificate, to be compared with its holder.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.standing.fingerprint
    }

    /// The content's key for this reader.
    pub(super) fn info(&self, key: &[u8; 32], random: Random<'_>) -> Result<RecipientInfo, EnvelopeError> {
        let tbs = self.certificate.tbs_certificate();
        let id = IssuerAndSerialNumber { issuer: tbs.issuer().clone(), serial_number: tbs.serial_number().clone() };
        let build = |e: der::Error| EnvelopeError::Build(e.to_string());
        match &self.key {
            PublicKey::Rsa(public) => transport(public, id, key, random),
            PublicKey::P256(public) => {
                let ephemeral = draw(random, [0; 32], |bytes| p256::SecretKey::from_slice(bytes).ok())?;
                let shared = (p256::ProjectivePoint::from(*public.as_affine()) * *ephemeral.to_nonzero_scalar()).to_affine().x();
                agreement(ephemeral.public_key().to_sec1_point(false).as_bytes(), shared.as_slice(), id, key).map_err(build)
            }
            PublicKey::P384(public) => {
                let ephemeral = draw(random, [0; 48], |bytes| p384::SecretKey::from_slice(bytes).ok())?;
                let shared = (p384::ProjectivePoint::from(*public.as_affine()) * *ephemeral.to_nonzero_scalar()).to_affine().x();
                agreement(ephemeral.public_key().to_sec1_point(false).as_bytes(), shared.as_slice(), id, key).map_err(build)
            }
        }
    }
}

fn public_key(certificate: &Certificate) -> Result<PublicKey, String> {
    let key = certificate.tbs_certificate().subject_public_key_info();
    let bytes = key.subject_public_key.as_bytes().unwrap_or_default();
    let kind = KeyKind::of(key).map_err(|_unsupported| {
        format!("only RSA and ECDSA P-256 or P-384 certificates can be encrypted for; this one is {}", key.algorithm.oid)
    })?;
    match kind {
        KeyKind::Rsa(bits) if !RSA_BITS.contains(&bits) => Err(format!("an RSA key of {bits} bits; 3072 to 4096 are taken")),
        KeyKind::Rsa(_) => {
            rsa::PublicKey::from_pkcs1_der(bytes).map(|key| PublicKey::Rsa(Box::new(key))).map_err(|e| e.to_string())
        }
        KeyKind::P256 => p256::PublicKey::from_sec1_bytes(bytes).map(PublicKey::P256).map_err(|e| e.to_string()),
        KeyKind::P384 => p384::PublicKey::from_sec1_bytes(bytes).map(PublicKey::P384).map_err(|e| e.to_string()),
    }
}

/// A certificate that says what its key is for must say that it is for this.
fn check_usage(certificate: &Certificate, key: &PublicKey) -> Result<(), String> {
    let usage = certificate.tbs_certificate().get_extension::<KeyUsage>().map_err(|e| e.to_string())?;
    let Some((_, usage)) = usage else { return Ok(()) };
    let (allowed, name) = match key {
        PublicKey::Rsa(_) => (usage.key_encipherment(), "keyEncipherment"),
        PublicKey::P256(_) | PublicKey::P384(_) => (usage.key_agreement(), "keyAgreement"),
    };
    if allowed {
        Ok(())
    } else {
        Err(format!("this certificate is not for encryption (its keyUsage lacks {name}); ask its holder for one that is"))
    }
}

/// `RSAES-OAEP-params` (RFC 4055, 4.1); the source of the label is its default, the empty one.
#[derive(Sequence)]
struct OaepParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    hash: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    mask: AlgorithmIdentifierOwned,
}

fn transport(
    public: &rsa::PublicKey,
    id: IssuerAndSerialNumber,
    key: &[u8; 32],
    random: Random<'_>,
) -> Result<RecipientInfo, EnvelopeError> {
    let build = |e: der::Error| EnvelopeError::Build(e.to_string());
    let encrypted =
        public.encrypt(&mut Source(random), rsa::Oaep::<Sha256>::new(), key).map_err(|e| EnvelopeError::Build(e.to_string()))?;
    // RFC 4055, 2.1: with NULL.
    let hash = AlgorithmIdentifierOwned { oid: ID_SHA_256, parameters: Some(Null.into()) };
    let mask = AlgorithmIdentifierOwned { oid: ID_MGF_1, parameters: Some(Any::encode_from(&hash).map_err(build)?) };
    let parameters = Any::encode_from(&OaepParameters { hash, mask }).map_err(build)?;
    Ok(RecipientInfo::Ktri(KeyTransRecipientInfo {
        version: CmsVersion::V0,
        rid: RecipientIdentifier::IssuerAndSerialNumber(id),
        key_enc_alg: AlgorithmIdentifierOwned { oid: ID_RSAES_OAEP, parameters: Some(parameters) },
        enc_key: OctetString::new(encrypted).map_err(build)?,
    }))
}

/// `ECC-CMS-SharedInfo` (RFC 5753, 7.2).
#[derive(Sequence)]
struct SharedInfo {
    key_info: AlgorithmIdentifierOwned,
    /// Bits of the key that wraps.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    supp_pub_info: OctetString,
}

/// `shared` is the x coordinate of the common point.
fn agreement(ephemeral: &[u8], shared: &[u8], id: IssuerAndSerialNumber, key: &[u8; 32]) -> der::Result<RecipientInfo> {
    let wrap = AlgorithmIdentifierOwned { oid: ID_AES_256_WRAP, parameters: None };
    let info = SharedInfo { key_info: wrap.clone(), supp_pub_info: OctetString::new(256_u32.to_be_bytes())? }.to_der()?;
    // ANSI X9.63 (SEC 1, 3.6.1): one block of SHA-256 is the whole key.
    let wrapping: Zeroizing<[u8; 32]> =
        Zeroizing::new(Sha256::new().chain_update(shared).chain_update(1_u32.to_be_bytes()).chain_update(&info).finalize().into());
    let mut wrapped = [0; 40];
    let failed = |_size| der::Error::from(der::ErrorKind::Failed);
    aes_kw::KwAes256::new((&*wrapping).into()).wrap_key(key, &mut wrapped).map_err(failed)?;
    let algorithm = AlgorithmIdentifierOwned { oid: const_oid::db::rfc5912::ID_EC_PUBLIC_KEY, parameters: None };
    let originator = OriginatorPublicKey { algorithm, public_key: BitString::from_bytes(ephemeral)? };
    Ok(RecipientInfo::Kari(KeyAgreeRecipientInfo {
        version: CmsVersion::V3,
        originator: OriginatorIdentifierOrKey::OriginatorKey(originator),
        ukm: None,
        key_enc_alg: AlgorithmIdentifierOwned {
            oid: DH_SINGLE_PASS_STD_DH_SHA_256_KDF_SCHEME,
            parameters: Some(Any::encode_from(&wrap)?),
        },
        recipient_enc_keys: vec![RecipientEncryptedKey {
            rid: KeyAgreeRecipientIdentifier::IssuerAndSerialNumber(id),
            enc_key: OctetString::new(wrapped)?,
        }],
    }))
}

/// The caller's random bytes, under the trait that the padding wants.
struct Source<'r>(Random<'r>);

impl TryRng for Source<'_> {
    type Error = io::Error;

    fn try_next_u32(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        (self.0)(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        (self.0)(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        (self.0)(bytes)
    }
}

impl TryCryptoRng for Source<'_> {}

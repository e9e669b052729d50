//! Verifying signatures by the keys that seals, authorities and their lists may have: ECDSA on P-256 and P-384 here, RSA in
//! `rsa_key`, with SHA-256 to SHA-512.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, ID_EC_PUBLIC_KEY, ID_SHA_256, ID_SHA_384, ID_SHA_512, SECP_256_R_1,
    SECP_384_R_1, SHA_256_WITH_RSA_ENCRYPTION, SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use der::asn1::Any;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::bundle::certificates::rsa_key::{self, Scheme};

/// Bits of RSA that a signer's own key has at least; authorities may have 2048.
const SIGNER_BITS: usize = 3072;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// Why a signature was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key or algorithm is none that this program reads: nothing is said about the signature.
    Unsupported(ObjectIdentifier),
    /// The signature is not by this key over this message.
    Wrong,
}

impl Hash {
    #[must_use]
    pub fn from_digest_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::of(oid, Self::digest_oid)
    }

    #[must_use]
    pub fn digest_oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => ID_SHA_256,
            Self::Sha384 => ID_SHA_384,
            Self::Sha512 => ID_SHA_512,
        }
    }

    fn ecdsa_oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => ECDSA_WITH_SHA_256,
            Self::Sha384 => ECDSA_WITH_SHA_384,
            Self::Sha512 => ECDSA_WITH_SHA_512,
        }
    }

    pub(in crate::bundle) fn rsa_oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => SHA_256_WITH_RSA_ENCRYPTION,
            Self::Sha384 => SHA_384_WITH_RSA_ENCRYPTION,
            Self::Sha512 => SHA_512_WITH_RSA_ENCRYPTION,
        }
    }

    pub(in crate::bundle) fn of(oid: ObjectIdentifier, name: impl Fn(Self) -> ObjectIdentifier) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|hash| name(*hash) == oid)
    }

    #[must_use]
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// An algorithm identifier without parameters, as RFC 5754 and RFC 5758 ask for SHA-2 and ECDSA.
#[must_use]
pub fn plain(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: None }
}

/// Without parameters, or with NULL, which say the same (RFC 5754, section 2).
pub(in crate::bundle) fn is_plain(algorithm: &AlgorithmIdentifierOwned) -> bool {
    algorithm.parameters.as_ref().is_none_or(|parameters| *parameters == Any::null())
}

/// How a seal names its signature's algorithm: one spelling for each kind of key (RFC 5754, section 3).
pub fn signature_algorithm(key: &SubjectPublicKeyInfoOwned, hash: Hash) -> Result<AlgorithmIdentifierOwned, Refusal> {
    if rsa_key::is_rsa(key) {
        return Ok(AlgorithmIdentifierOwned { oid: hash.rsa_oid(), parameters: Some(Any::null()) });
    }
    curve(key).map(|_| plain(hash.ecdsa_oid()))
}

/// A signer's own key must be stronger than an authority's.
#[must_use]
pub fn may_seal(key: &SubjectPublicKeyInfoOwned) -> bool {
    !rsa_key::is_rsa(key) || rsa_key::bits(key).is_some_and(|bits| bits >= SIGNER_BITS)
}

/// Whether `signature` is by the holder of `key` over `message`.
pub fn verify(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refusal> {
    if rsa_key::is_rsa(key) {
        return rsa_key::verify(key, Scheme::read(algorithm)?, message, signature);
    }
    let hash = Hash::of(algorithm.oid, Hash::ecdsa_oid).ok_or(Refusal::Unsupported(algorithm.oid))?;
    let curve = curve(key)?;
    let (digest, point) = (hash.digest(message), key.subject_public_key.as_bytes().ok_or(Refusal::Wrong)?);
    let verified = match curve {
        Curve::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
            .and_then(|key| key.verify_prehash(&digest, &p256::ecdsa::Signature::from_der(signature)?)),
        Curve::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(point)
            .and_then(|key| key.verify_prehash(&digest, &p384::ecdsa::Signature::from_der(signature)?)),
    };
    // The error of ECDSA says nothing, on purpose.
    verified.or(Err(Refusal::Wrong))
}

/// The same in CMS, where RSA may leave the digest to the field beside it (RFC 3370, section 3.2).
pub fn verify_cms(
    key: &SubjectPublicKeyInfoOwned,
    (algorithm, hash): (&AlgorithmIdentifierOwned, Hash),
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refusal> {
    match Scheme::left_open(algorithm, hash) {
        Some(scheme) if rsa_key::is_rsa(key) => rsa_key::verify(key, scheme, message, signature),
        _ => verify(key, algorithm, message, signature),
    }
}

/// Of the two signatures that ECDSA accepts for one message, seals use the one with the lower s, so that a seal cannot be
/// changed into another that is also good. RSA has only one.
#[must_use]
pub fn has_low_s(key: &SubjectPublicKeyInfoOwned, signature: &[u8]) -> bool {
    match curve(key) {
        Ok(Curve::P256) => p256::ecdsa::Signature::from_der(signature).is_ok_and(|s| s.normalize_s() == s),
        Ok(Curve::P384) => p384::ecdsa::Signature::from_der(signature).is_ok_and(|s| s.normalize_s() == s),
        Err(_) => rsa_key::is_rsa(key),
    }
}

enum Curve {
    P256,
    P384,
}

fn curve(key: &SubjectPublicKeyInfoOwned) -> Result<Curve, Refusal> {
    if key.algorithm.oid != ID_EC_PUBLIC_KEY {
        return Err(Refusal::Unsupported(key.algorithm.oid));
    }
    let named = key.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    match named {
        Some(SECP_256_R_1) => Ok(Curve::P256),
        Some(SECP_384_R_1) => Ok(Curve::P384),
        other => Err(Refusal::Unsupported(other.unwrap_or(key.algorithm.oid))),
    }
}

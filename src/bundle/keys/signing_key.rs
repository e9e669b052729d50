//! One face for every kind of private key: what it is, its public half, and a signature over a message.
//!
//! ECDSA here is deterministic (RFC 6979) and RSA PKCS#1 v1.5 is so by nature: the same message and key give the same bytes. A token
//! draws its own random number for ECDSA.

use const_oid::db::rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1};
use der::asn1::{BitString, Null, ObjectIdentifier, UintRef};
use der::{Decode as _, Reader as _, SliceReader};
use p256::ecdsa::signature::Signer as _;
use pkcs8::PrivateKeyInfoRef;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::token::TokenKey;
use crate::bundle::certificates::public_key::{Hash, Refusal};
use crate::bundle::error::KeyError;

/// ANSSI and ETSI TS 119 312: RSA below 3,000 bits is for the past.
const SHORTEST_RSA: usize = 3072;
/// ring signs with no more than this.
const LONGEST_RSA: usize = 4096;

/// What a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    P256,
    P384,
    /// Bits of the modulus.
    Rsa(usize),
}

impl KeyKind {
    /// What a public key is, if it is one that may seal.
    pub(crate) fn of(key: &SubjectPublicKeyInfoOwned) -> Result<Self, Refusal> {
        let unsupported = Refusal::Unsupported(key.algorithm.oid);
        match key.algorithm.oid {
            RSA_ENCRYPTION => rsa_bits(key).map(Self::Rsa).ok_or(unsupported),
            ID_EC_PUBLIC_KEY => {
                let curve = key.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
                match curve {
                    Some(SECP_256_R_1) => Ok(Self::P256),
                    Some(SECP_384_R_1) => Ok(Self::P384),
                    Some(other) => Err(Refusal::Unsupported(other)),
                    None => Err(unsupported),
                }
            }
            _ => Err(unsupported),
        }
    }

    /// The digest that goes with the key's strength.
    pub(crate) fn hash(self) -> Hash {
        match self {
            Self::P384 => Hash::Sha384,
            Self::P256 | Self::Rsa(_) => Hash::Sha256,
        }
    }

    /// Refuses what may not seal.
    pub(super) fn check(self, place: &str) -> Result<Self, KeyError> {
        match self {
            Self::Rsa(bits) if bits < SHORTEST_RSA => Err(KeyError::RsaSize { place: place.to_owned(), bits }),
            other => Ok(other),
        }
    }
}

impl std::fmt::Display for KeyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::P256 => f.write_str("ECDSA P-256"),
            Self::P384 => f.write_str("ECDSA P-384"),
            Self::Rsa(bits) => write!(f, "RSA {bits}"),
        }
    }
}

/// Bits of the modulus in `RSAPublicKey` (RFC 8017, A.1.1).
fn rsa_bits(key: &SubjectPublicKeyInfoOwned) -> Option<usize> {
    integers(key.subject_public_key.as_bytes()?).ok()?.first().copied()
}

/// Bits of the modulus in `RSAPrivateKey`, behind a version (RFC 8017, A.1.2).
fn rsa_modulus_bits(private: &[u8]) -> Option<usize> {
    integers(private).ok()?.get(1).copied()
}

/// Lengths in bits of the integers in a sequence.
fn integers(bytes: &[u8]) -> der::Result<Vec<usize>> {
    SliceReader::new(bytes)?.sequence(|inner| {
        let mut lengths = vec![];
        while !inner.is_finished() {
            let integer = UintRef::decode(inner)?;
            let leading = integer.as_bytes().first().map_or(0, |byte| byte.leading_zeros() as usize);
            lengths.push(integer.as_bytes().len() * 8 - leading);
        }
        Ok(lengths)
    })
}

/// A key that can sign now.
pub(crate) enum SigningKey {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Rsa(RsaKeyPair),
    Token(TokenKey),
}

impl SigningKey {
    /// From PKCS#8 in DER, once decrypted. `None` when the bytes are no PKCS#8 at all.
    pub(super) fn from_pkcs8(plain: &[u8], place: &str) -> Result<Option<Self>, KeyError> {
        use p256::pkcs8::DecodePrivateKey as _;
        let Ok(info) = PrivateKeyInfoRef::try_from(plain) else { return Ok(None) };
        if info.algorithm.oid == RSA_ENCRYPTION {
            return rsa(&info, plain, place).map(Some);
        }
        if let Ok(key) = p256::ecdsa::SigningKey::from_pkcs8_der(plain) {
            return Ok(Some(Self::P256(key)));
        }
        if let Ok(key) = p384::ecdsa::SigningKey::from_pkcs8_der(plain) {
            return Ok(Some(Self::P384(key)));
        }
        Err(KeyError::Algorithm { place: place.to_owned(), algorithm: info.algorithm.oid.to_string() })
    }

    /// The public half.
    pub(crate) fn public(&self) -> der::Result<SubjectPublicKeyInfoOwned> {
        let ec = |key: Result<_, x509_cert::spki::Error>| key.map_err(|_encoding| der::Error::from(der::ErrorKind::Failed));
        match self {
            Self::P256(key) => ec(SubjectPublicKeyInfoOwned::from_key(key.verifying_key())),
            Self::P384(key) => ec(SubjectPublicKeyInfoOwned::from_key(key.verifying_key())),
            Self::Rsa(key) => rsa_public(key.public_key().as_ref()),
            Self::Token(key) => Ok(key.public.clone()),
        }
    }

    pub(crate) fn kind(&self) -> KeyKind {
        match self {
            Self::P256(_) => KeyKind::P256,
            Self::P384(_) => KeyKind::P384,
            Self::Rsa(key) => KeyKind::Rsa(key.public().modulus_len() * 8),
            Self::Token(key) => key.kind,
        }
    }

    /// A signature as CMS and PKCS#10 carry it: DER with the lower s for ECDSA, PKCS#1 v1.5 for RSA.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let failed = |e: p256::ecdsa::Error| KeyError::Signature(e.to_string());
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(message).map_err(failed)?;
                Ok(signature.normalize_s().to_der().as_bytes().to_vec())
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.try_sign(message).map_err(failed)?;
                Ok(signature.normalize_s().to_der().as_bytes().to_vec())
            }
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                // PKCS#1 v1.5 uses no random bytes; ring asks for a source all the same.
                key.sign(&RSA_PKCS1_SHA256, &ring::rand::SystemRandom::new(), message, &mut signature)
                    .map_err(|e| KeyError::Signature(e.to_string()))?;
                Ok(signature)
            }
            Self::Token(key) => key.sign(message),
        }
    }
}

fn rsa(info: &PrivateKeyInfoRef<'_>, plain: &[u8], place: &str) -> Result<SigningKey, KeyError> {
    // ring says only that it refuses; the size is the usual cause.
    let bits = rsa_modulus_bits(info.private_key.as_bytes()).unwrap_or_default();
    if !(SHORTEST_RSA..=LONGEST_RSA).contains(&bits) {
        return Err(KeyError::RsaSize { place: place.to_owned(), bits });
    }
    let refused = |e: ring::error::KeyRejected| format!("an RSA key that is refused ({e})");
    let key = RsaKeyPair::from_pkcs8(plain).map_err(|e| KeyError::Algorithm { place: place.to_owned(), algorithm: refused(e) })?;
    Ok(SigningKey::Rsa(key))
}

/// A public key from `RSAPublicKey` in DER (RFC 8017, A.1.1).
pub(super) fn rsa_public(pkcs1: &[u8]) -> der::Result<SubjectPublicKeyInfoOwned> {
    let algorithm = AlgorithmIdentifierOwned { oid: RSA_ENCRYPTION, parameters: Some(Null.into()) };
    Ok(SubjectPublicKeyInfoOwned { algorithm, subject_public_key: BitString::from_bytes(pkcs1)? })
}

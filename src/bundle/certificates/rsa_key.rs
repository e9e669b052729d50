//! RSA signatures: PKCS#1 v1.5 and PSS, verified by ring (the `rsa` crate's private side has RUSTSEC-2023-0071).

use const_oid::db::rfc5912::{ID_MGF_1, ID_RSASSA_PSS, RSA_ENCRYPTION};
use der::asn1::Uint;
use der::{Decode as _, Sequence};
use ring::signature::{self, RsaParameters, UnparsedPublicKey};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::bundle::certificates::public_key::{Hash, Refusal, is_plain};

/// Below, a key counts as unreadable: whoever can factor it can sign in its name.
const LEAST_BITS: usize = 2048;

/// How the digest is padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bundle) enum Scheme {
    Pkcs1(Hash),
    Pss(Hash),
}

/// RFC 8017, A.1.1.
#[derive(Sequence)]
struct PublicKey {
    modulus: Uint,
    exponent: Uint,
}

/// RFC 8017, A.2.3. The defaults are SHA-1's, so that each field is needed.
#[derive(Sequence)]
struct PssParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    hash: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    mask: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    salt_length: u16,
}

impl Scheme {
    pub(in crate::bundle) fn read(algorithm: &AlgorithmIdentifierOwned) -> Result<Self, Refusal> {
        let unsupported = Refusal::Unsupported(algorithm.oid);
        if algorithm.oid == ID_RSASSA_PSS {
            return pss(algorithm).map(Self::Pss).ok_or(unsupported);
        }
        let hash = Hash::of(algorithm.oid, Hash::rsa_oid).ok_or(unsupported)?;
        if is_plain(algorithm) { Ok(Self::Pkcs1(hash)) } else { Err(Refusal::Wrong) }
    }

    /// `rsaEncryption` in CMS: PKCS#1 v1.5 with the digest of the field beside it.
    pub(in crate::bundle) fn left_open(algorithm: &AlgorithmIdentifierOwned, hash: Hash) -> Option<Self> {
        (algorithm.oid == RSA_ENCRYPTION && is_plain(algorithm)).then_some(Self::Pkcs1(hash))
    }

    fn parameters(self) -> &'static RsaParameters {
        match self {
            Self::Pkcs1(Hash::Sha256) => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::Pkcs1(Hash::Sha384) => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::Pkcs1(Hash::Sha512) => &signature::RSA_PKCS1_2048_8192_SHA512,
            Self::Pss(Hash::Sha256) => &signature::RSA_PSS_2048_8192_SHA256,
            Self::Pss(Hash::Sha384) => &signature::RSA_PSS_2048_8192_SHA384,
            Self::Pss(Hash::Sha512) => &signature::RSA_PSS_2048_8192_SHA512,
        }
    }
}

pub(in crate::bundle) fn is_rsa(key: &SubjectPublicKeyInfoOwned) -> bool {
    [RSA_ENCRYPTION, ID_RSASSA_PSS].contains(&key.algorithm.oid)
}

/// Length of the modulus; `None` when this is no RSA key.
pub(in crate::bundle) fn bits(key: &SubjectPublicKeyInfoOwned) -> Option<usize> {
    let key = PublicKey::from_der(key.subject_public_key.as_bytes()?).ok()?;
    let first = key.modulus.as_bytes().first()?;
    let zeros = usize::try_from(first.leading_zeros()).ok()?;
    // ring takes small exponents as it takes large ones; 1 would let anyone sign.
    (key.exponent.as_bytes() != [1]).then_some(key.modulus.as_bytes().len() * 8 - zeros)
}

pub(in crate::bundle) fn verify(
    key: &SubjectPublicKeyInfoOwned,
    scheme: Scheme,
    message: &[u8],
    signed: &[u8],
) -> Result<(), Refusal> {
    let weak = Refusal::Unsupported(key.algorithm.oid);
    if bits(key).ok_or(Refusal::Wrong)? < LEAST_BITS || (key.algorithm.oid == ID_RSASSA_PSS && matches!(scheme, Scheme::Pkcs1(_))) {
        return Err(weak);
    }
    let bytes = key.subject_public_key.as_bytes().ok_or(Refusal::Wrong)?;
    // ring's error says nothing, on purpose.
    UnparsedPublicKey::new(scheme.parameters(), bytes).verify(message, signed).or(Err(Refusal::Wrong))
}

/// The digest, where mask and salt are those that go with it (RFC 4056, section 3).
fn pss(algorithm: &AlgorithmIdentifierOwned) -> Option<Hash> {
    let parameters: PssParameters = algorithm.parameters.as_ref()?.decode_as().ok()?;
    let hash = plain_hash(&parameters.hash)?;
    let mask: AlgorithmIdentifierOwned = parameters.mask.parameters.as_ref()?.decode_as().ok()?;
    let salt = hash.digest(&[]).len();
    let fits = parameters.mask.oid == ID_MGF_1 && plain_hash(&mask)? == hash && usize::from(parameters.salt_length) == salt;
    fits.then_some(hash)
}

fn plain_hash(algorithm: &AlgorithmIdentifierOwned) -> Option<Hash> {
    Hash::from_digest_oid(algorithm.oid).filter(|_| is_plain(algorithm))
}

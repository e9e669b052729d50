//! The signer of a bundle: a key with its certificates, and the signature file it makes.

use std::fmt;

use der::Encode as _;
use x509_cert::Certificate;

use crate::bundle::certificates::public_key::{self, Refusal, signature_algorithm};
use crate::bundle::certificates::{from_time, to_time};
use crate::bundle::error::{KeyError, SealError};
use crate::bundle::keys::signing_key::SigningKey;
use crate::bundle::keys::{KeyKind, Standing};
use crate::bundle::signature::cms;

/// Made by [`super::KeySource::signer`].
pub struct Signer {
    pub(crate) key: SigningKey,
    /// The signer's certificate first, then those that lead to its anchor.
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) fingerprint: String,
}

impl Signer {
    /// SHA-256 of the certificate, in upper-case pairs as `openssl x509 -fingerprint -sha256` shows it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The certificate's subject (RFC 4514).
    #[must_use]
    pub fn subject(&self) -> String {
        self.certificates.first().map(|c| c.tbs_certificate().subject().to_string()).unwrap_or_default()
    }

    /// What the key is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.key.kind()
    }

    /// What its certificate says.
    pub fn standing(&self) -> Result<Standing, KeyError> {
        Standing::of(&self.certificates)
    }

    /// End of the certificate's validity.
    #[must_use]
    pub fn not_after(&self) -> Option<jiff::Timestamp> {
        let time = self.certificates.first()?.tbs_certificate().validity().not_after;
        from_time(&time)
    }

    /// The signature file over `content`, claimed to be made at `instant`.
    pub fn sign(&self, content: &[u8], instant: jiff::Timestamp) -> Result<Vec<u8>, SealError> {
        let failed = |e: der::Error| SealError::Signature(e.to_string());
        let time = to_time(instant).ok_or(SealError::Instant(instant))?;
        let hash = self.key.kind().hash();
        let signer = self.certificates.first().ok_or_else(|| SealError::Signature("no certificate".into()))?;
        let attributes = cms::signed_attributes(content, hash, signer, time).map_err(failed)?;
        let message = attributes.to_der().map_err(failed)?;
        let signature = self.key.sign(&message)?;
        let public = signer.tbs_certificate().subject_public_key_info();
        // A token may hold a key and a certificate that do not belong together: better known now than by the auditor.
        let verified =
            signature_algorithm(public, hash).and_then(|algorithm| public_key::verify(public, &algorithm, &message, &signature));
        if verified == Err(Refusal::Wrong) {
            return Err(SealError::Signature("the certificate is not the one of the key that signed".into()));
        }
        cms::assemble(attributes, hash, signature, &self.certificates).map_err(failed)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

//! The signer of a bundle: a key with its certificates, and the signature file it makes.

use std::fmt;

use der::asn1::{GeneralizedTime, UtcTime};
use der::{DateTime, Encode as _};
use x509_cert::Certificate;
use x509_cert::time::Time;

use super::cms;
use super::digest::{hex, sha256};
use super::error::{KeyError, SealError};
use super::keys::signing_key::SigningKey;
use super::keys::{KeyKind, Standing};
use super::public_key::{self, Refusal, signature_algorithm};

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

/// SHA-256 of a certificate, as `openssl x509 -fingerprint -sha256` shows it.
pub(crate) fn fingerprint(certificate: &Certificate) -> der::Result<String> {
    let text = hex(&sha256(&certificate.to_der()?)).to_ascii_uppercase();
    let pairs: Vec<&str> = text.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok()).collect();
    Ok(pairs.join(":"))
}

/// Whole seconds; `UTCTime` until 2049, `GeneralizedTime` from then on (RFC 5280, 4.1.2.5).
pub(crate) fn to_time(instant: jiff::Timestamp) -> Option<Time> {
    let seconds = u64::try_from(instant.as_second()).ok()?;
    let date = DateTime::from_unix_duration(std::time::Duration::from_secs(seconds)).ok()?;
    if date.year() < 2050 {
        UtcTime::from_date_time(date).ok().map(Time::UtcTime)
    } else {
        Some(Time::GeneralTime(GeneralizedTime::from_date_time(date)))
    }
}

pub(crate) fn from_time(time: &Time) -> Option<jiff::Timestamp> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    jiff::Timestamp::from_second(seconds).ok()
}

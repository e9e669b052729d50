//! Certificates as a verifier sees them: what one says, who issued it, what it may be used for, and whether it was revoked. Whose
//! they are and where they lie is [`super::keys`]'s.

pub mod chain;
pub mod crl;
pub(crate) mod files;
pub mod public_key;
mod rsa_key;
pub mod usage;

use der::asn1::{GeneralizedTime, UtcTime};
use der::{DateTime, Encode as _};
use x509_cert::Certificate;
use x509_cert::time::Time;

use super::digest::{hex, sha256};
use public_key::Refusal;

/// By name and by signature.
pub(crate) fn issued(issuer: &Certificate, subject: &Certificate) -> Result<(), Refusal> {
    let (above, below) = (issuer.tbs_certificate(), subject.tbs_certificate());
    let algorithm = subject.signature_algorithm();
    if above.subject() != below.issuer() || algorithm != below.signature() {
        return Err(Refusal::Wrong);
    }
    let message = below.to_der().or(Err(Refusal::Wrong))?;
    let signature = subject.signature().as_bytes().ok_or(Refusal::Wrong)?;
    public_key::verify(above.subject_public_key_info(), algorithm, &message, signature)
}

/// The subject (RFC 4514).
pub(crate) fn name(certificate: &Certificate) -> String {
    certificate.tbs_certificate().subject().to_string()
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

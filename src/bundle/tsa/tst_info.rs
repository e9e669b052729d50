//! What a time-stamp says: the digest of something, an instant, a policy (TSTInfo, RFC 3161, section 2.4.2).

use const_oid::ObjectIdentifier;
use der::asn1::{Any, Int, OctetString};
use der::{Decode as _, Sequence, Tag, Tagged as _};
use x509_cert::ext::Extensions;
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::bundle::certificates::public_key::Hash;
use crate::bundle::fault::{Fault, Phrase, phrase};

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct MessageImprint {
    pub hash_algorithm: AlgorithmIdentifierOwned,
    pub hashed_message: OctetString,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct Accuracy {
    #[asn1(optional = "true")]
    seconds: Option<u32>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    millis: Option<u16>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    micros: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct Content {
    version: u8,
    policy: ObjectIdentifier,
    imprint: MessageImprint,
    serial: Int,
    /// [`der::asn1::GeneralizedTime`] refuses the fractions of a second that tokens have.
    time: Any,
    #[asn1(optional = "true")]
    accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    ordering: bool,
    #[asn1(optional = "true")]
    nonce: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    tsa: Option<Any>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TstInfo {
    pub policy: ObjectIdentifier,
    pub imprint: MessageImprint,
    pub nonce: Option<Int>,
    /// The authority's clock.
    pub time: jiff::Timestamp,
    /// The last instant that it may have been, by the accuracy that the authority claims.
    pub latest: jiff::Timestamp,
}

impl TstInfo {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let content = Content::from_der(bytes).map_err(|e| Fault::new(&NOT_TST, e.to_string()))?;
        if content.version != 1 {
            return Err(Fault::new(&NOT_TST, "version"));
        }
        if let Some(extension) = content.extensions.iter().flatten().find(|extension| extension.critical) {
            return Err(Fault::unknown(&NOT_TST, extension.extn_id.to_string()));
        }
        let time = (content.time.tag() == Tag::GeneralizedTime).then(|| generalized_time(content.time.value())).flatten();
        let time = time.ok_or_else(|| Fault::new(&NOT_TST, "genTime"))?;
        let accuracy = content.accuracy.map_or(jiff::SignedDuration::ZERO, |accuracy| {
            jiff::SignedDuration::from_secs(accuracy.seconds.unwrap_or(0).into())
                + jiff::SignedDuration::from_millis(accuracy.millis.unwrap_or(0).into())
                + jiff::SignedDuration::from_micros(accuracy.micros.unwrap_or(0).into())
        });
        let latest = time.checked_add(accuracy).map_err(|e| Fault::new(&NOT_TST, e.to_string()))?;
        Ok(Self { policy: content.policy, imprint: content.imprint, nonce: content.nonce, time, latest })
    }

    /// Whether the digest is that of `data`; only digests that seals use count.
    pub(super) fn check_imprint(&self, data: &[u8]) -> Result<(), Fault> {
        let oid = self.imprint.hash_algorithm.oid;
        let hash = Hash::from_digest_oid(oid).ok_or_else(|| Fault::new(&WEAK, oid.to_string()))?;
        if self.imprint.hashed_message.as_bytes() == hash.digest(data) { Ok(()) } else { Err(Fault::bare(&OTHER_DATA)) }
    }
}

/// `20261123173000.25Z`: seconds with an optional fraction, always UTC (RFC 3161, 2.4.2).
fn generalized_time(bytes: &[u8]) -> Option<jiff::Timestamp> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 14 || !is_number(whole) {
        return None;
    }
    let nanoseconds = match fraction {
        None => 0,
        // DER: no zero at the end.
        Some(digits) if is_number(digits) && digits.len() <= 9 && !digits.ends_with('0') => format!("{digits:0<9}").parse().ok()?,
        Some(_) => return None,
    };
    let part = |from: usize, to: usize| whole.get(from..to)?.parse::<i8>().ok();
    let year = whole.get(..4)?.parse().ok()?;
    let time = jiff::civil::DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?, nanoseconds);
    jiff::tz::Offset::UTC.to_timestamp(time.ok()?).ok()
}

static NOT_TST: Phrase =
    phrase("the time-stamp does not say what a time-stamp must", "l'horodatage ne dit pas ce qu'un horodatage doit dire");
static WEAK: Phrase = phrase(
    "the time-stamp uses a digest that is not accepted (SHA-256, SHA-384 or SHA-512 are)",
    "l'horodatage emploie une empreinte non admise (SHA-256, SHA-384 ou SHA-512 le sont)",
);
static OTHER_DATA: Phrase = phrase(
    "the time-stamp was made for something else: it was put in from elsewhere, or what it covers was changed",
    "l'horodatage porte sur autre chose : il vient d'ailleurs, ou ce qu'il couvre a été modifié",
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn times_may_have_fractions_and_nothing_else() {
        let read = |text: &str| generalized_time(text.as_bytes()).map(|time| time.to_string());
        assert_eq!(read("20261123173000Z").unwrap(), "2026-11-23T17:30:00Z");
        assert_eq!(read("20261123173000.25Z").unwrap(), "2026-11-23T17:30:00.25Z");
        assert_eq!(read("20261123173000.000000001Z").unwrap(), "2026-11-23T17:30:00.000000001Z");
        for wrong in [
            "20261123173000",
            "202611231730Z",
            "20261123173000+0100",
            "20261123173000.Z",
            "20261123173000.250Z",
            "20261323173000Z",
            "20261123173060Z",
            "2026112317300 Z",
            "20261123173000,5Z",
            "+0261123173000Z",
            "20261123173000.1234567891Z",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

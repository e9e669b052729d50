//! What a seal certificate says of itself: for whom, by whom, until when, and how far that carries.

use x509_cert::Certificate;

use super::signing_key::KeyKind;
use crate::bundle::certificates::issued;
use crate::bundle::certificates::public_key::Refusal;
use crate::bundle::certificates::{fingerprint, from_time};
use crate::bundle::error::KeyError;

/// Days before the end at which people are told, and told again: a certificate takes weeks to get in many organisations.
const GRADES: [i64; 3] = [7, 30, 60];
const DAY: i64 = 86_400;

/// How far trust in a certificate carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTrust {
    /// Made by the key itself: as good as the other way by which its fingerprint reaches the auditor.
    SelfMade,
    /// By an authority, whose own certificate the auditor may already have.
    Issued,
}

/// The public face of a seal key.
#[derive(Clone, Debug)]
pub struct Standing {
    pub subject: String,
    pub issuer: String,
    /// `ECDSA P-256`, `RSA 3072`.
    pub kind: String,
    pub trust: KeyTrust,
    pub not_before: jiff::Timestamp,
    pub not_after: jiff::Timestamp,
    /// SHA-256, as `openssl x509 -fingerprint -sha256` shows it.
    pub fingerprint: String,
    /// Subjects of the certificates that lead on from it.
    pub chain: Vec<String>,
}

/// Where an instant lies in a certificate's validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    NotYet,
    Fine {
        days: i64,
    },
    /// `within` is 60, 30 or 7.
    Soon {
        days: i64,
        within: i64,
    },
    Expired {
        days_ago: i64,
    },
}

impl Standing {
    /// Of the first certificate; the others are its chain.
    pub fn of(certificates: &[Certificate]) -> Result<Self, KeyError> {
        let build = |reason: &str| KeyError::Build(reason.to_owned());
        let [own, chain @ ..] = certificates else { return Err(build("no certificate")) };
        let tbs = own.tbs_certificate();
        let instant = |time| from_time(time).ok_or_else(|| build("its validity cannot be read"));
        let key = tbs.subject_public_key_info();
        Ok(Self {
            subject: tbs.subject().to_string(),
            issuer: tbs.issuer().to_string(),
            kind: KeyKind::of(key).map_or_else(|_| key.algorithm.oid.to_string(), |kind| kind.to_string()),
            trust: if issued(own, own) == Err(Refusal::Wrong) { KeyTrust::Issued } else { KeyTrust::SelfMade },
            not_before: instant(&tbs.validity().not_before)?,
            not_after: instant(&tbs.validity().not_after)?,
            fingerprint: fingerprint(own).map_err(|e| KeyError::Build(e.to_string()))?,
            chain: chain.iter().map(|c| c.tbs_certificate().subject().to_string()).collect(),
        })
    }

    #[must_use]
    pub fn expiry(&self, now: jiff::Timestamp) -> Expiry {
        if now < self.not_before {
            return Expiry::NotYet;
        }
        let left = self.not_after.as_second() - now.as_second();
        // The last second counts (RFC 5280, 4.1.2.5).
        if left < 0 {
            return Expiry::Expired { days_ago: -left / DAY };
        }
        let days = left / DAY;
        match GRADES.into_iter().find(|grade| days < *grade) {
            Some(within) => Expiry::Soon { days, within },
            None => Expiry::Fine { days },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_end_is_told_at_sixty_thirty_and_seven_days() {
        let end: jiff::Timestamp = "2026-12-31T00:00:00Z".parse().unwrap();
        let standing = Standing {
            subject: String::new(),
            issuer: String::new(),
            kind: String::new(),
            trust: KeyTrust::SelfMade,
            not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
            not_after: end,
            fingerprint: String::new(),
            chain: vec![],
        };
        let at = |seconds: i64| standing.expiry(jiff::Timestamp::from_second(end.as_second() - seconds).unwrap());
        assert_eq!(at(60 * DAY), Expiry::Fine { days: 60 });
        assert_eq!(at(60 * DAY - 1), Expiry::Soon { days: 59, within: 60 });
        assert_eq!(at(30 * DAY), Expiry::Soon { days: 30, within: 60 });
        assert_eq!(at(30 * DAY - 1), Expiry::Soon { days: 29, within: 30 });
        assert_eq!(at(7 * DAY - 1), Expiry::Soon { days: 6, within: 7 });
        assert_eq!(at(0), Expiry::Soon { days: 0, within: 7 });
        assert_eq!(at(-1), Expiry::Expired { days_ago: 0 });
        assert_eq!(at(-3 * DAY), Expiry::Expired { days_ago: 3 });
        assert_eq!(at(400 * DAY), Expiry::NotYet);
    }
}

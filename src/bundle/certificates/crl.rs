//! Revocation lists (RFC 5280, section 5): what they say of the certificates on a path, as of the instant at which each of these
//! was used.
//!
//! Direct and complete lists only: a delta, an indirect list or one for some reasons speaks for nobody here. OCSP answers are not read.

use std::io::Read as _;
use std::path::Path;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{
    ID_CE_CRL_DISTRIBUTION_POINTS, ID_CE_CRL_REASONS, ID_CE_INVALIDITY_DATE, ID_CE_ISSUING_DISTRIBUTION_POINT,
};
use der::asn1::GeneralizedTime;
use der::{Decode as _, Encode as _};
use x509_cert::Certificate;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::crl::CrlReason;
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::{BasicConstraints, CrlDistributionPoints};

use crate::bundle::certificates::from_time;
use crate::bundle::certificates::name;
use crate::bundle::certificates::public_key;
use crate::bundle::certificates::usage::{self, Purpose};
use crate::bundle::error::KeyError;
use crate::bundle::fault::{Fault, Phrase, phrase};

const BEGIN: &str = "-----BEGIN X509 CRL-----";
const END: &str = "-----END X509 CRL-----";
/// Bytes; the lists of national authorities stay below.
pub const LARGEST: u64 = 8 << 20;

/// A list that is well formed. Nothing has been verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crl {
    pub(in crate::bundle) list: CertificateList,
}

/// When the certificate at the start of a path was used, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    pub purpose: Purpose,
    pub at: jiff::Timestamp,
}

/// A list, and an instant at which it surely existed.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'c> {
    pub crl: &'c Crl,
    pub at: jiff::Timestamp,
}

impl Crl {
    /// The list or lists of a file, DER or PEM.
    pub fn load(path: &Path) -> Result<Vec<Self>, KeyError> {
        let failed = |source| KeyError::Read { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > LARGEST {
            return Err(KeyError::TooLarge { path: path.to_owned(), limit: LARGEST });
        }
        Self::read(&bytes).map_err(|reason| KeyError::NotACrl { path: path.to_owned(), reason })
    }

    /// The list or lists of some bytes, DER or PEM.
    pub fn read(bytes: &[u8]) -> Result<Vec<Self>, String> {
        let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.contains(BEGIN)) else {
            return Ok(vec![Self::from_der(bytes)?]);
        };
        let mut lists = Vec::new();
        let mut rest = text;
        while let Some(tail) = rest.find(BEGIN).and_then(|start| rest.get(start..)) {
            let end = tail.find(END).ok_or_else(|| format!("no {END}"))?;
            let (block, after) = tail.split_at(end + END.len());
            let (_, document) = der::Document::from_pem(block).map_err(|e| e.to_string())?;
            lists.push(Self::from_der(document.as_bytes())?);
            rest = after;
        }
        Ok(lists)
    }

    pub fn from_der(bytes: &[u8]) -> Result<Self, String> {
        let list = CertificateList::from_der(bytes).map_err(|e| e.to_string())?;
        if list.to_der().is_ok_and(|again| again == bytes) { Ok(Self { list }) } else { Err("its encoding is not DER".into()) }
    }

    /// The name of the authority that lists its own certificates (RFC 4514).
    #[must_use]
    pub fn issuer(&self) -> String {
        self.list.tbs_cert_list.issuer.to_string()
    }

    fn this_update(&self) -> Option<jiff::Timestamp> {
        from_time(&self.list.tbs_cert_list.this_update)
    }

    /// Whether it was signed with this certificate's key, by name and signature.
    pub(in crate::bundle) fn is_by(&self, issuer: &Certificate) -> bool {
        let tbs = &self.list.tbs_cert_list;
        let above = issuer.tbs_certificate();
        if above.subject() != &tbs.issuer || self.list.signature_algorithm != tbs.signature {
            return false;
        }
        let (Ok(message), Some(signature)) = (tbs.to_der(), self.list.signature.as_bytes()) else { return false };
        public_key::verify(above.subject_public_key_info(), &self.list.signature_algorithm, &message, signature).is_ok()
    }

    /// Whether it was in force at `at`, or came later while it still listed the certificate (expired ones are dropped from lists).
    fn speaks_of(&self, certificate: &Certificate, at: jiff::Timestamp) -> bool {
        let expiry = from_time(&certificate.tbs_certificate().validity().not_after);
        let next = self.list.tbs_cert_list.next_update.as_ref().and_then(from_time);
        match (self.this_update(), expiry) {
            (Some(made), Some(expiry)) => made <= expiry && (made >= at || next.is_some_and(|next| next >= at)),
            _ => false,
        }
    }

    /// The instant from which the list says that the certificate is not to be relied on.
    fn revocation(&self, certificate: &Certificate) -> Option<Revocation> {
        let serial = certificate.tbs_certificate().serial_number();
        let entries = self.list.tbs_cert_list.revoked_certificates.iter().flatten();
        entries.filter(|entry| entry.serial_number == *serial).filter_map(Revocation::of).min_by_key(|found| found.from)
    }
}

/// One entry of a list.
struct Revocation {
    from: jiff::Timestamp,
    /// `None`: no reason is given.
    reason: Option<CrlReason>,
}

impl Revocation {
    fn of(entry: &RevokedCert) -> Option<Self> {
        let extensions = entry.crl_entry_extensions.as_ref();
        let reason = extension(extensions, ID_CE_CRL_REASONS).and_then(|value| CrlReason::from_der(value).ok());
        // The key may have been known before the authority was told (RFC 5280, 5.3.2).
        let suspected = extension(extensions, ID_CE_INVALIDITY_DATE).and_then(|value| GeneralizedTime::from_der(value).ok());
        let suspected = suspected.and_then(|time| from_time(&time.into()));
        let listed = from_time(&entry.revocation_date)?;
        Some(Self { from: suspected.map_or(listed, |suspected| suspected.min(listed)), reason })
    }

    /// Whether what was done at the instant of the use is void.
    fn voids(&self, used: &Use) -> bool {
        // RFC 3161, section 4: without one of these reasons, an authority's time-stamps are void whenever they were made.
        let harmless = matches!(
            self.reason,
            Some(CrlReason::Unspecified | CrlReason::AffiliationChanged | CrlReason::Superseded | CrlReason::CessationOfOperation)
        );
        self.from <= used.at || (used.purpose == Purpose::TimeStamp && !harmless)
    }
}

/// What the lists say of each certificate of a path but the anchor: for each, the newest list that clears it.
pub fn check<'c>(path: &[&Certificate], lists: &[Seen<'c>], used: Use) -> Result<Vec<&'c Crl>, Fault> {
    let mut cleared_by = Vec::new();
    for (certificate, issuer) in path.iter().zip(path.iter().skip(1)) {
        let mine: Vec<&Seen<'_>> = lists.iter().filter(|seen| is_usable(seen, certificate, issuer)).collect();
        let found = mine.iter().find_map(|seen| Some((seen, seen.crl.revocation(certificate)?)).filter(|(_, r)| r.voids(&used)));
        if let Some((seen, revocation)) = found {
            let by = seen.crl.this_update().map(|at| at.to_string()).unwrap_or_default();
            return Err(Fault::unknown(&REVOKED, format!("{} ({} ; {by})", name(certificate), revocation.from)));
        }
        let informed = mine.iter().filter(|seen| seen.crl.speaks_of(certificate, used.at));
        let newest = informed.max_by_key(|seen| seen.crl.this_update());
        cleared_by.push(newest.ok_or_else(|| Fault::unknown(&NO_LIST, name(certificate)))?.crl);
    }
    Ok(cleared_by)
}

/// What was cleared, and as of when, for the reader.
#[must_use]
pub fn note(cleared_by: &[&Crl]) -> Option<Fault> {
    let oldest = cleared_by.iter().filter_map(|crl| crl.this_update()).min()?;
    Some(Fault::new(&CLEARED, oldest.to_string()))
}

/// Lists inside the bundle must be by one of the certificates inside: `None` when all are.
#[must_use]
pub fn stranger(lists: &[Crl], embedded: &[&Certificate]) -> Option<Fault> {
    let foreign = lists.iter().find(|crl| !embedded.iter().any(|issuer| crl.is_by(issuer)));
    foreign.map(|crl| Fault::new(&STRANGER, crl.issuer()))
}

fn is_usable(seen: &Seen<'_>, certificate: &Certificate, issuer: &Certificate) -> bool {
    let expiry = from_time(&issuer.tbs_certificate().validity().not_after);
    let list = &seen.crl.list.tbs_cert_list;
    let plain_entries = list.revoked_certificates.iter().flatten().all(|entry| {
        let critical = entry.crl_entry_extensions.iter().flatten().filter(|extension| extension.critical);
        critical.into_iter().all(|extension| [ID_CE_CRL_REASONS, ID_CE_INVALIDITY_DATE].contains(&extension.extn_id))
    });
    // Once its key has expired, nobody answers for what is signed with it.
    expiry.is_some_and(|expiry| seen.at <= expiry)
        && usage::may_revoke(issuer)
        && plain_entries
        && covers(list.crl_extensions.as_ref(), certificate)
        && seen.crl.is_by(issuer)
}

/// Whether the scope that the list gives itself holds the certificate; a critical extension that is not understood: no.
fn covers(extensions: Option<&Extensions>, certificate: &Certificate) -> bool {
    let known =
        |extension: &&x509_cert::ext::Extension| extension.critical && extension.extn_id != ID_CE_ISSUING_DISTRIBUTION_POINT;
    if extensions.into_iter().flatten().any(|extension| known(&extension)) {
        return false;
    }
    let Some(scope) = extension(extensions, ID_CE_ISSUING_DISTRIBUTION_POINT) else { return true };
    let Ok(scope) = IssuingDistributionPoint::from_der(scope) else { return false };
    let constraints = certificate.tbs_certificate().get_extension::<BasicConstraints>();
    let is_authority = matches!(constraints, Ok(Some((_, constraints))) if constraints.ca);
    let same_point = scope.distribution_point.as_ref().is_none_or(|point| {
        let points = certificate.tbs_certificate().extensions().and_then(|all| extension(Some(all), ID_CE_CRL_DISTRIBUTION_POINTS));
        let points = points.and_then(|value| CrlDistributionPoints::from_der(value).ok());
        points.is_some_and(|points| points.0.iter().any(|one| one.distribution_point.as_ref() == Some(point)))
    });
    same_point
        && scope.only_some_reasons.is_none()
        && !scope.indirect_crl
        && !scope.only_contains_attribute_certs
        && !(scope.only_contains_user_certs && is_authority)
        && (!scope.only_contains_ca_certs || is_authority)
}

fn extension(extensions: Option<&Extensions>, oid: ObjectIdentifier) -> Option<&[u8]> {
    extensions?.iter().find(|extension| extension.extn_id == oid).map(|extension| extension.extn_value.as_bytes())
}

static REVOKED: Phrase = phrase(
    "the certificate was revoked before it was used (since ; list of)",
    "le certificat était révoqué avant son emploi (depuis ; liste du)",
);
static NO_LIST: Phrase = phrase(
    "no revocation list says whether the certificate was revoked; ask its authority for one and pass it with --crl",
    "aucune liste de révocation ne dit si le certificat était révoqué ; demandez-la à son autorité et passez-la avec --crl",
);
static CLEARED: Phrase = phrase("not revoked, by the list of", "non révoqués, d'après la liste du");
static STRANGER: Phrase = phrase(
    "a revocation list inside is not signed by any certificate inside",
    "une liste de révocation incluse n'est signée par aucun des certificats inclus",
);

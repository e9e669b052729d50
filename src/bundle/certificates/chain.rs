//! From a certificate to an anchor that the verifier brought along (RFC 5280, section 6, without policies).
//!
//! Trust never comes from the bundle: certificates inside it only bridge the way to an anchor. What cannot be bridged is not
//! forged, it is unknown.

use std::path::Path;

use x509_cert::Certificate;

use crate::bundle::certificates::public_key::Refusal;
use crate::bundle::certificates::usage::{self, Purpose};
use crate::bundle::certificates::{files, issued, name};
use crate::bundle::certificates::{fingerprint, from_time};
use crate::bundle::error::KeyError;
use crate::bundle::fault::{Fault, Phrase, phrase};

/// Longer chains do not exist in practice.
const MAX_DEPTH: usize = 8;

/// A certificate that the verifier trusts, obtained by another way than the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustAnchor {
    pub(crate) certificate: Certificate,
}

impl TrustAnchor {
    /// Every certificate of a PEM file.
    pub fn load(path: &Path) -> Result<Vec<Self>, KeyError> {
        Ok(files::read(path)?.into_iter().map(|certificate| Self { certificate }).collect())
    }

    /// The certificate's subject (RFC 4514).
    #[must_use]
    pub fn subject(&self) -> String {
        self.certificate.tbs_certificate().subject().to_string()
    }

    /// SHA-256 of the certificate, as pairs joined by colons; what is compared over another channel.
    pub fn fingerprint(&self) -> Result<String, KeyError> {
        fingerprint(&self.certificate).map_err(|error| KeyError::Build(error.to_string()))
    }
}

/// The certificates from `leaf` to one of the anchors, each issued by the next and allowed to; nothing is said of instants yet.
pub fn path<'c>(
    leaf: &'c Certificate,
    embedded: &'c [Certificate],
    anchors: &'c [TrustAnchor],
    purpose: Purpose,
) -> Result<Vec<&'c Certificate>, Fault> {
    if anchors.is_empty() {
        return Err(Fault::unknown(purpose.no_anchor(), ""));
    }
    usage::check_leaf(leaf, purpose)?;
    let mut path = vec![leaf];
    let mut current = leaf;
    for below in 0..MAX_DEPTH {
        usage::check_critical_extensions(current)?;
        if anchors.iter().any(|anchor| anchor.certificate == *current) {
            return Ok(path);
        }
        let anchor = anchors.iter().map(|a| &a.certificate).find(|issuer| issued(issuer, current) == Ok(()));
        if let Some(anchor) = anchor {
            usage::check_critical_extensions(anchor)?;
            usage::check_issuer(anchor, below, purpose)?;
            path.push(anchor);
            return Ok(path);
        }
        let Some(issuer) = embedded.iter().find(|issuer| *issuer != current && issued(issuer, current) == Ok(())) else {
            return Err(no_path(current, embedded, anchors));
        };
        usage::check_issuer(issuer, below, purpose)?;
        path.push(issuer);
        current = issuer;
    }
    Err(Fault::unknown(&NO_PATH, name(current)))
}

/// Whether every certificate of the path was valid at `instant`.
pub fn check_validity(path: &[&Certificate], instant: jiff::Timestamp) -> Result<(), Fault> {
    path.iter().try_for_each(|certificate| check_one_validity(certificate, instant))
}

/// Both, for a signer without time-stamp: everything on the way being valid at `now`.
pub fn check(signer: &Certificate, embedded: &[Certificate], anchors: &[TrustAnchor], now: jiff::Timestamp) -> Result<(), Fault> {
    check_validity(&path(signer, embedded, anchors, Purpose::Seal)?, now)
}

/// The path, and those of the embedded certificates that lead on from its end.
pub(in crate::bundle) fn prolonged<'c>(path: &[&'c Certificate], embedded: &'c [Certificate]) -> Vec<&'c Certificate> {
    let mut longer = path.to_vec();
    while let Some(&last) = longer.last().filter(|last| issued(last, last) != Ok(()) && longer.len() < MAX_DEPTH) {
        let Some(next) = embedded.iter().find(|issuer| !longer.contains(issuer) && issued(issuer, last) == Ok(())) else { break };
        longer.push(next);
    }
    longer
}

/// A certificate inside that is on no path from the leaf was put there by someone else.
pub fn check_no_stranger(leaf: &Certificate, embedded: &[Certificate]) -> Result<(), Fault> {
    let mut left: Vec<&Certificate> = embedded.iter().collect();
    let mut current = leaf;
    // The path ends at a self-made certificate, or any namesake of it would lead on.
    let ends = |at: &Certificate| issued(at, at) != Err(Refusal::Wrong);
    while !ends(current) && !left.is_empty() {
        let outcomes: Vec<_> = left.iter().map(|issuer| issued(issuer, current)).collect();
        if let Some(at) = outcomes.iter().position(|outcome| *outcome == Ok(())) {
            current = left.remove(at);
        } else if outcomes.iter().any(|outcome| matches!(outcome, Err(Refusal::Unsupported(_)))) {
            // A namesake whose key cannot be read: nobody can say whether it is on the path.
            return Err(Fault::unknown(&UNSUPPORTED, name(current)));
        } else {
            break;
        }
    }
    if let Some(stranger) = left.first() {
        return Err(Fault::new(&STRANGER, name(stranger)));
    }
    let top = current.tbs_certificate();
    if top.subject() == top.issuer() && issued(current, current) == Err(Refusal::Wrong) {
        return Err(Fault::unknown(&DAMAGED, name(current)));
    }
    Ok(())
}

/// Says as much as can be said about why the way ends here.
fn no_path(current: &Certificate, embedded: &[Certificate], anchors: &[TrustAnchor]) -> Fault {
    let issuers = anchors.iter().map(|a| &a.certificate).chain(embedded);
    let outcomes: Vec<_> = issuers
        .filter(|issuer| issuer.tbs_certificate().subject() == current.tbs_certificate().issuer() && *issuer != current)
        .map(|issuer| issued(issuer, current))
        .collect();
    let phrase = if outcomes.iter().any(|outcome| matches!(outcome, Err(Refusal::Unsupported(_)))) {
        &UNSUPPORTED
    } else if outcomes.is_empty() {
        &NO_PATH
    } else {
        &SAME_NAME
    };
    Fault::unknown(phrase, name(current))
}

fn check_one_validity(certificate: &Certificate, instant: jiff::Timestamp) -> Result<(), Fault> {
    let validity = certificate.tbs_certificate().validity();
    match (from_time(&validity.not_before), from_time(&validity.not_after)) {
        (Some(start), _) if instant < start => Err(Fault::unknown(&NOT_YET, format!("{} ({start})", name(certificate)))),
        // The last second counts (RFC 5280, 4.1.2.5).
        (_, Some(end)) if instant.as_second() > end.as_second() => {
            Err(Fault::unknown(&EXPIRED, format!("{} ({end})", name(certificate))))
        }
        (Some(_), Some(_)) => Ok(()),
        _ => Err(Fault::unknown(&NOT_YET, name(certificate))),
    }
}

static NO_PATH: Phrase = phrase("none of the anchors issued this certificate", "aucune des ancres n'a émis ce certificat");
static SAME_NAME: Phrase = phrase(
    "an authority of that name is known, but it did not sign this certificate",
    "une autorité de ce nom est connue, mais elle n'a pas signé ce certificat",
);
static UNSUPPORTED: Phrase = phrase(
    "the certificate is signed in a way that this version cannot read (ECDSA P-256 and P-384 and RSA from 2048 bits with SHA-2 are)",
    "le certificat est signé d'une façon que cette version ne lit pas (ECDSA P-256 et P-384 et RSA dès 2048 bits avec SHA-2 le sont)",
);
static EXPIRED: Phrase = phrase(
    "the certificate had expired by the instant that counts; only a time-stamp from before shows that the seal is older",
    "le certificat avait expiré à l'instant qui compte ; seul un horodatage antérieur montre que le scellé est plus ancien",
);
static NOT_YET: Phrase = phrase(
    "the certificate was not valid yet at the instant that counts",
    "le certificat n'était pas encore valable à l'instant qui compte",
);
static DAMAGED: Phrase = phrase(
    "a certificate inside says that it signed itself, and did not: it was changed, or its former key's certificate is missing",
    "un certificat inclus dit s'être signé lui-même, ce qui est faux : il a été modifié, ou celui de son ancienne clé manque",
);
static STRANGER: Phrase = phrase(
    "the signature file holds a certificate that has nothing to do with the signer",
    "le fichier de signature contient un certificat étranger au signataire",
);

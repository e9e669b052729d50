//! From the signer's certificate to an anchor that the verifier brought along (RFC 5280, section 6, without policies).
//!
//! Trust never comes from the bundle: certificates inside it only bridge the way to an anchor. What cannot be bridged is not
//! forged, it is unknown.

use std::path::Path;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_KEY_USAGE, ID_CE_SUBJECT_KEY_IDENTIFIER,
};
use der::Encode as _;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::error::KeyError;
use super::fault::{Fault, Phrase, phrase};
use super::keys::certificates;
use super::public_key::{self, Refusal};
use super::sign::{fingerprint, from_time};

/// Longer chains do not exist in practice.
const MAX_DEPTH: usize = 8;

/// A certificate that the verifier trusts, obtained by another way than the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustAnchor {
    certificate: Certificate,
}

impl TrustAnchor {
    /// Every certificate of a PEM file.
    pub fn load(path: &Path) -> Result<Vec<Self>, KeyError> {
        Ok(certificates::read(path)?.into_iter().map(|certificate| Self { certificate }).collect())
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

/// Whether the signer can be traced to one of the anchors, everything on the way being valid at `now`.
pub fn check(signer: &Certificate, embedded: &[Certificate], anchors: &[TrustAnchor], now: jiff::Timestamp) -> Result<(), Fault> {
    if anchors.is_empty() {
        return Err(Fault::unknown(&NO_ANCHOR, ""));
    }
    check_signer_usage(signer)?;
    let mut current = signer;
    for depth in 0..MAX_DEPTH {
        check_validity(current, now)?;
        check_critical_extensions(current)?;
        if anchors.iter().any(|anchor| anchor.certificate == *current) {
            return Ok(());
        }
        let anchor = anchors.iter().map(|a| &a.certificate).find(|issuer| issued(issuer, current) == Ok(()));
        if let Some(anchor) = anchor {
            check_validity(anchor, now)?;
            check_critical_extensions(anchor)?;
            return check_issuer(anchor, depth);
        }
        let Some(issuer) = embedded.iter().find(|issuer| *issuer != current && issued(issuer, current) == Ok(())) else {
            return Err(no_path(current, embedded, anchors));
        };
        check_issuer(issuer, depth)?;
        current = issuer;
    }
    Err(Fault::unknown(&NO_PATH, name(current)))
}

/// A certificate inside that is on no path from the signer was put there by someone else.
pub fn check_no_stranger(signer: &Certificate, embedded: &[Certificate]) -> Result<(), Fault> {
    let mut left: Vec<&Certificate> = embedded.iter().collect();
    let mut current = signer;
    // The path ends at a self-made certificate, or any namesake of it would lead on.
    let ends = |at: &Certificate| issued(at, at) != Err(Refusal::Wrong);
    // An issuer whose signature cannot be read (RSA) is on the path by its name.
    while !ends(current)
        && let Some(at) = left.iter().position(|issuer| !matches!(issued(issuer, current), Err(Refusal::Wrong)))
    {
        current = left.remove(at);
    }
    match left.first() {
        Some(stranger) => Err(Fault::new(&STRANGER, name(stranger))),
        None => Ok(()),
    }
}

/// By name and by signature.
pub(crate) fn issued(issuer: &Certificate, subject: &Certificate) -> Result<(), Refusal> {
    let (above, below) = (issuer.tbs_certificate(), subject.tbs_certificate());
    let algorithm = subject.signature_algorithm();
    if above.subject() != below.issuer() || algorithm != below.signature() {
        return Err(Refusal::Wrong);
    }
    let message = below.to_der().or(Err(Refusal::Wrong))?;
    let signature = subject.signature().as_bytes().ok_or(Refusal::Wrong)?;
    public_key::verify(above.subject_public_key_info(), algorithm.oid, &message, signature)
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

fn check_validity(certificate: &Certificate, now: jiff::Timestamp) -> Result<(), Fault> {
    let validity = certificate.tbs_certificate().validity();
    match (from_time(&validity.not_before), from_time(&validity.not_after)) {
        (Some(start), _) if now < start => Err(Fault::unknown(&NOT_YET, format!("{} ({start})", name(certificate)))),
        // The last second counts (RFC 5280, 4.1.2.5).
        (_, Some(end)) if now.as_second() > end.as_second() => {
            Err(Fault::unknown(&EXPIRED, format!("{} ({end})", name(certificate))))
        }
        (Some(_), Some(_)) => Ok(()),
        _ => Err(Fault::unknown(&NOT_YET, name(certificate))),
    }
}

/// `below`: how many intermediate certificates stand between this one and the signer.
fn check_issuer(issuer: &Certificate, below: usize) -> Result<(), Fault> {
    let refuse = || Fault::unknown(&NOT_AN_AUTHORITY, name(issuer));
    let unreadable = |e: der::Error| Fault::unknown(&NOT_AN_AUTHORITY, format!("{} ({e})", name(issuer)));
    let tbs = issuer.tbs_certificate();
    let constraints = tbs.get_extension::<BasicConstraints>().map_err(unreadable)?;
    let (_, constraints) = constraints.ok_or_else(refuse)?;
    let usage = tbs.get_extension::<KeyUsage>().map_err(unreadable)?;
    let too_long = constraints.path_len_constraint.is_some_and(|limit| below > usize::from(limit));
    if !constraints.ca || too_long || usage.is_some_and(|(_, usage)| !usage.key_cert_sign()) {
        return Err(refuse());
    }
    Ok(())
}

pub(crate) fn check_signer_usage(signer: &Certificate) -> Result<(), Fault> {
    let usage = signer.tbs_certificate().get_extension::<KeyUsage>();
    match usage {
        Ok(None) => Ok(()),
        Ok(Some((_, usage))) if usage.digital_signature() || usage.non_repudiation() => Ok(()),
        _ => Err(Fault::unknown(&NOT_FOR_SIGNING, name(signer))),
    }
}

/// A critical extension that is not understood forbids trusting the certificate (RFC 5280, 4.2).
fn check_critical_extensions(certificate: &Certificate) -> Result<(), Fault> {
    const UNDERSTOOD: [ObjectIdentifier; 4] =
        [ID_CE_BASIC_CONSTRAINTS, ID_CE_KEY_USAGE, ID_CE_SUBJECT_KEY_IDENTIFIER, ID_CE_AUTHORITY_KEY_IDENTIFIER];
    let extensions = certificate.tbs_certificate().extensions().map(Vec::as_slice).unwrap_or_default();
    match extensions.iter().find(|extension| extension.critical && !UNDERSTOOD.contains(&extension.extn_id)) {
        Some(extension) => Err(Fault::unknown(&CRITICAL, format!("{} ({})", name(certificate), extension.extn_id))),
        None => Ok(()),
    }
}

fn name(certificate: &Certificate) -> String {
    certificate.tbs_certificate().subject().to_string()
}

static NO_ANCHOR: Phrase = phrase(
    "no trust anchor was given; obtain the certificate by another way than the bundle and pass it with --anchor",
    "aucune ancre de confiance n'a été donnée ; obtenez le certificat par une autre voie que le dossier et passez-le avec --anchor",
);
static NO_PATH: Phrase = phrase("none of the anchors issued this certificate", "aucune des ancres n'a émis ce certificat");
static SAME_NAME: Phrase = phrase(
    "an authority of that name is known, but it did not sign this certificate",
    "une autorité de ce nom est connue, mais elle n'a pas signé ce certificat",
);
static UNSUPPORTED: Phrase = phrase(
    "the certificate is signed in a way that this version cannot read (ECDSA P-256 and P-384 are; RSA is not yet)",
    "le certificat est signé d'une façon que cette version ne lit pas (ECDSA P-256 et P-384 le sont ; RSA pas encore)",
);
static EXPIRED: Phrase = phrase(
    "the certificate has expired, and without a time-stamp nothing proves that the seal is older",
    "le certificat a expiré et, sans horodatage, rien ne prouve que le scellé est antérieur",
);
static NOT_YET: Phrase = phrase("the certificate is not valid yet", "le certificat n'est pas encore valable");
static NOT_AN_AUTHORITY: Phrase = phrase(
    "the certificate may not issue others (basicConstraints or keyUsage)",
    "le certificat n'a pas le droit d'en émettre d'autres (basicConstraints ou keyUsage)",
);
static NOT_FOR_SIGNING: Phrase =
    phrase("the certificate is not for signing (keyUsage)", "le certificat n'est pas fait pour signer (keyUsage)");
static CRITICAL: Phrase = phrase(
    "the certificate has a critical extension that this version does not understand",
    "le certificat a une extension critique que cette version ne comprend pas",
);
static STRANGER: Phrase = phrase(
    "the signature file holds a certificate that has nothing to do with the signer",
    "le fichier de signature contient un certificat étranger au signataire",
);

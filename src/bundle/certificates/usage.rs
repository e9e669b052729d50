//! What a certificate may be used for: the rights in its extensions (RFC 5280, section 4.2; RFC 3161, section 2.3).

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{
    ANY_EXTENDED_KEY_USAGE, ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_EXT_KEY_USAGE, ID_CE_KEY_USAGE,
    ID_CE_SUBJECT_KEY_IDENTIFIER, ID_KP_TIME_STAMPING,
};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

use crate::bundle::certificates::name;
use crate::bundle::fault::{Fault, Phrase, phrase};

/// What the last certificate of a path was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Seal,
    TimeStamp,
}

impl Purpose {
    pub(in crate::bundle) fn no_anchor(self) -> &'static Phrase {
        match self {
            Self::Seal => &NO_ANCHOR,
            Self::TimeStamp => &NO_TSA_ANCHOR,
        }
    }
}

/// The certificate that signed the seal, or the time-stamp.
pub(crate) fn check_leaf(leaf: &Certificate, purpose: Purpose) -> Result<(), Fault> {
    let tbs = leaf.tbs_certificate();
    match tbs.get_extension::<KeyUsage>() {
        Ok(None) => {}
        Ok(Some((_, usage))) if usage.digital_signature() || usage.non_repudiation() => {}
        _ => return Err(Fault::unknown(&NOT_FOR_SIGNING, name(leaf))),
    }
    match (tbs.get_extension::<ExtendedKeyUsage>(), purpose) {
        // RFC 3161, 2.3: critical, and this purpose alone.
        (Ok(Some((true, usage))), Purpose::TimeStamp) if usage.0 == [ID_KP_TIME_STAMPING] => Ok(()),
        (_, Purpose::TimeStamp) => Err(Fault::unknown(&NOT_FOR_STAMPING, name(leaf))),
        (Ok(Some((true, _))) | Err(_), Purpose::Seal) => {
            Err(Fault::unknown(&CRITICAL, format!("{} ({ID_CE_EXT_KEY_USAGE})", name(leaf))))
        }
        (Ok(_), Purpose::Seal) => Ok(()),
    }
}

/// `below`: how many intermediate certificates stand between this one and the leaf.
pub(in crate::bundle) fn check_issuer(issuer: &Certificate, below: usize, purpose: Purpose) -> Result<(), Fault> {
    let refuse = || Fault::unknown(&NOT_AN_AUTHORITY, name(issuer));
    let unreadable = |e: der::Error| Fault::unknown(&NOT_AN_AUTHORITY, format!("{} ({e})", name(issuer)));
    let tbs = issuer.tbs_certificate();
    let constraints = tbs.get_extension::<BasicConstraints>().map_err(unreadable)?;
    let (_, constraints) = constraints.ok_or_else(refuse)?;
    let usage = tbs.get_extension::<KeyUsage>().map_err(unreadable)?;
    let purposes = tbs.get_extension::<ExtendedKeyUsage>().map_err(unreadable)?;
    let too_long = constraints.path_len_constraint.is_some_and(|limit| below > usize::from(limit));
    let elsewhere = purposes.is_some_and(|(_, usage)| {
        purpose == Purpose::TimeStamp && !usage.0.iter().any(|oid| [ID_KP_TIME_STAMPING, ANY_EXTENDED_KEY_USAGE].contains(oid))
    });
    if !constraints.ca || too_long || elsewhere || usage.is_some_and(|(_, usage)| !usage.key_cert_sign()) {
        return Err(refuse());
    }
    Ok(())
}

/// Whether the authority may sign revocation lists.
pub(in crate::bundle) fn may_revoke(issuer: &Certificate) -> bool {
    matches!(issuer.tbs_certificate().get_extension::<KeyUsage>(), Ok(Some((_, usage))) if usage.crl_sign())
}

/// A critical extension that is not understood forbids trusting the certificate (RFC 5280, 4.2); name constraints and policies are
/// among them.
pub(in crate::bundle) fn check_critical_extensions(certificate: &Certificate) -> Result<(), Fault> {
    const UNDERSTOOD: [ObjectIdentifier; 5] = [
        ID_CE_BASIC_CONSTRAINTS,
        ID_CE_KEY_USAGE,
        ID_CE_EXT_KEY_USAGE,
        ID_CE_SUBJECT_KEY_IDENTIFIER,
        ID_CE_AUTHORITY_KEY_IDENTIFIER,
    ];
    let extensions = certificate.tbs_certificate().extensions().map(Vec::as_slice).unwrap_or_default();
    match extensions.iter().find(|extension| extension.critical && !UNDERSTOOD.contains(&extension.extn_id)) {
        Some(extension) => Err(Fault::unknown(&CRITICAL, format!("{} ({})", name(certificate), extension.extn_id))),
        None => Ok(()),
    }
}

static NO_ANCHOR: Phrase = phrase(
    "no trust anchor was given; obtain the certificate by another way than the bundle and pass it with --anchor",
    "aucune ancre de confiance n'a été donnée ; obtenez le certificat par une autre voie que le dossier et passez-le avec --anchor",
);
static NO_TSA_ANCHOR: Phrase = phrase(
    "no trust anchor was given for the time-stamping authority; pass its authority's certificate with --tsa-anchor",
    "aucune ancre n'a été donnée pour l'autorité d'horodatage ; passez le certificat de son autorité avec --tsa-anchor",
);
static NOT_AN_AUTHORITY: Phrase = phrase(
    "the certificate may not issue others (basicConstraints, keyUsage or extendedKeyUsage)",
    "le certificat n'a pas le droit d'en émettre d'autres (basicConstraints, keyUsage ou extendedKeyUsage)",
);
static NOT_FOR_SIGNING: Phrase =
    phrase("the certificate is not for signing (keyUsage)", "le certificat n'est pas fait pour signer (keyUsage)");
static NOT_FOR_STAMPING: Phrase = phrase(
    "the certificate is not that of a time-stamping authority (extendedKeyUsage must be critical and timeStamping alone)",
    "le certificat n'est pas celui d'une autorité d'horodatage (extendedKeyUsage doit être critique et timeStamping seul)",
);
static CRITICAL: Phrase = phrase(
    "the certificate has a critical extension that this version does not understand",
    "le certificat a une extension critique que cette version ne comprend pas",
);

//! Does the signature file cover this manifest, and with this certificate? Trust in the certificate is [`crate::bundle::certificates::chain`]'s.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNING_TIME};
use der::asn1::{Any, OctetString};
use der::{Decode, Encode};
use x509_cert::time::Time;

use crate::bundle::certificates::public_key::{self, Refusal};
use crate::bundle::certificates::{from_time, to_time};
use crate::bundle::digest::sha256;
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::signature::cms::{Parsed, SigningCertificateV2};

const KNOWN: [ObjectIdentifier; 4] = [ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNING_TIME, ID_AA_SIGNING_CERTIFICATE_V_2];

/// The signature value, over signed attributes that name the manifest's digest.
pub fn check_value(parsed: &Parsed, manifest: &[u8]) -> Result<(), Fault> {
    if let Some(other) = parsed.attributes.iter().find(|attribute| !KNOWN.contains(&attribute.oid)) {
        return Err(Fault::new(&ATTRIBUTE, other.oid.to_string()));
    }
    let content_type: ObjectIdentifier = single(parsed, ID_CONTENT_TYPE)?;
    if content_type != ID_DATA {
        return Err(Fault::new(&ATTRIBUTE, content_type.to_string()));
    }
    let digest: OctetString = single(parsed, ID_MESSAGE_DIGEST)?;
    if digest.as_bytes() != parsed.hash.digest(manifest) {
        return Err(Fault::bare(&OTHER_CONTENT));
    }
    let message = parsed.attributes.to_der().map_err(|e| Fault::new(&ATTRIBUTE, e.to_string()))?;
    let key = parsed.signer.tbs_certificate().subject_public_key_info();
    let algorithm = &parsed.info.signature_algorithm;
    let value = parsed.info.signature.as_bytes();
    match public_key::verify(key, algorithm, &message, value) {
        Err(Refusal::Unsupported(oid)) => return Err(Fault::unknown(&UNSUPPORTED, oid.to_string())),
        Err(Refusal::Wrong) => return Err(Fault::bare(&WRONG_SIGNATURE)),
        Ok(()) if !public_key::may_seal(key) => return Err(Fault::unknown(&UNSUPPORTED, "RSA")),
        Ok(()) => {}
    }
    if public_key::signature_algorithm(key, parsed.hash) != Ok(algorithm.clone()) {
        return Err(Fault::new(&ATTRIBUTE, algorithm.oid.to_string()));
    }
    if public_key::has_low_s(key, value) { Ok(()) } else { Err(Fault::bare(&MALLEATED)) }
}

/// signing-certificate-v2 (RFC 5035) must name the certificate that the signature was checked with.
pub fn check_signing_certificate(parsed: &Parsed) -> Result<(), Fault> {
    let named: SigningCertificateV2 = single(parsed, ID_AA_SIGNING_CERTIFICATE_V_2)?;
    let [id] = named.certs.as_slice() else { return Err(Fault::bare(&OTHER_CERTIFICATE)) };
    let der = parsed.signer.to_der().map_err(|e| Fault::new(&ATTRIBUTE, e.to_string()))?;
    if id.hash_algorithm.is_some() || id.issuer_serial.is_some() || named.policies.is_some() {
        return Err(Fault::new(&ATTRIBUTE, ID_AA_SIGNING_CERTIFICATE_V_2.to_string()));
    }
    if id.cert_hash.as_bytes() == sha256(&der) { Ok(()) } else { Err(Fault::bare(&OTHER_CERTIFICATE)) }
}

/// The instant that the signer claims.
pub fn signing_time(parsed: &Parsed) -> Result<jiff::Timestamp, Fault> {
    let time: Time = single(parsed, ID_SIGNING_TIME)?;
    let instant = from_time(&time).ok_or_else(|| Fault::new(&ATTRIBUTE, ID_SIGNING_TIME.to_string()))?;
    // RFC 5652, 11.3: UTCTime until 2049, GeneralizedTime from 2050 on.
    if to_time(instant) == Some(time) { Ok(instant) } else { Err(Fault::new(&ATTRIBUTE, ID_SIGNING_TIME.to_string())) }
}

/// The only value of the only attribute of this type, in DER.
fn single<T: for<'a> Decode<'a> + Encode>(parsed: &Parsed, oid: ObjectIdentifier) -> Result<T, Fault> {
    let mut found = parsed.attributes.iter().filter(|attribute| attribute.oid == oid);
    let (Some(attribute), None) = (found.next(), found.next()) else {
        return Err(Fault::new(&MISSING_ATTRIBUTE, oid.to_string()));
    };
    let [value] = attribute.values.as_slice() else { return Err(Fault::new(&ATTRIBUTE, oid.to_string())) };
    decode(value).ok_or_else(|| Fault::new(&ATTRIBUTE, oid.to_string()))
}

fn decode<T: for<'a> Decode<'a> + Encode>(value: &Any) -> Option<T> {
    let bytes = value.to_der().ok()?;
    let decoded = T::from_der(&bytes).ok()?;
    (decoded.to_der().ok()? == bytes).then_some(decoded)
}

static ATTRIBUTE: Phrase = phrase(
    "the signature has an attribute or algorithm that a seal does not have",
    "la signature comporte un attribut ou un algorithme qu'un scellé n'a pas",
);
static MISSING_ATTRIBUTE: Phrase =
    phrase("a signed attribute is missing or there twice", "un attribut signé manque ou figure deux fois");
static OTHER_CONTENT: Phrase = phrase(
    "the signature was made over another manifest: this one was changed, or the signature comes from another bundle",
    "la signature porte sur un autre manifeste : celui-ci a été modifié, ou la signature vient d'un autre dossier",
);
static UNSUPPORTED: Phrase = phrase(
    "the signer's key is of a kind that this version cannot read (ECDSA P-256 and P-384 and RSA from 3072 bits are)",
    "la clé du signataire est d'un type que cette version ne lit pas (ECDSA P-256 et P-384 et RSA dès 3072 bits le sont)",
);
static WRONG_SIGNATURE: Phrase =
    phrase("the signature is not by this certificate's key", "la signature n'est pas de la clé de ce certificat");
static MALLEATED: Phrase =
    phrase("the signature value was transformed after signing", "la valeur de la signature a été transformée après coup");
static OTHER_CERTIFICATE: Phrase = phrase(
    "the signed attributes name another certificate than the one in the file",
    "les attributs signés nomment un autre certificat que celui du fichier",
);

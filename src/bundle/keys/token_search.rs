//! Finding a token, a key and its certificates by the names that people configure. What is ambiguous is refused, with the choice.

use cryptoki::context::Pkcs11;
use cryptoki::error::Error as CryptokiError;
use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use cryptoki::slot::Slot;
use der::asn1::{Any, BitString, OctetString, UintRef};
use der::{Decode as _, Encode as _, Sequence};
use x509_cert::Certificate;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::signing_key::rsa_public;
use super::token::TokenSource;
use crate::bundle::certificates::files::from_der;
use crate::bundle::digest::hex;
use crate::bundle::error::KeyError;

/// First byte of an uncompressed point (SEC 1, 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// RFC 8017, A.1.1.
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// The slot of the token that is meant.
pub(super) fn slot(source: &TokenSource, module: &Pkcs11) -> Result<Slot, KeyError> {
    let failed = |e: CryptokiError| source.fault(e);
    let mut tokens = vec![];
    for slot in module.get_slots_with_token().map_err(failed)? {
        let info = module.get_token_info(slot).map_err(failed)?;
        if info.token_initialized() {
            tokens.push((slot, info.label().trim_end().to_owned()));
        }
    }
    let shown = || tokens.iter().map(|(slot, label)| format!("`{label}` (slot {})", slot.id())).collect::<Vec<_>>().join(", ");
    let meant: Vec<_> = tokens
        .iter()
        .filter(|(slot, label)| {
            source.token.as_ref().is_none_or(|wanted| wanted == label) && source.slot.is_none_or(|wanted| wanted == slot.id())
        })
        .collect();
    match meant.as_slice() {
        [(slot, _)] => Ok(*slot),
        [] if tokens.is_empty() => Err(source.fault("no token is there: is the card in its reader, is the HSM reachable?")),
        [] => Err(source.fault(format!("there is no such token; there are: {}", shown()))),
        _ => Err(source.fault(format!("several tokens fit: {}; choose with [signing.pkcs11] token or slot", shown()))),
    }
}

/// The private key that the configured label and id name.
pub(super) fn private_key(source: &TokenSource, session: &Session) -> Result<ObjectHandle, KeyError> {
    let failed = |e: CryptokiError| source.fault(e);
    let all = session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY)]).map_err(failed)?;
    let found = session.find_objects(&template(source, ObjectClass::PRIVATE_KEY)).map_err(failed)?;
    let shown = |keys: &[ObjectHandle]| {
        let mut names: Vec<String> = keys.iter().map(|key| name(session, *key)).collect();
        names.sort();
        names.join(", ")
    };
    match found.as_slice() {
        [key] => Ok(*key),
        [] if all.is_empty() => Err(source.fault("no private key is on it")),
        [] => Err(source.fault(format!("no private key of that name is on it; there are: {}", shown(&all)))),
        several => {
            Err(source
                .fault(format!("several private keys fit: {}; choose with [signing.pkcs11] key_label or key_id", shown(several))))
        }
    }
}

fn template(source: &TokenSource, class: ObjectClass) -> Vec<Attribute> {
    let label = source.key_label.as_ref().map(|label| Attribute::Label(label.as_bytes().to_vec()));
    let id = source.key_id.as_ref().map(|id| Attribute::Id(id.clone()));
    [Some(Attribute::Class(class)), label, id].into_iter().flatten().collect()
}

/// `seal (id 01)`.
fn name(session: &Session, object: ObjectHandle) -> String {
    let mut label = String::new();
    let mut id = String::new();
    for attribute in session.get_attributes(object, &[AttributeType::Label, AttributeType::Id]).unwrap_or_default() {
        match attribute {
            Attribute::Label(bytes) => label = String::from_utf8_lossy(&bytes).into_owned(),
            Attribute::Id(bytes) => id = hex(&bytes),
            _ => {}
        }
    }
    format!("`{label}` (id {id})")
}

fn id(session: &Session, object: ObjectHandle) -> Result<Option<Vec<u8>>, CryptokiError> {
    let attributes = session.get_attributes(object, &[AttributeType::Id])?;
    Ok(attributes.into_iter().find_map(|attribute| match attribute {
        Attribute::Id(id) if !id.is_empty() => Some(id),
        _ => None,
    }))
}

/// The public half: from its own object, else from a certificate of the same id, else from the first one of the file.
pub(super) fn public_key(
    source: &TokenSource,
    session: &Session,
    key: ObjectHandle,
    pool: &[Certificate],
) -> Result<SubjectPublicKeyInfoOwned, KeyError> {
    let failed = |e: CryptokiError| source.fault(e);
    let id = id(session, key).map_err(failed)?;
    let beside = |class| match &id {
        Some(id) => session.find_objects(&[Attribute::Class(class), Attribute::Id(id.clone())]),
        None => session.find_objects(&template(source, class)),
    };
    for object in beside(ObjectClass::PUBLIC_KEY).map_err(failed)?.into_iter().chain([key]) {
        if let Some(public) = read_public(session, object) {
            return Ok(public);
        }
    }
    for object in beside(ObjectClass::CERTIFICATE).map_err(failed)? {
        if let Some(certificate) = certificate(source, session, object)? {
            return Ok(certificate.tbs_certificate().subject_public_key_info().clone());
        }
    }
    match pool.first() {
        Some(first) => Ok(first.tbs_certificate().subject_public_key_info().clone()),
        None => Err(source.fault("it shows no public key for this private key; name its certificate in [signing] certificate")),
    }
}

/// What an object tells of a public key. Of an RSA private key that is the whole of it; of an EC one, the point is there on few tokens.
fn read_public(session: &Session, object: ObjectHandle) -> Option<SubjectPublicKeyInfoOwned> {
    let wanted = [AttributeType::EcParams, AttributeType::EcPoint, AttributeType::Modulus, AttributeType::PublicExponent];
    let (mut curve, mut point, mut modulus, mut exponent) = (None, None, None, None);
    // One by one: some modules refuse the whole question for one attribute that a kind of key has not.
    for attribute in wanted.iter().flat_map(|one| session.get_attributes(object, &[*one]).unwrap_or_default()) {
        match attribute {
            Attribute::EcParams(bytes) => curve = Any::from_der(&bytes).ok(),
            // DER by the standard, bare on some tokens.
            Attribute::EcPoint(bytes) => {
                point = OctetString::from_der(&bytes).map(OctetString::into_bytes).ok().or(Some(bytes.into())).map(Vec::from);
            }
            Attribute::Modulus(bytes) => modulus = Some(bytes),
            Attribute::PublicExponent(bytes) => exponent = Some(bytes),
            _ => {}
        }
    }
    let key = match (curve, point, modulus, exponent) {
        (Some(curve), Some(point), ..) if point.first() == Some(&UNCOMPRESSED) => ec_public(curve, &point),
        (.., Some(modulus), Some(exponent)) if !modulus.is_empty() => {
            let encoded =
                UintRef::new(&modulus).and_then(|modulus| RsaPublicKey { modulus, exponent: UintRef::new(&exponent)? }.to_der());
            encoded.and_then(|pkcs1| rsa_public(&pkcs1))
        }
        _ => return None,
    };
    key.ok()
}

fn ec_public(curve: Any, point: &[u8]) -> der::Result<SubjectPublicKeyInfoOwned> {
    let algorithm = AlgorithmIdentifierOwned { oid: const_oid::db::rfc5912::ID_EC_PUBLIC_KEY, parameters: Some(curve) };
    Ok(SubjectPublicKeyInfoOwned { algorithm, subject_public_key: BitString::from_bytes(point)? })
}

/// Every X.509 certificate on the token.
pub(super) fn certificates(source: &TokenSource, session: &Session) -> Result<Vec<Certificate>, KeyError> {
    let objects = session.find_objects(&[Attribute::Class(ObjectClass::CERTIFICATE)]).map_err(|e| source.fault(e))?;
    let mut found = vec![];
    for object in objects {
        found.extend(certificate(source, session, object)?);
    }
    Ok(found)
}

/// The public half of the key, found without a PIN: by the names of its public key, else of its certificate.
pub(super) fn named_public(source: &TokenSource, session: &Session) -> Result<Option<SubjectPublicKeyInfoOwned>, KeyError> {
    let failed = |e: CryptokiError| source.fault(e);
    for object in session.find_objects(&template(source, ObjectClass::PUBLIC_KEY)).map_err(failed)? {
        if let Some(public) = read_public(session, object) {
            return Ok(Some(public));
        }
    }
    for object in session.find_objects(&template(source, ObjectClass::CERTIFICATE)).map_err(failed)? {
        if let Some(certificate) = certificate(source, session, object)? {
            return Ok(Some(certificate.tbs_certificate().subject_public_key_info().clone()));
        }
    }
    Ok(None)
}

fn certificate(source: &TokenSource, session: &Session, object: ObjectHandle) -> Result<Option<Certificate>, KeyError> {
    let wanted = [AttributeType::CertificateType, AttributeType::Value];
    let attributes = session.get_attributes(object, &wanted).map_err(|e| source.fault(e))?;
    let other = attributes.iter().any(|a| matches!(a, Attribute::CertificateType(kind) if *kind != CertificateType::X_509));
    let value = attributes.into_iter().find_map(|attribute| match attribute {
        Attribute::Value(bytes) => Some(bytes),
        _ => None,
    });
    match value {
        Some(bytes) if !other => {
            let refuse = |reason| source.fault(format!("the certificate {} cannot be read: {reason}", name(session, object)));
            from_der(&bytes).map(Some).map_err(refuse)
        }
        _ => Ok(None),
    }
}

pub(super) fn asks_each_time(session: &Session, key: ObjectHandle) -> Result<bool, CryptokiError> {
    let attributes = session.get_attributes(key, &[AttributeType::AlwaysAuthenticate])?;
    Ok(attributes.iter().any(|attribute| matches!(attribute, Attribute::AlwaysAuthenticate(true))))
}

//! Certificates in files, and the chain that belongs to a key.

use std::path::Path;

use der::pem::LineEnding;
use der::{Decode as _, Encode as _, EncodePem as _};
use x509_cert::Certificate;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::bundle::certificates::issued;
use crate::bundle::certificates::public_key::Refusal;
use crate::bundle::error::KeyError;
use crate::bundle::keys::file::read_public;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// First byte of DER: a SEQUENCE. PEM starts with text.
const SEQUENCE: u8 = 0x30;

/// Every certificate of a file: PEM, one or several, or a single one in DER as some authorities hand them out.
pub(crate) fn read(path: &Path) -> Result<Vec<Certificate>, KeyError> {
    let refuse = |reason: String| KeyError::NotACertificate { path: path.to_owned(), reason };
    let bytes = read_public(path)?;
    if bytes.first() == Some(&SEQUENCE) {
        return Ok(vec![from_der(&bytes).map_err(refuse)?]);
    }
    let text = String::from_utf8(bytes).map_err(|e| refuse(e.to_string()))?;
    let mut certificates = Vec::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find(BEGIN) {
        let tail = rest.get(start..).unwrap_or_default();
        let end = tail.find(END).ok_or_else(|| refuse(format!("no {END}")))?;
        let (block, after) = tail.split_at(end + END.len());
        let (_, document) = der::Document::from_pem(block).map_err(|e| refuse(e.to_string()))?;
        certificates.push(from_der(document.as_bytes()).map_err(refuse)?);
        rest = after;
    }
    match certificates.is_empty() {
        true if text.contains("-----BEGIN PKCS7-----") => Err(refuse(format!(
            "it is a PKCS#7 file; take the certificates out: openssl pkcs7 -print_certs -in {} -out certificates.pem",
            path.display()
        ))),
        true => Err(refuse("none found".into())),
        false => Ok(certificates),
    }
}

/// A certificate whose bytes are those that re-encoding gives: signatures are made over them, and later read back.
pub(in crate::bundle) fn from_der(bytes: &[u8]) -> Result<Certificate, String> {
    let certificate = Certificate::from_der(bytes).map_err(|e| e.to_string())?;
    if certificate.to_der().ok().as_deref() == Some(bytes) { Ok(certificate) } else { Err("its encoding is not DER".into()) }
}

/// The certificate of this key among many, then those that issued it, up to a self-made one or the end of what is there. Others are
/// left out. Nothing, when none is for this key.
pub(in crate::bundle) fn chain_of(key: &SubjectPublicKeyInfoOwned, mut pool: Vec<Certificate>) -> Vec<Certificate> {
    let Some(own) = pool.iter().position(|c| c.tbs_certificate().subject_public_key_info() == key) else { return vec![] };
    let mut chain = vec![pool.remove(own)];
    while let Some(last) = chain.last() {
        let self_made = issued(last, last) != Err(Refusal::Wrong);
        // What is signed in a way not read here is taken by its name.
        let above = pool.iter().position(|issuer| issued(issuer, last) != Err(Refusal::Wrong));
        match above {
            Some(at) if !self_made => chain.push(pool.remove(at)),
            _ => break,
        }
    }
    chain
}

/// Certificates as a PEM text.
pub(in crate::bundle) fn to_pem(certificates: &[Certificate]) -> Result<String, KeyError> {
    let texts = certificates.iter().map(|c| c.to_pem(LineEnding::LF)).collect::<der::Result<Vec<_>>>();
    Ok(texts.map_err(|e| KeyError::Build(e.to_string()))?.concat())
}

//! A certificate request (PKCS#10, RFC 2986) for the organisation's own authority: signed with the seal key, which proves that the
//! asker holds it.

use std::str::FromStr as _;

use der::asn1::BitString;
use der::pem::LineEnding;
use der::{Encode as _, EncodePem as _};
use secrecy::SecretString;
use x509_cert::attr::Attribute;
use x509_cert::ext::ToExtension as _;
use x509_cert::ext::pkix::{KeyUsage, KeyUsages};
use x509_cert::name::Name;
use x509_cert::request::{CertReq, CertReqInfo, ExtensionReq, Version};

use super::KeySource;
use super::profile::SealProfile;
use crate::bundle::certificates::public_key::signature_algorithm;
use crate::bundle::error::KeyError;

/// The request as PEM, for a subject written as in RFC 4514 (`CN=Seal,O=Organisation,C=FR`).
pub fn certificate_request(source: &KeySource, secret: &SecretString, subject: &str) -> Result<String, KeyError> {
    let build = |e: der::Error| KeyError::Build(e.to_string());
    let subject = parse_subject(subject)?;
    let key = source.key(secret)?;
    let public_key = key.public().map_err(build)?;
    // What a seal is for; the authority decides.
    let usage = KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation);
    let extension = (&usage).to_extension(&subject, &[]).map_err(build)?;
    let wish: Attribute = ExtensionReq(vec![extension]).try_into().map_err(build)?;
    let attributes = vec![wish].try_into().map_err(build)?;
    let algorithm =
        signature_algorithm(&public_key, key.kind().hash()).map_err(|refusal| KeyError::Build(format!("{refusal:?}")))?;
    let info = CertReqInfo { version: Version::V1, subject, public_key, attributes };
    let signature = key.sign(&info.to_der().map_err(build)?)?;
    let request = CertReq { info, algorithm, signature: BitString::from_bytes(&signature).map_err(build)? };
    request.to_pem(LineEnding::LF).map_err(build)
}

/// The subject of a self-made certificate, as text.
pub fn default_subject(organisation: &str) -> Result<String, KeyError> {
    Ok(SealProfile::new(organisation)?.subject().to_string())
}

fn parse_subject(text: &str) -> Result<Name, KeyError> {
    let refuse = |reason: &str| KeyError::Subject { subject: text.to_owned(), reason: reason.to_owned() };
    if text.trim().is_empty() {
        return Err(refuse("it is empty"));
    }
    let name = Name::from_str(&without_spaces(text)).map_err(|e| refuse(&format!("it cannot be read ({e})")))?;
    // An OpenSSL-style `/C=FR/O=X` reads as one attribute whose value has slashes.
    let has_common_name = text.split(',').any(|part| part.trim_start().to_ascii_uppercase().starts_with("CN="));
    if has_common_name { Ok(name) } else { Err(refuse("it has no CN")) }
}

/// People write a space after each comma; RFC 4514 has none there.
fn without_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut escaped, mut after_comma) = (false, true);
    for c in text.trim().chars() {
        if after_comma && c == ' ' {
            continue;
        }
        out.push(c);
        after_comma = c == ',' && !escaped;
        escaped = c == '\\' && !escaped;
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn subjects_are_read_as_people_write_them() {
        let name = parse_subject("CN=Sceau de preuve, OU=0002 130005481, O=Agence\\, régionale, C=FR").unwrap();
        assert_eq!(name.to_string(), "CN=Sceau de preuve,OU=0002 130005481,O=Agence\\, régionale,C=FR");
        for (wrong, says) in
            [("", "empty"), ("O=Agence", "no CN"), ("/C=FR/CN=x", "cannot be read"), ("CN=x,Nonsense", "cannot be read")]
        {
            let error = parse_subject(wrong).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("CN=") && error.contains(wrong), "{error}");
        }
    }
}

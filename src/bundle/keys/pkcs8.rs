//! A key in an encrypted PKCS#8 file, with its certificates in another.

use std::path::Path;

use der::SecretDocument;
use pkcs8::EncryptedPrivateKeyInfoRef;
use secrecy::{ExposeSecret as _, SecretString};

use super::file::read_secret;
use super::signing_key::SigningKey;
use crate::bundle::certificates::files::{self, chain_of};
use crate::bundle::error::KeyError;
use crate::bundle::keys::signer::Signer;

pub(super) const ENCRYPTED_LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// The key of `key_file` with its certificate, and those that lead on from it, of `certificate_file`.
pub fn load_signer(key_file: &Path, certificate_file: &Path, passphrase: &SecretString) -> Result<Signer, KeyError> {
    let key = load_key(key_file, passphrase)?;
    let public = key.public().map_err(|e| KeyError::Build(e.to_string()))?;
    let chain = chain_of(&public, files::read(certificate_file)?);
    if chain.is_empty() {
        return Err(KeyError::Mismatch { path: certificate_file.to_owned(), key: key_file.to_owned() });
    }
    super::signer(key, chain)
}

pub(super) fn load_key(path: &Path, passphrase: &SecretString) -> Result<SigningKey, KeyError> {
    let not_a_key = |reason: String| KeyError::NotAKey { path: path.to_owned(), reason };
    let bytes = read_secret(path)?;
    let pem = std::str::from_utf8(&bytes).map_err(|e| not_a_key(e.to_string()))?;
    let (label, document) = SecretDocument::from_pem(pem).map_err(|e| not_a_key(e.to_string()))?;
    match label {
        ENCRYPTED_LABEL => {}
        "PRIVATE KEY" | "EC PRIVATE KEY" | "RSA PRIVATE KEY" => {
            return Err(KeyError::NotEncrypted { path: path.to_owned() });
        }
        other => return Err(not_a_key(format!("it holds {other}"))),
    }
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|e| not_a_key(e.to_string()))?;
    let plain = encrypted.decrypt(passphrase.expose_secret()).map_err(|e| match e {
        pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::DecryptFailed) | pkcs8::Error::Asn1(_) => {
            KeyError::WrongPassphrase { path: path.to_owned() }
        }
        other => not_a_key(other.to_string()),
    })?;
    // One wrong passphrase in 256 still gives a plausible padding.
    let wrong = || KeyError::WrongPassphrase { path: path.to_owned() };
    SigningKey::from_pkcs8(plain.as_bytes(), &path.display().to_string())?.ok_or_else(wrong)
}

//! A first key, made here with a certificate that it signs itself: enough to begin, until the organisation's authority gives a better
//! one. RSA keys are not made here: `openssl genpkey` makes them.

use std::io;
use std::path::Path;

use der::pem::LineEnding;
use der::{EncodePem as _, SecretDocument};
use p256::pkcs8::EncodePrivateKey as _;
use pkcs8::PrivateKeyInfoRef;
use pkcs8::pkcs5::{pbes2, scrypt};
use secrecy::{ExposeSecret as _, SecretString};
use x509_cert::Certificate;
use x509_cert::builder::{Builder as _, CertificateBuilder};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Validity;
use zeroize::Zeroizing;

use super::Random;
use super::file::write_new;
use super::pkcs8::ENCRYPTED_LABEL;
use super::profile::SealProfile;
use super::signing_key::SigningKey;
use crate::bundle::certificates::{fingerprint, to_time};
use crate::bundle::error::KeyError;

/// Characters.
const SHORTEST_PASSPHRASE: usize = 8;
/// scrypt: N = 2^14, r = 8, p = 5, one of OWASP's equivalents. OpenSSL refuses what needs more than 32 MiB, so p and not N.
const SCRYPT: (u8, u32, u32) = (14, 8, 5);

#[derive(Debug)]
pub struct KeyRequest<'a> {
    /// Becomes the certificate's O; 1 to 64 characters (RFC 5280, ub-organization-name).
    pub organisation: &'a str,
    pub not_before: jiff::Timestamp,
    pub not_after: jiff::Timestamp,
    pub passphrase: &'a SecretString,
}

/// A key and certificate not yet on disk.
pub struct NewKey {
    /// PKCS#8 in PEM, encrypted.
    pub key_pem: Zeroizing<String>,
    pub certificate_pem: String,
    /// SHA-256 of the certificate, to be told to auditors by another way than the bundle.
    pub fingerprint: String,
}

impl NewKey {
    /// Writes the certificate for all, then the key for its owner only. An existing key is never touched. A certificate without
    /// its key (a run stopped between the two) serves nothing and is replaced.
    pub fn write(&self, key: &Path, certificate: &Path) -> Result<(), KeyError> {
        if key.exists() {
            return Err(KeyError::Exists { path: key.to_owned() });
        }
        match std::fs::remove_file(certificate) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(KeyError::Write { path: certificate.to_owned(), source });
            }
            _gone => {}
        }
        write_new(certificate, self.certificate_pem.as_bytes(), 0o644)?;
        write_new(key, self.key_pem.as_bytes(), 0o600)
    }
}

/// Curves that a key can be made on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Curve {
    #[default]
    P256,
    P384,
}

/// A key and a certificate signed by itself.
pub fn create_key(curve: Curve, request: &KeyRequest<'_>, random: Random<'_>) -> Result<NewKey, KeyError> {
    if request.passphrase.expose_secret().chars().count() < SHORTEST_PASSPHRASE {
        return Err(KeyError::ShortPassphrase(SHORTEST_PASSPHRASE));
    }
    let build = |reason: String| KeyError::Build(reason);
    let (key, plain) = match curve {
        Curve::P256 => {
            let key = draw(random, [0; 32], |scalar| p256::ecdsa::SigningKey::from_slice(scalar).ok())?;
            let plain = key.to_pkcs8_der();
            (SigningKey::P256(key), plain)
        }
        Curve::P384 => {
            let key = draw(random, [0; 48], |scalar| p384::ecdsa::SigningKey::from_slice(scalar).ok())?;
            let plain = key.to_pkcs8_der();
            (SigningKey::P384(key), plain)
        }
    };
    let certificate = self_signed(request, &key, random)?;
    Ok(NewKey {
        key_pem: encrypt(&plain.map_err(|e| build(e.to_string()))?, request.passphrase, random)?,
        certificate_pem: certificate.to_pem(LineEnding::LF).map_err(|e| build(e.to_string()))?,
        fingerprint: fingerprint(&certificate).map_err(|e| build(e.to_string()))?,
    })
}

/// A random scalar of the curve: all but one in 2^32 draws are.
pub(crate) fn draw<K, const N: usize>(
    random: Random<'_>,
    zeros: [u8; N],
    make: impl Fn(&[u8]) -> Option<K>,
) -> Result<K, KeyError> {
    loop {
        let mut scalar = Zeroizing::new(zeros);
        random(scalar.as_mut_slice()).map_err(KeyError::Random)?;
        if let Some(key) = make(scalar.as_slice()) {
            return Ok(key);
        }
        if scalar.iter().all(|byte| *byte == 0) {
            return Err(KeyError::Random(io::Error::other("only zeros")));
        }
    }
}

fn self_signed(request: &KeyRequest<'_>, key: &SigningKey, random: Random<'_>) -> Result<Certificate, KeyError> {
    let profile = SealProfile::new(request.organisation)?;
    let invalid = || KeyError::Validity { start: request.not_before, end: request.not_after };
    if request.not_after <= request.not_before {
        return Err(invalid());
    }
    let not_before = to_time(request.not_before).ok_or_else(invalid)?;
    let not_after = to_time(request.not_after).ok_or_else(invalid)?;
    let mut serial = [0_u8; 16];
    random(&mut serial).map_err(KeyError::Random)?;
    // A positive integer whose length does not vary.
    if let Some(first) = serial.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    let build = |e: x509_cert::builder::Error| KeyError::Build(e.to_string());
    let serial = SerialNumber::new(&serial).map_err(|e| KeyError::Build(e.to_string()))?;
    let public = key.public().map_err(|e| KeyError::Build(e.to_string()))?;
    let builder = CertificateBuilder::new(profile, serial, Validity::new(not_before, not_after), public).map_err(build)?;
    match key {
        SigningKey::P256(key) => builder.build::<_, p256::ecdsa::DerSignature>(key).map_err(build),
        SigningKey::P384(key) => builder.build::<_, p384::ecdsa::DerSignature>(key).map_err(build),
        SigningKey::Rsa(_) | SigningKey::Token(_) => Err(KeyError::Build("only keys made here sign their own certificate".into())),
    }
}

fn encrypt(plain: &SecretDocument, passphrase: &SecretString, random: Random<'_>) -> Result<Zeroizing<String>, KeyError> {
    let build = |reason: String| KeyError::Build(reason);
    let (mut salt, mut iv) = ([0_u8; 16], [0_u8; 16]);
    random(&mut salt).map_err(KeyError::Random)?;
    random(&mut iv).map_err(KeyError::Random)?;
    let (log_n, r, p) = SCRYPT;
    let scrypt = scrypt::Params::new(log_n, r, p).map_err(|e| build(e.to_string()))?;
    let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(scrypt, &salt, iv).map_err(|e| build(e.to_string()))?;
    let document = PrivateKeyInfoRef::try_from(plain.as_bytes())
        .and_then(|info| info.encrypt_with_params(parameters, passphrase.expose_secret()))
        .map_err(|e| build(e.to_string()))?;
    document.to_pem(ENCRYPTED_LABEL, LineEnding::LF).map_err(|e| build(e.to_string()))
}

//! The seal key at rest: made with a self-made certificate for a start, encrypted by default, refused when others can read it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use der::pem::LineEnding;
use der::{Decode as _, Encode as _, EncodePem as _, SecretDocument};
use p256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use secrecy::{ExposeSecret as _, SecretString};
use x509_cert::Certificate;
use x509_cert::builder::{Builder as _, CertificateBuilder};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::Validity;
use zeroize::Zeroizing;

use super::error::KeyError;
use super::seal_profile::SealProfile;
use super::sign::{Signer, SigningKey, fingerprint, to_time};

const ENCRYPTED_LABEL: &str = "ENCRYPTED PRIVATE KEY";
const CERTIFICATE_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const CERTIFICATE_END: &str = "-----END CERTIFICATE-----";
/// Bytes; a chain of large certificates is far below.
const LARGEST: u64 = 1 << 20;
/// Characters.
const SHORTEST_PASSPHRASE: usize = 8;
/// scrypt: N = 2^14, r = 8, p = 5, one of OWASP's equivalents. OpenSSL refuses what needs more than 32 MiB, so p and not N.
const SCRYPT: (u8, u32, u32) = (14, 8, 5);

/// Fills a buffer with random bytes from the system, or with known ones in a test.
pub type Random<'r> = &'r mut dyn FnMut(&mut [u8]) -> io::Result<()>;

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

/// A P-256 key and a certificate signed by itself.
pub fn create_key(request: &KeyRequest<'_>, random: Random<'_>) -> Result<NewKey, KeyError> {
    if request.passphrase.expose_secret().chars().count() < SHORTEST_PASSPHRASE {
        return Err(KeyError::ShortPassphrase(SHORTEST_PASSPHRASE));
    }
    let key = random_key(random)?;
    let certificate = self_signed(request, &key, random)?;
    let build = |e: der::Error| KeyError::Build(e.to_string());
    Ok(NewKey {
        key_pem: encrypt(&key, request.passphrase, random)?,
        certificate_pem: certificate.to_pem(LineEnding::LF).map_err(build)?,
        fingerprint: fingerprint(&certificate).map_err(build)?,
    })
}

/// The key of `key_file` with the certificates of `certificate_file`, the signer's first.
pub fn load_signer(key_file: &Path, certificate_file: &Path, passphrase: &SecretString) -> Result<Signer, KeyError> {
    let pem = Zeroizing::new(read_small(key_file, true)?);
    let key = decrypt(key_file, &pem, passphrase)?;
    let certificates = read_certificates(certificate_file)?;
    let mismatch = || KeyError::Mismatch { path: certificate_file.to_owned(), key: key_file.to_owned() };
    let signer = certificates.first().ok_or_else(mismatch)?;
    let public = match &key {
        SigningKey::P256(key) => SubjectPublicKeyInfoOwned::from_key(key.verifying_key()),
        SigningKey::P384(key) => SubjectPublicKeyInfoOwned::from_key(key.verifying_key()),
    };
    if !public.is_ok_and(|public| public == *signer.tbs_certificate().subject_public_key_info()) {
        return Err(mismatch());
    }
    let fingerprint = fingerprint(signer).map_err(|e| KeyError::Build(e.to_string()))?;
    Ok(Signer { key, certificates, fingerprint })
}

/// Every certificate of a PEM file, each in the DER that re-encoding gives.
pub(crate) fn read_certificates(path: &Path) -> Result<Vec<Certificate>, KeyError> {
    let refuse = |reason: String| KeyError::NotACertificate { path: path.to_owned(), reason };
    let text = read_small(path, false)?;
    let mut certificates = Vec::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find(CERTIFICATE_BEGIN) {
        let tail = rest.get(start..).unwrap_or_default();
        let end = tail.find(CERTIFICATE_END).ok_or_else(|| refuse(format!("no {CERTIFICATE_END}")))?;
        let (block, after) = tail.split_at(end + CERTIFICATE_END.len());
        let (_, document) = der::Document::from_pem(block).map_err(|e| refuse(e.to_string()))?;
        let certificate = Certificate::from_der(document.as_bytes()).map_err(|e| refuse(e.to_string()))?;
        if certificate.to_der().ok().as_deref() != Some(document.as_bytes()) {
            return Err(refuse("its encoding is not DER".into()));
        }
        certificates.push(certificate);
        rest = after;
    }
    if certificates.is_empty() { Err(refuse("none found".into())) } else { Ok(certificates) }
}

fn random_key(random: Random<'_>) -> Result<p256::ecdsa::SigningKey, KeyError> {
    // All but one in 2^32 draws are scalars of the curve.
    loop {
        let mut scalar = Zeroizing::new([0_u8; 32]);
        random(scalar.as_mut_slice()).map_err(KeyError::Random)?;
        if let Ok(key) = p256::ecdsa::SigningKey::from_slice(scalar.as_slice()) {
            return Ok(key);
        }
        if scalar.iter().all(|byte| *byte == 0) {
            return Err(KeyError::Random(io::Error::other("only zeros")));
        }
    }
}

fn self_signed(request: &KeyRequest<'_>, key: &p256::ecdsa::SigningKey, random: Random<'_>) -> Result<Certificate, KeyError> {
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
    let public = SubjectPublicKeyInfoOwned::from_key(key.verifying_key()).map_err(|e| KeyError::Build(e.to_string()))?;
    CertificateBuilder::new(profile, serial, Validity::new(not_before, not_after), public)
        .and_then(|builder| builder.build::<_, p256::ecdsa::DerSignature>(key))
        .map_err(build)
}

fn encrypt(key: &p256::ecdsa::SigningKey, passphrase: &SecretString, random: Random<'_>) -> Result<Zeroizing<String>, KeyError> {
    let build = |reason: String| KeyError::Build(reason);
    let (mut salt, mut iv) = ([0_u8; 16], [0_u8; 16]);
    random(&mut salt).map_err(KeyError::Random)?;
    random(&mut iv).map_err(KeyError::Random)?;
    let (log_n, r, p) = SCRYPT;
    let scrypt = scrypt::Params::new(log_n, r, p).map_err(|e| build(e.to_string()))?;
    let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(scrypt, &salt, iv).map_err(|e| build(e.to_string()))?;
    let plain = key.to_pkcs8_der().map_err(|e| build(e.to_string()))?;
    let document = PrivateKeyInfoRef::try_from(plain.as_bytes())
        .and_then(|info| info.encrypt_with_params(parameters, passphrase.expose_secret()))
        .map_err(|e| build(e.to_string()))?;
    document.to_pem(ENCRYPTED_LABEL, LineEnding::LF).map_err(|e| build(e.to_string()))
}

fn decrypt(path: &Path, pem: &str, passphrase: &SecretString) -> Result<SigningKey, KeyError> {
    let not_a_key = |reason: String| KeyError::NotAKey { path: path.to_owned(), reason };
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
    if let Ok(key) = p256::ecdsa::SigningKey::from_pkcs8_der(plain.as_bytes()) {
        return Ok(SigningKey::P256(key));
    }
    if let Ok(key) = p384::ecdsa::SigningKey::from_pkcs8_der(plain.as_bytes()) {
        return Ok(SigningKey::P384(key));
    }
    match PrivateKeyInfoRef::try_from(plain.as_bytes()) {
        Ok(info) => Err(KeyError::Algorithm { path: path.to_owned(), algorithm: info.algorithm.oid.to_string() }),
        // One wrong passphrase in 256 still gives a plausible padding.
        Err(_) => Err(KeyError::WrongPassphrase { path: path.to_owned() }),
    }
}

/// The text of a small file, checked and read through one descriptor.
fn read_small(path: &Path, secret: bool) -> Result<String, KeyError> {
    let failed = |source| KeyError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.len() > LARGEST {
        return Err(KeyError::TooLarge { path: path.to_owned(), limit: LARGEST });
    }
    if secret {
        refuse_readable_by_others(path, &metadata)?;
    }
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

#[cfg(unix)]
fn refuse_readable_by_others(path: &Path, metadata: &std::fs::Metadata) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o7777;
    let by_others = mode & 0o077;
    if by_others == 0 { Ok(()) } else { Err(KeyError::Permissions { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_readable_by_others(_: &Path, _: &std::fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), KeyError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
        _ => KeyError::Write { path: path.to_owned(), source },
    };
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)
}

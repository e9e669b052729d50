//! Why a bundle could not be sealed or a key not be used. Each message says where and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use crate::bundle::fault::{Fault, Lang};
use crate::disk;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    #[error("{path}: cannot be read for sealing: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: is not a regular file; only regular files are sealed")]
    NotAFile { path: PathBuf },
    #[error("{path}: changed while it was being sealed; nothing was written. Run again once it is at rest")]
    Changed { path: PathBuf },
    #[error("{path}: the bundle could not be written: {source}; nothing was left behind{}", disk::hint(source))]
    Write { path: PathBuf, source: io::Error },
    /// From the ZIP writer, which does not know the path; [`SealError::at`] adds it.
    #[error("the bundle could not be written: {0}")]
    Output(#[from] io::Error),
    #[error("{path}: already exists; a sealed bundle is never overwritten. Choose another name or move it away")]
    Exists { path: PathBuf },
    #[error("{name:?}: not a name for a bundle: letters, digits, '.', '-' and '_' only, since people type it in a shell")]
    BundleName { name: String },
    #[error("payload file refused: {}; rename it", .0.text(Lang::En))]
    EntryName(Fault),
    #[error("{path}: this name is written by the seal itself; leave it out")]
    Reserved { path: String },
    #[error("{count} files: a bundle holds at most {limit}; pack raw captures into fewer files")]
    TooMany { count: usize, limit: usize },
    #[error("bag-info {label:?}: {problem}")]
    BagInfo { label: String, problem: &'static str },
    #[error("bundle sequence {seq}: {problem}")]
    Chain { seq: u64, problem: &'static str },
    #[error("the instant {0} cannot be written in a signature (from 1970 to 9999)")]
    Instant(jiff::Timestamp),
    #[error("the signature could not be made: {0}")]
    Signature(String),
    #[error(
        "no time-stamp was obtained, so nothing was sealed: {why}. Try again later, add another [[signing.tsa]], or say level = \"B\" in [signing] to seal without"
    )]
    TimeStamp { why: String },
    #[error("{path}: was not renewed and is as it was: {why}")]
    NotExtended { path: PathBuf, why: String },
    #[error("revocation data is missing, so nothing was sealed: {}. List the revocation lists of the signer's and the time-stamping authorities' issuers in [signing] crl, or say level = \"T\"", .0.text(Lang::En))]
    Revocation(Fault),
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl SealError {
    /// Names the bundle in errors of its output.
    #[must_use]
    pub fn at(self, bundle: &Path) -> Self {
        match self {
            Self::Output(source) => Self::Write { path: bundle.to_owned(), source },
            other => other,
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    #[error("{path}: cannot be read: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: could not be written: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("{path}: already exists; a key is never overwritten. Move it away or choose another name")]
    Exists { path: PathBuf },
    #[error(
        "{path}: readable by others than its owner (mode {mode:04o}); the key may be known. If it is not, run: chmod 600 {path}"
    )]
    Permissions { path: PathBuf, mode: u32 },
    #[error(
        "{path}: others than its owner may write in this folder (mode {mode:04o}) and so put another key in the place of yours. Run: chmod go-w {path}"
    )]
    FolderPermissions { path: PathBuf, mode: u32 },
    #[error("{path}: larger than any key or certificate file ({limit} bytes)")]
    TooLarge { path: PathBuf, limit: u64 },
    #[error(
        "{path}: the private key is not encrypted. Encrypt it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in {path} -out encrypted.pem"
    )]
    NotEncrypted { path: PathBuf },
    #[error("{path}: holds no encrypted PKCS#8 private key in PEM (BEGIN ENCRYPTED PRIVATE KEY): {reason}")]
    NotAKey { path: PathBuf, reason: String },
    #[error("{path}: wrong passphrase (or a damaged key file)")]
    WrongPassphrase { path: PathBuf },
    #[error("{path}: needs its passphrase, and it may not be empty")]
    NoPassphrase { path: PathBuf },
    #[error("{place}: only ECDSA keys on P-256 or P-384 and RSA keys of 3072 to 4096 bits can seal; this one is {algorithm}")]
    Algorithm { place: String, algorithm: String },
    #[error("{place}: an RSA key of {bits} bits; one that seals has 3072 to 4096")]
    RsaSize { place: String, bits: usize },
    #[error("{path}: cannot be read as a PKCS#12 file: {reason}")]
    Pkcs12 { path: PathBuf, reason: String },
    #[error("{token}: {reason}")]
    Token { token: String, reason: String },
    #[error("subject `{subject}`: {reason}; write it as CN=Evidence seal,O=Organisation,C=FR (RFC 4514)")]
    Subject { subject: String, reason: String },
    #[error(
        "{path}: no certificate of the key {key} is in what was given: it was issued for another key, or only the authority's is there"
    )]
    NotIssued { path: PathBuf, key: String },
    #[error("{path}: the certificate is of this key but cannot seal: {reason}")]
    NotForSealing { path: PathBuf, reason: String },
    #[error("the key did not sign: {0}")]
    Signature(String),
    #[error("{path}: holds no certificate in PEM (BEGIN CERTIFICATE): {reason}")]
    NotACertificate { path: PathBuf, reason: String },
    #[error("{path}: holds no certificate revocation list (DER, or PEM with BEGIN X509 CRL): {reason}")]
    NotACrl { path: PathBuf, reason: String },
    #[error("{path}: holds no certificate of the key {key}")]
    Mismatch { path: PathBuf, key: PathBuf },
    #[error("the passphrase is shorter than {0} characters; choose a longer one")]
    ShortPassphrase(usize),
    #[error("the system gave no random bytes: {0}")]
    Random(io::Error),
    #[error("the certificate's validity ends at {end}, not after its start at {start}")]
    Validity { start: jiff::Timestamp, end: jiff::Timestamp },
    #[error("organisation name {0:?}: a certificate takes 1 to 64 characters there, none of them a control character")]
    Organisation(String),
    #[error("the certificate could not be made: {0}")]
    Build(String),
}

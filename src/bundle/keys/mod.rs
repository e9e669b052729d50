//! Seal keys: where they lie, who may read them, and the certificates that speak for them.
//!
//! Three places: an encrypted PKCS#8 file with its certificate beside it, a PKCS#12 file that holds both, and a PKCS#11 token (smart
//! card, HSM) that the key never leaves. Whatever the place, what comes out is a [`Signer`], and the rest of the bundle asks no more.
//!
//! ```text
//! file ─ who may read ─┬─ pkcs8 ──┐
//!                      ├─ pkcs12 ─┼─► signing_key ─► Signer, request
//! token, token_search ─┴──────────┘
//! certificates ─ chain of a key    create, rotate, issued ─ life of a key    standing ─ until when
//! ```

mod create;
pub(in crate::bundle) mod file;
mod issued;
mod pkcs12;
mod pkcs8;
mod profile;
mod request;
mod rotate;
pub mod signer;
pub(crate) mod signing_key;
mod standing;
mod token;
mod token_search;

use std::io;
use std::path::PathBuf;

use secrecy::SecretString;
use x509_cert::Certificate;

pub(crate) use create::draw;
pub use create::{Curve, KeyRequest, NewKey, create_key};
pub use issued::{Issued, issued};
pub use pkcs8::load_signer;
pub use request::{certificate_request, default_subject};
pub use rotate::{Retired, former_certificates, rotate};
pub use signing_key::KeyKind;
pub use standing::{Expiry, KeyTrust, Standing};
pub use token::TokenSource;

use crate::bundle::certificates::files;
use crate::bundle::certificates::fingerprint;
use crate::bundle::error::KeyError;
use crate::bundle::keys::signer::Signer;
use signing_key::SigningKey;

/// Fills a buffer with random bytes from the system, or with known ones in a test.
pub type Random<'r> = &'r mut dyn FnMut(&mut [u8]) -> io::Result<()>;

/// Where the seal key lies.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// PKCS#8 in PEM, encrypted, and its certificates in PEM.
    File { key: PathBuf, certificate: PathBuf },
    /// Key and certificates in one PKCS#12 file.
    Pkcs12(PathBuf),
    /// On a smart card or in an HSM.
    Token(TokenSource),
}

impl KeySource {
    /// Opens the key with its passphrase or PIN, and finds its certificates.
    pub fn signer(&self, secret: &SecretString) -> Result<Signer, KeyError> {
        match self {
            Self::File { key, certificate } => load_signer(key, certificate, secret),
            Self::Pkcs12(path) => pkcs12::open(path, secret),
            Self::Token(source) => {
                let (key, certificates) = token::open(source, secret)?;
                if certificates.is_empty() {
                    return Err(source.fault(token::NO_CERTIFICATE));
                }
                signer(key, certificates)
            }
        }
    }

    /// Opens the key alone: to ask for a certificate, or to see whether one is its own.
    fn key(&self, secret: &SecretString) -> Result<SigningKey, KeyError> {
        match self {
            Self::File { key, .. } => pkcs8::load_key(key, secret),
            Self::Pkcs12(path) => Ok(pkcs12::open(path, secret)?.key),
            Self::Token(source) => Ok(token::open(source, secret)?.0),
        }
    }

    /// What is public about the key. Only a PKCS#12 file needs its passphrase for that.
    pub fn standing(&self, secret: Option<&SecretString>) -> Result<Standing, KeyError> {
        let certificates = match (self, secret) {
            (Self::File { certificate, .. }, _) => files::read(certificate)?,
            (Self::Pkcs12(path), Some(secret)) => pkcs12::open(path, secret)?.certificates,
            (Self::Pkcs12(path), None) => return Err(KeyError::NoPassphrase { path: path.clone() }),
            (Self::Token(source), _) => token::public_certificates(source)?,
        };
        Standing::of(&certificates)
    }

    /// Whether [`Self::standing`] can do without the secret.
    #[must_use]
    pub fn is_shown_without_secret(&self) -> bool {
        !matches!(self, Self::Pkcs12(_))
    }

    /// In error messages and on screens.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::File { key, .. } => key.display().to_string(),
            Self::Pkcs12(path) => path.display().to_string(),
            Self::Token(source) => source.to_string(),
        }
    }
}

/// A key with certificates already known to be its own.
fn signer(key: SigningKey, certificates: Vec<Certificate>) -> Result<Signer, KeyError> {
    let build = |e: der::Error| KeyError::Build(e.to_string());
    let own = certificates.first().ok_or_else(|| KeyError::Build("no certificate".into()))?;
    let fingerprint = fingerprint(own).map_err(build)?;
    Ok(Signer { key, certificates, fingerprint })
}

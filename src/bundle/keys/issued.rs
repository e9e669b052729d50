//! A certificate that came back from an authority: is it the one of this key, may it seal, does its chain hold? Then its PEM is what
//! goes beside the key.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::file::{replace, write_new};
use super::standing::{Expiry, Standing};
use super::{KeySource, rotate};
use crate::bundle::certificates::files::{self, chain_of, to_pem};
use crate::bundle::certificates::usage::{Purpose, check_leaf};
use crate::bundle::error::KeyError;

/// Certificates found good for a key, not yet in place.
#[derive(Debug)]
pub struct Issued {
    pub standing: Standing,
    pem: String,
}

/// Looks for the certificate of the key of `source` in `files`, with those that lead on from it.
pub fn issued(source: &KeySource, secret: &SecretString, files: &[PathBuf], now: jiff::Timestamp) -> Result<Issued, KeyError> {
    let mut pool = vec![];
    for file in files {
        pool.extend(files::read(file)?);
    }
    let key = source.key(secret)?;
    let chain = chain_of(&key.public().map_err(|e| KeyError::Build(e.to_string()))?, pool);
    let path = files.first().cloned().unwrap_or_default();
    let Some(own) = chain.first() else { return Err(KeyError::NotIssued { path, key: source.place() }) };
    let standing = Standing::of(&chain)?;
    let refuse = |reason: String| KeyError::NotForSealing { path: path.clone(), reason };
    check_leaf(own, Purpose::Seal)
        .map_err(|_fault| refuse("its keyUsage allows neither digitalSignature nor nonRepudiation".into()))?;
    match standing.expiry(now) {
        Expiry::Expired { .. } => Err(refuse(format!("it expired on {}", standing.not_after))),
        Expiry::NotYet => Err(refuse(format!("it is not valid before {}", standing.not_before))),
        Expiry::Fine { .. } | Expiry::Soon { .. } => Ok(Issued { pem: to_pem(&chain)?, standing }),
    }
}

impl Issued {
    /// Puts the certificates in the place of `certificate`. What was there is kept among the old ones; its new path is returned.
    pub fn install(&self, certificate: &Path) -> Result<Option<PathBuf>, KeyError> {
        if !certificate.exists() {
            write_new(certificate, self.pem.as_bytes(), 0o644)?;
            return Ok(None);
        }
        let kept = rotate::keep_certificate(certificate)?;
        replace(certificate, self.pem.as_bytes(), 0o644)?;
        Ok(Some(kept))
    }
}

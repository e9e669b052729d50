//! A new key in the place of the old one. Old bundles stay valid: each carries its certificate, which is kept here too for whoever has
//! to trust it. Stopped at any instant, the files in place still make a pair.

use std::io;
use std::path::{Path, PathBuf};

use super::create::NewKey;
use super::file::{read_public, read_secret, replace, sync_folder, write_new};
use crate::bundle::certificates::files;
use crate::bundle::certificates::fingerprint;
use crate::bundle::error::KeyError;

/// Folder of former keys and certificates, beside the present ones.
const OLD: &str = "old";
/// Of the certificate's SHA-256, in hexadecimal digits: enough to tell a few dozen apart.
const SHORT: usize = 8;

/// Where the former key and certificate are now.
#[derive(Debug)]
pub struct Retired {
    pub key: PathBuf,
    pub certificate: PathBuf,
    /// SHA-256 of the former certificate.
    pub fingerprint: String,
}

/// Replaces the key and certificate at these paths. The former key need not be opened: its passphrase may be what was lost.
pub fn rotate(new: &NewKey, key: &Path, certificate: &Path) -> Result<Retired, KeyError> {
    let fingerprint = first_fingerprint(certificate)?;
    let former_certificate = read_public(certificate)?;
    let retired = Retired {
        certificate: keep(certificate, &former_certificate, &fingerprint, 0o644)?,
        key: keep(key, &read_secret(key)?, &fingerprint, 0o600)?,
        fingerprint,
    };
    // Whichever key is found at its place meanwhile, its certificate is in this file: a key's own is looked for, not the first.
    let both = [new.certificate_pem.as_bytes(), b"\n", &former_certificate].concat();
    replace(certificate, &both, 0o644)?;
    replace(key, new.key_pem.as_bytes(), 0o600)?;
    replace(certificate, new.certificate_pem.as_bytes(), 0o644)?;
    Ok(retired)
}

/// Copies a certificate file among the old ones.
pub(super) fn keep_certificate(certificate: &Path) -> Result<PathBuf, KeyError> {
    keep(certificate, &read_public(certificate)?, &first_fingerprint(certificate)?, 0o644)
}

/// The certificate files that were in the place of `certificate`, by name.
pub fn former_certificates(certificate: &Path) -> Result<Vec<PathBuf>, KeyError> {
    let folder = certificate.parent().unwrap_or(Path::new("")).join(OLD);
    let name = certificate.file_name().map(|name| format!("-{}", name.to_string_lossy())).unwrap_or_default();
    let failed = |source| KeyError::Read { path: folder.clone(), source };
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        entries => entries.map_err(failed)?,
    };
    let mut found = vec![];
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.file_name().is_some_and(|file| file.to_string_lossy().ends_with(&name)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn first_fingerprint(certificate: &Path) -> Result<String, KeyError> {
    let certificates = files::read(certificate)?;
    let first = certificates.first().ok_or_else(|| KeyError::Build("no certificate".into()))?;
    fingerprint(first).map_err(|e| KeyError::Build(e.to_string()))
}

/// Copies a file to `old/`, under a name that says which certificate it went with.
fn keep(path: &Path, content: &[u8], fingerprint: &str, mode: u32) -> Result<PathBuf, KeyError> {
    let short: String = fingerprint.chars().filter(char::is_ascii_hexdigit).take(SHORT).collect();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new("")).join(OLD);
    let kept = folder.join(format!("{}-{name}", short.to_ascii_lowercase()));
    let failed = |source| KeyError::Write { path: kept.clone(), source };
    make_folder(&folder).map_err(failed)?;
    // Under this name from an earlier run that was stopped: the same file.
    match write_new(&kept, content, mode) {
        Ok(()) | Err(KeyError::Exists { .. }) => {}
        Err(other) => return Err(other),
    }
    sync_folder(&kept).map_err(failed)?;
    Ok(kept)
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

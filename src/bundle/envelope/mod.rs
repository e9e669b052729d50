//! The bundle under encryption, for the certificates of those who may read it: CMS `EnvelopedData` (RFC 5652, 6) with AES-256-CBC,
//! which `openssl cms -decrypt` opens. Written in one pass and constant memory, whatever the size.
//!
//! The envelope hides; it proves nothing. What is inside is signed, and is verified once it is out.

mod cipher;
mod header;
mod recipient;

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

pub use recipient::Recipient;

use super::{SealError, read_at::ReadAt};
use crate::bundle::error::KeyError;
use crate::bundle::keys::Random;
use crate::bundle::partial::Partial;
use cipher::{BLOCK, Encryptor};

/// Ending of an envelope's name.
pub const EXTENSION: &str = ".p7m";
/// Bytes of a bundle in one envelope. OpenSSL holds a whole CMS file in memory and refuses more than 1.5 GiB (`LIMIT_BEFORE_EXPANSION`
/// in crypto/buffer/buffer.c), so a larger bundle becomes several envelopes, whose contents are joined again.
pub const PART: u64 = 1 << 30;
/// Bytes read, encrypted and written at a time; a multiple of the block.
const CHUNK: usize = 1 << 18;
/// DER of the OID id-envelopedData: what tells such a file, a few bytes after its start.
const ENVELOPED_DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03];

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("{path}: {reason}")]
    Recipient { path: PathBuf, reason: String },
    #[error("{path}: cannot be read for encryption: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: changed while it was being encrypted; nothing was written. Run again once it is at rest")]
    Changed { path: PathBuf },
    #[error(transparent)]
    Write(#[from] SealError),
    #[error("the envelope could not be made: {0}")]
    Build(String),
}

/// One envelope to write: a stretch of the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// File name of the envelope.
    pub name: String,
    offset: u64,
    bytes: u64,
}

/// How a bundle of so many bytes is divided: one envelope, unless it is larger than `limit`.
#[must_use]
pub fn parts(bundle: &str, bytes: u64, limit: u64) -> Vec<Part> {
    if bytes <= limit {
        return vec![Part { name: format!("{bundle}{EXTENSION}"), offset: 0, bytes }];
    }
    let count = bytes.div_ceil(limit);
    // As many digits as keep the names in order.
    let digits = count.to_string().len().max(2);
    (0..count)
        .map(|at| Part {
            name: format!("{bundle}.{:0digits$}{EXTENSION}", at + 1),
            offset: at * limit,
            bytes: limit.min(bytes - at * limit),
        })
        .collect()
}

/// Encrypts one part of `bundle` to `destination`, which must not exist. On any error nothing is left there.
pub fn encrypt(
    bundle: &Path,
    part: &Part,
    recipients: &[Recipient],
    random: Random<'_>,
    destination: &Path,
) -> Result<(), EnvelopeError> {
    let read = |source| EnvelopeError::Read { path: bundle.to_owned(), source };
    let (mut key, mut iv) = (Zeroizing::new([0_u8; 32]), [0_u8; 16]);
    random(key.as_mut_slice()).and_then(|()| random(&mut iv)).map_err(KeyError::Random)?;
    let infos = recipients.iter().map(|recipient| recipient.info(&key, random)).collect::<Result<Vec<_>, _>>()?;
    let length = (part.bytes / BLOCK as u64 + 1) * BLOCK as u64;
    let header = header::header(infos, &iv, length).map_err(|e| EnvelopeError::Build(e.to_string()))?;
    let mut source = File::open(bundle).map_err(read)?;
    io::Seek::seek(&mut source, io::SeekFrom::Start(part.offset)).map_err(read)?;
    let (partial, file) = Partial::create(destination)?;
    let written = |source| SealError::Write { path: destination.to_owned(), source };
    (&file).write_all(&header).map_err(written)?;
    let mut encryptor = Encryptor::new(&key, &iv);
    let mut left = part.bytes;
    let mut buffer = Zeroizing::new(vec![0; CHUNK + BLOCK]);
    loop {
        let wanted = CHUNK.min(usize::try_from(left).unwrap_or(CHUNK));
        let Some(plain) = buffer.get_mut(..wanted) else { return Err(EnvelopeError::Build("buffer".into())) };
        source.read_exact(plain).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => EnvelopeError::Changed { path: bundle.to_owned() },
            _ => read(error),
        })?;
        left -= wanted as u64;
        let coded = encryptor.encrypt(&mut buffer, wanted, left == 0);
        (&file).write_all(coded).map_err(written)?;
        if left == 0 {
            break;
        }
    }
    file.sync_all().map_err(written)?;
    Ok(partial.commit()?)
}

/// Whether a file is such an envelope, by its first bytes.
#[must_use]
pub fn is_envelope<S: ReadAt + ?Sized>(source: &S) -> bool {
    /// A tag and the longest length before the OID.
    const BEFORE: usize = 10;
    let length = source.len().unwrap_or_default();
    let window = usize::try_from(length).unwrap_or(usize::MAX).min(BEFORE + ENVELOPED_DATA.len());
    source.bytes_at(0, window).is_ok_and(|bytes| {
        bytes.first() == Some(&0x30) && bytes.windows(ENVELOPED_DATA.len()).any(|window| window == ENVELOPED_DATA)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_large_bundle_is_divided_without_a_gap() {
        assert_eq!(parts("a.asice", 5, 5), [Part { name: "a.asice.p7m".into(), offset: 0, bytes: 5 }]);
        let divided = parts("a.asice", 11, 5);
        let names: Vec<&str> = divided.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["a.asice.01.p7m", "a.asice.02.p7m", "a.asice.03.p7m"]);
        assert_eq!(divided.iter().map(|part| (part.offset, part.bytes)).collect::<Vec<_>>(), [(0, 5), (5, 5), (10, 1)]);
        assert_eq!(parts("a", 1000, 1).last().unwrap().name, "a.1000.p7m");
    }
}

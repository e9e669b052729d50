//! What an entry of the payload is made of, opened and read the same way wherever it lies.

use std::io::{self, Read as _, Write};

use sha2::{Digest as _, Sha256};

use crate::bundle::digest::Digest;
use crate::bundle::error::SealError;
use crate::bundle::pinned::{Pinned, Planned};

/// Bytes read at a time: still in the processor's cache when they are hashed.
const CHUNK: usize = 1 << 17;

/// The content of one entry; its size is known before it is read.
#[derive(Debug)]
pub enum Content<'r> {
    Bytes(&'r [u8]),
    Text(String),
    File(Planned),
}

impl Content<'_> {
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Text(text) => text.len() as u64,
            Self::File(planned) => planned.size,
        }
    }

    pub(super) fn open(&self) -> Result<Reading<'_>, SealError> {
        Ok(match self {
            Self::Bytes(bytes) => Reading::Memory(bytes),
            Self::Text(text) => Reading::Memory(text.as_bytes()),
            Self::File(planned) => Reading::File(planned.open()?),
        })
    }

    /// Writes all of it; its digest.
    pub(super) fn copy(&self, to: &mut impl Write) -> Result<Digest, SealError> {
        let (mut reading, mut left) = (self.open()?, self.size());
        let (mut hasher, mut buffer) = (Sha256::new(), vec![0; CHUNK]);
        while left > 0 {
            buffer.truncate(usize::try_from(left).unwrap_or(CHUNK));
            reading.fill(&mut buffer, &mut |chunk| hasher.update(chunk))?;
            to.write_all(&buffer)?;
            left -= buffer.len() as u64;
        }
        reading.check_ended()?;
        Ok(hasher.finalize().into())
    }

    /// The error for a content that was another when it was read again.
    pub(super) fn changed(&self) -> SealError {
        match self {
            Self::File(planned) => planned.changed(),
            Self::Bytes(_) | Self::Text(_) => io::Error::other("memory changed while it was read").into(),
        }
    }
}

/// A content on its way in.
pub(super) enum Reading<'r> {
    /// What is left of it.
    Memory(&'r [u8]),
    File(Pinned),
}

impl Reading<'_> {
    /// Fills `buffer` with the bytes that come next, and shows them; an error if there are fewer.
    pub(super) fn fill(&mut self, mut buffer: &mut [u8], seen: &mut dyn FnMut(&[u8])) -> Result<(), SealError> {
        while !buffer.is_empty() {
            let (chunk, rest) = buffer.split_at_mut(buffer.len().min(CHUNK));
            match self {
                Self::File(file) => file.read_exact(chunk)?,
                Self::Memory(left) => left.read_exact(chunk)?,
            }
            seen(chunk);
            buffer = rest;
        }
        Ok(())
    }

    /// After the last byte that was planned: that nothing follows, and that the file is still the one that was planned.
    pub(super) fn check_ended(&mut self) -> Result<(), SealError> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::File(file) => file.check_ended(),
        }
    }
}

//! A place that keeps objects under names and never overwrites one: a folder, or a bucket of an S3-compatible store.
//!
//! What the local store does with rename and lock is done here with one operation that both places have: creating a name that must
//! not exist yet.

pub mod bucket;
pub mod folder;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::digest;

/// Bytes of an object, from memory or from a file.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    Bytes(&'a [u8]),
    File(&'a Path),
}

/// What became of a new object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    Stored,
    /// The name exists already; nothing was changed.
    Taken,
}

/// What became of an object that was to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    Gone,
    /// The place keeps it, for the reason given: a lock, a right, older versions.
    Retained(String),
}

#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    #[error("{place}: {message}")]
    Place { place: String, message: String },
    #[error("{}: {source}", path.display())]
    Local { path: PathBuf, source: io::Error },
}

/// Names have `/` between their parts and neither `.` nor `..`.
pub trait Backend: Debug {
    /// Where this is, for people.
    fn place(&self) -> &str;

    /// Names directly inside a folder, with their sizes.
    fn list(&self, folder: &str) -> Result<BTreeMap<String, u64>, BackendError>;

    /// The same, with the instants since which they have been there.
    fn ages(&self, folder: &str) -> Result<BTreeMap<String, Timestamp>, BackendError>;

    /// A small object, of `limit` bytes at most; `None` when there is none of this name.
    fn get(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, BackendError>;

    /// Copies an object of any size; whether it was there.
    fn copy_to(&self, name: &str, to: &mut dyn Write) -> Result<bool, BackendError>;

    /// Removes from a folder what copies that were stopped left there. A place where nothing half-made ever shows has nothing to do.
    fn tidy(&self, _folder: &str) -> Result<(), BackendError> {
        Ok(())
    }

    /// Creates an object, whole and durable, unless the name is taken.
    fn put_new(&self, name: &str, content: Content<'_>) -> Result<Put, BackendError>;

    /// Removes an object. One that is not there is gone.
    fn remove(&self, name: &str) -> Result<Removed, BackendError>;
}

/// Digest of an object; `None` when there is none of this name.
pub fn digest_of(backend: &dyn Backend, name: &str) -> Result<Option<String>, BackendError> {
    struct Digesting(Sha256);
    impl Write for Digesting {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut digesting = Digesting(Sha256::new());
    let found = backend.copy_to(name, &mut digesting)?;
    Ok(found.then(|| digest::text(&digesting.0.finalize())))
}

impl Content<'_> {
    /// Opens it for reading, with its length.
    fn open(&self) -> Result<(Box<dyn Read + '_>, u64), BackendError> {
        match self {
            Self::Bytes(bytes) => Ok((Box::new(*bytes), bytes.len() as u64)),
            Self::File(path) => {
                let file = std::fs::File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
                let (length, file) = file.map_err(|source| BackendError::Local { path: (*path).to_owned(), source })?;
                Ok((Box::new(file), length))
            }
        }
    }
}

//! Writing outputs for people: whole or not there, readable by their owner only.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::disk;
use crate::store::{atomic, digest, temporary};

/// An output could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{} could not be written: {source}{}", path.display(), disk::hint(source))]
pub struct OutputError {
    pub path: PathBuf,
    pub source: io::Error,
}

/// Writes one file below a folder that is made if need be.
pub fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, OutputError> {
    let path = folder.join(name);
    let parent = path.parent().unwrap_or(folder);
    atomic::folder(parent)
        .and_then(|()| atomic::write(&path, bytes))
        .map_err(|source| OutputError { path: path.clone(), source })?;
    Ok(path)
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// Writes one file below a folder as it is made, without holding it in memory: whole, or not there.
pub fn write_with<E: From<OutputError>>(
    folder: &Path,
    name: &str,
    make: impl FnOnce(&mut Hashed) -> Result<(), E>,
) -> Result<Written, E> {
    let path = folder.join(name);
    let written = prepare_with(folder, name, make)?;
    atomic::publish(&temporary(&path), &path).map_err(|source| E::from(OutputError { path, source }))?;
    Ok(written)
}

/// The same up to its name: the file is whole and synced under its temporary one, for the store to announce.
pub fn prepare_with<E: From<OutputError>>(
    folder: &Path,
    name: &str,
    make: impl FnOnce(&mut Hashed) -> Result<(), E>,
) -> Result<Written, E> {
    let path = folder.join(name);
    let failed = |source| E::from(OutputError { path: path.clone(), source });
    let temporary = temporary(&path);
    atomic::folder(path.parent().unwrap_or(folder)).map_err(failed)?;
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _gone => {}
    }
    let file = atomic::create(&temporary).map_err(failed)?;
    let mut out = Hashed { file: BufWriter::with_capacity(1 << 16, file), hasher: Sha256::new(), bytes: 0 };
    make(&mut out)?;
    let Hashed { file, hasher, bytes } = out;
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(Written { bytes, sha256: digest::text(&hasher.finalize()) })
}

/// A file that is digested as it is written.
#[derive(Debug)]
pub struct Hashed {
    file: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.hasher.update(buffer.get(..written).unwrap_or(buffer));
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

//! Writing outputs for people: whole or not there, readable by their owner only.

use std::io;
use std::path::{Path, PathBuf};

use crate::store::atomic;

/// An output could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{} could not be written: {source}{}", path.display(), if source.kind() == io::ErrorKind::StorageFull { ". The disk is full: free some space and run the same command again" } else { "" })]
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

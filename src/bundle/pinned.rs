//! A payload file that must stay the same from the moment it is planned until its last byte is copied in.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::bundle::error::SealError;

/// What a file looked like when the bundle was planned (its size is written before its content is read).
#[derive(Clone, Debug)]
pub struct Planned {
    path: PathBuf,
    pub size: u64,
    modified: SystemTime,
}

impl Planned {
    pub fn new(path: &Path) -> Result<Self, SealError> {
        let metadata = std::fs::symlink_metadata(path).map_err(|source| read(path, source))?;
        if !metadata.is_file() {
            return Err(SealError::NotAFile { path: path.to_owned() });
        }
        let modified = metadata.modified().map_err(|source| read(path, source))?;
        Ok(Self { path: path.to_owned(), size: metadata.len(), modified })
    }

    pub fn open(&self) -> Result<Pinned, SealError> {
        let file = File::open(&self.path).map_err(|source| read(&self.path, source))?;
        let pinned = Pinned { planned: self.clone(), file };
        pinned.check_unchanged()?;
        Ok(pinned)
    }
}

/// The file, opened once.
#[derive(Debug)]
pub struct Pinned {
    planned: Planned,
    file: File,
}

impl Pinned {
    /// Size and modification time, on the open descriptor.
    pub fn check_unchanged(&self) -> Result<(), SealError> {
        let metadata = self.file.metadata().map_err(|source| self.error(source))?;
        let modified = metadata.modified().map_err(|source| self.error(source))?;
        if !metadata.is_file() || metadata.len() != self.planned.size || modified != self.planned.modified {
            return Err(self.changed());
        }
        Ok(())
    }

    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, SealError> {
        loop {
            match self.file.read(buffer) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => return other.map_err(|source| self.error(source)),
            }
        }
    }

    /// The whole file; the caller has looked at its size.
    pub fn read_all(&mut self) -> Result<Vec<u8>, SealError> {
        let mut bytes = Vec::new();
        let limit = self.planned.size.saturating_add(1);
        (&mut self.file).take(limit).read_to_end(&mut bytes).map_err(|source| read(&self.planned.path, source))?;
        if bytes.len() as u64 != self.planned.size {
            return Err(self.changed());
        }
        Ok(bytes)
    }

    pub fn rewind(&mut self) -> Result<(), SealError> {
        self.file.rewind().map_err(|source| read(&self.planned.path, source))
    }

    #[must_use]
    pub fn changed(&self) -> SealError {
        SealError::Changed { path: self.planned.path.clone() }
    }

    #[must_use]
    pub fn size(&self) -> u64 {
        self.planned.size
    }

    fn error(&self, source: io::Error) -> SealError {
        read(&self.planned.path, source)
    }
}

fn read(path: &Path, source: io::Error) -> SealError {
    SealError::Read { path: path.to_owned(), source }
}

//! A payload file that must stay the same from the moment it is planned until its last byte is copied in.

use std::fs::File;
use std::io::{self, Read as _};
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

    #[must_use]
    pub fn changed(&self) -> SealError {
        SealError::Changed { path: self.path.clone() }
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
            return Err(self.planned.changed());
        }
        Ok(())
    }

    /// The next bytes; a file that has become shorter has changed.
    pub fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), SealError> {
        self.file.read_exact(buffer).map_err(|source| match source.kind() {
            io::ErrorKind::UnexpectedEof => self.planned.changed(),
            _ => self.error(source),
        })
    }

    /// After the last byte that was planned: nothing follows, and the file is still the one that was planned.
    pub fn check_ended(&mut self) -> Result<(), SealError> {
        match self.file.read_exact(&mut [0]) {
            Ok(()) => Err(self.planned.changed()),
            Err(source) if source.kind() == io::ErrorKind::UnexpectedEof => self.check_unchanged(),
            Err(source) => Err(self.error(source)),
        }
    }

    fn error(&self, source: io::Error) -> SealError {
        read(&self.planned.path, source)
    }
}

fn read(path: &Path, source: io::Error) -> SealError {
    SealError::Read { path: path.to_owned(), source }
}

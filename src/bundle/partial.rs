//! A file that is whole or absent: written under another name in the same folder, synced, renamed, folder synced.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::bundle::error::SealError;

#[derive(Debug)]
pub struct Partial {
    destination: PathBuf,
    temporary: PathBuf,
    replaces: bool,
    committed: bool,
}

impl Partial {
    /// An empty file, for its owner only. What a killed run left under the temporary name is replaced.
    pub fn create(destination: &Path) -> Result<(Self, File), SealError> {
        if fs::symlink_metadata(destination).is_ok() {
            return Err(SealError::Exists { path: destination.to_owned() });
        }
        Self::begin(destination, false)
    }

    /// The same for a file that takes the place of another, in one step.
    pub fn replace(destination: &Path) -> Result<(Self, File), SealError> {
        Self::begin(destination, true)
    }

    fn begin(destination: &Path, replaces: bool) -> Result<(Self, File), SealError> {
        let failed = |source| SealError::Write { path: destination.to_owned(), source };
        let name = destination.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(".partial");
        let temporary = destination.with_file_name(hidden);
        if let Err(e) = fs::remove_file(&temporary)
            && e.kind() != io::ErrorKind::NotFound
        {
            return Err(failed(e));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&temporary).map_err(failed)?;
        Ok((Self { destination: destination.to_owned(), temporary, replaces, committed: false }, file))
    }

    /// Gives the synced file its name.
    pub fn commit(mut self) -> Result<(), SealError> {
        let failed = |source| SealError::Write { path: self.destination.clone(), source };
        if !self.replaces && fs::symlink_metadata(&self.destination).is_ok() {
            return Err(SealError::Exists { path: self.destination.clone() });
        }
        fs::rename(&self.temporary, &self.destination).map_err(failed)?;
        sync_folder(&self.destination).map_err(failed)?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.committed {
            // Already failing: the error that led here is the one to report.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

#[cfg(unix)]
fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

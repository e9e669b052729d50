//! Files of keys and certificates: small, read through one descriptor, and for a secret one the owner's alone.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::bundle::error::KeyError;

/// Bytes; a chain of large certificates is far below.
const LARGEST: u64 = 1 << 20;

/// A file that anyone may read.
pub(in crate::bundle) fn read_public(path: &Path) -> Result<Vec<u8>, KeyError> {
    Ok(read(path, false)?.to_vec())
}

/// A file that nobody but its owner may read, in a folder where nobody else may replace it.
pub(super) fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    read(path, true)
}

fn read(path: &Path, secret: bool) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let failed = |source| KeyError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.len() > LARGEST {
        return Err(KeyError::TooLarge { path: path.to_owned(), limit: LARGEST });
    }
    if secret {
        refuse_others(path, &metadata)?;
    }
    // Room from the start: a vector that grows leaves copies of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1));
    file.take(LARGEST).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

#[cfg(unix)]
fn refuse_others(path: &Path, metadata: &Metadata) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    const STICKY: u32 = 0o1000;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Permissions { path: path.to_owned(), mode });
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let around = std::fs::metadata(folder).map_err(|source| KeyError::Read { path: folder.to_owned(), source })?;
    let mode = around.permissions().mode() & 0o7777;
    // In a sticky folder nobody renames or removes what is another's.
    if mode & 0o022 != 0 && mode & STICKY == 0 {
        return Err(KeyError::FolderPermissions { path: folder.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_others(_: &Path, _: &Metadata) -> Result<(), KeyError> {
    Ok(())
}

/// A new file, synced. One that is there already is never touched.
pub(super) fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), KeyError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
        _ => KeyError::Write { path: path.to_owned(), source },
    };
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)
}

/// Puts a new content in the place of an old one: readers see one or the other, never a half.
pub(super) fn replace(path: &Path, content: &[u8], mode: u32) -> Result<(), KeyError> {
    let failed = |source| KeyError::Write { path: path.to_owned(), source };
    let name = path.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?.to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.partial"));
    match std::fs::remove_file(&temporary) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(failed(source)),
        _gone => {}
    }
    write_new(&temporary, content, mode)?;
    std::fs::rename(&temporary, path).and_then(|()| sync_folder(path)).map_err(failed)
}

/// Makes the names beside `path` durable.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

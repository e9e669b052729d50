//! Writing that is either whole or not there: temporary name, fsync, rename, fsync of the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Start of every temporary name; what bears it after a crash was never promised to anyone.
pub const TEMPORARY: &str = ".tmp-";

/// Makes a folder and its parents, readable by the owner only (0700): the store holds personal data.
pub fn folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A new file, 0600, that must not exist yet.
pub fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).read(true).create_new(true).mode(0o600).open(path)
}

/// Makes the names inside a folder durable.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Gives a finished, synced file or folder its name, and makes that name durable.
pub fn publish(temporary: &Path, name: &Path) -> io::Result<()> {
    fs::rename(temporary, name)?;
    sync_folder(name.parent().unwrap_or(Path::new(".")))
}

/// Writes a whole small file.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = path.with_file_name(format!("{TEMPORARY}{name}"));
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _gone => {}
    }
    let mut file = create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    publish(&temporary, path)
}

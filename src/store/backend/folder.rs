//! A folder as a place of objects: another disk, a mounted share.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Backend, BackendError, Content, Put, Removed};
use crate::store::atomic;

#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    place: String,
}

impl Folder {
    /// A folder that may not be there yet. Its parent must: a share that is not mounted must not become a folder on this disk.
    pub fn open(root: &Path) -> Result<Self, BackendError> {
        let failed = |source| BackendError::Local { path: root.to_owned(), source };
        let parent = root.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let is_folder = if root.exists() { root.is_dir() } else { parent.is_dir() };
        if !is_folder {
            return Err(failed(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self { root: root.to_owned(), place: root.display().to_string() })
    }

    fn failed(path: &Path) -> impl Fn(io::Error) -> BackendError {
        move |source| BackendError::Local { path: path.to_owned(), source }
    }

    fn open_file(&self, name: &str) -> Result<Option<File>, BackendError> {
        let path = self.root.join(name);
        match File::open(&path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Self::failed(&path)(error)),
        }
    }
}

impl Backend for Folder {
    fn place(&self) -> &str {
        &self.place
    }

    fn list(&self, folder: &str) -> Result<BTreeMap<String, u64>, BackendError> {
        let path = self.root.join(folder);
        let failed = Self::failed(&path);
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            entries => entries.map_err(&failed)?,
        };
        let mut found = BTreeMap::new();
        for entry in entries {
            let entry = entry.map_err(&failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let metadata = entry.metadata().map_err(&failed)?;
            if metadata.is_file() && !name.starts_with(atomic::TEMPORARY) {
                found.insert(name, metadata.len());
            }
        }
        Ok(found)
    }

    fn ages(&self, folder: &str) -> Result<BTreeMap<String, Timestamp>, BackendError> {
        let names = self.list(folder)?.into_keys();
        let age = |name: String| {
            let path = self.root.join(folder).join(&name);
            let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
            let age = modified.and_then(|time| Timestamp::try_from(time).map_err(io::Error::other));
            age.map(|age| (name, age)).map_err(Self::failed(&path))
        };
        names.map(age).collect()
    }

    fn remove(&self, name: &str) -> Result<Removed, BackendError> {
        let path = self.root.join(name);
        match fs::remove_file(&path) {
            Ok(()) => Ok(Removed::Gone),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Removed::Gone),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Removed::Retained(error.to_string())),
            Err(error) => Err(Self::failed(&path)(error)),
        }
    }

    fn get(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, BackendError> {
        let Some(file) = self.open_file(name)? else { return Ok(None) };
        let mut bytes = vec![];
        file.take(limit).read_to_end(&mut bytes).map_err(Self::failed(&self.root.join(name)))?;
        Ok(Some(bytes))
    }

    fn copy_to(&self, name: &str, to: &mut dyn Write) -> Result<bool, BackendError> {
        let Some(mut file) = self.open_file(name)? else { return Ok(false) };
        io::copy(&mut file, to).map_err(Self::failed(&self.root.join(name)))?;
        Ok(true)
    }

    fn tidy(&self, folder: &str) -> Result<(), BackendError> {
        let path = self.root.join(folder);
        remove_left(&path).map_err(Self::failed(&path))
    }

    fn put_new(&self, name: &str, content: Content<'_>) -> Result<Put, BackendError> {
        let path = self.root.join(name);
        let failed = Self::failed(&path);
        if fs::symlink_metadata(&path).is_ok() {
            return Ok(Put::Taken);
        }
        let (mut from, _) = content.open()?;
        let folder = path.parent().unwrap_or(&self.root);
        atomic::folder(folder).map_err(&failed)?;
        // One name a process: two that copy at once do not write into each other's file.
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = folder.join(format!("{}{}-{file_name}", atomic::TEMPORARY, std::process::id()));
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _gone => {}
        }
        let mut file = atomic::create(&temporary).map_err(&failed)?;
        let written = io::copy(&mut from, &mut file).and_then(|_| file.sync_all());
        let put = written.and_then(|()| claim(&temporary, &path));
        // Whatever came of it, the temporary name is not needed any more.
        let removed = fs::remove_file(&temporary);
        let put = put.map_err(&failed)?;
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _gone => {}
        }
        atomic::sync_folder(folder).map_err(&failed)?;
        Ok(put)
    }
}

/// Removes the files of processes that are no more. One that still runs may be writing its own.
fn remove_left(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(atomic::TEMPORARY).and_then(|rest| rest.split_once('-')).map(|(process, _)| process);
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Gives a finished file its name if nobody has it. A hard link fails when the name exists; where links are not to be had (vfat, some
/// shares), a look before the rename has to do.
fn claim(temporary: &Path, name: &Path) -> io::Result<Put> {
    match fs::hard_link(temporary, name) {
        Ok(()) => Ok(Put::Stored),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Put::Taken),
        Err(_) if fs::symlink_metadata(name).is_ok() => Ok(Put::Taken),
        Err(_) => fs::rename(temporary, name).map(|()| Put::Stored),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::store::backend::digest_of;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn an_object_is_created_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let place = Folder::open(&folder.path().join("mirror")).unwrap();
        assert_eq!(place.list("bundles").unwrap(), BTreeMap::new());
        assert_eq!(place.put_new("bundles/a", Content::Bytes(b"first")).unwrap(), Put::Stored);
        assert_eq!(place.put_new("bundles/a", Content::Bytes(b"other")).unwrap(), Put::Taken);
        assert_eq!(place.get("bundles/a", 3).unwrap().unwrap(), b"fir");
        assert_eq!(place.get("bundles/b", 3).unwrap(), None);
        assert_eq!(digest_of(&place, "bundles/a").unwrap(), Some(crate::store::digest::hex(b"first")));
        assert_eq!(place.list("bundles").unwrap(), BTreeMap::from([("a".into(), 5)]));
        let path = folder.path().join("mirror/bundles");
        assert_eq!(fs::metadata(path.join("a")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn what_a_stopped_copy_left_goes_and_what_a_running_one_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let place = Folder::open(folder.path()).unwrap();
        place.tidy("bundles").unwrap();
        place.put_new("bundles/a", Content::Bytes(b"whole")).unwrap();
        // No process has this number: it is above what Linux gives.
        for name in [".tmp-99999999-a".to_owned(), format!(".tmp-{}-b", std::process::id())] {
            fs::write(folder.path().join("bundles").join(name), "half").unwrap();
        }
        place.tidy("bundles").unwrap();
        assert_eq!(place.list("bundles").unwrap().len(), 1);
        assert_eq!(fs::read_dir(folder.path().join("bundles")).unwrap().count(), 2);
    }

    #[test]
    fn a_share_that_is_not_mounted_is_not_made_up() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Folder::open(&folder.path().join("mnt/mirror")).is_err());
    }
}

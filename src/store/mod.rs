//! The store: ledger, raw captures, snapshots, bundles, in one folder with one writer at a time.
//!
//! Publishing is write-ahead: the object is written whole under a temporary name and synced, then the ledger says that it is
//! there (path and digest), then it gets its name. [`Store::open`] finishes or undoes what a crash left between these steps,
//! so that whatever the instant of a kill, the previous state is readable and the ledger valid.

pub mod atomic;
pub mod backend;
pub mod digest;
pub mod ledger;
pub mod notary;
pub mod purge;
pub mod raw;
pub mod remote;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::Timestamp;
use walkdir::WalkDir;

use backend::{Backend, BackendError};
use ledger::{Entry, Ledger, LedgerError};
pub use notary::Notary;

use crate::disk;

/// File of a snapshot that names and digests all others; its own digest stands in the ledger.
pub const SNAPSHOT_FILE: &str = "snapshot.json";

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}: {source}{}", path.display(), hint(source))]
    Io { path: PathBuf, source: io::Error },
    #[error("another Probant is writing to {}; wait for it to end (the lock goes with its process)", path.display())]
    Locked { path: PathBuf },
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("{place}: {message}")]
    Bucket { place: String, message: String },
    #[error(
        "another Probant recorded event {seq} in {place} meanwhile. This event was not recorded, and nothing of the other's was touched: run the same command again"
    )]
    Raced { place: String, seq: u64 },
    #[error(transparent)]
    Backend(#[from] BackendError),
    #[error("the head of the ledger could not be signed: {0}. The event itself is recorded; the next command signs a later head")]
    Unsigned(String),
    #[error("{} holds no snapshot yet; make one with `probant run` or `probant harvest`", path.display())]
    Empty { path: PathBuf },
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => ". Run as the owner of the store, or choose another one with [store] path",
        _ => disk::hint(error),
    }
}

/// An open store, locked until dropped.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    ledger: Ledger,
    events: Vec<Entry>,
    /// Where the store really is, when this is its working folder.
    remote: Option<Rc<dyn Backend>>,
    /// Bundles that were in the bucket when it was opened.
    in_bucket: BTreeSet<String>,
    notary: Option<Box<dyn Notary>>,
    /// Held for its lock, which ends with the process.
    _lock: File,
    /// What a person should know about how the store was found.
    pub notices: Vec<String>,
}

impl Store {
    /// Opens the store for writing, making it when it is not there, and repairs what a crash left.
    pub fn open(root: &Path, now: Timestamp) -> Result<Self, StoreError> {
        Self::open_in(root, None, now)
    }

    /// The same where the store is in a bucket and `root` its working folder.
    pub fn open_in(root: &Path, remote: Option<Rc<dyn Backend>>, now: Timestamp) -> Result<Self, StoreError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Io { path, source }
        };
        for folder in [root.to_owned(), root.join("raw"), root.join("snapshots"), root.join("bundles"), root.join("outputs")] {
            atomic::folder(&folder).map_err(io(&folder))?;
        }
        let lock_path = root.join(".lock");
        let lock = File::options().create(true).append(true).mode(0o600).open(&lock_path).map_err(io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { path: root.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(StoreError::Io { path: lock_path, source }),
        }
        let mut notices = vec![];
        let mode = fs::metadata(root).map_err(io(root))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            notices.push(format!(
                "{} can be read by others (mode {mode:03o}) and holds personal data; type: chmod -R go= {}",
                root.display(),
                root.display()
            ));
        }
        let (mut in_bucket, mut known) = (BTreeSet::new(), u64::MAX);
        if let Some(remote) = &remote {
            known = remote::pull(root, &**remote)?;
            in_bucket.extend(remote.list("bundles")?.into_keys().map(|name| format!("bundles/{name}")));
        }
        let (ledger, events) = Ledger::open(&root.join(ledger::FILE), now)?;
        let mut store = Self { root: root.to_owned(), ledger, events, remote, in_bucket, notary: None, _lock: lock, notices };
        store.recover(known).map_err(|source| StoreError::Io { path: root.to_owned(), source })?;
        if let Some(remote) = &store.remote {
            for retained in remote::finish(&**remote, &purge::last(&store.events))? {
                store.notices.push(format!("{} was to go and is kept by the bucket: {}", retained.object, retained.why));
            }
        }
        Ok(store)
    }

    /// Finishes the last announced object if only its name is missing; drops every other temporary. Events after the one `known` here
    /// were recorded elsewhere: what they removed goes here too.
    fn recover(&mut self, known: u64) -> io::Result<()> {
        for path in purge::recover(&self.root, &self.events, known)? {
            self.notices.push(format!("{path} was removed: the last purge was stopped before it, or was made elsewhere"));
        }
        if let Some((path, sha256)) = self.events.iter().rev().find_map(announced) {
            let name = self.root.join(&path);
            let temporary = temporary(&name);
            if !name.exists() && temporary.exists() && object_digest(&temporary)? == sha256 {
                atomic::publish(&temporary, &name)?;
                self.notices.push(format!("{path} was finished: the last run was stopped just before naming it"));
            }
        }
        if let Some((file, sha256)) = self.events.last().and_then(replaced) {
            let (name, new) = (self.root.join(&file), temporary(&self.root.join(&file)));
            if new.exists() && object_digest(&new)? == sha256 {
                atomic::publish(&new, &name)?;
                self.notices.push(format!("{file} was finished: the last command was stopped just before naming it"));
            }
        }
        let mut entries = WalkDir::new(&self.root).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next().transpose()? {
            let name = entry.file_name().to_string_lossy();
            if !(name.starts_with(atomic::TEMPORARY) || name.ends_with(".partial")) {
                continue;
            }
            if entry.file_type().is_dir() {
                entries.skip_current_dir();
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
            let shown = entry.path().strip_prefix(&self.root).unwrap_or(entry.path()).display();
            self.notices.push(format!("{shown} was left by a stopped run and removed"));
        }
        Ok(())
    }

    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Events so far, oldest first.
    #[must_use]
    pub fn events(&self) -> &[Entry] {
        &self.events
    }

    #[must_use]
    pub fn ledger_head(&self) -> &ledger::Head {
        self.ledger.head()
    }

    /// A name not taken yet: `base`, or `base-2`, `base-3`…
    #[must_use]
    pub fn free_name(&self, folder: &str, base: &str, extension: &str) -> String {
        // Nor one that was purged, or announced from elsewhere, or left in the bucket by a run that was not recorded.
        let taken = |name: &str| {
            let (path, below) = (self.root.join(folder).join(name), format!("{folder}/{name}"));
            let known = || self.events.iter().filter_map(announced).any(|(path, _)| path == below);
            path.exists() || purge::tombstone(&path).exists() || self.in_bucket.contains(&below) || known()
        };
        let mut name = format!("{base}{extension}");
        let mut n = 2;
        while taken(&name) {
            name = format!("{base}-{n}{extension}");
            n += 1;
        }
        name
    }

    /// Adds an event that names no object.
    pub fn note(&mut self, event: &str, now: Timestamp, data: serde_json::Value) -> Result<(), StoreError> {
        self.record(event, now, data)?;
        self.attest()
    }

    /// Records an event: first in the bucket, where another writer may have been quicker, then here.
    fn record(&mut self, event: &str, now: Timestamp, data: serde_json::Value) -> Result<(), StoreError> {
        let (entry, line) = self.ledger.prepare(event, now, data)?;
        if let Some(remote) = &self.remote {
            remote::announce(&**remote, entry.seq, &line)?;
        }
        self.ledger.commit(&entry, line)?;
        self.events.push(entry);
        Ok(())
    }

    /// From here on the head is signed after each event; the present one now, if it is not yet.
    pub fn set_notary(&mut self, notary: Box<dyn Notary>) -> Result<(), StoreError> {
        self.notary = Some(notary);
        self.attest()
    }

    /// Signs the head as it stands, with the instant of its event.
    fn attest(&self) -> Result<(), StoreError> {
        let (Some(notary), Some(last)) = (&self.notary, self.events.last()) else { return Ok(()) };
        let path = notary::path(&self.root, last.seq);
        if path.exists() {
            return Ok(());
        }
        match notary.attest(&self.events, self.ledger.head(), last.at).map_err(StoreError::Unsigned)? {
            Some(page) => {
                if let Some(remote) = &self.remote {
                    remote::upload_head(&**remote, last.seq, &page)?;
                }
                notary::keep(&self.root, last.seq, &page).map_err(|source| StoreError::Io { path, source })
            }
            None => Ok(()),
        }
    }

    /// Announces a finished temporary object in the ledger, then gives it its name. `name` is relative to the store.
    pub fn publish(&mut self, event: &str, now: Timestamp, name: &str, mut data: serde_json::Value) -> Result<PathBuf, StoreError> {
        let path = self.root.join(name);
        let io = |source| StoreError::Io { path: path.clone(), source };
        let temporary = temporary(&path);
        let sha256 = object_digest(&temporary).map_err(io)?;
        if let Some(object) = data.as_object_mut() {
            object.insert("path".into(), name.into());
            object.insert("sha256".into(), sha256.into());
        }
        if let Some(remote) = &self.remote {
            remote::upload_captures(&**remote, &self.root)?;
            let again = self.events.iter().filter_map(announced).any(|(known, _)| known == name);
            let next = again.then(|| self.ledger.head().seq + 1);
            remote::upload(&**remote, &remote::key(name, next), &temporary)?;
        }
        self.record(event, now, data)?;
        atomic::publish(&temporary, &path).map_err(io)?;
        self.attest()?;
        Ok(path)
    }

    /// Announces a file that takes the place of another in the ledger, then puts it there. It lies whole under its temporary name; `name` is
    /// relative to the store. Such a file stays in this folder when the store is in a bucket.
    pub fn replace(&mut self, event: &str, now: Timestamp, name: &str, mut data: serde_json::Value) -> Result<(), StoreError> {
        let path = self.root.join(name);
        let io = |source| StoreError::Io { path: path.clone(), source };
        let temporary = temporary(&path);
        let sha256 = object_digest(&temporary).map_err(io)?;
        if let Some(object) = data.as_object_mut() {
            object.insert("file".into(), name.into());
            object.insert("file_sha256".into(), sha256.into());
        }
        self.record(event, now, data)?;
        atomic::publish(&temporary, &path).map_err(io)?;
        self.attest()
    }
}

/// File that an event puts in the place of another, and its digest.
fn replaced(entry: &Entry) -> Option<(String, String)> {
    let text = |key| entry.data.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
    Some((text("file")?, text("file_sha256")?))
}

/// Temporary name of an object that is to be published.
#[must_use]
pub fn temporary(name: &Path) -> PathBuf {
    let file = name.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    name.with_file_name(format!("{}{file}", atomic::TEMPORARY))
}

/// Path and digest that an event announces, if it announces an object.
pub(crate) fn announced(entry: &Entry) -> Option<(String, String)> {
    let text = |key| entry.data.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
    Some((text("path")?, text("sha256")?))
}

/// Every object that was announced, with its digests, oldest first: a bundle that was extended has several. The number is that of the
/// event.
#[must_use]
pub fn versions(events: &[Entry]) -> BTreeMap<String, Vec<(u64, String)>> {
    let mut versions: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
    for entry in events {
        if let Some((path, sha256)) = announced(entry) {
            versions.entry(path).or_default().push((entry.seq, sha256));
        }
    }
    versions
}

/// A file's digest, or for a snapshot that of the file which digests all others.
pub(crate) fn object_digest(path: &Path) -> io::Result<String> {
    let file = if path.is_dir() { path.join(SNAPSHOT_FILE) } else { path.to_owned() };
    Ok(digest::stream(File::open(file)?)?.0)
}

/// The newest snapshot's folder. Needs no lock: a snapshot's name appears only when it is whole.
pub fn newest_snapshot(root: &Path) -> Result<PathBuf, StoreError> {
    snapshots(root)?.pop().ok_or_else(|| StoreError::Empty { path: root.to_owned() })
}

/// Digest that the ledger announced for an object of the store; `None` when it announced none.
pub fn announced_digest(root: &Path, object: &Path) -> Result<Option<String>, StoreError> {
    let (events, _, _) = ledger::read(&root.join(ledger::FILE))?;
    Ok(events.iter().filter_map(announced).find(|(name, _)| root.join(name) == object).map(|(_, sha256)| sha256))
}

/// Every snapshot's folder, oldest first.
pub fn snapshots(root: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let (events, _, _) = ledger::read(&root.join(ledger::FILE))?;
    Ok(events
        .iter()
        .filter(|entry| entry.event == "snapshot")
        .filter_map(announced)
        .map(|(path, _)| root.join(path))
        .filter(|path| path.exists())
        .collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-10-05T08:00:00Z".parse().unwrap()
    }

    fn write_temporary(store: &Store, name: &str, content: &str) {
        fs::write(temporary(&store.root().join(name)), content).unwrap();
    }

    #[test]
    fn a_second_writer_is_told_to_wait() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Store::open(folder.path(), now()).unwrap();
        let message = Store::open(folder.path(), now()).unwrap_err().to_string();
        assert!(message.contains("another Probant is writing"), "{message}");
    }

    #[test]
    fn announced_but_unnamed_is_finished_and_unannounced_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path(), now()).unwrap();
        write_temporary(&store, "bundles/a.asice", "whole");
        store.publish("bundle", now(), "bundles/a.asice", json!({})).unwrap();
        // As a kill between the ledger and the rename leaves it:
        fs::rename(folder.path().join("bundles/a.asice"), folder.path().join("bundles/.tmp-a.asice")).unwrap();
        write_temporary(&store, "bundles/b.asice", "half");
        drop(store);

        let store = Store::open(folder.path(), now()).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("bundles/a.asice")).unwrap(), "whole");
        assert_eq!(fs::read_dir(folder.path().join("bundles")).unwrap().count(), 1);
        assert_eq!(store.notices.len(), 3, "{:?}", store.notices); // finished, removed, and wide permissions of the test folder
    }

    #[test]
    fn a_temporary_that_changed_after_its_announcement_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path(), now()).unwrap();
        write_temporary(&store, "bundles/a.asice", "whole");
        store.publish("bundle", now(), "bundles/a.asice", json!({})).unwrap();
        fs::remove_file(folder.path().join("bundles/a.asice")).unwrap();
        write_temporary(&store, "bundles/a.asice", "other");
        drop(store);
        Store::open(folder.path(), now()).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("bundles")).unwrap().count(), 0);
    }
}

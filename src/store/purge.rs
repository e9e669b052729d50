//! Removing objects whose time is over, so that the chain still verifies: the ledger says what goes and why before anything goes, a
//! tombstone beside each object says it again, and a removal that was stopped is finished when the store is next opened.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use super::ledger::Entry;
use super::remote::{self, Retained};
use super::{Store, StoreError, atomic, digest};

/// The event that announces removals.
pub const EVENT: &str = "purged";
/// End of a tombstone's name.
pub const TOMBSTONE: &str = ".purged.json";
/// Not the temporary name under which an object is published: what is being removed must not be taken for what is being made.
const LEAVING: &str = ".tmp-purge-";
/// Objects of one event: a line of the ledger stays far below what its reader takes.
const AT_ONCE: usize = 1000;

/// An object that goes, and why. This is also its tombstone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// Path below the store.
    pub object: String,
    /// `raw`, `snapshot`, `campaign`, `bundle`, `outputs`.
    pub kind: String,
    /// Of a file; of a snapshot's manifest; of the list of a folder's files (`sha256sum` of all, sorted by name).
    pub sha256: String,
    pub made: Timestamp,
    /// How long such objects are kept.
    pub kept: String,
    /// In a sentence.
    pub reason: String,
}

#[derive(Serialize, Deserialize)]
struct Event {
    objects: Vec<Removal>,
}

fn of_event(entry: &Entry) -> Vec<Removal> {
    if entry.event != EVENT {
        return vec![];
    }
    serde_json::from_value::<Event>(entry.data.clone()).map(|event| event.objects).unwrap_or_default()
}

/// Everything that was removed, by path.
#[must_use]
pub fn purged(events: &[Entry]) -> BTreeMap<String, Removal> {
    events.iter().flat_map(of_event).map(|removal| (removal.object.clone(), removal)).collect()
}

impl Store {
    /// Announces the removals, then makes them; what a bucket keeps nevertheless.
    pub fn purge(&mut self, removals: &[Removal], now: Timestamp) -> Result<Vec<Retained>, StoreError> {
        let mut retained = vec![];
        for part in removals.chunks(AT_ONCE) {
            let data = serde_json::to_value(Event { objects: part.to_vec() })
                .map_err(|error| StoreError::Io { path: self.root().to_owned(), source: error.into() })?;
            self.note(EVENT, now, data)?;
            if let Some(bucket) = &self.remote {
                retained.extend(remote::finish(&**bucket, part)?);
            }
            finish(self.root(), part).map_err(|source| StoreError::Io { path: self.root().to_owned(), source })?;
        }
        Ok(retained)
    }
}

/// What the last event announced, if it announced removals: every earlier one was finished before the ledger went on.
pub(super) fn last(events: &[Entry]) -> Vec<Removal> {
    events.iter().rev().find(|entry| entry.event != "recovered").map(of_event).unwrap_or_default()
}

/// Finishes what the last event announced, and does here what events after the one `known` here did elsewhere. Returns the objects
/// that were still there.
pub(super) fn recover(root: &Path, events: &[Entry], known: u64) -> io::Result<Vec<String>> {
    let mut removed = vec![];
    for event in events.iter().filter(|entry| entry.seq > known) {
        removed.extend(finish(root, &of_event(event))?);
    }
    removed.extend(finish(root, &last(events))?);
    Ok(removed)
}

fn finish(root: &Path, removals: &[Removal]) -> io::Result<Vec<String>> {
    let mut removed = vec![];
    for removal in removals {
        let path = inside(root, &removal.object)?;
        let tombstone = tombstone(&path);
        if !tombstone.exists() && path.parent().is_some_and(Path::is_dir) {
            let mut text = serde_json::to_vec_pretty(removal)?;
            text.push(b'\n');
            atomic::write(&tombstone, &text)?;
        }
        if fs::symlink_metadata(&path).is_ok() {
            remove(&path)?;
            removed.push(removal.object.clone());
        }
    }
    Ok(removed)
}

/// Takes the name away at once, then the content.
fn remove(path: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let leaving = path.with_file_name(format!("{LEAVING}{name}"));
    fs::rename(path, &leaving)?;
    atomic::sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    if fs::symlink_metadata(&leaving)?.is_dir() { fs::remove_dir_all(&leaving) } else { fs::remove_file(&leaving) }
}

/// Where a tombstone stands.
#[must_use]
pub fn tombstone(object: &Path) -> PathBuf {
    let name = object.file_name().unwrap_or_default().to_string_lossy();
    object.with_file_name(format!("{name}{TOMBSTONE}"))
}

/// The path of an object, which must not lead out of the store.
fn inside(root: &Path, object: &str) -> io::Result<PathBuf> {
    let path = Path::new(object);
    let plain = path.components().count() > 1 && path.components().all(|part| matches!(part, Component::Normal(_)));
    if plain { Ok(root.join(path)) } else { Err(io::Error::other(format!("`{object}` is no object of the store"))) }
}

/// Digest of a folder: of the list that `sha256sum` prints of its files, sorted by name.
pub fn folder_digest(folder: &Path) -> io::Result<String> {
    let mut list = String::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() {
            let (sha256, _) = digest::stream(File::open(entry.path())?)?;
            let name = entry.path().strip_prefix(folder).unwrap_or(entry.path()).display();
            // Writing to a String cannot fail.
            let _ = writeln!(list, "{sha256}  ./{name}");
        }
    }
    Ok(digest::hex(list.as_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::store::temporary;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-10-05T08:00:00Z".parse().unwrap()
    }

    fn removal(object: &str) -> Removal {
        let word = |text: &str| text.to_owned();
        Removal {
            object: word(object),
            kind: word("bundle"),
            sha256: "0".repeat(64),
            made: now(),
            kept: word("1 day"),
            reason: word("over"),
        }
    }

    fn store_with(folder: &Path, names: &[&str]) -> Store {
        let mut store = Store::open(folder, now()).unwrap();
        for name in names {
            fs::write(temporary(&folder.join(name)), "whole").unwrap();
            store.publish("bundle", now(), name, json!({})).unwrap();
        }
        store
    }

    #[test]
    fn what_goes_leaves_a_tombstone_and_its_name_is_not_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store_with(folder.path(), &["bundles/a.asice", "bundles/b.asice"]);
        store.purge(&[removal("bundles/a.asice")], now()).unwrap();
        assert!(!folder.path().join("bundles/a.asice").exists());
        assert!(folder.path().join("bundles/b.asice").exists());
        let beside: Removal =
            serde_json::from_slice(&fs::read(folder.path().join("bundles/a.asice.purged.json")).unwrap()).unwrap();
        assert_eq!(beside, removal("bundles/a.asice"));
        assert_eq!(purged(store.events())["bundles/a.asice"], beside);
        assert_eq!(store.free_name("bundles", "a", ".asice"), "a-2.asice");
    }

    #[test]
    fn a_removal_stopped_at_any_step_is_finished_and_never_undone() {
        // Announced only; tombstone written; name taken away.
        for step in 0..3 {
            let folder = tempfile::tempdir().unwrap();
            let mut store = store_with(folder.path(), &["bundles/a.asice"]);
            let data = serde_json::to_value(Event { objects: vec![removal("bundles/a.asice")] }).unwrap();
            store.note(EVENT, now(), data).unwrap();
            drop(store);
            let path = folder.path().join("bundles/a.asice");
            if step > 0 {
                fs::write(tombstone(&path), "{}").unwrap();
            }
            if step > 1 {
                fs::rename(&path, path.with_file_name(".tmp-purge-a.asice")).unwrap();
            }
            let store = Store::open(folder.path(), now()).unwrap();
            let left: Vec<_> = fs::read_dir(folder.path().join("bundles")).unwrap().map(|e| e.unwrap().file_name()).collect();
            assert_eq!(left, ["a.asice.purged.json"], "step {step}");
            assert!(!store.notices.is_empty(), "step {step} was not said");
        }
    }

    #[test]
    fn no_path_leads_out_of_the_store() {
        for object in ["../a", "/etc/passwd", "bundles/../../a", "ledger.jsonl", "."] {
            assert!(inside(Path::new("/store"), object).is_err(), "{object}");
        }
    }
}

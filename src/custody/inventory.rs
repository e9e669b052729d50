//! What a store holds, and what refers to what: read from the ledger, the campaigns' heads and the snapshots themselves. Anything that
//! cannot be read is an error: what it refers to would not be known.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use walkdir::WalkDir;

use super::retention::{Keep, Object, Period};
use crate::snapshot::read;
use crate::snapshot::schema::Collection;
use crate::store::backend::{Backend, BackendError};
use crate::store::ledger::Entry;
use crate::store::{self, purge, raw};

/// Folders of the store for bundles, as sealed and as renewed.
const BUNDLES: &str = "bundles";
const RENEWED: &str = "renewed";
/// End of a raw capture's name.
const CAPTURE: &str = ".zst";

/// The store could not be taken stock of, so nothing can be said of what may go.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}. Nothing is removed while it is not known what is still needed", path.display())]
pub struct InventoryError {
    path: PathBuf,
    message: String,
}

fn unread(path: &Path) -> impl Fn(io::Error) -> InventoryError {
    move |error| InventoryError { path: path.to_owned(), message: error.to_string() }
}

/// Takes stock of a store. Where it is in a bucket, its snapshots have been fetched before.
pub struct Inventory<'a> {
    pub root: &'a Path,
    pub events: &'a [Entry],
    pub keep: &'a Keep,
    pub zone: &'a TimeZone,
    pub bucket: Option<&'a Bucketed>,
}

/// What a bucket holds beside snapshots.
#[derive(Debug, Default)]
pub struct Bucketed {
    /// Bundles and envelopes, by their paths in the store.
    sealed: BTreeSet<String>,
    /// Raw captures by digest, with the instants since which they have been there.
    captures: BTreeMap<String, Timestamp>,
}

impl Bucketed {
    pub fn read(from: &dyn Backend) -> Result<Self, BackendError> {
        let mut sealed = BTreeSet::new();
        for folder in [BUNDLES, RENEWED] {
            sealed.extend(from.list(folder)?.into_keys().map(|name| format!("{folder}/{name}")));
        }
        let digest = |name: String| name.strip_suffix(CAPTURE).map(str::to_owned);
        let captures = from.ages("raw")?.into_iter().filter_map(|(name, since)| Some((digest(name)?, since))).collect();
        Ok(Self { sealed, captures })
    }
}

impl Inventory<'_> {
    /// Every object, in the order of the ledger; raw captures and outputs last.
    pub fn objects(&self) -> Result<Vec<Object>, InventoryError> {
        let mut objects = self.campaigns()?;
        let mut last_named: BTreeMap<String, Timestamp> = BTreeMap::new();
        let versions = store::versions(self.events);
        let present: Vec<(&Entry, String, String)> = self
            .events
            .iter()
            .filter_map(|entry| store::announced(entry).map(|(path, sha256)| (entry, path, sha256)))
            .filter(|(_, path, _)| self.root.join(path).exists() || self.bucket.is_some_and(|bucket| bucket.sealed.contains(path)))
            .collect();
        let newest = present.iter().rev().find(|(entry, ..)| entry.event == "snapshot").map(|(_, path, _)| path.clone());
        let snapshots: Vec<String> =
            present.iter().filter(|(e, ..)| e.event == "snapshot").map(|(_, path, _)| path.clone()).collect();
        for (entry, path, sha256) in present {
            let mut made = entry.at;
            let (kind, period, refers) = match entry.event.as_str() {
                "snapshot" => {
                    let refers = self.of_snapshot(&path)?;
                    for raw in refers.iter().filter(|path| path.starts_with("raw/")) {
                        last_named.insert(raw.clone(), entry.at);
                    }
                    ("snapshot", &self.keep.snapshots, refers)
                }
                "bundle" => ("bundle", &self.keep.bundles, sealed_from(entry, &snapshots)),
                // The same evidence under encryption.
                "envelope" => ("envelope", &self.keep.bundles, sealed_from(entry, &snapshots)),
                // The same evidence once more: as old as when it was first sealed.
                "bundle-extended" if path.starts_with(RENEWED) => {
                    let first = self.first(entry);
                    made = first.at;
                    ("bundle", &self.keep.bundles, sealed_from(first, &snapshots))
                }
                _ => continue,
            };
            let ends = if newest.as_ref() == Some(&path) { None } else { self.ends(period.as_ref(), made) };
            // As it is now: a bundle may have been extended since.
            let sha256 = versions.get(&path).and_then(|all| all.last()).map_or(sha256, |(_, newest)| newest.clone());
            objects.push(Object { kind, path, sha256, made, ends, refers });
        }
        objects.extend(self.captures(&last_named)?);
        objects.extend(self.outputs()?);
        Ok(objects)
    }

    /// The event that first announced a bundle of which this one announces a renewed form, itself perhaps of a renewed one.
    fn first<'e>(&'e self, renewed: &'e Entry) -> &'e Entry {
        let mut found = renewed;
        while let Some(of) = found.data.get("renewed").and_then(|name| name.as_str()) {
            let is_of = |entry: &&Entry| {
                entry.seq < found.seq
                    && store::announced(entry)
                        .is_some_and(|(path, _)| [BUNDLES, RENEWED].iter().any(|f| path == format!("{f}/{of}")))
            };
            match self.events.iter().rev().find(is_of) {
                Some(earlier) => found = earlier,
                None => break,
            }
        }
        found
    }

    fn ends(&self, period: Option<&Period>, made: Timestamp) -> Option<(Timestamp, String)> {
        period.map(|period| (period.end(made, self.zone), period.text.clone()))
    }

    /// A snapshot needs the raw captures that its collections name, and what was made of it goes when it goes.
    fn of_snapshot(&self, path: &str) -> Result<Vec<String>, InventoryError> {
        let folder = self.root.join(path);
        let collections: Vec<Collection<'static>> =
            read::rows(&folder).map_err(|error| InventoryError { path: folder.clone(), message: error.to_string() })?;
        let digests: BTreeSet<String> = collections.iter().filter_map(|c| c.raw_sha256.as_ref().map(ToString::to_string)).collect();
        let captures = self.root.join("raw");
        let mut refers: Vec<String> = digests.iter().map(|sha256| self.below(&raw::path(&captures, sha256))).collect();
        let id = path.rsplit('/').next().unwrap_or_default();
        refers.extend(self.made_of(id)?.iter().map(|path| self.below(path)));
        Ok(refers)
    }

    /// Folders of files made from a snapshot: its outputs, and workbooks drafted outside of any opened campaign.
    fn made_of(&self, snapshot: &str) -> Result<Vec<PathBuf>, InventoryError> {
        let mut found = vec![self.root.join("outputs").join(snapshot)];
        for campaign in folders(&self.root.join("campaigns"))? {
            if !campaign.join("campaign.json").exists() {
                found.push(campaign.join("sent").join(snapshot));
            }
        }
        found.retain(|path| path.is_dir());
        Ok(found)
    }

    fn below(&self, path: &Path) -> String {
        path.strip_prefix(self.root).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// Outputs have no time of their own: they go with their snapshot, or when it is already gone.
    fn outputs(&self) -> Result<Vec<Object>, InventoryError> {
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let campaigns = folders(&self.root.join("campaigns"))?;
        let places = campaigns.iter().filter(|c| !c.join("campaign.json").exists()).map(|c| c.join("sent"));
        for place in places.chain([self.root.join("outputs")]) {
            ids.extend(folders(&place)?.iter().filter_map(|path| path.file_name().map(|name| name.to_string_lossy().into_owned())));
        }
        let mut objects = vec![];
        for path in ids.iter().map(|id| self.made_of(id)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            objects.push(Object {
                kind: "outputs",
                sha256: purge::folder_digest(&path).map_err(unread(&path))?,
                path: self.below(&path),
                made: modified(&path)?,
                ends: self.keep.snapshots.as_ref().map(|_| (Timestamp::MIN, "as long as its snapshot".into())),
                refers: vec![],
            });
        }
        Ok(objects)
    }

    /// Raw captures are not in the ledger one by one: their names are their digests.
    fn captures(&self, last_named: &BTreeMap<String, Timestamp>) -> Result<Vec<Object>, InventoryError> {
        let folder = self.root.join("raw");
        let mut found: Vec<(String, String, Timestamp)> = vec![];
        if let Some(bucket) = self.bucket {
            let path = |sha256: &String| self.below(&raw::path(&folder, sha256));
            found.extend(bucket.captures.iter().map(|(sha256, since)| (path(sha256), sha256.clone(), *since)));
        }
        for entry in WalkDir::new(&folder).sort_by_file_name() {
            let entry = entry.map_err(|error| unread(&folder)(error.into()))?;
            let Some(sha256) = entry.file_name().to_str().and_then(|name| name.strip_suffix(CAPTURE)) else { continue };
            let elsewhere = self.bucket.is_some_and(|bucket| bucket.captures.contains_key(sha256));
            if entry.file_type().is_file() && sha256.len() == 64 && !elsewhere {
                found.push((self.below(entry.path()), sha256.to_owned(), modified(entry.path())?));
            }
        }
        let object = |(path, sha256, written): (String, String, Timestamp)| {
            let made = written.max(last_named.get(&path).copied().unwrap_or(Timestamp::MIN));
            Object { kind: "raw", sha256, path, made, ends: self.ends(self.keep.raw.as_ref(), made), refers: vec![] }
        };
        Ok(found.into_iter().map(object).collect())
    }

    /// Lets raw captures know, by the time of their files, until when a snapshot that now goes still named them: their own time
    /// counts from there.
    pub fn remember(&self, objects: &[Object]) -> Result<(), InventoryError> {
        for object in objects.iter().filter(|object| object.kind == "raw") {
            let path = self.root.join(&object.path);
            // In a bucket nothing is written again: there their time counts from when they came, or were last named by what is left.
            if path.exists() && modified(&path)? < object.made {
                let file = File::options().write(true).open(&path).map_err(unread(&path))?;
                let made = SystemTime::try_from(object.made).map_err(|error| unread(&path)(io::Error::other(error)))?;
                file.set_modified(made).map_err(unread(&path))?;
            }
        }
        Ok(())
    }

    /// Opened campaigns: closed and abandoned ones have a time, open ones stay. They need the snapshot they were opened on.
    fn campaigns(&self) -> Result<Vec<Object>, InventoryError> {
        let closed = |id: &str| {
            let ends = ["campaign-closed", "campaign-abandoned"];
            let of = |entry: &&Entry| ends.contains(&entry.event.as_str()) && entry.data.get("campaign").is_some_and(|c| c == id);
            self.events.iter().rev().find(of).map(|entry| entry.at)
        };
        let mut objects = vec![];
        for folder in folders(&self.root.join("campaigns"))? {
            let head = folder.join("campaign.json");
            let bytes = match fs::read(&head) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                read => read.map_err(unread(&head))?,
            };
            let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| unread(&head)(error.into()))?;
            let snapshot = value.get("snapshot_id").and_then(|id| id.as_str());
            let snapshot = snapshot.ok_or_else(|| InventoryError { path: head.clone(), message: "it names no snapshot".into() })?;
            let id = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let made = closed(&id);
            objects.push(Object {
                kind: "campaign",
                sha256: purge::folder_digest(&folder).map_err(unread(&folder))?,
                path: self.below(&folder),
                made: made.unwrap_or(Timestamp::MAX),
                ends: made.and_then(|made| self.ends(self.keep.campaigns.as_ref(), made)),
                refers: vec![format!("snapshots/{snapshot}")],
            });
        }
        Ok(objects)
    }
}

/// The snapshot that a bundle was sealed from. A bundle that does not say it needs them all.
fn sealed_from(entry: &Entry, snapshots: &[String]) -> Vec<String> {
    match entry.data.get("snapshot").and_then(|id| id.as_str()) {
        Some(id) => vec![format!("snapshots/{id}")],
        None => snapshots.to_vec(),
    }
}

/// Folders inside a folder that may not be there, sorted; temporaries left out.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, InventoryError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        entries => entries.map_err(unread(folder))?,
    };
    let mut found = vec![];
    for entry in entries {
        let entry = entry.map_err(unread(folder))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type().map_err(unread(folder))?.is_dir() && !hidden {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn modified(path: &Path) -> Result<Timestamp, InventoryError> {
    let modified = File::open(path).and_then(|file| file.metadata()).and_then(|metadata| metadata.modified());
    modified.and_then(|time| Timestamp::try_from(time).map_err(io::Error::other)).map_err(unread(path))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_bundle_that_names_no_snapshot_needs_them_all() {
        let entry = |data| Entry { seq: 1, at: Timestamp::MIN, event: "bundle".into(), data, previous: String::new() };
        let all = ["snapshots/a".to_owned(), "snapshots/b".to_owned()];
        assert_eq!(sealed_from(&entry(serde_json::json!({ "snapshot": "a" })), &all), ["snapshots/a"]);
        assert_eq!(sealed_from(&entry(serde_json::json!({})), &all), all);
    }

    #[test]
    fn a_renewed_bundle_is_as_old_as_the_one_first_sealed_and_needs_its_snapshot() {
        let folder = tempfile::tempdir().unwrap();
        let entry = |seq: u64, event: &str, data: serde_json::Value| Entry {
            seq,
            at: Timestamp::from_second(i64::try_from(seq).unwrap() * 86_400 * 365).unwrap(),
            event: event.into(),
            data,
            previous: String::new(),
        };
        let events = [
            entry(1, "bundle", serde_json::json!({ "path": "bundles/a.asice", "sha256": "1", "snapshot": "s" })),
            entry(2, "bundle-extended", serde_json::json!({ "path": "renewed/a-r.asice", "sha256": "2", "renewed": "a.asice" })),
            entry(
                3,
                "bundle-extended",
                serde_json::json!({ "path": "renewed/a-r-r.asice", "sha256": "3", "renewed": "a-r.asice" }),
            ),
            entry(4, "bundle-extended", serde_json::json!({ "path": "renewed/x-r.asice", "sha256": "4", "renewed": "x.asice" })),
        ];
        fs::create_dir(folder.path().join("raw")).unwrap();
        let sealed = ["bundles/a.asice", "renewed/a-r-r.asice", "renewed/x-r.asice"].map(str::to_owned).into();
        let keep = Keep { bundles: Some("2 years".parse().unwrap()), ..Keep::default() };
        let bucket = Bucketed { sealed, captures: BTreeMap::new() };
        let inventory =
            Inventory { root: folder.path(), events: &events, keep: &keep, zone: &TimeZone::UTC, bucket: Some(&bucket) };
        let objects = inventory.objects().unwrap();
        let seen: Vec<_> =
            objects.iter().map(|o| (o.path.as_str(), o.made == events.first().unwrap().at, o.refers.len())).collect();
        // Of the last one the origin is not known: it counts from its own event.
        assert_eq!(seen, [("bundles/a.asice", true, 1), ("renewed/a-r-r.asice", true, 1), ("renewed/x-r.asice", false, 0)]);
    }
}

//! The store in a bucket. The local folder is then a working copy: what is made is made there, and the bucket decides.
//!
//! In the bucket an event is an object of its own, `ledger/<number>.json`, created only if nobody created it before: that takes the
//! place of the local lock and rename. An object (a snapshot, its captures, a bundle) is there before the event that announces it, and
//! what no event announces was never recorded. Snapshots made elsewhere are fetched when they are needed, and held to their digests.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::backend::{Backend, Content, Put, digest_of};
use super::ledger::{self, Entry, Head};
use super::{SNAPSHOT_FILE, StoreError, atomic, digest, notary, raw};

/// Folder of the events in the bucket.
const LEDGER: &str = "ledger";
/// Bytes of one event or one manifest.
const LARGEST: u64 = 16 << 20;
/// Where fetched objects wait until they are whole, below the working folder, with the process that fetches.
const FETCHING: &str = ".fetch-";

fn event_name(seq: u64) -> String {
    format!("{LEDGER}/{seq:010}.json")
}

fn io_at(path: &Path) -> impl Fn(io::Error) -> StoreError {
    move |source| StoreError::Io { path: path.to_owned(), source }
}

fn differs(from: &dyn Backend, message: String) -> StoreError {
    StoreError::Bucket { place: from.place().to_owned(), message }
}

/// Brings the working folder's ledger up to the bucket's.
pub fn pull(root: &Path, from: &dyn Backend) -> Result<(), StoreError> {
    let path = root.join(ledger::FILE);
    let (_, head, unfinished) = ledger::read(&path)?;
    if unfinished > 0 {
        // Here no event is made of it: the bucket knows whether it was recorded.
        ledger::cut(&path, unfinished).map_err(io_at(&path))?;
    }
    let there = from.list(LEDGER)?;
    let last = there.len() as u64;
    if let Some(seq) = (1..=last).find(|seq| !there.contains_key(&format!("{seq:010}.json"))) {
        return Err(differs(
            from,
            format!(
                "event {seq} of {last} is missing: the ledger in the bucket was cut. Keep it as it is, and compare it with a copy"
            ),
        ));
    }
    if head.seq > last {
        return Err(differs(
            from,
            format!(
                "it holds {last} events and the working folder {} knows {}: the bucket was cut, or it is not the one this folder belongs to",
                root.display(),
                head.seq
            ),
        ));
    }
    if head.seq > 0 && digest::hex(&event(from, head.seq)?) != head.sha256 {
        return Err(differs(from, format!("event {} is not the one that the working folder {} knows", head.seq, root.display())));
    }
    let lines = follow(from, &head, last)?;
    if !lines.is_empty() {
        ledger::extend(&path, &lines).map_err(io_at(&path))?;
    }
    Ok(())
}

/// The lines after this head, each with its newline, when they follow it.
fn follow(from: &dyn Backend, head: &Head, last: u64) -> Result<Vec<u8>, StoreError> {
    let (mut head, mut lines) = (head.clone(), vec![]);
    for seq in head.seq + 1..=last {
        let line = event(from, seq)?;
        let entry: Option<Entry> = serde_json::from_slice(&line).ok().filter(|_| !line.contains(&b'\n'));
        if !entry.is_some_and(|entry| entry.seq == seq && entry.previous == head.sha256) {
            return Err(differs(
                from,
                format!("event {seq} does not follow the one before it: the ledger in the bucket was changed"),
            ));
        }
        head = Head { seq, sha256: digest::hex(&line) };
        lines.extend_from_slice(&line);
        lines.push(b'\n');
    }
    Ok(lines)
}

fn event(from: &dyn Backend, seq: u64) -> Result<Vec<u8>, StoreError> {
    from.get(&event_name(seq), LARGEST)?.ok_or_else(|| differs(from, format!("event {seq} is gone")))
}

/// Records an event in the bucket, if nobody recorded another of its number.
pub(super) fn announce(to: &dyn Backend, seq: u64, line: &[u8]) -> Result<(), StoreError> {
    match to.put_new(&event_name(seq), Content::Bytes(line))? {
        Put::Stored => Ok(()),
        // A request that was sent twice because its answer was lost.
        Put::Taken if event(to, seq)? == line => Ok(()),
        Put::Taken => Err(StoreError::Raced { place: to.place().to_owned(), seq }),
    }
}

/// Copies an object, a file or a folder of files, under its name. `from` is where it lies now.
pub(super) fn upload(to: &dyn Backend, name: &str, from: &Path) -> Result<(), StoreError> {
    if from.is_file() {
        return upload_file(to, name, from);
    }
    for entry in WalkDir::new(from).sort_by_file_name() {
        let entry = entry.map_err(|error| io_at(from)(error.into()))?;
        if entry.file_type().is_file() {
            let below = entry.path().strip_prefix(from).unwrap_or(entry.path()).display();
            upload_file(to, &format!("{name}/{below}"), entry.path())?;
        }
    }
    Ok(())
}

fn upload_file(to: &dyn Backend, name: &str, from: &Path) -> Result<(), StoreError> {
    if to.put_new(name, Content::File(from))? == Put::Stored {
        return Ok(());
    }
    let (here, _) = File::open(from).and_then(digest::stream).map_err(io_at(from))?;
    if digest_of(to, name)?.as_ref() == Some(&here) {
        return Ok(());
    }
    Err(differs(
        to,
        format!(
            "{name} is there already, with another content: another Probant is writing, or was stopped. Run the same command again"
        ),
    ))
}

/// Copies the raw captures that the bucket does not have. They are flat there: `raw/<digest>.zst`.
pub(super) fn upload_captures(to: &dyn Backend, root: &Path) -> Result<(), StoreError> {
    let there = to.list("raw")?;
    let folder = root.join("raw").join("sha256");
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry.map_err(|error| io_at(&folder)(error.into()))?;
        let name = entry.file_name().to_string_lossy();
        if entry.file_type().is_file() && name.ends_with(".zst") && !there.contains_key(name.as_ref()) {
            // Of one digest; whoever was first, it is the same.
            to.put_new(&format!("raw/{name}"), Content::File(entry.path()))?;
        }
    }
    Ok(())
}

/// Copies a signed head.
pub(super) fn upload_head(to: &dyn Backend, seq: u64, page: &[u8]) -> Result<(), StoreError> {
    to.put_new(&format!("{}/{seq:010}.eml", notary::FOLDER), Content::Bytes(page))?;
    Ok(())
}

/// A folder to fetch into; what processes that are no more left is removed.
fn waiting(root: &Path) -> Result<PathBuf, StoreError> {
    let failed = io_at(root);
    for entry in fs::read_dir(root).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let over = |process: &str| process == std::process::id().to_string() || !Path::new("/proc").join(process).exists();
        if name.strip_prefix(FETCHING).is_some_and(over) {
            fs::remove_dir_all(entry.path()).map_err(&failed)?;
        }
    }
    let folder = root.join(format!("{FETCHING}{}", std::process::id()));
    atomic::folder(&folder).map_err(failed)?;
    Ok(folder)
}

/// Fetches a file and returns its digest.
fn fetch(from: &dyn Backend, name: &str, to: &Path) -> Result<String, StoreError> {
    let failed = io_at(to);
    let mut file = atomic::create(to).map_err(&failed)?;
    if !from.copy_to(name, &mut file)? {
        return Err(differs(from, format!("{name} is gone, although the ledger announces it")));
    }
    file.flush().and_then(|()| file.sync_all()).map_err(&failed)?;
    Ok(File::open(to).and_then(digest::stream).map_err(failed)?.0)
}

fn hold(from: &dyn Backend, name: &str, found: &str, announced: &str) -> Result<(), StoreError> {
    if found == announced {
        Ok(())
    } else {
        Err(differs(from, format!("{name} was changed since it was recorded; restore it from a copy")))
    }
}

/// Gives a fetched object its place. That another process was quicker is as good.
fn place(fetched: &Path, to: &Path) -> Result<(), StoreError> {
    atomic::folder(to.parent().unwrap_or(Path::new("."))).map_err(io_at(to))?;
    match atomic::publish(fetched, to) {
        Err(_) if to.exists() => Ok(()),
        published => published.map_err(io_at(to)),
    }
}

/// Fetches an announced object that the working folder does not have: a bundle, or a snapshot with its tables.
pub fn fetch_object(root: &Path, from: &dyn Backend, name: &str, sha256: &str) -> Result<(), StoreError> {
    let to = root.join(name);
    if to.exists() {
        return Ok(());
    }
    let fetched = waiting(root)?.join("object");
    if !name.starts_with("snapshots/") {
        hold(from, name, &fetch(from, name, &fetched)?, sha256)?;
        return place(&fetched, &to);
    }
    let tables = fetched.join("tables");
    atomic::folder(&tables).map_err(io_at(&tables))?;
    let manifest = fetched.join(SNAPSHOT_FILE);
    hold(from, name, &fetch(from, &format!("{name}/{SNAPSHOT_FILE}"), &manifest)?, sha256)?;
    let listed = fs::read(&manifest).and_then(|bytes| Ok(serde_json::from_slice::<Listed>(&bytes)?)).map_err(io_at(&manifest))?;
    for (table, file) in listed.tables {
        let below = format!("tables/{table}.parquet");
        hold(from, name, &fetch(from, &format!("{name}/{below}"), &fetched.join(&below))?, &file.sha256)?;
    }
    place(&fetched, &to)
}

/// What of a snapshot's manifest is needed to fetch it.
#[derive(serde::Deserialize)]
struct Listed {
    tables: BTreeMap<String, ListedFile>,
}

#[derive(serde::Deserialize)]
struct ListedFile {
    sha256: String,
}

/// Fetches a raw capture that the working folder does not have.
pub fn fetch_capture(root: &Path, from: &dyn Backend, sha256: &str) -> Result<(), StoreError> {
    let folder = root.join("raw");
    let to = raw::path(&folder, sha256);
    if to.exists() {
        return Ok(());
    }
    let waiting = waiting(root)?;
    let fetched = raw::path(&waiting, sha256);
    atomic::folder(fetched.parent().unwrap_or(&waiting)).map_err(io_at(&waiting))?;
    let name = format!("raw/{sha256}.zst");
    fetch(from, &name, &fetched)?;
    // It is named after what it unpacks to.
    let (found, _) = raw::open(&waiting, sha256).and_then(digest::stream).map_err(io_at(&fetched))?;
    hold(from, &name, &found, sha256)?;
    place(&fetched, &to)
}

/// Whether the bucket holds an announced object as it was announced; `None` when it is not there.
pub fn digest_in(from: &dyn Backend, name: &str) -> Result<Option<String>, StoreError> {
    let name = if name.starts_with("snapshots/") { format!("{name}/{SNAPSHOT_FILE}") } else { name.to_owned() };
    Ok(digest_of(from, &name)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::store::backend::folder::Folder;
    use crate::store::{Store, temporary};
    use jiff::Timestamp;
    use serde_json::json;
    use std::rc::Rc;

    fn now() -> Timestamp {
        "2026-10-05T08:00:00Z".parse().unwrap()
    }

    /// A folder in the place of the bucket: the rules are the same.
    fn bucket(folder: &Path) -> Rc<dyn Backend> {
        Rc::new(Folder::open(&folder.join("bucket")).unwrap())
    }

    fn open(folder: &Path, name: &str) -> Result<Store, StoreError> {
        Store::open_in(&folder.join(name), Some(bucket(folder)), now())
    }

    fn bundle(store: &mut Store, name: &str, content: &str) -> Result<(), StoreError> {
        let name = format!("bundles/{name}");
        fs::write(temporary(&store.root().join(&name)), content).unwrap();
        store.publish("bundle", now(), &name, json!({})).map(|_| ())
    }

    #[test]
    fn what_one_working_folder_records_the_other_reads() {
        let folder = tempfile::tempdir().unwrap();
        let mut one = open(folder.path(), "one").unwrap();
        bundle(&mut one, "a", "first").unwrap();
        bundle(&mut one, "b", "second").unwrap();
        let two = open(folder.path(), "two").unwrap();
        assert_eq!((two.events(), two.ledger_head()), (one.events(), one.ledger_head()));
        let sha256 = digest::hex(b"second");
        fetch_object(two.root(), &*bucket(folder.path()), "bundles/b", &sha256).unwrap();
        assert_eq!(fs::read_to_string(two.root().join("bundles/b")).unwrap(), "second");
        assert_eq!(fs::read_dir(two.root()).unwrap().filter(|e| e.as_ref().unwrap().path().join("object").exists()).count(), 0);
        // Changed in the bucket: refused, and nothing is left in its place.
        fs::write(folder.path().join("bucket/bundles/a"), "FIRST").unwrap();
        let message =
            fetch_object(two.root(), &*bucket(folder.path()), "bundles/a", &digest::hex(b"first")).unwrap_err().to_string();
        assert!(message.contains("bundles/a was changed since it was recorded"), "{message}");
        assert!(!two.root().join("bundles/a").exists());
    }

    #[test]
    fn of_two_writers_at_once_one_is_told_to_run_again_and_loses_nothing_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let mut one = open(folder.path(), "one").unwrap();
        let mut two = open(folder.path(), "two").unwrap();
        bundle(&mut one, "a", "of one").unwrap();
        let message = bundle(&mut two, "b", "of two").unwrap_err().to_string();
        assert!(
            message.contains("another Probant recorded event 1") && message.contains("run the same command again"),
            "{message}"
        );
        // Not recorded, not named, and gone with the next opening, which brings what the other did.
        assert_eq!(two.events().len(), 0);
        assert!(!two.root().join("bundles/b").exists());
        drop(two);
        let mut two = open(folder.path(), "two").unwrap();
        assert_eq!(two.events(), one.events());
        assert_eq!(fs::read_dir(two.root().join("bundles")).unwrap().count(), 0);
        // What the one that lost had put into the bucket already stands in nobody's way.
        assert_eq!(two.free_name("bundles", "b", ""), "b-2");
        bundle(&mut two, "b", "of two").unwrap();
        // The first one is behind now.
        assert!(bundle(&mut one, "c", "of one").is_err());
    }

    #[test]
    fn a_stop_between_bucket_and_working_folder_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path(), "one").unwrap();
        bundle(&mut store, "a", "first").unwrap();
        drop(store);
        // As if stopped after the bucket had the event, and in the middle of the local line.
        let local = folder.path().join("one/ledger.jsonl");
        let whole = fs::read(&local).unwrap();
        fs::rename(folder.path().join("one/bundles/a"), folder.path().join("one/bundles/.tmp-a")).unwrap();
        for cut in [0, 10, whole.len() - 1] {
            fs::write(&local, &whole[..cut]).unwrap();
            let store = open(folder.path(), "one").unwrap();
            assert_eq!(store.events().len(), 1, "cut at {cut}");
            assert_eq!(fs::read(&local).unwrap(), whole);
            assert_eq!(fs::read_to_string(folder.path().join("one/bundles/a")).unwrap(), "first");
        }
    }

    #[test]
    fn a_bucket_that_was_cut_or_changed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path(), "one").unwrap();
        for name in ["a", "b", "c"] {
            bundle(&mut store, name, name).unwrap();
        }
        drop(store);
        let event = |n: u64| folder.path().join("bucket").join(event_name(n));
        let refused = |name: &str, words: &str| {
            let message = open(folder.path(), name).unwrap_err().to_string();
            assert!(message.contains(words), "`{words}` is not in {message}");
        };
        let third = fs::read(event(3)).unwrap();
        fs::remove_file(event(3)).unwrap();
        refused("one", "it holds 2 events and the working folder");
        fs::write(event(3), &third).unwrap();
        fs::rename(event(2), event(4)).unwrap();
        refused("new", "event 2 of 3 is missing");
        fs::rename(event(4), event(2)).unwrap();
        fs::write(event(3), String::from_utf8(third).unwrap().replace("bundles/c", "bundles/x")).unwrap();
        refused("one", "event 3 is not the one that the working folder");
        // To one that knows nothing, it only shows when the chain goes on from it: heads and receipts are for that.
        open(folder.path(), "new").unwrap();
        let second = fs::read_to_string(event(2)).unwrap().replace("bundles/b", "bundles/x");
        fs::write(event(2), second).unwrap();
        refused("newer", "event 3 does not follow the one before it");
    }
}

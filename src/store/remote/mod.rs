//! The store in a bucket. The local folder is then a working copy: what is made is made there, and the bucket decides.
//!
//! In the bucket an event is an object of its own, `ledger/<number>.json`, created only if nobody created it before: that takes the
//! place of the local lock and rename. An object (a snapshot, its captures, a bundle) is there before the event that announces it, and
//! what no event announces was never recorded. Snapshots made elsewhere are fetched when they are needed, and held to their digests.

mod fetch;
mod removal;

use std::fs::File;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use super::backend::{Backend, Content, Put, digest_of};
use super::ledger::{self, Entry, Head};
use super::{StoreError, digest, notary};

pub use fetch::{digest_in, fetch_capture, fetch_object};
pub use removal::Retained;
pub(super) use removal::finish;

/// Folder of the events in the bucket.
const LEDGER: &str = "ledger";
/// Bytes of one event or one manifest.
const LARGEST: u64 = 16 << 20;

fn event_name(seq: u64) -> String {
    format!("{LEDGER}/{seq:010}.json")
}

fn io_at(path: &Path) -> impl Fn(io::Error) -> StoreError {
    move |source| StoreError::Io { path: path.to_owned(), source }
}

fn differs(from: &dyn Backend, message: String) -> StoreError {
    StoreError::Bucket { place: from.place().to_owned(), message }
}

/// Brings the working folder's ledger up to the bucket's; the number of its last event before.
pub fn pull(root: &Path, from: &dyn Backend) -> Result<u64, StoreError> {
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
    Ok(head.seq)
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

/// Name of an object in the bucket. What replaces an object of its name stands beside it, under the number of its event: nothing is
/// overwritten.
#[must_use]
pub fn key(name: &str, replaced_by: Option<u64>) -> String {
    replaced_by.map_or_else(|| name.to_owned(), |seq| format!("{name}.{seq:010}"))
}

/// The same for the newest of an object's versions.
fn newest(name: &str, versions: &[(u64, String)]) -> (String, String) {
    let replaced_by = (versions.len() > 1).then(|| versions.last().map(|(seq, _)| *seq)).flatten();
    (key(name, replaced_by), versions.last().map(|(_, sha256)| sha256.clone()).unwrap_or_default())
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

#[cfg(test)]
mod tests;

//! The ledger: one JSON line an event, each carrying the SHA-256 of the line before it.
//!
//! A line is written and synced before what it announces gets its name, so a crash leaves either neither or both (the store
//! finishes the naming when it is next opened). A line without its newline was never acknowledged: it is cut off, and the
//! cut itself becomes an event.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::digest;

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub seq: u64,
    pub at: Timestamp,
    /// `init`, `snapshot`, `bundle`, `recovered`.
    pub event: String,
    pub data: serde_json::Value,
    /// SHA-256 of the line before, without its newline; 64 zeros for the first.
    pub previous: String,
}

/// Where the chain stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub seq: u64,
    pub sha256: String,
}

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("{}: {source}{}", path.display(), super::hint(source))]
    Io { path: PathBuf, source: io::Error },
    #[error("{}, line {line}: {message}. The ledger was changed by something other than Probant; keep this file and restore it from a copy", path.display())]
    Broken { path: PathBuf, line: u64, message: String },
}

/// Its name in the store.
pub const FILE: &str = "ledger.jsonl";

/// Predecessor of the first line.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An open ledger, held under the store's lock.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    head: Head,
}

/// Reads and checks the whole chain. Returns the entries, the head, and how many bytes of an unfinished last line follow.
pub fn read(path: &Path) -> Result<(Vec<Entry>, Head, u64), LedgerError> {
    let io = |source| LedgerError::Io { path: path.to_owned(), source };
    let mut head = Head { seq: 0, sha256: GENESIS.to_owned() };
    let mut entries = vec![];
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((entries, head, 0)),
        Err(error) => return Err(io(error)),
    };
    let mut reader = BufReader::new(file);
    let mut line = vec![];
    loop {
        line.clear();
        // 16 MiB: no event is near that; a longer line is not ours.
        let read = reader.by_ref().take(16 << 20).read_until(b'\n', &mut line).map_err(io)?;
        if read == 0 {
            return Ok((entries, head, 0));
        }
        if line.pop() != Some(b'\n') {
            return Ok((entries, head, read as u64));
        }
        let broken = |message: String| LedgerError::Broken { path: path.to_owned(), line: head.seq + 1, message };
        let entry: Entry = serde_json::from_slice(&line).map_err(|error| broken(format!("not an event ({error})")))?;
        if entry.seq != head.seq + 1 {
            return Err(broken(format!("event {} stands where {} should", entry.seq, head.seq + 1)));
        }
        if entry.previous != head.sha256 {
            return Err(broken("it does not carry the digest of the line before".into()));
        }
        head = Head { seq: entry.seq, sha256: digest::hex(&line) };
        entries.push(entry);
    }
}

impl Ledger {
    /// Opens the chain, checks it, and cuts an unfinished last line. Returns the events too.
    pub fn open(path: &Path, now: Timestamp) -> Result<(Self, Vec<Entry>), LedgerError> {
        let (mut entries, head, unfinished) = read(path)?;
        let mut ledger = Self { path: path.to_owned(), head };
        if unfinished > 0 {
            cut(path, unfinished).map_err(|source| LedgerError::Io { path: path.to_owned(), source })?;
            entries.push(ledger.append("recovered", now, serde_json::json!({ "unfinished_bytes_cut": unfinished }))?);
        }
        Ok((ledger, entries))
    }

    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The next event, and its line without the newline. Nothing is written.
    pub fn prepare(&self, event: &str, at: Timestamp, data: serde_json::Value) -> Result<(Entry, Vec<u8>), LedgerError> {
        let entry = Entry { seq: self.head.seq + 1, at, event: event.to_owned(), data, previous: self.head.sha256.clone() };
        let line = serde_json::to_vec(&entry).map_err(|error| LedgerError::Io { path: self.path.clone(), source: error.into() })?;
        Ok((entry, line))
    }

    /// Adds a prepared event and makes it durable before returning.
    pub fn commit(&mut self, entry: &Entry, mut line: Vec<u8>) -> Result<(), LedgerError> {
        let sha256 = digest::hex(&line);
        line.push(b'\n');
        extend(&self.path, &line).map_err(|source| LedgerError::Io { path: self.path.clone(), source })?;
        self.head = Head { seq: entry.seq, sha256 };
        Ok(())
    }

    /// Both at once.
    pub fn append(&mut self, event: &str, at: Timestamp, data: serde_json::Value) -> Result<Entry, LedgerError> {
        let (entry, line) = self.prepare(event, at, data)?;
        self.commit(&entry, line)?;
        Ok(entry)
    }
}

/// Adds whole lines to the file, and makes them durable.
pub(super) fn extend(path: &Path, lines: &[u8]) -> io::Result<()> {
    let new = !path.exists();
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.write_all(lines).and_then(|()| file.sync_all())?;
    if new { super::atomic::sync_folder(path.parent().unwrap_or(Path::new("."))) } else { Ok(()) }
}

/// Takes bytes off the end of the file.
pub(super) fn cut(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let end = file.seek(SeekFrom::End(0))?;
    file.set_len(end.saturating_sub(bytes))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-10-05T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_chain_holds_and_a_changed_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let (mut ledger, _) = Ledger::open(&path, now()).unwrap();
        for n in 0..3 {
            ledger.append("snapshot", now(), json!({ "n": n })).unwrap();
        }
        let (entries, head, unfinished) = read(&path).unwrap();
        assert_eq!((entries.len(), head.seq, unfinished), (3, 3, 0));
        assert_eq!(&head, ledger.head());
        assert_eq!(entries[0].previous, GENESIS);

        let text = std::fs::read_to_string(&path).unwrap().replace("\"n\":1", "\"n\":7");
        std::fs::write(&path, text).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("line 3") && message.contains("digest of the line before"), "{message}");
    }

    #[test]
    fn an_unfinished_line_is_cut_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let (mut ledger, _) = Ledger::open(&path, now()).unwrap();
        ledger.append("snapshot", now(), json!({})).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..whole.len() {
            std::fs::write(&path, [whole.as_slice(), &whole[..cut - 1], b"x"].concat()).unwrap();
            let (_, entries) = Ledger::open(&path, now()).unwrap();
            assert_eq!(entries.len(), 2, "cut at {cut}");
            assert_eq!(entries[1].event, "recovered");
            assert_eq!(entries[1].data["unfinished_bytes_cut"], cut);
            assert_eq!(read(&path).unwrap().2, 0);
        }
    }
}

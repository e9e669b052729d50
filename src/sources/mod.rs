//! Where evidence comes from. A source reads one place and says what it read; it never judges.
//!
//! A source pushes rows of the snapshot's tables into a [`Sink`], copies what it received (secrets redacted) into the raw
//! capture, and returns a [`Reading`]: the arithmetic of what it saw, kept and refused, and whether that is all there was.
//! `rows_seen = rows_kept + rows_rejected` must hold; the harvest checks it against the sink's own count of rejects.

pub mod bpdbjobs;
pub mod dates;
pub mod directory;
pub mod documents;
pub mod intake;
pub mod jira;
pub mod keycloak;
pub mod kinds;
pub mod ldap;
pub mod ldif;
mod look;
pub mod secret;
pub mod table;
pub mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::SecretString;

pub use self::look::Look;
use crate::snapshot::schema::Record;

/// What every source is told.
#[derive(Debug, Clone)]
pub struct Request {
    /// Id of the source in the configuration.
    pub source: String,
    /// System whose objects it holds; first half of every id.
    pub system: String,
    /// Zone of instants that carry none.
    pub zone: TimeZone,
    /// The instant the harvest is made for: "locked now" and the like are computed at evidence time, or at this one.
    pub as_of: Timestamp,
    /// Folder that relative paths start from (the configuration file's).
    pub base: PathBuf,
}

impl Request {
    /// A path of the configuration, made absolute.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }
}

/// Where a source copies what it received.
pub trait RawCapture: Write {
    /// Forgets all that was written: what was received has to be asked for again.
    fn restart(&mut self) -> io::Result<()>;
}

/// In memory, for tests.
impl RawCapture for Vec<u8> {
    fn restart(&mut self) -> io::Result<()> {
        self.clear();
        Ok(())
    }
}

/// Where a source puts what it reads.
pub trait Sink {
    /// Adds a row to its table. Ids are made with [`crate::snapshot::ids`].
    fn push(&mut self, record: Record<'_>) -> Result<(), SinkError>;
    /// Notes a source row that could not be read: its number from 1, why, and its beginning (the sink cuts it; the source has
    /// redacted it).
    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError>;
    /// Rows seen so far, for the progress line. Called every few thousand rows.
    fn progress(&mut self, rows_seen: u64);
}

/// The snapshot could not take a row: the disk is full, or the writer died.
#[derive(Debug, thiserror::Error)]
#[error("the snapshot could not be written: {0}")]
pub struct SinkError(#[from] pub io::Error);

/// What a source says of its own collection once it has read it.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// URL or file(s) read, as a person would name them.
    pub endpoint: String,
    /// Identity used, where there is one.
    pub identity: Option<String>,
    /// What was asked, or the files with their SHA-256.
    pub query: serde_json::Value,
    /// Pages or files.
    pub pages: u64,
    /// Rows the source held. One row is one record of the source: an LDIF entry, a CSV record, a job, a file.
    pub rows_seen: u64,
    /// Rows understood (an organisational unit in an LDIF is understood though it makes no account).
    pub rows_kept: u64,
    /// An independent count, where the source has one (a trailer, a `total`).
    pub server_count: Option<u64>,
    /// Counts by kind of object.
    pub details: BTreeMap<String, u64>,
    /// Why this is not all there was; `None` when it is.
    pub incomplete: Option<String>,
    /// A date found in the content that says when it was true.
    pub content_at: Option<Timestamp>,
    /// Newest modification time of the files read; the fallback for `evidence_at`.
    pub modified_at: Option<Timestamp>,
}

/// Why a source could not be read at all. What could be read in part is a [`Reading`] with `incomplete`.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The message names the file and what to do.
    #[error("{path}: {message}")]
    File { path: String, message: String },
    /// The message names line, entry or row.
    #[error("{path}, line {line}: {message}")]
    Line { path: String, line: u64, message: String },
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// Raw capture could not be written.
    #[error("the raw capture could not be written: {0}")]
    Capture(io::Error),
}

/// One place that evidence comes from.
pub trait Source: Send + Sync {
    /// Tables it can feed, by name.
    fn tables(&self) -> Vec<&'static str>;
    /// What contradicts itself in its keys, in words; asked as the configuration is read.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
    /// What a person must type before it can be read (whose password, for which server); `None` when nothing is missing.
    fn question(&self) -> Option<String> {
        None
    }
    /// Takes what a person typed. The first answer stays.
    fn take_answer(&self, _answer: SecretString) {}
    /// For a live source: connects and looks, and harvests nothing. `None`: this kind is tried by reading it.
    fn look(&self, _request: &Request) -> Option<Result<Look, SourceError>> {
        None
    }
    /// For a live source: the source that reads its raw capture back. `None`: the capture is the file itself, which this same
    /// source reads. `asked` is the `query` that the collection recorded.
    fn again(&self, _capture: &Path, _asked: &serde_json::Value) -> Option<Box<dyn Source>> {
        None
    }
    /// Reads everything. `capture` takes the bytes as received, secrets redacted, in reading order.
    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn RawCapture) -> Result<Reading, SourceError>;
}

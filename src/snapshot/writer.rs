//! Writes the tables of a snapshot as Parquet while sources still read, in bounded memory.
//!
//! Full batches go to one writing thread through a short channel, so that a slow disk slows the sources instead of filling memory;
//! smaller ones wait until there are enough for a row group. Rows are written in the order in which they were handed over.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use polars::io::parquet::write::BatchedWriter;
use polars::polars_utils::compression::ZstdLevel;
use polars::prelude::{ParquetCompression, ParquetWriter, PolarsError, StatisticsOptions};

use super::columns;
use super::feed::{Feed, Frame};
use super::schema::{Record, TABLES, Table};
use crate::store::atomic;

/// zstd level of the column pages.
const LEVEL: i32 = 1;

/// Row count and file name by table.
pub type Written = BTreeMap<&'static str, u64>;

/// All tables of one snapshot, being written.
pub struct TablesWriter {
    /// Rows that are too few for a row group, by table.
    waiting: BTreeMap<&'static str, Frame>,
    to: Option<SyncSender<Frame>>,
    worker: Option<JoinHandle<io::Result<Written>>>,
}

impl TablesWriter {
    /// Starts writing below `folder` (made if absent). Every table is written, if only its header.
    pub fn start(folder: &Path) -> io::Result<Self> {
        atomic::folder(folder)?;
        let (to, from) = sync_channel(1);
        let folder = folder.to_owned();
        let worker = std::thread::Builder::new().name("parquet".into()).spawn(move || write(&folder, &from))?;
        Ok(Self { waiting: BTreeMap::new(), to: Some(to), worker: Some(worker) })
    }

    /// Adds rows to their table, after those that are there.
    pub fn take(&mut self, mut frame: Frame) -> io::Result<()> {
        if let Some(mut before) = self.waiting.remove(frame.table) {
            before.rows.vstack_mut_owned(frame.rows).map_err(io::Error::other)?;
            frame = Frame { bytes: before.bytes + frame.bytes, ..before };
        }
        if frame.is_full() {
            return self.send(frame);
        }
        self.waiting.insert(frame.table, frame);
        Ok(())
    }

    /// Adds the few rows of a collection that no source made.
    pub fn all<'r>(&mut self, collection_id: &str, records: impl IntoIterator<Item = Record<'r>>) -> io::Result<()> {
        let mut feed = Feed::new(collection_id);
        for record in records {
            if let Some(frame) = feed.push(&record)? {
                self.take(frame)?;
            }
        }
        feed.rest()?.into_iter().try_for_each(|frame| self.take(frame))
    }

    fn send(&mut self, frame: Frame) -> io::Result<()> {
        let sent = self.to.as_ref().is_some_and(|to| to.send(frame).is_ok());
        if sent { Ok(()) } else { Err(self.end().err().unwrap_or_else(|| io::Error::other("the Parquet thread ended early"))) }
    }

    fn end(&mut self) -> io::Result<Written> {
        drop(self.to.take());
        match self.worker.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(io::Error::other("the Parquet thread ended early")),
        }
    }

    /// Writes what is left and syncs every file. Returns the rows of each table.
    pub fn finish(mut self) -> io::Result<Written> {
        for frame in std::mem::take(&mut self.waiting).into_values() {
            self.send(frame)?;
        }
        self.end()
    }
}

/// Where a table lies in a snapshot's `tables` folder.
#[must_use]
pub fn path(folder: &Path, table: &str) -> PathBuf {
    folder.join(format!("{table}.parquet"))
}

/// One table's file. Buffered: pages come whole, but the footer a few bytes at a time. Its end flushes the buffer, and says what went wrong.
struct TableFile {
    writer: BatchedWriter<BufWriter<File>>,
    file: File,
    rows: u64,
}

fn start(folder: &Path, table: &Table) -> io::Result<TableFile> {
    let file = atomic::create(&path(folder, table.name))?;
    let level = ZstdLevel::try_new(LEVEL).map_err(io::Error::other)?;
    let writer = ParquetWriter::new(BufWriter::new(file.try_clone()?))
        .with_compression(ParquetCompression::Zstd(Some(level)))
        .with_statistics(StatisticsOptions::default())
        .batched(&columns::schema(table))
        .map_err(io::Error::other)?;
    Ok(TableFile { writer, file, rows: 0 })
}

fn write(folder: &Path, from: &Receiver<Frame>) -> io::Result<Written> {
    let mut files = TABLES.iter().map(|table| Ok((table.name, start(folder, table)?))).collect::<io::Result<BTreeMap<_, _>>>()?;
    for Frame { table, mut rows, .. } in from {
        let Some(file) = files.get_mut(table) else { return Err(io::Error::other("unknown table")) };
        file.rows += rows.height() as u64;
        // One row group, whatever the rows were gathered from.
        file.writer.write_batch(rows.rechunk_mut()).map_err(as_io)?;
    }
    let mut written = Written::new();
    for (name, file) in files {
        file.writer.finish().map_err(as_io)?;
        file.file.sync_all()?;
        written.insert(name, file.rows);
    }
    atomic::sync_folder(folder)?;
    Ok(written)
}

/// Keeps the kind of an I/O error (a full disk stays a full disk).
fn as_io(error: PolarsError) -> io::Error {
    match error {
        PolarsError::IO { error, .. } => io::Error::new(error.kind(), error.to_string()),
        // The Parquet writer wraps what the system said in words of its own.
        other if other.to_string().contains("No space left on device") => io::ErrorKind::StorageFull.into(),
        other => io::Error::other(other),
    }
}

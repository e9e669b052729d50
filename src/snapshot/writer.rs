//! Writes the tables of a snapshot as Parquet while sources still read, in bounded memory.
//!
//! Rows gather in columns; full batches go to one writing thread through a short channel, so that a slow disk slows the
//! sources instead of filling memory. Row groups are written in the order in which batches were handed over.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use polars::io::parquet::write::BatchedWriter;
use polars::polars_utils::compression::ZstdLevel;
use polars::prelude::{DataFrame, ParquetCompression, ParquetWriter, PolarsError, StatisticsOptions};

use super::columns::{self, Columns};
use super::schema::{Record, Row, TABLES, Table};
use crate::store::atomic;

/// Rows of a row group: large enough to compress well, small enough that a few batches in flight stay under 100 MB.
const BATCH: usize = 1 << 16;
/// zstd level of the column pages.
const LEVEL: i32 = 1;

/// Row count and file name by table.
pub type Written = BTreeMap<&'static str, u64>;

/// All tables of one snapshot, being written.
pub struct TablesWriter {
    columns: BTreeMap<&'static str, Columns>,
    to: Option<SyncSender<(&'static str, DataFrame)>>,
    worker: Option<JoinHandle<io::Result<Written>>>,
}

impl TablesWriter {
    /// Starts writing below `folder` (made if absent). Every table is written, if only its header.
    pub fn start(folder: &Path) -> io::Result<Self> {
        atomic::folder(folder)?;
        let (to, from) = sync_channel(2);
        let folder = folder.to_owned();
        let worker = std::thread::Builder::new().name("parquet".into()).spawn(move || write(&folder, &from))?;
        let columns = TABLES.iter().map(|table| (table.name, Columns::new(table, 0))).collect();
        Ok(Self { columns, to: Some(to), worker: Some(worker) })
    }

    /// Adds a row to its table.
    pub fn push(&mut self, record: &Record<'_>, collection_id: &str) -> io::Result<()> {
        let name = record.table().name;
        let Some(columns) = self.columns.get_mut(name) else { return Err(io::Error::other("unknown table")) };
        columns.push(record, collection_id);
        if columns.rows() < BATCH {
            return Ok(());
        }
        let frame = columns.take().map_err(io::Error::other)?;
        self.send(name, frame)
    }

    fn send(&mut self, name: &'static str, frame: DataFrame) -> io::Result<()> {
        let sent = self.to.as_ref().is_some_and(|to| to.send((name, frame)).is_ok());
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
        for table in TABLES {
            let frame = match self.columns.get_mut(table.name) {
                Some(columns) if columns.rows() > 0 => columns.take().map_err(io::Error::other)?,
                _ => continue,
            };
            self.send(table.name, frame)?;
        }
        self.end()
    }
}

/// Where a table lies in a snapshot's `tables` folder.
#[must_use]
pub fn path(folder: &Path, table: &str) -> PathBuf {
    folder.join(format!("{table}.parquet"))
}

/// One table's file. Unbuffered: pages come whole, and a buffer flushed by its drop would swallow the error of a full disk.
struct TableFile {
    writer: BatchedWriter<File>,
    file: File,
    rows: u64,
}

fn start(folder: &Path, table: &Table) -> io::Result<TableFile> {
    let file = atomic::create(&path(folder, table.name))?;
    let level = ZstdLevel::try_new(LEVEL).map_err(io::Error::other)?;
    let writer = ParquetWriter::new(file.try_clone()?)
        .with_compression(ParquetCompression::Zstd(Some(level)))
        .with_statistics(StatisticsOptions::default())
        .batched(&columns::schema(table))
        .map_err(io::Error::other)?;
    Ok(TableFile { writer, file, rows: 0 })
}

fn write(folder: &Path, from: &Receiver<(&'static str, DataFrame)>) -> io::Result<Written> {
    let mut files = TABLES.iter().map(|table| Ok((table.name, start(folder, table)?))).collect::<io::Result<BTreeMap<_, _>>>()?;
    for (name, frame) in from {
        let Some(file) = files.get_mut(name) else { return Err(io::Error::other("unknown table")) };
        file.rows += frame.height() as u64;
        file.writer.write_batch(&frame).map_err(as_io)?;
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

//! The rows of one collection on their way into the tables: gathered in columns, handed over in batches.
//!
//! Every source fills a feed of its own, on its own thread; what it hands over depends on its rows alone.

use std::io;

use polars::prelude::DataFrame;

use super::columns::Columns;
use super::schema::{Record, TABLES};

/// Rows of a full batch, and of a row group, at most.
const ROWS: usize = 1 << 15;
/// Bytes of text that make a batch full, however many rows it has: enough to compress well, and some six of them are under way at once
/// (being filled, waiting, being written).
const BYTES: usize = 4 << 20;

/// Rows of one table.
pub struct Frame {
    pub table: &'static str,
    pub rows: DataFrame,
    /// Bytes of its texts.
    pub bytes: usize,
}

impl Frame {
    /// Enough for a row group.
    #[must_use]
    pub fn is_full(&self) -> bool {
        is_full(self.rows.height(), self.bytes)
    }
}

const fn is_full(rows: usize, bytes: usize) -> bool {
    rows >= ROWS || bytes >= BYTES
}

/// Rows of one collection.
pub struct Feed {
    collection_id: String,
    /// In the order of [`TABLES`]; those that got a row.
    tables: Vec<Option<Columns>>,
}

impl Feed {
    #[must_use]
    pub fn new(collection_id: &str) -> Self {
        Self { collection_id: collection_id.to_owned(), tables: TABLES.iter().map(|_| None).collect() }
    }

    /// Adds a row to its table. A batch comes back when it is full.
    pub fn push(&mut self, record: &Record<'_>) -> io::Result<Option<Frame>> {
        let at = record.position();
        let (Some(table), Some(columns)) = (TABLES.get(at), self.tables.get_mut(at)) else {
            return Err(io::Error::other("unknown table"));
        };
        let columns = columns.get_or_insert_with(|| Columns::new(table, 0));
        columns.push(record);
        if is_full(columns.rows(), columns.bytes()) { frame(table.name, columns, &self.collection_id).map(Some) } else { Ok(None) }
    }

    /// What is left of every table.
    pub fn rest(&mut self) -> io::Result<Vec<Frame>> {
        let filled = TABLES.iter().zip(&mut self.tables).filter_map(|(table, columns)| Some((table.name, columns.take()?)));
        filled
            .filter(|(_, columns)| columns.rows() > 0)
            .map(|(table, mut columns)| frame(table, &mut columns, &self.collection_id))
            .collect()
    }
}

fn frame(table: &'static str, columns: &mut Columns, collection_id: &str) -> io::Result<Frame> {
    let bytes = columns.bytes();
    let rows = columns.take(collection_id).map_err(io::Error::other)?;
    Ok(Frame { table, rows, bytes })
}

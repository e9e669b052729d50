//! The rows of one collection on their way into the tables: gathered in columns, handed over in batches.
//!
//! Every source fills a feed of its own, on its own thread; what it hands over depends on its rows alone.

use std::io;

use polars::prelude::DataFrame;

use super::columns::Columns;
use super::schema::{Record, TABLES};

/// Rows of a full batch, and of a row group: large enough to compress well, small enough that a few of them stay under 100 MB.
pub const BATCH: usize = 1 << 16;

/// Rows of one table.
pub struct Frame {
    pub table: &'static str,
    pub rows: DataFrame,
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
        if columns.rows() < BATCH {
            return Ok(None);
        }
        let rows = columns.take(&self.collection_id).map_err(io::Error::other)?;
        Ok(Some(Frame { table: table.name, rows }))
    }

    /// What is left of every table.
    pub fn rest(&mut self) -> io::Result<Vec<Frame>> {
        let filled = TABLES.iter().zip(&mut self.tables).filter_map(|(table, columns)| Some((table.name, columns.take()?)));
        filled
            .filter(|(_, columns)| columns.rows() > 0)
            .map(|(table, mut columns)| {
                let rows = columns.take(&self.collection_id).map_err(io::Error::other)?;
                Ok(Frame { table, rows })
            })
            .collect()
    }
}

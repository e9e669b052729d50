//! From rows to columns: the builders that turn records into Polars frames.

use polars::prelude::*;

use super::schema::{COLLECTION_ID, Record, Row, Table};
use super::value::{Kind, Value};

/// A column growing cell by cell.
enum Builder {
    Text(StringChunkedBuilder),
    Bool(BooleanChunkedBuilder),
    Int(PrimitiveChunkedBuilder<Int64Type>, DataType),
    Real(PrimitiveChunkedBuilder<Float64Type>),
    Days(PrimitiveChunkedBuilder<Int32Type>),
}

/// Rows of one table, held as columns until they are written.
pub struct Columns {
    table: &'static Table,
    builders: Vec<Builder>,
    rows: usize,
    bytes: usize,
}

/// Polars type of a column.
#[must_use]
pub fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text | Kind::List => DataType::String,
        Kind::Bool => DataType::Boolean,
        Kind::Int => DataType::Int64,
        Kind::Real => DataType::Float64,
        Kind::Time => DataType::Datetime(TimeUnit::Microseconds, None),
        Kind::Date => DataType::Date,
    }
}

/// Polars schema of a table.
#[must_use]
pub fn schema(table: &Table) -> Schema {
    table.columns.iter().map(|column| Field::new(column.name.into(), data_type(column.kind))).collect()
}

impl Columns {
    #[must_use]
    pub fn new(table: &'static Table, capacity: usize) -> Self {
        let own = table.columns.len() - usize::from(table.has_collection());
        let builders = table
            .columns
            .iter()
            .take(own)
            .map(|column| {
                let name = column.name.into();
                match column.kind {
                    Kind::Text | Kind::List => Builder::Text(StringChunkedBuilder::new(name, capacity)),
                    Kind::Bool => Builder::Bool(BooleanChunkedBuilder::new(name, capacity)),
                    Kind::Int | Kind::Time => Builder::Int(PrimitiveChunkedBuilder::new(name, capacity), data_type(column.kind)),
                    Kind::Real => Builder::Real(PrimitiveChunkedBuilder::new(name, capacity)),
                    Kind::Date => Builder::Days(PrimitiveChunkedBuilder::new(name, capacity)),
                }
            })
            .collect();
        Self { table, builders, rows: 0, bytes: 0 }
    }

    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of the texts in its rows.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a row of this table.
    pub fn push(&mut self, record: &Record<'_>) {
        let mut builders = self.builders.iter_mut();
        let bytes = &mut self.bytes;
        record.cells(&mut |cell| {
            if let Value::Text(text) = &cell {
                *bytes += text.len();
            }
            if let Some(builder) = builders.next() {
                builder.push(cell);
            }
        });
        self.rows += 1;
    }

    /// The rows so far as a frame; the columns start afresh. `collection_id` goes into the last column (not for `collections`, whose
    /// rows carry their own).
    pub fn take(&mut self, collection_id: &str) -> PolarsResult<DataFrame> {
        let full = std::mem::replace(self, Self::new(self.table, self.rows));
        let rows = full.rows;
        let mut columns = full.builders.into_iter().map(Builder::finish).collect::<PolarsResult<Vec<_>>>()?;
        if full.table.has_collection() {
            let id = Scalar::from(PlSmallStr::from_str(collection_id));
            columns.push(Column::new_scalar(COLLECTION_ID.name.into(), id, rows));
        }
        DataFrame::new(rows, columns)
    }
}

impl Builder {
    fn push(&mut self, cell: Value<'_>) {
        match (self, cell) {
            (Self::Text(b), Value::Text(text)) => b.append_value(text),
            (Self::Bool(b), Value::Bool(value)) => b.append_value(value),
            (Self::Int(b, _), Value::Int(value)) => b.append_value(value),
            (Self::Int(b, _), Value::Time(value)) => b.append_value(value.0),
            (Self::Real(b), Value::Real(value)) => b.append_value(value),
            (Self::Days(b), Value::Date(value)) => b.append_value(value.0),
            (b, Value::Null) => b.push_null(),
            // The record and the column list come from the same macro call: a cell of another kind cannot occur.
            (b, other) => {
                debug_assert!(false, "{other:?} in the wrong column");
                b.push_null();
            }
        }
    }

    fn push_null(&mut self) {
        match self {
            Self::Text(b) => b.append_null(),
            Self::Bool(b) => b.append_null(),
            Self::Int(b, _) => b.append_null(),
            Self::Real(b) => b.append_null(),
            Self::Days(b) => b.append_null(),
        }
    }

    fn finish(self) -> PolarsResult<Column> {
        Ok(match self {
            Self::Text(b) => b.finish().into_series(),
            Self::Bool(b) => b.finish().into_series(),
            Self::Int(b, kind) => b.finish().into_series().cast(&kind)?,
            Self::Real(b) => b.finish().into_series(),
            Self::Days(b) => b.finish().into_series().cast(&DataType::Date)?,
        }
        .into_column())
    }
}

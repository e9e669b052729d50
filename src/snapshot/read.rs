//! Reads the tables of a published snapshot back: as records, or streamed as CSV.

use std::io::{self, Write};
use std::path::Path;

use polars::prelude::{AnyValue, DataFrame, IdxSize, LazyFrame, PlRefPath, ScanArgsParquet, TimeUnit};

use super::schema::{Stored, Table};
use super::value::{Days, Kind, Micros, Value};
use super::{manifest, writer};

/// Rows held at once while streaming.
const SLICE: u32 = 1 << 16;

fn open(snapshot: &Path, table: &Table) -> io::Result<LazyFrame> {
    let path = writer::path(&snapshot.join(manifest::TABLES), table.name);
    // Polars says what is wrong with a file, but not always which.
    let named = |error: String| io::Error::other(format!("{}: {error}", path.display()));
    let location = PlRefPath::try_from_path(&path).map_err(|error| named(error.to_string()))?;
    LazyFrame::scan_parquet(location, ScanArgsParquet::default()).map_err(|error| named(error.to_string()))
}

/// Every row of a table, as records.
pub fn rows<T: Stored>(snapshot: &Path) -> io::Result<Vec<T>> {
    let frame = open(snapshot, T::TABLE)?.collect().map_err(io::Error::other)?;
    let mut rows = Vec::with_capacity(frame.height());
    each(&frame, |mut next| rows.push(T::stored(&mut next)));
    Ok(rows)
}

/// Calls `row` with every row of a table, in bounded memory.
pub fn stream<T: Stored>(snapshot: &Path, mut row: impl FnMut(T)) -> io::Result<()> {
    slices(snapshot, T::TABLE, |frame| {
        each(frame, |mut next| row(T::stored(&mut next)));
        Ok(())
    })
}

/// Calls `of` with every slice of a table.
fn slices(snapshot: &Path, table: &Table, mut of: impl FnMut(&DataFrame) -> io::Result<()>) -> io::Result<()> {
    let frame = open(snapshot, table)?;
    let mut offset = 0;
    loop {
        let slice = frame.clone().slice(offset, IdxSize::from(SLICE)).collect().map_err(io::Error::other)?;
        of(&slice)?;
        if slice.height() < SLICE as usize {
            return Ok(());
        }
        offset += i64::from(SLICE);
    }
}

/// Calls `row` with a function that yields the cells of each row in turn.
fn each(frame: &DataFrame, mut row: impl FnMut(&mut dyn FnMut() -> Value<'static>)) {
    let columns: Vec<_> = frame.columns().iter().map(|column| column.as_materialized_series().rechunk()).collect();
    let mut iterators: Vec<_> = columns.iter().map(|series| series.iter()).collect();
    for _ in 0..frame.height() {
        let mut cells = iterators.iter_mut();
        row(&mut || cells.next().and_then(Iterator::next).map_or(Value::Null, |value| stored(&value)));
    }
}

fn stored(value: &AnyValue<'_>) -> Value<'static> {
    match value {
        AnyValue::String(text) => Value::Text((*text).to_owned().into()),
        AnyValue::StringOwned(text) => Value::Text(text.to_string().into()),
        AnyValue::Boolean(value) => Value::Bool(*value),
        AnyValue::Int64(n) => Value::Int(*n),
        AnyValue::Float64(n) => Value::Real(*n),
        AnyValue::Date(days) => Value::Date(Days(*days)),
        AnyValue::Datetime(at, TimeUnit::Microseconds, _) | AnyValue::DatetimeOwned(at, TimeUnit::Microseconds, _) => {
            Value::Time(Micros(*at))
        }
        _ => Value::Null,
    }
}

/// Writes a table as CSV (RFC 4180, UTF-8, header), in bounded memory. A text that a spreadsheet would run as a formula gets a
/// leading apostrophe (CWE-1236): the CSV is for reading, the Parquet file is the evidence.
pub fn csv(snapshot: &Path, table: &Table, to: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(table.columns.iter().map(|column| column.name))?;
    cells(snapshot, table, |row| {
        let kinds = table.columns.iter().map(|column| column.kind);
        Ok(writer.write_record(kinds.zip(&row).map(|(kind, value)| cell(kind, value)))?)
    })?;
    writer.flush()
}

/// Calls `row` with the cells of each row of a table, in the order of its columns, in bounded memory. Stops at the first error.
pub fn cells(snapshot: &Path, table: &Table, mut row: impl FnMut(Vec<Value<'static>>) -> io::Result<()>) -> io::Result<()> {
    slices(snapshot, table, |slice| {
        let mut result = Ok(());
        each(slice, |next| {
            let cells = table.columns.iter().map(|_| next()).collect();
            if result.is_ok() {
                result = row(cells);
            }
        });
        result
    })
}

fn cell(kind: Kind, value: &Value<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) if matches!(kind, Kind::Text | Kind::List) && text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Value::Text(text) => text.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Real(n) => n.to_string(),
        Value::Time(at) => at.to_string(),
        Value::Date(day) => day.to_string(),
    }
}

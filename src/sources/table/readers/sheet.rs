//! Sheets of xlsx and ods workbooks, through calamine. A sheet's own dates and numbers stay what they are.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, Xlsx};

use crate::sources::SourceError;
use crate::sources::dates;

use super::super::capture::Redacted;
use super::super::cell::{Cell, RowCells};
use super::super::config::{ColumnName, Format, Header};
use super::super::input::Input;
use super::{ReadPlan, Rows, workbook};

/// Characters that a cell may hold (ECMA-376, Excel's limit).
const MAX_CELL: usize = 32_767;
/// Columns of the widest sheet of Excel.
const MAX_COLUMNS: usize = 16_384;

pub(super) fn read(plan: &ReadPlan, input: &mut Input<'_>, rows: &mut dyn Rows) -> Result<(), SourceError> {
    workbook::inspect(plan.format, input)?;
    let file = File::open(&input.path).map_err(|error| input.io(&error))?;
    let file = BufReader::new(file);
    let damaged = |error: &dyn std::fmt::Display| SourceError::File {
        path: input.name.clone(),
        message: format!("the workbook cannot be read: {error}; save it again from a spreadsheet program"),
    };
    if plan.format == Format::Ods {
        let mut book = Ods::new(file).map_err(|error| damaged(&error))?;
        let sheet = pick(&plan.sheet, &book.sheet_names()).map_err(|message| input.fail(message))?;
        let range = book.worksheet_range(&sheet).map_err(|error| damaged(&error))?;
        input.note = Some(format!("sheet {sheet}"));
        let redacted = input.drain()?;
        let mut table = Table::new(plan, rows, redacted);
        let (top, left) = range.start().unwrap_or_default();
        for (at, cells) in range.rows().enumerate() {
            let before = std::iter::repeat_n(Cell::Empty, left as usize);
            let row: Vec<Cell<'_>> = before.chain(cells.iter().map(ods_cell)).collect();
            table.take(u64::from(top) + at as u64 + 1, &row)?;
        }
        return table.end();
    }
    let mut book = Xlsx::new(file).map_err(|error| damaged(&error))?;
    let sheet = pick(&plan.sheet, &book.sheet_names()).map_err(|message| input.fail(message))?;
    input.note = Some(format!("sheet {sheet}"));
    let name = input.name.clone();
    let damaged = |error: &dyn std::fmt::Display| SourceError::File {
        path: name.clone(),
        message: format!("sheet {sheet} cannot be read: {error}; save the workbook again from a spreadsheet program"),
    };
    let redacted = input.drain()?;
    let mut table = Table::new(plan, rows, redacted);
    // Cells one by one: a dense range of a sheet with one far cell would not fit in memory.
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|error| damaged(&error))?;
    let mut row: Vec<Cell<'_>> = Vec::new();
    let mut current = 0;
    while let Some(cell) = cells.next_cell().map_err(|error| damaged(&error))? {
        let (at, column) = cell.get_position();
        if at < current {
            return Err(damaged(&"its rows are not in order"));
        }
        if at > current {
            table.take(u64::from(current) + 1, &row)?;
            row.clear();
            current = at;
        }
        let column = column as usize;
        if column < MAX_COLUMNS {
            if row.len() <= column {
                row.resize(column + 1, Cell::Empty);
            }
            if let Some(slot) = row.get_mut(column) {
                *slot = xlsx_cell(cell.get_value());
            }
        }
    }
    table.take(u64::from(current) + 1, &row)?;
    table.end()
}

fn pick(wanted: &ColumnName, names: &[String]) -> Result<String, String> {
    let found = match wanted {
        ColumnName::Name(name) => names.iter().find(|known| known.trim().eq_ignore_ascii_case(name.trim())),
        ColumnName::Position(at) => at.checked_sub(1).and_then(|at| names.get(at)),
    };
    found
        .cloned()
        .ok_or_else(|| format!("there is no sheet {wanted}; the workbook has \"{}\". Set read.sheet", names.join("\", \"")))
}

fn text(text: Cow<'_, str>) -> Cell<'_> {
    if text.len() > MAX_CELL && text.chars().count() > MAX_CELL {
        return Cell::Fault(Cow::Owned(format!("the cell holds more than {MAX_CELL} characters")));
    }
    if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
}

fn moment<'r>(value: &ExcelDateTime) -> Cell<'r> {
    let days = value.as_f64();
    if value.is_duration() || (0.0..1.0).contains(&days) {
        return Cell::Span(days);
    }
    // Sheets of old Macs count from 1904, 1462 days later; calamine keeps that to itself but for the calendar it gives.
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    let local = i16::try_from(year).ok().and_then(|year| {
        let date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        let nanos = i32::from(milli) * 1_000_000;
        let time =
            jiff::civil::Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, nanos).ok()?;
        Some(date.to_datetime(time))
    });
    match local {
        Some(local) => Cell::Moment { local, days },
        None => Cell::Fault(Cow::Owned(format!("{days} is not a date"))),
    }
}

/// ODF and some xlsx writers store dates as ISO 8601 text.
fn iso<'r>(value: &str) -> Cell<'r> {
    let parsed = dates::DateFormat::Iso.parse(value);
    match parsed {
        Ok(Some(dates::Moment::Day(day))) => Cell::Moment { local: day.to_datetime(jiff::civil::Time::midnight()), days: f64::MAX },
        Ok(Some(dates::Moment::Local(local))) => Cell::Moment { local, days: f64::MAX },
        _ => Cell::Text(Cow::Owned(value.to_owned())),
    }
}

/// ODF durations (`PT4H30M00S`, xsd:duration), in days.
fn span<'r>(value: &str) -> Cell<'r> {
    match value.parse::<jiff::SignedDuration>() {
        Ok(duration) => Cell::Span(duration.as_secs_f64() / 86_400.0),
        Err(_) => Cell::Text(Cow::Owned(value.to_owned())),
    }
}

fn fault<'r>(error: &impl std::fmt::Display) -> Cell<'r> {
    Cell::Fault(Cow::Owned(format!("the cell holds the error {error}")))
}

fn xlsx_cell<'r>(value: &DataRef<'r>) -> Cell<'r> {
    match value {
        DataRef::Empty => Cell::Empty,
        #[expect(clippy::cast_precision_loss, reason = "a sheet stores its numbers as floats")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(value) => text(Cow::Owned(value.clone())),
        DataRef::SharedString(value) => text(Cow::Borrowed(value)),
        DataRef::Bool(value) => Cell::Bool(*value),
        DataRef::DateTime(value) => moment(value),
        DataRef::DateTimeIso(value) => iso(value),
        DataRef::DurationIso(value) => span(value),
        DataRef::Error(error) => fault(error),
    }
}

fn ods_cell(value: &Data) -> Cell<'_> {
    match value {
        Data::Empty => Cell::Empty,
        #[expect(clippy::cast_precision_loss, reason = "a sheet stores its numbers as floats")]
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::String(value) => text(Cow::Borrowed(value)),
        Data::Bool(value) => Cell::Bool(*value),
        Data::DateTime(value) => moment(value),
        Data::DateTimeIso(value) => iso(value),
        Data::DurationIso(value) => span(value),
        Data::Error(error) => fault(error),
    }
}

/// Rows of a sheet on their way.
struct Table<'t, 'c> {
    plan: &'t ReadPlan,
    rows: &'t mut dyn Rows,
    redacted: Redacted<'c>,
    mask: Vec<bool>,
    /// Cells of the header; `None` until it is read.
    width: Option<usize>,
}

impl<'t, 'c> Table<'t, 'c> {
    fn new(plan: &'t ReadPlan, rows: &'t mut dyn Rows, redacted: Redacted<'c>) -> Self {
        Self { plan, rows, redacted, mask: vec![], width: None }
    }

    fn take(&mut self, number: u64, row: &[Cell<'_>]) -> Result<(), SourceError> {
        let cells = RowCells(row);
        let empty = row.iter().all(|cell| *cell == Cell::Empty);
        let Some(width) = self.width else {
            return match self.plan.header {
                Header::Line(line) if number < line => {
                    let texts: Vec<Cow<'_, str>> = row.iter().map(Cell::text).collect();
                    self.rows.aside(&texts.join(" "));
                    self.redacted.row(&cells, &[], ',');
                    Ok(())
                }
                Header::Flag(true) if empty => Ok(()),
                Header::Flag(false) => {
                    self.width = Some(usize::MAX);
                    self.mask = self.rows.header(None)?;
                    self.take(number, row)
                }
                _ => {
                    let names: Vec<String> = row.iter().map(|cell| cell.text().into_owned()).collect();
                    self.width = Some(names.len());
                    self.mask = self.rows.header(Some(&names))?;
                    self.redacted.row(&cells, &[], ',');
                    Ok(())
                }
            };
        };
        let surplus = row.get(width..).is_some_and(|rest| rest.iter().any(|cell| *cell != Cell::Empty));
        if surplus {
            let reason = format!("this row has cells to the right of the header, which has {width}");
            let shown = if self.redacted.is_on() { String::new() } else { super::super::cell::excerpt(&cells, &[]) };
            self.redacted.unreadable();
            return self.rows.bad(number, &reason, &shown);
        }
        self.redacted.row(&cells, &self.mask, ',');
        self.rows.row(number, &cells)
    }

    fn end(self) -> Result<(), SourceError> {
        if self.width.is_none() {
            // An empty sheet lacks every column; the refusal says so.
            self.rows.header(Some(&[]))?;
        }
        self.redacted.finish().map_err(SourceError::Capture)
    }
}

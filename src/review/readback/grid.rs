//! A workbook's sheets as rows of plain cells, whichever program saved it. Memory is bounded: by cells, and by text.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};
use jiff::civil::{Date, DateTime};

use super::container::{Format, MAX_SHEETS, Opened};
use super::ods;
use super::trouble::Trouble;

/// Columns looked at: ours are 21, and people add a few.
pub(super) const MAX_COLUMNS: u32 = 100;
/// Cells and bytes of text held for one workbook: a million lines, all columns filled in.
const MAX_CELLS: usize = 24_000_000;
const MAX_TEXT: usize = 768 << 20;

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Content {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    Date(DateTime),
    /// A boolean, a duration, an error: shown as text, never a date or a choice.
    Other(String),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Cell {
    pub content: Content,
    pub formula: bool,
}

impl Cell {
    /// As the frozen cells are hashed: a date as ISO 8601.
    pub(super) fn text(&self) -> String {
        match &self.content {
            Content::Empty => String::new(),
            Content::Text(text) | Content::Other(text) => text.clone(),
            Content::Number(number) => number.to_string(),
            Content::Date(at) => at.date().to_string(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match &self.content {
            Content::Empty => !self.formula,
            Content::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// Rows and columns from 0, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Merge {
    pub top: u32,
    pub left: u32,
    pub bottom: u32,
    pub right: u32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Sheet {
    pub name: String,
    /// Rows that hold something, from 0, in order.
    pub rows: Vec<(u32, Vec<Cell>)>,
    pub merges: Vec<Merge>,
}

impl Sheet {
    /// A cell by row and column from 0.
    pub(super) fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        let at = self.rows.binary_search_by_key(&row, |(number, _)| *number).ok()?;
        self.rows.get(at)?.1.get(column as usize)
    }
}

/// What is still allowed.
pub(super) struct Budget {
    cells: usize,
    text: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { cells: MAX_CELLS, text: MAX_TEXT }
    }

    pub(super) fn spend(&mut self, cells: usize, text: usize) -> Result<(), Trouble> {
        self.cells = self.cells.checked_sub(cells).ok_or(Trouble::Bomb)?;
        self.text = self.text.checked_sub(text).ok_or(Trouble::Bomb)?;
        Ok(())
    }
}

/// Every sheet, hidden ones included.
pub(super) fn read(opened: &mut Opened<'_>, bytes: &[u8]) -> Result<Vec<Sheet>, Trouble> {
    if opened.format == Format::Ods {
        return ods::read(&mut opened.archive);
    }
    let damaged = |error: &dyn std::fmt::Display| Trouble::Damaged(error.to_string());
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        calamine::XlsxError::Password => Trouble::Encrypted,
        other => damaged(&other),
    })?;
    let names = book.sheet_names();
    if names.len() > MAX_SHEETS {
        return Err(Trouble::TooManySheets(names.len()));
    }
    let mut budget = Budget::new();
    let mut sheets = vec![];
    for name in names {
        // Chart and dialogue sheets have no cells.
        if book.sheets_metadata().iter().any(|s| s.name == name && s.typ != calamine::SheetType::WorkSheet) {
            continue;
        }
        let merges = if opened.merges { book.merge_cells_by_sheet_name(&name).map_err(|error| damaged(&error))? } else { vec![] };
        let merges = merges.iter().map(|m| Merge { top: m.start.0, left: m.start.1, bottom: m.end.0, right: m.end.1 });
        let mut sheet = Sheet { merges: merges.collect(), name: name.clone(), rows: vec![] };
        let mut cells = book.worksheet_cells_reader(&name).map_err(|error| damaged(&error))?;
        while let Some(record) = cells.next_cell_with_formula().map_err(|error| damaged(&error))? {
            let (row, column) = record.pos;
            let cell = Cell { content: content(&record.value), formula: record.formula.is_some() };
            if column >= MAX_COLUMNS || (cell.content == Content::Empty && !cell.formula) {
                continue;
            }
            put(&mut sheet, (row, column), cell, &mut budget)?;
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// Adds a cell; rows must come in order.
pub(super) fn put(sheet: &mut Sheet, (row, column): (u32, u32), cell: Cell, budget: &mut Budget) -> Result<(), Trouble> {
    let text = match &cell.content {
        Content::Text(text) | Content::Other(text) => text.len(),
        _ => 0,
    };
    match sheet.rows.last() {
        Some((last, _)) if *last == row => {}
        Some((last, _)) if *last > row => {
            return Err(Trouble::Damaged(format!("{}: the rows are not in order", sheet.name)));
        }
        _ => sheet.rows.push((row, vec![])),
    }
    let Some((_, cells)) = sheet.rows.last_mut() else { return Ok(()) };
    let at = column as usize;
    let more = (at + 1).saturating_sub(cells.len());
    budget.spend(more, text)?;
    if more > 0 {
        cells.resize(at + 1, Cell::default());
    }
    if let Some(slot) = cells.get_mut(at) {
        *slot = cell;
    }
    Ok(())
}

fn content(value: &DataRef<'_>) -> Content {
    match value {
        DataRef::Empty => Content::Empty,
        DataRef::String(text) => text_of(text),
        DataRef::SharedString(text) => text_of(text),
        #[expect(clippy::cast_precision_loss, reason = "a sheet stores its numbers as floats")]
        DataRef::Int(number) => Content::Number(*number as f64),
        DataRef::Float(number) => Content::Number(*number),
        // calamine knows the workbook's epoch (1900 or 1904), and gives the calendar that follows from it.
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            let date = civil(i32::from(year), u32::from(month), u32::from(day));
            let time = i8::try_from(hour).ok().zip(i8::try_from(minute).ok()).zip(i8::try_from(second).ok());
            let time = time.and_then(|((h, m), s)| jiff::civil::Time::new(h, m, s, 0).ok());
            match date.zip(time) {
                Some((date, time)) if at.is_datetime() => Content::Date(date.to_datetime(time)),
                _ => Content::Other(at.as_f64().to_string()),
            }
        }
        DataRef::DateTimeIso(text) => iso(text),
        DataRef::DurationIso(text) => Content::Other((*text).clone()),
        DataRef::Bool(yes) => Content::Other(yes.to_string()),
        DataRef::Error(error) => Content::Other(error.to_string()),
    }
}

fn text_of(text: &str) -> Content {
    if text.is_empty() { Content::Empty } else { Content::Text(text.to_owned()) }
}

/// A date, or a date and time, as ISO 8601 text.
pub(super) fn iso(text: &str) -> Content {
    let at = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0)));
    at.map_or_else(|| Content::Other(text.to_owned()), Content::Date)
}

pub(super) fn civil(year: i32, month: u32, day: u32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

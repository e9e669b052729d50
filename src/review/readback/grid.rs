//! A workbook's sheets as rows of plain cells, whichever program saved it. Memory is bounded: by cells, and by text.

use jiff::civil::{Date, DateTime};

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

/// A date, or a date and time, as ISO 8601 text.
pub(super) fn iso(text: &str) -> Content {
    let at = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0)));
    at.map_or_else(|| Content::Other(text.to_owned()), Content::Date)
}

pub(super) fn civil(year: i32, month: u32, day: u32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

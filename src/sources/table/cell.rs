//! A cell as a reader hands it over, and what the rest asks of it.

use std::borrow::Cow;

use jiff::civil::DateTime;

/// One cell of a row. Readers keep what the file knows (a sheet's dates and numbers are not text).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'r> {
    Empty,
    Text(Cow<'r, str>),
    /// Several values in one place: a JSON array, a repeated key.
    List(Vec<Cow<'r, str>>),
    Number(f64),
    Bool(bool),
    /// A sheet's date: its local time and the days it stands for.
    Moment {
        local: DateTime,
        days: f64,
    },
    /// A sheet's duration (or time of day), in days.
    Span(f64),
    /// Something that is not a value, and why.
    Fault(Cow<'r, str>),
}

impl Cell<'_> {
    /// Its text, as a person reads it. Lists join with commas.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Fault(text) => Cow::Borrowed(text),
            Self::List(items) => Cow::Owned(items.join(",")),
            Self::Number(number) | Self::Span(number) => Cow::Owned(plain(*number)),
            Self::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Self::Moment { local, .. } => Cow::Owned(local.to_string()),
        }
    }

    /// The same cell, outliving its row.
    pub(super) fn into_owned(self) -> Cell<'static> {
        match self {
            Self::Empty => Cell::Empty,
            Self::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Self::List(items) => Cell::List(items.into_iter().map(|item| Cow::Owned(item.into_owned())).collect()),
            Self::Number(number) => Cell::Number(number),
            Self::Bool(value) => Cell::Bool(value),
            Self::Moment { local, days } => Cell::Moment { local, days },
            Self::Span(days) => Cell::Span(days),
            Self::Fault(why) => Cell::Fault(Cow::Owned(why.into_owned())),
        }
    }
}

/// A number without exponent or needless fraction: an employee number in a sheet is `7042`, not `7042.0`.
fn plain(number: f64) -> String {
    format!("{number}")
}

/// A row as a reader sees it. A cell beyond its end is empty.
pub(super) trait Cells {
    fn width(&self) -> usize;
    fn cell(&self, at: usize) -> Cell<'_>;
}

/// A row kept for later.
#[derive(Debug, Clone)]
pub(super) struct OwnedRow(pub Vec<Cell<'static>>);

impl OwnedRow {
    pub(super) fn of(row: &dyn Cells) -> Self {
        Self((0..row.width()).map(|at| row.cell(at).into_owned()).collect())
    }
}

impl Cells for OwnedRow {
    fn width(&self) -> usize {
        self.0.len()
    }
    fn cell(&self, at: usize) -> Cell<'_> {
        self.0.get(at).cloned().unwrap_or(Cell::Empty)
    }
}

/// A row of cells that borrow from the reader.
pub(super) struct RowCells<'r>(pub &'r [Cell<'r>]);

impl Cells for RowCells<'_> {
    fn width(&self) -> usize {
        self.0.len()
    }
    fn cell(&self, at: usize) -> Cell<'_> {
        self.0.get(at).cloned().unwrap_or(Cell::Empty)
    }
}

/// Longest excerpt of a row in a reject, in characters.
const EXCERPT: usize = 200;

/// The beginning of a row, its redacted cells left out.
pub(super) fn excerpt(row: &dyn Cells, redacted: &[bool]) -> String {
    let mut out = String::new();
    for at in 0..row.width() {
        if at > 0 {
            out.push_str(" | ");
        }
        if redacted.get(at).copied().unwrap_or(false) {
            out.push_str(REDACTED);
        } else {
            out.extend(row.cell(at).text().chars().take(EXCERPT).map(|c| if c.is_control() { ' ' } else { c }));
        }
        if out.len() > EXCERPT {
            break;
        }
    }
    shorten(&out)
}

/// What stands for a redacted cell.
pub(super) const REDACTED: &str = "[redacted]";

/// The beginning of a text.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

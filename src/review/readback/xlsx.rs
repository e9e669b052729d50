//! Office Open XML sheets, cell by cell, without the workbook ever being held whole.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};

use super::container::{MAX_SHEETS, Opened};
use super::grid::{Budget, Cell, Content, MAX_COLUMNS, Merge, Sheet, civil, iso, put};
use super::trouble::Trouble;

/// Every sheet, hidden ones included.
pub(super) fn read(opened: &Opened<'_>, bytes: &[u8]) -> Result<Vec<Sheet>, Trouble> {
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

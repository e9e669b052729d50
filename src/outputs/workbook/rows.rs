//! The rows of lines as a sheet's XML (ECMA-376 part 1, 18.3.1), written here and not by the library that makes the rest of the
//! workbook: it keeps every cell in a map and digests a whole format for each, which takes ten times as long.
//!
//! What it would write and what this writes is the same to whoever reads it: strings stand in their cells instead of in a shared
//! table. The styles are the library's own: it writes one row of empty cells, one of each style, and their numbers are read from it.

use std::io::Write as _;

use rust_xlsxwriter::{Format, RowNum, Worksheet, XlsxError};

use super::Pen;
use super::layout::{self, FIRST_ROW};
use super::lines::{excel_date, state, state_formula};
use super::style::Styles;
use crate::lang::Lang;
use crate::review::advice::Precision;
use crate::review::row::{self, Cell, Column};

/// Room for a justification, since a row whose height is set does not grow as one types.
const LEAST_LINES: u32 = 3;

/// Column and width of what is wrong with a line, in a workbook to be corrected: right of the hash.
pub(super) const REASONS: u16 = Column::Hash as u16 + 1;
pub(super) const REASONS_WIDTH: f64 = 44.0;

/// Letters of the columns, from the item to the reasons.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTU";

/// Styles of a row's cells, in the order of the pattern row.
fn styles(styles: &Styles) -> [&Format; 7] {
    let day = |precision| styles.login(precision);
    [
        &styles.line,
        &styles.line_number,
        &styles.input,
        &styles.line_state,
        day(Precision::Exact),
        day(Precision::Days14),
        day(Precision::Coarse),
    ]
}

/// Writes the pattern row where the last line will stand, up to the last column: so the sheet's dimensions are the right ones.
pub(super) fn pattern(pen: &Pen<'_>, worksheet: &mut Worksheet, row: RowNum, last: u16) -> Result<(), XlsxError> {
    for (column, style) in (0..).zip(styles(&pen.styles)) {
        worksheet.write_blank(row, column, style)?;
    }
    worksheet.write_blank(row, last, &pen.styles.line)?;
    Ok(())
}

/// One line, ready to be written.
pub(super) struct Row<'r> {
    /// From 0, on the sheet.
    pub at: RowNum,
    pub cells: &'r [Cell],
    /// Folded away with its group.
    pub quiet: bool,
    /// In the order of [`Column::INPUT`], cleaned.
    pub typed: [&'r str; 4],
    /// Columns that do not show.
    pub aside: &'r [Column],
    /// What is wrong with the line; none where no such column is.
    pub reasons: Option<&'r str>,
}

/// What rows are written with.
pub(super) struct Ink {
    /// As [`styles`].
    styles: [String; 7],
    /// The state's formula in pieces, the row's number to stand between them.
    state: Vec<Vec<u8>>,
    lang: Lang,
}

impl Ink {
    /// From the XML of the pattern row. None when it is not as it was written.
    pub(super) fn of(pattern: &str, pen: &Pen<'_>) -> Option<Self> {
        let numbers = pattern.split(" s=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned());
        let numbers: Vec<String> = numbers.take(7).collect();
        let mut formula = vec![];
        // No formula holds this sign, and no XML may.
        escaped(&mut formula, state_formula(pen, '\u{1}').trim_start_matches('='));
        let state = String::from_utf8(formula).ok()?.split("_x0001_").map(|piece| piece.as_bytes().to_owned()).collect();
        Some(Self { styles: numbers.try_into().ok()?, state, lang: pen.lang })
    }

    /// Writes a row and returns its hash.
    pub(super) fn put(&self, out: &mut Vec<u8>, row: &Row<'_>) -> String {
        let [line, counted, input, stated, ..] = &self.styles;
        let texts: Vec<_> = row.cells.iter().map(Cell::text).collect();
        let hash = row::hash(texts.iter().map(AsRef::as_ref));
        let at = (row.at + 1).to_string();
        let mut sizes: Vec<(&str, f64)> = vec![];
        let shown = Column::FROZEN.iter().zip(&texts).skip(1).filter(|(column, _)| !row.aside.contains(column));
        sizes.extend(shown.map(|(column, text)| (text.as_ref(), layout::width(*column))));
        sizes.extend(Column::INPUT.iter().zip(row.typed).map(|(column, text)| (text, layout::width(*column))));
        sizes.extend(row.reasons.map(|reasons| (reasons, REASONS_WIDTH)));
        let height = layout::height(sizes, layout::LINE_SIZE, LEAST_LINES);
        // As the library does: whole pixels, three quarters of a point each.
        let height = (height * 4.0 / 3.0).round() * 0.75;
        let level = if row.quiet { " outlineLevel=\"1\"" } else { "" };
        let _ = write!(out, "<row r=\"{at}\" ht=\"{height}\" customHeight=\"1\"{level}>"); // writing to a Vec cannot fail
        for ((column, cell), text) in Column::FROZEN.iter().zip(row.cells).zip(&texts) {
            let day = if let Cell::Date(date, precision) = cell { excel_date(*date).zip(Some(*precision)) } else { None };
            match day {
                Some((day, precision)) => value(out, (column.index(), &at), self.day(precision), &day.to_excel().to_string()),
                None => string(out, (column.index(), &at), line, text),
            }
            if *column == Column::Item {
                value(out, (Column::Number.index(), &at), counted, &(row.at + 1 - FIRST_ROW).to_string());
            }
        }
        for (column, text) in Column::INPUT.iter().zip(row.typed) {
            string(out, (column.index(), &at), input, text);
        }
        let mut privileged = Column::FROZEN.iter().zip(&texts).filter(|(column, _)| **column == Column::Privileged);
        let privileged = privileged.next().map_or("", |(_, text)| text.as_ref());
        self.state(out, (Column::State.index(), &at), stated, state(row.typed, privileged, self.lang));
        string(out, (Column::Hash.index(), &at), line, &hash);
        if let Some(reasons) = row.reasons {
            string(out, (REASONS, &at), stated, reasons);
        }
        out.extend_from_slice(b"</row>");
        hash
    }

    /// The formula of the state, with what it gives: not every program works it out on opening.
    fn state(&self, out: &mut Vec<u8>, place: (u16, &str), style: &str, given: &str) {
        open(out, place, style);
        out.extend_from_slice(b" t=\"str\"><f>");
        for (nth, piece) in self.state.iter().enumerate() {
            if nth > 0 {
                out.extend_from_slice(place.1.as_bytes());
            }
            out.extend_from_slice(piece);
        }
        out.extend_from_slice(b"</f><v>");
        escaped(out, given);
        out.extend_from_slice(b"</v></c>");
    }

    fn day(&self, precision: Precision) -> &str {
        let [_, _, _, _, exact, days_14, coarse] = &self.styles;
        match precision {
            Precision::Exact => exact,
            Precision::Days14 => days_14,
            Precision::Coarse | Precision::None => coarse,
        }
    }
}

/// `<c r="A4" s="9"`, still open.
fn open(out: &mut Vec<u8>, (column, at): (u16, &str), style: &str) {
    let letter = LETTERS.get(usize::from(column)..).and_then(|rest| rest.get(..1)).unwrap_or_default();
    for piece in [b"<c r=\"", letter, at.as_bytes()] {
        out.extend_from_slice(piece);
    }
    if !style.is_empty() {
        for piece in [b"\" s=\"", style.as_bytes()] {
            out.extend_from_slice(piece);
        }
    }
    out.push(b'"');
}

/// A cell that holds a number.
fn value(out: &mut Vec<u8>, place: (u16, &str), style: &str, number: &str) {
    open(out, place, style);
    for piece in [b"><v>", number.as_bytes(), b"</v></c>"] {
        out.extend_from_slice(piece);
    }
}

/// A cell that holds a text, or only its style.
pub(super) fn string(out: &mut Vec<u8>, place: (u16, &str), style: &str, text: &str) {
    open(out, place, style);
    if text.is_empty() {
        out.extend_from_slice(b"/>");
        return;
    }
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n');
    let keep = if text.starts_with(blank) || text.ends_with(blank) { &b" xml:space=\"preserve\""[..] } else { b"" };
    for piece in [b" t=\"inlineStr\"><is><t", keep, b">"] {
        out.extend_from_slice(piece);
    }
    escaped(out, text);
    out.extend_from_slice(b"</t></is></c>");
}

/// A text as XML carries it; what it cannot carry, and what looks like such an escape, as `_xHHHH_` (ECMA-376 part 1, 22.9.2.19).
fn escaped(out: &mut Vec<u8>, text: &str) {
    let plain = |byte: u8| byte >= b' ' && !matches!(byte, b'&' | b'<' | b'>') && byte != 0xEF;
    if text.bytes().all(|byte| plain(byte) || byte == b'\n') && !text.contains("_x") {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '\t' | '\n' => out.extend(c.to_string().bytes()),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.extend(format!("_x{:04X}_", u32::from(c)).bytes()),
            '_' if is_escape(text.get(at..).unwrap_or_default()) => out.extend_from_slice(b"_x005F_"),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Whether a text begins like `_x000D_`.
fn is_escape(text: &str) -> bool {
    let Some((head, _)) = text.as_bytes().split_first_chunk::<7>() else { return false };
    let [b'_', b'x', digits @ .., b'_'] = head else { return false };
    digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_as_the_library_escapes_them() {
        let said = |text: &str| {
            let mut out = vec![];
            escaped(&mut out, text);
            String::from_utf8_lossy(&out).into_owned()
        };
        assert_eq!(said("a & <b> \"é\"\n😀"), "a &amp; &lt;b&gt; \"é\"\n😀");
        assert_eq!(said("a\u{1}b\u{FFFF}"), "a_x0001_b_xFFFF_");
        assert_eq!(said("_x000D_ _x00G0_ _x12_"), "_x005F_x000D_ _x00G0_ _x12_");
        assert_eq!(said("_x000d"), "_x000d");
    }
}

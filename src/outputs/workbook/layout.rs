//! Where things stand on the sheets, and how they print. Shared by the sheets and by formulas that point at them.

use rust_xlsxwriter::{RowNum, Worksheet, XlsxError, utility};

use super::Pen;
use crate::lang::Lang;
use crate::review::row::Column;
use crate::review::{Sheet, clean};

/// Title, progress, headings; then the lines.
pub const HEADER_ROW: RowNum = 2;
pub const FIRST_ROW: RowNum = 3;
/// Excel's 1,048,576 rows, less what stands above the lines on their sheets and in `_meta`.
pub const MAX_LINES: usize = 1_048_000;

/// ISO A4 in Excel's list of papers.
const A4: u8 = 9;

/// Rows are counted in `u32`; [`MAX_LINES`] fits.
pub(super) fn row_at(first: RowNum, offset: usize) -> RowNum {
    first.saturating_add(RowNum::try_from(offset).unwrap_or(RowNum::MAX))
}

/// Size of the text on the line sheets, and on the others, in points.
pub(super) const LINE_SIZE: f64 = 10.0;
pub(super) const BODY_SIZE: f64 = 11.0;

/// Height of a row of headings: two lines, and the filters' buttons below them.
pub(super) const HEAD_HEIGHT: f64 = 42.0;

/// Width of a column in characters of the default font (11 points): wide enough for what it mostly holds, and all of them
/// together narrow enough to be read on an A4 page.
pub(super) fn width(column: Column) -> f64 {
    match column {
        Column::Number => 5.0,
        Column::Privileged | Column::System => 11.0,
        Column::Delta | Column::Decision => 12.5,
        Column::LastLogin | Column::Account | Column::Advice | Column::State => 14.5,
        Column::Previous | Column::Flags | Column::Change | Column::Comment => 16.0,
        Column::Person | Column::Held => 18.0,
        Column::Justification => 21.0,
        // `No login since 2025-07-08` on one line: spreadsheets break an ISO date at its hyphens.
        Column::Reasons | Column::Right => 25.0,
        Column::Item | Column::Hash => 22.0,
    }
}

/// Height of a row, in points, in which every cell (text, width of its column) shows whole, and no more than Excel takes.
/// Set on purpose: some spreadsheets do not adjust the heights of a file that they did not write.
pub(super) fn height<'t>(cells: impl IntoIterator<Item = (&'t str, f64)>, size: f64, least: u32) -> f64 {
    let lines = cells.into_iter().map(|(text, width)| wrapped(text, width * BODY_SIZE / size)).max();
    (f64::from(lines.unwrap_or(1).max(least)) * size * 1.25 + 3.0).min(409.0)
}

/// Lines that a text takes when wrapped at words.
fn wrapped(text: &str, width: f64) -> u32 {
    // No letter is wider than 1.2 of its first byte: most texts are short.
    if u32::try_from(text.len()).is_ok_and(|bytes| f64::from(bytes) * WIDE <= width) && !text.contains('\n') {
        return 1;
    }
    let mut lines = 0;
    for paragraph in text.split('\n') {
        lines += 1;
        let mut used = 0.0;
        for word in paragraph.split(' ') {
            let mut length = word.chars().fold(0.0, |sum, c| sum + units(c));
            if used > 0.0 && used + 1.0 + length > width {
                lines += 1;
                used = 0.0;
            }
            while length > width && width > 1.0 {
                lines += 1;
                length -= width;
            }
            used += length + if used > 0.0 { 1.0 } else { 0.0 };
        }
    }
    lines
}

/// Width of the widest letters.
const WIDE: f64 = 1.2;

/// Width of a letter against that of a digit, in which columns are measured; on the wide side.
fn units(letter: char) -> f64 {
    if letter.is_uppercase() || letter == '_' || !letter.is_ascii() { WIDE } else { 1.0 }
}

/// `O`, for formulas.
pub(super) fn letter(column: Column) -> String {
    utility::column_number_to_name(column.index())
}

/// `'À revoir'!$O$4:$O$203`, or none when the sheet holds no line.
pub(super) fn range(sheet: Sheet, lines: usize, column: Column, lang: Lang) -> Option<String> {
    let last = row_at(FIRST_ROW, lines.checked_sub(1)?) + 1;
    let (name, letter) = (sheet_name(sheet, lang), letter(column));
    Some(format!("'{name}'!${letter}${}:${letter}${last}", FIRST_ROW + 1))
}

/// Name on the tab.
pub(super) fn sheet_name(sheet: Sheet, lang: Lang) -> &'static str {
    match sheet {
        Sheet::Review => lang.pick("À revoir", "To review"),
        Sheet::Privileged => lang.pick("Privilégiés", "Privileged"),
        Sheet::Service => lang.pick("Comptes de service", "Service accounts"),
    }
}

/// A4, one page wide, campaign and page number at the foot.
pub(super) fn print(pen: &Pen<'_>, worksheet: &mut Worksheet, landscape: bool) {
    worksheet.set_paper_size(A4).set_print_fit_to_pages(1, 0).set_margins(0.3, 0.3, 0.4, 0.6, 0.3, 0.3);
    if landscape {
        worksheet.set_landscape();
    } else {
        worksheet.set_portrait();
    }
    foot(pen, worksheet);
}

fn foot(pen: &Pen<'_>, worksheet: &mut Worksheet) {
    let name: String = clean::text(&pen.book.book.reviewer.display_name).chars().take(60).collect();
    let left = format!("{} — {name}", pen.book.campaign).replace('&', "&&");
    // A size must be followed by a blank, or a campaign that begins with a digit would be read as part of it.
    worksheet.set_footer(format!("&L&8 {left}&C&8 {}&R&8 &P / &N", pen.texts.confidential));
}

/// A4 landscape, pages side by side: one page wide, a line's text would be printed at 5 points. The left columns are repeated on
/// the pages to the right, which begin at `breaks`; pages follow one another across, then down.
pub(super) fn print_across(
    pen: &Pen<'_>,
    worksheet: &mut Worksheet,
    head: RowNum,
    (first, last): (u16, u16),
    breaks: &[u16],
) -> Result<(), XlsxError> {
    worksheet.set_repeat_rows(head, head)?.set_repeat_columns(first, last)?;
    worksheet.set_paper_size(A4).set_landscape().set_print_scale(SCALE).set_margins(0.3, 0.3, 0.4, 0.6, 0.3, 0.3);
    let breaks: Vec<u32> = breaks.iter().map(|column| u32::from(*column)).collect();
    worksheet.set_vertical_page_breaks(&breaks)?.set_page_order(false);
    foot(pen, worksheet);
    Ok(())
}

/// Percent at which the widest page's columns fit A4; a line's 10 points become 8.3.
const SCALE: u16 = 83;

/// Sets widths of the first columns.
pub(super) fn widths(worksheet: &mut Worksheet, widths: &[f64]) -> Result<(), XlsxError> {
    for (column, width) in (0..).zip(widths) {
        worksheet.set_column_width(column, *width)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_follow_the_longest_cell_and_stop_at_excels_limit() {
        assert_eq!(wrapped("court", 10.0), 1);
        assert_eq!(wrapped("deux mots", 6.0), 2);
        assert_eq!(wrapped("a\nb\n", 10.0), 3);
        assert_eq!(wrapped(&"x".repeat(30), 10.0), 3);
        let two = height([("un", 10.0), ("deux mots", 6.0)], 10.0, 1);
        assert!((two - 28.0).abs() < 0.01, "{two}");
        assert!((height([("un", 10.0)], 10.0, 2) - two).abs() < 0.01);
        assert!((height([("x ".repeat(5_000).as_str(), 5.0)], 10.0, 1) - 409.0).abs() < 0.01);
    }
}

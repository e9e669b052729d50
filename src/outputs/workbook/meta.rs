//! The two sheets that nobody reads: the lists behind the drop-downs (hidden), and `_meta` (very hidden), by which a
//! returned workbook is recognised whatever it was renamed to.

use std::io::{self, Write};

use rust_xlsxwriter::{RowNum, Workbook, Worksheet, XlsxError};

use super::layout::{FIRST_ROW, HEADER_ROW, row_at};
use super::lines::Mark;
use super::rows::string;
use super::{Content, Pen, protect};
pub use crate::review::paper::row::FORMAT;
use crate::review::paper::row::{HANDED, PARTIAL};
use crate::review::paper::texts::Words;

/// Name of the sheet, in every language.
pub const SHEET_NAME: &str = "_meta";
/// Named ranges: a literal list would be limited to 255 characters, and to one language of list separators.
pub(super) const DECISIONS: &str = "probant_decisions";
pub(super) const YES_NO: &str = "probant_yes_no";

pub(super) fn write_lists(pen: &Pen<'_>, workbook: &mut Workbook) -> Result<(), XlsxError> {
    let words = Words::of(pen.lang);
    let name = pen.texts.lists;
    let worksheet = workbook.add_worksheet();
    worksheet.set_name(name)?.set_hidden(true);
    worksheet.write_column(0, 0, [words.keep, words.revoke, words.modify])?;
    worksheet.write_column(0, 1, [words.yes, words.no])?;
    protect(worksheet);
    workbook.define_name(DECISIONS, &format!("='{name}'!$A$1:$A$3"))?;
    workbook.define_name(YES_NO, &format!("='{name}'!$B$1:$B$2"))?;
    Ok(())
}

/// Keys and values, an empty row and headings; then come the lines, see [`fill`]. Returns where its pattern row stands, if there are any.
pub(super) fn write(pen: &Pen<'_>, worksheet: &mut Worksheet) -> Result<Option<RowNum>, XlsxError> {
    worksheet.set_name(SHEET_NAME)?.set_very_hidden(true);
    let book = pen.book;
    let mut facts: Vec<(&str, String)> = vec![
        ("format", FORMAT.to_owned()),
        ("campaign", book.campaign.to_owned()),
        ("reviewer_id", book.book.reviewer.person_id.to_string()),
        ("reviewer", book.book.reviewer.display_name.to_string()),
        ("lang", pen.lang.to_string()),
        ("snapshot_id", book.snapshot_id.to_owned()),
        ("created", book.created.to_string()),
        ("due", book.due.to_string()),
        ("tool_version", book.tool_version.to_owned()),
        ("lines", pen.lines.to_string()),
        ("header_row", (HEADER_ROW + 1).to_string()),
        ("first_row", (FIRST_ROW + 1).to_string()),
    ];
    match pen.content {
        Content::Whole => facts.push(("content", "whole".to_owned())),
        Content::Correction => facts.push(("content", PARTIAL.to_owned())),
        Content::Handed(seq, _) => facts.extend([("content", HANDED.to_owned()), ("handover", seq.to_string())]),
    }
    let mut row = 0;
    for (key, value) in &facts {
        worksheet.write_string(row, 0, *key)?.write_string(row, 1, crate::review::paper::clean::text(value))?;
        row += 1;
    }
    for (column, heading) in (0..).zip(["item_id", "sheet", "row_hash"]) {
        worksheet.write_string(row + 1, column, heading)?;
    }
    protect(worksheet);
    let last = pen.lines.checked_sub(1).map(|last| row_at(row + 2, last));
    if let Some(last) = last {
        worksheet.write_number(last, 2, 0)?;
    }
    Ok(last)
}

/// One row a line: id, sheet, hash. The last stands where the pattern row stood.
pub(super) fn fill(marks: &[Mark<'_>], last: RowNum, out: &mut dyn Write) -> io::Result<()> {
    let first = (last as usize + 2).saturating_sub(marks.len());
    let mut xml = vec![];
    for (number, mark) in (first..).zip(marks) {
        let at = number.to_string();
        xml.clear();
        write!(xml, "<row r=\"{at}\">")?;
        for (column, text) in (0..).zip([mark.item_id, mark.sheet.code(), &mark.hash]) {
            string(&mut xml, (column, &at), "", text);
        }
        xml.extend_from_slice(b"</row>");
        out.write_all(&xml)?;
    }
    Ok(())
}

//! A workbook with only the lines that could not be taken, the reasons beside them: sent back, corrected, and read like any
//! other. It needs the frozen campaign and nothing of the snapshot.

use std::io::{self, Write};

use rust_xlsxwriter::{RowNum, Workbook, Worksheet, XlsxError};

use super::frame::Frame;
use super::layout::{self, FIRST_ROW, HEADER_ROW, row_at};
use super::lines::{self, Mark};
use super::rows::{self, REASONS, REASONS_WIDTH, Row};
use super::splice::{self, Gaps};
use super::{Content, Pen, WorkbookError, ink, meta};
use crate::review::GroupBy;
use crate::review::collecting::correction::Correction;
use crate::review::paper::clean;
use crate::review::paper::row::Column;

/// Numbers of the sheet of lines and of `_meta`, in the order in which they are added.
const LINES: usize = 1;
const META: usize = 4;

/// Columns that a correction can do without; they stay in it, hidden, and are read back like the others.
const ASIDE: [Column; 5] = [Column::Held, Column::LastLogin, Column::Delta, Column::Previous, Column::Flags];

/// Writes the workbook.
pub fn write<W: Write + Send>(correction: &Correction<'_>, out: W) -> Result<(), WorkbookError> {
    let head = &correction.campaign.head;
    let reviewer = correction.reviewer;
    let frame = Frame::of(head, &reviewer.person_id, &reviewer.name);
    let book = frame.book(reviewer.lang);
    let book = frame.around(&book, correction.created, GroupBy::Person);
    let pen = Pen { lines: correction.lines.len(), content: Content::Correction, ..Pen::new(&book, reviewer.lang) };
    let made = skeleton(&pen, correction).and_then(|(bytes, gaps)| {
        let mut missing = Missing { pen: &pen, correction, gaps: &gaps, marks: vec![] };
        Ok(splice::fill(bytes, &gaps, pen.lines, &mut missing, out)?)
    });
    made.map_err(|source| WorkbookError::Write { reviewer: reviewer.name.clone(), source })
}

/// The workbook without the rows of its lines, and where they belong.
fn skeleton(pen: &Pen<'_>, correction: &Correction<'_>) -> Result<(Vec<u8>, Gaps), XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&super::properties(pen)?);
    let mut gaps = Gaps::new();
    gaps.extend(sheet(pen, workbook.add_worksheet(), correction)?.map(|row| (LINES, row)));
    super::end(pen, workbook, gaps, META)
}

/// The rows of the lines to correct.
struct Missing<'m, 'a> {
    pen: &'m Pen<'m>,
    correction: &'m Correction<'a>,
    gaps: &'m Gaps,
    marks: Vec<Mark<'a>>,
}

impl splice::Rows for Missing<'_, '_> {
    fn fill(&mut self, sheet: usize, pattern: &str, out: &mut dyn Write) -> io::Result<()> {
        if sheet == META {
            return meta::fill(&self.marks, self.gaps.get(&META).copied().unwrap_or_default(), out);
        }
        let ink = ink(self.pen, pattern)?;
        for (offset, line) in self.correction.lines.iter().enumerate() {
            let (cells, typed) = (line.item.frozen(), &line.typed);
            let typed = [&typed.decision, &typed.change, &typed.justification, &typed.comment];
            let typed = typed.map(|text| text.as_deref().map(clean::text).unwrap_or_default());
            let reasons = clean::fit(line.reasons.iter().map(|reason| clean::text(reason)).collect::<Vec<_>>().join("\n"));
            let row = Row {
                at: row_at(FIRST_ROW, offset),
                cells: &cells,
                quiet: false,
                typed: typed.each_ref().map(String::as_str),
                aside: &ASIDE,
                reasons: Some(&reasons),
            };
            let mut xml = vec![];
            let hash = ink.put(&mut xml, &row);
            out.write_all(&xml)?;
            self.marks.push(Mark { item_id: &line.item.id, sheet: line.item.sheet, hash });
        }
        Ok(())
    }
}

/// All of the sheet but its rows; returns where its pattern row stands.
fn sheet(pen: &Pen<'_>, worksheet: &mut Worksheet, correction: &Correction<'_>) -> Result<Option<RowNum>, XlsxError> {
    let (texts, styles) = (pen.texts, &pen.styles);
    worksheet.set_name(texts.to_correct)?;
    lines::columns(worksheet)?;
    worksheet.set_column_width(REASONS, REASONS_WIDTH)?;
    // What is wrong stands beside what was typed, on one page and nearly on one screen.
    for column in ASIDE {
        worksheet.set_column_hidden(column.index())?;
    }
    let first = Column::Number.index();
    let title = format!("{} — {}", texts.to_correct, pen.book.campaign);
    let due = format!("{} {}", texts.return_by, pen.lang.date(pen.book.due));
    worksheet.write_string_with_format(0, Column::Right.index(), due, &styles.plain_small)?;
    worksheet.write_string_with_format(0, first, title, &styles.line_title)?;
    worksheet.write_string_with_format(1, Column::Right.index(), texts.correct_note, &styles.plain_small)?;
    lines::headings(pen, worksheet)?;
    worksheet.write_string_with_format(HEADER_ROW, REASONS, texts.what_to_correct, &styles.head)?;
    let last = correction.lines.len().checked_sub(1).map(|last| row_at(FIRST_ROW, last));
    if let Some(last) = last {
        rows::pattern(pen, worksheet, last, REASONS)?;
        lines::helps(pen, worksheet, last)?;
    }
    worksheet.set_freeze_panes(FIRST_ROW, 4)?;
    let left = (Column::Number.index(), Column::Account.index());
    layout::print_across(pen, worksheet, HEADER_ROW, left, &[Column::Decision.index()])?;
    Ok(last)
}

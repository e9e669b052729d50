//! A workbook with only the lines that could not be taken, the reasons beside them: sent back, corrected, and read like any
//! other. It needs the frozen campaign and nothing of the snapshot.

use std::io::Write;

use jiff::tz::TimeZone;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::layout::{self, FIRST_ROW, HEADER_ROW, row_at};
use super::lines::{self, Mark};
use super::{Content, Pen, ReviewerBook, WorkbookError, meta, signature};
use crate::review::correction::Correction;
use crate::review::row::Column;
use crate::review::{Book, GroupBy, Totals, clean};
use crate::snapshot::schema::Person;

/// Column and width of the reasons, to the right of the state.
const REASONS: u16 = Column::Hash as u16 + 1;
const WIDTH: f64 = 44.0;

/// Columns that a correction can do without; they stay in it, hidden, and are read back like the others.
const ASIDE: [Column; 5] = [Column::Held, Column::LastLogin, Column::Delta, Column::Previous, Column::Flags];

/// Writes the workbook.
pub fn write<W: Write + Send>(correction: &Correction<'_>, out: W) -> Result<(), WorkbookError> {
    let head = &correction.campaign.head;
    let reviewer = correction.reviewer;
    let person =
        Person { person_id: reviewer.person_id.clone().into(), display_name: reviewer.name.clone().into(), ..Person::default() };
    let zone = TimeZone::get(&head.zone).unwrap_or(TimeZone::UTC);
    let book = ReviewerBook {
        organisation: &head.organisation,
        campaign: &head.id,
        due: head.due,
        contact: &head.contact,
        snapshot_id: &head.snapshot_id,
        created: correction.created,
        zone: &zone,
        tool_version: &head.tool_version,
        group_by: GroupBy::Person,
        book: &Book { reviewer: &person, lang: reviewer.lang, lines: vec![] },
        totals: &Totals::default(),
        sources: &[],
        scratch: None,
    };
    let pen = Pen { lines: correction.lines.len(), content: Content::Correction, ..Pen::new(&book, reviewer.lang) };
    fill(&pen, correction)
        .and_then(|mut workbook| workbook.save_to_writer(out))
        .map_err(|source| WorkbookError::Write { reviewer: reviewer.name.clone(), source })
}

fn fill(pen: &Pen<'_>, correction: &Correction<'_>) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&super::properties(pen)?);
    let mut marks = vec![];
    sheet(pen, workbook.add_worksheet(), correction, &mut marks)?;
    signature::write(pen, workbook.add_worksheet())?;
    meta::write_lists(pen, &mut workbook)?;
    meta::write(pen, workbook.add_worksheet(), &marks)?;
    Ok(workbook)
}

fn sheet<'a>(
    pen: &Pen<'_>,
    worksheet: &mut Worksheet,
    correction: &Correction<'a>,
    marks: &mut Vec<Mark<'a>>,
) -> Result<(), XlsxError> {
    let (texts, styles) = (pen.texts, &pen.styles);
    worksheet.set_name(texts.to_correct)?;
    lines::columns(worksheet)?;
    worksheet.set_column_width(REASONS, WIDTH)?;
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
    for (offset, line) in correction.lines.iter().enumerate() {
        let frozen = line.item.frozen();
        let hash = lines::line(pen, worksheet, offset, &frozen)?;
        let row = row_at(FIRST_ROW, offset);
        let typed = [&line.typed.decision, &line.typed.change, &line.typed.justification, &line.typed.comment];
        for (column, text) in Column::INPUT.into_iter().zip(typed) {
            if let Some(text) = text {
                worksheet.write_string_with_format(row, column.index(), clean::text(text), &styles.input)?;
            }
        }
        let reasons = clean::fit(line.reasons.iter().map(|reason| clean::text(reason)).collect::<Vec<_>>().join("\n"));
        worksheet.write_string_with_format(row, REASONS, &reasons, &styles.line_state)?;
        let widths = Column::FROZEN.into_iter().zip(&frozen).skip(1).map(|(column, cell)| (cell.text(), layout::width(column)));
        let mut sizes: Vec<_> = widths.collect();
        sizes.push((reasons.as_str().into(), WIDTH));
        let sizes = sizes.iter().map(|(text, width)| (text.as_ref(), *width));
        worksheet.set_row_height(row, layout::height(sizes, layout::LINE_SIZE, 3))?;
        marks.push(Mark { item_id: &line.item.id, sheet: line.item.sheet, hash });
    }
    if let Some(last) = correction.lines.len().checked_sub(1) {
        lines::helps(pen, worksheet, row_at(FIRST_ROW, last))?;
    }
    worksheet.set_freeze_panes(FIRST_ROW, 4)?;
    let left = (Column::Number.index(), Column::Account.index());
    layout::print_across(pen, worksheet, HEADER_ROW, left, &[Column::Decision.index()])
}

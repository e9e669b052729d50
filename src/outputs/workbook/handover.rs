//! A workbook of lines that came from another reviewer: read me, the three sheets of lines, signature. It is made from the frozen
//! campaign, so that every cell says what it said to whoever had the line before.

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::layout::{FIRST_ROW, MAX_LINES, row_at, sheet_name};
use super::lines::{self, FROZEN_COLUMNS, Mark};
use super::{Content, Pen, ReviewerBook, WorkbookError, meta, readme, signature};
use crate::review::campaign::{Campaign, Item, Reviewer};
use crate::review::readback::folded;
use crate::review::row::Column;
use crate::review::{Book, GroupBy, Sheet, Totals};
use crate::snapshot::schema::Person;

/// What changes hands.
#[derive(Debug, Clone, Copy)]
pub struct Handed<'a> {
    pub campaign: &'a Campaign,
    pub to: &'a Reviewer,
    pub items: &'a [&'a Item],
    /// Number of the handover in the log.
    pub seq: u64,
    /// From whom, when and why, for the new reviewer to read.
    pub story: &'a str,
    pub created: Timestamp,
}

/// Writes the workbook, in the language of its reviewer.
pub fn write<W: Write + Send>(handed: &Handed<'_>, out: W) -> Result<(), WorkbookError> {
    let (head, to) = (&handed.campaign.head, handed.to);
    if handed.items.len() > MAX_LINES {
        return Err(WorkbookError::TooManyLines { reviewer: to.name.clone(), lines: handed.items.len() });
    }
    let person = Person { person_id: to.person_id.clone().into(), display_name: to.name.clone().into(), ..Person::default() };
    let zone = TimeZone::get(&head.zone).unwrap_or(TimeZone::UTC);
    let book = ReviewerBook {
        organisation: &head.organisation,
        campaign: &head.id,
        due: head.due,
        contact: &head.contact,
        snapshot_id: &head.snapshot_id,
        created: handed.created,
        zone: &zone,
        tool_version: &head.tool_version,
        group_by: GroupBy::Person,
        book: &Book { reviewer: &person, lang: to.lang, lines: vec![] },
        totals: &Totals::default(),
        sources: &[],
        scratch: None,
    };
    let content = Content::Handed(handed.seq, handed.story);
    let pen = Pen { lines: handed.items.len(), content, ..Pen::new(&book, to.lang) };
    fill(&pen, handed)
        .and_then(|mut workbook| workbook.save_to_writer(out))
        .map_err(|source| WorkbookError::Write { reviewer: to.name.clone(), source })
}

fn fill(pen: &Pen<'_>, handed: &Handed<'_>) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    super::pace(&mut workbook, handed.items.len());
    workbook.set_properties(&super::properties(pen)?);
    let sheets = Sheet::ALL.map(|sheet| (sheet, ordered(handed.items, sheet)));
    readme::write(pen, workbook.add_worksheet(), &sheets.each_ref().map(|(sheet, items)| (*sheet, items.len())))?;
    let mut marks = vec![];
    for (sheet, items) in &sheets {
        write_sheet(pen, workbook.add_worksheet(), (*sheet, items), &mut marks)?;
    }
    signature::write(pen, workbook.add_worksheet())?;
    meta::write_lists(pen, &mut workbook)?;
    meta::write(pen, workbook.add_worksheet(), &marks)?;
    Ok(workbook)
}

/// What asks for attention first, then person by person.
fn ordered<'a>(items: &[&'a Item], sheet: Sheet) -> Vec<&'a Item> {
    let mut items: Vec<&Item> = items.iter().copied().filter(|item| item.sheet == sheet).collect();
    items.sort_by_cached_key(|item| {
        let [person, account, right] = [0, 1, 3].map(|column| folded(item.shown(column)));
        (std::cmp::Reverse(item.advice), [person, item.system.clone(), account, right].join("\u{0}"), &item.id)
    });
    items
}

fn write_sheet<'a>(
    pen: &Pen<'_>,
    worksheet: &mut Worksheet,
    (sheet, items): (Sheet, &[&'a Item]),
    marks: &mut Vec<Mark<'a>>,
) -> Result<(), XlsxError> {
    worksheet.set_name(sheet_name(sheet, pen.lang))?;
    lines::columns(worksheet)?;
    lines::top(pen, worksheet, sheet, items.len())?;
    for (offset, item) in items.iter().enumerate() {
        let hash = lines::line(pen, worksheet, offset, &item.frozen())?;
        marks.push(Mark { item_id: &item.id, sheet, hash });
    }
    match items.len().checked_sub(1) {
        Some(last) => lines::helps(pen, worksheet, row_at(FIRST_ROW, last))?,
        None => {
            worksheet.write_string_with_format(FIRST_ROW, Column::Number.index(), pen.texts.no_line, &pen.styles.title)?;
        }
    }
    worksheet.set_freeze_panes(FIRST_ROW, FROZEN_COLUMNS)?;
    lines::print(pen, worksheet)
}

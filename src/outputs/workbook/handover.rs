//! A workbook of lines that came from another reviewer: read me, the three sheets of lines, signature. It is made from the frozen
//! campaign, so that every cell says what it said to whoever had the line before.

use std::io::{self, Write};

use jiff::Timestamp;
use rust_xlsxwriter::{RowNum, Workbook, Worksheet, XlsxError};

use super::frame::Frame;
use super::layout::{FIRST_ROW, MAX_LINES, row_at, sheet_name};
use super::lines::{self, FROZEN_COLUMNS, Mark};
use super::rows::{self, Row};
use super::splice::{self, Gaps};
use super::{Content, Pen, WorkbookError, ink, meta, readme};
use crate::review::paper::fold::folded;
use crate::review::paper::row::Column;
use crate::review::record::campaign::Campaign;
use crate::review::record::item::{Item, Reviewer};
use crate::review::{GroupBy, Sheet};

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
    let frame = Frame::of(head, &to.person_id, &to.name);
    let book = frame.book(to.lang);
    let book = frame.around(&book, handed.created, GroupBy::Person);
    let content = Content::Handed(handed.seq, handed.story);
    let pen = Pen { lines: handed.items.len(), content, ..Pen::new(&book, to.lang) };
    let sheets = Sheet::ALL.map(|sheet| (sheet, ordered(handed.items, sheet)));
    let made = skeleton(&pen, &sheets).and_then(|(bytes, gaps)| {
        let mut missing = Missing { pen: &pen, sheets: &sheets, gaps: &gaps, marks: vec![] };
        Ok(splice::fill(bytes, &gaps, handed.items.len(), &mut missing, out)?)
    });
    made.map_err(|source| WorkbookError::Write { reviewer: to.name.clone(), source })
}

/// Numbers of the line sheets and of `_meta`, in the order in which they are added.
const LINE_SHEETS: usize = 2;
const META: usize = 7;

type OfSheet<'a> = (Sheet, Vec<&'a Item>);

/// The workbook without the rows of its lines, and where they belong.
fn skeleton(pen: &Pen<'_>, sheets: &[OfSheet<'_>; 3]) -> Result<(Vec<u8>, Gaps), XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&super::properties(pen)?);
    let mut gaps = Gaps::new();
    readme::write(pen, workbook.add_worksheet(), &sheets.each_ref().map(|(sheet, items)| (*sheet, items.len())))?;
    for (number, (sheet, items)) in (LINE_SHEETS..).zip(sheets) {
        gaps.extend(write_sheet(pen, workbook.add_worksheet(), *sheet, items.len())?.map(|row| (number, row)));
    }
    super::end(pen, workbook, gaps, META)
}

/// The rows of the lines that change hands.
struct Missing<'m, 'a> {
    pen: &'m Pen<'m>,
    sheets: &'m [OfSheet<'a>; 3],
    gaps: &'m Gaps,
    marks: Vec<Mark<'a>>,
}

impl splice::Rows for Missing<'_, '_> {
    fn fill(&mut self, sheet: usize, pattern: &str, out: &mut dyn Write) -> io::Result<()> {
        let Some((sheet, items)) = sheet.checked_sub(LINE_SHEETS).and_then(|at| self.sheets.get(at)) else {
            return meta::fill(&self.marks, self.gaps.get(&META).copied().unwrap_or_default(), out);
        };
        let ink = ink(self.pen, pattern)?;
        let mut xml = vec![];
        for (offset, item) in items.iter().enumerate() {
            let cells = item.frozen();
            let row = Row {
                at: row_at(FIRST_ROW, offset),
                cells: &cells,
                quiet: false,
                typed: Default::default(),
                aside: &[],
                reasons: None,
            };
            xml.clear();
            let hash = ink.put(&mut xml, &row);
            out.write_all(&xml)?;
            self.marks.push(Mark { item_id: &item.id, sheet: *sheet, hash });
        }
        Ok(())
    }
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

/// All of the sheet but its rows; returns where its pattern row stands, if it has lines.
fn write_sheet(pen: &Pen<'_>, worksheet: &mut Worksheet, sheet: Sheet, count: usize) -> Result<Option<RowNum>, XlsxError> {
    worksheet.set_name(sheet_name(sheet, pen.lang))?;
    lines::columns(worksheet)?;
    lines::top(pen, worksheet, sheet, count)?;
    let last = count.checked_sub(1).map(|last| row_at(FIRST_ROW, last));
    if let Some(last) = last {
        rows::pattern(pen, worksheet, last, Column::Hash.index())?;
        lines::helps(pen, worksheet, last)?;
    } else {
        worksheet.write_string_with_format(FIRST_ROW, Column::Number.index(), pen.texts.no_line, &pen.styles.title)?;
    }
    worksheet.set_freeze_panes(FIRST_ROW, FROZEN_COLUMNS)?;
    lines::print(pen, worksheet)?;
    Ok(last)
}

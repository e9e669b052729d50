//! One reviewer's .xlsx: everything they need to decide, and everything that reading it back needs.
//!
//! Sheets: read me, the three line sheets, context, summary, signature; hidden, the lists behind the drop-downs; very
//! hidden, `_meta` (campaign, reviewer, language, snapshot, and the id and hash of every line).
//! The same book gives the same bytes: instants come in, nothing is read from the machine.

mod context;
mod correction;
mod frame;
mod guide;
mod handover;
mod layout;
mod lines;
mod meta;
mod overview;
mod readme;
mod rows;
mod signature;
mod splice;
mod style;
mod summary;
mod texts;

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, ProtectionOptions, Workbook, Worksheet, XlsxError};

use context::as_number;

pub use context::SourceFacts;
pub use correction::write as write_correction;
pub use handover::{Handed, write as write_handover};
pub use layout::{FIRST_ROW, HEADER_ROW, MAX_LINES};
pub use meta::{FORMAT, SHEET_NAME as META_SHEET};
pub use overview::{Overview, write as write_overview};

use crate::lang::Lang;
use crate::review::{Book, GroupBy, Totals};
use lines::{Mark, OfSheet};
use rows::Ink;
use splice::Gaps;
use style::Styles;
use texts::Texts;

/// All that goes into one reviewer's workbook.
#[derive(Debug, Clone, Copy)]
pub struct ReviewerBook<'a> {
    pub organisation: &'a str,
    pub campaign: &'a str,
    /// Last day to return it.
    pub due: Date,
    /// Whom to ask, as the reviewer should read it.
    pub contact: &'a str,
    pub snapshot_id: &'a str,
    /// When the content was frozen; also the document's creation date.
    pub created: Timestamp,
    /// The organisation's zone.
    pub zone: &'a TimeZone,
    pub tool_version: &'a str,
    /// What the lines are grouped by.
    pub group_by: GroupBy,
    /// The reviewer and their lines.
    pub book: &'a Book<'a>,
    /// Of the whole campaign.
    pub totals: &'a Totals,
    /// The sources that the lines rest on.
    pub sources: &'a [SourceFacts],
}

/// Why a workbook cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    #[error(
        "reviewer {reviewer} has {lines} lines and a workbook holds {MAX_LINES} at most: \
         review fewer systems at once (review.systems), or spread the lines over more reviewers (review.rules)"
    )]
    TooManyLines { reviewer: String, lines: usize },
    #[error("the workbook of {reviewer} could not be written: {source}")]
    Write { reviewer: String, source: XlsxError },
}

/// Writes a reviewer's workbook in a language.
pub fn write<W: Write + Send>(book: &ReviewerBook<'_>, lang: Lang, out: W) -> Result<(), WorkbookError> {
    let reviewer = || book.book.reviewer.display_name.to_string();
    let lines = book.book.lines.len();
    if lines > MAX_LINES {
        return Err(WorkbookError::TooManyLines { reviewer: reviewer(), lines });
    }
    let pen = Pen::new(book, lang);
    let sheets = lines::split(book.book);
    let made = skeleton(&pen, &sheets).and_then(|(bytes, gaps)| {
        let mut missing = Missing { pen: &pen, sheets: &sheets, gaps: &gaps, marks: vec![] };
        Ok(splice::fill(bytes, &gaps, lines, &mut missing, out)?)
    });
    made.map_err(|source| WorkbookError::Write { reviewer: reviewer(), source })
}

/// What every sheet is written with.
struct Pen<'a> {
    book: &'a ReviewerBook<'a>,
    lang: Lang,
    texts: &'static Texts,
    styles: Styles,
    /// Lines in the workbook.
    lines: usize,
    content: Content<'a>,
}

/// Which of a reviewer's lines a workbook holds.
#[derive(Debug, Clone, Copy)]
enum Content<'a> {
    /// All that they were given when the campaign was opened.
    Whole,
    /// Those to correct.
    Correction,
    /// Those that came from another reviewer: the number of the handover, and its story.
    Handed(u64, &'a str),
}

impl<'a> Pen<'a> {
    fn new(book: &'a ReviewerBook<'a>, lang: Lang) -> Self {
        Self {
            book,
            lang,
            texts: Texts::of(lang),
            styles: Styles::new(lang),
            lines: book.book.lines.len(),
            content: Content::Whole,
        }
    }
}

/// Numbers of the line sheets and of `_meta`, in the order in which they are added.
const LINE_SHEETS: usize = 2;
const META: usize = 9;

/// The workbook without the rows of its lines, and where they belong.
fn skeleton(pen: &Pen<'_>, sheets: &[OfSheet<'_>; 3]) -> Result<(Vec<u8>, Gaps), XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_zip_compression_level(1); // it is unpacked at once
    workbook.set_properties(&properties(pen)?);
    let mut gaps = Gaps::new();
    readme::write(pen, workbook.add_worksheet(), &sheets.each_ref().map(|of| (of.sheet, of.lines.len())))?;
    for (number, of) in (LINE_SHEETS..).zip(sheets) {
        gaps.extend(lines::write(pen, workbook.add_worksheet(), of)?.map(|row| (number, row)));
    }
    context::write(pen, workbook.add_worksheet())?;
    summary::write(pen, workbook.add_worksheet(), sheets)?;
    end(pen, workbook, gaps, META)
}

/// The sheets that end every workbook that comes back: signature, lists, `_meta`, which bears a number.
fn end(pen: &Pen<'_>, mut workbook: Workbook, mut gaps: Gaps, meta: usize) -> Result<(Vec<u8>, Gaps), XlsxError> {
    signature::write(pen, workbook.add_worksheet())?;
    meta::write_lists(pen, &mut workbook)?;
    gaps.extend(meta::write(pen, workbook.add_worksheet())?.map(|row| (meta, row)));
    Ok((workbook.save_to_buffer()?, gaps))
}

/// The rows of a reviewer's lines.
struct Missing<'m, 'a> {
    pen: &'m Pen<'m>,
    sheets: &'m [OfSheet<'a>; 3],
    gaps: &'m Gaps,
    /// Of the lines written so far.
    marks: Vec<Mark<'a>>,
}

impl splice::Rows for Missing<'_, '_> {
    fn fill(&mut self, sheet: usize, pattern: &str, out: &mut dyn Write) -> io::Result<()> {
        let row = self.gaps.get(&sheet).copied().unwrap_or_default();
        match sheet.checked_sub(LINE_SHEETS).and_then(|at| self.sheets.get(at)) {
            Some(of) => lines::fill(self.pen, of, &ink(self.pen, pattern)?, &mut self.marks, out),
            None => meta::fill(&self.marks, row, out),
        }
    }
}

fn ink(pen: &Pen<'_>, pattern: &str) -> io::Result<Ink> {
    Ink::of(pattern, pen).ok_or_else(|| splice::lost("styles"))
}

fn properties(pen: &Pen<'_>) -> Result<DocProperties, XlsxError> {
    let created = ExcelDateTime::from_timestamp(pen.book.created.as_second())?;
    Ok(DocProperties::new()
        .set_title(format!("{} {}", pen.texts.title, pen.book.campaign))
        .set_subject(pen.texts.confidential)
        .set_author(format!("Probant {}", pen.book.tool_version))
        .set_company(crate::review::paper::clean::text(pen.book.organisation))
        .set_creation_datetime(&created))
}

/// A courtesy against slips of the hand, without a password and never a control: edits are seen by the rows' hashes.
fn protect(worksheet: &mut Worksheet) {
    worksheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        sort: true,
        use_autofilter: true,
        ..ProtectionOptions::default()
    });
}

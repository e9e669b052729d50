//! The context sheet: what the lines rest on, from when it dates, and what is missing from it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::lines::excel_date;
use super::{Pen, layout};
use crate::review::Basis;
use crate::review::paper::clean;
use crate::review::paper::texts::Words;
use crate::snapshot::schema::Collection;

/// One source's arithmetic, as a reviewer reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFacts {
    pub source: String,
    pub system: String,
    pub kind: String,
    /// The day the content was true, in the organisation's zone.
    pub evidence_on: Option<Date>,
    pub evidence_at_basis: String,
    pub rows_seen: i64,
    pub rows_kept: i64,
    pub rows_rejected: i64,
    pub server_count: Option<i64>,
    pub complete: bool,
    pub incomplete_reason: Option<String>,
    /// Reasons of the rejected rows with their counts, most frequent first.
    pub rejects: Vec<(String, u64)>,
}

impl SourceFacts {
    #[must_use]
    pub fn new(collection: &Collection<'_>, zone: &TimeZone, rejects: Vec<(String, u64)>) -> Self {
        Self {
            source: collection.source.to_string(),
            system: collection.system.to_string(),
            kind: collection.kind.to_string(),
            evidence_on: collection.evidence_at.map(|at| zone.to_datetime(at.timestamp()).date()),
            evidence_at_basis: collection.evidence_at_basis.to_string(),
            rows_seen: collection.rows_seen,
            rows_kept: collection.rows_kept,
            rows_rejected: collection.rows_rejected,
            server_count: collection.server_count,
            complete: collection.complete,
            incomplete_reason: collection.incomplete_reason.as_ref().map(ToString::to_string),
            rejects,
        }
    }

    /// `rows_seen = rows_kept + rows_rejected`, and the independent count where there is one.
    fn ties(&self) -> bool {
        self.rows_kept.checked_add(self.rows_rejected) == Some(self.rows_seen)
            && self.server_count.is_none_or(|count| count == self.rows_seen)
    }
}

/// Together narrow enough that an A4 page shows them at more than three quarters of their size.
const WIDTHS: [f64; 11] = [24.0, 15.0, 12.0, 12.5, 16.0, 10.0, 10.0, 10.0, 13.0, 11.0, 40.0];

pub(super) fn write(pen: &Pen<'_>, worksheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (texts, styles) = (pen.texts, &pen.styles);
    worksheet.set_name(texts.context)?;
    layout::widths(worksheet, &WIDTHS)?;
    worksheet.write_string_with_format(0, 0, format!("{} — {}", texts.context, pen.book.campaign), &styles.title)?;
    let mut row = 2;
    for (label, value) in facts(pen) {
        worksheet.write_string_with_format(row, 0, label, &styles.label)?;
        worksheet.write_string_with_format(row, 1, value, &styles.plain)?;
        row += 1;
    }
    row = section(pen, worksheet, row + 1, texts.sources)?;
    // The longest table of the sheet: its headings stand on every page.
    worksheet.set_repeat_rows(row, row)?;
    row = sources(pen, worksheet, row)?;
    row = section(pen, worksheet, row + 1, texts.rejected_rows)?;
    row = rejects(pen, worksheet, row)?;
    row = section(pen, worksheet, row + 1, texts.campaign_totals)?;
    totals(pen, worksheet, row)?;
    layout::print(pen, worksheet, true);
    super::protect(worksheet);
    Ok(())
}

fn facts(pen: &Pen<'_>) -> Vec<(&'static str, String)> {
    let (texts, book) = (pen.texts, pen.book);
    let created = pen.lang.date_time(book.zone.to_datetime(book.created));
    let zone = book.zone.iana_name().unwrap_or("UTC");
    let mut bases: BTreeMap<Basis, usize> = BTreeMap::new();
    for assigned in &book.book.lines {
        *bases.entry(assigned.basis).or_default() += 1;
    }
    let why = bases.into_iter().map(|(of, count)| format!("{}{}{count}", of.word(pen.lang), texts.colon));
    vec![
        (texts.campaign, book.campaign.to_owned()),
        (texts.reviewer, clean::text(&book.book.reviewer.display_name)),
        (texts.frozen_on, format!("{created} ({zone})")),
        (texts.snapshot, clean::text(book.snapshot_id)),
        (texts.why_you, why.collect::<Vec<_>>().join(texts.semicolon)),
        (texts.made_by, format!("Probant {}", clean::text(book.tool_version))),
        (texts.apostrophe, texts.apostrophe_text.to_owned()),
    ]
}

fn section(pen: &Pen<'_>, worksheet: &mut Worksheet, row: u32, heading: &str) -> Result<u32, XlsxError> {
    worksheet.write_string_with_format(row, 0, heading, &pen.styles.section)?;
    for column in 1..=10 {
        worksheet.write_blank(row, column, &pen.styles.section)?;
    }
    Ok(row + 1)
}

fn sources(pen: &Pen<'_>, worksheet: &mut Worksheet, top: u32) -> Result<u32, XlsxError> {
    let (texts, styles, words) = (pen.texts, &pen.styles, Words::of(pen.lang));
    for (column, head) in (0..).zip(texts.source_heads) {
        worksheet.write_string_with_format(top, column, head, &styles.head)?;
    }
    worksheet.set_row_height(top, layout::height([("", 1.0)], layout::LINE_SIZE, 2))?;
    let mut row = top;
    for source in pen.book.sources {
        row += 1;
        for (column, text) in (0..).zip([&source.source, &source.system, &source.kind]) {
            worksheet.write_string_with_format(row, column, clean::text(text), &styles.cell)?;
        }
        match source.evidence_on.and_then(excel_date) {
            Some(day) => worksheet.write_datetime_with_format(row, 3, day, &styles.day)?,
            None => worksheet.write_string_with_format(row, 3, words.unknown, &styles.cell)?,
        };
        worksheet.write_string_with_format(row, 4, texts.basis(&source.evidence_at_basis), &styles.cell)?;
        for (column, count) in (5..).zip([source.rows_seen, source.rows_kept, source.rows_rejected]) {
            worksheet.write_number_with_format(row, column, as_number(count), &styles.number)?;
        }
        match source.server_count {
            Some(count) => worksheet.write_number_with_format(row, 8, as_number(count), &styles.number)?,
            None => worksheet.write_string_with_format(row, 8, "—", &styles.cell)?,
        };
        let complete = if source.complete && source.ties() { texts.complete_yes } else { texts.complete_no };
        worksheet.write_string_with_format(row, 9, complete, &styles.cell)?;
        let untied = (!source.ties()).then_some(texts.untied.to_owned());
        let why =
            source.incomplete_reason.as_deref().map(|why| clean::text(&pen.book.book.lang.reason(why))).into_iter().chain(untied);
        let why = why.collect::<Vec<_>>().join(texts.semicolon);
        worksheet.write_string_with_format(row, 10, &why, &styles.cell)?;
        let [source_width, system_width, .., why_width] = WIDTHS;
        let cells = [(source.source.as_str(), source_width), (&source.system, system_width), (&why, why_width)];
        worksheet.set_row_height(row, layout::height(cells, layout::BODY_SIZE, 1))?;
    }
    Ok(row + 1)
}

fn rejects(pen: &Pen<'_>, worksheet: &mut Worksheet, top: u32) -> Result<u32, XlsxError> {
    let styles = &pen.styles;
    let mut row = top;
    for source in pen.book.sources {
        for (reason, count) in &source.rejects {
            worksheet.write_string_with_format(row, 0, clean::text(&source.source), &styles.text)?;
            worksheet.write_number_with_format(row, 1, as_number(i64::try_from(*count).unwrap_or(i64::MAX)), &styles.number)?;
            worksheet.write_string_with_format(row, 2, clean::text(&pen.book.book.lang.reason(reason)), &styles.aside)?;
            row += 1;
        }
    }
    if row == top {
        worksheet.write_string_with_format(row, 0, pen.texts.none_rejected, &styles.plain)?;
        row += 1;
    }
    Ok(row)
}

/// The sums of the whole campaign, in an order in which they add up.
fn totals(pen: &Pen<'_>, worksheet: &mut Worksheet, top: u32) -> Result<(), XlsxError> {
    let totals = pen.book.totals;
    let here = u64::try_from(pen.book.book.lines.len()).unwrap_or(u64::MAX);
    let figures = [
        totals.grants_seen,
        totals.grants_out_of_scope,
        totals.grants_without_account,
        totals.grants_merged,
        totals.accounts_without_right,
        totals.not_selected,
        totals.lines,
        totals.assigned,
        totals.unassigned,
        here,
    ];
    let mut row = top;
    for (label, figure) in pen.texts.totals.iter().zip(figures) {
        worksheet.write_string_with_format(row, 1, *label, &pen.styles.aside)?;
        worksheet.write_number_with_format(row, 0, as_number(i64::try_from(figure).unwrap_or(i64::MAX)), &pen.styles.number)?;
        row += 1;
    }
    let lists = [
        (pen.texts.systems_left_out, totals.accounts_out_of_scope.iter().map(|(s, n)| format!("{s} ({n})")).collect::<Vec<_>>()),
        (pen.texts.systems_empty, totals.systems_without_account.clone()),
    ];
    for (label, systems) in lists.into_iter().filter(|(_, systems)| !systems.is_empty()) {
        worksheet.write_string_with_format(row, 1, format!("{label} {}", clean::text(&systems.join(", "))), &pen.styles.aside)?;
        row += 1;
    }
    Ok(())
}

/// Counts of rows stay far below 2^53, where a spreadsheet's numbers stop being exact.
#[expect(clippy::cast_precision_loss, reason = "spreadsheets hold numbers as f64; counts stay below 2^53")]
pub(super) fn as_number(count: i64) -> f64 {
    count as f64
}

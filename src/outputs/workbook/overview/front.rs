//! The first sheet: facts, totals that tie out, each reviewer, each tool.

use rust_xlsxwriter::{ConditionalFormatDataBar, ConditionalFormatFormula, Worksheet, XlsxError};

use super::Lead;
use crate::outputs::workbook::{as_number, layout};
use crate::review::clean;
use crate::review::decisions::{Standing, Tally};
use crate::review::status::{Progress, Reply};

const WIDTHS: [f64; 10] = [36.0, 11.0, 11.0, 12.0, 11.0, 11.0, 11.0, 13.0, 13.0, 16.0];
/// Column of the progress, in percent.
const PROGRESS: u16 = 8;
const STATE: u16 = 9;

pub(super) fn write(lead: &Lead<'_>, worksheet: &mut Worksheet, tools_without_sheet: usize) -> Result<(), XlsxError> {
    let (words, pen, styles) = (lead.words, &lead.pen, &lead.pen.styles);
    worksheet.set_name(words.summary)?;
    layout::widths(worksheet, &WIDTHS)?;
    worksheet.write_string_with_format(0, 0, format!("{} — {}", words.title, pen.book.campaign), &styles.title)?;
    worksheet.write_string_with_format(1, 0, words.not_read_back, &styles.plain_small)?;
    let mut row = 3;
    for (label, value) in words.facts.into_iter().zip(facts(lead)) {
        worksheet.write_string_with_format(row, 0, label, &styles.label)?;
        worksheet.write_string_with_format(row, 1, value, &styles.plain)?;
        row += 1;
    }
    let status = lead.overview.status;
    let mut reviewers: Vec<(String, Tally, &str)> =
        status.reviewers.iter().map(|p| (clean::text(&p.name), p.tally, state(lead, p))).collect();
    if status.unassigned > 0 {
        reviewers.push((words.nobody.to_owned(), unassigned(lead), ""));
    }
    row += 1;
    // Both tables have these columns: on whatever page they go on, it says what the figures are.
    worksheet.set_repeat_rows(row + 1, row + 1)?;
    row = table(lead, worksheet, row, words.by_reviewer, &reviewers)?;
    worksheet.write_string_with_format(row, 0, words.ties, &styles.plain_small)?;
    let tools: Vec<(String, Tally, &str)> = status.systems.iter().map(|p| (clean::text(&p.name), p.tally, "")).collect();
    row = table(lead, worksheet, row + 2, words.by_tool, &tools)?;
    if tools_without_sheet > 0 {
        worksheet.write_string_with_format(row, 0, format!("{tools_without_sheet} {}", words.more_tools), &styles.plain_small)?;
    }
    layout::print(pen, worksheet, true);
    worksheet.set_screen_gridlines(false).set_active(true);
    Ok(())
}

fn facts(lead: &Lead<'_>) -> [String; 8] {
    let (head, status, lang) = (&lead.overview.campaign.head, lead.overview.status, lead.pen.lang);
    let zone = lead.pen.book.zone;
    let at = |instant| lang.date_time(zone.to_datetime(instant));
    let left = match (status.closed_at, status.days_left) {
        _ if status.abandoned.is_some() => lang.pick("campagne abandonnée", "campaign abandoned").to_owned(),
        (Some(closed), _) => format!("{} {}", lang.pick("close le", "closed on"), at(closed)),
        (None, days) if days < 0 => format!("{} {}", days.unsigned_abs(), lead.words.days_late),
        (None, days) => format!("{days} {} ({})", lead.words.days_left, lead.words.open),
    };
    [
        clean::text(&head.id),
        clean::text(&head.organisation),
        format!("{} ({})", at(lead.overview.created), head.zone),
        lang.date(head.due),
        left,
        clean::text(&head.snapshot_id),
        head.items_sha256.clone(),
        head.removed.to_string(),
    ]
}

fn state(lead: &Lead<'_>, progress: &Progress) -> &'static str {
    match progress.state {
        Reply::Nothing => lead.words.nothing,
        Reply::Signed => lead.words.signed,
        Reply::Late => lead.words.late,
        Reply::Partly => lead.words.partly,
        Reply::Awaited => lead.words.awaited,
        Reply::Unfinished => lead.words.unfinished,
    }
}

fn unassigned(lead: &Lead<'_>) -> Tally {
    let mut tally = Tally::default();
    for item in lead.items.iter().filter(|item| item.reviewer.is_none()) {
        tally.add(lead.standings.get(item.id.as_str()).unwrap_or(&Standing::NoAnswer));
    }
    tally
}

/// A title, headings, one row each, and their total; returns the row below.
fn table(
    lead: &Lead<'_>,
    worksheet: &mut Worksheet,
    top: u32,
    title: &str,
    rows: &[(String, Tally, &str)],
) -> Result<u32, XlsxError> {
    let styles = &lead.pen.styles;
    worksheet.write_string_with_format(top, 0, title, &styles.section)?;
    for column in 1..=STATE {
        worksheet.write_blank(top, column, &styles.section)?;
    }
    let top = top + 1;
    for (column, head) in (0..).zip(lead.words.heads) {
        worksheet.write_string_with_format(top, column, head, &styles.head)?;
    }
    let mut total = Tally::default();
    let mut row = top;
    for (name, tally, state) in rows {
        row += 1;
        worksheet.write_string_with_format(row, 0, name, &styles.cell)?;
        figures(worksheet, row, tally, (&styles.number, &styles.percent))?;
        worksheet.write_string_with_format(row, STATE, *state, &styles.cell)?;
        total = sum(total, *tally);
    }
    if row > top {
        let bar = ConditionalFormatDataBar::new()
            .set_fill_color(0x9F_C8_B8)
            .set_solid_fill(true)
            .set_minimum(rust_xlsxwriter::ConditionalFormatType::Number, 0);
        let bar = bar.set_maximum(rust_xlsxwriter::ConditionalFormatType::Number, 1);
        worksheet.add_conditional_format(top + 1, PROGRESS, row, PROGRESS, &bar)?;
        for (word, format) in [(lead.words.late, &styles.strong), (lead.words.signed, &styles.done)] {
            let rule = ConditionalFormatFormula::new().set_rule(format!("=$J{}=\"{word}\"", top + 2).as_str()).set_format(format);
            worksheet.add_conditional_format(top + 1, STATE, row, STATE, &rule)?;
        }
    }
    row += 1;
    worksheet.write_string_with_format(row, 0, lead.words.total, &styles.total_label)?;
    figures(worksheet, row, &total, (&styles.total, &styles.total_percent))?;
    worksheet.write_blank(row, STATE, &styles.total_label)?;
    Ok(row + 1)
}

type Two<'s> = (&'s rust_xlsxwriter::Format, &'s rust_xlsxwriter::Format);

fn figures(worksheet: &mut Worksheet, row: u32, tally: &Tally, (number, percent): Two<'_>) -> Result<(), XlsxError> {
    let counts = [tally.items, tally.decided, tally.keep, tally.revoke, tally.modify, tally.refused, tally.no_answer];
    for (column, count) in (1..).zip(counts) {
        worksheet.write_number_with_format(row, column, count_of(count), number)?;
    }
    let share = if tally.items == 0 { 1.0 } else { count_of(tally.decided) / count_of(tally.items) };
    // Rounded down: 99.9 % is not all.
    worksheet.write_number_with_format(row, PROGRESS, (share * 100.0).floor() / 100.0, percent)?;
    Ok(())
}

fn count_of(count: u64) -> f64 {
    as_number(i64::try_from(count).unwrap_or(i64::MAX))
}

fn sum(a: Tally, b: Tally) -> Tally {
    Tally {
        items: a.items + b.items,
        decided: a.decided + b.decided,
        keep: a.keep + b.keep,
        revoke: a.revoke + b.revoke,
        modify: a.modify + b.modify,
        refused: a.refused + b.refused,
        no_answer: a.no_answer + b.no_answer,
    }
}

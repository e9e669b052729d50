//! What needs somebody: refused lines with their reasons, signals of quality, reservations, requests.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::Lead;
use crate::outputs::workbook::layout;
use crate::review::paper::clean;
use crate::review::record::decisions::Standing;
use crate::review::record::returned::{Note, Severity};

const REFUSED_WIDTHS: [f64; 8] = [20.0, 20.0, 15.0, 12.0, 26.0, 14.0, 7.0, 52.0];
const SIGNAL_WIDTHS: [f64; 5] = [26.0, 30.0, 18.0, 8.0, 70.0];

/// Every line that stands refused, with where it was and what is wrong with it.
pub(super) fn refused(lead: &Lead<'_>, worksheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (words, styles, lang) = (lead.words, &lead.pen.styles, lead.pen.lang);
    worksheet.set_name(words.refused)?;
    layout::widths(worksheet, &REFUSED_WIDTHS)?;
    worksheet.write_string_with_format(0, 0, format!("{} — {}", words.refused, lead.pen.book.campaign), &styles.title)?;
    heads(lead, worksheet, 2, &words.refused_heads)?;
    let notes = notes(lead);
    let mut row = 2;
    let standing = |id: &str| lead.standings.get(id);
    for item in lead.items.iter().filter(|item| matches!(standing(&item.id), Some(Standing::Refused(_)))) {
        row += 1;
        let of_line = notes.get(item.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let place = of_line.iter().find(|note| note.row.is_some());
        let mut reasons: Vec<&str> = of_line.iter().map(|note| note.text(lang)).collect();
        reasons.dedup();
        let reasons = reasons.iter().map(|text| clean::text(text)).collect::<Vec<_>>().join("\n");
        let cells = [
            lead.reviewer(item),
            item.person().to_owned(),
            item.shown(1).to_owned(),
            clean::text(&item.system),
            item.shown(3).to_owned(),
            place.and_then(|note| note.sheet.as_deref()).map(clean::text).unwrap_or_default(),
            place.and_then(|note| note.row).map(|row| row.to_string()).unwrap_or_default(),
            clean::fit(reasons),
        ];
        put(lead, worksheet, row, &cells, &REFUSED_WIDTHS)?;
    }
    if row == 2 {
        worksheet.write_string_with_format(3, 0, words.no_refused, &styles.plain)?;
    } else {
        worksheet.autofilter(2, 0, row, 7)?;
    }
    worksheet.set_freeze_panes(3, 0)?.set_repeat_rows(2, 2)?;
    layout::print(&lead.pen, worksheet, true);
    Ok(())
}

/// Refusals by line, from the last file that spoke of it.
fn notes<'a>(lead: &Lead<'a>) -> BTreeMap<&'a str, Vec<&'a Note>> {
    let mut notes: BTreeMap<&str, Vec<&Note>> = BTreeMap::new();
    for (_, returned) in lead.overview.log.returns() {
        let refusals = returned.notes.iter().filter(|note| note.severity == Severity::Refuse);
        let mut fresh: BTreeMap<&str, Vec<&Note>> = BTreeMap::new();
        for note in refusals {
            if let Some(id) = note.item_id.as_deref() {
                fresh.entry(id).or_default().push(note);
            }
        }
        notes.extend(fresh);
    }
    notes
}

/// Signals, sources accepted despite a fault, and rows that reviewers added.
pub(super) fn signals(lead: &Lead<'_>, worksheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (words, styles, lang) = (lead.words, &lead.pen.styles, lead.pen.lang);
    worksheet.set_name(words.signals)?;
    layout::widths(worksheet, &SIGNAL_WIDTHS)?;
    worksheet.write_string_with_format(0, 0, format!("{} — {}", words.signals, lead.pen.book.campaign), &styles.title)?;
    worksheet.write_string_with_format(1, 0, words.signal_note, &styles.plain_small)?;
    let mut row = 3;
    let signals = &lead.overview.status.signals;
    if signals.is_empty() {
        worksheet.write_string_with_format(row, 0, words.no_signal, &styles.plain)?;
        row += 1;
    }
    for signal in signals {
        row = sentence(lead, worksheet, (row, 0), &signal.say(lang))?;
    }
    let status = lead.overview.status;
    if let Some(abandoned) = &status.abandoned {
        row += 1;
        worksheet.write_string_with_format(row, 0, clean::text(&abandoned.say(lead.pen.book.zone, lang)), &styles.title)?;
        row += 1;
    }
    if !status.moved.is_empty() {
        row = section(lead, worksheet, row + 1, words.moved)?;
        for moved in &status.moved {
            row = sentence(lead, worksheet, (row, 0), &moved.say(lead.pen.book.zone, lang))?;
        }
    }
    let waivers = &lead.overview.campaign.head.waivers;
    if !waivers.is_empty() {
        row = section(lead, worksheet, row + 1, words.waivers)?;
        for waiver in waivers {
            worksheet.write_string_with_format(row, 0, clean::text(&waiver.source), &styles.plain)?;
            row = sentence(lead, worksheet, (row, 1), waiver.problem.text(lang))?;
        }
    }
    let requests: Vec<_> =
        lead.overview.log.returns().flat_map(|(_, r)| r.requests.iter().map(move |request| (r, request))).collect();
    if !requests.is_empty() {
        row = section(lead, worksheet, row + 1, words.requests)?;
        heads(lead, worksheet, row, &words.request_heads)?;
        for (returned, request) in requests {
            row += 1;
            let who = returned.reviewer.as_deref().unwrap_or("—");
            let cells = [
                clean::text(lead.names.get(who).copied().unwrap_or(who)),
                clean::text(&returned.file),
                clean::text(&request.sheet),
                request.row.to_string(),
                clean::text(&request.text),
            ];
            put(lead, worksheet, row, &cells, &SIGNAL_WIDTHS)?;
        }
    }
    layout::print(&lead.pen, worksheet, true);
    Ok(())
}

/// A text from a column to the last one, wrapped: run over the edge, it would shrink the whole page in print. Returns the row below.
fn sentence(lead: &Lead<'_>, worksheet: &mut Worksheet, (row, column): (u32, u16), text: &str) -> Result<u32, XlsxError> {
    let text = clean::text(text);
    worksheet.merge_range(row, column, row, 4, &text, &lead.pen.styles.text)?;
    let width: f64 = SIGNAL_WIDTHS.iter().skip(usize::from(column)).sum();
    worksheet.set_row_height(row, layout::height([(text.as_str(), width)], layout::BODY_SIZE, 1))?;
    Ok(row + 1)
}

fn section(lead: &Lead<'_>, worksheet: &mut Worksheet, row: u32, heading: &str) -> Result<u32, XlsxError> {
    worksheet.write_string_with_format(row, 0, heading, &lead.pen.styles.section)?;
    for column in 1..=4 {
        worksheet.write_blank(row, column, &lead.pen.styles.section)?;
    }
    Ok(row + 1)
}

fn heads(lead: &Lead<'_>, worksheet: &mut Worksheet, row: u32, heads: &[&str]) -> Result<(), XlsxError> {
    for (column, head) in (0..).zip(heads) {
        worksheet.write_string_with_format(row, column, *head, &lead.pen.styles.head)?;
    }
    worksheet.set_row_height(row, layout::height([("", 1.0)], layout::LINE_SIZE, 2))?;
    Ok(())
}

fn put(lead: &Lead<'_>, worksheet: &mut Worksheet, row: u32, cells: &[String], widths: &[f64]) -> Result<(), XlsxError> {
    for (column, text) in (0..).zip(cells) {
        worksheet.write_string_with_format(row, column, text, &lead.pen.styles.line)?;
    }
    let sizes = cells.iter().map(String::as_str).zip(widths.iter().copied());
    worksheet.set_row_height(row, layout::height(sizes, layout::LINE_SIZE, 1))?;
    Ok(())
}

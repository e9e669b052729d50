//! The summary: live counts of what is decided and what is not, and sums that must come out even.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use super::lines::OfSheet;
use super::{Pen, layout};
use crate::review::lines::advice::Verdict;
use crate::review::paper::clean;
use crate::review::paper::row::Column;
use crate::review::paper::texts::{Words, verdict};

/// A figure that follows the sheets: its formula, and what it is now (a formula without a result shows 0 in some
/// spreadsheets).
struct Live {
    formula: String,
    now: usize,
}

pub(super) fn write(pen: &Pen<'_>, worksheet: &mut Worksheet, sheets: &[OfSheet<'_>; 3]) -> Result<(), XlsxError> {
    let (texts, styles) = (pen.texts, &pen.styles);
    worksheet.set_name(texts.summary)?;
    layout::widths(worksheet, &[30.0, 12.0, 12.0, 12.0, 12.0, 12.0, 12.0, 14.0])?;
    worksheet.write_string_with_format(0, 0, format!("{} — {}", texts.summary, pen.book.campaign), &styles.title)?;

    let mut row = progress(pen, worksheet, sheets)?;
    let sent = pen.book.book.lines.len();
    let even = Formula::new(format!("=IF($B${row}={sent},\"{}\",\"{}\")", texts.even, texts.uneven));
    worksheet.write_formula_with_format(row, 0, even.set_result(texts.even), &styles.plain)?;
    worksheet.write_string_with_format(row + 1, 0, format!("{} {sent}", texts.lines_sent), &styles.plain)?;
    row += 3;
    row = table(pen, worksheet, row, texts.by_advice, &by_advice(pen, sheets))?;
    table(pen, worksheet, row + 1, texts.by_system, &by_system(pen, sheets))?;
    layout::print(pen, worksheet, true);
    super::protect(worksheet);
    Ok(())
}

/// Sheet by sheet, with a total; returns the row below.
fn progress(pen: &Pen<'_>, worksheet: &mut Worksheet, sheets: &[OfSheet<'_>; 3]) -> Result<u32, XlsxError> {
    let (texts, styles, words) = (pen.texts, &pen.styles, Words::of(pen.lang));
    let heads =
        [texts.sheet, texts.lines, words.keep, words.revoke, words.modify, texts.undecided, texts.to_complete, texts.complete];
    let mut row = 2;
    for (column, head) in (0..).zip(heads) {
        worksheet.write_string_with_format(row, column, head, &styles.head)?;
    }
    for of in sheets {
        row += 1;
        let count = of.lines.len();
        worksheet.write_string_with_format(row, 0, layout::sheet_name(of.sheet, pen.lang), &styles.cell)?;
        let over = |column| layout::range(of.sheet, count, column, pen.lang);
        let of_column = |column, what: &str| over(column).map(|range| format!("COUNTIF({range},\"{what}\")"));
        let figures = [
            (over(Column::Item).map(|range| format!("COUNTA({range})")), count),
            (of_column(Column::Decision, words.keep), 0),
            (of_column(Column::Decision, words.revoke), 0),
            (of_column(Column::Decision, words.modify), 0),
            (over(Column::Decision).map(|range| format!("COUNTBLANK({range})")), count),
            (of_column(Column::State, &format!("{}*", texts.warning)), 0),
            (of_column(Column::State, texts.state_complete), 0),
        ];
        for (column, (formula, now)) in (1..).zip(figures) {
            // No formula, no line: the figure is 0 and stays 0.
            let live = Live { formula: formula.unwrap_or_else(|| "0".to_owned()), now };
            figure(worksheet, (row, column), &live, &styles.number)?;
        }
    }
    row += 1;
    worksheet.write_string_with_format(row, 0, texts.total, &styles.total_label)?;
    let lines = pen.book.book.lines.len();
    for (column, letter) in (1..).zip(["B", "C", "D", "E", "F", "G", "H"]) {
        let now = if matches!(letter, "B" | "F") { lines } else { 0 };
        let live = Live { formula: format!("SUM({letter}4:{letter}{row})"), now };
        figure(worksheet, (row, column), &live, &styles.total)?;
    }
    Ok(row + 1)
}

/// A name, how many lines, how many of them undecided.
type Group = (String, Live, Live);

fn by_advice(pen: &Pen<'_>, sheets: &[OfSheet<'_>; 3]) -> Vec<Group> {
    let all = [Verdict::Revoke, Verdict::Examine, Verdict::Keep];
    let names = all.map(|v| (v, verdict(v, pen.lang).to_owned()));
    let count = |v| sheets.iter().flat_map(|of| &of.lines).filter(|a| a.line.advice.verdict == v).count();
    // `?` is a wildcard of COUNTIF, so it is escaped.
    names.map(|(v, name)| group(pen, sheets, Column::Advice, (name.clone(), name.replace('?', "~?"), count(v)))).into()
}

fn by_system(pen: &Pen<'_>, sheets: &[OfSheet<'_>; 3]) -> Vec<Group> {
    let mut systems: BTreeMap<&str, usize> = BTreeMap::new();
    for assigned in sheets.iter().flat_map(|of| &of.lines) {
        *systems.entry(&assigned.line.account.system).or_default() += 1;
    }
    // Two systems whose names differ only in what a cell cannot hold are one name on the sheets, and one row here.
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for (system, count) in systems {
        *names.entry(clean::text(system)).or_default() += count;
    }
    let literal = |text: &str| text.replace('~', "~~").replace('?', "~?").replace('*', "~*").replace('"', "\"\"");
    let each = names.into_iter();
    each.map(|(name, count)| group(pen, sheets, Column::System, (name.clone(), literal(&name), count))).collect()
}

/// Counts one value of a column over the three sheets: in all, and undecided.
fn group(pen: &Pen<'_>, sheets: &[OfSheet<'_>; 3], column: Column, (name, pattern, now): (String, String, usize)) -> Group {
    let sum = |undecided: bool| {
        let parts = sheets.iter().filter_map(|of| {
            let over = |column| layout::range(of.sheet, of.lines.len(), column, pen.lang);
            let (values, decisions) = (over(column)?, over(Column::Decision)?);
            // COUNTIF's patterns end at 255 characters; systems' names are far below.
            Some(if undecided {
                format!("COUNTIFS({values},\"{pattern}\",{decisions},\"\")")
            } else {
                format!("COUNTIF({values},\"{pattern}\")")
            })
        });
        parts.collect::<Vec<_>>().join("+")
    };
    (name, Live { formula: sum(false), now }, Live { formula: sum(true), now })
}

fn table(pen: &Pen<'_>, worksheet: &mut Worksheet, top: u32, heading: &str, groups: &[Group]) -> Result<u32, XlsxError> {
    let styles = &pen.styles;
    for (column, head) in (0..).zip([heading, pen.texts.lines, pen.texts.undecided]) {
        worksheet.write_string_with_format(top, column, head, &styles.head)?;
    }
    let mut row = top;
    for (name, all, undecided) in groups {
        row += 1;
        worksheet.write_string_with_format(row, 0, name, &styles.cell)?;
        figure(worksheet, (row, 1), all, &styles.number)?;
        figure(worksheet, (row, 2), undecided, &styles.number)?;
    }
    Ok(row + 1)
}

fn figure(
    worksheet: &mut Worksheet,
    (row, column): (u32, u16),
    live: &Live,
    style: &rust_xlsxwriter::Format,
) -> Result<(), XlsxError> {
    if live.formula.is_empty() || live.formula == "0" {
        worksheet.write_number_with_format(row, column, 0, style)?;
        return Ok(());
    }
    let formula = Formula::new(format!("={}", live.formula)).set_result(live.now.to_string());
    worksheet.write_formula_with_format(row, column, formula, style)?;
    Ok(())
}

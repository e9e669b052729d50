//! The three sheets of lines: the same columns, drop-downs and colours on each. Their rows are written by [`super::rows`].

use std::fmt::Display;
use std::io::{self, Write};

use rust_xlsxwriter::{
    ConditionalFormatFormula, DataValidation, DataValidationErrorStyle, ExcelDateTime, Format, Formula, RowNum, Worksheet,
    XlsxError,
};

use super::layout::{self, FIRST_ROW, HEADER_ROW, letter, row_at, sheet_name};
use super::rows::{self, Ink, Row};
use super::texts::Texts;
use super::{Pen, meta};
use crate::lang::Lang;
use crate::review::advice::Verdict;
use crate::review::row::{self, Column};
use crate::review::texts::{Words, verdict};
use crate::review::{Assigned, Book, GroupBy, Sheet, arrange, lanes};

/// Columns that stay in view: up to the account.
pub(super) const FROZEN_COLUMNS: u16 = 4;

/// Lines that are made at once.
const BLOCK: usize = 128;
/// Lines of a sheet from which they are made by one thread and packed by another.
const LANES_FROM: usize = 10_000;

/// The lines of one sheet.
pub(super) struct OfSheet<'a> {
    pub sheet: Sheet,
    pub lines: Vec<&'a Assigned<'a>>,
}

/// What `_meta` keeps of a line.
pub(super) struct Mark<'a> {
    pub item_id: &'a str,
    pub sheet: Sheet,
    pub hash: String,
}

/// Every line on exactly one sheet, in the book's order.
pub(super) fn split<'a>(book: &'a Book<'a>) -> [OfSheet<'a>; 3] {
    Sheet::ALL.map(|sheet| OfSheet { sheet, lines: book.lines.iter().filter(|a| a.line.sheet == sheet).collect() })
}

/// All of the sheet but its rows; returns where its pattern row stands, if it has lines.
pub(super) fn write(pen: &Pen<'_>, worksheet: &mut Worksheet, of: &OfSheet<'_>) -> Result<Option<RowNum>, XlsxError> {
    worksheet.set_name(sheet_name(of.sheet, pen.lang))?;
    columns(worksheet)?;
    top(pen, worksheet, of.sheet, of.lines.len())?;
    let last = of.lines.len().checked_sub(1).map(|last| row_at(FIRST_ROW, last));
    if let Some(last) = last {
        rows::pattern(pen, worksheet, last, Column::Hash.index())?;
        if quiet(pen, of).contains(&true) {
            // So the sheet says how deep its levels go; the library forgets it for a row of which it knows nothing yet.
            worksheet.set_row_height(last, layout::HEAD_HEIGHT)?.group_rows(last, last)?;
        }
        helps(pen, worksheet, last)?;
    } else {
        worksheet.write_string_with_format(FIRST_ROW, Column::Number.index(), pen.texts.no_line, &pen.styles.title)?;
    }
    worksheet.group_symbols_above(true);
    worksheet.set_freeze_panes(FIRST_ROW, FROZEN_COLUMNS)?;
    print(pen, worksheet)?;
    Ok(last)
}

/// The sheet's rows.
pub(super) fn fill<'a>(
    pen: &Pen<'_>,
    of: &OfSheet<'a>,
    ink: &Ink,
    marks: &mut Vec<Mark<'a>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let quiet = quiet(pen, of);
    let block = |at: usize| {
        let from = at * BLOCK;
        let (mut xml, mut hashes) = (vec![], Vec::with_capacity(BLOCK));
        for (offset, (assigned, quiet)) in of.lines.iter().zip(&quiet).enumerate().skip(from).take(BLOCK) {
            let cells = row::cells(&assigned.line, pen.lang);
            let row = Row {
                at: row_at(FIRST_ROW, offset),
                cells: &cells,
                quiet: *quiet,
                typed: Default::default(),
                aside: &[],
                reasons: None,
            };
            hashes.push(ink.put(&mut xml, &row));
        }
        (xml, hashes)
    };
    let mut lines = of.lines.iter();
    let threads = usize::from(of.lines.len() >= LANES_FROM);
    lanes::ordered(of.lines.len().div_ceil(BLOCK), threads, block, |(xml, hashes)| {
        marks.extend(lines.by_ref().zip(hashes).map(|(a, hash)| Mark { item_id: &a.line.item_id, sheet: of.sheet, hash }));
        out.write_all(&xml)
    })
}

/// Two pages side by side; the second begins with the recommendation, beside which the decision stands.
pub(super) fn print(pen: &Pen<'_>, worksheet: &mut Worksheet) -> Result<(), XlsxError> {
    let left = (Column::Number.index(), Column::Account.index());
    layout::print_across(pen, worksheet, HEADER_ROW, left, &[Column::Advice.index()])
}

/// Which lines are one level down, below the first of their group: those that ask for no attention. A click on `1` leaves one line a
/// group and every line to look at.
fn quiet(pen: &Pen<'_>, of: &OfSheet<'_>) -> Vec<bool> {
    let mut all = Vec::with_capacity(of.lines.len());
    for group in of.lines.chunk_by(|a, b| arrange::together(&a.line, &b.line, pen.book.group_by)) {
        let quiet = |assigned: &&Assigned<'_>| assigned.line.advice.verdict == Verdict::Keep;
        let shown = group.iter().take_while(|assigned| !quiet(assigned)).count().max(1);
        all.extend((0..group.len()).map(|at| at >= shown));
    }
    all
}

/// Title, live progress and headings. The title starts in the first visible column.
pub(super) fn top(pen: &Pen<'_>, worksheet: &mut Worksheet, sheet: Sheet, count: usize) -> Result<(), XlsxError> {
    let first = Column::Number.index();
    let title = format!("{} — {}", sheet_name(sheet, pen.lang), pen.book.campaign);
    worksheet.write_string_with_format(0, first, title, &pen.styles.line_title)?;
    let due = format!("{} {}", pen.texts.return_by, pen.lang.date(pen.book.due));
    worksheet.write_string_with_format(0, Column::Right.index(), due, &pen.styles.plain_small)?;
    let ranges = layout::range(sheet, count, Column::Decision, pen.lang).zip(layout::range(sheet, count, Column::State, pen.lang));
    if let Some((decisions, states)) = ranges {
        let texts = pen.texts;
        let progress = Formula::new(format!(
            "=\"{}\"&({count}-COUNTBLANK({decisions}))&\" / {count} — {}\"&COUNTIF({states},\"{}*\")",
            texts.decided_so_far, texts.to_complete_so_far, texts.warning
        ));
        let now = format!("{}0 / {count} — {}0", texts.decided_so_far, texts.to_complete_so_far);
        worksheet.write_formula_with_format(1, first, progress.set_result(now), &pen.styles.plain_small)?;
    }
    headings(pen, worksheet)
}

pub(super) fn headings(pen: &Pen<'_>, worksheet: &mut Worksheet) -> Result<(), XlsxError> {
    worksheet.set_row_height(HEADER_ROW, layout::HEAD_HEIGHT)?;
    for column in Column::ALL {
        let style = if Column::INPUT.contains(&column) { &pen.styles.head_input } else { &pen.styles.head };
        worksheet.write_string_with_format(HEADER_ROW, column.index(), column.title(pen.lang), style)?;
    }
    Ok(())
}

/// Widths, and the two hidden columns.
pub(super) fn columns(worksheet: &mut Worksheet) -> Result<(), XlsxError> {
    for column in Column::ALL {
        worksheet.set_column_width(column.index(), layout::width(column))?;
    }
    worksheet.set_column_hidden(Column::Item.index())?.set_column_hidden(Column::Hash.index())?;
    Ok(())
}

/// Excel's calendar begins in 1900; what lies before stays text.
pub(super) fn excel_date(date: jiff::civil::Date) -> Option<ExcelDateTime> {
    let part = |n: i8| u8::try_from(n).ok();
    ExcelDateTime::from_ymd(u16::try_from(date.year()).ok()?, part(date.month())?, part(date.day())?).ok()
}

/// What a line still lacks, in words that can be filtered on. `row`: its number, as the spreadsheet counts.
pub(super) fn state_formula(pen: &Pen<'_>, row: impl Display) -> String {
    let (texts, words) = (pen.texts, Words::of(pen.lang));
    let at = |column| format!("{}{row}", letter(column));
    let (decision, change, why, privileged) =
        (at(Column::Decision), at(Column::Change), at(Column::Justification), at(Column::Privileged));
    format!(
        "=IF({decision}=\"\",\"{}\",IF(ISNA(MATCH({decision},{},0)),\"{}\",\
         IF(AND({decision}=\"{}\",TRIM({change})=\"\"),\"{}\",\
         IF(AND(OR({decision}<>\"{}\",{privileged}=\"{}\"),TRIM({why})=\"\"),\"{}\",\"{}\"))))",
        texts.state_undecided,
        meta::DECISIONS,
        texts.state_unknown,
        words.modify,
        texts.state_change,
        words.keep,
        words.yes,
        texts.state_justify,
        texts.state_complete,
    )
}

/// What [`state_formula`] gives for what was typed, in the order of [`Column::INPUT`]. Spreadsheets compare without regard to case.
pub(super) fn state([decision, change, why, _]: [&str; 4], privileged: &str, lang: Lang) -> &'static str {
    let (texts, words) = (Texts::of(lang), Words::of(lang));
    let chosen = |word: &str| decision.to_lowercase() == word.to_lowercase();
    if decision.is_empty() {
        texts.state_undecided
    } else if ![words.keep, words.revoke, words.modify].into_iter().any(chosen) {
        texts.state_unknown
    } else if chosen(words.modify) && change.trim().is_empty() {
        texts.state_change
    } else if (!chosen(words.keep) || privileged == words.yes) && why.trim().is_empty() {
        texts.state_justify
    } else {
        texts.state_complete
    }
}

/// Filter, drop-down, input help and colours, over the rows from the first to `last`.
pub(super) fn helps(pen: &Pen<'_>, worksheet: &mut Worksheet, last: u32) -> Result<(), XlsxError> {
    let (texts, words, styles) = (pen.texts, Words::of(pen.lang), &pen.styles);
    worksheet.autofilter(HEADER_ROW, Column::Item.index(), last, Column::Hash.index())?;

    let over = |column: Column| (FIRST_ROW, column.index(), last, column.index());
    let choices = DataValidation::new()
        .allow_list_formula(Formula::new(format!("={}", meta::DECISIONS)))
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title(texts.choice_title)?
        .set_error_message(texts.choice_message)?;
    validate(worksheet, over(Column::Decision), &choices)?;
    let help = |message| DataValidation::new().allow_any_value().set_input_message(message);
    validate(worksheet, over(Column::Change), &help(texts.change_help)?)?;
    validate(worksheet, over(Column::Justification), &help(texts.justify_help)?)?;

    let row = FIRST_ROW + 1;
    let is = |column, value: &str| format!("=${}{row}=\"{value}\"", letter(column));
    let advised = |v| is(Column::Advice, verdict(v, pen.lang));
    frozen(pen, worksheet, last)?;
    let rules: [(Column, String, &Format); 11] = [
        (Column::Decision, is(Column::Decision, words.keep), &styles.keep),
        (Column::Decision, is(Column::Decision, words.revoke), &styles.revoke),
        (Column::Decision, is(Column::Decision, words.modify), &styles.modify),
        (Column::Decision, is(Column::Decision, ""), &styles.undecided),
        (Column::Change, is(Column::State, texts.state_change), &styles.missing),
        (Column::Justification, is(Column::State, texts.state_justify), &styles.missing),
        (Column::Privileged, is(Column::Privileged, words.yes), &styles.strong),
        (Column::Advice, advised(Verdict::Revoke), &styles.strong),
        (Column::Advice, advised(Verdict::Keep), &styles.done),
        (Column::State, is(Column::State, texts.state_complete), &styles.done),
        (Column::State, format!("=LEFT(${}{row},1)=\"{}\"", letter(Column::State), texts.warning), &styles.strong),
    ];
    for (column, rule, format) in rules {
        let rule = ConditionalFormatFormula::new().set_rule(rule.as_str()).set_format(format);
        worksheet.add_conditional_format(FIRST_ROW, column.index(), last, column.index(), &rule)?;
    }
    // Last: where rules meet, LibreOffice follows the first only.
    groups(pen, worksheet, last)
}

/// Typing over a frozen cell is refused; pasting is not, and is seen by the row's hash. Protecting the sheet instead would forbid
/// sorting and folding, which 300 lines need.
fn frozen(pen: &Pen<'_>, worksheet: &mut Worksheet, last: u32) -> Result<(), XlsxError> {
    let rule = DataValidation::new()
        .allow_custom(Formula::new("=FALSE"))
        .ignore_blank(false)
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title(pen.texts.frozen_title)?
        .set_error_message(pen.texts.frozen_message)?;
    validate(worksheet, (FIRST_ROW, Column::Item.index(), last, Column::Reasons.index()), &rule)?;
    validate(worksheet, (FIRST_ROW, Column::State.index(), last, Column::Hash.index()), &rule)
}

/// A line above each group, and what repeats in it in grey: follows the sheet when it is sorted otherwise.
fn groups(pen: &Pen<'_>, worksheet: &mut Worksheet, last: u32) -> Result<(), XlsxError> {
    let by = match pen.book.group_by {
        GroupBy::Person => Column::Person,
        GroupBy::System => Column::System,
        GroupBy::Right => Column::Right,
    };
    let (at, row) = (letter(by), FIRST_ROW + 1);
    let rule = |sign: &str| format!("=${at}{row}{sign}${at}{}", row - 1);
    let begins = ConditionalFormatFormula::new().set_rule(rule("<>").as_str()).set_format(&pen.styles.begins);
    worksheet.add_conditional_format(FIRST_ROW, Column::Number.index(), last, Column::State.index(), &begins)?;
    let repeated = ConditionalFormatFormula::new().set_rule(rule("=").as_str()).set_format(&pen.styles.repeated);
    worksheet.add_conditional_format(FIRST_ROW, by.index(), last, by.index(), &repeated)?;
    Ok(())
}

fn validate(worksheet: &mut Worksheet, over: (u32, u16, u32, u16), rule: &DataValidation) -> Result<(), XlsxError> {
    let (first_row, first_column, last_row, last_column) = over;
    worksheet.add_data_validation(first_row, first_column, last_row, last_column, rule)?;
    Ok(())
}

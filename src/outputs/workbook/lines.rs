//! The three sheets of lines: the same columns, drop-downs and colours on each.

use rust_xlsxwriter::{
    ConditionalFormatFormula, DataValidation, DataValidationErrorStyle, ExcelDateTime, Format, Formula, Worksheet, XlsxError,
};

use super::layout::{self, FIRST_ROW, HEADER_ROW, letter, row_at, sheet_name};
use super::{Pen, meta};
use crate::review::advice::Verdict;
use crate::review::row::{self, Cell, Column};
use crate::review::texts::{Words, verdict};
use crate::review::{Assigned, Book, GroupBy, Sheet, arrange};

/// Columns that stay in view: up to the account.
pub(super) const FROZEN_COLUMNS: u16 = 4;

/// Room for a justification, since a row whose height is set does not grow as one types.
const LEAST_LINES: u32 = 3;

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

pub(super) fn write<'a>(
    pen: &Pen<'_>,
    worksheet: &mut Worksheet,
    of: &OfSheet<'a>,
    marks: &mut Vec<Mark<'a>>,
) -> Result<(), XlsxError> {
    worksheet.set_name(sheet_name(of.sheet, pen.lang))?;
    columns(worksheet)?;
    if pen.streamed() {
        // A height for each of a million rows would be held in memory: one for all.
        worksheet.set_default_row_height(layout::height([], layout::LINE_SIZE, LEAST_LINES));
    }
    top(pen, worksheet, of.sheet, of.lines.len())?;
    for (offset, assigned) in of.lines.iter().enumerate() {
        let cells = row::cells(&assigned.line, pen.lang);
        marks.push(Mark { item_id: &assigned.line.item_id, sheet: of.sheet, hash: line(pen, worksheet, offset, &cells)? });
    }
    if of.lines.is_empty() {
        worksheet.write_string_with_format(FIRST_ROW, Column::Number.index(), pen.texts.no_line, &pen.styles.title)?;
    } else {
        helps(pen, worksheet, row_at(FIRST_ROW, of.lines.len() - 1))?;
    }
    worksheet.set_freeze_panes(FIRST_ROW, FROZEN_COLUMNS)?;
    print(pen, worksheet)?;
    outline(pen, worksheet, of)
}

/// Two pages side by side; the second begins with the recommendation, beside which the decision stands.
pub(super) fn print(pen: &Pen<'_>, worksheet: &mut Worksheet) -> Result<(), XlsxError> {
    let left = (Column::Number.index(), Column::Account.index());
    layout::print_across(pen, worksheet, HEADER_ROW, left, &[Column::Advice.index()])
}

/// The lines of a group that ask for no attention are one level down, below its first line: a click on `1` leaves one line a group and
/// every line to look at. Streamed sheets have no levels; filters serve there.
fn outline(pen: &Pen<'_>, worksheet: &mut Worksheet, of: &OfSheet<'_>) -> Result<(), XlsxError> {
    if pen.streamed() {
        return Ok(());
    }
    worksheet.group_symbols_above(true);
    let mut offset = 0;
    for group in of.lines.chunk_by(|a, b| arrange::together(&a.line, &b.line, pen.book.group_by)) {
        let quiet = |assigned: &&Assigned<'_>| assigned.line.advice.verdict == Verdict::Keep;
        let shown = group.iter().take_while(|assigned| !quiet(assigned)).count().max(1);
        if shown < group.len() {
            worksheet.group_rows(row_at(FIRST_ROW, offset + shown), row_at(FIRST_ROW, offset + group.len() - 1))?;
        }
        offset += group.len();
    }
    Ok(())
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

/// One row, left to right as streaming requires; returns its hash.
pub(super) fn line(pen: &Pen<'_>, worksheet: &mut Worksheet, offset: usize, cells: &[Cell]) -> Result<String, XlsxError> {
    let row = row_at(FIRST_ROW, offset);
    let styles = &pen.styles;
    let texts: Vec<_> = cells.iter().map(Cell::text).collect();
    let hash = row::hash(texts.iter().map(AsRef::as_ref));
    if !pen.streamed() {
        let sizes = Column::FROZEN.iter().zip(&texts).skip(1).map(|(column, text)| (text.as_ref(), layout::width(*column)));
        worksheet.set_row_height(row, layout::height(sizes, layout::LINE_SIZE, LEAST_LINES))?;
    }
    for ((column, cell), text) in Column::FROZEN.iter().zip(cells).zip(&texts) {
        let at = column.index();
        match cell {
            Cell::Date(date, precision) => match excel_date(*date) {
                Some(day) => worksheet.write_datetime_with_format(row, at, day, styles.login(*precision))?,
                None => worksheet.write_string_with_format(row, at, text.as_ref(), &styles.line)?,
            },
            Cell::Text(_) => worksheet.write_string_with_format(row, at, text.as_ref(), &styles.line)?,
        };
        if *column == Column::Item {
            worksheet.write_number_with_format(row, Column::Number.index(), f64::from(row + 1 - FIRST_ROW), &styles.line_number)?;
        }
    }
    for column in Column::INPUT {
        worksheet.write_blank(row, column.index(), &styles.input)?;
    }
    let state = Formula::new(state_formula(pen, row + 1)).set_result(pen.texts.state_undecided);
    worksheet.write_formula_with_format(row, Column::State.index(), state, &styles.line_state)?;
    worksheet.write_string_with_format(row, Column::Hash.index(), &hash, &styles.line)?;
    Ok(hash)
}

/// Excel's calendar begins in 1900; what lies before stays text.
pub(super) fn excel_date(date: jiff::civil::Date) -> Option<ExcelDateTime> {
    let part = |n: i8| u8::try_from(n).ok();
    ExcelDateTime::from_ymd(u16::try_from(date.year()).ok()?, part(date.month())?, part(date.day())?).ok()
}

/// What a line still lacks, in words that can be filtered on.
fn state_formula(pen: &Pen<'_>, row: u32) -> String {
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

//! Lines with what was decided on them: all of them, and again tool by tool.

use std::collections::BTreeSet;

use rust_xlsxwriter::{ConditionalFormatFormula, Format, Worksheet, XlsxError};

use super::Lead;
use super::texts::Texts;
use crate::outputs::workbook::layout::{self, MAX_LINES};
use crate::outputs::workbook::lines::excel_date;
use crate::review::lines::advice::Verdict;
use crate::review::paper::clean;
use crate::review::paper::row::{Cell, Column};
use crate::review::paper::texts::{Words, verdict};
use crate::review::record::choice::word;
use crate::review::record::decisions::Standing;
use crate::review::record::item::Item;

const HEADS: u32 = 2;
const FIRST: u32 = 3;
/// Before the line's own columns: number, reviewer.
const BEFORE: u16 = 2;
/// The line's own columns, as on the reviewers' sheets: from the person to the reasons.
const SHOWN: u16 = Column::Decision as u16 - Column::Person as u16;
/// Decision, change, justification, comment, state, decided on; then the id, hidden.
const DECISION: u16 = BEFORE + SHOWN;
const STANDING: u16 = DECISION + 4;
const DECIDED_ON: u16 = DECISION + 5;
const ID: u16 = DECISION + 6;

/// Excel's limit for the name of a sheet, in UTF-16 code units.
const NAME_UNITS: usize = 31;

/// Names of sheets: each once, whatever its case, within what Excel takes.
pub(super) struct Names(BTreeSet<String>);

impl Names {
    pub(super) fn new(words: &Texts) -> Self {
        // `History` is Excel's own.
        let taken = [words.summary, words.refused, words.signals, "history", "historique"];
        Self(taken.iter().map(|name| name.to_lowercase()).collect())
    }

    /// The sheets for some lines: one, or as many as Excel's rows ask for.
    pub(super) fn sheets<'i, 'a>(&mut self, name: &str, items: &'i [&'a Item]) -> Vec<(String, &'i [&'a Item])> {
        let mut sheets: Vec<_> = items.chunks(MAX_LINES).map(|part| (self.take(name), part)).collect();
        if sheets.is_empty() {
            sheets.push((self.take(name), items));
        }
        sheets
    }

    fn take(&mut self, wanted: &str) -> String {
        let plain: String = clean::text(wanted).chars().map(|c| if "[]:*?/\\".contains(c) { '-' } else { c }).collect();
        let plain = plain.trim_matches(|c: char| c == '\'' || c.is_whitespace());
        let plain = if plain.is_empty() { "—" } else { plain };
        for number in 1_u32.. {
            let suffix = if number == 1 { String::new() } else { format!(" ({number})") };
            let mut room = NAME_UNITS - suffix.len();
            let short: String = plain
                .chars()
                .take_while(|c| {
                    let fits = c.len_utf16() <= room;
                    room = room.saturating_sub(c.len_utf16());
                    fits
                })
                .collect();
            let name = format!("{}{suffix}", short.trim_end());
            if self.0.insert(name.to_lowercase()) {
                return name;
            }
        }
        String::new() // there are more numbers than sheets
    }
}

pub(super) fn write(
    lead: &Lead<'_>,
    worksheet: &mut Worksheet,
    name: &str,
    items: &[&Item],
    streamed: bool,
) -> Result<(), XlsxError> {
    let styles = &lead.pen.styles;
    worksheet.set_name(name)?;
    for (column, width) in (0..).zip(widths()) {
        worksheet.set_column_width(column, width)?;
    }
    worksheet.set_column_hidden(ID)?;
    if streamed {
        worksheet.set_default_row_height(layout::height([], layout::LINE_SIZE, 2));
    }
    let title = format!("{name} — {} — {} {}", lead.pen.book.campaign, items.len(), lead.words.lines);
    worksheet.write_string_with_format(0, 0, title, &styles.line_title)?;
    worksheet.write_string_with_format(1, 0, lead.words.columns_note, &styles.plain_small)?;
    worksheet.set_row_height(HEADS, layout::HEAD_HEIGHT)?;
    for (column, head) in (0..).zip(heads(lead)) {
        worksheet.write_string_with_format(HEADS, column, head, &styles.head)?;
    }
    for (offset, item) in items.iter().enumerate() {
        line(lead, worksheet, offset, item, streamed)?;
    }
    if let Some(last) = items.len().checked_sub(1).map(|last| layout::row_at(FIRST, last)) {
        worksheet.autofilter(HEADS, 0, last, ID)?;
        colours(lead, worksheet, last)?;
    }
    worksheet.set_freeze_panes(FIRST, BEFORE + 2)?;
    // On the first page who holds what, on the second what was advised, on the third what was decided.
    layout::print_across(&lead.pen, worksheet, HEADS, (0, BEFORE + 1), &[BEFORE + 8, DECISION])
}

fn widths() -> Vec<f64> {
    let own = Column::FROZEN.into_iter().skip(1).map(layout::width);
    let typed = [Column::Decision, Column::Change, Column::Justification, Column::Comment].into_iter().map(layout::width);
    [7.0, 18.0].into_iter().chain(own).chain(typed).chain([16.0, 12.5, 22.0]).collect()
}

fn heads(lead: &Lead<'_>) -> Vec<&'static str> {
    let lang = lead.pen.lang;
    let own = Column::FROZEN.into_iter().skip(1).map(|column| column.title(lang));
    let typed = Column::INPUT.into_iter().map(|column| column.title(lang));
    let ends = [lead.words.standing, lead.words.decided_on, Column::Item.title(lang)];
    [Column::Number.title(lang), lead.words.reviewer].into_iter().chain(own).chain(typed).chain(ends).collect()
}

/// One row, left to right as streaming requires.
fn line(lead: &Lead<'_>, worksheet: &mut Worksheet, offset: usize, item: &Item, streamed: bool) -> Result<(), XlsxError> {
    let (styles, lang) = (&lead.pen.styles, lead.pen.lang);
    let row = layout::row_at(FIRST, offset);
    let cells = item.frozen();
    let decided = lead.outcomes.get(item.id.as_str());
    let text = |text: Option<&str>| text.map(clean::text).unwrap_or_default();
    let said = decided.and_then(|outcome| outcome.decided);
    let typed = [
        decided.map(|outcome| word(outcome.choice, lang).to_owned()).unwrap_or_default(),
        text(said.and_then(|d| d.change.as_deref())),
        text(said.and_then(|d| d.justification.as_deref())),
        text(said.and_then(|d| d.comment.as_deref())),
    ];
    if !streamed {
        let own =
            cells.iter().skip(1).zip(Column::FROZEN.into_iter().skip(1)).map(|(cell, column)| (cell.text(), layout::width(column)));
        let own: Vec<_> = own.collect();
        let typed = typed.iter().zip(Column::INPUT).map(|(text, column)| (text.as_str(), layout::width(column)));
        let sizes = own.iter().map(|(text, width)| (text.as_ref(), *width)).chain(typed);
        worksheet.set_row_height(row, layout::height(sizes, layout::LINE_SIZE, 1))?;
    }
    worksheet.write_number_with_format(row, 0, f64::from(row + 1 - FIRST), &styles.line_number)?;
    worksheet.write_string_with_format(row, 1, lead.reviewer(item), &styles.line)?;
    for (column, cell) in (BEFORE..).zip(cells.iter().skip(1)) {
        match cell {
            Cell::Date(date, precision) => match excel_date(*date) {
                Some(day) => worksheet.write_datetime_with_format(row, column, day, styles.login(*precision))?,
                None => worksheet.write_string_with_format(row, column, date.to_string(), &styles.line)?,
            },
            Cell::Text(text) => worksheet.write_string_with_format(row, column, text, &styles.line)?,
        };
    }
    for (column, text) in (DECISION..).zip(&typed) {
        worksheet.write_string_with_format(row, column, text, &styles.line)?;
    }
    worksheet.write_string_with_format(row, STANDING, lead.standing(item), &styles.line_state)?;
    let day = decided.and_then(|outcome| excel_date(lead.pen.book.zone.to_datetime(outcome.at).date()));
    match day {
        Some(day) => worksheet.write_datetime_with_format(row, DECIDED_ON, day, styles.line_day())?,
        None => worksheet.write_blank(row, DECIDED_ON, &styles.line)?,
    };
    worksheet.write_string_with_format(row, ID, &item.id, &styles.line)?;
    Ok(())
}

fn colours(lead: &Lead<'_>, worksheet: &mut Worksheet, last: u32) -> Result<(), XlsxError> {
    let (styles, words, lang) = (&lead.pen.styles, Words::of(lead.pen.lang), lead.pen.lang);
    let letter = rust_xlsxwriter::utility::column_number_to_name;
    let of = |column: u16, value: &str| (column, format!("=${}{}=\"{value}\"", letter(column), FIRST + 1));
    // Frozen columns stand in their order, the id left out.
    let at = |wanted: Column| BEFORE + (0..).zip(Column::FROZEN).find(|(_, column)| *column == wanted).map_or(0, |(at, _)| at) - 1;
    let [decided, refused, silent, rule] = lead.words.standing_words;
    let rules: [((u16, String), &Format); 10] = [
        (of(DECISION, words.keep), &styles.keep),
        (of(DECISION, words.revoke), &styles.revoke),
        (of(DECISION, words.modify), &styles.modify),
        (of(STANDING, decided), &styles.done),
        (of(STANDING, refused), &styles.strong),
        (of(STANDING, silent), &styles.undecided),
        (of(STANDING, rule), &styles.undecided),
        (of(at(Column::Privileged), words.yes), &styles.strong),
        (of(at(Column::Advice), verdict(Verdict::Revoke, lang)), &styles.strong),
        (of(at(Column::Advice), verdict(Verdict::Keep, lang)), &styles.done),
    ];
    for ((column, rule), format) in rules {
        let rule = ConditionalFormatFormula::new().set_rule(rule.as_str()).set_format(format);
        worksheet.add_conditional_format(FIRST, column, last, column, &rule)?;
    }
    Ok(())
}

impl Lead<'_> {
    /// Who decides on a line.
    pub(super) fn reviewer(&self, item: &Item) -> String {
        let id = item.reviewer.as_deref();
        id.map_or_else(|| self.words.nobody.to_owned(), |id| clean::text(self.names.get(id).copied().unwrap_or(id)))
    }

    /// Where a line stands, in a word with its sign.
    fn standing(&self, item: &Item) -> &'static str {
        let [decided, refused, silent, rule] = self.words.standing_words;
        match self.standings.get(item.id.as_str()) {
            Some(Standing::Decided(..)) => decided,
            _ if self.outcomes.contains_key(item.id.as_str()) => rule,
            Some(Standing::Refused(_)) => refused,
            Some(Standing::NoAnswer) | None => silent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    #[test]
    fn names_of_sheets_are_ones_that_excel_takes() {
        let mut names = Names::new(Texts::of(Lang::Fr));
        assert_eq!(names.take("PAIE"), "PAIE");
        assert_eq!(names.take("paie"), "paie (2)");
        assert_eq!(names.take("synthèse"), "synthèse (2)");
        assert_eq!(names.take("a/b:[c]*?\\'"), "a-b--c----");
        let long = names.take(&"😀".repeat(40));
        assert!(long.encode_utf16().count() <= NAME_UNITS && long.chars().count() == 15, "{long}");
        assert_eq!(names.take("''"), "—");
    }
}

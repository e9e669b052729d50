//! One row against the frozen item: what was decided, and everything that is wrong with it.

use serde::{Deserialize, Serialize};

use super::grid::{Cell, Content};
use super::table::Row;
use super::trouble::Trouble;
use super::words::{choice, typed};
use crate::lang::Lang;
use crate::review::paper::fold::folded;
use crate::review::paper::row::{self, Column};
use crate::review::record::choice::Choice;
use crate::review::record::item::Item;

/// Day 0 of the 1900 calendar of spreadsheets, for a date that lost its format.
const EPOCH: jiff::civil::Date = jiff::civil::date(1899, 12, 30);

/// What a reviewer answered on a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub item_id: String,
    pub choice: Choice,
    pub change: Option<String>,
    pub justification: Option<String>,
    pub comment: Option<String>,
    pub sheet: String,
    /// As the spreadsheet numbers it.
    pub row: u32,
}

/// What became of a row.
pub(super) struct Judged {
    pub answer: Option<Answer>,
    pub troubles: Vec<Trouble>,
    /// As typed, for the correction workbook.
    pub typed: Typed,
}

/// The four cells as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    pub decision: Option<String>,
    pub change: Option<String>,
    pub justification: Option<String>,
    pub comment: Option<String>,
}

/// Judges a row whose item is the reviewer's.
pub(super) fn judge(row: &Row<'_, '_>, item: &Item, lang: Lang) -> Judged {
    let mut troubles = vec![];
    let edited = edited(row, item, lang);
    if !edited.is_empty() {
        troubles.push(Trouble::Edited(edited));
    }
    let (decision, filled) = row.merged(Column::Decision);
    for column in [Column::Decision, Column::Change, Column::Justification, Column::Comment] {
        if row.merged(column).0.formula {
            troubles.push(Trouble::Formula(column.title(lang)));
        }
    }
    let text = |column| typed(&row.cell(column).text());
    let typed_cells = Typed {
        decision: typed(&decision.text()),
        change: text(Column::Change),
        justification: text(Column::Justification),
        comment: text(Column::Comment),
    };
    let refused = troubles.iter().any(|t| matches!(t, Trouble::Formula(_)));
    let answer = if refused { None } else { decide(decision, &typed_cells, item, &mut troubles) };
    if filled && answer.is_some() {
        troubles.push(Trouble::MergedFilled);
    }
    let answer = answer.map(|choice| Answer {
        item_id: item.id.clone(),
        choice,
        change: typed_cells.change.clone(),
        justification: typed_cells.justification.clone(),
        comment: typed_cells.comment.clone(),
        sheet: row.table.sheet.name.clone(),
        row: row.number + 1,
    });
    Judged { answer, troubles, typed: typed_cells }
}

fn decide(cell: &Cell, typed: &Typed, item: &Item, troubles: &mut Vec<Trouble>) -> Option<Choice> {
    let Some(text) = &typed.decision else {
        if typed.change.is_some() || typed.justification.is_some() || typed.comment.is_some() {
            troubles.push(Trouble::SilentWithText);
        }
        return None;
    };
    let known = if matches!(cell.content, Content::Text(_)) { choice(text) } else { None };
    let Some(choice) = known else {
        troubles.push(Trouble::UnknownChoice(text.chars().take(80).collect()));
        return None;
    };
    let justified = typed.justification.is_some();
    match choice {
        Choice::Modify if typed.change.is_none() => {
            troubles.push(Trouble::ChangeMissing);
            return None;
        }
        Choice::Keep if item.privileged == Some(true) && !justified => {
            troubles.push(Trouble::JustificationMissing);
            return None;
        }
        Choice::Revoke | Choice::Modify if !justified => troubles.push(Trouble::JustificationAbsent),
        _ => {}
    }
    if choice != Choice::Modify && typed.change.is_some() {
        troubles.push(Trouble::ChangeIgnored);
    }
    Some(choice)
}

/// Frozen cells that differ from the original: heading, what it was, what it is.
fn edited(row: &Row<'_, '_>, item: &Item, lang: Lang) -> Vec<(String, String, String)> {
    let texts = Column::FROZEN.map(|column| row.cell(column).text());
    if row::hash(texts.iter().map(String::as_str)) == item.hash {
        return vec![];
    }
    let pairs = Column::FROZEN.into_iter().zip(&texts).skip(1).zip(&item.cells);
    let changed = pairs.filter(|((column, is), was)| {
        // Spaces and line ends change with the program that saves; letters do not.
        let same = spaced(is) == spaced(was) || as_day(row.cell(*column)).is_some_and(|day| day == **was);
        !same && !row.table.lacks(*column)
    });
    let short = |text: &str| text.chars().take(80).collect::<String>().replace('\n', " ");
    changed.map(|((column, is), was)| (column.title(lang).to_owned(), short(was), short(is))).collect()
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A date whose cell was given the format of a number.
fn as_day(cell: &Cell) -> Option<String> {
    let Content::Number(number) = cell.content else {
        // Or that of a text, as a person writes dates.
        let text = folded(&cell.text());
        let [day, month, year] = <[&str; 3]>::try_from(text.split('/').collect::<Vec<_>>()).ok()?;
        let year: String = year.chars().take_while(char::is_ascii_digit).collect();
        return super::grid::civil(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).map(|date| date.to_string());
    };
    #[expect(clippy::cast_possible_truncation, reason = "whole days, within the calendar's bounds or refused below")]
    let days = number.trunc() as i64;
    let span = jiff::Span::new().try_days(days).ok()?;
    EPOCH.checked_add(span).ok().map(|date| date.to_string())
}

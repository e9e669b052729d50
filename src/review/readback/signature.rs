//! The sign-off: who decided, in what role, when, and two declarations. Without it nothing is taken.

use jiff::civil::Date;

use super::grid::{Cell, Content, Sheet};
use super::table::Table;
use super::trouble::Trouble;
use super::words::{same_person, typed, yes_no};
use crate::lang::Lang;
use crate::review::paper::fold::folded;
use crate::review::paper::texts::sign_labels;
use crate::review::record::returned::Signature;

/// Between which days a signature makes sense.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub opened: Date,
    pub today: Date,
}

/// The signature, or everything that is wrong with it.
pub(super) fn read(
    (sheets, tables): (&[Sheet], &[Table<'_>]),
    reviewer: &str,
    lang: Lang,
    window: Window,
) -> Result<Signature, Vec<Trouble>> {
    let found = sheets.iter().find_map(|sheet| answers(sheet, tables.iter().find(|table| std::ptr::eq(table.sheet, sheet))));
    let [name, role, date, each, own] = found.unwrap_or_default();
    let labels = sign_labels(lang);
    let text = |cell: &Option<Cell>| cell.as_ref().filter(|c| !c.formula).and_then(|c| typed(&c.text()));
    let mut missing: Vec<&'static str> = vec![];
    for (cell, label) in [&name, &role, &date, &each, &own].into_iter().zip(labels) {
        if text(cell).is_none() {
            missing.push(label);
        }
    }
    let mut troubles = vec![];
    let answers: Vec<Option<bool>> = [&each, &own].into_iter().map(|c| text(c).and_then(|t| yes_no(&t))).collect();
    for ((cell, answer), label) in [&each, &own].into_iter().zip(&answers).zip(labels.into_iter().skip(3)) {
        if text(cell).is_some() && answer.is_none() {
            missing.push(label);
        }
    }
    if !missing.is_empty() {
        troubles.push(Trouble::NotSigned(missing));
    }
    if answers.contains(&Some(false)) {
        troubles.push(Trouble::DeclarationNo);
    }
    let on = date.as_ref().and_then(day).filter(|day| (window.opened..=window.today).contains(day));
    if let (None, Some(shown)) = (on, text(&date)) {
        troubles.push(Trouble::BadDate(shown));
    }
    let (name, role) = (text(&name).unwrap_or_default(), text(&role).unwrap_or_default());
    if !name.is_empty() && !same_person(&name, reviewer) {
        troubles.push(Trouble::SignedByOther { signed: name.clone(), reviewer: reviewer.to_owned() });
    }
    match on {
        Some(on) if troubles.is_empty() => Ok(Signature { name, role, on }),
        _ => Err(troubles),
    }
}

/// The five answers of a signature sheet: beside each label, the first cell that holds something. The rows of lines hold no label.
fn answers(sheet: &Sheet, table: Option<&Table<'_>>) -> Option<[Option<Cell>; 5]> {
    let (fr, en) = (sign_labels(Lang::Fr).map(folded), sign_labels(Lang::En).map(folded));
    let mut answers: [Option<Cell>; 5] = Default::default();
    let mut labels = 0;
    let is_line = |number: u32, cells| table.is_some_and(|table| table.is_line(number, cells));
    for (_, cells) in sheet.rows.iter().filter(|(number, cells)| !is_line(*number, cells)) {
        let Some((at, which)) = cells.iter().enumerate().find_map(|(at, cell)| {
            let text = folded(&cell.text());
            Some((at, fr.iter().zip(&en).position(|(a, b)| *a == text || *b == text)?))
        }) else {
            continue;
        };
        labels += 1;
        if let Some(slot) = answers.get_mut(which).filter(|slot| slot.is_none()) {
            *slot = cells.iter().skip(at + 1).find(|cell| !cell.is_empty()).cloned();
        }
    }
    (labels >= 3).then_some(answers)
}

/// A true date, ISO 8601, or day/month/year; never month/day/year.
fn day(cell: &Cell) -> Option<Date> {
    match &cell.content {
        Content::Date(at) => Some(at.date()),
        Content::Text(text) => {
            let text = folded(text);
            if let Ok(date) = text.parse() {
                return Some(date);
            }
            let parts: Vec<&str> = text.split(['/', '.', '-']).map(str::trim).collect();
            let [day, month, year] = parts.as_slice() else { return None };
            let short = day.len() <= 2 && month.len() <= 2 && year.len() == 4;
            if !short {
                return None;
            }
            super::grid::civil(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_are_iso_or_day_first_and_nothing_else() {
        let read = |text: &str| day(&Cell { content: Content::Text(text.to_owned()), formula: false });
        assert_eq!(read("2026-12-03"), Some(date(2026, 12, 3)));
        assert_eq!(read(" 03/12/2026 "), Some(date(2026, 12, 3)));
        assert_eq!(read("3.12.2026"), Some(date(2026, 12, 3)));
        for text in ["12/31/2026", "31/12/26", "hier", "2026", "45992"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(day(&Cell { content: Content::Number(46_000.0), formula: false }), None);
    }
}

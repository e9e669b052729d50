//! Tests on the cells of a row: which rows are in scope, and which value a case gives.

use regex::Regex;

use super::cell::{Cell, Cells};
use super::columns::{Binding, Columns, Slot};
use super::config::{self, ColumnName, Literal};
use super::numbers::Writing;
use super::plan::{ConfigError, regex};

/// One question about one column.
#[derive(Debug)]
pub(super) struct Condition {
    column: Slot,
    check: Check,
}

#[derive(Debug)]
enum Check {
    Among(Vec<String>),
    NotAmong(Vec<String>),
    Matches(Regex),
    NotMatches(Regex),
    Empty(bool),
    SameAs(Slot),
    DiffersFrom(Slot),
    Above(f64),
    Below(f64),
}

/// What is needed to look at a cell.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub row: &'a dyn Cells,
    pub binding: &'a Binding,
    /// Lower-case words that mean "not told".
    pub nulls: &'a [String],
}

impl<'a> Look<'a> {
    /// Text of a column's first cell that says something, trimmed.
    pub(super) fn text(&self, slot: Slot) -> Option<String> {
        self.binding.places(slot).iter().find_map(|&at| {
            let cell = self.row.cell(at);
            let text = cell.text();
            let text = text.trim();
            (!is_null(text, self.nulls)).then(|| text.to_owned())
        })
    }

    /// A column's first cell that says something.
    pub(super) fn cell(&self, slot: Slot) -> Cell<'a> {
        self.cells(slot).next().unwrap_or(Cell::Empty)
    }

    /// All of a column's cells that say something.
    pub(super) fn cells(&self, slot: Slot) -> impl Iterator<Item = Cell<'a>> {
        let (row, nulls) = (self.row, self.nulls);
        self.binding.places(slot).iter().map(move |&at| row.cell(at)).filter(move |cell| match cell {
            Cell::Empty => false,
            Cell::Text(text) => !is_null(text.trim(), nulls),
            _ => true,
        })
    }
}

/// Whether a trimmed text is one of the words that mean "not told".
pub(super) fn is_null(text: &str, nulls: &[String]) -> bool {
    text.is_empty() || (!nulls.is_empty() && nulls.iter().any(|word| same_word(word, text)))
}

/// Compares a lower-case word with a text of any case.
fn same_word(lower: &str, text: &str) -> bool {
    lower == text || lower.chars().eq(text.chars().flat_map(char::to_lowercase))
}

impl Condition {
    /// Checks and compiles the tests of one list.
    pub(super) fn compile(tests: &[config::Test], columns: &mut Columns, key: &str) -> Result<Vec<Self>, ConfigError> {
        tests.iter().enumerate().map(|(at, test)| Self::one(test, columns, &format!("{key}[{}]", at + 1))).collect()
    }

    fn one(test: &config::Test, columns: &mut Columns, key: &str) -> Result<Self, ConfigError> {
        let column = columns.add(test.column.as_slice(), false, key);
        let words = |literals: &[Literal]| literals.iter().map(|l| l.to_string().trim().to_lowercase()).collect::<Vec<_>>();
        let mut other = |name: &ColumnName| columns.add(std::slice::from_ref(name), false, key);
        let mut checks = Vec::new();
        checks.extend(test.equals.as_ref().map(|one| Check::Among(words(std::slice::from_ref(one)))));
        checks.extend(test.among.as_ref().map(|many| Check::Among(words(many))));
        checks.extend(test.not_in.as_ref().map(|many| Check::NotAmong(words(many))));
        if let Some(pattern) = &test.matches {
            checks.push(Check::Matches(regex(pattern, &format!("{key}.matches"))?));
        }
        if let Some(pattern) = &test.not_matches {
            checks.push(Check::NotMatches(regex(pattern, &format!("{key}.not_matches"))?));
        }
        checks.extend(test.empty.map(Check::Empty));
        checks.extend(test.same_as.as_ref().map(|name| Check::SameAs(other(name))));
        checks.extend(test.differs_from.as_ref().map(|name| Check::DiffersFrom(other(name))));
        checks.extend(test.above.map(Check::Above));
        checks.extend(test.below.map(Check::Below));
        let (Some(check), true) = (checks.pop(), checks.is_empty()) else {
            return Err(ConfigError::new(
                key,
                "a test takes exactly one of equals, in, not_in, matches, not_matches, empty, same_as, differs_from, above, below",
            ));
        };
        Ok(Self { column, check })
    }

    /// Whether it holds. An empty side is neither the same nor different, neither above nor below.
    pub(super) fn holds(&self, look: Look<'_>) -> bool {
        let text = look.text(self.column);
        let lower = || text.as_deref().unwrap_or_default().to_lowercase();
        let number = |text: &str| Writing { thousands: Some(",".to_owned()), ..Writing::default() }.decimal(text);
        let compare = |other: Slot, wanted: bool| match (&text, look.text(other)) {
            (Some(left), Some(right)) => {
                let same = match (number(left), number(&right)) {
                    (Some(left), Some(right)) => (left - right).abs() < f64::EPSILON,
                    _ => *left == right,
                };
                same == wanted
            }
            _ => false,
        };
        match &self.check {
            Check::Among(words) => words.contains(&lower()),
            Check::NotAmong(words) => !words.contains(&lower()),
            Check::Matches(pattern) => pattern.is_match(text.as_deref().unwrap_or_default()),
            Check::NotMatches(pattern) => !pattern.is_match(text.as_deref().unwrap_or_default()),
            Check::Empty(wanted) => text.is_none() == *wanted,
            Check::SameAs(other) => compare(*other, true),
            Check::DiffersFrom(other) => compare(*other, false),
            Check::Above(bound) => text.as_deref().and_then(number).is_some_and(|n| n > *bound),
            Check::Below(bound) => text.as_deref().and_then(number).is_some_and(|n| n < *bound),
        }
    }
}

//! One row a line, cut by a regex whose named groups are the columns.

use std::borrow::Cow;

use regex::Captures;

use crate::sources::SourceError;
use crate::sources::text::Lines;

use super::super::cell::{Cell, Cells, shorten};
use super::super::input::{Input, Opened, text_failure};
use super::{ReadPlan, Rows};

struct Row<'r> {
    found: &'r Captures<'r>,
    /// Numbers of the named groups.
    groups: &'r [usize],
}

impl Cells for Row<'_> {
    fn width(&self) -> usize {
        self.groups.len()
    }
    fn cell(&self, at: usize) -> Cell<'_> {
        let group = self.groups.get(at).and_then(|&group| self.found.get(group));
        group.map_or(Cell::Empty, |group| Cell::Text(Cow::Borrowed(group.as_str())))
    }
}

/// A line as a row of one cell, for excerpts.
pub(super) struct One<'r>(pub &'r str);

impl Cells for One<'_> {
    fn width(&self) -> usize {
        1
    }
    fn cell(&self, _: usize) -> Cell<'_> {
        Cell::Text(Cow::Borrowed(self.0))
    }
}

pub(super) fn read(plan: &ReadPlan, input: &mut Input<'_>, rows: &mut dyn Rows) -> Result<(), SourceError> {
    let Some(pattern) = &plan.pattern else { return Err(input.fail("format lines needs read.pattern")) };
    let columns: Vec<(usize, String)> =
        pattern.capture_names().enumerate().filter_map(|(at, name)| Some((at, name?.to_owned()))).collect();
    let (groups, names): (Vec<usize>, Vec<String>) = columns.into_iter().unzip();
    let name = input.name.clone();
    let Opened { text, mut redacted } = input.open(&plan.encodings)?;
    let mask = rows.header(Some(&names))?;
    let mut lines = Lines::new(text);
    let mut top = true;
    while let Some((number, line)) = lines.next_line().map_err(|error| text_failure(&name, error))? {
        top = top && plan.banner.covers(number, line);
        let aside = top || plan.trailer.as_ref().is_some_and(|trailer| trailer.is_match(line));
        if aside {
            rows.aside(line);
            redacted.line(line);
        } else if let Some(found) = pattern.captures(line).filter(|_| !plan.skips(line)) {
            rows.row(number, &Row { found: &found, groups: &groups })?;
            redacted.spans(line, &secret(&found, &groups, &mask));
        } else if line.trim().is_empty() {
            redacted.line(line);
        } else {
            // A comment of a password file often holds an old password.
            redacted.unreadable();
            if !plan.skips(line) {
                let shown = if redacted.is_on() { String::new() } else { shorten(line) };
                rows.bad(number, "this line does not match read.pattern", &shown)?;
            }
        }
    }
    redacted.finish().map_err(SourceError::Capture)
}

/// Spans of the secret groups, in order.
fn secret(found: &Captures<'_>, groups: &[usize], mask: &[bool]) -> Vec<(usize, usize)> {
    let hidden = groups.iter().zip(mask).filter(|(_, hidden)| **hidden);
    let mut spans: Vec<(usize, usize)> =
        hidden.filter_map(|(&group, _)| found.get(group)).map(|group| (group.start(), group.end())).collect();
    spans.sort_unstable();
    spans
}

impl ReadPlan {
    /// Whether a line is declared to be no row.
    pub(super) fn skips(&self, line: &str) -> bool {
        self.skip.as_ref().is_some_and(|skip| skip.is_match(line))
    }
}

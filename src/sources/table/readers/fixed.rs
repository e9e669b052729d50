//! Fixed-width columns, counted in characters.

use std::borrow::Cow;

use crate::sources::SourceError;
use crate::sources::text::Lines;

use super::super::cell::{Cell, RowCells};
use super::super::config::FixedColumn;
use super::super::input::{Input, Opened, text_failure};
use super::{ReadPlan, Rows};

pub(super) fn read(plan: &ReadPlan, input: &mut Input<'_>, rows: &mut dyn Rows) -> Result<(), SourceError> {
    let name = input.name.clone();
    let Opened { text, mut redacted } = input.open(&plan.encodings)?;
    let names: Vec<String> = plan.columns.iter().map(|column| column.name.clone()).collect();
    let mask = rows.header(Some(&names))?;
    let mut lines = Lines::new(text);
    let mut top = true;
    while let Some((number, line)) = lines.next_line().map_err(|error| text_failure(&name, error))? {
        top = top && plan.banner.covers(number, line);
        if top || plan.trailer.as_ref().is_some_and(|trailer| trailer.is_match(line)) {
            rows.aside(line);
            redacted.line(line);
            continue;
        }
        if line.trim().is_empty() || plan.skips(line) {
            if line.trim().is_empty() {
                redacted.line(line);
            } else {
                redacted.unreadable();
            }
            continue;
        }
        let starts: Vec<usize> = line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
        let spans: Vec<(usize, usize)> = plan.columns.iter().map(|column| span(column, &starts)).collect();
        let cells: Vec<Cell<'_>> =
            spans.iter().map(|&(from, to)| Cell::Text(Cow::Borrowed(line.get(from..to).unwrap_or_default()))).collect();
        rows.row(number, &RowCells(&cells))?;
        let mut secret: Vec<(usize, usize)> =
            spans.iter().zip(&mask).filter(|(span, hidden)| **hidden && span.0 < span.1).map(|(span, _)| *span).collect();
        secret.sort_unstable();
        redacted.spans(line, &secret);
    }
    redacted.finish().map_err(SourceError::Capture)
}

/// Bytes of a column in a line; empty when the line is too short.
fn span(column: &FixedColumn, starts: &[usize]) -> (usize, usize) {
    let end = starts.last().copied().unwrap_or(0);
    let at = |character: usize| starts.get(character).copied().unwrap_or(end);
    let first = column.start - 1;
    (at(first), at(first.saturating_add(column.width)))
}

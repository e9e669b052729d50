//! One row a block of lines: the report of a job in a log. Columns are looked for inside the block.

use std::borrow::Cow;

use crate::sources::SourceError;
use crate::sources::text::{Lines, MAX_LINE};

use super::super::capture::{Redacted, without};
use super::super::cell::{Cell, RowCells, shorten};
use super::super::input::{Input, Opened, text_failure};
use super::{ReadPlan, Rows};

/// A block being gathered.
struct Block {
    /// Line it begins at.
    line: u64,
    text: String,
}

pub(super) fn read(plan: &ReadPlan, input: &mut Input<'_>, rows: &mut dyn Rows) -> Result<(), SourceError> {
    let Some(begin) = &plan.begin else { return Err(input.fail("format blocks needs read.begin")) };
    let name = input.name.clone();
    let Opened { text, redacted } = input.open(&plan.encodings)?;
    let names: Vec<String> = plan.find.keys().cloned().collect();
    let mask = rows.header(Some(&names))?;
    let mut log = Log { plan, rows, redacted, mask };
    let mut lines = Lines::new(text);
    let mut open: Option<Block> = None;
    // The first line that says something, as long as no block has begun.
    let mut before: Option<(u64, String)> = None;
    let mut any = false;
    while let Some((number, line)) = lines.next_line().map_err(|error| text_failure(&name, error))? {
        if begin.is_match(line) {
            any = true;
            if let Some(block) = open.take() {
                if plan.end.is_some() { log.cut(&block)? } else { log.row(&block)? }
            }
            open = Some(Block { line: number, text: String::new() });
        }
        let Some(block) = &mut open else {
            if !any && before.is_none() && !line.trim().is_empty() {
                before = Some((number, log.shown(line)));
            }
            log.redacted.line(line);
            continue;
        };
        if block.text.len() + line.len() > MAX_LINE {
            return Err(SourceError::Line { path: name, line: block.line, message: too_long() });
        }
        block.text.push_str(line);
        block.text.push('\n');
        if plan.end.as_ref().is_some_and(|end| end.is_match(line))
            && let Some(block) = open.take()
        {
            log.row(&block)?;
        }
    }
    if let Some(block) = open {
        if plan.end.is_some() { log.cut(&block)? } else { log.row(&block)? }
    }
    if let (false, Some((line, shown))) = (any, before) {
        log.rows.bad(line, "no block begins in this file, which is not empty: check read.begin", &shown)?;
    }
    log.redacted.finish().map_err(SourceError::Capture)
}

fn too_long() -> String {
    format!("the block that begins here is longer than {} MiB; check read.begin and read.end", MAX_LINE >> 20)
}

struct Log<'l, 'c> {
    plan: &'l ReadPlan,
    rows: &'l mut dyn Rows,
    redacted: Redacted<'c>,
    mask: Vec<bool>,
}

impl Log<'_, '_> {
    fn row(&mut self, block: &Block) -> Result<(), SourceError> {
        let mut cells = Vec::new();
        let mut spans = Vec::new();
        for (at, pattern) in self.plan.find.values().enumerate() {
            let found = pattern.captures(&block.text);
            let group = found.as_ref().and_then(|found| found.get(1).or_else(|| found.get(0)));
            if self.mask.get(at).copied().unwrap_or(false) {
                spans.extend(
                    pattern.captures_iter(&block.text).filter_map(|c| c.get(1).or_else(|| c.get(0))).map(|g| (g.start(), g.end())),
                );
            }
            cells.push(group.map_or(Cell::Empty, |group| Cell::Text(Cow::Owned(group.as_str().to_owned()))));
        }
        spans.sort_unstable();
        self.redacted.line(without(&block.text, &spans).trim_end_matches('\n'));
        self.rows.row(block.line, &RowCells(&cells))
    }

    /// A line for a reject; none where values are to be masked, for these stand anywhere.
    fn shown(&self, line: &str) -> String {
        if self.redacted.is_on() { String::new() } else { shorten(line) }
    }

    /// A block whose end never came.
    fn cut(&mut self, block: &Block) -> Result<(), SourceError> {
        let shown = self.shown(block.text.lines().next().unwrap_or_default());
        self.redacted.unreadable();
        self.rows.bad(block.line, "the block that begins here has no end (read.end): the log is cut, or the job was killed", &shown)
    }
}

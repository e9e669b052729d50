//! CSV (RFC 4180) and its French cousins, streamed. A quote that is never closed swallows the rest of a file; here that is
//! noticed, counted and said.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use csv::{ReaderBuilder, StringRecord};

use crate::sources::SourceError;
use crate::sources::text::MAX_LINE;

use super::super::capture::Redacted;
use super::super::cell::{Cell, Cells, excerpt};
use super::super::config::{self, Header};
use super::super::input::{Input, Opened};
use super::super::plan::ConfigError;
use super::filter::{ESCAPED, Filter};
use super::{Banner, ReadPlan, Rows};

/// Delimiter, quote and escape.
#[derive(Debug)]
pub(super) struct Dialect {
    delimiter: u8,
    quote: Option<u8>,
    escape: Option<u8>,
    ragged: bool,
}

impl Dialect {
    pub(super) fn compile(read: &config::Read) -> Result<Self, ConfigError> {
        let byte = |text: &str, key: &str| match text {
            "tab" | "\\t" => Ok(b'\t'),
            text => match text.as_bytes() {
                [one] if one.is_ascii() && !matches!(one, b'\n' | b'\r') => Ok(*one),
                _ => {
                    Err(ConfigError::new(key, format!("\"{text}\" is not one ASCII character; write for example \";\" or \"tab\"")))
                }
            },
        };
        let quote = match read.quote.as_deref() {
            Some("") => None,
            Some(text) => Some(byte(text, "read.quote")?),
            None => Some(b'"'),
        };
        Ok(Self {
            delimiter: byte(read.delimiter.as_deref().unwrap_or(","), "read.delimiter")?,
            quote,
            escape: read.escape.as_deref().filter(|e| !e.is_empty()).map(|text| byte(text, "read.escape")).transpose()?,
            ragged: read.ragged.unwrap_or(false),
        })
    }
}

impl Dialect {
    /// Escape and delimiter of a dialect that escapes without quotes (`bpdbjobs` writes `\,`).
    fn bare_escape(&self) -> Option<(u8, u8)> {
        self.escape.filter(|_| self.quote.is_none()).map(|escape| (escape, self.delimiter))
    }
}

/// A line that is written behind the file. If it does not come back as a row of its own, a quote was still open.
const SENTINEL: &str = "\u{1}end of file\u{1}";

struct Row<'r> {
    record: &'r StringRecord,
    delimiter: u8,
}

impl Cells for Row<'_> {
    fn width(&self) -> usize {
        self.record.len()
    }
    fn cell(&self, at: usize) -> Cell<'_> {
        let Some(text) = self.record.get(at) else { return Cell::Empty };
        if memchr::memchr(ESCAPED, text.as_bytes()).is_none() {
            return Cell::Text(Cow::Borrowed(text));
        }
        let delimiter = char::from(self.delimiter).to_string();
        Cell::Text(Cow::Owned(text.replace(char::from(ESCAPED), &delimiter)))
    }
}

pub(super) fn read(plan: &ReadPlan, input: &mut Input<'_>, rows: &mut dyn Rows) -> Result<(), SourceError> {
    let name = input.name.clone();
    let fail = |line: u64, message: String| SourceError::Line { path: name.clone(), line, message };
    let Opened { text, mut redacted } = input.open(&plan.encodings)?;
    let mut lines = BufReader::with_capacity(64 << 10, text);
    let (skipped, first) = banner(plan, &mut lines, rows, &mut redacted).map_err(|error| fail(1, error.to_string()))?;
    let left = Rc::new(std::cell::Cell::new(MAX_LINE));
    let body = io::Cursor::new(first).chain(lines).chain(io::Cursor::new(format!("\n{SENTINEL}\n")));
    let mut reader = ReaderBuilder::new()
        .delimiter(plan.csv.delimiter)
        .quote(plan.csv.quote.unwrap_or(b'"'))
        .quoting(plan.csv.quote.is_some())
        .escape(plan.csv.escape.filter(|_| plan.csv.quote.is_some()))
        .double_quote(plan.csv.escape.is_none())
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(64 << 10)
        .from_reader(Filter::new(body, Rc::clone(&left), plan.csv.bare_escape()));
    let mut table = Table { plan, rows, redacted, mask: vec![], width: None, named: !matches!(plan.header, Header::Flag(false)) };
    let mut record = StringRecord::new();
    let mut number = skipped;
    loop {
        left.set(MAX_LINE);
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(broken(&error, number + 1, &fail)),
        }
        let inside = record.iter().map(|cell| memchr::memchr_iter(b'\n', cell.as_bytes()).count() as u64).sum::<u64>();
        number = skipped + reader.position().line().saturating_sub(1 + inside);
        if record.len() == 1 && record.get(0) == Some(SENTINEL) {
            break;
        }
        if record.iter().next_back().is_some_and(|cell| cell.contains(SENTINEL)) {
            let cell = record.iter().next_back().and_then(|cell| cell.split(SENTINEL).next()).unwrap_or_default();
            // The row has no line end of its own: the end of the file is inside the quotes.
            table.swallowed(number + 1, memchr::memchr_iter(b'\n', cell.trim_end().as_bytes()).count())?;
            break;
        }
        table.take(number, &record)?;
    }
    table.end(skipped)?;
    table.redacted.finish().map_err(SourceError::Capture)
}

fn broken(error: &csv::Error, line: u64, fail: &dyn Fn(u64, String) -> SourceError) -> SourceError {
    let message = error.to_string();
    if message.contains(super::super::capture::CAPTURE_FAILED) {
        return SourceError::Capture(io::Error::other(message));
    }
    fail(line, message)
}

/// Skips the lines above the data; returns how many, and the first line that is no banner (already read).
fn banner(
    plan: &ReadPlan,
    lines: &mut impl BufRead,
    rows: &mut dyn Rows,
    redacted: &mut Redacted<'_>,
) -> io::Result<(u64, Vec<u8>)> {
    let above = if let Header::Line(line) = plan.header { line.saturating_sub(1) } else { 0 };
    if above == 0 && matches!(plan.banner, Banner::None) {
        return Ok((0, vec![]));
    }
    let mut skipped = 0;
    loop {
        let mut line = Vec::new();
        let read = lines.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut line)?;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        if read == 0 || (skipped >= above && !plan.banner.covers(skipped + 1, text)) {
            return Ok((skipped, line));
        }
        rows.aside(text);
        redacted.line(text);
        skipped += 1;
    }
}

/// Rows on their way, once the file is open.
struct Table<'t, 'c> {
    plan: &'t ReadPlan,
    rows: &'t mut dyn Rows,
    redacted: Redacted<'c>,
    mask: Vec<bool>,
    /// Cells a row must have; `None` until the header is read.
    width: Option<usize>,
    /// The first row is a header.
    named: bool,
}

impl Table<'_, '_> {
    fn row<'r>(&self, record: &'r StringRecord) -> Row<'r> {
        Row { record, delimiter: self.plan.csv.delimiter }
    }

    fn delimiter(&self) -> char {
        char::from(self.plan.csv.delimiter)
    }

    fn take(&mut self, number: u64, record: &StringRecord) -> Result<(), SourceError> {
        let Some(width) = self.width else { return self.first(number, record) };
        if self.plan.trailer.is_some() {
            let line = record.iter().collect::<Vec<_>>().join(&self.delimiter().to_string());
            if self.plan.trailer.as_ref().is_some_and(|pattern| pattern.is_match(line.trim())) {
                self.rows.aside(line.trim());
                self.redacted.line(&line);
                return Ok(());
            }
        }
        let row = self.row(record);
        let surplus = record.len() > width && record.iter().skip(width).any(|cell| !cell.trim().is_empty());
        let short = record.len() < width && !self.plan.csv.ragged;
        if self.named && (surplus || short || (record.len() > width && !self.plan.csv.ragged)) {
            let spans = record.iter().any(|cell| cell.contains('\n'));
            let hint = if spans { "; it spans several lines: a quote too many?" } else { "" };
            let reason = match record.len() {
                1 => format!("this row has 1 cell, the header has {width}{hint}"),
                cells => format!("this row has {cells} cells, the header has {width}{hint}"),
            };
            // Cells out of line: nobody knows which of them is secret.
            let shown = if self.redacted.is_on() { "[redacted]".to_owned() } else { excerpt(&row, &[]) };
            self.redacted.unreadable();
            return self.rows.bad(number, &reason, &shown);
        }
        self.redacted.row(&row, &self.mask, char::from(self.plan.csv.delimiter));
        self.rows.row(number, &row)
    }

    fn first(&mut self, number: u64, record: &StringRecord) -> Result<(), SourceError> {
        self.width = Some(record.len());
        if !self.named {
            self.mask = self.rows.header(None)?;
            return self.take(number, record);
        }
        let names: Vec<String> = record.iter().map(ToOwned::to_owned).collect();
        self.mask = self.rows.header(Some(&names))?;
        self.redacted.row(&self.row(record), &[], char::from(self.plan.csv.delimiter));
        Ok(())
    }

    fn swallowed(&mut self, number: u64, lines: usize) -> Result<(), SourceError> {
        let reason = format!(
            "a quote opened in this row is never closed: the {lines} lines after it, to the end of the file, were swallowed by it"
        );
        self.rows.incomplete(&format!("the quote opened at line {number} is never closed; {lines} lines after it are lost"));
        self.redacted.unreadable();
        if self.width.is_none() {
            self.mask = self.rows.header(if self.named { Some(&[]) } else { None })?;
        }
        self.rows.bad(number, &reason, "")
    }

    /// A file of banner lines alone has no header either.
    fn end(&mut self, skipped: u64) -> Result<(), SourceError> {
        if self.width.is_none() && self.named && skipped > 0 {
            self.rows.header(Some(&[]))?;
        }
        Ok(())
    }
}

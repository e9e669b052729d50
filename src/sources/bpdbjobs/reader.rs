//! From bytes to records: physical lines, records that span several, count and removal lines, and where to begin again after
//! a damaged one.
//!
//! A line that can only be the first of a record always begins one. A line that merely looks like it begins one does so when
//! the record before it is complete by its own counts; otherwise it belongs to that record (progress messages hold
//! newlines). A line that neither begins a record nor is wanted by one is refused, with all that follow until a record begins.

use std::io::{self, BufRead};
use std::mem;

use super::fields::{Fault, Fields, number};
use super::record::{MAX_RECORD, Record};
use super::start::{Start, start};

/// Who takes the records as they are read.
pub(super) trait Records {
    type Error: From<io::Error>;
    /// A record, from the line it begins on.
    fn record(&mut self, line: u64, fields: Fields) -> Result<(), Self::Error>;
    /// A record that could not be understood.
    fn refused(&mut self, line: u64, fault: &Fault, excerpt: &str) -> Result<(), Self::Error>;
}

/// What a file said of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Records, understood or not.
    pub(super) records: u64,
    /// Sum of the `C<n>` lines, if there is one.
    pub(super) announced: Option<u64>,
    /// `-<job id>` lines: jobs that left NetBackup's database while the command ran.
    pub(super) removals: u64,
    /// Why the last record is not whole.
    pub(super) cut: Option<String>,
    /// Lines that begin like a job.
    pub(super) starts: u64,
}

/// What the record being read expects of the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    /// No record, or one that is complete.
    Nothing,
    /// More fields.
    More,
    /// It was refused: anything up to the next record.
    Lost,
}

/// Reads all records of a file.
pub(super) fn read<R: Records>(input: &mut dyn BufRead, records: &mut R) -> Result<Tally, R::Error> {
    let mut reader = Reader { records, tally: Tally::default(), longest_tail: 0, last_tail: 0 };
    let mut current: Option<Record> = None;
    let (mut line, mut at, mut last) = (Vec::new(), 0u64, Line::Whole);
    loop {
        let found = next_line(input, &mut line)?;
        if found == Line::End {
            break;
        }
        (at, last) = (at + 1, found);
        let text = line.strip_suffix(b"\r").unwrap_or(&line);
        let start = start(text);
        reader.tally.starts += u64::from(start != Start::No);
        let expects = match &current {
            Some(record) if record.refused() => Expects::Lost,
            Some(record) if !record.complete() => Expects::More,
            _ => Expects::Nothing,
        };
        if start == Start::No && expects != Expects::More && aside(text, &mut reader.tally) {
            continue;
        }
        let fresh = match (start, expects) {
            (Start::Certain, _) | (Start::Possible, Expects::Nothing | Expects::Lost) => Some(Record::new(at, None)),
            (Start::No, Expects::Nothing) => Some(Record::new(at, Some(Fault::NotAJob))),
            (Start::Possible, Expects::More) | (Start::No, Expects::More | Expects::Lost) => None,
        };
        if let Some(before) = fresh.and_then(|fresh| current.replace(fresh)) {
            reader.tell(before)?;
        }
        if let Some(record) = &mut current {
            record.line(text);
            if found == Line::TooLong {
                record.fail(Fault::TooLong);
            }
        }
    }
    if let Some(record) = current {
        reader.end(record, last)?;
    }
    Ok(reader.tally)
}

struct Reader<'a, R> {
    records: &'a mut R,
    tally: Tally,
    longest_tail: usize,
    last_tail: usize,
}

impl<R: Records> Reader<'_, R> {
    fn tell(&mut self, record: Record) -> Result<(), R::Error> {
        self.tally.records += 1;
        let line = record.line;
        match record.finish() {
            Ok(fields) => {
                self.last_tail = fields.in_tail;
                self.longest_tail = self.longest_tail.max(self.last_tail);
                self.records.record(line, fields)
            }
            Err((fault, excerpt)) => self.records.refused(line, &fault, &excerpt),
        }
    }

    /// The last record: the place where a cut shows.
    fn end(&mut self, record: Record, last: Line) -> Result<(), R::Error> {
        let (line, complete, refused) = (record.line, record.complete(), record.refused());
        self.tell(record)?;
        if !complete {
            self.tally.cut = Some(format!("the file ends in the middle of the record that begins on line {line}"));
        } else if !refused && last == Line::Unfinished && self.last_tail < self.longest_tail {
            self.tally.cut = Some(format!("the last record (line {line}) has fewer fields than others and no end of line"));
        }
        Ok(())
    }
}

/// Lines between records: empty ones, counts and removals.
fn aside(line: &[u8], tally: &mut Tally) -> bool {
    match line.trim_ascii() {
        [] => true,
        [b'C', count @ ..] if !count.is_empty() => {
            let Some(count) = number(count) else { return false };
            tally.announced = Some(tally.announced.unwrap_or(0).saturating_add(count));
            true
        }
        [b'-', job @ ..] if !job.is_empty() && number(job).is_some() => {
            tally.removals += 1;
            true
        }
        _ => false,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Whole,
    /// The file ends without a newline.
    Unfinished,
    /// Longer than a record may be; the rest was skipped.
    TooLong,
    End,
}

/// The next physical line, without its end; never more than a record may hold is kept.
fn next_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    // One large line must not hold its memory for the rest of the file.
    if line.capacity() > 1024 * 1024 {
        drop(mem::take(line));
    }
    let (mut any, mut long) = (false, false);
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            return Ok(match (any, long) {
                (false, _) => Line::End,
                (_, true) => Line::TooLong,
                _ => Line::Unfinished,
            });
        }
        any = true;
        let end = memchr::memchr(b'\n', buffer);
        let used = end.unwrap_or(buffer.len());
        let room = MAX_RECORD.saturating_sub(line.len());
        long |= used > room;
        line.extend_from_slice(buffer.get(..used.min(room)).unwrap_or_default());
        input.consume(used + usize::from(end.is_some()));
        if end.is_some() {
            return Ok(if long { Line::TooLong } else { Line::Whole });
        }
    }
}

//! One record of `bpdbjobs -report -all_columns`, put together field by field as its bytes come.
//!
//! The layout: 32 fields; as many paths as field 32 says; a number of tries; for each try 9 fields, as many progress lines as
//! the ninth says, kilobytes and files; then a tail that begins with the parent job and grows with NetBackup's versions.
//! Commas inside a field are written `\,` and backslashes `\\`. Only what a job needs is kept, so that a record with a
//! million progress lines costs no more than one without.

use super::fields::{Fault, Fields, HEAD, is_number, number};

/// Fields of a try before its progress lines; the last of them counts the lines.
const TRY: u8 = 9;
/// The tail has at least the 13 fields of NetBackup 4 (parent job to stream number), or is not there at all.
const TAIL_LEAST: usize = 13;
/// Tail fields kept.
const TAIL_KEPT: usize = 24;
/// A field that a job needs is never longer than this; what goes beyond is cut off.
const FIELD_KEPT: usize = 4096;
/// Longest record, in bytes.
pub(super) const MAX_RECORD: usize = 16 * 1024 * 1024;
/// Bytes of a refused record that are shown.
const EXCERPT: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Head,
    Paths { left: u64 },
    TryCount,
    Try { left: u64, field: u8 },
    Lines { tries: u64, left: u64 },
    Kilobytes { tries: u64 },
    Files { tries: u64 },
    Tail,
}

/// A record in the making.
#[derive(Debug)]
pub(super) struct Record {
    /// Line it begins on, from 1.
    pub(super) line: u64,
    stage: Stage,
    fields: Fields,
    /// The field being read, unescaped.
    open: Vec<u8>,
    /// How many of the two fields after the first 32 are numbers where a path should be: two are the mark of `-most_columns`.
    numbers_after_head: u8,
    closed: u64,
    bytes: usize,
    excerpt: Vec<u8>,
    fault: Option<Fault>,
}

impl Record {
    pub(super) fn new(line: u64, fault: Option<Fault>) -> Self {
        Self {
            line,
            stage: Stage::Head,
            fields: Fields::default(),
            open: Vec::new(),
            numbers_after_head: 0,
            closed: 0,
            bytes: 0,
            excerpt: Vec::new(),
            fault,
        }
    }

    /// Adds a physical line; from the second on, the newline before it was inside a field.
    pub(super) fn line(&mut self, line: &[u8]) {
        if self.bytes > 0 {
            self.keep(b"\n");
        }
        self.bytes = self.bytes.saturating_add(line.len() + 1);
        let room = EXCERPT.saturating_sub(self.excerpt.len());
        self.excerpt.extend_from_slice(line.get(..room.min(line.len())).unwrap_or_default());
        if self.bytes > MAX_RECORD {
            self.fail(Fault::TooLong);
        }
        if memchr::memchr(0, line).is_some() {
            self.fail(Fault::Nul);
        }
        if self.fault.is_none() {
            self.split(line);
        }
    }

    /// Marks the record as refused; the first reason stays.
    pub(super) fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    pub(super) fn refused(&self) -> bool {
        self.fault.is_some()
    }

    /// Whether the record could end here.
    pub(super) fn complete(&self) -> bool {
        if self.fault.is_some() {
            return true;
        }
        match self.stage {
            Stage::Tail => {
                let fields = self.fields.tail.len() + 1;
                fields >= TAIL_LEAST || (fields == 1 && self.open.is_empty())
            }
            Stage::Files { tries: 1 } => is_number(&self.open),
            Stage::TryCount => number(&self.open) == Some(0) && !self.open.is_empty(),
            Stage::Head => self.is_empty_job(),
            _ => false,
        }
    }

    /// The fields, or why not and the beginning of the record.
    pub(super) fn finish(mut self) -> Result<Fields, (Fault, String)> {
        if self.fault.is_none() && !self.complete() {
            let place = self.place();
            self.fail(if self.numbers_after_head == 2 { Fault::MostColumns } else { Fault::Cut { place } });
        }
        if self.fault.is_none() {
            self.close();
            self.doubt();
        }
        match self.fault {
            None => Ok(self.fields),
            Some(fault) => Err((fault, String::from_utf8_lossy(&self.excerpt).into_owned())),
        }
    }

    fn split(&mut self, line: &[u8]) {
        let mut rest = line;
        while let Some(at) = memchr::memchr2(b',', b'\\', rest) {
            let (before, from) = rest.split_at(at);
            self.keep(before);
            match from {
                [b'\\', next @ (b',' | b'\\'), after @ ..] => {
                    self.keep(&[*next]);
                    rest = after;
                }
                [b'\\', after @ ..] => {
                    self.keep(b"\\");
                    rest = after;
                }
                [_, after @ ..] => {
                    self.close();
                    rest = after;
                }
                [] => rest = from,
            }
            if self.fault.is_some() {
                return;
            }
        }
        self.keep(rest);
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = FIELD_KEPT.saturating_sub(self.open.len());
        self.open.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }

    /// The open field has ended: it takes its place.
    fn close(&mut self) {
        let index = self.closed;
        self.closed += 1;
        self.mark(index);
        self.stage = match self.stage {
            Stage::Head => self.close_head(),
            Stage::Paths { left } => paths(left - 1),
            Stage::TryCount => match self.count("the number of tries (after the paths)") {
                Some(0) => Stage::Tail,
                Some(left) => Stage::Try { left, field: 1 },
                None => return,
            },
            Stage::Try { left, field } if field < TRY => Stage::Try { left, field: field + 1 },
            // A try always counts its lines, 0 included.
            Stage::Try { left: tries, .. } => match self.count("the number of progress lines of a try") {
                Some(left) if !self.open.is_empty() => lines(tries, left),
                _ => {
                    self.uncounted("the number of progress lines of a try");
                    return;
                }
            },
            Stage::Lines { tries, left } => lines(tries, left - 1),
            Stage::Kilobytes { tries } => {
                self.fields.try_kilobytes = Some(self.open.as_slice().into());
                Stage::Files { tries }
            }
            Stage::Files { tries: 1 } => Stage::Tail,
            Stage::Files { tries } => Stage::Try { left: tries - 1, field: 1 },
            Stage::Tail => {
                self.fields.in_tail += 1;
                if self.fields.tail.len() < TAIL_KEPT {
                    self.fields.tail.push(self.open.as_slice().into());
                }
                Stage::Tail
            }
        };
        self.open.clear();
    }

    /// A path and what follows it are not both numbers, but the number of tries and the parent job are.
    fn mark(&mut self, index: u64) {
        let number = !self.open.is_empty() && is_number(&self.open);
        let first = index == HEAD as u64 && matches!(self.stage, Stage::Paths { .. });
        let second = index == HEAD as u64 + 1 && self.numbers_after_head == 1;
        self.numbers_after_head += u8::from(number && (first || second));
    }

    fn close_head(&mut self) -> Stage {
        self.fields.head.push(self.open.as_slice().into());
        if self.fields.head.len() < HEAD {
            return Stage::Head;
        }
        self.count("field 32, the number of paths,").map_or(Stage::Head, paths)
    }

    /// The open field as a count; empty is none at all.
    fn count(&mut self, what: &'static str) -> Option<u64> {
        let count = number(&self.open);
        if count.is_none() {
            self.uncounted(what);
        }
        count
    }

    fn uncounted(&mut self, what: &'static str) {
        let text = String::from_utf8_lossy(self.open.get(..40).unwrap_or(&self.open)).into_owned();
        // Without paths, `-most_columns` goes wrong where the first try counts its progress lines: there it has the source unit.
        let shifted = self.closed == (HEAD + 1 + usize::from(TRY)) as u64;
        self.fail(if shifted || self.numbers_after_head == 2 { Fault::MostColumns } else { Fault::NotANumber { what, text } });
    }

    /// A `-most_columns` record with one path and no parent can be read by the counts of `-all_columns`, shifted by one: then the
    /// backup id is where the "killable" flag belongs.
    fn doubt(&mut self) {
        let id = self.fields.backup_id();
        let paths = number(self.fields.head(HEAD)).unwrap_or(0);
        if paths > 0 && self.numbers_after_head == 2 && self.fields.try_kilobytes.is_none() && (id.is_empty() || is_number(id)) {
            self.fail(Fault::MostColumns);
            return;
        }
        let wrong = [("the parent job", 0), ("the speed (after the parent job)", 1)].into_iter().find_map(|(what, at)| {
            let field = self.fields.tail.get(at).filter(|field| !is_number(field))?;
            let text = String::from_utf8_lossy(field.get(..40).unwrap_or(field)).into_owned();
            Some(Fault::NotANumber { what, text })
        });
        if let Some(fault) = wrong {
            self.fail(fault);
        }
    }

    /// NetBackup lists jobs of which it knows nothing but the number.
    fn is_empty_job(&self) -> bool {
        self.open.is_empty() && self.fields.head.len() >= 3 && self.fields.head.iter().skip(1).all(|field| field.is_empty())
    }

    fn place(&self) -> String {
        match self.stage {
            Stage::Head => format!("field {} of 32", self.fields.head.len() + 1),
            Stage::Paths { left } => format!("the list of paths ({left} missing)"),
            Stage::TryCount => "the number of tries".into(),
            Stage::Try { left, .. } => format!("the fields of a try ({left} tries missing)"),
            Stage::Lines { left, .. } => format!("the progress lines of a try ({left} lines missing)"),
            Stage::Kilobytes { .. } | Stage::Files { .. } => "the totals of a try".into(),
            Stage::Tail => format!("field {} after the tries", self.fields.tail.len() + 1),
        }
    }
}

fn paths(left: u64) -> Stage {
    if left == 0 { Stage::TryCount } else { Stage::Paths { left } }
}

fn lines(tries: u64, left: u64) -> Stage {
    if left == 0 { Stage::Kilobytes { tries } } else { Stage::Lines { tries, left } }
}

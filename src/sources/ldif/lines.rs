//! Logical lines of an LDIF text, found where they lie in one buffer, and the raw capture written from it.
//!
//! Nothing is copied: a line is a range of the buffer, folds included. What has been passed goes to the capture in long runs,
//! except lines that the caller redacts. The buffer grows to [`MAX_LINE`] and no further.

use std::io::{self, Read, Write};

use memchr::memchr;

use super::scan::line_break;

/// Longest logical line, in bytes. A photograph is a few hundred KiB in base64.
pub const MAX_LINE: usize = 16 << 20;
const CHUNK: usize = 256 << 10;

/// Why the lines end before the text does.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{0}")]
    Read(io::Error),
    #[error("{0}")]
    Capture(io::Error),
    #[error("a value or line longer than {} MiB: this is not a directory export, or it is damaged; if a large attribute such as jpegPhoto causes it, export without it", MAX_LINE >> 20)]
    TooLong { line: u64 },
    #[error(
        "a NUL byte: binary data, not LDIF (text in UTF-16 needs its byte order mark: export with `ldifde -u`, or convert to UTF-8)"
    )]
    Nul { line: u64 },
}

/// One logical line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Line {
    start: usize,
    end: usize,
    next: usize,
    /// Physical line it begins on, from 1.
    pub number: u64,
    pub folded: bool,
    /// It ends with a line break.
    pub terminated: bool,
    /// Nothing follows it.
    pub last: bool,
}

/// The lines of a text.
pub struct Lines<'c, R> {
    input: R,
    capture: Option<&'c mut dyn Write>,
    buffer: Vec<u8>,
    filled: usize,
    /// Start of the next line.
    at: usize,
    /// Everything before has gone to the capture.
    captured: usize,
    number: u64,
    ended: bool,
    line: Line,
}

impl<'c, R: Read> Lines<'c, R> {
    pub fn new(input: R, capture: Option<&'c mut dyn Write>) -> Self {
        Self {
            input,
            capture,
            buffer: vec![0; CHUNK],
            filled: 0,
            at: 0,
            captured: 0,
            number: 1,
            ended: false,
            line: Line::default(),
        }
    }

    /// The line that [`Lines::advance`] found.
    #[must_use]
    pub fn line(&self) -> Line {
        self.line
    }

    /// Its bytes, folds included, without its last line break.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        self.buffer.get(self.line.start..self.line.end).unwrap_or_default()
    }

    /// Finds the next logical line. Nearly always it is all there, and not folded. `false`: there is none.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called once, forty million times")]
    pub fn advance(&mut self) -> Result<bool, Fault> {
        let rest = self.buffer.get(self.at..self.filled).unwrap_or_default();
        if let Some(found) = line_break(rest)
            && let Some(after) = rest.get(found + 1)
            && *after != b' '
        {
            let end = self.at + found;
            let cr = found > 0 && rest.get(found - 1) == Some(&b'\r');
            self.line = Line {
                start: self.at,
                end: end - usize::from(cr),
                next: end + 1,
                number: self.number,
                folded: false,
                terminated: true,
                last: false,
            };
            self.at = end + 1;
            self.number += 1;
            return Ok(true);
        }
        self.search()
    }

    /// The same at the end of the buffer and with folds.
    #[cold]
    fn search(&mut self) -> Result<bool, Fault> {
        // Searched so far, from `at`.
        let mut done = 0;
        let mut breaks = 0;
        loop {
            let found = memchr(b'\n', self.buffer.get(self.at + done..self.filled).unwrap_or_default());
            let Some(found) = found else {
                if self.ended {
                    return Ok(self.at < self.filled && self.found(self.filled, self.filled, breaks));
                }
                done = self.filled - self.at;
                self.refill(breaks)?;
                continue;
            };
            let end = self.at + done + found;
            let next = end + 1;
            if next == self.filled && !self.ended {
                // Whether a fold follows is not known yet.
                done += found;
                self.refill(breaks)?;
                continue;
            }
            breaks += 1;
            let blank = breaks == 1 && (end == self.at || (end == self.at + 1 && self.buffer.get(self.at) == Some(&b'\r')));
            if blank || self.buffer.get(next..self.filled).and_then(<[u8]>::first) != Some(&b' ') {
                return Ok(self.found(end, next, breaks));
            }
            done = next - self.at;
        }
    }

    fn found(&mut self, end: usize, next: usize, breaks: u64) -> bool {
        let start = self.at;
        let terminated = next > end;
        let end = if end > start && self.buffer.get(end - 1) == Some(&b'\r') { end - 1 } else { end };
        let folds = if terminated { breaks - 1 } else { breaks };
        self.line =
            Line { start, end, next, number: self.number, folded: folds > 0, terminated, last: self.ended && next == self.filled };
        self.number += breaks;
        self.at = next;
        true
    }

    /// Writes `kept` to the capture in the place of the line just found.
    pub fn redact(&mut self, kept: &[u8]) -> Result<(), Fault> {
        let Some(capture) = &mut self.capture else { return Ok(()) };
        let before = self.buffer.get(self.captured..self.line.start).unwrap_or_default();
        capture.write_all(before).and_then(|()| capture.write_all(kept)).map_err(Fault::Capture)?;
        self.captured = self.line.next;
        Ok(())
    }

    /// Sends what has been read to the capture.
    pub fn flush(&mut self) -> Result<(), Fault> {
        if let Some(capture) = &mut self.capture {
            capture.write_all(self.buffer.get(self.captured..self.at).unwrap_or_default()).map_err(Fault::Capture)?;
        }
        self.captured = self.at;
        Ok(())
    }

    /// Moves the unfinished line to the front and reads on. `breaks`: line breaks already found in it.
    #[cold]
    fn refill(&mut self, breaks: u64) -> Result<(), Fault> {
        self.flush()?;
        self.buffer.copy_within(self.at..self.filled, 0);
        self.filled -= self.at;
        self.at = 0;
        self.captured = 0;
        if self.filled == self.buffer.len() {
            if self.buffer.len() >= MAX_LINE {
                return Err(Fault::TooLong { line: self.number });
            }
            self.buffer.resize((self.buffer.len() * 2).min(MAX_LINE), 0);
        }
        let count = loop {
            match self.input.read(self.buffer.get_mut(self.filled..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other.map_err(Fault::Read)?,
            }
        };
        let fresh = self.buffer.get(self.filled..self.filled + count).unwrap_or_default();
        if let Some(place) = memchr(0, fresh) {
            let before = self.buffer.get(..self.filled + place).unwrap_or_default();
            let breaks_before = memchr::memchr_iter(b'\n', before).count() as u64;
            return Err(Fault::Nul { line: self.number + breaks_before.max(breaks) });
        }
        self.ended = count == 0;
        self.filled += count;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::super::scan::unfold;
    use super::*;

    /// A reader that gives one byte at a time: every boundary falls everywhere.
    struct Drip<'a>(&'a [u8]);
    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let take = self.0.len().min(1);
            self.0.read(&mut out[..take])
        }
    }

    fn lines(text: &[u8]) -> Vec<(u64, String)> {
        let mut lines = Lines::new(Drip(text), None);
        let mut all = vec![];
        let mut joined = vec![];
        while lines.advance().unwrap() {
            unfold(lines.bytes(), &mut joined);
            all.push((lines.line().number, String::from_utf8(joined.clone()).unwrap()));
        }
        all
    }

    #[test]
    fn folds_join_and_lines_keep_their_number() {
        let text = b"dn: cn=a\r\n b,dc=x\r\n# comment\n  folded\n\ncn: x\n \n y\nlast";
        let expected = [(1, "dn: cn=ab,dc=x"), (3, "# comment folded"), (5, ""), (6, "cn: xy"), (9, "last")];
        assert_eq!(lines(text), expected.map(|(n, s)| (n, s.to_owned())));
        assert_eq!(lines(b"\n x\n"), [(1, String::new()), (2, " x".to_owned())], "a blank line is never continued");
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn the_capture_is_what_was_read_but_for_redacted_lines() {
        let text = b"a: 1\nsecret: x\n y\n\nb: 2";
        let mut captured = vec![];
        let mut lines = Lines::new(Drip(text), Some(&mut captured));
        while lines.advance().unwrap() {
            if lines.bytes().starts_with(b"secret") {
                lines.redact(b"secret: [redacted]\n").unwrap();
            }
        }
        lines.flush().unwrap();
        assert_eq!(String::from_utf8(captured).unwrap(), "a: 1\nsecret: [redacted]\n\nb: 2");
    }

    #[test]
    fn an_endless_line_is_refused_without_growing() {
        let mut lines = Lines::new(b"dn: x\n".chain(io::repeat(b'x').take(2 << 30)), None);
        assert!(lines.advance().unwrap());
        assert_eq!(lines.line().number, 1);
        let fault = lines.advance().unwrap_err();
        assert!(matches!(fault, Fault::TooLong { line: 2 }), "{fault}");
        assert!(fault.to_string().starts_with("a value or line longer than 16 MiB"), "{fault}");
        assert!(lines.buffer.len() <= MAX_LINE);
    }

    #[test]
    fn a_nul_is_told_with_its_line() {
        let mut lines = Lines::new(&b"dn: a\ncn: b\0\n"[..], None);
        assert!(matches!(lines.advance(), Err(Fault::Nul { line: 2 })));
    }
}

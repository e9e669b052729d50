//! The raw capture: the bytes as received when nothing in them is secret; otherwise the text written out again with the
//! secrets left out. The digest is always that of the file itself.

use std::fmt::Write as _;
use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

use super::cell::{Cells, REDACTED};

/// Reads a file, hashing it and, when it may be kept as it is, copying it.
pub(super) struct Tee<'c, R> {
    inner: R,
    digest: &'c mut Sha256,
    copy: Option<&'c mut dyn Write>,
}

impl<'c, R> Tee<'c, R> {
    pub(super) fn new(inner: R, digest: &'c mut Sha256, copy: Option<&'c mut dyn Write>) -> Self {
        Self { inner, digest, copy }
    }
}

/// What a failed write to the capture is told apart by, once it comes back through a reader.
pub(super) const CAPTURE_FAILED: &str = "raw capture";

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        self.digest.update(bytes);
        if let Some(copy) = &mut self.copy {
            copy.write_all(bytes).map_err(|error| io::Error::new(error.kind(), format!("{CAPTURE_FAILED}: {error}")))?;
        }
        Ok(read)
    }
}

/// Writes a text out again without its secrets; does nothing when the file itself is the capture.
pub(super) struct Redacted<'c> {
    out: Option<&'c mut dyn Write>,
    /// A write that failed; said at the end, for readers have no use for it before.
    failure: Option<io::Error>,
}

impl<'c> Redacted<'c> {
    pub(super) fn new(out: Option<&'c mut dyn Write>) -> Self {
        Self { out, failure: None }
    }

    pub(super) fn is_on(&self) -> bool {
        self.out.is_some()
    }

    /// A line that holds no secret.
    pub(super) fn line(&mut self, line: &str) {
        if let Some(out) = &mut self.out
            && let Err(error) = writeln!(out, "{line}")
        {
            self.failure.get_or_insert(error);
        }
    }

    /// A line that could not be understood, so that nobody knows what in it is secret.
    pub(super) fn unreadable(&mut self) {
        self.line("[redacted: a line that could not be read]");
    }

    /// A row of cells, as CSV.
    pub(super) fn row(&mut self, row: &dyn Cells, mask: &[bool], delimiter: char) {
        if !self.is_on() {
            return;
        }
        let mut line = String::new();
        for at in 0..row.width() {
            if at > 0 {
                line.push(delimiter);
            }
            if mask.get(at).copied().unwrap_or(false) {
                line.push_str(REDACTED);
            } else {
                quote(&row.cell(at).text(), delimiter, &mut line);
            }
        }
        self.line(&line);
    }

    /// A line whose secret spans (byte offsets, in order) are left out.
    pub(super) fn spans(&mut self, line: &str, spans: &[(usize, usize)]) {
        if self.is_on() {
            self.line(&without(line, spans));
        }
    }

    /// Ends the capture of a file.
    pub(super) fn finish(self) -> io::Result<()> {
        self.failure.map_or(Ok(()), Err)
    }
}

/// A text with spans replaced.
pub(super) fn without(text: &str, spans: &[(usize, usize)]) -> String {
    let mut out = String::new();
    let mut from = 0;
    for &(start, end) in spans {
        if start >= from {
            let _ = write!(out, "{}{REDACTED}", text.get(from..start).unwrap_or_default());
            from = end;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// RFC 4180 quoting.
fn quote(text: &str, delimiter: char, line: &mut String) {
    if text.contains([delimiter, '"', '\n', '\r']) {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}

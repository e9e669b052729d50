//! What stands between a CSV file and its parser: line ends of one kind, escapes without quotes, and a bound.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::sources::text::MAX_LINE;

/// Stands for an escaped delimiter between the filter and the cell (ASCII unit separator).
pub(super) const ESCAPED: u8 = 0x1F;

/// Turns CRLF into LF (so that lines are counted alike) and escaped delimiters into a byte of their own, and bounds the bytes
/// of one record.
pub(super) struct Filter<R> {
    inner: R,
    /// Bytes that the current record may still take.
    left: Rc<Cell<usize>>,
    /// A carriage return or escape that ended the last read.
    held: Option<u8>,
    escape: Option<(u8, u8)>,
}

impl<R> Filter<R> {
    pub(super) fn new(inner: R, left: Rc<Cell<usize>>, escape: Option<(u8, u8)>) -> Self {
        Self { inner, left, held: None, escape }
    }
}

impl<R: Read> Read for Filter<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other(format!(
                "a row is longer than {} MiB: a quote opened here is never closed, or this is not CSV",
                MAX_LINE >> 20
            )));
        }
        loop {
            let start = usize::from(self.held.is_some());
            let Some(space) = out.get_mut(start..).filter(|space| !space.is_empty()) else {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "a buffer of at least two bytes is needed"));
            };
            let read = self.inner.read(space)?;
            if let (Some(held), Some(first)) = (self.held.take(), out.first_mut()) {
                *first = held;
            }
            let mut filled = start + read;
            let last = filled.checked_sub(1).and_then(|last| out.get(last)).copied();
            if read > 0 && last.is_some_and(|last| last == b'\r' || self.escape.is_some_and(|(escape, _)| escape == last)) {
                self.held = last;
                filled -= 1;
            }
            let kept = squeeze(out.get_mut(..filled).unwrap_or_default(), self.escape);
            if kept > 0 || read == 0 {
                self.left.set(self.left.get().saturating_sub(kept));
                return Ok(kept);
            }
        }
    }
}

/// Drops the carriage returns that stand before a line feed and joins escapes with their delimiter; returns the length left.
fn squeeze(bytes: &mut [u8], escape: Option<(u8, u8)>) -> usize {
    let escaped = escape.is_some_and(|(escape, _)| memchr::memchr(escape, bytes).is_some());
    if !escaped && memchr::memchr(b'\r', bytes).is_none() {
        return bytes.len();
    }
    let (mut from, mut to) = (0, 0);
    while let Some(&byte) = bytes.get(from) {
        let next = bytes.get(from + 1).copied();
        from += 1;
        let mut kept = byte;
        if byte == b'\r' && next == Some(b'\n') {
            continue;
        }
        if next.is_some_and(|next| Some((byte, next)) == escape) {
            kept = ESCAPED;
            from += 1;
        }
        if let Some(slot) = bytes.get_mut(to) {
            *slot = kept;
        }
        to += 1;
    }
    to
}

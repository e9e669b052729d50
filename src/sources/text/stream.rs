//! Streaming a text whose encoding is known: as UTF-8 bytes, and as numbered lines of bounded length.

use std::io::{self, BufRead, Read};
use std::ops::Range;

use encoding_rs::{CoderResult, Decoder};

use super::{CHUNK, Encoding, MAX_LINE, TextError};

/// A stream of bytes in some encoding, read as UTF-8 without byte-order mark.
pub struct Utf8<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Part of `raw` that is not decoded yet.
    pending: Range<usize>,
    decoded: Vec<u8>,
    /// Part of `decoded` that is not handed out yet.
    ready: Range<usize>,
    /// The decoder was flushed; it must not be used again.
    flushed: bool,
}

impl<R: Read> Utf8<R> {
    pub fn new(input: R, encoding: Encoding) -> Self {
        Self {
            input,
            decoder: encoding.0.new_decoder_with_bom_removal(),
            raw: vec![0; CHUNK],
            pending: 0..0,
            decoded: vec![0; CHUNK],
            ready: 0..0,
            flushed: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        while self.ready.is_empty() && !self.flushed {
            let mut ended = false;
            if self.pending.is_empty() {
                let filled = self.input.read(&mut self.raw)?;
                self.pending = 0..filled;
                ended = filled == 0;
            }
            let source = self.raw.get(self.pending.clone()).unwrap_or_default();
            let (result, read, written, _) = self.decoder.decode_to_utf8(source, &mut self.decoded, ended);
            self.pending.start += read;
            self.ready = 0..written;
            self.flushed = ended && result == CoderResult::InputEmpty;
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.refill()?;
        let mut ready = self.decoded.get(self.ready.clone()).unwrap_or_default();
        let copied = ready.read(out)?;
        self.ready.start += copied;
        Ok(copied)
    }
}

/// Lines of a text, numbered from 1, without their ends, each at most [`MAX_LINE`] bytes.
pub struct Lines<R> {
    input: io::BufReader<R>,
    line: Vec<u8>,
    number: u64,
}

impl<R: Read> Lines<R> {
    pub fn new(input: R) -> Self {
        Self { input: io::BufReader::with_capacity(CHUNK, input), line: Vec::new(), number: 0 }
    }

    /// The next line and its number.
    pub fn next_line(&mut self) -> Result<Option<(u64, &str)>, TextError> {
        self.line.clear();
        let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
        let read = self.input.by_ref().take(limit.saturating_add(1)).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.line.len() > MAX_LINE {
            return Err(TextError::LongLine { line: self.number });
        }
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        }
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        let text =
            std::str::from_utf8(&self.line).map_err(|error| TextError::Io(io::Error::new(io::ErrorKind::InvalidData, error)))?;
        Ok(Some((self.number, text)))
    }
}

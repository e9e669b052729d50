//! Text whose encoding nobody wrote down: candidates are tried in order over the whole file before a row is taken, and the
//! choice is recorded. Everything that must be bounded in a text file (line length, binary content) is checked in that pass,
//! so that readers can then stream it.

mod stream;
#[cfg(test)]
mod tests;

pub use stream::{Lines, Utf8};

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Longest line that is read, in bytes. A longer one is damage or an attack; nothing may be sized by it.
pub const MAX_LINE: usize = 16 << 20;
/// Bytes of the file's head that are looked at to tell text from binary.
const HEAD: usize = 8 << 10;
const CHUNK: usize = 64 << 10;

/// A text encoding, by its WHATWG name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// UTF-8.
    pub const UTF8: Self = Self(UTF_8);
    /// What French Windows exports mean by ANSI.
    pub const WINDOWS_1252: Self = Self(WINDOWS_1252);

    /// By label: `utf-8`, `windows-1252`, `iso-8859-15`, `utf-16le`…
    pub fn named(label: &str) -> Result<Self, TextError> {
        encoding_rs::Encoding::for_label(label.as_bytes()).map(Self).ok_or_else(|| TextError::Unknown(label.to_owned()))
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    fn is_utf16(self) -> bool {
        self.0 == UTF_16LE || self.0 == UTF_16BE
    }
}

/// What a probe found; shown in the collection's provenance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub encoding: Encoding,
    /// A byte-order mark decided.
    pub bom: bool,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encoding.name())?;
        if self.bom { f.write_str(" (BOM)") } else { Ok(()) }
    }
}

/// Why a file is not text that can be read.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    #[error("\"{0}\" is not an encoding; write for example \"utf-8\", \"windows-1252\" or \"iso-8859-15\"")]
    Unknown(String),
    #[error("the file is empty; export it again, or remove the source")]
    Empty,
    #[error("the file is {0}, not text; correct `format`, or export the data as text")]
    Binary(&'static str),
    #[error("line {line} is longer than {} MiB: this is not a line-based text file, or it is damaged", MAX_LINE >> 20)]
    LongLine { line: u64 },
    #[error(
        "the text is in none of the encodings tried ({tried}); the first refuses the bytes of line {line}. Add the right one to `encodings`"
    )]
    Encoding { tried: String, line: u64 },
    #[error("the file is larger than {} MiB, which this format must hold in memory", .0 >> 20)]
    TooLarge(u64),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Chooses the encoding of a text, reading it to its end. A byte-order mark wins over the candidates.
pub fn probe(mut input: impl Read, candidates: &[Encoding]) -> Result<Choice, TextError> {
    let mut buffer = vec![0; CHUNK];
    let mut filled = fill(&mut input, &mut buffer)?;
    let head = buffer.get(..filled).unwrap_or_default();
    if head.is_empty() {
        return Err(TextError::Empty);
    }
    let marked = encoding_rs::Encoding::for_bom(head).map(|(encoding, _)| Encoding(encoding));
    if let Some(what) = binary(head, marked, candidates) {
        return Err(TextError::Binary(what));
    }
    let tried: Vec<Encoding> = marked.map_or_else(|| candidates.to_vec(), |only| vec![only]);
    let mut trials: Vec<Trial> = tried.iter().map(|&encoding| Trial::new(encoding)).collect();
    let mut lines = LineLengths::default();
    while filled > 0 {
        let chunk = buffer.get(..filled).unwrap_or_default();
        lines.feed(chunk)?;
        for trial in &mut trials {
            trial.feed(chunk, lines.line);
        }
        filled = fill(&mut input, &mut buffer)?;
    }
    for trial in &mut trials {
        trial.finish(lines.line);
    }
    if !lines.text {
        return Err(TextError::Empty);
    }
    let first_refusal = trials.first().and_then(|t| t.refused);
    match trials.into_iter().find(|trial| trial.refused.is_none()) {
        Some(trial) => Ok(Choice { encoding: trial.encoding, bom: marked.is_some() }),
        None => Err(TextError::Encoding {
            tried: tried.iter().map(|e| e.name()).collect::<Vec<_>>().join(", "),
            line: first_refusal.unwrap_or(1),
        }),
    }
}

/// Opens a text file: probes it, then streams it as UTF-8 without its byte-order mark. `tee` wraps the raw bytes on their way
/// (to hash or to capture them).
pub fn open<R: Read>(path: &Path, candidates: &[Encoding], tee: impl FnOnce(File) -> R) -> Result<(Utf8<R>, Choice), TextError> {
    let choice = probe(File::open(path)?, candidates)?;
    Ok((Utf8::new(tee(File::open(path)?), choice.encoding), choice))
}

/// Reads a whole text file of at most `limit` bytes.
pub fn read(path: &Path, candidates: &[Encoding], limit: u64) -> Result<(String, Choice), TextError> {
    let size = File::open(path)?.metadata()?.len();
    if size > limit {
        return Err(TextError::TooLarge(limit));
    }
    let (input, choice) = open(path, candidates, |file| file)?;
    let mut text = String::new();
    // A decoded text is at most three times as long as its source.
    input.take(limit.saturating_mul(3)).read_to_string(&mut text)?;
    Ok((text, choice))
}

fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..)
        && !rest.is_empty()
    {
        match input.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Names what the head of a file is when it is not text.
#[must_use]
pub fn magic(head: &[u8]) -> Option<&'static str> {
    const SIGNATURES: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "a zip container (a workbook .xlsx or .ods, whatever its name says)"),
        (b"\xD0\xCF\x11\xE0", "an old binary office file (.xls) or a workbook protected by a password"),
        (b"%PDF", "a PDF"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"\x28\xB5\x2F\xFD", "a zstd archive"),
        (b"SQLite format 3", "a SQLite database"),
        (b"PAR1", "a Parquet file"),
        (b"\x7FELF", "a program"),
    ];
    SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)).map(|(_, what)| *what)
}

fn binary(head: &[u8], marked: Option<Encoding>, candidates: &[Encoding]) -> Option<&'static str> {
    if let Some(what) = magic(head) {
        return Some(what);
    }
    if marked.is_some_and(Encoding::is_utf16) || candidates.first().is_some_and(|e| e.is_utf16()) {
        return None;
    }
    let head = head.get(..HEAD).unwrap_or(head);
    let controls = head.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1B)).count();
    (memchr::memchr(0, head).is_some() || controls * 10 > head.len()).then_some("binary data")
}

/// Measures lines without keeping them.
#[derive(Default)]
struct LineLengths {
    /// Line ends seen.
    line: u64,
    length: usize,
    /// Something else than white space was seen.
    text: bool,
}

impl LineLengths {
    fn feed(&mut self, chunk: &[u8]) -> Result<(), TextError> {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', chunk) {
            self.grow(end - start)?;
            self.line += 1;
            self.length = 0;
            start = end + 1;
        }
        self.grow(chunk.len() - start)?;
        self.text =
            self.text || chunk.iter().any(|b| !b.is_ascii_whitespace() && !matches!(b, 0 | 0xEF | 0xBB | 0xBF | 0xFE | 0xFF));
        Ok(())
    }

    fn grow(&mut self, by: usize) -> Result<(), TextError> {
        self.length += by;
        if self.length > MAX_LINE { Err(TextError::LongLine { line: self.line + 1 }) } else { Ok(()) }
    }
}

/// One candidate encoding, decoding into nothing to see whether it can.
struct Trial {
    encoding: Encoding,
    decoder: Decoder,
    /// Line at which it failed.
    refused: Option<u64>,
}

impl Trial {
    fn new(encoding: Encoding) -> Self {
        Self { encoding, decoder: encoding.0.new_decoder_without_bom_handling(), refused: None }
    }

    fn feed(&mut self, chunk: &[u8], line: u64) {
        if self.refused.is_some() {
            return;
        }
        // The WHATWG table gives the five bytes that Windows-1252 leaves undefined a meaning nobody writes.
        let undefined =
            self.encoding == Encoding::WINDOWS_1252 && chunk.iter().any(|b| matches!(b, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D));
        let nul = !self.encoding.is_utf16() && memchr::memchr(0, chunk).is_some();
        if undefined || nul || !self.decodes(chunk, false) {
            self.refused = Some(line + 1);
        }
    }

    fn finish(&mut self, line: u64) {
        if self.refused.is_none() && !self.decodes(&[], true) {
            self.refused = Some(line + 1);
        }
    }

    fn decodes(&mut self, mut chunk: &[u8], last: bool) -> bool {
        let mut sink = [0; 4096];
        loop {
            let (result, read, _) = self.decoder.decode_to_utf8_without_replacement(chunk, &mut sink, last);
            chunk = chunk.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => return true,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => return false,
            }
        }
    }
}

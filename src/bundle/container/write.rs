//! A deterministic ZIP writer: entries in the order given, one spelling of every record, digests taken while copying.
//!
//! Content that deflate barely shrinks is stored, and so is what it would shrink so much that a reader must take it for
//! a bomb. Sizes are patched into the local header afterwards, so there are no data descriptors.

use std::io::{self, Seek, SeekFrom, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use sha2::{Digest as _, Sha256};

use crate::bundle::container::format::{MAX_RATIO, Method, Record, end_records};
use crate::bundle::digest::{Digest, sha256};
use crate::bundle::error::SealError;
use crate::bundle::pinned::Pinned;
use crate::bundle::read_at::ReadAt;

/// Files up to this many bytes are packed in memory.
const SMALL: u64 = 1 << 20;
/// Bytes at the start of a content that are tried before the rest is: packing what does not shrink (scans, archives, columns) costs
/// more than packing what does.
const TRIED: usize = 1 << 17;
/// Enough to tell noise from text, and ten times faster than [`LEVEL`].
const TRIAL: Compression = Compression::new(1);
const CHUNK: usize = 1 << 17;
/// zlib's default: the last level before time grows faster than size shrinks.
const LEVEL: Compression = Compression::new(6);

#[derive(Debug)]
pub struct ZipWriter<W> {
    sink: W,
    position: u64,
    records: Vec<Record>,
}

impl<W: Write + Seek> ZipWriter<W> {
    pub fn new(sink: W) -> Self {
        Self { sink, position: 0, records: Vec::new() }
    }

    /// An entry that must not be compressed, whatever its size.
    pub fn add_stored(&mut self, name: &str, content: &[u8]) -> Result<Digest, SealError> {
        self.add_packed(name, content, None)?;
        Ok(sha256(content))
    }

    pub fn add_bytes(&mut self, name: &str, content: &[u8]) -> Result<Digest, SealError> {
        let start = content.get(..TRIED.min(content.len())).unwrap_or_default();
        if start.len() == TRIED && !shrinks(start)? {
            return self.add_stored(name, content);
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), LEVEL);
        encoder.write_all(content)?;
        let packed = encoder.finish()?;
        let worth = is_worth_deflating(packed.len() as u64, content.len() as u64);
        self.add_packed(name, content, worth.then_some(&packed))?;
        Ok(sha256(content))
    }

    /// Streams a file in; fails if it is not, to the end, the file that was planned.
    pub fn add_file(&mut self, name: &str, file: &mut Pinned) -> Result<Digest, SealError> {
        let digest = if file.size() <= SMALL {
            let content = file.read_all()?;
            self.add_bytes(name, &content)?
        } else {
            self.add_large(name, file)?
        };
        file.check_unchanged()?;
        Ok(digest)
    }

    /// An entry of another archive under this name, its packed bytes as they are.
    pub fn add_as_is<S: ReadAt + ?Sized>(&mut self, source: &S, entry: &Record, name: String) -> Result<(), SealError> {
        let (mut from, end) = (entry.data_offset(), entry.data_offset() + entry.packed);
        let record = Record { name, offset: self.position, ..entry.clone() };
        self.sink.write_all(&record.local_header())?;
        let mut buffer = vec![0; CHUNK];
        while from < end {
            let length = usize::try_from(end - from).unwrap_or(CHUNK).min(CHUNK);
            buffer.resize(length, 0);
            source.read_exact_at(&mut buffer, from)?;
            self.sink.write_all(&buffer)?;
            from += length as u64;
        }
        self.push(record);
        Ok(())
    }

    /// Writes the central directory; gives back the sink and the length of the file.
    pub fn finish(mut self) -> Result<(W, u64), SealError> {
        let directory = self.position;
        let mut size = 0;
        for record in &self.records {
            let header = record.central_header();
            self.sink.write_all(&header)?;
            size += header.len() as u64;
        }
        let end = end_records(self.records.len() as u64, directory, size);
        self.sink.write_all(&end)?;
        self.sink.flush()?;
        Ok((self.sink, directory + size + end.len() as u64))
    }

    fn add_packed(&mut self, name: &str, content: &[u8], packed: Option<&Vec<u8>>) -> Result<(), SealError> {
        let body = packed.map_or(content, Vec::as_slice);
        let record = Record {
            name: name.to_owned(),
            method: if packed.is_some() { Method::Deflated } else { Method::Stored },
            crc32: crc32fast::hash(content),
            packed: body.len() as u64,
            size: content.len() as u64,
            offset: self.position,
        };
        self.sink.write_all(&record.local_header())?;
        self.sink.write_all(body)?;
        self.push(record);
        Ok(())
    }

    fn add_large(&mut self, name: &str, file: &mut Pinned) -> Result<Digest, SealError> {
        let method = sample_method(file)?;
        let start = self.position;
        let (record, digest) = self.copy(name, file, method)?;
        if method == Method::Stored || is_worth_deflating(record.packed, record.size) {
            self.push(record);
            return Ok(digest);
        }
        // The sample misled: write the entry again, stored. What is left of the first attempt is overwritten or cut off.
        self.sink.seek(SeekFrom::Start(start))?;
        file.rewind()?;
        let (record, again) = self.copy(name, file, Method::Stored)?;
        if again != digest {
            return Err(file.changed());
        }
        self.push(record);
        Ok(digest)
    }

    /// Copies the file behind a provisional header, then writes the true one over it.
    fn copy(&mut self, name: &str, file: &mut Pinned, method: Method) -> Result<(Record, Digest), SealError> {
        let mut record = Record { name: name.to_owned(), method, crc32: 0, packed: 0, size: file.size(), offset: self.position };
        self.sink.write_all(&record.local_header())?;
        let mut packer = match method {
            Method::Stored => Packer::Stored(Counting { sink: &mut self.sink, count: 0 }),
            Method::Deflated => Packer::Deflated(DeflateEncoder::new(Counting { sink: &mut self.sink, count: 0 }, LEVEL)),
        };
        let mut buffer = vec![0; CHUNK];
        let (mut hasher, mut crc, mut size) = (Sha256::new(), crc32fast::Hasher::new(), 0);
        loop {
            let read = file.read(&mut buffer)?;
            let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else { break };
            hasher.update(chunk);
            crc.update(chunk);
            size += read as u64;
            if size > record.size {
                return Err(file.changed());
            }
            packer.write_all(chunk)?;
        }
        if size != record.size {
            return Err(file.changed());
        }
        record.packed = packer.finish()?;
        record.crc32 = crc.finalize();
        self.sink.seek(SeekFrom::Start(record.offset))?;
        self.sink.write_all(&record.local_header())?;
        self.sink.seek(SeekFrom::Start(record.data_offset() + record.packed))?;
        Ok((record, hasher.finalize().into()))
    }

    fn push(&mut self, record: Record) {
        self.position = record.data_offset() + record.packed;
        self.records.push(record);
    }
}

/// At least a twentieth saved, and not so small that it looks like a bomb.
fn is_worth_deflating(packed: u64, size: u64) -> bool {
    packed.saturating_mul(20) < size.saturating_mul(19) && size <= packed.saturating_mul(MAX_RATIO)
}

/// Whether the start of a content shrinks: a twentieth at least.
fn shrinks(start: &[u8]) -> Result<bool, SealError> {
    let mut encoder = DeflateEncoder::new(Counting { sink: io::sink(), count: 0 }, TRIAL);
    encoder.write_all(start)?;
    Ok(encoder.finish()?.count.saturating_mul(20) < (start.len() as u64).saturating_mul(19))
}

/// Decides on the first [`TRIED`] bytes, and rewinds.
fn sample_method(file: &mut Pinned) -> Result<Method, SealError> {
    let mut start = vec![0; TRIED];
    let mut filled = 0;
    while let Some(rest) = start.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            read => filled += read,
        }
    }
    file.rewind()?;
    let worth = shrinks(start.get(..filled).unwrap_or_default())?;
    Ok(if worth { Method::Deflated } else { Method::Stored })
}

struct Counting<W> {
    sink: W,
    count: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.sink.write(buffer)?;
        self.count += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

enum Packer<W: Write> {
    Stored(Counting<W>),
    Deflated(DeflateEncoder<Counting<W>>),
}

impl<W: Write> Packer<W> {
    fn write_all(&mut self, chunk: &[u8]) -> io::Result<()> {
        match self {
            Self::Stored(sink) => sink.write_all(chunk),
            Self::Deflated(encoder) => encoder.write_all(chunk),
        }
    }

    /// Bytes written.
    fn finish(self) -> io::Result<u64> {
        match self {
            Self::Stored(sink) => Ok(sink.count),
            Self::Deflated(encoder) => Ok(encoder.finish()?.count),
        }
    }
}

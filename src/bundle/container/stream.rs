//! Unpacking one entry, streamed and bounded: its size, its CRC and the end of its data are all held to the directory.

use flate2::{Decompress, FlushDecompress, Status};
use sha2::{Digest as _, Sha256};

use crate::bundle::container::format::{Method, Record};
use crate::bundle::digest::Digest;
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::read_at::ReadAt;

const CHUNK: usize = 1 << 16;

/// The digest of an entry's content.
pub fn digest<S: ReadAt + ?Sized>(source: &S, record: &Record) -> Result<Digest, Fault> {
    let mut hasher = Sha256::new();
    unpack(source, record, &mut |chunk| hasher.update(chunk))?;
    Ok(hasher.finalize().into())
}

/// The content of an entry of at most `limit` bytes.
pub fn content<S: ReadAt + ?Sized>(source: &S, record: &Record, limit: u64) -> Result<Vec<u8>, Fault> {
    if record.size > limit {
        return Err(Fault::new(&TOO_LARGE, record.name.clone()));
    }
    let mut bytes = Vec::new();
    unpack(source, record, &mut |chunk| bytes.extend_from_slice(chunk))?;
    Ok(bytes)
}

/// Hands an entry's content over in pieces. An error says that what was handed over is worth nothing.
pub(crate) fn unpack<S: ReadAt + ?Sized>(source: &S, record: &Record, sink: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
    let mut crc = crc32fast::Hasher::new();
    let mut checked = |chunk: &[u8]| {
        crc.update(chunk);
        sink(chunk);
    };
    let input = Packed { source, at: record.data_offset(), left: record.packed };
    match record.method {
        Method::Stored => copy(input, &mut checked)?,
        Method::Deflated => inflate(input, record, &mut checked)?,
    }
    if crc.finalize() == record.crc32 { Ok(()) } else { Err(Fault::new(&CRC, record.name.clone())) }
}

/// The packed bytes of an entry, chunk by chunk.
struct Packed<'s, S: ?Sized> {
    source: &'s S,
    at: u64,
    left: u64,
}

impl<S: ReadAt + ?Sized> Packed<'_, S> {
    /// Replaces `buffer` by the next chunk, empty at the end.
    fn next(&mut self, buffer: &mut Vec<u8>) -> Result<(), Fault> {
        let length = usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK);
        buffer.resize(length, 0);
        self.source.read_exact_at(buffer, self.at).map_err(|e| Fault::io(&e))?;
        self.at += length as u64;
        self.left -= length as u64;
        Ok(())
    }
}

fn copy<S: ReadAt + ?Sized>(mut input: Packed<'_, S>, sink: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
    let mut buffer = Vec::new();
    while input.left > 0 {
        input.next(&mut buffer)?;
        sink(&buffer);
    }
    Ok(())
}

fn inflate<S: ReadAt + ?Sized>(mut input: Packed<'_, S>, record: &Record, sink: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
    let broken = || Fault::new(&DEFLATE, record.name.clone());
    let mut state = Decompress::new(false);
    let (mut packed, mut used) = (Vec::new(), 0_usize);
    let mut unpacked = vec![0; CHUNK];
    loop {
        if used == packed.len() && input.left > 0 {
            input.next(&mut packed)?;
            used = 0;
        }
        let (before_in, before_out) = (state.total_in(), state.total_out());
        let rest = packed.get(used..).unwrap_or_default();
        let status = state
            .decompress(rest, &mut unpacked, FlushDecompress::None)
            .map_err(|e| Fault::new(&DEFLATE, format!("{} ({e})", record.name)))?;
        let consumed = state.total_in() - before_in;
        let produced = state.total_out() - before_out;
        used += usize::try_from(consumed).unwrap_or(usize::MAX);
        if state.total_out() > record.size {
            return Err(Fault::new(&LONGER, record.name.clone()));
        }
        sink(unpacked.get(..usize::try_from(produced).unwrap_or(0)).unwrap_or_default());
        match status {
            Status::StreamEnd => break,
            _ if consumed == 0 && produced == 0 => return Err(broken()),
            _ => {}
        }
    }
    if used != packed.len() || input.left > 0 {
        return Err(Fault::new(&AFTER_END, record.name.clone()));
    }
    if state.total_out() == record.size { Ok(()) } else { Err(broken()) }
}

static TOO_LARGE: Phrase =
    phrase("the entry is larger than such a file can be", "l'entrée est plus grande qu'un tel fichier ne peut l'être");
static CRC: Phrase = phrase("the entry's CRC is wrong", "le CRC de l'entrée est faux");
static DEFLATE: Phrase = phrase("the entry's compressed data is damaged", "les données compressées de l'entrée sont abîmées");
static LONGER: Phrase =
    phrase("the entry unpacks to more than the directory says", "l'entrée se décompresse en plus que ce que dit le répertoire");
static AFTER_END: Phrase =
    phrase("bytes follow the end of the compressed data", "des octets suivent la fin des données compressées");

//! The strict ZIP reader: it accepts the files that the writer can have written, and nothing else.
//!
//! Ordinary readers repair: they skip leading and trailing bytes, take the last of two entries of one name, believe the
//! directory or the local header as suits them. Here every byte outside the packed data must be the one that follows from the
//! directory's names, sizes, CRCs and methods, and the entries must fill the file without a gap.

use crate::bundle::container::format::{
    CENTRAL_SIGNATURE, END_LENGTH, END_SIGNATURE, IN_ZIP64, LOCAL_SIGNATURE, MAX_RATIO, Method, Record, ZIP64_END_LENGTH,
    ZIP64_END_SIGNATURE, ZIP64_LOCATOR_LENGTH, ZIP64_LOCATOR_SIGNATURE, end_records,
};
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::layout::{self, MAX_ENTRIES};
use crate::bundle::read_at::ReadAt;

/// Fixed part of a central header, in bytes.
const CENTRAL_LENGTH: usize = 46;
/// The longest name and zip64 field are far shorter.
const LONGEST_HEADER: u64 = 4096;
/// The directory is read in pieces of this many bytes.
const CHUNK: u64 = 1 << 18;

/// A container whose structure was found sound. Contents are still to be read.
#[derive(Debug)]
pub struct Archive<'s, S: ?Sized> {
    pub source: &'s S,
    pub records: Vec<Record>,
}

/// Where the central directory is and how many entries it says it has.
struct Directory {
    offset: u64,
    size: u64,
    entries: u64,
}

pub fn open<S: ReadAt + ?Sized>(source: &S) -> Result<Archive<'_, S>, Fault> {
    let length = source.len().map_err(|e| Fault::io(&e))?;
    let directory = find_directory(source, length)?;
    let records = read_directory(source, &directory)?;
    check_local_headers(source, &records, directory.offset)?;
    check_names(&records)?;
    Ok(Archive { source, records })
}

fn find_directory<S: ReadAt + ?Sized>(source: &S, length: u64) -> Result<Directory, Fault> {
    let end_at = length.checked_sub(END_LENGTH).ok_or_else(|| Fault::bare(&NO_END))?;
    let end = read(source, end_at, END_LENGTH)?;
    if !end.starts_with(&END_SIGNATURE) {
        return Err(Fault::bare(&NO_END));
    }
    let mut directory =
        Directory { entries: u64::from(u16_at(&end, 10)), size: u64::from(u32_at(&end, 12)), offset: u64::from(u32_at(&end, 16)) };
    let mut tail_at = end_at;
    let in_zip64 = directory.entries == u64::from(u16::MAX)
        || directory.size == u64::from(IN_ZIP64)
        || directory.offset == u64::from(IN_ZIP64);
    if in_zip64 {
        tail_at = end_at.checked_sub(ZIP64_END_LENGTH + ZIP64_LOCATOR_LENGTH).ok_or_else(|| Fault::bare(&END_RECORD))?;
        let record = read(source, tail_at, ZIP64_END_LENGTH + ZIP64_LOCATOR_LENGTH)?;
        let locator = record.get(to_usize(ZIP64_END_LENGTH)..).unwrap_or_default();
        if !record.starts_with(&ZIP64_END_SIGNATURE) || !locator.starts_with(&ZIP64_LOCATOR_SIGNATURE) {
            return Err(Fault::bare(&END_RECORD));
        }
        directory = Directory { entries: u64_at(&record, 32), size: u64_at(&record, 40), offset: u64_at(&record, 48) };
    }
    if directory.offset.checked_add(directory.size) != Some(tail_at) {
        return Err(Fault::bare(&DIRECTORY_PLACE));
    }
    let tail = read(source, tail_at, length - tail_at)?;
    if tail != end_records(directory.entries, directory.offset, directory.size) {
        return Err(Fault::bare(&END_RECORD));
    }
    if directory.entries > MAX_ENTRIES as u64 {
        return Err(Fault::new(&TOO_MANY, directory.entries.to_string()));
    }
    if directory.size > directory.entries * LONGEST_HEADER {
        return Err(Fault::bare(&DIRECTORY_PLACE));
    }
    Ok(directory)
}

fn read_directory<S: ReadAt + ?Sized>(source: &S, directory: &Directory) -> Result<Vec<Record>, Fault> {
    let mut records = Vec::new();
    let end = directory.offset + directory.size;
    let (mut at, mut chunk, mut used) = (directory.offset, Vec::new(), 0);
    while at < end {
        let whole = chunk.len() - used >= to_usize((end - at).min(LONGEST_HEADER));
        if !whole {
            chunk = read(source, at, (end - at).min(CHUNK))?;
            used = 0;
        }
        let (record, length) = read_central_header(chunk.get(used..).unwrap_or_default())?;
        used += length;
        at += length as u64;
        records.push(record);
    }
    if records.len() as u64 != directory.entries {
        return Err(Fault::new(&COUNT, format!("{} / {}", records.len(), directory.entries)));
    }
    Ok(records)
}

/// One central header at the start of `window`, and its length.
fn read_central_header(window: &[u8]) -> Result<(Record, usize), Fault> {
    let fixed = window.get(..CENTRAL_LENGTH).ok_or_else(|| Fault::bare(&DIRECTORY_PLACE))?;
    if !fixed.starts_with(&CENTRAL_SIGNATURE) {
        return Err(Fault::bare(&DIRECTORY_PLACE));
    }
    let (name_length, extra_length) = (usize::from(u16_at(fixed, 28)), usize::from(u16_at(fixed, 30)));
    let name_end = CENTRAL_LENGTH + name_length;
    let raw = window.get(CENTRAL_LENGTH..name_end).ok_or_else(|| Fault::bare(&DIRECTORY_PLACE))?;
    let name = std::str::from_utf8(raw).map_err(|e| Fault::new(&NOT_UTF8, e.to_string()))?.to_owned();
    if u16_at(fixed, 8) & 1 != 0 {
        return Err(Fault::new(&ENCRYPTED, name));
    }
    if u16_at(fixed, 8) & 8 != 0 {
        return Err(Fault::new(&DESCRIPTOR, name));
    }
    if u16_at(fixed, 32) != 0 {
        return Err(Fault::new(&COMMENT, name));
    }
    let kind = u32_at(fixed, 38) >> 28;
    if kind != 0o10 {
        return Err(Fault::new(&NOT_REGULAR, name));
    }
    let method = match u16_at(fixed, 10) {
        0 => Method::Stored,
        8 => Method::Deflated,
        _ => return Err(Fault::new(&METHOD, name)),
    };
    let extra = window.get(name_end..name_end + extra_length).ok_or_else(|| Fault::bare(&DIRECTORY_PLACE))?;
    // The zip64 field holds, in this order, those of the three that the fixed fields send to it.
    let mut wide = extra.get(4..).unwrap_or_default().chunks_exact(8).map(|chunk| u64_at(chunk, 0));
    let mut field = |offset| match u32_at(fixed, offset) {
        IN_ZIP64 => wide.next().ok_or_else(|| Fault::new(&NOT_CANONICAL, name.clone())),
        value => Ok(u64::from(value)),
    };
    let (size, packed, offset) = (field(24)?, field(20)?, field(42)?);
    let record = Record { name, method, crc32: u32_at(fixed, 16), packed, size, offset };
    if !window.starts_with(&record.central_header()) {
        return Err(Fault::new(&NOT_CANONICAL, record.name));
    }
    check_sizes(&record)?;
    Ok((record, name_end + extra_length))
}

fn check_sizes(record: &Record) -> Result<(), Fault> {
    match record.method {
        Method::Stored if record.packed != record.size => Err(Fault::new(&SIZES, record.name.clone())),
        Method::Deflated if record.packed >= record.size => Err(Fault::new(&SIZES, record.name.clone())),
        Method::Deflated if record.size > record.packed.saturating_mul(MAX_RATIO) => Err(Fault::new(&BOMB, record.name.clone())),
        _ => Ok(()),
    }
}

/// Each entry starts where the one before it ends, the first at 0, and the last ends at the directory.
fn check_local_headers<S: ReadAt + ?Sized>(source: &S, records: &[Record], directory: u64) -> Result<(), Fault> {
    let mut expected = 0_u64;
    for record in records {
        if record.offset != expected {
            return Err(Fault::new(&GAP, record.name.clone()));
        }
        let header = record.local_header();
        let end = record.data_offset().checked_add(record.packed).filter(|end| *end <= directory);
        expected = end.ok_or_else(|| Fault::new(&GAP, record.name.clone()))?;
        let found = read(source, record.offset, header.len() as u64)?;
        if found != header {
            let phrase = if found.starts_with(&LOCAL_SIGNATURE) { &LOCAL_DIFFERS } else { &GAP };
            return Err(Fault::new(phrase, record.name.clone()));
        }
    }
    if expected == directory { Ok(()) } else { Err(Fault::bare(&GAP)) }
}

/// Names that can stand together, in the order of [`layout`].
fn check_names(records: &[Record]) -> Result<(), Fault> {
    layout::check_together(records.iter().map(|record| record.name.as_str()))?;
    let known: Vec<_> = records.iter().filter_map(|r| Some((layout::rank(&r.name)?, &r.name))).collect();
    match known.iter().zip(known.iter().skip(1)).find(|(before, after)| before > after) {
        Some((_, (_, name))) => Err(Fault::new(&ORDER, name.as_str())),
        None => Ok(()),
    }
}

fn read<S: ReadAt + ?Sized>(source: &S, offset: u64, length: u64) -> Result<Vec<u8>, Fault> {
    source.bytes_at(offset, to_usize(length)).map_err(|e| Fault::io(&e))
}

fn to_usize(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..at + N).and_then(|b| b.try_into().ok()).unwrap_or([0; N])
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(field(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(field(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(field(bytes, at))
}

static NO_END: Phrase = phrase(
    "the file does not end with a ZIP end record: it is cut short, or something was added after it",
    "le fichier ne se termine pas par un enregistrement de fin ZIP : il est tronqué, ou on y a ajouté quelque chose",
);
static END_RECORD: Phrase =
    phrase("the ZIP end record is not the one expected", "l'enregistrement de fin ZIP n'est pas celui attendu");
static DIRECTORY_PLACE: Phrase = phrase(
    "the central directory is not where the end record says: bytes were added, removed or moved",
    "le répertoire central n'est pas où l'enregistrement de fin le dit : des octets ont été ajoutés, retirés ou déplacés",
);
static TOO_MANY: Phrase = phrase("more entries than a bundle may hold", "plus d'entrées qu'un dossier ne peut en contenir");
static COUNT: Phrase = phrase(
    "the directory does not hold as many entries as the end record says",
    "le répertoire ne contient pas le nombre d'entrées annoncé",
);
static NOT_UTF8: Phrase = phrase("an entry's name is not UTF-8", "le nom d'une entrée n'est pas en UTF-8");
static ENCRYPTED: Phrase = phrase("the entry is marked as encrypted", "l'entrée est marquée comme chiffrée");
static DESCRIPTOR: Phrase =
    phrase("the entry hides its sizes in a data descriptor", "l'entrée cache ses tailles dans un descripteur");
static COMMENT: Phrase = phrase("the entry bears a comment", "l'entrée porte un commentaire");
static NOT_REGULAR: Phrase = phrase(
    "the entry is not a regular file (a link, a folder or a device)",
    "l'entrée n'est pas un fichier ordinaire (lien, dossier ou périphérique)",
);
static METHOD: Phrase = phrase("the entry uses an unknown compression", "l'entrée utilise une compression inconnue");
static NOT_CANONICAL: Phrase = phrase(
    "the entry's directory record has a field that no sealed bundle has",
    "la fiche de l'entrée au répertoire a un champ qu'aucun dossier scellé ne porte",
);
static SIZES: Phrase = phrase("the entry's sizes are not plausible", "les tailles de l'entrée ne sont pas plausibles");
static BOMB: Phrase = phrase(
    "the entry would expand more than a bundle allows (decompression bomb)",
    "l'entrée gonflerait plus qu'un dossier ne le permet (bombe de décompression)",
);
static GAP: Phrase = phrase(
    "entries overlap, or there are bytes before or between them",
    "des entrées se chevauchent, ou des octets se trouvent devant ou entre elles",
);
static LOCAL_DIFFERS: Phrase =
    phrase("the entry's own header and the directory disagree", "l'en-tête de l'entrée et le répertoire se contredisent");
static ORDER: Phrase = phrase("the entry is not in its place in the file", "l'entrée n'est pas à sa place dans le fichier");

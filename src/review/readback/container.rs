//! What a returned file really is, and whether it may be opened at all. Nothing of it is held before this has said yes.

use std::io::{self, Cursor, Read, Write};

use memchr::memmem;
use zip::ZipArchive;

use super::trouble::Trouble;

/// Bytes of a file as received. A workbook of a million lines takes a third of it.
pub const LARGEST: usize = 512 << 20;
/// Bytes that a container may unpack to.
const MAX_UNPACKED: u64 = 1 << 30;
/// From this many unpacked bytes on, more than [`MAX_RATIO`] to one is a bomb: real sheets stay below fifty.
const SUSPECT: u64 = 64 << 20;
const MAX_RATIO: u64 = 150;
const MAX_PARTS: usize = 2_000;
/// Sheets: a workbook of ours has nine.
pub(super) const MAX_SHEETS: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Xlsx,
    Ods,
}

pub(super) type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// A container that may be opened.
pub(super) struct Opened<'b> {
    pub format: Format,
    pub archive: Archive<'b>,
    /// Whether any part may speak of merged cells: to ask a sheet for them is to read it whole.
    pub merges: bool,
}

/// Recognises a workbook by what it holds, whatever its name.
pub(super) fn inspect<'b>(name: &str, bytes: &'b [u8]) -> Result<Opened<'b>, Trouble> {
    if bytes.is_empty() {
        return Err(Trouble::Empty);
    }
    if bytes.len() > LARGEST {
        return Err(Trouble::TooBig);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        // [MS-OFFCRYPTO] 2.3.4: a workbook under a password is a compound file with this stream.
        let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encrypted = bytes.windows(stream.len()).any(|window| window == stream);
        return Err(if encrypted { Trouble::Encrypted } else { Trouble::OldXls });
    }
    if !bytes.starts_with(b"PK") {
        return Err(Trouble::NoWorkbook);
    }
    let damaged = |error: &dyn std::fmt::Display| Trouble::Damaged(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    if archive.len() > MAX_PARTS {
        return Err(Trouble::Bomb);
    }
    let names = names(&mut archive).map_err(|error| damaged(&error))?;
    let merges = measure(&mut archive, bytes.len() as u64)?;
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let format = if has("xl/workbook.xml") {
        Format::Xlsx
    } else if has("content.xml") || has("encrypted-package") {
        Format::Ods
    } else if has("xl/workbook.bin") {
        return Err(Trouble::Xlsb);
    } else {
        return Err(Trouble::NoWorkbook);
    };
    if macros(name, &names, &mut archive) {
        return Err(Trouble::Macros);
    }
    if format == Format::Ods {
        // ODF 1.3 part 2, 3.4.1 and 4.8: per part in the manifest, or the package as a whole.
        let manifest = part(&mut archive, "META-INF/manifest.xml", 8 << 20).unwrap_or_default();
        if has("encrypted-package") || manifest.windows(16).any(|window| window == b":encryption-data") {
            return Err(Trouble::Encrypted);
        }
    }
    Ok(Opened { format, archive, merges })
}

fn names(archive: &mut Archive<'_>) -> Result<Vec<String>, zip::result::ZipError> {
    (0..archive.len()).map(|at| Ok(archive.by_index_raw(at)?.name()?.into_owned())).collect()
}

fn macros(name: &str, names: &[String], archive: &mut Archive<'_>) -> bool {
    let lower = name.to_lowercase();
    let by_name = [".xlsm", ".xltm", ".xlam"].iter().any(|end| lower.ends_with(end));
    let by_part = names.iter().map(|name| name.to_lowercase()).any(|name| {
        name.ends_with("vbaproject.bin")
            || name.starts_with("xl/macrosheets/")
            || name.starts_with("xl/activex/")
            || ((name.starts_with("basic/") || name.starts_with("scripts/")) && !name.ends_with('/'))
    });
    let types = part(archive, "[Content_Types].xml", 8 << 20).unwrap_or_default();
    by_name || by_part || types.windows(12).any(|window| window.eq_ignore_ascii_case(b"macroEnabled"))
}

/// First what the container declares, then what really comes out: a declared size proves nothing. Tells whether merged cells are
/// spoken of anywhere.
fn measure(archive: &mut Archive<'_>, packed: u64) -> Result<bool, Trouble> {
    let bound = |total: u64| total > MAX_UNPACKED || (total > SUSPECT && total / packed.max(1) > MAX_RATIO);
    let damaged = |error: &dyn std::fmt::Display| Trouble::Damaged(error.to_string());
    let mut declared = 0_u64;
    for at in 0..archive.len() {
        declared = declared.saturating_add(archive.by_index_raw(at).map_err(|error| damaged(&error))?.size());
    }
    if bound(declared) {
        return Err(Trouble::Bomb);
    }
    let mut total = 0;
    let mut merges = Finder { word: memmem::Finder::new("mergeCell"), end: vec![], found: false };
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(why) if why.contains("assword") => Trouble::Encrypted,
            other => damaged(&other),
        })?;
        let mut block = part.by_ref().take(MAX_UNPACKED + 1 - total);
        total += io::copy(&mut block, &mut merges).map_err(|error| damaged(&error))?;
        if bound(total) {
            return Err(Trouble::Bomb);
        }
    }
    Ok(merges.found)
}

/// Looks for a word in what passes by.
struct Finder<'w> {
    word: memmem::Finder<'w>,
    /// The last bytes of what passed before, among which the word may begin.
    end: Vec<u8>,
    found: bool,
}

impl Write for Finder<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let short = self.word.needle().len() - 1;
        self.end.extend(bytes.iter().take(short));
        self.found = self.found || self.word.find(bytes).is_some() || self.word.find(&self.end).is_some();
        if let Some(from) = bytes.len().checked_sub(short) {
            self.end.clear();
            self.end.extend(bytes.iter().skip(from));
        }
        self.end.drain(..self.end.len().saturating_sub(short));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A part as bytes, when it is there and no longer than `limit`.
pub(super) fn part(archive: &mut Archive<'_>, name: &str, limit: u64) -> Option<Vec<u8>> {
    let found = archive.by_name(name).ok()?;
    let mut bytes = vec![];
    found.take(limit + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= limit).then_some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_word_is_found_however_it_is_cut() {
        let text = b"<a/><mergeCells count=\"1\">";
        for size in 1..text.len() {
            let found = |text: &[u8]| {
                let mut finder = Finder { word: memmem::Finder::new("mergeCell"), end: vec![], found: false };
                text.chunks(size).for_each(|chunk| finder.write_all(chunk).unwrap());
                finder.found
            };
            assert!(found(text), "{size}");
            assert!(!found(b"<mergeCe lls><a mergeCel"), "{size}");
        }
    }
}

//! What a workbook file really is, and whether it may be opened: a container that unpacks to gigabytes, a text renamed `.xlsx`
//! or a workbook under a password is refused here, before any of it is held.

use std::fs::File;
use std::io::{self, Read};

use regex::bytes::Regex;
use zip::ZipArchive;

use crate::sources::SourceError;
use crate::sources::text::magic;

use super::super::config::Format;
use super::super::input::Input;

/// Bytes a workbook may unpack to. A sheet of a million rows and ten columns takes half of it.
const MAX_UNPACKED: u64 = 1 << 30;
/// Parts other than sheets are held in memory whole.
const MAX_PART: u64 = 256 << 20;
const MAX_PARTS: usize = 10_000;
/// Cells that an ODS sheet may repeat into being.
const MAX_REPEATED: u64 = 20_000_000;

/// Refuses what is no workbook, or one that would not fit.
pub(super) fn inspect(format: Format, input: &Input<'_>) -> Result<(), SourceError> {
    let mut head = Vec::new();
    let file = File::open(&input.path).map_err(|error| input.io(&error))?;
    file.take(512).read_to_end(&mut head).map_err(|error| input.io(&error))?;
    if head.is_empty() {
        return Err(input.fail("the file is empty; export it again, or remove the source"));
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(input.fail("the workbook is protected by a password, or is an old .xls; save it as .xlsx without a password"));
    }
    if !head.starts_with(b"PK\x03\x04") {
        let message = match magic(&head) {
            Some(what) => format!("this is {what}, not a workbook"),
            None if !head.contains(&0) => {
                let first: String = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().chars().take(60).collect();
                format!(
                    "this is text, not a workbook (it begins with \"{first}\"): a renamed csv? Set read.format = \"csv\", or save it as a real workbook"
                )
            }
            None => "this is binary data, not a workbook".to_owned(),
        };
        return Err(input.fail(message));
    }
    let file = File::open(&input.path).map_err(|error| input.io(&error))?;
    let mut archive =
        ZipArchive::new(file).map_err(|error| input.fail(format!("the workbook is damaged: {error}; export it again")))?;
    measure(format, &mut archive).map_err(|message| input.fail(message))
}

/// Unpacks every part into nothing: the sizes a container declares prove nothing.
fn measure(format: Format, archive: &mut ZipArchive<File>) -> Result<(), String> {
    if archive.len() > MAX_PARTS {
        return Err(format!("the workbook has {} parts; no spreadsheet program writes more than {MAX_PARTS}", archive.len()));
    }
    let wanted = if format == Format::Ods { "content.xml" } else { "xl/workbook.xml" };
    if archive.index_for_name(wanted).is_none() {
        let other = if format == Format::Ods { "xlsx" } else { "ods" };
        return Err(format!(
            "this zip container holds no {wanted}: it is another kind of file; is read.format = \"{other}\" meant?"
        ));
    }
    let mut total = 0;
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(|error| format!("the workbook is damaged: {error}; export it again"))?;
        let name = part.name().map_or_else(|_| format!("part {at}"), std::borrow::Cow::into_owned);
        let sheet = format == Format::Xlsx && name.starts_with("xl/worksheets/");
        let bound = if sheet { MAX_UNPACKED } else { MAX_PART };
        let unpacked = io::copy(&mut part.by_ref().take(bound + 1), &mut io::sink())
            .map_err(|error| format!("the workbook is damaged: {name}: {error}; export it again"))?;
        total += unpacked;
        if unpacked > bound || total > MAX_UNPACKED {
            return Err(format!(
                "the workbook unpacks to more than {} MiB ({name}); this is not a table that can be read, export it as CSV",
                bound.min(MAX_UNPACKED) >> 20
            ));
        }
    }
    if format == Format::Ods { repeated(archive) } else { Ok(()) }
}

/// An ODS cell can say "a thousand times": counts the cells that would come into being.
fn repeated(archive: &mut ZipArchive<File>) -> Result<(), String> {
    let mut xml = Vec::new();
    let mut part = archive.by_name("content.xml").map_err(|error| format!("the workbook is damaged: {error}"))?;
    part.read_to_end(&mut xml).map_err(|error| format!("the workbook is damaged: {error}"))?;
    let damaged = |error: regex::Error| error.to_string();
    // ODF 1.2 part 1, 19.675: number-columns-repeated. Empty cells (no office:value-type) are never held.
    let cell = Regex::new(r#"<table:(?:covered-)?table-cell(?:[^>"']|"[^"]*"|'[^']*')*>"#).map_err(damaged)?;
    let times = Regex::new(r#"table:number-columns-repeated=["'](\d{1,9})["']"#).map_err(damaged)?;
    let mut cells: u64 = 0;
    for tag in cell.find_iter(&xml).map(|found| found.as_bytes()).filter(|tag| memchr::memmem::find(tag, b"value-type").is_some()) {
        let count = times.captures(tag).and_then(|found| std::str::from_utf8(found.get(1)?.as_bytes()).ok()?.parse().ok());
        cells += count.unwrap_or(1);
        if cells > MAX_REPEATED {
            return Err(format!(
                "the sheet repeats cells beyond {MAX_REPEATED}; this is not a table that can be read, export it as CSV"
            ));
        }
    }
    Ok(())
}

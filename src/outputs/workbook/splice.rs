//! Puts the rows of lines into a finished workbook: every part is copied, and where a sheet has its pattern row the rows are written in
//! its place, packed as they are made.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};

use rust_xlsxwriter::RowNum;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Lines from which a file's size matters less than the time it takes: level 6 takes as long as all the rest.
const FAST_FROM: usize = 1_000;
/// Lines from which a sheet may pass 4 GiB unpacked, which its header must say beforehand.
const LARGE_FROM: usize = 100_000;

/// Who writes the rows that are missing.
pub(super) trait Rows {
    /// Writes the rows of a sheet (its number, from 1). `pattern` is the XML of its pattern row.
    fn fill(&mut self, sheet: usize, pattern: &str, out: &mut dyn Write) -> io::Result<()>;
}

/// Where the pattern rows stand: number of the sheet, from 1; row, from 0.
pub(super) type Gaps = BTreeMap<usize, RowNum>;

/// Copies a workbook of so many lines, its gaps filled.
pub(super) fn fill(skeleton: Vec<u8>, gaps: &Gaps, lines: usize, rows: &mut impl Rows, out: impl Write) -> io::Result<()> {
    let mut from = ZipArchive::new(Cursor::new(skeleton))?;
    let mut to = ZipWriter::new_stream(out);
    let level = if lines < FAST_FROM { 6 } else { 3 };
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(level))
        .unix_permissions(0o600)
        .last_modified_time(DateTime::default());
    let named = |sheet: usize| format!("xl/worksheets/sheet{sheet}.xml");
    let gaps: BTreeMap<String, (usize, RowNum)> = gaps.iter().map(|(sheet, row)| (named(*sheet), (*sheet, *row))).collect();
    for at in 0..from.len() {
        let mut part = from.by_index(at)?;
        let name = part.name()?.into_owned();
        let mut xml = vec![];
        part.read_to_end(&mut xml)?;
        let gap = gaps.get(&name);
        to.start_file(&*name, options.large_file(gap.is_some() && lines >= LARGE_FROM))?;
        let Some((sheet, row)) = gap else {
            to.write_all(&xml)?;
            continue;
        };
        let xml = String::from_utf8(xml).map_err(io::Error::other)?;
        let (head, pattern, tail) = cut(&xml, *row).ok_or_else(|| lost(&name))?;
        to.write_all(head.as_bytes())?;
        rows.fill(*sheet, pattern, &mut to)?;
        to.write_all(tail.as_bytes())?;
    }
    to.finish()?;
    Ok(())
}

/// What stands before a row, the row, and what comes after.
fn cut(xml: &str, row: RowNum) -> Option<(&str, &str, &str)> {
    let from = xml.find(&format!("<row r=\"{}\"", row + 1))?;
    let to = from + xml.get(from..)?.find("</row>")? + "</row>".len();
    Some((xml.get(..from)?, xml.get(from..to)?, xml.get(to..)?))
}

/// The library wrote something else than what was asked.
pub(super) fn lost(part: &str) -> io::Error {
    io::Error::other(format!("{part}: the pattern row is not there; please report this as a defect"))
}

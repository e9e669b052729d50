//! The Info dictionary of a PDF (ISO 32000-2 section 14.3.3).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::property::{CREATOR, Said, TITLE};

/// Largest file that is parsed, in bytes: the reader needs it whole in memory.
const MAX_FILE: u64 = 128 * 1024 * 1024;

/// Reads the properties. The parser of a format this tangled may panic on a hostile file: that must end one document, not the run.
pub(super) fn read(file: &File, size: u64, head: &[u8]) -> Result<Said, String> {
    // The header may be preceded by up to 1024 bytes of anything.
    if memchr::memmem::find(head, b"%PDF-").is_none() {
        return Err("is not what its name says: it has no PDF header".into());
    }
    if size > MAX_FILE {
        return Err(format!("is larger than {} MiB: its properties are not read", MAX_FILE / 1024 / 1024));
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    let found = catch_unwind(AssertUnwindSafe(|| lopdf::Document::load_metadata_mem(&bytes)))
        .map_err(|panic| format!("is damaged: the PDF reader gave up ({})", reason(panic.as_ref())))?
        .map_err(|error| format!("is damaged or protected by a password: {error}"))?;
    let mut said = Said::default();
    let standard =
        [(TITLE, found.title), (CREATOR, found.author), ("created", found.creation_date), ("modified", found.modification_date)];
    for (name, value) in standard {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            said.embedded.insert(name, value);
        }
    }
    // In the order of the names, for they come from a hash table.
    let custom: BTreeMap<Vec<u8>, lopdf::Object> = found.custom.into_iter().collect();
    for (name, value) in custom {
        // Names are PDFDocEncoding or UTF-8 (after the name escapes), texts PDFDocEncoding or UTF-16.
        if let Ok(value) = lopdf::decode_text_string(&value) {
            said.declared.push((String::from_utf8_lossy(&name).into_owned(), date(value)));
        }
    }
    if found.encrypted && said == Said::default() {
        return Err("is protected by a password: its properties cannot be read".into());
    }
    Ok(said)
}

fn reason(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}

/// `D:20260930…` (ISO 32000-2 section 7.9.4) as `2026-09-30`; anything else as it is.
fn date(value: String) -> String {
    let digits =
        value.strip_prefix("D:").and_then(|rest| rest.get(..8)).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    match digits.and_then(|digits| Some((digits.get(..4)?, digits.get(4..6)?, digits.get(6..)?))) {
        Some((year, month, day)) => format!("{year}-{month}-{day}"),
        None => value,
    }
}

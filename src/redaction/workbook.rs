//! Takes names out of a workbook: every text of its XML parts, and those attributes that people read.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::known::Known;
use super::scrub;

/// Bytes that a workbook may unpack to: a hundred thousand lines take a tenth of it.
const LARGEST: u64 = 512 << 20;
/// Attributes that hold words: names of sheets and persons, prompts of validations, targets of links.
const WORDS: [&str; 8] = ["name", "prompt", "promptTitle", "error", "errorTitle", "Target", "display", "tooltip"];

/// The workbook without the names. What it cannot read it refuses.
pub(super) fn redact(bytes: &[u8], known: &Known) -> Result<Vec<u8>, String> {
    let wrong = |error: zip::result::ZipError| error.to_string();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(wrong)?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut left = LARGEST;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(wrong)?;
        let name = entry.name().map_err(wrong)?.into_owned();
        let mut content = Vec::new();
        entry.by_ref().take(left + 1).read_to_end(&mut content).map_err(|error| format!("{name}: {error}"))?;
        left = left.checked_sub(content.len() as u64).ok_or_else(|| format!("it unpacks to more than {LARGEST} bytes"))?;
        if !is_xml(&name) {
            return Err(format!("it holds {name}, which is not text and may show a name"));
        }
        let text = String::from_utf8(content).map_err(|error| format!("{name}: {error}"))?;
        writer.start_file(name, SimpleFileOptions::default()).map_err(wrong)?;
        writer.write_all(xml(&text, known).as_bytes()).map_err(|error| error.to_string())?;
    }
    Ok(writer.finish().map_err(wrong)?.into_inner())
}

fn is_xml(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".xml", ".rels", ".vml"].iter().any(|extension| lower.ends_with(extension)) || lower == "mimetype"
}

/// The text of an XML part, tags as they are but for the attributes above.
fn xml(text: &str, known: &Known) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let (words, tag) = rest.split_at(open);
        out.push_str(&scrubbed(words, known));
        let end = tag.find('>').map_or(tag.len(), |at| at + 1);
        let (tag, after) = tag.split_at(end);
        out.push_str(&attributes(tag, known));
        rest = after;
    }
    out.push_str(&scrubbed(rest, known));
    out
}

/// A tag, with the values of the attributes that hold words scrubbed.
fn attributes(tag: &str, known: &Known) -> String {
    let mut out = String::with_capacity(tag.len());
    let mut rest = tag;
    while let Some(at) = rest.find("=\"") {
        let (before, value) = rest.split_at(at + 2);
        let name = before.trim_end_matches("=\"").rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
        let (value, after) = value.split_at(value.find('"').unwrap_or(value.len()));
        out.push_str(before);
        let kept = if WORDS.contains(&name) { scrubbed(value, known) } else { value.to_owned() };
        out.push_str(&kept);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Escapes are undone to look for names, and done again only where something was found.
fn scrubbed(escaped: &str, known: &Known) -> String {
    if escaped.trim().is_empty() {
        return escaped.to_owned();
    }
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    let plain = pairs.iter().fold(escaped.to_owned(), |text, (escape, c)| text.replace(escape, c));
    let clean = scrub::text(&plain, known);
    if clean == plain {
        return escaped.to_owned();
    }
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;")].iter().fold(clean, |text, (c, escape)| text.replace(c, escape))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn container(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn part(bytes: &[u8], name: &str) -> String {
        let mut text = String::new();
        ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn texts_and_prompts_are_redacted_and_the_rest_is_left_alone() {
        let known = Known::of(&["Anne N'Guyen", "A1"]);
        let anne = known.pseudonym("Anne N'Guyen");
        let sheet = "<c r=\"A1\" t=\"s\"><t>Anne N&apos;Guyen &amp; fils</t></c><v prompt=\"Pour Anne N'Guyen\"/>";
        let clean = redact(&container(&[("xl/sheet1.xml", sheet)]), &known).unwrap();
        assert_eq!(
            part(&clean, "xl/sheet1.xml"),
            format!("<c r=\"A1\" t=\"s\"><t>{anne} &amp; fils</t></c><v prompt=\"Pour {anne}\"/>")
        );
        assert_eq!(clean, redact(&container(&[("xl/sheet1.xml", sheet)]), &known).unwrap(), "same input, same bytes");
    }

    #[test]
    fn what_cannot_be_read_as_text_is_refused() {
        let known = Known::of(&[]);
        assert!(redact(b"PK", &known).is_err());
        assert!(redact(&container(&[("Thumbnails/thumbnail.png", "x")]), &known).unwrap_err().contains("thumbnail.png"));
    }
}

//! What a returned workbook says of itself: the very hidden `_meta` sheet, and the file's own times.

use crate::review::record::returned::Times;
use std::collections::BTreeMap;

use jiff::Timestamp;
use roxmltree::Document;

use super::container::{self, Format};
use super::grid::Sheet;

/// Parts of properties are a few hundred bytes.
const MAX_PART: u64 = 1 << 20;

/// Keys and values of `_meta`, found by its first cells even when it was renamed.
pub(super) fn facts(sheets: &[Sheet]) -> Option<BTreeMap<String, String>> {
    let text = |sheet: &Sheet, row, column| sheet.cell(row, column).map(|c| c.text().trim().to_owned()).unwrap_or_default();
    let is_meta = |sheet: &&Sheet| text(sheet, 0, 0) == "format" && text(sheet, 0, 1).starts_with("probant.");
    let sheet = sheets.iter().find(is_meta)?;
    let rows = sheet.rows.iter().map(|(row, _)| *row).take_while(|row| text(sheet, *row, 0) != "item_id");
    Some(rows.map(|row| (text(sheet, row, 0), text(sheet, row, 1))).collect())
}

pub(super) fn times(format: Format, archive: &mut container::Archive<'_>) -> Times {
    let names: &[&str] = match format {
        Format::Xlsx => &["docProps/core.xml", "docProps/app.xml"],
        Format::Ods => &["meta.xml"],
    };
    let mut times = Times::default();
    for name in names {
        let Some(bytes) = container::part(archive, name, MAX_PART) else { continue };
        let Some(document) = std::str::from_utf8(&bytes).ok().and_then(|text| Document::parse(text).ok()) else { continue };
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            let text = node.text().unwrap_or_default().trim();
            match node.tag_name().name() {
                "modified" | "date" => times.saved_at = instant(text),
                "lastModifiedBy" | "creator" if times.saved_by.is_none() => {
                    times.saved_by = (!text.is_empty()).then(|| text.to_owned());
                }
                "TotalTime" => times.editing_minutes = text.parse().ok().filter(|minutes| *minutes > 0),
                "editing-duration" => {
                    let span = text.parse::<jiff::SignedDuration>().ok().map(|d| d.as_mins());
                    times.editing_minutes = span.and_then(|minutes| u32::try_from(minutes).ok()).filter(|minutes| *minutes > 0);
                }
                _ => {}
            }
        }
    }
    times
}

/// ODF writes local times without zone: those are taken as UTC, for the order of copies only.
fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(local).ok()
    })
}

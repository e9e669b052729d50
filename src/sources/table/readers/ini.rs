//! INI files: one row a section, its keys the columns, its name the column `section`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::sources::SourceError;
use crate::sources::text;

use super::super::cell::{Cell, REDACTED, RowCells, shorten};
use super::super::columns::normal;
use super::super::input::Input;
use super::{ReadPlan, Rows};

/// A file is held whole; no INI file of a tool is larger.
const MAX_FILE: u64 = 64 << 20;
/// The column that holds a section's name.
const SECTION: &str = "section";

#[derive(Default)]
struct Section {
    line: u64,
    name: String,
    keys: BTreeMap<String, Vec<String>>,
}

/// A line, understood.
enum Line<'l> {
    Nothing,
    Section(&'l str),
    Pair(&'l str, &'l str),
    Unknown,
}

fn understand(line: &str) -> Line<'_> {
    let line = line.trim();
    if line.is_empty() || line.starts_with([';', '#']) {
        return Line::Nothing;
    }
    if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Line::Section(name.trim());
    }
    match line.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Line::Pair(key.trim(), unquoted(value.trim())),
        _ => Line::Unknown,
    }
}

fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

pub(super) fn read(plan: &ReadPlan, input: &mut Input<'_>, rows: &mut dyn Rows) -> Result<(), SourceError> {
    let path = input.path.clone();
    let (text, choice) = text::read(&path, &plan.encodings, MAX_FILE).map_err(|error| input.text(error))?;
    input.note = Some(choice.to_string());
    let mut redacted = input.drain()?;
    let (sections, unknown) = sections(plan, &text);
    let keys: BTreeSet<&str> = sections.iter().flat_map(|section| section.keys.keys()).map(String::as_str).collect();
    let mut names: Vec<String> = vec![SECTION.to_owned()];
    names.extend(keys.into_iter().filter(|key| *key != SECTION).map(ToOwned::to_owned));
    let mask = rows.header(Some(&names))?;
    for section in &sections {
        let cells: Vec<Cell<'_>> = names.iter().map(|name| cell(section, name)).collect();
        rows.row(section.line, &RowCells(&cells))?;
    }
    for (number, line) in unknown {
        let shown = if redacted.is_on() { String::new() } else { shorten(line) };
        rows.bad(number, "this line is neither a [section] nor key = value", &shown)?;
    }
    if redacted.is_on() {
        let secret: BTreeSet<String> =
            names.iter().zip(&mask).filter(|(_, hidden)| **hidden).map(|(name, _)| normal(name)).collect();
        for line in text.lines() {
            match understand(line) {
                Line::Pair(key, _) if secret.contains(&normal(key)) => redacted.line(&format!("{key} = {REDACTED}")),
                Line::Pair(..) | Line::Section(_) => redacted.line(line),
                Line::Nothing if line.trim().is_empty() => redacted.line(line),
                Line::Nothing | Line::Unknown => redacted.unreadable(),
            }
        }
    }
    redacted.finish().map_err(SourceError::Capture)
}

fn cell<'r>(section: &'r Section, name: &str) -> Cell<'r> {
    if name == SECTION {
        return Cell::Text(Cow::Borrowed(&section.name));
    }
    match section.keys.get(name).map(Vec::as_slice) {
        None => Cell::Empty,
        Some([one]) => Cell::Text(Cow::Borrowed(one)),
        Some(many) => Cell::List(many.iter().map(|value| Cow::Borrowed(value.as_str())).collect()),
    }
}

/// Sections, and the lines that are none of their business.
fn sections<'t>(plan: &ReadPlan, text: &'t str) -> (Vec<Section>, Vec<(u64, &'t str)>) {
    let mut all: Vec<Section> = Vec::new();
    let mut unknown = Vec::new();
    // Keys above the first section belong to a section without a name.
    let mut current = Section { line: 1, ..Section::default() };
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        if plan.skips(line) {
            continue;
        }
        match understand(line) {
            Line::Nothing => {}
            Line::Unknown => unknown.push((number, line)),
            Line::Section(name) => {
                let done = std::mem::replace(&mut current, Section { line: number, name: name.to_owned(), ..Section::default() });
                if open || !done.keys.is_empty() {
                    all.push(done);
                }
                open = true;
            }
            Line::Pair(key, value) => current.keys.entry(key.to_owned()).or_default().push(value.to_owned()),
        }
    }
    if open || !current.keys.is_empty() {
        all.push(current);
    }
    (all, unknown)
}

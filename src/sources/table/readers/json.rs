//! JSON documents and JSON lines. A column is a path of keys; arrays on the way make lists.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::sources::SourceError;
use crate::sources::text::{self, Lines};

use super::super::cell::{Cell, Cells, REDACTED, excerpt};
use super::super::columns::normal;
use super::super::input::{Input, Opened, text_failure};
use super::{ReadPlan, Rows};

/// A document is held whole; larger exports come as JSON lines.
const MAX_DOCUMENT: u64 = 256 << 20;

struct Row<'r> {
    record: &'r Value,
    paths: &'r [String],
}

impl Cells for Row<'_> {
    fn width(&self) -> usize {
        self.paths.len()
    }
    fn cell(&self, at: usize) -> Cell<'_> {
        self.paths.get(at).map_or(Cell::Empty, |path| cell(self.record, path))
    }
}

/// The value at a path: a pointer (`/a/b`), a key, or keys joined by dots that walk through arrays.
fn cell<'r>(record: &'r Value, path: &str) -> Cell<'r> {
    if path.starts_with('/') {
        return record.pointer(path).map_or(Cell::Empty, |value| scalar(value, path));
    }
    if let Some(value) = record.get(path) {
        return scalar(value, path);
    }
    let mut found = Vec::new();
    let through_array = walk(record, path, &mut found);
    match found.as_slice() {
        [] => Cell::Empty,
        [one] if !through_array => scalar(one, path),
        many => list(many.iter().copied(), path),
    }
}

/// Collects the values at a dotted path; true when an array lay on the way.
fn walk<'r>(value: &'r Value, path: &str, found: &mut Vec<&'r Value>) -> bool {
    if let Value::Array(items) = value {
        for item in items {
            walk(item, path, found);
        }
        return true;
    }
    if let Some(leaf) = value.get(path) {
        found.push(leaf);
        return false;
    }
    let Some((key, rest)) = path.split_once('.') else { return false };
    value.get(key).is_some_and(|inner| walk(inner, rest, found))
}

fn scalar<'r>(value: &'r Value, path: &str) -> Cell<'r> {
    match value {
        Value::Null => Cell::Empty,
        Value::Bool(value) => Cell::Bool(*value),
        Value::String(text) => Cell::Text(Cow::Borrowed(text)),
        // Whole numbers stay exact as text; a float has no text of its own.
        Value::Number(number) if number.is_f64() => Cell::Number(number.as_f64().unwrap_or_default()),
        Value::Number(number) => Cell::Text(Cow::Owned(number.to_string())),
        Value::Array(items) => list(items.iter(), path),
        Value::Object(object) => object_fault(object, path),
    }
}

fn object_fault<'r>(object: &serde_json::Map<String, Value>, path: &str) -> Cell<'r> {
    let example = object.keys().next().map_or("", String::as_str);
    Cell::Fault(Cow::Owned(format!("{path} is an object, not a value; name one of its keys, for example {path}.{example}")))
}

fn list<'r>(items: impl Iterator<Item = &'r Value>, path: &str) -> Cell<'r> {
    let mut texts = Vec::new();
    for item in items {
        match scalar(item, path) {
            Cell::Empty => {}
            Cell::List(mut inner) => texts.append(&mut inner),
            fault @ Cell::Fault(_) => return fault,
            Cell::Text(text) => texts.push(text),
            other => texts.push(Cow::Owned(other.text().into_owned())),
        }
    }
    Cell::List(texts)
}

/// Learns which columns there are: the paths that the mapping names and some record has, and the keys of the records.
#[derive(Default)]
struct Header {
    found: BTreeSet<String>,
    keys: BTreeSet<String>,
}

impl Header {
    fn learn(&mut self, plan: &ReadPlan, record: &Value) {
        if let Value::Object(object) = record {
            for key in object.keys() {
                if !self.keys.contains(key) {
                    self.keys.insert(key.clone());
                }
            }
        }
        for path in &plan.wanted {
            if !self.found.contains(path) && has(record, path) {
                self.found.insert(path.clone());
            }
        }
    }

    /// Paths first, then the keys that no path already is (or passes through, for those are objects).
    fn names(self) -> Vec<String> {
        let taken: BTreeSet<String> = self.found.iter().map(|path| normal(path)).collect();
        let keys = self.keys.into_iter().filter(|key| !taken.contains(&normal(key)));
        self.found.into_iter().chain(keys).collect()
    }
}

fn has(record: &Value, path: &str) -> bool {
    if path.starts_with('/') {
        return record.pointer(path).is_some();
    }
    if record.get(path).is_some() {
        return true;
    }
    let mut found = Vec::new();
    // An empty array holds no value, and shows that the path exists.
    walk(record, path, &mut found) || !found.is_empty()
}

pub(super) fn document(plan: &ReadPlan, input: &mut Input<'_>, rows: &mut dyn Rows) -> Result<(), SourceError> {
    let (name, path) = (input.name.clone(), input.path.clone());
    let fail = |message: String| SourceError::File { path: name.clone(), message };
    let (text, choice) = text::read(&path, &plan.encodings, MAX_DOCUMENT).map_err(|error| input.text(error))?;
    input.note = Some(choice.to_string());
    let mut redacted = input.drain()?;
    let mut document: Value = serde_json::from_str(&text).map_err(|error| unreadable(&name, &error))?;
    drop(text);
    if let Some(total) = &plan.total {
        let count = document.pointer(total).and_then(Value::as_u64);
        rows.total(count.ok_or_else(|| fail(format!("read.total: there is no count at \"{total}\"")))?);
    }
    if let Some((pointer, _)) = &plan.content_pointer
        && let Some(found) = document.pointer(pointer)
    {
        rows.content_date(&scalar(found, pointer).text());
    }
    let records = document.pointer_mut(&plan.records).ok_or_else(|| {
        fail(format!("read.records: there is nothing at \"{}\"; correct the pointer, or export again", plan.records))
    })?;
    let Value::Array(records) = records else {
        return Err(fail(format!("read.records: \"{}\" is not an array of records; give the pointer to the array", plan.records)));
    };
    let mut header = Header::default();
    for record in &*records {
        header.learn(plan, record);
    }
    if records.is_empty() {
        header.found.extend(plan.wanted.iter().cloned());
    }
    let paths = header.names();
    let mask = rows.header(Some(&paths))?;
    for (at, record) in (1..).zip(records.iter_mut()) {
        if record.is_object() {
            rows.row(at, &Row { record, paths: &paths })?;
        } else {
            rows.bad(at, "this record is not an object", "")?;
        }
        hide(record, &paths, &mask);
    }
    if redacted.is_on() {
        redacted.line(&document.to_string());
    }
    redacted.finish().map_err(SourceError::Capture)
}

/// Replaces the secrets of a record.
fn hide(record: &mut Value, paths: &[String], mask: &[bool]) {
    for (path, _) in paths.iter().zip(mask).filter(|(_, hidden)| **hidden) {
        if path.starts_with('/') {
            if let Some(value) = record.pointer_mut(path) {
                *value = Value::from(REDACTED);
            }
        } else {
            hide_at(record, path);
        }
    }
}

fn hide_at(value: &mut Value, path: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| hide_at(item, path)),
        Value::Object(object) => {
            if let Some(leaf) = object.get_mut(path) {
                *leaf = Value::from(REDACTED);
            } else if let Some((key, rest)) = path.split_once('.')
                && let Some(inner) = object.get_mut(key)
            {
                hide_at(inner, rest);
            }
        }
        _ => {}
    }
}

fn unreadable(name: &str, error: &serde_json::Error) -> SourceError {
    let line = u64::try_from(error.line()).unwrap_or(u64::MAX);
    let message = error.to_string();
    let message = if message.starts_with("recursion limit exceeded") {
        "the JSON is nested deeper than 128 levels; this is not an export that can be read".to_owned()
    } else {
        format!("this is not JSON: {message}; the export may be cut short")
    };
    SourceError::Line { path: name.to_owned(), line, message }
}

/// One record a line.
pub(super) fn lines(plan: &ReadPlan, input: &mut Input<'_>, rows: &mut dyn Rows) -> Result<(), SourceError> {
    let paths = scout(plan, input)?;
    let mask = rows.header(Some(&paths))?;
    let name = input.name.clone();
    let Opened { text, mut redacted } = input.open(&plan.encodings)?;
    let mut lines = Lines::new(text);
    while let Some((number, line)) = lines.next_line().map_err(|error| text_failure(&name, error))? {
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<Value>(line) {
            Ok(mut record) if record.is_object() => {
                rows.row(number, &Row { record: &record, paths: &paths })?;
                if redacted.is_on() {
                    hide(&mut record, &paths, &mask);
                    redacted.line(&record.to_string());
                }
            }
            other => {
                let reason = other.map_or_else(
                    |error| format!("this line is not JSON: {error}"),
                    |_| "this line is not a JSON object".to_owned(),
                );
                let shown = if redacted.is_on() { String::new() } else { excerpt(&super::lines::One(line), &[]) };
                redacted.unreadable();
                rows.bad(number, &reason, &shown)?;
            }
        }
    }
    redacted.finish().map_err(SourceError::Capture)
}

/// A first pass that only looks which columns there are. It ends when all that are wanted were seen.
fn scout(plan: &ReadPlan, input: &mut Input<'_>) -> Result<Vec<String>, SourceError> {
    let (text, _) = text::open(&input.path, &plan.encodings, |file| file).map_err(|error| input.text(error))?;
    let mut lines = Lines::new(text);
    let mut header = Header::default();
    let mut any = false;
    while let Some((_, line)) = lines.next_line().map_err(|error| input.text(error))? {
        if let Ok(record @ Value::Object(_)) = serde_json::from_str(line) {
            any = true;
            header.learn(plan, &record);
            if !plan.rest && header.found.len() == plan.wanted.len() {
                break;
            }
        }
    }
    if !any {
        header.found.extend(plan.wanted.iter().cloned());
    }
    Ok(header.names())
}

//! Front matter: the block between `---` (YAML) or `+++` (TOML) at the head of a text file.
//!
//! Of YAML the events of a parser are read, not its types: `version: 1.10` must stay "1.10", and anchors, whose expansion can be
//! made to explode, are refused.

use std::io::Read;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::property::Said;

/// Longest block, in bytes.
const MAX_BLOCK: u64 = 64 * 1024;
const MAX_DEPTH: usize = 16;

/// Reads the head of a text file. A file that begins without a block, or with one that never ends (a ruled line), says nothing.
pub(super) fn read(input: &mut dyn Read) -> Result<Said, String> {
    let mut head = Vec::new();
    input.take(MAX_BLOCK).read_to_end(&mut head).map_err(|error| format!("cannot be read: {error}"))?;
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head);
    let fence = match head {
        [b'-', b'-', b'-', b'\r' | b'\n', ..] => "---",
        [b'+', b'+', b'+', b'\r' | b'\n', ..] => "+++",
        _ => return Ok(Said::default()),
    };
    let text = match std::str::from_utf8(head) {
        Ok(text) => text.to_owned(),
        // The block's end may cut a character of UTF-8; the front matter itself must still be whole.
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(head.get(..error.valid_up_to()).unwrap_or_default()).into_owned()
        }
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(head).0.into_owned(),
    };
    let mut lines = text.split_inclusive('\n');
    let mut block = String::new();
    lines.next();
    for line in lines {
        if line.trim_end() == fence {
            let declared = if fence == "---" { yaml(&block)? } else { toml(&block)? };
            return Ok(Said { declared, ..Said::default() });
        }
        block.push_str(line);
    }
    Ok(Said::default())
}

/// Where the reader of YAML is: in a mapping (with the key, once read) or in a list (with its items).
enum Level {
    Map { prefix: String, key: Option<String> },
    List { name: String, items: Vec<String> },
}

/// The scalars of a mapping; names of nested mappings are joined by a dot, items of a list by commas.
fn yaml(block: &str) -> Result<Vec<(String, String)>, String> {
    let mut said = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    // The parser counts lines from 1; the fence is the file's first.
    for event in Parser::new_from_str(block) {
        let (event, span) = event.map_err(|error| format!("front matter, line {}: {}", error.marker().line() + 1, error.info()))?;
        let line = span.start.line() + 1;
        match event {
            Event::Scalar(text, style, ..) => {
                let null = style == ScalarStyle::Plain && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
                scalar(&mut levels, &mut said, if null { String::new() } else { text.into_owned() });
            }
            Event::MappingStart(..) | Event::SequenceStart(..) if levels.len() >= MAX_DEPTH => {
                return Err(format!("front matter, line {line}: nested more than {MAX_DEPTH} levels deep"));
            }
            Event::MappingStart(..) => {
                let prefix = name(&mut levels).map(|name| format!("{name}.")).unwrap_or_default();
                levels.push(Level::Map { prefix, key: None });
            }
            Event::SequenceStart(..) => {
                let name = name(&mut levels).unwrap_or_default();
                levels.push(Level::List { name, items: Vec::new() });
            }
            Event::SequenceEnd => {
                if let Some(Level::List { name, items }) = levels.pop() {
                    said.push((name, items.join(", ")));
                }
            }
            Event::MappingEnd => {
                levels.pop();
            }
            Event::Alias(_) => return Err(format!("front matter, line {line}: aliases (*name) are not read: write the value out")),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
        }
    }
    Ok(said)
}

fn scalar(levels: &mut [Level], said: &mut Vec<(String, String)>, text: String) {
    match levels.last_mut() {
        Some(Level::Map { prefix, key }) => match key.take() {
            None => *key = Some(text),
            Some(key) => said.push((format!("{prefix}{key}"), text)),
        },
        Some(Level::List { items, .. }) => items.push(text),
        None => {}
    }
}

/// The name under which a nested value begins.
fn name(levels: &mut [Level]) -> Option<String> {
    match levels.last_mut() {
        Some(Level::Map { prefix, key }) => Some(format!("{prefix}{}", key.take().unwrap_or_default())),
        Some(Level::List { name, .. }) => Some(name.clone()),
        None => None,
    }
}

fn toml(block: &str) -> Result<Vec<(String, String)>, String> {
    let table: toml::Table = block.parse().map_err(|error: toml::de::Error| format!("front matter: {}", error.message()))?;
    let mut said = Vec::new();
    flatten("", &table, &mut said);
    Ok(said)
}

fn flatten(prefix: &str, table: &toml::Table, said: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let name = format!("{prefix}{key}");
        match value {
            toml::Value::Table(inner) => flatten(&format!("{name}."), inner, said),
            toml::Value::Array(items) => said.push((name, items.iter().map(plain).collect::<Vec<_>>().join(", "))),
            other => said.push((name, plain(other))),
        }
    }
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

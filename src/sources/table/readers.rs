//! Cutting files into rows. Each reader knows one format, checks what must be bounded, and hands rows on as it goes.

mod blocks;
mod csv;
mod filter;
mod fixed;
mod ini;
mod json;
mod lines;
mod sheet;
mod workbook;

use std::collections::BTreeMap;

use regex::Regex;

use crate::sources::SourceError;
use crate::sources::dates::DateFormat;
use crate::sources::text::Encoding;

use super::cell::Cells;
use super::config::{ColumnName, CountOrRegex, FixedColumn, Format, Header, Read};
use super::input::Input;
use super::plan::{ConfigError, dates, multi_line, regex};

/// What a reader tells.
pub(super) trait Rows {
    /// The header of the file (`None`: positions only). Returns which columns are secret. Refuses a file that lacks a column.
    fn header(&mut self, names: Option<&[String]>) -> Result<Vec<bool>, SourceError>;
    fn row(&mut self, number: u64, row: &dyn Cells) -> Result<(), SourceError>;
    /// A row that could not be cut into cells.
    fn bad(&mut self, number: u64, reason: &str, excerpt: &str) -> Result<(), SourceError>;
    /// A banner or trailer line.
    fn aside(&mut self, line: &str);
    /// A text that says when the content was true.
    fn content_date(&mut self, text: &str);
    /// An independent count of the rows.
    fn total(&mut self, count: u64);
    /// Rows were lost beyond what `bad` can count.
    fn incomplete(&mut self, why: &str);
}

/// A checked and compiled `[read]`.
#[derive(Debug)]
pub(super) struct ReadPlan {
    pub format: Format,
    encodings: Vec<Encoding>,
    banner: Banner,
    pub trailer: Option<Regex>,
    /// Looked for in banner and trailer lines.
    pub content_at: Option<(Regex, Vec<DateFormat>)>,
    content_pointer: Option<(String, Vec<DateFormat>)>,
    csv: csv::Dialect,
    header: Header,
    sheet: ColumnName,
    records: String,
    total: Option<String>,
    pub pages: bool,
    pattern: Option<Regex>,
    skip: Option<Regex>,
    begin: Option<Regex>,
    end: Option<Regex>,
    find: BTreeMap<String, Regex>,
    columns: Vec<FixedColumn>,
    /// Columns the mapping names; JSON has no header to find them in.
    pub wanted: Vec<String>,
    /// Whether the columns it does not name are wanted too.
    pub rest: bool,
}

/// Lines above the data.
#[derive(Debug)]
enum Banner {
    None,
    Count(u64),
    Matching(Regex),
}

impl Banner {
    /// Whether the line of this number still belongs to it.
    fn covers(&self, number: u64, line: &str) -> bool {
        match self {
            Self::None => false,
            Self::Count(count) => number <= *count,
            Self::Matching(pattern) => pattern.is_match(line),
        }
    }
}

impl ReadPlan {
    pub(super) fn compile(read: &Read) -> Result<Self, ConfigError> {
        let format = read.format.ok_or_else(|| {
            ConfigError::new("read.format", "say how the file is written: csv, xlsx, ods, json, jsonl, ini, lines, blocks or fixed")
        })?;
        check_keys(read, format)?;
        let labels = read.encodings.clone().unwrap_or_else(|| vec!["utf-8".to_owned(), "windows-1252".to_owned()]);
        let encodings = labels
            .iter()
            .map(|label| Encoding::named(label).map_err(|error| ConfigError::new("read.encodings", error.to_string())))
            .collect::<Result<Vec<_>, _>>()?;
        if encodings.is_empty() {
            return Err(ConfigError::new("read.encodings", "name at least one"));
        }
        let banner = match &read.banner {
            None => Banner::None,
            Some(CountOrRegex::Count(count)) => Banner::Count(*count),
            Some(CountOrRegex::Regex(pattern)) => Banner::Matching(regex(pattern, "read.banner")?),
        };
        let optional = |pattern: &Option<String>, key| pattern.as_ref().map(|p| regex(p, key)).transpose();
        let mut content_at = None;
        let mut content_pointer = None;
        if let Some(at) = &read.content_at {
            let mut formats = dates(at.date.as_ref(), "read.content_at")?;
            if formats.is_empty() {
                formats.push(DateFormat::Iso);
            }
            match (&at.regex, &at.pointer) {
                (Some(pattern), None) => content_at = Some((regex(pattern, "read.content_at.regex")?, formats)),
                (None, Some(pointer)) => content_pointer = Some((pointer.clone(), formats)),
                _ => return Err(ConfigError::new("read.content_at", "say either regex or pointer")),
            }
        }
        let find = read
            .find
            .iter()
            .flatten()
            .map(|(name, pattern)| Ok((name.clone(), multi_line(pattern, &format!("read.find.{name}"))?)));
        Ok(Self {
            format,
            encodings,
            banner,
            trailer: optional(&read.trailer, "read.trailer")?,
            content_at,
            content_pointer,
            csv: csv::Dialect::compile(read)?,
            header: read.header.unwrap_or(Header::Flag(true)),
            sheet: read.sheet.clone().unwrap_or(ColumnName::Position(1)),
            records: pointer(read.records.as_deref().unwrap_or_default(), "read.records")?,
            total: read.total.as_ref().map(|total| pointer(total, "read.total")).transpose()?,
            pages: read.pages.unwrap_or(false),
            pattern: optional(&read.pattern, "read.pattern")?,
            skip: optional(&read.skip, "read.skip")?,
            begin: optional(&read.begin, "read.begin")?,
            end: optional(&read.end, "read.end")?,
            find: find.collect::<Result<_, ConfigError>>()?,
            columns: read.columns.clone().unwrap_or_default(),
            wanted: vec![],
            rest: false,
        })
    }

    /// Formats of the date that says when the content was true.
    pub(super) fn content_dates(&self) -> &[DateFormat] {
        self.content_at
            .as_ref()
            .map(|(_, dates)| dates)
            .or(self.content_pointer.as_ref().map(|(_, dates)| dates))
            .map_or(&[], Vec::as_slice)
    }

    /// Reads one file.
    pub(super) fn read(&self, input: &mut Input<'_>, rows: &mut dyn Rows) -> Result<(), SourceError> {
        match self.format {
            Format::Csv => csv::read(self, input, rows),
            Format::Xlsx | Format::Ods => sheet::read(self, input, rows),
            Format::Json => json::document(self, input, rows),
            Format::Jsonl => json::lines(self, input, rows),
            Format::Ini => ini::read(self, input, rows),
            Format::Lines => lines::read(self, input, rows),
            Format::Blocks => blocks::read(self, input, rows),
            Format::Fixed => fixed::read(self, input, rows),
        }
    }
}

fn pointer(text: &str, key: &str) -> Result<String, ConfigError> {
    if text.is_empty() || text.starts_with('/') {
        return Ok(text.to_owned());
    }
    Err(ConfigError::new(key, format!("\"{text}\" is not a JSON pointer; it starts with a slash: \"/{text}\"")))
}

/// Keys that a format needs, and keys that it would not look at.
fn check_keys(read: &Read, format: Format) -> Result<(), ConfigError> {
    use Format::{Blocks, Csv, Fixed, Ini, Json, Jsonl, Lines, Ods, Xlsx};
    let given: [(&str, bool, &[Format]); 18] = [
        ("delimiter", read.delimiter.is_some(), &[Csv]),
        ("quote", read.quote.is_some(), &[Csv]),
        ("escape", read.escape.is_some(), &[Csv]),
        ("header", read.header.is_some(), &[Csv, Xlsx, Ods]),
        ("ragged", read.ragged.is_some(), &[Csv]),
        ("sheet", read.sheet.is_some(), &[Xlsx, Ods]),
        ("records", read.records.is_some(), &[Json]),
        ("total", read.total.is_some(), &[Json]),
        ("pages", read.pages.is_some(), &[Json]),
        ("pattern", read.pattern.is_some(), &[Lines]),
        ("skip", read.skip.is_some(), &[Lines, Ini, Fixed]),
        ("begin", read.begin.is_some(), &[Blocks]),
        ("end", read.end.is_some(), &[Blocks]),
        ("find", read.find.is_some(), &[Blocks]),
        ("columns", read.columns.is_some(), &[Fixed]),
        ("banner", read.banner.is_some(), &[Csv, Lines, Fixed]),
        ("trailer", read.trailer.is_some(), &[Csv, Lines, Fixed]),
        ("encodings", read.encodings.is_some(), &[Csv, Json, Jsonl, Ini, Lines, Blocks, Fixed]),
    ];
    for (key, is_given, formats) in given {
        if is_given && !formats.contains(&format) {
            let message = format!("this key is not for format {format:?}; remove it").to_lowercase();
            return Err(ConfigError::new(format!("read.{key}"), message));
        }
    }
    let missing = match format {
        Lines if read.pattern.is_none() => Some("pattern"),
        Blocks if read.begin.is_none() => Some("begin"),
        Blocks if read.find.is_none() => Some("find"),
        Fixed if read.columns.is_none() => Some("columns"),
        _ => None,
    };
    if let Some(key) = missing {
        return Err(ConfigError::new(format!("read.{key}"), "this format needs it"));
    }
    if let Some(bad) = read.columns.iter().flatten().find(|column| column.start == 0 || column.width == 0) {
        return Err(ConfigError::new("read.columns", format!("\"{}\": start counts from 1, and width is at least 1", bad.name)));
    }
    Ok(())
}

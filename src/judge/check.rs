//! A check as data: its file, read and refused with a position when something is wrong.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::finding::{Severity, Text};
use super::params::{self, Expression};
use crate::place::FileError;
use crate::snapshot::schema::TABLES;
use crate::store::digest;

/// A file of checks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CheckFile {
    check: BTreeMap<String, Declared>,
}

/// One check as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Declared {
    /// Controls it speaks for.
    controls: Vec<String>,
    severity: Severity,
    /// Tables it rests on, and how old their evidence may be.
    #[schemars(with = "BTreeMap<String, String>")]
    needs: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Expression>")]
    params: BTreeMap<String, Spanned<Expression>>,
    /// Subjects judged; the first column is their key.
    #[schemars(with = "String")]
    population: Spanned<String>,
    /// Subjects that do not conform.
    #[schemars(with = "String")]
    exceptions: Spanned<String>,
    /// Subjects of whom the sources cannot tell.
    #[schemars(with = "Option<String>")]
    undetermined: Option<Spanned<String>>,
    /// Why no subject can be undetermined although the exceptions read columns that may be null.
    determined: Option<String>,
    fr: Words,
    en: Words,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Words {
    title: String,
    #[serde(default)]
    rationale: String,
    remediation: String,
}

/// One of a check's queries.
#[derive(Debug, Clone)]
pub struct Query {
    pub sql: String,
    /// Where its text begins in the file, to point into it.
    pub span: Range<usize>,
}

/// A check that can be run.
#[derive(Debug, Clone)]
pub struct Check {
    pub id: String,
    pub file: String,
    /// The whole file, for positions and for the bundle.
    pub source: String,
    pub sha256: String,
    pub controls: Vec<String>,
    pub severity: Severity,
    /// Table and hours.
    pub needs: BTreeMap<String, u64>,
    pub params: BTreeMap<String, (Expression, usize)>,
    pub population: Query,
    pub exceptions: Query,
    pub undetermined: Option<Query>,
    pub title: Text,
    pub rationale: Text,
    pub remediation: Text,
}

impl Check {
    /// The queries with the names they have in the file.
    pub fn queries(&self) -> impl Iterator<Item = (&'static str, &Query)> {
        [
            ("population", Some(&self.population)),
            ("exceptions", Some(&self.exceptions)),
            ("undetermined", self.undetermined.as_ref()),
        ]
        .into_iter()
        .filter_map(|(name, query)| Some((name, query?)))
    }
}

/// Reads a file of checks.
pub fn read(file: &str, source: &str) -> Result<Vec<Check>, FileError> {
    let parsed: CheckFile = toml::from_str(source).map_err(|error| FileError::toml(file, source, &error))?;
    parsed.check.into_iter().map(|(id, declared)| declared.check(id, file, source)).collect()
}

/// JSON Schema of a file of checks.
#[must_use]
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(CheckFile)
}

impl Declared {
    fn check(self, id: String, file: &str, source: &str) -> Result<Check, FileError> {
        let header = source.find(&format!("[check.{id}]")).unwrap_or(0);
        let refuse = |byte: usize, message: String| FileError::at(file, source, byte, message);
        if self.controls.is_empty() {
            return Err(refuse(header, format!("check {id} speaks for no control; list at least one in `controls`")));
        }
        if self.needs.is_empty() {
            return Err(refuse(header, format!("check {id} names no table in `needs`")));
        }
        let mut needs = BTreeMap::new();
        for (table, age) in self.needs {
            if !TABLES.iter().any(|known| known.name == table) {
                let known: Vec<&str> = TABLES.iter().map(|known| known.name).collect();
                return Err(refuse(age.span().start, format!("there is no table `{table}`; the tables are {}", known.join(", "))));
            }
            let hours = params::hours(age.get_ref()).map_err(|message| refuse(age.span().start, message))?;
            needs.insert(table, hours);
        }
        for query in [Some(&self.population), Some(&self.exceptions), self.undetermined.as_ref()].into_iter().flatten() {
            if let Some(at) = bare_distinct(query.get_ref()) {
                let within = source.get(query.span()).and_then(|text| text.find(at)).unwrap_or(0);
                return Err(refuse(
                    query.span().start + within,
                    format!("`{at}`: put the comparison in parentheses; the engine reads what follows AND or OR as its right side"),
                ));
            }
        }
        if self.undetermined.is_none() && self.determined.is_none() {
            let nullable = nullable_columns(self.exceptions.get_ref(), needs.keys());
            if !nullable.is_empty() {
                return Err(refuse(
                    self.exceptions.span().start,
                    format!(
                        "check {id} decides on columns that may be null ({}): say in `undetermined` which subjects a source cannot tell of, or in `determined = \"…\"` why there can be none",
                        nullable.join(", ")
                    ),
                ));
            }
        }
        let query = |text: Spanned<String>| {
            let span = text.span();
            Query { sql: text.into_inner(), span }
        };
        let text = |pick: fn(&Words) -> &String| Text { fr: pick(&self.fr).clone(), en: pick(&self.en).clone() };
        Ok(Check {
            file: file.to_owned(),
            source: source.to_owned(),
            sha256: digest::hex(source.as_bytes()),
            controls: self.controls.clone(),
            severity: self.severity,
            needs,
            params: self.params.into_iter().map(|(name, value)| (name, (value.get_ref().clone(), value.span().start))).collect(),
            population: query(self.population),
            exceptions: query(self.exceptions),
            undetermined: self.undetermined.map(query),
            title: text(|w| &w.title),
            rationale: text(|w| &w.rationale),
            remediation: text(|w| &w.remediation),
            id,
        })
    }
}

/// `x IS DISTINCT FROM y AND ...` without parentheses: Polars 0.55 takes `y AND ...` for the right side, silently.
fn bare_distinct(sql: &str) -> Option<&str> {
    static BARE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?is)\bDISTINCT\s+FROM\s+('[^']*'|[\w.]+)\s+(AND|OR)\b").ok());
    BARE.as_ref()?.find(sql).map(|found| found.as_str())
}

/// Nullable columns of the needed tables that the conditions of a query compare (not merely test for null).
fn nullable_columns<'a>(sql: &str, tables: impl Iterator<Item = &'a String>) -> Vec<&'static str> {
    let lower = sql.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let conditions_from = words.iter().position(|word| matches!(*word, "where" | "on" | "having")).unwrap_or(words.len());
    let conditions = words.get(conditions_from..).unwrap_or_default();
    let compared =
        |column: &str| conditions.iter().enumerate().any(|(at, word)| *word == column && conditions.get(at + 1) != Some(&"is"));
    let mut found: Vec<&'static str> = tables
        .filter_map(|name| TABLES.iter().find(|table| table.name == name))
        .flat_map(|table| table.columns)
        .filter(|column| column.nullable && compared(column.name))
        .map(|column| column.name)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Byte of the file that a message of the SQL engine points at: `Line: 2, Column: 8`, or a name it quotes.
#[must_use]
pub fn locate(source: &str, query: &Query, message: &str) -> usize {
    let number = |key: &str| -> Option<usize> {
        let at = message.find(key)? + key.len();
        message.get(at..)?.split(|c: char| !c.is_ascii_digit()).find(|part| !part.is_empty())?.parse().ok()
    };
    let within = source.get(query.span.clone()).unwrap_or_default();
    // The text starts after its opening quotes, and TOML drops a newline right behind them.
    let body = query.span.start + within.find(|c: char| c != '"' && c != '\'' && c != '\n' && c != '\r').unwrap_or(0);
    if let (Some(line), Some(column)) = (number("Line: "), number("Column: ")) {
        let text = source.get(body..query.span.end).unwrap_or_default();
        let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        return body + start + column.saturating_sub(1);
    }
    let quoted = message.split(['"', '\'', '`']).skip(1).step_by(2).chain(message.split(':').skip(1).map(str::trim));
    for name in quoted.filter(|name| !name.is_empty()) {
        if let Some(at) = source.get(body..query.span.end).and_then(|text| text.find(name)) {
            return body + at;
        }
    }
    body
}

//! What a mapping says, as it is typed in `probant.toml`. Everything is optional here so that a preset can lie beneath;
//! `plan` refuses what does not make sense together.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub(super) use super::literals::{ColumnName, Literal, OneOrMany};

/// `kind = "table"`: a declared mapping from rows to records.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// File, or files; `*` and `?` are allowed in the file name.
    pub path: Option<OneOrMany<String>>,
    /// Kind of record the rows become: people, accounts, grants, assets, `backup_jobs`, ...
    pub record: Option<String>,
    /// Shipped mapping to start from; own keys win.
    pub preset: Option<String>,
    /// System of the roster that employee numbers of owners belong to.
    pub people: Option<String>,
    /// System of the roster of assets that `asset` refers to.
    pub assets: Option<String>,
    /// How to cut the file into rows.
    #[serde(default)]
    pub read: Read,
    /// Target field = where it comes from.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldSpec>,
    /// A row for which any of these holds is out of scope.
    pub skip_when: Option<Vec<Test>>,
    /// Only rows for which all of these hold are in scope.
    pub keep_when: Option<Vec<Test>>,
    /// Of the rows with one key, only the latest makes a record.
    pub latest: Option<Latest>,
    /// Entitlements that accounts or grants bring.
    #[serde(default)]
    pub rights: Rights,
    /// Columns whose value never leaves the file.
    pub redact: Option<Vec<ColumnName>>,
    /// Columns kept as JSON attributes of accounts.
    pub attributes: Option<Vec<ColumnName>>,
    /// `attributes`: every column that nothing else uses is kept as an attribute of accounts.
    pub rest: Option<String>,
}

/// How to cut the file into rows.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    pub format: Option<Format>,
    /// Tried in order; default utf-8 then windows-1252.
    pub encodings: Option<Vec<String>>,
    /// Words that mean "not told".
    pub null: Option<Vec<String>>,
    pub decimal_comma: Option<bool>,
    /// Lines to skip at the top: how many, or a regex they match.
    pub banner: Option<CountOrRegex>,
    /// Regex of lines that are not data; its group `count` is checked against the rows.
    pub trailer: Option<String>,
    /// Where the file says when it was true.
    pub content_at: Option<ContentAt>,
    pub delimiter: Option<String>,
    pub quote: Option<String>,
    pub escape: Option<String>,
    /// true, false, or the line (row of a sheet) the header is on.
    pub header: Option<Header>,
    /// Rows may lack trailing cells.
    pub ragged: Option<bool>,
    /// Name or 1-based number of the sheet.
    pub sheet: Option<ColumnName>,
    /// JSON pointer to the array of records.
    pub records: Option<String>,
    /// JSON pointer to the independent count.
    pub total: Option<String>,
    /// The files are pages of one answer.
    pub pages: Option<bool>,
    /// Regex of a row; its named groups are the columns.
    pub pattern: Option<String>,
    /// Regex of lines that are no rows.
    pub skip: Option<String>,
    /// Regex of the line a block starts at.
    pub begin: Option<String>,
    /// Regex of the line it ends with.
    pub end: Option<String>,
    /// Column = regex with one group, looked for in the block.
    pub find: Option<BTreeMap<String, String>>,
    /// Fixed-width columns.
    pub columns: Option<Vec<FixedColumn>>,
}

/// The readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Csv,
    Xlsx,
    Ods,
    Json,
    Jsonl,
    Ini,
    Lines,
    Blocks,
    Fixed,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CountOrRegex {
    Count(u64),
    Regex(String),
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Header {
    Flag(bool),
    Line(u64),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentAt {
    /// Looked for in banner and trailer lines; its first group is the date.
    pub regex: Option<String>,
    /// Where a JSON document says it.
    pub pointer: Option<String>,
    pub date: Option<OneOrMany<String>>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedColumn {
    pub name: String,
    /// First character, from 1.
    pub start: usize,
    /// Characters.
    pub width: usize,
}

/// Where a field comes from: a column, a position, a list of aliases, or a table that says more.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum FieldSpec {
    Column(ColumnName),
    Aliases(Vec<ColumnName>),
    Table(Box<FieldTable>),
}

/// The long form of a field.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldTable {
    pub column: Option<OneOrMany<ColumnName>>,
    pub columns: Option<Vec<ColumnName>>,
    pub join: Option<String>,
    pub first_of: Option<Vec<ColumnName>>,
    pub template: Option<String>,
    #[serde(rename = "const")]
    pub constant: Option<Literal>,
    /// Column = the name that its being true adds to the list.
    pub flags: Option<BTreeMap<String, String>>,
    /// Keep the first group of this regex.
    pub extract: Option<String>,
    /// Cut into a list here.
    pub split: Option<String>,
    pub values: Option<BTreeMap<String, Literal>>,
    /// For words `values` does not list: error, null, keep, or a literal.
    pub default: Option<Literal>,
    /// Used when the cell is empty.
    pub empty: Option<Literal>,
    pub null: Option<Vec<String>>,
    pub date: Option<OneOrMany<String>>,
    pub zone: Option<String>,
    pub yes: Option<Vec<String>>,
    pub no: Option<Vec<String>>,
    pub unit: Option<String>,
    /// KB and Ko are 1024 bytes.
    pub binary: Option<bool>,
    pub thousands: Option<String>,
    pub decimal_comma: Option<bool>,
    pub required: Option<bool>,
    /// The column may be missing from the file.
    pub optional: Option<bool>,
    pub cases: Option<Vec<Case>>,
}

/// A value that holds when all its tests do.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub when: Vec<Test>,
    pub value: Literal,
}

/// One question about one column.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Test {
    pub column: OneOrMany<ColumnName>,
    pub equals: Option<Literal>,
    #[serde(rename = "in")]
    pub among: Option<Vec<Literal>>,
    pub not_in: Option<Vec<Literal>>,
    pub matches: Option<String>,
    pub not_matches: Option<String>,
    pub empty: Option<bool>,
    pub same_as: Option<ColumnName>,
    pub differs_from: Option<ColumnName>,
    pub above: Option<f64>,
    pub below: Option<f64>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Latest {
    pub key: ColumnName,
    pub by: ColumnName,
    pub date: Option<OneOrMany<String>>,
    pub zone: Option<String>,
}

/// Entitlements that accounts or grants bring.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// What they are on; default: the system.
    pub resource: Option<String>,
    /// Names that give administration.
    pub privileged: Option<Vec<String>>,
    /// Or a regex of them.
    pub privileged_matches: Option<String>,
    /// Grants also make one account per holder.
    pub declare_accounts: Option<bool>,
}

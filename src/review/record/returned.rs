//! What the log keeps of a returned workbook, besides its decisions: what was said about it, who signed it, what was asked for.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// What becomes of what is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Taken; worth knowing.
    Accept,
    /// Taken, with a doubt that someone should look at.
    Warn,
    /// Not taken.
    Refuse,
}

/// Something said, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub code: String,
    pub severity: Severity,
    pub file: String,
    /// Name of the reviewer, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// As the spreadsheet numbers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    pub fr: String,
    pub en: String,
}

impl Note {
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        lang.pick(&self.fr, &self.en)
    }
}

/// The sign-off: who decided, in what role, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub name: String,
    pub role: String,
    pub on: Date,
}

/// The file's own times, where its program wrote them. They can be forged, and only ever raise a question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    pub saved_at: Option<Timestamp>,
    /// Whole minutes that the file was open for editing; 0 and absent are "not told".
    pub editing_minutes: Option<u32>,
    pub saved_by: Option<String>,
}

/// A row that someone added: a request, never a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub sheet: String,
    pub row: u32,
    pub text: String,
}

//! The quarter's report: one self-contained HTML file that formats an [`Assessment`] and adds no judgement to it.
//!
//! `view` turns the assessment into what a page shows (sorted, counted, formatted), `page` lays it out with Tera. Every
//! word comes from `templates/report/texts.*.toml`. The file loads nothing and its Content-Security-Policy lets no other
//! script or style run than the two it carries.

mod format;
mod page;
#[cfg(test)]
mod tests;
mod texts;
mod view;

use std::collections::BTreeMap;

use crate::judge::finding::Assessment;
use crate::lang::Lang;
use crate::review::record::campaign::Head;
use crate::review::remediation::FollowUp;
use crate::review::underway::status::Status;

/// Names of the files made in the same run, to be mentioned: the report never opens them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLinks {
    /// File name of the sealed bundle, when one was made.
    pub bundle: Option<String>,
    /// Folder name of the snapshot.
    pub snapshot: Option<String>,
    /// File names of the access-review workbooks.
    pub workbooks: Vec<String>,
    /// Titles of sources, by id: what people call them.
    pub titles: BTreeMap<String, String>,
    /// File name of the findings as JSON, to which long lists refer.
    pub findings: String,
    /// Access reviews: those still open first.
    pub campaigns: Vec<CampaignState>,
}

/// An access review as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignState {
    pub head: Head,
    pub status: Status,
    /// Once it is closed and was followed.
    pub follow_up: Option<FollowUp>,
}

impl Default for ReportLinks {
    fn default() -> Self {
        Self {
            bundle: None,
            snapshot: None,
            workbooks: Vec::new(),
            titles: BTreeMap::new(),
            findings: "findings.json".to_owned(),
            campaigns: Vec::new(),
        }
    }
}

/// The report cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the assessment's zone `{zone}` is not a known time zone; write an IANA name such as Europe/Paris in [organisation]")]
    Zone { zone: String, source: jiff::Error },
    #[error("the assessment's `{field}` is `{value}`, which is not an RFC 3339 instant; run `probant assess` again")]
    Instant { field: &'static str, value: String, source: jiff::Error },
    #[error("the report's {lang} texts cannot be read: {source}")]
    Texts { lang: &'static str, source: Box<toml::de::Error> },
    #[error("the report's template cannot be filled in: {0}")]
    Template(#[from] tera::Error),
}

/// Formats an assessment as one HTML page. Same input, same bytes.
pub fn render(assessment: &Assessment, lang: Lang, links: &ReportLinks) -> Result<String, ReportError> {
    let texts = texts::Texts::load(lang)?;
    let format = format::Format::new(lang, &assessment.zone, texts)?;
    let report = view::Report::of(assessment, links, &format)?;
    page::fill(&report, &format)
}

//! What the page shows: the assessment sorted, counted and formatted. Nothing here decides a status.

mod badge;
mod chart;
mod control;
mod finding;
mod glance;
mod review;
mod source;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

pub(super) use badge::STATUSES;
#[cfg(test)]
#[cfg(test)]
pub(super) use finding::ROW_LIMIT;

use self::badge::{Badge, SEVERITIES};
use self::control::Theme;
use self::finding::FindingView;
use self::glance::{Alarm, Glance};
use self::review::ReviewView;
use self::source::SourceView;
use super::format::Format;
use super::{ReportError, ReportLinks};
use crate::judge::finding::{Assessment, CollectionSummary, Finding};

/// A place in this page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Link {
    pub(super) anchor: Option<String>,
    pub(super) words: String,
}

/// One term of a sum.
#[derive(Debug, Serialize)]
struct Term {
    /// Name of the style.
    id: &'static str,
    count: String,
    word: String,
}

/// A line of a small table: words, a number, what it means.
#[derive(Debug, Serialize)]
struct Line {
    words: String,
    count: String,
    meaning: Option<String>,
}

/// The whole page.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    organisation: &'a str,
    framework: String,
    period_start: String,
    period_end: String,
    period_label: String,
    as_of: String,
    zone: &'a str,
    snapshot: &'a str,
    tool_version: &'a str,
    schema: &'a str,
    alarms: Vec<Alarm>,
    glance: Glance,
    findings: Vec<FindingView<'a>>,
    themes: Vec<Theme<'a>>,
    control_count: u64,
    control_unit: String,
    reviews: Vec<ReviewView>,
    sources: Vec<SourceView<'a>>,
    accounts: Vec<Line>,
    outside: Vec<Line>,
    tables: Vec<Line>,
    statuses: Vec<(Badge, String)>,
    severities: Vec<Badge>,
    files: Files<'a>,
}

/// The files made in the same run.
#[derive(Debug, Serialize)]
struct Files<'a> {
    bundle: Option<&'a str>,
    /// The bundle's name as one word of a shell.
    bundle_word: String,
    snapshot: Option<&'a str>,
    findings: &'a str,
    workbooks: Vec<&'a str>,
}

/// What every part of the page needs while it is made.
pub(super) struct Maker<'a> {
    pub(super) assessment: &'a Assessment,
    pub(super) format: &'a Format,
    pub(super) as_of: Timestamp,
    pub(super) findings_file: &'a str,
    pub(super) titles: &'a BTreeMap<String, String>,
    pub(super) findings: BTreeMap<&'a str, (&'a Finding, String)>,
    pub(super) sources: BTreeMap<&'a str, (&'a CollectionSummary, String)>,
    pub(super) controls: BTreeMap<&'a str, (&'a str, String)>,
}

impl<'a> Report<'a> {
    pub(super) fn of(a: &'a Assessment, links: &'a ReportLinks, format: &'a Format) -> Result<Self, ReportError> {
        let as_of = instant("as_of", &a.as_of)?;
        let maker = Maker::new(a, links, format, as_of);
        let start = instant("period.start", &a.period.start)?;
        let end = instant("period.end", &a.period.end)?;
        Ok(Self {
            organisation: &a.organisation,
            framework: format.texts.or_raw("framework", &a.framework),
            period_start: format.day_of(start),
            period_end: format.day_before(end),
            period_label: format.lang.period(&a.period.label),
            as_of: format.instant(&a.as_of),
            zone: &a.zone,
            snapshot: &a.snapshot_id,
            tool_version: &a.tool_version,
            schema: &a.schema,
            alarms: glance::alarms(&maker),
            glance: Glance::of(&maker),
            findings: finding::all(&maker),
            themes: control::themes(&maker),
            control_count: size(a.controls.len()),
            control_unit: format.texts.unit("control", size(a.controls.len())),
            reviews: review::all(&maker, &links.campaigns),
            sources: source::all(&maker),
            accounts: maker.lines(&a.links, "link_status", Some("link_meaning")),
            outside: maker.lines(&a.outside_perimeter, "system", None),
            tables: maker.lines(&a.tables, "table", None),
            statuses: STATUSES.iter().map(|s| maker.status_meaning(*s)).collect(),
            severities: SEVERITIES.iter().map(|s| maker.severity(*s)).collect(),
            files: Files::of(links, format),
        })
    }
}

impl<'a> Files<'a> {
    fn of(links: &'a ReportLinks, format: &Format) -> Self {
        let example = format.texts.or_raw("verify", "sample_bundle");
        Self {
            bundle: links.bundle.as_deref(),
            bundle_word: shell_word(links.bundle.as_deref().unwrap_or(&example)),
            snapshot: links.snapshot.as_deref(),
            findings: &links.findings,
            workbooks: links.workbooks.iter().map(String::as_str).collect(),
        }
    }
}

impl<'a> Maker<'a> {
    fn new(assessment: &'a Assessment, links: &'a ReportLinks, format: &'a Format, as_of: Timestamp) -> Self {
        let findings = assessment.findings.iter().enumerate();
        let sources = assessment.collections.iter().enumerate();
        let controls = assessment.controls.iter().enumerate();
        Self {
            assessment,
            format,
            as_of,
            findings_file: &links.findings,
            titles: &links.titles,
            findings: findings.map(|(n, f)| (f.check_id.as_str(), (f, anchor("finding", &f.check_id, n)))).collect(),
            sources: sources.map(|(n, c)| (c.collection_id.as_str(), (c, anchor("source", "", n)))).collect(),
            controls: controls.map(|(n, c)| (c.id.as_str(), (text(format, &c.title), anchor("control", &c.id, n)))).collect(),
        }
    }

    fn lines(&self, counts: &BTreeMap<String, u64>, section: &str, meaning: Option<&str>) -> Vec<Line> {
        let line = |(key, n): (&String, &u64)| Line {
            words: self.format.texts.or_raw(section, key),
            count: self.format.number(*n),
            meaning: meaning.map(|m| self.format.texts.or_raw(m, key)),
        };
        counts.iter().map(line).collect()
    }

    pub(super) fn words(&self, section: &str, key: &str) -> String {
        self.format.texts.or_raw(section, key)
    }

    pub(super) fn text(&self, both: &'a crate::judge::finding::Text) -> &'a str {
        text(self.format, both)
    }
}

fn text<'a>(format: &Format, both: &'a crate::judge::finding::Text) -> &'a str {
    format.lang.pick(&both.fr, &both.en)
}

/// A name for a place of the page: ids that come from data are used only when they are plain, so that a hostile one can
/// neither break a link nor take another's place.
fn anchor(prefix: &str, id: &str, place: usize) -> String {
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    if plain { format!("{prefix}-{id}") } else { format!("{prefix}--{place}") }
}

/// A word of a POSIX shell, quoted when it has to be.
fn shell_word(name: &str) -> String {
    let plain = !name.starts_with('-') && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/'));
    if plain { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}

fn instant(field: &'static str, value: &str) -> Result<Timestamp, ReportError> {
    value.parse().map_err(|source| ReportError::Instant { field, value: value.to_owned(), source })
}

/// A length as a count.
fn size(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

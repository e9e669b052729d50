//! One source: how many rows it held, where each went, and of when it is.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use super::badge::Badge;
use super::{Maker, Term, size};
use crate::judge::finding::{CollectionSummary, Status};
use crate::outputs::report::texts::fill;

#[derive(Debug, Serialize)]
pub(super) struct SourceView<'a> {
    anchor: Option<String>,
    /// Title, or the id of a source that has none.
    title: &'a str,
    source: &'a str,
    system: &'a str,
    kind: &'a str,
    collection_id: &'a str,
    endpoint: &'a str,
    tables: Vec<String>,
    state: Badge,
    complete: bool,
    reason: Option<Cow<'a, str>>,
    /// Seen, then what it must be the sum of.
    parts: Vec<Term>,
    ties: bool,
    server: String,
    server_agrees: bool,
    evidence_at: Option<String>,
    age: Option<String>,
    basis: String,
    raw_sha256: Option<&'a str>,
    rejects: Vec<(Cow<'a, str>, String)>,
}

/// Whether seen = kept + rejected, as the assessment prints them.
pub(super) fn ties(c: &CollectionSummary) -> bool {
    c.rows_kept.checked_add(c.rows_rejected) == Some(c.rows_seen)
}

/// Every source: those that lost something first, then by name.
pub(super) fn all<'a>(maker: &Maker<'a>) -> Vec<SourceView<'a>> {
    let mut sources: Vec<&CollectionSummary> = maker.assessment.collections.iter().collect();
    sources.sort_by_key(|c| (c.complete && ties(c), c.source.as_str(), c.collection_id.as_str()));
    sources.into_iter().map(|c| view(maker, c)).collect()
}

fn view<'a>(maker: &Maker<'a>, c: &'a CollectionSummary) -> SourceView<'a> {
    let format = maker.format;
    let (status, word) = match (c.complete, &c.evidence_at) {
        (true, _) => (Status::Satisfied, "complete"),
        (false, Some(_)) => (Status::Incomplete, "incomplete"),
        (false, None) => (Status::NotCollected, "not_collected"),
    };
    let seen = format.number(c.rows_seen);
    let term = |id, n| Term { id, count: format.number(n), word: format.texts.unit(id, n) };
    let server = match c.server_count {
        None => maker.words("source", "server_none"),
        Some(n) => {
            let key = if n == c.rows_seen { "server_same" } else { "server_other" };
            fill(&maker.words("source", key), &[("n", &format.number(n)), ("seen", &seen)])
        }
    };
    SourceView {
        anchor: maker.sources.get(c.collection_id.as_str()).map(|(_, anchor)| anchor.clone()),
        title: maker.title(&c.source),
        source: &c.source,
        system: &c.system,
        kind: &c.kind,
        collection_id: &c.collection_id,
        endpoint: &c.endpoint,
        tables: c.tables.iter().map(|t| maker.words("table", t)).collect(),
        state: Badge { word: maker.words("source", word), ..maker.status(status) },
        complete: c.complete,
        reason: c.incomplete_reason.as_deref().map(|why| maker.format.lang.reason(why)),
        parts: vec![term("seen", c.rows_seen), term("kept", c.rows_kept), term("rejected", c.rows_rejected)],
        ties: ties(c),
        server,
        server_agrees: c.server_count.is_none_or(|n| n == c.rows_seen),
        evidence_at: c.evidence_at.as_deref().map(|at| format.instant(at)),
        age: maker.age(c).map(|(_, words)| words),
        basis: maker.words("basis", &c.evidence_at_basis),
        raw_sha256: c.raw_sha256.as_deref(),
        rejects: c.reject_reasons.iter().map(|(why, n)| (format.lang.reason(why), format.number(*n))).collect(),
    }
}

impl<'a> Maker<'a> {
    /// What people call a source.
    pub(super) fn title(&self, source: &'a str) -> &'a str {
        self.titles.get(source).map_or(source, String::as_str)
    }
}

impl Maker<'_> {
    /// Hours between the evidence and the situation examined, and how to say them; none when the date is unknown.
    pub(super) fn age(&self, source: &CollectionSummary) -> Option<(u64, String)> {
        let at: Timestamp = source.evidence_at.as_deref()?.parse().ok()?;
        match u64::try_from(self.as_of.as_second() - at.as_second()) {
            Ok(seconds) => Some((seconds / 3_600, self.format.hours(seconds / 3_600))),
            Err(_later) => Some((0, self.words("source", "age_future"))),
        }
    }

    /// The names of a list of collections, as places of the page.
    pub(super) fn source_links(&self, collections: &[String]) -> Vec<super::Link> {
        let link = |id: &String| match self.sources.get(id.as_str()) {
            Some((c, anchor)) => super::Link { anchor: Some(anchor.clone()), words: self.title(&c.source).to_owned() },
            None => super::Link { anchor: None, words: id.clone() },
        };
        collections.iter().map(link).collect()
    }

    /// How many more there are than are printed, in words; none when all are.
    pub(super) fn more(&self, total: u64, shown: usize) -> Option<String> {
        let left = total.saturating_sub(size(shown));
        if left == 0 {
            return None;
        }
        let values = [("n", self.format.number(left)), ("shown", self.format.number(size(shown)))];
        let [(n, left), (s, shown)] = &values;
        Some(fill(&self.words("finding", "more"), &[(n, left), (s, shown), ("file", self.findings_file)]))
    }
}

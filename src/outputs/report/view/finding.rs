//! One finding: its arithmetic, what it rests on, and the subjects it names.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::badge::Badge;
use super::chart::{Segment, in_words, segments};
use super::{Link, Maker, Term, size};
use crate::judge::finding::{Counts, Finding, Need, Status, Subject};
use crate::outputs::report::texts::fill;

/// Rows of one list that are printed; the rest is counted and to be found in the JSON.
pub(in super::super) const ROW_LIMIT: usize = 200;

#[derive(Debug, Serialize)]
pub(super) struct FindingView<'a> {
    anchor: Option<String>,
    check_id: &'a str,
    title: &'a str,
    severity: Badge,
    status: Badge,
    /// Whether it stands among those to deal with.
    acts: bool,
    broken: bool,
    reason: &'a str,
    /// Empty for a check that gives none.
    rationale: &'a str,
    remediation: &'a str,
    /// `53 exceptions of 2,614`.
    extent: String,
    undetermined_words: Option<String>,
    population: String,
    /// What the population must be the sum of.
    parts: Vec<Term>,
    ties: bool,
    bar: Vec<Segment>,
    bar_in_words: String,
    controls: Vec<(Link, &'a str)>,
    params: Vec<(&'a str, String)>,
    needs: Vec<NeedView>,
    exceptions: List,
    accepted: List,
    undetermined: List,
    expired: &'a [String],
    check_sha256: &'a str,
}

#[derive(Debug, Serialize)]
struct NeedView {
    table: String,
    oldest: Option<String>,
    max_age: String,
    status: Badge,
    collections: Vec<Link>,
}

/// A list of subjects: column heads (words, then the column's own name), rows, and what is left out.
#[derive(Debug, Default, Serialize)]
struct List {
    total: String,
    columns: Vec<(String, String)>,
    rows: Vec<Vec<Option<String>>>,
    more: Option<String>,
}

/// Every finding, worst first: by status, then severity, then number of exceptions.
pub(super) fn all<'a>(maker: &Maker<'a>) -> Vec<FindingView<'a>> {
    let mut findings: Vec<&Finding> = maker.assessment.findings.iter().collect();
    findings.sort_by_key(|f| (Reverse(f.status), Reverse(f.severity), Reverse(f.counts.exceptions), f.check_id.as_str()));
    findings.into_iter().map(|f| view(maker, f)).collect()
}

fn view<'a>(maker: &Maker<'a>, f: &'a Finding) -> FindingView<'a> {
    let bar = if f.status == Status::Broken { Vec::new() } else { bar(maker, f.counts) };
    FindingView {
        anchor: maker.findings.get(f.check_id.as_str()).map(|(_, anchor)| anchor.clone()),
        check_id: &f.check_id,
        title: maker.text(&f.title),
        severity: maker.severity(f.severity),
        status: maker.status(f.status),
        acts: f.status > Status::Satisfied,
        broken: f.status == Status::Broken,
        reason: maker.text(&f.reason),
        rationale: maker.text(&f.rationale),
        remediation: maker.text(&f.remediation),
        extent: extent(maker, f.counts),
        undetermined_words: (f.counts.undetermined > 0).then(|| maker.format.count(f.counts.undetermined, "undetermined")),
        population: maker.format.number(f.counts.population),
        parts: parts(maker, f.counts),
        ties: super::glance::ties(f),
        bar_in_words: in_words(&bar),
        bar,
        controls: f.controls.iter().map(|id| control(maker, id)).collect(),
        params: params(maker, &f.params),
        needs: f.needs.iter().map(|need| need_view(maker, need)).collect(),
        exceptions: subjects(maker, f, &f.exceptions, f.counts.exceptions),
        accepted: accepted(maker, f),
        undetermined: subjects(maker, f, &f.undetermined, f.counts.undetermined),
        expired: &f.expired_exceptions,
        check_sha256: &f.check_sha256,
    }
}

fn bar(maker: &Maker<'_>, c: Counts) -> Vec<Segment> {
    let share = |id: &'static str, n| (Badge { id, word: maker.words("finding", id) }, n);
    let shares = vec![
        share("exceptions", c.exceptions),
        share("undetermined", c.undetermined),
        share("accepted", c.accepted),
        share("conform", c.conform),
    ];
    segments(maker.format, shares, c.population)
}

fn extent(maker: &Maker<'_>, c: Counts) -> String {
    let exceptions = maker.format.count(c.exceptions, "exception");
    let population = maker.format.number(c.population);
    fill(&maker.words("worst", "ratio"), &[("exceptions", &exceptions), ("population", &population)])
}

fn parts(maker: &Maker<'_>, c: Counts) -> Vec<Term> {
    let term = |id, unit, n| Term { id, count: maker.format.number(n), word: maker.format.texts.unit(unit, n) };
    vec![
        term("conform", "conform", c.conform),
        term("exceptions", "exception", c.exceptions),
        term("accepted", "accepted", c.accepted),
        term("undetermined", "undetermined", c.undetermined),
    ]
}

/// A control's number and place, and its title.
fn control<'a>(maker: &Maker<'a>, id: &'a str) -> (Link, &'a str) {
    match maker.controls.get(id) {
        Some((title, anchor)) => (Link { anchor: Some(anchor.clone()), words: id.to_owned() }, title),
        None => (Link { anchor: None, words: id.to_owned() }, ""),
    }
}

fn params<'a>(maker: &Maker<'a>, params: &'a BTreeMap<String, String>) -> Vec<(&'a str, String)> {
    params.iter().map(|(name, value)| (name.as_str(), maker.format.cell(value))).collect()
}

fn need_view(maker: &Maker<'_>, need: &Need) -> NeedView {
    NeedView {
        table: maker.words("table", &need.table),
        oldest: need.oldest_evidence_at.as_deref().map(|at| maker.format.instant(at)),
        max_age: maker.format.hours(need.max_age_hours),
        status: maker.status(need.status),
        collections: maker.source_links(&need.collections),
    }
}

fn subjects(maker: &Maker<'_>, f: &Finding, all: &[Subject], counted: u64) -> List {
    let rows: Vec<_> = all.iter().take(ROW_LIMIT).map(|s| row(maker, f, s)).collect();
    list(maker, f, rows, counted.max(size(all.len())))
}

/// Accepted subjects, with who accepted them, until when, why and under which number.
fn accepted(maker: &Maker<'_>, f: &Finding) -> List {
    let rows: Vec<_> = f.accepted.iter().take(ROW_LIMIT).map(|a| row(maker, f, &a.subject)).collect();
    let mut list = list(maker, f, rows, f.counts.accepted.max(size(f.accepted.len())));
    for (row, a) in list.rows.iter_mut().zip(&f.accepted) {
        let added: [&String; 4] = [&a.approver, &a.expires_on, &a.reason, &a.exception_id];
        row.extend(added.map(|cell| Some(maker.format.cell(cell))));
    }
    let heads = ["approver", "expires", "accepted_reason", "exception_id"];
    list.columns.extend(heads.map(|key| (maker.words("finding", key), String::new())));
    list
}

/// Columns in which a source says why, in English.
const REASON: &str = "incomplete_reason";

/// The key, then the cells.
fn row(maker: &Maker<'_>, f: &Finding, subject: &Subject) -> Vec<Option<String>> {
    let cell = |(n, raw): (usize, &str)| match f.columns.get(n + 1).map(String::as_str) {
        Some(REASON) => maker.format.cell(&maker.format.lang.reason(raw)),
        _ => maker.format.cell(raw),
    };
    let cells = subject.cells.iter().enumerate().map(|(n, raw)| raw.as_deref().map(|raw| cell((n, raw))));
    std::iter::once(Some(maker.format.bounded(&subject.key))).chain(cells).collect()
}

/// A list as wide as its widest row: a cell without a head, or a head without a cell, is shown and not dropped.
fn list(maker: &Maker<'_>, f: &Finding, mut rows: Vec<Vec<Option<String>>>, total: u64) -> List {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0).max(f.columns.len());
    for row in &mut rows {
        row.resize(width, None);
    }
    let head = |n: usize| match f.columns.get(n) {
        Some(name) => (maker.words("column", name), name.clone()),
        None => (format!("({})", n + 1), String::new()),
    };
    let more = maker.more(total, rows.len());
    List { total: maker.format.number(total), columns: (0..width).map(head).collect(), rows, more }
}

//! The first page: what to know before reading, the counts, the charts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::badge::{SEVERITIES, STATUSES};
use super::chart::{Axis, Segment, in_words, segments};
use super::{Link, Maker, size};
use crate::judge::finding::{CollectionSummary, Finding, Severity, Status};
use crate::outputs::report::texts::fill;

/// Something said loudly at the top.
#[derive(Debug, Serialize)]
pub(super) struct Alarm {
    words: String,
    places: Vec<Link>,
}

/// The quarter in numbers.
#[derive(Debug, Serialize)]
pub(super) struct Glance {
    intro: String,
    controls: Vec<Segment>,
    controls_in_words: String,
    severities: Vec<super::badge::Badge>,
    families: Vec<Family>,
    ages: Vec<Age>,
}

/// One family's exceptions.
#[derive(Debug, Serialize)]
struct Family {
    words: String,
    bar: Vec<Segment>,
    /// One a severity, worst first.
    counts: Vec<String>,
    total: String,
}

/// How old one source's evidence is.
#[derive(Debug, Serialize)]
struct Age {
    source: Link,
    evidence_at: Option<String>,
    how_old: Option<String>,
    ttl: Option<String>,
    place: Option<String>,
    ttl_place: Option<String>,
}

impl Glance {
    pub(super) fn of(maker: &Maker<'_>) -> Self {
        let a = maker.assessment;
        let controls = status_segments(maker, a.controls.iter().map(|c| c.status));
        Self {
            intro: intro(maker),
            controls_in_words: in_words(&controls),
            controls,
            severities: SEVERITIES.iter().map(|s| maker.severity(*s)).collect(),
            families: families(maker),
            ages: ages(maker),
        }
    }
}

/// How many there are of each status, as shares.
pub(super) fn status_segments(maker: &Maker<'_>, statuses: impl Iterator<Item = Status>) -> Vec<Segment> {
    let mut counts = BTreeMap::new();
    for status in statuses {
        *counts.entry(status).or_insert(0_u64) += 1;
    }
    let shares = STATUSES.iter().map(|s| (maker.status(*s), counts.get(s).copied().unwrap_or(0))).collect();
    segments(maker.format, shares, counts.values().sum())
}

fn intro(maker: &Maker<'_>) -> String {
    let (a, format) = (maker.assessment, maker.format);
    let total = |of: fn(&CollectionSummary) -> u64| a.collections.iter().map(of).fold(0, u64::saturating_add);
    let counts = [
        ("controls", format.count(size(a.controls.len()), "control")),
        ("findings", format.count(size(a.findings.len()), "finding")),
        ("sources", format.count(size(a.collections.len()), "source")),
        ("rows", format.count(total(|c| c.rows_seen), "row")),
        ("rejected", format.count(total(|c| c.rows_rejected), "rejected")),
    ];
    let counts: Vec<(&str, &str)> = counts.iter().map(|(key, value)| (*key, value.as_str())).collect();
    fill(&maker.words("glance", "intro"), &counts)
}

/// Broken checks, sources that lost something, sources of no known date, sums that do not tie.
pub(super) fn alarms(maker: &Maker<'_>) -> Vec<Alarm> {
    let findings = || maker.assessment.findings.iter();
    let sources = || maker.assessment.collections.iter();
    let untied_findings = findings().filter(|f| f.status != Status::Broken && !ties(f)).map(|f| finding_link(maker, f));
    let untied_sources = sources().filter(|c| !super::source::ties(c));
    let all: [(&str, Vec<Link>); 4] = [
        ("broken", findings().filter(|f| f.status == Status::Broken).map(|f| finding_link(maker, f)).collect()),
        ("incomplete", sources().filter(|c| !c.complete && c.evidence_at.is_some()).map(|c| source_link(maker, c)).collect()),
        ("undated", sources().filter(|c| c.evidence_at.is_none()).map(|c| source_link(maker, c)).collect()),
        ("untied", untied_findings.chain(untied_sources.map(|c| source_link(maker, c))).collect()),
    ];
    let alarm = |(key, places): (&str, Vec<Link>)| {
        let n = maker.format.count(size(places.len()), key);
        Alarm { words: fill(&maker.words("alarm", key), &[("n", &n)]), places }
    };
    all.into_iter().filter(|(_, places)| !places.is_empty()).map(alarm).collect()
}

/// Whether population = conform + exceptions + accepted + undetermined, as the assessment prints them.
pub(super) fn ties(finding: &Finding) -> bool {
    let c = finding.counts;
    let parts = [c.conform, c.exceptions, c.accepted, c.undetermined];
    parts.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n)) == Some(c.population)
}

fn finding_link(maker: &Maker<'_>, finding: &Finding) -> Link {
    let anchor = maker.findings.get(finding.check_id.as_str()).map(|(_, anchor)| anchor.clone());
    Link { anchor, words: maker.format.lang.pick(&finding.title.fr, &finding.title.en).clone() }
}

fn source_link(maker: &Maker<'_>, source: &CollectionSummary) -> Link {
    let anchor = maker.sources.get(source.collection_id.as_str()).map(|(_, anchor)| anchor.clone());
    Link { anchor, words: source.source.clone() }
}

/// The family a check belongs to: the most telling of the tables it rests on.
fn family(finding: &Finding) -> &'static str {
    const TELLING: &[(&str, &str)] = &[
        ("collections", "evidence"),
        ("restore_tests", "restore"),
        ("backup_jobs", "backup"),
        ("changes", "changes"),
        ("incidents", "incidents"),
        ("documents", "documents"),
        ("vulnerabilities", "vulnerabilities"),
        ("accounts", "access"),
        ("grants", "access"),
        ("entitlements", "access"),
        ("people", "access"),
        ("decisions", "access"),
        ("remediations", "access"),
    ];
    let rests_on = |table: &str| finding.needs.iter().any(|need| need.table == table);
    TELLING.iter().find(|(table, _)| rests_on(table)).map_or("other", |(_, family)| family)
}

/// Exceptions by family and severity, most first. A broken check's figures are left out: they are not to be used.
fn families(maker: &Maker<'_>) -> Vec<Family> {
    let mut sums: BTreeMap<&str, BTreeMap<Severity, u64>> = BTreeMap::new();
    for finding in maker.assessment.findings.iter().filter(|f| f.status != Status::Broken && f.counts.exceptions > 0) {
        let sum = sums.entry(family(finding)).or_default().entry(finding.severity).or_insert(0);
        *sum = sum.saturating_add(finding.counts.exceptions);
    }
    let total = |of: &BTreeMap<Severity, u64>| of.values().copied().fold(0, u64::saturating_add);
    let largest = sums.values().map(total).max().unwrap_or(0);
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|(a, x), (b, y)| total(y).cmp(&total(x)).then(a.cmp(b)));
    let family = |(key, of): (&str, BTreeMap<Severity, u64>)| {
        let by_severity: Vec<u64> = SEVERITIES.iter().map(|s| of.get(s).copied().unwrap_or(0)).collect();
        let shares = SEVERITIES.iter().map(|s| maker.severity(*s)).zip(by_severity.iter().copied()).collect();
        Family {
            words: maker.words("family", key),
            bar: segments(maker.format, shares, largest),
            counts: by_severity.iter().map(|n| maker.format.number(*n)).collect(),
            total: maker.format.number(total(&of)),
        }
    };
    sums.into_iter().map(family).collect()
}

/// Every source's age, oldest first, those of no known date before all.
fn ages(maker: &Maker<'_>) -> Vec<Age> {
    let mut sources: Vec<(&CollectionSummary, Option<u64>)> =
        maker.assessment.collections.iter().map(|c| (c, maker.age(c).map(|(hours, _)| hours))).collect();
    sources.sort_by(|(a, x), (b, y)| {
        x.is_some()
            .cmp(&y.is_some())
            .then(y.cmp(x))
            .then_with(|| a.source.cmp(&b.source))
            .then_with(|| a.collection_id.cmp(&b.collection_id))
    });
    let limits = shortest_limits(maker);
    let oldest = sources.iter().filter_map(|(_, age)| *age).chain(limits.values().copied()).max().unwrap_or(0);
    let axis = Axis::new(oldest);
    let age = |(source, hours): (&CollectionSummary, Option<u64>)| {
        let limit = limits.get(source.collection_id.as_str()).copied();
        Age {
            source: source_link(maker, source),
            evidence_at: source.evidence_at.as_deref().map(|at| maker.format.instant(at)),
            how_old: maker.age(source).map(|(_, words)| words),
            ttl: limit.map(|hours| maker.format.hours(hours)),
            place: hours.map(|hours| axis.place(hours)),
            ttl_place: limit.map(|hours| axis.place(hours)),
        }
    };
    sources.into_iter().map(age).collect()
}

/// The shortest time to live that a check asks of each collection, in hours.
fn shortest_limits<'a>(maker: &Maker<'a>) -> BTreeMap<&'a str, u64> {
    let mut limits = BTreeMap::new();
    for need in maker.assessment.findings.iter().flat_map(|f| &f.needs) {
        for collection in &need.collections {
            let limit = limits.entry(collection.as_str()).or_insert(need.max_age_hours);
            *limit = need.max_age_hours.min(*limit);
        }
    }
    limits
}

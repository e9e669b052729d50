//! One control and what speaks for it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::badge::Badge;
use super::chart::{Segment, in_words};
use super::{Link, Maker, size};
use crate::judge::finding::ControlStatus;

/// The controls of one theme.
#[derive(Debug, Serialize)]
pub(super) struct Theme<'a> {
    anchor: String,
    words: String,
    count: u64,
    bar: Vec<Segment>,
    bar_in_words: String,
    controls: Vec<ControlView<'a>>,
}

#[derive(Debug, Serialize)]
struct ControlView<'a> {
    anchor: Option<String>,
    id: &'a str,
    title: &'a str,
    explanation: &'a str,
    status: Badge,
    meaning: String,
    applicable: bool,
    justification: Option<&'a str>,
    implementation: Option<String>,
    owner: Option<&'a str>,
    checks: Vec<(Link, Option<Badge>)>,
    documents: Vec<&'a str>,
}

/// Controls grouped by theme; themes and controls in the order of their numbers.
pub(super) fn themes<'a>(maker: &Maker<'a>) -> Vec<Theme<'a>> {
    let mut controls: Vec<&ControlStatus> = maker.assessment.controls.iter().collect();
    controls.sort_by_cached_key(|c| natural(&c.id));
    let mut order: Vec<&str> = Vec::new();
    let mut by_theme: BTreeMap<&str, Vec<&ControlStatus>> = BTreeMap::new();
    for control in controls {
        if !by_theme.contains_key(control.theme.as_str()) {
            order.push(&control.theme);
        }
        by_theme.entry(&control.theme).or_default().push(control);
    }
    let theme = |(n, key): (usize, &str)| {
        let of = by_theme.get(key).map(Vec::as_slice).unwrap_or_default();
        let bar = super::glance::status_segments(maker, of.iter().map(|c| c.status));
        Theme {
            anchor: super::anchor("theme", key, n),
            words: maker.words("theme", key),
            count: size(of.len()),
            bar_in_words: in_words(&bar),
            bar,
            controls: of.iter().map(|c| view(maker, c)).collect(),
        }
    };
    order.into_iter().enumerate().map(theme).collect()
}

fn view<'a>(maker: &Maker<'a>, c: &'a ControlStatus) -> ControlView<'a> {
    let (status, meaning) = maker.status_meaning(c.status);
    ControlView {
        anchor: maker.controls.get(c.id.as_str()).map(|(_, anchor)| anchor.clone()),
        id: &c.id,
        title: maker.text(&c.title),
        explanation: maker.text(&c.explanation),
        status,
        meaning,
        applicable: c.applicable,
        justification: c.justification.as_deref(),
        implementation: c.implementation.as_deref().map(|word| maker.words("implementation", word)),
        owner: c.owner.as_deref(),
        checks: c.checks.iter().map(|id| check(maker, id)).collect(),
        documents: c.documents.iter().map(String::as_str).collect(),
    }
}

/// A check that speaks for a control, with its finding's status when there is a finding.
fn check(maker: &Maker<'_>, id: &str) -> (Link, Option<Badge>) {
    match maker.findings.get(id) {
        Some((finding, anchor)) => {
            let link = Link { anchor: Some(anchor.clone()), words: maker.text(&finding.title).to_owned() };
            (link, Some(maker.status(finding.status)))
        }
        None => (Link { anchor: None, words: id.to_owned() }, None),
    }
}

/// A.5.2 before A.5.10: the pieces of an id, numbers compared as numbers.
fn natural(id: &str) -> Vec<(u64, String)> {
    let piece = |p: &str| p.parse().map_or_else(|_not_a_number| (u64::MAX, p.to_owned()), |n| (n, String::new()));
    id.split('.').map(piece).collect()
}

//! Whether the sources are good enough to ask people to decide on them: fresh, complete, and with counts that add up.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::lang::{Both, Lang};
use crate::review::record::source::{FrozenSource, Waiver, scope, ties};
use crate::snapshot::schema::Collection;

/// Tables that a review rests on.
const TABLES: [&str; 4] = ["people", "accounts", "entitlements", "grants"];

/// Days after which evidence is too old to open a review on: a live reading, and a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    pub live_days: u32,
    pub file_days: u32,
}

impl Default for Freshness {
    fn default() -> Self {
        Self { live_days: 2, file_days: 7 }
    }
}

/// A source that is not fit, and nobody accepted it by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    pub source: String,
    pub problems: Vec<Both>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    #[error("the campaign is not opened: {}. Harvest again, or accept each by name: {}", list(.0), .0.iter().map(|u| format!("--accept-source {}", u.source)).collect::<Vec<_>>().join(" "))]
    Unfit(Vec<Unfit>),
    #[error("--accept-source names `{0}`, and no source of people, accounts or rights has that name; the sources are: {1}")]
    Unknown(String, String),
    #[error("the snapshot holds no accounts: no source feeds them. Add one to probant.toml and run `probant harvest`")]
    NoAccounts,
}

fn list(unfit: &[Unfit]) -> String {
    let said = |u: &Unfit| u.problems.iter().map(|problem| problem.en.as_str()).collect::<Vec<_>>().join(", ");
    unfit.iter().map(|u| format!("source `{}`: {}", u.source, said(u))).collect::<Vec<_>>().join("; ")
}

/// The sources of a campaign, and what was accepted about them by name; or why it may not be opened. Sources of systems that are
/// not reviewed do not count, save those of people.
pub fn pass(
    collections: &[Collection<'_>],
    now: Timestamp,
    freshness: Freshness,
    accepted: &BTreeSet<String>,
    in_scope: &dyn Fn(&str) -> bool,
) -> Result<(Vec<FrozenSource>, Vec<Waiver>), GateError> {
    let people = |c: &Collection<'_>| c.tables.iter().any(|table| table == "people");
    let feeds =
        |c: &&Collection<'_>| c.tables.iter().any(|table| TABLES.contains(&table.as_ref())) && (people(c) || in_scope(&c.system));
    let mut used: Vec<&Collection<'_>> = collections.iter().filter(feeds).collect();
    used.sort_by(|a, b| a.collection_id.cmp(&b.collection_id));
    if !used.iter().any(|c| c.tables.iter().any(|table| table == "accounts")) {
        return Err(GateError::NoAccounts);
    }
    if let Some(unknown) = accepted.iter().find(|name| !used.iter().any(|c| c.source == name.as_str())) {
        let names = used.iter().map(|c| c.source.as_ref()).collect::<Vec<_>>().join(", ");
        return Err(GateError::Unknown(unknown.clone(), names));
    }
    let (mut unfit, mut waivers) = (vec![], vec![]);
    for collection in &used {
        let problems = problems(collection, now, freshness);
        if problems.is_empty() {
            continue;
        }
        let source = collection.source.to_string();
        if accepted.contains(&source) {
            waivers.extend(problems.into_iter().map(|problem| Waiver { source: source.clone(), problem }));
        } else {
            unfit.push(Unfit { source, problems });
        }
    }
    if unfit.is_empty() { Ok((used.iter().copied().map(frozen).collect(), waivers)) } else { Err(GateError::Unfit(unfit)) }
}

fn problems(collection: &Collection<'_>, now: Timestamp, freshness: Freshness) -> Vec<Both> {
    let mut problems = vec![];
    let mut problem = |fr: String, en: String| problems.push(Both { fr, en });
    let days = if collection.evidence_at_basis == "harvest" { freshness.live_days } else { freshness.file_days };
    match collection.evidence_at {
        None => problem("rien n'a pu être lu".into(), "nothing could be read".into()),
        Some(at) => {
            let hours = now.duration_since(at.timestamp()).as_hours();
            if hours > i64::from(days) * 24 {
                let old = hours / 24;
                problem(
                    format!("son contenu a {old} jours, plus de {days}"),
                    format!("its content is {old} days old, more than {days}"),
                );
            }
        }
    }
    if !collection.complete {
        let why = collection.incomplete_reason.as_deref().unwrap_or("no reason given");
        problem(format!("incomplète ({})", Lang::Fr.reason(why)), format!("incomplete ({why})"));
    }
    if !ties(collection) {
        problem("ses comptes ne tombent pas juste".into(), "its counts do not add up".into());
    }
    problems
}

fn frozen(collection: &Collection<'_>) -> FrozenSource {
    FrozenSource {
        source: collection.source.to_string(),
        system: collection.system.to_string(),
        tables: collection.tables.iter().map(ToString::to_string).collect(),
        collection_id: collection.collection_id.to_string(),
        evidence_at: collection.evidence_at.map(crate::snapshot::value::Micros::timestamp),
        rows_seen: collection.rows_seen,
        rows_rejected: collection.rows_rejected,
        scope: scope(collection),
    }
}

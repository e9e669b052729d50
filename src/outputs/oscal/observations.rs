//! One observation a check: what it found, in figures, from which collections, and how long that holds.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Exchange;
use super::parts::{line, object, props};
use super::results::tool;
use super::subjects::{self, LISTED};
use crate::judge::finding::{CollectionSummary, Finding};

pub(super) fn uuid(exchange: &Exchange<'_>, finding: &Finding) -> String {
    exchange.uuid_here("observation", &finding.check_id)
}

pub(super) fn observation(exchange: &Exchange<'_>, finding: &Finding) -> Value {
    let counts = finding.counts;
    let figures = [
        ("population", counts.population.to_string()),
        ("conform", counts.conform.to_string()),
        ("exceptions", counts.exceptions.to_string()),
        ("accepted", counts.accepted.to_string()),
        ("undetermined", counts.undetermined.to_string()),
    ];
    let words = [
        ("check", finding.check_id.as_str()),
        ("check-sha256", &finding.check_sha256),
        ("status", finding.status.word()),
        ("severity", finding.severity.word()),
    ];
    let params = finding.params.iter().map(|(name, value)| (format!("param-{name}"), value.clone())).collect::<Vec<_>>();
    let figures = figures.iter().map(|(name, n)| (*name, n.as_str()));
    let all = words.into_iter().chain(figures).chain(params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let subjects: Vec<Value> = subjects::of(finding).map(|(said, subject)| subjects::reference(finding, said, subject)).collect();
    let (collected, expires) = validity(exchange, finding);
    object(json!({
        "uuid": uuid(exchange, finding),
        "title": line(exchange.text(&finding.title)),
        "description": line(exchange.text(&finding.reason)),
        "props": props(all),
        // Records were read and compared; nothing was exercised (NIST SP 800-53A, appendix C).
        "methods": ["EXAMINE"],
        "types": ["control-objective"],
        "origins": [tool()],
        "subjects": subjects,
        "relevant-evidence": evidence(exchange, finding),
        "collected": collected,
        "expires": expires,
        "remarks": cut_short(exchange, finding),
    }))
}

/// When the oldest evidence was true, and when the first of it is too old to judge by.
fn validity(exchange: &Exchange<'_>, finding: &Finding) -> (String, Option<String>) {
    let dated = finding.needs.iter().filter_map(|need| {
        let at: Timestamp = need.oldest_evidence_at.as_deref()?.parse().ok()?;
        let hours = i64::try_from(need.max_age_hours).ok()?;
        Some((at, at.checked_add(SignedDuration::try_from_hours(hours)?).ok()?))
    });
    let dated: Vec<(Timestamp, Timestamp)> = dated.collect();
    let collected = dated.iter().map(|(at, _)| *at).min();
    let expires = dated.iter().map(|(_, until)| until.to_string()).min();
    (collected.map_or_else(|| exchange.assessment.as_of.clone(), |at| at.to_string()), expires)
}

/// The collections that the check rests on, each with its arithmetic.
fn evidence(exchange: &Exchange<'_>, finding: &Finding) -> Vec<Value> {
    let mut ids: Vec<&str> = finding.needs.iter().flat_map(|need| &need.collections).map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = exchange.assessment.collections.iter().filter(|c| ids.contains(&c.collection_id.as_str()));
    known
        .map(|collection| {
            json!({
                "href": format!("#{}", resource_uuid(exchange, collection)),
                "description": line(&format!("{} ({})", collection.source, collection.system)),
            })
        })
        .collect()
}

pub(super) fn resource_uuid(exchange: &Exchange<'_>, collection: &CollectionSummary) -> String {
    exchange.uuid_here("collection", &collection.collection_id)
}

fn cut_short(exchange: &Exchange<'_>, finding: &Finding) -> Option<String> {
    let all = finding.exceptions.len() + finding.accepted.len() + finding.undetermined.len();
    (all > LISTED).then(|| {
        exchange.lang.pick(
            format!("{LISTED} sujets sur {all} sont listés ici ; tous sont dans {}.", exchange.findings.1),
            format!("{LISTED} of {all} subjects are listed here; all of them are in {}.", exchange.findings.1),
        )
    })
}

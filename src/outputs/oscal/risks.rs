//! Risks: an open one for each check that is not satisfied, and one for each derogation in force, approved until its date.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Exchange;
use super::observations;
use super::parts::{line, object, props};
use super::results::tool;
use super::subjects;
use crate::judge::finding::{Accepted, Finding, Status};

/// Identifiers of the risks of one check, in the order of [`all`].
pub(super) fn uuids(exchange: &Exchange<'_>, finding: &Finding) -> Vec<String> {
    let open = (finding.status == Status::NotSatisfied).then(|| exchange.uuid_here("risk", &finding.check_id));
    open.into_iter().chain(finding.accepted.iter().map(|a| accepted_uuid(exchange, finding, a))).collect()
}

fn accepted_uuid(exchange: &Exchange<'_>, finding: &Finding, accepted: &Accepted) -> String {
    exchange.uuid_here("deviation", &format!("{}/{}/{}", finding.check_id, accepted.exception_id, accepted.subject.key))
}

pub(super) fn all(exchange: &Exchange<'_>) -> Vec<Value> {
    let of_one = |finding: &Finding| {
        let open = (finding.status == Status::NotSatisfied).then(|| open(exchange, finding));
        open.into_iter().chain(finding.accepted.iter().map(|a| deviation(exchange, finding, a))).collect::<Vec<_>>()
    };
    exchange.assessment.findings.iter().flat_map(of_one).collect()
}

fn related(exchange: &Exchange<'_>, finding: &Finding) -> Value {
    json!([{ "observation-uuid": observations::uuid(exchange, finding) }])
}

/// What is to be dealt with. Nobody has looked into it yet as far as the tool knows: the status is `open`, whatever people do.
fn open(exchange: &Exchange<'_>, finding: &Finding) -> Value {
    object(json!({
        "uuid": exchange.uuid_here("risk", &finding.check_id),
        "title": line(exchange.text(&finding.title)),
        "description": line(exchange.text(&finding.reason)),
        "statement": line(exchange.text(&finding.rationale)),
        "props": props([("check", finding.check_id.as_str()), ("severity", finding.severity.word())]),
        "status": "open",
        "origins": [tool()],
        "remediations": [{
            "uuid": exchange.uuid_here("remediation", &finding.check_id),
            "lifecycle": "recommendation",
            "title": line(exchange.text(&finding.title)),
            "description": line(exchange.text(&finding.remediation)),
        }],
        "related-observations": related(exchange, finding),
    }))
}

fn deviation(exchange: &Exchange<'_>, finding: &Finding, accepted: &Accepted) -> Value {
    let words = exchange.lang.pick("Risque accepté", "Accepted risk");
    object(json!({
        "uuid": accepted_uuid(exchange, finding, accepted),
        "title": line(&format!("{words} {} : {}", accepted.exception_id, accepted.subject.key)),
        "description": line(exchange.text(&finding.title)),
        "statement": line(&accepted.reason),
        "props": props([
            ("check", finding.check_id.as_str()),
            ("severity", finding.severity.word()),
            ("exception-id", &accepted.exception_id),
            ("approver", &accepted.approver),
            ("expires-on", &accepted.expires_on),
            ("subject-uuid", &subjects::uuid(&accepted.subject)),
        ]),
        "status": "deviation-approved",
        "origins": [tool()],
        "deadline": end_of_day(exchange, &accepted.expires_on),
        "related-observations": related(exchange, finding),
    }))
}

/// The instant after the last day a derogation holds, in the organisation's zone; none when either cannot be read.
fn end_of_day(exchange: &Exchange<'_>, day: &str) -> Option<String> {
    let zone = jiff::tz::TimeZone::get(&exchange.assessment.zone).ok()?;
    let day: jiff::civil::Date = day.parse().ok()?;
    let end: Timestamp = zone.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok()?;
    Some(end.to_string())
}

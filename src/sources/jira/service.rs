//! What Jira Service Management adds: approvals and service-level targets.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::value::{Day, person, time};
use crate::snapshot::value::Micros;

/// What the approvals of a change say together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Approvals {
    /// Those who approved; empty unless every approval asked for was given.
    pub(super) approvers: Vec<String>,
    /// When the last was given.
    pub(super) approved_at: Option<Micros>,
    /// One is still waiting.
    pub(super) pending: bool,
    /// The last one asked for was declined.
    pub(super) declined: bool,
}

/// Reads an Approvals field: `[{name, finalDecision, createdDate, completedDate, approvers: [{approver, approverDecision}]}]`.
/// A declined round may be followed by a new one, so the last decides; rounds that are still open mean no approval yet.
pub(super) fn approvals(value: &Value, zone: &TimeZone) -> Result<Approvals, String> {
    let rounds = match value {
        Value::Null => return Ok(Approvals::default()),
        Value::Array(rounds) => rounds,
        _ => return Err("is not the Approvals field of Jira Service Management: use `approvers` for other fields".into()),
    };
    let mut found = Approvals::default();
    for round in rounds {
        let decision = round.get("finalDecision").and_then(Value::as_str).unwrap_or_default();
        found.declined = false;
        match decision {
            "approved" => {
                found.approvers.extend(approvers(round));
                let given = time(round.get("completedDate").unwrap_or(&Value::Null), zone, Day::Begins)?;
                found.approved_at = found.approved_at.max(given);
            }
            "declined" => {
                found.declined = true;
                found.approvers.clear();
                found.approved_at = None;
            }
            "pending" => found.pending = true,
            other => return Err(format!("has the decision \"{other}\", which is none of approved, declined and pending")),
        }
    }
    if found.pending {
        found.approvers.clear();
        found.approved_at = None;
    }
    found.approvers.sort();
    found.approvers.dedup();
    Ok(found)
}

fn approvers(round: &Value) -> impl Iterator<Item = String> {
    let all = round.get("approvers").and_then(Value::as_array).into_iter().flatten();
    all.filter(|one| one.get("approverDecision").is_some_and(|decision| decision == "approved"))
        .filter_map(|one| person(one.get("approver").unwrap_or(one)))
}

/// The target of an SLA field: where its clock will be, or was, breached. Goals count working hours, so a goal is never added to
/// a start; for a finished cycle without the instant, the end plus what remained (negative when breached) is on the right side.
pub(super) fn due(value: &Value, zone: &TimeZone) -> Result<Option<Micros>, String> {
    let ongoing = value.get("ongoingCycle").filter(|cycle| cycle.is_object());
    let completed = value.get("completedCycles").and_then(Value::as_array).and_then(|cycles| cycles.last());
    let Some(cycle) = ongoing.or(completed) else { return Ok(None) };
    if let Some(breach) = cycle.get("breachTime").filter(|breach| !breach.is_null()) {
        return time(breach, zone, Day::Begins);
    }
    let stop = time(cycle.get("stopTime").unwrap_or(&Value::Null), zone, Day::Begins)?;
    let left = cycle.get("remainingTime").and_then(|left| left.get("millis")).and_then(Value::as_i64);
    Ok(stop.zip(left).map(|(stop, left)| Micros(stop.0.saturating_add(left.saturating_mul(1000)))))
}

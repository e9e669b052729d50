//! The assessment results: what was reviewed, one observation a check, one finding for each control that could be decided.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::parts::{line, object, props, token};
use super::{COMPONENTS, Exchange, observations, risks, subjects, uuid};
use crate::judge::finding::{CollectionSummary, ControlStatus, Finding, Status};

pub(super) fn document(exchange: &Exchange<'_>) -> Value {
    let a = exchange.assessment;
    let title = exchange.lang.pick("Résultats d'évaluation", "Assessment results");
    json!({ "assessment-results": {
        // The content's own digest: another verdict on the same snapshot is another document.
        "uuid": exchange.uuid_here("assessment-results", exchange.findings.0),
        "metadata": exchange.metadata(&line(&format!("{title} — {} — {}", a.organisation, exchange.lang.period(&a.period.label)))),
        // No assessment plan is written: the checks as they were run are the plan.
        "import-ap": { "href": format!("#{}", exchange.uuid_here("plan", "")) },
        "local-definitions": object(json!({ "objectives-and-methods": objectives(exchange) })),
        "results": [result(exchange)],
        "back-matter": { "resources": resources(exchange) },
    }})
}

fn tool_uuid() -> String {
    uuid::of(&["tool", "probant"])
}

/// Who says so.
pub(super) fn tool() -> Value {
    json!({ "actors": [{ "type": "tool", "actor-uuid": tool_uuid() }] })
}

fn objective(control: &ControlStatus) -> String {
    format!("{}_obj", token(&control.id))
}

/// Controls that at least one check speaks for and that the Statement of Applicability keeps.
fn reviewed<'a>(exchange: &'a Exchange<'_>) -> impl Iterator<Item = &'a ControlStatus> {
    exchange.assessment.controls.iter().filter(|control| control.applicable && !control.checks.is_empty())
}

/// What each control asks for, in our own words: the objective that a finding is about.
fn objectives(exchange: &Exchange<'_>) -> Vec<Value> {
    reviewed(exchange)
        .map(|control| {
            json!({
                "control-id": token(&control.id),
                "description": line(exchange.lang.pick(&control.title.fr, &control.title.en)),
                "parts": [{
                    "id": objective(control),
                    "name": "assessment-objective",
                    "title": line(exchange.lang.pick(&control.title.fr, &control.title.en)),
                    "prose": line(exchange.lang.pick(&control.explanation.fr, &control.explanation.en)),
                }],
            })
        })
        .collect()
}

fn result(exchange: &Exchange<'_>) -> Value {
    let a = exchange.assessment;
    let (start, end) = span(exchange);
    let pairs = [
        ("framework", a.framework.as_str()),
        ("snapshot", &a.snapshot_id),
        ("period", &a.period.label),
        ("period-start", &a.period.start),
        ("period-end", &a.period.end),
    ];
    object(json!({
        "uuid": exchange.uuid_here("result", exchange.findings.0),
        "title": line(&format!("{} {}", a.organisation, exchange.lang.period(&a.period.label))),
        "description": exchange.lang.pick(
            "Contrôles automatiques sur l'instantané. Une mesure sans constat n'a pas pu être tranchée : voir les observations.",
            "Automated checks on the snapshot. A control without a finding could not be decided: see the observations.",
        ),
        "start": start,
        "end": end,
        "props": props(pairs),
        "local-definitions": object(json!({
            "components": systems(exchange),
            "inventory-items": subjects::inventory(&a.findings),
            "assessment-assets": {
                "components": [{
                    "uuid": tool_uuid(), "type": "software", "title": "Probant", "description": "Probant",
                    "props": props([("version", a.tool_version.as_str())]),
                    "status": { "state": "operational" },
                }],
                "assessment-platforms": [{
                    "uuid": uuid::of(&["platform", "probant"]),
                    "title": "Probant",
                    "uses-components": [{ "component-uuid": tool_uuid() }],
                }],
            },
        })),
        "reviewed-controls": controls(exchange),
        "observations": a.findings.iter().map(|finding| observations::observation(exchange, finding)).collect::<Vec<_>>(),
        "risks": risks::all(exchange),
        "findings": reviewed(exchange).filter_map(|control| finding(exchange, control)).collect::<Vec<_>>(),
    }))
}

/// From the oldest evidence to the situation judged, or to the newest evidence when that is later.
fn span(exchange: &Exchange<'_>) -> (String, String) {
    let as_of: Timestamp = exchange.assessment.as_of.parse().unwrap_or_default();
    let dates = exchange.assessment.collections.iter().filter_map(|c| c.evidence_at.as_deref()?.parse::<Timestamp>().ok());
    let (start, end) = dates.fold((as_of, as_of), |(start, end), at| (start.min(at), end.max(at)));
    (start.to_string(), end.to_string())
}

/// The systems that sources speak for.
fn systems(exchange: &Exchange<'_>) -> Vec<Value> {
    let names: BTreeSet<&str> = exchange.assessment.collections.iter().map(|c| c.system.as_str()).collect();
    names
        .into_iter()
        .map(|name| {
            json!({
                "uuid": uuid::of(&["system", name]), "type": "system", "title": line(name), "description": line(name),
                "status": { "state": "operational" },
            })
        })
        .collect()
}

fn controls(exchange: &Exchange<'_>) -> Value {
    let id = |control: &ControlStatus| json!({ "control-id": token(&control.id) });
    let without = exchange.assessment.controls.iter().filter(|c| !c.applicable || c.checks.is_empty());
    object(json!({
        "description": exchange.lang.pick(
            "Mesures dont parle au moins un contrôle automatique. Les autres ne sont pas évaluées ici : écartées par la déclaration d'applicabilité, ou sans preuve automatique.",
            "Controls that at least one automated check speaks for. The others are not assessed here: left out by the Statement of Applicability, or without automated evidence.",
        ),
        "control-selections": [object(json!({
            "include-controls": reviewed(exchange).map(id).collect::<Vec<_>>(),
            "exclude-controls": without.map(id).collect::<Vec<_>>(),
        }))],
        "props": props(exchange.assessment.controls.iter().map(|c| (c.id.as_str(), c.status.word()))),
    }))
}

/// A control's finding. OSCAL knows two states only, so a control that is neither has none: one check that is not satisfied
/// decides, and otherwise nothing but all of them satisfied does.
fn finding(exchange: &Exchange<'_>, control: &ControlStatus) -> Option<Value> {
    let speaking: Vec<&Finding> = exchange.assessment.findings.iter().filter(|f| control.checks.contains(&f.check_id)).collect();
    let (state, reason) = if speaking.iter().any(|f| f.status == Status::NotSatisfied) {
        ("not-satisfied", "fail")
    } else if control.status == Status::Satisfied {
        ("satisfied", "pass")
    } else {
        return None;
    };
    let related: Vec<Value> = speaking.iter().map(|f| json!({ "observation-uuid": observations::uuid(exchange, f) })).collect();
    let risks: Vec<Value> =
        speaking.iter().flat_map(|f| risks::uuids(exchange, f)).map(|uuid| json!({ "risk-uuid": uuid })).collect();
    let reasons: Vec<String> = speaking.iter().map(|f| format!("{}: {}", f.check_id, line(exchange.text(&f.reason)))).collect();
    Some(object(json!({
        "uuid": exchange.uuid_here("finding", &control.id),
        "title": line(&format!("{} {}", control.id, exchange.lang.pick(&control.title.fr, &control.title.en))),
        "description": reasons.join("\n\n"),
        "props": props([("control", control.id.as_str()), ("status", control.status.word())]),
        "origins": [tool()],
        "target": {
            "type": "objective-id",
            "target-id": objective(control),
            "status": { "state": state, "reason": reason },
        },
        "related-observations": related,
        "related-risks": risks,
    })))
}

fn resources(exchange: &Exchange<'_>) -> Vec<Value> {
    let (sha256, path) = exchange.findings;
    let plan = json!({
        "uuid": exchange.uuid_here("plan", ""),
        "title": exchange.lang.pick("Les contrôles tels qu'exécutés", "The checks as they were run"),
        "rlinks": [{ "href": COMPONENTS, "media-type": "application/json" }],
    });
    let findings = json!({
        "uuid": exchange.uuid_here("findings", sha256),
        "title": exchange.lang.pick("Tous les constats et leurs sujets", "Every finding with its subjects"),
        "rlinks": [{
            "href": path, "media-type": "application/json", "hashes": [{ "algorithm": "SHA-256", "value": sha256 }],
        }],
    });
    let collected = exchange.assessment.collections.iter().map(|c| collection(exchange, c));
    [plan, findings].into_iter().chain(collected).collect()
}

fn collection(exchange: &Exchange<'_>, c: &CollectionSummary) -> Value {
    let (seen, kept, rejected) = (c.rows_seen.to_string(), c.rows_kept.to_string(), c.rows_rejected.to_string());
    let pairs = [
        ("collection", c.collection_id.as_str()),
        ("system", &c.system),
        ("kind", &c.kind),
        ("evidence-at", c.evidence_at.as_deref().unwrap_or_default()),
        ("evidence-at-basis", &c.evidence_at_basis),
        ("rows-seen", &seen),
        ("rows-kept", &kept),
        ("rows-rejected", &rejected),
        ("complete", if c.complete { "true" } else { "false" }),
        ("raw-sha256", c.raw_sha256.as_deref().unwrap_or_default()),
    ];
    object(json!({
        "uuid": observations::resource_uuid(exchange, c),
        "title": line(&c.source),
        "description": line(&c.incomplete_reason.as_deref().map_or(Cow::Borrowed(c.endpoint.as_str()), |why| exchange.lang.reason(why))),
        "props": props(pairs),
    }))
}

//! What becomes what, held on a small assessment. That the documents are valid OSCAL is shown by `tests/cli/oscal.rs`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Exchange, documents};
use crate::judge::finding::{
    Accepted, Assessment, CollectionSummary, ControlStatus, Counts, Finding, Need, Period, Severity, Status, Subject, Text,
};
use crate::lang::Lang;

fn both(text: &str) -> Text {
    Text { fr: format!("{text} (fr)"), en: text.to_owned() }
}

fn subject(key: &str) -> Subject {
    Subject { key: key.to_owned(), cells: vec![Some(" a\nb ".to_owned()), None] }
}

fn finding(id: &str, status: Status) -> Finding {
    Finding {
        check_id: id.to_owned(),
        title: both(id),
        severity: Severity::High,
        controls: vec![],
        status,
        reason: both("Because."),
        rationale: both("It matters."),
        remediation: both("Do it."),
        counts: Counts { population: 9, conform: 6, exceptions: 1, accepted: 1, undetermined: 1 },
        columns: vec!["account_id".to_owned(), "a name".to_owned(), "left_on".to_owned()],
        exceptions: vec![subject("ad:1")],
        accepted: vec![Accepted {
            subject: subject("ad:2"),
            exception_id: "DER-7".to_owned(),
            approver: "C. Dubois".to_owned(),
            expires_on: "2026-12-31".to_owned(),
            reason: "Migration".to_owned(),
        }],
        undetermined: vec![subject("ad:3")],
        expired_exceptions: vec![],
        needs: vec![Need {
            table: "accounts".to_owned(),
            oldest_evidence_at: Some("2026-10-04T22:30:00Z".to_owned()),
            max_age_hours: 168,
            collections: vec!["c1".to_owned()],
            status: Status::Satisfied,
        }],
        params: BTreeMap::from([("left_before".to_owned(), "2026-10-04".to_owned())]),
        check_sha256: "ab".repeat(32),
    }
}

fn control(id: &str, status: Status, checks: &[&str]) -> ControlStatus {
    ControlStatus {
        id: id.to_owned(),
        title: both(id),
        explanation: both("Explained."),
        theme: "organisational".to_owned(),
        status,
        applicable: status != Status::NotApplicable,
        justification: None,
        implementation: None,
        owner: None,
        checks: checks.iter().map(|check| (*check).to_owned()).collect(),
        documents: vec![],
    }
}

fn assessment() -> Assessment {
    Assessment {
        schema: "probant.assessment.v1".to_owned(),
        tool_version: "0.1.0".to_owned(),
        organisation: "Agence".to_owned(),
        framework: "ISO/IEC 27001:2022".to_owned(),
        snapshot_id: "20261005T080000Z".to_owned(),
        as_of: "2026-10-05T08:00:00Z".to_owned(),
        zone: "Europe/Paris".to_owned(),
        period: Period {
            label: "2026-T3".to_owned(),
            start: "2026-06-30T22:00:00Z".to_owned(),
            end: "2026-09-30T22:00:00Z".to_owned(),
        },
        findings: vec![finding("good", Status::Satisfied), finding("bad", Status::NotSatisfied), finding("old", Status::Stale)],
        controls: vec![
            control("A.5.1", Status::Satisfied, &["good"]),
            // Broken is the worst of statuses, and a check that is not satisfied still decides.
            control("A.5.2", Status::Broken, &["bad", "good"]),
            control("A.5.3", Status::Stale, &["old", "good"]),
            control("A.5.4", Status::NoAutomatedEvidence, &[]),
            control("A.5.5", Status::NotApplicable, &["good"]),
        ],
        collections: vec![CollectionSummary {
            collection_id: "c1".to_owned(),
            source: "ad-siege".to_owned(),
            system: "ad".to_owned(),
            kind: "ldif".to_owned(),
            tables: vec!["accounts".to_owned()],
            endpoint: "exports/ad.ldif".to_owned(),
            evidence_at: Some("2026-10-04T22:30:00Z".to_owned()),
            evidence_at_basis: "content".to_owned(),
            rows_seen: 5,
            rows_kept: 4,
            rows_rejected: 1,
            server_count: None,
            complete: false,
            incomplete_reason: Some("cut".to_owned()),
            raw_sha256: None,
            reject_reasons: vec![],
        }],
        outside_perimeter: BTreeMap::new(),
        links: BTreeMap::new(),
        tables: BTreeMap::new(),
    }
}

fn results(assessment: &Assessment) -> Value {
    let exchange = Exchange { assessment, checks: &[], lang: Lang::En, findings: ("00", "../findings.json") };
    let [(_, results), _] = documents(&exchange).unwrap();
    serde_json::from_slice(&results).unwrap()
}

fn result() -> Value {
    results(&assessment())["assessment-results"]["results"][0].clone()
}

fn prop<'v>(object: &'v Value, name: &str) -> &'v str {
    let props = object["props"].as_array().unwrap();
    props.iter().find(|prop| prop["name"] == name).unwrap()["value"].as_str().unwrap()
}

#[test]
fn only_what_was_decided_is_a_finding() {
    let result = result();
    let found: Vec<(&str, &str)> = result["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["target"]["target-id"].as_str().unwrap(), f["target"]["status"]["state"].as_str().unwrap()))
        .collect();
    assert_eq!(found, [("A.5.1_obj", "satisfied"), ("A.5.2_obj", "not-satisfied")]);
    let reviewed = &result["reviewed-controls"];
    assert_eq!(prop(reviewed, "A.5.3"), "stale");
    let selection = &reviewed["control-selections"][0];
    assert_eq!(selection["include-controls"].as_array().unwrap().len(), 3);
    let excluded: Vec<_> = selection["exclude-controls"].as_array().unwrap().iter().map(|c| c["control-id"].clone()).collect();
    assert_eq!(excluded, ["A.5.4", "A.5.5"]);
}

#[test]
fn an_observation_counts_its_subjects_and_says_how_long_it_holds() {
    let result = result();
    let observation = &result["observations"][1];
    assert_eq!((prop(observation, "population"), prop(observation, "undetermined")), ("9", "1"));
    assert_eq!(prop(observation, "status"), "not_satisfied");
    assert_eq!(observation["collected"], "2026-10-04T22:30:00Z");
    assert_eq!(observation["expires"], "2026-10-11T22:30:00Z");
    let judged: Vec<_> = observation["subjects"].as_array().unwrap().iter().map(|s| prop(s, "judged").to_owned()).collect();
    assert_eq!(judged, ["exception", "accepted", "undetermined"]);
    // One line, without blanks at its ends; a cell that is not known is left out, not filled in.
    assert_eq!(prop(&observation["subjects"][0], "a_name"), "a b");
    assert_eq!(observation["subjects"][0]["props"].as_array().unwrap().len(), 2);
    // Three checks name the same three subjects.
    assert_eq!(result["local-definitions"]["inventory-items"].as_array().unwrap().len(), 3);
}

#[test]
fn a_derogation_is_an_approved_deviation_until_the_end_of_its_last_day() {
    let result = result();
    let risks = result["risks"].as_array().unwrap();
    let of = |status: &str| risks.iter().filter(|risk| risk["status"] == status).collect::<Vec<_>>();
    assert_eq!(of("open").len(), 1, "one check is not satisfied");
    assert_eq!(of("open")[0]["statement"], "It matters.");
    assert_eq!(of("deviation-approved").len(), 3);
    assert_eq!(of("deviation-approved")[0]["deadline"], "2026-12-31T23:00:00Z");
    assert_eq!(prop(of("deviation-approved")[0], "approver"), "C. Dubois");
}

#[test]
fn long_lists_are_cut_and_say_so() {
    let mut many = assessment();
    many.findings[1].exceptions = (0..700).map(|n| subject(&format!("ad:{n:03}"))).collect();
    let results = results(&many);
    let observation = &results["assessment-results"]["results"][0]["observations"][1];
    assert_eq!(observation["subjects"].as_array().unwrap().len(), 500);
    let remark = observation["remarks"].as_str().unwrap();
    assert!(remark.contains("500 of 702") && remark.contains("findings.json"), "{remark}");
}

#[test]
fn a_subject_keeps_its_identifier_over_the_quarters_and_a_finding_does_not() {
    let mut later = assessment();
    later.snapshot_id = "20270105T080000Z".to_owned();
    let (now, later) = (result(), results(&later)["assessment-results"]["results"][0].clone());
    let subject = |result: &Value| result["observations"][0]["subjects"][0]["subject-uuid"].clone();
    assert_eq!(subject(&now), subject(&later));
    assert_ne!(now["findings"][0]["uuid"], later["findings"][0]["uuid"]);
    assert_eq!(results(&assessment()), results(&assessment()));
}

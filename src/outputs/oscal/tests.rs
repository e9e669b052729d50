//! What becomes what, held on a small assessment. That the documents are valid OSCAL is shown by `tests/cli/oscal.rs`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::Value;

use super::{Exchange, documents};
use crate::judge::finding::{Assessment, ControlStatus, Counts, Finding, Status, Subject, Text};
use crate::lang::Lang;
use crate::outputs::sample;

fn both(text: &str) -> Text {
    sample::both(&format!("{text} (fr)"), text)
}

fn subject(key: &str) -> Subject {
    Subject { key: key.to_owned(), cells: vec![Some(" a\nb ".to_owned()), None] }
}

fn finding(id: &str, status: Status) -> Finding {
    Finding {
        title: both(id),
        reason: both("Because."),
        rationale: both("It matters."),
        remediation: both("Do it."),
        counts: Counts { population: 9, conform: 6, exceptions: 1, accepted: 1, undetermined: 1 },
        columns: vec!["account_id".to_owned(), "a name".to_owned(), "left_on".to_owned()],
        exceptions: vec![subject("ad:1")],
        undetermined: vec![subject("ad:3")],
        ..sample::finding(id, status, subject("ad:2"))
    }
}

fn control(id: &str, status: Status, checks: &[&str]) -> ControlStatus {
    ControlStatus { title: both(id), explanation: both("Explained."), ..sample::control(id, status, checks) }
}

fn assessment() -> Assessment {
    sample::assessment(
        vec![finding("good", Status::Satisfied), finding("bad", Status::NotSatisfied), finding("old", Status::Stale)],
        vec![
            control("A.5.1", Status::Satisfied, &["good"]),
            // Broken is the worst of statuses, and a check that is not satisfied still decides.
            control("A.5.2", Status::Broken, &["bad", "good"]),
            control("A.5.3", Status::Stale, &["old", "good"]),
            control("A.5.4", Status::NoAutomatedEvidence, &[]),
            control("A.5.5", Status::NotApplicable, &["good"]),
        ],
        vec![sample::collection()],
    )
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

//! Saved pages through the source: what is kept, refused and said.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unnecessary_wraps,
    reason = "tests"
)]

use std::path::PathBuf;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::*;

mod files;

#[derive(Default)]
struct Kept {
    incidents: Vec<Incident<'static>>,
    changes: Vec<Change<'static>>,
    rejects: Vec<(u64, String, String)>,
}
impl Sink for Kept {
    fn push(&mut self, record: Record<'_>) -> Result<(), SinkError> {
        fn own<'a>(text: Option<std::borrow::Cow<'_, str>>) -> Option<std::borrow::Cow<'a, str>> {
            text.map(|text| text.into_owned().into())
        }
        fn list<'a>(texts: Vec<std::borrow::Cow<'_, str>>) -> Vec<std::borrow::Cow<'a, str>> {
            texts.into_iter().map(|text| text.into_owned().into()).collect()
        }
        match record {
            Record::Incident(i) => self.incidents.push(Incident {
                incident_id: i.incident_id.into_owned().into(),
                tracker: i.tracker.into_owned().into(),
                title: i.title.into_owned().into(),
                severity: own(i.severity),
                status: i.status.into_owned().into(),
                assignee: own(i.assignee),
                cause: own(i.cause),
                assets: list(i.assets),
                tickets: list(i.tickets),
                security: i.security,
                opened: i.opened,
                resolved: i.resolved,
                closed: i.closed,
                due: i.due,
            }),
            Record::Change(c) => self.changes.push(Change {
                change_id: c.change_id.into_owned().into(),
                tracker: c.tracker.into_owned().into(),
                title: c.title.into_owned().into(),
                change_type: own(c.change_type),
                risk: own(c.risk),
                requester: own(c.requester),
                implementer: own(c.implementer),
                approvers: list(c.approvers),
                status: c.status.into_owned().into(),
                assets: list(c.assets),
                tickets: list(c.tickets),
                approved_at: c.approved_at,
                planned_start: c.planned_start,
                planned_end: c.planned_end,
                actual_start: c.actual_start,
                actual_end: c.actual_end,
            }),
            other => panic!("neither incident nor change: {other:?}"),
        }
        Ok(())
    }
    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        self.rejects.push((row, reason.into(), excerpt.into()));
        Ok(())
    }
    fn progress(&mut self, _: u64) {}
}

fn source(config: &str) -> JiraConfig {
    let mut table: toml::Table = toml::from_str(config).unwrap();
    table.entry("files").or_insert_with(|| toml::Value::Array(vec!["*.json".into()]));
    table.try_into().unwrap()
}

fn harvest(config: &str, files: &[(&str, &[u8])]) -> (Result<Reading, SourceError>, Kept, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    harvest_in(config, dir.path().to_owned())
}

fn harvest_in(config: &str, base: PathBuf) -> (Result<Reading, SourceError>, Kept, Vec<u8>) {
    let as_of = "2026-11-01T00:00:00Z".parse().unwrap();
    let request =
        Request { source: "tickets".into(), system: "jira".into(), zone: TimeZone::get("Europe/Paris").unwrap(), as_of, base };
    let (mut kept, mut capture) = (Kept::default(), Vec::new());
    let reading = source(config).harvest(&request, &mut kept, &mut capture);
    if let Ok(reading) = &reading {
        assert_eq!(reading.rows_seen, reading.rows_kept + kept.rejects.len() as u64, "{:?}", kept.rejects);
    }
    (reading, kept, capture)
}

/// A good page, read.
fn read(config: &str, page: &Value) -> (Reading, Kept) {
    let bytes = page.to_string().into_bytes();
    let (reading, kept, capture) = harvest(config, &[("page.json", &bytes)]);
    assert_eq!(capture, bytes, "the capture is the file");
    (reading.unwrap(), kept)
}

fn page(issues: &[Value]) -> Value {
    json!({ "startAt": 0, "maxResults": 50, "total": issues.len(), "issues": issues })
}

fn issue(key: &str, category: &str, more: Value) -> Value {
    let mut fields = json!({
        "summary": format!("Titre de {key}"), "created": "2026-09-01T08:13:13.360+0200", "updated": "2026-09-02T08:00:00.000+0200",
        "status": { "name": "État", "id": "10001", "statusCategory": { "key": category } },
        "issuetype": { "id": "7", "name": "Incident" }, "project": { "key": "SEC" },
        "reporter": { "name": "jdupont", "displayName": "Jeanne Dupont" },
    });
    let Value::Object(more) = more else { panic!() };
    fields.as_object_mut().unwrap().extend(more);
    json!({ "key": key, "fields": fields })
}

fn instant(text: &str) -> Option<Micros> {
    Some(text.parse::<jiff::Timestamp>().unwrap().into())
}

const INCIDENTS: &str = "record = 'incidents'\n[fields]\nsecurity = 'labels'\ncause = 'customfield_1'\nsla = 'customfield_2'\n";

#[test]
fn an_incident_gives_its_row() {
    let (reading, kept) = read(
        INCIDENTS,
        &page(&[issue(
            "SEC-1",
            "done",
            json!({
                "resolutiondate": "2026-09-03T10:00:00.000+0200", "duedate": "2026-09-10", "priority": { "name": "Highest" }, "labels": ["Sécurité", "paie"],
                "assignee": { "displayName": "Paul Martin", "accountId": "5b1" }, "components": [{ "name": "PAIE" }, { "name": "RH" }],
                "customfield_1": { "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": "Disque plein" }] },
                    { "type": "paragraph", "content": [{ "type": "text", "text": "sur le nœud 2" }] }] },
                "issuelinks": [{ "outwardIssue": { "key": "CHG-9" } }, { "inwardIssue": { "key": "SEC-0" } }],
            }),
        )]),
    );
    assert_eq!(
        kept.incidents,
        [Incident {
            incident_id: "jira:SEC-1".into(),
            tracker: "jira".into(),
            title: "Titre de SEC-1".into(),
            severity: Some("critical".into()),
            security: Some(true),
            opened: instant("2026-09-01T06:13:13.36Z"),
            resolved: instant("2026-09-03T08:00:00Z"),
            closed: instant("2026-09-03T08:00:00Z"),
            due: instant("2026-09-10T21:59:59Z"),
            status: "closed".into(),
            assignee: Some("Paul Martin".into()),
            cause: Some("Disque plein sur le nœud 2".into()),
            assets: vec!["PAIE".into(), "RH".into()],
            tickets: vec!["CHG-9".into(), "SEC-0".into()],
        }]
    );
    assert_eq!((reading.server_count, reading.incomplete, reading.details["status_read_by_category"]), (Some(1), None, 1));
    assert_eq!(reading.content_at.unwrap().to_string(), "2026-09-02T06:00:00Z");
}

#[test]
fn statuses_are_declared_or_by_category_and_never_guessed() {
    let config =
        format!("{INCIDENTS}[statuses]\n'en attente' = 'in_progress'\n10042 = 'resolved'\n[resolutions]\n'Annulé' = 'cancelled'\n");
    let status =
        |name: &str, id: &str, category: Value| json!({ "status": { "name": name, "id": id, "statusCategory": category } });
    let known = |key: &str| json!({ "key": key });
    let (_, kept) = read(
        &config,
        &page(&[
            issue("A-1", "new", json!({ "resolutiondate": "2026-09-03", "statuscategorychangedate": "2026-09-03" })),
            issue("A-2", "", status("En attente", "1", Value::Null)),
            issue("A-3", "", status("Traité", "10042", known("done"))),
            issue(
                "A-4",
                "done",
                json!({ "resolution": { "name": "annulé" }, "statuscategorychangedate": "2026-09-04T10:00:00+0200", "labels": [] }),
            ),
            issue("A-5", "", status("Bizarre", "77", Value::Null)),
            issue("A-6", "", status("Bizarre", "77", known("undefined"))),
        ]),
    );
    let statuses: Vec<_> = kept.incidents.iter().map(|i| i.status.as_ref()).collect();
    assert_eq!(statuses, ["open", "in_progress", "resolved", "cancelled"]);
    assert_eq!((kept.incidents[0].resolved, kept.incidents[0].closed, kept.incidents[0].security), (None, None, None));
    assert_eq!((kept.incidents[3].closed, kept.incidents[3].security), (instant("2026-09-04T08:00:00Z"), Some(false)));
    assert_eq!(kept.rejects.len(), 2);
    assert!(
        kept.rejects[0].1.contains("A-5: the status \"Bizarre\" (id 77)")
            && kept.rejects[0].1.contains("declare it under statuses")
    );
}

#[test]
fn sla_targets_are_the_breach_or_follow_from_what_remained() {
    let cycle = |sla: Value| json!({ "customfield_2": sla, "duedate": "2026-12-24" });
    let (_, kept) = read(
        INCIDENTS,
        &page(&[
            issue(
                "S-1",
                "indeterminate",
                cycle(json!({ "ongoingCycle": { "breachTime": { "epochMillis": 1_790_000_000_000_i64 } }, "completedCycles": [] })),
            ),
            issue(
                "S-2",
                "done",
                cycle(
                    json!({ "completedCycles": [{ "stopTime": { "iso8601": "2026-09-03T10:00:00+0200" }, "remainingTime": { "millis": -60000 }, "breached": true }] }),
                ),
            ),
            issue("S-3", "new", cycle(Value::Null)),
        ]),
    );
    let due: Vec<_> = kept.incidents.iter().map(|i| i.due).collect();
    assert_eq!(due, [Some(Micros(1_790_000_000_000_000)), instant("2026-09-03T07:59:00Z"), instant("2026-12-24T22:59:59Z")]);
}

const CHANGES: &str = "record = 'changes'\n[fields]\napprovals = 'cf_a'\nactual_start = 'cf_s'\nactual_end = 'cf_e'\nrisk = 'cf_r'\nchange_type = 'cf_t'\n[change_types]\n'Urgent' = 'emergency'\n";

fn round(decision: &str, who: &[(&str, &str)], completed: &Value) -> Value {
    let approvers: Vec<Value> =
        who.iter().map(|(name, said)| json!({ "approver": { "name": name }, "approverDecision": said })).collect();
    json!({ "name": "CAB", "finalDecision": decision, "approvers": approvers, "completedDate": completed })
}

#[test]
fn approvals_count_when_all_are_given() {
    let day = |text: &str| json!({ "iso8601": text });
    let approved = json!([
        round("approved", &[("mleroy", "approved"), ("ppetit", "pending")], &day("2026-09-02T10:00:00+0200")),
        round("approved", &[("abc", "approved")], &day("2026-09-03T10:00:00+0200"))
    ]);
    let (_, kept) = read(
        CHANGES,
        &page(&[
            issue(
                "C-1",
                "done",
                json!({ "cf_a": approved, "cf_s": "2026-09-04T20:00:00.000+0200", "cf_e": "2026-09-04", "cf_r": { "value": "Élevé", "child": { "value": "données" } }, "cf_t": { "value": "urgent" }, "assignee": { "name": "exploit1" } }),
            ),
            issue(
                "C-2",
                "indeterminate",
                json!({ "cf_a": [round("approved", &[("abc", "approved")], &day("2026-09-03T10:00:00+0200")), round("pending", &[("def", "pending")], &Value::Null)] }),
            ),
            issue(
                "C-3",
                "done",
                json!({ "cf_a": [round("approved", &[("abc", "approved")], &Value::Null), round("declined", &[("def", "declined")], &Value::Null)] }),
            ),
            issue("C-4", "done", json!({})),
            issue("C-5", "new", json!({ "cf_a": [round("peut-être", &[], &Value::Null)] })),
        ]),
    );
    let first = &kept.changes[0];
    assert_eq!(first.approvers, ["abc", "mleroy"]);
    assert_eq!(
        (first.approved_at, first.actual_start, first.actual_end),
        (instant("2026-09-03T08:00:00Z"), instant("2026-09-04T18:00:00Z"), instant("2026-09-04T21:59:59Z"))
    );
    assert_eq!(
        (first.risk.as_deref(), first.change_type.as_deref(), first.requester.as_deref(), first.implementer.as_deref()),
        (Some("Élevé / données"), Some("emergency"), Some("jdupont"), Some("exploit1"))
    );
    let rest: Vec<_> = kept.changes.iter().map(|c| (c.status.as_ref(), c.approvers.len(), c.approved_at)).collect();
    assert_eq!(rest[1..], [("awaiting_approval", 0, None), ("rejected", 0, None), ("done", 0, None)]);
    assert!(kept.rejects[0].1.contains("C-5: field cf_a: has the decision \"peut-être\""), "{:?}", kept.rejects);
}

#[test]
fn plain_fields_name_approvers_too() {
    let config = "record = 'changes'\n[fields]\napprovers = 'cf_a'\napproved_at = 'cf_d'\n";
    let (_, kept) = read(
        config,
        &page(&[
            issue("C-1", "done", json!({ "cf_a": "mleroy; ppetit", "cf_d": "2026-09-02" })),
            issue(
                "C-2",
                "done",
                json!({ "cf_a": [{ "displayName": "Marie Leroy", "accountId": "1", "emailAddress": "m@x.example" }] }),
            ),
            issue("C-3", "done", json!({ "cf_d": "31/02/2026" })),
        ]),
    );
    assert_eq!(kept.changes[0].approvers, ["mleroy", "ppetit"]);
    assert_eq!(kept.changes[0].approved_at, instant("2026-09-01T22:00:00Z"));
    assert_eq!(kept.changes[1].approvers, ["Marie Leroy"]);
    assert!(kept.rejects[0].1.contains("C-3: field cf_d: \"31/02/2026\""), "{:?}", kept.rejects);
    assert_eq!(kept.rejects[0].2, "C-3 Titre de C-3");
}

#[test]
fn scope_and_duplicates_are_counted() {
    let config = "record = 'incidents'\nprojects = ['sec']\nissue_types = ['7']\n";
    let (reading, kept) = read(
        config,
        &page(&[
            issue("SEC-1", "new", json!({})),
            issue("SEC-1", "indeterminate", json!({ "updated": "2026-09-05T08:00:00.000+0200" })),
            issue("SEC-1", "done", json!({ "updated": "2026-09-04T08:00:00.000+0200" })),
            issue("X-1", "new", json!({ "project": { "key": "X", "name": "Autre" } })),
            issue("SEC-2", "new", json!({ "issuetype": { "id": "8", "name": "Tâche" } })),
        ]),
    );
    assert_eq!((kept.incidents.len(), kept.incidents[0].status.as_ref()), (1, "in_progress"));
    assert_eq!(
        (reading.rows_seen, reading.rows_kept, reading.details["superseded"], reading.details["out_of_scope"]),
        (5, 5, 2, 2)
    );
}

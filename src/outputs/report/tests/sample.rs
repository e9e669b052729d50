//! A small assessment with one of everything: each status, an unknown, a derogation, a hostile name, a truncated source.

use std::collections::BTreeMap;

use crate::judge::finding::{
    Accepted, Assessment, CollectionSummary, ControlStatus, Counts, Finding, Need, Period, Severity, Status, Subject, Text,
};
use crate::outputs::report::view::STATUSES;

pub(super) const HOSTILE: &str = "<script>alert('x')</script>\" onmouseover=\"y";

fn both(fr: &str, en: &str) -> Text {
    Text { fr: fr.to_owned(), en: en.to_owned() }
}

pub(super) fn subject(key: &str, name: Option<&str>, left_on: Option<&str>) -> Subject {
    Subject { key: key.to_owned(), cells: vec![name.map(str::to_owned), left_on.map(str::to_owned)] }
}

fn finding(id: &str, status: Status) -> Finding {
    Finding {
        check_id: id.to_owned(),
        title: both(&format!("Titre {id}"), &format!("Title {id}")),
        severity: Severity::High,
        controls: vec!["A.5.18".to_owned()],
        status,
        reason: both("Parce que.", "Because."),
        rationale: both("Un départ n'efface pas un compte.", "Leaving does not delete an account."),
        remediation: both("Désactiver le compte.", "Disable the account."),
        counts: Counts { population: 2614, conform: 2600, exceptions: 2, accepted: 2, undetermined: 10 },
        columns: vec!["account_id".to_owned(), "display_name".to_owned(), "left_on".to_owned()],
        exceptions: vec![subject("ad:1", Some("Zoé Kœnig"), Some("2026-07-31")), subject("ad:2", Some(HOSTILE), None)],
        accepted: vec![Accepted {
            subject: subject("ad:3", Some("Łukasz"), None),
            exception_id: "DER-7".to_owned(),
            approver: "C. Dubois".to_owned(),
            expires_on: "2026-12-31".to_owned(),
            reason: "Migration".to_owned(),
        }],
        undetermined: vec![subject("ad:4", None, None)],
        expired_exceptions: vec!["DER-1".to_owned()],
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

fn control(id: &str, status: Status) -> ControlStatus {
    ControlStatus {
        id: id.to_owned(),
        title: both("Droits d'accès", "Access rights"),
        explanation: both("Explication.", "Explanation."),
        theme: "organisational".to_owned(),
        status,
        applicable: status != Status::NotApplicable,
        justification: (status == Status::NotApplicable).then(|| "Rien de tel ici.".to_owned()),
        implementation: None,
        owner: None,
        checks: vec!["leaver".to_owned(), "unknown-check".to_owned()],
        documents: vec!["PSSI.docx".to_owned()],
    }
}

fn collection() -> CollectionSummary {
    CollectionSummary {
        collection_id: "c1".to_owned(),
        source: "ad-siege".to_owned(),
        system: "ad".to_owned(),
        kind: "ldif".to_owned(),
        tables: vec!["accounts".to_owned()],
        endpoint: "exports/ad.ldif".to_owned(),
        evidence_at: Some("2026-10-04T22:30:00Z".to_owned()),
        evidence_at_basis: "content".to_owned(),
        rows_seen: 12_345,
        rows_kept: 12_340,
        rows_rejected: 5,
        server_count: Some(12_400),
        complete: false,
        incomplete_reason: Some("sizeLimitExceeded".to_owned()),
        raw_sha256: None,
        reject_reasons: vec![("impossible date".to_owned(), 5)],
    }
}

pub(super) fn assessment() -> Assessment {
    let every = STATUSES.iter().enumerate();
    Assessment {
        schema: "probant.assessment.v1".to_owned(),
        tool_version: "0.1.0".to_owned(),
        organisation: "Agence <du> Ponant".to_owned(),
        framework: "iso27001-2022".to_owned(),
        snapshot_id: "20261005T080000Z".to_owned(),
        as_of: "2026-10-05T08:00:00Z".to_owned(),
        zone: "Europe/Paris".to_owned(),
        period: Period {
            label: "2026-T3".to_owned(),
            start: "2026-06-30T22:00:00Z".to_owned(),
            end: "2026-09-30T22:00:00Z".to_owned(),
        },
        findings: vec![finding("calm", Status::Satisfied), finding("leaver", Status::NotSatisfied), finding("odd", Status::Broken)],
        controls: every.map(|(n, s)| control(&format!("A.5.{}", n + 1), *s)).collect(),
        collections: vec![collection()],
        outside_perimeter: BTreeMap::from([("bac-a-sable".to_owned(), 31)]),
        links: BTreeMap::from([("none".to_owned(), 57)]),
        tables: BTreeMap::from([("accounts".to_owned(), 2260)]),
    }
}

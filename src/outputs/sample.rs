//! Pieces of a small assessment, for the tests of what formats one: each changes what it is about.

use std::collections::BTreeMap;

use crate::judge::finding::{
    Accepted, Assessment, CollectionSummary, ControlStatus, Counts, Finding, Need, Period, Severity, Status, Subject, Text,
};

pub(super) fn both(fr: &str, en: &str) -> Text {
    Text { fr: fr.to_owned(), en: en.to_owned() }
}

/// A finding of no subjects but one that a derogation accepts.
pub(super) fn finding(id: &str, status: Status, accepted: Subject) -> Finding {
    Finding {
        check_id: id.to_owned(),
        title: both(&format!("Titre {id}"), &format!("Title {id}")),
        severity: Severity::High,
        controls: vec![],
        status,
        reason: both("Parce que.", "Because."),
        rationale: both("Un départ n'efface pas un compte.", "Leaving does not delete an account."),
        remediation: both("Désactiver le compte.", "Disable the account."),
        counts: Counts::default(),
        columns: vec![],
        exceptions: vec![],
        accepted: vec![Accepted {
            subject: accepted,
            exception_id: "DER-7".to_owned(),
            approver: "C. Dubois".to_owned(),
            expires_on: "2026-12-31".to_owned(),
            reason: "Migration".to_owned(),
        }],
        undetermined: vec![],
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

pub(super) fn control(id: &str, status: Status, checks: &[&str]) -> ControlStatus {
    ControlStatus {
        id: id.to_owned(),
        title: both("Droits d'accès", "Access rights"),
        explanation: both("Explication.", "Explanation."),
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

/// A source that was cut.
pub(super) fn collection() -> CollectionSummary {
    CollectionSummary {
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
    }
}

pub(super) fn assessment(findings: Vec<Finding>, controls: Vec<ControlStatus>, collections: Vec<CollectionSummary>) -> Assessment {
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
        findings,
        controls,
        collections,
        outside_perimeter: BTreeMap::new(),
        links: BTreeMap::new(),
        tables: BTreeMap::new(),
    }
}

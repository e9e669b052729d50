//! A small assessment with one of everything: each status, an unknown, a derogation, a hostile name, a truncated source.

use std::collections::BTreeMap;

use crate::judge::finding::{Assessment, CollectionSummary, ControlStatus, Counts, Finding, Status, Subject};
use crate::outputs::report::view::STATUSES;
use crate::outputs::sample;

pub(super) const HOSTILE: &str = "<script>alert('x')</script>\" onmouseover=\"y";

pub(super) fn subject(key: &str, name: Option<&str>, left_on: Option<&str>) -> Subject {
    Subject { key: key.to_owned(), cells: vec![name.map(str::to_owned), left_on.map(str::to_owned)] }
}

fn finding(id: &str, status: Status) -> Finding {
    Finding {
        controls: vec!["A.5.18".to_owned()],
        counts: Counts { population: 2614, conform: 2600, exceptions: 2, accepted: 2, undetermined: 10 },
        columns: vec!["account_id".to_owned(), "display_name".to_owned(), "left_on".to_owned()],
        exceptions: vec![subject("ad:1", Some("Zoé Kœnig"), Some("2026-07-31")), subject("ad:2", Some(HOSTILE), None)],
        undetermined: vec![subject("ad:4", None, None)],
        expired_exceptions: vec!["DER-1".to_owned()],
        ..sample::finding(id, status, subject("ad:3", Some("Łukasz"), None))
    }
}

fn control(id: &str, status: Status) -> ControlStatus {
    ControlStatus {
        justification: (status == Status::NotApplicable).then(|| "Rien de tel ici.".to_owned()),
        documents: vec!["PSSI.docx".to_owned()],
        ..sample::control(id, status, &["leaver", "unknown-check"])
    }
}

pub(super) fn assessment() -> Assessment {
    let controls = STATUSES.iter().enumerate().map(|(n, s)| control(&format!("A.5.{}", n + 1), *s)).collect();
    let collection = CollectionSummary {
        rows_seen: 12_345,
        rows_kept: 12_340,
        rows_rejected: 5,
        server_count: Some(12_400),
        incomplete_reason: Some("sizeLimitExceeded".to_owned()),
        reject_reasons: vec![("impossible date".to_owned(), 5)],
        ..sample::collection()
    };
    let findings =
        vec![finding("calm", Status::Satisfied), finding("leaver", Status::NotSatisfied), finding("odd", Status::Broken)];
    Assessment {
        organisation: "Agence <du> Ponant".to_owned(),
        framework: "iso27001-2022".to_owned(),
        outside_perimeter: BTreeMap::from([("bac-a-sable".to_owned(), 31)]),
        links: BTreeMap::from([("none".to_owned(), 57)]),
        tables: BTreeMap::from([("accounts".to_owned(), 2260)]),
        ..sample::assessment(findings, controls, vec![collection])
    }
}

//! Drift: what changed between two assessments. Subjects that a check finds now and did not find before, and the reverse.

use std::collections::BTreeSet;

use serde::Serialize;

use super::finding::{Assessment, Finding, Severity, Status, Subject, Text};

/// What changed in one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub check_id: String,
    pub title: Text,
    pub severity: Severity,
    pub controls: Vec<String>,
    pub before: Status,
    pub now: Status,
    /// Names of the cells of the subjects, the key first.
    pub columns: Vec<String>,
    /// Found now and not before.
    pub appeared: Vec<Subject>,
    /// Keys found before and not now.
    pub disappeared: Vec<String>,
}

impl Change {
    /// A check that could not look before and sees something now, however incomplete or old, got better: a source came back.
    fn status_worse(&self) -> bool {
        let came_back =
            matches!(self.before, Status::Skipped | Status::NotCollected) && matches!(self.now, Status::Stale | Status::Incomplete);
        self.now > self.before && !came_back
    }
}

/// The comparison, `probant.drift.v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    pub schema: String,
    pub organisation: String,
    pub before: String,
    pub now: String,
    /// Changed checks only, worst first.
    pub changes: Vec<Change>,
    /// Checks compared.
    pub compared: usize,
}

impl Drift {
    /// Checks that got worse: new subjects, or a worse status.
    pub fn worse(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| !change.appeared.is_empty() || change.status_worse())
    }

    /// The worst severity among what got worse.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.worse().map(|change| change.severity).max()
    }
}

/// Compares two assessments of the same checks.
#[must_use]
pub fn compare(before: &Assessment, now: &Assessment) -> Drift {
    let mut changes: Vec<Change> = now
        .findings
        .iter()
        .filter_map(|finding| change(before.findings.iter().find(|old| old.check_id == finding.check_id)?, finding))
        .collect();
    changes.sort_by(|a, b| (b.severity, b.appeared.len(), &a.check_id).cmp(&(a.severity, a.appeared.len(), &b.check_id)));
    Drift {
        schema: "probant.drift.v1".into(),
        organisation: now.organisation.clone(),
        before: before.snapshot_id.clone(),
        now: now.snapshot_id.clone(),
        changes,
        compared: now.findings.len(),
    }
}

fn change(before: &Finding, now: &Finding) -> Option<Change> {
    let keys = |finding: &Finding| -> BTreeSet<String> { finding.exceptions.iter().map(|s| s.key.clone()).collect() };
    let (old, new) = (keys(before), keys(now));
    let appeared: Vec<Subject> = now.exceptions.iter().filter(|subject| !old.contains(&subject.key)).cloned().collect();
    let disappeared: Vec<String> = old.difference(&new).cloned().collect();
    (!appeared.is_empty() || !disappeared.is_empty() || before.status != now.status).then(|| Change {
        check_id: now.check_id.clone(),
        title: now.title.clone(),
        severity: now.severity,
        controls: now.controls.clone(),
        before: before.status,
        now: now.status,
        columns: now.columns.clone(),
        appeared,
        disappeared,
    })
}

//! Statuses and severities as a symbol and a word.

use serde::Serialize;

use super::Maker;
use crate::judge::finding::{Severity, Status};

/// The order in which statuses are shown: what needs eyes first, what is out of the game last.
pub(in super::super) const STATUSES: &[Status] = &[
    Status::Broken,
    Status::NotSatisfied,
    Status::Incomplete,
    Status::Stale,
    Status::NotCollected,
    Status::Skipped,
    Status::Satisfied,
    Status::NothingToJudge,
    Status::NoAutomatedEvidence,
    Status::NotApplicable,
];

/// Worst first.
pub(in super::super) const SEVERITIES: &[Severity] = &[Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

/// What the template draws as a symbol beside a word.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Badge {
    /// Name of the symbol and of the style.
    pub(in super::super) id: &'static str,
    pub(in super::super) word: String,
}

impl Maker<'_> {
    pub(super) fn status(&self, status: Status) -> Badge {
        let id = status.word();
        Badge { id, word: self.words("status", id) }
    }

    pub(super) fn status_meaning(&self, status: Status) -> (Badge, String) {
        (self.status(status), self.words("status_meaning", status.word()))
    }

    pub(super) fn severity(&self, severity: Severity) -> Badge {
        let id = severity.word();
        Badge { id, word: self.words("severity", id) }
    }
}

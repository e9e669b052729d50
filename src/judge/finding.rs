//! What judging yields: findings, control statuses, and the assessment that holds them.
//!
//! These types are the public JSON, `probant.assessment.v1`: fields are only ever added.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    pub fr: String,
    pub en: String,
}

/// Status of a check or control. Never green by absence. Ordered from best to worst, so that the worst is the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Declared out in the Statement of Applicability.
    NotApplicable,
    /// No check speaks for this control (controls only).
    NoAutomatedEvidence,
    /// The population is empty though its tables were collected.
    NothingToJudge,
    Satisfied,
    /// Not run, with the reason.
    Skipped,
    /// A table it needs was never collected.
    NotCollected,
    /// Evidence older than its time to live.
    Stale,
    /// Source rows lost or truncated, counts that do not tie, or subjects the source cannot tell of.
    Incomplete,
    NotSatisfied,
    /// The check contradicts itself or failed to run; its figures are not to be used.
    Broken,
}

impl Status {
    /// The status as every public file writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotApplicable => "not_applicable",
            Self::NoAutomatedEvidence => "no_automated_evidence",
            Self::NothingToJudge => "nothing_to_judge",
            Self::Satisfied => "satisfied",
            Self::Skipped => "skipped",
            Self::NotCollected => "not_collected",
            Self::Stale => "stale",
            Self::Incomplete => "incomplete",
            Self::NotSatisfied => "not_satisfied",
            Self::Broken => "broken",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// The severity as every public file writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// population = conform + exceptions + accepted + undetermined, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub population: u64,
    pub conform: u64,
    pub exceptions: u64,
    /// Exceptions covered by a derogation in force.
    pub accepted: u64,
    /// The source could not tell.
    pub undetermined: u64,
}

/// One row of a check's answer: its key, then the cells of [`Finding::columns`], as text; null stays null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub key: String,
    pub cells: Vec<Option<String>>,
}

/// An exception that somebody accepted in writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    #[serde(flatten)]
    pub subject: Subject,
    pub exception_id: String,
    pub approver: String,
    /// ISO date, last day it holds.
    pub expires_on: String,
    pub reason: String,
}

/// A table that a check rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub table: String,
    /// Oldest `evidence_at` among the collections that feed it, RFC 3339; none when never collected.
    pub oldest_evidence_at: Option<String>,
    /// How old it may be, in hours.
    pub max_age_hours: u64,
    pub collections: Vec<String>,
    pub status: Status,
}

/// One check's outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub check_id: String,
    pub title: Text,
    pub severity: Severity,
    pub controls: Vec<String>,
    pub status: Status,
    /// Why the status is what it is, in a sentence.
    pub reason: Text,
    /// Why the check exists: what goes wrong when it is not satisfied.
    #[serde(default)]
    pub rationale: Text,
    pub remediation: Text,
    pub counts: Counts,
    /// Names of the cells of the subjects below, the key first.
    pub columns: Vec<String>,
    /// Sorted by key.
    pub exceptions: Vec<Subject>,
    pub accepted: Vec<Accepted>,
    pub undetermined: Vec<Subject>,
    /// Derogations of this check that are past their date: their subjects count again.
    pub expired_exceptions: Vec<String>,
    pub needs: Vec<Need>,
    /// Parameters as they were applied (name, value).
    pub params: BTreeMap<String, String>,
    /// Digest of the check file that was run.
    pub check_sha256: String,
}

/// One control and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlStatus {
    pub id: String,
    pub title: Text,
    pub explanation: Text,
    pub theme: String,
    pub status: Status,
    /// From the Statement of Applicability.
    pub applicable: bool,
    pub justification: Option<String>,
    pub implementation: Option<String>,
    pub owner: Option<String>,
    /// Checks that speak for it.
    pub checks: Vec<String>,
    /// Documents attached to it (paths).
    pub documents: Vec<String>,
}

/// One source's arithmetic, as shown to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionSummary {
    pub collection_id: String,
    pub source: String,
    pub system: String,
    pub kind: String,
    pub tables: Vec<String>,
    pub endpoint: String,
    pub evidence_at: Option<String>,
    pub evidence_at_basis: String,
    pub rows_seen: u64,
    pub rows_kept: u64,
    pub rows_rejected: u64,
    pub server_count: Option<u64>,
    pub complete: bool,
    pub incomplete_reason: Option<String>,
    pub raw_sha256: Option<String>,
    /// Reject reasons with their counts, most frequent first.
    pub reject_reasons: Vec<(String, u64)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// `2026-T3`.
    pub label: String,
    /// RFC 3339, inclusive.
    pub start: String,
    /// RFC 3339, exclusive.
    pub end: String,
}

/// Everything that was judged, in one value. Reports and bundles format it and add nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// `probant.assessment.v1`.
    pub schema: String,
    pub tool_version: String,
    pub organisation: String,
    pub framework: String,
    pub snapshot_id: String,
    /// RFC 3339.
    pub as_of: String,
    /// IANA name of the zone that people read times in.
    pub zone: String,
    pub period: Period,
    pub findings: Vec<Finding>,
    pub controls: Vec<ControlStatus>,
    pub collections: Vec<CollectionSummary>,
    /// Systems that lie outside the declared perimeter, with their account counts.
    pub outside_perimeter: BTreeMap<String, u64>,
    /// Accounts by link status (definite, candidate, none, declared).
    pub links: BTreeMap<String, u64>,
    /// Row counts of the snapshot's tables.
    pub tables: BTreeMap<String, u64>,
}

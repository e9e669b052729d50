//! What decisions ask for, and whether it really happened: no ticket closes a task, only a later reading of the system does.
//!
//! ```text
//! log ──► tasks ──► exports (CSV, LDIF, PowerShell: proposed, never run)
//!           │
//!           └──► follow (later snapshots) ──► states, delays in working days
//! ```

mod calendar;
mod exports;
mod follow;
mod observe;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use calendar::Calendar;
pub use exports::{isilog, jira, ldif, powershell};
pub use follow::{FORMAT, FollowUp, Followed, Seen, State, follow, rows};
pub use observe::View;

use super::campaign::{Campaign, Item};
use super::decisions::{Log, Outcome};
use super::readback::Choice;
use crate::snapshot::schema;

/// Working days to do a task in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    pub days: u32,
    pub privileged_days: u32,
    pub calendar: Calendar,
}

impl Default for Targets {
    fn default() -> Self {
        Self { days: 7, privileged_days: 3, calendar: Calendar::default() }
    }
}

/// One thing to do in one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task<'c> {
    pub item: &'c Item,
    pub choice: Choice,
    /// The right to give instead.
    pub change: Option<String>,
    pub justification: Option<String>,
    /// Who changes rights in the system.
    pub owner: Option<&'c str>,
    pub requested_at: Timestamp,
    pub due: Date,
}

/// Someone says that a task is done. It proves nothing, and is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub item_id: String,
    pub by: String,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// A risk accepted instead of the task, until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excepted {
    pub item_id: String,
    pub approver: String,
    pub approved_on: Date,
    /// Last day it holds.
    pub expires_on: Date,
}

/// `check_id` under which an exceptions file accepts that a task is not done; its subject is the line's id.
pub const EXCEPTION: &str = "remediation";

/// The exceptions that speak of tasks.
#[must_use]
pub fn excepted(exceptions: &[schema::Exception<'_>]) -> Vec<Excepted> {
    let ours = exceptions.iter().filter(|e| e.check_id == EXCEPTION);
    ours.map(|e| Excepted {
        item_id: e.subject.to_string(),
        approver: e.approver.to_string(),
        approved_on: e.approved_on.date(),
        expires_on: e.expires_on.date(),
    })
    .collect()
}

/// The tasks that the decisions so far ask for, by system and line.
#[must_use]
pub fn tasks<'c>(campaign: &'c Campaign, log: &Log, targets: &Targets) -> Vec<Task<'c>> {
    let zone = jiff::tz::TimeZone::get(&campaign.head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let outcomes = log.outcomes();
    let task = |item: &'c Item, outcome: &Outcome<'_>| {
        let days = if item.privileged == Some(true) { targets.privileged_days } else { targets.days };
        Task {
            item,
            choice: outcome.choice,
            change: outcome.decided.and_then(|d| d.change.clone()),
            justification: outcome.decided.and_then(|d| d.justification.clone()),
            owner: campaign.head.owners.get(&item.system).map(String::as_str),
            requested_at: outcome.at,
            due: targets.calendar.add(zone.to_datetime(outcome.at).date(), days),
        }
    };
    let mut tasks: Vec<Task<'c>> = campaign
        .items
        .iter()
        .filter_map(|item| Some((item, outcomes.get(item.id.as_str())?)))
        .filter(|(_, outcome)| outcome.choice != Choice::Keep)
        .map(|(item, outcome)| task(item, outcome))
        .collect();
    tasks.sort_by(|a, b| (&a.item.system, &a.item.id).cmp(&(&b.item.system, &b.item.id)));
    tasks
}

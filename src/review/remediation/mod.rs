//! What decisions ask for, and whether it really happened: no ticket closes a task, only a later reading of the system does.
//!
//! ```text
//! log ──► tasks ──► exports (CSV, LDIF, PowerShell: proposed, never run)
//!           │
//!           └──► follow (later snapshots) ──► states, delays in working days
//! ```

mod calendar;
mod doubt;
mod exports;
mod follow;
mod observe;
mod page;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use calendar::Calendar;
pub use doubt::{Doubt, Why};
pub use exports::{isilog, jira, ldif, powershell};
pub use follow::{FORMAT, FollowUp, Followed, State, follow, rows};
pub use observe::{Observation, Observed, Seen, Sight};
pub use page::{page, sum, why};

use crate::lang::{Both, Lang};
use crate::review::record::campaign::Campaign;
use crate::review::record::choice::Choice;
use crate::review::record::decisions::{Log, Outcome};
use crate::review::record::item::Item;
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

/// The kind of directory that a system is, from what its sources told when the campaign was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Ad,
    OpenLdap,
    Ds389,
    Ibm,
    Other,
}

impl Flavour {
    pub(super) fn of(campaign: &Campaign, system: &str) -> Self {
        let told = campaign.head.sources.iter().filter(|source| source.system == system).find_map(|source| {
            // A scope is the kind of source, then the query as JSON.
            let (_, query) = source.scope.split_once(' ')?;
            let query: serde_json::Value = serde_json::from_str(query).ok()?;
            query.get("flavour")?.as_str().map(str::to_owned)
        });
        match told.as_deref() {
            Some("ad") => Self::Ad,
            Some("openldap") => Self::OpenLdap,
            Some("389ds") => Self::Ds389,
            Some("ibm") => Self::Ibm,
            _ => Self::Other,
        }
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
    /// A later campaign that decided on the same right, and when.
    pub superseded: Option<(String, Timestamp)>,
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

impl Excepted {
    fn both(&self) -> Both {
        let (approver, until) = (&self.approver, self.expires_on);
        Both {
            fr: format!("acceptée par {approver} jusqu'au {}", Lang::Fr.date(until)),
            en: format!("accepted by {approver} until {}", Lang::En.date(until)),
        }
    }
}

/// The check for which an exceptions file accepts that a task is not done; its subject is the line's id.
pub const EXCEPTION: &str = "revocation-overdue";

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

/// The tasks that the decisions so far ask for, by system and line. They are handed over when the campaign closes: their
/// time runs from then.
#[must_use]
pub fn tasks<'c>(campaign: &'c Campaign, log: &Log, targets: &Targets) -> Vec<Task<'c>> {
    let zone = jiff::tz::TimeZone::get(&campaign.head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let outcomes = log.outcomes();
    let closed = log.closed().map(|(event, _)| event.at);
    let task = |item: &'c Item, outcome: &Outcome<'_>| {
        let requested_at = closed.map_or(outcome.at, |closed| closed.max(outcome.at));
        let days = if item.privileged == Some(true) { targets.privileged_days } else { targets.days };
        Task {
            item,
            choice: outcome.choice,
            change: outcome.decided.and_then(|d| d.change.clone()),
            justification: outcome.decided.and_then(|d| d.justification.clone()),
            owner: campaign.head.owners.get(&item.system).map(String::as_str),
            requested_at,
            due: targets.calendar.add(zone.to_datetime(requested_at).date(), days),
            superseded: None,
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

/// Marks the tasks on whose right a later campaign decided again.
pub fn supersede<'l>(tasks: &mut [Task<'_>], later: impl IntoIterator<Item = (&'l Campaign, &'l Log)>) {
    for (campaign, log) in later {
        let outcomes = log.outcomes();
        let decided = campaign.items.iter().filter_map(|item| Some((item, outcomes.get(item.id.as_str())?.at)));
        let decided: BTreeMap<_, _> = decided.map(|(item, at)| ((&item.account_id, &item.entitlement_id), at)).collect();
        for task in tasks.iter_mut().filter(|task| task.superseded.is_none()) {
            if let Some(at) = decided.get(&(&task.item.account_id, &task.item.entitlement_id)) {
                task.superseded = Some((campaign.head.id.clone(), *at));
            }
        }
    }
}

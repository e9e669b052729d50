//! The state of every task, from all that later snapshots show.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::doubt::Doubt;
use super::observe::{Observation, Seen, Sight};
use super::{Claim, Excepted, Targets, Task};
use crate::lang::{Both, Lang};
use crate::review::record::campaign::Campaign;
use crate::review::record::choice::Choice;
use crate::snapshot::schema;
use crate::snapshot::value::Micros;

pub const FORMAT: &str = "probant.follow-up.v1";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Asked for, and nothing was read since.
    Open,
    /// Someone says that it is done; nothing was read since.
    Claimed,
    /// A later, complete, successful collection of the same source and scope does not show it any more.
    VerifiedAbsent,
    StillPresent,
    /// It was gone, and is back.
    Reappeared,
    /// Read since, but absence could not be told from a gap.
    NotObservable,
    /// Not done, and accepted in writing until a day.
    Excepted,
}

impl State {
    /// As the `remediations` table writes it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claimed => "claimed",
            Self::VerifiedAbsent => "verified_absent",
            Self::StillPresent => "still_present",
            Self::Reappeared => "reappeared",
            Self::NotObservable => "not_observable",
            Self::Excepted => "excepted",
        }
    }

    /// In words, with a sign of its own.
    #[must_use]
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Open => lang.pick("· à faire", "· open"),
            Self::Claimed => lang.pick("… dite faite, à vérifier", "… claimed, to be verified"),
            Self::VerifiedAbsent => lang.pick("✓ absence vérifiée", "✓ verified absent"),
            Self::StillPresent => lang.pick("✗ toujours présent", "✗ still present"),
            Self::Reappeared => lang.pick("✗ réapparu", "✗ reappeared"),
            Self::NotObservable => lang.pick("? non observable", "? not observable"),
            Self::Excepted => lang.pick("– dérogation", "– excepted"),
        }
    }
}

/// A task and its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    pub item_id: String,
    pub system: String,
    pub owner: Option<String>,
    pub account_id: String,
    pub entitlement_id: Option<String>,
    pub title: String,
    pub choice: Choice,
    pub change: Option<String>,
    pub privileged: Option<bool>,
    pub requested_at: Timestamp,
    pub due: Date,
    pub state: State,
    /// When what decides the state was true.
    pub observed_at: Option<Timestamp>,
    /// Working days from the request to the first proof of absence, or to today.
    pub working_days: u32,
    /// Not proven by the due date.
    pub late: bool,
    /// Why it could not be told, the approver of an exception, or the ticket of a claim.
    pub why: Option<Both>,
    /// A later campaign that decided on the same right: it follows it from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
    pub seen: Vec<Seen>,
}

impl Followed {
    /// Whether something is still to be done or shown.
    #[must_use]
    pub fn is_outstanding(&self) -> bool {
        self.superseded_by.is_none() && !matches!(self.state, State::VerifiedAbsent | State::Excepted)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    pub format: String,
    pub campaign: String,
    pub today: Date,
    /// Snapshots that were looked at.
    pub snapshots: Vec<String>,
    /// How many tasks are in each state.
    pub totals: BTreeMap<State, u64>,
    pub late: u64,
    pub tasks: Vec<Followed>,
}

/// Follows every task through the snapshots made since, whatever their order.
#[must_use]
pub fn follow(
    campaign: &Campaign,
    tasks: &[Task<'_>],
    observations: &[Observation],
    (claims, excepted): (&[Claim], &[Excepted]),
    (targets, today): (&Targets, Date),
) -> FollowUp {
    let zone = jiff::tz::TimeZone::get(&campaign.head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let day = |at: Timestamp| zone.to_datetime(at).date();
    let mut followed = vec![];
    for task in tasks {
        let ended = task.superseded.as_ref().map(|(_, at)| *at);
        let sights = observations.iter().filter_map(|observation| observation.sights.get(&task.item.id));
        let mut seen: Vec<Seen> = sights.filter(|s| ended.is_none_or(|ended| s.evidence_at <= ended)).cloned().collect();
        seen.sort_by(|a, b| (a.evidence_at, &a.snapshot_id).cmp(&(b.evidence_at, &b.snapshot_id)));
        let claim = claims.iter().rfind(|claim| claim.item_id == task.item.id);
        let exception = excepted.iter().find(|e| e.item_id == task.item.id && e.approved_on <= today && today <= e.expires_on);
        let (state, observed_at, why) = state(&seen, claim, exception);
        // Since when it has been gone without coming back.
        let present = seen.iter().rposition(|s| s.seen == Sight::Present).map_or(0, |at| at + 1);
        let gone = seen.iter().skip(present).find(|s| s.seen == Sight::Absent).map(|s| day(s.evidence_at));
        let gone = gone.filter(|_| state == State::VerifiedAbsent);
        followed.push(Followed {
            item_id: task.item.id.clone(),
            system: task.item.system.clone(),
            owner: task.owner.map(str::to_owned),
            account_id: task.item.account_id.clone(),
            entitlement_id: task.item.entitlement_id.clone(),
            title: task.item.title(),
            choice: task.choice,
            change: task.change.clone(),
            privileged: task.item.privileged,
            requested_at: task.requested_at,
            due: task.due,
            state,
            observed_at,
            working_days: targets.calendar.between(day(task.requested_at), gone.unwrap_or(today)),
            late: state != State::Excepted && ended.is_none() && gone.unwrap_or(today) > task.due,
            why,
            superseded_by: task.superseded.as_ref().map(|(campaign, _)| campaign.clone()),
            seen,
        });
    }
    let mut totals = BTreeMap::new();
    for task in &followed {
        *totals.entry(task.state).or_default() += 1;
    }
    FollowUp {
        format: FORMAT.to_owned(),
        campaign: campaign.head.id.clone(),
        today,
        snapshots: observations.iter().map(|o| o.snapshot_id.clone()).collect(),
        totals,
        late: followed.iter().filter(|task| task.late).count() as u64,
        tasks: followed,
    }
}

/// The last clear sight decides; before any, what people say, or that nothing could be told.
fn state(seen: &[Seen], claim: Option<&Claim>, exception: Option<&Excepted>) -> (State, Option<Timestamp>, Option<Both>) {
    let clear = seen.iter().rfind(|s| s.seen != Sight::Unclear);
    if let Some(last) = clear.filter(|s| s.seen == Sight::Absent) {
        return (State::VerifiedAbsent, Some(last.evidence_at), None);
    }
    if let Some(exception) = exception {
        return (State::Excepted, clear.map(|s| s.evidence_at), Some(exception.both()));
    }
    if let Some(last) = clear {
        let was_gone = seen.iter().any(|s| s.seen == Sight::Absent);
        let state = if was_gone { State::Reappeared } else { State::StillPresent };
        return (state, Some(last.evidence_at), None);
    }
    match (seen.last(), claim) {
        (Some(last), _) => (State::NotObservable, Some(last.evidence_at), last.doubt.as_ref().map(Doubt::both)),
        (None, Some(claim)) => {
            let ticket = claim.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
            let said = format!("{}{ticket}", claim.by);
            (State::Claimed, None, Some(Both { fr: said.clone(), en: said }))
        }
        (None, None) => (State::Open, None, None),
    }
}

/// The rows of the `remediations` table; what a later campaign follows is left to it.
#[must_use]
pub fn rows(follow_up: &FollowUp, campaign: &Campaign) -> Vec<schema::Remediation<'static>> {
    let zone = jiff::tz::TimeZone::get(&campaign.head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    // A due date is the end of its day.
    let due = |day: Date| zone.to_timestamp(day.at(23, 59, 59, 0)).ok().map(Micros::from);
    let row = |task: &Followed| schema::Remediation {
        campaign_id: follow_up.campaign.clone().into(),
        item_id: task.item_id.clone().into(),
        system: task.system.clone().into(),
        title: task.title.clone().into(),
        decision: task.choice.code().into(),
        privileged: task.privileged,
        owner: task.owner.clone().map(Into::into),
        account_id: task.account_id.clone().into(),
        entitlement_id: task.entitlement_id.clone().map(Into::into),
        requested_at: Micros::from(task.requested_at),
        due: due(task.due),
        status: task.state.code().into(),
        observed_at: task.observed_at.map(Micros::from),
    };
    follow_up.tasks.iter().filter(|task| task.superseded_by.is_none()).map(row).collect()
}

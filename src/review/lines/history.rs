//! Earlier campaigns: what was decided on each line last time, and what has changed since.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};

use super::line::Delta;
use crate::snapshot::schema::{Account, DECLARATION, Decision};

/// What was decided last on each account and right.
type Latest<'a> = HashMap<(&'a str, Option<&'a str>), &'a Decision<'static>>;

/// The latest decisions: all of them, to be shown; those of reviews, to be compared with (a right that was declared was not
/// reviewed).
pub(in crate::review) struct History<'a> {
    latest: Latest<'a>,
    reviewed: Latest<'a>,
    accounts: HashSet<&'a str>,
    /// Systems of which any account was reviewed before.
    systems: BTreeSet<&'a str>,
}

impl<'a> History<'a> {
    /// Decisions of the campaign being prepared are not its own past. Account ids begin with `system:` (see `snapshot::ids`).
    pub(in crate::review) fn new(decisions: &'a [Decision<'static>], campaign: &str, accounts: &'a [Account<'static>]) -> Self {
        let mut history =
            Self { latest: Latest::new(), reviewed: Latest::new(), accounts: HashSet::new(), systems: BTreeSet::new() };
        let mut known = BTreeSet::new();
        for decision in decisions.iter().filter(|d| d.campaign_id != campaign) {
            keep(&mut history.latest, decision);
            if decision.campaign_kind != DECLARATION {
                history.accounts.insert(&decision.account_id);
                known.insert(decision.account_id.as_ref());
                keep(&mut history.reviewed, decision);
            }
        }
        history.systems = accounts.iter().map(|account| account.system.as_ref()).collect();
        history.systems.retain(|system| {
            let prefix = format!("{system}:");
            known.range(prefix.as_str()..).next().is_some_and(|id| id.starts_with(&prefix))
        });
        history
    }

    pub(in crate::review) fn of(
        &self,
        account: &'a Account<'static>,
        entitlement_id: Option<&'a str>,
        privileged: Option<bool>,
    ) -> (Delta, Option<&'a Decision<'static>>) {
        let key = (account.account_id.as_ref(), entitlement_id);
        // Only two known answers can differ.
        let changed = |decision: &Decision<'_>| decision.privileged.zip(privileged).is_some_and(|(was, is)| was != is);
        let reviewed = self.reviewed.get(&key).copied();
        let delta = match reviewed {
            Some(decision) if decision.decision == "keep" && changed(decision) => Delta::Changed,
            Some(decision) if decision.decision == "keep" => Delta::Unchanged,
            Some(_) => Delta::StillThere,
            None if self.accounts.contains(account.account_id.as_ref()) => Delta::NewRight,
            None if self.systems.contains(account.system.as_ref()) => Delta::NewAccount,
            None => Delta::NoBaseline,
        };
        // What was to go is told with the decision that said so, whatever was declared since.
        let told = if delta == Delta::StillThere { reviewed } else { self.latest.get(&key).copied() };
        (delta, told)
    }
}

fn keep<'a>(latest: &mut Latest<'a>, decision: &'a Decision<'static>) {
    let kept = latest.entry((decision.account_id.as_ref(), decision.entitlement_id.as_deref())).or_insert(decision);
    if age(decision) > age(kept) {
        *kept = decision;
    }
}

/// Later decisions are greater; the campaign's name settles those without a time.
fn age<'d>(decision: &'d Decision<'_>) -> (Option<i64>, &'d str) {
    (decision.decided_at.map(|at| at.0), decision.campaign_id.as_ref())
}

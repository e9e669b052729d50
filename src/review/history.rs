//! Earlier campaigns: what was decided on each line last time, and what has changed since.

use std::collections::{BTreeMap, BTreeSet};

use super::line::Delta;
use crate::snapshot::schema::{Account, Decision};

/// The latest decision on each account and right.
pub(super) struct History<'a> {
    latest: BTreeMap<(&'a str, Option<&'a str>), &'a Decision<'static>>,
    accounts: BTreeSet<&'a str>,
}

impl<'a> History<'a> {
    /// Decisions of the campaign being prepared are not its own past.
    pub(super) fn new(decisions: &'a [Decision<'static>], campaign: &str) -> Self {
        let mut history = Self { latest: BTreeMap::new(), accounts: BTreeSet::new() };
        for decision in decisions.iter().filter(|d| d.campaign_id != campaign) {
            let key = (decision.account_id.as_ref(), decision.entitlement_id.as_deref());
            history.accounts.insert(key.0);
            let kept = history.latest.entry(key).or_insert(decision);
            if age(decision) > age(kept) {
                *kept = decision;
            }
        }
        history
    }

    pub(super) fn of(
        &self,
        account: &'a Account<'static>,
        entitlement_id: Option<&'a str>,
    ) -> (Delta, Option<&'a Decision<'static>>) {
        let previous = self.latest.get(&(account.account_id.as_ref(), entitlement_id)).copied();
        let delta = match previous {
            Some(decision) if decision.decision == "keep" => Delta::Unchanged,
            Some(_) => Delta::StillThere,
            None if self.accounts.contains(account.account_id.as_ref()) => Delta::NewRight,
            None if self.covers(&account.system) => Delta::NewAccount,
            None => Delta::NoBaseline,
        };
        (delta, previous)
    }

    /// Whether any account of the system was reviewed before. Account ids begin with `system:` (see `snapshot::ids`).
    fn covers(&self, system: &str) -> bool {
        let prefix = format!("{system}:");
        self.accounts.range(prefix.as_str()..).next().is_some_and(|id| id.starts_with(&prefix))
    }
}

/// Later decisions are greater; the campaign's name settles those without a time.
fn age<'d>(decision: &'d Decision<'_>) -> (Option<i64>, &'d str) {
    (decision.decided_at.map(|at| at.0), decision.campaign_id.as_ref())
}

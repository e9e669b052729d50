//! What one later snapshot shows of tasks: still there, gone, or nothing that can be trusted.
//!
//! Rows are shown to [`Observed`] one by one, while a harvest writes them or while a snapshot is read again; only what
//! concerns a task is kept.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Task;
use super::doubt::{Doubt, Why};
use crate::review::paper::fold::folded;
use crate::review::record::campaign::Campaign;
use crate::review::record::source::{FrozenSource, scope, ties};
use crate::snapshot::schema::{Account, Collection, Grant, Reject};
use crate::snapshot::value::Micros;

/// Refused rows that are kept to be searched. Beyond them, any could name what is looked for.
const REJECTS: usize = 100_000;

/// What is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    Present,
    Absent,
    /// Read since, but absence could not be told from a gap.
    Unclear,
}

/// What one snapshot showed of one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub snapshot_id: String,
    /// When what it shows was true.
    pub evidence_at: Timestamp,
    pub seen: Sight,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
}

/// What one snapshot showed of a campaign's tasks, by line. A line of `observations.jsonl`. Tasks of whose system nothing was
/// read since the decision are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    pub snapshot_id: String,
    pub sights: BTreeMap<String, Seen>,
}

/// The part of a snapshot that concerns tasks.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    accounts: BTreeSet<String>,
    enabled: BTreeMap<String, Option<bool>>,
    grants: BTreeSet<(String, String)>,
    rejects: Vec<String>,
    /// There were more refused rows than are kept.
    rejects_cut: bool,
}

impl Observed {
    /// Ready to look at the accounts that tasks are about.
    #[must_use]
    pub fn of<'t>(tasks: impl IntoIterator<Item = &'t Task<'t>>) -> Self {
        let accounts = tasks.into_iter().map(|task| task.item.account_id.clone()).collect();
        Self { accounts, ..Self::default() }
    }

    /// Whether anything of an account matters here.
    #[must_use]
    pub fn wants(&self, account_id: &str) -> bool {
        self.accounts.contains(account_id)
    }

    pub fn account(&mut self, account: &Account<'_>) {
        if self.wants(&account.account_id) {
            self.enabled.insert(account.account_id.to_string(), account.enabled);
        }
    }

    pub fn grant(&mut self, grant: &Grant<'_>) {
        if self.wants(&grant.account_id) {
            self.grants.insert((grant.account_id.to_string(), grant.entitlement_id.to_string()));
        }
    }

    pub fn reject(&mut self, reject: &Reject<'_>) {
        if self.rejects.len() < REJECTS {
            self.rejects.push(folded(&reject.excerpt));
        } else {
            self.rejects_cut = true;
        }
    }

    /// What is seen of a campaign's tasks, once every row was shown.
    #[must_use]
    pub fn observation(
        &self,
        snapshot_id: &str,
        collections: &[Collection<'_>],
        campaign: &Campaign,
        tasks: &[Task<'_>],
    ) -> Observation {
        let look = |task: &Task<'_>| {
            let (evidence_at, seen, doubt) = self.look(collections, campaign, task)?;
            Some((task.item.id.clone(), Seen { snapshot_id: snapshot_id.to_owned(), evidence_at, seen, doubt }))
        };
        Observation { snapshot_id: snapshot_id.to_owned(), sights: tasks.iter().filter_map(look).collect() }
    }

    /// Looks for what a task should have removed; nothing when nothing of the system was read since.
    fn look(
        &self,
        collections: &[Collection<'_>],
        campaign: &Campaign,
        task: &Task<'_>,
    ) -> Option<(Timestamp, Sight, Option<Doubt>)> {
        let feeds = |s: &&FrozenSource| s.system == task.item.system && s.tables.iter().any(|t| t == "accounts" || t == "grants");
        let sources: Vec<&FrozenSource> = campaign.head.sources.iter().filter(feeds).collect();
        let found = |s: &FrozenSource| collections.iter().find(|c| c.source == s.source.as_str() && c.system == s.system.as_str());
        let later = |c: &Collection<'_>| c.evidence_at.map(Micros::timestamp).filter(|at| *at > task.requested_at);
        // The oldest of them dates the sight.
        let Some(at) = sources.iter().filter_map(|s| later(found(s)?)).min() else {
            // A source that was tried since and gave nothing is no "not yet".
            let tried = |c: &&Collection<'_>| c.started.timestamp() > task.requested_at && c.evidence_at.is_none();
            let tried = sources.iter().filter_map(|s| found(s)).find(tried)?;
            let doubt = Doubt::new(&tried.source, Why::Unread, tried.incomplete_reason.as_deref());
            return Some((tried.started.timestamp(), Sight::Unclear, Some(doubt)));
        };
        if self.is_there(task) {
            return Some((at, Sight::Present, None));
        }
        let unclear = |doubt| Some((at, Sight::Unclear, Some(doubt)));
        for source in &sources {
            let doubt = match found(source) {
                None => Some(Doubt::new(&source.source, Why::NotCollected, None)),
                Some(collection) => self.doubt(source, collection, later(collection).is_some(), task),
            };
            if doubt.is_some() {
                return unclear(doubt?);
            }
        }
        let unstated = task.item.entitlement_id.is_none() && self.enabled.get(task.item.account_id.as_str()) == Some(&None);
        if unstated {
            let source = sources.first().map_or("", |s| s.source.as_str());
            return unclear(Doubt::new(source, Why::Unstated, None));
        }
        Some((at, Sight::Absent, None))
    }

    /// A right is there when it is held. An account as a whole is gone when it is not there, or disabled.
    fn is_there(&self, task: &Task<'_>) -> bool {
        let account = &task.item.account_id;
        match &task.item.entitlement_id {
            Some(right) => self.grants.contains(&(account.clone(), right.clone())),
            None => self.enabled.get(account) == Some(&Some(true)),
        }
    }

    /// Why a collection cannot prove an absence.
    fn doubt(&self, source: &FrozenSource, collection: &Collection<'_>, later: bool, task: &Task<'_>) -> Option<Doubt> {
        let doubt = |why, detail| Some(Doubt::new(&source.source, why, detail));
        if collection.evidence_at.is_none() {
            return doubt(Why::Unread, collection.incomplete_reason.as_deref());
        }
        if !later {
            return doubt(Why::Older, None);
        }
        if !collection.complete {
            return doubt(Why::Incomplete, collection.incomplete_reason.as_deref());
        }
        if !ties(collection) {
            return doubt(Why::Untied, None);
        }
        if scope(collection) != source.scope {
            return doubt(Why::OtherScope, None);
        }
        if collection.rows_seen == 0 && source.rows_seen > 0 {
            return doubt(Why::Empty, None);
        }
        if collection.rows_rejected > 0 && (self.rejects_cut || self.rejected(task)) {
            return doubt(Why::Rejected, None);
        }
        None
    }

    /// Whether a row that was refused speaks of what is looked for, so that its absence may be the refusal's doing.
    fn rejected(&self, task: &Task<'_>) -> bool {
        let local = |id: &str| id.split_once(':').map_or(id, |(_, local)| local).to_owned();
        let mut words = vec![task.item.login.clone(), local(&task.item.account_id)];
        words.extend(task.item.right.clone());
        words.extend(task.item.entitlement_id.as_deref().map(local));
        let words: Vec<String> = words.iter().map(|word| folded(word)).filter(|word| !word.is_empty()).collect();
        self.rejects.iter().any(|excerpt| words.iter().any(|word| excerpt.contains(word.as_str())))
    }
}

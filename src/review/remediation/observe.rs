//! What one later snapshot shows of a task: still there, gone, or nothing that can be trusted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Task;
use crate::review::campaign::{Campaign, FrozenSource};
use crate::review::gate;
use crate::review::readback::folded;
use crate::snapshot::schema::{Account, Collection, Grant, Reject};
use crate::snapshot::value::Micros;

/// The tables of a snapshot that a follow-up looks at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub snapshot_id: &'a str,
    pub collections: &'a [Collection<'static>],
    pub accounts: &'a [Account<'static>],
    pub grants: &'a [Grant<'static>],
    pub rejects: &'a [Reject<'static>],
}

/// What is seen, with the instant that it was true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing of the system was read since the decision.
    NotYet,
    Present(Timestamp),
    Absent(Timestamp),
    /// Read since, but absence could not be told from a gap.
    Unclear(Timestamp, String),
}

/// A snapshot made ready to be asked.
pub(super) struct Index<'a> {
    pub snapshot_id: &'a str,
    collections: &'a [Collection<'static>],
    enabled: BTreeMap<&'a str, Option<bool>>,
    grants: BTreeSet<(&'a str, &'a str)>,
    rejects: Vec<String>,
}

impl<'a> Index<'a> {
    pub(super) fn new(view: &View<'a>) -> Self {
        Self {
            snapshot_id: view.snapshot_id,
            collections: view.collections,
            enabled: view.accounts.iter().map(|a| (a.account_id.as_ref(), a.enabled)).collect(),
            grants: view.grants.iter().map(|g| (g.account_id.as_ref(), g.entitlement_id.as_ref())).collect(),
            rejects: view.rejects.iter().map(|r| folded(&r.excerpt)).collect(),
        }
    }

    /// Looks for what a task should have removed.
    pub(super) fn look(&self, campaign: &Campaign, task: &Task<'_>) -> Sight {
        let feeds = |s: &&FrozenSource| s.system == task.item.system && s.tables.iter().any(|t| t == "accounts" || t == "grants");
        let sources: Vec<&FrozenSource> = campaign.head.sources.iter().filter(feeds).collect();
        let found =
            |s: &FrozenSource| self.collections.iter().find(|c| c.source == s.source.as_str() && c.system == s.system.as_str());
        let later = |c: &Collection<'_>| c.evidence_at.map(Micros::timestamp).filter(|at| *at > task.requested_at);
        // The oldest of them dates the sight.
        let Some(at) = sources.iter().filter_map(|s| later(found(s)?)).min() else {
            // A source that was tried since and gave nothing is no "not yet".
            let tried = sources
                .iter()
                .filter_map(|s| found(s))
                .find(|c| c.started.timestamp() > task.requested_at && c.evidence_at.is_none());
            return tried
                .map_or(Sight::NotYet, |c| Sight::Unclear(c.started.timestamp(), format!("{}: nothing could be read", c.source)));
        };
        if self.is_there(task) {
            return Sight::Present(at);
        }
        for source in &sources {
            let why = match found(source) {
                None => Some("was not collected".to_owned()),
                Some(collection) => self.doubt(source, collection, later(collection).is_some(), task),
            };
            if let Some(why) = why {
                return Sight::Unclear(at, format!("{}: {why}", source.source));
            }
        }
        if task.item.entitlement_id.is_none() && self.enabled.get(task.item.account_id.as_str()) == Some(&None) {
            return Sight::Unclear(at, "the source does not tell whether the account is enabled".to_owned());
        }
        Sight::Absent(at)
    }

    /// A right is there when it is held. An account as a whole is gone when it is not there, or disabled.
    fn is_there(&self, task: &Task<'_>) -> bool {
        let account = task.item.account_id.as_str();
        match task.item.entitlement_id.as_deref() {
            Some(right) => self.grants.contains(&(account, right)),
            None => self.enabled.get(account) == Some(&Some(true)),
        }
    }

    /// Why a collection cannot prove an absence.
    fn doubt(&self, source: &FrozenSource, collection: &Collection<'_>, later: bool, task: &Task<'_>) -> Option<String> {
        if !later {
            return Some("its content is older than the decision".to_owned());
        }
        if !collection.complete {
            return Some(format!("incomplete ({})", collection.incomplete_reason.as_deref().unwrap_or("no reason given")));
        }
        if !gate::ties(collection) {
            return Some("its counts do not add up".to_owned());
        }
        if gate::scope(collection) != source.scope {
            return Some("another scope was read than when the campaign was opened".to_owned());
        }
        if collection.rows_seen == 0 && source.rows_seen > 0 {
            return Some("it came back empty".to_owned());
        }
        if collection.rows_rejected > 0 && self.rejected(task) {
            return Some("a row that could not be read names the account or the right".to_owned());
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

//! Lines that changed hands while a campaign was open. Nothing frozen is written again: a handover is an event of the log.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Item, Reviewer};

/// One handover, as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// `person_id` of who had the lines; none: nobody had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Who decides on them from now on; `lines` and `workbook` are those of this handover.
    pub to: Reviewer,
    pub items: Vec<String>,
    pub reason: String,
    /// The snapshot whose roster and accounts were looked at.
    pub snapshot_id: String,
}

/// A handover that took place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Of its event in the log; names its workbook.
    pub seq: u64,
    pub at: Timestamp,
    /// Who typed the command.
    pub by: String,
    pub what: Handover,
}

/// Every handover of a campaign, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handovers {
    all: Vec<Past>,
    /// Where a line is spoken of among them.
    by_item: BTreeMap<String, Vec<usize>>,
}

impl Handovers {
    #[must_use]
    pub fn all(&self) -> &[Past] {
        &self.all
    }

    pub(super) fn of<'h>(&'h self, item_id: &str) -> impl DoubleEndedIterator<Item = &'h Past> {
        self.by_item.get(item_id).into_iter().flatten().filter_map(|at| self.all.get(*at))
    }

    /// The handover by which a line left someone for good.
    #[must_use]
    pub fn away(&self, item_id: &str, person_id: &str) -> Option<&Past> {
        self.of(item_id).rev().find(|past| past.what.from.as_deref() == Some(person_id))
    }

    /// The handover of a number, when it was to someone.
    #[must_use]
    pub fn to(&self, seq: u64, person_id: &str) -> Option<&Past> {
        self.all.iter().find(|past| past.seq == seq && past.what.to.person_id == person_id)
    }

    /// Whether a line was given to its present reviewer when the campaign was opened.
    #[must_use]
    pub fn opened_with(&self, item: &Item) -> bool {
        self.of(&item.id).next().is_none_or(|first| first.what.from == item.reviewer)
    }

    pub(super) fn push(&mut self, past: Past) {
        for item in &past.what.items {
            self.by_item.entry(item.clone()).or_default().push(self.all.len());
        }
        self.all.push(past);
    }
}

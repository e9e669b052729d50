//! A campaign read together with its log: every line where the handovers have brought it, and the workbooks that hold it.

use std::collections::BTreeMap;

use super::campaign::Campaign;
use super::decisions::{Log, What};
use super::handovers::{Handovers, Past};
use super::item::{Reviewer, Sent};

impl Campaign {
    /// The campaign with every line where the log's handovers have brought it; those it knew already are told again.
    #[must_use]
    pub fn with_handovers(mut self, log: &Log) -> Self {
        self.handovers = Handovers::default();
        for event in log.events() {
            let What::Reassigned(handover) = &event.what else { continue };
            for id in &handover.items {
                let at = self.items.binary_search_by(|item| item.id.as_str().cmp(id)).ok();
                if let Some(item) = at.and_then(|at| self.items.get_mut(at)) {
                    item.reviewer = Some(handover.to.person_id.clone());
                }
            }
            if self.reviewer(&handover.to.person_id).is_none() {
                self.head.reviewers.push(Reviewer { workbook: None, ..handover.to.clone() });
            }
            let what = handover.as_ref().clone();
            self.handovers.push(Past { seq: event.seq, at: event.at, by: event.by.clone(), what });
        }
        self
    }
}

/// A workbook that holds lines of its reviewer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parcel<'c> {
    /// Number of the handover; none: made when the campaign was opened.
    pub seq: Option<u64>,
    pub sent: &'c Sent,
    pub lines: u64,
}

impl Campaign {
    /// The workbooks of a reviewer that hold lines which are still theirs.
    #[must_use]
    pub fn parcels(&self, reviewer: &Reviewer) -> Vec<Parcel<'_>> {
        let mut lines: BTreeMap<Option<u64>, u64> = BTreeMap::new();
        for item in self.items.iter().filter(|item| item.reviewer.as_deref() == Some(&reviewer.person_id)) {
            *lines.entry(self.handovers.of(&item.id).next_back().map(|past| past.seq)).or_default() += 1;
        }
        let sent = |seq: Option<u64>| match seq {
            None => self.reviewer(&reviewer.person_id)?.workbook.as_ref(),
            Some(seq) => self.handovers.to(seq, &reviewer.person_id)?.what.to.workbook.as_ref(),
        };
        lines.into_iter().filter_map(|(seq, lines)| Some(Parcel { seq, sent: sent(seq)?, lines })).collect()
    }
}

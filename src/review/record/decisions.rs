//! The decisions of a campaign: a file to which lines are only ever added (`decisions.jsonl`).
//!
//! A later decision supersedes an earlier one and never erases it. Every event carries the digest of the returned file that it
//! comes from, so that each total can be worked out again from the files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::campaign::Campaign;
use super::choice::Choice;
use super::handovers::Handover;
use super::item::Item;
use super::returned::{Note, Request, Signature, Times};
use crate::lanes;
use crate::snapshot::schema;
use crate::snapshot::value::Micros;

/// One event, one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// From 1, without gaps.
    pub seq: u64,
    pub at: Timestamp,
    /// Who typed the command.
    pub by: String,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// A file came back and was read.
    Returned(Box<Return>),
    Decided(Box<Decided>),
    /// A line that a file decides on, but not in a way that can be taken.
    Refused {
        item_id: String,
        codes: Vec<String>,
        reviewer: String,
        sha256: String,
    },
    /// At closing: silence, under the rule set at opening.
    NoAnswer {
        item_id: String,
        choice: Choice,
        was_refused: bool,
    },
    Closed {
        totals: Tally,
    },
    /// Open lines went from one reviewer to another.
    Reassigned(Box<Handover>),
    /// Opening the campaign was a mistake: nothing of it counts.
    Abandoned {
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    pub file: String,
    pub sha256: String,
    pub reviewer: Option<String>,
    pub signature: Option<Signature>,
    pub times: Times,
    pub answers: u64,
    pub refused: u64,
    pub silent: u64,
    pub requests: Vec<Request>,
    pub notes: Vec<Note>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub item_id: String,
    pub choice: Choice,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    pub reviewer: String,
    /// Of the returned file.
    pub sha256: String,
    pub sheet: String,
    pub row: u32,
    /// The event that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<u64>,
}

impl Decided {
    /// Whether both say the same of their line.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        let said = |d: &Self| (d.choice, d.change.clone(), d.justification.clone(), d.comment.clone());
        said(self) == said(other)
    }
}

/// Where every line stands. `items = decided + refused + no_answer`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub items: u64,
    pub decided: u64,
    pub keep: u64,
    pub revoke: u64,
    pub modify: u64,
    pub refused: u64,
    pub no_answer: u64,
}

impl Tally {
    #[must_use]
    pub fn ties(&self) -> bool {
        self.items == self.decided + self.refused + self.no_answer && self.decided == self.keep + self.revoke + self.modify
    }

    pub fn add(&mut self, standing: &Standing<'_>) {
        self.items += 1;
        match standing {
            Standing::Decided(_, decided) => {
                self.decided += 1;
                match decided.choice {
                    Choice::Keep => self.keep += 1,
                    Choice::Revoke => self.revoke += 1,
                    Choice::Modify => self.modify += 1,
                }
            }
            Standing::Refused(_) => self.refused += 1,
            Standing::NoAnswer => self.no_answer += 1,
        }
    }
}

/// Where one line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'l> {
    Decided(&'l Event, &'l Decided),
    /// The codes of the last refusal.
    Refused(&'l [String]),
    NoAnswer,
}

/// Events that are written at once.
const BLOCK: usize = 512;

/// The log of a campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    events: Vec<Event>,
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("decisions.jsonl, line {line}: {source}. The file is only ever added to: restore it from a copy of the store")]
    Json { line: usize, source: serde_json::Error },
    #[error(
        "decisions.jsonl, line {line}: event {found} where {wanted} was to come. Lines were taken out or moved: restore it from a copy of the store"
    )]
    Gap { line: usize, found: u64, wanted: u64 },
}

impl Log {
    /// Reads a log; no bytes are an empty log.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LogError> {
        let mut events: Vec<Event> = vec![];
        for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let event: Event = serde_json::from_slice(line).map_err(|source| LogError::Json { line: at + 1, source })?;
            let wanted = events.len() as u64 + 1;
            if event.seq != wanted {
                return Err(LogError::Gap { line: at + 1, found: event.seq, wanted });
            }
            events.push(event);
        }
        Ok(Self { events })
    }

    /// Writes the log, made on so many threads.
    pub fn write(&self, threads: usize, out: &mut dyn Write) -> io::Result<()> {
        let blocks: Vec<&[Event]> = self.events.chunks(BLOCK).collect();
        let block = |at: usize| {
            let mut bytes = vec![];
            for event in blocks.get(at).copied().unwrap_or_default() {
                serde_json::to_writer(&mut bytes, event)?;
                bytes.push(b'\n');
            }
            Ok::<_, io::Error>(bytes)
        };
        lanes::ordered(blocks.len(), threads, block, |bytes| out.write_all(&bytes?))
    }

    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Number of the next event.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.events.len() as u64 + 1
    }

    pub(in crate::review) fn push(&mut self, at: Timestamp, by: &str, what: What) {
        let seq = self.next_seq();
        self.events.push(Event { seq, at, by: by.to_owned(), what });
    }

    /// The returned files, oldest first.
    pub fn returns(&self) -> impl Iterator<Item = (&Event, &Return)> {
        self.events.iter().filter_map(|event| match &event.what {
            What::Returned(returned) => Some((event, returned.as_ref())),
            _ => None,
        })
    }

    /// Digests of the files read so far.
    #[must_use]
    pub fn files(&self) -> BTreeSet<&str> {
        self.returns().map(|(_, returned)| returned.sha256.as_str()).collect()
    }

    /// When the campaign was closed, and with what totals.
    #[must_use]
    pub fn closed(&self) -> Option<(&Event, Tally)> {
        self.events.iter().find_map(|event| match &event.what {
            What::Closed { totals } => Some((event, *totals)),
            _ => None,
        })
    }

    /// When the campaign was abandoned, and why.
    #[must_use]
    pub fn abandoned(&self) -> Option<(&Event, &str)> {
        self.events.iter().find_map(|event| match &event.what {
            What::Abandoned { reason } => Some((event, reason.as_str())),
            _ => None,
        })
    }

    /// Where the lines that anything was said of stand, by item id. A refusal never undoes a decision.
    #[must_use]
    pub fn standings(&self) -> BTreeMap<&str, Standing<'_>> {
        let mut standings: BTreeMap<&str, Standing<'_>> = BTreeMap::new();
        for event in &self.events {
            match &event.what {
                What::Decided(decided) => {
                    standings.insert(&decided.item_id, Standing::Decided(event, decided));
                }
                What::Refused { item_id, codes, .. } => {
                    let standing = standings.entry(item_id).or_insert(Standing::NoAnswer);
                    if !matches!(standing, Standing::Decided(..)) {
                        *standing = Standing::Refused(codes);
                    }
                }
                _ => {}
            }
        }
        standings
    }

    /// What was decided in the end, the no-answer rule included, by item id: when, what, and why.
    #[must_use]
    pub fn outcomes(&self) -> BTreeMap<&str, Outcome<'_>> {
        let mut outcomes: BTreeMap<&str, Outcome<'_>> = BTreeMap::new();
        for event in &self.events {
            match &event.what {
                What::Decided(d) => {
                    let of = Outcome { at: event.at, choice: d.choice, decided: Some(d) };
                    outcomes.insert(&d.item_id, of);
                }
                What::NoAnswer { item_id, choice, .. } => {
                    outcomes.insert(item_id, Outcome { at: event.at, choice: *choice, decided: None });
                }
                _ => {}
            }
        }
        outcomes
    }
}

/// What was decided on a line in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome<'l> {
    pub at: Timestamp,
    pub choice: Choice,
    /// None: the no-answer rule.
    pub decided: Option<&'l Decided>,
}

/// The rows of the `decisions` table that a campaign gives, for later campaigns and for checks.
#[must_use]
pub fn rows(campaign: &Campaign, log: &Log) -> Vec<schema::Decision<'static>> {
    let row = |item: &Item, outcome: &Outcome<'_>| schema::Decision {
        campaign_id: campaign.head.id.clone().into(),
        campaign_kind: campaign.head.kind.code().into(),
        item_id: item.id.clone().into(),
        system: item.system.clone().into(),
        privileged: item.privileged,
        reviewer_id: outcome.decided.map_or_else(String::new, |d| d.reviewer.clone()).into(),
        account_id: item.account_id.clone().into(),
        entitlement_id: item.entitlement_id.clone().map(Into::into),
        decision: outcome.choice.code().into(),
        justification: outcome.decided.and_then(|d| d.justification.clone()).map(Into::into),
        decided_at: Some(Micros::from(outcome.at)),
    };
    let outcomes = log.outcomes();
    campaign.items.iter().filter_map(|item| Some(row(item, outcomes.get(item.id.as_str())?))).collect()
}

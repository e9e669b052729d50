//! Lines that change hands while a campaign is open: a reviewer left, or is on leave. What was decided stays with who decided it.
//!
//! Nothing frozen is written again: a handover is an event of the log, and a campaign is read together with its log.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ReviewError;
use super::advice::has_left;
use super::campaign::{Campaign, Item, Reviewer, Sent};
use super::decisions::{Log, Standing, What};
use super::reviewers::{Roster, is_own};
use crate::snapshot::schema::{Account, Person};

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

    fn of<'h>(&'h self, item_id: &str) -> impl DoubleEndedIterator<Item = &'h Past> {
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

    fn push(&mut self, past: Past) {
        for item in &past.what.items {
            self.by_item.entry(item.clone()).or_default().push(self.all.len());
        }
        self.all.push(past);
    }
}

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

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// `person_id`; none: the lines that nobody has.
    pub from: Option<&'a str>,
    /// Employee number or address, as typed.
    pub to: &'a str,
    /// Only these lines; all when empty.
    pub lines: &'a [String],
    /// Only those of these systems; all when empty.
    pub systems: &'a [String],
}

/// What is known today.
#[derive(Debug, Clone, Copy)]
pub struct Present<'a> {
    pub people: &'a [Person<'static>],
    pub accounts: &'a [Account<'static>],
    pub today: Date,
}

/// What will change hands.
#[derive(Debug, Clone)]
pub struct Planned<'c> {
    /// Without a workbook yet.
    pub to: Reviewer,
    pub employee_id: String,
    pub items: Vec<&'c Item>,
    /// Stay: they are accesses of the new reviewer's own.
    pub own: Vec<&'c Item>,
    /// Stay: they are decided.
    pub decided: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandoverError {
    #[error("--to {0}: nobody of the roster is called so; write the employee number or e-mail address of someone in `people`")]
    Nobody(String),
    #[error("--to {0}: {1} people of the roster share it; write the employee number")]
    Ambiguous(String, usize),
    #[error("--to {0}: {1} has left the organisation according to the roster; name someone else")]
    Left(String, String),
    #[error("{0} has these lines already; name someone else with --to")]
    Same(String),
    #[error("--line {0}: it is none of the lines to be moved (see `probant review status --workbook FILE`)")]
    Line(String),
    #[error("--system {0}: none of the lines to be moved is of that system; theirs are: {1}")]
    System(String, String),
    #[error("there is no open line to move: {0} decided line(s) stay with who decided them")]
    Nothing(usize),
    #[error(
        "each of the {0} open line(s) is an access of {1}'s own, through one account or another: nobody decides on their own accesses. \
         Name someone else with --to"
    )]
    Own(usize, String),
}

/// Works out what changes hands, and refuses what must not.
pub fn plan<'c>(campaign: &'c Campaign, log: &Log, wanted: &Wanted<'_>, now: &Present<'_>) -> Result<Planned<'c>, HandoverError> {
    let roster = Roster::new(now.people);
    let person = roster.find("to", wanted.to).map_err(|error| match error {
        ReviewError::Ambiguous { value, count, .. } => HandoverError::Ambiguous(value, count),
        _ => HandoverError::Nobody(wanted.to.to_owned()),
    })?;
    if has_left(person, now.today) {
        return Err(HandoverError::Left(wanted.to.to_owned(), person.display_name.to_string()));
    }
    if wanted.from == Some(person.person_id.as_ref()) {
        return Err(HandoverError::Same(person.display_name.to_string()));
    }
    let theirs: Vec<&'c Item> = campaign.items.iter().filter(|item| item.reviewer.as_deref() == wanted.from).collect();
    if let Some(id) = wanted.lines.iter().find(|id| !theirs.iter().any(|item| item.id == **id)) {
        return Err(HandoverError::Line(id.clone()));
    }
    let systems: BTreeSet<&str> = theirs.iter().map(|item| item.system.as_str()).collect();
    if let Some(system) = wanted.systems.iter().find(|system| !systems.contains(system.as_str())) {
        return Err(HandoverError::System(system.clone(), systems.into_iter().collect::<Vec<_>>().join(", ")));
    }
    let standings = log.standings();
    let asked = |item: &&&Item| {
        (wanted.lines.is_empty() || wanted.lines.contains(&item.id))
            && (wanted.systems.is_empty() || wanted.systems.contains(&item.system))
    };
    let (decided, open): (Vec<&'c Item>, Vec<&'c Item>) =
        theirs.iter().filter(asked).partition(|item| matches!(standings.get(item.id.as_str()), Some(Standing::Decided(..))));
    // Own as the campaign was frozen, and as the accounts are today: an owner may have been declared since.
    let accounts: BTreeMap<&str, &Account<'_>> =
        now.accounts.iter().map(|account| (account.account_id.as_ref(), account)).collect();
    let is_theirs = |item: &&Item| {
        item.own.iter().any(|id| *id == person.person_id)
            || accounts.get(item.account_id.as_str()).is_some_and(|account| is_own(person, account))
    };
    let (own, items): (Vec<&'c Item>, Vec<&'c Item>) = open.into_iter().partition(is_theirs);
    match (items.len(), own.len()) {
        (0, 0) => return Err(HandoverError::Nothing(decided.len())),
        (0, own) => return Err(HandoverError::Own(own, person.display_name.to_string())),
        _ => {}
    }
    // The lines stay in the words they were frozen in, and what stands around them follows.
    let lang = wanted.from.and_then(|id| campaign.reviewer(id)).map_or(campaign.head.lang, |from| from.lang);
    let to = Reviewer {
        person_id: person.person_id.to_string(),
        name: person.display_name.to_string(),
        email: person.emails.first().map(ToString::to_string),
        lang,
        lines: items.len() as u64,
        workbook: None,
    };
    Ok(Planned { to, employee_id: person.employee_id.to_string(), items, own, decided: decided.len() })
}

/// Adds a handover to the log; its number.
pub fn record(log: &mut Log, at: Timestamp, by: &str, handover: Handover) -> u64 {
    let seq = log.next_seq();
    log.push(at, by, What::Reassigned(Box::new(handover)));
    seq
}

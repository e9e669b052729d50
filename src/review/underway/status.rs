//! How far a campaign has come: by reviewer and by system, who is late, and what looks like a rubber stamp.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::lang::Lang;
use crate::review::paper::fold::folded;
use crate::review::record::campaign::Campaign;
use crate::review::record::choice::Choice;
use crate::review::record::decisions::{Decided, Log, Return, Standing, Tally};
use crate::review::record::handovers::Past;
use crate::review::record::item::{Item, Reviewer};

pub const FORMAT: &str = "probant.review-status.v1";

/// Lines from which a habit can be told from chance.
const ENOUGH: u64 = 20;
/// Percent of lines kept from which a review looks like a rubber stamp.
const ALL_KEPT: u64 = 95;
/// Seconds below which nobody reads a line.
const SECONDS_A_LINE: u64 = 2;
/// Times that one justification stands on privileged lines before it says nothing.
const REPEATED: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    pub format: &'static str,
    pub campaign: String,
    pub due: Date,
    /// Past the due date, with lines still to decide.
    pub late: bool,
    /// Calendar days left; negative past the due date.
    pub days_left: i32,
    pub closed_at: Option<Timestamp>,
    pub abandoned: Option<Abandoned>,
    pub totals: Tally,
    /// Lines that no reviewer may decide on.
    pub unassigned: u64,
    pub reviewers: Vec<Progress>,
    pub systems: Vec<Progress>,
    pub signals: Vec<Signal>,
    /// Rows that people added, set aside as requests.
    pub requests: u64,
    pub moved: Vec<Moved>,
}

/// That opening the campaign was a mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Abandoned {
    pub at: Timestamp,
    pub by: String,
    pub reason: String,
}

/// Lines that went from one reviewer to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    pub at: Timestamp,
    pub by: String,
    /// None: nobody had them.
    pub from: Option<String>,
    pub to: String,
    pub lines: u64,
    pub reason: String,
}

impl Moved {
    /// One sentence.
    #[must_use]
    pub fn say(&self, zone: &TimeZone, lang: Lang) -> String {
        let Self { by, to, lines, reason, .. } = self;
        let on = lang.date(zone.to_datetime(self.at).date());
        match (lang, &self.from) {
            (Lang::Fr, Some(from)) => format!("{lines} ligne(s) de {from} confiée(s) à {to} le {on} par {by} : {reason}"),
            (Lang::En, Some(from)) => format!("{lines} line(s) of {from} given to {to} on {on} by {by}: {reason}"),
            (Lang::Fr, None) => format!("{lines} ligne(s) sans relecteur confiée(s) à {to} le {on} par {by} : {reason}"),
            (Lang::En, None) => format!("{lines} line(s) without a reviewer given to {to} on {on} by {by}: {reason}"),
        }
    }
}

impl Abandoned {
    /// One sentence.
    #[must_use]
    pub fn say(&self, zone: &TimeZone, lang: Lang) -> String {
        let Self { by, reason, .. } = self;
        let on = lang.date(zone.to_datetime(self.at).date());
        match lang {
            Lang::Fr => format!("Campagne abandonnée le {on} par {by} : {reason}"),
            Lang::En => format!("Campaign abandoned on {on} by {by}: {reason}"),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// `person_id`, or the system.
    pub id: String,
    pub name: String,
    pub tally: Tally,
    /// Whether a signed workbook came back.
    pub signed: bool,
    pub late: bool,
    pub state: Reply,
}

/// Where someone's lines stand, in one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    #[default]
    Awaited,
    /// There is no line.
    Nothing,
    /// Every line is decided, over a signature.
    Signed,
    /// A signed workbook decided some of them.
    Partly,
    Late,
    /// The campaign ended before all of it was decided and signed.
    Unfinished,
}

impl Progress {
    fn of(id: &str, name: &str, tally: &Tally, (signed, past, ended): (bool, bool, bool)) -> Self {
        let whole = tally.decided == tally.items;
        let late = past && !ended && !whole;
        let state = match tally.items {
            0 => Reply::Nothing,
            _ if signed && whole => Reply::Signed,
            _ if ended => Reply::Unfinished,
            _ if late => Reply::Late,
            _ if signed => Reply::Partly,
            _ => Reply::Awaited,
        };
        Self { id: id.to_owned(), name: name.to_owned(), tally: *tally, signed, late, state }
    }
}

/// Something about the quality of the answers that a person should look at. It accuses nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "signal", rename_all = "kebab-case")]
pub enum Signal {
    /// Nearly everything was kept.
    AllKept { reviewer: String, kept: u64, decided: u64 },
    /// By the file's own times, it was open for less than it takes to read it.
    FasterThanReading { reviewer: String, minutes: u32, decided: u64 },
    /// Privileged rights that someone wanted to keep without saying why (those lines are refused).
    PrivilegedWithoutJustification { reviewer: String, lines: u64 },
    /// One sentence for many privileged rights, or hardly a word.
    EmptyJustification { reviewer: String, lines: u64, text: String },
    /// Kept against a recommendation to revoke.
    KeptAgainstAdvice { reviewer: String, lines: u64 },
}

/// Where a campaign stands on a day of the organisation's zone.
#[must_use]
pub fn status(campaign: &Campaign, log: &Log, today: Date) -> Status {
    let standings = log.standings();
    let past = today > campaign.head.due;
    let signed: BTreeSet<&str> =
        log.returns().filter(|(_, r)| r.signature.is_some()).filter_map(|(_, r)| r.reviewer.as_deref()).collect();
    let mut totals = Tally::default();
    let mut by_reviewer: BTreeMap<&str, Tally> =
        campaign.head.reviewers.iter().map(|r| (r.person_id.as_str(), Tally::default())).collect();
    let mut by_system: BTreeMap<&str, Tally> = BTreeMap::new();
    for item in &campaign.items {
        let standing = standings.get(item.id.as_str()).unwrap_or(&Standing::NoAnswer);
        totals.add(standing);
        by_system.entry(&item.system).or_default().add(standing);
        if let Some(reviewer) = item.reviewer.as_deref() {
            by_reviewer.entry(reviewer).or_default().add(standing);
        }
    }
    let closed = log.closed();
    let ended = log.still_open().is_err();
    let reviewers = by_reviewer.iter().map(|(id, tally)| {
        let name = campaign.reviewer(id).map_or(*id, |r| &r.name);
        Progress::of(id, name, tally, (signed.contains(id), past, ended))
    });
    let systems = by_system.iter().map(|(system, tally)| Progress::of(system, system, tally, (false, past, ended)));
    Status {
        format: FORMAT,
        campaign: campaign.head.id.clone(),
        due: campaign.head.due,
        late: past && !ended && totals.decided < totals.items,
        days_left: campaign.head.due.since(today).map_or(0, |span| span.get_days()),
        closed_at: closed.map(|(event, _)| event.at),
        abandoned: log.abandoned().map(|(event, reason)| Abandoned {
            at: event.at,
            by: event.by.clone(),
            reason: reason.to_owned(),
        }),
        unassigned: campaign.items.iter().filter(|item| item.reviewer.is_none()).count() as u64,
        reviewers: reviewers.collect(),
        systems: systems.collect(),
        signals: signals(campaign, log, &standings),
        requests: log.returns().map(|(_, r)| r.requests.len() as u64).sum(),
        moved: campaign.handovers.all().iter().map(|past| moved(campaign, past)).collect(),
        totals,
    }
}

fn moved(campaign: &Campaign, past: &Past) -> Moved {
    let name = |id: &String| campaign.reviewer(id).map_or(id, |r| &r.name).clone();
    Moved {
        at: past.at,
        by: past.by.clone(),
        from: past.what.from.as_ref().map(name),
        to: past.what.to.name.clone(),
        lines: past.what.items.len() as u64,
        reason: past.what.reason.clone(),
    }
}

fn signals(campaign: &Campaign, log: &Log, standings: &BTreeMap<&str, Standing<'_>>) -> Vec<Signal> {
    let each = campaign.by_reviewer();
    let returns: Vec<&Return> = log.returns().map(|(_, returned)| returned).collect();
    let of = |reviewer: &Reviewer| {
        let id = reviewer.person_id.as_str();
        let items = each.get(id).map(Vec::as_slice).unwrap_or_default();
        let mine = returns.iter().copied().filter(move |returned| returned.reviewer.as_deref() == Some(id));
        signals_of(reviewer, items, standings, mine)
    };
    campaign.head.reviewers.iter().flat_map(of).collect()
}

fn signals_of<'l>(
    reviewer: &Reviewer,
    items: &[&Item],
    standings: &BTreeMap<&str, Standing<'_>>,
    returns: impl Iterator<Item = &'l Return>,
) -> Vec<Signal> {
    let mut tally = Tally::default();
    let (mut unjustified, mut against) = (0, 0);
    let mut texts: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for item in items {
        let standing = standings.get(item.id.as_str()).unwrap_or(&Standing::NoAnswer);
        tally.add(standing);
        match standing {
            Standing::Refused(codes) if codes.iter().any(|code| code == "justification-missing") => unjustified += 1,
            Standing::Decided(_, Decided { choice: Choice::Keep, justification, .. }) => {
                against += u64::from(item.advice == crate::review::lines::advice::Verdict::Revoke);
                if let (Some(true), Some(text)) = (item.privileged, justification) {
                    texts.entry(folded(text)).or_insert_with(|| (0, text.clone())).0 += 1;
                }
            }
            _ => {}
        }
    }
    let who = || reviewer.name.clone();
    let mut signals = vec![];
    if tally.decided >= ENOUGH && tally.keep * 100 >= tally.decided * ALL_KEPT {
        signals.push(Signal::AllKept { reviewer: who(), kept: tally.keep, decided: tally.decided });
    }
    if unjustified > 0 {
        signals.push(Signal::PrivilegedWithoutJustification { reviewer: who(), lines: unjustified });
    }
    for (key, (lines, text)) in texts {
        let hardly = key.chars().filter(|c| c.is_alphabetic()).count() < 5;
        if hardly || lines >= REPEATED as u64 {
            signals.push(Signal::EmptyJustification { reviewer: who(), lines, text });
        }
    }
    if against > 0 {
        signals.push(Signal::KeptAgainstAdvice { reviewer: who(), lines: against });
    }
    for returned in returns {
        let Some(minutes) = returned.times.editing_minutes else { continue };
        // The minutes are whole: the last one may have been a full one.
        if returned.answers >= ENOUGH && (u64::from(minutes) + 1) * 60 < returned.answers * SECONDS_A_LINE {
            signals.push(Signal::FasterThanReading { reviewer: who(), minutes, decided: returned.answers });
        }
    }
    signals
}

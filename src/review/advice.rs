//! What is recommended for a line, and every reason for it. A recommendation never decides; silence of a source
//! never recommends.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::back::Back;
use super::line::{Delta, Flag, Line, is_personal};
use super::peers::Rarity;
use crate::snapshot::schema::Person;
use crate::snapshot::value::Days;

/// Ordered: the strongest reason wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Keep,
    Examine,
    Revoke,
}

/// How far the date of a last login can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    Exact,
    /// Active Directory's lastLogonTimestamp lags by up to 14 days.
    Days14,
    Coarse,
    /// No date, or nothing known of it.
    None,
}

impl Precision {
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "exact" => Self::Exact,
            "days_14" => Self::Days14,
            "coarse" => Self::Coarse,
            _ => Self::None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason<'a> {
    /// The person left (on this day, where the roster tells).
    Left(Option<Date>),
    /// An earlier campaign decided otherwise and the right is there.
    DecidedOtherwise {
        campaign: &'a str,
        modify: bool,
    },
    /// An earlier review had it removed, it was seen gone, and it is held again.
    CameBack(Back<'a>),
    Dormant {
        since: Date,
        precision: Precision,
    },
    Disabled,
    /// No one in the roster explains a personal account.
    Orphan,
    /// The link to a person is a guess.
    Candidate,
    /// A service or shared account without declared owner.
    Ownerless,
    /// The declared owner has left.
    OwnerLeft,
    /// Privileged, and no earlier justification is on record.
    Unjustified,
    /// Privileged, justified last time: must be justified anew.
    JustifyAgain,
    Outlier(Rarity),
    /// A check of high or critical severity found the account.
    Flagged,
}

impl Reason<'_> {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Left(_)
            | Self::CameBack(_)
            | Self::DecidedOtherwise { modify: false, .. }
            | Self::Dormant { precision: Precision::Exact | Precision::Days14, .. } => Verdict::Revoke,
            Self::JustifyAgain => Verdict::Keep,
            _ => Verdict::Examine,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice<'a> {
    pub verdict: Verdict,
    pub reasons: Vec<Reason<'a>>,
}

impl Advice<'_> {
    /// Before anything is known.
    #[must_use]
    pub fn none() -> Self {
        Self { verdict: Verdict::Keep, reasons: vec![] }
    }
}

/// Whether the roster says that someone is no longer there on a day. The last day is still a day.
#[must_use]
pub fn has_left(person: &Person<'_>, today: Date) -> bool {
    person.status == "left" || person.left_on.is_some_and(|day| day.date() < today)
}

/// The day and the threshold that advice is given for.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    pub today: Date,
    pub dormant_after_days: u32,
}

impl Rules {
    #[must_use]
    pub fn advise<'a>(self, line: &Line<'a>, rarity: Option<Rarity>) -> Advice<'a> {
        let mut reasons = vec![];
        self.people(line, &mut reasons);
        if let Some(back) = line.back {
            reasons.push(Reason::CameBack(back));
        } else if line.delta == Delta::StillThere
            && let Some(previous) = line.previous
        {
            let modify = previous.decision == "modify";
            reasons.push(Reason::DecidedOtherwise { campaign: &previous.campaign_id, modify });
        }
        reasons.extend(self.dormant(line));
        if line.account.enabled == Some(false) {
            reasons.push(Reason::Disabled);
        }
        if line.privileged() == Some(true) {
            let before = line.previous.filter(|p| p.decision == "keep");
            let justified = before.and_then(|p| p.justification.as_deref());
            let known = justified.is_some_and(|text| !text.trim().is_empty());
            reasons.push(if known { Reason::JustifyAgain } else { Reason::Unjustified });
        }
        reasons.extend(rarity.map(Reason::Outlier));
        if line.flags.iter().any(|flag: &Flag| flag.serious) {
            reasons.push(Reason::Flagged);
        }
        let verdict = reasons.iter().map(Reason::verdict).max().unwrap_or(Verdict::Keep);
        Advice { verdict, reasons }
    }

    fn people<'a>(self, line: &Line<'a>, reasons: &mut Vec<Reason<'a>>) {
        if !is_personal(line.account) {
            match line.owner {
                None => reasons.push(Reason::Ownerless),
                Some(owner) if has_left(owner, self.today) => reasons.push(Reason::OwnerLeft),
                Some(_) => {}
            }
            return;
        }
        let sure = matches!(line.account.link_status.as_ref(), "definite" | "declared");
        match line.person {
            None => reasons.push(Reason::Orphan),
            Some(_) if !sure => reasons.push(Reason::Candidate),
            Some(person) if has_left(person, self.today) => {
                reasons.push(Reason::Left(person.left_on.map(Days::date)));
            }
            Some(_) => {}
        }
    }

    /// A date that may lag by 14 days must be older by as much; a coarse one only asks for a look.
    fn dormant<'a>(self, line: &Line<'a>) -> Option<Reason<'a>> {
        let since = line.last_login?;
        let precision = Precision::of(&line.account.last_login_precision);
        let lag = if precision == Precision::Days14 { 14 } else { 0 };
        let days = self.today.since(since).ok()?.get_days();
        let dormant = precision != Precision::None && i64::from(days) > i64::from(self.dormant_after_days) + lag;
        dormant.then_some(Reason::Dormant { since, precision })
    }
}

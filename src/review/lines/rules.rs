//! Working out the advice: what the records say of a line, as reasons.

use jiff::civil::Date;

use super::advice::{Advice, Precision, Reason, Verdict};
use super::line::{Delta, Flag, Line, is_personal};
use super::peers::Rarity;
use crate::snapshot::schema::Person;
use crate::snapshot::value::Days;

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

//! Who gets which letter today, and why the others get none.

use jiff::Timestamp;
use jiff::civil::Date;

use super::config::{MailConfig, mailbox};
use super::log::{History, Standing};
use crate::review::record::campaign::Campaign;
use crate::review::record::decisions::Tally;
use crate::review::record::item::{Reviewer, Sent};
use crate::review::record::parcels::Parcel;
use crate::review::underway::status::Status;

/// Which kind of letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Invitation,
    /// Before the due date.
    Before,
    /// On it.
    Due,
    /// After it.
    Late,
}

impl Stage {
    pub const ALL: [Self; 4] = [Self::Invitation, Self::Before, Self::Due, Self::Late];

    /// As it names templates and letters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Before => "before",
            Self::Due => "due",
            Self::Late => "late",
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Workbooks to those who have none yet.
    Invite,
    /// Reminders to those who owe something.
    Remind,
}

/// A letter to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted<'c> {
    pub reviewer: &'c Reviewer,
    /// As the reviewer's address stands in the campaign; it reads.
    pub to: &'c str,
    pub stage: Stage,
    /// Its name in the log: a letter of one name goes to a reviewer once.
    pub letter: String,
    pub tally: Tally,
    /// Lines that the letter is about.
    pub lines: u64,
    /// The workbooks that hold them.
    pub books: Vec<&'c Sent>,
    /// Whether anything of the reviewer's came back.
    pub returned: bool,
    /// Days to the due date, or past it.
    pub days: u32,
}

/// Why a reviewer gets no letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skipped {
    /// The roster gives none.
    NoAddress,
    /// What the roster gives is none.
    BadAddress(String),
    Sent(Timestamp),
    /// A run was stopped while this letter went out.
    Doubt(Timestamp),
    /// Signed, and every line decided.
    Done,
    /// All their lines were given to another reviewer.
    Moved,
    /// Nothing to remind of before this day.
    NotBefore(Date),
}

impl Skipped {
    /// Whether someone must do something about it.
    #[must_use]
    pub const fn is_trouble(&self) -> bool {
        matches!(self, Self::NoAddress | Self::BadAddress(_) | Self::Doubt(_))
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan<'c> {
    pub letters: Vec<Wanted<'c>>,
    pub skipped: Vec<(&'c Reviewer, Skipped)>,
}

/// A letter that may be due.
struct Occasion<'c> {
    stage: Stage,
    /// Its name in the log.
    letter: String,
    lines: u64,
    books: Vec<&'c Sent>,
    /// Nobody can have begun its workbook.
    fresh: bool,
}

/// The letters of today, by reviewer.
#[must_use]
pub fn plan<'c>(campaign: &'c Campaign, status: &Status, history: &History, when: &MailConfig, ask: Ask) -> Plan<'c> {
    let mut plan = Plan::default();
    for reviewer in &campaign.head.reviewers {
        let progress = status.reviewers.iter().find(|p| p.id == reviewer.person_id);
        let tally = progress.map(|p| p.tally).unwrap_or_default();
        let done = progress.is_some_and(|p| p.signed) && tally.decided == tally.items;
        let parcels = campaign.parcels(reviewer);
        let occasions: Vec<Result<Occasion<'c>, Skipped>> = match ask {
            _ if parcels.is_empty() => vec![Err(Skipped::Moved)],
            Ask::Invite => parcels.iter().map(|parcel| Ok(invitation(parcel))).collect(),
            Ask::Remind if done => vec![Err(Skipped::Done)],
            Ask::Remind => {
                let books = parcels.iter().map(|parcel| parcel.sent).collect();
                let reminder = reminder(when, status.days_left, campaign.head.due);
                vec![reminder.map(|(stage, letter)| Occasion { stage, letter, lines: tally.items, books, fresh: false })]
            }
        };
        for occasion in occasions {
            match occasion.and_then(|occasion| Ok((due(reviewer, history, &occasion.letter)?, occasion))) {
                Ok((to, Occasion { stage, letter, lines, books, fresh })) => {
                    let days = status.days_left.unsigned_abs();
                    let returned = !fresh && progress.is_some_and(|p| p.signed || p.tally.no_answer < p.tally.items);
                    plan.letters.push(Wanted { reviewer, to, stage, letter, tally, lines, books, returned, days });
                }
                Err(why) => plan.skipped.push((reviewer, why)),
            }
        }
    }
    plan
}

/// The address of a letter that did not go out yet.
fn due<'c>(reviewer: &'c Reviewer, history: &History, letter: &str) -> Result<&'c str, Skipped> {
    let to = address(reviewer)?;
    match history.of(&reviewer.person_id, letter) {
        Some(Standing::Sent(at)) => Err(Skipped::Sent(at)),
        Some(Standing::Doubt(at)) => Err(Skipped::Doubt(at)),
        Some(Standing::Open) | None => Ok(to),
    }
}

/// The letter that a workbook goes out with.
fn invitation<'c>(parcel: &Parcel<'c>) -> Occasion<'c> {
    let stage = Stage::Invitation;
    let letter = parcel.seq.map_or_else(|| stage.word().to_owned(), |seq| format!("{}-{seq}", stage.word()));
    Occasion { stage, letter, lines: parcel.lines, books: vec![parcel.sent], fresh: parcel.seq.is_some() }
}

fn address(reviewer: &Reviewer) -> Result<&str, Skipped> {
    let text = reviewer.email.as_deref().map(str::trim).filter(|text| !text.is_empty()).ok_or(Skipped::NoAddress)?;
    match mailbox(text) {
        Ok(_) => Ok(text),
        Err(_unreadable) => Err(Skipped::BadAddress(text.to_owned())),
    }
}

/// The reminder of a day: the nearest threshold that has come, the due date, or the period of lateness.
fn reminder(when: &MailConfig, days_left: i32, due: Date) -> Result<(Stage, String), Skipped> {
    if days_left == 0 {
        return Ok((Stage::Due, Stage::Due.word().to_owned()));
    }
    if days_left < 0 {
        let period = (days_left.unsigned_abs() - 1) / u32::from(when.remind_every.max(1)) + 1;
        return Ok((Stage::Late, format!("late-{period}")));
    }
    let come = when.remind_before.iter().filter(|days| days_left <= i32::from(**days)).min();
    come.map(|days| (Stage::Before, format!("before-{days}"))).ok_or_else(|| {
        let first = when.remind_before.iter().max().copied().unwrap_or_default();
        let on = due.saturating_sub(jiff::Span::new().days(i64::from(first)));
        Skipped::NotBefore(on)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use jiff::civil::date;

    #[test]
    fn reminders_follow_the_days_left() {
        let config: MailConfig = toml::from_str("server = 'x'\nfrom = 'a@b.fr'\nremind_before = [1, 7]\nremind_every = 5").unwrap();
        let due = date(2026, 12, 18);
        let of = |days| reminder(&config, days, due).map(|(_, letter)| letter);
        assert_eq!(of(8), Err(Skipped::NotBefore(date(2026, 12, 11))));
        let letters =
            [(7, "before-7"), (2, "before-7"), (1, "before-1"), (0, "due"), (-1, "late-1"), (-5, "late-1"), (-6, "late-2")];
        for (days, letter) in letters {
            assert_eq!(of(days).unwrap(), letter, "{days} days left");
        }
    }

    #[test]
    fn addresses_that_are_none_are_said_and_never_used() {
        let mut reviewer = Reviewer {
            person_id: "rh:1".into(),
            name: "A".into(),
            email: None,
            lang: crate::lang::Lang::Fr,
            lines: 1,
            workbook: None,
        };
        assert_eq!(address(&reviewer), Err(Skipped::NoAddress));
        reviewer.email = Some("  ".into());
        assert_eq!(address(&reviewer), Err(Skipped::NoAddress));
        for bad in ["a@b.fr\r\nRCPT TO:<x@y>", "a b@c.fr", "personne", "a@b.fr, c@d.fr", "<a@b.fr"] {
            reviewer.email = Some(bad.into());
            assert_eq!(address(&reviewer), Err(Skipped::BadAddress(bad.into())), "{bad:?}");
        }
        reviewer.email = Some("anne.martin@exemple.fr".into());
        assert_eq!(address(&reviewer), Ok("anne.martin@exemple.fr"));
    }
}

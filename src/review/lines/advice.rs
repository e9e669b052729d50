//! What is recommended for a line, and every reason for it. A recommendation never decides; silence of a source
//! never recommends.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::back::Back;
use super::peers::Rarity;

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
    pub(super) fn verdict(&self) -> Verdict {
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

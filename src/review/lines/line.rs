//! One line of a review, and the sums over all of them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::advice::Advice;
use super::back::Back;
use crate::review::error::ReviewError;
use crate::snapshot::schema::{Account, Decision, Entitlement, Person};

/// Something a check found about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    pub check_id: String,
    /// Title of the check, French and English.
    pub fr: String,
    pub en: String,
    /// Whether it alone is reason enough to look closer (checks of high or critical severity).
    pub serious: bool,
}

/// The sheet a line stands on. Every line is on exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    /// Ordinary rights of people.
    Review,
    /// Privileged rights of people.
    Privileged,
    /// All that service, shared, system and break-glass accounts hold, privileged or not.
    Service,
}

impl Sheet {
    pub const ALL: [Self; 3] = [Self::Review, Self::Privileged, Self::Service];

    /// The word used in `_meta`, the same in every language.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Privileged => "privileged",
            Self::Service => "service",
        }
    }

    #[must_use]
    pub fn of(account: &Account<'_>, privileged: Option<bool>) -> Self {
        if !is_personal(account) {
            Self::Service
        } else if privileged == Some(true) {
            Self::Privileged
        } else {
            Self::Review
        }
    }
}

/// Whether an account may be somebody's own. An unknown kind may: its owner then shows.
#[must_use]
pub fn is_personal(account: &Account<'_>) -> bool {
    matches!(account.kind.as_ref(), "human" | "unknown")
}

/// A line against the decisions of earlier campaigns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delta {
    /// No earlier decision on this system: nothing to compare with.
    NoBaseline,
    /// The account was in no earlier campaign.
    NewAccount,
    /// The account was, this right was not.
    NewRight,
    /// Kept, and what it gives has changed since: it was no administration and is now, or the reverse.
    Changed,
    /// Reviewed before and kept.
    Unchanged,
    /// Was to be revoked or modified, and is there.
    StillThere,
}

/// One line to decide: an account and a right it holds, or an account that holds none.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    pub item_id: String,
    pub account: &'a Account<'static>,
    /// Id of the right held; none: the account as a whole.
    pub entitlement_id: Option<&'a str>,
    /// The right as its source describes it; none when the source only names it.
    pub entitlement: Option<&'a Entitlement<'static>>,
    /// The roster's person behind the account, surely or as a candidate.
    pub person: Option<&'a Person<'static>>,
    /// The declared owner of an account that is no one's own.
    pub owner: Option<&'a Person<'static>>,
    pub sheet: Sheet,
    pub direct: bool,
    /// Paths through groups, sorted.
    pub via: Vec<&'a str>,
    /// In the organisation's zone.
    pub last_login: Option<Date>,
    pub delta: Delta,
    pub previous: Option<&'a Decision<'static>>,
    /// It was seen gone after an earlier review, and is held again.
    pub back: Option<Back<'a>>,
    pub flags: &'a [Flag],
    pub advice: Advice<'a>,
}

impl Line<'_> {
    /// Whether the right gives administration; null stays null.
    #[must_use]
    pub fn privileged(&self) -> Option<bool> {
        self.entitlement.and_then(|e| e.privileged)
    }
}

/// Id of a line: the campaign, so that a line alone still tells where it belongs, and 64 bits of a digest, the same in
/// every run (one chance in 37 million of a clash among a million lines, and a clash is an error).
#[must_use]
pub fn item_id(campaign: &str, account_id: &str, entitlement_id: Option<&str>) -> String {
    let mut digest = Sha256::new();
    for part in ["probant.item.v1", campaign, account_id, entitlement_id.unwrap_or_default()] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    format!("{campaign}-{}", short(digest))
}

/// The first 64 bits of a digest, in hexadecimal.
pub(in crate::review) fn short(digest: Sha256) -> String {
    let first = digest.finalize().first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    format!("{first:016x}")
}

/// The sums that must tie out. Nothing leaves the review without a number here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub accounts_seen: u64,
    /// Of systems that are not reviewed, by system.
    pub accounts_out_of_scope: BTreeMap<String, u64>,
    /// Known to be disabled, and left out by `disabled_accounts = false`.
    pub accounts_disabled_left_out: u64,
    /// Reviewed without any right: one line each.
    pub accounts_without_right: u64,
    pub grants_seen: u64,
    /// Of accounts out of scope or left out.
    pub grants_out_of_scope: u64,
    /// Of accounts that no source described: they cannot be reviewed and must be explained.
    pub grants_without_account: u64,
    /// Further ways to hold a right that already has its line.
    pub grants_merged: u64,
    /// Every line in scope by what it is against the earlier decisions.
    #[serde(default)]
    pub by_delta: BTreeMap<Delta, u64>,
    /// Lines in scope that this kind of campaign does not ask about.
    #[serde(default)]
    pub not_selected: u64,
    pub lines: u64,
    pub assigned: u64,
    pub unassigned: u64,
    /// Named in `systems` and without any account in the snapshot.
    pub systems_without_account: Vec<String>,
}

impl Totals {
    /// The sums that hold for any input.
    pub fn tie_out(&self) -> Result<(), ReviewError> {
        let from_grants = self.grants_seen.checked_sub(self.grants_out_of_scope + self.grants_without_account + self.grants_merged);
        let from_records = from_grants.map(|pairs| pairs + self.accounts_without_right);
        if from_records != Some(self.lines + self.not_selected) || self.assigned + self.unassigned != self.lines {
            return Err(ReviewError::Untied(format!("{self:?}")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_ids_are_stable_and_tell_the_account_alone_from_its_rights() {
        let id = item_id("2026-T4", "ad:1", Some("ad:g1"));
        assert_eq!(id, item_id("2026-T4", "ad:1", Some("ad:g1")));
        assert_eq!(id.len(), "2026-T4-".len() + 16);
        assert!(id.starts_with("2026-T4-"));
        let others = [
            item_id("2027-T4", "ad:1", Some("ad:g1")),
            item_id("2026-T4", "ad:1", None),
            item_id("2026-T4", "ad:1a", Some("d:g1")),
        ];
        assert!(!others.contains(&id));
    }

    #[test]
    fn totals_that_lose_a_line_are_an_error() {
        let mut totals = Totals { grants_seen: 5, grants_merged: 1, lines: 4, assigned: 3, ..Totals::default() };
        assert!(totals.tie_out().is_err());
        totals.unassigned = 1;
        assert_eq!(totals.tie_out(), Ok(()));
    }
}

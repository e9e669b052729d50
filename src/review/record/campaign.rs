//! A campaign as it was frozen when it was opened: all that reading workbooks back, closing and following up need, so that
//! none of them needs the snapshot again.
//!
//! Two files: `campaign.json` (`probant.campaign.v1`) and `items.json` (`probant.items.v1`, one line of text an item), whose
//! digest the first holds. Neither is ever written again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::damaged::{CampaignError, known};
use super::handovers::Handovers;
use super::item::{Item, Reviewer, read_items};
use super::source::{FrozenSource, Waiver};
use crate::lang::Lang;
use crate::review::lines::line::Totals;
use crate::store::digest;

pub const FORMAT: &str = "probant.campaign.v1";

/// What a campaign is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Every line in scope.
    #[default]
    Full,
    /// What is new or should be gone since the last closed campaign.
    Changes,
    /// Privileged rights, and all that is not known to be unprivileged on accounts of nobody.
    Privileged,
    /// Accounts of people who have left.
    Leavers,
    /// Accounts of people whose unit or manager has changed.
    Movers,
}

impl Kind {
    /// As the `decisions` table writes it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Changes => "changes",
            Self::Privileged => "privileged",
            Self::Leavers => "leavers",
            Self::Movers => "movers",
        }
    }

    /// In words.
    #[must_use]
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Full => lang.pick("complète", "full"),
            Self::Changes => lang.pick("changements depuis la dernière campagne close", "changes since the last closed campaign"),
            Self::Privileged => lang.pick("droits privilégiés", "privileged rights"),
            Self::Leavers => lang.pick("personnes parties", "leavers"),
            Self::Movers => lang.pick("personnes ayant changé de poste", "movers"),
        }
    }
}

/// What silence means when the campaign is closed. Chosen when it is opened, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoAnswer {
    Revoke,
    Keep,
}

/// All but the items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub format: String,
    pub id: String,
    pub kind: Kind,
    pub organisation: String,
    pub contact: String,
    /// IANA name of the organisation's zone.
    pub zone: String,
    pub lang: Lang,
    pub opened_at: Timestamp,
    pub opened_by: String,
    pub snapshot_id: String,
    pub due: Date,
    pub no_answer: Option<NoAnswer>,
    /// Systems asked for; empty: all.
    pub systems: Vec<String>,
    pub sources: Vec<FrozenSource>,
    pub waivers: Vec<Waiver>,
    pub reviewers: Vec<Reviewer>,
    /// Who changes rights in a system, by system: technical owner, else owner.
    pub owners: BTreeMap<String, String>,
    /// The closed campaign that changes are counted from.
    #[serde(default)]
    pub baseline: Option<String>,
    /// Leavers and movers: since when.
    #[serde(default)]
    pub since: Option<Date>,
    /// Rights decided in the campaign before and no longer there.
    pub removed: u64,
    pub totals: Totals,
    pub items_sha256: String,
    pub tool_version: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub head: Head,
    /// By id; each with who decides on it now.
    pub items: Vec<Item>,
    /// How lines came to others than those of the opening: see [`Campaign::with_handovers`].
    pub handovers: Handovers,
}

impl Head {
    /// `campaign.json`, when `items.json` has this digest.
    pub fn to_file(&self, items_sha256: &str) -> Result<Vec<u8>, CampaignError> {
        let head = Self { items_sha256: items_sha256.to_owned(), ..self.clone() };
        let mut bytes = serde_json::to_vec_pretty(&head).map_err(|source| CampaignError::Json { file: "campaign.json", source })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    #[must_use]
    pub fn reviewer(&self, person_id: &str) -> Option<&Reviewer> {
        self.reviewers.iter().find(|r| r.person_id == person_id)
    }
}

impl Campaign {
    /// Reads the two files, on so many threads.
    pub fn from_files(head: &[u8], items: &[u8], threads: usize) -> Result<Self, CampaignError> {
        let head: Head = serde_json::from_slice(head).map_err(|source| CampaignError::Json { file: "campaign.json", source })?;
        known("campaign.json", &head.format, FORMAT)?;
        let found = digest::hex(items);
        if found != head.items_sha256 {
            return Err(CampaignError::Changed { found, wanted: head.items_sha256 });
        }
        Ok(Self { items: read_items(items, threads)?, head, handovers: Handovers::default() })
    }

    #[must_use]
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.binary_search_by(|item| item.id.as_str().cmp(id)).ok().and_then(|at| self.items.get(at))
    }

    #[must_use]
    pub fn reviewer(&self, person_id: &str) -> Option<&Reviewer> {
        self.head.reviewer(person_id)
    }

    /// The lines given to each reviewer, by id.
    #[must_use]
    pub fn by_reviewer(&self) -> BTreeMap<&str, Vec<&Item>> {
        let mut each: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
        for item in &self.items {
            if let Some(reviewer) = item.reviewer.as_deref() {
                each.entry(reviewer).or_default().push(item);
            }
        }
        each
    }
}

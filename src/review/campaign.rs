//! A campaign as it was frozen when it was opened: all that reading workbooks back, closing and following up need, so that
//! none of them needs the snapshot again.
//!
//! Two files: `campaign.json` (`probant.campaign.v1`) and `items.json` (`probant.items.v1`, one line of text an item), whose
//! digest the first holds. Neither is ever written again.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::advice::{Precision, Verdict};
use super::handover::Handovers;
use super::lanes;
use super::line::{Sheet, Totals};
use super::row::Cell;
use crate::lang::{Both, Lang};
use crate::store::digest;

pub const FORMAT: &str = "probant.campaign.v1";
pub const ITEMS_FORMAT: &str = "probant.items.v1";

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

/// A source as it was when the campaign was opened: a revocation is verified by the same source and scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenSource {
    pub source: String,
    pub system: String,
    pub tables: Vec<String>,
    pub collection_id: String,
    pub evidence_at: Option<Timestamp>,
    pub rows_seen: i64,
    pub rows_rejected: i64,
    /// What of the query tells which part of the system was read (see [`super::gate::scope`]).
    pub scope: String,
}

/// A problem of a source that someone accepted by name when the campaign was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    pub source: String,
    pub problem: Both,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewer {
    pub person_id: String,
    pub name: String,
    pub email: Option<String>,
    pub lang: Lang,
    pub lines: u64,
    /// The workbook that was made for them.
    #[serde(default)]
    pub workbook: Option<Sent>,
}

/// A file as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Relative to the campaign's folder.
    pub file: String,
    pub sha256: String,
}

/// One line to decide, frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: String,
    pub sheet: Sheet,
    pub system: String,
    pub account_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitlement_id: Option<String>,
    pub login: String,
    pub right: Option<String>,
    pub privileged: Option<bool>,
    pub direct: bool,
    /// `person_id` of the reviewer; none: nobody may decide on it.
    pub reviewer: Option<String>,
    /// `person_id`s of those whose own access this is: they may never decide on it.
    pub own: Vec<String>,
    pub advice: Verdict,
    /// The frozen cells after the id, as they were shown and hashed.
    pub cells: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_precision: Option<Precision>,
    pub hash: String,
    /// Distinguished name, in directories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_dn: Option<String>,
    /// Of the right, where it is a group of a directory: put together from its name and its parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right_dn: Option<String>,
    /// Groups that it passes through, when it is not held directly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<String>,
}

impl Item {
    /// The frozen cells with the id, as the workbook writes them.
    #[must_use]
    pub fn frozen(&self) -> Vec<Cell> {
        let cells = self.cells.iter().map(|text| match (self.login_precision, text.parse::<Date>()) {
            (Some(precision), Ok(date)) => Cell::Date(date, precision),
            _ => Cell::Text(text.clone()),
        });
        std::iter::once(Cell::Text(self.id.clone())).chain(cells).collect()
    }

    /// A cell as one line of text, for tables and sentences: its first line.
    #[must_use]
    pub fn shown(&self, column: usize) -> &str {
        self.cells.get(column).and_then(|text| text.lines().next()).unwrap_or_default()
    }

    /// The person, or the kind of account.
    #[must_use]
    pub fn person(&self) -> &str {
        self.shown(0)
    }

    /// Who, where and what, in one line.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} — {} — {} — {}", self.person(), self.shown(1), self.system, self.shown(3))
    }
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

/// Why a campaign's files cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    #[error("{file}: {source}. Restore the file from a copy of the store")]
    Json { file: &'static str, source: serde_json::Error },
    #[error(
        "{file} says it is `{found}`, and this Probant reads `{wanted}`: use the version that opened the campaign, or a newer one"
    )]
    Format { file: &'static str, found: String, wanted: &'static str },
    #[error(
        "items.json is not the file that campaign.json was sealed with (SHA-256 {found}, not {wanted}): restore it from a copy of the store"
    )]
    Changed { found: String, wanted: String },
    #[error(
        "items.json, item {0}: the cells do not give the row's hash, or the order is broken; restore it from a copy of the store"
    )]
    Item(String),
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

/// Items that are made at once.
const BLOCK: usize = 256;

/// Writes `items.json`: the items of lines that come by id, each made when its turn comes, on so many lanes.
pub fn write_items<T: Sync>(lines: &[T], threads: usize, item: impl Fn(&T) -> Item + Sync, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"format\":\"{ITEMS_FORMAT}\",\"items\":[")?;
    let blocks: Vec<&[T]> = lines.chunks(BLOCK).collect();
    let block = |at: usize| {
        let mut bytes = vec![];
        for (nth, line) in blocks.get(at).copied().unwrap_or_default().iter().enumerate() {
            bytes.extend_from_slice(if at + nth == 0 { b"\n" } else { b",\n" });
            serde_json::to_writer(&mut bytes, &item(line))?;
        }
        Ok::<_, io::Error>(bytes)
    };
    lanes::ordered(blocks.len(), threads, block, |bytes| out.write_all(&bytes?))?;
    out.write_all(b"\n]}\n")
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

/// Bytes of items that are read at once.
const READ: usize = 1 << 20;

/// Reads what [`write_items`] wrote: the digest has said that it is that, so every item stands on a line of its own.
fn read_items(bytes: &[u8], threads: usize) -> Result<Vec<Item>, CampaignError> {
    #[derive(Deserialize)]
    struct Opening {
        format: String,
    }
    let json = |source| CampaignError::Json { file: "items.json", source };
    let (opening, mut rest) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()));
    let opening: Opening = serde_json::from_slice(&[opening, b"]}"].concat()).map_err(json)?;
    known("items.json", &opening.format, ITEMS_FORMAT)?;
    let mut blocks = vec![];
    while !rest.is_empty() {
        let least = rest.len().min(READ);
        let end = rest.iter().skip(least).position(|byte| *byte == b'\n').map_or(rest.len(), |more| least + more);
        let (block, after) = rest.split_at(end);
        blocks.push(block);
        rest = after;
    }
    let block = |at: usize| {
        let lines = blocks.get(at).copied().unwrap_or_default().split(|byte| *byte == b'\n');
        let items = lines.filter(|line| !line.is_empty() && *line != b"]}").map(|line| {
            let item: Item = serde_json::from_slice(line.strip_suffix(b",").unwrap_or(line)).map_err(json)?;
            if row_hash(&item) == item.hash { Ok(item) } else { Err(CampaignError::Item(item.id)) }
        });
        items.collect::<Result<Vec<_>, _>>()
    };
    let mut all: Vec<Item> = vec![];
    lanes::ordered(blocks.len(), threads, block, |items| {
        for item in items? {
            if all.last().is_some_and(|last| item.id <= last.id) {
                return Err(CampaignError::Item(item.id));
            }
            all.push(item);
        }
        Ok(())
    })?;
    Ok(all)
}

fn known(file: &'static str, found: &str, wanted: &'static str) -> Result<(), CampaignError> {
    if found == wanted { Ok(()) } else { Err(CampaignError::Format { file, found: found.to_owned(), wanted }) }
}

/// The hash of an item's frozen cells.
#[must_use]
pub fn row_hash(item: &Item) -> String {
    super::row::hash(std::iter::once(item.id.as_str()).chain(item.cells.iter().map(String::as_str)))
}

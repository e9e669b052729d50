//! The lines of a campaign, frozen, and who decides on them; `items.json` holds one line of text an item.

use std::io::{self, Write};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::damaged::{CampaignError, known};
use crate::lanes;
use crate::lang::Lang;
use crate::review::lines::advice::{Precision, Verdict};
use crate::review::lines::line::Sheet;
use crate::review::paper::row::{self, Cell};

pub const FORMAT: &str = "probant.items.v1";

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

/// Items that are made at once.
const BLOCK: usize = 256;

/// Writes `items.json`: the items of lines that come by id, each made when its turn comes, on so many lanes.
pub fn write_items<T: Sync>(lines: &[T], threads: usize, item: impl Fn(&T) -> Item + Sync, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"format\":\"{FORMAT}\",\"items\":[")?;
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

/// Bytes of items that are read at once.
const READ: usize = 1 << 20;

/// Reads what [`write_items`] wrote: the digest has said that it is that, so every item stands on a line of its own.
pub(super) fn read_items(bytes: &[u8], threads: usize) -> Result<Vec<Item>, CampaignError> {
    #[derive(Deserialize)]
    struct Opening {
        format: String,
    }
    let json = |source| CampaignError::Json { file: "items.json", source };
    let (opening, mut rest) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()));
    let opening: Opening = serde_json::from_slice(&[opening, b"]}"].concat()).map_err(json)?;
    known("items.json", &opening.format, FORMAT)?;
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

/// The hash of an item's frozen cells.
#[must_use]
pub fn row_hash(item: &Item) -> String {
    row::hash(std::iter::once(item.id.as_str()).chain(item.cells.iter().map(String::as_str)))
}

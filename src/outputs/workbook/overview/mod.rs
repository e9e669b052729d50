//! The workbook of the campaign's lead: where every line stands, by reviewer and by tool, in one file.
//!
//! Sheets: summary, refused lines, signals, all lines, then one a tool. It is made again whenever something changes; nothing is read
//! back from it, and it says so.

mod aside;
mod front;
mod lines;
mod texts;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use rust_xlsxwriter::{Workbook, XlsxError};

use super::frame::Frame;
use super::{Pen, WorkbookError};
use crate::lang::Lang;
use crate::review::GroupBy;
use crate::review::paper::fold::folded;
use crate::review::record::campaign::Campaign;
use crate::review::record::decisions::{Log, Outcome, Standing};
use crate::review::record::item::Item;
use crate::review::underway::status::Status;
use texts::Texts;

/// Tools that get a sheet of their own; more tabs than that help nobody.
const MOST_SHEETS: usize = 40;
/// Lines from which sheets are streamed: all of them stand in the workbook twice.
const STREAM_FROM: usize = 10_000;

/// All that goes into it.
#[derive(Debug, Clone, Copy)]
pub struct Overview<'a> {
    pub campaign: &'a Campaign,
    pub log: &'a Log,
    pub status: &'a Status,
    /// When it is made.
    pub created: Timestamp,
    /// Folder for temporary files.
    pub scratch: Option<&'a Path>,
}

/// What its sheets are written with.
struct Lead<'a> {
    pen: Pen<'a>,
    words: &'static Texts,
    overview: &'a Overview<'a>,
    /// In the order of the sheets: tool, person, account, right.
    items: Vec<&'a Item>,
    standings: BTreeMap<&'a str, Standing<'a>>,
    outcomes: BTreeMap<&'a str, Outcome<'a>>,
    names: BTreeMap<&'a str, &'a str>,
}

/// Writes the workbook in a language.
pub fn write<W: Write + Send>(overview: &Overview<'_>, lang: Lang, out: W) -> Result<(), WorkbookError> {
    let head = &overview.campaign.head;
    let words = Texts::of(lang);
    let frame = Frame::of(head, "", words.lead);
    let book = frame.book(lang);
    let book = frame.around(&book, overview.created, GroupBy::System);
    let lead = Lead {
        pen: Pen::new(&book, lang),
        words,
        overview,
        items: ordered(overview.campaign),
        standings: overview.log.standings(),
        outcomes: overview.log.outcomes(),
        names: head.reviewers.iter().map(|r| (r.person_id.as_str(), r.name.as_str())).collect(),
    };
    fill(&lead)
        .and_then(|mut workbook| workbook.save_to_writer(out))
        .map_err(|source| WorkbookError::Write { reviewer: words.lead.to_owned(), source })
}

/// By tool, then as people look for a line.
fn ordered(campaign: &Campaign) -> Vec<&Item> {
    let mut items: Vec<&Item> = campaign.items.iter().collect();
    items.sort_by_cached_key(|item| {
        let [person, account, right] = [0, 1, 3].map(|column| folded(item.shown(column)));
        (folded(&item.system), [person, account, right].join("\u{0}"), &item.id)
    });
    items
}

fn fill(lead: &Lead<'_>) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    if lead.items.len() >= STREAM_FROM {
        workbook.set_zip_compression_level(3); // level 6 takes as long as all the rest
    }
    if let Some(folder) = lead.overview.scratch {
        workbook.set_tempdir(folder)?;
    }
    workbook.set_properties(&super::properties(&lead.pen)?);
    let tools: Vec<&[&Item]> = lead.items.chunk_by(|a, b| a.system == b.system).collect();
    let shown = if tools.len() > 1 { tools.get(..MOST_SHEETS.min(tools.len())).unwrap_or_default() } else { &[] };
    let mut names = lines::Names::new(lead.words);
    let mut plan: Vec<(String, &[&Item])> = names.sheets(lead.words.all, &lead.items);
    for items in shown {
        let tool = items.first().map_or("", |item| item.system.as_str());
        plan.extend(names.sheets(tool, items));
    }

    front::write(lead, workbook.add_worksheet(), tools.len() - shown.len())?;
    aside::refused(lead, workbook.add_worksheet())?;
    aside::signals(lead, workbook.add_worksheet())?;
    for (name, items) in plan {
        let streamed = lead.items.len() >= STREAM_FROM;
        let worksheet = if streamed { workbook.add_worksheet_with_constant_memory()? } else { workbook.add_worksheet() };
        lines::write(lead, worksheet, &name, items, streamed)?;
    }
    Ok(workbook)
}

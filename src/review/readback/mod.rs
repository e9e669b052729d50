//! Reading a returned workbook: whatever program saved it, whatever it was renamed to, in any order.
//!
//! Lines are matched by their id and never by their place; what a cell said when the campaign was opened holds, whatever the
//! cell says now; nothing is taken on a guess. A file that cannot be read is a refusal with a sentence, never the end of the
//! others.
//!
//! ```text
//! bytes ──► container (bounds) ──► xlsx | ods (cells) ──► meta, signature, table ──► judge ──► Reading
//! ```

mod container;
mod grid;
mod judge;
mod meta;
mod ods;
mod signature;
mod table;
mod trouble;
mod words;
mod xlsx;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

pub use container::LARGEST;
pub use judge::{Answer, Typed};
pub(super) use trouble::MOVED;
pub use trouble::Trouble;
pub use words::choice;

use crate::review::paper::row::{Column, FORMAT, HANDED, PARTIAL};
use crate::review::record::campaign::Campaign;
use crate::review::record::item::{Item, Reviewer};
use crate::review::record::returned::{Note, Request, Severity, Signature, Times};
use crate::store::digest;
use container::Format;
use grid::Sheet;
use table::{Row, Table};

/// A file as it was received.
#[derive(Debug, Clone, Copy)]
pub struct Returned<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// A line that is not taken, and what its reviewer had typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// Codes of the refusals.
    pub codes: Vec<String>,
    pub typed: Typed,
}

/// All that one returned file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    pub file: String,
    pub sha256: String,
    /// `person_id`; none when the file was refused before anyone was recognised.
    pub reviewer: Option<String>,
    pub signature: Option<Signature>,
    pub times: Times,
    /// By item id. Empty unless the file is signed.
    pub answers: BTreeMap<String, Answer>,
    /// By item id.
    pub refused: BTreeMap<String, Refused>,
    /// The reviewer's lines that are there without a decision, or not there.
    pub silent: Vec<String>,
    pub requests: Vec<Request>,
    pub notes: Vec<Note>,
}

impl Reading {
    fn fail(mut self, trouble: &Trouble) -> Self {
        self.notes.push(trouble.note(&self.file));
        self
    }
}

/// What every returned file is held against.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'r> {
    pub campaign: &'r Campaign,
    /// See [`Campaign::by_reviewer`].
    pub each: &'r BTreeMap<&'r str, Vec<&'r Item>>,
    /// In the organisation's zone.
    pub today: Date,
}

/// Reads a returned file.
#[must_use]
pub fn read(desk: &Desk<'_>, file: Returned<'_>) -> Reading {
    let reading = Reading { file: file.name.to_owned(), sha256: digest::hex(file.bytes), ..Reading::default() };
    let opened = container::inspect(file.name, file.bytes).and_then(|mut opened| {
        let times = meta::times(opened.format, &mut opened.archive);
        let sheets = match opened.format {
            Format::Ods => ods::read(&mut opened.archive)?,
            Format::Xlsx => xlsx::read(&opened, file.bytes)?,
        };
        Ok((times, sheets))
    });
    match opened {
        Ok((times, sheets)) => Reader { campaign: desk.campaign, desk, sheets: &sheets }.read(Reading { times, ..reading }),
        Err(trouble) => reading.fail(&trouble),
    }
}

struct Reader<'r> {
    campaign: &'r Campaign,
    desk: &'r Desk<'r>,
    sheets: &'r [Sheet],
}

/// A row of a line of this reviewer, or one that is refused, by item id.
type Found<'t, 's> = BTreeMap<String, Vec<Row<'t, 's>>>;

impl<'r> Reader<'r> {
    fn read(&self, mut reading: Reading) -> Reading {
        let tables: Vec<Table<'_>> = self.sheets.iter().filter_map(Table::find).collect();
        let reviewer = match self.recognise(&tables, &mut reading) {
            Ok(reviewer) => reviewer,
            Err(trouble) => return reading.fail(&trouble),
        };
        reading.reviewer = Some(reviewer.person_id.clone());
        if tables.is_empty() {
            return self.named(reading.fail(&Trouble::NoLines), reviewer);
        }
        let zone = jiff::tz::TimeZone::get(&self.campaign.head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let window = signature::Window { opened: zone.to_datetime(self.campaign.head.opened_at).date(), today: self.desk.today };
        match signature::read((self.sheets, &tables), &reviewer.name, reviewer.lang, window) {
            Ok(signature) => reading.signature = Some(signature),
            Err(troubles) => reading.notes.extend(troubles.iter().map(|t| t.note(&reading.file))),
        }
        self.lines(&tables, reviewer, &mut reading);
        if reading.signature.is_none() {
            // What an unsigned file says is kept as evidence, and decides nothing.
            reading.answers.clear();
        }
        self.named(reading, reviewer)
    }

    fn named(&self, mut reading: Reading, reviewer: &Reviewer) -> Reading {
        for note in &mut reading.notes {
            note.reviewer = Some(reviewer.name.clone());
        }
        // What is said of the file, then of its lines, in the order in which a person comes upon them.
        let place = |name: &Option<String>| name.as_ref().map(|name| self.sheets.iter().position(|sheet| sheet.name == *name));
        reading.notes.sort_by_cached_key(|note| (place(&note.sheet), note.row));
        reading
    }

    /// Whose workbook this is, by `_meta`; without it, by the ids of its lines, when they are all one reviewer's.
    fn recognise(&self, tables: &[Table<'_>], reading: &mut Reading) -> Result<&'r Reviewer, Trouble> {
        let campaign = &self.campaign.head.id;
        if let Some(facts) = meta::facts(self.sheets) {
            let fact = |key: &str| facts.get(key).map(String::as_str).unwrap_or_default();
            if fact("format") != FORMAT {
                return Err(Trouble::OtherVersion(fact("format").to_owned()));
            }
            if fact("campaign") != campaign {
                return Err(Trouble::OtherCampaign { found: fact("campaign").to_owned(), wanted: campaign.clone() });
            }
            let who = fact("reviewer_id");
            // The sheet holds ids as cells hold any text.
            let known = self.campaign.head.reviewers.iter().find(|r| crate::review::paper::clean::text(&r.person_id) == who);
            return known.ok_or_else(|| Trouble::UnknownReviewer(fact("reviewer").to_owned()));
        }
        reading.notes.push(Trouble::NoMeta.note(&reading.file));
        let ids: Vec<String> = tables.iter().flat_map(Table::rows).map(|row| row.id()).filter(|id| !id.is_empty()).collect();
        let Some(first) = ids.first() else { return Err(if tables.is_empty() { Trouble::NoWorkbook } else { Trouble::NoLines }) };
        if !ids.iter().any(|id| self.campaign.item(id).is_some()) {
            let prefix = first.rsplit_once('-').map_or(first.as_str(), |(prefix, _)| prefix);
            return Err(Trouble::OtherCampaign { found: prefix.to_owned(), wanted: campaign.clone() });
        }
        let items: Vec<&Item> = ids.iter().filter_map(|id| self.campaign.item(id)).collect();
        let now = |who: &str, item: &Item| item.reviewer.as_deref() == Some(who);
        let ever = |who: &str, item: &Item| now(who, item) || self.campaign.handovers.away(&item.id, who).is_some();
        let all = |had: &dyn Fn(&str, &Item) -> bool| {
            let whole = |r: &&Reviewer| items.iter().all(|item| had(&r.person_id, item));
            self.campaign.head.reviewers.iter().find(whole)
        };
        // Who has them all today, else who had them all once.
        all(&now).or_else(|| all(&ever)).ok_or_else(|| Trouble::UnknownReviewer("?".to_owned()))
    }

    /// A line of somebody else's, by a handover or from the start.
    fn not_yours(&self, item: &Item, reviewer: &Reviewer) -> Trouble {
        let Some(past) = self.campaign.handovers.away(&item.id, &reviewer.person_id) else { return Trouble::NotYours };
        let now = item.reviewer.as_deref().and_then(|id| self.campaign.reviewer(id));
        let zone = jiff::tz::TimeZone::get(&self.campaign.head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        Trouble::Moved { to: now.map_or_else(String::new, |r| r.name.clone()), on: zone.to_datetime(past.at).date() }
    }

    fn lines(&self, tables: &[Table<'_>], reviewer: &'r Reviewer, reading: &mut Reading) {
        let mut found: Found<'_, '_> = BTreeMap::new();
        for table in tables {
            let mut missing = Column::FROZEN.into_iter().chain(Column::INPUT).filter(|column| table.lacks(*column)).peekable();
            if missing.peek().is_some() && table.rows().next().is_some() {
                for column in missing {
                    let mut note = Trouble::ColumnMissing(column.title(reviewer.lang)).note(&reading.file);
                    note.sheet = Some(table.sheet.name.clone());
                    reading.notes.push(note);
                }
            }
            for row in table.rows() {
                let id = row.id();
                if !id.is_empty() {
                    found.entry(id).or_default().push(row);
                } else if row.has_content() {
                    reading.notes.push(placed(&Trouble::AddedRow, &reading.file, &row, None));
                    let (sheet, number) = (row.table.sheet.name.clone(), row.number + 1);
                    reading.requests.push(Request { sheet, row: number, text: row.all_text() });
                }
            }
        }
        for (id, rows) in &found {
            self.line(id, rows, reviewer, reading);
        }
        let sent = self.sent(reviewer);
        let deleted = sent.iter().filter(|item| !found.contains_key(&item.id)).count();
        if deleted > 0 {
            reading.notes.push(Trouble::Deleted(deleted).note(&reading.file));
        }
        let unsaid = |id: &String| !reading.answers.contains_key(id) && !reading.refused.contains_key(id);
        reading.silent = sent.iter().map(|item| &item.id).filter(|id| unsaid(id)).cloned().collect();
    }

    /// The lines that this workbook was sent with and that are still the reviewer's: those that are not in it are missing. A correction
    /// holds only what was to be corrected.
    fn sent(&self, reviewer: &'r Reviewer) -> Vec<&'r Item> {
        let handovers = &self.campaign.handovers;
        let mine = self.desk.each.get(reviewer.person_id.as_str()).into_iter().flatten().copied();
        let facts = meta::facts(self.sheets).unwrap_or_default();
        let fact = |key: &str| facts.get(key).map(String::as_str);
        match fact("content") {
            Some(PARTIAL) => vec![],
            Some(HANDED) => {
                let past = fact("handover").and_then(|seq| handovers.to(seq.parse().ok()?, &reviewer.person_id));
                let handed: BTreeSet<&String> = past.iter().flat_map(|past| &past.what.items).collect();
                mine.filter(|item| handed.contains(&item.id)).collect()
            }
            _ => mine.filter(|item| handovers.opened_with(item)).collect(),
        }
    }

    fn line(&self, id: &str, rows: &[Row<'_, '_>], reviewer: &Reviewer, reading: &mut Reading) {
        let item = self.campaign.item(id);
        let refusal = match item {
            None => Some(Trouble::UnknownLine),
            Some(item) if item.own.contains(&reviewer.person_id) => Some(Trouble::OwnAccess),
            Some(item) if item.reviewer.as_deref() != Some(&reviewer.person_id) => Some(self.not_yours(item, reviewer)),
            Some(_) if rows.len() > 1 => Some(Trouble::Duplicate(rows.len())),
            Some(_) => None,
        };
        if let Some(trouble) = refusal {
            reading.notes.extend(rows.iter().map(|row| placed(&trouble, &reading.file, row, Some(id))));
            if !matches!(trouble, Trouble::UnknownLine | Trouble::NotYours | Trouble::Moved { .. }) {
                let refused = Refused { codes: vec![trouble.code().to_owned()], typed: Typed::default() };
                reading.refused.insert(id.to_owned(), refused);
            }
            return;
        }
        let (Some(item), Some(row)) = (item, rows.first()) else { return };
        let judged = judge::judge(row, item, reviewer.lang);
        let mut codes = vec![];
        for trouble in &judged.troubles {
            reading.notes.push(placed(trouble, &reading.file, row, Some(id)));
            if trouble.severity() == Severity::Refuse {
                codes.push(trouble.code().to_owned());
            }
        }
        if let Some(answer) = judged.answer {
            reading.answers.insert(id.to_owned(), answer);
        } else if !codes.is_empty() {
            reading.refused.insert(id.to_owned(), Refused { codes, typed: judged.typed });
        }
    }
}

fn placed(trouble: &Trouble, file: &str, row: &Row<'_, '_>, id: Option<&str>) -> Note {
    let mut note = trouble.note(file);
    note.sheet = Some(row.table.sheet.name.clone());
    note.row = Some(row.number + 1);
    note.item_id = id.map(str::to_owned);
    note
}

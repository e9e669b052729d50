//! Freezing a prepared review into a campaign.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use super::build::Review;
use super::config::ReviewConfig;
use super::records::Records;
use super::reviewers::{Book, Roster};
use crate::lang::Lang;
use crate::review::lines::line::Line;
use crate::review::paper::row::{self, Cell};
use crate::review::record::campaign::{FORMAT, Head, Kind, NoAnswer};
use crate::review::record::item::{Item, Reviewer, write_items};
use crate::review::record::source::{FrozenSource, Waiver};
use crate::snapshot::schema::Account;

/// What a campaign is opened with, besides its lines.
#[derive(Debug, Clone)]
pub struct Opening<'a> {
    pub kind: Kind,
    pub organisation: &'a str,
    /// Who typed the command.
    pub opened_by: &'a str,
    pub opened_at: Timestamp,
    pub snapshot_id: &'a str,
    pub no_answer: Option<NoAnswer>,
    pub sources: Vec<FrozenSource>,
    pub waivers: Vec<Waiver>,
    /// The closed campaign that changes are counted from.
    pub baseline: Option<String>,
    /// Leavers and movers: since when.
    pub since: Option<Date>,
    /// Rights decided in the campaign before and no longer there.
    pub removed: u64,
    pub tool_version: &'a str,
}

/// All that is frozen of a review but its lines.
#[must_use]
pub fn head(review: &Review<'_>, config: &ReviewConfig, records: &Records<'_>, opening: &Opening<'_>) -> Head {
    let reviewers = review.books.iter().map(|book| Reviewer {
        person_id: book.reviewer.person_id.to_string(),
        name: book.reviewer.display_name.to_string(),
        email: book.reviewer.emails.first().map(ToString::to_string),
        lang: book.lang,
        lines: book.lines.len() as u64,
        workbook: None,
    });
    Head {
        format: FORMAT.to_owned(),
        id: config.campaign.clone(),
        kind: opening.kind,
        organisation: opening.organisation.to_owned(),
        contact: config.contact.clone(),
        zone: records.zone.iana_name().unwrap_or("UTC").to_owned(),
        lang: config.lang.unwrap_or(records.lang),
        opened_at: opening.opened_at,
        opened_by: opening.opened_by.to_owned(),
        snapshot_id: opening.snapshot_id.to_owned(),
        due: config.due,
        no_answer: opening.no_answer,
        systems: config.systems.clone(),
        sources: opening.sources.clone(),
        waivers: opening.waivers.clone(),
        reviewers: reviewers.collect(),
        owners: owners(records, &Roster::new(records.people)),
        baseline: opening.baseline.clone(),
        since: opening.since,
        removed: opening.removed,
        totals: review.totals.clone(),
        items_sha256: String::new(),
        tool_version: opening.tool_version.to_owned(),
    }
}

/// The lines of a review by id, each frozen when it is asked for: a million frozen lines take gigabytes.
pub struct Frozen<'r> {
    lines: Vec<Place<'r>>,
    roster: Roster<'r>,
}

impl<'r> Frozen<'r> {
    #[must_use]
    pub fn of(review: &'r Review<'r>, config: &ReviewConfig, records: &Records<'r>) -> Self {
        let lang = config.lang.unwrap_or(records.lang);
        let of_book = |book: &'r Book<'r>| {
            let reviewer: Option<&'r str> = Some(&book.reviewer.person_id);
            book.lines.iter().map(move |assigned| (&assigned.line, book.lang, reviewer))
        };
        let unassigned = review.unassigned.iter().map(|unassigned| (&unassigned.line, lang, None));
        let mut lines: Vec<_> = review.books.iter().flat_map(of_book).chain(unassigned).collect();
        lines.sort_unstable_by(|(a, ..), (b, ..)| a.item_id.cmp(&b.item_id));
        Self { lines, roster: Roster::new(records.people) }
    }

    pub fn items(&self) -> impl Iterator<Item = Item> {
        self.lines.iter().map(|line| self.item(line))
    }

    /// Writes `items.json`.
    pub fn write(&self, lanes: usize, out: &mut dyn Write) -> io::Result<()> {
        write_items(&self.lines, lanes, |line| self.item(line), out)
    }

    fn item(&self, (line, lang, reviewer): &Place<'r>) -> Item {
        item(line, *lang, *reviewer, &self.roster)
    }
}

/// A line, the language it is shown in, and who decides on it.
type Place<'r> = (&'r Line<'r>, Lang, Option<&'r str>);

fn item(line: &Line<'_>, lang: Lang, reviewer: Option<&str>, roster: &Roster<'_>) -> Item {
    let cells = row::cells(line, lang);
    let login_precision = cells.iter().find_map(|cell| match cell {
        Cell::Date(_, precision) => Some(*precision),
        Cell::Text(_) => None,
    });
    let texts = cells.each_ref().map(Cell::text);
    let account_dn = dn(line.account);
    Item {
        id: line.item_id.clone(),
        sheet: line.sheet,
        system: line.account.system.to_string(),
        account_id: line.account.account_id.to_string(),
        entitlement_id: line.entitlement_id.map(str::to_owned),
        login: line.account.login.to_string(),
        right: line.entitlement.map(|right| right.name.to_string()),
        privileged: line.privileged(),
        direct: line.direct,
        reviewer: reviewer.map(str::to_owned),
        own: roster.owning(line.account).into_iter().map(str::to_owned).collect(),
        advice: line.advice.verdict,
        hash: row::hash(texts.iter().map(AsRef::as_ref)),
        cells: texts.iter().skip(1).map(|text| text.as_ref().to_owned()).collect(),
        login_precision,
        right_dn: account_dn.as_ref().and_then(|_| right_dn(line)),
        account_dn,
        via: line.via.iter().map(|path| (*path).to_owned()).collect(),
    }
}

/// The distinguished name that directory sources keep among the attributes.
fn dn(account: &Account<'_>) -> Option<String> {
    #[derive(Deserialize)]
    struct Attributes<'j> {
        #[serde(borrow)]
        dn: Option<Cow<'j, str>>,
    }
    let attributes: Attributes<'_> = serde_json::from_str(&account.attributes).ok()?;
    attributes.dn.map(Cow::into_owned)
}

/// Directory sources give a group's parent as its resource. Signs of RFC 4514 section 2.4 are escaped.
fn right_dn(line: &Line<'_>) -> Option<String> {
    let right = line.entitlement.filter(|right| right.resource.contains('='))?;
    let name: String = right
        .name
        .chars()
        .flat_map(|c| matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=').then_some('\\').into_iter().chain([c]))
        .collect();
    Some(format!("cn={name},{}", right.resource))
}

fn owners(records: &Records<'_>, roster: &Roster<'_>) -> BTreeMap<String, String> {
    let mut assets: Vec<_> = records.assets.iter().collect();
    assets.sort_by(|a, b| a.asset_id.cmp(&b.asset_id));
    let mut owners = BTreeMap::new();
    for asset in assets {
        let owner = asset.technical_owner_id.as_deref().or(asset.owner_id.as_deref());
        let name = owner.map(|id| roster.get(id).map_or(id, |person| &person.display_name).to_owned());
        if let (Some(system), Some(name)) = (asset.system.as_deref(), name) {
            owners.entry(system.to_owned()).or_insert(name);
        }
    }
    owners
}

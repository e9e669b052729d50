//! Freezing a prepared review into a campaign.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::build::{Records, Review};
use super::campaign::{Campaign, FORMAT, FrozenSource, Head, Item, Kind, NoAnswer, Reviewer, Waiver};
use super::config::ReviewConfig;
use super::handover::Handovers;
use super::line::Line;
use super::reviewers::Roster;
use super::row::{self, Cell};
use crate::lang::Lang;
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

/// Freezes a review.
#[must_use]
pub fn freeze(review: &Review<'_>, config: &ReviewConfig, records: &Records<'_>, opening: &Opening<'_>) -> Campaign {
    let roster = Roster::new(records.people);
    let lang = config.lang.unwrap_or(records.lang);
    let mut items = vec![];
    let mut reviewers = vec![];
    for book in &review.books {
        let person = book.reviewer;
        reviewers.push(Reviewer {
            person_id: person.person_id.to_string(),
            name: person.display_name.to_string(),
            email: person.emails.first().map(ToString::to_string),
            lang: book.lang,
            lines: book.lines.len() as u64,
            workbook: None,
        });
        items.extend(book.lines.iter().map(|a| item(&a.line, book.lang, Some(&person.person_id), &roster)));
    }
    items.extend(review.unassigned.iter().map(|u| item(&u.line, lang, None, &roster)));
    items.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    let head = Head {
        format: FORMAT.to_owned(),
        id: config.campaign.clone(),
        kind: opening.kind,
        organisation: opening.organisation.to_owned(),
        contact: config.contact.clone(),
        zone: records.zone.iana_name().unwrap_or("UTC").to_owned(),
        lang,
        opened_at: opening.opened_at,
        opened_by: opening.opened_by.to_owned(),
        snapshot_id: opening.snapshot_id.to_owned(),
        due: config.due,
        no_answer: opening.no_answer,
        systems: config.systems.clone(),
        sources: opening.sources.clone(),
        waivers: opening.waivers.clone(),
        reviewers,
        owners: owners(records, &roster),
        baseline: opening.baseline.clone(),
        since: opening.since,
        removed: opening.removed,
        totals: review.totals.clone(),
        items_sha256: String::new(),
        tool_version: opening.tool_version.to_owned(),
    };
    Campaign { head, items, handovers: Handovers::default() }
}

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
    let attributes: serde_json::Value = serde_json::from_str(&account.attributes).ok()?;
    attributes.get("dn")?.as_str().map(str::to_owned)
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

//! From records to a review: lines, advice, reviewers, and the sums that prove nothing was lost on the way.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ReviewError;
use super::advice::{Advice, Rules};
use super::config::{GroupBy, ReviewConfig};
use super::history::History;
use super::line::{Flag, Line, Sheet, Totals, is_personal, item_id};
use super::peers::Peers;
use super::reviewers::{Assigned, Assigner, Book, Roster, Unassigned};
use super::select::Selection;
use crate::lang::Lang;
use crate::snapshot::schema::{Account, Asset, Decision, Entitlement, Grant, Person};
use crate::snapshot::value::Micros;

/// What a review is made from: the tables of one snapshot, and decisions of earlier campaigns.
#[derive(Clone, Copy)]
pub struct Records<'a> {
    pub people: &'a [Person<'static>],
    pub accounts: &'a [Account<'static>],
    pub entitlements: &'a [Entitlement<'static>],
    pub grants: &'a [Grant<'static>],
    pub assets: &'a [Asset<'static>],
    pub decisions: &'a [Decision<'static>],
    /// What checks found, by account id.
    pub flags: &'a BTreeMap<String, Vec<Flag>>,
    pub as_of: Micros,
    pub zone: &'a TimeZone,
    /// The organisation's language, for reviewers without one of their own.
    pub lang: Lang,
}

/// A review, ready to be written.
#[derive(Debug, Clone)]
pub struct Review<'a> {
    pub today: Date,
    /// By `person_id` of the reviewer.
    pub books: Vec<Book<'a>>,
    /// By item id.
    pub unassigned: Vec<Unassigned<'a>>,
    pub totals: Totals,
}

/// Prepares a review of every line in scope.
pub fn open<'a>(config: &'a ReviewConfig, records: &Records<'a>) -> Result<Review<'a>, ReviewError> {
    open_some(config, records, &Selection::default())
}

/// Prepares a review of some of the lines in scope. Advice rests on all of them.
pub fn open_some<'a>(config: &'a ReviewConfig, records: &Records<'a>, selection: &Selection) -> Result<Review<'a>, ReviewError> {
    config.check()?;
    refuse_twins(records.accounts)?;
    let roster = Roster::new(records.people);
    let today = records.zone.to_datetime(records.as_of.timestamp()).date();
    let (mut lines, mut totals) = lines(config, records, &roster);
    advise(&mut lines, Rules { today, dormant_after_days: config.dormant_after_days });
    refuse_clashes(&lines)?;
    lines.retain(|line| selection.takes(line, today));
    totals.not_selected = totals.lines - count(lines.len());
    totals.lines = count(lines.len());
    lines.sort_by_cached_key(|line| order(line, config.group_by));

    let assigner = Assigner::new(config, records, &roster, today)?;
    let langs = languages(config, &roster)?;
    let mut books: BTreeMap<&str, Book<'a>> = BTreeMap::new();
    let mut unassigned = vec![];
    for line in lines {
        match assigner.assign(&line) {
            Ok((reviewer, basis)) => {
                let id = reviewer.person_id.as_ref();
                let lang = langs.get(id).copied().or(config.lang).unwrap_or(records.lang);
                let book = books.entry(id).or_insert(Book { reviewer, lang, lines: vec![] });
                book.lines.push(Assigned { line, basis });
                totals.assigned += 1;
            }
            Err(refused) => unassigned.push(Unassigned { line, refused }),
        }
    }
    totals.unassigned = count(unassigned.len());
    totals.tie_out()?;
    unassigned.sort_by(|a, b| a.line.item_id.cmp(&b.line.item_id));
    Ok(Review { today, books: books.into_values().collect(), unassigned, totals })
}

fn languages<'a>(config: &ReviewConfig, roster: &Roster<'a>) -> Result<BTreeMap<&'a str, Lang>, ReviewError> {
    let each = config.langs.iter();
    each.map(|(who, lang)| Ok((roster.find("langs", who)?.person_id.as_ref(), *lang))).collect()
}

/// Every line in scope, without advice yet.
fn lines<'a>(config: &ReviewConfig, records: &Records<'a>, roster: &Roster<'a>) -> (Vec<Line<'a>>, Totals) {
    let mut totals =
        Totals { accounts_seen: count(records.accounts.len()), grants_seen: count(records.grants.len()), ..Totals::default() };
    let maker = Maker {
        campaign: &config.campaign,
        entitlements: records.entitlements.iter().map(|e| (e.entitlement_id.as_ref(), e)).collect(),
        history: History::new(records.decisions, &config.campaign),
        roster,
        flags: records.flags,
        zone: records.zone,
    };
    let mut grants: Vec<&'a Grant<'static>> = records.grants.iter().collect();
    grants.sort_unstable_by(|a, b| (&a.account_id, &a.entitlement_id, &a.via).cmp(&(&b.account_id, &b.entitlement_id, &b.via)));
    let by_account = grants.chunk_by(|a, b| a.account_id == b.account_id);
    let mut by_account: BTreeMap<&str, &[&'a Grant<'static>]> =
        by_account.filter_map(|of| Some((of.first()?.account_id.as_ref(), of))).collect();

    let mut seen = BTreeSet::new();
    let mut lines = vec![];
    for account in records.accounts {
        seen.insert(account.system.as_ref());
        let held = by_account.remove(account.account_id.as_ref()).unwrap_or_default();
        let in_scope = config.systems.is_empty() || config.systems.iter().any(|s| *s == account.system);
        let left_out = !config.disabled_accounts && account.enabled == Some(false);
        if !in_scope || left_out {
            totals.grants_out_of_scope += count(held.len());
            if in_scope {
                totals.accounts_disabled_left_out += 1;
            } else {
                let by_system = totals.accounts_out_of_scope.entry(account.system.to_string());
                *by_system.or_default() += 1;
            }
            continue;
        }
        if held.is_empty() {
            totals.accounts_without_right += 1;
            lines.push(maker.line(account, &[]));
        }
        for right in held.chunk_by(|a, b| a.entitlement_id == b.entitlement_id) {
            totals.grants_merged += count(right.len().saturating_sub(1));
            lines.push(maker.line(account, right));
        }
    }
    totals.grants_without_account = by_account.values().map(|held| count(held.len())).sum();
    for line in &lines {
        *totals.by_delta.entry(line.delta).or_default() += 1;
    }
    totals.lines = count(lines.len());
    let missing = config.systems.iter().filter(|s| !seen.contains(s.as_str()));
    totals.systems_without_account = missing.cloned().collect();
    (lines, totals)
}

struct Maker<'a, 'r> {
    campaign: &'r str,
    entitlements: BTreeMap<&'a str, &'a Entitlement<'static>>,
    history: History<'a>,
    roster: &'r Roster<'a>,
    flags: &'a BTreeMap<String, Vec<Flag>>,
    zone: &'a TimeZone,
}

impl<'a> Maker<'a, '_> {
    /// The line of an account and all its grants of one right; of the account as a whole when there are none.
    fn line(&self, account: &'a Account<'static>, grants: &[&'a Grant<'static>]) -> Line<'a> {
        let entitlement_id = grants.first().map(|grant| grant.entitlement_id.as_ref());
        let entitlement = entitlement_id.and_then(|id| self.entitlements.get(id).copied());
        let (delta, previous) = self.history.of(account, entitlement_id, entitlement.and_then(|e| e.privileged));
        let person = account.person_id.as_deref().and_then(|id| self.roster.get(id));
        let local = |at: Micros| self.zone.to_datetime(at.timestamp()).date();
        Line {
            item_id: item_id(self.campaign, &account.account_id, entitlement_id),
            account,
            entitlement_id,
            entitlement,
            person,
            owner: account.owner_id.as_deref().and_then(|id| self.roster.get(id)),
            sheet: Sheet::of(account, entitlement.and_then(|e| e.privileged)),
            direct: grants.iter().any(|grant| grant.direct),
            via: grants.iter().filter_map(|grant| grant.via.as_deref()).collect(),
            last_login: account.last_login_at.map(local),
            delta,
            previous,
            flags: self.flags.get(account.account_id.as_ref()).map(Vec::as_slice).unwrap_or_default(),
            advice: Advice::none(),
        }
    }
}

fn unit<'a>(line: &Line<'a>) -> Option<&'a str> {
    line.person.filter(|_| is_personal(line.account)).and_then(|p| p.org_unit.as_deref())
}

fn advise(lines: &mut [Line<'_>], rules: Rules) {
    let mut peers = Peers::default();
    let mut last = None;
    for line in lines.iter() {
        let Some(unit) = unit(line) else { continue };
        // The lines of one account follow one another: it is counted once.
        if last.replace(&line.account.account_id) != Some(&line.account.account_id) {
            peers.account(unit, &line.account.system);
        }
        if let Some(right) = line.entitlement_id {
            peers.holder(unit, right);
        }
    }
    for line in lines {
        let right = unit(line).zip(line.entitlement_id);
        let rarity = right.and_then(|(unit, id)| peers.outlier(unit, &line.account.system, id));
        line.advice = rules.advise(line, rarity);
    }
}

/// Two accounts of one id would share their lines and their decisions.
fn refuse_twins(accounts: &[Account<'_>]) -> Result<(), ReviewError> {
    let mut seen = BTreeSet::new();
    match accounts.iter().find(|account| !seen.insert(account.account_id.as_ref())) {
        Some(twin) => Err(ReviewError::Twice(twin.account_id.to_string())),
        None => Ok(()),
    }
}

fn refuse_clashes(lines: &[Line<'_>]) -> Result<(), ReviewError> {
    let mut seen = BTreeSet::new();
    match lines.iter().find(|line| !seen.insert(line.item_id.as_str())) {
        Some(line) => Err(ReviewError::Clash(line.item_id.clone())),
        None => Ok(()),
    }
}

/// Sheets in their order; then as configured; the item id at the end makes the order total.
fn order(line: &Line<'_>, group_by: GroupBy) -> (Sheet, [String; 4], String) {
    let who = line.person.or(line.owner).map(|p| {
        let family = p.family_name.as_deref().unwrap_or(&p.display_name);
        folded(&format!("{family} {} {}", p.given_name.as_deref().unwrap_or_default(), p.person_id))
    });
    // Accounts of nobody come after those of somebody.
    let who = who.unwrap_or_else(|| "\u{10FFFF}".to_owned());
    let system = folded(&line.account.system);
    let login = folded(&line.account.login);
    let right = folded(line.entitlement.map_or(line.entitlement_id.unwrap_or_default(), |e| &e.name));
    let keys = match group_by {
        GroupBy::Person => [who, system, login, right],
        GroupBy::System => [system, who, login, right],
        GroupBy::Right => [system, right, who, login],
    };
    (line.sheet, keys, line.item_id.clone())
}

/// As people sort: accents and case do not count.
fn folded(text: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

fn count(n: usize) -> u64 {
    n as u64
}

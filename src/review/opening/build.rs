//! From records to a review: lines, advice, reviewers, and the sums that prove nothing was lost on the way.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{HashMap, HashSet};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::arrange::arrange;
use super::config::{GroupBy, ReviewConfig};
use super::records::Records;
use super::reviewers::{Assigned, Assigner, Book, Roster, Unassigned};
use super::select::Selection;
use crate::lang::Lang;
use crate::review::error::ReviewError;
use crate::review::lines::advice::Advice;
use crate::review::lines::back::Gone;
use crate::review::lines::history::History;
use crate::review::lines::line::{Flag, Line, Sheet, Totals, is_personal, item_id};
use crate::review::lines::peers::Peers;
use crate::review::lines::rules::Rules;
use crate::snapshot::schema::{Account, Entitlement, Grant};
use crate::snapshot::value::Micros;

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
    let order = order(&lines, config.group_by);
    let mut lines: Vec<Option<Line<'a>>> = lines.into_iter().map(Some).collect();

    let assigner = Assigner::new(config, records, &roster, today)?;
    let langs = languages(config, &roster)?;
    let mut books: BTreeMap<&str, Book<'a>> = BTreeMap::new();
    let mut unassigned = vec![];
    for line in order.into_iter().filter_map(|at| lines.get_mut(at)?.take()) {
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
    for book in books.values_mut() {
        arrange(&mut book.lines, config.group_by);
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
        history: History::new(records.decisions, &config.campaign, records.accounts),
        gone: Gone::new(records.remediations),
        roster,
        flags: records.flags,
        zone: records.zone,
    };
    let mut by_account: HashMap<&str, Vec<&'a Grant<'static>>> = HashMap::with_capacity(records.accounts.len());
    for grant in records.grants {
        by_account.entry(grant.account_id.as_ref()).or_default().push(grant);
    }

    let mut seen = BTreeSet::new();
    let mut lines = Vec::with_capacity(records.grants.len());
    let mut without_account = totals.grants_seen;
    for account in records.accounts {
        seen.insert(account.system.as_ref());
        let mut held = by_account.remove(account.account_id.as_ref()).unwrap_or_default();
        held.sort_unstable_by(|a, b| (&a.entitlement_id, &a.via).cmp(&(&b.entitlement_id, &b.via)));
        without_account -= count(held.len());
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
    totals.grants_without_account = without_account;
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
    entitlements: HashMap<&'a str, &'a Entitlement<'static>>,
    history: History<'a>,
    gone: Gone<'a>,
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
            back: self.gone.back(&account.account_id, entitlement_id, self.zone),
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
    let mut seen = HashSet::with_capacity(accounts.len());
    match accounts.iter().find(|account| !seen.insert(account.account_id.as_ref())) {
        Some(twin) => Err(ReviewError::Twice(twin.account_id.to_string())),
        None => Ok(()),
    }
}

fn refuse_clashes(lines: &[Line<'_>]) -> Result<(), ReviewError> {
    let mut seen = HashSet::with_capacity(lines.len());
    match lines.iter().find(|line| !seen.insert(line.item_id.as_str())) {
        Some(line) => Err(ReviewError::Clash(line.item_id.clone())),
        None => Ok(()),
    }
}

/// The lines in order, by their places: sheets in their order; then as configured; the item id at the end makes the order total.
fn order(lines: &[Line<'_>], group_by: GroupBy) -> Vec<usize> {
    // Accounts of nobody come after those of somebody.
    const NOBODY: &str = "\u{10FFFF}";
    let who = Ranks::new(
        lines.iter().filter_map(|line| line.person.or(line.owner)),
        |p| &p.person_id,
        |p| {
            let family = p.family_name.as_deref().unwrap_or(&p.display_name);
            format!("{family} {} {}", p.given_name.as_deref().unwrap_or_default(), p.person_id)
        },
    );
    let system = Ranks::new(lines, |line| &line.account.system, |line| line.account.system.to_string());
    let login = Ranks::new(lines, |line| &line.account.login, |line| line.account.login.to_string());
    let right = Ranks::new(lines, right_name, |line| right_name(line).to_owned());
    let mut keyed: Vec<_> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let who = who.of(line.person.or(line.owner).map_or(NOBODY, |p| &p.person_id));
            let (system, login, right) =
                (system.of(&line.account.system), login.of(&line.account.login), right.of(right_name(line)));
            let keys = match group_by {
                GroupBy::Person => [who, system, login, right],
                GroupBy::System => [system, who, login, right],
                GroupBy::Right => [system, right, who, login],
            };
            (line.sheet, keys, line.item_id.as_str(), at)
        })
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(.., at)| at).collect()
}

fn right_name<'l>(line: &'l Line<'_>) -> &'l str {
    line.entitlement.map_or(line.entitlement_id.unwrap_or_default(), |e| &e.name)
}

/// How far back texts stand when sorted as people sort; those that differ by accents or case alone stand together. Compared once for
/// each text, and not once for each pair of lines.
struct Ranks<'t>(HashMap<&'t str, u32>);

impl<'t> Ranks<'t> {
    /// `key` tells a thing's text from others; `text` is what it is sorted by.
    fn new<T: 't>(things: impl IntoIterator<Item = &'t T>, key: impl Fn(&'t T) -> &'t str, text: impl Fn(&'t T) -> String) -> Self {
        let mut ranks = HashMap::new();
        let mut texts = vec![];
        for thing in things {
            if ranks.insert(key(thing), 0).is_none() {
                texts.push((folded(&text(thing)), key(thing)));
            }
        }
        texts.sort_unstable();
        for (rank, same) in (0..).zip(texts.chunk_by(|(a, _), (b, _)| a == b)) {
            ranks.extend(same.iter().map(|(_, key)| (*key, rank)));
        }
        Self(ranks)
    }

    fn of(&self, key: &str) -> u32 {
        self.0.get(key).copied().unwrap_or(u32::MAX)
    }
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

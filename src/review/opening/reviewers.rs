//! Who decides on each line. Nobody ever decides on an access of their own, by whatever account they hold it.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use jiff::civil::Date;

use super::config::{ReviewConfig, Rule};
use super::records::Records;
use crate::lang::Lang;
use crate::review::error::ReviewError;
use crate::review::lines::line::{Line, is_personal};
use crate::review::lines::rules::has_left;
use crate::snapshot::ids;
use crate::snapshot::schema::{Account, Asset, Person};

/// How many managers up an escalation climbs. Deeper than any hierarchy, and an end to circular ones.
const LEVELS: usize = 20;

/// One reviewer and what they decide on, in the order of the sheets.
#[derive(Debug, Clone)]
pub struct Book<'a> {
    pub reviewer: &'a Person<'static>,
    pub lang: Lang,
    pub lines: Vec<Assigned<'a>>,
}

#[derive(Debug, Clone)]
pub struct Assigned<'a> {
    pub line: Line<'a>,
    pub basis: Basis,
}

/// Why this reviewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Basis {
    /// The rule that named someone; none: the fallback reviewer.
    pub rule: Option<Rule>,
    /// Whether the one named could not (own access, left) and a manager above them stands in.
    pub escalated: bool,
}

impl Basis {
    /// In words.
    #[must_use]
    pub fn word(self, lang: Lang) -> String {
        let rule = match self.rule {
            Some(Rule::ApplicationOwner) => lang.pick("propriétaire de l'application", "owner of the application"),
            Some(Rule::LineManager) => lang.pick("responsable hiérarchique de la personne", "line manager of the person"),
            Some(Rule::TechnicalOwner) => {
                lang.pick("responsable technique ou propriétaire du compte", "technical owner, or owner of the account")
            }
            Some(Rule::RightOwner) => lang.pick("propriétaire du droit", "owner of the right"),
            None => lang.pick("relecteur de recours", "fallback reviewer"),
        };
        if !self.escalated {
            return rule.to_owned();
        }
        match lang {
            Lang::Fr => format!("à la place de : {rule} (son propre accès, ou parti)"),
            Lang::En => format!("in place of: {rule} (own access, or left)"),
        }
    }
}

/// A line that nobody may decide on. It is shown to the campaign's lead, never dropped.
#[derive(Debug, Clone)]
pub struct Unassigned<'a> {
    pub line: Line<'a>,
    /// Whom the rules named, and why each cannot; empty: they named nobody.
    pub refused: Vec<(&'a str, Refusal)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    NotInRoster,
    Left,
    OwnAccess,
}

/// People by every key they are named by.
pub(in crate::review) struct Roster<'a> {
    by_id: HashMap<&'a str, &'a Person<'static>>,
    by_key: HashMap<String, Vec<&'a Person<'static>>>,
}

impl<'a> Roster<'a> {
    pub(in crate::review) fn new(people: &'a [Person<'static>]) -> Self {
        let mut roster = Self { by_id: HashMap::new(), by_key: HashMap::new() };
        for person in people {
            roster.by_id.insert(&person.person_id, person);
            let keys = ids::employee(&person.employee_id).into_iter();
            for key in keys.chain(person.emails.iter().map(|e| ids::email(e))) {
                roster.by_key.entry(key).or_default().push(person);
            }
        }
        roster
    }

    pub(in crate::review) fn get(&self, person_id: &str) -> Option<&'a Person<'static>> {
        self.by_id.get(person_id).copied()
    }

    /// Everyone whose own access an account is, in the sense of [`is_own`], by id.
    pub(in crate::review) fn owning(&self, account: &Account<'_>) -> Vec<&'a str> {
        let linked = account.person_id.as_deref().into_iter().chain(account.owner_id.as_deref()).filter_map(|id| self.get(id));
        let number = account.employee_id.as_deref().and_then(ids::employee).into_iter();
        let keys = number.chain(account.emails.iter().map(|e| ids::email(e)));
        let named = keys.filter_map(|key| self.by_key.get(&key)).flatten().copied();
        let mut own: Vec<&str> = linked.chain(named).map(|person| person.person_id.as_ref()).collect();
        own.sort_unstable();
        own.dedup();
        own
    }

    /// Someone named in the configuration.
    pub(in crate::review) fn find(&self, key: &'static str, value: &str) -> Result<&'a Person<'static>, ReviewError> {
        let wanted = if value.contains('@') { Some(ids::email(value)) } else { ids::employee(value) };
        let found = wanted.and_then(|k| self.by_key.get(&k)).map(Vec::as_slice).unwrap_or_default();
        match found {
            [] => Err(ReviewError::Nobody { key, value: value.to_owned() }),
            [person] => Ok(person),
            many => Err(ReviewError::Ambiguous { key, value: value.to_owned(), count: many.len() }),
        }
    }
}

/// The rules, ready to be asked line by line.
pub(in crate::review) struct Assigner<'a, 'r> {
    roster: &'r Roster<'a>,
    assets: BTreeMap<&'a str, Vec<&'a Asset<'static>>>,
    rules: &'r [Rule],
    fallback: Option<&'a Person<'static>>,
    today: Date,
}

impl<'a, 'r> Assigner<'a, 'r> {
    pub(in crate::review) fn new(
        config: &'r ReviewConfig,
        records: &Records<'a>,
        roster: &'r Roster<'a>,
        today: Date,
    ) -> Result<Self, ReviewError> {
        let mut assets: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for asset in records.assets {
            if let Some(system) = asset.system.as_deref() {
                assets.entry(system).or_default().push(asset);
            }
        }
        for of_system in assets.values_mut() {
            of_system.sort_by(|a, b| a.asset_id.cmp(&b.asset_id));
        }
        let named = config.fallback_reviewer.as_deref();
        let fallback = named.map(|value| roster.find("fallback_reviewer", value)).transpose()?;
        if let (Some(person), Some(value)) = (fallback, named)
            && has_left(person, today)
        {
            return Err(ReviewError::FallbackLeft(value.to_owned()));
        }
        Ok(Self { roster, assets, rules: &config.rules, fallback, today })
    }

    /// The reviewer of a line, or whom the rules named and why each cannot.
    pub(in crate::review) fn assign(&self, line: &Line<'a>) -> Result<(&'a Person<'static>, Basis), Vec<(&'a str, Refusal)>> {
        let mut refused = vec![];
        let personal = is_personal(line.account);
        let first = (!personal).then_some(Rule::TechnicalOwner);
        let rest = self.rules.iter().copied().filter(|r| personal || *r != Rule::TechnicalOwner);
        for rule in first.into_iter().chain(rest) {
            for candidate in self.candidates(rule, line) {
                if let Some((person, escalated)) = self.climb(candidate, line.account, &mut refused) {
                    return Ok((person, Basis { rule: Some(rule), escalated }));
                }
            }
        }
        let fallback = self.fallback.map(|person| person.person_id.as_ref());
        let last = fallback.and_then(|id| self.climb(id, line.account, &mut refused));
        last.map(|(person, escalated)| (person, Basis { rule: None, escalated })).ok_or(refused)
    }

    /// Whom a rule names, most fitting first.
    fn candidates(&self, rule: Rule, line: &Line<'a>) -> Vec<&'a str> {
        let account = line.account;
        let assets = self.assets.get(account.system.as_ref()).map(Vec::as_slice).unwrap_or_default();
        let sure = matches!(account.link_status.as_ref(), "definite" | "declared");
        match rule {
            Rule::ApplicationOwner => assets.iter().filter_map(|a| a.owner_id.as_deref()).collect(),
            Rule::TechnicalOwner => {
                let technical = assets.iter().filter_map(|a| a.technical_owner_id.as_deref());
                let declared = account.owner_id.as_deref().filter(|_| !is_personal(account));
                technical.chain(declared).collect()
            }
            Rule::LineManager if sure && is_personal(account) => {
                line.person.and_then(|p| p.manager_id.as_deref()).into_iter().collect()
            }
            Rule::LineManager => vec![],
            Rule::RightOwner => line.entitlement.and_then(|e| e.owner_id.as_deref()).into_iter().collect(),
        }
    }

    /// The candidate, or the first manager above who may decide.
    fn climb(
        &self,
        candidate: &'a str,
        account: &Account<'_>,
        refused: &mut Vec<(&'a str, Refusal)>,
    ) -> Option<(&'a Person<'static>, bool)> {
        let mut at = candidate;
        for level in 0..LEVELS {
            let Some(person) = self.roster.get(at) else {
                note(refused, at, Refusal::NotInRoster);
                return None;
            };
            match self.refusal(person, account) {
                None => return Some((person, level > 0)),
                Some(refusal) => note(refused, at, refusal),
            }
            at = person.manager_id.as_deref()?;
        }
        None
    }

    fn refusal(&self, person: &Person<'_>, account: &Account<'_>) -> Option<Refusal> {
        if is_own(person, account) {
            Some(Refusal::OwnAccess)
        } else if has_left(person, self.today) {
            Some(Refusal::Left)
        } else {
            None
        }
    }
}

fn note<'a>(refused: &mut Vec<(&'a str, Refusal)>, id: &'a str, refusal: Refusal) {
    if !refused.contains(&(id, refusal)) {
        refused.push((id, refusal));
    }
}

/// Whether an account is someone's own: linked to them (also as a candidate only), owned by them, or, linked or not,
/// bearing their employee number or one of their addresses.
#[must_use]
pub fn is_own(person: &Person<'_>, account: &Account<'_>) -> bool {
    let id = Some(person.person_id.as_ref());
    account.person_id.as_deref() == id
        || account.owner_id.as_deref() == id
        || account
            .employee_id
            .as_deref()
            .and_then(ids::employee)
            .is_some_and(|number| Some(number) == ids::employee(&person.employee_id))
        || account.emails.iter().any(|a| person.emails.iter().any(|p| ids::email(a) == ids::email(p)))
}

//! Ties each account to a person of the roster, or says why it cannot.
//!
//! A rule that names exactly one person decides, unless a stronger fact of the same account names somebody else: two facts that
//! disagree, or one fact shared by two people, make a candidate that a person must settle. Luck never does.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::correlation::{Correlation, Rule};
use super::index::{Index, add, get};
use super::names;
use crate::snapshot::ids;
use crate::snapshot::schema::{Account, Person};

/// People by every key that a rule looks them up with. Values are positions in `people`.
#[derive(Debug, Default)]
pub(super) struct Roster {
    people: Vec<Known>,
    known: HashMap<String, u32>,
    employee: Index,
    email: Index,
    login: Index,
    name: Index,
    /// Logins that a system's convention would give, by pattern.
    conventions: BTreeMap<String, Index>,
    rules: Correlation,
}

/// A person's keys, on their way into the roster.
#[derive(Debug)]
pub(super) struct Newcomer {
    known: Known,
    employee: Option<String>,
    emails: Vec<String>,
    login: Option<String>,
}

impl Newcomer {
    pub(super) fn of(person: &Person<'_>) -> Self {
        Self {
            employee: ids::employee(&person.employee_id),
            emails: person.emails.iter().map(|email| ids::email(email)).collect(),
            login: person.login.as_deref().map(names::squeeze),
            known: Known {
                person_id: person.person_id.clone().into_owned(),
                name: names::key(&person.display_name),
                given: person.given_name.as_deref().map(str::to_owned),
                family: person.family_name.as_deref().map(str::to_owned),
                employee: person.employee_id.clone().into_owned(),
            },
        }
    }
}

#[derive(Debug)]
struct Known {
    person_id: String,
    name: Option<String>,
    given: Option<String>,
    family: Option<String>,
    employee: String,
}

/// What the rules said of one account.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Link<'r> {
    pub(super) person_id: Option<Cow<'r, str>>,
    pub(super) rule: Option<Cow<'static, str>>,
    pub(super) confidence: Option<f64>,
    pub(super) status: &'static str,
}

impl Link<'_> {
    pub(super) const NONE: Link<'static> = Link { person_id: None, rule: None, confidence: None, status: "none" };

    pub(super) fn into_owned(self) -> Link<'static> {
        let Self { person_id, rule, confidence, status } = self;
        Link { person_id: person_id.map(|id| Cow::Owned(id.into_owned())), rule, confidence, status }
    }
}

impl Roster {
    pub(super) fn new(rules: Correlation) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Adds a person. All people must be in before [`Self::close`].
    pub(super) fn add(&mut self, person: Newcomer) {
        // Two rows of one person (a second contract) are one person.
        let new = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        let at = *self.known.entry(person.known.person_id.clone()).or_insert(new);
        add(&mut self.employee, person.employee, at);
        for email in person.emails {
            add(&mut self.email, Some(email), at);
        }
        add(&mut self.login, person.login, at);
        add(&mut self.name, person.known.name.clone(), at);
        if at == new {
            self.people.push(person.known);
        }
    }

    /// Computes the logins of every declared convention. Called once, after the last person.
    pub(super) fn close(&mut self) {
        // Systems may share a pattern: each is worked out once.
        let patterns: BTreeSet<&String> = self.rules.logins.values().flatten().collect();
        for pattern in patterns {
            let made = self.conventions.entry(pattern.clone()).or_default();
            for (at, known) in (0_u32..).zip(&self.people) {
                let part = |name: &str| match name {
                    "given" => known.given.clone(),
                    "family" => known.family.clone(),
                    "employee" => Some(known.employee.clone()),
                    _ => None,
                };
                add(made, names::login(pattern, part), at);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// person_id of the one person that a key leads to.
    fn one(&self, found: &[u32]) -> Option<&str> {
        let [one] = found else { return None };
        self.people.get(*one as usize).map(|known| known.person_id.as_str())
    }

    /// person_id of the one person with this employee number.
    fn by_employee(&self, number: &str) -> Option<&str> {
        self.one(get(&self.employee, ids::employee_key(number).as_deref()))
    }

    /// person_id of the one person with this address.
    pub(super) fn by_email(&self, address: &str) -> Option<&str> {
        self.one(get(&self.email, Some(&ids::email_key(address))))
    }

    /// person_id of whom a declaration names, by employee number or address.
    pub(super) fn person(&self, named: &str) -> Option<&str> {
        if named.contains('@') { self.by_email(named) } else { self.by_employee(named) }
    }

    /// Applies the rules to one account. `upn` is its user principal name, where it has one.
    pub(super) fn link(&self, account: &Account<'_>, upn: Option<&str>) -> Link<'_> {
        let mut decided: Option<(Rule, u32)> = None;
        for rule in &self.rules.rules {
            // A weaker rule is only asked whether it contradicts; names and conventions are too weak for that.
            if decided.is_some() && matches!(rule, Rule::Login | Rule::Name) {
                continue;
            }
            let found = self.found(*rule, account, upn);
            match (found.as_ref(), decided) {
                ([], _) => {}
                (several, Some((first, person))) if !several.contains(&person) => {
                    return self.candidate(
                        &format!("{} and {} disagree", first.word(), rule.word()),
                        *rule,
                        &[&[person], several].concat(),
                    );
                }
                (_, Some(_)) => {}
                ([one], None) => match rule {
                    Rule::Name => return self.candidate(rule.word(), *rule, &[*one]),
                    Rule::Login if self.other_name(account, *one) => {
                        return self.candidate("login, but another name", *rule, &[*one]);
                    }
                    _ => decided = Some((*rule, *one)),
                },
                (several, None) => return self.candidate(rule.word(), *rule, several),
            }
        }
        match decided.and_then(|(rule, at)| Some((rule, self.people.get(at as usize)?))) {
            Some((rule, known)) => Link {
                person_id: Some(known.person_id.as_str().into()),
                rule: Some(rule.word().into()),
                confidence: Some(rule.confidence()),
                status: "definite",
            },
            None => Link::NONE,
        }
    }

    fn found(&self, rule: Rule, account: &Account<'_>, upn: Option<&str>) -> Cow<'_, [u32]> {
        let email = |address: &str| get(&self.email, Some(&ids::email_key(address)));
        Cow::Borrowed(match rule {
            Rule::EmployeeId => get(&self.employee, account.employee_id.as_deref().and_then(ids::employee_key).as_deref()),
            Rule::Email => match account.emails.as_slice() {
                [] => &[],
                [one] => email(one),
                several => {
                    let mut all: Vec<u32> = several.iter().flat_map(|address| email(address).iter().copied()).collect();
                    all.sort_unstable();
                    all.dedup();
                    return Cow::Owned(all);
                }
            },
            Rule::Upn => upn.map_or(&[], email),
            Rule::Login => {
                let login = names::squeeze(&account.login);
                let declared = get(&self.login, Some(&login));
                if !declared.is_empty() {
                    return Cow::Borrowed(declared);
                }
                let patterns = self.rules.logins.get(account.system.as_ref()).or_else(|| self.rules.logins.get("*"));
                let made = patterns.into_iter().flatten().filter_map(|pattern| self.conventions.get(pattern));
                made.map(|made| get(made, Some(&login))).find(|found| !found.is_empty()).unwrap_or_default()
            }
            Rule::Name => get(&self.name, account.display_name.as_deref().and_then(names::key).as_deref()),
        })
    }

    /// The account shows a name that is not this person's.
    fn other_name(&self, account: &Account<'_>, at: u32) -> bool {
        let shown = account.display_name.as_deref().and_then(names::key);
        let known = self.people.get(at as usize).and_then(|known| known.name.clone());
        matches!((shown, known), (Some(shown), Some(known)) if shown != known)
    }

    fn candidate(&self, why: &str, rule: Rule, people: &[u32]) -> Link<'_> {
        let mut ids: Vec<&str> =
            people.iter().filter_map(|at| self.people.get(*at as usize)).map(|known| known.person_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let one = if let [one] = ids.as_slice() { Some(Cow::Borrowed(*one)) } else { None };
        let rule_text = if one.is_some() { why.to_owned() } else { format!("{why}: {}", ids.join(", ")) };
        Link { person_id: one, rule: Some(rule_text.into()), confidence: Some(rule.confidence().min(0.5)), status: "candidate" }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn person<'a>(id: &'a str, given: &'a str, family: &'a str, email: &'a str) -> Person<'a> {
        Person {
            person_id: format!("RH:{id}").into(),
            employee_id: id.into(),
            display_name: format!("{given} {family}").into(),
            given_name: Some(given.into()),
            family_name: Some(family.into()),
            emails: vec![email.into()],
            status: "active".into(),
            ..Person::default()
        }
    }

    fn roster() -> Roster {
        let mut rules = Correlation::default();
        rules.logins.insert("*".into(), vec!["{given:1}{family}".into()]);
        let mut roster = Roster::new(rules);
        roster.add(Newcomer::of(&person("101", "Anne", "Martin", "anne.martin@arem.example")));
        roster.add(Newcomer::of(&person("102", "Alain", "Martin", "alain.martin@arem.example")));
        roster.add(Newcomer::of(&person("103", "Zoé", "Lefèvre", "zoe.lefevre@arem.example")));
        roster.add(Newcomer::of(&person("104", "Zoé", "Lefèvre", "zoe.lefevre2@arem.example")));
        roster.add(Newcomer::of(&person("105", "Luc", "Petit", "luc.petit@arem.example")));
        roster.close();
        roster
    }

    fn account<'a>(login: &'a str, name: Option<&'a str>) -> Account<'a> {
        Account { system: "AD".into(), login: login.into(), display_name: name.map(Into::into), ..Account::default() }
    }

    #[test]
    fn one_pattern_for_two_systems_and_two_contracts_of_one_person_are_no_ambiguity() {
        let mut rules = Correlation::default();
        for system in ["AD", "UNIX"] {
            rules.logins.insert(system.into(), vec!["{given:1}{family}".into()]);
        }
        let mut roster = Roster::new(rules);
        roster.add(Newcomer::of(&person("105", "Luc", "Petit", "luc.petit@arem.example")));
        roster.add(Newcomer::of(&person("105", "Luc", "Petit", "l.petit@arem.example")));
        roster.close();
        let link = roster.link(&account("lpetit", None), None);
        assert_eq!((link.person_id.as_deref(), link.status), (Some("RH:105"), "definite"));
        let second = Account { emails: vec!["l.petit@arem.example".into()], ..account("x", None) };
        assert_eq!(roster.link(&second, None).person_id.as_deref(), Some("RH:105"));
    }

    #[test]
    fn employee_number_is_definite_even_padded() {
        let roster = roster();
        let link = roster.link(&Account { employee_id: Some("00105".into()), ..account("x", None) }, None);
        assert_eq!((link.person_id.as_deref(), link.status, link.confidence), (Some("RH:105"), "definite", Some(1.0)));
    }

    #[test]
    fn two_facts_that_disagree_make_a_candidate_that_names_both() {
        let roster = roster();
        let odd =
            Account { employee_id: Some("105".into()), emails: vec!["anne.martin@arem.example".into()], ..account("x", None) };
        let link = roster.link(&odd, None);
        assert_eq!((link.person_id, link.status), (None, "candidate"));
        assert_eq!(link.rule.as_deref(), Some("employee_id and email disagree: RH:101, RH:105"));
    }

    #[test]
    fn a_convention_that_fits_two_people_settles_nothing() {
        let roster = roster();
        let link = roster.link(&account("amartin", None), None);
        assert_eq!((link.person_id, link.status), (None, "candidate"));
        assert_eq!(link.rule.as_deref(), Some("login: RH:101, RH:102"));
    }

    #[test]
    fn a_convention_that_fits_one_person_of_another_name_is_only_a_candidate() {
        let roster = roster();
        let link = roster.link(&account("lpetit", Some("Lucien Petit")), None);
        assert_eq!((link.person_id.as_deref(), link.status), (Some("RH:105"), "candidate"));
        let link = roster.link(&account("lpetit", Some("PETIT Luc")), None);
        assert_eq!((link.person_id.as_deref(), link.status), (Some("RH:105"), "definite"));
    }

    #[test]
    fn names_never_prove_and_homonyms_are_listed() {
        let roster = roster();
        let link = roster.link(&account("adm1", Some("Lefevre Zoe")), None);
        assert_eq!(link.rule.as_deref(), Some("name: RH:103, RH:104"));
        let link = roster.link(&account("adm1", Some("Petit Luc")), None);
        assert_eq!((link.person_id.as_deref(), link.status), (Some("RH:105"), "candidate"));
        assert_eq!(roster.link(&account("adm1", Some("Nadia Karim")), None), Link::NONE);
    }
}

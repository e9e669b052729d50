//! Ties each account to a person of the roster, or says why it cannot.
//!
//! A rule that names exactly one person decides, unless a stronger fact of the same account names somebody else: two facts that
//! disagree, or one fact shared by two people, make a candidate that a person must settle. Luck never does.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::correlation::{Correlation, Rule};
use super::names;
use crate::snapshot::ids;
use crate::snapshot::schema::{Account, Person};

/// People by every key that a rule looks them up with. Values are positions in `people`.
#[derive(Debug, Default)]
pub(super) struct Roster {
    people: Vec<Known>,
    known: HashMap<String, u32>,
    employee: HashMap<String, Vec<u32>>,
    email: HashMap<String, Vec<u32>>,
    login: HashMap<String, Vec<u32>>,
    name: HashMap<String, Vec<u32>>,
    /// Logins that a system's convention would give, by pattern.
    conventions: BTreeMap<String, HashMap<String, Vec<u32>>>,
    rules: Correlation,
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
pub(super) struct Link {
    pub(super) person_id: Option<String>,
    pub(super) rule: Option<String>,
    pub(super) confidence: Option<f64>,
    pub(super) status: &'static str,
}

const NONE: Link = Link { person_id: None, rule: None, confidence: None, status: "none" };

impl Roster {
    pub(super) fn new(rules: Correlation) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Adds a person. All people must be in before [`Self::close`].
    pub(super) fn add(&mut self, person: &Person<'_>) {
        // Two rows of one person (a second contract) are one person.
        let new = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        let at = *self.known.entry(person.person_id.clone().into_owned()).or_insert(new);
        let add = |map: &mut HashMap<String, Vec<u32>>, key: Option<String>| {
            if let Some(key) = key.filter(|key| !key.is_empty()) {
                let at_key = map.entry(key).or_default();
                if at_key.last() != Some(&at) {
                    at_key.push(at);
                }
            }
        };
        add(&mut self.employee, ids::employee(&person.employee_id));
        for email in &person.emails {
            add(&mut self.email, Some(ids::email(email)));
        }
        add(&mut self.login, person.login.as_deref().map(names::squeeze));
        let name = names::key(&person.display_name);
        add(&mut self.name, name.clone());
        if at != new {
            return;
        }
        self.people.push(Known {
            person_id: person.person_id.clone().into_owned(),
            name,
            given: person.given_name.as_deref().map(str::to_owned),
            family: person.family_name.as_deref().map(str::to_owned),
            employee: person.employee_id.clone().into_owned(),
        });
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
                if let Some(login) = names::login(pattern, part) {
                    made.entry(login).or_default().push(at);
                }
            }
        }
    }

    /// person_id of the one person with this employee number.
    fn by_employee(&self, number: &str) -> Option<&str> {
        match self.employee.get(&ids::employee(number)?).map(Vec::as_slice) {
            Some([one]) => self.people.get(*one as usize).map(|known| known.person_id.as_str()),
            _ => None,
        }
    }

    /// person_id of the one person with this address.
    pub(super) fn by_email(&self, address: &str) -> Option<&str> {
        match self.email.get(&ids::email(address)).map(Vec::as_slice) {
            Some([one]) => self.people.get(*one as usize).map(|known| known.person_id.as_str()),
            _ => None,
        }
    }

    /// person_id of whom a declaration names, by employee number or address.
    pub(super) fn person(&self, named: &str) -> Option<&str> {
        if named.contains('@') { self.by_email(named) } else { self.by_employee(named) }
    }

    /// Applies the rules to one account. `upn` is its user principal name, where it has one.
    pub(super) fn link(&self, account: &Account<'_>, upn: Option<&str>) -> Link {
        if self.people.is_empty() {
            return NONE;
        }
        let mut decided: Option<(Rule, u32)> = None;
        for rule in &self.rules.rules {
            // A weaker rule is only asked whether it contradicts; names and conventions are too weak for that.
            if decided.is_some() && matches!(rule, Rule::Login | Rule::Name) {
                continue;
            }
            let found = self.found(*rule, account, upn);
            match (found.as_slice(), decided) {
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
                person_id: Some(known.person_id.clone()),
                rule: Some(rule.word().to_owned()),
                confidence: Some(rule.confidence()),
                status: "definite",
            },
            None => NONE,
        }
    }

    fn found(&self, rule: Rule, account: &Account<'_>, upn: Option<&str>) -> Vec<u32> {
        let get =
            |map: &HashMap<String, Vec<u32>>, key: Option<String>| key.and_then(|key| map.get(&key).cloned()).unwrap_or_default();
        match rule {
            Rule::EmployeeId => get(&self.employee, account.employee_id.as_deref().and_then(ids::employee)),
            Rule::Email => {
                let mut all: Vec<u32> = account.emails.iter().flat_map(|email| get(&self.email, Some(ids::email(email)))).collect();
                all.sort_unstable();
                all.dedup();
                all
            }
            Rule::Upn => get(&self.email, upn.map(ids::email)),
            Rule::Login => {
                let login = names::squeeze(&account.login);
                let declared = get(&self.login, Some(login.clone()));
                if !declared.is_empty() {
                    return declared;
                }
                let patterns = self.rules.logins.get(account.system.as_ref()).or_else(|| self.rules.logins.get("*"));
                patterns
                    .into_iter()
                    .flatten()
                    .filter_map(|pattern| self.conventions.get(pattern)?.get(&login))
                    .find(|found| !found.is_empty())
                    .cloned()
                    .unwrap_or_default()
            }
            Rule::Name => get(&self.name, account.display_name.as_deref().and_then(names::key)),
        }
    }

    /// The account shows a name that is not this person's.
    fn other_name(&self, account: &Account<'_>, at: u32) -> bool {
        let shown = account.display_name.as_deref().and_then(names::key);
        let known = self.people.get(at as usize).and_then(|known| known.name.clone());
        matches!((shown, known), (Some(shown), Some(known)) if shown != known)
    }

    fn candidate(&self, why: &str, rule: Rule, people: &[u32]) -> Link {
        let mut ids: Vec<&str> =
            people.iter().filter_map(|at| self.people.get(*at as usize)).map(|known| known.person_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let one = if let [one] = ids.as_slice() { Some((*one).to_owned()) } else { None };
        let rule_text = if one.is_some() { why.to_owned() } else { format!("{why}: {}", ids.join(", ")) };
        Link { person_id: one, rule: Some(rule_text), confidence: Some(rule.confidence().min(0.5)), status: "candidate" }
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
        roster.add(&person("101", "Anne", "Martin", "anne.martin@arem.example"));
        roster.add(&person("102", "Alain", "Martin", "alain.martin@arem.example"));
        roster.add(&person("103", "Zoé", "Lefèvre", "zoe.lefevre@arem.example"));
        roster.add(&person("104", "Zoé", "Lefèvre", "zoe.lefevre2@arem.example"));
        roster.add(&person("105", "Luc", "Petit", "luc.petit@arem.example"));
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
        roster.add(&person("105", "Luc", "Petit", "luc.petit@arem.example"));
        roster.add(&person("105", "Luc", "Petit", "l.petit@arem.example"));
        roster.close();
        let link = roster.link(&account("lpetit", None), None);
        assert_eq!((link.person_id.as_deref(), link.status), (Some("RH:105"), "definite"));
        let second = Account { emails: vec!["l.petit@arem.example".into()], ..account("x", None) };
        assert_eq!(roster.link(&second, None).person_id.as_deref(), Some("RH:105"));
    }

    #[test]
    fn employee_number_is_definite_even_padded() {
        let link = roster().link(&Account { employee_id: Some("00105".into()), ..account("x", None) }, None);
        assert_eq!((link.person_id.as_deref(), link.status, link.confidence), (Some("RH:105"), "definite", Some(1.0)));
    }

    #[test]
    fn two_facts_that_disagree_make_a_candidate_that_names_both() {
        let odd =
            Account { employee_id: Some("105".into()), emails: vec!["anne.martin@arem.example".into()], ..account("x", None) };
        let link = roster().link(&odd, None);
        assert_eq!((link.person_id, link.status), (None, "candidate"));
        assert_eq!(link.rule.as_deref(), Some("employee_id and email disagree: RH:101, RH:105"));
    }

    #[test]
    fn a_convention_that_fits_two_people_settles_nothing() {
        let link = roster().link(&account("amartin", None), None);
        assert_eq!((link.person_id, link.status), (None, "candidate"));
        assert_eq!(link.rule.as_deref(), Some("login: RH:101, RH:102"));
    }

    #[test]
    fn a_convention_that_fits_one_person_of_another_name_is_only_a_candidate() {
        let link = roster().link(&account("lpetit", Some("Lucien Petit")), None);
        assert_eq!((link.person_id.as_deref(), link.status), (Some("RH:105"), "candidate"));
        let link = roster().link(&account("lpetit", Some("PETIT Luc")), None);
        assert_eq!((link.person_id.as_deref(), link.status), (Some("RH:105"), "definite"));
    }

    #[test]
    fn names_never_prove_and_homonyms_are_listed() {
        let link = roster().link(&account("adm1", Some("Lefevre Zoe")), None);
        assert_eq!(link.rule.as_deref(), Some("name: RH:103, RH:104"));
        let link = roster().link(&account("adm1", Some("Petit Luc")), None);
        assert_eq!((link.person_id.as_deref(), link.status), (Some("RH:105"), "candidate"));
        assert_eq!(roster().link(&account("adm1", Some("Nadia Karim")), None), NONE);
    }
}

//! Who is who in a snapshot: the names, logins, addresses and numbers to hide, and whose they are.
//!
//! One person bears one pseudonym whatever they are called by: the roster's id, name, number and addresses, and the name that an
//! account linked to them shows. A name that two people share belongs to neither, and gets a pseudonym of its own.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use super::key::{Key, Kind, fold};
use super::rules::{Action, Rules};
use crate::snapshot::read;
use crate::snapshot::schema::TABLES;
use crate::snapshot::value::Value;

/// Shortest word, in characters, that is looked for inside texts: shorter ones are parts of everything.
const SHORTEST: usize = 3;

/// Pseudonyms, and the names each stands for.
pub type Mapping = BTreeMap<String, BTreeSet<String>>;

/// What is hidden.
pub(super) struct Known {
    key: Key,
    /// Folded name → kind and the folded text its pseudonym is made from; none when several people share it.
    owners: BTreeMap<String, Option<(Kind, String)>>,
    /// Folded names that are looked for inside texts.
    words: BTreeSet<String>,
    /// Pseudonyms given, and what they stand for.
    given: RefCell<Mapping>,
    hides_person_ids: bool,
    hides_account_ids: bool,
}

/// One row's cells by column name.
struct Row<'r> {
    columns: &'r [&'static str],
    cells: &'r [Value<'static>],
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| *name == column)?;
        match self.cells.get(at)? {
            Value::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    fn list(&self, column: &str) -> impl Iterator<Item = &str> {
        self.text(column).unwrap_or_default().split(';').filter(|item| !item.trim().is_empty())
    }
}

fn each(snapshot: &Path, table: &str, mut row: impl FnMut(&Row<'_>)) -> io::Result<()> {
    let Some(table) = TABLES.iter().find(|known| known.name == table) else { return Ok(()) };
    let columns: Vec<&'static str> = table.columns.iter().map(|column| column.name).collect();
    read::cells(snapshot, table, |cells| {
        row(&Row { columns: &columns, cells: &cells });
        Ok(())
    })
}

impl Known {
    /// Reads people and accounts.
    pub(super) fn learn(snapshot: &Path, rules: &Rules, key: Key) -> io::Result<Self> {
        let hides = |table, column| rules.of(table, column) != Action::Keep;
        let mut known = Self {
            key,
            owners: BTreeMap::new(),
            words: BTreeSet::new(),
            given: RefCell::default(),
            hides_person_ids: hides("people", "person_id"),
            hides_account_ids: hides("accounts", "account_id"),
        };
        each(snapshot, "people", |row| {
            let Some(id) = row.text("person_id") else { return };
            let person = (Kind::Person, fold(id));
            known.owns(id, &person, known.hides_person_ids);
            known.owns(local(id), &person, known.hides_person_ids);
            for column in ["employee_id", "display_name", "login"] {
                if let Some(text) = row.text(column) {
                    known.owns(text, &person, hides("people", column));
                    known.turned(text, &person, column == "display_name" && hides("people", column));
                }
            }
            for address in row.list("emails") {
                known.owns(address, &person, hides("people", "emails"));
            }
        })?;
        each(snapshot, "accounts", |row| known.account(row, &hides))?;
        Ok(known)
    }

    fn account(&mut self, row: &Row<'_>, hides: &dyn Fn(&'static str, &'static str) -> bool) {
        // Service and shared accounts are hidden in their own columns, but not looked for in texts: `backup` is a word.
        let human = matches!(row.text("kind"), Some("human" | "unknown") | None);
        let linked = matches!(row.text("link_status"), Some("definite" | "declared"));
        let person = row.text("person_id").filter(|_| human && linked).map(|id| (Kind::Person, fold(id)));
        if let Some(login) = row.text("login") {
            self.owns(login, &(Kind::Account, fold(login)), human && hides("accounts", "login"));
        }
        if let Some(id) = row.text("account_id") {
            self.owns(id, &(Kind::Account, fold(local(id))), human && self.hides_account_ids);
            self.owns(local(id), &(Kind::Account, fold(local(id))), human && self.hides_account_ids);
        }
        let names = row.text("display_name").map(|name| (name, "display_name"));
        for (text, column) in names.into_iter().chain(row.list("emails").map(|address| (address, "emails"))) {
            let own = (Kind::Account, fold(text));
            let owner = person.as_ref().unwrap_or(&own);
            // The roster's word stands: an account may not take a person's name for another's.
            if person.is_some() || !self.owners.contains_key(&fold(text)) {
                self.owns(text, owner, human && hides("accounts", column));
                self.turned(text, owner, human && column == "display_name" && hides("accounts", column));
            }
        }
    }

    /// `Martin Jean` is `Jean Martin` too.
    fn turned(&mut self, name: &str, owner: &(Kind, String), hidden: bool) {
        let words: Vec<&str> = name.split_whitespace().collect();
        for at in 1..words.len() {
            let (front, back) = words.split_at(at);
            self.owns(&[back, front].concat().join(" "), owner, hidden);
        }
    }

    fn owns(&mut self, name: &str, owner: &(Kind, String), hidden: bool) {
        let folded = fold(name);
        if hidden && folded.chars().count() >= SHORTEST {
            self.words.insert(folded.clone());
        }
        let known = self.owners.entry(folded).or_insert_with(|| Some(owner.clone()));
        // A login that is also a person's own word for themself stays the person's.
        if known.as_ref().is_some_and(|(kind, text)| (*kind, text) != (owner.0, &owner.1) && *kind == owner.0) {
            *known = None;
        }
    }

    /// The pseudonym of a name, whether it was met before or not.
    pub(super) fn pseudonym(&self, name: &str) -> String {
        let folded = fold(name);
        let (kind, text) = match self.owners.get(&folded) {
            Some(Some((kind, text))) => (*kind, text.as_str()),
            _ => (Kind::Person, folded.as_str()),
        };
        self.give(kind, text, name)
    }

    /// The pseudonym of a login, never that of a person who is also called so.
    pub(super) fn login(&self, login: &str) -> String {
        self.give(Kind::Account, &fold(login), login)
    }

    /// `system:P-…` for a person's id.
    pub(super) fn person_id(&self, id: &str) -> String {
        format!("{}{}", system(id), self.give(Kind::Person, &fold(id), id))
    }

    /// `system:C-…` for an account's id.
    pub(super) fn account_id(&self, id: &str) -> String {
        format!("{}{}", system(id), self.give(Kind::Account, &fold(local(id)), id))
    }

    /// An id of one of the two kinds, or a text of several joined by `|`; others stay.
    pub(super) fn ids(&self, text: &str) -> String {
        let one = |id: &str| match self.owners.get(&fold(id)) {
            Some(Some((Kind::Person, owner))) if self.hides_person_ids && *owner == fold(id) => self.person_id(id),
            Some(Some((Kind::Account, _))) if self.hides_account_ids => self.account_id(id),
            _ => id.to_owned(),
        };
        text.split('|').map(one).collect::<Vec<_>>().join("|")
    }

    /// Whether a folded text is a name to be taken out of texts.
    pub(super) fn hides(&self, folded: &str) -> bool {
        self.words.contains(folded)
    }

    fn give(&self, kind: Kind, text: &str, name: &str) -> String {
        let pseudonym = self.key.pseudonym(kind, text);
        self.given.borrow_mut().entry(pseudonym.clone()).or_default().insert(name.to_owned());
        pseudonym
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// What was given until now.
    pub(super) fn mapping(&self) -> Mapping {
        self.given.borrow().clone()
    }
}

/// `ad:` of `ad:1234`.
fn system(id: &str) -> &str {
    id.split_once(':').and_then(|(system, _)| id.get(..=system.len())).unwrap_or_default()
}

/// `1234` of `ad:1234`.
fn local(id: &str) -> &str {
    id.split_once(':').map_or(id, |(_, local)| local)
}

#[cfg(test)]
impl Known {
    /// People of these names, for tests.
    pub(super) fn of(names: &[&str]) -> Self {
        let mut known = Self {
            key: Key::new(&[7; 32]).unwrap_or_else(|| unreachable!("32 bytes are enough")),
            owners: BTreeMap::new(),
            words: BTreeSet::new(),
            given: RefCell::default(),
            hides_person_ids: true,
            hides_account_ids: true,
        };
        for name in names {
            let person = (Kind::Person, fold(name));
            known.owns(name, &person, true);
            known.turned(name, &person, true);
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_two_people_is_neithers() {
        let mut known = Known::of(&["Anne Martin"]);
        let alone = known.pseudonym("ANNE  MARTIN");
        assert_eq!(alone, known.pseudonym("Martin Anne"));
        known.owns("Anne Martin", &(Kind::Person, "rh:2".to_owned()), true);
        let other = known.pseudonym("Anne Martin");
        assert_eq!(other, alone, "made from the name itself, as for somebody unknown");
        assert_eq!(known.person_id("rh:2"), format!("rh:{}", known.key.pseudonym(Kind::Person, "rh:2")));
        assert_ne!(known.person_id("rh:2"), format!("rh:{other}"));
        assert_eq!(known.mapping().get(&other).map(BTreeSet::len), Some(3));
    }

    #[test]
    fn ids_keep_their_system_and_other_texts_stay() {
        let mut known = Known::of(&[]);
        known.owns("rh:1", &(Kind::Person, fold("rh:1")), true);
        known.owns("ad:x9", &(Kind::Account, fold("x9")), true);
        assert!(known.ids("rh:1|AD").starts_with("rh:P-") && known.ids("rh:1|AD").ends_with("|AD"));
        assert_eq!(known.ids("ad:x9"), known.account_id("ad:x9"));
        assert_eq!(known.ids("SRV-PAIE"), "SRV-PAIE");
    }
}

//! What a harvest tells beside its rows: counts, unexplained members, and why it may not be all there was.

use serde_json::{Map, json};

use super::closure::{DEEPEST, Holders};
use super::known::{Known, Told};
use super::names::{LOGIN, NameId, Names, SID};
use super::options::Options;
use super::tally::Count;
use super::view::lossy;

/// Members named in the notes; all are counted.
const NAMED: usize = 50;

/// What became of a name that memberships mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No entry has it.
    Unmet,
    Account,
    /// A principal of another domain.
    Foreign,
    /// An entry that is no account: a group, a computer, a contact.
    Entry,
}

/// The arithmetic of the second reading.
#[derive(Debug, Default)]
pub struct Outcome {
    pub rows: u64,
    pub kept: u64,
    standings: Vec<Standing>,
}

impl Outcome {
    #[must_use]
    pub fn new(known: &Known) -> Self {
        Self { rows: 0, kept: 0, standings: vec![Standing::Unmet; known.registry.names.len()] }
    }

    /// Notes what a name is; says whether it had been met before.
    pub fn stand(&mut self, name: NameId, standing: Standing) -> bool {
        let place = name as usize;
        if self.standings.len() <= place {
            self.standings.resize(place + 1, Standing::Unmet);
        }
        let Some(slot) = self.standings.get_mut(place) else { return false };
        let before = std::mem::replace(slot, standing);
        before != Standing::Unmet
    }

    #[must_use]
    pub fn is_account(&self, name: NameId) -> bool {
        self.standings.get(name as usize) == Some(&Standing::Account)
    }

    /// Everything there is to tell.
    #[must_use]
    pub fn told(self, mut known: Known, options: &Options) -> Told {
        let mut notes = Map::new();
        let (unresolved, foreign) = self.unexplained(&known.registry.names, &known.holders);
        known.registry.tally.add(Count::Unresolved, unresolved.0);
        known.registry.tally.add(Count::ForeignMembers, foreign.0);
        for (key, names) in [("unresolved_members", unresolved.1), ("foreign_members", foreign.1)] {
            if !names.is_empty() {
                notes.insert(key.to_owned(), json!(names));
            }
        }
        notes.insert("flavour".to_owned(), json!(known.flavour.word()));
        let because = match (options.flavour, known.told_by) {
            (Some(_), _) => "configured".to_owned(),
            (None, Some(attr)) => format!("the entries carry {}", attr.name()),
            (None, None) => "no entry carries an immutable id: read as OpenLDAP, ids made of names".to_owned(),
        };
        notes.insert("flavour_because".to_owned(), json!(because));
        if let Some(policy) = known.policies.default_name() {
            let basis = if options.default_policy.is_some() { "declared" } else { "the only one in the directory" };
            notes.insert("default_policy".to_owned(), json!({ "dn": lossy(policy), "basis": basis }));
        }
        let missing = options
            .privileged()
            .filter(|(name, _)| known.registry.names.find(name).and_then(|id| known.registry.groups.named(id)).is_none());
        let missing: Vec<String> = missing.map(|(_, written)| written.to_owned()).collect();
        let mut reasons = incomplete(&known);
        if !missing.is_empty() {
            // Whoever administers through them would pass for an ordinary account.
            reasons.push(format!(
                "privileged_groups names what is no group here ({}): correct it, or have these groups read too",
                missing.join("; ")
            ));
            notes.insert("privileged_groups_not_found".to_owned(), json!(missing));
        }
        Told { rows_seen: self.rows, rows_kept: self.kept, details: known.registry.tally.details(), notes, incomplete: reasons }
    }

    /// Members without an entry, and members of other domains: how many, and the first of each.
    fn unexplained(&self, names: &Names, holders: &Holders) -> ((u64, Vec<String>), (u64, Vec<String>)) {
        let (mut unresolved, mut foreign) = ((0, vec![]), (0, vec![]));
        for (id, standing) in (0..).zip(&self.standings) {
            if holders.of(id).is_empty() || matches!(standing, Standing::Account | Standing::Entry) {
                continue;
            }
            let name = names.get(id);
            let list = match standing {
                Standing::Foreign => &mut foreign,
                Standing::Unmet if is_foreign(&name) => &mut foreign,
                _ => &mut unresolved,
            };
            list.0 += 1;
            if list.1.len() < NAMED {
                list.1.push(readable(&name));
            }
        }
        (unresolved, foreign)
    }
}

/// AD keeps stand-ins for principals of other domains in one container.
fn is_foreign(name: &[u8]) -> bool {
    memchr::memmem::find(name, b",cn=foreignsecurityprincipals,").is_some()
}

fn readable(name: &[u8]) -> String {
    let name = name.strip_prefix(&[LOGIN]).or_else(|| name.strip_prefix(&[SID])).unwrap_or(name);
    lossy(name).into_owned()
}

fn incomplete(known: &Known) -> Vec<String> {
    let mut reasons = vec![];
    let cut = known.registry.tally.get(Count::CutGroups);
    if cut > 0 {
        reasons.push(format!(
            "the server gave only the first members of {cut} group(s) ({}): export with a tool that reads `member;range=` to its end",
            known.cut.join("; ")
        ));
    }
    let deep = known.registry.tally.get(Count::TooDeep);
    if deep > 0 {
        reasons.push(format!("groups are nested more than {DEEPEST} deep around {deep} account(s): not followed further"));
    }
    reasons
}

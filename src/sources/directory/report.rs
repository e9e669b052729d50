//! What a harvest tells beside its rows: counts, unexplained members, and why it may not be all there was.

use serde_json::{Map, json};

use super::closure::DEEPEST;
use super::join::NAMED;
use super::known::{Known, Told};
use super::names::{LOGIN, SID};
use super::options::Options;
use super::tally::Count;
use super::view::lossy;

/// The arithmetic of the second reading.
#[derive(Debug, Default)]
pub struct Outcome {
    pub rows: u64,
    pub kept: u64,
    /// An entry was not where the first reading found it.
    pub moved: bool,
    unresolved: Vec<String>,
    foreign: Vec<String>,
}

impl Outcome {
    /// Notes the comparable name of a member that nothing explains.
    pub fn name(&mut self, foreign: bool, name: &[u8]) {
        let list = if foreign { &mut self.foreign } else { &mut self.unresolved };
        if list.len() < NAMED {
            list.push(readable(name));
        }
    }

    /// Everything there is to tell.
    #[must_use]
    pub fn told(self, mut known: Known, options: &Options) -> Told {
        let mut notes = Map::new();
        known.registry.tally.add(Count::Unresolved, known.unresolved);
        known.registry.tally.add(Count::ForeignMembers, known.foreign);
        for (key, names) in [("unresolved_members", self.unresolved), ("foreign_members", self.foreign)] {
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
        let mut reasons = incomplete(&known, self.moved);
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
}

fn readable(name: &[u8]) -> String {
    let name = name.strip_prefix(&[LOGIN]).or_else(|| name.strip_prefix(&[SID])).unwrap_or(name);
    lossy(name).into_owned()
}

fn incomplete(known: &Known, moved: bool) -> Vec<String> {
    let mut reasons = vec![];
    if moved {
        reasons.push("entries changed places while they were read: harvest again when the export has ended".to_owned());
    }
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

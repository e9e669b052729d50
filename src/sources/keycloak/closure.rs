//! What a user effectively has: own roles, roles of the groups and of the groups above them, and all roles that come with those.

use std::collections::VecDeque;

use super::realm::{GroupAt, Realm, RoleAt};

/// What a user was given itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) roles: Vec<RoleAt>,
    pub(super) groups: Vec<GroupAt>,
}

/// A role that a user effectively has, and the way to it; no way when it was given itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) role: RoleAt,
    pub(super) via: Option<String>,
}

fn longer(way: Option<&str>, step: &str) -> String {
    way.map_or_else(|| step.to_owned(), |way| format!("{way} > {step}"))
}

/// Every role that follows from what is held, each once, by a shortest way; in the order they are reached. Composites may contain
/// each other: a role that was reached is not entered again.
pub(super) fn effective(realm: &Realm, held: &Held) -> Vec<Reached> {
    let mut seen = vec![false; realm.roles.len()];
    let mut reached: Vec<Reached> = vec![];
    let mut queue: VecDeque<Reached> = held.roles.iter().map(|role| Reached { role: *role, via: None }).collect();
    for group in &held.groups {
        let (mut at, mut via) = (Some(*group), None);
        // A group tree is no deeper than it has groups.
        for _ in 0..=realm.groups.len() {
            let Some(group) = at.and_then(|at| realm.groups.get(at)) else { break };
            let way = longer(via.as_deref(), &group.path);
            queue.extend(group.roles.iter().map(|role| Reached { role: *role, via: Some(way.clone()) }));
            (at, via) = (group.parent, Some(way));
        }
    }
    while let Some(next) = queue.pop_front() {
        let Some(first) = seen.get_mut(next.role).filter(|seen| !**seen) else { continue };
        *first = true;
        if let Some(role) = realm.roles.get(next.role).filter(|role| !role.contains.is_empty()) {
            let way = longer(next.via.as_deref(), &role.label);
            queue.extend(role.contains.iter().map(|part| Reached { role: *part, via: Some(way.clone()) }));
        }
        reached.push(next);
    }
    reached
}

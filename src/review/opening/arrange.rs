//! The order of a reviewer's lines: groups that ask for attention first, and in each group what asks for it first.
//!
//! Within what is equally urgent the order stays what it was: as people look for a name.

use std::cmp::Reverse;

use super::config::GroupBy;
use super::reviewers::Assigned;
use crate::review::lines::advice::Verdict;
use crate::review::lines::line::Line;

/// Whether two lines belong to one group.
#[must_use]
pub fn together(a: &Line<'_>, b: &Line<'_>, group_by: GroupBy) -> bool {
    match group_by {
        GroupBy::Person => who(a) == who(b),
        GroupBy::System => a.account.system == b.account.system,
        GroupBy::Right => (&a.account.system, a.entitlement_id) == (&b.account.system, b.entitlement_id),
    }
}

/// The person behind a line, or its owner; the account itself when there is nobody.
fn who<'l>(line: &'l Line<'_>) -> (bool, &'l str) {
    let person = line.person.or(line.owner);
    person.map_or((false, line.account.account_id.as_ref()), |person| (true, person.person_id.as_ref()))
}

/// Puts lines, sorted by sheet and group already, into their final order.
pub(super) fn arrange(lines: &mut Vec<Assigned<'_>>, group_by: GroupBy) {
    let same = |a: &Assigned<'_>, b: &Assigned<'_>| a.line.sheet == b.line.sheet && together(&a.line, &b.line, group_by);
    let mut groups: Vec<Vec<Assigned<'_>>> = vec![];
    for assigned in lines.drain(..) {
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|last| same(last, &assigned)) => group.push(assigned),
            _ => groups.push(vec![assigned]),
        }
    }
    let sheet = |group: &[Assigned<'_>]| group.first().map(|assigned| assigned.line.sheet);
    let worst = |group: &[Assigned<'_>]| group.iter().map(|assigned| assigned.line.advice.verdict).max().unwrap_or(Verdict::Keep);
    groups.sort_by_key(|group| (sheet(group), Reverse(worst(group))));
    for mut group in groups {
        group.sort_by_key(|assigned| Reverse(assigned.line.advice.verdict));
        lines.extend(group);
    }
}

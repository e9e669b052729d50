//! From memberships to grants: who holds a group directly, and through which chain of groups.
//!
//! The memberships of groups in groups are turned around once (inner to outer, two flat arrays); then each account walks upwards,
//! breadth first, so the shortest chain wins and a cycle ends by itself.

use hashbrown::HashMap;

use super::groups::{GroupId, Groups};

/// Chains longer than this are not followed, and the collection says so.
pub const DEEPEST: u8 = 100;

/// For each group, the groups that list it.
#[derive(Debug, Default)]
pub struct Holders {
    offsets: Vec<u32>,
    groups: Vec<GroupId>,
    /// Of groups without an entry.
    later: HashMap<GroupId, Vec<GroupId>>,
}

impl Holders {
    /// Takes pairs of (group, group that lists it), of the first so many groups; those of one in the order in which they are to be
    /// walked.
    pub fn settle(&mut self, groups: usize, pairs: &[(GroupId, GroupId)]) {
        let mut offsets = vec![0_u32; groups + 1];
        for (inner, _) in pairs {
            if let Some(count) = offsets.get_mut(*inner as usize + 1) {
                *count += 1;
            }
        }
        let mut total = 0;
        for offset in &mut offsets {
            total += *offset;
            *offset = total;
        }
        let mut flat = vec![0; total as usize];
        // Fill from the front, using each offset as a cursor; afterwards every cursor stands at the next one's start.
        for (inner, outer) in pairs {
            if let Some(cursor) = offsets.get_mut(*inner as usize) {
                if let Some(place) = flat.get_mut(*cursor as usize) {
                    *place = *outer;
                }
                *cursor += 1;
            }
        }
        offsets.rotate_right(1);
        if let Some(first) = offsets.first_mut() {
            *first = 0;
        }
        self.offsets = offsets;
        self.groups = flat;
    }

    /// Adds a group beyond those, with the groups that list it.
    pub fn add(&mut self, group: GroupId, holders: Vec<GroupId>) {
        if !holders.is_empty() {
            self.later.insert(group, holders);
        }
    }

    /// Groups that list this one.
    #[must_use]
    pub fn of(&self, group: GroupId) -> &[GroupId] {
        let place = group as usize;
        let (Some(start), Some(end)) = (self.offsets.get(place), self.offsets.get(place + 1)) else {
            return self.later.get(&group).map_or(&[], Vec::as_slice);
        };
        self.groups.get(*start as usize..*end as usize).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Step {
    /// The walk that last came by.
    turn: u32,
    /// The group through which it was reached; itself when direct.
    from: GroupId,
    depth: u8,
}

/// The walk upwards of one account after another.
#[derive(Debug, Default)]
pub struct Walk {
    steps: Vec<Step>,
    turn: u32,
    order: Vec<GroupId>,
    direct: usize,
    /// A chain was longer than [`DEEPEST`].
    pub too_deep: bool,
}

impl Walk {
    /// Walks up from `direct`, in that order.
    pub fn run(&mut self, direct: &[GroupId], groups: &Groups, holders: &Holders) {
        self.turn += 1;
        self.too_deep = false;
        self.order.clear();
        if self.steps.len() < groups.len() {
            self.steps.resize(groups.len(), Step::default());
        }
        for group in direct {
            self.reach(*group, *group, 0);
        }
        self.direct = self.order.len();
        let mut next = 0;
        while let Some(inner) = self.order.get(next).copied() {
            next += 1;
            let outers = holders.of(inner);
            if outers.is_empty() {
                continue;
            }
            let depth = self.steps.get(inner as usize).map_or(0, |step| step.depth);
            if depth >= DEEPEST {
                self.too_deep = true;
                continue;
            }
            for outer in outers {
                self.reach(*outer, inner, depth + 1);
            }
        }
    }

    fn reach(&mut self, group: GroupId, from: GroupId, depth: u8) {
        let turn = self.turn;
        if let Some(step) = self.steps.get_mut(group as usize)
            && step.turn != turn
        {
            *step = Step { turn, from, depth };
            self.order.push(group);
        }
    }

    /// Whether the walk reached this group.
    #[must_use]
    pub fn holds(&self, group: GroupId) -> bool {
        self.steps.get(group as usize).is_some_and(|step| step.turn == self.turn)
    }

    /// Groups held directly, then through others, nearest first.
    #[must_use]
    pub fn held(&self) -> (&[GroupId], &[GroupId]) {
        self.order.split_at_checked(self.direct).unwrap_or((&self.order, &[]))
    }

    /// The chain to a group, `innermost > … > group`.
    pub fn via(&self, group: GroupId, groups: &Groups, out: &mut String) {
        let mut path = vec![];
        let mut at = group;
        loop {
            path.push(at);
            match self.steps.get(at as usize) {
                Some(step) if step.from != at => at = step.from,
                _ => break,
            }
        }
        out.clear();
        for (i, step) in path.iter().rev().enumerate() {
            if i > 0 {
                out.push_str(" > ");
            }
            out.push_str(groups.title(*step));
        }
    }
}

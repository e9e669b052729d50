//! Groups as they are met: their entitlement goes out at once, and what is kept is what grants need.
//!
//! A group is a number; its id and name lie in one text arena, so that a directory with a private group for every user still fits.

use hashbrown::HashMap;

use super::mentions::Ordinal;
use super::names::NameId;

/// Number of a group, in the order they were met.
pub type GroupId = u32;

const NONE: GroupId = GroupId::MAX;

#[derive(Debug, Clone, Copy)]
struct Group {
    /// End of its id, then of its title, in the texts; both begin where the group before ends.
    id_end: u32,
    title_end: u32,
    /// All members are listed in it: `memberOf` has nothing to add.
    whole: bool,
}

/// All groups.
#[derive(Debug, Default)]
pub struct Groups {
    list: Vec<Group>,
    texts: String,
    /// Where those that have an entry stand in the reading; they come first.
    ordinals: Vec<Ordinal>,
    of_name: Vec<GroupId>,
    by_sid: HashMap<String, GroupId>,
    by_gid: HashMap<i64, GroupId>,
}

/// A group about to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewGroup<'a> {
    pub name: NameId,
    pub entitlement_id: &'a str,
    pub title: &'a str,
    /// Whether it lists all its members.
    pub whole: bool,
    /// Its entry's place in the reading.
    pub ordinal: Option<Ordinal>,
}

impl Groups {
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds a group. `None`: more than four thousand million of something.
    pub fn add(&mut self, new: &NewGroup<'_>) -> Option<GroupId> {
        let id = GroupId::try_from(self.list.len()).ok().filter(|id| *id != NONE)?;
        self.texts.push_str(new.entitlement_id);
        let id_end = u32::try_from(self.texts.len()).ok()?;
        self.texts.push_str(new.title);
        let title_end = u32::try_from(self.texts.len()).ok()?;
        self.list.push(Group { id_end, title_end, whole: new.whole });
        self.ordinals.extend(new.ordinal);
        let place = new.name as usize;
        if self.of_name.len() <= place {
            self.of_name.resize(place + 1, NONE);
        }
        if let Some(slot) = self.of_name.get_mut(place) {
            *slot = id;
        }
        Some(id)
    }

    pub fn set_sid(&mut self, sid: String, group: GroupId) {
        self.by_sid.insert(sid, group);
    }

    pub fn set_gid(&mut self, gid: i64, group: GroupId) {
        self.by_gid.entry(gid).or_insert(group);
    }

    #[must_use]
    pub fn with_sid(&self, sid: &str) -> Option<GroupId> {
        self.by_sid.get(sid).copied()
    }

    #[must_use]
    pub fn with_gid(&self, gid: i64) -> Option<GroupId> {
        self.by_gid.get(&gid).copied()
    }

    /// The group of that name.
    #[must_use]
    pub fn named(&self, name: NameId) -> Option<GroupId> {
        self.of_name.get(name as usize).copied().filter(|id| *id != NONE)
    }

    /// The group whose entry stands there in the reading.
    #[must_use]
    pub fn at(&self, ordinal: Ordinal) -> Option<GroupId> {
        self.ordinals.binary_search(&ordinal).ok().and_then(|group| GroupId::try_from(group).ok())
    }

    #[must_use]
    pub fn is_whole(&self, group: GroupId) -> bool {
        self.list.get(group as usize).is_some_and(|group| group.whole)
    }

    fn before(&self, group: GroupId) -> Option<&Group> {
        self.list.get((group as usize).checked_sub(1)?)
    }

    #[must_use]
    pub fn entitlement_id(&self, group: GroupId) -> &str {
        let start = self.before(group).map_or(0, |before| before.title_end as usize);
        self.list.get(group as usize).and_then(|group| self.texts.get(start..group.id_end as usize)).unwrap_or_default()
    }

    #[must_use]
    pub fn title(&self, group: GroupId) -> &str {
        self.list
            .get(group as usize)
            .and_then(|group| self.texts.get(group.id_end as usize..group.title_end as usize))
            .unwrap_or_default()
    }
}

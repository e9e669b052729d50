//! Every name a membership mentions, held once: one byte arena, and four-byte numbers everywhere else.
//!
//! Five million memberships of a million accounts fit because a member is a number. Besides normalised DNs the table holds login
//! names of `memberUid` and SIDs, told apart by a first byte that no DN begins with.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// First byte of a login name.
pub const LOGIN: u8 = 1;
/// First byte of a SID.
pub const SID: u8 = 2;

/// Number of a name.
pub type NameId = u32;

/// The names pass four gigabytes: refused rather than miscounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the directory's names take more than 4 GiB: export it in parts, one source each")]
pub struct TooManyNames;

#[derive(Debug, Clone, Copy)]
struct Slot {
    id: NameId,
    /// Enough of the hash to skip most comparisons and to grow the table without reading the arena again.
    hash: u32,
}

/// The arena and its index. Never iterated by hash: the numbers run in order of first mention.
#[derive(Debug, Default)]
pub struct Names {
    arena: Vec<u8>,
    ends: Vec<u32>,
    table: HashTable<Slot>,
    hasher: DefaultHashBuilder,
}

impl Names {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A name by its number.
    #[must_use]
    pub fn get(&self, id: NameId) -> &[u8] {
        lookup(&self.arena, &self.ends, id)
    }

    /// The number of a name already mentioned.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<NameId> {
        let hash = self.hash(name);
        let same = |slot: &Slot| slot.hash == hash && lookup(&self.arena, &self.ends, slot.id) == name;
        self.table.find(spread(hash), same).map(|slot| slot.id)
    }

    /// The number of a name, given now if it is new.
    pub fn intern(&mut self, name: &[u8]) -> Result<NameId, TooManyNames> {
        let hash = self.hash(name);
        let (arena, ends) = (&self.arena, &self.ends);
        let same = |slot: &Slot| slot.hash == hash && lookup(arena, ends, slot.id) == name;
        if let Some(slot) = self.table.find(spread(hash), same) {
            return Ok(slot.id);
        }
        let id = NameId::try_from(self.ends.len()).map_err(|_full| TooManyNames)?;
        let end = u32::try_from(self.arena.len() + name.len()).map_err(|_full| TooManyNames)?;
        self.arena.extend_from_slice(name);
        self.ends.push(end);
        self.table.insert_unique(spread(hash), Slot { id, hash }, |slot| spread(slot.hash));
        Ok(id)
    }

    fn hash(&self, name: &[u8]) -> u32 {
        // The high half: the builder's low bits are no better, and 32 bits are kept.
        u32::try_from(self.hasher.hash_one(name) >> 32).unwrap_or_default()
    }
}

fn lookup<'a>(arena: &'a [u8], ends: &[u32], id: NameId) -> &'a [u8] {
    let id = id as usize;
    let start = id.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |end| *end as usize);
    ends.get(id).and_then(|end| arena.get(start..*end as usize)).unwrap_or_default()
}

/// hashbrown wants good bits at both ends of 64.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_name_has_one_number_however_often_it_is_met() {
        let mut names = Names::default();
        let ids: Vec<_> = (0..5000).map(|i| names.intern(format!("cn={i},dc=x").as_bytes()).unwrap()).collect();
        for (i, id) in ids.iter().enumerate() {
            let name = format!("cn={i},dc=x");
            assert_eq!(names.intern(name.as_bytes()).unwrap(), *id);
            assert_eq!(names.find(name.as_bytes()), Some(*id));
            assert_eq!(names.get(*id), name.as_bytes());
        }
        assert_eq!(names.len(), 5000);
        assert_eq!(names.find(b"cn=5000,dc=x"), None);
    }
}

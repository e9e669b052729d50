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

/// Where a name lies, and enough of its hash to skip most comparisons and to grow the table without reading the arena again.
#[derive(Debug, Clone, Copy)]
struct Slot {
    id: NameId,
    hash: u32,
    start: u32,
    len: u32,
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
        let id = id as usize;
        let start = id.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        self.ends.get(id).and_then(|end| self.arena.get(start..*end as usize)).unwrap_or_default()
    }

    /// The number of a name already mentioned.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<NameId> {
        let hash = self.hash(name);
        self.table.find(spread(hash), |slot| slot.is(hash, name, &self.arena)).map(|slot| slot.id)
    }

    /// The number of a name, given now if it is new.
    pub fn intern(&mut self, name: &[u8]) -> Result<NameId, TooManyNames> {
        let hash = self.hash(name);
        let arena = &self.arena;
        if let Some(slot) = self.table.find(spread(hash), |slot| slot.is(hash, name, arena)) {
            return Ok(slot.id);
        }
        let number = |count: usize| u32::try_from(count).map_err(|_full| TooManyNames);
        let slot = Slot { id: number(self.ends.len())?, hash, start: number(self.arena.len())?, len: number(name.len())? };
        let end = number(self.arena.len() + name.len())?;
        self.arena.extend_from_slice(name);
        self.ends.push(end);
        self.table.insert_unique(spread(hash), slot, |slot| spread(slot.hash));
        Ok(slot.id)
    }

    /// The numbers of many names, in their order. Each step is done for all before the next: the processor then waits for several
    /// cache misses at once, and these misses are what reading a large directory's memberships costs.
    pub fn intern_all(&mut self, batch: &mut Batch, mut each: impl FnMut(NameId)) -> Result<(), TooManyNames> {
        self.look_up(batch);
        let Batch { bytes, ends, hashes, found } = batch;
        for (name, (slot, hash)) in names_of(bytes, ends).zip(found.iter().zip(hashes.iter())) {
            match slot {
                Some(slot) if slot.is(*hash, name, &self.arena) => each(slot.id),
                _ => each(self.intern(name)?),
            }
        }
        batch.clear();
        Ok(())
    }

    /// The numbers of many names, those mentioned already.
    pub fn find_all(&self, batch: &mut Batch, mut each: impl FnMut(Option<NameId>)) {
        self.look_up(batch);
        let Batch { bytes, ends, hashes, found } = batch;
        for (name, (slot, hash)) in names_of(bytes, ends).zip(found.iter().zip(hashes.iter())) {
            each(match slot {
                Some(slot) if slot.is(*hash, name, &self.arena) => Some(slot.id),
                Some(_other) => self.find(name),
                // No name has this hash.
                None => None,
            });
        }
        batch.clear();
    }

    /// Finds what has the hash of each name.
    fn look_up(&self, Batch { bytes, ends, hashes, found }: &mut Batch) {
        hashes.clear();
        found.clear();
        hashes.extend(names_of(bytes, ends).map(|name| self.hash(name)));
        found.extend(hashes.iter().map(|hash| self.table.find(spread(*hash), |slot| slot.hash == *hash).copied()));
    }

    fn hash(&self, name: &[u8]) -> u32 {
        // The high half: the builder's low bits are no better, and 32 bits are kept.
        u32::try_from(self.hasher.hash_one(name) >> 32).unwrap_or_default()
    }
}

/// Names waiting to be looked up together.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    hashes: Vec<u32>,
    found: Vec<Option<Slot>>,
}

impl Batch {
    /// Enough to hide the waiting, few enough to stay in the nearest cache.
    const FULL: usize = 64;

    pub fn push(&mut self, name: &[u8]) {
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len());
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        self.ends.len() >= Self::FULL
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

fn names_of<'a>(bytes: &'a [u8], ends: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut start = 0;
    ends.iter().map(move |end| {
        let name = bytes.get(start..*end).unwrap_or_default();
        start = *end;
        name
    })
}

impl Slot {
    #[inline]
    fn is(&self, hash: u32, name: &[u8], arena: &[u8]) -> bool {
        let start = self.start as usize;
        self.hash == hash && arena.get(start..start + self.len as usize) == Some(name)
    }
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
        let mut batch = Batch::default();
        for name in ["cn=7,dc=x", "cn=new,dc=x", "cn=new,dc=x", "cn=4999,dc=x", ""] {
            batch.push(name.as_bytes());
        }
        let mut numbers = vec![];
        names.intern_all(&mut batch, |id| numbers.push(id)).unwrap();
        assert_eq!(numbers, [7, 5000, 5000, 4999, 5001]);
        assert_eq!(names.find(b"cn=5000,dc=x"), None);
        for name in ["cn=5000,dc=x", "cn=7,dc=x", "cn=new,dc=x"] {
            batch.push(name.as_bytes());
        }
        let mut found = vec![];
        names.find_all(&mut batch, |id| found.push(id));
        assert_eq!(found, [None, Some(7), Some(5000)]);
    }
}

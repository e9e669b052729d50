//! The names of groups and policies, held once, their branch shared with their neighbours; and four-byte numbers everywhere else.
//!
//! Besides normalised DNs the table holds SIDs, told apart by a first byte that no DN begins with, as logins are.

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

/// A name in the index, with enough of its hash to skip most comparisons and to grow the table without reading names again.
#[derive(Debug, Clone, Copy)]
struct Slot {
    id: NameId,
    hash: u32,
}

/// Where a name lies: its own part ends here and begins where that of the name before ends; the branch it is in.
#[derive(Debug, Clone, Copy)]
struct Place {
    end: u32,
    branch: u32,
}

/// Writes a login as it is compared: case and spaces around it count nowhere.
pub fn login(written: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.push(LOGIN);
    out.extend(written.trim_ascii().iter().map(u8::to_ascii_lowercase));
}

/// The names and their index. Never iterated by hash: the numbers run in order of first mention.
#[derive(Debug, Default)]
pub struct Names {
    /// Own parts (`cn=…`, up to the first comma), one after the other.
    parts: Vec<u8>,
    places: Vec<Place>,
    branches: Branches,
    table: HashTable<Slot>,
    hasher: DefaultHashBuilder,
}

/// What follows the own part of a name, comma included: a directory of a million names has few of them, and they make up most of it.
#[derive(Debug, Default)]
struct Branches {
    list: Vec<Box<[u8]>>,
    table: HashTable<u32>,
    /// The last one asked for: names come branch by branch.
    last: usize,
    bytes: usize,
}

impl Branches {
    fn get(&self, branch: u32) -> &[u8] {
        self.list.get(branch as usize).map_or(&[], AsRef::as_ref)
    }

    fn intern(&mut self, branch: &[u8], hasher: &DefaultHashBuilder) -> Result<u32, TooManyNames> {
        let Self { list, table, last, bytes } = self;
        let same = |at: usize| list.get(at).is_some_and(|known| known.as_ref() == branch);
        if same(*last) {
            return number(*last);
        }
        if let Some(at) = table.find(hasher.hash_one(branch), |at| same(*at as usize)) {
            *last = *at as usize;
            return Ok(*at);
        }
        *bytes += branch.len();
        number(*bytes)?;
        let at = number(list.len())?;
        *last = list.len();
        list.push(branch.into());
        let hash = |at: &u32| hasher.hash_one(list.get(*at as usize).map_or(&[][..], AsRef::as_ref));
        table.insert_unique(hasher.hash_one(branch), at, hash);
        Ok(at)
    }
}

fn number(count: usize) -> Result<u32, TooManyNames> {
    u32::try_from(count).map_err(|_full| TooManyNames)
}

impl Names {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// A name by its number.
    #[must_use]
    pub fn get(&self, id: NameId) -> Vec<u8> {
        let (own, branch) = self.halves(id);
        [own, branch].concat()
    }

    /// Whether it is the name with that number.
    #[must_use]
    pub fn is(&self, id: NameId, name: &[u8]) -> bool {
        let (own, branch) = self.halves(id);
        name.len() == own.len() + branch.len() && name.starts_with(own) && name.ends_with(branch)
    }

    fn halves(&self, id: NameId) -> (&[u8], &[u8]) {
        let id = id as usize;
        let start = id.checked_sub(1).and_then(|before| self.places.get(before)).map_or(0, |before| before.end as usize);
        let Some(place) = self.places.get(id) else { return (&[], &[]) };
        (self.parts.get(start..place.end as usize).unwrap_or_default(), self.branches.get(place.branch))
    }

    fn is_at(&self, slot: Slot, hash: u32, name: &[u8]) -> bool {
        slot.hash == hash && self.is(slot.id, name)
    }

    /// The number of a name already mentioned.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<NameId> {
        let hash = self.hash(name);
        self.table.find(spread(hash), |slot| self.is_at(*slot, hash, name)).map(|slot| slot.id)
    }

    /// The number of a name, given now if it is new.
    pub fn intern(&mut self, name: &[u8]) -> Result<NameId, TooManyNames> {
        if let Some(id) = self.find(name) {
            return Ok(id);
        }
        let (own, branch) = name.split_at(memchr::memchr(b',', name).unwrap_or(name.len()));
        let place = Place { end: number(self.parts.len() + own.len())?, branch: self.branches.intern(branch, &self.hasher)? };
        let slot = Slot { id: number(self.places.len())?, hash: self.hash(name) };
        self.parts.extend_from_slice(own);
        self.places.push(place);
        self.table.insert_unique(spread(slot.hash), slot, |slot| spread(slot.hash));
        Ok(slot.id)
    }

    fn hash(&self, name: &[u8]) -> u32 {
        // The high half: the builder's low bits are no better, and 32 bits are kept.
        u32::try_from(self.hasher.hash_one(name) >> 32).unwrap_or_default()
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
        assert_eq!(names.find(b"cn=5000,dc=x"), None);
    }

    #[test]
    fn names_that_share_a_branch_or_a_beginning_are_not_mixed_up() {
        let mut names = Names::default();
        let all = [
            "",
            "cn=a",
            "cn=a,dc=x",
            "cn=a,dc=y",
            "cn=a,ou=b,dc=x",
            "cn=ab,dc=x",
            "\u{1}login",
            ",dc=x",
            "cn=a\\,b,dc=x",
            "cn=a\\,c,dc=x",
        ];
        for (id, name) in (0..).zip(all) {
            assert_eq!(names.intern(name.as_bytes()), Ok(id), "{name}");
        }
        for (id, name) in (0..).zip(all) {
            assert_eq!(names.find(name.as_bytes()), Some(id), "{name}");
            assert_eq!(names.get(id), name.as_bytes());
            assert!(all.iter().all(|other| names.is(id, other.as_bytes()) == (*other == name)));
        }
        assert_eq!(names.find(b"cn=ab,dc=y"), None);
        assert_eq!(names.branches.list.len(), 6);
    }
}

//! What the first reading leaves for the accounts of the second, in the order in which they come again: the groups that list each.

use std::io;

use super::digest::{Digest, Digester};
use super::groups::{GroupId, Groups};
use super::mentions::{self, Ordinal, Spot, lower, upper};
use super::parted::{PARTS, Runs};

/// One bit for each entry.
#[derive(Debug, Default)]
pub struct Bits(Vec<u64>);

impl Bits {
    #[must_use]
    pub fn new(entries: Ordinal) -> Self {
        Self(vec![0; (entries as usize).div_ceil(64)])
    }

    /// Sets a bit, also beyond those there are; says whether it was set before.
    pub fn was(&mut self, at: u32) -> bool {
        let before = self.has(at);
        let needed = at as usize / 64 + 1;
        if self.0.len() < needed {
            self.0.resize(needed, 0);
        }
        self.set(at);
        before
    }

    pub fn set(&mut self, ordinal: Ordinal) {
        if let Some(bits) = self.0.get_mut(ordinal as usize / 64) {
            *bits |= 1 << (ordinal % 64);
        }
    }

    #[must_use]
    pub fn has(&self, ordinal: Ordinal) -> bool {
        self.0.get(ordinal as usize / 64).is_some_and(|bits| bits & 1 << (ordinal % 64) != 0)
    }
}

/// Beside a group: the account could not be read in the first reading.
const UNREAD: u64 = 1 << 32;
/// Not a group, but the place where the account's id came before.
const AGAIN: u64 = 1 << 33;

/// Groups by account, read from the first account to the last.
#[derive(Debug, Default)]
pub struct Holdings {
    runs: Vec<Runs<2>>,
    shift: u32,
    /// The part that is loaded, from the first entry to the last.
    part: Option<usize>,
    loaded: Vec<[u64; 2]>,
    next: usize,
}

impl Holdings {
    /// Parts are stretches of the reading.
    #[must_use]
    pub fn shift(entries: Ordinal) -> u32 {
        32 + (Ordinal::BITS - entries.leading_zeros()).saturating_sub(PARTS.ilog2())
    }

    /// An account with bits of its name's digest, and a group that lists it. `unread`: it could not be read in the first reading.
    #[must_use]
    pub fn record((ordinal, check): (Ordinal, u32), group: GroupId, unread: bool) -> [u64; 2] {
        [u64::from(ordinal) << 32 | u64::from(check), if unread { UNREAD } else { 0 } | u64::from(group)]
    }

    /// An account whose id came before, and where.
    #[must_use]
    pub fn again(ordinal: Ordinal, before: Ordinal) -> [u64; 2] {
        [u64::from(ordinal) << 32, AGAIN | u64::from(before)]
    }

    #[must_use]
    pub fn new(runs: Vec<Runs<2>>, shift: u32) -> Self {
        Self { runs, shift, ..Self::default() }
    }

    /// What was noted of the entry at this place.
    fn at(&mut self, ordinal: Ordinal) -> io::Result<&[[u64; 2]]> {
        let part = usize::try_from((u64::from(ordinal) << 32) >> self.shift).unwrap_or(PARTS);
        if self.part != Some(part) {
            self.load(part)?;
        }
        let rest = self.loaded.get(self.next..).unwrap_or_default();
        let passed = rest.iter().take_while(|[who, _]| upper(*who) < ordinal).count();
        let rest = rest.get(passed..).unwrap_or_default();
        let own = rest.iter().take_while(|[who, _]| upper(*who) == ordinal).count();
        self.next += passed;
        Ok(rest.get(..own).unwrap_or_default())
    }

    /// Where the id of the account at this place came before.
    pub fn before(&mut self, ordinal: Ordinal) -> io::Result<Option<Ordinal>> {
        let before = self.at(ordinal)?.iter().find(|[_, what]| what & AGAIN != 0);
        Ok(before.map(|[_, what]| lower(*what)))
    }

    /// Adds the groups that list the entry which is at this place now. `false`: another entry was there in the first reading.
    pub fn of(&mut self, ordinal: Ordinal, name: impl FnOnce() -> Digest, out: &mut Vec<GroupId>) -> io::Result<bool> {
        let mut held = self.at(ordinal)?.iter().filter(|[_, what]| what & AGAIN == 0).peekable();
        if held.peek().is_none() {
            return Ok(true);
        }
        let check = mentions::check(name());
        let mut same = true;
        for [who, group] in held {
            same &= lower(*who) == check;
            out.extend(same.then_some(lower(*group)));
        }
        Ok(same)
    }

    /// Whether groups list the entry at this place, which could be read in the first reading and turned out to be unreadable.
    pub fn lost(&mut self, ordinal: Ordinal) -> io::Result<bool> {
        Ok(self.at(ordinal)?.iter().any(|[_, what]| what & (UNREAD | AGAIN) == 0))
    }

    fn load(&mut self, part: usize) -> io::Result<()> {
        self.part = Some(part);
        self.loaded.clear();
        self.next = 0;
        for runs in self.runs.iter().filter(|_| part < PARTS) {
            runs.each(part, |record| {
                self.loaded.push(record);
                Ok::<(), io::Error>(())
            })?;
        }
        self.loaded.sort_unstable();
        Ok(())
    }
}

/// Members that no entry is: a group outside of what was read may be among them, and then be a member of others.
#[derive(Debug, Default)]
pub struct Elsewhere {
    pub digester: Digester,
    members: Option<Runs<3>>,
    /// A bit for each name without an entry, at a place its digest tells: most names need not be looked for.
    marks: Vec<u64>,
}

/// Numbers of marks.
const MARKS: usize = 1 << 11;

impl Elsewhere {
    #[must_use]
    pub fn new(digester: Digester) -> Self {
        Self { digester, ..Self::default() }
    }

    fn place([_, second]: Digest) -> (usize, u64) {
        let bit = usize::try_from(second % (MARKS as u64 * 64)).unwrap_or_default();
        (bit / 64, 1 << (bit % 64))
    }

    pub fn mark(&mut self, digest: Digest) {
        self.marks.resize(MARKS, 0);
        let (at, bit) = Self::place(digest);
        if let Some(marks) = self.marks.get_mut(at) {
            *marks |= bit;
        }
    }

    /// Adds the names that others marked.
    pub fn join(&mut self, other: &Self) {
        self.marks.resize(self.marks.len().max(other.marks.len()), 0);
        for (marks, more) in self.marks.iter_mut().zip(&other.marks) {
            *marks |= more;
        }
    }

    /// Keeps the memberships where somebody may ask.
    pub fn take(&mut self, members: Runs<3>) {
        self.members = (!self.marks.is_empty()).then_some(members);
    }

    /// The groups that list a name without an entry.
    pub fn holders(&mut self, name: &[u8], groups: &Groups) -> io::Result<Vec<GroupId>> {
        let digest = self.digester.of(name);
        let [first, second] = digest;
        let (at, bit) = Self::place(digest);
        let mut holders = vec![];
        let (Some(members), true) = (&self.members, self.marks.get(at).is_some_and(|marks| marks & bit != 0)) else {
            return Ok(holders);
        };
        let part = usize::try_from(first >> 56).unwrap_or_default();
        members.each(part, |[a, b, spot]| {
            if (a, b) == (first, second) {
                holders.extend(groups.at(Spot::unpack(spot).ordinal));
            }
            Ok::<(), io::Error>(())
        })?;
        holders.dedup();
        Ok(holders)
    }
}

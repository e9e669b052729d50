//! Who is there, and who is named by whom: what the first reading notes of every entry and every membership.
//!
//! A directory of a million people has more of it than should be held, so it is noted as digests in sets that go to temporary files
//! ([`super::parted`]) and is brought together when all is there ([`super::join`]). An entry is its place in the reading.

use std::io;

use memchr::memmem::Finder;

use super::attrs::Attr;
use super::class::Sort;
use super::digest::{Digest, Digester};
use super::entry::Entry;
use super::known;
use super::names::{self, TooManyNames};
use super::parted::Parted;

/// Place of an entry in the reading, from 0.
pub type Ordinal = u32;

/// What an entry is to those that name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Account,
    /// It could not be read: the second reading, which asks for other values, may find it an account.
    Unread,
    Group,
    /// Stands for somebody of another domain.
    Foreign,
    Other,
    /// An account, by its login.
    Login,
}

const ROLES: [Role; 6] = [Role::Account, Role::Unread, Role::Group, Role::Foreign, Role::Other, Role::Login];

/// An entry that may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entrant {
    pub ordinal: Ordinal,
    /// 28 bits of its name's digest, for the second reading to see that it is at the same entry.
    pub check: u32,
    pub role: Role,
}

/// The bits of a digest that are held against an entry's name.
#[must_use]
pub fn check(digest: Digest) -> u32 {
    let [_, second] = digest;
    u32::try_from(second >> 36).unwrap_or_default()
}

impl Entrant {
    const fn pack(self) -> u64 {
        (self.ordinal as u64) << 32 | (self.check as u64) << 4 | self.role as u64
    }

    #[must_use]
    pub fn unpack(packed: u64) -> Self {
        let low = lower(packed);
        let role = ROLES.get(low as usize & 15).copied().unwrap_or(Role::Other);
        Self { ordinal: upper(packed), check: low >> 4, role }
    }
}

/// The upper half, where ordinals stand.
#[must_use]
pub fn upper(packed: u64) -> u32 {
    u32::try_from(packed >> 32).unwrap_or_default()
}

/// The lower half.
#[must_use]
pub fn lower(packed: u64) -> u32 {
    u32::try_from(packed & u64::from(u32::MAX)).unwrap_or_default()
}

/// The name of a member where it is named: the entry that lists it, its place among the members there, and whether it looks like
/// somebody of another domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub ordinal: Ordinal,
    pub position: u32,
    pub foreign: bool,
}

impl Spot {
    const fn pack(self) -> u64 {
        (self.ordinal as u64) << 32 | ((self.position & (u32::MAX >> 1)) as u64) << 1 | self.foreign as u64
    }

    #[must_use]
    pub fn unpack(packed: u64) -> Self {
        Self { ordinal: upper(packed), position: lower(packed) >> 1, foreign: packed & 1 == 1 }
    }
}

/// Notes of the first reading.
#[derive(Debug)]
pub struct Mentions {
    pub(super) digester: Digester,
    /// Ids of accounts; of an account without one, its name.
    pub(super) ids: Parted<3>,
    pub(super) names: Parted<3>,
    /// Of accounts, for `memberUid`.
    pub(super) logins: Parted<3>,
    /// Members, and where they are named.
    pub(super) members: Parted<3>,
    pub(super) room: usize,
    /// The entry being read.
    pub(super) ordinal: Ordinal,
    /// Members it has listed so far.
    position: u32,
    elsewhere: Finder<'static>,
    scratch: Vec<u8>,
}

impl Mentions {
    /// `room`: how many records of a kind wait in memory.
    #[must_use]
    pub fn new(room: usize) -> Self {
        let parted = || Parted::new(room, 56);
        Self {
            digester: Digester::default(),
            ids: parted(),
            names: parted(),
            logins: parted(),
            members: parted(),
            room,
            ordinal: 0,
            position: 0,
            // AD keeps stand-ins for principals of other domains in one container.
            elsewhere: Finder::new(",cn=foreignsecurityprincipals,"),
            scratch: vec![],
        }
    }

    #[must_use]
    pub const fn ordinal(&self) -> Ordinal {
        self.ordinal
    }

    /// The entry being read lists a member; `None`: a value that names nobody.
    pub fn member(&mut self, name: Option<&[u8]>) -> io::Result<()> {
        let position = self.position;
        self.position = position.saturating_add(1);
        let Some(name) = name else { return Ok(()) };
        let [a, b] = self.digester.of(name);
        let spot = Spot { ordinal: self.ordinal, position, foreign: self.elsewhere.find(name).is_some() };
        self.members.push([a, b, spot.pack()])
    }

    fn entrant(&self, role: Role, digest: Digest) -> u64 {
        Entrant { ordinal: self.ordinal, check: check(digest), role }.pack()
    }

    /// The entry being read has this name.
    pub fn named(&mut self, name: &[u8], role: Role) -> io::Result<Digest> {
        let digest = self.digester.of(name);
        let [a, b] = digest;
        self.names.push([a, b, self.entrant(role, digest)])?;
        Ok(digest)
    }

    /// The entry being read, whole.
    pub fn entry(&mut self, entry: &Entry, sort: Sort, name: &[u8]) -> io::Result<()> {
        let role = match sort {
            Sort::Account => Role::Account,
            Sort::Group => Role::Group,
            Sort::Foreign => Role::Foreign,
            Sort::Policy | Sort::Computer | Sort::Contact | Sort::Container | Sort::Other => Role::Other,
        };
        let digest = self.named(name, role)?;
        if role != Role::Account {
            return Ok(());
        }
        let [a, b] = known::id(entry).map_or(digest, |(.., id)| self.digester.of(&id));
        self.ids.push([a, b, u64::from(self.ordinal)])?;
        let login = self.entrant(Role::Login, digest);
        for uid in entry.all(Attr::Uid) {
            names::login(uid, &mut self.scratch);
            let [a, b] = self.digester.of(&self.scratch);
            self.logins.push([a, b, login])?;
        }
        Ok(())
    }

    /// The entry being read is over.
    pub fn pass(&mut self) -> Result<(), TooManyNames> {
        self.position = 0;
        self.ordinal = self.ordinal.checked_add(1).ok_or(TooManyNames)?;
        Ok(())
    }

    /// Bytes of memory it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        [&self.ids, &self.names, &self.logins, &self.members].into_iter().map(Parted::bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        for ordinal in [0, 7, u32::MAX] {
            for role in ROLES {
                let entrant = Entrant { ordinal, check: 0x0ABC_DEF1, role };
                assert_eq!(Entrant::unpack(entrant.pack()), entrant);
            }
            for (position, foreign) in [(0, false), (5, true), (u32::MAX >> 1, false)] {
                let spot = Spot { ordinal, position, foreign };
                assert_eq!(Spot::unpack(spot.pack()), spot);
            }
        }
        assert!(check([0, u64::MAX]) == 0x0FFF_FFFF && check([u64::MAX, 0]) == 0);
    }
}

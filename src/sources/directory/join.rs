//! Who is there and who is named by whom, brought together part by part when the first reading is over.
//!
//! One part in 256 of the entries' names is held at a time, and the memberships pass by it. What comes of an account's is noted under
//! its place in the reading ([`super::holdings`]); groups within groups stay in memory, as groups do.

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;

use hashbrown::HashTable;

use super::digest::Digest;
use super::groups::{GroupId, Groups};
use super::holdings::{Bits, Elsewhere, Holdings};
use super::mentions::{Entrant, Mentions, Ordinal, Role, Spot, lower};
use super::parted::{PARTS, Parted, Runs};

/// Members named in the notes; all are counted.
pub const NAMED: usize = 50;

/// Names that memberships mention and that nothing explains.
#[derive(Debug, Default)]
pub struct Unexplained {
    pub count: u64,
    /// Where the first of them are named.
    pub first: BTreeSet<Spot>,
}

impl Unexplained {
    fn add(&mut self, spot: Spot) {
        self.count += 1;
        self.name(spot);
    }

    fn name(&mut self, spot: Spot) {
        self.first.insert(spot);
        if self.first.len() > NAMED {
            self.first.pop_last();
        }
    }

    fn join(&mut self, other: Self) {
        self.count += other.count;
        other.first.into_iter().for_each(|spot| self.name(spot));
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Joined {
    pub holdings: Holdings,
    pub elsewhere: Elsewhere,
    /// Groups, and groups that list them, in this order.
    pub nested: Vec<(GroupId, GroupId)>,
    pub unresolved: Unexplained,
    pub foreign: Unexplained,
    /// Accounts that share a login which a group lists with one before.
    pub ambiguous: u64,
}

/// A name: the entries that have it, and who mentions it.
#[derive(Debug)]
struct Name {
    digest: Digest,
    /// Where its entries stand among the part's.
    start: usize,
    end: usize,
    /// Where a group first names it, and the last group that did.
    mentioned: Option<(Spot, Ordinal)>,
}

/// One of those who share the parts.
struct Join<'g> {
    groups: &'g Groups,
    repeated: &'g Repeated,
    held: Parted<2>,
    joined: Joined,
    // Of the part at hand.
    entrants: Vec<[u64; 3]>,
    names: Vec<Name>,
    table: HashTable<usize>,
}

/// Brings everything together. Parts have nothing to do with each other: another thread does half of them, for the server waits
/// meanwhile.
pub fn join(mentions: Mentions, groups: &Groups) -> io::Result<Joined> {
    let Mentions { digester, ids, names, logins, members, room, ordinal: entries, .. } = mentions;
    let shift = Holdings::shift(entries);
    let mut again = Parted::new(room, shift);
    let repeated = repeated(ids, entries, &mut again)?;
    let (names, logins, members) = (names.finish()?, logins.finish()?, members.finish()?);
    let some = |parts: Range<usize>| {
        let joined = Joined { elsewhere: Elsewhere::new(digester.clone()), ..Joined::default() };
        let (held, table) = (Parted::new(room, shift), HashTable::default());
        let mut join = Join { groups, repeated: &repeated, held, joined, entrants: vec![], names: vec![], table };
        for part in parts {
            join.part(part, [&names, &logins], &members)?;
        }
        Ok((join.held.finish()?, join.joined))
    };
    let (first, second) = std::thread::scope(|scope| {
        let other = scope.spawn(|| some(0..PARTS / 2));
        (some(PARTS / 2..PARTS), other.join())
    });
    let second =
        second.unwrap_or_else(|_| Err(io::Error::other("what was read could not be brought together: its thread panicked")));
    let ((held, mut joined), (more, other)) = (first?, second?);
    joined.add(other);
    joined.nested.sort_unstable();
    joined.holdings = Holdings::new(vec![again.finish()?, held, more], shift);
    joined.elsewhere.take(members);
    Ok(joined)
}

impl Joined {
    fn add(&mut self, other: Self) {
        self.nested.extend(other.nested);
        self.unresolved.join(other.unresolved);
        self.foreign.join(other.foreign);
        self.ambiguous += other.ambiguous;
        self.elsewhere.join(&other.elsewhere);
    }
}

/// Accounts whose id came before.
struct Repeated {
    any: Bits,
    /// Those that came after [`COPIES`] others.
    late: Bits,
}

/// As many accounts of one id may turn out to be unreadable, and the next one is taken. Memberships of later ones are not noted, or
/// the same account a thousand times in a thousand groups would fill the disk.
const COPIES: usize = 3;

fn repeated(ids: Parted<3>, entries: Ordinal, held: &mut Parted<2>) -> io::Result<Repeated> {
    let mut repeated = Repeated { any: Bits::new(entries), late: Bits::new(entries) };
    let ids = ids.finish()?;
    let mut of_part = vec![];
    for part in 0..PARTS {
        of_part.clear();
        ids.each(part, |id| {
            of_part.push(id);
            Ok::<(), io::Error>(())
        })?;
        of_part.sort_unstable();
        for same in of_part.chunk_by(|[a, b, _], [c, d, _]| (a, b) == (c, d)) {
            let places = same.iter().map(|[.., ordinal]| lower(*ordinal));
            for (at, (before, ordinal)) in places.clone().zip(places.skip(1)).enumerate() {
                repeated.any.set(ordinal);
                // After too many, it came after itself: always.
                let late = at + 1 >= COPIES;
                held.push(Holdings::again(ordinal, if late { ordinal } else { before }))?;
                if late {
                    repeated.late.set(ordinal);
                }
            }
        }
    }
    Ok(repeated)
}

impl Join<'_> {
    fn part(&mut self, part: usize, names: [&Runs<3>; 2], members: &Runs<3>) -> io::Result<()> {
        self.entrants.clear();
        for names in names {
            names.each(part, |entrant| {
                self.entrants.push(entrant);
                Ok::<(), io::Error>(())
            })?;
        }
        self.index();
        // A group's members come one after the other.
        let mut lister = (Ordinal::MAX, None);
        members.each(part, |[a, b, spot]| {
            let spot = Spot::unpack(spot);
            if lister.0 != spot.ordinal {
                lister = (spot.ordinal, self.groups.at(spot.ordinal));
            }
            lister.1.map_or(Ok(()), |group| self.mention([a, b], spot, group))
        })?;
        self.conclude();
        Ok(())
    }

    fn index(&mut self) {
        self.entrants.sort_unstable();
        self.names.clear();
        self.table.clear();
        let mut start = 0;
        for same in self.entrants.chunk_by(|[a, b, _], [c, d, _]| (a, b) == (c, d)) {
            let end = start + same.len();
            if let Some([a, b, _]) = same.first() {
                let name = Name { digest: [*a, *b], start, end, mentioned: None };
                add(&mut self.names, &mut self.table, name);
            }
            start = end;
        }
    }

    /// A group lists this name.
    fn mention(&mut self, digest: Digest, spot: Spot, group: GroupId) -> io::Result<()> {
        let [_, hash] = digest;
        let Self { names, table, .. } = self;
        let found = table.find(hash, |at| names.get(*at).is_some_and(|name| name.digest == digest)).copied();
        let at = found.unwrap_or_else(|| add(names, table, Name { digest, start: 0, end: 0, mentioned: None }));
        let Some(name) = self.names.get_mut(at) else { return Ok(()) };
        match &mut name.mentioned {
            // Twice in the same group.
            Some((_, last)) if *last == spot.ordinal => return Ok(()),
            Some((_, last)) => *last = spot.ordinal,
            none => *none = Some((spot, spot.ordinal)),
        }
        for [.., entrant] in self.entrants.get(name.start..name.end).unwrap_or_default() {
            let Entrant { ordinal, check, role } = Entrant::unpack(*entrant);
            match role {
                Role::Group => self.joined.nested.extend(self.groups.at(ordinal).map(|inner| (inner, group))),
                Role::Account | Role::Unread | Role::Login if !self.repeated.late.has(ordinal) => {
                    self.held.push(Holdings::record((ordinal, check), group, role == Role::Unread))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Counts what the part's mentions come to.
    fn conclude(&mut self) {
        let Self { entrants, names, joined, repeated, .. } = self;
        for Name { digest, start, end, mentioned } in names {
            let Some((spot, _)) = mentioned else { continue };
            let met = entrants.get(*start..*end).unwrap_or_default().iter().map(|[.., entrant]| Entrant::unpack(*entrant));
            let met = met.filter(|entrant| entrant.role != Role::Unread && !repeated.any.has(entrant.ordinal));
            let (mut logins, mut last) = (0_u64, None);
            for Entrant { role, .. } in met {
                logins += u64::from(role == Role::Login);
                last = Some(role);
            }
            joined.ambiguous += logins.saturating_sub(1);
            if !matches!(last, Some(Role::Account | Role::Group | Role::Login)) {
                joined.elsewhere.mark(*digest);
            }
            match last {
                Some(Role::Foreign) => joined.foreign.add(*spot),
                Some(_) => {}
                None if spot.foreign => joined.foreign.add(*spot),
                None => joined.unresolved.add(*spot),
            }
        }
    }
}

fn add(names: &mut Vec<Name>, table: &mut HashTable<usize>, name: Name) -> usize {
    let [_, hash] = name.digest;
    let at = names.len();
    names.push(name);
    table.insert_unique(hash, at, |at| names.get(*at).map_or(0, |name| name.digest[1]));
    at
}

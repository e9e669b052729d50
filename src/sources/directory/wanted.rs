//! Members that nothing explains and whose names are to be told: the first reading kept only digests, the second finds the names.

use super::join::Joined;
use super::mentions::{Ordinal, Spot};

/// Where they are named, in the order of the reading. Whoever reads entries goes along.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// With whether it is a member of another domain.
    spots: Vec<(Spot, bool)>,
    next: usize,
    ordinal: Ordinal,
    position: u32,
}

impl Wanted {
    #[must_use]
    pub fn new(joined: &Joined) -> Self {
        let all = [(&joined.unresolved, false), (&joined.foreign, true)];
        let mut spots: Vec<_> =
            all.iter().flat_map(|(members, foreign)| members.first.iter().map(|spot| (*spot, *foreign))).collect();
        spots.sort_unstable();
        Self { spots, ..Self::default() }
    }

    /// Whether the entry being read still lists some.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.spots.get(self.next).is_some_and(|(spot, _)| spot.ordinal == self.ordinal)
    }

    /// Whether the next member that the entry lists is one.
    pub fn takes(&mut self) -> bool {
        let position = self.position;
        self.position += 1;
        let takes = self.is_here() && self.spots.get(self.next).is_some_and(|(spot, _)| spot.position == position);
        self.next += usize::from(takes);
        takes
    }

    /// Those that the entry being read lists: whether each is of another domain.
    pub fn here(&self) -> impl Iterator<Item = bool> {
        let start = self.spots.partition_point(|(spot, _)| spot.ordinal < self.ordinal);
        let own = self.spots.get(start..).unwrap_or_default().iter().take_while(|(spot, _)| spot.ordinal == self.ordinal);
        own.map(|(_, foreign)| *foreign)
    }

    /// The entry being read is over.
    pub fn pass(&mut self) {
        self.ordinal += 1;
        self.position = 0;
        while self.spots.get(self.next).is_some_and(|(spot, _)| spot.ordinal < self.ordinal) {
            self.next += 1;
        }
    }
}

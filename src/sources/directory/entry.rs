//! One entry while it is being read: the values that matter, in one buffer that is used again for the next.

use super::attrs::Attr;
use super::class::{Classes, Sort};

/// An entry that keeps more than this is refused: photographs are skipped, so nothing real comes near.
pub const LARGEST: usize = 64 << 20;

/// Entries larger than this do not keep their memory for the next.
const USUAL: usize = 64 << 10;

const ABSENT: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Value {
    attr: Attr,
    start: usize,
    end: usize,
}

/// The values of one entry.
#[derive(Debug)]
pub struct Entry {
    data: Vec<u8>,
    dn_end: usize,
    values: Vec<Value>,
    /// Position of the first value of each attribute.
    first: Vec<u32>,
    /// Attributes met, kept or not.
    pub present: u128,
    pub classes: Classes,
    /// Too much to keep.
    pub overflow: bool,
    /// The server gave only some of its members.
    pub cut: bool,
    /// It lists a member that is somebody's name.
    pub lists: bool,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            data: vec![],
            dn_end: 0,
            values: vec![],
            first: vec![ABSENT; Attr::COUNT],
            present: 0,
            classes: Classes::default(),
            overflow: false,
            cut: false,
            lists: false,
        }
    }
}

impl Entry {
    /// Forgets the entry before and takes the name of the next.
    pub fn begin(&mut self, dn: &[u8]) {
        for value in self.values.drain(..) {
            if let Some(first) = self.first.get_mut(value.attr.index()) {
                *first = ABSENT;
            }
        }
        self.data.clear();
        self.data.extend_from_slice(dn);
        self.dn_end = dn.len();
        self.present = 0;
        self.classes = Classes::default();
        self.overflow = false;
        self.cut = false;
        self.lists = false;
    }

    /// Bytes it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.data.len()
    }

    /// Gives back what an unusually large entry took.
    pub fn shrink(&mut self) {
        if self.data.capacity() > USUAL {
            self.data = vec![];
        }
    }

    /// Notes that the attribute occurs.
    pub fn note(&mut self, attr: Attr) {
        self.present |= 1 << attr.index();
    }

    #[must_use]
    pub fn carries(&self, attr: Attr) -> bool {
        self.present & (1 << attr.index()) != 0
    }

    /// Keeps a value.
    pub fn keep(&mut self, attr: Attr, value: &[u8]) {
        let start = self.data.len();
        let position = u32::try_from(self.values.len()).unwrap_or(ABSENT);
        if start + value.len() > LARGEST || position == ABSENT {
            self.overflow = true;
            return;
        }
        self.data.extend_from_slice(value);
        if let Some(first) = self.first.get_mut(attr.index())
            && *first == ABSENT
        {
            *first = position;
        }
        self.values.push(Value { attr, start, end: self.data.len() });
    }

    #[must_use]
    pub fn dn(&self) -> &[u8] {
        self.data.get(..self.dn_end).unwrap_or_default()
    }

    /// First value of an attribute.
    #[must_use]
    pub fn first(&self, attr: Attr) -> Option<&[u8]> {
        let position = *self.first.get(attr.index())?;
        let value = self.values.get(usize::try_from(position).ok()?)?;
        self.data.get(value.start..value.end)
    }

    /// All its values, in their order.
    pub fn all(&self, attr: Attr) -> impl Iterator<Item = &[u8]> {
        let position = self.first.get(attr.index()).copied().unwrap_or(ABSENT);
        let from = usize::try_from(position).unwrap_or(usize::MAX);
        let tail = self.values.get(from..).unwrap_or_default();
        tail.iter().filter(move |value| value.attr == attr).filter_map(|value| self.data.get(value.start..value.end))
    }

    /// Those of its members that were kept, in their order.
    pub fn members(&self) -> impl Iterator<Item = (Attr, &[u8])> {
        let kept = self.values.iter().filter(|value| value.attr.is_membership());
        kept.filter_map(|value| Some((value.attr, self.data.get(value.start..value.end)?)))
    }

    /// AD's userAccountControl; 0 when absent or not a number. Some tools write it as a negative number.
    #[must_use]
    pub fn control(&self) -> u32 {
        let text = self.first(Attr::UserAccountControl).and_then(|raw| std::str::from_utf8(raw).ok());
        let number = text.and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or_default();
        // The 32 bits are what counts.
        u32::try_from(number & 0xFFFF_FFFF).unwrap_or_default()
    }

    /// What it is.
    #[must_use]
    pub fn sort(&self) -> Sort {
        self.classes.sort(self.present, self.control())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_forgets_the_one_before() {
        let mut entry = Entry::default();
        entry.begin(b"cn=a");
        entry.keep(Attr::Mail, b"a@x");
        entry.keep(Attr::Cn, b"a");
        entry.keep(Attr::Mail, b"b@x");
        assert_eq!(entry.all(Attr::Mail).collect::<Vec<_>>(), [b"a@x", b"b@x"]);
        assert_eq!((entry.first(Attr::Cn), entry.dn()), (Some(&b"a"[..]), &b"cn=a"[..]));
        entry.begin(b"cn=b");
        assert_eq!(entry.first(Attr::Mail), None);
        assert_eq!(entry.all(Attr::Mail).count(), 0);
        entry.keep(Attr::UserAccountControl, b"-2147483136");
        assert_eq!(entry.control(), 0x8000_0200);
    }
}

//! A small cache in front of slow look-ups of names that repeat: attribute names and object classes.
//!
//! Seventeen million attribute lines carry some forty names. A fixed number of slots keeps hostile input from growing it.

pub const SLOTS: usize = 1024;
/// Longer keys are looked up each time and not kept.
const LONGEST: usize = 64;

/// Remembers what `slow` said of a key.
#[derive(Debug)]
pub struct Memo<T> {
    slots: Vec<Option<(Box<[u8]>, T)>>,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self { slots: std::iter::repeat_with(|| None).take(SLOTS).collect() }
    }
}

impl<T: Copy> Memo<T> {
    /// What `slow` says of `key`, asked only when the slot holds another key; and the slot.
    #[inline]
    pub fn get(&mut self, key: &[u8], slow: fn(&[u8]) -> T) -> (T, usize) {
        let place = slot(key);
        let Some(slot) = self.slots.get_mut(place) else { return (slow(key), place) };
        if let Some((held, value)) = slot
            && held.as_ref() == key
        {
            return (*value, place);
        }
        let value = slow(key);
        if key.len() <= LONGEST {
            *slot = Some((key.into(), value));
        }
        (value, place)
    }

    /// What a slot holds.
    #[inline]
    pub fn at(&self, slot: usize) -> Option<(&[u8], T)> {
        self.slots.get(slot)?.as_ref().map(|(key, value)| (key.as_ref(), *value))
    }
}

/// First, middle and last byte and the length tell real names apart; a clash only costs the slow look-up.
#[inline]
fn slot(key: &[u8]) -> usize {
    let at = |i: usize| usize::from(key.get(i).copied().unwrap_or_default());
    let len = key.len();
    (at(0) ^ (at(len.wrapping_sub(1)) << 3) ^ (at(len / 2) << 5) ^ (len << 2)) % SLOTS
}

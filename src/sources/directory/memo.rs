//! A small cache in front of slow look-ups of names that repeat: attribute names and object classes.
//!
//! Seventeen million attribute lines carry some forty names. A fixed number of slots keeps hostile input from growing it.

pub const SLOTS: usize = 1024;
/// Longer keys are looked up each time and not kept.
const LONGEST: usize = 64;

/// A key and what was said of it.
#[derive(Debug)]
struct Slot<T> {
    key: Box<[u8]>,
    /// Its first eight bytes (zeros beyond its end) and the bits that count of them; the next eight; its last eight: comparing these
    /// is nearly always enough, and needs no call.
    head: u64,
    mask: u64,
    middle: u64,
    tail: u64,
    value: T,
}

impl<T: Copy> Slot<T> {
    fn new(key: &[u8], value: T) -> Self {
        let mask = if key.len() >= 8 { u64::MAX } else { (1 << (8 * key.len())) - 1 };
        Self {
            head: word(key, 0),
            mask,
            middle: word(key, 8),
            tail: word(key, key.len().saturating_sub(8)),
            key: key.into(),
            value,
        }
    }

    #[inline]
    fn begins(&self, text: &[u8]) -> bool {
        let length = self.key.len();
        if text.len() < 8 || length < 8 {
            return word(text, 0) & self.mask == self.head && text.len() >= length;
        }
        let ends = word(text, 0) == self.head && word(text, length - 8) == self.tail;
        ends && (length <= 16 || (word(text, 8) == self.middle && (length <= 24 || text.starts_with(&self.key))))
    }
}

/// Eight bytes from `at`; zeros beyond the end.
#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// Remembers what `slow` said of a key.
#[derive(Debug)]
pub struct Memo<T> {
    slots: Vec<Option<Slot<T>>>,
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
        let place = place_of(key);
        let Some(seat) = self.slots.get_mut(place) else { return (slow(key), place) };
        if let Some(held) = seat
            && held.key.len() == key.len()
            && held.begins(key)
        {
            return (held.value, place);
        }
        let value = slow(key);
        if key.len() <= LONGEST {
            *seat = Some(Slot::new(key, value));
        }
        (value, place)
    }

    /// What a slot says, if `text` begins with its key; and the key's length.
    #[inline]
    #[must_use]
    pub fn starts(&self, place: usize, text: &[u8]) -> Option<(T, usize)> {
        let held = self.slots.get(place)?.as_ref()?;
        if held.begins(text) { Some((held.value, held.key.len())) } else { None }
    }
}

/// First, middle and last byte and the length tell real names apart; a clash only costs the slow look-up.
#[inline]
fn place_of(key: &[u8]) -> usize {
    let at = |i: usize| usize::from(key.get(i).copied().unwrap_or_default());
    let len = key.len();
    (at(0) ^ (at(len.wrapping_sub(1)) << 3) ^ (at(len / 2) << 5) ^ (len << 2)) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_all_its_bytes() {
        fn length(key: &[u8]) -> usize {
            key.len()
        }
        let mut memo = Memo::default();
        for len in [0, 1, 3, 7, 8, 9, 15, 16, 17, 23, 24, 25, 30, 64, 65, 80] {
            let key = vec![b'k'; len];
            let (said, slot) = memo.get(&key, length);
            assert_eq!((said, memo.get(&key, length).0), (len, len));
            for changed in 0..len {
                let mut other = key.clone();
                if let Some(byte) = other.get_mut(changed) {
                    *byte = b'x';
                }
                other.push(b':');
                assert_eq!(memo.starts(slot, &other), None, "length {len}, byte {changed}");
            }
            let held = (len <= LONGEST).then_some((len, len));
            assert_eq!(memo.starts(slot, &[key.as_slice(), b": v"].concat()).filter(|(_, l)| *l == len), held);
            assert_eq!(memo.starts(slot, key.get(1..).unwrap_or_default()).filter(|_| len > 0), None);
        }
    }
}

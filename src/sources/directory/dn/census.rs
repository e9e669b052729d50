//! Telling at a glance whether a name needs only lower case to be comparable, which nearly every one does.

/// Longer names are read with care, so that no count overflows its ten bits.
const LONGEST_SIMPLE: usize = 1000;
const COMMA: u32 = 0;
const EQUALS: u32 = 10;
const SPACE: u32 = 20;
/// Escapes, quotes, multi-valued RDNs, and letters beyond Latin-1.
const CAREFUL: u32 = 30;
/// Bytes of U+0080 to U+00FF.
pub(super) const LATIN: u32 = 40;

/// What each byte adds to the census.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static WEIGHTS: [u64; 256] = {
    let mut weights = [0; 256];
    let mut byte = 0_u8;
    loop {
        weights[byte as usize] = match byte {
            b',' => 1 << COMMA,
            b'=' => 1 << EQUALS,
            b' ' => 1 << SPACE,
            b'\\' | b'"' | b'+' | b';' | b'<' | b'#' | 0xC4.. => 1 << CAREFUL,
            0x80.. => 1 << LATIN,
            _ => 0,
        };
        if byte == u8::MAX {
            break weights;
        }
        byte += 1;
    }
};

/// How many bytes of each kind a name holds, counted in one pass: a directory asks this of every member of every group.
#[derive(Clone, Copy)]
pub(super) struct Census(u64);

impl Census {
    pub(super) fn of(dn: &[u8]) -> Self {
        if dn.len() > LONGEST_SIMPLE {
            return Self(1 << CAREFUL);
        }
        Self(dn.iter().map(|byte| WEIGHTS.get(usize::from(*byte)).copied().unwrap_or_default()).sum())
    }

    pub(super) const fn of_kind(self, kind: u32) -> u64 {
        self.0 >> kind & 1023
    }

    /// One `=` for each part, nothing special, no space that does not count.
    pub(super) fn is_simple(self, dn: &[u8]) -> bool {
        if self.of_kind(CAREFUL) > 0 || self.of_kind(EQUALS) != self.of_kind(COMMA) + 1 || dn.first() == Some(&b'=') {
            return false;
        }
        let counts = |byte: Option<&u8>| byte.is_some_and(|byte| !matches!(byte, b' ' | b',' | b'='));
        let stands = |place: usize| counts(place.checked_sub(1).and_then(|before| dn.get(before))) && counts(dn.get(place + 1));
        self.of_kind(SPACE) == 0 || memchr::memchr_iter(b' ', dn).all(stands)
    }
}

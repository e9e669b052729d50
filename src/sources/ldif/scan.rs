//! The two inner loops of reading lines: where a line ends, and what a folded one says.

use memchr::memchr;

/// First line break. Lines are short: eight bytes at a time is sooner done than a call to the vector search is set up.
#[must_use]
#[inline]
pub fn line_break(bytes: &[u8]) -> Option<usize> {
    const BREAKS: u64 = 0x0A0A_0A0A_0A0A_0A0A;
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, tail) = bytes.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        // A byte equal to the break becomes zero, and the subtraction borrows into its high bit (Hacker's Delight, 6-1).
        let word = u64::from_le_bytes(*word) ^ BREAKS;
        let zeros = word.wrapping_sub(LOW) & !word & HIGH;
        if zeros != 0 {
            return Some(at + zeros.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    tail.iter().position(|byte| *byte == b'\n').map(|place| at + place)
}

/// Joins a folded line: each line break and the space after it go (RFC 2849 note 2).
pub fn unfold(folded: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = folded;
    while let Some(end) = memchr(b'\n', rest) {
        let (line, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        rest = tail.get(2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn line_breaks_are_found_wherever_they_fall() {
        for length in 0..40 {
            for place in 0..length {
                let mut bytes = vec![0x8A; length];
                bytes[place] = b'\n';
                bytes[length - 1] = b'\n';
                assert_eq!(line_break(&bytes), Some(place));
            }
            assert_eq!(line_break(&vec![0x0B; length]), None);
        }
    }
}

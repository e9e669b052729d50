//! objectGUID, objectSid and the other immutable ids, from raw bytes to the text people know them by.

use std::fmt::Write as _;

/// The bytes of a UUID, from sixteen raw bytes (AD's order) or from text. `None`: not a UUID.
#[must_use]
pub fn guid_bytes(raw: &[u8]) -> Option<[u8; 16]> {
    if let Ok(mut bytes) = <[u8; 16]>::try_from(raw) {
        // MS-DTYP 2.3.4: the first three fields are little-endian.
        for field in [0..4, 4..6, 6..8] {
            bytes.get_mut(field).unwrap_or_default().reverse();
        }
        return Some(bytes);
    }
    uuid_bytes(raw)
}

/// The bytes of a UUID written as 32 hexadecimal digits; dashes wherever they fall (389-DS groups them 8-8-8-8) and braces are skipped.
#[must_use]
pub fn uuid_bytes(text: &[u8]) -> Option<[u8; 16]> {
    match text.try_into() {
        Ok(usual) => usual_uuid(usual).or_else(|| careful_uuid(text)),
        Err(_length) => careful_uuid(text),
    }
}

/// `8-4-4-4-12`, as nearly every directory writes it: without a way out of its loops.
fn usual_uuid(text: &[u8; 36]) -> Option<[u8; 16]> {
    /// Where the digits of each byte begin.
    const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    let digits = text.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    let dashes = [8, 13, 18, 23].iter().filter(|place| text.get(**place) == Some(&b'-')).count();
    if digits != 32 || dashes != 4 {
        return None;
    }
    // Letters have bit 6, and their low bits count from 1.
    let values = text.map(|byte| (byte & 15) + 9 * (byte >> 6));
    let value = |place: usize| values.get(place).copied().unwrap_or_default();
    Some(PLACES.map(|place| value(place) << 4 | value(place + 1)))
}

fn careful_uuid(text: &[u8]) -> Option<[u8; 16]> {
    let mut bytes = [0_u8; 16];
    let mut nibbles = 0;
    for byte in text {
        let nibble = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b'-' | b'{' | b'}' => continue,
            _ => return None,
        };
        let place = bytes.get_mut(nibbles / 2)?;
        *place = *place << 4 | nibble;
        nibbles += 1;
    }
    (nibbles == 32).then_some(bytes)
}

/// `8-4-4-4-12`, lower case.
pub fn write_uuid(bytes: [u8; 16], out: &mut String) {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut text = [b'-'; 36];
    let mut places = text.iter_mut();
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            places.next();
        }
        for nibble in [byte >> 4, byte & 15] {
            if let (Some(place), Some(digit)) = (places.next(), DIGITS.get(usize::from(nibble))) {
                *place = *digit;
            }
        }
    }
    // Digits and dashes are text.
    out.push_str(std::str::from_utf8(&text).unwrap_or_default());
}

/// A SID as text (MS-DTYP 2.4.2.1), from its bytes or, in hand-made exports, from that text itself.
#[must_use]
pub fn sid(raw: &[u8]) -> Option<String> {
    if raw.starts_with(b"S-1-") {
        return std::str::from_utf8(raw)
            .ok()
            .map(|text| text.trim().to_owned())
            .filter(|text| text.bytes().skip(2).all(|b| b == b'-' || b.is_ascii_digit()));
    }
    let (head, subs) = raw.split_first_chunk::<8>()?;
    let [1, count, authority @ ..] = head else { return None };
    if subs.len() != usize::from(*count) * 4 || *count > 15 {
        return None;
    }
    let authority = authority.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let mut text = format!("S-1-{authority}");
    for sub in subs.chunks_exact(4) {
        let sub = u32::from_le_bytes(sub.try_into().ok()?);
        // Writing to a String cannot fail.
        let _ = write!(text, "-{sub}");
    }
    Some(text)
}

/// The last number of a SID, and what comes before it.
#[must_use]
pub fn rid(sid: &str) -> Option<(&str, u32)> {
    let (domain, rid) = sid.rsplit_once('-')?;
    Some((domain, rid.parse().ok()?))
}

/// Well-known administrative groups, in any domain (directories.md; Microsoft, "Well-known SIDs").
#[must_use]
pub fn is_privileged(sid: &str) -> bool {
    match rid(sid) {
        Some(("S-1-5-32", rid)) => matches!(rid, 544 | 548..=551),
        Some((domain, rid)) if domain.starts_with("S-1-5-21-") => matches!(rid, 512 | 516 | 518..=521 | 526 | 527),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn guids_read_the_same_from_bytes_and_text() {
        let raw = [0x78, 0x56, 0x34, 0x12, 0xbc, 0x9a, 0xf0, 0xde, 1, 2, 3, 4, 5, 6, 7, 8];
        let mut text = String::new();
        write_uuid(guid_bytes(&raw).unwrap(), &mut text);
        assert_eq!(text, "12345678-9abc-def0-0102-030405060708");
        assert_eq!(guid_bytes(b"{12345678-9ABC-DEF0-0102-030405060708}"), guid_bytes(&raw));
        assert_eq!(uuid_bytes(b"12345678-9abcdef0-01020304-05060708"), guid_bytes(&raw));
        for text in ["12345678-9ABC-def0-0102-030405060708", "123456789abc-def0-0102-030405060708-"] {
            assert_eq!(uuid_bytes(text.as_bytes()), guid_bytes(&raw), "{text}");
        }
        for text in
            ["12345678-9abc-def0-0102-03040506070g", "12345678-9abc-def0-0102-03040506070:", "12345678-9abc-def0-0102-0304050607-8"]
        {
            assert_eq!(uuid_bytes(text.as_bytes()), None, "{text}");
        }
        assert_eq!(uuid_bytes(b"12345678-9abc"), None);
        assert_eq!(uuid_bytes(b"12345678-9abcdef0-01020304-0506070809"), None);
    }

    #[test]
    fn sids_are_written_as_people_know_them() {
        let raw = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 2, 0, 0];
        assert_eq!(sid(&raw).unwrap(), "S-1-5-21-1-2-3-512");
        assert_eq!(sid(b"S-1-5-32-544").unwrap(), "S-1-5-32-544");
        assert_eq!(sid(&raw[..20]), None);
        assert_eq!(sid(b"S-1-x"), None);
    }

    #[test]
    fn privileged_groups_are_told_by_their_rid_in_any_domain() {
        for yes in ["S-1-5-21-1-2-3-512", "S-1-5-21-9-9-9-519", "S-1-5-32-544", "S-1-5-32-551", "S-1-5-21-1-2-3-527"] {
            assert!(is_privileged(yes), "{yes}");
        }
        for no in ["S-1-5-21-1-2-3-513", "S-1-5-32-545", "S-1-5-21-1-2-3-1512", "S-1-1-0", "S-1-5-32-512"] {
            assert!(!is_privileged(no), "{no}");
        }
    }
}

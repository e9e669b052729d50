//! What a server sends is looked at here before anything decodes it: `ldap3` has no limit on size or depth and panics on messages
//! whose parts are not those of their kind (directories.md, completeness 8).

use super::ber::{self, CONSTRUCTED, ENUMERATED, INTEGER, Malformed, OCTETS, SEQUENCE, SET};

/// Largest message. A group of 500,000 members that a server gives whole is about 40 MB.
pub const MAX_MESSAGE: usize = 64 << 20;
/// Largest value; what an LDIF line of 16 MiB can hold in base64, with room.
pub const MAX_VALUE: usize = 8 << 20;
/// Elements in a message: members of a group, nearly always.
pub const MAX_ELEMENTS: usize = 2_000_000;
/// A control in a message is five deep.
pub const MAX_DEPTH: usize = 8;

/// Tags of the answers that a client of this kind can get (RFC 4511 section 4.2 and on).
pub const BIND_RESPONSE: u8 = 0x61;
pub const ENTRY: u8 = 0x64;
pub const DONE: u8 = 0x65;
pub const REFERENCE: u8 = 0x73;
pub const EXTENDED_RESPONSE: u8 = 0x78;
const INTERMEDIATE: u8 = 0x79;
const CONTROLS: u8 = 0xA0;
const REFERRAL: u8 = 0xA3;
const PAGED_RESULTS: &[u8] = b"1.2.840.113556.1.4.319";

/// A message whose parts are those of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'b> {
    pub id: u32,
    pub kind: u8,
    pub body: &'b [u8],
}

/// Length of the message at the beginning of `bytes`, as soon as that can be told. Refuses one that is too long before it is read.
pub fn frame(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    let Some((&tag, rest)) = bytes.split_first() else { return Ok(None) };
    if tag != SEQUENCE {
        return Err(Malformed::NotLdap);
    }
    let Some((length, body)) = ber::length(rest)? else { return Ok(None) };
    let head = bytes.len() - body.len();
    match usize::try_from(length) {
        Ok(length) if length <= MAX_MESSAGE => Ok(Some(head + length)),
        _ => Err(Malformed::TooLarge(length)),
    }
}

/// Checks one whole message.
pub fn check(message: &[u8]) -> Result<Message<'_>, Malformed> {
    let (body, _) = ber::expect(SEQUENCE, message)?;
    let (id, rest) = ber::expect(INTEGER, body)?;
    let id = ber::number(id)?;
    let (kind, body, rest) = ber::split(rest)?;
    match kind {
        ENTRY => entry(body)?,
        REFERENCE | INTERMEDIATE => {
            walk(body)?;
        }
        BIND_RESPONSE | DONE | EXTENDED_RESPONSE => result(body)?,
        _ => return Err(Malformed::Shape),
    }
    if kind == REFERENCE {
        ber::elements(body).try_for_each(|url| ber::text(url).map(drop))?;
    }
    // Active Directory puts the name of its notice of disconnection (element 10) outside the answer.
    match ber::split(rest) {
        Err(_) if rest.is_empty() => {}
        Ok((CONTROLS, list, _)) => controls(list)?,
        Ok((0x8A, ..)) if kind == EXTENDED_RESPONSE => {}
        _ => return Err(Malformed::Shape),
    }
    Ok(Message { id, kind, body })
}

/// Every element lies within the one that holds it, none too deep, not too many.
fn walk(bytes: &[u8]) -> Result<usize, Malformed> {
    let mut open: [&[u8]; MAX_DEPTH] = [&[]; MAX_DEPTH];
    let mut depth = 0_usize;
    let mut rest = bytes;
    let mut count = 0;
    loop {
        if rest.is_empty() {
            let Some(level) = depth.checked_sub(1) else { return Ok(count) };
            depth = level;
            rest = open.get(level).copied().unwrap_or_default();
            continue;
        }
        let (tag, body, after) = ber::split(rest)?;
        count += 1;
        if count > MAX_ELEMENTS {
            return Err(Malformed::TooMany);
        }
        rest = after;
        if tag & CONSTRUCTED != 0 {
            *open.get_mut(depth).ok_or(Malformed::TooDeep)? = after;
            depth += 1;
            rest = body;
        }
    }
}

/// A name, then attributes of values. Its depth is fixed, so this is also its walk.
fn entry(body: &[u8]) -> Result<(), Malformed> {
    let (dn, rest) = ber::expect(OCTETS, body)?;
    if dn.len() > MAX_VALUE {
        return Err(Malformed::LargeValue(dn.len()));
    }
    let (mut attributes, rest) = ber::expect(SEQUENCE, rest)?;
    let mut count = 0_usize;
    while !attributes.is_empty() {
        let (attribute, after) = ber::expect(SEQUENCE, attributes)?;
        let (name, values) = ber::expect(OCTETS, attribute)?;
        if !is_name(name) {
            return Err(Malformed::Name);
        }
        let (mut values, nothing) = ber::expect(SET, values)?;
        while !values.is_empty() {
            let (value, next) = ber::expect(OCTETS, values)?;
            count += 1;
            if value.len() > MAX_VALUE {
                return Err(Malformed::LargeValue(value.len()));
            }
            values = next;
        }
        count += 1;
        if count > MAX_ELEMENTS {
            return Err(Malformed::TooMany);
        }
        attributes = after;
        if !nothing.is_empty() {
            return Err(Malformed::Shape);
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(Malformed::Shape) }
}

/// An attribute description (RFC 4512 section 2.5), with what servers add to it.
fn is_name(name: &[u8]) -> bool {
    (1..=512).contains(&name.len())
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b';' | b'_' | b'=' | b'*'))
}

/// LDAPResult (RFC 4511 section 4.1.9) and what bind and extended answers add.
fn result(body: &[u8]) -> Result<(), Malformed> {
    walk(body)?;
    let (code, rest) = ber::expect(ENUMERATED, body)?;
    ber::number(code)?;
    let (matched, rest) = ber::expect(OCTETS, rest)?;
    ber::text(matched)?;
    let (diagnostic, mut rest) = ber::expect(OCTETS, rest)?;
    ber::text(diagnostic)?;
    while !rest.is_empty() {
        let (tag, part, after) = ber::split(rest)?;
        match tag {
            REFERRAL => {
                let mut urls = part;
                while !urls.is_empty() {
                    let (url, next) = ber::expect(OCTETS, urls)?;
                    ber::text(url)?;
                    urls = next;
                }
            }
            0x87 | 0x8B => {}
            0x8A => {
                ber::text(part)?;
            }
            _ => return Err(Malformed::Shape),
        }
        rest = after;
    }
    Ok(())
}

fn controls(mut list: &[u8]) -> Result<(), Malformed> {
    walk(list)?;
    while !list.is_empty() {
        let (control, after) = ber::expect(SEQUENCE, list)?;
        let (kind, mut rest) = ber::expect(OCTETS, control)?;
        ber::text(kind)?;
        if let Ok((flag, value)) = ber::expect(0x01, rest) {
            if flag.is_empty() {
                return Err(Malformed::Shape);
            }
            rest = value;
        }
        if !rest.is_empty() {
            let (value, _) = ber::expect(OCTETS, rest)?;
            if kind == PAGED_RESULTS {
                let (value, _) = ber::expect(SEQUENCE, value)?;
                let (size, value) = ber::expect(INTEGER, value)?;
                ber::number(size)?;
                ber::expect(OCTETS, value)?;
            }
        } else if kind == PAGED_RESULTS {
            return Err(Malformed::Shape);
        }
        list = after;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::ber::put;
    use super::*;

    fn wrap(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
        let mut out = vec![];
        put(tag, &parts.concat(), &mut out);
        out
    }

    fn octets(text: &[u8]) -> Vec<u8> {
        wrap(OCTETS, &[text.to_vec()])
    }

    fn message(kind: u8, parts: &[Vec<u8>]) -> Vec<u8> {
        wrap(SEQUENCE, &[vec![INTEGER, 1, 5], wrap(kind, parts)])
    }

    #[test]
    fn answers_of_their_kind_pass() {
        let values = wrap(SEQUENCE, &[wrap(SEQUENCE, &[octets(b"cn"), wrap(SET, &[octets(b"a"), octets(b"\xff")])])]);
        let bytes = message(ENTRY, &[octets(b"cn=a"), values]);
        assert_eq!(frame(&bytes), Ok(Some(bytes.len())));
        assert_eq!(frame(bytes.get(..3).unwrap()), Ok(Some(bytes.len())));
        assert_eq!(frame(bytes.get(..1).unwrap()), Ok(None));
        let checked = check(&bytes).unwrap();
        assert_eq!((checked.id, checked.kind), (5, ENTRY));
        let done = message(DONE, &[vec![ENUMERATED, 1, 0], octets(b""), octets(b"ok")]);
        assert!(check(&done).is_ok());
    }

    #[test]
    fn hostile_messages_are_refused_before_they_are_read() {
        assert_eq!(frame(b"HTTP/1.1 400"), Err(Malformed::NotLdap));
        assert_eq!(frame(&[SEQUENCE, 0x84, 0x7F, 0xFF, 0xFF, 0xFF]), Err(Malformed::TooLarge(0x7FFF_FFFF)));
        let mut deep = octets(b"x");
        for _ in 0..1000 {
            deep = wrap(SEQUENCE, &[deep]);
        }
        assert_eq!(check(&message(REFERENCE, &[deep])), Err(Malformed::TooDeep));
        let many = [OCTETS, 0].repeat(MAX_ELEMENTS + 1);
        assert_eq!(check(&message(REFERENCE, &[many])), Err(Malformed::TooMany));
        assert_eq!(check(&message(ENTRY, &[octets(b"cn=a")])), Err(Malformed::Overrun));
        assert_eq!(
            check(&message(ENTRY, &[octets(b"cn=a"), wrap(SEQUENCE, &[wrap(SEQUENCE, &[octets(b"a\nb"), wrap(SET, &[])])])])),
            Err(Malformed::Name)
        );
        assert_eq!(check(&message(DONE, &[vec![INTEGER, 1, 0], octets(b""), octets(b"")])), Err(Malformed::Shape));
        assert_eq!(check(&message(DONE, &[vec![ENUMERATED, 1, 0], octets(b"\xff"), octets(b"")])), Err(Malformed::Text));
        assert_eq!(check(&message(0x6E, &[])), Err(Malformed::Shape));
        assert_eq!(check(&wrap(SEQUENCE, &[vec![INTEGER, 1, 0x80], wrap(DONE, &[])])), Err(Malformed::Shape));
    }

    #[test]
    fn a_paging_control_must_be_one() {
        let done = wrap(DONE, &[vec![ENUMERATED, 1, 0], octets(b""), octets(b"")]);
        let with = |value: Vec<u8>| {
            wrap(SEQUENCE, &[vec![INTEGER, 1, 5], done.clone(), wrap(CONTROLS, &[wrap(SEQUENCE, &[octets(PAGED_RESULTS), value])])])
        };
        assert!(check(&with(octets(&wrap(SEQUENCE, &[vec![INTEGER, 1, 0], octets(b"cookie")])))).is_ok());
        assert!(check(&with(octets(b"garbage"))).is_err());
        assert_eq!(check(&with(vec![])), Err(Malformed::Shape));
    }
}

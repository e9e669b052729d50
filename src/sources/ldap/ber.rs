//! BER as LDAP restricts it (RFC 4511 section 5.1), read without copying: definite lengths, low tag numbers, nothing more.

/// Why bytes are no message that a directory may send. Shown after "the server sent ".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("something that is not LDAP")]
    NotLdap,
    #[error("an element that ends outside the one it is in")]
    Overrun,
    #[error("a length that LDAP does not allow")]
    Length,
    #[error("a message of {0} bytes, more than the {max} that are accepted", max = super::guard::MAX_MESSAGE)]
    TooLarge(u64),
    #[error("elements nested more than {} deep", super::guard::MAX_DEPTH)]
    TooDeep,
    #[error("a message of more than {} elements", super::guard::MAX_ELEMENTS)]
    TooMany,
    #[error("a value of {0} bytes, more than the {max} that are accepted", max = super::guard::MAX_VALUE)]
    LargeValue(usize),
    #[error("a message whose parts are not those of its kind")]
    Shape,
    #[error("text that is not UTF-8")]
    Text,
    #[error("an attribute whose name is none")]
    Name,
    #[error("one empty page after the other")]
    Endless,
}

/// Bit of the tag that says that the body is made of elements.
pub const CONSTRUCTED: u8 = 0x20;
pub const INTEGER: u8 = 0x02;
pub const OCTETS: u8 = 0x04;
pub const ENUMERATED: u8 = 0x0A;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// Splits the first element off: its tag, its body, and what follows.
#[inline]
pub fn split(bytes: &[u8]) -> Result<(u8, &[u8], &[u8]), Malformed> {
    let (&tag, rest) = bytes.split_first().ok_or(Malformed::Overrun)?;
    if tag & 0x1F == 0x1F {
        return Err(Malformed::NotLdap);
    }
    let (length, rest) = length(rest)?.ok_or(Malformed::Overrun)?;
    let length = usize::try_from(length).map_err(|_too_large| Malformed::Overrun)?;
    let (body, rest) = rest.split_at_checked(length).ok_or(Malformed::Overrun)?;
    Ok((tag, body, rest))
}

/// The same, when its tag must be `tag`.
#[inline]
pub fn expect(tag: u8, bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (found, body, rest) = split(bytes)?;
    if found == tag { Ok((body, rest)) } else { Err(Malformed::Shape) }
}

/// A length and what follows it; `None` when its bytes have not all come.
#[inline]
pub fn length(bytes: &[u8]) -> Result<Option<(u64, &[u8])>, Malformed> {
    let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
    if first < 0x80 {
        return Ok(Some((u64::from(first), rest)));
    }
    let count = usize::from(first & 0x7F);
    // 0x80 is the indefinite form, which LDAP forbids; Active Directory writes four bytes for any length.
    if count == 0 || count > 8 {
        return Err(Malformed::Length);
    }
    let Some((bytes, rest)) = rest.split_at_checked(count) else { return Ok(None) };
    Ok(Some((bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), rest)))
}

/// A small non-negative number (message ids, result codes, sizes).
pub fn number(body: &[u8]) -> Result<u32, Malformed> {
    match body {
        [first, ..] if body.len() <= 4 && *first < 0x80 => Ok(body.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte))),
        _ => Err(Malformed::Shape),
    }
}

/// UTF-8 text.
pub fn text(body: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(body).map_err(|_bytes| Malformed::Text)
}

/// Appends an element.
pub fn put(tag: u8, body: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    if let Ok(short @ 0..0x80) = u8::try_from(body.len()) {
        out.push(short);
    } else {
        // Leading zeros are allowed in BER. No server takes a length of more than four bytes, and nothing here is as long as they can say.
        out.push(0x84);
        out.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    }
    out.extend_from_slice(body);
}

/// One attribute of an entry: its description, and its values one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'b> {
    pub name: &'b [u8],
    values: &'b [u8],
}

impl<'b> Attribute<'b> {
    /// Its values, in the order they came.
    pub fn values(&self) -> impl Iterator<Item = &'b [u8]> + use<'b> {
        elements(self.values)
    }
}

/// An entry as it came (the body of a SearchResultEntry, RFC 4511 section 4.5.2), checked by the guard.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'b> {
    pub dn: &'b [u8],
    attributes: &'b [u8],
}

impl<'b> Entry<'b> {
    pub fn new(body: &'b [u8]) -> Result<Self, Malformed> {
        let (dn, rest) = expect(OCTETS, body)?;
        let (attributes, _) = expect(SEQUENCE, rest)?;
        Ok(Self { dn, attributes })
    }

    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'b>> + use<'b> {
        elements(self.attributes).filter_map(|body| {
            let (name, rest) = expect(OCTETS, body).ok()?;
            let (values, _) = expect(SET, rest).ok()?;
            Some(Attribute { name, values })
        })
    }
}

/// Bodies of the elements in `bytes`. The guard has seen that they are well formed.
pub fn elements(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (_, body, rest) = split(bytes).ok()?;
        bytes = rest;
        Some(body)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn lengths_of_every_form_and_no_other() {
        assert_eq!(split(&[4, 1, 7, 9]), Ok((4, &[7][..], &[9][..])));
        assert_eq!(split(&[4, 0x84, 0, 0, 0, 1, 7]), Ok((4, &[7][..], &[][..])));
        assert_eq!(split(&[4, 0x80, 1, 0, 0]), Err(Malformed::Length));
        assert_eq!(split(&[4, 0x89, 0]), Err(Malformed::Length));
        assert_eq!(split(&[4, 2, 7]), Err(Malformed::Overrun));
        assert_eq!(split(&[4, 0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), Err(Malformed::Overrun));
        assert_eq!(split(&[0x1F, 0x81, 0]), Err(Malformed::NotLdap));
        assert_eq!(length(&[0x82, 1]), Ok(None));
    }

    #[test]
    fn what_is_put_is_read_back() {
        for size in [0, 1, 127, 128, 70_000] {
            let mut out = vec![];
            put(OCTETS, &vec![7; size], &mut out);
            out.push(1);
            let (tag, body, rest) = split(&out).unwrap();
            assert_eq!((tag, body.len(), rest), (OCTETS, size, &[1][..]));
        }
    }

    #[test]
    fn numbers_are_small_and_not_negative() {
        assert_eq!(number(&[0x7F, 0xFF]), Ok(0x7FFF));
        assert_eq!(number(&[0x80]), Err(Malformed::Shape));
        assert_eq!(number(&[]), Err(Malformed::Shape));
        assert_eq!(number(&[0, 0, 0, 0, 1]), Err(Malformed::Shape));
    }
}

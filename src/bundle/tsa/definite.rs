//! Time-stamp tokens as authorities send them, brought into DER's lengths and order.
//!
//! RFC 3161 tokens should be DER; several authorities send BER (indefinite lengths, strings in pieces, sets in any order). What they
//! signed are the signed attributes and the content, whose octets stay as they are.

use crate::bundle::fault::{Fault, Phrase, phrase};

/// Nesting of a token with its certificates is about 20.
const DEEPEST: usize = 40;
const CONSTRUCTED: u8 = 0x20;
const OCTET_STRING: u8 = 0x04;
const SET: u8 = 0x31;
/// `certificates` and `crls` of SignedData: sets behind an implicit tag.
const IMPLICIT_SETS: [u8; 2] = [0xa0, 0xa1];
const SEQUENCE: u8 = 0x30;

/// The same value, with definite lengths, strings in one piece, and sets sorted.
pub fn definite(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let (value, rest) = element(bytes, DEEPEST)?;
    if rest.is_empty() { Ok(value) } else { Err(Fault::bare(&BROKEN)) }
}

/// One element, rewritten, and what follows it.
fn element(bytes: &[u8], depth: usize) -> Result<(Vec<u8>, &[u8]), Fault> {
    let broken = || Fault::bare(&BROKEN);
    let depth = depth.checked_sub(1).ok_or_else(broken)?;
    let (&tag, after_tag) = bytes.split_first().ok_or_else(broken)?;
    // No tag above 30 in anything that a token holds.
    if tag & 0x1f == 0x1f || tag == 0 {
        return Err(broken());
    }
    let (length, body) = length(after_tag)?;
    let (parts, rest) = match length {
        None if tag & CONSTRUCTED == 0 => return Err(broken()),
        None => until_end(body, depth)?,
        Some(length) => {
            let (content, rest) = body.split_at_checked(length).ok_or_else(broken)?;
            if tag & CONSTRUCTED == 0 {
                return Ok((write(tag, content), rest));
            }
            (all(content, depth)?, rest)
        }
    };
    Ok((join(tag, parts)?, rest))
}

/// `None`: the content ends with two zero bytes.
fn length(bytes: &[u8]) -> Result<(Option<usize>, &[u8]), Fault> {
    let broken = || Fault::bare(&BROKEN);
    let (&first, rest) = bytes.split_first().ok_or_else(broken)?;
    match first {
        0x80 => Ok((None, rest)),
        0..0x80 => Ok((Some(usize::from(first)), rest)),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f)).ok_or_else(broken)?;
            if digits.len() > 4 {
                return Err(broken());
            }
            Ok((Some(digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))), rest))
        }
    }
}

fn all(mut bytes: &[u8], depth: usize) -> Result<Vec<Vec<u8>>, Fault> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let (part, rest) = element(bytes, depth)?;
        parts.push(part);
        bytes = rest;
    }
    Ok(parts)
}

fn until_end(mut bytes: &[u8], depth: usize) -> Result<(Vec<Vec<u8>>, &[u8]), Fault> {
    let mut parts = Vec::new();
    loop {
        if let Some(rest) = bytes.strip_prefix(&[0, 0]) {
            return Ok((parts, rest));
        }
        let (part, rest) = element(bytes, depth)?;
        parts.push(part);
        bytes = rest;
    }
}

fn join(tag: u8, mut parts: Vec<Vec<u8>>) -> Result<Vec<u8>, Fault> {
    // An OCTET STRING in pieces.
    if tag == OCTET_STRING | CONSTRUCTED {
        let pieces: Option<Vec<&[u8]>> = parts.iter().map(|part| octets(part)).collect();
        return Ok(write(OCTET_STRING, &pieces.ok_or_else(|| Fault::bare(&BROKEN))?.concat()));
    }
    // `[0]` and `[1]` hold either one element or a set, all of whose members are sequences.
    let is_set =
        tag == SET || IMPLICIT_SETS.contains(&tag) && parts.len() > 1 && parts.iter().all(|p| p.first() == Some(&SEQUENCE));
    if is_set {
        parts.sort();
    }
    Ok(write(tag, &parts.concat()))
}

fn octets(part: &[u8]) -> Option<&[u8]> {
    let (tag, rest) = part.split_first()?;
    let (length, content) = length(rest).ok()?;
    (*tag == OCTET_STRING && length == Some(content.len())).then_some(content)
}

fn write(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let bytes = content.len().to_be_bytes();
    let digits: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            out.extend(digits);
        }
    }
    out.extend(content);
    out
}

static BROKEN: Phrase = phrase(
    "the time-stamp is not readable (ASN.1 cut short or malformed)",
    "l'horodatage est illisible (ASN.1 tronqué ou malformé)",
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn indefinite_lengths_and_strings_in_pieces_become_der() {
        // SEQUENCE (indefinite) { [0] (indefinite) { OCTET STRING in two pieces } }
        let ber = [0x30, 0x80, 0xa0, 0x80, 0x24, 0x80, 0x04, 0x01, 0xaa, 0x04, 0x02, 0xbb, 0xcc, 0, 0, 0, 0, 0, 0];
        assert_eq!(definite(&ber).unwrap(), [0x30, 0x07, 0xa0, 0x05, 0x04, 0x03, 0xaa, 0xbb, 0xcc]);
        // A length that needs no second byte, and a set out of order.
        assert_eq!(definite(&[0x31, 0x81, 0x06, 0x02, 0x01, 0x09, 0x02, 0x01, 0x03]).unwrap(), [0x31, 6, 2, 1, 3, 2, 1, 9]);
        let long = [vec![0x04, 0x82, 0x01, 0x00], vec![7; 256]].concat();
        assert_eq!(definite(&long).unwrap(), long);
    }

    #[test]
    fn what_is_cut_or_too_deep_is_refused() {
        for bytes in [&[][..], &[0x30], &[0x30, 0x80], &[0x30, 0x05, 0x02], &[0x04, 0x80, 0, 0], &[0x30, 0, 0], &[0x3f, 0x81, 1, 0]]
        {
            assert!(definite(bytes).is_err(), "{bytes:x?}");
        }
        assert!(definite(&[0x30, 0x80].repeat(1000)).is_err());
        assert!(definite(&[0x24, 0x03, 0x02, 0x01, 0x01]).is_err(), "only octets make up an OCTET STRING");
    }
}

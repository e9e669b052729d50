//! Distinguished names, made comparable (RFC 4514): case, spaces around `,` `=` `+`, escapes and the order inside a multi-valued
//! RDN do not tell two names apart.
//!
//! Nearly every name needs only lower case; the careful reading is kept for escapes, quotes, accents and odd spaces.

mod census;
#[cfg(test)]
mod tests;

use census::{Census, LATIN};

/// Not a distinguished name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DnError {
    #[error("is not UTF-8 text")]
    Encoding,
    #[error("has a part without `=`")]
    NoEquals,
    #[error("has a part that does not begin with an attribute type")]
    Type,
    #[error("ends in the middle of an escape or of a quoted part")]
    Unfinished,
}

/// Writes the comparable form of `dn` into `out` (cleared first).
pub fn normalise(dn: &[u8], out: &mut Vec<u8>) -> Result<(), DnError> {
    out.clear();
    let census = Census::of(dn);
    if !census.is_simple(dn) {
        return careful(std::str::from_utf8(dn).map_err(|_bytes| DnError::Encoding)?, out);
    }
    out.extend_from_slice(dn);
    out.make_ascii_lowercase();
    if census.of_kind(LATIN) > 0 {
        std::str::from_utf8(dn).map_err(|_bytes| DnError::Encoding)?;
        lower_latin(out);
    }
    Ok(())
}

/// Lower case of À to Þ, two bytes each in UTF-8; × is no letter.
fn lower_latin(name: &mut [u8]) {
    let mut lead = 0;
    for byte in name {
        if lead == 0xC3 && matches!(*byte, 0x80..=0x9E) && *byte != 0x97 {
            *byte += 0x20;
        }
        lead = *byte;
    }
}

/// One `type=value`. Spaces around a value count nowhere, escaped or not (RFC 4518 section 2.6.1).
#[derive(Default)]
struct Part {
    kind: String,
    value: String,
    in_value: bool,
    /// Length up to the last character that is not an insignificant space.
    solid: usize,
}

impl Part {
    fn push(&mut self, c: char) {
        if !self.in_value {
            self.kind.extend(c.to_lowercase());
            return;
        }
        if c == ' ' && (self.value.is_empty() || self.value.ends_with(' ')) {
            return;
        }
        if matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';') {
            self.value.push('\\');
        }
        self.value.extend(c.to_lowercase());
        if c != ' ' {
            self.solid = self.value.len();
        }
    }

    fn finish(mut self) -> Result<String, DnError> {
        let kind = self.kind.trim();
        if !self.in_value || kind.is_empty() {
            return Err(DnError::NoEquals);
        }
        if !kind.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')) {
            return Err(DnError::Type);
        }
        self.value.truncate(self.solid);
        Ok([kind, "=", &self.value].concat())
    }
}

fn careful(text: &str, out: &mut Vec<u8>) -> Result<(), DnError> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let mut rdn: Vec<String> = vec![];
    let mut part = Part::default();
    let mut quoted = false;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(&mut rest, &mut part)?,
            '"' if part.in_value => quoted = !quoted,
            _ if quoted => part.push(c),
            '=' if !part.in_value => part.in_value = true,
            '+' => rdn.push(std::mem::take(&mut part).finish()?),
            // RFC 2253 section 4: older writers part RDNs with `;`.
            ',' | ';' => {
                rdn.push(std::mem::take(&mut part).finish()?);
                write_rdn(&mut rdn, out);
                out.push(b',');
            }
            _ => part.push(c),
        }
    }
    if quoted {
        return Err(DnError::Unfinished);
    }
    rdn.push(part.finish()?);
    write_rdn(&mut rdn, out);
    Ok(())
}

/// `\,` stands for a comma, `\C3\A9` for the bytes of one UTF-8 character.
fn escape(rest: &mut std::str::Chars<'_>, part: &mut Part) -> Result<(), DnError> {
    let mut bytes = vec![];
    loop {
        let mut ahead = rest.clone();
        let pair = (ahead.next().and_then(|c| c.to_digit(16)), ahead.next().and_then(|c| c.to_digit(16)));
        let (Some(high), Some(low)) = pair else {
            if bytes.is_empty() {
                part.push(rest.next().ok_or(DnError::Unfinished)?);
                return Ok(());
            }
            break;
        };
        *rest = ahead.clone();
        // Two hexadecimal digits never pass 255.
        bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
        if ahead.next() != Some('\\')
            || !ahead.next().is_some_and(|c| c.is_ascii_hexdigit())
            || !ahead.next().is_some_and(|c| c.is_ascii_hexdigit())
        {
            break;
        }
        rest.next();
    }
    let text = String::from_utf8(bytes).map_err(|_bytes| DnError::Encoding)?;
    text.chars().for_each(|c| part.push(c));
    Ok(())
}

fn write_rdn(rdn: &mut Vec<String>, out: &mut Vec<u8>) {
    rdn.sort_unstable();
    for (i, part) in rdn.drain(..).enumerate() {
        if i > 0 {
            out.push(b'+');
        }
        out.extend_from_slice(part.as_bytes());
    }
}

/// Whether a normalised name is `base` or lies below it.
#[must_use]
pub fn is_below(name: &[u8], base: &[u8]) -> bool {
    name.strip_suffix(base).is_some_and(|head| base.is_empty() || head.is_empty() || head.ends_with(b","))
}

/// The first RDN's value and the parent's name, as written: escapes are undone in the value only where they hide a special character.
#[must_use]
pub fn split(dn: &str) -> (String, &str) {
    let mut end = dn.len();
    let mut skip = false;
    let mut quoted = false;
    for (at, c) in dn.char_indices() {
        match c {
            _ if skip => skip = false,
            '\\' => skip = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    let (first, parent) = dn.split_at_checked(end).unwrap_or((dn, ""));
    let value = first.split_once('=').map_or(first, |(_, value)| value).trim();
    let mut plain = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        let escaped = c == '\\' && !rest.as_str().starts_with(|c: char| c.is_ascii_hexdigit());
        plain.push(if escaped { rest.next().unwrap_or('\\') } else { c });
    }
    (plain, parent.trim_start_matches(',').trim_start())
}

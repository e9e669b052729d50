//! Distinguished names, made comparable (RFC 4514): case, spaces around `,` `=` `+`, escapes and the order inside a multi-valued
//! RDN do not tell two names apart.
//!
//! Nearly every name needs only lower case; the careful reading is kept for escapes, quotes, accents and odd spaces.

/// Not a distinguished name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DnError {
    #[error("is not UTF-8 text")]
    Encoding,
    #[error("has a part without `=`")]
    NoEquals,
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

/// Longer names are read with care, so that no count overflows its ten bits.
const LONGEST_SIMPLE: usize = 1000;
const COMMA: u32 = 0;
const EQUALS: u32 = 10;
const SPACE: u32 = 20;
/// Escapes, quotes, multi-valued RDNs, and letters beyond Latin-1.
const CAREFUL: u32 = 30;
/// Bytes of U+0080 to U+00FF.
const LATIN: u32 = 40;

/// What each byte adds to the census.
static WEIGHTS: [u64; 256] = {
    let mut weights = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        weights[byte] = match byte as u8 {
            b',' => 1 << COMMA,
            b'=' => 1 << EQUALS,
            b' ' => 1 << SPACE,
            b'\\' | b'"' | b'+' | b';' | b'<' | b'#' | 0xC4.. => 1 << CAREFUL,
            0x80.. => 1 << LATIN,
            _ => 0,
        };
        byte += 1;
    }
    weights
};

/// How many bytes of each kind a name holds, counted in one pass: a directory asks this of every member of every group.
#[derive(Clone, Copy)]
struct Census(u64);

impl Census {
    fn of(dn: &[u8]) -> Self {
        if dn.len() > LONGEST_SIMPLE {
            return Self(1 << CAREFUL);
        }
        Self(dn.iter().map(|byte| WEIGHTS.get(usize::from(*byte)).copied().unwrap_or_default()).sum())
    }

    const fn of_kind(self, kind: u32) -> u64 {
        self.0 >> kind & 1023
    }

    /// One `=` for each part, nothing special, no space that does not count.
    fn is_simple(self, dn: &[u8]) -> bool {
        if self.of_kind(CAREFUL) > 0 || self.of_kind(EQUALS) != self.of_kind(COMMA) + 1 || dn.first() == Some(&b'=') {
            return false;
        }
        let counts = |byte: Option<&u8>| byte.is_some_and(|byte| !matches!(byte, b' ' | b',' | b'='));
        let stands = |place: usize| counts(place.checked_sub(1).and_then(|before| dn.get(before))) && counts(dn.get(place + 1));
        self.of_kind(SPACE) == 0 || memchr::memchr_iter(b' ', dn).all(stands)
    }
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

/// One `type=value`, with whether its last character was written escaped (then a space at the end counts).
#[derive(Default)]
struct Part {
    kind: String,
    value: String,
    in_value: bool,
    /// Length up to the last character that is not an insignificant space.
    solid: usize,
}

impl Part {
    fn push(&mut self, c: char, literal: bool) {
        if !self.in_value {
            self.kind.extend(c.to_lowercase());
            return;
        }
        if c == ' ' && !literal && (self.value.is_empty() || self.value.ends_with(' ')) {
            return;
        }
        if matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';') {
            self.value.push('\\');
        }
        self.value.extend(c.to_lowercase());
        if c != ' ' || literal {
            self.solid = self.value.len();
        }
    }

    fn finish(mut self) -> Result<String, DnError> {
        let kind = self.kind.trim();
        if !self.in_value || kind.is_empty() {
            return Err(DnError::NoEquals);
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
            _ if quoted => part.push(c, true),
            '=' if !part.in_value => part.in_value = true,
            '+' => rdn.push(std::mem::take(&mut part).finish()?),
            // RFC 2253 section 4: older writers part RDNs with `;`.
            ',' | ';' => {
                rdn.push(std::mem::take(&mut part).finish()?);
                write_rdn(&mut rdn, out);
                out.push(b',');
            }
            _ => part.push(c, false),
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
                part.push(rest.next().ok_or(DnError::Unfinished)?, true);
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
    text.chars().for_each(|c| part.push(c, true));
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn norm(dn: &str) -> Result<String, DnError> {
        let mut out = vec![];
        normalise(dn.as_bytes(), &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn names_that_mean_the_same_read_the_same() {
        for (a, b) in [
            ("CN=Jo,DC=X", "cn=jo,dc=x"),
            ("cn = Jo , dc = x", "cn=jo,dc=x"),
            ("cn=Jo  Doe,dc=x", "cn=jo doe,dc=x"),
            ("cn=Éric,dc=x", "CN=éric,DC=x"),
            (r"cn=\C3\89ric,dc=x", "cn=éric,dc=x"),
            (r"cn=Doe\, Jo,dc=x", r"cn=Doe\2C Jo,dc=x"),
            (r#"cn="Doe, Jo",dc=x"#, r"cn=doe\, jo,dc=x"),
            ("cn=Amy Wong+sn=Kroker,dc=x", "SN=kroker + CN=amy wong, dc=x"),
            ("cn=a;dc=x", "cn=a,dc=x"),
            ("cn=a=b,dc=x", "CN=A=B,dc=x"),
        ] {
            assert_eq!(norm(a).unwrap(), norm(b).unwrap(), "{a} and {b}");
        }
        assert_ne!(norm(r"cn=a\ ,dc=x").unwrap(), norm("cn=a ,dc=x").unwrap(), "an escaped space counts");
        assert_eq!(norm("").unwrap(), "");
    }

    #[test]
    fn the_quick_reading_agrees_with_the_careful_one() {
        for dn in ["cn=Jo Doe,ou=People,dc=x", "uid=x", "cn=a (b),dc=c", "CN=ÀÉÞßÿ×÷ µ,dc=X"] {
            assert!(Census::of(dn.as_bytes()).is_simple(dn.as_bytes()), "{dn}");
            let mut out = vec![];
            careful(dn, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), norm(dn).unwrap());
        }
        for odd in [
            "cn=a ,dc=x",
            "cn= a,dc=x",
            " cn=a",
            "cn=a ",
            "cn =a",
            "x",
            "cn=a,",
            ",cn=a",
            "cn=a,b",
            "=a",
            "cn=a=b",
            "cn=a  b",
            "cn=Œ",
        ] {
            assert!(!Census::of(odd.as_bytes()).is_simple(odd.as_bytes()), "{odd:?}");
        }
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        for bad in ["jo", "cn=a,b", "cn=a,", "=a", ",cn=a"] {
            assert_eq!(norm(bad), Err(DnError::NoEquals), "{bad}");
        }
        assert_eq!(norm(r"cn=a\"), Err(DnError::Unfinished));
        assert_eq!(norm("cn=\"a"), Err(DnError::Unfinished));
        assert_eq!(norm(r"cn=\FF"), Err(DnError::Encoding));
        let mut out = vec![];
        assert_eq!(normalise(b"cn=\xff", &mut out), Err(DnError::Encoding));
    }

    #[test]
    fn a_name_splits_into_its_own_part_and_its_parent() {
        assert_eq!(split("CN=Jo,OU=A,DC=x"), ("Jo".into(), "OU=A,DC=x"));
        assert_eq!(split(r"CN=Doe\, Jo, DC=x"), ("Doe, Jo".into(), "DC=x"));
        assert_eq!(split("dc=x"), ("x".into(), ""));
        assert!(is_below(b"cn=a,dc=x", b"dc=x") && is_below(b"dc=x", b"dc=x") && !is_below(b"cn=a,xdc=x", b"dc=x"));
    }
}

//! Attributes that Active Directory gives in parts (`member;range=0-1499`, MS-ADTS 3.1.1.3.1.3.3), read to the end.

use ldap3::Scope;

use super::ber::{self, Entry, OCTETS, SEQUENCE, SET};
use super::fault::Fault;
use super::session::{Ask, End, Found, Session};

/// A part of an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part<'n> {
    name: &'n [u8],
    low: u64,
    /// `None`: to the end.
    high: Option<u64>,
}

fn part(description: &[u8]) -> Option<Part<'_>> {
    let at = memchr::memchr(b';', description)?;
    let (name, option) = description.split_at_checked(at)?;
    let text = std::str::from_utf8(option.get(1..)?).ok()?;
    let (low, high) =
        text.get(..6).filter(|head| head.eq_ignore_ascii_case("range=")).and_then(|_| text.get(6..)?.split_once('-'))?;
    let high = match high {
        "*" => None,
        number => Some(number.parse().ok()?),
    };
    Some(Part { name, low: low.parse().ok()?, high })
}

/// Whether some attribute of the entry came in parts.
#[must_use]
pub fn is_cut(entry: &Entry<'_>) -> bool {
    entry.attributes().any(|attribute| memchr::memchr(b';', attribute.name).is_some() && part(attribute.name).is_some())
}

/// An attribute being put together.
#[derive(Debug)]
struct Whole {
    name: Vec<u8>,
    /// Its values, as elements.
    values: Vec<u8>,
    /// Where to go on; `None` when all is there.
    next: Option<u64>,
}

impl Whole {
    /// The description under which it is kept: one that could not be read to its end says so.
    fn description(&self) -> Vec<u8> {
        match self.next {
            Some(next) => [&self.name[..], format!(";range=0-{}", next.saturating_sub(1)).as_bytes()].concat(),
            None => self.name.clone(),
        }
    }
}

/// What became of an entry that was read again.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// Its body; and the attributes whose end could not be read.
    Entry(Vec<u8>, Vec<String>),
    /// It is no longer there.
    Gone,
}

/// Reads an entry again, each of its attributes to the end. One search a part.
pub async fn read(session: &mut Session, dn: &str, attributes: &[String]) -> Result<Read, Fault> {
    let mut all: Vec<Whole> = vec![];
    let mut name = vec![];
    let ask = Ask { base: dn, scope: Scope::Base, filter: "(objectClass=*)", attributes, size: 0 };
    let end = session
        .search(ask, &mut |found| {
            if let Found::Entry(body) = found {
                let entry = Entry::new(body)?;
                name = entry.dn.to_vec();
                begin(&entry, &mut all);
            }
            Ok::<(), Fault>(())
        })
        .await?;
    if matches!(end, End::Refused(_)) || name.is_empty() {
        return Ok(Read::Gone);
    }
    for whole in &mut all {
        while let Some(next) = whole.next {
            if !more(session, dn, whole, next).await? {
                break;
            }
        }
    }
    let cut =
        all.iter().filter(|whole| whole.next.is_some()).map(|whole| String::from_utf8_lossy(&whole.name).into_owned()).collect();
    Ok(Read::Entry(body(&name, &all), cut))
}

fn begin(entry: &Entry<'_>, all: &mut Vec<Whole>) {
    for attribute in entry.attributes() {
        let found = part(attribute.name);
        let name = found.map_or(attribute.name, |part| part.name);
        // Beside the part comes the same attribute, empty.
        let at = all.iter().position(|whole| whole.name.eq_ignore_ascii_case(name)).unwrap_or_else(|| {
            all.push(Whole { name: name.to_vec(), values: vec![], next: None });
            all.len() - 1
        });
        let Some(whole) = all.get_mut(at) else { continue };
        attribute.values().for_each(|value| ber::put(OCTETS, value, &mut whole.values));
        if let Some(Part { high: Some(high), .. }) = found {
            whole.next = Some(high.saturating_add(1));
        }
    }
}

/// Reads the next part. `false`: the server gave none that follows.
async fn more(session: &mut Session, dn: &str, whole: &mut Whole, next: u64) -> Result<bool, Fault> {
    let wanted = [format!("{};range={next}-*", String::from_utf8_lossy(&whole.name))];
    let ask = Ask { base: dn, scope: Scope::Base, filter: "(objectClass=*)", attributes: &wanted, size: 0 };
    let mut followed = false;
    let end = session
        .search(ask, &mut |found| {
            let Found::Entry(body) = found else { return Ok(()) };
            for attribute in Entry::new(body)?.attributes() {
                let Some(part) =
                    part(attribute.name).filter(|part| part.low == next && part.name.eq_ignore_ascii_case(&whole.name))
                else {
                    continue;
                };
                attribute.values().for_each(|value| ber::put(OCTETS, value, &mut whole.values));
                followed = true;
                whole.next = part.high.map(|high| high.saturating_add(1));
                // A part that ends before it begins would be asked for again for ever.
                if whole.next.is_some_and(|then| then <= next) {
                    whole.next = Some(next);
                    followed = false;
                }
            }
            Ok::<(), Fault>(())
        })
        .await?;
    Ok(followed && matches!(end, End::Whole { .. }))
}

fn body(dn: &[u8], all: &[Whole]) -> Vec<u8> {
    let mut attributes = vec![];
    for whole in all {
        let mut pair = vec![];
        ber::put(OCTETS, &whole.description(), &mut pair);
        ber::put(SET, &whole.values, &mut pair);
        ber::put(SEQUENCE, &pair, &mut attributes);
    }
    let mut body = vec![];
    ber::put(OCTETS, dn, &mut body);
    ber::put(SEQUENCE, &attributes, &mut body);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_from_other_options() {
        assert_eq!(part(b"member;range=0-1499"), Some(Part { name: b"member", low: 0, high: Some(1499) }));
        assert_eq!(part(b"member;Range=1500-*"), Some(Part { name: b"member", low: 1500, high: None }));
        assert_eq!(part(b"cn;lang-en"), None);
        assert_eq!(part(b"member;range=x-*"), None);
        assert_eq!(part(b"member"), None);
    }
}

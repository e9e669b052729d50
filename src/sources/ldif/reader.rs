//! Records of an LDIF text, handed to a [`Visit`] one by one.
//!
//! The reader knows RFC 2849 and the habits of the tools that write it, and nothing of directories. A record that cannot be read is
//! refused with its line and the reading goes on with the next; what makes the whole file unusable ends it.

use std::io::{Read, Write};

use super::lines::Lines;
use super::refusal::{self, ReadError};
use super::scan::unfold;
use super::trailer::{self, Trailer};
use super::values::{self, Form, Urls};
use crate::sources::directory::{Attr, Attributes, Named, Place, Visit};

/// Where the reading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Between records.
    Between,
    /// In an entry that began on this line.
    Entry { line: u64 },
    /// In the rest of a record that was refused.
    Refused,
    /// In a record of ldapsearch's own.
    Trailer,
}

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct Manner<'f> {
    pub urls: Urls,
    /// Name for rejects, when there are several files.
    pub file: Option<&'f str>,
}

/// One reading of one text.
pub struct Reader<'c, 'f, R> {
    lines: Lines<'c, R>,
    manner: Manner<'f>,
    names: Attributes,
    at: At,
    records: u64,
    /// The line before held a secret: a line that belongs to none may be the rest of it.
    after_secret: bool,
    dn: Vec<u8>,
    joined: Vec<u8>,
    decoded: Vec<u8>,
    trailer: Trailer,
}

/// One attribute line, its name resolved.
#[derive(Clone, Copy)]
struct Pair {
    named: Named,
    /// `joined` holds the line.
    joined: bool,
}

impl<'c, 'f, R: Read> Reader<'c, 'f, R> {
    pub fn new(input: R, capture: Option<&'c mut dyn Write>, manner: Manner<'f>) -> Self {
        Self {
            lines: Lines::new(input, capture),
            manner,
            names: Attributes::default(),
            at: At::Between,
            records: 0,
            after_secret: false,
            dn: vec![],
            joined: vec![],
            decoded: vec![],
            trailer: Trailer::default(),
        }
    }

    /// Reads everything.
    pub fn run(mut self, visit: &mut impl Visit) -> Result<Trailer, ReadError> {
        while self.lines.advance()? {
            match self.lines.bytes().first() {
                None => self.close(visit)?,
                Some(b'#') => self.comment()?,
                Some(_) => self.line(visit)?,
            }
        }
        // RFC 2849 ends every line; a record that stops short of a line's end was cut, whatever the piece says.
        let last = self.lines.line();
        if last.last && !last.terminated && matches!(self.at, At::Entry { .. } | At::Refused) {
            self.trailer.cut_at = Some(last.number);
        }
        self.close(visit)?;
        self.lines.flush()?;
        Ok(self.trailer)
    }

    /// A record ends.
    fn close(&mut self, visit: &mut impl Visit) -> Result<(), ReadError> {
        if let At::Entry { line } = self.at {
            visit.end(Place { file: self.manner.file, line: Some(line) })?;
        }
        self.at = At::Between;
        self.after_secret = false;
        Ok(())
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called in one place, for every line")]
    fn line(&mut self, visit: &mut impl Visit) -> Result<(), ReadError> {
        let Some(pair) = self.pair() else {
            return self.without_colon(visit);
        };
        let named = pair.named;
        // Most lines are values of an entry that nobody wants.
        if let At::Entry { .. } = self.at
            && named.is_plain()
        {
            self.after_secret = false;
            return if visit.wants(named) { self.value(pair, visit) } else { Ok(()) };
        }
        self.special(pair, visit)
    }

    /// Lines that are more than a value: names, secrets, records of another kind, damage.
    fn special(&mut self, pair: Pair, visit: &mut impl Visit) -> Result<(), ReadError> {
        let named = pair.named;
        self.after_secret = named.attr == Attr::Secret;
        if self.after_secret {
            self.redact(pair)?;
        }
        if !named.valid && self.at != At::Refused {
            return self.bad("this is no attribute description", visit);
        }
        match (self.at, named.attr) {
            // Even without a blank line before it: some tools leave it out.
            (_, Attr::Dn) => self.begin(pair, visit),
            (At::Entry { .. }, Attr::ChangeType) => self.change(pair),
            (At::Between, _) => self.headless(pair, visit),
            (At::Trailer, _) => {
                self.trailer_line(pair);
                Ok(())
            }
            (At::Entry { .. } | At::Refused, _) => Ok(()),
        }
    }

    /// Finds the name. Folds inside it are rare, so the line is joined only when it must be.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called in one place, for every line")]
    fn pair(&mut self) -> Option<Pair> {
        let bytes = self.lines.bytes();
        let (named, length) = self.names.resolve_line(bytes)?;
        if self.lines.line().folded && memchr::memchr(b'\n', bytes.get(..length)?).is_some() {
            unfold(bytes, &mut self.joined);
            let (name, _) = values::split(&self.joined)?;
            return Some(Pair { named: self.names.resolve(name), joined: true });
        }
        Some(Pair { named, joined: false })
    }

    /// Decodes the value of a line and gives it to `then`.
    #[inline]
    fn with_value<T>(&mut self, pair: Pair, then: impl FnOnce(&[u8]) -> T) -> Result<T, String> {
        let Self { lines, joined, decoded, manner, .. } = self;
        let bytes = lines.bytes();
        let whole: &[u8] = if lines.line().folded {
            if !pair.joined {
                unfold(bytes, joined);
            }
            joined
        } else {
            bytes
        };
        let (_, form) = values::split(whole).unwrap_or((whole, Form::Plain(b"")));
        values::decode(form, &manner.urls, decoded).map(then)
    }

    fn begin(&mut self, pair: Pair, visit: &mut impl Visit) -> Result<(), ReadError> {
        self.close(visit)?;
        self.records += 1;
        let mut dn = std::mem::take(&mut self.dn);
        let read = self.with_value(pair, |value| {
            dn.clear();
            dn.extend_from_slice(value);
        });
        self.dn = dn;
        self.at = At::Entry { line: self.lines.line().number };
        if let Err(reason) = read {
            self.dn.clear();
            return self.bad(&format!("dn: {reason}"), visit);
        }
        match visit.begin(&self.dn) {
            Ok(()) => Ok(()),
            Err(error) => self.bad(&format!("dn: the name {error}"), visit),
        }
    }

    fn value(&mut self, pair: Pair, visit: &mut impl Visit) -> Result<(), ReadError> {
        match self.with_value(pair, |value| visit.value(pair.named.attr, value)) {
            Ok(()) => Ok(()),
            Err(reason) => self.bad(&format!("{}: {reason}", pair.named.attr.name()), visit),
        }
    }

    /// `changetype: add` carries a whole entry, and is what `ldifde` writes; the others say what to change in a directory that is not here.
    fn change(&mut self, pair: Pair) -> Result<(), ReadError> {
        let kind = self.with_value(pair, |value| String::from_utf8_lossy(value).trim().to_lowercase()).unwrap_or_default();
        if kind == "add" {
            self.trailer.adds += 1;
            return Ok(());
        }
        Err(refusal::change_record(self.lines.line().number, &kind))
    }

    /// A record that does not begin with a name: the version, ldapsearch's own lines, or damage.
    fn headless(&mut self, pair: Pair, visit: &mut impl Visit) -> Result<(), ReadError> {
        let name = self.name(pair);
        if name == "version" {
            let version = self.with_value(pair, |value| String::from_utf8_lossy(value).trim().to_owned()).unwrap_or_default();
            if version == "1" {
                return Ok(());
            }
            return Err(refusal::version(self.lines.line().number, &version));
        }
        if trailer::RECORDS.contains(&name.as_str()) {
            self.at = At::Trailer;
            self.trailer_line(pair);
            return Ok(());
        }
        self.bad("a record that does not begin with `dn:`", visit)
    }

    fn trailer_line(&mut self, pair: Pair) {
        let name = self.name(pair);
        // What cannot be decoded here changes nothing of what is told.
        let value = self.with_value(pair, |value| String::from_utf8_lossy(value).trim().to_owned()).unwrap_or_default();
        self.trailer.line(&name, &value, self.lines.line().number);
    }

    fn name(&self, pair: Pair) -> String {
        let bytes = if pair.joined { self.joined.as_slice() } else { self.lines.bytes() };
        let name = values::split(bytes).map_or(bytes, |(name, _)| name);
        String::from_utf8_lossy(name).trim().to_ascii_lowercase()
    }

    fn redact(&mut self, pair: Pair) -> Result<(), ReadError> {
        let bytes = if pair.joined { self.joined.as_slice() } else { self.lines.bytes() };
        let name = values::split(bytes).map_or(&b"secret"[..], |(name, _)| name);
        let kept = [name, b": [redacted]\n"].concat();
        Ok(self.lines.redact(&kept)?)
    }

    fn without_colon(&mut self, visit: &mut impl Visit) -> Result<(), ReadError> {
        if self.after_secret {
            // Without a colon again: the capture must read as the export did.
            self.lines.redact(b"[redacted]\n")?;
        }
        match self.at {
            At::Refused | At::Trailer => Ok(()),
            At::Between | At::Entry { .. } => self.bad("a line without a colon", visit),
        }
    }

    /// A line that makes its record unreadable.
    #[cold]
    fn bad(&mut self, reason: &str, visit: &mut impl Visit) -> Result<(), ReadError> {
        let line = self.lines.line();
        let in_entry = matches!(self.at, At::Entry { .. });
        if !in_entry && self.records == 0 {
            return Err(refusal::not_ldif(line.number, reason, self.lines.bytes()));
        }
        if !in_entry {
            self.records += 1;
            self.dn.clear();
        }
        self.at = At::Refused;
        let place = Place { file: self.manner.file, line: Some(line.number) };
        // The name tells which entry it was; the line itself may be a piece of a secret.
        visit.refuse(&format!("{place}{reason}"), &String::from_utf8_lossy(&self.dn))?;
        Ok(())
    }

    /// Comments are kept, but for commented-out secrets.
    fn comment(&mut self) -> Result<(), ReadError> {
        let bytes = self.lines.bytes();
        unfold(bytes, &mut self.joined);
        let text = self.joined.get(1..).unwrap_or_default().trim_ascii();
        if let Some((name, _)) = values::split(text)
            && !name.contains(&b' ')
            && self.names.resolve(name).attr == Attr::Secret
        {
            let kept = [b"# ", name, b": [redacted]\n"].concat();
            return Ok(self.lines.redact(&kept)?);
        }
        if self.at == At::Between {
            self.trailer.comment(&String::from_utf8_lossy(text));
        }
        Ok(())
    }
}

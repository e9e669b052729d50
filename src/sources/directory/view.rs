//! Typed reading of an entry's values. A value that cannot be read never loses the account: its name goes on a list.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use super::attrs::Attr;
use super::entry::Entry;
use super::ids;
use super::times::{self, Unreadable};
use crate::snapshot::value::Micros;

/// An entry, and what could not be read of it.
#[derive(Debug)]
pub struct View<'e> {
    pub entry: &'e Entry,
    zone: &'e TimeZone,
    /// Attributes with a value that could not be read, in the order they were tried.
    pub unreadable: Vec<&'static str>,
}

impl<'e> View<'e> {
    #[must_use]
    pub fn new(entry: &'e Entry, zone: &'e TimeZone) -> Self {
        Self { entry, zone, unreadable: vec![] }
    }

    fn bad(&mut self, attr: Attr) {
        if !self.unreadable.contains(&attr.name()) {
            self.unreadable.push(attr.name());
        }
    }

    /// First value that is text and not blank.
    pub fn text(&mut self, attr: Attr) -> Option<&'e str> {
        let raw = self.entry.first(attr)?;
        let Ok(text) = std::str::from_utf8(raw) else {
            self.bad(attr);
            return None;
        };
        Some(trim(text)).filter(|text| !text.is_empty())
    }

    /// All values that are text and not blank.
    pub fn texts(&mut self, attr: Attr) -> Vec<&'e str> {
        let mut all = vec![];
        for raw in self.entry.all(attr) {
            match std::str::from_utf8(raw).map(trim) {
                Ok("") => {}
                Ok(text) => all.push(text),
                Err(_) => self.bad(attr),
            }
        }
        all
    }

    /// A value read by `parse`; `Err` puts the attribute on the list.
    fn read<T>(&mut self, attr: Attr, parse: impl FnOnce(&str) -> Result<Option<T>, Unreadable>) -> Option<T> {
        let text = self.text(attr)?;
        parse(text).unwrap_or_else(|Unreadable| {
            self.bad(attr);
            None
        })
    }

    /// generalizedTime.
    pub fn time(&mut self, attr: Attr) -> Option<Micros> {
        let raw = self.entry.first(attr)?.trim_ascii();
        let time = times::generalized(raw, self.zone);
        if time.is_none() && !raw.is_empty() {
            self.bad(attr);
        }
        time
    }

    pub fn filetime(&mut self, attr: Attr) -> Option<Micros> {
        self.read(attr, times::filetime)
    }

    pub fn shadow_days(&mut self, attr: Attr) -> Option<Micros> {
        self.read(attr, times::shadow_days)
    }

    pub fn number(&mut self, attr: Attr) -> Option<i64> {
        self.read(attr, |text| text.parse().map(Some).map_err(|_not| Unreadable))
    }

    /// `TRUE` or `FALSE` (RFC 4517 section 3.3.3), in any case; 389-DS also writes `on` and `off`.
    pub fn boolean(&mut self, attr: Attr) -> Option<bool> {
        self.read(attr, |text| match text {
            _ if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("on") => Ok(Some(true)),
            _ if text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("off") => Ok(Some(false)),
            _ => Err(Unreadable),
        })
    }

    /// A SID, as text.
    pub fn sid(&mut self, attr: Attr) -> Option<String> {
        let sid = ids::sid(self.entry.first(attr)?);
        if sid.is_none() {
            self.bad(attr);
        }
        sid
    }
}

/// Without white space around; nearly always there is none.
fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// Text of bytes that should be UTF-8; quick when they are.
#[must_use]
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

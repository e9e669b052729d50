//! Pages of a search, read one issue at a time, and whether they are all there.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Longest issue, and longest stretch of anything else, in bytes.
pub(super) const MAX_RECORD: u64 = 16 * 1024 * 1024;

/// What a page says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) start_at: Option<u64>,
    pub(super) total: Option<u64>,
    pub(super) is_last: Option<bool>,
    /// It names a page after it.
    pub(super) token: bool,
    /// Issues on it, readable or not.
    pub(super) issues: u64,
    /// It has a list of issues, be it empty.
    pub(super) has_issues: bool,
    /// What Jira says instead of issues.
    pub(super) errors: Vec<String>,
    /// It broke off inside an issue.
    pub(super) broken: bool,
}

/// Takes issues as they are read. `false` stops the reading.
pub(super) type Each<'a> = &'a mut dyn FnMut(&Value) -> bool;

/// A reader that refuses to go on when nothing has been understood for too long, however long the file is.
pub(super) struct Budget<'c, R> {
    input: R,
    left: &'c Cell<u64>,
}

impl<'c, R> Budget<'c, R> {
    pub(super) fn new(input: R, left: &'c Cell<u64>) -> Self {
        left.set(MAX_RECORD);
        Self { input, left }
    }
}

impl<R: Read> Read for Budget<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "an issue is longer than 16 MiB"));
        }
        let count = self.input.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(count as u64));
        Ok(count)
    }
}

/// Reads the next page of a file; `None` at its end. What was understood before an error is in `page`.
pub(super) fn next(
    input: &mut dyn BufRead,
    left: &Cell<u64>,
    page: &mut Page,
    each: Each<'_>,
) -> Option<Result<(), serde_json::Error>> {
    loop {
        match input.fill_buf() {
            Err(error) => return Some(Err(serde_json::Error::io(error))),
            Ok([]) => return None,
            Ok(buffer) => {
                let blank = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                let all = blank == buffer.len();
                input.consume(blank);
                if !all {
                    break;
                }
            }
        }
    }
    let mut json = serde_json::Deserializer::from_reader(input);
    Some(PageSeed { page, each, left }.deserialize(&mut json))
}

struct PageSeed<'a, 'e> {
    page: &'a mut Page,
    each: Each<'e>,
    left: &'a Cell<u64>,
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of a Jira search or a list of issues")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "issues" => map.next_value_seed(IssuesSeed(&mut self))?,
                "startAt" => self.page.start_at = map.next_value::<Value>()?.as_u64(),
                "total" => self.page.total = map.next_value::<Value>()?.as_u64(),
                "isLast" => self.page.is_last = map.next_value::<Value>()?.as_bool(),
                "nextPageToken" => self.page.token = map.next_value::<Value>()?.is_string(),
                "errorMessages" => {
                    let said = map.next_value::<Value>()?;
                    self.page.errors.extend(said.as_array().into_iter().flatten().filter_map(Value::as_str).map(String::from));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, seq: A) -> Result<(), A::Error> {
        IssuesSeed(&mut self).visit_seq(seq)
    }
}

struct IssuesSeed<'p, 'a, 'e>(&'p mut PageSeed<'a, 'e>);

impl<'de> DeserializeSeed<'de> for IssuesSeed<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for IssuesSeed<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of issues")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let page = self.0;
        page.page.has_issues = true;
        loop {
            page.left.set(MAX_RECORD);
            page.page.broken = true;
            let Some(issue) = seq.next_element::<Value>()? else { break };
            page.page.broken = false;
            page.page.issues += 1;
            if !(page.each)(&issue) {
                return Err(A::Error::custom("stopped"));
            }
        }
        page.page.broken = false;
        Ok(())
    }
}

/// What all pages say together: the number of issues that Jira announced, and what is missing.
pub(super) fn tie(pages: &[Page]) -> (Option<u64>, Option<String>) {
    let (counted, rest): (Vec<&Page>, Vec<&Page>) = pages.iter().partition(|page| page.total.is_some());
    let open = rest.iter().any(|page| page.token || page.is_last == Some(false));
    if open && !rest.iter().any(|page| page.is_last == Some(true) || (page.is_last.is_none() && !page.token)) {
        return (None, Some("no page says isLast: follow nextPageToken to the end and save those pages too".into()));
    }
    if counted.is_empty() {
        return (None, None);
    }
    let begins = counted.iter().filter(|page| page.start_at.unwrap_or(0) == 0).count();
    let mut searches: Vec<Vec<&Page>> = Vec::new();
    for page in counted {
        match searches.last_mut() {
            // Several pages that begin at 0 are several searches, each followed by its pages.
            Some(search) if begins < 2 || page.start_at.unwrap_or(0) != 0 => search.push(page),
            _ => searches.push(vec![page]),
        }
    }
    let (mut announced, mut missing) = (0u64, Vec::new());
    for mut search in searches {
        search.sort_by_key(|page| page.start_at.unwrap_or(0));
        let total = search.iter().filter_map(|page| page.total).max().unwrap_or(0);
        announced = announced.saturating_add(total);
        let mut covered = 0u64;
        for page in search {
            let start = page.start_at.unwrap_or(0);
            if start > covered {
                missing.push((covered, start, total));
            }
            covered = covered.max(start.saturating_add(page.issues));
        }
        if covered < total {
            missing.push((covered, total, total));
        }
    }
    let said = missing
        .iter()
        .take(5)
        .map(|(from, to, total)| format!("issues {} to {to} of {total} are missing (startAt={from})", from.saturating_add(1)));
    let said = said.collect::<Vec<_>>().join("; ");
    (Some(announced), (!said.is_empty()).then_some(said))
}

//! The first reading, with the raw capture, while entries still come: the server and the network leave a processor idle.
//!
//! It is made on trust. When the server has to be asked again and some of what came is forgotten, this reading is forgotten with it,
//! and made from what was kept when all of it is there. So nothing of it may reach the tables before: the entitlements it finds wait
//! here.

use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::ber::Entry;
use super::capture::Capture;
use super::config::LdapConfig;
use super::decode::{Stop, captured, visit};
use super::spool::{Begun, Comings, bodies};
use crate::snapshot::schema::{Record, Row};
use crate::snapshot::value::Value;
use crate::sources::directory::{Attributes, Known, Options, Survey};
use crate::sources::{Request, Sink, SinkError};

/// Entitlements that wait, at most: some 20 MB. A directory of more groups is surveyed afterwards.
const MOST: usize = 50_000;

/// What the survey would have written.
#[derive(Default)]
struct Waiting(Vec<Record<'static>>);

impl Sink for Waiting {
    fn push(&mut self, record: Record<'_>) -> Result<(), SinkError> {
        if self.0.len() == MOST {
            return Err(io::Error::other("more groups than can wait").into());
        }
        let mut cells = vec![];
        record.cells(&mut |cell| cells.push(cell.into_owned()));
        let mut cells = cells.into_iter();
        let kept = Record::stored(record.table().name, &mut || cells.next().unwrap_or(Value::Null));
        self.0.push(kept.ok_or_else(|| io::Error::other("a row of an unknown table"))?);
        Ok(())
    }

    /// The survey refuses nothing.
    fn reject(&mut self, _row: u64, _reason: &str, _excerpt: &str) -> Result<(), SinkError> {
        Err(io::Error::other("an entry was refused in the first reading").into())
    }

    fn progress(&mut self, _rows_seen: u64) {}
}

/// A first reading that held.
pub struct Surveyed {
    known: Known,
    waiting: Waiting,
    capture: Capture,
}

impl Surveyed {
    /// Writes what waited.
    pub fn release(self, sink: &mut dyn Sink) -> Result<(Known, Capture), SinkError> {
        self.waiting.0.into_iter().try_for_each(|record| sink.push(record))?;
        Ok((self.known, self.capture))
    }
}

/// Reads all that comes, and shows how much there is. `Ok(None)`: it has to be read again. An error: it cannot be captured.
///
/// The capture is written on this thread and the survey made on another: groups come last as a rule, and faster than one thread reads
/// their members.
pub fn survey(
    config: &LdapConfig,
    request: &Request,
    comings: Comings,
    (sink, out): (&mut dyn Sink, &mut dyn Write),
) -> io::Result<Option<Surveyed>> {
    let Some(Begun { flavour, heading }) = comings.begun() else { return Ok(None) };
    let options = Options { flavour: Some(flavour), ..config.options() };
    let mut capture = Capture::start(&heading, out)?;
    let mut names = Attributes::default();
    thread::scope(|scope| {
        let (to, from) = sync_channel(1);
        let surveying = scope.spawn(|| of_blocks(request, &options, from));
        let mut to = Some(to);
        comings.each(|block| {
            let Some((block, entries)) = block else {
                // What was forgotten cannot be taken out again.
                to = None;
                return Ok(());
            };
            sink.progress(entries);
            // It ends early when something is wrong with an entry, or when too much would have to wait: said the second time.
            to = to.take().filter(|to| to.send(Arc::clone(block)).is_ok());
            if to.is_none() {
                return Ok(());
            }
            match bodies(block, |body| captured(body, &mut capture, &mut names, out)) {
                Err(Stop::Capture(error)) => Err(error),
                Err(_) => {
                    to = None;
                    Ok(())
                }
                Ok(_nothing) => Ok(()),
            }
        })?;
        let trusted = to.take().is_some();
        let found = surveying.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok(found.filter(|_| trusted).map(|(known, waiting)| Surveyed { known, waiting, capture }))
    })
}

fn of_blocks(request: &Request, options: &Options, blocks: Receiver<Arc<Vec<u8>>>) -> Option<(Known, Waiting)> {
    let mut waiting = Waiting::default();
    let mut names = Attributes::default();
    let mut survey = Survey::new(request, options, &mut waiting);
    for block in blocks {
        bodies(&block, |body| visit(&Entry::new(body)?, &mut names, &mut survey)).ok()?;
    }
    let known = survey.finish().ok()?;
    Some((known, waiting))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::snapshot::schema::Entitlement;

    #[test]
    fn what_waits_is_what_was_written() {
        let row = Entitlement {
            entitlement_id: "LDAP:1".into(),
            system: "LDAP".into(),
            resource: "ou=groups; all,dc=x".into(),
            name: "admins".into(),
            description: Some("all".into()),
            privileged: Some(true),
            owner_id: None,
        };
        let mut waiting = Waiting::default();
        waiting.push(row.clone().into()).unwrap();
        assert_eq!(waiting.0, [Record::from(row.clone())]);
        (1..MOST).for_each(|_| waiting.push(row.clone().into()).unwrap());
        assert!(waiting.push(row.into()).is_err());
    }
}

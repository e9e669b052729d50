//! From what was received to tables: the two readings of a directory, as an export has them.

use std::io::{self, Write};
use std::panic::resume_unwind;
use std::thread;

use super::Gathered;
use super::ahead::Surveyed;
use super::asks;
use super::ber::{Entry, Malformed};
use super::capture::Capture;
use super::config::LdapConfig;
use super::fault::Fault;
use super::spool::Spool;
use crate::sources::directory::gather;
use crate::sources::directory::{Attr, Attributes, DecodeError, Harvest, Known, Options, Place, Survey, Told, Visit, view};
use crate::sources::{RawCapture, Request, Sink, SourceError};

/// What the decoding tells.
pub struct Decoded {
    pub told: Told,
    /// Attributes that tell an account's state and that no entry carried: absent everywhere, or not to be read.
    pub never_seen: Vec<&'static str>,
    pub redacted: u64,
}

/// Why it ended early.
pub enum Stop {
    Spool(io::Error),
    Capture(io::Error),
    Decode(DecodeError),
    Malformed(Malformed),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Spool(error)
    }
}

impl From<DecodeError> for Stop {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<Malformed> for Stop {
    fn from(error: Malformed) -> Self {
        Self::Malformed(error)
    }
}

/// Everything that was received, as rows into the sink and as it came into the raw capture.
pub fn run(
    config: &LdapConfig,
    request: &Request,
    (gathered, surveyed): (&Gathered, Option<Surveyed>),
    spool: &mut Spool,
    (sink, out): (&mut dyn Sink, &mut dyn RawCapture),
) -> Result<Decoded, SourceError> {
    let options = Options { flavour: Some(gathered.question.flavour), ..config.options() };
    let (known, capture) = if let Some(surveyed) = surveyed {
        surveyed.release(sink)?
    } else {
        out.restart().map_err(SourceError::Capture)?;
        let heading = config.heading(&gathered.plan, &gathered.question);
        let survey = Survey::new(request, &options, sink);
        first(&heading, survey, spool, out).map_err(|stop| stop.of(config))?
    };
    let redacted = capture.redacted;
    let refused = gathered.met.refused.as_ref().map(|(rc, text)| (*rc, text.as_str()));
    capture.finish(&gathered.met.named_references, spool.entries(), refused, out).map_err(SourceError::Capture)?;
    let mut names = Attributes::default();
    let telling = asks::telling(gathered.question.flavour).iter().map(|(name, _)| *name);
    let never_seen = telling.filter(|name| !known.occurs(names.resolve(name.as_bytes()).attr)).collect();
    let mut harvest = Harvest::new(request, &options, sink, known);
    second(spool, &mut harvest).map_err(|stop| stop.of(config))?;
    Ok(Decoded { told: harvest.finish(), never_seen, redacted })
}

impl Stop {
    fn of(self, config: &LdapConfig) -> SourceError {
        match self {
            Self::Capture(error) => SourceError::Capture(error),
            Self::Decode(DecodeError::Sink(error)) => error.into(),
            Self::Decode(error @ (DecodeError::Names(_) | DecodeError::Abandoned)) => {
                SourceError::File { path: config.url.to_string(), message: error.to_string() }
            }
            Self::Spool(error) | Self::Decode(DecodeError::Aside(error)) => config.failed(&Fault::Spool(error)),
            Self::Malformed(error) => config.failed(&error.into()),
        }
    }
}

/// The first reading, when all of it is there: the survey and the raw capture.
fn first(heading: &[String], mut survey: Survey<'_>, spool: &mut Spool, out: &mut dyn Write) -> Result<(Known, Capture), Stop> {
    let mut capture = Capture::start(heading, out).map_err(Stop::Capture)?;
    let mut names = Attributes::default();
    spool.read(|body| {
        captured(body, &mut capture, &mut names, out)?;
        visit(&Entry::new(body)?, &mut names, &mut survey)
    })?;
    Ok((survey.finish()?, capture))
}

/// Writes an entry to the capture.
pub fn captured(body: &[u8], capture: &mut Capture, names: &mut Attributes, out: &mut dyn Write) -> Result<(), Stop> {
    capture.entry(&Entry::new(body)?, names, out).map_err(Stop::Capture)
}

/// The second reading: entries are read on a thread of their own, and decoded on this one.
fn second(spool: &mut Spool, harvest: &mut Harvest<'_>) -> Result<(), Stop> {
    let (mut gather, gatherings) = gather::pipe(harvest);
    thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut names = Attributes::default();
            spool.read(|body| visit(&Entry::new(body)?, &mut names, &mut gather))?;
            gather.finish().map_err(Stop::Decode)
        });
        let decoded = gatherings.decode(harvest, None);
        let read = reading.join().unwrap_or_else(|panic| resume_unwind(panic));
        // Who reads only says that the decoding ended; the decoding says why.
        decoded?;
        read
    })
}

/// Hands one entry over. What cannot be used is refused with its reason, as in an export.
pub fn visit(entry: &Entry<'_>, known: &mut Attributes, visit: &mut impl Visit) -> Result<(), Stop> {
    if let Err(error) = visit.begin(entry.dn) {
        visit.refuse(&format!("dn: the name {error}"), &view::lossy(entry.dn))?;
        return Ok(());
    }
    for attribute in entry.attributes() {
        let named = known.resolve(attribute.name);
        if !named.is_plain() || named.attr == Attr::Ignored {
            continue;
        }
        for value in attribute.values() {
            if visit.wants(named) {
                visit.value(named.attr, value);
            }
        }
    }
    visit.end(Place::default())?;
    Ok(())
}

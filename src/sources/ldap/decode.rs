//! From what was received to tables: the two readings of a directory, as an export has them.

use std::io::{self, Write};

use super::Gathered;
use super::asks;
use super::ber::{Entry, Malformed};
use super::capture::Capture;
use super::config::LdapConfig;
use super::fault::Fault;
use super::spool::Spool;
use crate::sources::directory::{Attr, Attributes, DecodeError, Harvest, Place, Survey, Told, Visit, view};
use crate::sources::{Request, Sink, SourceError};

/// What the decoding tells.
pub struct Decoded {
    pub told: Told,
    /// Attributes that tell an account's state and that no entry carried: absent everywhere, or not to be read.
    pub never_seen: Vec<&'static str>,
    pub redacted: u64,
}

/// Why it ended early.
enum Stop {
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

/// Both readings; the first also writes the raw capture.
pub fn run(
    config: &LdapConfig,
    request: &Request,
    gathered: &Gathered,
    spool: &mut Spool,
    out: (&mut dyn Sink, &mut dyn Write),
) -> Result<Decoded, SourceError> {
    both(config, request, gathered, spool, out).map_err(|stop| match stop {
        Stop::Capture(error) => SourceError::Capture(error),
        Stop::Decode(DecodeError::Sink(error)) => error.into(),
        Stop::Decode(error @ (DecodeError::Names(_) | DecodeError::Abandoned)) => {
            SourceError::File { path: config.url.to_string(), message: error.to_string() }
        }
        Stop::Spool(error) => config.failed(&Fault::Spool(error)),
        Stop::Malformed(error) => config.failed(&error.into()),
    })
}

fn both(
    config: &LdapConfig,
    request: &Request,
    gathered: &Gathered,
    spool: &mut Spool,
    (sink, out): (&mut dyn Sink, &mut dyn Write),
) -> Result<Decoded, Stop> {
    let mut options = config.options();
    options.flavour = Some(gathered.question.flavour);
    let mut names = Attributes::default();
    let heading = [
        format!("{} as {}", config.url, gathered.plan.proof.who()),
        format!("bases {}", gathered.question.bases.join("; ")),
        format!("filter {}", gathered.question.filter),
    ];
    let mut capture = Capture::start(out, &heading).map_err(Stop::Capture)?;
    let mut survey = Survey::new(request, &options, sink);
    spool.read(|body| {
        let entry = Entry::new(body).map_err(Stop::Malformed)?;
        capture.entry(&entry, &mut names).map_err(Stop::Capture)?;
        visit(&entry, &mut names, &mut survey)
    })?;
    let redacted = capture.redacted;
    let refused = gathered.met.refused.as_ref().map(|(rc, text)| (*rc, text.as_str()));
    capture.finish(&gathered.met.named_references, spool.entries(), refused).map_err(Stop::Capture)?;
    let known = survey.finish()?;
    let telling = asks::telling(gathered.question.flavour).iter().map(|(name, _)| *name);
    let never_seen = telling.filter(|name| !known.occurs(names.resolve(name.as_bytes()).attr)).collect();
    let mut harvest = Harvest::new(request, &options, sink, known);
    spool.read(|body| visit(&Entry::new(body).map_err(Stop::Malformed)?, &mut names, &mut harvest))?;
    Ok(Decoded { told: harvest.finish(), never_seen, redacted })
}

/// Hands one entry over. What cannot be used is refused with its reason, as in an export.
fn visit(entry: &Entry<'_>, known: &mut Attributes, visit: &mut impl Visit) -> Result<(), Stop> {
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

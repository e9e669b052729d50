//! A campaign that takes nothing any more: closed, or abandoned because opening it was a mistake. Nothing of it is erased.

use jiff::Timestamp;

use super::decisions::{Log, What};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    #[error("the campaign was closed on {0} already; a closed campaign is never opened again, nor abandoned")]
    Closed(Timestamp),
    #[error(
        "the campaign was abandoned on {at} ({reason}), and nothing acts on it any more; open the next one under another name \
         ([review] campaign in probant.toml)"
    )]
    Abandoned { at: Timestamp, reason: String },
}

impl Log {
    /// Refuses what came to its end.
    pub fn still_open(&self) -> Result<(), Ended> {
        if let Some((event, _)) = self.closed() {
            return Err(Ended::Closed(event.at));
        }
        match self.abandoned() {
            Some((event, reason)) => Err(Ended::Abandoned { at: event.at, reason: reason.to_owned() }),
            None => Ok(()),
        }
    }
}

/// Abandons an open campaign in its log.
pub fn abandon(log: &mut Log, now: Timestamp, by: &str, reason: &str) -> Result<(), Ended> {
    log.still_open()?;
    log.push(now, by, What::Abandoned { reason: reason.to_owned() });
    Ok(())
}

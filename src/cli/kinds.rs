//! What a campaign of a kind asks about: since when, and against which closed campaign.

use std::path::PathBuf;

use jiff::civil::Date;

use super::failure::Failure;
use super::held::{Held, today};
use super::session::Session;
use crate::review::Selection;
use crate::review::opening::select::movers;
use crate::review::record::campaign::Kind;
use crate::snapshot::manifest::{self, Manifest};
use crate::snapshot::read;
use crate::snapshot::schema::Person;
use crate::store;

/// A selection, and what it rests on.
pub(super) struct Chosen {
    pub(super) selection: Selection,
    /// The closed campaign that changes are counted from.
    pub(super) baseline: Option<String>,
    pub(super) since: Option<Date>,
}

/// Works the selection out for a kind. `people`: the roster of the snapshot under review.
pub(super) fn choose(
    session: &Session,
    closed: &[Held],
    (kind, since): (Kind, Option<Date>),
    people: &[Person<'static>],
) -> Result<Chosen, Failure> {
    if since.is_some() && !matches!(kind, Kind::Leavers | Kind::Movers) {
        return Err(Failure::new("--since is for --kind leavers and --kind movers; leave it out"));
    }
    // The last campaign that asked about all that this kind asks about.
    let covers = |held: &&Held| match (held.campaign.head.kind, kind) {
        (Kind::Full, _) | (Kind::Changes, Kind::Full) => true,
        (held, asked) => held == asked,
    };
    let last = closed.iter().rev().find(covers);
    let baseline = last.map(|held| held.id().to_owned());
    let since = since.or_else(|| last.map(|last| today(last, last.campaign.head.opened_at)));
    let mut selection = Selection { kind, ..Selection::default() };
    match kind {
        Kind::Changes if baseline.is_none() => {
            return Err(Failure::new(
                "no campaign was closed yet, so there is nothing to count changes from; open a whole one: probant review open --kind full",
            ));
        }
        Kind::Leavers => selection.left_since = since,
        Kind::Movers => {
            let Some(day) = since else {
                return Err(Failure::new(
                    "movers are found by comparing two rosters, and no campaign was closed yet; say since when: \
                     probant review open --kind movers --since 2026-01-01",
                ));
            };
            let before = roster_of(session, day)?;
            selection.moved = movers(&read::rows::<Person<'static>>(&before)?, people);
        }
        Kind::Full | Kind::Changes | Kind::Privileged => {}
    }
    let since = since.filter(|_| matches!(kind, Kind::Leavers | Kind::Movers));
    Ok(Chosen { selection, baseline, since })
}

/// The newest snapshot of a day or before it.
fn roster_of(session: &Session, day: Date) -> Result<PathBuf, Failure> {
    let root = session.store_path();
    let mut found = None;
    let mut oldest = None;
    for snapshot in store::snapshots(&root)? {
        let made = session.config.zone.to_datetime(Manifest::read(&snapshot)?.as_of).date();
        oldest = oldest.min(Some(made)).or(Some(made));
        if made <= day {
            found = Some(snapshot);
        }
    }
    let Some(found) = found else {
        let oldest = oldest.map_or_else(String::new, |day| format!(" (the oldest is of {day})"));
        return Err(Failure::new(format!(
            "no snapshot is of {day} or before{oldest}, so nobody can tell who has moved since; say a later day with --since"
        )));
    };
    manifest::check(&root, &found)?;
    Ok(found)
}

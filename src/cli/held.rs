//! The campaigns that the store holds: `campaigns/<id>/` with its frozen items and the log of decisions.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::failure::Failure;
use super::session::Session;
use crate::context::Context;
use crate::review::campaign::Campaign;
use crate::review::decisions::{Log, rows};
use crate::snapshot::schema::Decision;

/// Folder of the store that holds them.
pub(super) const FOLDER: &str = "campaigns";
/// Files of a campaign.
pub(super) const HEAD: &str = "campaign.json";
pub(super) const ITEMS: &str = "items.json";
pub(super) const LOG: &str = "decisions.jsonl";

/// A campaign, its log, and where they are.
pub(super) struct Held {
    pub(super) campaign: Campaign,
    pub(super) log: Log,
    pub(super) folder: PathBuf,
}

impl Held {
    pub(super) fn id(&self) -> &str {
        &self.campaign.head.id
    }

    pub(super) fn closed_at(&self) -> Option<Timestamp> {
        self.log.closed().map(|(event, _)| event.at)
    }
}

/// Folder of a campaign, opened or not.
pub(super) fn folder(session: &Session, id: &str) -> PathBuf {
    session.store_path().join(FOLDER).join(id)
}

/// Whether a campaign was opened: its head is written last.
pub(super) fn is_open(folder: &Path) -> bool {
    folder.join(HEAD).exists()
}

/// Folders of every opened campaign, by name.
pub(super) fn folders(session: &Session) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(session.store_path().join(FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let mut folders = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    folders.retain(|folder| is_open(folder));
    folders.sort();
    Ok(folders)
}

/// Reads one campaign.
pub(super) fn read(folder: &Path) -> Result<Held, Failure> {
    let part = |name: &str| {
        fs::read(folder.join(name)).map_err(|error| {
            Failure::new(format!("{}: {error}. Open the campaign first: probant review open", folder.join(name).display()))
        })
    };
    let log = Log::from_bytes(&optional(&folder.join(LOG))?)?;
    let campaign = Campaign::from_files(&part(HEAD)?, &part(ITEMS)?, Context::processors())?.with_handovers(&log);
    Ok(Held { campaign, log, folder: folder.to_owned() })
}

/// A file's bytes; none when it was not made yet.
pub(super) fn optional(path: &Path) -> Result<Vec<u8>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(vec![]),
        Err(error) => Err(Failure::new(format!("{}: {error}", path.display()))),
    }
}

/// The closed campaigns, in the order of their closing.
pub(super) fn closed(session: &Session) -> Result<Vec<Held>, Failure> {
    let mut closed = vec![];
    for folder in folders(session)? {
        let held = read(&folder)?;
        if held.closed_at().is_some() {
            closed.push(held);
        }
    }
    closed.sort_by(|a, b| (a.closed_at(), a.id()).cmp(&(b.closed_at(), b.id())));
    Ok(closed)
}

/// The decisions of a snapshot with those of campaigns that were closed since: both are known at once.
pub(super) fn with_decisions(mut decisions: Vec<Decision<'static>>, closed: &[Held]) -> Vec<Decision<'static>> {
    decisions.retain(|decision| !closed.iter().any(|held| decision.campaign_id == held.id()));
    decisions.extend(closed.iter().flat_map(|held| rows(&held.campaign, &held.log)));
    decisions
}

//! The campaigns that the store holds: `campaigns/<id>/` with its frozen items and the log of decisions.

use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use jiff::civil::Date;

use super::failure::Failure;
use super::session::Session;
use crate::bundle::layout::portable_name;
use crate::context::Context;
use crate::outputs::files;
use crate::review::record::campaign::Campaign;
use crate::review::record::decisions::{Log, rows};
use crate::review::record::item::Reviewer;
use crate::snapshot::ids;
use crate::snapshot::schema::Decision;
use crate::store::Store;

/// Folder of the store that holds them.
pub(super) const FOLDER: &str = "campaigns";
/// Files of a campaign.
pub(super) const HEAD: &str = "campaign.json";
pub(super) const ITEMS: &str = "items.json";
pub(super) const LOG: &str = "decisions.jsonl";

/// Folder of the files that came back.
pub(super) const RETURNED: &str = "returned";

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

/// A returned file is kept under its digest.
pub(super) fn returned_name(name: &str, sha256: &str) -> String {
    let extension = Path::new(name).extension().map_or_else(|| "bin".into(), |e| e.to_string_lossy().to_lowercase());
    format!("{sha256}.{}", portable_name(&extension))
}

/// There is no `[review]` section.
pub(super) fn no_review(session: &Session) -> Failure {
    Failure::new(format!(
        "{} has no [review] section; `probant init` in an empty folder writes an example",
        session.config.path.display()
    ))
}

/// The campaign that `[review]` names.
pub(super) fn current(session: &Session) -> Result<&str, Failure> {
    let review = session.config.file.review.as_ref();
    review.map(|review| review.campaign.as_str()).ok_or_else(|| no_review(session))
}

/// Reads the configuration's campaign and its log.
pub(super) fn configured(session: &Session) -> Result<(Campaign, Log, PathBuf), Failure> {
    named(session, None)
}

/// Reads the campaign named, or the configuration's, and its log.
pub(super) fn named(session: &Session, id: Option<&str>) -> Result<(Campaign, Log, PathBuf), Failure> {
    let id = id.map_or_else(|| current(session), Ok)?;
    let Held { campaign, log, folder } = read(&folder(session, id))?;
    Ok((campaign, log, folder))
}

/// Refuses a campaign that came to its end, by its name.
pub(super) fn still_open(campaign: &Campaign, log: &Log) -> Result<(), Failure> {
    log.still_open().map_err(|ended| Failure::new(format!("{}: {ended}", campaign.head.id)))
}

/// The reviewer of a campaign whom an option names: by id, employee number or address.
pub(super) fn reviewer<'c>(campaign: &'c Campaign, option: &str, name: &str) -> Result<&'c Reviewer, Failure> {
    // As rosters and file names write it: with its zeros in front.
    let wanted = ids::employee(name);
    let is = |r: &&Reviewer| {
        let number = r.person_id.rsplit(':').next();
        r.person_id == name
            || (wanted.is_some() && number == wanted.as_deref())
            || r.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(name))
    };
    let found: Vec<_> = campaign.head.reviewers.iter().filter(is).collect();
    match found.as_slice() {
        [one] => Ok(one),
        _ => Err(Failure::new(format!(
            "{option} {name}: {} reviewers of campaign {} are called so; write an employee number or an e-mail address",
            found.len(),
            campaign.head.id
        ))),
    }
}

/// Writes the log whole, and its digest into the ledger, with what else is to be known of the event. A command does this last: stopped
/// before, it can be typed again.
pub(super) fn write_log(
    session: &Session,
    store: &mut Store,
    (folder, log): (&Path, &Log),
    event: &str,
    more: &[(&str, serde_json::Value)],
) -> Result<(), Failure> {
    files::prepare_with(folder, LOG, |out| log.write(Context::processors(), out).map_err(Failure::from))?;
    announce(session, store, (folder, LOG), event, more)
}

/// Records an event of a campaign and puts the file that says it in its place.
pub(super) fn announce(
    session: &Session,
    store: &mut Store,
    (folder, file): (&Path, &str),
    event: &str,
    more: &[(&str, serde_json::Value)],
) -> Result<(), Failure> {
    let campaign = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = format!("{FOLDER}/{campaign}/{file}");
    let more = more.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
    let data = std::iter::once(("campaign".to_owned(), campaign.into())).chain(more).collect();
    store.replace(event, session.context.now(), &name, serde_json::Value::Object(data))?;
    Ok(())
}

/// The day a campaign's organisation lives.
pub(super) fn today(held: &Held, at: Timestamp) -> Date {
    let zone = jiff::tz::TimeZone::get(&held.campaign.head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    zone.to_datetime(at).date()
}

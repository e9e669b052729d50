//! Campaigns in the store: `campaigns/<id>/` with its frozen items, what was sent, what came back, and the log of decisions.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::mail;
use super::produce::{self, Tables};
use super::session::Session;
use super::workbooks::{self, Workbooks};
use crate::context::Context;
use crate::judge::finding::Assessment;
use crate::lang::Lang;
use crate::outputs::{files, workbook};
use crate::review::campaign::{Campaign, Kind, NoAnswer};
use crate::review::close::close;
use crate::review::collect::{Collecting, collect};
use crate::review::correction::{correction, note};
use crate::review::decisions::{Log, Tally};
use crate::review::freeze::{Opening, freeze};
use crate::review::gate::{self, Freshness};
use crate::review::mail::sent;
use crate::review::minutes::minutes;
use crate::review::readback::{Reading, Returned};
use crate::review::{self, Selection};
use crate::store::{Store, digest};

/// Files of a campaign.
const HEAD: &str = "campaign.json";
const ITEMS: &str = "items.json";
const LOG: &str = "decisions.jsonl";
/// Threads that read returned workbooks.
const THREADS: usize = 2;

/// What a campaign is opened with.
pub(super) struct Options {
    pub(super) kind: Kind,
    pub(super) accepted: BTreeSet<String>,
    pub(super) no_answer: Option<NoAnswer>,
}

/// What opening a campaign wrote.
pub(super) struct Made {
    pub(super) workbooks: Workbooks,
    /// Names of the reviewers whose draft has no address.
    pub(super) unaddressed: Vec<String>,
}

fn folder(session: &Session, id: &str) -> PathBuf {
    session.store_path().join("campaigns").join(id)
}

/// The campaign that `[review]` names.
fn current(session: &Session) -> Result<&str, Failure> {
    let review = session.config.file.review.as_ref();
    review.map(|review| review.campaign.as_str()).ok_or_else(|| produce::no_review(session))
}

/// Opens the campaign: gate, frozen items, workbooks. Refused when it is open already.
pub(super) fn open(session: &Session, snapshot: &Path, assessment: &Assessment, options: &Options) -> Result<Made, Failure> {
    let config = session.config.file.review.as_ref().ok_or_else(|| produce::no_review(session))?;
    let folder = folder(session, &config.campaign);
    if folder.join(HEAD).exists() {
        return Err(Failure::new(format!(
            "campaign {} is open already ({}); give the next one another name in [review] campaign",
            config.campaign,
            folder.display()
        )));
    }
    let now = session.context.now();
    let tables = Tables::read(session, snapshot)?;
    let as_of = produce::as_of(assessment)?;
    let (sources, waivers) = gate::pass(&tables.collections, as_of, Freshness::default(), &options.accepted)?;
    let flags = produce::flags(assessment);
    let records = tables.records(session, &flags, as_of);
    let selection = Selection { kind: options.kind, ..Selection::default() };
    let review = review::open_some(config, &records, &selection)?;
    let campaign = freeze(
        &review,
        config,
        &records,
        &Opening {
            kind: options.kind,
            organisation: &session.config.file.organisation.name,
            opened_by: &Context::user(),
            opened_at: now,
            snapshot_id: &assessment.snapshot_id,
            no_answer: options.no_answer,
            sources,
            waivers,
            removed: 0,
            tool_version: env!("CARGO_PKG_VERSION"),
        },
    );
    let made = workbooks::write(session, assessment, &tables, &review)?;
    let unaddressed = mail::drafts(session, &campaign, &folder, &made.sent)?;
    let (head, items) = campaign.to_files()?;
    let sent_file = sent::to_file(&made.sent)?;
    files::write(&folder, sent::FILE, &sent_file)?;
    files::write(&folder, ITEMS, &items)?;
    // The head is written last: a campaign without it was never opened.
    files::write(&folder, HEAD, &head)?;
    session.store()?.note(
        "campaign-opened",
        now,
        serde_json::json!({ "campaign": config.campaign, "head_sha256": digest::hex(&head), "sent_sha256": digest::hex(&sent_file) }),
    )?;
    workbooks::keep_up(session, &campaign, &Log::default(), &folder)?;
    Ok(Made { workbooks: made, unaddressed })
}

/// Reads the configuration's campaign and its log.
pub(super) fn read(session: &Session) -> Result<(Campaign, Log, PathBuf), Failure> {
    read_named(session, None)
}

/// Reads the campaign named, or the configuration's, and its log.
pub(super) fn read_named(session: &Session, id: Option<&str>) -> Result<(Campaign, Log, PathBuf), Failure> {
    let id = id.map_or_else(|| current(session), Ok)?;
    let folder = folder(session, id);
    let part = |name: &str| {
        fs::read(folder.join(name)).map_err(|error| {
            Failure::new(format!("{}: {error}. Open the campaign first: probant review open", folder.join(name).display()))
        })
    };
    let campaign = Campaign::from_files(&part(HEAD)?, &part(ITEMS)?)?;
    let log = match fs::read(folder.join(LOG)) {
        Ok(bytes) => Log::from_bytes(&bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Log::default(),
        Err(error) => return Err(error.into()),
    };
    Ok((campaign, log, folder))
}

/// Writes the log whole, and its digest into the ledger.
fn write_log(session: &Session, store: &mut Store, folder: &Path, log: &Log, event: &str) -> Result<(), Failure> {
    let bytes = log.to_bytes()?;
    files::write(folder, LOG, &bytes)?;
    let campaign = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    store.note(
        event,
        session.context.now(),
        serde_json::json!({ "campaign": campaign, "decisions_sha256": digest::hex(&bytes) }),
    )?;
    Ok(())
}

/// Collects returned workbooks; returns the readings and the corrections to send back.
pub(super) fn take(session: &Session, paths: &[PathBuf]) -> Result<(Vec<Reading>, Vec<PathBuf>), Failure> {
    let mut store = session.store()?;
    let (campaign, mut log, folder) = read(session)?;
    let mut contents = vec![];
    for path in paths {
        let bytes = fs::read(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
        contents.push((path.display().to_string(), bytes));
    }
    let returned: Vec<Returned<'_>> = contents.iter().map(|(name, bytes)| Returned { name, bytes }).collect();
    let by = Context::user();
    let now = session.context.now();
    let readings = collect(&campaign, &mut log, &returned, Collecting { now, by: &by, threads: THREADS });
    for ((name, bytes), reading) in contents.iter().zip(&readings) {
        let extension = Path::new(name).extension().map_or_else(|| "bin".into(), |e| e.to_string_lossy().to_lowercase());
        files::write(&folder.join("returned"), &format!("{}.{extension}", reading.sha256), bytes)?;
    }
    write_log(session, &mut store, &folder, &log, "campaign-collected")?;
    workbooks::keep_up(session, &campaign, &log, &folder)?;
    let mut corrections = vec![];
    for reading in &readings {
        if let Some(correction) = correction(&campaign, &log, reading, now) {
            let name = crate::bundle::layout::portable_name(reading.reviewer.as_deref().unwrap_or("inconnu")).replace(':', "-");
            let mut book = vec![];
            workbook::write_correction(&correction, &mut book)?;
            let lang = reading.reviewer.as_deref().and_then(|id| campaign.reviewer(id)).map_or(session.console.lang, |r| r.lang);
            files::write(&folder.join("corrections"), &format!("{name}.txt"), note(&campaign, reading, lang).as_bytes())?;
            corrections.push(files::write(&folder.join("corrections"), &format!("{name}.xlsx"), &book)?);
        }
    }
    Ok((readings, corrections))
}

/// Closes the campaign and writes its minutes in both languages.
pub(super) fn finish(session: &Session) -> Result<(Tally, Vec<PathBuf>), Failure> {
    let mut store = session.store()?;
    let (campaign, mut log, folder) = read(session)?;
    let tally = close(&campaign, &mut log, session.context.now(), &Context::user())?;
    write_log(session, &mut store, &folder, &log, "campaign-closed")?;
    let mut paths: Vec<PathBuf> = workbooks::keep_up(session, &campaign, &log, &folder)?.into_iter().collect();
    for lang in [Lang::Fr, Lang::En] {
        if let Some(page) = minutes(&campaign, &log, lang) {
            paths.push(files::write(&folder, &format!("minutes.{lang}.md"), page.markdown().as_bytes())?);
            paths.push(files::write(&folder, &format!("minutes.{lang}.html"), page.html().as_bytes())?);
        }
    }
    Ok((tally, paths))
}

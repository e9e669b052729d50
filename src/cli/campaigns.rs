//! Campaigns in the store: `campaigns/<id>/` with its frozen items, what was sent, what came back, and the log of decisions.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;

use super::collecting::returned_name;
use super::failure::Failure;
use super::follow;
use super::held::{self, HEAD, Held, ITEMS, LOG, folder};
use super::kinds;
use super::mail;
use super::produce;
use super::session::Session;
use super::tables::Tables;
use super::workbooks::{self, Workbooks};
use crate::context::Context;
use crate::judge::finding::Assessment;
use crate::lang::Lang;
use crate::outputs::dossier::CampaignFiles;
use crate::outputs::files;
use crate::outputs::report::CampaignState;
use crate::review::campaign::{Campaign, Kind, NoAnswer, Reviewer};
use crate::review::close::close;
use crate::review::decisions::{Log, Tally};
use crate::review::ended::Ended;
use crate::review::freeze::{self, Frozen, Opening};
use crate::review::gate::{self, Freshness};
use crate::review::handover::Handovers;
use crate::review::minutes::minutes;
use crate::review::select::removed;
use crate::review::status::status;
use crate::review::{self, Review, ReviewConfig};
use crate::snapshot::ids;
use crate::store::Store;

/// Folder of the files that came back.
pub(super) const RETURNED: &str = "returned";

/// What a campaign is opened with.
pub(super) struct Options {
    pub(super) kind: Kind,
    pub(super) accepted: BTreeSet<String>,
    pub(super) no_answer: Option<NoAnswer>,
    pub(super) since: Option<Date>,
}

/// What opening a campaign wrote.
pub(super) struct Made {
    pub(super) workbooks: Workbooks,
    /// Names of the reviewers whose draft has no address.
    pub(super) unaddressed: Vec<String>,
}

/// The campaign that `[review]` names.
pub(super) fn current(session: &Session) -> Result<&str, Failure> {
    let review = session.config.file.review.as_ref();
    review.map(|review| review.campaign.as_str()).ok_or_else(|| produce::no_review(session))
}

/// Opens the campaign: gate, frozen items, workbooks. Refused when it is open already.
pub(super) fn open(session: &Session, snapshot: &Path, assessment: &Assessment, options: &Options) -> Result<Made, Failure> {
    let config = session.config.file.review.as_ref().ok_or_else(|| produce::no_review(session))?;
    let folder = folder(session, &config.campaign);
    let mut store = session.store()?;
    if held::is_open(&folder) {
        let Held { log, .. } = held::read(&folder)?;
        let stands = match log.still_open() {
            Ok(()) => "open",
            Err(Ended::Closed(_)) => "closed",
            Err(Ended::Abandoned { .. }) => "abandoned",
        };
        return Err(Failure::new(format!(
            "campaign {} is {stands} already ({}); give the next one another name in [review] campaign",
            config.campaign,
            folder.display()
        )));
    }
    let now = session.context.now();
    let mut tables = Tables::read(session, snapshot)?;
    let closed = held::closed(session)?;
    tables.decisions = held::with_decisions(std::mem::take(&mut tables.decisions), &closed);
    let chosen = kinds::choose(session, &closed, (options.kind, options.since), &tables.people)?;
    let as_of = produce::as_of(assessment)?;
    let outside = &session.config.file.perimeter.outside;
    let named = |list: &[String], system: &str| list.iter().any(|known| known == system);
    let in_scope = |system: &str| (config.systems.is_empty() || named(&config.systems, system)) && !named(outside, system);
    let (sources, waivers) = gate::pass(&tables.collections, as_of, Freshness::default(), &options.accepted, &in_scope)?;
    let flags = produce::flags(assessment);
    let records = tables.records(session, &flags, as_of);
    let review = review::open_some(config, &records, &chosen.selection)?;
    answerable(config, &review, options.no_answer)?;
    let removed = chosen.baseline.as_deref().map_or(0, |baseline| removed(&tables.decisions, &tables.grants, baseline));
    let mut head = freeze::head(
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
            removed,
            baseline: chosen.baseline,
            since: chosen.since,
            tool_version: env!("CARGO_PKG_VERSION"),
        },
    );
    let made = workbooks::write(session, assessment, &tables, &review)?;
    for (reviewer, book) in head.reviewers.iter_mut().zip(&made.sent) {
        reviewer.workbook = Some(book.clone());
    }
    let unaddressed = mail::drafts(session, &head, &folder)?;
    let frozen = Frozen::of(&review, config, &records);
    let items = files::write_with(&folder, ITEMS, |out| frozen.write(Context::processors(), out).map_err(Failure::from))?;
    let head_file = head.to_file(&items.sha256)?;
    if workbooks::keeps_up(session, made.lines) {
        head.items_sha256 = items.sha256;
        let campaign = Campaign { head, items: frozen.items().collect(), handovers: Handovers::default() };
        workbooks::keep_up(session, &campaign, &Log::default(), &folder)?;
    }
    // The head comes last: a campaign without it was never opened. It holds the digest of every workbook that goes out, and the ledger the
    // head's.
    files::prepare_with(&folder, HEAD, |out| out.write_all(&head_file).map_err(Failure::from))?;
    announce(session, &mut store, (&folder, HEAD), "campaign-opened", &[])?;
    Ok(Made { workbooks: made, unaddressed })
}

/// Refuses a campaign that could never be closed: lines that nobody may decide on, and no rule for them.
fn answerable(config: &ReviewConfig, review: &Review<'_>, no_answer: Option<NoAnswer>) -> Result<(), Failure> {
    let (Some(first), None) = (review.unassigned.first(), no_answer) else {
        return Ok(());
    };
    let account = first.line.account;
    let fallback = match &config.fallback_reviewer {
        None => "name someone in [review] fallback_reviewer".to_owned(),
        Some(named) => format!("[review] fallback_reviewer is {named}, who may not decide on their own access: name someone else"),
    };
    Err(Failure::new(format!(
        "{} line(s) have nobody who may decide on them, the first on account {} of {}: no rule names anyone, and the campaign could never \
         be closed. Either {fallback}, or say what their silence means: probant review open --no-answer revoke (or keep)",
        review.unassigned.len(),
        account.login,
        account.system
    )))
}

/// Reads the configuration's campaign and its log.
pub(super) fn read(session: &Session) -> Result<(Campaign, Log, PathBuf), Failure> {
    read_named(session, None)
}

/// Reads the campaign named, or the configuration's, and its log.
pub(super) fn read_named(session: &Session, id: Option<&str>) -> Result<(Campaign, Log, PathBuf), Failure> {
    let id = id.map_or_else(|| current(session), Ok)?;
    let Held { campaign, log, folder } = held::read(&folder(session, id))?;
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
    let name = format!("{}/{campaign}/{file}", held::FOLDER);
    let more = more.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
    let data = std::iter::once(("campaign".to_owned(), campaign.into())).chain(more).collect();
    store.replace(event, session.context.now(), &name, serde_json::Value::Object(data))?;
    Ok(())
}

/// Closes the campaign; writes its minutes in both languages, and what is to be done now. What a closing that was stopped did not come to
/// is done now.
pub(super) fn finish(session: &Session) -> Result<(Tally, Vec<PathBuf>), Failure> {
    let mut store = session.store()?;
    let (campaign, mut log, folder) = read(session)?;
    let tally = match log.closed() {
        Some((_, tally)) if !folder.join(follow::FOLDER).join(follow::STATE).exists() => tally,
        _ => {
            still_open(&campaign, &log)?;
            let tally = close(&campaign, &mut log, session.context.now(), &Context::user())?;
            write_log(session, &mut store, (&folder, &log), "campaign-closed", &[])?;
            tally
        }
    };
    let mut paths = vec![];
    if workbooks::keeps_up(session, campaign.items.len() as u64) {
        paths.push(workbooks::keep_up(session, &campaign, &log, &folder)?);
    }
    for lang in [Lang::Fr, Lang::En] {
        if let Some(page) = minutes(&campaign, &log, lang) {
            paths.push(files::write(&folder, &format!("minutes.{lang}.md"), page.markdown().as_bytes())?);
            paths.push(files::write(&folder, &format!("minutes.{lang}.html"), page.html().as_bytes())?);
        }
    }
    paths.extend(follow::refresh(session, &mut store, &campaign.head.id)?.files);
    Ok((tally, paths))
}

/// Every opened campaign as it stands, for the report: those still open first, abandoned ones last, then by name.
pub(super) fn standing(session: &Session, at: Timestamp) -> Result<Vec<CampaignState>, Failure> {
    let mut campaigns = vec![];
    for folder in held::folders(session)? {
        let Held { campaign, log, folder } = held::read(&folder)?;
        let zone = jiff::tz::TimeZone::get(&campaign.head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let status = status(&campaign, &log, zone.to_datetime(at).date());
        let path = folder.join(follow::FOLDER).join(follow::STATE);
        let bytes = held::optional(&path)?;
        let wrong = |error: serde_json::Error| {
            Failure::new(format!("{}: {error}. Make it again: probant review follow-up", path.display()))
        };
        let follow_up = if bytes.is_empty() { None } else { Some(serde_json::from_slice(&bytes).map_err(wrong)?) };
        campaigns.push(CampaignState { head: campaign.head, status, follow_up });
    }
    let ended = |c: &CampaignState| (c.status.abandoned.is_some(), c.status.closed_at.is_some());
    campaigns.sort_by(|a, b| (ended(a), &a.head.id).cmp(&(ended(b), &b.head.id)));
    Ok(campaigns)
}

/// Follows every closed campaign up to now.
pub(super) fn follow_all(session: &Session, store: &mut Store) -> Result<(), Failure> {
    for held in held::closed(session)? {
        follow::refresh(session, store, held.id())?;
    }
    Ok(())
}

/// What a bundle takes of every opened campaign.
pub(super) fn dossiers(session: &Session) -> Result<Vec<CampaignFiles>, Failure> {
    let mut dossiers = vec![];
    for folder in held::folders(session)? {
        let Held { campaign, log, folder } = held::read(&folder)?;
        let handed = campaign.handovers.all().iter().map(|past| &past.what.to);
        let sent =
            campaign.head.reviewers.iter().chain(handed).filter_map(|reviewer| Some(reviewer.workbook.as_ref()?.file.clone()));
        // What could not be opened at all stays out of the bundle; its digest and its refusal stand in the log.
        let opened = log.returns().filter(|(_, returned)| returned.reviewer.is_some());
        let returned = opened.map(|(_, returned)| format!("{RETURNED}/{}", returned_name(&returned.file, &returned.sha256)));
        dossiers.push(CampaignFiles { files: sent.chain(returned).collect(), id: campaign.head.id.clone(), folder });
    }
    Ok(dossiers)
}

//! Opening and closing a campaign, from a session.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::failure::Failure;
use super::held::{self, HEAD, Held, ITEMS, announce, folder, still_open, write_log};
use super::session::Session;
use super::tables::{self, Tables};
use super::workbooks::{self, Workbooks};
use super::{follow, kinds, mail};
use crate::context::Context;
use crate::judge::finding::Assessment;
use crate::lang::Lang;
use crate::outputs::files;
use crate::review::closing::close::close;
use crate::review::closing::minutes::minutes;
use crate::review::opening::freeze::{self, Frozen, Opening};
use crate::review::opening::gate::{self, Freshness};
use crate::review::opening::select::removed;
use crate::review::record::campaign::{Campaign, Kind, NoAnswer};
use crate::review::record::decisions::{Log, Tally};
use crate::review::record::ended::Ended;
use crate::review::record::handovers::Handovers;
use crate::review::{self, Review, ReviewConfig};
use crate::store::Store;

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

/// Opens the campaign: gate, frozen items, workbooks. Refused when it is open already.
pub(super) fn open(session: &Session, snapshot: &Path, assessment: &Assessment, options: &Options) -> Result<Made, Failure> {
    let config = session.config.file.review.as_ref().ok_or_else(|| held::no_review(session))?;
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
    let as_of = tables::as_of(assessment)?;
    let outside = &session.config.file.perimeter.outside;
    let named = |list: &[String], system: &str| list.iter().any(|known| known == system);
    let in_scope = |system: &str| (config.systems.is_empty() || named(&config.systems, system)) && !named(outside, system);
    let (sources, waivers) = gate::pass(&tables.collections, as_of, Freshness::default(), &options.accepted, &in_scope)?;
    let flags = tables::flags(assessment);
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

/// Closes the campaign; writes its minutes in both languages, and what is to be done now. What a closing that was stopped did not come to
/// is done now.
pub(super) fn finish(session: &Session) -> Result<(Tally, Vec<PathBuf>), Failure> {
    let mut store = session.store()?;
    let (campaign, mut log, folder) = held::configured(session)?;
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

/// Follows every closed campaign up to now.
pub(super) fn follow_all(session: &Session, store: &mut Store) -> Result<(), Failure> {
    for held in held::closed(session)? {
        follow::refresh(session, store, held.id())?;
    }
    Ok(())
}

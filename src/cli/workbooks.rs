//! The reviewers' workbooks, from a prepared review to files: as many at once as there are processors.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::failure::Failure;
use super::held;
use super::session::Session;
use super::tables::{self, Tables};
use crate::bundle::layout::portable_name;
use crate::context::Context;
use crate::judge::finding::{Assessment, CollectionSummary};
use crate::lanes;
use crate::outputs::files;
use crate::outputs::workbook::{self, Handed, Overview, ReviewerBook, SourceFacts};
use crate::review::record::campaign::Campaign;
use crate::review::record::decisions::Log;
use crate::review::record::item::Sent;
use crate::review::underway::status::status;
use crate::review::{Book, Review, ReviewConfig};

/// What was written.
pub(super) struct Workbooks {
    pub(super) paths: Vec<PathBuf>,
    /// The same, in the order of the review's books, with their digests.
    pub(super) sent: Vec<Sent>,
    pub(super) lines: u64,
    pub(super) unassigned: u64,
}

/// Writes the workbooks of a prepared review.
pub(super) fn write(
    session: &Session,
    assessment: &Assessment,
    tables: &Tables,
    review: &Review<'_>,
) -> Result<Workbooks, Failure> {
    let config = session.config.file.review.as_ref().ok_or_else(|| held::no_review(session))?;
    let as_of = tables::as_of(assessment)?;
    let sources = sources(session, assessment, tables);
    let campaign = held::folder(session, &config.campaign);
    let (organisation, zone) = (&session.config.file.organisation.name, &session.config.zone);
    let below = format!("sent/{}", assessment.snapshot_id);
    let one = |book: &Book<'_>| -> Result<Sent, Failure> {
        let reviewer = ReviewerBook {
            organisation,
            campaign: &config.campaign,
            due: config.due,
            contact: &config.contact,
            snapshot_id: &assessment.snapshot_id,
            created: as_of,
            zone,
            tool_version: env!("CARGO_PKG_VERSION"),
            group_by: config.group_by,
            book,
            totals: &review.totals,
            sources: &sources,
        };
        let file = format!("{below}/{}", workbook_name(config, book));
        let written = files::write_with(&campaign, &file, |out| workbook::write(&reviewer, book.lang, out).map_err(Failure::from))?;
        Ok(Sent { file, sha256: written.sha256 })
    };
    crate::store::atomic::folder(&campaign)?;
    let sent = lanes::each(&review.books, Context::processors(), |book| book.lines.len() as u64, one)?;
    let paths = sent.iter().map(|book| campaign.join(Path::new(&book.file))).collect();
    Ok(Workbooks { paths, sent, lines: review.totals.lines, unassigned: review.totals.unassigned })
}

/// Lines up to which the lead's workbook is made again with every change; beyond, when it is asked for.
const KEPT_UP: u64 = 100_000;

/// Whether the lead's workbook follows every change of a campaign; says so where it does not.
pub(super) fn keeps_up(session: &Session, lines: u64) -> bool {
    if lines > KEPT_UP {
        session.console.note(session.console.pick(
            "Classeur de suivi : `probant review status --workbook FICHIER` (plus de 100 000 lignes : il ne se refait pas seul)",
            "Lead's workbook: `probant review status --workbook FILE` (over 100,000 lines: it is not made again by itself)",
        ));
    }
    lines <= KEPT_UP
}

/// Makes the lead's workbook in the campaign's folder.
pub(super) fn keep_up(session: &Session, campaign: &Campaign, log: &Log, folder: &Path) -> Result<PathBuf, Failure> {
    let name = format!("{}-{}.xlsx", campaign.head.lang.pick("suivi", "status"), campaign.head.id);
    overview(session, campaign, log, &folder.join(name))
}

/// Writes the lead's workbook.
pub(super) fn overview(session: &Session, campaign: &Campaign, log: &Log, path: &Path) -> Result<PathBuf, Failure> {
    let now = session.context.now();
    let zone = TimeZone::get(&campaign.head.zone).unwrap_or(TimeZone::UTC);
    let status = status(campaign, log, zone.to_datetime(now).date());
    let store = session.store_path();
    let overview = Overview { campaign, log, status: &status, created: now, scratch: Some(&store) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or_else(|| Failure::new(format!("{} names no file", path.display())))?.to_string_lossy();
    files::write_with(folder, &name, |out| workbook::write_overview(&overview, campaign.head.lang, out).map_err(Failure::from))?;
    Ok(path.to_owned())
}

/// Arithmetic of the sources, with the reasons of rejected rows.
fn sources(session: &Session, assessment: &Assessment, tables: &Tables) -> Vec<SourceFacts> {
    let each = tables.collections.iter().map(|collection| {
        let of = |c: &&CollectionSummary| c.collection_id == collection.collection_id;
        let rejects = assessment.collections.iter().find(of).map(|c| c.reject_reasons.clone()).unwrap_or_default();
        SourceFacts::new(collection, &session.config.zone, rejects)
    });
    each.collect()
}

/// `revue-2026-T4-Anne-Martin-4711.xlsx`: a name to recognise, the employee id so that homonyms do not collide.
fn workbook_name(config: &ReviewConfig, book: &Book<'_>) -> String {
    let word = book.lang.pick("revue", "review");
    let plain = |text: &str| portable_name(&text.replace(' ', "-"));
    format!("{word}-{}-{}-{}.xlsx", config.campaign, plain(&book.reviewer.display_name), plain(&book.reviewer.employee_id))
}

/// Writes the workbook of lines that came from another reviewer.
pub(super) fn handed(handed: &Handed<'_>, employee_id: &str, folder: &Path) -> Result<Sent, Failure> {
    let (word, seq) = (handed.to.lang.pick("revue", "review"), handed.seq);
    let plain = |text: &str| portable_name(&text.replace(' ', "-"));
    let (name, number) = (plain(&handed.to.name), plain(employee_id));
    let file = format!("sent/handover-{seq}/{word}-{}-{name}-{number}-{seq}.xlsx", handed.campaign.head.id);
    let written = files::write_with(folder, &file, |out| workbook::write_handover(handed, out).map_err(Failure::from))?;
    Ok(Sent { file, sha256: written.sha256 })
}

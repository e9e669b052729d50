//! The stages of a run, from a session: each makes files and returns their paths; none prints.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::args::Judged;
use super::console::{Bar, Console};
use super::failure::Failure;
use super::session::Session;
use super::tables::{self, Tables};
use super::workbooks::{self, Workbooks};
use super::{held, remote, standing};
use crate::harvest::{Harvested, Plan, from_raw, harvest};
use crate::judge::finding::Assessment;
use crate::outputs::files;
use crate::outputs::oscal::{self, Exchange};
use crate::outputs::report::{self, ReportLinks};
use crate::review::{self};
use crate::snapshot::read;
use crate::snapshot::schema::Collection;
use crate::store::{self, Store};

/// Name of the findings among the outputs and in the bundle.
const FINDINGS: &str = "findings.json";

/// Reads every source into a new snapshot.
pub(super) fn snapshot(session: &mut Session, store: &mut Store, judged: &Judged) -> Result<Harvested, Failure> {
    let mut plan = session.plan(judged)?;
    ask_secrets(&session.console, &plan);
    plan.witness = super::witness::of(session, plan.as_of)?;
    Ok(harvest(&plan, store, &session.context, &mut Bar::new(&session.console))?)
}

/// Makes a snapshot again from the raw captures of another.
pub(super) fn rebuilt(session: &mut Session, store: &mut Store, name: Option<&str>) -> Result<Harvested, Failure> {
    let snapshot = session.snapshot(name)?;
    let collections: Vec<Collection<'static>> = read::rows(&snapshot)?;
    remote::raw(session, collections.iter().filter_map(|collection| collection.raw_sha256.as_deref()))?;
    let mut plan = session.plan(&Judged::default())?;
    for gone in from_raw(&mut plan, store.root(), &snapshot)? {
        session.console.note(session.console.pick(
            format!("La source {gone} de cet instantané n'est plus configurée : elle n'est pas refaite."),
            format!("The source {gone} of that snapshot is no longer configured: it is not made again."),
        ));
    }
    plan.witness = super::witness::of(session, plan.as_of)?;
    Ok(harvest(&plan, store, &session.context, &mut Bar::new(&session.console))?)
}

/// Asks once, before anything is read, for the passwords that neither a file nor the environment holds. Without a terminal nothing is
/// asked: the source itself then says what is missing, and the others go on.
pub(super) fn ask_secrets(console: &Console, plan: &Plan) {
    for job in plan.jobs.iter().filter(|job| job.skip.is_none()) {
        let Some(question) = job.source.question() else { continue };
        let prompt =
            console.pick(format!("{} : mot de passe de {question} : ", job.id), format!("{}: password of {question}: ", job.id));
        if let Ok(typed) = rpassword::prompt_password(prompt) {
            job.source.take_answer(SecretString::from(typed));
        }
    }
}

/// Folder of the outputs of a snapshot.
pub(super) fn outputs(session: &Session, snapshot: &Path) -> PathBuf {
    session.store_path().join("outputs").join(snapshot.file_name().unwrap_or_default())
}

/// Writes the report in both languages, the organisation's first, and the findings beside it.
pub(super) fn reports(
    session: &Session,
    snapshot: &Path,
    assessment: &Assessment,
    links: &ReportLinks,
) -> Result<Vec<PathBuf>, Failure> {
    reports_in(session, &outputs(session, snapshot), assessment, links)
}

/// The same in a folder of one's choice.
pub(super) fn reports_in(
    session: &Session,
    folder: &Path,
    assessment: &Assessment,
    links: &ReportLinks,
) -> Result<Vec<PathBuf>, Failure> {
    let mut json = serde_json::to_vec_pretty(assessment)?;
    json.push(b'\n');
    files::write(folder, FINDINGS, &json)?;
    exchange(session, folder, assessment, &json)?;
    let mut paths = vec![];
    for lang in session.languages() {
        let html = report::render(assessment, lang, links)?;
        paths.push(files::write(folder, lang.pick("rapport.html", "report.html"), html.as_bytes())?);
    }
    Ok(paths)
}

/// Writes the assessment and the checks in OSCAL, for other tools.
fn exchange(session: &Session, folder: &Path, assessment: &Assessment, findings: &[u8]) -> Result<(), Failure> {
    let (_, checks) = session.checks()?;
    let (sha256, path) = (store::digest::hex(findings), format!("../{FINDINGS}"));
    let lang = session.config.file.organisation.locale;
    let documents = oscal::documents(&Exchange { assessment, checks: &checks, lang, findings: (&sha256, &path) })?;
    for (name, bytes) in documents {
        files::write(&folder.join(oscal::FOLDER), name, &bytes)?;
    }
    Ok(())
}

/// Writes one workbook per reviewer, as a campaign opened on this snapshot would. None without a `[review]` section, and none once
/// its campaign is open: what was sent stays as it was sent.
pub(super) fn workbooks(session: &Session, snapshot: &Path, assessment: &Assessment) -> Result<Option<Workbooks>, Failure> {
    let Some(config) = &session.config.file.review else { return Ok(None) };
    if held::is_open(&held::folder(session, &config.campaign)) {
        return Ok(None);
    }
    let mut tables = Tables::read(session, snapshot)?;
    tables.decisions = held::with_decisions(std::mem::take(&mut tables.decisions), &held::closed(session)?);
    let flags = tables::flags(assessment);
    let review = review::open(config, &tables.records(session, &flags, tables::as_of(assessment)?))?;
    workbooks::write(session, assessment, &tables, &review).map(Some)
}

/// Links between the outputs of one run.
pub(super) fn links(
    session: &Session,
    assessment: &Assessment,
    bundle: Option<String>,
    workbooks: &[PathBuf],
) -> Result<ReportLinks, Failure> {
    let name = |path: &PathBuf| path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(ReportLinks {
        bundle,
        snapshot: Some(assessment.snapshot_id.clone()),
        workbooks: workbooks.iter().map(name).collect(),
        titles: session.titles.clone(),
        findings: FINDINGS.into(),
        campaigns: standing::states(session, tables::as_of(assessment)?)?,
    })
}

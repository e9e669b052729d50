//! The stages of a run, from a session: each makes files and returns their paths; none prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::SecretString;

use super::args::Judged;
use super::console::{Bar, Console};
use super::failure::Failure;
use super::held;
use super::payload;
use super::remote;
use super::seal_key;
use super::session::Session;
use super::tables::Tables;
use super::time;
use super::workbooks::{self, Workbooks};
use crate::bundle::layout::portable_name;
use crate::bundle::{Recipient, SealRequest, Signer, envelope};
use crate::harvest::{Harvested, Plan, from_raw, harvest};
use crate::judge::finding::{Assessment, Severity};
use crate::outputs::files;
use crate::outputs::oscal::{self, Exchange};
use crate::outputs::report::{self, ReportLinks};
use crate::review::{self, Flag};
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

/// The instant an assessment was made for.
pub(super) fn as_of(assessment: &Assessment) -> Result<Timestamp, Failure> {
    assessment.as_of.parse().map_err(|error: jiff::Error| Failure::new(error.to_string()))
}

/// There is no `[review]` section.
pub(super) fn no_review(session: &Session) -> Failure {
    Failure::new(format!(
        "{} has no [review] section; `probant init` in an empty folder writes an example",
        session.config.path.display()
    ))
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
    let flags = flags(assessment);
    let review = review::open(config, &tables.records(session, &flags, as_of(assessment)?))?;
    workbooks::write(session, assessment, &tables, &review).map(Some)
}

/// What access checks found, by account id: the key of their subjects.
pub(super) fn flags(assessment: &Assessment) -> BTreeMap<String, Vec<Flag>> {
    let mut flags: BTreeMap<String, Vec<Flag>> = BTreeMap::new();
    for finding in assessment.findings.iter().filter(|f| f.columns.first().is_some_and(|c| c == "account_id")) {
        for subject in &finding.exceptions {
            flags.entry(subject.key.clone()).or_default().push(Flag {
                check_id: finding.check_id.clone(),
                fr: finding.title.fr.clone(),
                en: finding.title.en.clone(),
                serious: finding.severity >= Severity::High,
            });
        }
    }
    flags
}

/// Everything that a bundle is made from, already written.
pub(super) struct Parts<'a> {
    pub(super) snapshot: &'a Path,
    pub(super) assessment: &'a Assessment,
    pub(super) reports: &'a [PathBuf],
    pub(super) workbooks: &'a [PathBuf],
    /// How the assessment was asked for: it is made again when the bundle is redacted.
    pub(super) judged: &'a Judged,
    /// Files and folders added by name.
    pub(super) attached: &'a [PathBuf],
}

/// File name of the next bundle.
pub(super) fn bundle_name(session: &Session, store: &Store, assessment: &Assessment) -> String {
    let locale = session.config.file.organisation.locale;
    let label = portable_name(&locale.period(&assessment.period.label));
    let prefix = locale.pick("dossier", "evidence");
    store.free_name("bundles", &format!("{prefix}-{label}-{}", assessment.snapshot_id), ".asice")
}

/// Seals the parts into the store's next bundle.
pub(super) fn seal(
    session: &Session,
    store: &mut Store,
    name: &str,
    signer: &Signer,
    parts: &Parts<'_>,
) -> Result<PathBuf, Failure> {
    remote::captures(session, parts.assessment)?;
    let previous: Vec<_> = store.events().iter().filter(|entry| entry.event == "bundle").collect();
    let request = SealRequest {
        bundle_id: name.trim_end_matches(".asice").to_owned(),
        file_name: name.to_owned(),
        seq: previous.len() as u64 + 1,
        previous_manifest_sha256: previous.last().and_then(|e| e.data.get("manifest_sha256")?.as_str().map(str::to_owned)),
        organisation: session.config.file.organisation.name.clone(),
        created: session.context.now(),
        files: payload::files(session, store, name, parts)?,
        bag_info: vec![
            ("Snapshot-Id".into(), parts.assessment.snapshot_id.clone()),
            ("Period".into(), parts.assessment.period.label.clone()),
            ("As-Of".into(), parts.assessment.as_of.clone()),
        ],
    };
    let path = store.root().join("bundles").join(name);
    let sealed = time::seal(session, &request, signer, &store::temporary(&path))?;
    let data = serde_json::json!({
        "seq": request.seq,
        "snapshot": parts.assessment.snapshot_id,
        "manifest_sha256": sealed.manifest_sha256,
        "previous_manifest_sha256": request.previous_manifest_sha256,
        "bytes": sealed.bytes,
        "entries": sealed.entries,
        "signer_sha256": signer.fingerprint(),
    });
    let path = store.publish("bundle", session.context.now(), &format!("bundles/{name}"), data)?;
    if sealed.many_entries {
        session.console.note(session.console.pick(
            format!("Le dossier contient {} fichiers : au-delà de 1 000, des vérificateurs en ligne le refusent.", sealed.entries),
            format!("The bundle holds {} files: beyond 1,000, online validators refuse it.", sealed.entries),
        ));
    }
    Ok(path)
}

/// Those who may open the bundle: of the command line, and of `[envelope]`.
pub(super) fn recipients(session: &Session, named: &[PathBuf]) -> Result<Vec<Recipient>, Failure> {
    let configured = session.config.file.envelope.encrypt_for.iter().map(|path| session.config.base.join(path));
    let mut paths: Vec<PathBuf> = named.iter().map(|path| session.context.folder.join(path)).chain(configured).collect();
    paths.sort();
    paths.dedup();
    paths.iter().map(|path| Ok(Recipient::load(path, session.context.now())?)).collect()
}

/// Encrypts a sealed bundle for its readers, beside it. Nothing without readers.
pub(super) fn envelopes(
    session: &Session,
    store: &mut Store,
    bundle: &Path,
    recipients: &[Recipient],
) -> Result<Vec<PathBuf>, Failure> {
    if recipients.is_empty() {
        return Ok(vec![]);
    }
    let name = bundle.file_name().unwrap_or_default().to_string_lossy();
    let parts = envelope::parts(&name, fs::metadata(bundle)?.len(), envelope::PART);
    let place = |part: &envelope::Part| store::temporary(&store.root().join("bundles").join(&part.name));
    for part in &parts {
        envelope::encrypt(bundle, part, recipients, &mut seal_key::random, &place(part))?;
    }
    // All are whole before the first is given its name.
    let readers: Vec<_> = recipients
        .iter()
        .map(|reader| serde_json::json!({ "subject": reader.subject(), "certificate_sha256": reader.fingerprint() }))
        .collect();
    let sealed = store.events().iter().rev().find(|entry| entry.event == "bundle");
    let snapshot = sealed.and_then(|entry| entry.data.get("snapshot")).cloned();
    let mut paths = vec![];
    for (at, part) in parts.iter().enumerate() {
        let data = serde_json::json!({
            "bundle": name, "snapshot": snapshot, "part": at + 1, "parts": parts.len(), "recipients": readers,
        });
        paths.push(store.publish("envelope", session.context.now(), &format!("bundles/{}", part.name), data)?);
    }
    Ok(paths)
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
        campaigns: super::campaigns::standing(session, as_of(assessment)?)?,
    })
}

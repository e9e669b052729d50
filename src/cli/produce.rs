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
use super::session::Session;
use crate::bundle::layout::portable_name;
use crate::bundle::{self, KeyRequest, SealRequest, Signer};
use crate::context::Context;
use crate::harvest::{Harvested, Plan, from_raw, harvest};
use crate::judge::finding::{Assessment, CollectionSummary, Severity};
use crate::outputs::files;
use crate::outputs::oscal::{self, Exchange};
use crate::outputs::report::{self, ReportLinks};
use crate::outputs::workbook::{self, ReviewerBook, SourceFacts};
use crate::review::{self, Book, Flag, Records, Review, ReviewConfig};
use crate::snapshot::read;
use crate::snapshot::schema::{Account, Asset, Collection, Decision, Entitlement, Grant, Person};
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

/// What a review open wrote.
pub(super) struct Workbooks {
    pub(super) paths: Vec<PathBuf>,
    pub(super) lines: u64,
    pub(super) unassigned: u64,
}

/// The tables that a review is made from, within the perimeter.
pub(super) struct Tables {
    pub(super) people: Vec<Person<'static>>,
    accounts: Vec<Account<'static>>,
    entitlements: Vec<Entitlement<'static>>,
    pub(super) grants: Vec<Grant<'static>>,
    assets: Vec<Asset<'static>>,
    pub(super) decisions: Vec<Decision<'static>>,
    pub(super) collections: Vec<Collection<'static>>,
}

impl Tables {
    pub(super) fn read(session: &Session, snapshot: &Path) -> Result<Self, Failure> {
        let outside = &session.config.file.perimeter.outside;
        let is_outside = |system: &str| outside.iter().any(|known| known == system);
        let mut tables = Self {
            people: read::rows(snapshot)?,
            accounts: read::rows(snapshot)?,
            entitlements: read::rows(snapshot)?,
            grants: read::rows(snapshot)?,
            assets: read::rows(snapshot)?,
            decisions: read::rows(snapshot)?,
            collections: read::rows(snapshot)?,
        };
        tables.accounts.retain(|account| !is_outside(&account.system));
        tables.grants.retain(|grant| !grant.account_id.split_once(':').is_some_and(|(system, _)| is_outside(system)));
        Ok(tables)
    }

    pub(super) fn records<'a>(
        &'a self,
        session: &'a Session,
        flags: &'a BTreeMap<String, Vec<Flag>>,
        as_of: Timestamp,
    ) -> Records<'a> {
        Records {
            people: &self.people,
            accounts: &self.accounts,
            entitlements: &self.entitlements,
            grants: &self.grants,
            assets: &self.assets,
            decisions: &self.decisions,
            flags,
            as_of: as_of.into(),
            zone: &session.config.zone,
            lang: session.config.file.organisation.locale,
        }
    }
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
    write_books(session, assessment, &tables, &review).map(Some)
}

/// Writes the workbooks of a prepared review.
pub(super) fn write_books(
    session: &Session,
    assessment: &Assessment,
    tables: &Tables,
    review: &Review<'_>,
) -> Result<Workbooks, Failure> {
    let config = session.config.file.review.as_ref().ok_or_else(|| no_review(session))?;
    let as_of = as_of(assessment)?;
    let sources: Vec<SourceFacts> = tables
        .collections
        .iter()
        .map(|collection| {
            let of = |c: &&CollectionSummary| c.collection_id == collection.collection_id;
            let rejects = assessment.collections.iter().find(of).map(|c| c.reject_reasons.clone()).unwrap_or_default();
            SourceFacts::new(collection, &session.config.zone, rejects)
        })
        .collect();
    let folder = held::folder(session, &config.campaign).join("sent").join(&assessment.snapshot_id);
    let mut paths = vec![];
    for book in &review.books {
        let reviewer = ReviewerBook {
            organisation: &session.config.file.organisation.name,
            campaign: &config.campaign,
            due: config.due,
            contact: &config.contact,
            snapshot_id: &assessment.snapshot_id,
            created: as_of,
            zone: &session.config.zone,
            tool_version: env!("CARGO_PKG_VERSION"),
            book,
            totals: &review.totals,
            sources: &sources,
            scratch: None,
        };
        let mut bytes = vec![];
        workbook::write(&reviewer, book.lang, &mut bytes)?;
        paths.push(files::write(&folder, &workbook_name(config, book), &bytes)?);
    }
    Ok(Workbooks { paths, lines: review.totals.lines, unassigned: review.totals.unassigned })
}

/// `revue-2026-T4-Anne-Martin-4711.xlsx`: a name to recognise, the employee id so that homonyms do not collide.
fn workbook_name(config: &ReviewConfig, book: &Book<'_>) -> String {
    let word = book.lang.pick("revue", "review");
    let plain = |text: &str| portable_name(&text.replace(' ', "-"));
    format!("{word}-{}-{}-{}.xlsx", config.campaign, plain(&book.reviewer.display_name), plain(&book.reviewer.employee_id))
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

/// Paths of the seal key and its certificate.
pub(super) fn key_paths(session: &Session) -> (PathBuf, PathBuf) {
    let signing = &session.config.file.signing;
    let keys = session.store_path().join("keys");
    let path = |set: &Option<PathBuf>, default: &str| {
        set.as_ref().map_or_else(|| keys.join(default), |path| session.config.base.join(path))
    };
    (path(&signing.key, "seal.key.pem"), path(&signing.certificate, "seal.cert.pem"))
}

/// The passphrase: from the file, else the environment, else a prompt.
pub(super) fn passphrase(session: &Session, new: bool) -> Result<SecretString, Failure> {
    let signing = &session.config.file.signing;
    if let Some(path) = signing.passphrase_file.as_ref().map(|path| session.config.base.join(path)) {
        let text = fs::read_to_string(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
        return Ok(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()));
    }
    let variable = signing.passphrase_env.as_deref().unwrap_or("PROBANT_PASSPHRASE");
    if let Some(secret) = Context::secret(variable) {
        return Ok(secret);
    }
    let console = &session.console;
    let asked =
        rpassword::prompt_password(console.pick("Phrase secrète de la clé de scellement : ", "Passphrase of the seal key: "));
    let typed = asked.map_err(|error| {
        Failure::new(format!(
            "no passphrase for the seal key: {error}. Set {variable}, or [signing] passphrase_file in probant.toml"
        ))
    })?;
    if new {
        let again = rpassword::prompt_password(console.pick("La même, encore une fois : ", "The same once more: "))?;
        if again != typed {
            return Err(Failure::new("the two passphrases differ; nothing was made"));
        }
    }
    Ok(SecretString::from(typed))
}

/// Makes a seal key and a self-made certificate, valid five years.
pub(super) fn create_key(session: &Session) -> Result<String, Failure> {
    let (key, certificate) = key_paths(session);
    let passphrase = passphrase(session, true)?;
    let now = session.context.now();
    let five_years = jiff::SignedDuration::from_hours(5 * 365 * 24);
    let made = bundle::create_key(
        &KeyRequest {
            organisation: &session.config.file.organisation.name,
            not_before: now,
            not_after: now.saturating_add(five_years).map_err(|error| Failure::new(error.to_string()))?,
            passphrase: &passphrase,
        },
        &mut |buffer| getrandom::fill(buffer).map_err(std::io::Error::other),
    )?;
    for path in [&key, &certificate] {
        store::atomic::folder(path.parent().unwrap_or(Path::new(".")))?;
    }
    made.write(&key, &certificate)?;
    Ok(made.fingerprint)
}

/// The signer; made first when the configuration says so and there is none.
pub(super) fn signer(session: &Session) -> Result<Signer, Failure> {
    let (key, certificate) = key_paths(session);
    if !key.exists() {
        if !session.config.file.signing.create {
            return Err(Failure::new(format!("there is no seal key at {}; make one with `probant keys create`", key.display())));
        }
        let fingerprint = create_key(session)?;
        session.console.note(session.console.pick(
            format!(
                "Clé de scellement créée : {}. Empreinte à donner à l'auditeur par une autre voie : {fingerprint}",
                certificate.display()
            ),
            format!("Seal key made: {}. Fingerprint to give the auditor by another way: {fingerprint}", certificate.display()),
        ));
    }
    Ok(bundle::load_signer(&key, &certificate, &passphrase(session, false)?)?)
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
    let sealed = bundle::seal(&request, signer, &store::temporary(&path))?;
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

//! What a bundle holds: the parts of a run as they are or, with a `[redaction]` section, made again without naming anyone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::args::Judged;
use super::failure::Failure;
use super::session::Session;
use super::{produce, standing};
use crate::bundle::{PayloadFile, PayloadSource};
use crate::context::Context;
use crate::judge::finding::Assessment;
use crate::outputs::attached::attached;
use crate::outputs::dossier::{Gather, Inside, gather};
use crate::outputs::files;
use crate::redaction::{Excluded, Key, LISTING, Listing, Redaction, RedactionConfig, Rules};
use crate::snapshot::manifest::{Manifest, TABLES};
use crate::store::{SNAPSHOT_FILE, Store, atomic, digest};

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

/// The files of a bundle, the seal's own aside.
pub(super) fn files(session: &Session, store: &Store, name: &str, parts: &Parts<'_>) -> Result<Vec<PayloadFile>, Failure> {
    let added = attached(parts.attached)?;
    let whole = Made {
        snapshot: parts.snapshot.to_owned(),
        outputs: produce::outputs(session, parts.snapshot),
        assessment: parts.assessment.clone(),
        reports: parts.reports.to_vec(),
    };
    let Some(config) = &session.config.file.redaction else {
        let mut files = gathered(session, store, parts, &whole, Inside { captures: true, ledger: true })?;
        files.extend(added);
        return Ok(files);
    };
    Stage { session, store, name, parts }.files(config, &whole, added)
}

/// What is made from a snapshot, by where it lies.
struct Made {
    snapshot: PathBuf,
    outputs: PathBuf,
    assessment: Assessment,
    reports: Vec<PathBuf>,
}

fn gathered(session: &Session, store: &Store, parts: &Parts<'_>, made: &Made, inside: Inside) -> Result<Vec<PayloadFile>, Failure> {
    let (_, checks) = session.checks()?;
    let (index, others) = made.reports.split_first().ok_or_else(|| Failure::new("there is no report to seal"))?;
    Ok(gather(&Gather {
        store: store.root(),
        snapshot: &made.snapshot,
        assessment: &made.assessment,
        checks: &checks,
        configuration: &session.config.files,
        outputs: &made.outputs,
        index,
        reports: others,
        workbooks: parts.workbooks,
        campaigns: &standing::dossiers(session)?,
        inside,
    })?)
}

/// Folders of a bundle whose files are written by people or for them: each is redacted as a text or as a workbook.
const WRITTEN: [&str; 3] = ["configuration/", "review/", "campaigns/"];

/// The redaction of one bundle.
struct Stage<'a> {
    session: &'a Session,
    store: &'a Store,
    name: &'a str,
    parts: &'a Parts<'a>,
}

impl Stage<'_> {
    /// The files without names: the tables first, then everything that is made from them, made again; the rest as text.
    fn files(&self, config: &RedactionConfig, whole: &Made, attached: Vec<PayloadFile>) -> Result<Vec<PayloadFile>, Failure> {
        let key = self.key(config)?;
        let redaction = Redaction::learn(&whole.snapshot, Rules::new(config)?, key)?;
        let folder = whole.outputs.join("redacted");
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _gone => {}
        }
        let snapshot = self.tables(&redaction, &folder)?;
        let assessment = self.assessment(&redaction, &snapshot)?;
        // Without the workbooks: their names are those of their reviewers.
        let mut links = produce::links(self.session, &assessment, Some(self.name.to_owned()), &[])?;
        // Reviewers stand there by name; the campaigns' own files are in the bundle, redacted.
        links.campaigns.clear();
        let reports = produce::reports_in(self.session, &folder, &assessment, &links)?;
        let (mut left_out, ledger) = self.left_out(&redaction)?;
        let made = Made { snapshot, outputs: folder.clone(), assessment, reports };
        let mut files = vec![];
        for file in gathered(self.session, self.store, self.parts, &made, Inside { captures: false, ledger })? {
            if !WRITTEN.iter().any(|written| file.path.starts_with(written)) {
                files.push(file);
                continue;
            }
            match Self::written(&redaction, &folder, files.len(), &file)? {
                Ok(clean) => files.push(clean),
                Err(excluded) => left_out.push(excluded),
            }
        }
        let original = digest::hex(&fs::read(whole.snapshot.join(SNAPSHOT_FILE))?);
        let as_they_are = attached.iter().map(|file| format!("data/{}", file.path)).collect();
        let listing = serde_json::to_vec_pretty(&Listing::new(&redaction, original, left_out, as_they_are))?;
        files.push(PayloadFile { path: LISTING.to_owned(), source: PayloadSource::Bytes(listing) });
        files.extend(attached);
        self.keep_mapping(&redaction)?;
        Ok(files)
    }

    /// A redacted copy of a text or workbook; what is neither is left out, with its digest.
    fn written(
        redaction: &Redaction,
        folder: &Path,
        n: usize,
        file: &PayloadFile,
    ) -> Result<Result<PayloadFile, Excluded>, Failure> {
        let bytes = match &file.source {
            PayloadSource::Bytes(bytes) => bytes.clone(),
            PayloadSource::File(path) => fs::read(path)?,
        };
        let (parent, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let is_workbook = matches!(extension, "xlsx" | "ods");
        let clean = if is_workbook {
            redaction.workbook(&bytes)
        } else {
            std::str::from_utf8(&bytes).map(|text| redaction.text(text).into_bytes()).map_err(|_binary| "it is no text".to_owned())
        };
        let clean = match clean {
            Ok(clean) => clean,
            Err(reason) => return Ok(Err(Excluded { path: format!("data/{}", file.path), sha256: digest::hex(&bytes), reason })),
        };
        // `revue-2026-T4-Anne-Martin-4711.xlsx`: a workbook bears its reviewer's name, and other files may.
        let words = stem.replace(['-', '_'], " ");
        let name = if is_workbook || redaction.text(&words) != words { format!("{n:04}.{extension}") } else { name.to_owned() };
        let path = files::write(&folder.join("files").join(parent), &name, &clean)?;
        Ok(Ok(PayloadFile { path: format!("{parent}/{name}"), source: PayloadSource::File(path) }))
    }

    /// Writes the redacted snapshot.
    fn tables(&self, redaction: &Redaction, folder: &Path) -> Result<PathBuf, Failure> {
        let snapshot = folder.join("snapshot");
        atomic::folder(&snapshot)?;
        let rows = redaction.tables(self.parts.snapshot, &snapshot.join(TABLES))?;
        let original = Manifest::read(self.parts.snapshot)?;
        Manifest::make(&snapshot, &original.id, original.as_of, &original.organisation, &rows)?.write(&snapshot)?;
        Ok(snapshot)
    }

    /// Judges the redacted snapshot, which must give what the whole one gave: what an auditor finds again in the sealed tables must
    /// be the truth.
    fn assessment(&self, redaction: &Redaction, snapshot: &Path) -> Result<Assessment, Failure> {
        let mut assessment = self.session.assess(snapshot, self.parts.judged)?;
        let whole = &self.parts.assessment.findings;
        let differs = whole.iter().zip(&assessment.findings).find(|(a, b)| a.counts != b.counts || a.status != b.status);
        if let Some((before, after)) = differs {
            return Err(Failure::new(format!(
                "redaction changes what check {} finds ({} exceptions of {}, instead of {} of {}): it judges a column that is redacted. Add that column to `keep` in [redaction], or have the check skipped; nothing was sealed",
                before.check_id,
                after.counts.exceptions,
                after.counts.population,
                before.counts.exceptions,
                before.counts.population
            )));
        }
        // From the Statement of Applicability, which is no table.
        for control in &mut assessment.controls {
            for text in [&mut control.owner, &mut control.justification, &mut control.implementation].into_iter().flatten() {
                *text = redaction.text(text);
            }
        }
        Ok(assessment)
    }

    /// Raw captures, and the ledger where a name stands in it: a changed line would break its chain.
    fn left_out(&self, redaction: &Redaction) -> Result<(Vec<Excluded>, bool), Failure> {
        let mut left_out: Vec<Excluded> = vec![];
        for collection in &self.parts.assessment.collections {
            let Some(sha256) = &collection.raw_sha256 else { continue };
            let path = format!("data/raw/{sha256}.zst");
            if left_out.iter().all(|known| known.path != path) {
                left_out.push(Excluded { path, sha256: sha256.clone(), reason: "raw capture".into() });
            }
        }
        let ledger = fs::read_to_string(self.store.root().join("ledger.jsonl"))?;
        let clean = redaction.text(&ledger) == ledger;
        if !clean {
            let sha256 = digest::hex(ledger.as_bytes());
            left_out.push(Excluded { path: "data/ledger.jsonl".into(), sha256, reason: "a name stands in it".into() });
        }
        Ok((left_out, clean))
    }

    /// Who is who, for those inside.
    fn keep_mapping(&self, redaction: &Redaction) -> Result<(), Failure> {
        let folder = self.store.root().join("redaction");
        let name = format!("{}.json", self.name.trim_end_matches(".asice"));
        let text = serde_json::to_vec_pretty(&serde_json::json!({
            "schema": "probant.pseudonyms.v1",
            "bundle": self.name,
            "key_fingerprint": redaction.key_fingerprint(),
            "pseudonyms": redaction.mapping(),
        }))?;
        files::write(&folder, &name, &text)?;
        Ok(())
    }

    fn key(&self, config: &RedactionConfig) -> Result<Key, Failure> {
        let short = |place: &str| {
            Failure::new(format!(
                "{place} holds less than 32 bytes: too little for a key; write 64 random hexadecimal digits (openssl rand -hex 32)"
            ))
        };
        if let Some(variable) = &config.key_env {
            let Some(secret) = Context::secret(variable) else {
                return Err(Failure::new(format!("[redaction] key_env is {variable}, which is not set; nothing was sealed")));
            };
            let bytes = secrecy::ExposeSecret::expose_secret(&secret).trim().as_bytes().to_vec();
            return Key::new(&bytes).ok_or_else(|| short(variable));
        }
        let path = match &config.key_file {
            Some(path) => self.session.config.base.join(path),
            None => self.made()?,
        };
        let bytes = fs::read(&path).map_err(|error| {
            Failure::new(format!("{}: {error}; [redaction] key_file names it. Make one with: openssl rand -hex 32", path.display()))
        })?;
        private(&path)?;
        Key::new(bytes.trim_ascii()).ok_or_else(|| short(&path.display().to_string()))
    }

    /// The key in the store, made the first time.
    fn made(&self) -> Result<PathBuf, Failure> {
        let path = self.store.root().join("keys/redaction.key");
        if !path.exists() {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(|error| Failure::new(format!("no random bytes from the system: {error}")))?;
            atomic::folder(path.parent().unwrap_or(Path::new(".")))?;
            atomic::write(&path, format!("{}\n", digest::text(&bytes)).as_bytes())?;
            self.session.console.note(self.session.console.pick(
                format!("Clé des pseudonymes créée : {}. Sans elle, ceux du prochain trimestre seront d'autres.", path.display()),
                format!("Key of the pseudonyms made: {}. Without it, next quarter's will be others.", path.display()),
            ));
        }
        Ok(path)
    }
}

/// Refuses a key that others can read: with it, anyone can try names out.
fn private(path: &Path) -> Result<(), Failure> {
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    let by_others = mode & 0o077;
    if by_others == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(Failure::new(format!(
        "{shown} can be read by others (mode {mode:03o}) and is the key of the pseudonyms; type: chmod 600 {shown}"
    )))
}

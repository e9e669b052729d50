//! What goes into the sealed file: the snapshot as Parquet and CSV, the findings (ours and OSCAL), the checks that were run, the report, the
//! workbooks, the raw captures, the ledger so far.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::files::OutputError;
use super::oscal;
use crate::bundle::layout::portable_name;
use crate::bundle::{PayloadFile, PayloadSource};
use crate::judge::check::Check;
use crate::judge::finding::Assessment;
use crate::snapshot::schema::TABLES;
use crate::snapshot::{manifest, pages, read, writer};
use crate::store::{SNAPSHOT_FILE, atomic, raw};

/// What the dossier is gathered from.
pub struct Gather<'a> {
    pub store: &'a Path,
    pub snapshot: &'a Path,
    pub assessment: &'a Assessment,
    pub checks: &'a [Check],
    /// Configuration files as read: name and text.
    pub configuration: &'a [(String, String)],
    /// Folder of the outputs of this snapshot; the CSV files are made in it.
    pub outputs: &'a Path,
    /// Report to open first, other reports, by path.
    pub index: &'a Path,
    pub reports: &'a [PathBuf],
    pub workbooks: &'a [PathBuf],
    /// Whether raw captures and the ledger go in: they name people, and stay when the rest is redacted.
    pub inside: Inside,
    pub campaigns: &'a [CampaignFiles],
}

/// What stays in the house when a bundle is redacted.
#[derive(Debug, Clone, Copy)]
pub struct Inside {
    pub captures: bool,
    pub ledger: bool,
}

/// A campaign's files: what it was opened with, what came back, what was decided, and what became of it.
#[derive(Debug, Clone)]
pub struct CampaignFiles {
    pub id: String,
    pub folder: PathBuf,
    /// Workbooks sent and returned, below the folder. What else there is, is found.
    pub files: BTreeSet<String>,
}

fn bytes(path: &str, bytes: impl Into<Vec<u8>>) -> PayloadFile {
    PayloadFile { path: path.to_owned(), source: PayloadSource::Bytes(bytes.into()) }
}

fn file(path: String, file: &Path) -> PayloadFile {
    PayloadFile { path, source: PayloadSource::File(file.to_owned()) }
}

fn name(path: &Path) -> String {
    portable_name(&path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default())
}

/// Gathers the files, in no particular order: the seal sorts them.
pub fn gather(from: &Gather<'_>) -> Result<Vec<PayloadFile>, OutputError> {
    let mut files = vec![
        file("index.html".into(), from.index),
        // The very file that the OSCAL documents name by its digest.
        file("findings.json".into(), &from.outputs.join("findings.json")),
        file(format!("snapshot/{SNAPSHOT_FILE}"), &from.snapshot.join(SNAPSHOT_FILE)),
        bytes("snapshot/columns.md", pages::columns()),
    ];
    for name in [oscal::RESULTS, oscal::COMPONENTS] {
        files.push(file(format!("{0}/{name}", oscal::FOLDER), &from.outputs.join(oscal::FOLDER).join(name)));
    }
    files.extend(from.reports.iter().map(|path| file(name(path), path)));
    files.extend(from.workbooks.iter().map(|path| file(format!("review/{}", name(path)), path)));
    for table in TABLES {
        let parquet = writer::path(&from.snapshot.join(manifest::TABLES), table.name);
        files.push(file(format!("snapshot/tables/{}.parquet", table.name), &parquet));
        let csv = from.outputs.join("csv").join(format!("{}.csv", table.name));
        write_csv(from.snapshot, table, &csv).map_err(|source| OutputError { path: csv.clone(), source })?;
        files.push(file(format!("snapshot/csv/{}.csv", table.name), &csv));
    }
    let mut names = BTreeSet::new();
    for (name, text) in from.configuration.iter().filter(|(name, _)| names.insert(name.as_str())) {
        files.push(bytes(&format!("configuration/{}", portable_name(name)), text.clone()));
    }
    for campaign in from.campaigns {
        files.extend(of_campaign(campaign)?);
    }
    files.extend(checks(from.checks));
    if from.inside.captures {
        files.extend(captures(from));
    }
    if from.inside.ledger {
        let ledger = from.store.join("ledger.jsonl");
        let ledger_bytes = fs::read(&ledger).map_err(|source| OutputError { path: ledger, source })?;
        files.push(bytes("ledger.jsonl", ledger_bytes));
    }
    Ok(files)
}

/// Files right in a campaign's folder, its follow-up and corrections, and the workbooks named.
fn of_campaign(campaign: &CampaignFiles) -> Result<Vec<PayloadFile>, OutputError> {
    let mut names = campaign.files.clone();
    for part in ["", "follow-up", "corrections"] {
        let folder = campaign.folder.join(part);
        let wrong = |source| OutputError { path: folder.clone(), source };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(wrong(error)),
        };
        for entry in entries {
            let entry = entry.map_err(wrong)?;
            if entry.file_type().map_err(wrong)?.is_file() {
                names.insert(Path::new(part).join(entry.file_name()).display().to_string());
            }
        }
    }
    let payload = |name: &String| file(format!("campaigns/{}/{name}", campaign.id), &campaign.folder.join(name));
    Ok(names.iter().map(payload).collect())
}

fn write_csv(snapshot: &Path, table: &crate::snapshot::schema::Table, path: &Path) -> io::Result<()> {
    atomic::folder(path.parent().unwrap_or(Path::new(".")))?;
    let temporary = crate::store::temporary(path);
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _gone => {}
    }
    let file: File = atomic::create(&temporary)?;
    read::csv(snapshot, table, BufWriter::new(&file))?;
    file.sync_all()?;
    atomic::publish(&temporary, path)
}

/// Check files as they were run, each once.
fn checks(checks: &[Check]) -> Vec<PayloadFile> {
    let mut seen = BTreeSet::new();
    checks
        .iter()
        .filter(|check| seen.insert(check.file.as_str()))
        .map(|check| bytes(&format!("checks/{}", name(Path::new(&check.file))), check.source.clone().into_bytes()))
        .collect()
}

/// Raw captures that the collections name; the same bytes seen twice are there once.
fn captures(from: &Gather<'_>) -> Vec<PayloadFile> {
    let digests: BTreeSet<&str> = from.assessment.collections.iter().filter_map(|c| c.raw_sha256.as_deref()).collect();
    digests.into_iter().map(|sha256| file(format!("raw/{sha256}.zst"), &raw::path(&from.store.join("raw"), sha256))).collect()
}

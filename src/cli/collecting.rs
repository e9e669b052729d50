//! Collecting what came back: every file kept as it came, read into the log, and what could not be taken written to be sent back.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::held::{self, RETURNED, returned_name, still_open};
use super::session::Session;
use super::workbooks;
use crate::bundle::layout::portable_name;
use crate::context::Context;
use crate::lanes;
use crate::outputs::{files, workbook};
use crate::review::collecting::collect::{Collecting, collect};
use crate::review::collecting::correction::{correction, note};
use crate::review::readback::{self, Reading, Returned};
use crate::review::record::campaign::Campaign;
use crate::review::record::decisions::Log;
use crate::review::record::returned::Severity;

/// What came of a collect.
pub(super) struct Taken {
    pub(super) campaign: Campaign,
    pub(super) readings: Vec<Reading>,
    /// Notes and workbooks to send back.
    pub(super) corrections: Vec<PathBuf>,
}

/// Collects returned workbooks; writes the corrections to send back.
pub(super) fn take(session: &Session, paths: &[PathBuf]) -> Result<Taken, Failure> {
    let mut store = session.store()?;
    let (campaign, mut log, folder) = held::configured(session)?;
    // What comes back after the closing is kept, and said to be too late.
    if log.abandoned().is_some() {
        still_open(&campaign, &log)?;
    }
    let contents = contents(paths)?;
    let returned: Vec<Returned<'_>> = contents.iter().map(|(name, bytes)| Returned { name, bytes }).collect();
    let by = Context::user();
    let now = session.context.now();
    let readings = collect(&campaign, &mut log, &returned, Collecting { now, by: &by, threads: Context::processors() });
    let kept = folder.join(RETURNED);
    // Of a file that is too big only the beginning was read: that is no copy of it. Copies of one file are kept once.
    let copies: BTreeMap<String, &[u8]> = contents
        .iter()
        .zip(&readings)
        .filter(|((_, bytes), _)| bytes.len() <= readback::LARGEST)
        .map(|((name, bytes), reading)| (returned_name(name, &reading.sha256), bytes.as_slice()))
        .collect();
    let copies: Vec<_> = copies.iter().collect();
    lanes::each(
        &copies,
        Context::processors(),
        |(_, bytes)| bytes.len() as u64,
        |(name, bytes)| files::write(&kept, name, bytes).map_err(Failure::from),
    )?;
    if workbooks::keeps_up(session, campaign.items.len() as u64) {
        workbooks::keep_up(session, &campaign, &log, &folder)?;
    }
    let mut corrections = vec![];
    for reading in readings.iter().filter(|reading| reading.notes.iter().any(|note| note.severity == Severity::Refuse)) {
        corrections.extend(send_back(session, &campaign, &log, (&folder, reading))?);
    }
    held::write_log(session, &mut store, (&folder, &log), "campaign-collected", &[])?;
    Ok(Taken { campaign, readings, corrections })
}

/// Files as named, and those of the folders named. What office programs leave beside an open file is no workbook.
fn contents(paths: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let wrong = |path: &Path, error: &std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    let mut files = vec![];
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = fs::read_dir(path).map_err(|error| wrong(path, &error))?;
        let mut inside =
            entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(|error| wrong(path, &error))?;
        let aside = |name: &str| name.starts_with(['.', '~']);
        inside.retain(|path| path.is_file() && !path.file_name().is_some_and(|name| aside(&name.to_string_lossy())));
        inside.sort();
        if inside.is_empty() {
            return Err(Failure::new(format!("{}: no file in this folder", path.display())));
        }
        files.extend(inside);
    }
    let read = |path: PathBuf| -> Result<(PathBuf, Vec<u8>), Failure> {
        let mut bytes = vec![];
        let most = readback::LARGEST as u64 + 1;
        let taken = fs::File::open(&path).and_then(|file| file.take(most).read_to_end(&mut bytes));
        match taken {
            Ok(_) => Ok((path, bytes)),
            Err(error) => Err(wrong(&path, &error)),
        }
    };
    let read = files.into_iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
    // People know a file by its name; its folder is told only where two bear the same.
    let name =
        |path: &Path| path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let alone = |path: &Path| read.iter().filter(|(other, _)| name(other) == name(path)).count() == 1;
    let told: Vec<String> =
        read.iter().map(|(path, _)| if alone(path) { name(path) } else { path.display().to_string() }).collect();
    Ok(told.into_iter().zip(read.into_iter().map(|(_, bytes)| bytes)).collect())
}

/// The note to a reviewer, and the workbook of the lines to correct, if any.
fn send_back(
    session: &Session,
    campaign: &Campaign,
    log: &Log,
    (folder, reading): (&Path, &Reading),
) -> Result<Vec<PathBuf>, Failure> {
    let file = Path::new(&reading.file).file_name().map(|name| name.to_string_lossy().into_owned());
    let who = reading.reviewer.clone().or(file).unwrap_or_default();
    let name = portable_name(&who).replace(':', "-");
    let folder = folder.join("corrections");
    let lang = reading.reviewer.as_deref().and_then(|id| campaign.reviewer(id)).map_or(session.console.lang, |r| r.lang);
    let mut made = vec![files::write(&folder, &format!("{name}.txt"), note(campaign, reading, lang).as_bytes())?];
    if let Some(correction) = correction(campaign, log, reading, session.context.now()) {
        let mut book = vec![];
        workbook::write_correction(&correction, &mut book)?;
        made.push(files::write(&folder, &format!("{name}.xlsx"), &book)?);
    }
    Ok(made)
}

//! What the working folder does not have, brought from the bucket: snapshots, bundles, raw captures, each held to its digest before it
//! gets its name.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{differs, io_at, newest};
use crate::store::backend::{Backend, digest_of};
use crate::store::{SNAPSHOT_FILE, StoreError, atomic, digest, object_digest, raw};

/// Where fetched objects wait until they are whole, below the working folder, with the process that fetches.
const FETCHING: &str = ".fetch-";

/// A folder to fetch into; what processes that are no more left is removed.
fn waiting(root: &Path) -> Result<PathBuf, StoreError> {
    let failed = io_at(root);
    for entry in fs::read_dir(root).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let over = |process: &str| process == std::process::id().to_string() || !Path::new("/proc").join(process).exists();
        if name.strip_prefix(FETCHING).is_some_and(over) {
            fs::remove_dir_all(entry.path()).map_err(&failed)?;
        }
    }
    let folder = root.join(format!("{FETCHING}{}", std::process::id()));
    atomic::folder(&folder).map_err(failed)?;
    Ok(folder)
}

/// Fetches a file and returns its digest.
fn fetch(from: &dyn Backend, name: &str, to: &Path) -> Result<String, StoreError> {
    let failed = io_at(to);
    let mut file = atomic::create(to).map_err(&failed)?;
    if !from.copy_to(name, &mut file)? {
        return Err(differs(from, format!("{name} is gone, although the ledger announces it")));
    }
    file.flush().and_then(|()| file.sync_all()).map_err(&failed)?;
    Ok(File::open(to).and_then(digest::stream).map_err(failed)?.0)
}

fn hold(from: &dyn Backend, name: &str, found: &str, announced: &str) -> Result<(), StoreError> {
    if found == announced {
        Ok(())
    } else {
        Err(differs(from, format!("{name} was changed since it was recorded; restore it from a copy")))
    }
}

/// Gives a fetched object its place. That another process was quicker is as good.
fn place(fetched: &Path, to: &Path) -> Result<(), StoreError> {
    atomic::folder(to.parent().unwrap_or(Path::new("."))).map_err(io_at(to))?;
    match atomic::publish(fetched, to) {
        Err(_) if to.exists() => Ok(()),
        published => published.map_err(io_at(to)),
    }
}

/// Fetches the newest version of an announced object that the working folder does not have: a bundle, or a snapshot with its tables.
pub fn fetch_object(root: &Path, from: &dyn Backend, name: &str, versions: &[(u64, String)]) -> Result<(), StoreError> {
    let (to, (key, sha256)) = (root.join(name), newest(name, versions));
    // Where there are several, the one that is here may be an older one.
    let older = || versions.len() > 1 && object_digest(&to).is_ok_and(|found| found != sha256);
    if to.exists() && !older() {
        return Ok(());
    }
    let fetched = waiting(root)?.join("object");
    if !name.starts_with("snapshots/") {
        hold(from, name, &fetch(from, &key, &fetched)?, &sha256)?;
        return place(&fetched, &to);
    }
    let tables = fetched.join("tables");
    atomic::folder(&tables).map_err(io_at(&tables))?;
    let manifest = fetched.join(SNAPSHOT_FILE);
    hold(from, name, &fetch(from, &format!("{name}/{SNAPSHOT_FILE}"), &manifest)?, &sha256)?;
    let listed = fs::read(&manifest).and_then(|bytes| Ok(serde_json::from_slice::<Listed>(&bytes)?)).map_err(io_at(&manifest))?;
    for (table, file) in listed.tables {
        let below = format!("tables/{table}.parquet");
        hold(from, name, &fetch(from, &format!("{name}/{below}"), &fetched.join(&below))?, &file.sha256)?;
    }
    place(&fetched, &to)
}

/// What of a snapshot's manifest is needed to fetch it.
#[derive(serde::Deserialize)]
struct Listed {
    tables: BTreeMap<String, ListedFile>,
}

#[derive(serde::Deserialize)]
struct ListedFile {
    sha256: String,
}

/// Fetches a raw capture that the working folder does not have.
pub fn fetch_capture(root: &Path, from: &dyn Backend, sha256: &str) -> Result<(), StoreError> {
    let folder = root.join("raw");
    let to = raw::path(&folder, sha256);
    if to.exists() {
        return Ok(());
    }
    let waiting = waiting(root)?;
    let fetched = raw::path(&waiting, sha256);
    atomic::folder(fetched.parent().unwrap_or(&waiting)).map_err(io_at(&waiting))?;
    let name = format!("raw/{sha256}.zst");
    fetch(from, &name, &fetched)?;
    // It is named after what it unpacks to.
    let (found, _) = raw::open(&waiting, sha256).and_then(digest::stream).map_err(io_at(&fetched))?;
    hold(from, &name, &found, sha256)?;
    place(&fetched, &to)
}

/// Whether the bucket holds an announced object as it was announced; `None` when it is not there.
pub fn digest_in(from: &dyn Backend, name: &str, versions: &[(u64, String)]) -> Result<Option<String>, StoreError> {
    let name = if name.starts_with("snapshots/") { format!("{name}/{SNAPSHOT_FILE}") } else { newest(name, versions).0 };
    Ok(digest_of(from, &name)?)
}

//! Unpacking a verified bundle: from the descriptor that was verified, every file held again to the digest that was signed, into a
//! folder for its owner only that gets its name when all is there.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::bundle::container;
use crate::bundle::container::format::Record;
use crate::bundle::digest::{Digest, hex, sha256};
use crate::bundle::fault::{Fault, Lang};
use crate::bundle::layout::{ASIC_MANIFEST, MIMETYPE, MIMETYPE_CONTENT, check_name};
use crate::bundle::lists::asic;
use crate::bundle::lists::contents;

#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    #[error("nothing is extracted from a bundle that is not valid")]
    NotValid,
    #[error("{}: there is something at this place already; name a folder that does not exist yet, or an empty one", path.display())]
    Exists { path: PathBuf },
    #[error("the bundle changed while it was being read; nothing was extracted. Take a copy of it and verify that")]
    Changed,
    #[error("{}; nothing was extracted", .0.text(Lang::En))]
    Bundle(Fault),
    #[error("{}: {source}; nothing was extracted", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// A folder being filled, removed unless it gets its name.
struct Filling {
    path: PathBuf,
    named: bool,
}

impl Drop for Filling {
    fn drop(&mut self) {
        if !self.named {
            // Already failing: the error that led here is the one to report.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Unpacks the archive whose signed manifest has this digest. `unchanged` says whether the file is still the one that was verified.
pub(crate) fn extract(
    file: &File,
    manifest_sha256: &str,
    to: &Path,
    unchanged: &dyn Fn() -> Result<(), ExtractError>,
) -> Result<usize, ExtractError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| ExtractError::Write { path, source }
    };
    refuse_taken(to)?;
    let parent = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = to.file_name().ok_or_else(|| ExtractError::Exists { path: to.to_owned() })?;
    let archive = container::read::open(file).map_err(ExtractError::Bundle)?;
    let signed = signed_digests(&archive, manifest_sha256)?;
    let temporary = parent.join(format!(".tmp-{}", name.to_string_lossy()));
    // What a killed extraction left. A symbolic link of this name is not followed: it is no folder, and making ours then fails.
    if fs::symlink_metadata(&temporary).is_ok_and(|found| found.is_dir()) {
        fs::remove_dir_all(&temporary).map_err(at(&temporary))?;
    }
    DirBuilder::new().mode(0o700).create(&temporary).map_err(at(&temporary))?;
    let mut filling = Filling { path: temporary.clone(), named: false };
    for record in &archive.records {
        check_name(&record.name).map_err(ExtractError::Bundle)?;
        let path = temporary.join(&record.name);
        let folder = path.parent().unwrap_or(&temporary);
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))?;
        let digest = unpack(file, record, &path)?;
        if signed.get(&record.name).is_some_and(|expected| *expected != digest) {
            return Err(ExtractError::Changed);
        }
    }
    unchanged()?;
    // Renaming onto an empty folder replaces it, onto anything else fails.
    fs::rename(&temporary, to).map_err(at(to))?;
    filling.named = true;
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(at(parent))?;
    Ok(archive.records.len())
}

fn refuse_taken(to: &Path) -> Result<(), ExtractError> {
    let taken = || ExtractError::Exists { path: to.to_owned() };
    match fs::symlink_metadata(to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(ExtractError::Write { path: to.to_owned(), source }),
        Ok(found) if found.is_dir() => {
            let mut inside = fs::read_dir(to).map_err(|source| ExtractError::Write { path: to.to_owned(), source })?;
            if inside.next().is_none() { Ok(()) } else { Err(taken()) }
        }
        Ok(_) => Err(taken()),
    }
}

/// Digests by name, from the manifest that was verified and no other.
fn signed_digests(
    archive: &container::read::Archive<'_, File>,
    manifest_sha256: &str,
) -> Result<BTreeMap<String, Digest>, ExtractError> {
    let manifest = contents::small(archive, ASIC_MANIFEST).map_err(ExtractError::Bundle)?;
    let digest = sha256(&manifest);
    if hex(&digest) != manifest_sha256 {
        return Err(ExtractError::Changed);
    }
    let mut signed: BTreeMap<String, Digest> = asic::read(&manifest).map_err(ExtractError::Bundle)?.into_iter().collect();
    signed.insert(ASIC_MANIFEST.to_owned(), digest);
    signed.insert(MIMETYPE.to_owned(), sha256(MIMETYPE_CONTENT.as_bytes()));
    Ok(signed)
}

fn unpack(file: &File, record: &Record, path: &Path) -> Result<Digest, ExtractError> {
    let write = |source| ExtractError::Write { path: path.to_owned(), source };
    // `create_new` follows no link and overwrites nothing.
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(write)?;
    let mut hasher = Sha256::new();
    let mut failed = None;
    container::stream::unpack(file, record, &mut |chunk| {
        hasher.update(chunk);
        if failed.is_none() {
            failed = out.write_all(chunk).err();
        }
    })
    .map_err(ExtractError::Bundle)?;
    failed.map_or_else(|| out.sync_all(), Err).map_err(write)?;
    Ok(hasher.finalize().into())
}

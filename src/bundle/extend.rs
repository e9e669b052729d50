//! Renewing a bundle's archive time-stamp (EN 319 162-1, A.7, item 5): everything that is there stays as it is, byte for byte; the
//! newest archive manifest gets a number, and a newer one with its time-stamp is added.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use crate::bundle::container;
use crate::bundle::container::format::Record;
use crate::bundle::container::read::Archive;
use crate::bundle::container::write::ZipWriter;
use crate::bundle::digest::{hex, sha256};
use crate::bundle::error::SealError;
use crate::bundle::fault::{Fault, Lang, Phrase, phrase};
use crate::bundle::lasting::archive::{self, MAX_RENEWALS};
use crate::bundle::lasting::proofs::Proofs;
use crate::bundle::layout::{ARCHIVE_MANIFEST, BAG_INFO, archive_time_stamp, old_archive_manifest, rank};
use crate::bundle::level::Level;
use crate::bundle::lists::asic;
use crate::bundle::lists::bagit::BagInfo;
use crate::bundle::lists::contents;
use crate::bundle::partial::Partial;
use crate::bundle::seal::file_digest;
use crate::bundle::verify::verdict::Status;
use crate::bundle::verify::{Trusted, verify_source};

/// What was made.
#[derive(Debug)]
pub struct Extended {
    pub path: PathBuf,
    pub file_sha256: String,
    pub bytes: u64,
    /// Archive time-stamps that the bundle has now.
    pub time_stamps: usize,
}

/// What is added to a bundle.
struct Addition {
    number: usize,
    manifest: String,
    token: Vec<u8>,
}

/// Renews the archive time-stamp of `file` into `destination`, which is `file` itself or does not exist yet. The bundle must be valid
/// before, and is verified again before it gets its name; on any error nothing has changed.
pub fn extend(
    file: &Path,
    destination: &Path,
    proofs: &mut Proofs<'_>,
    trust: Trusted<'_>,
    now: jiff::Timestamp,
) -> Result<Extended, SealError> {
    let read = |source| SealError::Read { path: file.to_owned(), source };
    let source = File::open(file).map_err(read)?;
    check(&source, file, trust, now)?;
    let archive = container::read::open(&source).map_err(|fault| refuse(file, &fault))?;
    let addition = prepare(&archive, file, proofs, now)?;
    let (partial, sink) = if file == destination { Partial::replace(destination)? } else { Partial::create(destination)? };
    let mut written = write(&archive, &addition, sink).map_err(|e| e.at(destination))?;
    check(&written, destination, trust, now)?;
    let bytes = written.metadata().map_err(read)?.len();
    let file_sha256 = hex(&file_digest(&mut written)?);
    partial.commit()?;
    Ok(Extended { path: destination.to_owned(), file_sha256, bytes, time_stamps: addition.number })
}

fn check(file: &File, path: &Path, trust: Trusted<'_>, now: jiff::Timestamp) -> Result<(), SealError> {
    let verdict = verify_source(file, trust, now, Lang::En);
    if verdict.status == Status::Valid {
        return Ok(());
    }
    let why: Vec<&str> = verdict.checks.iter().flat_map(|line| &line.details).map(String::as_str).collect();
    Err(SealError::NotExtended { path: path.to_owned(), why: format!("{} {}", verdict.summary, why.join("; ")) })
}

fn prepare(archive: &Archive<'_, File>, file: &Path, proofs: &mut Proofs<'_>, now: jiff::Timestamp) -> Result<Addition, SealError> {
    let refuse = |fault: Fault| refuse(file, &fault);
    let info = contents::small(archive, BAG_INFO).and_then(|bytes| BagInfo::read(&bytes)).map_err(refuse)?;
    if Level::named(&info.level) != Some(Level::Lta) {
        return Err(refuse(Fault::new(&NO_ARCHIVE, info.level)));
    }
    let last = archive::count(&archive.records);
    if last >= MAX_RENEWALS {
        return Err(refuse(Fault::new(&OFTEN, last.to_string())));
    }
    // The newest manifest, just verified, holds the digest of every file but its own and its time-stamp's.
    let xml = contents::small(archive, ARCHIVE_MANIFEST).map_err(refuse)?;
    let token = contents::small(archive, &archive_time_stamp(last)).map_err(refuse)?;
    let mut digests: BTreeMap<_, _> = asic::read_archive(&xml).map_err(refuse)?.references.into_iter().collect();
    digests.insert(old_archive_manifest(last), sha256(&xml));
    digests.insert(archive_time_stamp(last), sha256(&token));
    let manifest = asic::write_archive(&archive::list(last + 1, &digests));
    let token = proofs.archive(manifest.as_bytes(), now)?;
    Ok(Addition { number: last + 1, manifest, token })
}

fn write(archive: &Archive<'_, File>, addition: &Addition, sink: File) -> Result<File, SealError> {
    let renamed = |entry: &Record| match entry.name.as_str() {
        ARCHIVE_MANIFEST => old_archive_manifest(addition.number - 1),
        name => name.to_owned(),
    };
    let mut entries: Vec<(&Record, String)> = archive.records.iter().map(|entry| (entry, renamed(entry))).collect();
    // What was sealed is in its place already, and a stable sort leaves it there.
    let place = |name: &String| rank(name).filter(|rank| *rank > 7).map(|rank| (rank, name.clone()));
    entries.sort_by_key(|(_, name)| place(name));
    let mut zip = ZipWriter::new(BufWriter::with_capacity(1 << 18, sink));
    for (entry, name) in entries {
        zip.add_as_is(archive.source, entry, name)?;
    }
    zip.add_bytes(&archive_time_stamp(addition.number), &addition.token)?;
    zip.add_bytes(ARCHIVE_MANIFEST, addition.manifest.as_bytes())?;
    let (sink, _) = zip.finish()?;
    let file = sink.into_inner().map_err(|e| SealError::Output(e.into_error()))?;
    file.sync_all()?;
    Ok(file)
}

fn refuse(path: &Path, fault: &Fault) -> SealError {
    SealError::NotExtended { path: path.to_owned(), why: fault.text(Lang::En) }
}

static NO_ARCHIVE: Phrase = phrase(
    "only bundles sealed at level LTA have an archive time-stamp to renew; this one's level is",
    "seuls les dossiers scellés au niveau LTA ont un horodatage d'archive à renouveler ; celui-ci est de niveau",
);
static OFTEN: Phrase =
    phrase("the bundle was renewed as often as it can be", "le dossier a été renouvelé autant qu'il peut l'être");

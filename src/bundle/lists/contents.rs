//! What is in the bundle against what the three lists say: the signed manifest, the payload manifest, the tag manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::bundle::container;
use crate::bundle::container::ahead;
use crate::bundle::container::format::Record;
use crate::bundle::container::read::Archive;
use crate::bundle::digest::Digest;
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::layout::{
    ASIC_MANIFEST, BAG_INFO, BAGIT, MANIFEST, MIMETYPE, PAYLOAD, SIGNATURE, TAG_MANIFEST, is_archive, is_signed_over, rank,
};
use crate::bundle::lists::asic::Reference;
use crate::bundle::lists::bagit;
use crate::bundle::read_at::ReadAt;

/// Bytes; manifests of 100,000 long names stay below.
const MAX_MANIFEST: u64 = 128 << 20;
/// Bytes of a signature file or time-stamp: certificates, and lists of 8 MiB at most.
const MAX_SIGNATURE: u64 = 16 << 20;
const FIXED: [&str; 7] = [MIMETYPE, BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST, ASIC_MANIFEST, SIGNATURE];

/// The content of one of the small files.
pub fn small<S: ReadAt + ?Sized>(archive: &Archive<'_, S>, name: &str) -> Result<Vec<u8>, Fault> {
    let record = archive.records.iter().find(|record| record.name == name);
    let limit = if [".p7s", ".tst"].iter().any(|end| name.ends_with(end)) { MAX_SIGNATURE } else { MAX_MANIFEST };
    container::stream::content(archive.source, record.ok_or_else(|| Fault::new(&ABSENT, name))?, limit)
}

/// Digests of all entries, on all cores, from the one open descriptor.
#[must_use]
pub fn digests<S: ReadAt + ?Sized>(archive: &Archive<'_, S>) -> (BTreeMap<String, Digest>, Vec<Fault>) {
    // The largest first: what is begun last ends soon, on every core.
    let mut order: Vec<(usize, &Record)> = archive.records.iter().enumerate().collect();
    order.sort_by_key(|(_, record)| std::cmp::Reverse(record.size));
    let next = AtomicUsize::new(0);
    let threads = ahead::threads();
    let results: Vec<(usize, Result<Digest, Fault>)> = thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let Some((index, record)) = order.get(next.fetch_add(1, Ordering::Relaxed)) else { return done };
                done.push((*index, container::stream::digest(archive.source, record)));
            }
        };
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let others = workers.into_iter().filter_map(|worker| worker.join().ok());
        others.flatten().chain(mine).collect()
    });
    let mut by_index: BTreeMap<usize, Result<Digest, Fault>> = results.into_iter().collect();
    let mut digests = BTreeMap::new();
    let mut faults = Vec::new();
    for (index, record) in archive.records.iter().enumerate() {
        match by_index.remove(&index) {
            Some(Ok(digest)) => {
                digests.insert(record.name.clone(), digest);
            }
            Some(Err(fault)) => faults.push(fault),
            None => faults.push(Fault::unknown(&NOT_READ, record.name.clone())),
        }
    }
    (digests, faults)
}

/// `archive`: the files that the archive time-stamps of this bundle must have.
#[must_use]
pub fn missing(records: &[Record], references: &[Reference], archive: &[String]) -> Vec<Fault> {
    let present: BTreeSet<&str> = records.iter().map(|record| record.name.as_str()).collect();
    let expected = FIXED.into_iter().chain(references.iter().map(|(name, _)| name.as_str()));
    let expected = expected.chain(archive.iter().map(String::as_str));
    let absent: BTreeSet<&str> = expected.filter(|name| !present.contains(name)).collect();
    absent.into_iter().map(|name| Fault::new(&ABSENT, name)).collect()
}

#[must_use]
pub fn extra(records: &[Record], references: &[Reference], archive: &[String]) -> Vec<Fault> {
    let listed: BTreeSet<&str> = references.iter().map(|(name, _)| name.as_str()).collect();
    let is_extra = |name: &str| {
        rank(name).is_none()
            || is_signed_over(name) != listed.contains(name)
            || is_archive(name) && !archive.iter().any(|expected| expected == name)
    };
    records.iter().filter(|r| is_extra(&r.name)).map(|r| Fault::new(&UNLISTED, r.name.clone())).collect()
}

#[must_use]
pub fn changed(digests: &BTreeMap<String, Digest>, references: &[Reference]) -> Vec<Fault> {
    let differs = |(name, digest): &&Reference| digests.get(name).is_some_and(|found| found != digest);
    references.iter().filter(differs).map(|(name, _)| Fault::new(&CHANGED, name.clone())).collect()
}

/// The payload manifest lists exactly the files of `data/`, the tag manifest exactly the other bag files and `mimetype`.
pub fn check_bag<S: ReadAt + ?Sized>(archive: &Archive<'_, S>, digests: &BTreeMap<String, Digest>) -> Result<Vec<Fault>, Fault> {
    if small(archive, BAGIT)? != bagit::DECLARATION.as_bytes() {
        return Err(Fault::new(&DECLARATION, BAGIT));
    }
    let tagged = [BAG_INFO, BAGIT, MANIFEST, MIMETYPE];
    let (mut payload, mut tags) = (BTreeMap::new(), BTreeMap::new());
    for (name, digest) in digests {
        if name.starts_with(PAYLOAD) {
            payload.insert(name.clone(), *digest);
        } else if tagged.contains(&name.as_str()) {
            tags.insert(name.clone(), *digest);
        }
    }
    let mut faults = Vec::new();
    for (file, found) in [(MANIFEST, payload), (TAG_MANIFEST, tags)] {
        let listed = bagit::read_manifest(file, &small(archive, file)?)?;
        let names: BTreeSet<&String> = listed.keys().chain(found.keys()).collect();
        let differ = names.into_iter().filter(|name| listed.get(*name) != found.get(*name));
        faults.extend(differ.map(|name| Fault::new(&BAG_DIFFERS, format!("{file}: {name}"))));
    }
    Ok(faults)
}

/// Bytes and files under `data/`.
#[must_use]
pub fn oxum(records: &[Record]) -> (u64, u64) {
    let payload = records.iter().filter(|record| record.name.starts_with(PAYLOAD));
    payload.fold((0, 0), |(bytes, files), record| (record.size.saturating_add(bytes), files + 1))
}

static ABSENT: Phrase = phrase("the file is missing", "le fichier manque");
static UNLISTED: Phrase = phrase("the file was not sealed", "le fichier n'a pas été scellé");
static CHANGED: Phrase = phrase("the file was changed", "le fichier a été modifié");
static NOT_READ: Phrase = phrase("the file was not read to its end", "le fichier n'a pas été lu jusqu'au bout");
static DECLARATION: Phrase =
    phrase("the bag declaration is not as a seal writes it", "la déclaration BagIt n'est pas telle qu'un scellé l'écrit");
static BAG_DIFFERS: Phrase = phrase("a bag manifest disagrees with the content", "un manifeste BagIt contredit le contenu");

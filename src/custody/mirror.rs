//! The second place: signed heads and bundles, copied once and never overwritten. Whoever cuts or rewrites the ledger and the heads
//! beside it would have to do the same there, under other rights.

use std::path::Path;

use super::audit::{Heads, Read};
use super::receipt::{self, LARGEST, Received};
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::store::backend::{Backend, BackendError, Content, Put, digest_of};
use crate::store::{notary, object_digest};

/// Folder of bundles, in the store and in the mirror.
const BUNDLES: &str = "bundles";

/// What a copy came to.
#[derive(Debug, Default)]
pub struct Copied {
    pub copied: Vec<String>,
    /// Already there.
    pub kept: usize,
    /// What stands against it: these are not copied.
    pub faults: Vec<Fault>,
}

/// Copies what is not there yet. Nothing is copied into the mirror of another ledger, or of this one before it was cut or rewritten.
/// With `look`, what is there already is read back and compared too.
pub fn copy(root: &Path, read: &Read<'_>, to: &dyn Backend, look: bool) -> Result<Copied, BackendError> {
    let mut done = Copied::default();
    let there = to.list(notary::FOLDER)?;
    if let Some(newest) = there.keys().next_back() {
        let (from, head) = fetch(to, newest)?;
        done.faults.extend(match &head {
            Err(fault) => Some(Fault { subject: format!("{from}: {}", fault.subject), ..fault.clone() }),
            Ok(received) => read.contradicts(&from, received),
        });
        if !done.faults.is_empty() {
            return Ok(done);
        }
    }
    let local = |source| BackendError::Local { path: root.to_owned(), source };
    for name in notary::names(root).map_err(local)? {
        let path = root.join(notary::FOLDER).join(&name);
        let there = there.contains_key(&name);
        one(&mut done, to, &format!("{}/{name}", notary::FOLDER), &path, there && !look)?;
    }
    let there = to.list(BUNDLES)?;
    for bundle in receipt::bundles(read.entries).into_iter().filter(|bundle| !bundle.purged) {
        let path = root.join(BUNDLES).join(&bundle.name);
        let length = std::fs::metadata(&path).map(|found| found.len()).ok();
        let same_size = length.is_some() && there.get(&bundle.name).copied() == length;
        one(&mut done, to, &format!("{BUNDLES}/{}", bundle.name), &path, same_size && !look)?;
    }
    Ok(done)
}

/// Copies one file, or compares it with the one of that name.
fn one(done: &mut Copied, to: &dyn Backend, name: &str, path: &Path, surely_there: bool) -> Result<(), BackendError> {
    if surely_there {
        done.kept += 1;
        return Ok(());
    }
    match to.put_new(name, Content::File(path))? {
        Put::Stored => done.copied.push(name.to_owned()),
        Put::Taken => {
            let here = object_digest(path).map_err(|source| BackendError::Local { path: path.to_owned(), source })?;
            if digest_of(to, name)?.as_ref() == Some(&here) {
                done.kept += 1;
            } else {
                done.faults.push(Fault::new(&OTHER_CONTENT, format!("{}/{name}", to.place())));
            }
        }
    }
    Ok(())
}

/// Every signed head of the mirror, oldest first.
pub fn heads(from: &dyn Backend) -> Result<Heads, BackendError> {
    from.list(notary::FOLDER)?.keys().map(|name| fetch(from, name)).collect()
}

fn fetch(from: &dyn Backend, name: &str) -> Result<(String, Result<Received, Fault>), BackendError> {
    let shown = format!("{}/{}/{name}", from.place().trim_end_matches('/'), notary::FOLDER);
    let bytes = from.get(&format!("{}/{name}", notary::FOLDER), LARGEST)?;
    Ok((shown, Received::read(&bytes.unwrap_or_default())))
}

/// Bundles of the ledger that the mirror does not have, or not in their size.
pub fn absent(read: &Read<'_>, from: &dyn Backend) -> Result<Vec<Fault>, BackendError> {
    let there = from.list(BUNDLES)?;
    let bytes = |seq: u64| {
        let of = |entry: &&crate::store::ledger::Entry| entry.event == "bundle" && entry.data.get("seq").is_some_and(|s| *s == seq);
        read.entries.iter().find(of).and_then(|entry| entry.data.get("bytes")?.as_u64())
    };
    Ok(receipt::bundles(read.entries)
        .iter()
        .filter(|bundle| !bundle.purged)
        .filter_map(|bundle| match there.get(&bundle.name) {
            None => Some(Fault::new(&NOT_THERE, bundle.name.clone())),
            Some(size) if bytes(bundle.seq).is_some_and(|bytes| bytes != *size) => {
                Some(Fault::new(&OTHER_CONTENT, bundle.name.clone()))
            }
            Some(_) => None,
        })
        .collect())
}

pub static COPIES: Phrase = phrase("Every bundle of the ledger is in the mirror", "Chaque dossier du registre est dans le miroir");
static NOT_THERE: Phrase = phrase(
    "it is not in the mirror yet; `probant mirror` copies it",
    "il n'est pas encore dans le miroir ; `probant mirror` l'y copie",
);
static OTHER_CONTENT: Phrase = phrase(
    "the mirror holds something else under this name; it is never overwritten, so one of the two was changed",
    "le miroir contient autre chose sous ce nom ; rien n'y est jamais remplacé, l'un des deux a donc été modifié",
);

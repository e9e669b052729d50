//! The second place: signed heads and bundles, copied once and never overwritten. Whoever cuts or rewrites the ledger and the heads
//! beside it would have to do the same there, under other rights.

use std::path::Path;

use super::audit::{Heads, Read};
use super::receipt::{self, LARGEST, Received};
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::store::backend::{Backend, BackendError, Content, Put, digest_of};
use crate::store::ledger::Entry;
use crate::store::{self, notary, object_digest};

/// Folder of bundles, in the store and in the mirror.
const BUNDLES: &str = "bundles";
/// In the mirror: bundles as they are since they were extended. They stand apart, so that `bundles` is one chain.
const EXTENDED: &str = "extended";

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
    for folder in [notary::FOLDER, BUNDLES, EXTENDED] {
        to.tidy(folder)?;
    }
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
    let (there, versions) = (to.list(BUNDLES)?, store::versions(read.entries));
    for bundle in receipt::bundles(read.entries).into_iter().filter(|bundle| !bundle.purged) {
        let path = root.join(BUNDLES).join(&bundle.name);
        let length = std::fs::metadata(&path).map(|found| found.len()).ok();
        let same_size = length.is_some() && there.get(&bundle.name).copied() == length;
        let name = format!("{BUNDLES}/{}", bundle.name);
        let known = versions.get(&name).map(Vec::as_slice).unwrap_or_default();
        if let ([_, .., (seq, _)], true, false) = (known, there.contains_key(&bundle.name), same_size) {
            // Extended since it was copied. The older one stays, and must be one that was announced.
            older(&mut done, to, &name, known, look)?;
            let extended = format!("{seq:010}-{}", bundle.name);
            let there = to.list(EXTENDED)?.contains_key(&extended);
            one(&mut done, to, &format!("{EXTENDED}/{extended}"), &path, there && !look)?;
        } else {
            one(&mut done, to, &name, &path, same_size && !look)?;
        }
    }
    Ok(done)
}

/// Looks at the version that was copied before a bundle was extended.
fn older(done: &mut Copied, to: &dyn Backend, name: &str, known: &[(u64, String)], look: bool) -> Result<(), BackendError> {
    if look && !digest_of(to, name)?.is_some_and(|found| known.iter().any(|(_, sha256)| *sha256 == found)) {
        done.faults.push(Fault::new(&OTHER_CONTENT, format!("{}/{name}", to.place())));
    } else {
        done.kept += 1;
    }
    Ok(())
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
    let sizes = |name: &str| -> Vec<u64> {
        let path = format!("{BUNDLES}/{name}");
        let of = |entry: &&Entry| store::announced(entry).is_some_and(|(announced, _)| announced == path);
        read.entries.iter().filter(of).filter_map(|entry| entry.data.get("bytes")?.as_u64()).collect()
    };
    Ok(receipt::bundles(read.entries)
        .iter()
        .filter(|bundle| !bundle.purged)
        .filter_map(|bundle| match there.get(&bundle.name) {
            None => Some(Fault::new(&NOT_THERE, bundle.name.clone())),
            Some(size) if !sizes(&bundle.name).contains(size) => Some(Fault::new(&OTHER_CONTENT, bundle.name.clone())),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::store::backend::folder::Folder;
    use crate::store::{Store, temporary};
    use jiff::Timestamp;
    use serde_json::json;
    use std::fs;

    fn seal(store: &mut Store, event: &str, content: &str) {
        let now: Timestamp = "2026-10-05T08:00:00Z".parse().unwrap();
        let name = "bundles/a.asice";
        fs::write(temporary(&store.root().join(name)), content).unwrap();
        store.publish(event, now, name, json!({ "seq": 1, "bytes": content.len(), "manifest_sha256": "a" })).unwrap();
    }

    #[test]
    fn an_extended_bundle_goes_beside_the_older_copy_which_must_have_been_announced() {
        let folder = tempfile::tempdir().unwrap();
        let (root, place) = (folder.path().join("store"), folder.path().join("mirror"));
        let mut store = Store::open(&root, Timestamp::MIN).unwrap();
        let to = Folder::open(&place).unwrap();
        let look = |store: &Store| copy(&root, &Read { entries: store.events(), head: store.ledger_head() }, &to, true).unwrap();
        seal(&mut store, "bundle", "first");
        assert_eq!(look(&store).copied, ["bundles/a.asice"]);
        seal(&mut store, "bundle-extended", "extended");
        let done = look(&store);
        assert_eq!((done.copied, done.kept, done.faults.len()), (vec!["extended/0000000002-a.asice".to_owned()], 1, 0));
        let done = look(&store);
        assert_eq!((done.copied.len(), done.kept, done.faults.len()), (0, 2, 0));
        assert_eq!(fs::read_to_string(place.join("bundles/a.asice")).unwrap(), "first");
        let read = Read { entries: store.events(), head: store.ledger_head() };
        assert_eq!(absent(&read, &to).unwrap(), vec![]);
        fs::write(place.join("bundles/a.asice"), "FIRST").unwrap();
        assert_eq!(look(&store).faults.len(), 1);
        // A mirror that began after it has the bundle as it is now.
        let later = Folder::open(&folder.path().join("later")).unwrap();
        assert_eq!(copy(&root, &read, &later, false).unwrap().copied, ["bundles/a.asice"]);
    }
}

//! The store in a bucket, from the command line: `[store] path = "s3://…"`. What a command needs is fetched into the working folder.

use std::rc::Rc;

use super::failure::Failure;
use super::place;
use super::session::Session;
use crate::judge::finding::Assessment;
use crate::store::backend::Backend;
use crate::store::ledger::{self, Entry};
use crate::store::{self, purge, remote};

/// The bucket of the store, opened once; `None` when the store is a folder.
pub(super) fn bucket(session: &Session) -> Result<Option<Rc<dyn Backend>>, Failure> {
    if !session.is_bucket() {
        return Ok(None);
    }
    if let Some(open) = session.bucket.get() {
        return Ok(Some(Rc::clone(open)));
    }
    let section = &session.config.file.store;
    let place = place::open(session, &section.path.to_string_lossy(), &section.s3, None)?;
    Ok(Some(Rc::clone(session.bucket.get_or_init(|| Rc::from(place)))))
}

/// Brings the working folder's ledger up to date before something is read. Not while another command here is writing: it did.
pub(super) fn refresh(session: &Session) -> Result<(), Failure> {
    let Some(from) = bucket(session)? else { return Ok(()) };
    match store::Store::open_in(&session.store_path(), Some(from), session.context.now()) {
        Ok(_) | Err(store::StoreError::Locked { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Fetches a snapshot, or the newest `count` of them.
pub(super) fn snapshots(session: &Session, name: Option<&str>, count: usize) -> Result<(), Failure> {
    let Some(from) = bucket(session)? else { return Ok(()) };
    refresh(session)?;
    let root = session.store_path();
    let (events, _, _) = ledger::read(&root.join(ledger::FILE))?;
    let purged = purge::purged(&events);
    let announced =
        |entry: &Entry| store::announced(entry).filter(|(path, _)| entry.event == "snapshot" && !purged.contains_key(path));
    let of_name = |path: &str| name.is_none_or(|name| path.rsplit('/').next() == Some(name));
    let wanted = events.iter().rev().filter_map(announced).filter(|(path, _)| of_name(path)).take(count);
    let versions = store::versions(&events);
    for (path, _) in wanted {
        remote::fetch_object(&root, &*from, &path, versions.get(&path).map(Vec::as_slice).unwrap_or_default())?;
    }
    Ok(())
}

/// Fetches the raw captures that a bundle of this assessment holds.
pub(super) fn captures(session: &Session, assessment: &Assessment) -> Result<(), Failure> {
    raw(session, assessment.collections.iter().filter_map(|collection| collection.raw_sha256.as_deref()))
}

/// Fetches raw captures by their digests.
pub(super) fn raw<'a>(session: &Session, digests: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let Some(from) = bucket(session)? else { return Ok(()) };
    for sha256 in digests {
        remote::fetch_capture(&session.store_path(), &*from, sha256)?;
    }
    Ok(())
}

/// Fetches the bundles that are to go to the mirror.
pub(super) fn bundles(session: &Session, events: &[Entry]) -> Result<(), Failure> {
    let Some(from) = bucket(session)? else { return Ok(()) };
    let purged = purge::purged(events);
    for (path, versions) in store::versions(events) {
        if path.starts_with("bundles/") && !purged.contains_key(&path) {
            remote::fetch_object(&session.store_path(), &*from, &path, &versions)?;
        }
    }
    Ok(())
}

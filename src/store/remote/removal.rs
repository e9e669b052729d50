//! Removing objects from the bucket, with the same discipline as in a folder: announced first, then a tombstone beside each, then the
//! object; a removal that was stopped is finished when the store is next opened, from whatever machine.
//!
//! Object lock and versioning may keep what was removed: nothing here can undo that, so it is said.

use std::collections::{BTreeMap, BTreeSet};

use super::StoreError;
use crate::store::backend::{Backend, Content, Removed};
use crate::store::purge::{Removal, TOMBSTONE};

/// Digits of the number behind the name of an object that replaced another ([`super::key`]).
const DIGITS: usize = 10;

/// Something that was to go and that the bucket keeps.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Retained {
    /// Name in the bucket.
    pub object: String,
    pub why: String,
}

/// Removes what was announced and is still there.
pub(in crate::store) fn finish(from: &dyn Backend, removals: &[Removal]) -> Result<Vec<Retained>, StoreError> {
    let mut folders = Folders { from, listed: BTreeMap::new() };
    let mut retained = vec![];
    for removal in removals {
        let keys = folders.keys(&removal.object)?;
        if keys.is_empty() {
            continue;
        }
        let mut text = serde_json::to_vec_pretty(removal).unwrap_or_default();
        text.push(b'\n');
        // One that is there already says the same, or says it of the same bytes removed before.
        from.put_new(&format!("{}{TOMBSTONE}", in_bucket(&removal.object)), Content::Bytes(&text))?;
        for key in keys {
            if let Removed::Retained(why) = from.remove(&key)? {
                retained.push(Retained { object: key, why });
            }
        }
    }
    Ok(retained)
}

/// An object's name in the bucket, where raw captures are flat.
fn in_bucket(object: &str) -> String {
    match object.strip_prefix("raw/") {
        Some(below) => format!("raw/{}", below.rsplit('/').next().unwrap_or(below)),
        None => object.to_owned(),
    }
}

/// Folders of the bucket, each listed once.
struct Folders<'b> {
    from: &'b dyn Backend,
    listed: BTreeMap<String, BTreeSet<String>>,
}

impl Folders<'_> {
    /// What an object consists of: the files of a snapshot, the versions of a bundle.
    fn keys(&mut self, object: &str) -> Result<Vec<String>, StoreError> {
        if object.starts_with("snapshots/") {
            let mut keys = vec![];
            // The manifest last: as long as it is there, so is the snapshot.
            for folder in [format!("{object}/tables"), object.to_owned()] {
                keys.extend(self.from.list(&folder)?.into_keys().map(|name| format!("{folder}/{name}")));
            }
            return Ok(keys);
        }
        let name = in_bucket(object);
        let Some((folder, file)) = name.split_once('/') else { return Ok(vec![]) };
        let listed = match self.listed.entry(folder.to_owned()) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(self.from.list(folder)?.into_keys().collect()),
        };
        let is_version = |name: &&String| {
            name.strip_prefix(file).is_some_and(|rest| {
                let number = rest.strip_prefix('.').unwrap_or_default();
                rest.is_empty() || number.len() == DIGITS && number.bytes().all(|b| b.is_ascii_digit())
            })
        };
        Ok(listed.iter().filter(is_version).map(|name| format!("{folder}/{name}")).collect())
    }
}

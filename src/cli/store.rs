//! The store, from a session: opened for writing, and its snapshots by name. What lies in a bucket is fetched.

use std::path::PathBuf;

use super::failure::Failure;
use super::session::Session;
use super::{notary, remote};
use crate::snapshot::manifest;
use crate::store::{self, Store};

impl Session {
    /// Opens the store for writing and passes on what it says.
    pub(super) fn store(&self) -> Result<Store, Failure> {
        let mut store = Store::open_in(&self.store_path(), remote::bucket(self)?, self.context.now())?;
        for notice in &store.notices {
            self.console.note(notice);
        }
        notary::at_hand(self, &mut store)?;
        Ok(store)
    }

    /// Folder of a snapshot by name, or of the newest.
    pub(super) fn snapshot(&self, name: Option<&str>) -> Result<PathBuf, Failure> {
        let root = self.store_path();
        remote::snapshots(self, name, 1)?;
        let Some(name) = name else {
            let newest = store::newest_snapshot(&root)?;
            manifest::check(&root, &newest)?;
            return Ok(newest);
        };
        let all = store::snapshots(&root)?;
        let found = all.iter().find(|path| path.file_name().is_some_and(|n| n == name)).cloned().ok_or_else(|| {
            let known: Vec<_> = all.iter().filter_map(|path| path.file_name()).map(|n| n.to_string_lossy()).collect();
            Failure::new(format!("there is no snapshot `{name}`; there are: {}", known.join(", ")))
        })?;
        manifest::check(&root, &found)?;
        Ok(found)
    }
}

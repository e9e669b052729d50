//! What to type next when a disk is full: the same words from everything that writes.

use std::io;

/// The end of an error's text: empty unless the disk is full.
#[must_use]
pub fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => ". The disk is full: free some space and run the same command again",
        _ => "",
    }
}

//! Directories: entries in, tables out, whatever brought the entries (an LDIF file, a live server).
//!
//! An account's row needs things that may stand anywhere in a directory: the password policy, the groups that list it, whether any
//! login date was given at all. So a directory is read twice, in the same order: the [`Survey`] takes groups and policies, then the
//! [`Harvest`] decodes each account and writes it with its grants at once. Memory holds groups and policies; of people and memberships
//! there is a bit for each entry, and the rest goes through temporary files ([`parted`]). A reader calls a [`Visit`] for each entry: `begin`, `wants` and `value` for each value, then `end`.

pub mod account;
pub mod attrs;
pub mod class;
pub mod closure;
pub mod digest;
pub mod dn;
pub mod entry;
pub mod flavours;
pub mod gather;
pub mod groups;
pub mod harvest;
pub mod holdings;
pub mod ids;
pub mod join;
pub mod json;
pub mod kind;
pub mod known;
pub mod memo;
pub mod mentions;
pub mod names;
pub mod options;
pub mod parted;
pub mod policy;
pub mod report;
pub mod secrets;
pub mod survey;
pub mod tally;
pub mod times;
pub mod view;
pub mod wanted;

pub use attrs::{Attr, Attributes, Named};
pub use harvest::Harvest;
pub use known::{Known, Told};
pub use options::{Dn, Flavour, LoginPattern, Options, Room};
pub use survey::Survey;

use std::{fmt, io};

use super::SinkError;

/// Why a directory could not be decoded to its end.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error(transparent)]
    Sink(#[from] SinkError),
    #[error(transparent)]
    Names(#[from] names::TooManyNames),
    #[error("what was read could not be kept aside ({0}): free some space in the folder for temporary files")]
    Aside(#[from] io::Error),
    /// The thread that decodes failed first; its own error says why.
    #[error("the decoding ended early")]
    Abandoned,
}

/// One reading of a directory's entries.
pub trait Visit {
    /// A new entry, by name. `Err`: it cannot be used; the reader calls [`Visit::refuse`].
    fn begin(&mut self, dn: &[u8]) -> Result<(), dn::DnError>;
    /// Whether the value of this attribute is to be decoded and handed over.
    fn wants(&mut self, named: Named) -> bool;
    /// A value, decoded.
    fn value(&mut self, attr: Attr, value: &[u8]);
    /// The entry is whole. `place` says where it began, for its rejection.
    fn end(&mut self, place: Place<'_>) -> Result<(), DecodeError>;
    /// The entry cannot be read.
    fn refuse(&mut self, reason: &str, excerpt: &str) -> Result<(), DecodeError>;
}

/// Where an entry began, for people to look it up: a line, and the file when there are several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place<'p> {
    pub file: Option<&'p str>,
    pub line: Option<u64>,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}, line {line}: "),
            (None, Some(line)) => write!(f, "line {line}: "),
            (_, None) => Ok(()),
        }
    }
}

//! Opening a campaign: from the records of a snapshot to lines, each with its reviewer, frozen.
//!
//! ```text
//! records ──► gate (are the sources fit?) ──► build (lines, advice) ──► select ──► reviewers ──► arrange ──► freeze
//! ```

pub mod arrange;
pub mod build;
pub mod config;
pub mod freeze;
pub mod gate;
pub mod records;
pub mod reviewers;
pub mod select;

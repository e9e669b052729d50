//! The command as its users meet it: whole runs of the binary, its exit codes, its messages, and what it leaves on disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests stop at the first surprise, measure time, and run other programs"
)]

mod assessing;
mod bad_config;
mod bad_input;
mod bad_store;
mod bucket;
mod campaign;
mod commands;
mod done;
#[path = "../review_world/edit.rs"]
mod edit;
mod envelope;
mod everyday_tools;
mod full_disk;
mod handing;
mod huge_line;
mod keys;
mod killed;
mod killed_reviews;
mod kills;
mod kit;
mod ledger_heads;
mod mirror;
mod oscal;
#[path = "../seal_support/pki.rs"]
#[allow(dead_code, reason = "shared with the tests of the bundle, which need more of it")]
mod pki;
mod planted;
mod purge;
mod redaction;
mod reviews;
mod same_bytes;
mod seal_only;
mod secrets;
mod store_in_bucket;
mod time_stamps;
mod token;
mod verify_chain;

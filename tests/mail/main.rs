//! Letters to reviewers: drafts beside the workbooks, and letters sent to a small SMTP server, read again by another program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests stop at the first surprise")]

#[path = "../cli/done.rs"]
mod done;
mod drafts;
mod kit;
mod sending;
mod server;

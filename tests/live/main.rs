//! Live sources as their users meet them: the command against real directories, where `PROBANT_TEST_SERVERS` names the folder that
//! `tests/servers/up` wrote, its messages, its prompt, and snapshots made again from what was received.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "tests stop at the first surprise and run other programs"
)]

#[path = "../cli/done.rs"]
mod done;
#[path = "../cli/kit.rs"]
mod kit;
#[path = "../ldif_support/mod.rs"]
mod ldif_support;
#[path = "../ldap/support.rs"]
mod support;

mod configured;
mod federated;
#[cfg(feature = "gssapi")]
mod kerberos;
mod looked;
mod messages;
mod prompt;
mod rebuilt;
mod whole;
mod worlds;

//! Live directories: against real servers where `PROBANT_TEST_SERVERS` names the folder that `tests/servers/up` wrote, and against a
//! server of our own that does what real ones rarely do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod ds389;
#[path = "../ldif_support/mod.rs"]
mod ldif_support;
mod messages;
mod mock;
mod mocked;
mod openldap;
mod samba;
mod samba_offline;
mod support;

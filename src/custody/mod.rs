//! What makes the ledger and the bundles tamper-evident once they exist: signed heads of the ledger, receipts for the auditor, the
//! chain of bundles, the mirror, and removal when the time has come.
//!
//! ```text
//! receipt ─ where the ledger stood, signed      mirror ─── heads and bundles in a second place
//! attest ── one after each event                retention ─ what may go, and what still refers to it
//! audit ─── the ledger against all of these     inventory ─ what is there, for it to know
//! lineage ─ bundles against each other and a receipt
//! ```

pub mod attest;
pub mod audit;
pub mod inventory;
pub mod lineage;
pub mod mirror;
pub mod receipt;
pub mod report;
pub mod retention;

//! Letters to reviewers: the workbook as a draft for a mail program, or sent by SMTP; reminders by lateness.
//!
//! ```text
//! templates/mail ──► template ──┐
//! campaign, status ──► plan ────┴─► message (RFC 5322) ──► a draft (.eml), or smtp ──► log
//! ```
//!
//! All but [`smtp`] is pure. What was sent stands in the campaign's `mail.jsonl`, so that nobody gets a letter twice.

pub mod config;
pub mod log;
pub mod message;
pub mod plan;
pub mod smtp;
pub mod template;

pub use config::MailConfig;
pub use plan::{Ask, Plan, Skipped, Stage, Wanted, plan};

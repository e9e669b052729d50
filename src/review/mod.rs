//! An access review, there and back: which lines there are, what is recommended and why, who decides, what they decided, and
//! whether it really happened.
//!
//! Pure functions: bytes and records in, values and bytes out. The workbook writes the cells of [`paper::row`]; [`readback`] reads
//! the same cells, in the same order, with the same hash. The folders follow a campaign from its opening to the proof:
//!
//! ```text
//! lines       one account and one right each, and what is recommended
//! paper       as people read them: words, cells, documents
//! record      what is kept: the frozen campaign, and its log
//! opening     records of a snapshot ──► lines ──► reviewers ──► Campaign, frozen
//! readback    one returned workbook ──► what it says
//! collecting  Campaign + returned workbooks ──► Log, corrections
//! underway    Campaign + Log ──► where it stands; Campaign + Log + today's roster ──► open lines to another reviewer
//! mail        the letters that carry workbooks and reminders
//! closing     Campaign + Log ──► closed, minutes
//! remediation Campaign + Log + later snapshots ──► tasks, states, proposed changes
//! ```
//!
//! Each uses only what `tests/architecture.rs` lets it.

pub mod closing;
pub mod collecting;
mod error;
pub mod lines;
pub mod mail;
pub mod opening;
pub mod paper;
pub mod readback;
pub mod record;
pub mod remediation;
pub mod underway;

pub use error::ReviewError;
pub use lines::back::Back;
pub use lines::line::{Delta, Flag, Line, Sheet, Totals};
pub use opening::build::{Review, open, open_some};
pub use opening::config::{GroupBy, ReviewConfig, Rule};
pub use opening::records::Records;
pub use opening::reviewers::{Assigned, Basis, Book, Refusal, Unassigned};
pub use opening::select::Selection;

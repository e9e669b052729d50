//! An access review, there and back: which lines there are, what is recommended and why, who decides, what they decided, and
//! whether it really happened.
//!
//! Pure functions: bytes and records in, values and bytes out. The workbook writes the cells of [`row`]; [`readback`] reads the
//! same cells, in the same order, with the same hash.
//!
//! ```text
//! records ──► build (lines, advice, history, peers) ──► reviewers ──► Review ──► freeze ──► Campaign
//! Campaign + returned files ──► readback ──► collect ──► Log ──► status, correction, close, minutes
//! Campaign + Log + today's roster ──► handover (open lines to another reviewer)
//! Campaign + Log + later snapshots ──► remediation (tasks, states, proposed changes)
//! ```

pub mod advice;
pub mod arrange;
mod back;
mod build;
pub mod campaign;
pub mod clean;
pub mod close;
pub mod collect;
pub mod config;
pub mod correction;
pub mod decisions;
pub mod ended;
pub mod freeze;
pub mod gate;
pub mod handover;
mod history;
pub mod lanes;
pub mod line;
pub mod mail;
pub mod minutes;
pub mod page;
mod peers;
pub mod readback;
pub mod remediation;
pub mod reviewers;
pub mod row;
pub mod select;
pub mod status;
pub mod texts;

pub use back::Back;
pub use build::{Records, Review, open, open_some};
pub use config::{GroupBy, ReviewConfig, Rule};
pub use line::{Delta, Flag, Line, Sheet, Totals};
pub use reviewers::{Assigned, Basis, Book, Refusal, Unassigned};
pub use select::Selection;

/// Why a review cannot be prepared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    #[error(
        "review.campaign `{0}`: use 1 to 40 letters without accents, digits, `.`, `-` or `_` \
         (it names files and the lines' ids), for example `2026-T4`"
    )]
    Campaign(String),
    #[error(
        "review.dormant_after_days = {0}: directories replicate last logins up to 14 days late, \
         so anything under 15 calls active people dormant; write 15 or more"
    )]
    Dormant(u32),
    #[error(
        "review.{key} names `{value}`, who is not in the roster: \
         write the employee number or e-mail address of someone in `people`"
    )]
    Nobody { key: &'static str, value: String },
    #[error(
        "review.{key} names `{value}`, which {count} people of the roster share: \
         write the employee number"
    )]
    Ambiguous { key: &'static str, value: String, count: usize },
    #[error("review.fallback_reviewer `{0}` has left the organisation according to the roster: name someone else")]
    FallbackLeft(String),
    #[error("the snapshot holds the account `{0}` twice, so its lines cannot be told apart; look at what its source uses as id")]
    Twice(String),
    #[error("two lines of the review share the id `{0}`, by pure chance: give review.campaign another name")]
    Clash(String),
    #[error("the review's totals do not tie out: {0}; please report this as a defect")]
    Untied(String),
}

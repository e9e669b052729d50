//! An access review before any file is made: which lines there are, what is recommended and why, and who decides.
//!
//! Pure functions from records to a [`Review`]; the workbook writes it, a later reading of the returned workbook
//! relies on [`row`] for the same cells, the same order and the same hash.
//!
//! ```text
//! records ──► build (lines) ──► advice, history, peers ──► reviewers ──► Review { books, unassigned, totals }
//! ```

pub mod advice;
mod build;
pub mod clean;
pub mod config;
mod history;
pub mod line;
mod peers;
pub mod reviewers;
pub mod row;
pub mod texts;

pub use build::{Records, Review, open};
pub use config::{GroupBy, ReviewConfig, Rule};
pub use line::{Delta, Flag, Line, Sheet, Totals};
pub use reviewers::{Assigned, Basis, Book, Refusal, Unassigned};

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

//! Why a review cannot be prepared, in words that say what to write instead.

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

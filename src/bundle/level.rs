//! How much a seal carries to be believed later (EN 319 122-1, section 6.1): the level stands in `bag-info.txt`, which is signed.

/// In rising order; each holds what the one before holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A signature: the instant in it is a claim.
    #[default]
    B,
    /// And a time-stamp: the signature existed then.
    T,
    /// And the revocation lists: the certificates were not revoked then.
    Lt,
    /// And an archive time-stamp over everything, to be renewed before its authority's certificate expires.
    Lta,
}

impl Level {
    pub const ALL: [Self; 4] = [Self::B, Self::T, Self::Lt, Self::Lta];

    /// As `bag-info.txt` and the configuration spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::B => "B",
            Self::T => "T",
            Self::Lt => "LT",
            Self::Lta => "LTA",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

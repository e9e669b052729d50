//! While a campaign is open: where it stands, and lines that change hands.

pub mod handover;
pub mod status;

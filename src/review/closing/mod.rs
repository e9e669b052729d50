//! Closing a campaign: when it may be, and the minutes to sign.

pub mod close;
pub mod minutes;

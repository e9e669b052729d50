//! Collecting what came back: decisions into the log, and what goes back to a reviewer to be corrected.

pub mod collect;
pub mod correction;

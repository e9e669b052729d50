//! Judging: checks in SQL over a snapshot, and what they say of each control. Never reaches the network, never collects.

pub mod assess;
pub mod check;
pub mod controls;
pub mod drift;
mod embedded;
pub mod engine;
pub mod finding;
mod hold;
pub mod pages;
pub mod params;
pub mod period;
mod run;
pub mod soa;

//! From sources to a snapshot: each source is read once, its accounts are tied to people, its rows are frozen.
//!
//! People are read first, then assets, then the rest: links can so be made while rows stream by. Sources of one group are read at
//! once, each on its own thread, and their rows are written in the order of their ids: what a snapshot holds never depends on chance.
//! A source that fails leaves a collection that says so; the others go on.

pub mod correlation;
pub mod declarations;
mod declared;
mod frozen;
mod index;
mod link;
mod names;
mod reading;
mod rebuilt;
mod run;
mod sink;
mod witness;

pub use declared::exceptions;
pub use rebuilt::from_raw;
pub use run::{HarvestError, Harvested, Job, Outcome, Plan, Progress, harvest};
pub use witness::{Testimony, Witness};

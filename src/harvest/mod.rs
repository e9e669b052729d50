//! From sources to a snapshot: each source is read once, its accounts are tied to people, its rows are frozen.
//!
//! People are read first, then assets, then the rest, each group by source id: links can so be made while rows stream by, and
//! the order of rows never depends on chance. A source that fails leaves a collection that says so; the others go on.

pub mod correlation;
pub mod declarations;
mod declared;
mod frozen;
mod link;
mod names;
mod run;
mod sink;
mod witness;

pub use declared::exceptions;
pub use run::{HarvestError, Harvested, Job, Outcome, Plan, Progress, harvest};
pub use witness::{Testimony, Witness};

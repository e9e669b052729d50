//! `probant.toml`: read, checked and refused with a place when something is wrong.

mod load;
pub mod schema;
pub mod sections;
pub mod signing;

pub use load::{Config, ConfigError, SourceEntry, find, load};

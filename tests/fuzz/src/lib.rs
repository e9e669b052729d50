//! The modules under fuzz, compiled from the main package's files under the same paths, and what several targets share.
//!
//! The main package is no dependency on purpose: it brings Polars, and instrumenting that would take longer than the fuzzing.
#![forbid(unsafe_code)]

#[path = "../../../src/bundle/mod.rs"]
pub mod bundle;
#[path = "../../../src/disk.rs"]
pub mod disk;
#[path = "../../../src/lang.rs"]
pub mod lang;

pub mod containers;
pub mod frozen;
pub mod harvests;
pub mod snapshot;

// `sources`, as `build.rs` picks it.
include!(concat!(env!("OUT_DIR"), "/sources.rs"));

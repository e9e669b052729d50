//! Returned workbooks: each row of the read-back table with a real file, several of them saved again by other programs.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::format_collect,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests; which programs are installed is asked of the environment, and their absence is said"
)]

#[path = "readback/bounds.rs"]
mod bounds;
#[path = "readback/kit.rs"]
mod kit;
#[path = "readback/lines.rs"]
mod lines;
#[path = "readback/programs.rs"]
mod programs;
mod review_world;

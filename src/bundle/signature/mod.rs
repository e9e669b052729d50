//! The signature file: its form, and whether it covers a manifest.

pub mod check;
pub mod cms;

//! The frozen result of one run over all sources: tables, raw captures, provenance.

pub mod columns;
pub mod feed;
pub mod ids;
pub mod manifest;
pub mod pages;
pub mod read;
pub mod schema;
pub mod table;
pub mod value;
pub mod writer;

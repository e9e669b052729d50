//! What is handed over: workbooks, report, and the content of the bundle. They format, and never compute a verdict.

pub mod attached;
pub mod dossier;
pub mod files;
pub mod oscal;
pub mod report;
#[cfg(test)]
mod sample;
pub mod workbook;

pub use files::OutputError;

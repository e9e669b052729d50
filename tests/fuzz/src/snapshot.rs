//! The parts of the snapshot that know nothing of Polars.

#[path = "../../../src/snapshot/ids.rs"]
pub mod ids;
#[path = "../../../src/snapshot/schema.rs"]
pub mod schema;
#[path = "../../../src/snapshot/table.rs"]
pub mod table;
#[path = "../../../src/snapshot/value.rs"]
pub mod value;

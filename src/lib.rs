//! Probant: evidence and access reviews for ISO/IEC 27001, from sources to a sealed bundle.
//!
//! The modules follow the direction of travel of the data: [`sources`] are read by the [`harvest`] into a [`snapshot`] in the
//! [`store`]; [`judge`] asks it questions; [`review`] prepares what people decide; [`outputs`] are what they read; the [`bundle`]
//! seals it all, after [`redaction`] took the names out where it is asked to; [`custody`] makes what was kept and sealed
//! tamper-evident. [`cli`] drives them.

pub mod bundle;
pub mod causes;
pub mod cli;
pub mod config;
pub mod context;
pub mod custody;
pub mod disk;
pub mod harvest;
pub mod judge;
pub mod lanes;
pub mod lang;
pub mod outputs;
pub mod place;
pub mod redaction;
pub mod review;
pub mod snapshot;
pub mod sources;
pub mod store;

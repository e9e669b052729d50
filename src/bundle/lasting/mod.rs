//! What is added to a signature so that it can be believed in twenty years: proofs inside it, archive time-stamps around it.

pub mod archive;
pub mod proofs;

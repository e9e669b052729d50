//! The one spelling of ZIP that a bundle has: written deterministically, read strictly, unpacked within bounds.

pub(super) mod ahead;
pub mod content;
pub mod format;
mod packing;
pub mod read;
pub mod stream;
pub mod write;

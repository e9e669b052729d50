//! The one spelling of ZIP that a bundle has: written deterministically, read strictly, unpacked within bounds.

pub mod format;
pub mod read;
pub mod stream;
pub mod write;

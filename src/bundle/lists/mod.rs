//! What a bundle says that it holds: the signed manifest of ASiC, the four files of BagIt, and both held against what is there.

pub mod asic;
pub mod bagit;
pub mod contents;

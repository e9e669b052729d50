//! The lines of a review, each an account and a right it holds, and what is recommended for each and why.

pub mod advice;
pub mod back;
pub(super) mod history;
pub mod line;
pub(super) mod peers;
pub mod rules;

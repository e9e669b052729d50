//! What people read and write: the words in both languages, a line as a row of cells, a small document; and how a text is made
//! fit to stand in a cell, or to be compared.

pub mod clean;
pub mod fold;
pub mod page;
pub mod row;
pub mod texts;

//! Files that must not be opened.

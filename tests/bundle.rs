//! The bundle as its users meet it: sealed, read by everyday tools, and refused after every kind of change.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests stop at the first surprise, run other programs and say which are missing"
)]

#[path = "bundle/kit.rs"]
mod kit;

#[path = "bundle/seal.rs"]
mod seal;

#[path = "bundle/tools.rs"]
mod tools;

#[path = "bundle/tamper_content.rs"]
mod tamper_content;

#[path = "bundle/tamper_zip.rs"]
mod tamper_zip;

#[path = "bundle/tamper_signature.rs"]
mod tamper_signature;

#[path = "bundle/trust.rs"]
mod trust;

#[path = "bundle/keys.rs"]
mod keys;

#[path = "bundle/manifests_only.rs"]
mod manifests_only;
#[path = "bundle/mutations.rs"]
mod mutations;

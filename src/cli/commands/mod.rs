//! The commands: each runs its stages and says what came of it. Exit codes are returned, never taken.

pub(super) mod ask;
pub(super) mod catalogue;
pub(super) mod extend;
mod follow_up;
mod handing;
pub(super) mod judge;
pub(super) mod keys;
pub(super) mod ledger;
mod mail;
pub(super) mod make;
pub(super) mod mirror;
pub(super) mod purge;
pub(super) mod review;
pub(super) mod seal_only;
pub(super) mod setup;
mod trial;
pub(super) mod verify;

use super::failure::Failure;

/// 0: done. 1: done, and there is something to act on. 2: could not do its work.
pub(super) type Exit = Result<u8, Failure>;

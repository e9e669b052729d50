//! What a review is made from.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::lang::Lang;
use crate::review::lines::line::Flag;
use crate::snapshot::schema::{Account, Asset, Decision, Entitlement, Grant, Person, Remediation};
use crate::snapshot::value::Micros;

/// The tables of one snapshot, and decisions of earlier campaigns.
#[derive(Clone, Copy)]
pub struct Records<'a> {
    pub people: &'a [Person<'static>],
    pub accounts: &'a [Account<'static>],
    pub entitlements: &'a [Entitlement<'static>],
    pub grants: &'a [Grant<'static>],
    pub assets: &'a [Asset<'static>],
    pub decisions: &'a [Decision<'static>],
    pub remediations: &'a [Remediation<'static>],
    /// What checks found, by account id.
    pub flags: &'a BTreeMap<String, Vec<Flag>>,
    pub as_of: Micros,
    pub zone: &'a TimeZone,
    /// The organisation's language, for reviewers without one of their own.
    pub lang: Lang,
}

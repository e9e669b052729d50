//! Rights that were seen gone after a review asked for it, and that are held again.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::snapshot::schema::Remediation;

/// A right that came back: which review had it removed, and until when it was seen gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Back<'a> {
    pub campaign: &'a str,
    /// Day of the collection that spoke last of it, where known.
    pub observed_on: Option<Date>,
}

/// What follow-ups know of every account and right.
pub(in crate::review) struct Gone<'a>(BTreeMap<(&'a str, Option<&'a str>), &'a Remediation<'static>>);

impl<'a> Gone<'a> {
    pub(in crate::review) fn new(remediations: &'a [Remediation<'static>]) -> Self {
        let mut gone: BTreeMap<_, &'a Remediation<'static>> = BTreeMap::new();
        // `verified_absent` of a right that is held now says the same as `reappeared`: it was gone and is there.
        for row in remediations.iter().filter(|row| matches!(row.status.as_ref(), "verified_absent" | "reappeared")) {
            let kept = gone.entry((row.account_id.as_ref(), row.entitlement_id.as_deref())).or_insert(row);
            if (row.observed_at, &row.campaign_id) > (kept.observed_at, &kept.campaign_id) {
                *kept = row;
            }
        }
        Self(gone)
    }

    pub(in crate::review) fn back(&self, account_id: &str, entitlement_id: Option<&str>, zone: &TimeZone) -> Option<Back<'a>> {
        let row = self.0.get(&(account_id, entitlement_id)).copied()?;
        let observed_on = row.observed_at.map(|at| zone.to_datetime(at.timestamp()).date());
        Some(Back { campaign: &row.campaign_id, observed_on })
    }
}

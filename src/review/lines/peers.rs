//! How common a right is among the people of one unit, to see the one who holds what colleagues do not.

use hashbrown::HashMap;

/// An outlier is called only in a crowd: with fewer than this many accounts in the unit, everyone is special.
const CROWD: u32 = 20;
/// Fewer than one account in this many holds the right.
const ONE_IN: u32 = 20;

/// Counts by unit. A person with two accounts in one system counts twice; such accounts are a check's finding already.
#[derive(Default)]
pub(in crate::review) struct Peers<'a> {
    accounts: HashMap<(&'a str, &'a str), u32>,
    holders: HashMap<(&'a str, &'a str), u32>,
}

/// How rare a right is in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rarity {
    pub holders: u32,
    pub accounts: u32,
}

impl<'a> Peers<'a> {
    pub(in crate::review) fn account(&mut self, unit: &'a str, system: &'a str) {
        *self.accounts.entry((unit, system)).or_default() += 1;
    }

    pub(in crate::review) fn holder(&mut self, unit: &'a str, entitlement_id: &'a str) {
        *self.holders.entry((unit, entitlement_id)).or_default() += 1;
    }

    pub(in crate::review) fn outlier(&self, unit: &str, system: &str, entitlement_id: &str) -> Option<Rarity> {
        let accounts = self.accounts.get(&(unit, system)).copied().unwrap_or_default();
        let holders = self.holders.get(&(unit, entitlement_id)).copied().unwrap_or_default();
        let rare = accounts >= CROWD && holders.saturating_mul(ONE_IN) < accounts;
        rare.then_some(Rarity { holders, accounts })
    }
}

//! What was met, counted by kind.

use std::collections::BTreeMap;

macro_rules! counts {
    ($( $variant:ident = $name:literal ),+ $(,)?) => {
        /// One thing that is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Count { $( #[doc = concat!("`", $name, "`")] $variant ),+ }
        const NAMES: &[&str] = &[$( $name ),+];
    };
}

counts! {
    Accounts = "accounts",
    Groups = "groups",
    Policies = "policies",
    Computers = "computers",
    Contacts = "contacts",
    Foreign = "foreign_principals",
    Containers = "containers",
    Other = "other_entries",
    Direct = "grants_direct",
    Nested = "grants_nested",
    DynamicGroups = "dynamic_groups_not_expanded",
    CutGroups = "groups_with_members_cut",
    IdFromName = "ids_from_dn",
    Unreadable = "unreadable_values",
    OutsideGroups = "groups_not_in_export",
    Completed = "grants_from_memberof_only",
    Unresolved = "unresolved_members",
    ForeignMembers = "foreign_members",
    BadMembers = "members_that_are_no_dn",
    AmbiguousLogins = "ambiguous_member_logins",
    PrivilegedMissing = "privileged_groups_not_found",
    TooDeep = "accounts_nested_too_deep",
}

/// The counts.
#[derive(Debug, Clone, Default)]
pub struct Tally([u64; NAMES.len()]);

impl Tally {
    pub fn add(&mut self, count: Count, number: u64) {
        if let Some(cell) = self.0.get_mut(count as usize) {
            *cell += number;
        }
    }

    pub fn one(&mut self, count: Count) {
        self.add(count, 1);
    }

    #[must_use]
    pub fn get(&self, count: Count) -> u64 {
        self.0.get(count as usize).copied().unwrap_or_default()
    }

    /// By name; accounts and groups always, the rest when there is any.
    #[must_use]
    pub fn details(&self) -> BTreeMap<String, u64> {
        let always = |name: &str| matches!(name, "accounts" | "groups");
        NAMES.iter().zip(self.0).filter(|(name, n)| *n > 0 || always(name)).map(|(name, n)| ((*name).to_owned(), n)).collect()
    }
}

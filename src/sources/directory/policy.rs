//! Password policies: how long a password lives and how long a lock holds, for the accounts they apply to.
//!
//! They decide `locked` and `password_never_expires`, and may stand anywhere in an export, so the survey collects them all before the
//! first account is decoded.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::attrs::Attr;
use super::dn;
use super::entry::Entry;
use super::names::{NameId, Names, TooManyNames};
use super::times;
use super::view::View;
use crate::snapshot::value::Micros;

/// How long a password lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Age {
    /// No policy that says it.
    #[default]
    Unknown,
    Never,
    Limited,
}

/// How long a lock holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lockout {
    #[default]
    Unknown,
    /// The policy does not lock: a lock's date is without effect.
    Off,
    /// Until an administrator ends it.
    Forever,
    /// Microseconds.
    For(i64),
}

/// What a policy says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    pub age: Age,
    pub lockout: Lockout,
}

impl Rules {
    /// Whether a lock set at `since` holds at `now`; `None` when no policy says how long locks hold.
    #[must_use]
    pub fn locks(&self, since: Micros, now: Micros) -> Option<bool> {
        match self.lockout {
            Lockout::Unknown => None,
            Lockout::Off => Some(false),
            Lockout::Forever => Some(true),
            Lockout::For(micros) => Some(since.0.saturating_add(micros) > now.0),
        }
    }

    /// Whether its passwords are exempt from expiry.
    #[must_use]
    pub fn never_expires(&self) -> Option<bool> {
        match self.age {
            Age::Unknown => None,
            Age::Never => Some(true),
            Age::Limited => Some(false),
        }
    }
}

/// An AD password settings object.
#[derive(Debug)]
struct Pso {
    name: NameId,
    precedence: i64,
    rules: Rules,
    applies_to: Vec<NameId>,
}

/// Every policy of a directory.
#[derive(Debug, Default)]
pub struct Policies {
    domains: Vec<(Vec<u8>, Rules)>,
    psos: Vec<Pso>,
    entries: Vec<(Vec<u8>, Rules)>,
    /// Settings objects, and the groups that say they are under them.
    applied: Vec<(NameId, NameId)>,
    default: Option<usize>,
}

impl Policies {
    /// Takes what an entry says of passwords; entries that say nothing change nothing.
    pub fn collect(&mut self, entry: &Entry, name: &[u8], names: &mut Names) -> Result<(), TooManyNames> {
        // Policies hold no instants.
        let zone = TimeZone::UTC;
        let mut view = View::new(entry, &zone);
        if entry.carries(Attr::MaxPwdAge) {
            let rules = Rules { age: ad_age(view.text(Attr::MaxPwdAge)), lockout: ad_lockout(view.text(Attr::LockoutDuration)) };
            self.domains.push((name.to_vec(), rules));
        }
        if entry.carries(Attr::PsoMaxAge) || entry.carries(Attr::PsoAppliesTo) {
            let rules = Rules { age: ad_age(view.text(Attr::PsoMaxAge)), lockout: ad_lockout(view.text(Attr::PsoLockoutDuration)) };
            let mut pso = Pso {
                name: names.intern(name)?,
                precedence: view.number(Attr::PsoPrecedence).unwrap_or(i64::MAX),
                rules,
                applies_to: vec![],
            };
            let mut scratch = vec![];
            for target in entry.all(Attr::PsoAppliesTo) {
                if dn::normalise(target, &mut scratch).is_ok() {
                    pso.applies_to.push(names.intern(&scratch)?);
                }
            }
            self.psos.push(pso);
        } else if entry.classes.is_password_policy() || entry.carries(Attr::PwdMaxAge) || entry.carries(Attr::PasswordExp) {
            self.entries.push((name.to_vec(), ldap_rules(&mut view)));
        }
        Ok(())
    }

    /// Notes that a settings object applies to a group, as the group says it.
    pub fn applies(&mut self, pso: NameId, group: NameId) {
        self.applied.push((pso, group));
    }

    /// Settings objects that groups name and that were not seen, which is usual: only administrators may read them. Nobody knows what
    /// they say, nor whether they go before the others.
    fn add_hidden(&mut self) {
        self.applied.sort_unstable();
        let seen: BTreeSet<NameId> = self.psos.iter().map(|pso| pso.name).collect();
        for of_one in self.applied.chunk_by(|a, b| a.0 == b.0) {
            let Some((name, _)) = of_one.first().filter(|(name, _)| !seen.contains(name)) else { continue };
            let applies_to = of_one.iter().map(|(_, group)| *group).collect();
            self.psos.push(Pso { name: *name, precedence: i64::MIN, rules: Rules::default(), applies_to });
        }
    }

    /// Whether it is a settings object that was seen.
    #[must_use]
    pub fn is_seen(&self, names: &Names, name: &[u8]) -> bool {
        self.psos.iter().any(|pso| pso.precedence != i64::MIN && names.is(pso.name, name))
    }

    /// Once all are known: settles which applies where nothing else does. The declared one; else 389-DS's own in `cn=config`;
    /// else the only one there is.
    pub fn settle(&mut self, declared: Option<&[u8]>) {
        self.add_hidden();
        self.psos.sort_by_key(|pso| (pso.precedence, pso.name));
        let by_name = |wanted: &[u8]| self.entries.iter().position(|(name, _)| name == wanted);
        self.default = match declared {
            Some(name) => by_name(name),
            None => by_name(b"cn=config").or((self.entries.len() == 1).then_some(0)),
        };
    }

    /// Name of the policy that applies where an account names none.
    #[must_use]
    pub fn default_name(&self) -> Option<&[u8]> {
        self.entries.get(self.default?).map(|(name, _)| name.as_slice())
    }

    /// Rules of a pwdPolicy entry: the one the account names (comparable), else the default. A named one that is not there: unknown.
    #[must_use]
    pub fn named(&self, name: Option<&[u8]>) -> Rules {
        let found = match name {
            Some(wanted) => self.entries.iter().find(|(name, _)| name == wanted),
            None => self.default.and_then(|default| self.entries.get(default)),
        };
        found.map(|(_, rules)| *rules).unwrap_or_default()
    }

    /// Rules of an AD account (MS-ADTS 3.1.1.4.5.36): `resultant` as the server computed it, else the password settings object that
    /// applies to the account itself, else to a group it is in (lowest precedence first), else the domain's.
    #[must_use]
    pub fn active_directory(&self, names: &Names, name: &[u8], resultant: Option<&[u8]>, holds: impl Fn(NameId) -> bool) -> Rules {
        if let Some(wanted) = resultant {
            let pso = self.psos.iter().find(|pso| names.is(pso.name, wanted));
            return pso.map(|pso| pso.rules).unwrap_or_default();
        }
        let own = |pso: &&Pso| pso.applies_to.iter().any(|target| names.is(*target, name));
        let by_group = |pso: &&Pso| pso.applies_to.iter().any(|target| holds(*target));
        if let Some(pso) = self.psos.iter().find(own).or_else(|| self.psos.iter().find(by_group)) {
            return pso.rules;
        }
        let domain = self.domains.iter().filter(|(domain, _)| dn::is_below(name, domain)).max_by_key(|(domain, _)| domain.len());
        domain.map(|(_, rules)| *rules).unwrap_or_default()
    }
}

fn ad_age(text: Option<&str>) -> Age {
    match text.map(times::interval) {
        Some(Ok(None)) => Age::Never,
        Some(Ok(Some(_))) => Age::Limited,
        Some(Err(times::Unreadable)) | None => Age::Unknown,
    }
}

fn ad_lockout(text: Option<&str>) -> Lockout {
    match text.map(times::interval) {
        Some(Ok(None)) => Lockout::Forever,
        Some(Ok(Some(micros))) => Lockout::For(micros),
        Some(Err(times::Unreadable)) | None => Lockout::Unknown,
    }
}

/// draft-behera-ldap-password-policy-10 section 5.2: seconds; 0 or absent means no expiry, and a lock until reset.
fn ldap_rules(view: &mut View<'_>) -> Rules {
    let expires = view.boolean(Attr::PasswordExp);
    let age = match view.number(Attr::PwdMaxAge) {
        _ if expires == Some(false) => Age::Never,
        _ if view.unreadable.contains(&Attr::PwdMaxAge.name()) => Age::Unknown,
        Some(seconds) if seconds > 0 => Age::Limited,
        _ => Age::Never,
    };
    let lockout = match (view.boolean(Attr::PwdLockout), view.number(Attr::PwdLockoutDuration)) {
        (Some(true), Some(seconds)) if seconds > 0 => Lockout::For(seconds.saturating_mul(Micros::SECOND)),
        (Some(true), _) => Lockout::Forever,
        (Some(false) | None, _) => Lockout::Off,
    };
    Rules { age, lockout }
}

//! First reading: groups, memberships, policies, and which attributes occur at all.
//!
//! Accounts are passed over as soon as their classes tell them: their values are not even decoded.

use super::attrs::{Attr, Named};
use super::class::{ClassNames, Sort};
use super::closure::Holders;
use super::dn::{self, DnError};
use super::entry::Entry;
use super::groups::GroupId;
use super::known::{Entitle, Known, Registry, Repeats};
use super::names::{self, Batch, NameId, TooManyNames};
use super::options::{Flavour, Options};
use super::policy::Policies;
use super::tally::Count;
use super::view::lossy;
use super::{DecodeError, Place, Visit};
use crate::sources::{Request, Sink};

/// Names of cut groups that a message can hold.
const CUT_NAMED: usize = 5;

/// The first reading of a directory.
pub struct Survey<'a> {
    entitle: Entitle<'a>,
    registry: Registry,
    /// Members of the entry being read that have no number yet.
    members: Batch,
    policies: Policies,
    present: u128,
    entry: Entry,
    classes: ClassNames,
    /// `memberOf` of groups: outer, inner, and outer as written.
    nested: Vec<(NameId, NameId, Box<[u8]>)>,
    cut: Vec<String>,
    repeats: Repeats,
    full: bool,
    scratch: Vec<u8>,
}

impl<'a> Survey<'a> {
    #[must_use]
    pub fn new(request: &'a Request, options: &'a Options, sink: &'a mut dyn Sink) -> Self {
        Self {
            entitle: Entitle { request, options, sink },
            registry: Registry::default(),
            members: Batch::default(),
            policies: Policies::default(),
            present: 0,
            entry: Entry::default(),
            classes: ClassNames::default(),
            nested: vec![],
            cut: vec![],
            repeats: Repeats::default(),
            full: false,
            scratch: vec![],
        }
    }

    /// Everything found, ready for the second reading.
    pub fn finish(mut self) -> Result<Known, DecodeError> {
        let options = self.entitle.options;
        self.policies.settle(options.default_policy());
        self.repeats.settle();
        let privileged = options
            .privileged()
            .filter(|(name, _)| self.registry.names.find(name).and_then(|id| self.registry.groups.named(id)).is_none());
        self.registry.tally.add(Count::PrivilegedMissing, privileged.count() as u64);
        let nested = self.nested_only()?;
        let holders = Holders::new(&self.registry.groups, self.registry.names.len(), &nested);
        self.registry.groups.drop_members();
        let (flavour, told_by) = match options.flavour {
            Some(flavour) => (flavour, None),
            None => Flavour::told_by(self.present),
        };
        Ok(Known {
            registry: self.registry,
            holders,
            policies: self.policies,
            present: self.present,
            flavour,
            told_by,
            cut: self.cut,
            repeats: self.repeats,
        })
    }

    fn member(&mut self, attr: Attr, value: &[u8]) -> Result<(), TooManyNames> {
        if attr == Attr::MemberUid {
            self.scratch.clear();
            self.scratch.push(names::LOGIN);
            self.scratch.extend(value.trim_ascii().iter().map(u8::to_ascii_lowercase));
        } else if dn::normalise(value, &mut self.scratch).is_err() || self.scratch.is_empty() {
            self.registry.tally.one(Count::BadMembers);
            return Ok(());
        }
        self.members.push(&self.scratch);
        if self.members.is_full() { self.number_members() } else { Ok(()) }
    }

    fn number_members(&mut self) -> Result<(), TooManyNames> {
        self.registry.names.intern_all(&mut self.members, |name| self.registry.groups.member(name))
    }

    fn group(&mut self, comparable: &[u8]) -> Result<(), DecodeError> {
        let name = self.registry.names.intern(comparable)?;
        if self.registry.groups.named(name).is_some() {
            // Twice the same entry: the second reading rejects it.
            return Ok(());
        }
        self.entitle.group(&self.entry, (name, comparable), &mut self.registry.groups)?;
        let mut outer = vec![];
        for written in self.entry.all(Attr::MemberOf) {
            if dn::normalise(written, &mut outer).is_ok() && !outer.is_empty() {
                self.nested.push((self.registry.names.intern(&outer)?, name, written.into()));
            }
        }
        for written in self.entry.all(Attr::PsoApplied) {
            if dn::normalise(written, &mut outer).is_ok() && !outer.is_empty() {
                self.policies.applies(self.registry.names.intern(&outer)?, name);
            }
        }
        if self.entry.cut {
            self.registry.tally.one(Count::CutGroups);
            if self.cut.len() < CUT_NAMED {
                self.cut.push(lossy(self.entry.dn()).into_owned());
            }
        }
        if self.entry.classes.is_dynamic() || self.entry.carries(Attr::MemberUrl) {
            self.registry.tally.one(Count::DynamicGroups);
        }
        Ok(())
    }

    /// Pairs of (outer group, inner group) that only the inner one's `memberOf` tells.
    fn nested_only(&mut self) -> Result<Vec<(GroupId, NameId)>, DecodeError> {
        let mut pairs = vec![];
        for (outer, inner, written) in std::mem::take(&mut self.nested) {
            let group = match self.registry.groups.named(outer) {
                // A group that lists its members knows better.
                Some(group) if self.registry.groups.is_whole(group) => continue,
                Some(group) => group,
                None => {
                    let comparable = self.registry.names.get(outer);
                    self.entitle.by_name(&written, &comparable, &mut self.registry)?
                }
            };
            pairs.push((group, inner));
        }
        Ok(pairs)
    }
}

impl Visit for Survey<'_> {
    fn begin(&mut self, dn: &[u8]) -> Result<(), DnError> {
        self.entry.begin(dn);
        Ok(())
    }

    fn wants(&mut self, named: Named) -> bool {
        let attr = named.attr;
        self.entry.note(attr);
        self.entry.cut |= named.cut && attr.is_membership();
        attr.is_membership()
            || attr == Attr::ObjectClass
            || attr.is_id()
            || (named.in_survey() && !self.entry.classes.is_surely_account())
    }

    fn value(&mut self, attr: Attr, value: &[u8]) {
        match attr {
            Attr::ObjectClass => self.classes.add(&mut self.entry.classes, value),
            _ if attr.is_membership() => self.full |= self.member(attr, value).is_err(),
            _ => self.entry.keep(attr, value),
        }
    }

    fn end(&mut self, _place: Place<'_>) -> Result<(), DecodeError> {
        self.present |= self.entry.present;
        self.repeats.note(&self.entry);
        if self.full || self.number_members().is_err() {
            return Err(TooManyNames.into());
        }
        let sort = self.entry.sort();
        let mut comparable = std::mem::take(&mut self.scratch);
        // An entry without a usable name is rejected by the second reading.
        if !matches!(sort, Sort::Account | Sort::Computer | Sort::Contact)
            && !self.entry.overflow
            && dn::normalise(self.entry.dn(), &mut comparable).is_ok()
        {
            if sort == Sort::Group {
                self.group(&comparable)?;
            } else {
                self.policies.collect(&self.entry, &comparable, &mut self.registry.names)?;
            }
        }
        self.scratch = comparable;
        self.registry.groups.forget_pending();
        Ok(())
    }

    fn refuse(&mut self, _reason: &str, _excerpt: &str) -> Result<(), DecodeError> {
        self.members.clear();
        self.registry.groups.forget_pending();
        Ok(())
    }
}

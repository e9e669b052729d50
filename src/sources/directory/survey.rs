//! First reading: groups, memberships, policies, and which attributes occur at all.
//!
//! Accounts are passed over as soon as their classes tell them: but for ids and logins, their values are not even decoded.

use std::io;

use super::attrs::{Attr, Named};
use super::class::{ClassNames, Sort};
use super::dn::{self, DnError};
use super::entry::Entry;
use super::groups::GroupId;
use super::join::{Joined, join};
use super::known::{Entitle, Known, Registry};
use super::mentions::{Mentions, Role};
use super::names::{self, NameId};
use super::options::{Flavour, Options};
use super::policy::Policies;
use super::tally::Count;
use super::view::lossy;
use super::wanted::Wanted;
use super::{DecodeError, Place, Visit};
use crate::sources::{Request, Sink};

/// Names of cut groups that a message can hold.
const CUT_NAMED: usize = 5;

/// The first reading of a directory.
pub struct Survey<'a> {
    entitle: Entitle<'a>,
    registry: Registry,
    mentions: Mentions,
    policies: Policies,
    present: u128,
    entry: Entry,
    classes: ClassNames,
    /// `memberOf` of groups: outer, inner, and outer as written.
    nested: Vec<(NameId, NameId, Box<[u8]>)>,
    cut: Vec<String>,
    /// The entry being read has a name.
    begun: bool,
    /// Why a member of it could not be noted.
    failed: io::Result<()>,
    scratch: Vec<u8>,
}

impl<'a> Survey<'a> {
    #[must_use]
    pub fn new(request: &'a Request, options: &'a Options, sink: &'a mut dyn Sink) -> Self {
        Self {
            entitle: Entitle { request, options, sink },
            registry: Registry::default(),
            mentions: Mentions::new(options.room.0),
            policies: Policies::default(),
            present: 0,
            entry: Entry::default(),
            classes: ClassNames::default(),
            nested: vec![],
            cut: vec![],
            begun: false,
            failed: Ok(()),
            scratch: vec![],
        }
    }

    /// Everything found, ready for the second reading.
    pub fn finish(mut self) -> Result<Known, DecodeError> {
        let options = self.entitle.options;
        self.policies.settle(options.default_policy());
        let privileged = options
            .privileged()
            .filter(|(name, _)| self.registry.names.find(name).and_then(|id| self.registry.groups.named(id)).is_none());
        self.registry.tally.add(Count::PrivilegedMissing, privileged.count() as u64);
        let joined = self.join()?;
        let (flavour, told_by) = match options.flavour {
            Some(flavour) => (flavour, None),
            None => Flavour::told_by(self.present),
        };
        Ok(Known {
            registry: self.registry,
            wanted: Wanted::new(&joined),
            holdings: joined.holdings,
            unresolved: joined.unresolved.count,
            foreign: joined.foreign.count,
            policies: self.policies,
            present: self.present,
            flavour,
            told_by,
            cut: self.cut,
        })
    }

    /// Brings together who is there and who is named by whom.
    fn join(&mut self) -> Result<Joined, DecodeError> {
        let mentions = std::mem::replace(&mut self.mentions, Mentions::new(0));
        let mut joined = join(mentions, &self.registry.groups)?;
        self.registry.tally.add(Count::AmbiguousLogins, joined.ambiguous);
        self.registry.elsewhere = std::mem::take(&mut joined.elsewhere);
        let with_entry = self.registry.groups.len();
        let mut nested = std::mem::take(&mut joined.nested);
        nested.extend(self.nested_only()?);
        self.registry.holders.settle(with_entry, &nested);
        Ok(joined)
    }

    fn member(&mut self, attr: Attr, value: &[u8]) -> io::Result<()> {
        if attr == Attr::MemberUid {
            names::login(value, &mut self.scratch);
        } else if dn::normalise(value, &mut self.scratch).is_err() || self.scratch.is_empty() {
            self.registry.tally.one(Count::BadMembers);
            return self.mentions.member(None);
        }
        self.entry.lists = true;
        self.mentions.member(Some(&self.scratch))
    }

    fn group(&mut self, comparable: &[u8]) -> Result<(), DecodeError> {
        let name = self.registry.names.intern(comparable)?;
        if self.registry.groups.named(name).is_some() {
            // Twice the same entry: the second reading rejects it.
            return Ok(());
        }
        self.entitle.group(&self.entry, self.mentions.ordinal(), (name, comparable), &mut self.registry.groups)?;
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

    /// Pairs of (inner group, outer group) that only the inner one's `memberOf` tells.
    fn nested_only(&mut self) -> Result<Vec<(GroupId, GroupId)>, DecodeError> {
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
            pairs.extend(self.registry.groups.named(inner).map(|inner| (inner, group)));
        }
        Ok(pairs)
    }
}

impl Visit for Survey<'_> {
    fn begin(&mut self, dn: &[u8]) -> Result<(), DnError> {
        self.entry.begin(dn);
        self.begun = true;
        Ok(())
    }

    fn wants(&mut self, named: Named) -> bool {
        let attr = named.attr;
        self.entry.note(attr);
        self.entry.cut |= named.cut && attr.is_membership();
        attr.is_membership()
            || attr == Attr::ObjectClass
            || attr == Attr::Uid
            || attr.is_id()
            || (named.in_survey() && !self.entry.classes.is_surely_account())
    }

    fn value(&mut self, attr: Attr, value: &[u8]) {
        match attr {
            Attr::ObjectClass => self.classes.add(&mut self.entry.classes, value),
            _ if !attr.is_membership() => self.entry.keep(attr, value),
            _ if self.failed.is_ok() => self.failed = self.member(attr, value),
            _ => {}
        }
    }

    fn end(&mut self, _place: Place<'_>) -> Result<(), DecodeError> {
        std::mem::replace(&mut self.failed, Ok(()))?;
        self.begun = false;
        self.present |= self.entry.present;
        let sort = self.entry.sort();
        let mut comparable = std::mem::take(&mut self.scratch);
        // An entry without a usable name is rejected by the second reading.
        if dn::normalise(self.entry.dn(), &mut comparable).is_ok() {
            self.mentions.entry(&self.entry, sort, &comparable)?;
            match sort {
                Sort::Account | Sort::Computer | Sort::Contact => {}
                _ if self.entry.overflow => {}
                Sort::Group => self.group(&comparable)?,
                _ => self.policies.collect(&self.entry, &comparable, &mut self.registry.names)?,
            }
        }
        self.scratch = comparable;
        Ok(self.mentions.pass()?)
    }

    fn refuse(&mut self, _reason: &str, _excerpt: &str) -> Result<(), DecodeError> {
        std::mem::replace(&mut self.failed, Ok(()))?;
        if std::mem::take(&mut self.begun) && dn::normalise(self.entry.dn(), &mut self.scratch).is_ok() {
            self.mentions.named(&self.scratch, Role::Unread)?;
        }
        Ok(self.mentions.pass()?)
    }
}

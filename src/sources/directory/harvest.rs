//! Second reading: each account is decoded and written with its grants, and every entry is kept or rejected with its reason.

use super::attrs::{Attr, Named};
use super::class::{ClassNames, Sort};
use super::closure::Walk;
use super::dn::{self, DnError};
use super::entry::Entry;
use super::groups::GroupId;
use super::holdings::Bits;
use super::known::{Entitle, Known, Registry, Told, local_id};
use super::mentions::Ordinal;
use super::names;
use super::options::Options;
use super::report::Outcome;
use super::tally::Count;
use super::view::{View, lossy};
use super::wanted::Wanted;
use super::{DecodeError, Place, Visit, account};
use crate::snapshot::ids::object;
use crate::snapshot::schema::Grant;
use crate::snapshot::value::Micros;
use crate::sources::{Request, Sink};

/// Entries between two calls of [`Sink::progress`].
const PROGRESS_EVERY: u64 = 4096;

/// The second reading of a directory.
pub struct Harvest<'a> {
    entitle: Entitle<'a>,
    known: Known,
    entry: Entry,
    classes: ClassNames,
    walk: Walk,
    /// Groups met.
    groups: Bits,
    /// Accounts met, by their places: they, or one of the same id before.
    met: Bits,
    pub(super) wanted: Wanted,
    outcome: Outcome,
    /// Comparable name of the entry being read.
    comparable: Vec<u8>,
    /// Its immutable id.
    local: String,
    account_id: String,
    attributes: String,
    via: String,
    direct: Vec<GroupId>,
    /// Groups held, the directory says, without saying through which.
    somehow: Vec<GroupId>,
    key: Vec<u8>,
}

impl<'a> Harvest<'a> {
    #[must_use]
    pub fn new(request: &'a Request, options: &'a Options, sink: &'a mut dyn Sink, known: Known) -> Self {
        Self {
            entitle: Entitle { request, options, sink },
            outcome: Outcome::default(),
            entry: Entry::default(),
            classes: ClassNames::default(),
            walk: Walk::default(),
            groups: Bits::default(),
            met: Bits::default(),
            wanted: known.wanted.clone(),
            comparable: vec![],
            local: String::new(),
            account_id: String::new(),
            attributes: String::new(),
            via: String::new(),
            direct: vec![],
            somehow: vec![],
            key: vec![],
            known,
        }
    }

    /// What is to be told beside the rows.
    #[must_use]
    pub fn finish(self) -> Told {
        self.outcome.told(self.known, self.entitle.options)
    }

    /// Changes the entry being read, and its comparable name, for others.
    pub(super) fn exchange(&mut self, entry: &mut Entry, name: &mut Vec<u8>) {
        std::mem::swap(&mut self.entry, entry);
        std::mem::swap(&mut self.comparable, name);
    }

    /// Place of the entry being read.
    fn ordinal(&self) -> Ordinal {
        // The first reading refused more.
        Ordinal::try_from(self.outcome.rows - 1).unwrap_or(Ordinal::MAX)
    }

    fn reject(&mut self, place: Place, reason: &str) -> Result<(), DecodeError> {
        let excerpt = lossy(self.entry.dn()).into_owned();
        self.entitle.sink.reject(self.outcome.rows, &format!("{place}{reason}"), &excerpt)?;
        Ok(())
    }

    fn kept(&mut self, count: Count) {
        self.outcome.kept += 1;
        self.known.registry.tally.one(count);
    }

    /// Any entry but an account.
    fn other(&mut self, sort: Sort, place: Place<'_>) -> Result<(), DecodeError> {
        let count = match sort {
            Sort::Group => Count::Groups,
            Sort::Policy => Count::Policies,
            Sort::Computer => Count::Computers,
            Sort::Contact => Count::Contacts,
            Sort::Foreign => Count::Foreign,
            Sort::Container => Count::Containers,
            Sort::Account | Sort::Other => Count::Other,
        };
        if sort == Sort::Group {
            let Registry { names, groups, .. } = &self.known.registry;
            let group = names.find(&self.comparable).and_then(|name| groups.named(name));
            if let Some(group) = group
                && self.groups.was(group)
            {
                return self.reject(place, "the same group came before: the first one is kept");
            }
        }
        self.kept(count);
        Ok(())
    }

    fn account(&mut self, place: Place<'_>) -> Result<(), DecodeError> {
        let ordinal = self.ordinal();
        if let Some(before) = self.known.holdings.before(ordinal)?
            && (before == ordinal || self.met.has(before))
        {
            self.met.was(ordinal);
            return self.reject(place, "the same account came before: the first one is kept");
        }
        self.met.was(ordinal);
        self.local.clear();
        let from_name = local_id(&self.entry, &mut self.local).is_none();
        if from_name {
            self.known.registry.tally.one(Count::IdFromName);
            self.local.push_str(&lossy(&self.comparable));
        }
        self.account_id = object(&self.entitle.request.system, &self.local);
        self.direct.clear();
        self.somehow.clear();
        let Known { holdings, registry, .. } = &mut self.known;
        let digest = || registry.elsewhere.digester.of(&self.comparable);
        self.outcome.moved |= !holdings.of(ordinal, digest, &mut self.direct)?;
        self.climb()?;
        self.write(from_name)?;
        self.kept(Count::Accounts);
        self.grants()
    }

    /// An entry that cannot be read explains no membership. The first reading, which reads less of it, may not have seen that.
    fn lost(&mut self, written: &[u8]) -> Result<(), DecodeError> {
        let ordinal = self.ordinal();
        if let Some(before) = self.known.holdings.before(ordinal)?
            && self.met.has(before)
        {
            self.met.was(ordinal);
        }
        if self.known.holdings.lost(ordinal)? {
            self.known.unresolved += 1;
            if dn::normalise(written, &mut self.key).is_ok() {
                self.outcome.name(false, &self.key);
            }
        }
        Ok(())
    }

    /// Names of members to be told, where this entry lists some.
    fn tell(&mut self) {
        for (foreign, (attr, written)) in self.wanted.here().zip(self.entry.members()) {
            if attr == Attr::MemberUid {
                names::login(written, &mut self.key);
            } else if dn::normalise(written, &mut self.key).is_err() {
                continue;
            }
            self.outcome.name(foreign, &self.key);
        }
    }

    /// Primary groups, then the walk; then what only `memberOf` tells.
    fn climb(&mut self) -> Result<(), DecodeError> {
        self.primary_groups()?;
        self.direct.sort_unstable();
        self.direct.dedup();
        self.walk.run(&self.direct, &self.known.registry.groups, &self.known.registry.holders);
        let before = self.direct.len();
        let scratch = &mut self.key;
        let known = &mut self.known;
        for (written, direct) in told_groups(&self.entry) {
            if dn::normalise(written, scratch).is_err() || scratch.is_empty() {
                known.registry.tally.one(Count::BadMembers);
                continue;
            }
            let group = self.entitle.by_name(written, scratch, &mut known.registry)?;
            let list = if direct { &mut self.direct } else { &mut self.somehow };
            if !self.walk.holds(group) && !list.contains(&group) {
                list.push(group);
            }
        }
        let completed = self.direct.len() - before;
        if completed > 0 {
            self.walk.run(&self.direct, &known.registry.groups, &known.registry.holders);
        }
        self.somehow.retain(|group| !self.walk.holds(*group));
        known.registry.tally.add(Count::Completed, (completed + self.somehow.len()) as u64);
        if self.walk.too_deep {
            known.registry.tally.one(Count::TooDeep);
        }
        Ok(())
    }

    /// AD's `primaryGroupID` stands in neither `member` nor `memberOf`; nor does a Unix account's `gidNumber`.
    fn primary_groups(&mut self) -> Result<(), DecodeError> {
        let text = |attr| self.entry.first(attr).and_then(|raw| std::str::from_utf8(raw).ok()).map(str::trim);
        if let Some(rid) = text(Attr::PrimaryGroupId).and_then(|text| text.parse::<u32>().ok())
            && let Some(sid) = self.entry.first(Attr::ObjectSid).and_then(super::ids::sid)
            && let Some((domain, _)) = super::ids::rid(&sid)
        {
            let group = format!("{domain}-{rid}");
            let known = &mut self.known;
            self.direct.push(self.entitle.by_sid(&group, &mut known.registry)?);
        }
        if let Some(group) = text(Attr::GidNumber).and_then(|gid| self.known.registry.groups.with_gid(gid.parse().ok()?)) {
            self.direct.push(group);
        }
        Ok(())
    }

    fn write(&mut self, from_name: bool) -> Result<(), DecodeError> {
        let request = self.entitle.request;
        let mut view = View::new(&self.entry, &request.zone);
        let sid = if self.entry.carries(Attr::ObjectSid) { view.sid(Attr::ObjectSid) } else { None };
        let state = account::state(&self.known, &self.walk, &self.comparable, &mut view, Micros::from(request.as_of));
        let identity = account::Identity {
            account_id: &self.account_id,
            system: &request.system,
            name: &self.comparable,
            sid: sid.as_deref(),
            from_name,
        };
        let row = account::row(&identity, &mut view, &state, self.entitle.options, &mut self.attributes);
        self.known.registry.tally.add(Count::Unreadable, view.unreadable.len() as u64);
        self.entitle.sink.push(row.into())?;
        Ok(())
    }

    fn grants(&mut self) -> Result<(), DecodeError> {
        let (direct, nested) = self.walk.held();
        self.known.registry.tally.add(Count::Direct, direct.len() as u64);
        self.known.registry.tally.add(Count::Nested, (nested.len() + self.somehow.len()) as u64);
        let groups = &self.known.registry.groups;
        let grant = |group| Grant {
            account_id: self.account_id.as_str().into(),
            entitlement_id: groups.entitlement_id(group).into(),
            direct: true,
            via: None,
        };
        for group in direct {
            self.entitle.sink.push(grant(*group).into())?;
        }
        for group in &self.somehow {
            self.entitle.sink.push(Grant { direct: false, ..grant(*group) }.into())?;
        }
        for group in nested {
            self.walk.via(*group, groups, &mut self.via);
            self.entitle.sink.push(Grant { direct: false, via: Some(self.via.as_str().into()), ..grant(*group) }.into())?;
        }
        Ok(())
    }
}

/// Groups that the account's own entry names, and whether it is in them directly. IBM's `ibm-allGroups` does not tell.
fn told_groups(entry: &Entry) -> impl Iterator<Item = (&[u8], bool)> {
    let direct = entry.all(Attr::MemberOf).chain(entry.all(Attr::NsRole)).map(|name| (name, true));
    direct.chain(entry.all(Attr::IbmAllGroups).map(|name| (name, false)))
}

impl Visit for Harvest<'_> {
    fn begin(&mut self, dn: &[u8]) -> Result<(), DnError> {
        self.entry.begin(dn);
        dn::normalise(dn, &mut self.comparable)
    }

    fn wants(&mut self, named: Named) -> bool {
        self.entry.note(named.attr);
        named.in_account() || (named.attr.is_membership() && self.wanted.is_here())
    }

    fn value(&mut self, attr: Attr, value: &[u8]) {
        if attr == Attr::ObjectClass {
            self.classes.add(&mut self.entry.classes, value);
        } else if !attr.is_membership() || self.wanted.takes() {
            self.entry.keep(attr, value);
        }
    }

    fn end(&mut self, place: Place<'_>) -> Result<(), DecodeError> {
        self.outcome.rows += 1;
        if self.outcome.rows.is_multiple_of(PROGRESS_EVERY) {
            self.entitle.sink.progress(self.outcome.rows);
        }
        self.tell();
        self.wanted.pass();
        if self.entry.overflow {
            let written = self.entry.dn().to_vec();
            self.lost(&written)?;
            return self.reject(place, "the entry holds more than 64 MiB of values: export fewer attributes");
        }
        match self.entry.sort() {
            Sort::Account => self.account(place),
            sort => self.other(sort, place),
        }
    }

    fn refuse(&mut self, reason: &str, excerpt: &str) -> Result<(), DecodeError> {
        self.outcome.rows += 1;
        self.wanted.pass();
        self.lost(excerpt.as_bytes())?;
        self.entitle.sink.reject(self.outcome.rows, reason, excerpt)?;
        Ok(())
    }
}

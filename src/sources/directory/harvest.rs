//! Second reading: each account is decoded and written with its grants, and every entry is kept or rejected with its reason.

use hashbrown::HashSet;

use super::attrs::{Attr, Named};
use super::class::{ClassNames, Sort};
use super::closure::Walk;
use super::dn::{self, DnError};
use super::entry::Entry;
use super::groups::GroupId;
use super::known::{Entitle, Known, Told, local_id};
use super::names::{self, Batch, NameId};
use super::options::Options;
use super::report::{Outcome, Standing};
use super::tally::Count;
use super::view::{View, lossy};
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
    /// Of the accounts whose id may occur again.
    seen_ids: HashSet<[u8; 16]>,
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
    /// Number of the name of the entry being read as looked up among so many names, where that was done beforehand.
    pub(super) found: Option<(Option<NameId>, usize)>,
}

impl<'a> Harvest<'a> {
    #[must_use]
    pub fn new(request: &'a Request, options: &'a Options, sink: &'a mut dyn Sink, known: Known) -> Self {
        Self {
            entitle: Entitle { request, options, sink },
            outcome: Outcome::new(&known),
            known,
            entry: Entry::default(),
            classes: ClassNames::default(),
            walk: Walk::default(),
            seen_ids: HashSet::default(),
            comparable: vec![],
            local: String::new(),
            account_id: String::new(),
            attributes: String::new(),
            via: String::new(),
            direct: vec![],
            somehow: vec![],
            key: vec![],
            found: None,
        }
    }

    /// What is to be told beside the rows.
    #[must_use]
    pub fn finish(self) -> Told {
        self.outcome.told(self.known, self.entitle.options)
    }

    /// Looks many names up at once. Returns how many names there were, for what is not among them may come later.
    pub(super) fn find_all(&self, names: &mut Batch, found: &mut Vec<Option<NameId>>) -> usize {
        self.known.registry.names.find_all(names, |number| found.push(number));
        self.known.registry.names.len()
    }

    /// Changes the entry being read, and its comparable name, for others.
    pub(super) fn exchange(&mut self, entry: &mut Entry, name: &mut Vec<u8>) {
        std::mem::swap(&mut self.entry, entry);
        std::mem::swap(&mut self.comparable, name);
    }

    /// The number of the entry's name, if it was ever mentioned.
    fn number(&mut self) -> Option<NameId> {
        let names = &self.known.registry.names;
        match self.found.take() {
            Some((Some(number), _)) => Some(number),
            Some((None, before)) if before == names.len() => None,
            _ => names.find(&self.comparable),
        }
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

    /// Any entry but an account: noted, so that memberships that name it are explained.
    fn other(&mut self, sort: Sort, place: Place<'_>) -> Result<(), DecodeError> {
        let name = self.number();
        let count = match sort {
            Sort::Group => Count::Groups,
            Sort::Policy => Count::Policies,
            Sort::Computer => Count::Computers,
            Sort::Contact => Count::Contacts,
            Sort::Foreign => Count::Foreign,
            Sort::Container => Count::Containers,
            Sort::Account | Sort::Other => Count::Other,
        };
        let standing = if sort == Sort::Foreign { Standing::Foreign } else { Standing::Entry };
        if let Some(name) = name
            && self.outcome.stand(name, standing)
            && sort == Sort::Group
        {
            return self.reject(place, "the same group came before: the first one is kept");
        }
        self.kept(count);
        Ok(())
    }

    fn account(&mut self, place: Place<'_>) -> Result<(), DecodeError> {
        self.local.clear();
        let id = local_id(&self.entry, &mut self.local);
        let name = match id {
            Some(_) => self.number(),
            None => Some(self.known.registry.names.intern(&self.comparable)?),
        };
        let again = match (id, name) {
            (Some(id), _) => self.known.repeats.may_repeat(id) && !self.seen_ids.insert(id),
            (None, Some(name)) => self.outcome.is_account(name),
            (None, None) => false,
        };
        if again {
            return self.reject(place, "the same account came before: the first one is kept");
        }
        if id.is_none() {
            self.known.registry.tally.one(Count::IdFromName);
            self.local.push_str(&lossy(&self.comparable));
        }
        self.account_id = object(&self.entitle.request.system, &self.local);
        self.direct.clear();
        self.somehow.clear();
        if let Some(name) = name {
            self.outcome.stand(name, Standing::Account);
            self.direct.extend_from_slice(self.known.holders.of(name));
        }
        self.by_login();
        self.climb()?;
        self.write(id.is_none())?;
        self.kept(Count::Accounts);
        self.grants()
    }

    /// `memberUid` names logins.
    fn by_login(&mut self) {
        if !self.known.occurs(Attr::MemberUid) {
            return;
        }
        for uid in self.entry.all(Attr::Uid) {
            self.key.clear();
            self.key.push(names::LOGIN);
            self.key.extend(uid.trim_ascii().iter().map(u8::to_ascii_lowercase));
            let Some(name) = self.known.registry.names.find(&self.key) else { continue };
            if self.outcome.is_account(name) {
                self.known.registry.tally.one(Count::AmbiguousLogins);
            }
            self.outcome.stand(name, Standing::Account);
            self.direct.extend_from_slice(self.known.holders.of(name));
        }
    }

    /// Primary groups, then the walk; then what only `memberOf` tells.
    fn climb(&mut self) -> Result<(), DecodeError> {
        self.primary_groups()?;
        self.direct.sort_unstable();
        self.direct.dedup();
        self.walk.run(&self.direct, &self.known.registry.groups, &self.known.holders);
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
            self.walk.run(&self.direct, &known.registry.groups, &known.holders);
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
        named.in_account()
    }

    fn value(&mut self, attr: Attr, value: &[u8]) {
        if attr == Attr::ObjectClass {
            self.classes.add(&mut self.entry.classes, value);
        } else {
            self.entry.keep(attr, value);
        }
    }

    fn end(&mut self, place: Place<'_>) -> Result<(), DecodeError> {
        self.outcome.rows += 1;
        if self.outcome.rows.is_multiple_of(PROGRESS_EVERY) {
            self.entitle.sink.progress(self.outcome.rows);
        }
        if self.entry.overflow {
            return self.reject(place, "the entry holds more than 64 MiB of values: export fewer attributes");
        }
        match self.entry.sort() {
            Sort::Account => self.account(place),
            sort => self.other(sort, place),
        }
    }

    fn refuse(&mut self, reason: &str, excerpt: &str) -> Result<(), DecodeError> {
        self.outcome.rows += 1;
        self.entitle.sink.reject(self.outcome.rows, reason, excerpt)?;
        Ok(())
    }
}

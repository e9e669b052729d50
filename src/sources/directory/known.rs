//! What the survey leaves for the harvest, and how a group becomes an entitlement.

use std::collections::BTreeMap;

use super::attrs::Attr;
use super::closure::Holders;
use super::dn;
use super::entry::Entry;
use super::groups::{GroupId, Groups, NewGroup};
use super::names::{self, NameId, Names, TooManyNames};
use super::options::{Flavour, Options};
use super::policy::Policies;
use super::tally::{Count, Tally};
use super::view::lossy;
use super::{DecodeError, ids};
use crate::snapshot::ids::object;
use crate::snapshot::schema::Entitlement;
use crate::sources::{Request, Sink};

/// Names, groups and counts: what grows while a directory is read.
#[derive(Debug, Default)]
pub struct Registry {
    pub names: Names,
    pub groups: Groups,
    pub tally: Tally,
}

/// Everything the survey found.
#[derive(Debug)]
pub struct Known {
    pub registry: Registry,
    pub holders: Holders,
    pub policies: Policies,
    /// Attributes that occur anywhere.
    pub present: u128,
    pub flavour: Flavour,
    /// The attribute that told the flavour; `None` when nothing did, or when it was configured.
    pub told_by: Option<Attr>,
    /// Groups whose members the server cut (`member;range=…`), the first of them.
    pub cut: Vec<String>,
    pub repeats: Repeats,
}

impl Known {
    /// Whether an attribute occurs anywhere.
    #[must_use]
    pub fn occurs(&self, attr: Attr) -> bool {
        self.present & (1 << attr.index()) != 0
    }
}

/// What is told of a collection beside its rows.
#[derive(Debug, Clone, Default)]
pub struct Told {
    pub rows_seen: u64,
    pub rows_kept: u64,
    pub details: BTreeMap<String, u64>,
    /// Flavour and reason, default policy, names of foreign and unresolved members: for the collection's `query`.
    pub notes: serde_json::Map<String, serde_json::Value>,
    /// What makes the collection incomplete.
    pub incomplete: Vec<String>,
}

/// Where entitlements go, and what decides that they are privileged.
pub struct Entitle<'a> {
    pub request: &'a Request,
    pub options: &'a Options,
    pub sink: &'a mut dyn Sink,
}

/// A group without an entry: known by a `memberOf` or as a primary group.
#[derive(Debug, Clone, Copy)]
pub struct Outside<'a> {
    pub name: NameId,
    /// Immutable part of its id.
    pub local: &'a str,
    pub title: &'a str,
    pub resource: &'a str,
    pub sid: Option<&'a str>,
}

impl Entitle<'_> {
    /// Whether a group gives administration. AD tells by SID; `DnsAdmins` has no fixed RID and is told by name (directories.md);
    /// elsewhere only the configuration can tell, and without it nobody knows.
    fn privileged(&self, name: &[u8], sid: Option<&str>, title: &str) -> Option<bool> {
        if self.options.is_privileged(name) {
            return Some(true);
        }
        match sid {
            Some(sid) => Some(ids::is_privileged(sid) || title.eq_ignore_ascii_case("DnsAdmins")),
            None => self.options.declares_privileged().then_some(false),
        }
    }

    /// Writes the entitlement of a group and adds the group.
    pub fn group(&mut self, entry: &Entry, name: (NameId, &[u8]), groups: &mut Groups) -> Result<GroupId, DecodeError> {
        let dn = lossy(entry.dn());
        let (own, parent) = dn::split(&dn);
        let text =
            |attr| entry.first(attr).and_then(|raw| std::str::from_utf8(raw).ok()).map(str::trim).filter(|text| !text.is_empty());
        let title = text(Attr::Cn).unwrap_or(&own);
        let sid = entry.first(Attr::ObjectSid).and_then(ids::sid);
        let mut local = String::new();
        if local_id(entry, &mut local).is_none() {
            local.push_str(&lossy(name.1));
        }
        let entitlement_id = object(&self.request.system, &local);
        let row = Entitlement {
            entitlement_id: entitlement_id.as_str().into(),
            system: self.request.system.as_str().into(),
            resource: parent.into(),
            name: title.into(),
            description: text(Attr::Description).map(Into::into),
            privileged: self.privileged(name.1, sid.as_deref(), title),
            owner_id: None,
        };
        self.sink.push(row.into())?;
        let whole = groups.pending() > 0 && !entry.carries(Attr::MemberUrl) && !entry.cut;
        let id = groups.add(&NewGroup { name: name.0, entitlement_id: &entitlement_id, title, whole }).ok_or(TooManyNames)?;
        if let Some(sid) = sid {
            groups.set_sid(sid, id);
        }
        if entry.classes.is_posix_group()
            && let Some(gid) = text(Attr::GidNumber).and_then(|gid| gid.parse().ok())
        {
            groups.set_gid(gid, id);
        }
        Ok(id)
    }

    /// Writes the entitlement of a group that has no entry.
    pub fn outside(&mut self, outside: &Outside<'_>, comparable: &[u8], groups: &mut Groups) -> Result<GroupId, DecodeError> {
        let entitlement_id = object(&self.request.system, outside.local);
        let row = Entitlement {
            entitlement_id: entitlement_id.as_str().into(),
            system: self.request.system.as_str().into(),
            resource: outside.resource.into(),
            name: outside.title.into(),
            description: None,
            privileged: self.privileged(comparable, outside.sid, outside.title),
            owner_id: None,
        };
        self.sink.push(row.into())?;
        let new = NewGroup { name: outside.name, entitlement_id: &entitlement_id, title: outside.title, whole: false };
        Ok(groups.add(&new).ok_or(TooManyNames)?)
    }

    /// The group a `memberOf` names, added when no entry did.
    pub fn by_name(&mut self, written: &[u8], comparable: &[u8], registry: &mut Registry) -> Result<GroupId, DecodeError> {
        let name = registry.names.intern(comparable)?;
        if let Some(group) = registry.groups.named(name) {
            return Ok(group);
        }
        registry.tally.one(Count::OutsideGroups);
        let written = lossy(written);
        let (title, resource) = dn::split(&written);
        let local = lossy(comparable);
        self.outside(&Outside { name, local: &local, title: &title, resource, sid: None }, comparable, &mut registry.groups)
    }

    /// An AD primary group that has no entry: its SID is known, and for the well-known ones their name.
    pub fn by_sid(&mut self, sid: &str, registry: &mut Registry) -> Result<GroupId, DecodeError> {
        if let Some(group) = registry.groups.with_sid(sid) {
            return Ok(group);
        }
        registry.tally.one(Count::OutsideGroups);
        let mut key = vec![names::SID];
        key.extend_from_slice(sid.as_bytes());
        let name = registry.names.intern(&key)?;
        let title = match ids::rid(sid) {
            Some((_, 512)) => "Domain Admins",
            Some((_, 513)) => "Domain Users",
            Some((_, 514)) => "Domain Guests",
            Some((_, 515)) => "Domain Computers",
            Some((_, 516)) => "Domain Controllers",
            Some((_, 521)) => "Read-only Domain Controllers",
            _ => sid,
        };
        let id = self.outside(&Outside { name, local: sid, title, resource: "", sid: Some(sid) }, b"", &mut registry.groups)?;
        registry.groups.set_sid(sid.to_owned(), id);
        Ok(id)
    }
}

/// The immutable id of an entry: the attribute it is in, as written, and its bytes. `None`: it carries none.
fn id(entry: &Entry) -> Option<(Attr, &[u8], [u8; 16])> {
    for attr in [Attr::ObjectGuid, Attr::NsUniqueId, Attr::IbmEntryUuid, Attr::EntryUuid] {
        let Some(raw) = entry.first(attr) else { continue };
        let bytes = if attr == Attr::ObjectGuid { ids::guid_bytes(raw) } else { ids::uuid_bytes(raw.trim_ascii()) };
        if let Some(bytes) = bytes {
            return Some((attr, raw, bytes));
        }
    }
    None
}

/// Writes the immutable id of an entry as its directory writes it, and returns its bytes.
pub fn local_id(entry: &Entry, out: &mut String) -> Option<[u8; 16]> {
    let (attr, raw, bytes) = id(entry)?;
    match std::str::from_utf8(raw.trim_ascii()) {
        // 389-DS groups the digits its own way; its logs and tools do too.
        Ok(text) if attr == Attr::NsUniqueId => out.push_str(&text.to_ascii_lowercase()),
        _ => ids::write_uuid(bytes, out),
    }
    Some(bytes)
}

/// Which ids may occur more than once. To hold the ids of all accounts would be the largest thing held; nearly always none is there
/// twice, which eight bytes of each tell.
#[derive(Debug, Default)]
pub struct Repeats(Vec<u64>);

impl Repeats {
    fn of(id: [u8; 16]) -> u64 {
        let id = u128::from_le_bytes(id);
        // Ids made in a row differ in few bytes; which ones depends on who made them.
        u64::try_from((id ^ (id >> 64)) & u128::from(u64::MAX)).unwrap_or_default()
    }

    /// Notes the id of an entry.
    pub fn note(&mut self, entry: &Entry) {
        self.0.extend(id(entry).map(|(.., bytes)| Self::of(bytes)));
    }

    /// When all are noted: keeps those that came more than once.
    pub fn settle(&mut self) {
        self.0.sort_unstable();
        let mut kept: Vec<u64> =
            self.0.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).filter_map(|same| same.first().copied()).collect();
        kept.shrink_to_fit();
        self.0 = kept;
    }

    /// Whether an id may occur again: those that do always may.
    #[must_use]
    pub fn may_repeat(&self, id: [u8; 16]) -> bool {
        self.0.binary_search(&Self::of(id)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_kept_and_nothing_else_needs_to_be() {
        let mut repeats = Repeats::default();
        for uuid in
            ["73deb52f-b21f-4d46-a95a-dd43cc7cc4a1", "36210e84-887e-4b13-a152-d05098f480b4", "73DEB52F-b21f-4d46-a95a-dd43cc7cc4a1"]
        {
            let mut entry = Entry::default();
            entry.begin(b"cn=a");
            entry.keep(Attr::EntryUuid, uuid.as_bytes());
            repeats.note(&entry);
        }
        repeats.note(&Entry::default());
        repeats.settle();
        let may = |uuid: &str| ids::uuid_bytes(uuid.as_bytes()).is_some_and(|id| repeats.may_repeat(id));
        assert!(may("73deb52f-b21f-4d46-a95a-dd43cc7cc4a1") && !may("36210e84-887e-4b13-a152-d05098f480b4"));
    }
}

//! What the survey leaves for the harvest, and how a group becomes an entitlement.

use std::collections::BTreeMap;
use std::io;

use super::attrs::Attr;
use super::closure::Holders;
use super::dn;
use super::entry::Entry;
use super::groups::{GroupId, Groups, NewGroup};
use super::holdings::{Elsewhere, Holdings};
use super::mentions::Ordinal;
use super::names::{self, NameId, Names, TooManyNames};
use super::options::{Flavour, Options};
use super::policy::Policies;
use super::tally::{Count, Tally};
use super::view::lossy;
use super::wanted::Wanted;
use super::{DecodeError, ids};
use crate::snapshot::ids::object;
use crate::snapshot::schema::Entitlement;
use crate::sources::{Request, Sink};

/// Groups, their names and counts: what grows while a directory is read.
#[derive(Debug, Default)]
pub struct Registry {
    pub names: Names,
    pub groups: Groups,
    pub holders: Holders,
    /// Members without an entry.
    pub elsewhere: Elsewhere,
    pub tally: Tally,
}

impl Registry {
    /// A group that has no entry may be a member of others.
    pub fn place(&mut self, group: GroupId, name: &[u8]) -> io::Result<()> {
        self.holders.add(group, self.elsewhere.holders(name, &self.groups)?);
        Ok(())
    }
}

/// Everything the survey found.
#[derive(Debug)]
pub struct Known {
    pub registry: Registry,
    pub holdings: Holdings,
    /// Members that nothing explains, and whose names are to be told.
    pub unresolved: u64,
    pub foreign: u64,
    pub wanted: Wanted,
    pub policies: Policies,
    /// Attributes that occur anywhere.
    pub present: u128,
    pub flavour: Flavour,
    /// The attribute that told the flavour; `None` when nothing did, or when it was configured.
    pub told_by: Option<Attr>,
    /// Groups whose members the server cut (`member;range=…`), the first of them.
    pub cut: Vec<String>,
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

    /// Writes the entitlement of a group, whose entry stands there in the reading, and adds the group.
    pub fn group(
        &mut self,
        entry: &Entry,
        ordinal: Ordinal,
        name: (NameId, &[u8]),
        groups: &mut Groups,
    ) -> Result<GroupId, DecodeError> {
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
        let whole = entry.lists && !entry.carries(Attr::MemberUrl) && !entry.cut;
        let new = NewGroup { name: name.0, entitlement_id: &entitlement_id, title, whole, ordinal: Some(ordinal) };
        let id = groups.add(&new).ok_or(TooManyNames)?;
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
        let new =
            NewGroup { name: outside.name, entitlement_id: &entitlement_id, title: outside.title, whole: false, ordinal: None };
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
        let outside = Outside { name, local: &local, title: &title, resource, sid: None };
        let group = self.outside(&outside, comparable, &mut registry.groups)?;
        registry.place(group, comparable)?;
        Ok(group)
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
#[must_use]
pub fn id(entry: &Entry) -> Option<(Attr, &[u8], [u8; 16])> {
    for attr in [Attr::ObjectGuid, Attr::NsUniqueId, Attr::IbmEntryUuid, Attr::EntryUuid] {
        let Some(raw) = entry.first(attr) else { continue };
        let bytes = if attr == Attr::ObjectGuid { ids::guid_bytes(raw) } else { ids::uuid_bytes(raw.trim_ascii()) };
        if let Some(bytes) = bytes {
            return Some((attr, raw, bytes));
        }
    }
    None
}

/// Writes the immutable id of an entry as its directory writes it. `None`: it carries none.
pub fn local_id(entry: &Entry, out: &mut String) -> Option<()> {
    let (attr, raw, bytes) = id(entry)?;
    match std::str::from_utf8(raw.trim_ascii()) {
        // 389-DS groups the digits its own way; its logs and tools do too.
        Ok(text) if attr == Attr::NsUniqueId => out.push_str(&text.to_ascii_lowercase()),
        _ => ids::write_uuid(bytes, out),
    }
    Some(())
}

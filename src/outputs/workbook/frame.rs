//! What stands around the lines of a workbook that is made from a frozen campaign and needs nothing of the snapshot.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ReviewerBook;
use crate::lang::Lang;
use crate::review::record::campaign::Head;
use crate::review::{Book, GroupBy, Totals};
use crate::snapshot::schema::Person;

pub(super) struct Frame<'a> {
    head: &'a Head,
    person: Person<'static>,
    zone: TimeZone,
    totals: Totals,
}

impl<'a> Frame<'a> {
    /// For somebody: their id and name.
    pub(super) fn of(head: &'a Head, person_id: &str, name: &str) -> Self {
        let person = Person { person_id: person_id.to_owned().into(), display_name: name.to_owned().into(), ..Person::default() };
        Self { head, person, zone: TimeZone::get(&head.zone).unwrap_or(TimeZone::UTC), totals: Totals::default() }
    }

    /// Their book, without lines.
    pub(super) fn book(&self, lang: Lang) -> Book<'_> {
        Book { reviewer: &self.person, lang, lines: vec![] }
    }

    pub(super) fn around<'f>(&'f self, book: &'f Book<'f>, created: Timestamp, group_by: GroupBy) -> ReviewerBook<'f> {
        let head = self.head;
        ReviewerBook {
            organisation: &head.organisation,
            campaign: &head.id,
            due: head.due,
            contact: &head.contact,
            snapshot_id: &head.snapshot_id,
            created,
            zone: &self.zone,
            tool_version: &head.tool_version,
            group_by,
            book,
            totals: &self.totals,
            sources: &[],
        }
    }
}

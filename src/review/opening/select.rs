//! Kinds of campaign: which of the lines in scope are asked about.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::review::lines::line::{Delta, Line, Sheet};
use crate::review::lines::rules::has_left;
use crate::review::record::campaign::Kind;
use crate::snapshot::schema::{Decision, Grant, Person};

/// What a campaign asks about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    pub kind: Kind,
    /// Leavers: those who left on this day or later; all of them when none.
    pub left_since: Option<Date>,
    /// Movers: `person_id`s, see [`movers`].
    pub moved: BTreeSet<String>,
}

impl Selection {
    /// Whether a line is asked about.
    #[must_use]
    pub fn takes(&self, line: &Line<'_>, today: Date) -> bool {
        match self.kind {
            Kind::Full => true,
            Kind::Changes => line.delta != Delta::Unchanged,
            // Nobody vouches for a service account whose source does not say what a right gives.
            Kind::Privileged => line.privileged() == Some(true) || (line.sheet == Sheet::Service && line.privileged().is_none()),
            Kind::Leavers => line.person.is_some_and(|person| {
                let since = |day: Date| self.left_since.is_none_or(|since| since <= day);
                has_left(person, today) && person.left_on.is_none_or(|day| since(day.date()))
            }),
            Kind::Movers => line.person.is_some_and(|person| self.moved.contains(person.person_id.as_ref())),
        }
    }
}

/// People of both rosters whose unit, site or manager is another than before.
#[must_use]
pub fn movers(before: &[Person<'_>], after: &[Person<'_>]) -> BTreeSet<String> {
    type Post = (Option<String>, Option<String>, Option<String>);
    let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
    let post = |p: &Person<'_>| -> Post { (text(&p.org_unit), text(&p.site), text(&p.manager_id)) };
    let known: std::collections::BTreeMap<String, Post> = before.iter().map(|p| (p.person_id.to_string(), post(p))).collect();
    let moved = after.iter().filter(|p| known.get(p.person_id.as_ref()).is_some_and(|was| *was != post(p)));
    moved.map(|p| p.person_id.to_string()).collect()
}

/// Rights that the decisions of an earlier campaign kept or asked to change, and that are held no more.
#[must_use]
pub fn removed(decisions: &[Decision<'_>], grants: &[Grant<'_>], baseline: &str) -> u64 {
    let held: BTreeSet<(&str, &str)> = grants.iter().map(|g| (g.account_id.as_ref(), g.entitlement_id.as_ref())).collect();
    let of = decisions.iter().filter(|d| d.campaign_id == baseline && d.decision != "revoke");
    let pairs: BTreeSet<(&str, &str)> = of.filter_map(|d| Some((d.account_id.as_ref(), d.entitlement_id.as_deref()?))).collect();
    pairs.difference(&held).count() as u64
}

//! One access review: how far it is, who is awaited, and what became of what it asked for.

use serde::Serialize;

use super::Maker;
use crate::outputs::report::CampaignState;
use crate::outputs::report::texts::fill;
use crate::review::record::decisions::Tally;
use crate::review::remediation::{FollowUp, Followed, sum, why};
use crate::review::underway::status::{Progress, Reply};

/// Outstanding tasks that are printed; the campaign's files have all.
const TASKS: usize = 100;

#[derive(Debug, Serialize)]
pub(super) struct ReviewView {
    /// A place in this page.
    anchor: String,
    id: String,
    kind: String,
    state: String,
    late: bool,
    opened: String,
    due: String,
    closed: Option<String>,
    snapshot: String,
    /// Digest of the frozen lines.
    items_sha256: String,
    sum: String,
    ties: bool,
    reviewers: Vec<Row>,
    systems: Vec<Row>,
    /// Why it counts for nothing.
    abandoned: Option<String>,
    /// Lines given to other reviewers.
    moved: Vec<String>,
    signals: Vec<String>,
    follow_up: Option<FollowView>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    items: String,
    decided: String,
    refused: String,
    no_answer: String,
    state: String,
    late: bool,
}

#[derive(Debug, Serialize)]
struct FollowView {
    sum: String,
    late: String,
    on: String,
    tasks: Vec<Task>,
    more: Option<String>,
}

#[derive(Debug, Serialize)]
struct Task {
    id: String,
    title: String,
    due: String,
    days: String,
    state: &'static str,
    why: String,
    late: bool,
}

/// Every campaign, in the order given.
pub(super) fn all(maker: &Maker<'_>, campaigns: &[CampaignState]) -> Vec<ReviewView> {
    campaigns.iter().enumerate().map(|(n, campaign)| view(maker, campaign, n)).collect()
}

fn view(maker: &Maker<'_>, campaign: &CampaignState, n: usize) -> ReviewView {
    let CampaignState { head, status, follow_up } = campaign;
    let format = maker.format;
    let zone = jiff::tz::TimeZone::get(&head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let state = match (status.closed_at, status.late) {
        _ if status.abandoned.is_some() => "abandoned",
        (Some(_), _) => "closed",
        (None, true) => "late",
        (None, false) => "open",
    };
    ReviewView {
        anchor: super::anchor("review", &head.id, n),
        id: head.id.clone(),
        kind: head.kind.word(format.lang).to_owned(),
        state: maker.words("review", state),
        late: status.late,
        opened: format.instant(&head.opened_at.to_string()),
        due: format.lang.date(head.due),
        closed: status.closed_at.map(|at| format.instant(&at.to_string())),
        snapshot: head.snapshot_id.clone(),
        items_sha256: head.items_sha256.clone(),
        sum: total(maker, &status.totals),
        ties: status.totals.ties(),
        reviewers: status.reviewers.iter().map(|progress| row(maker, progress)).collect(),
        systems: status.systems.iter().map(|progress| row(maker, progress)).collect(),
        abandoned: status.abandoned.as_ref().map(|abandoned| format.bounded(&abandoned.say(&zone, format.lang))),
        moved: status.moved.iter().map(|moved| format.bounded(&moved.say(&zone, format.lang))).collect(),
        signals: status.signals.iter().map(|signal| format.bounded(&signal.say(format.lang))).collect(),
        follow_up: follow_up.as_ref().map(|follow_up| followed(maker, follow_up)),
    }
}

fn total(maker: &Maker<'_>, tally: &Tally) -> String {
    let n = |n| maker.format.number(n);
    let values = [
        ("items", n(tally.items)),
        ("decided", n(tally.decided)),
        ("keep", n(tally.keep)),
        ("revoke", n(tally.revoke)),
        ("modify", n(tally.modify)),
        ("refused", n(tally.refused)),
        ("silent", n(tally.no_answer)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fill(&maker.words("review", "sum"), &values)
}

fn row(maker: &Maker<'_>, progress: &Progress) -> Row {
    let n = |n| maker.format.number(n);
    let state = match progress.state {
        Reply::Nothing => "nothing",
        Reply::Signed => "signed",
        Reply::Late => "late",
        Reply::Partly => "partly",
        Reply::Awaited => "awaited",
        Reply::Unfinished => "unfinished",
    };
    Row {
        name: maker.format.bounded(&progress.name),
        items: n(progress.tally.items),
        decided: n(progress.tally.decided),
        refused: n(progress.tally.refused),
        no_answer: n(progress.tally.no_answer),
        state: maker.words("review", state),
        late: progress.late,
    }
}

fn followed(maker: &Maker<'_>, follow_up: &FollowUp) -> FollowView {
    let lang = maker.format.lang;
    let mut outstanding: Vec<&Followed> = follow_up.tasks.iter().filter(|task| task.is_outstanding()).collect();
    outstanding.sort_by(|a, b| (!a.late, a.due, &a.item_id).cmp(&(!b.late, b.due, &b.item_id)));
    let task = |task: &&Followed| Task {
        id: task.item_id.clone(),
        title: maker.format.bounded(&task.title),
        due: lang.date(task.due),
        days: maker.format.number(u64::from(task.working_days)),
        state: task.state.word(lang),
        why: maker.format.bounded(&why(task, lang)),
        late: task.late,
    };
    let more = super::size(outstanding.len()).checked_sub(super::size(TASKS)).filter(|more| *more > 0);
    FollowView {
        sum: sum(follow_up, lang),
        late: maker.format.number(follow_up.late),
        on: lang.date(follow_up.today),
        tasks: outstanding.iter().take(TASKS).map(task).collect(),
        more: more.map(|more| fill(&maker.words("review", "more"), &[("n", &maker.format.number(more))])),
    }
}

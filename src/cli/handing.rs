//! What changes an open campaign without touching what was frozen: open lines given to another reviewer, and the whole given up.

use std::path::PathBuf;

use super::failure::Failure;
use super::held::{configured, named, reviewer, still_open, write_log};
use super::session::Session;
use super::{mail, workbooks};
use crate::context::Context;
use crate::outputs::workbook::Handed;
use crate::review::record::ended;
use crate::review::record::handovers::Handover;
use crate::review::record::item::Reviewer;
use crate::review::underway::handover::{self, Planned, Present, Wanted};
use crate::snapshot::read as rows;

/// What `review reassign` was asked.
pub(super) struct Asked<'a> {
    /// None: the lines that nobody has.
    pub(super) from: Option<&'a str>,
    pub(super) to: &'a str,
    pub(super) reason: &'a str,
    pub(super) systems: &'a [String],
    pub(super) lines: &'a [String],
}

/// What came of it.
pub(super) struct Given {
    pub(super) campaign: String,
    pub(super) from: Option<String>,
    pub(super) to: Reviewer,
    pub(super) items: Vec<String>,
    /// Lines that stay where they were: each is an access of the new reviewer's own.
    pub(super) own: Vec<(String, String)>,
    pub(super) decided: usize,
    pub(super) workbook: PathBuf,
    /// Whether the draft beside it has an address.
    pub(super) addressed: bool,
}

/// A reason that says something.
fn reason(text: &str) -> Result<&str, Failure> {
    let text = text.trim();
    if text.chars().any(char::is_alphanumeric) { Ok(text) } else { Err(Failure::new("--reason is empty: say why, in words")) }
}

/// Gives open lines to another reviewer: workbook, event, draft.
pub(super) fn reassign(session: &Session, asked: &Asked<'_>) -> Result<Given, Failure> {
    let why = reason(asked.reason)?;
    let mut store = session.store()?;
    let (campaign, mut log, folder) = configured(session)?;
    still_open(&campaign, &log)?;
    let from = asked.from.map(|name| reviewer(&campaign, "--from", name)).transpose()?;
    let snapshot = session.snapshot(None)?;
    let now = session.context.now();
    let present = Present {
        people: &rows::rows(&snapshot)?,
        accounts: &rows::rows(&snapshot)?,
        today: session.config.zone.to_datetime(now).date(),
    };
    let wanted = Wanted { from: from.map(|r| r.person_id.as_str()), to: asked.to, lines: asked.lines, systems: asked.systems };
    let planned = handover::plan(&campaign, &log, &wanted, &present)?;
    let seq = log.next_seq();
    let told = story(session, from, &planned, why);
    let handed = Handed { campaign: &campaign, to: &planned.to, items: &planned.items, seq, story: &told, created: now };
    let sent = workbooks::handed(&handed, &planned.employee_id, &folder)?;
    let workbook = folder.join(&sent.file);
    let sha256 = sent.sha256.clone();
    let to = Reviewer { workbook: Some(sent), ..planned.to };
    let items: Vec<String> = planned.items.iter().map(|item| item.id.clone()).collect();
    let handover = Handover {
        from: from.map(|r| r.person_id.clone()),
        to: to.clone(),
        items: items.clone(),
        reason: why.to_owned(),
        snapshot_id: snapshot.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    let more = [
        ("from", serde_json::json!(handover.from)),
        ("to", serde_json::json!(to.person_id)),
        ("lines", serde_json::json!(items.len())),
        ("workbook_sha256", serde_json::json!(sha256)),
    ];
    handover::record(&mut log, now, &Context::user(), handover);
    let given = Given {
        campaign: campaign.head.id.clone(),
        from: from.map(|r| r.name.clone()),
        items,
        own: planned.own.iter().map(|item| (item.id.clone(), item.title())).collect(),
        decided: planned.decided,
        workbook,
        addressed: mail::draft(session, &campaign.head, &folder, (&to, now, &format!("draft-{seq}")))?,
        to,
    };
    let campaign = campaign.with_handovers(&log);
    if workbooks::keeps_up(session, campaign.items.len() as u64) {
        workbooks::keep_up(session, &campaign, &log, &folder)?;
    }
    write_log(session, &mut store, (&folder, &log), "campaign-reassigned", &more)?;
    Ok(given)
}

/// What the new reviewer reads on the first sheet.
fn story(session: &Session, from: Option<&Reviewer>, planned: &Planned<'_>, reason: &str) -> String {
    let lang = planned.to.lang;
    let on = lang.date(session.config.zone.to_datetime(session.context.now()).date());
    match from {
        Some(from) => lang.pick(
            format!("Ces lignes étaient confiées à {} ; elles vous sont confiées le {on} : {reason}", from.name),
            format!("These lines were given to {}; they are given to you on {on}: {reason}", from.name),
        ),
        None => lang.pick(
            format!("Ces lignes n'avaient pas de relecteur ; elles vous sont confiées le {on} : {reason}"),
            format!("These lines had no reviewer; they are given to you on {on}: {reason}"),
        ),
    }
}

/// Abandons an open campaign.
pub(super) fn abandon(session: &Session, id: &str, why: &str) -> Result<(), Failure> {
    let why = reason(why)?;
    let mut store = session.store()?;
    let (campaign, mut log, folder) = named(session, Some(id))?;
    ended::abandon(&mut log, session.context.now(), &Context::user(), why)
        .map_err(|ended| Failure::new(format!("{}: {ended}", campaign.head.id)))?;
    if workbooks::keeps_up(session, campaign.items.len() as u64) {
        workbooks::keep_up(session, &campaign, &log, &folder)?;
    }
    write_log(session, &mut store, (&folder, &log), "campaign-abandoned", &[])?;
    Ok(())
}

//! Following what a closed campaign asked for: its tasks against every later snapshot, and the files for those who carry them out.
//!
//! Each snapshot is read once: what it shows of the tasks is kept in `observations.jsonl`, to which lines are only added.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::held::{self, Held, announce, still_open, today};
use super::session::Session;
use crate::bundle::layout::portable_name;
use crate::harvest;
use crate::outputs::files;
use crate::review::remediation::{self, Claim, Excepted, FollowUp, Observation, Observed, Targets, Task};
use crate::snapshot::schema::{Account, Collection, Grant, Reject};
use crate::snapshot::{manifest, read};
use crate::store::{self, Store};

pub(super) const OBSERVATIONS: &str = "observations.jsonl";
pub(super) const CLAIMS: &str = "claims.jsonl";
/// Folder of the follow-up inside a campaign's, and the file that states it.
pub(super) const FOLDER: &str = "follow-up";
pub(super) const STATE: &str = "follow-up.json";

/// A follow-up and the files it made.
pub(super) struct Followed {
    pub(super) follow_up: FollowUp,
    pub(super) files: Vec<PathBuf>,
}

pub(super) fn targets(session: &Session) -> Targets {
    session.config.file.review.as_ref().map(|review| review.remediation.targets()).unwrap_or_default()
}

/// The tasks of one of the closed campaigns; those that a later one decided again are marked.
pub(super) fn tasks<'h>(closed: &'h [Held], at: usize, targets: &Targets) -> Vec<Task<'h>> {
    let Some(held) = closed.get(at) else { return vec![] };
    let mut tasks = remediation::tasks(&held.campaign, &held.log, targets);
    remediation::supersede(&mut tasks, closed.iter().skip(at + 1).map(|later| (&later.campaign, &later.log)));
    tasks
}

/// The derogations that speak of tasks.
pub(super) fn excepted(session: &Session) -> Vec<Excepted> {
    let declared = session.config.exceptions.as_ref();
    declared.map(|(_, declared)| remediation::excepted(&harvest::exceptions(declared))).unwrap_or_default()
}

/// Lines of JSON, each a value.
fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Failure> {
    let bytes = held::optional(path)?;
    let lines = bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    let read = |(at, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|error| {
            Failure::new(format!("{}, line {}: {error}. Restore the file from a copy of the store", path.display(), at + 1))
        })
    };
    lines.map(read).collect()
}

fn to_lines<T: Serialize>(values: &[T]) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![];
    for value in values {
        serde_json::to_writer(&mut bytes, value)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

pub(super) fn observations(held: &Held) -> Result<Vec<Observation>, Failure> {
    lines(&held.folder.join(OBSERVATIONS))
}

pub(super) fn claims(held: &Held) -> Result<Vec<Claim>, Failure> {
    lines(&held.folder.join(CLAIMS))
}

/// Records that someone says that tasks are done. It proves nothing.
pub(super) fn claim(session: &Session, id: &str, items: &[String], (by, ticket): (&str, Option<&str>)) -> Result<usize, Failure> {
    let mut store = session.store()?;
    let closed = held::closed(session)?;
    let at = position(session, &closed, id)?;
    let tasks = tasks(&closed, at, &targets(session));
    let Some(held) = closed.get(at) else { return Ok(0) };
    let known: BTreeSet<&str> = tasks.iter().map(|task| task.item.id.as_str()).collect();
    if let Some(unknown) = items.iter().find(|item| !known.contains(item.as_str())) {
        return Err(Failure::new(format!(
            "`{unknown}` is no task of campaign {id}; the ids stand in {}",
            held.folder.join(FOLDER).join(STATE).display()
        )));
    }
    let mut claims = claims(held)?;
    let now = session.context.now();
    let claim = |item: &String| Claim { item_id: item.clone(), by: by.to_owned(), at: now, ticket: ticket.map(str::to_owned) };
    claims.extend(items.iter().map(claim));
    let bytes = to_lines(&claims)?;
    files::prepare_with(&held.folder, CLAIMS, |out| out.write_all(&bytes).map_err(Failure::from))?;
    let more = [("items", serde_json::json!(items)), ("by", by.into()), ("ticket", ticket.into())];
    announce(session, &mut store, (&held.folder, CLAIMS), "campaign-claimed", &more)?;
    Ok(items.len())
}

/// Where a closed campaign stands among the closed ones.
pub(super) fn position(session: &Session, closed: &[Held], id: &str) -> Result<usize, Failure> {
    closed.iter().position(|held| held.id() == id).ok_or_else(|| {
        let names: Vec<&str> = closed.iter().map(Held::id).collect();
        let folder = held::folder(session, id);
        // Abandoned: nothing of it is to be followed, and why is said.
        if let Ok(Held { campaign, log, .. }) = held::read(&folder)
            && log.abandoned().is_some()
            && let Err(ended) = still_open(&campaign, &log)
        {
            return ended;
        }
        Failure::new(match (held::is_open(&folder), names.is_empty()) {
            (true, _) => {
                format!("campaign {id} is not closed yet, so nothing is to be followed; close it with `probant review close`")
            }
            (false, true) => format!("there is no campaign {id} in {}; open it with `probant review open`", folder.display()),
            (false, false) => format!("there is no campaign {id}; the closed ones are: {}", names.join(", ")),
        })
    })
}

/// Reads the snapshots that closed campaigns have not looked at yet, each once for all of them.
pub(super) fn catch_up(session: &Session, closed: &[Held]) -> Result<Vec<Vec<Observation>>, Failure> {
    let targets = targets(session);
    let root = session.store_path();
    let mut known = closed.iter().map(observations).collect::<Result<Vec<_>, _>>()?;
    let all: Vec<Vec<Task<'_>>> = (0..closed.len()).map(|at| tasks(closed, at, &targets)).collect();
    let mut grown = vec![false; closed.len()];
    for snapshot in store::snapshots(&root)? {
        let id = snapshot.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let waits = |at: usize| {
            let closed_at = closed.get(at).and_then(Held::closed_at);
            // A snapshot is named after the instant it was begun.
            let later = closed_at.is_some_and(|at| id > at.strftime("%Y%m%dT%H%M%SZ").to_string());
            later && all.get(at).is_some_and(|tasks| !tasks.is_empty()) && !seen(&known, at, &id)
        };
        let waiting: Vec<usize> = (0..closed.len()).filter(|at| waits(*at)).collect();
        if waiting.is_empty() {
            continue;
        }
        manifest::check(&root, &snapshot)?;
        let collections: Vec<Collection<'static>> = read::rows(&snapshot)?;
        let mut observed = Observed::of(waiting.iter().filter_map(|at| all.get(*at)).flatten());
        watch(&snapshot, &mut observed)?;
        for at in waiting {
            if let (Some(held), Some(tasks), Some(known), Some(grown)) =
                (closed.get(at), all.get(at), known.get_mut(at), grown.get_mut(at))
            {
                known.push(observed.observation(&id, &collections, &held.campaign, tasks));
                *grown = true;
            }
        }
    }
    for ((held, known), _) in closed.iter().zip(&known).zip(grown).filter(|(_, grown)| *grown) {
        files::write(&held.folder, OBSERVATIONS, &to_lines(known)?)?;
    }
    Ok(known)
}

fn seen(known: &[Vec<Observation>], at: usize, snapshot_id: &str) -> bool {
    known.get(at).is_some_and(|observations| observations.iter().any(|o| o.snapshot_id == snapshot_id))
}

fn watch(snapshot: &Path, observed: &mut Observed) -> io::Result<()> {
    read::stream::<Account<'static>>(snapshot, |account| observed.account(&account))?;
    read::stream::<Grant<'static>>(snapshot, |grant| observed.grant(&grant))?;
    read::stream::<Reject<'static>>(snapshot, |reject| observed.reject(&reject))
}

/// Follows a closed campaign up to now, and writes its files anew.
pub(super) fn refresh(session: &Session, store: &mut Store, id: &str) -> Result<Followed, Failure> {
    let closed = held::closed(session)?;
    let at = position(session, &closed, id)?;
    let mut known = catch_up(session, &closed)?;
    let Some(held) = closed.get(at) else { return Err(Failure::new(format!("there is no campaign {id}"))) };
    let targets = targets(session);
    let tasks = tasks(&closed, at, &targets);
    let now = session.context.now();
    let said = (&claims(held)?[..], &excepted(session)[..]);
    let observations = if at < known.len() { known.swap_remove(at) } else { vec![] };
    let follow_up = remediation::follow(&held.campaign, &tasks, &observations, said, (&targets, today(held, now)));
    let mut files = write(session, held, &tasks, &follow_up)?;
    // The state comes last, with the ledger's word for it: what it stands beside is whole.
    let mut state = serde_json::to_vec_pretty(&follow_up)?;
    state.push(b'\n');
    let name = format!("{FOLDER}/{STATE}");
    files::prepare_with(&held.folder, &name, |out| out.write_all(&state).map_err(Failure::from))?;
    let more = [("totals", serde_json::json!(follow_up.totals)), ("late", serde_json::json!(follow_up.late))];
    announce(session, store, (&held.folder, &name), "campaign-followed", &more)?;
    files.push(held.folder.join(name));
    Ok(Followed { follow_up, files })
}

/// The state as a page, and what is still outstanding for those who do it.
fn write(session: &Session, held: &Held, tasks: &[Task<'_>], follow_up: &FollowUp) -> Result<Vec<PathBuf>, Failure> {
    let campaign = &held.campaign;
    let outstanding: BTreeSet<&str> =
        follow_up.tasks.iter().filter(|task| task.is_outstanding()).map(|task| task.item_id.as_str()).collect();
    let tasks: Vec<Task<'_>> = tasks.iter().filter(|task| outstanding.contains(task.item.id.as_str())).cloned().collect();
    let mut made: Vec<(String, Vec<u8>)> = vec![];
    for lang in session.languages() {
        made.push((format!("follow-up.{lang}.html"), remediation::page(campaign, follow_up, lang).html().into_bytes()));
    }
    if !tasks.is_empty() {
        made.push(("tasks-jira.csv".into(), remediation::jira(campaign, &tasks, campaign.head.lang)));
        made.push(("tasks-isilog.csv".into(), remediation::isilog(campaign, &tasks)));
    }
    let systems: BTreeSet<&str> = tasks.iter().map(|task| task.item.system.as_str()).collect();
    for system in systems {
        let plain = portable_name(&system.replace(' ', "-"));
        let ldif = remediation::ldif(campaign, system, &tasks).map(|bytes| (format!("changes-{plain}.ldif"), bytes));
        let script = remediation::powershell(campaign, system, &tasks).map(|bytes| (format!("changes-{plain}.ps1"), bytes));
        made.extend(ldif.into_iter().chain(script));
    }
    let folder = held.folder.join(FOLDER);
    let paths = made.iter().map(|(name, bytes)| Ok(files::write(&folder, name, bytes)?)).collect::<Result<Vec<_>, Failure>>()?;
    // What has nothing left to say must not be carried out twice.
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if !paths.contains(&path) && path != folder.join(STATE) {
            fs::remove_file(path)?;
        }
    }
    Ok(paths)
}

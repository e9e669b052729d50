//! Closed campaigns as a source of the snapshot being made: their decisions, and the state of every revocation as this harvest
//! itself shows it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use hashbrown::HashSet;
use jiff::Timestamp;

use super::failure::Failure;
use super::follow;
use super::held::{self, HEAD, Held, ITEMS, LOG};
use super::session::Session;
use crate::harvest::{Testimony, Witness};
use crate::review::record::decisions;
use crate::review::remediation::{self, Claim, Excepted, Observation, Observed, Targets};
use crate::snapshot::schema::{Account, Collection, Grant, Record, Reject};
use crate::store::digest;

/// The closed campaigns, and what was seen of them before.
struct Campaigns {
    closed: Vec<Held>,
    observations: Vec<Vec<Observation>>,
    claims: Vec<Vec<Claim>>,
    excepted: Vec<Excepted>,
    targets: Targets,
    at: Timestamp,
    /// Why some could not be read.
    refused: Vec<String>,
    wanted: HashSet<String>,
    observed: Mutex<Observed>,
}

/// Who watches the harvest for them; nobody where no campaign was closed.
pub(super) fn of(session: &Session, at: Timestamp) -> Result<Option<Box<dyn Witness>>, Failure> {
    let mut refused = vec![];
    let mut closed = vec![];
    for folder in held::folders(session)? {
        match held::read(&folder) {
            Ok(held) if held.closed_at().is_some() => closed.push(held),
            Ok(_open) => {}
            // One damaged campaign must not stop the harvest; the tables it feeds are incomplete, and say so.
            Err(failure) => refused.push(failure.plain()),
        }
    }
    if closed.is_empty() && refused.is_empty() {
        return Ok(None);
    }
    closed.sort_by(|a, b| (a.closed_at(), a.id()).cmp(&(b.closed_at(), b.id())));
    let observations = follow::catch_up(session, &closed)?;
    let claims = closed.iter().map(follow::claims).collect::<Result<_, _>>()?;
    let targets = follow::targets(session);
    let (wanted, observed) = {
        let tasks: Vec<_> = (0..closed.len()).flat_map(|at| follow::tasks(&closed, at, &targets)).collect();
        (tasks.iter().map(|task| task.item.account_id.clone()).collect(), Mutex::new(Observed::of(&tasks)))
    };
    let excepted = follow::excepted(session);
    Ok(Some(Box::new(Campaigns { closed, observations, claims, excepted, targets, at, refused, wanted, observed })))
}

impl Campaigns {
    fn observed(&self) -> std::sync::MutexGuard<'_, Observed> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of a campaign's tasks with what this harvest shows of them.
    fn remediations(&self, at: usize, snapshot_id: &str, collections: &[Collection<'static>]) -> Vec<Record<'static>> {
        let Some(held) = self.closed.get(at) else { return vec![] };
        let tasks = follow::tasks(&self.closed, at, &self.targets);
        let mut observations = self.observations.get(at).cloned().unwrap_or_default();
        observations.push(self.observed().observation(snapshot_id, collections, &held.campaign, &tasks));
        let said = (self.claims.get(at).map(Vec::as_slice).unwrap_or_default(), &self.excepted[..]);
        let today = held::today(held, self.at);
        let follow_up = remediation::follow(&held.campaign, &tasks, &observations, said, (&self.targets, today));
        remediation::rows(&follow_up, &held.campaign).into_iter().map(Record::from).collect()
    }
}

impl Witness for Campaigns {
    fn wants(&self, account_id: &str) -> bool {
        self.wanted.contains(account_id)
    }

    fn account(&self, account: &Account<'_>) {
        self.observed().account(account);
    }

    fn grant(&self, grant: &Grant<'_>) {
        self.observed().grant(grant);
    }

    fn reject(&self, reject: &Reject<'_>) {
        if !self.wanted.is_empty() {
            self.observed().reject(reject);
        }
    }

    fn testimony(&self, snapshot_id: &str, collections: &[Collection<'static>]) -> Testimony {
        let mut testimony = Testimony { endpoint: "campaigns".into(), refused: self.refused.clone(), ..Testimony::default() };
        let mut files = vec![];
        let (mut decided, mut asked) = (0, 0);
        for (at, held) in self.closed.iter().enumerate() {
            for name in [HEAD, ITEMS, LOG, follow::CLAIMS] {
                let bytes = match held::optional(&held.folder.join(name)) {
                    Ok(bytes) => bytes,
                    Err(failure) => {
                        testimony.refused.push(failure.plain());
                        continue;
                    }
                };
                files.push(serde_json::json!({ "path": format!("campaigns/{}/{name}", held.id()), "sha256": digest::hex(&bytes) }));
                // The items are frozen and large; the head holds their digest.
                if name != ITEMS {
                    testimony.bytes.extend_from_slice(&bytes);
                }
            }
            let decisions = decisions::rows(&held.campaign, &held.log);
            let remediations = self.remediations(at, snapshot_id, collections);
            decided += decisions.len() as u64;
            asked += remediations.len() as u64;
            testimony.rows.extend(decisions.into_iter().map(Record::from));
            testimony.rows.extend(remediations);
        }
        testimony.query = serde_json::json!({ "files": files });
        testimony.details = BTreeMap::from([
            ("campaigns".to_owned(), self.closed.len() as u64),
            ("decisions".to_owned(), decided),
            ("remediations".to_owned(), asked),
        ]);
        testimony
    }
}

//! Collecting returned workbooks into a campaign's log. Reading the same files again adds nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use hashbrown::HashSet;
use jiff::Timestamp;

use crate::lanes;
use crate::review::readback::{self, Answer, Desk, Reading, Refused, Returned, Trouble, Typed};
use crate::review::record::campaign::Campaign;
use crate::review::record::decisions::{Decided, Log, Return, Standing, What};

/// Who collects, when, and with how many threads.
#[derive(Debug, Clone, Copy)]
pub struct Collecting<'a> {
    pub now: Timestamp,
    pub by: &'a str,
    pub threads: usize,
}

/// Reads the files and adds what they say to the log. The readings come in the order of the files, each with all its notes.
pub fn collect(campaign: &Campaign, log: &mut Log, files: &[Returned<'_>], how: Collecting<'_>) -> Vec<Reading> {
    let mut readings = read_all(campaign, files, how);
    set_aside(log, &mut readings);
    settle_copies(&mut readings);
    let earlier: BTreeMap<String, Option<Timestamp>> = log.returns().map(|(_, r)| (r.sha256.clone(), r.times.saved_at)).collect();
    let already = refusals(log);
    let planned: Vec<Option<Vec<Decided>>> = {
        // Every line is decided by one file of this go at most: where lines stood before it holds for all of them.
        let standings = log.standings();
        readings.iter_mut().map(|reading| is_new(reading).then(|| supersede(&standings, reading, &earlier))).collect()
    };
    for (reading, decided) in readings.iter().zip(planned) {
        if let Some(decided) = decided {
            record(log, reading, decided, &already, how);
        }
    }
    readings
}

fn read_all(campaign: &Campaign, files: &[Returned<'_>], how: Collecting<'_>) -> Vec<Reading> {
    let zone = jiff::tz::TimeZone::get(&campaign.head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let today = zone.to_datetime(how.now).date();
    let each = campaign.by_reviewer();
    let desk = Desk { campaign, each: &each, today };
    let size = |file: &Returned<'_>| file.bytes.len() as u64;
    let read = |file: &Returned<'_>| Ok::<_, Infallible>(readback::read(&desk, *file));
    lanes::each(files, how.threads.clamp(1, 64), size, read).unwrap_or_else(|never| match never {})
}

/// Files that say nothing new, or come too late.
fn set_aside(log: &Log, readings: &mut [Reading]) {
    let known = log.files();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for reading in readings {
        let trouble = if known.contains(reading.sha256.as_str()) {
            Some(Trouble::AlreadyCollected)
        } else if log.closed().is_some() {
            Some(Trouble::Closed)
        } else {
            seen.get(&reading.sha256).map(|file| Trouble::SameAs(file.clone()))
        };
        seen.entry(reading.sha256.clone()).or_insert_with(|| reading.file.clone());
        if let Some(trouble) = trouble {
            let note = trouble.note(&reading.file);
            reading.notes = vec![note];
            reading.answers.clear();
            reading.refused.clear();
            reading.requests.clear();
            reading.silent.clear();
        }
    }
}

/// Whether a reading is of a file not seen before: the others carry one note and nothing else.
fn is_new(reading: &Reading) -> bool {
    let aside = [Trouble::AlreadyCollected.code(), Trouble::Closed.code(), "same-file"];
    !reading.notes.iter().any(|note| aside.contains(&note.code.as_str()))
}

/// Two different copies of one reviewer's workbook in one go: where they agree, one counts; where they do not, neither.
fn settle_copies(readings: &mut [Reading]) {
    let mut said: BTreeMap<String, Vec<(usize, Answer)>> = twice(readings).into_iter().map(|id| (id, vec![])).collect();
    for (id, answers) in &mut said {
        answers.extend(readings.iter().enumerate().filter_map(|(at, reading)| Some((at, reading.answers.get(id)?.clone()))));
    }
    let files: Vec<String> = readings.iter().map(|r| r.file.clone()).collect();
    for (id, answers) in said {
        let [(_, first), rest @ ..] = answers.as_slice() else { continue };
        let agree = rest.iter().all(|(_, other)| (other.choice, &other.change) == (first.choice, &first.change));
        if agree {
            for (at, _) in rest {
                if let Some(reading) = readings.get_mut(*at) {
                    reading.answers.remove(&id);
                }
            }
            continue;
        }
        for (at, answer) in &answers {
            let other = answers.iter().find(|(_, o)| (o.choice, &o.change) != (answer.choice, &answer.change));
            let Some((other_at, other)) = other else { continue };
            let Some(reading) = readings.get_mut(*at) else { continue };
            let file = files.get(*other_at).cloned().unwrap_or_default();
            let trouble = Trouble::Conflict { file, here: answer.choice, there: other.choice };
            let mut note = trouble.note(&reading.file);
            note.sheet = Some(answer.sheet.clone());
            note.row = Some(answer.row);
            note.item_id = Some(id.clone());
            note.reviewer = reading.notes.iter().find_map(|n| n.reviewer.clone());
            reading.notes.push(note);
            reading.answers.remove(&id);
            let typed = Typed {
                decision: None,
                change: None,
                justification: answer.justification.clone(),
                comment: answer.comment.clone(),
            };
            reading.refused.insert(id.clone(), Refused { codes: vec![trouble.code().to_owned()], typed });
        }
    }
}

/// Lines that more than one of the readings answers.
fn twice(readings: &[Reading]) -> BTreeSet<String> {
    let mut seen = HashSet::new();
    readings.iter().flat_map(|reading| reading.answers.keys()).filter(|id| !seen.insert(id.as_str())).cloned().collect()
}

/// What a reading decides that was not decided so before. Notes say what it replaces.
fn supersede(
    standings: &BTreeMap<&str, Standing<'_>>,
    reading: &mut Reading,
    earlier: &BTreeMap<String, Option<Timestamp>>,
) -> Vec<Decided> {
    let mut decided = vec![];
    let mut older = false;
    for answer in reading.answers.values() {
        let mut one = Decided {
            item_id: answer.item_id.clone(),
            choice: answer.choice,
            change: answer.change.clone(),
            justification: answer.justification.clone(),
            comment: answer.comment.clone(),
            reviewer: reading.reviewer.clone().unwrap_or_default(),
            sha256: reading.sha256.clone(),
            sheet: answer.sheet.clone(),
            row: answer.row,
            supersedes: None,
        };
        if let Some(Standing::Decided(event, before)) = standings.get(answer.item_id.as_str()) {
            if before.agrees(&one) {
                continue;
            }
            one.supersedes = Some(event.seq);
            let mut note = Trouble::Superseded { before: before.choice }.note(&reading.file);
            note.sheet = Some(answer.sheet.clone());
            note.row = Some(answer.row);
            note.item_id = Some(answer.item_id.clone());
            reading.notes.push(note);
            let before_at = earlier.get(&before.sha256).copied().flatten();
            older |= before_at.zip(reading.times.saved_at).is_some_and(|(before, now)| now < before);
        }
        decided.push(one);
    }
    if older {
        reading.notes.push(Trouble::OlderCopy.note(&reading.file));
    }
    decided
}

fn record(log: &mut Log, reading: &Reading, decided: Vec<Decided>, already: &BTreeSet<String>, how: Collecting<'_>) {
    let returned = Return {
        file: reading.file.clone(),
        sha256: reading.sha256.clone(),
        reviewer: reading.reviewer.clone(),
        signature: reading.signature.clone(),
        times: reading.times.clone(),
        answers: reading.answers.len() as u64,
        refused: reading.refused.len() as u64,
        silent: reading.silent.len() as u64,
        requests: reading.requests.clone(),
        notes: reading.notes.clone(),
    };
    log.push(how.now, how.by, What::Returned(Box::new(returned)));
    for one in decided {
        log.push(how.now, how.by, What::Decided(Box::new(one)));
    }
    for (item_id, refused) in &reading.refused {
        if !already.contains(&format!("{item_id} {}", refused.codes.join(" "))) {
            let reviewer = reading.reviewer.clone().unwrap_or_default();
            let (item_id, codes, sha256) = (item_id.clone(), refused.codes.clone(), reading.sha256.clone());
            log.push(how.now, how.by, What::Refused { item_id, codes, reviewer, sha256 });
        }
    }
}

/// Lines that stand refused for the same reasons already, or are decided.
fn refusals(log: &Log) -> BTreeSet<String> {
    let each = log.standings().into_iter().filter_map(|(id, standing)| match standing {
        Standing::Refused(codes) => Some(format!("{id} {}", codes.join(" "))),
        _ => None,
    });
    each.collect()
}

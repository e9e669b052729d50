//! A campaign from its opening to the proof that revocations happened, on the made-up agency.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::format_collect, clippy::type_complexity, reason = "tests")]

#[path = "readback/kit.rs"]
#[allow(dead_code, reason = "shared with another test")]
mod kit;
mod review_world;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::date;
use kit::{Kit, codes, decided, how, kit, now};
use probant::lang::Lang;
use probant::outputs::workbook::{Overview, write_correction, write_overview};
use probant::review::campaign::{Campaign, FrozenSource, Kind, NoAnswer};
use probant::review::close::{CloseError, close};
use probant::review::collect::collect;
use probant::review::correction::{correction, note};
use probant::review::decisions::{Log, LogError, What, rows};
use probant::review::ended::Ended;
use probant::review::gate::{Freshness, GateError, pass, scope};
use probant::review::minutes::minutes;
use probant::review::readback::{Choice, Returned};
use probant::review::remediation::rows as remediation_rows;
use probant::review::remediation::{
    Claim, Excepted, Observation, Observed, State, Targets, follow, isilog, jira, ldif, powershell, supersede, tasks,
};
use probant::review::row::Column;
use probant::review::select::{movers, removed};
use probant::review::status::{Progress, Reply, Signal, status};
use probant::review::{Selection, open_some};
use probant::snapshot::schema::{Account, Collection, Grant};
use probant::snapshot::value::Micros;
use review_world::edit::{PRIVILEGED, Package, REVIEW};
use review_world::{World, config, files_of};

fn file<'a>(name: &'a str, bytes: &'a [u8]) -> Returned<'a> {
    Returned { name, bytes }
}

/// Every reviewer's workbook, filled in and signed, collected in one go.
fn answered(kit: &Kit) -> Log {
    let reviewers: Vec<String> =
        kit.campaign.head.reviewers.iter().map(|r| r.person_id.trim_start_matches("rh:").to_owned()).collect();
    let files: Vec<(String, Vec<u8>)> = reviewers.iter().map(|id| (format!("{id}.xlsx"), kit.filled(id).save())).collect();
    let files: Vec<Returned<'_>> = files.iter().map(|(name, bytes)| file(name, bytes)).collect();
    let mut log = Log::default();
    collect(&kit.campaign, &mut log, &files, how());
    log
}

#[test]
fn a_frozen_campaign_is_read_back_the_same_and_any_change_is_seen() {
    let Kit { campaign, .. } = kit();
    let (head, items) = files_of(&campaign);
    assert_eq!(files_of(&Campaign::from_files(&head, &items, 2).unwrap()), (head.clone(), items.clone()));
    let changed = String::from_utf8(items.clone()).unwrap().replacen("VALIDEUR", "LECTEUR", 1);
    let message = Campaign::from_files(&head, changed.as_bytes(), 0).unwrap_err().to_string();
    assert!(message.contains("restore it from a copy"), "{message}");
    let newer = String::from_utf8(head).unwrap().replace("probant.campaign.v1", "probant.campaign.v9");
    assert!(Campaign::from_files(newer.as_bytes(), &items, 0).unwrap_err().to_string().contains("probant.campaign.v9"));
    let by_reviewer: u64 = campaign.head.reviewers.iter().map(|r| r.lines).sum();
    let totals = &campaign.head.totals;
    assert_eq!((totals.lines, totals.assigned), (campaign.items.len() as u64, by_reviewer));
}

fn collection(source: &str, at: &str) -> Collection<'static> {
    Collection {
        collection_id: format!("{source}@{at}").into(),
        source: source.to_owned().into(),
        system: source.to_owned().into(),
        kind: "ldif".into(),
        tables: vec!["accounts".into(), "grants".into()],
        started: Micros::from(at.parse::<Timestamp>().unwrap()),
        evidence_at: Some(Micros::from(at.parse::<Timestamp>().unwrap())),
        evidence_at_basis: "content".into(),
        query: r#"{"base":"dc=x","files":["a"]}"#.into(),
        rows_seen: 10,
        rows_kept: 10,
        complete: true,
        ..Collection::default()
    }
}

#[test]
fn stale_incomplete_and_untied_sources_stop_the_opening_unless_accepted_by_name() {
    let opened: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
    let fresh = collection("a", "2026-11-20T08:00:00Z");
    let stale = collection("b", "2026-11-01T08:00:00Z");
    let incomplete =
        Collection { complete: false, incomplete_reason: Some("coupé".into()), ..collection("c", "2026-11-22T08:00:00Z") };
    let untied = Collection { rows_kept: 9, ..collection("d", "2026-11-22T08:00:00Z") };
    let all = [fresh, stale, incomplete, untied];
    let everything = |_: &str| true;
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
    let message = pass(&all, opened, Freshness::default(), &names(&[]), &everything).unwrap_err().to_string();
    for part in [
        "`b`: its content is 22 days old",
        "`c`: incomplete (coupé)",
        "`d`: its counts do not add up",
        "--accept-source b --accept-source c",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let (sources, waivers) = pass(&all, opened, Freshness::default(), &names(&["b", "c", "d"]), &everything).unwrap();
    assert_eq!((sources.len(), waivers.len(), waivers[1].problem.en.as_str()), (4, 3, "incomplete (coupé)"));
    assert!(matches!(pass(&all, opened, Freshness::default(), &names(&["zz"]), &everything), Err(GateError::Unknown(..))));
    assert_eq!(pass(&[], opened, Freshness::default(), &names(&[]), &everything), Err(GateError::NoAccounts));
    // What is not reviewed needs no acceptance, and cannot be accepted.
    let only_a = |system: &str| system == "a";
    assert_eq!(pass(&all, opened, Freshness::default(), &names(&[]), &only_a).unwrap().0.len(), 1);
    assert!(matches!(pass(&all, opened, Freshness::default(), &names(&["b"]), &only_a), Err(GateError::Unknown(..))));
    // A file of another day is the same scope; another base is not.
    let other = |query: &str| scope(&Collection { query: query.to_owned().into(), ..collection("a", "2026-11-20T08:00:00Z") });
    assert_eq!(other(r#"{"base":"dc=x","files":["a"]}"#), other(r#"{"files":["b"],"base":"dc=x"}"#));
    assert_ne!(other(r#"{"base":"dc=x"}"#), other(r#"{"base":"dc=y"}"#));
}

#[test]
fn progress_lateness_and_rubber_stamps_are_shown() {
    let kit = kit();
    let mut log = Log::default();
    let before = status(&kit.campaign, &log, date(2026, 12, 1));
    assert_eq!((before.totals.no_answer, before.late, before.days_left), (kit.campaign.items.len() as u64, false, 17));
    let mut package = kit.filled("P002");
    package.put("docProps/app.xml", "<Properties><TotalTime>1</TotalTime></Properties>");
    let row = package.lines(PRIVILEGED)[0];
    package.set(PRIVILEGED, &format!("Q{row}"), "");
    let bytes = package.save();
    collect(&kit.campaign, &mut log, &[file("a.xlsx", &bytes)], how());
    let after = status(&kit.campaign, &log, date(2026, 12, 20));
    assert!(after.late && after.totals.ties() && after.days_left == -2);
    let mine = after.reviewers.iter().find(|p| p.id == "rh:P002").unwrap();
    assert_eq!(
        (mine.tally.decided, mine.tally.refused, mine.signed, mine.late, mine.state),
        (kit.items("P002").len() as u64 - 1, 1, true, true, Reply::Late)
    );
    let in_time = status(&kit.campaign, &log, date(2026, 12, 1));
    let stands = |id: &str| in_time.reviewers.iter().find(|p| p.id == id).unwrap().state;
    assert_eq!(stands("rh:P002"), Reply::Partly);
    assert!(in_time.reviewers.iter().filter(|p| p.id != "rh:P002" && p.tally.items > 0).all(|p| p.state == Reply::Awaited));
    assert!(after.reviewers.iter().filter(|p| p.id != "rh:P002").all(|p| !p.signed && p.tally.decided == 0));
    let decided: u64 = after.systems.iter().map(|p| p.tally.decided).sum();
    assert_eq!(decided, after.totals.decided);
    let has = |test: fn(&Signal) -> bool| after.signals.iter().any(test);
    assert!(has(|s| matches!(s, Signal::PrivilegedWithoutJustification { lines: 1, .. })), "{:?}", after.signals);
    assert!(has(|s| matches!(s, Signal::KeptAgainstAdvice { .. })));
    assert_eq!(has(|s| matches!(s, Signal::AllKept { .. })), mine.tally.decided >= 20);
    assert!(serde_json::to_string(&after).unwrap().contains("probant.review-status.v1"));
}

#[test]
fn closing_needs_every_line_or_a_rule_set_at_opening_and_the_sums_tie() {
    let kit = kit();
    let mut log = answered(&kit);
    let unassigned = kit.campaign.items.iter().filter(|i| i.reviewer.is_none()).count();
    let mut bytes = vec![];
    log.write(2, &mut bytes).unwrap();
    if unassigned == 0 {
        let tally = close(&kit.campaign, &mut log, now(), "camille").unwrap();
        assert_eq!((tally.decided, tally.no_answer, tally.refused), (kit.campaign.items.len() as u64, 0, 0));
    }
    // One answer less: it cannot be closed, and nothing is written.
    let mut empty = Log::default();
    let error = close(&kit.campaign, &mut empty, now(), "camille").unwrap_err();
    assert!(matches!(error, CloseError::Undecided { .. }) && error.to_string().contains("without a no-answer rule"), "{error}");
    assert!(empty.events().is_empty());
    // With a rule, silence is recorded line by line.
    let mut ruled = kit.campaign.clone();
    ruled.head.no_answer = Some(NoAnswer::Revoke);
    let tally = close(&ruled, &mut empty, now(), "camille").unwrap();
    assert!(tally.ties() && tally.no_answer == ruled.items.len() as u64);
    assert_eq!(empty.outcomes().values().filter(|o| o.choice == Choice::Revoke && o.decided.is_none()).count(), ruled.items.len());
    assert!(matches!(close(&ruled, &mut empty, now(), "camille"), Err(CloseError::Ended(Ended::Closed(_)))));
    // Nobody is awaited or late any more.
    let ended = status(&ruled, &empty, date(2027, 1, 20));
    let unfinished = |p: &Progress| p.state == if p.tally.items == 0 { Reply::Nothing } else { Reply::Unfinished };
    assert!(!ended.late && ended.reviewers.iter().all(|p| unfinished(p) && !p.late), "{:?}", ended.reviewers);
    // After closing, a late workbook changes nothing.
    let (length, late) = (empty.events().len(), kit.filled("P002").save());
    let readings = collect(&ruled, &mut empty, &[file("tard.xlsx", &late)], how());
    assert_eq!((codes(&readings[0]), empty.events().len()), (vec!["campaign-closed"], length));
    // A line taken out of the log is seen.
    let text = String::from_utf8(bytes).unwrap();
    let cut: String = text.lines().enumerate().filter(|(at, _)| *at != 3).map(|(_, line)| format!("{line}\n")).collect();
    assert!(matches!(Log::from_bytes(cut.as_bytes()), Err(LogError::Gap { .. })));
}

#[test]
fn minutes_state_every_total_and_the_decisions_table_follows() {
    let kit = kit();
    let mut campaign = kit.campaign.clone();
    campaign.head.no_answer = Some(NoAnswer::Keep);
    let mut package = kit.filled("P002");
    let row = package.lines(REVIEW)[0];
    package.set(REVIEW, &format!("O{row}"), "Révoquer").set(REVIEW, &format!("Q{row}"), "<b>parti</b> | fin");
    let bytes = package.save();
    let mut log = Log::default();
    collect(&campaign, &mut log, &[file("a.xlsx", &bytes)], how());
    assert!(minutes(&campaign, &log, Lang::Fr).is_none());
    let tally = close(&campaign, &mut log, now(), "camille").unwrap();
    let page = minutes(&campaign, &log, Lang::Fr).unwrap();
    let (markdown, html) = (page.markdown(), page.html());
    let sum = format!(
        "{} lignes = {} décidées ({} conservées + 1 à révoquer + 0 à modifier) + 0 refusées + {} sans réponse.",
        tally.items, tally.decided, tally.keep, tally.no_answer
    );
    assert!(html.contains(&sum), "{sum}\n{html}");
    assert!(html.contains("&lt;b&gt;parti&lt;/b&gt;") && !html.contains("<b>parti"));
    assert!(markdown.contains("# Procès-verbal de revue") && markdown.contains("conserver (fixée à l'ouverture)"), "{markdown}");
    assert!(minutes(&campaign, &log, Lang::En).unwrap().html().contains("Minutes of the access review"));
    let table = rows(&campaign, &log);
    assert_eq!(table.len(), campaign.items.len());
    assert_eq!(table.iter().filter(|d| d.decision == "revoke").count(), 1);
}

#[test]
fn what_is_refused_goes_back_alone_with_its_reasons_and_is_collected_when_corrected() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let (review, privileged) = (package.lines(REVIEW), package.lines(PRIVILEGED)[0]);
    package.set(REVIEW, &format!("O{}", review[0]), "peut-être").set(PRIVILEGED, &format!("Q{privileged}"), "");
    let bytes = package.save();
    let mut log = Log::default();
    let readings = collect(&kit.campaign, &mut log, &[file("a.xlsx", &bytes)], how());
    let text = note(&kit.campaign, &readings[0], Lang::Fr);
    assert!(
        text.contains("Lignes refusées : 2")
            && text.contains("feuille À revoir, ligne 4")
            && text.contains("« peut-être » n'est pas un choix"),
        "{text}"
    );
    assert!(note(&kit.campaign, &readings[0], Lang::En).contains("Lines refused: 2"));

    let correction = correction(&kit.campaign, &log, &readings[0], now()).unwrap();
    assert_eq!(correction.lines.len(), 2);
    let mut written = vec![];
    write_correction(&correction, &mut written).unwrap();
    let mut back = Package::open(&written);
    let sheet = back.text("xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<row r=\"4\"") && sheet.contains("<row r=\"5\"") && !sheet.contains("<row r=\"6\""));
    assert!(sheet.contains("<v>⚠ Choix inconnu</v>") && sheet.contains("<v>⚠ Justification</v>"), "as the formula gives it");
    assert!(sheet.contains("Conserver un droit privilégié demande une justification écrite."));
    // Sent back as it is: still refused, and nothing else is missing.
    let signed = |package: &mut Package| {
        for (cell, text) in [
            ("B7", kit.name("P002")),
            ("B8", "Cheffe".to_owned()),
            ("B9", "03/12/2026".to_owned()),
            ("B10", "Oui".to_owned()),
            ("B11", "Oui".to_owned()),
        ] {
            package.set(2, cell, &text);
        }
    };
    signed(&mut back);
    let untouched = back.save();
    let readings = collect(&kit.campaign, &mut log, &[file("b.xlsx", &untouched)], how());
    let mut found = codes(&readings[0]);
    found.sort_unstable();
    assert_eq!(found, ["justification-missing", "unknown-choice"], "{:?}", readings[0].notes);
    for row in [4, 5] {
        back.set(1, &format!("O{row}"), "Conserver").set(1, &format!("Q{row}"), "Remplace le chef de service");
    }
    let corrected = back.save();
    let readings = collect(&kit.campaign, &mut log, &[file("c.xlsx", &corrected)], how());
    assert_eq!(codes(&readings[0]), Vec::<&str>::new(), "{:?}", readings[0].notes);
    assert_eq!(decided(&log), kit.items("P002").len());
    assert!(log.events().iter().any(|e| matches!(&e.what, What::Refused { .. })), "the refusals stay on record");
}

#[test]
fn a_correction_follows_the_sheets_and_is_as_high_as_what_it_shows() {
    let kit = kit();
    let mut package = kit.filled("P002");
    for row in package.lines(REVIEW) {
        package.set(REVIEW, &format!("O{row}"), "peut-être");
    }
    package.set(PRIVILEGED, &format!("O{}", package.lines(PRIVILEGED)[0]), "?");
    let mut log = Log::default();
    let bytes = package.save();
    let readings = collect(&kit.campaign, &mut log, &[file("a.xlsx", &bytes)], how());
    let row_of = |id: &str| readings[0].notes.iter().find(|n| n.item_id.as_deref() == Some(id)).and_then(|n| n.row);
    let mut correction = correction(&kit.campaign, &log, &readings[0], now()).unwrap();
    let order: Vec<_> = correction.lines.iter().map(|line| (line.item.sheet, row_of(&line.item.id))).collect();
    assert!(order.len() > 3 && order.is_sorted(), "{order:?}");
    let ids: Vec<&str> = correction.lines.iter().map(|line| line.item.id.as_str()).collect();
    assert!(!ids.is_sorted(), "by the sheets' rows, not by ids: {ids:?}");

    // What stands in a hidden column takes no room; what was typed does.
    let wordy = "mot ".repeat(200);
    let mut items: Vec<_> = correction.lines.iter().take(2).map(|line| line.item.clone()).collect();
    items[0].cells[Column::Flags.index() as usize - 2] = wordy.clone();
    for (line, item) in correction.lines.iter_mut().zip(&items) {
        line.item = item;
    }
    correction.lines[1].typed.comment = Some(wordy);
    correction.lines.truncate(2);
    let mut written = vec![];
    write_correction(&correction, &mut written).unwrap();
    let sheet = Package::open(&written).text("xl/worksheets/sheet1.xml");
    let height = |row: u32| -> f64 {
        let (_, rest) = sheet.split_once(&format!("<row r=\"{row}\" ht=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    assert!(height(4) < 100.0 && height(5) > 400.0, "{} {}", height(4), height(5));
}

/// The systems as they were at the opening, less some rights.
struct Later {
    collections: Vec<Collection<'static>>,
    accounts: Vec<Account<'static>>,
    grants: Vec<Grant<'static>>,
}

fn later(kit: &Kit, at: &str, gone: &[(&str, &str)]) -> Later {
    let grants = kit.world.grants.iter().filter(|g| !gone.contains(&(&g.account_id, &g.entitlement_id))).cloned().collect();
    let collections = ["annuaire", "paie", "dossiers"].map(|source| collection(source, at)).into();
    Later { collections, accounts: kit.world.accounts.clone(), grants }
}

#[test]
fn every_state_is_reached_and_only_a_later_complete_reading_of_the_same_scope_proves_absence() {
    let mut kit = kit();
    let opening: Vec<Collection<'static>> = ["annuaire", "paie", "dossiers"].map(|s| collection(s, "2026-11-22T08:00:00Z")).into();
    let opened: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
    let sources: Vec<FrozenSource> = pass(&opening, opened, Freshness::default(), &BTreeSet::new(), &|_: &str| true).unwrap().0;
    kit.campaign.head.sources = sources;
    // Eight payroll rights are to be revoked; what happens to each is planned below.
    let mut package = kit.filled("P002");
    let rows: Vec<u32> = package.lines(REVIEW).into_iter().take(6).collect();
    for row in &rows {
        package.set(REVIEW, &format!("O{row}"), "Révoquer");
    }
    let bytes = package.save();
    let mut log = Log::default();
    let reading = collect(&kit.campaign, &mut log, &[file("a.xlsx", &bytes)], how()).remove(0);
    let id = |row: u32| reading.answers.values().find(|a| a.row == row && a.choice == Choice::Revoke).unwrap().item_id.clone();
    let [done, not_done, undone, claimed_only, accepted, _] = [0, 1, 2, 3, 4, 5].map(|at: usize| id(rows[at]));
    let targets = Targets::default();
    let tasks = tasks(&kit.campaign, &log, &targets);
    assert_eq!(tasks.len(), 6);
    // Asked on Thursday 10 December: seven working days.
    assert!(tasks.iter().all(|t| t.due == date(2026, 12, 21)), "{:?}", tasks[0].due);
    let pair = |id: &str| {
        let item = kit.campaign.item(id).unwrap();
        (item.account_id.as_str(), item.entitlement_id.as_deref().unwrap())
    };
    let claims = [Claim { item_id: claimed_only.clone(), by: "Équipe paie".into(), at: now(), ticket: Some("PAIE-12".into()) }];
    let excepted = [Excepted {
        item_id: accepted.clone(),
        approver: "Directrice".into(),
        approved_on: date(2026, 12, 11),
        expires_on: date(2027, 6, 30),
    }];
    let view = |id: &str, later: &Later| -> Observation {
        let mut observed = Observed::of(&tasks);
        later.accounts.iter().for_each(|account| observed.account(account));
        later.grants.iter().for_each(|grant| observed.grant(grant));
        observed.observation(id, &later.collections, &kit.campaign, &tasks)
    };
    let states = |views: &[Observation], today| {
        let followed = follow(&kit.campaign, &tasks, views, (&claims, &excepted), (&targets, today));
        let states: BTreeMap<String, State> = followed.tasks.iter().map(|t| (t.item_id.clone(), t.state)).collect();
        assert_eq!(followed.totals.values().sum::<u64>(), 6);
        (states, followed)
    };
    // Nothing read since: open, or claimed. A reading from before the decision proves nothing, whatever it shows.
    let old = &later(&kit, "2026-12-09T08:00:00Z", &[pair(&done)]);
    let (found, _) = states(&[view("s0", old)], date(2026, 12, 11));
    assert_eq!((found[&done], found[&claimed_only], found[&accepted]), (State::Open, State::Claimed, State::Excepted));
    // First: two are gone, the rest are there.
    let first = &later(&kit, "2026-12-14T08:00:00Z", &[pair(&done), pair(&undone)]);
    let (found, followed) = states(&[view("s1", first)], date(2026, 12, 15));
    assert_eq!(
        (found[&done], found[&undone], found[&not_done]),
        (State::VerifiedAbsent, State::VerifiedAbsent, State::StillPresent)
    );
    assert_eq!(found[&claimed_only], State::StillPresent, "a claim is no proof");
    let task = followed.tasks.iter().find(|t| t.item_id == done).unwrap();
    assert_eq!((task.working_days, task.late), (2, false));
    // Second: one of them is back.
    let second = &later(&kit, "2026-12-22T08:00:00Z", &[pair(&done)]);
    let (found, followed) = states(&[view("s2", second), view("s1", first)], date(2026, 12, 23));
    assert_eq!((found[&done], found[&undone], found[&not_done]), (State::VerifiedAbsent, State::Reappeared, State::StillPresent));
    assert_eq!(found[&accepted], State::Excepted);
    assert!(followed.tasks.iter().all(|t| t.late == !matches!(t.state, State::VerifiedAbsent | State::Excepted)));
    // Readings that cannot prove an absence, each for its own reason.
    let spoiled: [(&str, fn(&mut Collection<'static>)); 5] = [
        ("incomplete", |c| c.complete = false),
        ("do not add up", |c| c.rows_kept = 3),
        ("another scope", |c| c.query = r#"{"base":"ou=y"}"#.into()),
        ("came back empty", |c| (c.rows_seen, c.rows_kept) = (0, 0)),
        ("nothing could be read", |c| c.evidence_at = None),
    ];
    for (why, spoil) in spoiled {
        let mut bad = later(&kit, "2026-12-14T08:00:00Z", &[pair(&done)]);
        bad.collections.iter_mut().for_each(spoil);
        let (found, followed) = states(&[view("s1", &bad)], date(2026, 12, 15));
        let task = followed.tasks.iter().find(|t| t.item_id == done).unwrap();
        assert_eq!(found[&done], State::NotObservable, "{why}");
        assert!(task.why.as_ref().unwrap().en.contains(why), "{:?}", task.why);
    }
    let mut missing = later(&kit, "2026-12-14T08:00:00Z", &[pair(&done)]);
    let system = &kit.campaign.item(&done).unwrap().system;
    missing.collections.retain(|c| c.source != system.as_str());
    let (found, _) = states(&[view("s1", &missing)], date(2026, 12, 15));
    assert_eq!(found[&done], State::Open, "the system was not read at all");
    // A later campaign that decides on the same right follows it from then on.
    let mut again = kit.campaign.clone();
    again.head.id = "2027-T4".into();
    let mut handed = tasks.clone();
    supersede(&mut handed, [(&again, &log)]);
    let followed = follow(&kit.campaign, &handed, &[view("s2", second)], (&claims, &excepted), (&targets, date(2026, 12, 23)));
    assert!(followed.tasks.iter().all(|t| t.superseded_by.as_deref() == Some("2027-T4") && !t.late && t.seen.is_empty()));
    assert!(remediation_rows(&followed, &kit.campaign).is_empty());
    // An exception ends.
    let (found, _) = states(&[view("s1", first)], date(2027, 7, 1));
    assert_eq!(found[&accepted], State::StillPresent);
}

#[test]
fn proposed_changes_carry_data_as_data() {
    let kit = kit();
    let mut campaign = kit.campaign.clone();
    campaign.head.no_answer = Some(NoAnswer::Revoke);
    let guid = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";
    for item in &mut campaign.items {
        item.account_id = format!("AD:{guid}");
        item.entitlement_id = Some(format!("AD:{guid}"));
        item.direct = true;
        item.login = "=cmd|' /C calc'!A0".into();
        item.account_dn = Some("cn=a\ndelete: x,dc=é".into());
        item.right_dn = Some("cn=g,dc=x".into());
        item.cells[1] = "x'\u{2028}; Remove-Item C:\\ #\r\ndn: cn=evil".into();
    }
    let mut log = Log::default();
    close(&campaign, &mut log, now(), "camille").unwrap();
    let frozen = campaign.clone();
    let mut tasks = tasks(&frozen, &log, &Targets::default());
    assert_eq!(tasks.len(), campaign.items.len());
    // What a right is taken away with depends on the directory.
    let system = tasks[0].item.system.clone();
    tasks.retain(|task| task.item.system == system);
    let mut of = |flavour: &str| {
        campaign.head.sources = vec![FrozenSource {
            source: "s".into(),
            system: system.clone(),
            tables: vec!["accounts".into()],
            collection_id: "s@1".into(),
            evidence_at: None,
            rows_seen: 1,
            rows_rejected: 0,
            scope: format!("ldif {{\"flavour\":\"{flavour}\"}}"),
        }];
        campaign.clone()
    };
    let openldap = of("openldap");
    assert!(powershell(&openldap, &system, &tasks).is_none(), "entryUUIDs look like GUIDs");
    let campaign = of("ad");
    let script = String::from_utf8(powershell(&campaign, &system, &tasks).unwrap()).unwrap();
    let orders = script.lines().filter(|line| !line.trim_start().starts_with('#') && line.contains("AD")).count();
    assert_eq!(orders, tasks.len());
    assert!(script.contains(&format!("Remove-ADGroupMember -Identity '{guid}' -Members '{guid}' -Confirm:$true -WhatIf:$WhatIf")));
    assert!(script.lines().all(|line| line.starts_with('#') || !line.contains("Remove-Item")));
    assert!(ldif(&campaign, "another", &tasks).is_none());
    let change = String::from_utf8(ldif(&campaign, &system, &tasks).unwrap()).unwrap();
    assert!(!change.lines().any(|line| line == "delete: x,dc=é" || line == "dn: cn=evil"), "{}", &change[..500]);
    assert_eq!(change.lines().filter(|line| *line == "delete: member").count(), tasks.len());
    for table in [jira(&campaign, &tasks, Lang::En), isilog(&campaign, &tasks)] {
        let text = String::from_utf8(table).unwrap();
        let delimiter = if text.contains("Summary") { b',' } else { b';' };
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), tasks.len());
        assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
    }
}

#[test]
fn each_kind_of_campaign_asks_about_its_lines_and_the_sums_still_tie() {
    let mut world = World::agency();
    let config = config();
    let ids = |world: &World, selection: &Selection| -> BTreeSet<String> {
        let review = open_some(&config, &world.records(), selection).unwrap();
        review.totals.tie_out().unwrap();
        let lines =
            review.books.iter().flat_map(|b| b.lines.iter().map(|a| &a.line)).chain(review.unassigned.iter().map(|u| &u.line));
        lines.map(|line| format!("{} {}", line.account.account_id, line.entitlement_id.unwrap_or("-"))).collect()
    };
    let of = |kind| Selection { kind, ..Selection::default() };
    let all = ids(&world, &of(Kind::Full));
    let changes = ids(&world, &of(Kind::Changes));
    // Kept last year and the same: not asked again. Another right of the same account: a change.
    assert!(!changes.contains("paie:P005 paie:VALIDEUR") && changes.contains("paie:P007 paie:GESTIONNAIRE"));
    assert_eq!(changes.len(), all.len() - 2);
    world.grants.push(review_world::grant("paie:P005", "paie:GESTIONNAIRE"));
    assert!(ids(&world, &of(Kind::Changes)).contains("paie:P005 paie:GESTIONNAIRE"));
    let privileged = ids(&world, &of(Kind::Privileged));
    assert!(
        privileged.contains("annuaire:svc-1 annuaire:Admins du domaine") && !privileged.contains("paie:P007 paie:GESTIONNAIRE")
    );
    // P020 left on 30 September.
    let leavers = ids(&world, &of(Kind::Leavers));
    assert!(!leavers.is_empty() && leavers.iter().all(|line| line.contains("P020")), "{leavers:?}");
    let since = Selection { left_since: Some(date(2026, 10, 1)), ..of(Kind::Leavers) };
    assert!(ids(&world, &since).is_empty());
    let before = world.people.clone();
    world.people[12].manager_id = Some("rh:P004".into());
    let moved = movers(&before, &world.people);
    assert_eq!(moved, BTreeSet::from(["rh:P012".to_owned()]));
    let movers = ids(&world, &Selection { moved, ..of(Kind::Movers) });
    assert!(!movers.is_empty() && movers.iter().all(|line| line.contains("P012")), "{movers:?}");
    assert_eq!(removed(&world.decisions, &world.grants, "2025-T4"), 0);
    world.grants.retain(|g| g.account_id != "paie:P005");
    assert_eq!(removed(&world.decisions, &world.grants, "2025-T4"), 1);
}

#[test]
fn the_leads_workbook_holds_every_line_once_in_all_and_once_by_tool() {
    use calamine::{Reader, Xlsx};
    let kit = kit();
    let log = answered(&kit);
    let status = status(&kit.campaign, &log, date(2026, 12, 5));
    let overview = Overview { campaign: &kit.campaign, log: &log, status: &status, created: now(), scratch: None };
    for (lang, all, decided) in [(Lang::Fr, "Toutes les lignes", "✓ Décidée"), (Lang::En, "All lines", "✓ Decided")] {
        let mut bytes = vec![];
        write_overview(&overview, lang, &mut bytes).unwrap();
        let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let names = book.sheet_names();
        assert_eq!(names[3], all);
        let tools: BTreeSet<&str> = kit.campaign.items.iter().map(|item| item.system.as_str()).collect();
        assert_eq!(names.len(), 4 + tools.len(), "{names:?}");
        // The id stands in the last column, the state two before it.
        let mut lines = |name: &str| -> Vec<(String, String)> {
            let range = book.worksheet_range(name).unwrap();
            let text = |row: &[calamine::Data], at: usize| row[at].to_string();
            range.rows().skip(3).map(|row| (text(row, row.len() - 1), text(row, row.len() - 3))).collect()
        };
        let every = lines(all);
        let ids: BTreeSet<&String> = every.iter().map(|(id, _)| id).collect();
        assert_eq!((every.len(), ids.len()), (kit.campaign.items.len(), kit.campaign.items.len()));
        assert_eq!(every.iter().filter(|(_, state)| state == decided).count() as u64, status.totals.decided);
        let by_tool: Vec<String> = names[4..].iter().flat_map(|name| lines(name)).map(|(id, _)| id).collect();
        assert_eq!(by_tool.iter().collect::<BTreeSet<_>>(), ids);
        assert_eq!(by_tool.len(), every.len());
        let front = book.worksheet_range(&names[0]).unwrap();
        let total = front.rows().find(|row| row[0] == "Total").unwrap();
        let totals = [status.totals.items, status.totals.decided, status.totals.keep].map(|n| n.to_string());
        assert_eq!(total[1..4].iter().map(ToString::to_string).collect::<Vec<_>>(), totals);
    }
}

//! Access reviews: nobody decides on an access of their own, nothing is lost, and advice follows what sources can tell.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod review_world;

use std::collections::BTreeSet;

use jiff::civil::date;
use probant::lang::Lang;
use probant::review::advice::{Precision, Reason, Verdict};
use probant::review::arrange::together;
use probant::review::texts::reasons;
use probant::review::{Delta, GroupBy, Line, Refusal, ReviewError, Sheet, open};
use probant::snapshot::schema::Remediation;
use proptest::prelude::*;
use review_world::{World, account, at, book_of, config, grant, person};

fn line<'r, 'a>(review: &'r probant::review::Review<'a>, account: &str, right: Option<&str>) -> &'r Line<'a> {
    let assigned = review.books.iter().flat_map(|b| b.lines.iter().map(|a| &a.line));
    let mut all = assigned.chain(review.unassigned.iter().map(|u| &u.line));
    all.find(|l| l.account.account_id == account && l.entitlement_id == right).unwrap()
}

fn reviewer(review: &probant::review::Review<'_>, account: &str) -> String {
    let book = review.books.iter().find(|b| b.lines.iter().any(|a| a.line.account.account_id == account));
    book.map_or_else(|| "nobody".to_owned(), |b| b.reviewer.employee_id.to_string())
}

#[test]
fn rules_name_the_reviewers_and_own_accesses_go_up() {
    let world = World::agency();
    let config = config();
    let review = open(&config, &world.records()).unwrap();
    // The application's owner; their own account goes to their manager.
    assert_eq!(reviewer(&review, "paie:P008"), "P002");
    assert_eq!(reviewer(&review, "paie:P002"), "P000");
    // No application owner: the line manager; who has none is reviewed by the technical owner.
    assert_eq!(reviewer(&review, "annuaire:P009"), "P004");
    assert_eq!(reviewer(&review, "annuaire:P000"), "P005");
    // The technical owner owns the service account: their manager decides. No rule fits the shared one: the fallback.
    assert_eq!(reviewer(&review, "annuaire:svc-1"), "P000");
    assert_eq!(reviewer(&review, "dossiers:acc-1"), "P001");
    let basis = book_of(&review, "P000").lines.iter().find(|a| a.line.account.account_id == "annuaire:svc-1").unwrap().basis;
    assert!(basis.escalated && basis.rule == Some(probant::review::Rule::TechnicalOwner), "{basis:?}");
}

#[test]
fn advice_gives_every_reason_and_respects_what_a_date_is_worth() {
    let world = World::agency();
    let config = config();
    let review = open(&config, &world.records()).unwrap();
    let left = line(&review, "annuaire:P020", Some("annuaire:G_Utilisateurs"));
    assert_eq!(left.advice.verdict, Verdict::Revoke);
    assert!(left.advice.reasons.contains(&Reason::Left(Some(date(2026, 9, 30)))), "{:?}", left.advice);
    let back = line(&review, "paie:P007", Some("paie:GESTIONNAIRE"));
    assert_eq!((back.delta, back.advice.verdict), (Delta::StillThere, Verdict::Revoke));
    let again = line(&review, "paie:P005", Some("paie:VALIDEUR"));
    assert_eq!((again.sheet, again.delta), (Sheet::Privileged, Delta::Unchanged));
    assert!(again.advice.reasons.contains(&Reason::JustifyAgain));
    let orphan = line(&review, "paie:orph", Some("paie:GESTIONNAIRE"));
    assert_eq!(orphan.advice.reasons, [Reason::Disabled, Reason::Orphan].into_iter().rev().collect::<Vec<_>>());
    let service = line(&review, "annuaire:svc-1", Some("annuaire:Admins du domaine"));
    assert_eq!(service.sheet, Sheet::Service);
    assert!(service.advice.reasons.contains(&Reason::Flagged) && service.advice.reasons.contains(&Reason::Unjustified));
    assert_eq!(line(&review, "dossiers:nu", None).delta, Delta::NoBaseline);
}

#[test]
fn a_lagging_date_must_be_older_and_silence_is_not_inactivity() {
    let mut world = World::empty();
    world.people.push(person("P1", "Zoé Müller"));
    // 190 days before as_of: over the 180 of the threshold, under the 194 that a lag of 14 days asks for.
    for (name, precision) in [("a", "exact"), ("b", "days_14"), ("c", "coarse"), ("d", "none")] {
        let mut one = account("s", name, name);
        one.person_id = Some("rh:P1".into());
        one.link_status = "definite".into();
        one.last_login_at = (precision != "none").then(|| at(date(2026, 5, 17)));
        one.last_login_precision = precision.into();
        world.accounts.push(one);
    }
    let mut config = config();
    config.fallback_reviewer = None;
    let review = open(&config, &world.records()).unwrap();
    let advice = |name: &str| line(&review, &format!("s:{name}"), None).advice.clone();
    let dormant = |precision| vec![Reason::Dormant { since: date(2026, 5, 17), precision }];
    assert_eq!((advice("a").verdict, advice("a").reasons), (Verdict::Revoke, dormant(Precision::Exact)));
    assert_eq!((advice("b").verdict, advice("b").reasons), (Verdict::Keep, vec![]));
    assert_eq!((advice("c").verdict, advice("c").reasons), (Verdict::Examine, dormant(Precision::Coarse)));
    assert_eq!((advice("d").verdict, advice("d").reasons), (Verdict::Keep, vec![]));
    let refused: BTreeSet<_> = review.unassigned.iter().flat_map(|u| u.refused.clone()).collect();
    assert_eq!((review.unassigned.len(), refused.len()), (4, 0), "no manager, no owner, no fallback: shown, not dropped");
}

#[test]
fn who_alone_could_decide_on_their_own_access_is_shown_as_unassigned() {
    let mut world = World::empty();
    world.people.push(person("P1", "Zoé Müller"));
    let mut own = account("s", "1", "zmuller");
    own.emails = vec!["p1@agence.example".into()]; // not linked, yet hers
    world.accounts.push(own);
    let mut config = config();
    config.fallback_reviewer = Some("p1@AGENCE.example".to_owned());
    let review = open(&config, &world.records()).unwrap();
    assert!(review.books.is_empty());
    assert_eq!(review.unassigned[0].refused, [("rh:P1", Refusal::OwnAccess)]);
}

#[test]
fn a_line_manager_judges_sure_accounts_of_people_and_no_service_account() {
    let mut world = World::empty();
    world.people = vec![person("P1", "Zoé Müller"), person("P2", "Noël Côté")];
    world.people[0].manager_id = Some("rh:P2".into());
    for (name, kind, link) in [("own", "human", "definite"), ("guess", "human", "candidate"), ("svc", "service", "definite")] {
        let mut one = account("s", name, name);
        (one.kind, one.link_status) = (kind.into(), link.into());
        one.person_id = Some("rh:P1".into());
        world.accounts.push(one);
    }
    let mut config = config();
    config.fallback_reviewer = None;
    let review = open(&config, &world.records()).unwrap();
    assert_eq!([reviewer(&review, "s:own"), reviewer(&review, "s:guess"), reviewer(&review, "s:svc")], ["P2", "nobody", "nobody"]);
}

#[test]
fn totals_name_what_lies_outside_and_ways_are_merged() {
    let mut world = World::empty();
    world.people.push(person("P001", "Zoé Müller"));
    world.accounts = vec![account("s", "1", "a"), account("t", "2", "b"), account("s", "3", "c")];
    world.accounts[2].enabled = Some(false);
    let nested =
        |via: &str| probant::snapshot::schema::Grant { direct: false, via: Some(via.to_owned().into()), ..grant("s:1", "s:r") };
    world.grants = vec![nested("B > C"), grant("s:1", "s:r"), nested("A"), grant("t:2", "t:r"), grant("s:lost", "s:r")];
    let mut config = config();
    config.systems = vec!["s".to_owned(), "u".to_owned()];
    config.disabled_accounts = false;
    let review = open(&config, &world.records()).unwrap();
    let totals = &review.totals;
    assert_eq!((totals.lines, totals.assigned, totals.grants_merged), (1, 1, 2));
    assert_eq!((totals.grants_out_of_scope, totals.grants_without_account, totals.accounts_disabled_left_out), (1, 1, 1));
    assert_eq!(totals.accounts_out_of_scope["t"], 1);
    assert_eq!(totals.systems_without_account, ["u"]);
    let only = line(&review, "s:1", Some("s:r"));
    assert_eq!((only.direct, only.via.clone()), (true, vec!["A", "B > C"]));
    assert!(only.entitlement.is_none());
}

#[test]
fn a_right_that_hardly_any_colleague_holds_is_to_be_examined() {
    let mut world = World::empty();
    for index in 0..25 {
        let mut someone = person(&format!("P{index:03}"), "X");
        someone.org_unit = Some("Paie".into());
        world.people.push(someone);
        let mut one = account("s", &index.to_string(), "x");
        one.person_id = Some(format!("rh:P{index:03}").into());
        one.link_status = "definite".into();
        world.grants.push(grant(&one.account_id, if index == 3 { "s:rare" } else { "s:usual" }));
        world.accounts.push(one);
    }
    let config = config();
    let review = open(&config, &world.records()).unwrap();
    assert!(
        matches!(line(&review, "s:3", Some("s:rare")).advice.reasons[..], [Reason::Outlier(r)] if r.holders == 1 && r.accounts == 25)
    );
    assert!(line(&review, "s:4", Some("s:usual")).advice.reasons.is_empty());
}

#[test]
fn configurations_that_cannot_work_are_refused_in_words() {
    let world = World::agency();
    let mut config = config();
    config.fallback_reviewer = Some("P999".to_owned());
    let error = open(&config, &world.records()).unwrap_err();
    assert!(error.to_string().contains("review.fallback_reviewer names `P999`, who is not in the roster"), "{error}");
    config.fallback_reviewer = Some("P020".to_owned());
    assert!(matches!(open(&config, &world.records()), Err(ReviewError::FallbackLeft(_))));
    config.fallback_reviewer = None;
    config.langs.insert("P004".to_owned(), Lang::En);
    let review = open(&config, &world.records()).unwrap();
    assert_eq!((book_of(&review, "P004").lang, book_of(&review, "P002").lang), (Lang::En, Lang::Fr));

    let mut twice = World::agency();
    twice.accounts.push(twice.accounts[0].clone());
    let error = open(&config, &twice.records()).unwrap_err().to_string();
    assert!(error.contains("the account `annuaire:P000` twice"), "{error}");
}

/// Any shape of organisation: managers in circles, owners who do not exist, accounts linked to anyone.
fn worlds() -> impl Strategy<Value = World> {
    let who = || proptest::option::of(0..8_usize);
    let people = proptest::collection::vec((who(), any::<bool>()), 1..8);
    let accounts = proptest::collection::vec((0..6_usize, who(), who(), who(), 0..3_usize), 0..12);
    let grants = proptest::collection::vec((0..14_usize, 0..4_usize, any::<bool>()), 0..30);
    let assets = proptest::collection::vec((0..3_usize, who(), who()), 0..4);
    (people, accounts, grants, assets).prop_map(|(people, accounts, grants, assets)| {
        let id = |n: usize| format!("rh:P{n:03}").into();
        let mut world = World::empty();
        for (index, (manager, left)) in people.iter().enumerate() {
            let mut one = person(&format!("P{index:03}"), "X");
            one.manager_id = manager.map(id);
            one.status = if *left && index != 1 { "left" } else { "active" }.into();
            world.people.push(one);
        }
        for (index, (kind, linked, owner, mail, system)) in accounts.into_iter().enumerate() {
            let mut one = account(&format!("s{system}"), &index.to_string(), "x");
            one.kind = ["human", "service", "shared", "system", "break_glass", "unknown"][kind].into();
            one.person_id = linked.map(id);
            one.link_status = if linked.is_some() { ["definite", "candidate"][index % 2] } else { "none" }.into();
            one.owner_id = owner.map(id);
            one.emails = mail.map(|n| format!("p{n:03}@agence.example").into()).into_iter().collect();
            world.accounts.push(one);
        }
        for (account, right, direct) in grants {
            let held_by = world.accounts.get(account).map_or("lost:1".into(), |a| a.account_id.clone());
            world.grants.push(probant::snapshot::schema::Grant { direct, ..grant(&held_by, &format!("r:{right}")) });
        }
        for (index, (system, owner, technical)) in assets.into_iter().enumerate() {
            world.assets.push(probant::snapshot::schema::Asset {
                asset_id: format!("a:{index}").into(),
                system: Some(format!("s{system}").into()),
                owner_id: owner.map(id),
                technical_owner_id: technical.map(id),
                ..Default::default()
            });
        }
        world
    })
}

proptest! {
    #[test]
    fn nobody_ever_reviews_themself_and_nothing_is_lost(world in worlds(), fallback in any::<bool>()) {
        let mut config = config();
        config.fallback_reviewer = (fallback && world.people.len() > 1).then(|| "P001".to_owned());
        let review = open(&config, &world.records()).unwrap();
        let mut ids = BTreeSet::new();
        for book in &review.books {
            let me = &book.reviewer.person_id;
            prop_assert!(book.reviewer.status != "left");
            for assigned in &book.lines {
                let account = assigned.line.account;
                prop_assert!(account.person_id.as_ref() != Some(me), "linked to the reviewer");
                prop_assert!(account.owner_id.as_ref() != Some(me), "owned by the reviewer");
                prop_assert!(!account.emails.iter().any(|e| book.reviewer.emails.contains(e)), "the reviewer's address");
                prop_assert!(ids.insert(assigned.line.item_id.clone()), "a line twice");
            }
        }
        for unassigned in &review.unassigned {
            prop_assert!(ids.insert(unassigned.line.item_id.clone()), "a line twice");
        }
        // Counted here in another way: distinct pairs of known accounts, and accounts that hold nothing.
        let known: BTreeSet<_> = world.accounts.iter().map(|a| &a.account_id).collect();
        let pairs: BTreeSet<_> =
            world.grants.iter().filter(|g| known.contains(&g.account_id)).map(|g| (&g.account_id, &g.entitlement_id)).collect();
        let holders: BTreeSet<_> = pairs.iter().map(|(account, _)| *account).collect();
        prop_assert_eq!(ids.len(), pairs.len() + known.len() - holders.len());
        prop_assert_eq!(review.totals.lines, ids.len() as u64);
        prop_assert_eq!(review.totals.assigned + review.totals.unassigned, review.totals.lines);
    }
}

#[test]
fn a_right_that_was_seen_gone_and_is_held_again_says_so() {
    let mut world = World::agency();
    world.remediations = vec![Remediation {
        campaign_id: "2025-T4".into(),
        account_id: "paie:P007".into(),
        entitlement_id: Some("paie:GESTIONNAIRE".into()),
        status: "reappeared".into(),
        observed_at: Some(at(date(2026, 3, 12))),
        ..Remediation::default()
    }];
    let config = config();
    let review = open(&config, &world.records()).unwrap();
    let back = line(&review, "paie:P007", Some("paie:GESTIONNAIRE"));
    assert_eq!(back.advice.verdict, Verdict::Revoke);
    let said = |lang| reasons(back, &back.advice, lang);
    assert!(said(Lang::Fr).contains("Avait été retiré (2025-T4, suivi au 12/03/2026) et est revenu"), "{}", said(Lang::Fr));
    assert!(said(Lang::En).contains("Seen gone on 2026-03-12 (2025-T4), and is back"), "{}", said(Lang::En));
}

#[test]
fn what_asks_for_attention_comes_first_group_by_group() {
    let world = World::agency();
    let config = config();
    let review = open(&config, &world.records()).unwrap();
    for book in &review.books {
        for sheet in book.lines.chunk_by(|a, b| a.line.sheet == b.line.sheet) {
            let groups: Vec<_> = sheet.chunk_by(|a, b| together(&a.line, &b.line, GroupBy::Person)).collect();
            let worst: Vec<Verdict> = groups.iter().map(|g| g.iter().map(|a| a.line.advice.verdict).max().unwrap()).collect();
            assert!(worst.is_sorted_by(|a, b| a >= b), "{worst:?}");
            assert!(groups.iter().all(|g| g.is_sorted_by(|a, b| a.line.advice.verdict >= b.line.advice.verdict)));
            // Nobody stands in two places of one sheet.
            let people: Vec<_> = groups.iter().filter_map(|g| g[0].line.person.or(g[0].line.owner)).map(|p| &p.person_id).collect();
            assert_eq!(people.len(), people.iter().collect::<BTreeSet<_>>().len());
        }
    }
}

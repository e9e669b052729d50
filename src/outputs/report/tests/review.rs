//! What the report says of access reviews.

use std::collections::BTreeMap;

use super::sample::{HOSTILE, assessment};
use super::seen;
use crate::lang::{Both, Lang};
use crate::outputs::report::{CampaignState, ReportLinks, render};
use crate::review::record::choice::Choice;
use crate::review::record::decisions::Tally;
use crate::review::remediation::{FollowUp, Followed, State};
use crate::review::underway::status::{Progress, Reply, Signal, Status};

fn campaign(closed: bool) -> CampaignState {
    let head = r#"{"format": "probant.campaign.v1", "id": "2026-T4", "kind": "privileged", "organisation": "A", "contact": "c",
        "zone": "Europe/Paris", "lang": "fr", "opened_at": "2026-10-01T08:00:00Z", "opened_by": "camille", "snapshot_id": "s1",
        "due": "2026-10-04", "no_answer": null, "systems": [], "sources": [], "waivers": [], "reviewers": [], "owners": {}, "removed": 0,
        "totals": {"accounts_seen": 1, "accounts_out_of_scope": {}, "accounts_disabled_left_out": 0, "accounts_without_right": 0,
        "grants_seen": 4, "grants_out_of_scope": 0, "grants_without_account": 0, "grants_merged": 0, "lines": 4, "assigned": 4,
        "unassigned": 0, "systems_without_account": []}, "items_sha256": "abc", "tool_version": "0"}"#;
    let totals = Tally { items: 1234, decided: 1230, keep: 1200, revoke: 20, modify: 10, refused: 3, no_answer: 1 };
    let status = Status {
        format: "probant.review-status.v1",
        campaign: "2026-T4".into(),
        due: jiff::civil::date(2026, 10, 4),
        late: !closed,
        days_left: -1,
        closed_at: closed.then(|| "2026-10-05T07:00:00Z".parse().unwrap()),
        totals,
        unassigned: 0,
        reviewers: vec![Progress {
            id: "rh:1".into(),
            name: HOSTILE.into(),
            tally: totals,
            signed: false,
            late: true,
            state: Reply::Late,
        }],
        systems: vec![Progress {
            id: "AD".into(),
            name: "AD".into(),
            tally: totals,
            signed: false,
            late: true,
            state: Reply::Late,
        }],
        signals: vec![Signal::AllKept { reviewer: HOSTILE.into(), kept: 9, decided: 9 }],
        requests: 0,
        abandoned: None,
        moved: vec![],
    };
    let task = Followed {
        item_id: "2026-T4-1".into(),
        system: "AD".into(),
        owner: None,
        account_id: "AD:1".into(),
        entitlement_id: None,
        title: HOSTILE.into(),
        choice: Choice::Revoke,
        change: None,
        privileged: Some(true),
        requested_at: "2026-10-05T07:00:00Z".parse().unwrap(),
        due: jiff::civil::date(2026, 10, 8),
        state: State::NotObservable,
        observed_at: None,
        working_days: 11,
        late: true,
        why: Some(Both { fr: "ad : collecte incomplète".into(), en: "ad: incomplete".into() }),
        superseded_by: None,
        seen: vec![],
    };
    let follow_up = FollowUp {
        format: "probant.follow-up.v1".into(),
        campaign: "2026-T4".into(),
        today: jiff::civil::date(2026, 10, 20),
        snapshots: vec!["s2".into()],
        totals: BTreeMap::from([(State::NotObservable, 1)]),
        late: 1,
        tasks: vec![task],
    };
    CampaignState { head: serde_json::from_str(head).unwrap(), status, follow_up: closed.then_some(follow_up) }
}

#[test]
fn a_review_shows_its_sum_who_is_late_and_what_was_not_removed() {
    let page = |closed: bool, lang| {
        let links = ReportLinks { campaigns: vec![campaign(closed)], ..ReportLinks::default() };
        render(&assessment(), lang, &links).unwrap()
    };
    let open = seen(&page(false, Lang::Fr));
    assert!(open.contains("1\u{202f}234 lignes = 1\u{202f}230 décidées (1\u{202f}200 conservées + 20 à révoquer + 10 à modifier) + 3 refusées + 1 sans réponse."), "{open}");
    assert!(open.contains("droits privilégiés · en retard") && open.contains("04/10/2026") && open.contains("pas encore"));
    let closed = page(true, Lang::En);
    let text = seen(&closed);
    assert!(
        text.contains("1 tasks = 1 ? not observable. 1 late.")
            && text.contains("ad: incomplete")
            && text.contains("2026-10-08 ✗ late"),
        "{text}"
    );
    assert_eq!(closed.matches("<script").count(), 1, "only the page's own");
    assert!(!closed.contains("\" onmouseover"), "no attribute can be opened");
}

#[test]
fn without_any_review_that_is_said() {
    let text = seen(&render(&assessment(), Lang::Fr, &ReportLinks::default()).unwrap());
    assert!(text.contains("Aucune campagne de revue des accès"), "{text}");
}

//! Pages that are missing, cut, hostile or real.

use proptest::prelude::*;

use super::*;

#[test]
fn missing_pages_are_noticed() {
    let at = |start: u64, total: u64, count: u64| {
        let issues: Vec<Value> = (start..start + count).map(|n| issue(&format!("P-{n}"), "new", json!({}))).collect();
        json!({ "startAt": start, "maxResults": 2, "total": total, "issues": issues }).to_string().into_bytes()
    };
    let run = |pages: &[Vec<u8>]| {
        let names: Vec<String> = (0..pages.len()).map(|n| format!("{n}.json")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(String::as_str).zip(pages.iter().map(Vec::as_slice)).collect();
        let reading = harvest(INCIDENTS, &files).0.unwrap();
        (reading.server_count, reading.incomplete)
    };
    assert_eq!(run(&[at(2, 5, 2), at(0, 5, 2), at(4, 5, 1)]), (Some(5), None));
    assert_eq!(run(&[at(0, 5, 2), at(4, 5, 1)]), (Some(5), Some("issues 3 to 4 of 5 are missing (startAt=2)".into())));
    assert_eq!(run(&[at(0, 5, 2)]), (Some(5), Some("issues 3 to 5 of 5 are missing (startAt=2)".into())));
    // Two searches, one after the other, and two pages in one file.
    assert_eq!(run(&[at(0, 2, 2), at(0, 3, 2), at(2, 3, 1)]), (Some(5), None));
    assert_eq!(run(&[[at(0, 4, 2), b"\n".to_vec(), at(2, 4, 2)].concat()]), (Some(4), None));

    let token = |last: bool| {
        json!({ "issues": [issue("T-1", "new", json!({}))], "isLast": last, "nextPageToken": (!last).then_some("x") })
            .to_string()
            .into_bytes()
    };
    assert_eq!(run(&[token(false), token(true)]), (None, None));
    assert!(run(&[token(false)]).1.unwrap().contains("no page says isLast"));
    assert_eq!(run(&[json!([issue("T-1", "new", json!({}))]).to_string().into_bytes()]), (None, None));
}

#[test]
fn a_cut_page_keeps_what_came_before_and_says_so() {
    let whole = page(&[issue("K-1", "new", json!({})), issue("K-2", "new", json!({}))]).to_string();
    let cut = &whole[..whole.len() - 60];
    let (reading, kept, _) = harvest(INCIDENTS, &[("page.json", cut.as_bytes())]);
    let reading = reading.unwrap();
    assert_eq!((reading.rows_seen, reading.rows_kept, kept.incidents.len()), (2, 1, 1));
    assert!(kept.rejects[0].1.contains("page.json: the issue cannot be read"), "{:?}", kept.rejects);
    assert!(reading.incomplete.unwrap().contains("export that page again"));
}

#[test]
fn what_is_no_page_is_said_to_be_so() {
    let deep = format!("{{\"issues\":{}", "[".repeat(100_000));
    for (bytes, word) in [
        ("<html>Log in</html>", "is not a page of issues"),
        ("", "is empty"),
        ("{\"values\":[{}]}", "JSON without `issues`"),
        (
            "{\"errorMessages\":[\"The value 'X' does not exist for the field 'project'.\"],\"errors\":{}}",
            "The value 'X' does not exist",
        ),
        ("PK\u{3}\u{4}\0\0", "is binary"),
        ("{\"issues\": 12}", "is not a page of issues"),
        (&deep, "is not a page of issues"),
        ("{\"issues\": [", "is not a page of issues"),
    ] {
        let error = harvest(INCIDENTS, &[("page.json", bytes.as_bytes())]).0.unwrap_err().to_string();
        assert!(error.contains(word) && error.contains("page.json"), "{bytes:.40}: {error}");
    }
    let error = harvest("record = 'changes'\n[statuses]\nClos = 'closed'\n", &[("page.json", b"{}")]).0.unwrap_err().to_string();
    assert!(error.contains("\"Clos\" = \"closed\" is no status of Changes") && error.contains("awaiting_approval"), "{error}");
}

#[test]
fn an_endless_issue_is_refused_without_being_held() {
    let mut bytes = format!("{{\"issues\":[{},{{\"key\":\"", issue("K-1", "new", json!({}))).into_bytes();
    bytes.resize(40 * 1024 * 1024, b'x');
    let (reading, kept, capture) = harvest(INCIDENTS, &[("page.json", &bytes)]);
    assert_eq!((reading.unwrap().rows_seen, kept.rejects.len(), capture.len()), (2, 1, bytes.len()));
    assert!(kept.rejects[0].1.contains("longer than 16 MiB"), "{:?}", kept.rejects);
}

#[test]
fn real_pages_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/jira");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not here", folder.display());
        return;
    }
    let (reading, kept, _) = harvest_in("files = ['jira_issues_page_*.json']\nrecord = 'incidents'\n", folder.clone());
    let reading = reading.unwrap();
    assert_eq!((reading.rows_seen, reading.rows_kept, reading.pages, reading.incomplete), (3, 3, 2, None), "{:?}", kept.rejects);
    assert!(kept.incidents.iter().all(|i| i.opened.is_some() && i.assignee.is_some()));
    let (reading, kept, _) = harvest_in("files = ['issues_in_sprint.json']\nrecord = 'incidents'\n", folder.clone());
    let reading = reading.unwrap();
    assert_eq!((reading.rows_seen, kept.incidents.len() + kept.rejects.len(), reading.server_count), (1, 1, Some(10)));
    assert_eq!(reading.incomplete.as_deref(), Some("issues 2 to 10 of 10 are missing (startAt=1)"));
    let error = harvest_in("files = ['search_filters.json']\nrecord = 'incidents'\n", folder).0.unwrap_err().to_string();
    assert!(error.contains("JSON without `issues`"), "{error}");
}

proptest! {
    #[test]
    fn any_bytes_add_up(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let _ = harvest(INCIDENTS, &[("page.json", &bytes)]);
    }

    /// Damage anywhere in a good page (the arithmetic is asserted in `harvest`).
    #[test]
    fn damage_adds_up(at in 0usize..3000, cut in 0usize..300, with in "[\\[\\]{}\",:0-9a-z]{0,6}") {
        let text = page(&[issue("K-1", "new", json!({})), issue("K-2", "done", json!({})), issue("K-3", "?", json!({}))]).to_string();
        let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let damaged = format!("{}{with}{}", &text[..floor(at)], &text[floor(at + cut)..]);
        let _ = harvest(CHANGES, &[("page.json", damaged.as_bytes())]);
    }
}

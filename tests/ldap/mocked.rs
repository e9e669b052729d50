//! What a harvest must withstand: parts, odd paging, cuts, silence, lies and malice.

use std::time::Duration;

use crate::mock::{Entry, Manners, entry, start, tlv};
use crate::support::{Harvested, harvest, refused};

const BASE: &str = "dc=x";

fn person(n: usize) -> Entry {
    let (dn, uid, id) = (format!("uid=u{n},{BASE}"), format!("u{n}"), format!("00000000-0000-4000-8000-{n:012}"));
    entry(&dn, &[("objectClass", &["person"]), ("uid", &[&uid]), ("entryUUID", &[&id]), ("mail", &[&format!("{uid}@example.org")])])
}

fn group(name: &str, members: impl Iterator<Item = usize>) -> Entry {
    let members: Vec<String> = members.map(|n| format!("uid=u{n},{BASE}")).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    entry(&format!("cn={name},{BASE}"), &[("objectClass", &["groupOfNames"]), ("cn", &[name]), ("member", &members)])
}

/// `people` people, all of them in one group.
fn directory(people: usize) -> Manners {
    let mut entries: Vec<Entry> = vec![entry(BASE, &[("objectClass", &["domain"])])];
    entries.extend((0..people).map(person));
    entries.push(group("all", 0..people));
    Manners {
        root: [
            ("namingContexts", vec![BASE.to_owned()]),
            ("supportedControl", vec!["1.2.840.113556.1.4.319".to_owned()]),
            ("objectClass", vec!["OpenLDAProotDSE".to_owned()]),
        ]
        .into(),
        entries,
        ..Manners::default()
    }
}

fn assert_whole(got: &Harvested, people: usize) {
    assert_eq!(got.incomplete(), "complete");
    assert_eq!(got.rows("accounts").len(), people);
    assert_eq!(got.rows("grants").len(), people);
    assert_eq!(got.reading.rows_seen, people as u64 + 2);
}

#[test]
fn members_given_in_parts_are_read_to_the_end() {
    let server = start(Manners { part: Some(1500), ..directory(4001) });
    let got = harvest(&server.url()).unwrap();
    assert_whole(&got, 4001);
    assert_eq!(got.reading.details["entries_in_parts"], 1);
    assert!(!String::from_utf8_lossy(&got.capture).contains(";range="), "the capture holds them together");
    got.assert_capture_reads_back("");
}

#[test]
fn pages_smaller_than_asked_for_are_followed() {
    let server = start(Manners { max_page: Some(7), ..directory(100) });
    let got = harvest(&server.url()).unwrap();
    assert_whole(&got, 100);
    assert_eq!(got.reading.pages, 15);
    assert_eq!(got.reading.server_count, Some(102));
}

#[test]
fn a_server_that_pages_only_below_its_limit() {
    let mut manners = Manners { paging_below: Some(500), ..directory(1200) };
    manners.root.insert("vendorName", vec!["International Business Machines (IBM)".to_owned()]);
    let server = start(manners);
    let got = harvest(&server.url()).unwrap();
    assert_whole(&got, 1200);
    assert_eq!((got.reading.query["flavour"].as_str(), got.reading.query["page_size"].as_i64()), (Some("ibm"), Some(400)));
    // Somebody who knows better is put right, and told.
    let got = harvest(&format!("{}page_size = 1000", server.url())).unwrap();
    assert_whole(&got, 1200);
    assert!(got.reading.query["limits_met"][0].as_str().unwrap().contains("pages of 1000 are too large (result 4"));
}

/// Where to cut: everywhere in the beginning, then at points that look random and are not.
fn points() -> impl Iterator<Item = usize> {
    let mut state = 27001_u64;
    [0, 1, 2, 150, 300, 301, 302, 303].into_iter().chain(std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % 60_000
    }))
}

#[test]
fn a_cut_connection_is_never_a_short_answer() {
    let mut partly = 0;
    for after in points().take(60) {
        // All connections are cut, so the count cannot save it either.
        let server = start(Manners { cut: Some((usize::MAX, after)), max_page: Some(100), ..directory(500) });
        match harvest(&format!("{}retries = 0\ncount = false", server.url())) {
            Err(error) => assert!(error.to_string().contains("the connection broke"), "{after}: {error}"),
            Ok(got) => {
                partly += 1;
                let why = got.incomplete();
                assert!(
                    why.contains("dc=x: the connection broke") && why.contains("the rest is missing"),
                    "{after}: {} rows, {why}",
                    got.reading.rows_seen
                );
                assert!(got.reading.rows_seen < 502, "{after}");
                got.assert_capture_reads_back("");
            }
        }
    }
    assert!(partly > 30, "most cuts fell into the search: {partly}");
}

#[test]
fn a_base_whose_connection_broke_is_read_again_from_its_beginning() {
    let whole = harvest(&start(Manners { max_page: Some(100), ..directory(500) }).url()).unwrap();
    std::thread::scope(|scope| {
        for after in points().skip(8).take(12).chain([400]) {
            let whole = &whole;
            scope.spawn(move || {
                let server = start(Manners { cut: Some((1, after)), max_page: Some(100), ..directory(500) });
                let got = harvest(&server.url()).unwrap();
                assert_whole(&got, 500);
                assert!(got.tables == whole.tables, "{after}: nothing twice, nothing missing");
                assert!(
                    got.capture[got.capture.len() / 2..] == whole.capture[whole.capture.len() / 2..],
                    "{after}: nothing of the first try in the capture"
                );
                assert_eq!(got.reading.details["reconnects"], 1);
                assert!(server.connections() >= 2);
            });
        }
    });
}

#[test]
fn what_was_read_ahead_of_a_cut_is_forgotten() {
    // Large enough to be looked at long before the cut; groups first, so that their rights were waiting by then.
    let large = || {
        let mut manners = Manners { max_page: Some(1000), ..directory(8000) };
        manners.entries.splice(1..1, (0..300).map(|n| group(&format!("g{n}"), n..n + 3)));
        manners
    };
    let whole = harvest(&start(large()).url()).unwrap();
    assert_eq!((whole.rows("entitlements").len(), whole.rows("accounts").len()), (301, 8000));
    for after in [600_000, 1_200_000] {
        let server = start(Manners { cut: Some((1, after)), ..large() });
        let got = harvest(&server.url()).unwrap();
        assert_eq!((got.incomplete(), got.reading.details["reconnects"]), ("complete", 1));
        assert!(got.tables == whole.tables, "{after}: nothing twice, nothing missing");
        let body = |got: &Harvested| got.capture.splitn(3, |byte| *byte == b'\n').nth(2).unwrap().to_vec();
        assert!(body(&got) == body(&whole), "{after}: nothing of the first try in the capture");
    }
}

#[test]
fn a_silent_server_is_taken_for_dead() {
    let server = start(Manners { pause: Duration::from_secs(30), ..directory(1) });
    let message = refused(&format!("{}timeout = 1\nretries = 5", server.url()));
    assert!(message.contains("the server was silent for 1 seconds"), "{message}");
    assert_eq!(server.connections(), 1, "silence is not tried again");
}

#[test]
fn a_slow_server_is_waited_for() {
    let server = start(Manners { pause: Duration::from_millis(300), max_page: Some(3), ..directory(9) });
    assert_whole(&harvest(&format!("{}timeout = 1", server.url())).unwrap(), 9);
}

#[test]
fn counts_that_do_not_tie_are_said() {
    let server = start(Manners { hidden: 3, ..directory(20) });
    let got = harvest(&server.url()).unwrap();
    assert_eq!(got.reading.server_count, Some(25));
    assert!(got.incomplete().contains("the server counted 25 entries just after giving 22"), "{}", got.incomplete());
    assert_eq!(harvest(&format!("{}count = false", server.url())).unwrap().incomplete(), "complete");
}

#[test]
fn hostile_answers_end_the_harvest_and_nothing_else() {
    let id = [2, 1, 3];
    let mut deep = tlv(4, &[b"x"]);
    for _ in 0..5000 {
        deep = tlv(0x30, &[&deep]);
    }
    let mut state = 1_u32;
    let garbage: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(100_000)
    .collect();
    for (what, bytes) in [
        ("a message of two gigabytes", vec![0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF, 2, 1, 3]),
        ("a message of exabytes", vec![0x30, 0x88, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ("an indefinite length", vec![0x30, 0x80, 2, 1, 3]),
        ("deep nesting", tlv(0x30, &[&id, &tlv(0x73, &[&deep])])),
        ("garbage", garbage.clone()),
        ("garbage in a message", tlv(0x30, &[&id, &tlv(0x64, &[&garbage])])),
        ("another protocol", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        ("an operation that no server sends", tlv(0x30, &[&id, &tlv(0x6E, &[])])),
        ("a result that is none", tlv(0x30, &[&id, &tlv(0x65, &[&[2, 1, 0]])])),
        ("an entry without attributes", tlv(0x30, &[&id, &tlv(0x64, &[&tlv(4, &[b"dc=x"])])])),
        ("an entry of another search", tlv(0x30, &[&[2, 1, 99], &tlv(0x64, &[&tlv(4, &[b"dc=x"]), &tlv(0x30, &[])])])),
        (
            "an attribute with a line break",
            tlv(
                0x30,
                &[
                    &id,
                    &tlv(
                        0x64,
                        &[&tlv(4, &[b"dc=x"]), &tlv(0x30, &[&tlv(0x30, &[&tlv(4, &[b"a\nuserPassword"]), &tlv(0x31, &[])])])],
                    ),
                ],
            ),
        ),
        (
            "a paging control that is none",
            tlv(
                0x30,
                &[
                    &id,
                    &tlv(0x65, &[&[10, 1, 0], &[4, 0], &[4, 0]]),
                    &tlv(0xA0, &[&tlv(0x30, &[&tlv(4, &[b"1.2.840.113556.1.4.319"]), &tlv(4, &[b"?"])])]),
                ],
            ),
        ),
    ] {
        let server = start(Manners { instead: Some(bytes), ..directory(3) });
        let why = refused(&format!("{}timeout = 3", server.url()));
        assert!(why.contains("no entry came") && (why.contains("the server sent ") || why.contains("was silent")), "{what}: {why}");
        assert_eq!(server.connections(), 1, "{what}: not tried again");
    }
}

#[test]
fn empty_pages_without_end_are_not_followed_for_ever() {
    let why = refused(&start(Manners { endless: true, ..directory(3) }).url());
    assert!(why.contains("one empty page after the other"), "{why}");
}

#[test]
fn secrets_that_come_unasked_go_no_further() {
    let mut manners = directory(2);
    manners.entries[1].attributes.push(("userPassword".to_owned(), vec![b"{SSHA}hash".to_vec()]));
    let got = harvest(&start(manners).url()).unwrap();
    assert_whole(&got, 2);
    let capture = String::from_utf8_lossy(&got.capture);
    assert!(capture.contains("userPassword: [redacted]") && !capture.contains("hash"), "{capture}");
    assert_eq!(got.reading.details["secrets_redacted"], 1);
}

#[test]
fn a_disconnecting_server_is_quoted() {
    let notice = tlv(
        0x30,
        &[&[2, 1, 0], &tlv(0x78, &[&[10, 1, 52], &[4, 0], &tlv(4, &[b"shutting down"])]), &tlv(0x8A, &[b"1.3.6.1.4.1.1466.20036"])],
    );
    let why = refused(&format!("{}retries = 0", start(Manners { instead: Some(notice), ..directory(1) }).url()));
    assert!(why.contains("the server disconnects us, \"shutting down\""), "{why}");
}

#[test]
fn references_are_recorded_and_by_choice_followed() {
    let mut other = directory(0);
    other.entries = vec![entry("dc=y,dc=x", &[("objectClass", &["domain"])]), {
        let mut person = person(7);
        person.dn = "uid=u7,dc=y,dc=x".to_owned();
        person
    }];
    let there = start(other);
    let here = start(Manners { reference: Some(format!("ldap://127.0.0.1:{}/dc=y,dc=x??sub", there.port)), ..directory(5) });
    let got = harvest(&here.url()).unwrap();
    assert_whole(&got, 5);
    assert_eq!((got.reading.details["references"], there.connections()), (1, 0));
    let got = harvest(&format!("{}referrals = 'follow'\ncount = false", here.url())).unwrap();
    assert_eq!((got.incomplete(), got.rows("accounts").len(), there.connections()), ("complete", 6, 1));
    // A reference that cannot be followed makes the harvest a part.
    let here = start(Manners { reference: Some("ldap://no-such-host.invalid/dc=y,dc=x".to_owned()), ..directory(5) });
    let got = harvest(&format!("{}referrals = 'follow'\nretries = 0", here.url())).unwrap();
    assert!(
        got.incomplete().contains("behind the reference ldap://no-such-host.invalid")
            && got.incomplete().contains("cannot be resolved"),
        "{}",
        got.incomplete()
    );
    assert_eq!(got.rows("accounts").len(), 5);
}

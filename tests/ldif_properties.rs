//! Directory exports, whatever they hold: nothing panics, every row is accounted for, no secret gets through, and the way a text is
//! folded or encoded changes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod ldif_support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ldif_support::{Rows, harvest_bytes, request};
use probant::sources::directory::{Options, Room, Told, dn};
use probant::sources::ldif::read_bytes;
use proptest::prelude::*;

/// Seen, kept, rejected; `None` when the file as a whole is refused.
fn read(bytes: &[u8]) -> Option<(u64, u64, u64)> {
    let mut rows = Rows::default();
    let told = read_bytes(bytes, &request(), &Options::default(), &mut rows).ok()?;
    Some((told.rows_seen, told.rows_kept, rows.rejects.len() as u64))
}

/// All that is read when so many notes of a kind wait in memory: tables, rejects, counts, notes.
fn with_room(text: &str, room: Room) -> (Rows, Told) {
    let mut rows = Rows::default();
    let told = read_bytes(text.as_bytes(), &request(), &Options { room, ..Options::default() }, &mut rows).unwrap();
    (rows, told)
}

/// An entry of a small directory in which much names each other, some of it twice and some of it nowhere.
fn entry() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        "member: (uid=[a-h],ou=p|cn=[0-4],ou=g),dc=x\n",
        "member: cn=S-1-5-[0-9],CN=ForeignSecurityPrincipals,dc=x\n",
        "memberUid: [a-h]\n",
        Just("member: nobody\n".to_owned()),
        "member:: [A-Z]{3}\n",
    ];
    let members = proptest::collection::vec(member, 0..8).prop_map(|all| all.concat());
    let person = (
        "uid=[a-h],ou=p,dc=x\nobjectClass: account\nuid: [a-h]\n",
        "(entryUUID: 0000000[0-9]-0000-0000-0000-000000000000\n)?",
        "(memberOf: cn=[0-6],ou=g,dc=x\n)?(mail:: \\*\n)?",
    );
    prop_oneof![
        2 => person.prop_map(|(head, id, rest)| format!("dn: {head}{id}{rest}\n")),
        1 => ("cn=[0-4],ou=g,dc=x\nobjectClass: (groupOfNames|posixGroup)\n(memberOf: cn=[3-6],ou=g,dc=x\n)?", members).prop_map(|(head, members)| format!("dn: {head}{members}\n")),
    ]
}

/// Lines that an export may hold, and some it may not.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "dn: (uid|cn)=[a-e],dc=x",
        "dn:: [A-Za-z0-9+/=]{0,12}",
        "(objectClass|OBJECTCLASS): (account|groupOfNames|posixGroup|user|computer|pwdPolicy)",
        "(member|uniqueMember|memberOf): (uid|cn)=[a-e],dc=x",
        "(uid|memberUid|gidNumber|primaryGroupID): [a-e0-9]{1,3}",
        "(entryUUID|objectGUID|objectSid|nsUniqueId)::? ?[0-9a-f-]{0,40}",
        "(pwdAccountLockedTime|accountExpires|lockoutTime|createTimestamp|maxPwdAge): -?[0-9]{0,20}Z?",
        "(userPassword|unicodePwd)(;x)?::? SECRET[a-z]{0,90}",
        " [ -~]{0,20}",
        "#[ -~]{0,20}",
        "(search|result|version|changetype): (add|[0-9])",
        "[ -~]{0,30}",
    ]
}

/// One value written in any of the ways RFC 2849 allows.
fn written(name: &str, value: &str, encoded: bool, folds: &[usize], end: &str) -> String {
    let plain = value.bytes().all(|b| (0x20..0x7f).contains(&b)) && !value.starts_with([' ', ':', '<']) && !value.ends_with(' ');
    let line = if encoded || !plain { format!("{name}:: {}", STANDARD.encode(value)) } else { format!("{name}: {value}") };
    let mut places: Vec<usize> = folds
        .iter()
        .map(|fold| 1 + fold % line.len())
        .filter(|place| line.is_char_boundary(*place) && *place < line.len())
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut folded = String::new();
    let mut start = 0;
    for place in places {
        folded.push_str(&line[start..place]);
        folded.push_str(end);
        folded.push(' ');
        start = place;
    }
    folded + &line[start..] + end
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Some((seen, kept, rejected)) = read(&bytes) {
            prop_assert_eq!(seen, kept + rejected);
        }
    }

    #[test]
    fn any_lines_are_all_accounted_for(lines in proptest::collection::vec(line(), 0..60), crlf in any::<bool>(), cut in 0_usize..4000) {
        let mut text = format!("dn: cn=first,dc=x\n\n{}", lines.join(if crlf { "\r\n" } else { "\n" }));
        text.truncate(cut.max(20));
        if let Some((seen, kept, rejected)) = read(text.as_bytes()) {
            prop_assert_eq!(seen, kept + rejected);
            prop_assert!(seen >= 1);
            let got = harvest_bytes(text.as_bytes(), "").unwrap();
            // Folds may fall into the word itself, so whole lines are looked at.
            prop_assert!(!String::from_utf8_lossy(&got.capture).lines().any(|line| line.starts_with("userPassword") && line.contains("SECRET")));
        }
    }

    #[test]
    fn folding_and_encoding_change_nothing(
        people in proptest::collection::vec(("[a-z]{1,12}", "\\PC{0,60}", "[^\\x00]{1,80}"), 1..6),
        encoded in proptest::collection::vec(any::<bool>(), 8),
        folds in proptest::collection::vec(any::<usize>(), 0..6),
        crlf in any::<bool>(),
        form in 0..4,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let write = |encoded: &[bool], folds: &[usize], end: &str| {
            let mut text = format!("version: 1{end}{end}");
            let mut flag = encoded.iter().copied().cycle();
            for (i, (uid, name, note)) in people.iter().enumerate() {
                let dn = format!("uid={uid}{i},ou=Été,dc=x");
                for (attr, value) in [("dn", dn.as_str()), ("objectClass", "inetOrgPerson"), ("uid", &format!("{uid}{i}")), ("displayName", name), ("description", note)] {
                    text += &written(attr, value, flag.next().unwrap_or_default(), folds, end);
                }
                text += end;
            }
            text
        };
        let expected = harvest_bytes(write(&[false], &[], "\n").as_bytes(), "").unwrap();
        let text = write(&encoded, &folds, end);
        let bytes = match form {
            0 => text.into_bytes(),
            1 => [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat(),
            2 => [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect(),
            _ => [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect(),
        };
        let got = harvest_bytes(&bytes, "").unwrap();
        prop_assert_eq!(got.rows("accounts").len(), people.len());
        prop_assert_eq!(&got.tables, &expected.tables);
    }

    #[test]
    fn how_much_waits_in_memory_changes_nothing(entries in proptest::collection::vec(entry(), 1..40), room in 1_usize..20) {
        let text = entries.concat();
        let (all, told) = with_room(&text, Room::default());
        let (some, told_of_some) = with_room(&text, Room(room));
        prop_assert_eq!(&all.tables, &some.tables);
        prop_assert_eq!(&all.rejects, &some.rejects);
        prop_assert_eq!(told.details, told_of_some.details);
        prop_assert_eq!(told.notes, told_of_some.notes);
        prop_assert_eq!(told.incomplete, told_of_some.incomplete);
    }

    #[test]
    fn a_comparable_name_is_its_own_comparable_name(name in "(cn|OU)=[ -~é]{1,20}(,dc=[a-z ]{1,9}){0,2}") {
        let mut once = vec![];
        if dn::normalise(name.as_bytes(), &mut once).is_ok() {
            let mut twice = vec![];
            dn::normalise(&once, &mut twice).unwrap();
            prop_assert_eq!(String::from_utf8(twice).unwrap(), String::from_utf8(once).unwrap());
        }
    }
}

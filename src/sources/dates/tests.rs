//! Every format on its own writing, and the messages of refusals.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap()
}

fn instant(format: &str, text: &str) -> String {
    let formats = DateFormat::named(format).unwrap();
    match parse(text, &formats) {
        Ok(Some(moment)) => moment.micros(&paris()).unwrap().to_string(),
        Ok(None) => "never".into(),
        Err(why) => why,
    }
}

#[test]
fn each_format_reads_its_own_writing() {
    for (format, text, expected) in [
        ("iso", "2026-11-23", "2026-11-22T23:00:00Z"),
        ("iso", "2024-12-31 22:59:59+00", "2024-12-31T22:59:59Z"),
        ("jira-rest", "2020-06-12T08:13:13.360+0800", "2020-06-12T00:13:13.36Z"),
        ("dd/mm/yyyy", "03/04/2026", "2026-04-02T22:00:00Z"),
        ("mm/dd/yyyy", "03/04/2026", "2026-03-03T23:00:00Z"),
        ("dd/mm/yyyy HH:MM", "29/2/2016 01:16", "2016-02-29T00:16:00Z"),
        ("dd/mm/yyyy HH:MM:SS", "05/01/2026 07:08:09", "2026-01-05T06:08:09Z"),
        ("d mmmm yyyy", "1 août 2026", "2026-07-31T22:00:00Z"),
        ("d mmm yyyy", "14 févr. 2026", "2026-02-13T23:00:00Z"),
        ("jira", "12/juin/20 12:05 AM", "2020-06-11T22:05:00Z"),
        ("jira", "12/Jun/20 1:05 PM", "2020-06-12T11:05:00Z"),
        ("bareos", "21-Nov-2013 17:12:28", "2013-11-21T16:12:28Z"),
        ("bareos", "2023-09-23T09:57:34+0000", "2023-09-23T09:57:34Z"),
        ("epoch", "1795428771", "2026-11-23T10:12:51Z"),
        ("epoch-ms", "1795428771500", "2026-11-23T10:12:51.5Z"),
        ("epoch", "0", "never"),
        ("excel", "46349,5", "2026-11-23T11:00:00Z"),
        ("generalized", "20261123101251Z", "2026-11-23T10:12:51Z"),
        ("generalized", "20261123101251.0+0100", "2026-11-23T09:12:51Z"),
        ("filetime", "133485408000000000", "2024-01-01T00:00:00Z"),
        ("filetime", "9223372036854775807", "never"),
        ("yyyymmdd", "20260405", "2026-04-04T22:00:00Z"),
        ("dd/mm/yyyy 'à' HH'h'MM", "23/11/2026 à 09h30", "2026-11-23T08:30:00Z"),
    ] {
        assert_eq!(instant(format, text), expected, "{format} {text}");
    }
}

#[test]
fn what_does_not_exist_or_does_not_fit_is_refused_with_the_format_expected() {
    assert_eq!(instant("dd/mm/yyyy", "31/02/2026"), "\"31/02/2026\" does not exist in the calendar; expected dd/mm/yyyy");
    assert_eq!(instant("dd/mm/yyyy", "11/23/2026"), "\"11/23/2026\" does not exist in the calendar; expected dd/mm/yyyy");
    assert_eq!(instant("iso", "23/11/2026"), "\"23/11/2026\" is not an ISO 8601 date; expected ISO 8601 (yyyy-mm-dd)");
    assert_eq!(
        instant("iso", "2026-11-23T25:00"),
        "\"2026-11-23T25:00\" does not exist in the calendar; expected ISO 8601 (yyyy-mm-dd)"
    );
    assert_eq!(instant("dd/mm/yyyy", "01/02/2026 10:00"), "\"01/02/2026 10:00\" is not such a date; expected dd/mm/yyyy");
    assert_eq!(
        instant("jira", "31/févr./26"),
        "\"31/févr./26\" does not exist in the calendar; expected d/mmm/yy h:MM a or d/mmm/yy HH:MM or d/mmm/yy"
    );
}

#[test]
fn days_and_instants_turn_into_each_other_in_the_zone() {
    let formats = DateFormat::named("iso").unwrap();
    let late = parse("2026-06-30T23:30:00Z", &formats).unwrap().unwrap();
    assert_eq!(late.day(&paris()).to_string(), "2026-07-01");
    // 2026-10-25 02:30 happens twice in Paris, 2026-03-29 02:30 never.
    assert_eq!(instant("iso", "2026-10-25T02:30"), "2026-10-25T00:30:00Z");
    assert_eq!(instant("iso", "2026-03-29T02:30"), "2026-03-29T01:30:00Z");
}

#[test]
fn a_pattern_that_cannot_be_meant_is_explained() {
    let refusal = |pattern: &str| DateFormat::named(pattern).unwrap_err();
    assert!(refusal("dd/MM/yyyy").contains("capital M the minute"));
    assert!(refusal("d/MMM/yy h:mm a").contains("says the month twice"));
    assert!(refusal("dd/mm").contains("once each"));
    assert!(refusal("jj/mm/aaaa").contains("\"jj\" in the date format"));
    assert!(refusal("dd/mm/yyyy hh:MM").contains("12-hour clock"));
}

#[test]
fn the_calendar_is_the_only_judge_of_days() {
    let formats = DateFormat::named("dd/mm/yyyy").unwrap();
    for day in 1..=31 {
        let text = format!("{day:02}/02/2028");
        assert_eq!(parse(&text, &formats).is_ok(), day <= 29, "{text}");
    }
}

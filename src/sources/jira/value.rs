//! Reading Jira's values: the same fact is a string in one field, an object in another and an array in a third.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::snapshot::value::Micros;
use crate::sources::dates::{DateFormat, Moment};

/// Levels of a rich text (Atlassian Document Format) that are read; deeper ones are decoration.
const MAX_RICH_DEPTH: usize = 32;

/// One text: of a string, number, select option, user, status, component or rich text. Several are joined by commas.
pub(super) fn text(value: &Value) -> Option<String> {
    let texts = texts(value);
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The texts of a value; an array gives one each.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(one).collect(),
        other => one(other).into_iter().collect(),
    }
}

fn one(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Object(object) if object.get("type").is_some_and(|kind| kind == "doc") => {
            let mut text = String::new();
            rich(value, &mut text, 0);
            text.trim().to_owned()
        }
        // A user, then a select option (which may have a second level), then whatever has a name or a key.
        Value::Object(object) => {
            if is_user(value) {
                return person(value);
            }
            let name = ["value", "name", "displayName", "key"].iter().find_map(|key| object.get(*key).and_then(Value::as_str))?;
            match object.get("child").and_then(|child| child.get("value")).and_then(Value::as_str) {
                Some(child) => format!("{name} / {child}"),
                None => name.to_owned(),
            }
        }
        Value::Null | Value::Array(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn is_user(value: &Value) -> bool {
    value.get("accountId").is_some() || value.get("displayName").is_some()
}

/// A person in one and the same way wherever Jira names them, so that approver and requester can be compared: the login where
/// there is one (Server, Data Center), else the display name (Cloud shows e-mail addresses of some users and not of others).
pub(super) fn person(value: &Value) -> Option<String> {
    let Value::Object(user) = value else { return one(value) };
    ["name", "displayName", "emailAddress", "accountId"]
        .iter()
        .find_map(|key| user.get(*key).and_then(Value::as_str).filter(|text| !text.trim().is_empty()))
        .map(|text| text.trim().to_owned())
}

/// The persons of a user field, a list of users, or a text cut at `;` and line ends.
pub(super) fn persons(value: &Value) -> Vec<String> {
    match value {
        Value::Array(users) => users.iter().filter_map(person).collect(),
        Value::String(text) => text.split([';', '\n']).map(str::trim).filter(|name| !name.is_empty()).map(String::from).collect(),
        other => person(other).into_iter().collect(),
    }
}

fn rich(node: &Value, text: &mut String, depth: usize) {
    if depth > MAX_RICH_DEPTH {
        return;
    }
    if let Some(words) = node.get("text").and_then(Value::as_str) {
        text.push_str(words);
    }
    for child in node.get("content").and_then(Value::as_array).into_iter().flatten() {
        rich(child, text, depth + 1);
    }
    let block = node
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|kind| matches!(kind, "paragraph" | "heading" | "hardBreak" | "listItem"));
    if block && !text.ends_with([' ', '\n']) {
        text.push(' ');
    }
}

/// How a date without time is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    Begins,
    Ends,
}

/// An instant: ISO 8601 with or without offset, a date, milliseconds since 1970, or the object in which Jira Service Management
/// says all of these at once.
pub(super) fn time(value: &Value, zone: &TimeZone, day: Day) -> Result<Option<Micros>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => match DateFormat::Iso.parse(text)? {
            Some(Moment::Day(date)) if day == Day::Ends => {
                Moment::Local(date.to_datetime(Time::constant(23, 59, 59, 0))).micros(zone).map(Some)
            }
            Some(moment) => moment.micros(zone).map(Some),
            None => Ok(None),
        },
        Value::Number(number) => {
            let instant = number.as_i64().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
            instant.map(|instant| Some(instant.into())).ok_or_else(|| format!("{number} is no instant in milliseconds since 1970"))
        }
        Value::Object(object) => match ["epochMillis", "iso8601", "jira"].iter().find_map(|key| object.get(*key)) {
            Some(inner @ (Value::String(_) | Value::Number(_))) => time(inner, zone, day),
            _ => Err("an object without epochMillis or iso8601 is no date".into()),
        },
        Value::Bool(_) | Value::Array(_) => Err(format!("{value} is no date")),
    }
}

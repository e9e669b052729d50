//! The small pieces that every OSCAL object is made of: texts in the forms the schema takes, properties, lists that are left out
//! when empty.

use serde_json::{Map, Value, json};

use super::NAMESPACE;

/// One line without blanks at its ends (`StringDatatype`, `MarkupLineDatatype`); `-` where nothing is left.
pub(super) fn line(text: &str) -> String {
    let clean = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if clean.is_empty() { "-".to_owned() } else { clean }
}

/// A name as XML knows it without a colon (`TokenDatatype`): other characters become `_`.
pub(super) fn token(text: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let token: String = text.chars().map(plain).collect();
    if token.starts_with(|c: char| c.is_alphabetic() || c == '_') { token } else { format!("_{token}") }
}

/// Properties in our namespace; one without a value is left out.
pub(super) fn props<'t>(pairs: impl IntoIterator<Item = (&'t str, &'t str)>) -> Vec<Value> {
    let given = pairs.into_iter().filter(|(_, value)| !value.trim().is_empty());
    given.map(|(name, value)| json!({ "name": token(name), "ns": NAMESPACE, "value": line(value) })).collect()
}

/// An object whose empty lists, empty texts and nulls are left out: the schema takes none of them.
pub(super) fn object(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let told = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::String(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    };
    Value::Object(fields.into_iter().filter(|(_, value)| told(value)).collect::<Map<_, _>>())
}

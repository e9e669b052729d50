//! The JSON Schema of `probant.toml`, made from the types that read it, so that editors complete and check it.

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::sections::{Common, File};
use crate::sources::kinds::KINDS;

/// One schema for the file and all kinds of source.
#[must_use]
pub fn json_schema() -> Value {
    let mut root = schemars::schema_for!(File).to_value();
    let sources: Vec<Value> = KINDS.iter().map(|kind| source(kind.name, kind.summary_en, kind.schema(), &mut root)).collect();
    if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(
            "source".into(),
            json!({
                "type": "object",
                "description": "Places evidence comes from, by id.",
                "additionalProperties": { "anyOf": sources },
            }),
        );
    }
    root
}

/// The keys of one kind beside the common ones. Its definitions move to the root, where `$ref` looks for them.
fn source(name: &str, summary: &str, kind: Schema, root: &mut Value) -> Value {
    let mut kind = kind.to_value();
    let common = schemars::schema_for!(Common).to_value();
    for schema in [&common, &kind] {
        let definitions = schema.get("$defs").and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(root) = root.as_object_mut() {
            let all = root.entry("$defs").or_insert_with(|| Value::Object(Map::new()));
            if let Some(all) = all.as_object_mut() {
                all.extend(definitions);
            }
        }
    }
    let entries = |schema: &Value, key: &str| schema.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut properties = entries(&kind, "properties");
    properties.extend(entries(&common, "properties"));
    properties.insert("kind".into(), json!({ "const": name, "description": summary }));
    let list = |schema: &Value| schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let required: Vec<Value> = list(&common).into_iter().chain(list(&kind)).collect();
    if let Some(kind) = kind.as_object_mut() {
        kind.remove("$schema");
        kind.remove("$defs");
        kind.insert("title".into(), format!("kind = \"{name}\"").into());
        kind.insert("properties".into(), properties.into());
        kind.insert("required".into(), required.into());
    }
    kind
}

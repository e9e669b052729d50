//! The component definition: each check as a component of type `validation`, with the controls it speaks for.

use serde_json::{Value, json};

use super::parts::{line, object, props, token};
use super::{Exchange, uuid};
use crate::judge::check::Check;

pub(super) fn document(exchange: &Exchange<'_>) -> Value {
    let title = exchange.lang.pick("Contrôles automatiques de Probant", "Automated checks of Probant");
    // Names and digests of the checks: a change of one query is another document.
    let digests: String = exchange.checks.iter().flat_map(|check| [check.id.as_str(), " ", &check.sha256, "\n"]).collect();
    json!({ "component-definition": object(json!({
        "uuid": uuid::of(&["component-definition", &exchange.assessment.as_of, exchange.lang.code(), &digests]),
        "metadata": exchange.metadata(title),
        "components": exchange.checks.iter().map(|check| component(exchange, check)).collect::<Vec<_>>(),
    }))})
}

fn component(exchange: &Exchange<'_>, check: &Check) -> Value {
    let needs: Vec<(String, String)> =
        check.needs.iter().map(|(table, hours)| (format!("needs-{table}"), format!("{hours} h"))).collect();
    let words =
        [("check", check.id.as_str()), ("severity", check.severity.word()), ("file", &check.file), ("check-sha256", &check.sha256)];
    let rationale = exchange.text(&check.rationale);
    object(json!({
        "uuid": uuid::of(&["check", &check.id]),
        "type": "validation",
        "title": line(exchange.text(&check.title)),
        "description": line(if rationale.is_empty() { exchange.text(&check.title) } else { rationale }),
        "props": props(words.into_iter().chain(needs.iter().map(|(name, value)| (name.as_str(), value.as_str())))),
        "control-implementations": [{
            "uuid": uuid::of(&["implementation", &check.id]),
            "source": exchange.framework(),
            "description": line(exchange.text(&check.remediation)),
            "implemented-requirements": check.controls.iter().map(|control| json!({
                "uuid": uuid::of(&["requirement", &check.id, control]),
                "control-id": token(control),
                "description": line(exchange.text(&check.title)),
            })).collect::<Vec<_>>(),
        }],
        "remarks": queries(check),
    }))
}

/// The queries, so that another tool's user can read and run them over the tables.
fn queries(check: &Check) -> String {
    let shown: Vec<String> = check.queries().map(|(name, query)| format!("{name}:\n\n```sql\n{}\n```", query.sql.trim())).collect();
    shown.join("\n\n")
}

//! The control matrix, generated from the framework and the checks.

use std::fmt::Write as _;

use super::check::Check;
use super::controls::Framework;

/// Every control with the checks that speak for it, and every check with what it rests on, as Markdown.
#[must_use]
pub fn matrix(framework: &Framework, checks: &[Check]) -> String {
    let mut page = format!(
        "# Control matrix, {}\n\nGenerated from this folder's TOML files.\n\n| control | title | checks |\n|---|---|---|\n",
        framework.name
    );
    for control in &framework.controls {
        let speaking: Vec<String> =
            checks.iter().filter(|check| check.controls.contains(&control.id)).map(|check| format!("`{}`", check.id)).collect();
        let speaking = if speaking.is_empty() { "no automated evidence".to_owned() } else { speaking.join(", ") };
        // Writing to a String cannot fail.
        let _ = writeln!(page, "| {} | {} | {speaking} |", control.id, control.title.en);
    }
    page.push_str("\n| check | severity | rests on (freshness) | finds |\n|---|---|---|---|\n");
    for check in checks {
        let needs: Vec<String> = check.needs.iter().map(|(table, hours)| format!("{table} ({hours} h)")).collect();
        let severity = format!("{:?}", check.severity).to_lowercase();
        let _ = writeln!(page, "| `{}` | {severity} | {} | {} |", check.id, needs.join(", "), check.title.en);
    }
    page
}

//! `probant verify`: the auditor's command; it needs no configuration.

use super::{Exit, seal_only};
use crate::bundle::{self, Outcome, TrustAnchor};
use crate::cli::args::Verify;
use crate::cli::console::Console;
use crate::cli::summary::colon;
use crate::context::Context;

/// `probant verify`: needs no configuration. The exit code is the worst of the files'.
pub(in crate::cli) fn verify(context: &Context, console: &Console, args: &Verify) -> Exit {
    let mut anchors = vec![];
    for path in &args.anchor {
        anchors.extend(TrustAnchor::load(path)?);
    }
    let mut worst = 0;
    let mut verdicts = vec![];
    let mut claims = vec![];
    for file in &args.files {
        let verdict = bundle::verify(file, &anchors, context.now(), console.lang);
        worst = worst.max(verdict.exit);
        console.say(format!("{}{} {}", file.display(), colon(console.lang), verdict.summary));
        for line in &verdict.checks {
            let sign = match line.outcome {
                Outcome::Passed => '✓',
                Outcome::Failed => '✗',
                Outcome::Warning => '!',
                Outcome::Unknown => '?',
                Outcome::NotExamined => '–',
            };
            console.say(format!("  {sign} {}", line.text));
            for detail in &line.details {
                console.say(format!("      {detail}"));
            }
        }
        claims.push((file.as_path(), verdict.claims.clone()));
        verdicts.push(serde_json::json!({ "file": file, "verdict": verdict }));
    }
    worst = worst.max(seal_only::pairs(console, &claims));
    console.json(&serde_json::json!({ "schema": "probant.verify.v1", "bundles": verdicts }))?;
    Ok(worst)
}

//! `probant verify`: the auditor's command; it needs no configuration.

use super::Exit;
use crate::bundle::{self, Crl, Outcome, Trust, TrustAnchor};
use crate::cli::args::Verify;
use crate::cli::console::Console;
use crate::cli::summary::colon;
use crate::context::Context;

/// `probant verify`: needs no configuration. The exit code is the worst of the files'.
pub(in crate::cli) fn verify(context: &Context, console: &Console, args: &Verify) -> Exit {
    let (mut anchors, mut authorities, mut crls) = (vec![], vec![], vec![]);
    for path in &args.anchor {
        anchors.extend(TrustAnchor::load(path)?);
    }
    for path in &args.tsa_anchor {
        authorities.extend(TrustAnchor::load(path)?);
    }
    for path in &args.crl {
        crls.extend(Crl::load(path)?);
    }
    let trust = Trust { anchors: &anchors, authorities: &authorities, crls: &crls };
    let mut worst = 0;
    let mut verdicts = vec![];
    for file in &args.files {
        let verdict = bundle::verify(file, trust, context.now(), console.lang);
        worst = worst.max(verdict.exit);
        console.say(format!("{}{} {}", file.display(), colon(console.lang), verdict.summary));
        for line in &verdict.checks {
            let sign = match line.outcome {
                Outcome::Passed => '✓',
                Outcome::Failed => '✗',
                Outcome::Warning => '!',
                Outcome::Unknown => '?',
                Outcome::NotExamined => '–',
                Outcome::NotApplicable => continue,
            };
            console.say(format!("  {sign} {}", line.text));
            for detail in &line.details {
                console.say(format!("      {detail}"));
            }
        }
        verdicts.push(serde_json::json!({ "file": file, "verdict": verdict }));
    }
    console.json(&serde_json::json!({ "schema": "probant.verify.v1", "bundles": verdicts }))?;
    Ok(worst)
}

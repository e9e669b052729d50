//! `probant verify`: the auditor's command; it needs no configuration.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{Exit, seal_only};
use crate::bundle::verify::verdict::CheckLine;
use crate::bundle::{Crl, Opened, Outcome, Status, TrustAnchor, Trusted, Verdict};
use crate::cli::args::Verify;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::notary;
use crate::cli::summary::colon;
use crate::context::Context;
use crate::custody::lineage::{self, Expected, Link};
use crate::custody::receipt::Received;
use crate::custody::report::Report;

/// A file that was examined. The descriptor stays open only where it is to be extracted.
struct Examined {
    file: PathBuf,
    opened: Option<Opened>,
    verdict: Verdict,
}

/// `probant verify`: needs no configuration. The exit code is the worst of the files' and the chain's.
pub(in crate::cli) fn verify(context: &Context, console: &Console, args: &Verify) -> Exit {
    let anchors = notary::load(&args.anchor)?;
    let authorities = notary::load(&args.tsa_anchor)?;
    let mut crls = vec![];
    for path in &args.crl {
        crls.extend(Crl::load(path)?);
    }
    let trust = Trusted { anchors: &anchors, authorities: &authorities, crls: &crls };
    let mut examined: Vec<Examined> = vec![];
    for file in files(args)? {
        let one = examine(file, context, console, trust, args.extract.is_some());
        show(console, &one);
        examined.push(one);
    }
    let chain = chain(console, args, &examined, &anchors);
    let exit = examined.iter().map(|one| one.verdict.exit).chain(chain.as_ref().map(Report::exit)).max().unwrap_or(0);
    if let Some(chain) = &chain {
        console.say(console.pick("Chaîne des dossiers", "Chain of bundles"));
        lines(console, &chain.checks);
    }
    if examined.len() > 1 || chain.is_some() {
        console.say(tally(console, &examined, exit));
    }
    let claims: Vec<_> = examined.iter().map(|one| (one.file.as_path(), one.verdict.claims.clone())).collect();
    let exit = exit.max(seal_only::pairs(console, &claims));
    // Only what holds altogether is unpacked: evidence from a history that does not hold helps nobody.
    let extracted = match &args.extract {
        Some(to) if exit == 0 => extract(console, &examined, args.files.len(), &context.folder.join(to))?,
        Some(_) => {
            console.note(
                console.pick("Rien n'a été extrait : tout n'est pas valide.", "Nothing was extracted: not everything is valid."),
            );
            vec![]
        }
        None => vec![],
    };
    let bundles: Vec<_> = examined.iter().map(|one| serde_json::json!({ "file": one.file, "verdict": one.verdict })).collect();
    console.json(&serde_json::json!({
        "schema": "probant.verify.v1", "exit": exit, "bundles": bundles,
        "chain": chain.map(|chain| serde_json::json!({ "exit": chain.exit(), "checks": chain.checks })), "extracted": extracted,
    }))?;
    Ok(exit)
}

/// The files named, then those of the folder of the chain that were not; each once, whatever its names.
fn files(args: &Verify) -> Result<Vec<PathBuf>, Failure> {
    let mut files = args.files.clone();
    let identity = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let named: Vec<_> = files.iter().filter_map(|path| identity(path)).collect();
    if let Some(folder) = &args.chain {
        let unread = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
        let mut found = vec![];
        for entry in fs::read_dir(folder).map_err(unread)? {
            let path = entry.map_err(unread)?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            let bundle = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("asice")) && !hidden;
            if bundle && identity(&path).is_none_or(|identity| !named.contains(&identity)) {
                found.push(path);
            }
        }
        found.sort();
        if found.is_empty() && files.is_empty() {
            return Err(Failure::new(format!("{}: holds no .asice file", folder.display())));
        }
        files.extend(found);
    }
    Ok(files)
}

fn examine(file: PathBuf, context: &Context, console: &Console, trust: Trusted<'_>, keep: bool) -> Examined {
    match Opened::open(&file, console.lang) {
        Err(verdict) => Examined { file, opened: None, verdict: *verdict },
        Ok(opened) => {
            let verdict = opened.verify(trust, context.now(), console.lang);
            Examined { file, opened: keep.then_some(opened), verdict }
        }
    }
}

fn show(console: &Console, one: &Examined) {
    console.say(format!("{}{} {}", one.file.display(), colon(console.lang), one.verdict.summary));
    lines(console, &one.verdict.checks);
}

/// Checks as people read them.
pub(super) fn lines(console: &Console, checks: &[CheckLine]) {
    for line in checks {
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
}

/// Bundles against each other and the receipt, when that was asked for.
fn chain(console: &Console, args: &Verify, examined: &[Examined], anchors: &[TrustAnchor]) -> Option<Report> {
    if args.chain.is_none() && args.expect_head.is_none() {
        return None;
    }
    let receipt = args.expect_head.as_deref().map(Received::load);
    let links: Vec<Link<'_>> = examined.iter().map(|one| Link { file: &one.file, verdict: &one.verdict }).collect();
    let expected = Expected { receipt: receipt.as_ref(), anchors, complete: args.chain.is_some() };
    Some(lineage::examine(&links, &expected, console.lang))
}

/// How many of each, and what it comes to.
fn tally(console: &Console, examined: &[Examined], exit: u8) -> String {
    let mut counts: BTreeMap<u8, (&str, usize)> = BTreeMap::new();
    for one in examined {
        let word = match one.verdict.status {
            Status::Valid => console.pick("valide(s)", "valid"),
            Status::Tampered => console.pick("altéré(s)", "tampered with"),
            Status::CannotTell => console.pick("indéterminé(s)", "cannot be told"),
            Status::NotABundle => console.pick("qui ne sont pas des dossiers", "no bundle"),
        };
        counts.entry(one.verdict.exit).or_insert((word, 0)).1 += 1;
    }
    let counts: Vec<String> = counts.values().map(|(word, n)| format!("{n} {word}")).collect();
    let end = match exit {
        0 => console.pick("L'ensemble tient.", "All of it holds."),
        1 => console.pick("L'ensemble ne tient pas.", "It does not hold together."),
        _ => console.pick("L'ensemble ne peut être établi.", "It cannot be established."),
    };
    format!(
        "{}{} {}. {end}",
        match examined.len() {
            1 => console.pick("1 fichier".to_owned(), "1 file".to_owned()),
            n => console.pick(format!("{n} fichiers"), format!("{n} files")),
        },
        colon(console.lang),
        counts.join(", ")
    )
}

/// Unpacks the files named: one into the folder itself, several into one folder each, called as the file is.
fn extract(console: &Console, examined: &[Examined], named: usize, to: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut extracted = vec![];
    let alone = named <= 1 && examined.len() == 1;
    for one in examined.iter().take(if named == 0 { examined.len() } else { named }) {
        let Some(opened) = &one.opened else { continue };
        let folder = if alone || named == 1 { to.to_owned() } else { to.join(one.file.file_stem().unwrap_or_default()) };
        if folder != to {
            crate::store::atomic::folder(to)?;
        }
        let count = opened.extract(&one.verdict, &folder)?;
        console.say(console.pick(
            format!("Extrait : {count} fichiers dans {}", folder.display()),
            format!("Extracted: {count} files in {}", folder.display()),
        ));
        extracted.push(folder);
    }
    Ok(extracted)
}

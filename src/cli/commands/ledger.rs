//! `probant ledger`: show it, verify it, sign a receipt of it.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::tz::TimeZone;

use super::Exit;
use crate::cli::args::{Ledger, LedgerVerify};
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::cli::{notary, place, remote};
use crate::custody::audit::{self, Heads, Read};
use crate::custody::mirror as mirroring;
use crate::custody::receipt::{Receipt, Received};
use crate::custody::report::Report;
use crate::outputs::files;
use crate::store::backend::Backend;
use crate::store::ledger::{self, Entry};
use crate::store::notary as heads;

/// `probant ledger …`; without more, `show`.
pub(in crate::cli) fn ledger(session: &Session, command: Option<&Ledger>) -> Exit {
    remote::refresh(session)?;
    match command {
        None | Some(Ledger::Show) => show(session),
        Some(Ledger::Verify(args)) => verify(session, args),
        Some(Ledger::Receipt { out }) => receipt(session, out.as_deref()),
    }
}

fn path(session: &Session) -> PathBuf {
    session.store_path().join(ledger::FILE)
}

fn show(session: &Session) -> Exit {
    let console = &session.console;
    let (entries, head, unfinished) = ledger::read(&path(session))?;
    let signed = heads::names(&session.store_path())?;
    console.json(&serde_json::json!({
        "schema": "probant.ledger.v1", "entries": entries, "head": { "seq": head.seq, "sha256": head.sha256 },
        "unfinished_bytes": unfinished, "signed_heads": signed,
    }))?;
    let text = |entry: &Entry, key: &str| entry.data.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let zone = &session.config.zone;
    let rows = entries
        .iter()
        .map(|e| {
            let sha256 = text(e, "sha256");
            vec![
                e.seq.to_string(),
                when(console, e, zone),
                event(console, &e.event),
                subject(e),
                sha256.get(..16).unwrap_or_default().to_owned(),
            ]
        })
        .collect();
    console.table(
        &console.pick(["N°", "Quand", "Événement", "Objet", "sha256 (début)"], ["#", "When", "Event", "Object", "sha256 (start)"]),
        &[0],
        rows,
    );
    console.say(console.pick(
        format!("La chaîne tient : {} événements, tête {}", head.seq, head.sha256),
        format!("The chain holds: {} events, head {}", head.seq, head.sha256),
    ));
    if let Some(last) = signed.last() {
        let name = session.store_path().join(heads::FOLDER).join(last);
        console.say(
            console.pick(format!("Dernière tête signée : {}", name.display()), format!("Newest signed head: {}", name.display())),
        );
    }
    Ok(0)
}

/// In the organisation's zone.
fn when(console: &Console, entry: &Entry, zone: &TimeZone) -> String {
    console.lang.date_time(zone.to_datetime(entry.at))
}

/// What happened, in words. An event that is not known by a later or other version's name is shown as it is.
fn event(console: &Console, name: &str) -> String {
    let known = match name {
        "snapshot" => console.pick("instantané", "snapshot"),
        "bundle" => console.pick("dossier scellé", "bundle sealed"),
        "bundle-extended" => console.pick("dossier renouvelé", "bundle renewed"),
        "recovered" => console.pick("reprise après arrêt", "recovered"),
        "campaign-opened" => console.pick("campagne ouverte", "campaign opened"),
        "campaign-collected" => console.pick("réponses reçues", "answers collected"),
        "campaign-claimed" => console.pick("réponse contestée", "answer claimed"),
        "campaign-mail" => console.pick("classeurs envoyés", "workbooks sent"),
        "campaign-followed" => console.pick("remédiations suivies", "remediations followed up"),
        "campaign-closed" => console.pick("campagne close", "campaign closed"),
        "purged" => console.pick("purge", "purged"),
        other => other,
    };
    known.to_owned()
}

/// What it happened to.
fn subject(entry: &Entry) -> String {
    let text = |key: &str| entry.data.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    let count = || entry.data.get("objects").and_then(|v| v.as_array()).map(|objects| format!("{} ×", objects.len()));
    text("path").or_else(|| text("campaign")).or_else(count).unwrap_or_default()
}

fn verify(session: &Session, args: &LedgerVerify) -> Exit {
    let root = session.store_path();
    let anchors = notary::anchors(session, &args.anchor)?;
    let mut report = Report::new(session.console.lang);
    let known: Heads = args.expect_head.iter().map(|path| (path.display().to_string(), Received::load(path))).collect();
    let read = ledger::read(&path(session));
    audit::chain(&mut report, read.as_ref().map(|(_, head, _)| head));
    if let Ok((entries, head, _)) = &read {
        let ledger = Read { entries, head };
        let bucket = remote::bucket(session)?;
        let own = match &bucket {
            Some(bucket) => mirroring::heads(&**bucket)?,
            None => audit::checkpoints(&root)?,
        };
        audit::heads(&mut report, &audit::IN_STORE, &ledger, &own, &anchors);
        audit::uncovered(&mut report, &ledger, &own);
        if !known.is_empty() {
            audit::heads(&mut report, &audit::RECEIVED, &ledger, &known, &anchors);
            audit::bundles(&mut report, entries, &known);
        }
        if let Some(place) = &args.against {
            let mirror = against(session, place)?;
            audit::heads(&mut report, &audit::IN_MIRROR, &ledger, &mirroring::heads(&*mirror)?, &anchors);
            report.remark("mirror-bundles", &mirroring::COPIES, &mirroring::absent(&ledger, &*mirror)?);
        }
        audit::objects(&mut report, &root, entries, bucket.as_deref())?;
    }
    let exit = report.exit();
    let (seq, sha256) = read.as_ref().map(|(_, head, _)| (head.seq, head.sha256.as_str())).unwrap_or_default();
    session.console.json(&serde_json::json!({
        "schema": "probant.ledger-verify.v1", "exit": exit, "head": { "seq": seq, "sha256": sha256 }, "checks": report.checks,
    }))?;
    super::verify::lines(&session.console, &report.checks);
    session.console.say(conclusion(&session.console, exit, seq));
    Ok(exit)
}

/// The mirror named, with the configured way to reach it; the configured one when none is named.
fn against(session: &Session, place: &str) -> Result<Box<dyn Backend>, Failure> {
    let section = session.config.file.mirror.as_ref();
    match (place, section) {
        ("", None) => Err(Failure::new("no mirror is configured; name one: --against /folder or --against s3://bucket/prefix")),
        ("", Some(section)) => place::open(session, &section.to, &section.s3, None),
        (named, section) => place::open(session, named, &section.map(|section| section.s3.clone()).unwrap_or_default(), None),
    }
}

fn conclusion(console: &Console, exit: u8, seq: u64) -> String {
    match exit {
        0 => console.pick(format!("Le registre tient : {seq} événements."), format!("The ledger holds: {seq} events.")),
        1 => console
            .pick(
                "Le registre a été altéré. Conservez-le tel quel et comparez-le à une copie.",
                "The ledger was tampered with. Keep it as it is, and compare it with a copy.",
            )
            .to_owned(),
        _ => console
            .pick(
                "Indéterminé : rien ne montre d'altération, mais tout n'a pu être établi.",
                "Cannot tell: nothing shows tampering, but not everything could be established.",
            )
            .to_owned(),
    }
}

/// Signs where the ledger stands now. Nothing is added to the ledger.
fn receipt(session: &Session, out: Option<&Path>) -> Exit {
    let mut store = session.store()?;
    let signer = notary::signer(session)?;
    notary::with(session, &mut store, Rc::clone(&signer))?;
    let organisation = &session.config.file.organisation.name;
    let receipt = Receipt::of(store.events(), store.ledger_head(), organisation, session.context.now()).ok_or_else(|| {
        Failure::new(
            session
                .console
                .pick("le registre est vide : il n'y a rien à attester", "the ledger is empty: there is nothing to attest"),
        )
    })?;
    let page = receipt.sign(&signer)?;
    let console = &session.console;
    let Some(out) = out else {
        if console.format == crate::cli::args::Format::Json {
            console.json(&describe(&receipt, None))?;
        } else {
            Console::raw(&String::from_utf8_lossy(&page));
        }
        return Ok(0);
    };
    let out = session.context.folder.join(out);
    if out.exists() {
        return Err(Failure::new(console.pick(
            format!("{} existe déjà ; un reçu ne remplace jamais un fichier", out.display()),
            format!("{} exists already; a receipt never replaces a file", out.display()),
        )));
    }
    let name = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files::write(out.parent().unwrap_or(Path::new(".")), &name, &page)?;
    console.json(&describe(&receipt, Some(&out)))?;
    console.say(console.pick(
        format!("Reçu écrit : {}\nIl se lit tel quel, s'imprime, et se contrôle par\n  openssl cms -verify -in {} -CAfile ca.pem -no-CApath -no-CAstore", out.display(), out.display()),
        format!("Receipt written: {}\nIt can be read as it is, printed, and checked by\n  openssl cms -verify -in {} -CAfile ca.pem -no-CApath -no-CAstore", out.display(), out.display()),
    ));
    Ok(0)
}

fn describe(receipt: &Receipt, out: Option<&Path>) -> serde_json::Value {
    let bundles: Vec<_> = receipt
        .bundles
        .iter()
        .map(|b| serde_json::json!({ "seq": b.seq, "name": b.name, "manifest_sha256": b.manifest_sha256, "sha256": b.sha256, "purged": b.purged }))
        .collect();
    serde_json::json!({
        "schema": crate::custody::receipt::SCHEMA, "file": out, "organisation": receipt.organisation, "ledger": receipt.ledger,
        "head": { "seq": receipt.head.seq, "sha256": receipt.head.sha256 }, "events": receipt.head.seq, "at": receipt.at, "bundles": bundles,
    })
}

//! `probant mirror`: copies to the mirror what is not there yet, and says how it stands.

use super::Exit;
use crate::cli::failure::Failure;
use crate::cli::mirror;
use crate::cli::session::Session;

/// Exit 1 when the mirror holds something else than the store.
pub(in crate::cli) fn mirror(session: &Session, look: bool) -> Exit {
    let console = &session.console;
    let to = mirror::configured(session)?.ok_or_else(|| {
        Failure::new(console.pick(
            format!(
                "{} ne nomme aucun miroir ; écrivez [mirror] to = \"/dossier\" ou \"s3://compartiment/prefixe\"",
                session.config.path.display()
            ),
            format!("{} names no mirror; write [mirror] to = \"/folder\" or \"s3://bucket/prefix\"", session.config.path.display()),
        ))
    })?;
    let _held = session.store()?;
    let copied = mirror::copy(session, &*to, look)?;
    let faults: Vec<String> = copied.faults.iter().map(|fault| fault.text(console.lang)).collect();
    let exit = u8::from(!faults.is_empty());
    console.json(&serde_json::json!({
        "schema": "probant.mirror.v1", "to": to.place(), "exit": exit, "copied": copied.copied, "already_there": copied.kept, "faults": faults,
    }))?;
    for name in &copied.copied {
        console.say(format!("  + {name}"));
    }
    for fault in &faults {
        console.say(format!("  ✗ {fault}"));
    }
    console.say(console.pick(
        format!("{} : {} copiés, {} déjà là", to.place(), copied.copied.len(), copied.kept),
        format!("{}: {} copied, {} already there", to.place(), copied.copied.len(), copied.kept),
    ));
    Ok(exit)
}

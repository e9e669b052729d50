//! The mirror from the command line: opened from the configuration, fed at the end of commands that record something.

use super::console::Console;
use super::failure::Failure;
use super::session::Session;
use super::{place, remote};
use crate::custody::audit::Read;
use crate::custody::mirror::{self, Copied};
use crate::store::backend::Backend;
use crate::store::ledger;

/// The place of `[mirror]`.
pub(super) fn configured(session: &Session) -> Result<Option<Box<dyn Backend>>, Failure> {
    let Some(section) = &session.config.file.mirror else { return Ok(None) };
    place::open(session, &section.to, &section.s3, section.lock.as_ref()).map(Some)
}

/// Copies to a place, from the ledger as it is on disk.
pub(super) fn copy(session: &Session, to: &dyn Backend, look: bool) -> Result<Copied, Failure> {
    let root = session.store_path();
    let (entries, head, _) = ledger::read(&root.join(ledger::FILE))?;
    remote::bundles(session, &entries)?;
    Ok(mirror::copy(&root, &Read { entries: &entries, head: &head }, to, look)?)
}

/// At the end of a command that recorded something: what happened there stays done whatever becomes of the copy, and a copy that
/// failed makes the exit code 2.
pub(super) fn after(session: &Session, exit: u8) -> u8 {
    let console = &session.console;
    let copied = match configured(session) {
        Ok(None) => return exit,
        Ok(Some(to)) => copy(session, &*to, false),
        Err(failure) => Err(failure),
    };
    let problem = match copied {
        Ok(copied) if copied.faults.is_empty() => {
            if !copied.copied.is_empty() {
                let n = copied.copied.len();
                console.note(console.pick(format!("Copiés au miroir : {n}."), format!("Copied to the mirror: {n}.")));
            }
            return exit;
        }
        Ok(copied) => copied.faults.iter().map(|fault| fault.text(console.lang)).collect::<Vec<_>>().join("\n"),
        Err(failure) => failure.plain(),
    };
    Console::error(&console.pick(
        format!("Le travail est fait, mais pas la copie au miroir :\n{problem}\nPour la reprendre : probant mirror"),
        format!("The work is done, but not the copy to the mirror:\n{problem}\nTo try it again: probant mirror"),
    ));
    exit.max(2)
}

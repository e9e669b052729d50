//! IBM (Tivoli) Directory Server: its own password policy attributes beside the common ones.

use super::{Precision, Scene, State, openldap};
use crate::sources::directory::attrs::Attr;
use crate::sources::directory::view::View;

/// The state of an IBM TDS account. The server keeps no last login that its documentation names.
pub fn state(view: &mut View<'_>, scene: &Scene) -> State {
    let changed = view.time(Attr::PwdChangedTime);
    let disabled = view.boolean(Attr::IbmPwdAccountLocked);
    let (not_for_good, locked) = openldap::lock(view, scene);
    let absent = || scene.shows(Attr::IbmPwdAccountLocked).then_some(true);
    State {
        enabled: match disabled {
            Some(disabled) => Some(!disabled),
            None if not_for_good == Some(false) => Some(false),
            None => absent(),
        },
        locked,
        expires_on: None,
        last_login: None,
        precision: Precision::None,
        created: view.time(Attr::CreateTimestamp),
        password_changed: changed,
        // A change dated in the future exempts the account (IBM, "Password policy": pwdChangedTime).
        never_expires: if changed.is_some_and(|at| at > scene.as_of) { Some(true) } else { scene.rules.never_expires() },
        must_change: view.boolean(Attr::PwdReset) == Some(true),
    }
}

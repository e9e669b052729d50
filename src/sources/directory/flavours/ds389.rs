//! 389 Directory Server and ODSEE: nsAccountLock, roles that disable, and the account policy plugin.

use super::{Precision, Scene, State};
use crate::sources::directory::attrs::Attr;
use crate::sources::directory::view::View;

/// Managed roles whose members are inactive (389-DS administration guide, "Managing account lockout").
const DISABLING_ROLES: [&str; 3] = ["nsmanageddisabledrole", "nsdisabledrole", "nsaccountinactivation"];
/// 2038-01-19T03:14:07Z, which the server writes for "does not expire", in microseconds.
const END_OF_TIME: i64 = 2_147_483_647_000_000;

/// The state of a 389-DS account.
pub fn state(view: &mut View<'_>, scene: &Scene) -> State {
    let expiration = view.time(Attr::PasswordExpirationTime);
    let never = expiration.filter(|at| at.0 >= END_OF_TIME).map(|_| true);
    let exact = view.time(Attr::LastLoginTime).max(view.time(Attr::PwdLastAuthTime));
    let occurs = scene.occurs(Attr::LastLoginTime) || scene.occurs(Attr::PwdLastAuthTime);
    State {
        enabled: enabled(view, scene),
        locked: locked(view, scene),
        expires_on: None,
        last_login: exact,
        precision: if occurs { Precision::Exact } else { Precision::None },
        created: view.time(Attr::CreateTimestamp),
        password_changed: view.time(Attr::PwdChangedTime),
        never_expires: never.or_else(|| scene.rules.never_expires()),
        // The server writes the epoch when the password was reset by an administrator.
        must_change: view.boolean(Attr::PwdReset) == Some(true) || expiration.is_some_and(|at| at.0 == 0),
    }
}

fn enabled(view: &mut View<'_>, scene: &Scene) -> Option<bool> {
    let by_role = view.texts(Attr::NsRole).iter().any(|role| {
        let role = role.to_ascii_lowercase();
        DISABLING_ROLES.iter().any(|name| role.strip_prefix("cn=").is_some_and(|rest| rest.starts_with(name)))
    });
    match view.boolean(Attr::NsAccountLock) {
        _ if by_role => Some(false),
        Some(locked) => Some(!locked),
        None if view.unreadable.contains(&Attr::NsAccountLock.name()) => None,
        None => scene.shows(Attr::NsAccountLock).then_some(true),
    }
}

/// `accountUnlockTime`: 0 waits for an administrator, a date ends by itself.
fn locked(view: &mut View<'_>, scene: &Scene) -> Option<bool> {
    match view.text(Attr::AccountUnlockTime) {
        Some("0") => Some(true),
        // The server writes the epoch for the same.
        Some(text) if text.starts_with("19700101000000") => Some(true),
        Some(_) => view.time(Attr::AccountUnlockTime).map(|until| until > scene.as_of),
        None => scene.shows(Attr::AccountUnlockTime).then_some(false),
    }
}

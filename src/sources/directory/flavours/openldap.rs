//! OpenLDAP: the ppolicy and lastbind overlays.

use super::{Precision, Scene, State};
use crate::snapshot::value::Micros;
use crate::sources::directory::attrs::Attr;
use crate::sources::directory::policy::{Lockout, Rules};
use crate::sources::directory::view::View;

/// The state of an OpenLDAP account.
pub fn state(view: &mut View<'_>, scene: &Scene) -> State {
    let (enabled, locked) = lock(view, scene);
    let (last_login, precision) = last_login(view, scene);
    State {
        enabled,
        locked,
        expires_on: view.time(Attr::PwdEndTime),
        last_login,
        precision,
        created: view.time(Attr::CreateTimestamp),
        password_changed: view.time(Attr::PwdChangedTime),
        never_expires: scene.rules.never_expires(),
        must_change: view.boolean(Attr::PwdReset) == Some(true),
    }
}

/// (enabled, locked). `000001010000Z` is a lock that only an administrator ends: disabled for good (slapo-ppolicy(5)).
pub(super) fn lock(view: &mut View<'_>, scene: &Scene) -> (Option<bool>, Option<bool>) {
    let Some(text) = view.text(Attr::PwdAccountLockedTime) else {
        let clear = scene.shows(Attr::PwdAccountLockedTime);
        return (clear.then_some(true), clear.then_some(false));
    };
    if text.starts_with("00000101") {
        // slapd reads the attribute only where the policy has pwdLockout.
        let off = scene.rules.lockout == Lockout::Off;
        return (Some(off), Some(!off));
    }
    let locked = view.time(Attr::PwdAccountLockedTime).and_then(|since| holds(&scene.rules, since, scene.as_of));
    (Some(true), locked)
}

fn holds(rules: &Rules, since: Micros, now: Micros) -> Option<bool> {
    // A date in the future (slapo-ppolicy, pwdMaxDelay) is a lock still to come.
    if since > now { Some(false) } else { rules.locks(since, now) }
}

/// `pwdLastSuccess` is written at each bind; `authTimestamp` only so often (`lastbind-precision`).
fn last_login(view: &mut View<'_>, scene: &Scene) -> (Option<Micros>, Precision) {
    let exact = view.time(Attr::PwdLastSuccess);
    let coarse = view.time(Attr::AuthTimestamp);
    match (exact, coarse) {
        (Some(exact), coarse) if coarse.is_none_or(|coarse| coarse <= exact) => (Some(exact), Precision::Exact),
        (exact, Some(coarse)) => (exact.max(Some(coarse)), Precision::Coarse),
        (Some(exact), None) => (Some(exact), Precision::Exact),
        (None, None) if scene.occurs(Attr::PwdLastSuccess) => (None, Precision::Exact),
        (None, None) if scene.occurs(Attr::AuthTimestamp) => (None, Precision::Coarse),
        (None, None) => (None, Precision::None),
    }
}

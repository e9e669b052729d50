//! Active Directory and Samba: userAccountControl, FILETIMEs, and rules that the server computes and we recompute (MS-ADTS).

use super::{Precision, Scene, State};
use crate::snapshot::value::Micros;
use crate::sources::directory::attrs::Attr;
use crate::sources::directory::view::View;

/// userAccountControl (MS-ADTS 2.2.16).
pub const DISABLED: u32 = 0x2;
pub const PASSWORD_NOT_REQUIRED: u32 = 0x20;
pub const REVERSIBLE_PASSWORD: u32 = 0x80;
pub const TRUST: u32 = 0x800;
const WORKSTATION: u32 = 0x1000;
const SERVER: u32 = 0x2000;
const NEVER_EXPIRES: u32 = 0x1_0000;
pub const SMARTCARD: u32 = 0x4_0000;
pub const UNCONSTRAINED_DELEGATION: u32 = 0x8_0000;
pub const DES_ONLY: u32 = 0x20_0000;
pub const NO_PREAUTH: u32 = 0x40_0000;
/// msDS-User-Account-Control-Computed: locked at the moment it was asked.
const COMPUTED_LOCKED: i64 = 0x10;

/// The state of an AD account.
pub fn state(view: &mut View<'_>, scene: &Scene) -> State {
    let control = view.number(Attr::UserAccountControl).map(|_| view.entry.control());
    let (last_login, precision) = last_login(view, scene);
    let set = view.filetime(Attr::PwdLastSet);
    State {
        enabled: control.map(|bits| bits & DISABLED == 0),
        locked: locked(view, scene),
        expires_on: view.filetime(Attr::AccountExpires),
        last_login,
        precision,
        created: view.time(Attr::WhenCreated),
        password_changed: set,
        never_expires: never_expires(control, scene),
        // 0 and nothing else: "must change at next logon".
        must_change: set.is_none() && view.text(Attr::PwdLastSet) == Some("0"),
    }
}

/// An old lockoutTime is not a lock: it counts until the effective lockoutDuration has passed.
fn locked(view: &mut View<'_>, scene: &Scene) -> Option<bool> {
    let computed = view.number(Attr::UacComputed).map(|bits| bits & COMPUTED_LOCKED != 0);
    if view.entry.first(Attr::LockoutTime).is_none() {
        return computed.or_else(|| scene.shows(Attr::LockoutTime).then_some(false));
    }
    match view.filetime(Attr::LockoutTime) {
        Some(since) => scene.rules.locks(since, scene.as_of).or(computed),
        None if view.unreadable.contains(&Attr::LockoutTime.name()) => computed,
        None => Some(false),
    }
}

/// `lastLogonTimestamp` is replicated and lags up to 14 days; `lastLogon` is one controller's own, so it only ever adds.
fn last_login(view: &mut View<'_>, scene: &Scene) -> (Option<Micros>, Precision) {
    let last = view.filetime(Attr::LastLogonTimestamp).max(view.filetime(Attr::LastLogon));
    let precision = if scene.occurs(Attr::LastLogonTimestamp) {
        Precision::Days14
    } else if scene.occurs(Attr::LastLogon) {
        Precision::Coarse
    } else {
        Precision::None
    };
    (last, precision)
}

/// MS-ADTS 3.1.1.4.5.36: smart card, never-expires or trust bits; else the effective maximum age.
fn never_expires(control: Option<u32>, scene: &Scene) -> Option<bool> {
    // A managed service account carries a trust bit, but its password is changed by the directory itself.
    if scene.managed {
        return Some(false);
    }
    let bits = control?;
    if bits & (NEVER_EXPIRES | SMARTCARD | TRUST | WORKSTATION | SERVER) != 0 {
        return Some(true);
    }
    scene.rules.never_expires()
}

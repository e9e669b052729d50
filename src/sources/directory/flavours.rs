//! The state of an account, as each make of directory writes it (the attribute table of the directories' reference page).
//!
//! What a source cannot tell is null. An absent attribute means "no" only when the export shows that it was asked for: it occurs
//! somewhere, or all operational attributes do.

pub mod ad;
pub mod ds389;
pub mod ibm;
pub mod openldap;

use super::attrs::Attr;
use super::options::Flavour;
use super::policy::Rules;
use super::view::View;
use crate::snapshot::value::Micros;

/// What can be said of an account's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub enabled: Option<bool>,
    pub locked: Option<bool>,
    pub expires_on: Option<Micros>,
    pub last_login: Option<Micros>,
    pub precision: Precision,
    pub created: Option<Micros>,
    pub password_changed: Option<Micros>,
    pub never_expires: Option<bool>,
    pub must_change: bool,
}

/// How far a last login can be trusted. Given even where the account has none: then it has not logged in, with that precision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Precision {
    /// The export holds no such attribute at all.
    #[default]
    None,
    Exact,
    Days14,
    Coarse,
}

impl Precision {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Exact => "exact",
            Self::Days14 => "days_14",
            Self::Coarse => "coarse",
        }
    }
}

/// What surrounds an account.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    pub as_of: Micros,
    /// Attributes that occur anywhere in the directory.
    pub present: u128,
    pub rules: Rules,
    /// Group or standalone managed service account.
    pub managed: bool,
}

impl Scene {
    #[must_use]
    pub fn occurs(&self, attr: Attr) -> bool {
        self.present & (1 << attr.index()) != 0
    }

    /// Every attribute was asked for, operational ones included.
    #[must_use]
    pub fn is_full(&self) -> bool {
        [Attr::EntryCsn, Attr::StructuralObjectClass, Attr::SubschemaSubentry, Attr::UsnChanged]
            .into_iter()
            .any(|attr| self.occurs(attr))
    }

    /// Whether the absence of an attribute on one account means something.
    #[must_use]
    pub fn shows(&self, attr: Attr) -> bool {
        self.occurs(attr) || self.is_full()
    }
}

/// The state of an account of any flavour.
#[must_use]
pub fn state(flavour: Flavour, view: &mut View<'_>, scene: &Scene) -> State {
    let mut state = match flavour {
        Flavour::Ad => ad::state(view, scene),
        Flavour::OpenLdap => openldap::state(view, scene),
        Flavour::Ds389 => ds389::state(view, scene),
        Flavour::Ibm => ibm::state(view, scene),
    };
    // Unix, Kerberos and Sun's web products keep their own end and status beside the directory's.
    let ends = [view.time(Attr::KrbPrincipalExpiration), view.shadow_days(Attr::ShadowExpire), state.expires_on];
    state.expires_on = ends.into_iter().flatten().min();
    state.password_changed = state.password_changed.or_else(|| view.time(Attr::KrbLastPwdChange));
    if let Some(status) = view.text(Attr::InetUserStatus) {
        let active = status.eq_ignore_ascii_case("active");
        state.enabled = Some(active && state.enabled != Some(false));
    }
    state
}

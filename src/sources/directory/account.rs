//! One account: from an entry's values to a row.

use std::borrow::Cow;

use super::attrs::Attr;
use super::closure::Walk;
use super::dn;
use super::entry::Entry;
use super::flavours::{self, Scene, State, ad};
use super::json::{Item, Object};
use super::kind::kind;
use super::known::Known;
use super::names::NameId;
use super::options::{Flavour, Options};
use super::policy::Rules;
use super::view::{View, lossy};
use crate::snapshot::ids;
use crate::snapshot::schema::Account;
use crate::snapshot::value::Micros;

/// Who an account is, before its state is known.
#[derive(Debug)]
pub struct Identity<'a> {
    pub account_id: &'a str,
    pub system: &'a str,
    /// Comparable name.
    pub name: &'a [u8],
    pub sid: Option<&'a str>,
    /// The directory gave no immutable id: the name stands in.
    pub from_name: bool,
}

/// The login: what a person types. An export without it leaves the name's own part.
pub fn login<'e>(view: &mut View<'e>) -> Cow<'e, str> {
    for attr in [Attr::SamAccountName, Attr::Uid, Attr::UserPrincipalName] {
        if let Some(text) = view.text(attr) {
            return text.into();
        }
    }
    let dn = lossy(view.entry.dn());
    Cow::Owned(dn::split(&dn).0)
}

/// Addresses, comparable: `mail` first, then aliases; X.500 and SIP proxies are no e-mail.
fn emails<'e>(view: &mut View<'e>) -> Vec<Cow<'e, str>> {
    let mut all: Vec<Cow<'e, str>> = vec![];
    for attr in [Attr::Mail, Attr::MailAlternate, Attr::ProxyAddresses] {
        if view.entry.first(attr).is_none() {
            continue;
        }
        for address in view.texts(attr) {
            if attr == Attr::ProxyAddresses && !address.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("smtp:")) {
                continue;
            }
            let plain =
                address.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_' | b'@'));
            let address = if plain { Cow::Borrowed(address) } else { Cow::Owned(ids::email(address)) };
            if !address.is_empty() && !all.contains(&address) {
                all.push(address);
            }
        }
    }
    all
}

fn display_name<'e>(view: &mut View<'e>) -> Option<Cow<'e, str>> {
    for attr in [Attr::DisplayName, Attr::Cn, Attr::Gecos] {
        if let Some(text) = view.text(attr) {
            return Some(text.into());
        }
    }
    None
}

/// The state of the account in `view`, under the policy that applies to it.
#[must_use]
pub fn state(known: &Known, walk: &Walk, comparable: &[u8], view: &mut View<'_>, as_of: Micros) -> State {
    let mut policy = vec![];
    let named = |attr| view.entry.first(attr).map(|dn| dn::normalise(dn, &mut policy)).is_some_and(|read| read.is_ok());
    let rules = if known.flavour == Flavour::Ad {
        let resultant = [Attr::ResultantPso].into_iter().any(named);
        let holds = |name: NameId| known.registry.groups.named(name).is_some_and(|group| walk.holds(group));
        if !resultant && has_hidden_settings(known, view.entry) {
            Rules::default()
        } else {
            known.policies.active_directory(&known.registry.names, comparable, resultant.then_some(policy.as_slice()), holds)
        }
    } else {
        let declared = [Attr::PwdPolicySubentry, Attr::IbmPwdGroupPolicy].into_iter().any(named);
        known.policies.named(declared.then_some(policy.as_slice()))
    };
    let scene = Scene { as_of, present: known.present, rules, managed: view.entry.classes.is_managed() };
    flavours::state(known.flavour, view, &scene)
}

/// Whether the account itself is under a settings object that was not seen: nobody knows what that says.
fn has_hidden_settings(known: &Known, entry: &Entry) -> bool {
    let mut name = vec![];
    entry
        .all(Attr::PsoApplied)
        .any(|dn| dn::normalise(dn, &mut name).is_ok() && !known.policies.is_seen(&known.registry.names, &name))
}

/// The row. `attributes` is where its JSON is written.
pub fn row<'r>(
    identity: &Identity<'r>,
    view: &mut View<'r>,
    state: &State,
    options: &Options,
    attributes: &'r mut String,
) -> Account<'r> {
    let login = login(view);
    let mut numbers = [Attr::EmployeeNumber, Attr::EmployeeId];
    if view.entry.carries(Attr::SamAccountName) {
        numbers.reverse();
    }
    let row = Account {
        account_id: identity.account_id.into(),
        system: identity.system.into(),
        kind: kind(view.entry, identity.name, &login, identity.sid, options).into(),
        login,
        display_name: display_name(view),
        emails: emails(view),
        employee_id: numbers.into_iter().find_map(|attr| view.text(attr)).map(Into::into),
        enabled: state.enabled,
        locked: state.locked,
        expires_on: state.expires_on,
        last_login_at: state.last_login,
        last_login_precision: state.precision.word().into(),
        created_at: state.created,
        password_changed_at: state.password_changed,
        password_never_expires: state.never_expires,
        link_status: "none".into(),
        ..Account::default()
    };
    let mut rest = common(identity, view, state);
    if view.entry.carries(Attr::UserAccountControl) {
        active_directory(view, &mut rest);
    }
    if !view.unreadable.is_empty() {
        view.unreadable.sort_unstable();
        rest.put("unreadable", Item::Owneds(view.unreadable.iter().map(|name| (*name).to_owned()).collect()));
    }
    rest.write(attributes);
    Account { attributes: attributes.as_str().into(), ..row }
}

/// What any directory may say.
fn common<'r>(identity: &Identity<'r>, view: &mut View<'r>, state: &State) -> Object<'r> {
    let mut rest = Object::new();
    rest.put(
        "dn",
        match lossy(view.entry.dn()) {
            Cow::Borrowed(dn) => Item::Text(dn),
            Cow::Owned(dn) => Item::Owned(dn),
        },
    );
    rest.text("upn", view.text(Attr::UserPrincipalName));
    let department = view.text(Attr::Department);
    rest.text("department", department.or_else(|| view.text(Attr::DepartmentNumber)));
    rest.text("title", view.text(Attr::Title));
    rest.text("manager", view.text(Attr::Manager));
    rest.texts("employeeType", view.texts(Attr::EmployeeType));
    rest.text("description", view.text(Attr::Description));
    rest.text("sid", identity.sid);
    rest.flag("must_change_password", state.must_change);
    if identity.from_name {
        rest.put("id_from", Item::Text("dn"));
    }
    rest
}

fn active_directory<'r>(view: &mut View<'r>, rest: &mut Object<'r>) {
    let bits = view.entry.control();
    for (key, bit) in [
        ("password_not_required", ad::PASSWORD_NOT_REQUIRED),
        ("reversible_password", ad::REVERSIBLE_PASSWORD),
        ("no_preauth", ad::NO_PREAUTH),
        ("des_only", ad::DES_ONLY),
        ("unconstrained_delegation", ad::UNCONSTRAINED_DELEGATION),
        ("smartcard_required", ad::SMARTCARD),
    ] {
        rest.flag(key, bits & bit != 0);
    }
    if let Some(count) = view.number(Attr::AdminCount).filter(|count| *count != 0) {
        rest.put("admin_count", Item::Number(count));
    }
    let history: Vec<String> = view.entry.all(Attr::SidHistory).filter_map(super::ids::sid).collect();
    if !history.is_empty() {
        rest.put("sid_history", Item::Owneds(history));
    }
    rest.list("spn", view.texts(Attr::ServicePrincipalName));
    rest.list("delegates_to", view.texts(Attr::AllowedToDelegateTo));
}

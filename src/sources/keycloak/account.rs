//! From a user's representation to the row of its account.

use serde_json::{Map, Value, json};

use super::realm::{Client, Realm, items};
use crate::snapshot::ids;
use crate::snapshot::schema::Account;
use crate::snapshot::value::Micros;

/// What is known of a user beside its representation.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    /// clientId whose service account it is.
    pub(super) client: Option<String>,
    /// Newest login event.
    pub(super) last_login: Option<Micros>,
    /// Identity providers it is linked to.
    pub(super) identity_providers: Vec<String>,
}

/// What the configuration says of accounts.
pub(super) struct Rules<'a> {
    pub(super) system: &'a str,
    pub(super) employee_attribute: Option<&'a str>,
    /// Whether the login is one of a service account.
    pub(super) is_service: &'a dyn Fn(&str) -> bool,
}

/// A user understood.
pub(super) struct Understood {
    pub(super) row: Account<'static>,
    /// Its users come from this directory component.
    pub(super) federated: bool,
}

/// Immutable half of a user's id. Exports that were written by hand have none.
pub(super) fn local_id(realm: &str, user: &Value) -> Option<String> {
    let text = |key: &str| user.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    text("id").map(str::to_owned).or_else(|| text("username").map(|name| format!("{realm}/{name}")))
}

/// Makes the row, or says why it cannot.
pub(super) fn read(realm: &Realm, user: &Value, beside: &Beside, rules: &Rules<'_>) -> Result<Understood, String> {
    let facts = Facts { realm, user, beside };
    let local = local_id(&realm.name, user).ok_or("the user has neither id nor username")?;
    let link = facts.link(&local);
    // Users of the federated storage are known as f:<component>:<name in the directory>.
    let login = facts.text("username").or_else(|| link.as_ref().and_then(|_| local.splitn(3, ':').nth(2)));
    let login = login.ok_or("the user has no username")?;
    let client = facts.client();
    let name = [facts.text("firstName"), facts.text("lastName")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let display_name = match &client {
        Some((client_id, client)) => Some(client.and_then(|client| client.name.clone()).unwrap_or_else(|| (*client_id).to_owned())),
        None => (!name.is_empty()).then_some(name),
    };
    let personal = display_name.is_some() || facts.text("email").is_some() || link.is_some();
    let kind = match (&client, (rules.is_service)(login)) {
        (Some(_), _) | (None, true) => "service",
        (None, false) => {
            if personal {
                "human"
            } else {
                "unknown"
            }
        }
    };
    let row = Account {
        account_id: ids::object(rules.system, &local).into(),
        system: rules.system.to_owned().into(),
        login: login.to_owned().into(),
        display_name: display_name.map(Into::into),
        emails: facts.text("email").map(|email| ids::email(email).into()).into_iter().collect(),
        employee_id: rules.employee_attribute.and_then(|name| facts.attribute(name)).map(|number| number.to_owned().into()),
        kind: kind.into(),
        enabled: facts.enabled(client.and_then(|(_, client)| client)),
        // Without brute force detection nothing locks a local account; with it, only the server's memory knows.
        locked: (realm.brute_force == Some(false) && link.is_none()).then_some(false),
        last_login_at: beside.last_login,
        last_login_precision: if beside.last_login.is_some() { "exact" } else { "none" }.into(),
        created_at: millis(user.get("createdTimestamp")),
        password_changed_at: facts.passwords().filter_map(|one| millis(one.get("createdDate"))).max().filter(|_| link.is_none()),
        password_never_expires: facts.never_expires(client.is_some() || link.is_some()),
        link_status: "none".into(),
        attributes: facts.rest(link.as_deref(), client.map(|(client_id, _)| client_id)).to_string().into(),
        ..Account::default()
    };
    Ok(Understood { row, federated: link.is_some() })
}

/// Milliseconds since 1970; 0 is not told.
fn millis(value: Option<&Value>) -> Option<Micros> {
    value.and_then(Value::as_i64).filter(|millis| *millis > 0).and_then(|millis| millis.checked_mul(1000)).map(Micros)
}

struct Facts<'a> {
    realm: &'a Realm,
    user: &'a Value,
    beside: &'a Beside,
}

impl<'a> Facts<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.user.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// First value of a user attribute; older versions write one without a list.
    fn attribute(&self, name: &str) -> Option<&'a str> {
        let value = self.user.get("attributes")?.get(name)?;
        value.as_array().map_or(Some(value), |list| list.first())?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Component that the user comes from.
    fn link(&self, local: &str) -> Option<String> {
        let by_id = || local.strip_prefix("f:").and_then(|rest| rest.split(':').next()).filter(|id| !id.is_empty());
        self.text("federationLink").or_else(by_id).map(str::to_owned)
    }

    /// The client whose service account it is.
    fn client(&self) -> Option<(&'a str, Option<&'a Client>)> {
        let client_id = self.beside.client.as_deref().or_else(|| self.text("serviceAccountClientId"))?;
        // Exports name the client by its clientId, some versions by its id.
        let found = self.realm.clients.get_key_value(client_id);
        let found = found.or_else(|| self.realm.clients.iter().find(|(_, client)| client.id.as_deref() == Some(client_id)));
        Some(found.map_or((client_id, None), |(name, client)| (name.as_str(), Some(client))))
    }

    /// An account of a realm or client that is switched off cannot be used, whatever its own flag says.
    fn enabled(&self, client: Option<&Client>) -> Option<bool> {
        if self.realm.enabled == Some(false) || client.is_some_and(|client| client.enabled == Some(false)) {
            return Some(false);
        }
        self.user.get("enabled").and_then(Value::as_bool)
    }

    /// Passwords among the exported credentials; the API shows none.
    fn passwords(&self) -> impl Iterator<Item = &'a Value> {
        items(self.user, "credentials").iter().filter(|one| one.get("type").and_then(Value::as_str) == Some("password"))
    }

    /// Whether the password is exempt from expiry; not told of accounts that have none here.
    fn never_expires(&self, elsewhere: bool) -> Option<bool> {
        let none = self.user.get("credentials").is_some() && self.passwords().next().is_none();
        (self.realm.defined && !elsewhere && !none).then_some(!self.realm.passwords_expire)
    }

    /// The rest of what was said. `federation` says which entry of which directory this account is.
    fn rest(&self, link: Option<&str>, client: Option<&str>) -> Value {
        let mut rest = Map::new();
        let mut put = |key: &str, value: Value| {
            if !(value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)) {
                rest.insert(key.to_owned(), value);
            }
        };
        put("client", json!(client));
        put("email_verified", self.user.get("emailVerified").cloned().unwrap_or_default());
        if let Some(link) = link {
            put("federation", self.federation(link));
        }
        let linked = items(self.user, "federatedIdentities").iter().filter_map(|one| one.get("identityProvider")?.as_str());
        let mut providers: Vec<&str> = linked.chain(self.beside.identity_providers.iter().map(String::as_str)).collect();
        providers.sort_unstable();
        providers.dedup();
        put("identity_providers", json!(providers));
        put("otp", self.user.get("totp").cloned().unwrap_or_default());
        put("realm", json!(self.realm.name));
        put("required_actions", self.user.get("requiredActions").cloned().unwrap_or_default());
        put("upn", json!(self.attribute("userPrincipalName")));
        put("user_attributes", self.user.get("attributes").cloned().unwrap_or_default());
        Value::Object(rest)
    }

    fn federation(&self, link: &str) -> Value {
        let known = self.realm.federations.get(link);
        let facts = [
            ("component", known.map(|known| known.name.as_str())),
            ("ldap_entry_dn", self.attribute("LDAP_ENTRY_DN")),
            ("ldap_id", self.attribute("LDAP_ID")),
            ("link", Some(link)),
            ("provider", known.map(|known| known.provider.as_str()).filter(|name| !name.is_empty())),
        ];
        Value::Object(facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))).collect())
    }
}

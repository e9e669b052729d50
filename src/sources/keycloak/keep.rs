//! What of Keycloak's representations is kept, in the raw capture and for the rows: the fields that Probant reads. Client secrets,
//! credentials, keys, bind passwords and addresses of logins are dropped here, before anything else sees them, so that no list of
//! forbidden words has to be complete.
//!
//! Fields: Keycloak Admin REST API, representations of realm, client, role, group, user, component and event.

use serde_json::{Map, Value};

/// Part of an attribute's name that says its value is a secret. User attributes are free text, so these must be told by name.
const SECRET_WORDS: [&str; 6] = ["password", "passwd", "secret", "token", "otp", "private"];

/// The fields of the realm itself; lists of other objects are kept by their own function.
const REALM: [&str; 10] = [
    "id",
    "realm",
    "displayName",
    "enabled",
    "passwordPolicy",
    "bruteForceProtected",
    "eventsEnabled",
    "eventsExpiration",
    "enabledEventTypes",
    "keycloakVersion",
];
const ROLE: [&str; 7] = ["id", "name", "description", "composite", "composites", "clientRole", "containerId"];
const CLIENT: [&str; 5] = ["id", "clientId", "name", "enabled", "serviceAccountsEnabled"];
const GROUP: [&str; 8] = ["id", "name", "path", "description", "realmRoles", "clientRoles", "subGroupCount", "subGroups"];
const COMPONENT: [&str; 4] = ["id", "name", "providerId", "config"];
const COMPONENT_CONFIG: [&str; 6] = ["enabled", "vendor", "editMode", "importEnabled", "usersDn", "uuidLDAPAttribute"];
const EVENT: [&str; 3] = ["time", "type", "userId"];
const CREDENTIAL: [&str; 2] = ["type", "createdDate"];
const USER: [&str; 17] = [
    "id",
    "username",
    "enabled",
    "emailVerified",
    "firstName",
    "lastName",
    "email",
    "createdTimestamp",
    "totp",
    "federationLink",
    "serviceAccountClientId",
    "requiredActions",
    "realmRoles",
    "clientRoles",
    "groups",
    "attributes",
    "notBefore",
];

fn only(value: Value, keys: &[&str]) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(key, _)| keys.contains(&key.as_str())).collect()),
        other => other,
    }
}

fn each(value: Value, keep: impl Fn(Value) -> Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(keep).collect()),
        other => keep(other),
    }
}

/// Moves one field through a function, if it is there.
fn inside(from: &mut Map<String, Value>, into: &mut Map<String, Value>, key: &str, keep: impl Fn(Value) -> Value) {
    if let Some(value) = from.remove(key) {
        into.insert(key.to_owned(), keep(value));
    }
}

/// A realm, without its users.
pub(super) fn realm(value: Value) -> Value {
    let Value::Object(mut all) = value else { return value };
    let mut kept: Map<String, Value> = Map::new();
    inside(&mut all, &mut kept, "roles", export_roles);
    inside(&mut all, &mut kept, "groups", groups);
    inside(&mut all, &mut kept, "defaultRole", roles);
    inside(&mut all, &mut kept, "clients", clients);
    inside(&mut all, &mut kept, "identityProviders", identity_providers);
    inside(&mut all, &mut kept, "components", |components| {
        let Value::Object(mut types) = components else { return Value::Null };
        let storage = types.remove(super::realm::USER_STORAGE).map(self::components);
        Value::Object(storage.map(|kept| (super::realm::USER_STORAGE.to_owned(), kept)).into_iter().collect())
    });
    // The form of version 3 and before.
    inside(&mut all, &mut kept, "userFederationProviders", |list| {
        each(list, |one| only(one, &["id", "displayName", "providerName"]))
    });
    kept.extend(all.into_iter().filter(|(key, _)| REALM.contains(&key.as_str())));
    Value::Object(kept)
}

fn export_roles(value: Value) -> Value {
    let Value::Object(mut all) = value else { return Value::Null };
    let mut kept = Map::new();
    inside(&mut all, &mut kept, "realm", roles);
    inside(&mut all, &mut kept, "client", |clients| match clients {
        Value::Object(clients) => Value::Object(clients.into_iter().map(|(client, list)| (client, roles(list))).collect()),
        other => other,
    });
    Value::Object(kept)
}

/// A role or a list of them.
pub(super) fn roles(value: Value) -> Value {
    each(value, |role| only(role, &ROLE))
}

/// A client or a list of them.
pub(super) fn clients(value: Value) -> Value {
    each(value, |client| only(client, &CLIENT))
}

/// A group or a list of them, with their subgroups.
pub(super) fn groups(value: Value) -> Value {
    each(value, |group| match only(group, &GROUP) {
        Value::Object(mut kept) => {
            if let Some(below) = kept.remove("subGroups") {
                kept.insert("subGroups".into(), groups(below));
            }
            Value::Object(kept)
        }
        other => other,
    })
}

/// User storage providers.
pub(super) fn components(value: Value) -> Value {
    each(value, |component| match only(component, &COMPONENT) {
        Value::Object(mut kept) => {
            if let Some(config) = kept.remove("config") {
                kept.insert("config".into(), only(config, &COMPONENT_CONFIG));
            }
            Value::Object(kept)
        }
        other => other,
    })
}

/// Identity providers: their aliases.
pub(super) fn identity_providers(value: Value) -> Value {
    each(value, |provider| only(provider, &["alias", "providerId", "enabled"]))
}

/// Login events: who and when.
pub(super) fn events(value: Value) -> Value {
    each(value, |event| only(event, &EVENT))
}

/// Members of a role or group: who.
pub(super) fn members(value: Value) -> Value {
    each(value, |user| only(user, &["id"]))
}

/// Role mappings of a group.
pub(super) fn mappings(value: Value) -> Value {
    let Value::Object(mut all) = value else { return value };
    let mut kept = Map::new();
    inside(&mut all, &mut kept, "realmMappings", roles);
    inside(&mut all, &mut kept, "clientMappings", |clients| match clients {
        Value::Object(clients) => Value::Object(
            clients
                .into_iter()
                .map(|(client, one)| match one {
                    Value::Object(mut one) => {
                        let list = one.remove("mappings").map_or(Value::Null, roles);
                        (client, serde_json::json!({ "mappings": list }))
                    }
                    other => (client, other),
                })
                .collect(),
        ),
        other => other,
    });
    Value::Object(kept)
}

/// Users.
pub(super) fn users(value: Value) -> Value {
    each(value, user)
}

/// A user: without credentials but their kind and date, and without attributes whose name says secret.
pub(super) fn user(value: Value) -> Value {
    let Value::Object(mut all) = value else { return value };
    let mut kept = Map::new();
    inside(&mut all, &mut kept, "credentials", |list| each(list, |one| only(one, &CREDENTIAL)));
    inside(&mut all, &mut kept, "federatedIdentities", |list| each(list, |one| only(one, &["identityProvider"])));
    kept.extend(all.into_iter().filter(|(key, _)| USER.contains(&key.as_str())));
    if let Some(Value::Object(attributes)) = kept.get_mut("attributes") {
        attributes.retain(|name, _| {
            let name = name.to_lowercase();
            !SECRET_WORDS.iter().any(|word| name.contains(word))
        });
    }
    Value::Object(kept)
}

/// A number, a text, a small object of numbers: kept as it is.
pub(super) fn all(value: Value) -> Value {
    value
}

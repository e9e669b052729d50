//! One made-up realm, told twice: as an export and as the answers of a server.

use serde_json::{Map, Value, json};

/// Logins in the order of their ids `u-1`…; service accounts apart.
pub(super) const LOGINS: [&str; 7] = ["adurand", "bexploit", "cldap", "dsimple", "efc", "fnobody", "gsvc"];

fn role(id: &str, name: &str, composite: bool) -> Value {
    json!({ "id": id, "name": name, "composite": composite, "description": format!("Rôle {name}"), "attributes": { "x": ["y"] } })
}

pub(super) fn realm() -> Value {
    json!({
        "id": "r-1", "realm": "agence", "enabled": true, "bruteForceProtected": true, "eventsEnabled": true, "enabledEventTypes": [],
        "passwordPolicy": "length(12) and forceExpiredPasswordChange(180)",
        "smtpServer": { "password": "SMTP-SECRET" },
        "identityProviders": [{ "alias": "franceconnect", "config": { "clientSecret": "IDP-SECRET" } }],
    })
}

pub(super) fn realm_roles() -> Vec<Value> {
    vec![
        role("ro-default", "default-roles-agence", true),
        role("ro-offline", "offline_access", false),
        role("ro-audit", "auditeur", false),
        role("ro-exploit", "exploitation", true),
        role("ro-loop", "boucle", true),
    ]
}

/// clientId, id, enabled, service account, roles.
pub(super) fn clients() -> Vec<(&'static str, &'static str, bool, bool, Vec<Value>)> {
    vec![
        ("account", "c-account", true, false, vec![role("ro-view", "view-profile", false)]),
        ("batch", "c-batch", false, true, vec![]),
        ("grafana", "c-grafana", true, true, vec![role("ro-edit", "éditeur/tableaux", false)]),
        (
            "realm-management",
            "c-rm",
            true,
            false,
            vec![role("ro-admin", "realm-admin", true), role("ro-manage", "manage-users", false)],
        ),
    ]
}

pub(super) fn client(client: &(&str, &str, bool, bool, Vec<Value>)) -> Value {
    json!({ "clientId": client.0, "id": client.1, "enabled": client.2, "serviceAccountsEnabled": client.3, "name": format!("${{client_{}}}", client.0),
        "secret": "CLIENT-SECRET" })
}

/// Ids of what comes with a composite role.
pub(super) fn composites(id: &str) -> Vec<&'static str> {
    match id {
        "ro-default" => vec!["ro-offline", "ro-view"],
        "ro-exploit" => vec!["ro-audit", "ro-admin", "ro-loop"],
        "ro-loop" => vec!["ro-exploit"],
        "ro-admin" => vec!["ro-manage"],
        _ => vec![],
    }
}

/// Every role with its client.
pub(super) fn all_roles() -> Vec<(Option<&'static str>, Value)> {
    let mut all: Vec<(Option<&str>, Value)> = realm_roles().into_iter().map(|role| (None, role)).collect();
    for (client, _, _, _, roles) in clients() {
        all.extend(roles.into_iter().map(|role| (Some(client), role)));
    }
    all
}

pub(super) fn top_groups() -> Vec<Value> {
    vec![
        json!({ "id": "g-dsi", "name": "DSI", "path": "/DSI", "realmRoles": ["auditeur"], "clientRoles": {}, "subGroupCount": 1, "subGroups": [] }),
    ]
}

pub(super) fn sub_groups() -> Vec<Value> {
    vec![
        json!({ "id": "g-exp", "name": "Exploitants", "path": "/DSI/Exploitants", "realmRoles": [], "clientRoles": { "grafana": ["éditeur/tableaux"] },
        "subGroupCount": 0, "subGroups": [] }),
    ]
}

/// Ids of direct holders of a role.
pub(super) fn holders(role: &str) -> Vec<&'static str> {
    match role {
        "default-roles-agence" => vec!["u-1", "u-2", "u-3", "u-4", "u-5", "u-7"],
        "exploitation" => vec!["u-2"],
        "auditeur" => vec!["u-4"],
        "realm-management/manage-users" => vec!["s-grafana"],
        _ => vec![],
    }
}

pub(super) fn members(group: &str) -> Vec<&'static str> {
    if group == "g-exp" { vec!["u-3", "u-4"] } else { vec![] }
}

pub(super) fn users() -> Vec<Value> {
    let mut users: Vec<Value> = (1..)
        .zip(LOGINS)
        .map(|(n, login)| {
            json!({ "id": format!("u-{n}"), "username": login, "enabled": n != 4, "emailVerified": true, "totp": n == 1, "createdTimestamp": 1_600_000_000_000_i64 + n,
                "requiredActions": [], "attributes": { "employeeNumber": [format!("00{n}")], "api_token": ["ATTR-SECRET"] } })
        })
        .collect();
    let more = [
        (0, json!({ "firstName": "Anne", "lastName": "Durand", "email": "Anne.Durand@Agence.example" })),
        (2, json!({ "federationLink": "comp-ldap", "firstName": "Chloé", "lastName": "Petit" })),
        (3, json!({ "requiredActions": ["UPDATE_PASSWORD"] })),
    ];
    for (at, more) in more {
        users[at].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    let ldap = json!({ "LDAP_ID": ["7f3c-1"], "LDAP_ENTRY_DN": ["uid=cldap,ou=people,dc=agence"], "userPrincipalName": ["cldap@agence.example"] });
    users[2]["attributes"].as_object_mut().unwrap().extend(ldap.as_object().unwrap().clone());
    users
}

pub(super) fn service_account(client: &str) -> Value {
    json!({ "id": format!("s-{client}"), "username": format!("service-account-{client}"), "enabled": true, "createdTimestamp": 1_500_000_000_000_i64 })
}

pub(super) fn component() -> Value {
    json!({ "id": "comp-ldap", "name": "Annuaire", "providerId": "ldap", "providerType": "org.keycloak.storage.UserStorageProvider",
        "config": { "enabled": ["true"], "bindCredential": ["BIND-SECRET"], "vendor": ["other"] } })
}

fn names(ids: &[&str]) -> (Vec<String>, Map<String, Value>) {
    let (mut realm, mut by_client) = (vec![], Map::new());
    for (client, role) in all_roles().into_iter().filter(|(_, role)| ids.contains(&role["id"].as_str().unwrap())) {
        let name = role["name"].as_str().unwrap().to_owned();
        match client {
            None => realm.push(name),
            Some(client) => {
                by_client.entry(client).or_insert_with(|| json!([])).as_array_mut().unwrap().push(json!(name));
            }
        }
    }
    (realm, by_client)
}

/// The realm as `kc.sh export` writes it, with its users.
pub(super) fn export() -> Value {
    let exported = |role: Value| {
        let mut role = role;
        let (realm, client) = names(&composites(role["id"].as_str().unwrap()));
        if role["composite"] == true {
            role["composites"] = json!({ "realm": realm, "client": client });
        }
        role
    };
    let by_client: Map<String, Value> = clients()
        .into_iter()
        .map(|(name, _, _, _, roles)| (name.to_owned(), roles.into_iter().map(exported).collect::<Vec<_>>().into()))
        .collect();
    let mut groups = top_groups();
    groups[0]["subGroups"] = sub_groups().into();
    let mut all = users();
    for user in &mut all {
        let password =
            json!({ "type": "password", "createdDate": 1_700_000_000_000_i64, "secretData": "{\"value\":\"HASH-SECRET\"}" });
        user["credentials"] = if user.get("federationLink").is_some() { json!([]) } else { json!([password]) };
    }
    for (client, id, ..) in clients().into_iter().filter(|client| client.3) {
        let mut user = service_account(client);
        user["serviceAccountClientId"] = json!(if client == "batch" { id } else { client });
        all.push(user);
    }
    for user in &mut all {
        let id = user["id"].as_str().unwrap().to_owned();
        let held: Vec<(Option<&str>, String)> = all_roles()
            .into_iter()
            .map(|(client, role)| (client, role["name"].as_str().unwrap().to_owned()))
            .filter(|(client, name)| {
                holders(&client.map_or(name.clone(), |client| format!("{client}/{name}"))).contains(&id.as_str())
            })
            .collect();
        user["realmRoles"] =
            held.iter().filter(|(client, _)| client.is_none()).map(|(_, name)| json!(name)).collect::<Vec<_>>().into();
        let mut by_client = Map::new();
        for (client, name) in held.into_iter().filter_map(|(client, name)| Some((client?, name))) {
            by_client.insert(client.to_owned(), json!([name]));
        }
        user["clientRoles"] = by_client.into();
        user["groups"] = if members("g-exp").contains(&id.as_str()) { json!(["/DSI/Exploitants"]) } else { json!([]) };
    }
    let mut export = realm();
    let parts = json!({
        "roles": { "realm": realm_roles().into_iter().map(exported).collect::<Vec<_>>(), "client": by_client },
        "clients": clients().iter().map(client).collect::<Vec<_>>(),
        "groups": groups,
        "components": { "org.keycloak.storage.UserStorageProvider": [component()],
            "org.keycloak.keys.KeyProvider": [{ "id": "k", "config": { "privateKey": ["KEY-SECRET"] } }] },
        "users": all,
    });
    export.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    export
}

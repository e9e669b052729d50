//! A realm in memory: its roles with what they are made of, its groups with the roles they carry, and where its users come from.
//! Users are not held; they stream past.

use std::collections::BTreeMap;

use serde_json::Value;

use super::privileged;

/// Provider type of the components that users come from.
pub(super) const USER_STORAGE: &str = "org.keycloak.storage.UserStorageProvider";

/// Position of a role in [`Realm::roles`].
pub(super) type RoleAt = usize;
/// Position of a group in [`Realm::groups`].
pub(super) type GroupAt = usize;

/// A realm role or a client's role.
#[derive(Debug, Clone)]
pub(super) struct Role {
    /// Immutable half of its id: Keycloak's, else made of its names.
    pub(super) local: String,
    /// `role` or `client/role`.
    pub(super) label: String,
    /// Its client; `None` for a realm role.
    pub(super) client: Option<String>,
    pub(super) description: Option<String>,
    /// Roles that come with it.
    pub(super) contains: Vec<RoleAt>,
    /// What its name says of its privilege.
    pub(super) rule: Option<bool>,
}

/// A group.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) local: String,
    pub(super) path: String,
    pub(super) description: Option<String>,
    pub(super) parent: Option<GroupAt>,
    /// Roles that its members have.
    pub(super) roles: Vec<RoleAt>,
}

/// A directory that users come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Federation {
    pub(super) name: String,
    pub(super) provider: String,
}

/// A client, as far as its service account is concerned.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// Keycloak's own id of it.
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) enabled: Option<bool>,
    pub(super) service_account: bool,
}

/// A realm, without its users.
#[derive(Debug, Clone, Default)]
pub(super) struct Realm {
    pub(super) name: String,
    /// Its own representation was read, not only users of it.
    pub(super) defined: bool,
    pub(super) enabled: Option<bool>,
    /// Repeated wrong passwords lock accounts for a while.
    pub(super) brute_force: Option<bool>,
    /// The password policy makes passwords expire.
    pub(super) passwords_expire: bool,
    pub(super) roles: Vec<Role>,
    pub(super) groups: Vec<Group>,
    pub(super) clients: BTreeMap<String, Client>,
    /// By component id.
    pub(super) federations: BTreeMap<String, Federation>,
    role_names: BTreeMap<(String, String), RoleAt>,
    role_ids: BTreeMap<String, RoleAt>,
    group_paths: BTreeMap<String, GroupAt>,
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Items of a list; nothing when it is none.
pub(super) fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The pairs of names of `{client: [role, …]}`.
pub(super) fn client_roles<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (&'v str, &'v str)> {
    let clients = value.get(key).and_then(Value::as_object);
    clients.into_iter().flatten().flat_map(|(client, names)| {
        let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
        names.map(move |name| (client.as_str(), name))
    })
}

impl Realm {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Takes the settings of a realm's representation.
    pub(super) fn settings(&mut self, value: &Value) {
        self.defined = true;
        self.enabled = value.get("enabled").and_then(Value::as_bool).or(self.enabled);
        self.brute_force = value.get("bruteForceProtected").and_then(Value::as_bool).or(self.brute_force);
        // Password policies documentation, "Expire password": forceExpiredPasswordChange(days).
        self.passwords_expire |= text(value, "passwordPolicy").is_some_and(|policy| policy.contains("forceExpiredPasswordChange"));
    }

    /// Takes roles, clients, groups and components of an exported realm. Returns what could not be read, each with its reason.
    pub(super) fn definitions(&mut self, value: &Value) -> Vec<(String, Value)> {
        let mut refused = vec![];
        self.settings(value);
        for client in items(value, "clients") {
            self.client(client);
        }
        let none = Value::Null;
        let roles = value.get("roles").unwrap_or(&none);
        let by_client = roles.get("client").and_then(Value::as_object);
        let of_clients = by_client
            .into_iter()
            .flatten()
            .flat_map(|(client, list)| list.as_array().into_iter().flatten().map(move |role| (Some(client.as_str()), role)));
        let all: Vec<(Option<&str>, &Value)> = items(roles, "realm")
            .iter()
            .map(|role| (None, role))
            .chain(value.get("defaultRole").map(|role| (None, role)))
            .chain(of_clients)
            .collect();
        for (client, role) in &all {
            if let Err(why) = self.role(*client, role) {
                refused.push((why, (*role).clone()));
            }
        }
        for (client, role) in &all {
            if let (Some(name), Some(parts)) = (text(role, "name"), role.get("composites")) {
                let at = self.named(*client, &name);
                let mut contains: Vec<RoleAt> =
                    items(parts, "realm").iter().filter_map(Value::as_str).map(|part| self.named(None, part)).collect();
                contains.extend(client_roles(parts, "client").map(|(client, part)| self.named(Some(client), part)));
                self.compose(at, contains);
            }
        }
        for group in items(value, "groups") {
            self.group_tree(None, group, &mut refused);
        }
        let storage = value.get("components").map_or(&[][..], |components| items(components, USER_STORAGE));
        for component in storage.iter().chain(items(value, "userFederationProviders")) {
            self.component(component);
        }
        refused
    }

    /// Adds a client.
    pub(super) fn client(&mut self, value: &Value) {
        if let Some(client_id) = text(value, "clientId") {
            let client = Client {
                id: text(value, "id"),
                name: text(value, "name").filter(|name| !name.starts_with("${")),
                enabled: value.get("enabled").and_then(Value::as_bool),
                service_account: value.get("serviceAccountsEnabled").and_then(Value::as_bool) == Some(true),
            };
            self.clients.insert(client_id, client);
        }
    }

    /// Adds a component that users come from, unless it is switched off.
    pub(super) fn component(&mut self, value: &Value) {
        let enabled = value.pointer("/config/enabled/0").and_then(Value::as_str) != Some("false");
        if let Some(id) = text(value, "id").filter(|_| enabled) {
            let name = text(value, "name").or_else(|| text(value, "displayName")).unwrap_or_else(|| id.clone());
            let provider = text(value, "providerId").or_else(|| text(value, "providerName")).unwrap_or_default();
            self.federations.insert(id, Federation { name, provider });
        }
    }

    /// Adds a role, or completes one that was named before it was defined.
    pub(super) fn role(&mut self, client: Option<&str>, value: &Value) -> Result<RoleAt, String> {
        let name = text(value, "name").ok_or("the role has no name")?;
        let at = self.named(client, &name);
        let id = text(value, "id");
        if let Some(role) = self.roles.get_mut(at) {
            if let Some(id) = &id {
                role.local.clone_from(id);
            }
            // `${role_admin}` is a key of Keycloak's own message files, not a description.
            role.description = text(value, "description").filter(|text| !text.starts_with("${"));
        }
        if let Some(id) = id {
            self.role_ids.insert(id, at);
        }
        Ok(at)
    }

    /// The role of that name; one that is not defined is made, for somebody holds it.
    pub(super) fn named(&mut self, client: Option<&str>, name: &str) -> RoleAt {
        let key = (client.unwrap_or_default().to_owned(), name.to_owned());
        if let Some(at) = self.role_names.get(&key) {
            return *at;
        }
        let at = self.roles.len();
        let local = match client {
            Some(client) => format!("{}/client/{client}/{name}", self.name),
            None => format!("{}/role/{name}", self.name),
        };
        self.roles.push(Role {
            local,
            label: client.map_or_else(|| name.to_owned(), |client| format!("{client}/{name}")),
            client: client.map(str::to_owned),
            description: None,
            contains: vec![],
            rule: privileged::rule(&self.name, client, name),
        });
        self.role_names.insert(key, at);
        at
    }

    /// The role with that id.
    pub(super) fn with_id(&self, id: &str) -> Option<RoleAt> {
        self.role_ids.get(id).copied()
    }

    /// Says what a role is made of.
    pub(super) fn compose(&mut self, at: RoleAt, mut contains: Vec<RoleAt>) {
        if let Some(role) = self.roles.get_mut(at) {
            contains.append(&mut role.contains);
            contains.sort_unstable();
            contains.dedup();
            role.contains = contains;
        }
    }

    /// Adds a group and all below it.
    fn group_tree(&mut self, parent: Option<GroupAt>, value: &Value, refused: &mut Vec<(String, Value)>) {
        match self.group(parent, value) {
            Ok(at) => {
                for below in items(value, "subGroups") {
                    self.group_tree(Some(at), below, refused);
                }
            }
            Err(why) => refused.push((why, value.clone())),
        }
    }

    /// Adds one group.
    pub(super) fn group(&mut self, parent: Option<GroupAt>, value: &Value) -> Result<GroupAt, String> {
        let above = parent.and_then(|parent| self.groups.get(parent)).map_or("", |group| group.path.as_str());
        let path = match (text(value, "path"), text(value, "name")) {
            (Some(path), _) => path,
            (None, Some(name)) => format!("{above}/{name}"),
            (None, None) => return Err("the group has neither name nor path".into()),
        };
        let mut roles: Vec<RoleAt> =
            items(value, "realmRoles").iter().filter_map(Value::as_str).map(|name| self.named(None, name)).collect();
        roles.extend(client_roles(value, "clientRoles").map(|(client, name)| self.named(Some(client), name)));
        let at = self.at_path(&path);
        if let Some(group) = self.groups.get_mut(at) {
            if let Some(id) = text(value, "id") {
                group.local = id;
            }
            group.parent = parent;
            group.description = text(value, "description");
            group.roles.append(&mut roles);
            group.roles.sort_unstable();
            group.roles.dedup();
        }
        Ok(at)
    }

    /// The group of that path; one that is not defined is made, for somebody is in it.
    pub(super) fn at_path(&mut self, path: &str) -> GroupAt {
        if let Some(at) = self.group_paths.get(path) {
            return *at;
        }
        let at = self.groups.len();
        let local = format!("{}/group{path}", self.name);
        self.groups.push(Group { local, path: path.to_owned(), description: None, parent: None, roles: vec![] });
        self.group_paths.insert(path.to_owned(), at);
        at
    }
}

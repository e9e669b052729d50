//! What a realm consists of, asked of the server: settings, clients, roles with what they are made of, groups, directories.

use serde_json::Value;

use super::super::capture::Fault;
use super::super::emit::Emit;
use super::super::keep;
use super::super::realm::{Client, GroupAt, Realm, RoleAt, items};
use super::ask::Ask;
use super::encode;
use super::holders::LOGINS;

/// What else the server said of the realm.
pub(super) struct Settings {
    /// Kinds of event that are kept, or all of them; `None` when none are.
    pub(super) events: Option<Vec<String>>,
    pub(super) identity_providers: Option<Vec<String>>,
}

impl Settings {
    /// Whether logins are among the events that the realm keeps.
    pub(super) fn keeps_logins(&self) -> bool {
        self.events.as_ref().is_some_and(|kinds| kinds.is_empty() || kinds.iter().any(|kind| LOGINS.contains(&kind.as_str())))
    }
}

/// One role of the realm, and where the server lists it and its holders.
pub(super) struct Listed {
    pub(super) role: RoleAt,
    pub(super) path: String,
    /// Keycloak's id, and whether other roles come with it.
    id: Option<String>,
    composite: bool,
}

pub(super) fn settings(ask: &mut Ask<'_>, base: &str, realm: &mut Realm) -> Result<Settings, Fault> {
    let value = ask.one(base, keep::realm)?;
    // Without view-realm the server answers with the name alone.
    if value.get("enabled").is_none() {
        return Err(Fault {
            status: Some(403),
            message: format!(
                "{base}: the server shows only the realm's name: give the service account view-realm of realm-management"
            ),
        });
    }
    realm.settings(&value);
    let kinds = items(&value, "enabledEventTypes").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let on = value.get("eventsEnabled").and_then(Value::as_bool) == Some(true);
    let aliases = |list: &[Value]| list.iter().filter_map(|one| one.get("alias")?.as_str()).map(str::to_owned).collect();
    let identity_providers = match value.get("identityProviders").and_then(Value::as_array) {
        Some(list) => Some(aliases(list)),
        // Left out of the realm since version 26.
        None => ask.list(&format!("{base}/identity-provider/instances"), keep::identity_providers).ok().map(|list| aliases(&list)),
    };
    Ok(Settings { events: on.then_some(kinds), identity_providers })
}

/// Roles of the realm and of its clients.
pub(super) fn roles(ask: &mut Ask<'_>, base: &str, realm: &mut Realm) -> Result<Vec<Listed>, Fault> {
    let mut listed = vec![];
    let mut add = |realm: &mut Realm, client: Option<&str>, below: &str, value: &Value| {
        let role = realm.role(client, value).map_err(|why| Fault::new(format!("{below}/roles: {why}")))?;
        let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
        listed.push(Listed {
            role,
            path: format!("{below}/roles/{}", encode(name)),
            id: value.get("id").and_then(Value::as_str).map(str::to_owned),
            composite: value.get("composite").and_then(Value::as_bool) == Some(true),
        });
        Ok::<_, Fault>(())
    };
    for value in ask.list(&format!("{base}/roles"), keep::roles)? {
        add(realm, None, base, &value)?;
    }
    for client in ask.list(&format!("{base}/clients"), keep::clients)? {
        realm.client(&client);
    }
    let clients: Vec<(String, String)> = realm
        .clients
        .iter()
        .filter_map(|(name, client)| Some((name.clone(), format!("{base}/clients/{}", encode(client.id.as_deref()?)))))
        .collect();
    let paths: Vec<String> = clients.iter().map(|(_, below)| format!("{below}/roles")).collect();
    for ((client, below), found) in clients.iter().zip(ask.lists(&paths, keep::roles)) {
        for value in found? {
            add(realm, Some(client), below, &value)?;
        }
    }
    composites(ask, base, realm, &listed)?;
    Ok(listed)
}

fn composites(ask: &mut Ask<'_>, base: &str, realm: &mut Realm, listed: &[Listed]) -> Result<(), Fault> {
    let (at, paths): (Vec<RoleAt>, Vec<String>) = listed
        .iter()
        .filter(|one| one.composite)
        .filter_map(|one| Some((one.role, format!("{base}/roles-by-id/{}/composites", encode(one.id.as_deref()?)))))
        .unzip();
    for (role, parts) in at.into_iter().zip(ask.each(&paths, keep::roles)) {
        let parts = parts?;
        let mut contains = vec![];
        for part in parts.as_array().into_iter().flatten() {
            let id = part.get("id").and_then(Value::as_str).unwrap_or_default();
            contains.push(realm.with_id(id).ok_or_else(|| {
                Fault::new(format!("a composite role contains the role {id}, which the server does not list: harvest again"))
            })?);
        }
        realm.compose(role, contains);
    }
    Ok(())
}

/// Groups of every level, with the roles they carry and the path of their members.
pub(super) fn groups(
    ask: &mut Ask<'_>,
    base: &str,
    realm: &mut Realm,
    emit: &mut Emit<'_>,
) -> Result<Vec<(GroupAt, String)>, Fault> {
    let mut listed = vec![];
    let top = ask.list(&format!("{base}/groups?briefRepresentation=false"), keep::groups)?;
    let mut level: Vec<(Option<GroupAt>, Value)> = top.into_iter().map(|group| (None, group)).collect();
    while !level.is_empty() {
        let (mut below, mut deeper, mut unmapped) = (vec![], vec![], vec![]);
        for (parent, value) in level {
            let at = realm.group(parent, &value).map_err(|why| Fault::new(format!("{base}/groups: {why}")))?;
            let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
            let path = format!("{base}/groups/{}", encode(id));
            if value.get("realmRoles").is_none() {
                unmapped.push((at, format!("{path}/role-mappings")));
            }
            let shown = items(&value, "subGroups");
            // Since version 23 children have a list of their own, and the parent counts them.
            let counted = value.get("subGroupCount").and_then(Value::as_u64).unwrap_or(0);
            if counted > shown.len() as u64 {
                deeper.push((at, format!("{path}/children?briefRepresentation=false")));
            } else {
                below.extend(shown.iter().map(|group| (Some(at), group.clone())));
            }
            listed.push((at, format!("{path}/members?briefRepresentation=true")));
        }
        let (parents, paths): (Vec<GroupAt>, Vec<String>) = deeper.into_iter().unzip();
        for (parent, found) in parents.into_iter().zip(ask.lists(&paths, keep::groups)) {
            below.extend(found?.into_iter().map(|group| (Some(parent), group)));
        }
        mapped(ask, realm, unmapped)?;
        level = below;
    }
    match ask.one(&format!("{base}/groups/count"), keep::all).map(|count| count.get("count").and_then(Value::as_u64)) {
        Ok(Some(count)) if count == listed.len() as u64 => {}
        Ok(Some(count)) => emit
            .doubt(format!("the server counts {count} groups and listed {}: harvest again when nobody changes them", listed.len())),
        Ok(None) => emit.note("the server does not count its groups".into()),
        Err(fault) => emit.note(format!("the server does not count its groups: {fault}")),
    }
    Ok(listed)
}

/// Roles of groups whose listing does not show them.
fn mapped(ask: &mut Ask<'_>, realm: &mut Realm, unmapped: Vec<(GroupAt, String)>) -> Result<(), Fault> {
    let (groups, paths): (Vec<GroupAt>, Vec<String>) = unmapped.into_iter().unzip();
    for (group, value) in groups.into_iter().zip(ask.each(&paths, keep::mappings)) {
        let value = value?;
        let clients = value.get("clientMappings").and_then(Value::as_object);
        let of_clients = clients.into_iter().flat_map(|clients| clients.values()).flat_map(|one| items(one, "mappings"));
        let ids = items(&value, "realmMappings").iter().chain(of_clients).filter_map(|role| role.get("id")?.as_str());
        let mut roles: Vec<RoleAt> = ids.filter_map(|id| realm.with_id(id)).collect();
        roles.sort_unstable();
        if let Some(group) = realm.groups.get_mut(group) {
            group.roles = roles;
        }
    }
    Ok(())
}

/// Directories that users come from.
pub(super) fn federations(ask: &mut Ask<'_>, base: &str, realm: &mut Realm, emit: &mut Emit<'_>) {
    match ask.one(&format!("{base}/components?type={}", super::super::realm::USER_STORAGE), keep::components) {
        Ok(list) => list.as_array().into_iter().flatten().for_each(|component| realm.component(component)),
        Err(fault) => emit.note(format!("directories that users come from cannot be listed: {fault}")),
    }
}

/// Clients that have a service account, by clientId.
pub(super) fn service_accounts(realm: &Realm, base: &str) -> Vec<(String, String)> {
    let with = |(name, client): (&String, &Client)| {
        let id = client.id.as_deref().filter(|_| client.service_account)?;
        Some((name.clone(), format!("{base}/clients/{}/service-account-user", encode(id))))
    };
    realm.clients.iter().filter_map(with).collect()
}

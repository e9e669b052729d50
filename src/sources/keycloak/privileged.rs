//! Which roles and groups give administration: Keycloak's own by name, others as declared, and whatever contains one of them.
//!
//! Server Administration Guide, "Master realm access control" and "Dedicated realm admin consoles".

use super::config::KeycloakConfig;
use super::realm::Realm;

/// Roles of `realm-management` (in the master realm: of `<realm>-realm`) that change the realm or act as somebody else.
const ADMINISTER: [&str; 3] = ["realm-admin", "impersonation", "create-client"];
/// Roles that every user has or may have, and that only concern themselves.
const OWN: [&str; 2] = ["offline_access", "uma_authorization"];
/// Clients whose roles only concern their holder.
const OWN_CLIENTS: [&str; 2] = ["account", "broker"];

/// What Keycloak's own names say; `None` for every role that an application made.
pub(super) fn rule(realm: &str, client: Option<&str>, name: &str) -> Option<bool> {
    let master = realm == "master";
    match client {
        None if master && matches!(name, "admin" | "create-realm") => Some(true),
        None => OWN.contains(&name).then_some(false),
        Some(client) if client == "realm-management" || (master && client.ends_with("-realm")) => {
            if ADMINISTER.contains(&name) || name.starts_with("manage-") {
                Some(true)
            } else {
                (name.starts_with("view-") || name.starts_with("query-")).then_some(false)
            }
        }
        Some(client) => OWN_CLIENTS.contains(&client).then_some(false),
    }
}

/// Privilege of every role and group, in their order.
#[derive(Debug, Default)]
pub(super) struct Privileges {
    pub(super) roles: Vec<Option<bool>>,
    pub(super) groups: Vec<Option<bool>>,
}

impl Privileges {
    /// A role is privileged when it, or a role that comes with it, is; a group when a role it or a group above it carries is.
    pub(super) fn of(realm: &Realm, config: &KeycloakConfig) -> Self {
        let declared = config.declares_privileged();
        let mut roles: Vec<Option<bool>> = realm
            .roles
            .iter()
            .map(|role| if config.privileged_roles.contains(&role.label) { Some(true) } else { role.rule })
            .collect();
        spread(realm, &mut roles);
        for (at, role) in realm.roles.iter().enumerate() {
            let harmless = || !role.contains.is_empty() && role.contains.iter().all(|part| roles.get(*part) == Some(&Some(false)));
            let word = if roles.get(at) == Some(&None) { (declared || harmless()).then_some(false) } else { continue };
            if let Some(slot) = roles.get_mut(at) {
                *slot = word;
            }
        }
        let carries = |start: usize| {
            let mut at = Some(start);
            // As many steps as there are groups: a tree cannot be deeper.
            for _ in 0..=realm.groups.len() {
                let Some(group) = at.and_then(|at| realm.groups.get(at)) else { return false };
                let listed = config.privileged_groups.contains(&group.path);
                if listed || group.roles.iter().any(|role| roles.get(*role) == Some(&Some(true))) {
                    return true;
                }
                at = group.parent;
            }
            false
        };
        let groups = (0..realm.groups.len()).map(|at| if carries(at) { Some(true) } else { declared.then_some(false) }).collect();
        Self { roles, groups }
    }
}

/// Carries "privileged" from parts to the roles that contain them. Cycles end it: a role is marked once.
fn spread(realm: &Realm, roles: &mut [Option<bool>]) {
    let mut containers: Vec<Vec<usize>> = vec![vec![]; realm.roles.len()];
    for (at, role) in realm.roles.iter().enumerate() {
        for part in &role.contains {
            if let Some(list) = containers.get_mut(*part) {
                list.push(at);
            }
        }
    }
    let mut queue: Vec<usize> = (0..roles.len()).filter(|at| roles.get(*at) == Some(&Some(true))).collect();
    while let Some(part) = queue.pop() {
        for at in containers.get(part).into_iter().flatten() {
            if let Some(slot) = roles.get_mut(*at)
                && *slot != Some(true)
            {
                *slot = Some(true);
                queue.push(*at);
            }
        }
    }
}

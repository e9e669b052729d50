//! What `kind = "keycloak"` may say.

use std::path::PathBuf;
use std::sync::OnceLock;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

use crate::sources::directory::LoginPattern;
use crate::sources::secret::Keys;

/// Accounts, roles and groups of Keycloak: from realm exports (`files`), or live from the Admin REST API (`url`).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeycloakConfig {
    /// Realm exports (`kc.sh export`, in one file or split into realm, `-users-N` and `-federated-users-N` files): paths or patterns
    /// relative to the configuration file. Or one raw capture of an earlier harvest, to be read again.
    #[serde(default)]
    pub files: Vec<String>,
    /// Realms to read from the exports; others are counted and left out. Empty: all.
    #[serde(default)]
    pub realms: Vec<String>,
    /// Address of the server, such as `https://sso.example.org` (before version 17 with `/auth`).
    #[serde(default)]
    pub url: Option<String>,
    /// Realm to read live.
    #[serde(default)]
    pub realm: Option<String>,
    /// Realm that holds the reading client; the realm read, unless said otherwise.
    #[serde(default)]
    pub auth_realm: Option<String>,
    /// The reading client: confidential, with a service account that holds view-users, view-realm, view-clients, query-groups
    /// and view-events of realm-management, and nothing else.
    #[serde(default)]
    pub client_id: Option<String>,
    /// File that holds the client's secret, on its first line.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Environment variable that holds the client's secret. With neither, it is asked for at the terminal.
    #[serde(default)]
    pub secret_env: Option<String>,
    /// Certificates (PEM) of the authorities to trust instead of the public ones.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Allows a `http:` address: passwords and answers then cross the network in clear. Recorded with the collection.
    #[serde(default)]
    pub allow_http: bool,
    /// Seconds after which a request that is not answered is given up and tried again.
    #[serde(default = "timeout_seconds")]
    pub timeout_seconds: u64,
    /// Users asked for at once.
    #[serde(default = "page_size")]
    pub page_size: u32,
    /// Requests under way at once, 1 to 8.
    #[serde(default = "connections")]
    pub connections: usize,
    /// Newest login events read to find each account's last login, where the realm keeps them; 0 reads none.
    #[serde(default = "login_events")]
    pub login_events: u64,
    /// User attribute that holds the employee number, such as `employeeNumber`.
    #[serde(default)]
    pub employee_attribute: Option<String>,
    /// Roles that give administration, as `role` or `client/role`; Keycloak's own are known. Without this list and the next, nothing
    /// can be said of the privilege of any other role or group.
    #[serde(default)]
    pub privileged_roles: Vec<String>,
    /// Groups that give administration, by path (`/admins`).
    #[serde(default)]
    pub privileged_groups: Vec<String>,
    /// Regular expressions on the login that tell service accounts, such as `^svc[-_]`. Case does not count. Service accounts of
    /// clients are known.
    #[serde(default)]
    pub service_logins: Vec<LoginPattern>,
    /// The secret, once somebody typed it.
    #[serde(skip)]
    pub(super) answer: OnceLock<SecretString>,
}

fn timeout_seconds() -> u64 {
    60
}

fn page_size() -> u32 {
    500
}

fn connections() -> usize {
    4
}

fn login_events() -> u64 {
    100_000
}

/// Where to read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    Files,
    Live { url: &'a str, realm: &'a str, client_id: &'a str },
}

impl KeycloakConfig {
    /// Files or a live server; never both, never neither.
    pub(super) fn place(&self) -> Result<Place<'_>, String> {
        match (self.files.is_empty(), self.url.as_deref()) {
            (false, None) => Ok(Place::Files),
            (false, Some(_)) => Err("both `files` and `url` are set: keep `files` to read exports, or `url` to read live".into()),
            (true, None) => Err("neither `files` nor `url` is set: name realm exports, or the address of the server".into()),
            (true, Some(url)) => {
                let url = url.trim_end_matches('/');
                let need = |what: &Option<String>, name: &str| {
                    what.is_none().then(|| format!("`{name}` is missing: a live harvest needs url, realm, client_id and a secret"))
                };
                if let Some(missing) = need(&self.realm, "realm").or_else(|| need(&self.client_id, "client_id")) {
                    return Err(missing);
                }
                let in_clear = self.allow_http && url.starts_with("http://");
                if !(in_clear || url.starts_with("https://")) {
                    return Err(format!(
                        "`{url}` does not start with https://: the client's secret would cross the network in clear. Correct it, or accept that in writing with allow_http = true"
                    ));
                }
                if self.secret_file.is_some() && self.secret_env.is_some() {
                    return Err("secret_file and secret_env: keep one".into());
                }
                if self.page_size == 0 || !(1..=8).contains(&self.connections) || self.timeout_seconds == 0 {
                    return Err("page_size and timeout_seconds must be at least 1, connections 1 to 8".into());
                }
                Ok(Place::Live {
                    url,
                    realm: self.realm.as_deref().unwrap_or_default(),
                    client_id: self.client_id.as_deref().unwrap_or_default(),
                })
            }
        }
    }

    /// Where the client's secret comes from.
    pub(super) fn secret(&self) -> Keys<'_> {
        Keys {
            what: "client's secret",
            file_key: "secret_file",
            file: self.secret_file.as_ref(),
            env_key: "secret_env",
            env: self.secret_env.as_deref(),
            typed: &self.answer,
        }
    }

    /// Whether privileged roles or groups were declared at all.
    pub(super) fn declares_privileged(&self) -> bool {
        !self.privileged_roles.is_empty() || !self.privileged_groups.is_empty()
    }
}

//! What can go wrong with a server, in words that say what to do about it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::super::capture::Fault;

/// Whom and what a message is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) client_id: &'a str,
    pub(super) realm: &'a str,
}

impl About<'_> {
    /// What an answer that is none means.
    pub(super) fn refused(&self, path: &str, status: u16, body: &[u8]) -> Fault {
        let said = serde_json::from_slice::<Value>(body).ok();
        let said = |key: &str| said.as_ref()?.get(key)?.as_str().map(str::to_owned);
        let said = said("error_description").or_else(|| said("errorMessage")).or_else(|| said("error")).unwrap_or_default();
        let said: String = said.chars().take(200).collect();
        let said = if said.is_empty() { String::new() } else { format!(" ({said})") };
        let hint = match status {
            300..=399 => "the server sends elsewhere: give its final address as `url`".to_owned(),
            401 => "the token is refused: check that `auth_realm` is the realm of the client".to_owned(),
            403 => format!(
                "the service account of {} lacks a right: give it {} of realm-management (in the realm master: of {}-realm)",
                self.client_id,
                right(path),
                self.realm
            ),
            404 => format!("not found: check `realm` = \"{}\" and `url` (before version 17 it ends with /auth)", self.realm),
            _ => "the server failed: look in its log at this time".to_owned(),
        };
        Fault { status: Some(status), message: format!("{path}: status {status}{said}: {hint}") }
    }

    /// Keycloak does not refuse a list to who may see only part of it: it leaves the rest out. So the token itself must say
    /// that it may see everything.
    pub(super) fn rights(&self, token: &str) -> Result<(), Fault> {
        let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let claims: Option<Value> = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
        let Some(clients) = claims.as_ref().and_then(|claims| claims.get("resource_access")?.as_object()) else { return Ok(()) };
        let admin = ["realm-management".to_owned(), format!("{}-realm", self.realm)];
        let held: Vec<&str> = admin
            .iter()
            .filter_map(|client| clients.get(client)?.get("roles")?.as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let missing: Vec<&str> =
            [["view-users", "manage-users"], ["view-clients", "manage-clients"], ["view-realm", "manage-realm"]]
                .iter()
                .filter(|either| !either.iter().any(|one| held.contains(one)) && !held.contains(&"realm-admin"))
                .map(|[view, _]| *view)
                .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Fault {
            status: Some(403),
            message: format!(
                "the service account of {} lacks {}: Keycloak would leave out what it may not see without saying so. Give it these roles of realm-management (in the realm master: of {}-realm)",
                self.client_id,
                missing.join(", "),
                self.realm
            ),
        })
    }
}

/// The role of realm-management that a path needs (Server Administration Guide, "Dedicated realm admin consoles").
fn right(path: &str) -> &'static str {
    let path = path.split('?').next().unwrap_or_default();
    let path = path.strip_prefix("/admin/realms/").and_then(|rest| rest.split_once('/')).map_or("", |(_, rest)| rest);
    match path.split('/').next().unwrap_or_default() {
        "users" => "view-users",
        "groups" => "view-users and query-groups",
        "clients" if path.ends_with("/users") || path.ends_with("service-account-user") => "view-clients and view-users",
        "clients" => "view-clients",
        "roles" if path.ends_with("/users") => "view-realm and view-users",
        "events" => "view-events",
        "identity-provider" => "view-identity-providers",
        _ => "view-realm",
    }
}

/// Whether trying again is useless, and what went wrong in words that help.
pub(super) fn explain(error: &ureq::Error) -> (bool, String) {
    let text = error.to_string();
    let tls = |what: &str, hint: &str| (true, format!("{what} ({text}): {hint}"));
    match error {
        ureq::Error::HostNotFound => (true, "no such host: check the name in `url` and the resolver".into()),
        ureq::Error::Timeout(_) => (false, format!("no answer in time ({text}): raise timeout_seconds if the server is slow")),
        ureq::Error::BodyExceedsLimit(_) => (true, "the answer is longer than 64 MiB: lower page_size".into()),
        _ if text.contains("UnknownIssuer") || text.contains("CaUsedAsEndEntity") => {
            tls("the certificate comes from an authority that is not trusted", "give that authority's certificate as ca_file")
        }
        _ if text.contains("xpired") => tls("the server's certificate has expired", "have it renewed"),
        _ if text.contains("NotValidForName") || text.contains("not valid for name") => {
            tls("the certificate is for another name", "use the name it was made for in `url`")
        }
        _ if text.contains("CorruptMessage") || text.contains("InvalidMessage") || text.contains("corrupt message") => {
            tls("the server does not speak TLS there", "check scheme and port of `url`")
        }
        _ => (false, format!("the connection failed ({text}): check that the server runs and can be reached from here")),
    }
}

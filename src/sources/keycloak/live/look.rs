//! `probant sources test` on a live Keycloak: gets a token, asks for one of each thing that a harvest asks for, and says what came.

use std::io;

use serde_json::{Value, json};

use super::ask::{Ask, Keep, Origin};
use super::definitions::{self, Settings};
use super::holders::LOGINS;
use super::{Asked, encode, open, told};
use crate::lang::Lang;
use crate::sources::keycloak::capture::Fault;
use crate::sources::keycloak::config::KeycloakConfig;
use crate::sources::keycloak::keep;
use crate::sources::keycloak::realm::{Realm, USER_STORAGE};
use crate::sources::{Look, Request, SourceError};

/// Users that are looked at.
const SAMPLE: u32 = 100;

/// One thing that a harvest asks for.
struct Tried {
    /// In French and English.
    what: [&'static str; 2],
    /// A harvest without it is not whole.
    needed: bool,
    /// Whether anything came; `Err`: why not.
    came: Result<bool, Fault>,
}

/// What the users looked at carry.
#[derive(Default)]
struct Sample {
    users: usize,
    federated: usize,
    with_employee: usize,
    count: Option<u64>,
}

/// Everything found out.
struct Facts<'a> {
    asked: &'a Asked,
    employee_attribute: Option<&'a str>,
    enabled: Option<bool>,
    /// Kinds of login event that the realm keeps; `None`: none.
    events: bool,
    tried: Vec<Tried>,
    sample: Sample,
}

/// Connects and looks.
pub(in crate::sources::keycloak) fn look(config: &KeycloakConfig, request: &Request) -> Result<Look, SourceError> {
    let (asked, http) = open(config, request)?;
    let origin = Origin::Server(Box::new(http));
    // What is asked here is a part of what a harvest asks, and kept nowhere.
    let mut nowhere = io::sink();
    let mut ask = Ask::new(&origin, &mut nowhere, 1, asked.page_size);
    let base = format!("/admin/realms/{}", encode(&asked.realm));
    let mut realm = Realm::new(&asked.realm);
    let settings = definitions::settings(&mut ask, &base, &mut realm).map_err(|fault| told(request, fault.message))?;
    let facts = Facts {
        events: settings.keeps_logins(),
        enabled: realm.enabled,
        employee_attribute: config.employee_attribute.as_deref(),
        tried: tries(&mut ask, &base, &settings, asked.login_events),
        sample: sample(&mut ask, &base, config).map_err(|fault| told(request, fault.message))?,
        asked: &asked,
    };
    Ok(Look::new(facts.json(), |lang| facts.lines(lang), |lang| facts.wanting(lang)))
}

fn tries(ask: &mut Ask<'_>, base: &str, settings: &Settings, login_events: u64) -> Vec<Tried> {
    let mut all: Vec<([&'static str; 2], bool, String, Keep)> = vec![
        (["rôles du royaume", "roles of the realm"], true, "roles".into(), keep::roles),
        (["clients", "clients"], true, "clients".into(), keep::clients),
        (["groupes", "groups"], true, "groups?briefRepresentation=false".into(), keep::groups),
        (["annuaires fédérés", "federated directories"], false, format!("components?type={USER_STORAGE}"), keep::components),
    ];
    if settings.keeps_logins() && login_events > 0 {
        let path = format!("events?type={}&type={}", LOGINS[0], LOGINS[1]);
        all.push((["événements de connexion", "login events"], false, path, keep::events));
    }
    all.into_iter()
        .map(|(what, needed, path, keep)| {
            let sign = if path.contains('?') { '&' } else { '?' };
            let answer = ask.one(&format!("{base}/{path}{sign}first=0&max=1"), keep);
            Tried { what, needed, came: answer.map(|list| list.as_array().is_some_and(|list| !list.is_empty())) }
        })
        .collect()
}

fn sample(ask: &mut Ask<'_>, base: &str, config: &KeycloakConfig) -> Result<Sample, Fault> {
    let page = ask.one(&format!("{base}/users?briefRepresentation=false&first=0&max={SAMPLE}"), keep::users)?;
    let users = page.as_array().map(Vec::as_slice).unwrap_or_default();
    let employee = |user: &&Value| {
        let value = config.employee_attribute.as_ref().and_then(|name| user.get("attributes")?.get(name)?.get(0)?.as_str());
        value.is_some_and(|text| !text.trim().is_empty())
    };
    Ok(Sample {
        users: users.len(),
        federated: users.iter().filter(|user| user.get("federationLink").is_some_and(Value::is_string)).count(),
        with_employee: users.iter().filter(employee).count(),
        count: ask.one(&format!("{base}/users/count"), keep::all)?.as_u64(),
    })
}

impl Facts<'_> {
    fn wanting(&self, lang: Lang) -> Vec<String> {
        let mut wanting: Vec<String> = self
            .tried
            .iter()
            .filter(|tried| tried.needed)
            .filter_map(|tried| Some(tried.came.as_ref().err()?.message.clone()))
            .collect();
        if self.sample.users == 0 {
            let client = &self.asked.client_id;
            wanting.push(lang.pick(
                format!("aucun utilisateur visible : le compte de service de {client} a-t-il view-users ?"),
                format!("no user can be seen: does the service account of {client} hold view-users?"),
            ));
        }
        if let Some(name) = self.employee_attribute.filter(|_| self.sample.users > 0 && self.sample.with_employee == 0) {
            let seen = self.sample.users;
            wanting.push(lang.pick(
                format!(
                    "aucun des {seen} premiers utilisateurs ne porte l'attribut {name} (employee_attribute) : vérifier son nom"
                ),
                format!("none of the first {seen} users carries the attribute {name} (employee_attribute): check its name"),
            ));
        }
        wanting
    }

    fn lines(&self, lang: Lang) -> Vec<String> {
        let Asked { url, realm, client_id, tls, page_size, .. } = self.asked;
        let Sample { users, federated, count, .. } = &self.sample;
        let colon = lang.pick(" :", ":");
        let mut lines = vec![
            format!(
                "{url} {} {realm} {} {client_id} (TLS{colon} {tls})",
                lang.pick("royaume", "realm"),
                lang.pick("en tant que", "as")
            ),
            lang.pick(
                "les rôles du compte de service suffisent pour tout voir",
                "the roles of the service account suffice to see all",
            )
            .to_owned(),
        ];
        if self.enabled == Some(false) {
            lines.push(lang.pick("ce royaume est désactivé", "this realm is disabled").to_owned());
        }
        for tried in &self.tried {
            let [fr, en] = tried.what;
            let came = match &tried.came {
                Ok(true) => lang.pick("lisible", "readable").to_owned(),
                Ok(false) => lang.pick("lisible, vide", "readable, empty").to_owned(),
                Err(fault) => fault.message.clone(),
            };
            lines.push(format!("{}{colon} {came}", lang.pick(fr, en)));
        }
        if !self.events {
            let text = lang.pick(
                "le royaume ne garde pas les événements de connexion : la dernière connexion restera inconnue (Realm settings, Events, User events settings, Save events)",
                "the realm keeps no login events: last logins will stay unknown (Realm settings, Events, User events settings, Save events)",
            );
            lines.push(text.to_owned());
        }
        let told = count.map_or_else(|| "?".to_owned(), |count| count.to_string());
        lines.push(lang.pick(
            format!("utilisateurs : {told} selon le serveur ; {users} regardés, dont {federated} fédérés"),
            format!("users: {told} as the server counts; {users} looked at, {federated} of them federated"),
        ));
        if let Some(name) = self.employee_attribute {
            let with = self.sample.with_employee;
            lines.push(lang.pick(
                format!("attribut {name} : présent chez {with} des {users} regardés"),
                format!("attribute {name}: on {with} of the {users} looked at"),
            ));
        }
        lines.push(lang.pick(
            format!("une collecte demanderait : royaume, rôles, clients, groupes, détenteurs, composants, événements, utilisateurs par pages de {page_size}"),
            format!("a harvest would ask for: realm, roles, clients, groups, holders, components, events, users in pages of {page_size}"),
        ));
        lines
    }

    fn json(&self) -> Value {
        let tried = |tried: &Tried| {
            let [_, what] = tried.what;
            json!({ "what": what, "readable": tried.came.is_ok(), "error": tried.came.as_ref().err().map(|fault| &fault.message) })
        };
        json!({
            "endpoint": format!("{}/admin/realms/{}", self.asked.url, self.asked.realm),
            "identity": self.asked.client_id,
            "tls": self.asked.tls,
            "realm_enabled": self.enabled,
            "login_events_kept": self.events,
            "tried": self.tried.iter().map(tried).collect::<Vec<_>>(),
            "users": {
                "server_count": self.sample.count, "looked_at": self.sample.users, "federated": self.sample.federated,
                "with_employee_attribute": self.employee_attribute.map(|_| self.sample.with_employee),
            },
            "would_ask": { "page_size": self.asked.page_size, "login_events": self.asked.login_events },
        })
    }
}

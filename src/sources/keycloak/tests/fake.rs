//! A Keycloak on a loopback port, speaking what its documentation says of the Admin REST API, and failing on demand.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::world;

/// How the server misbehaves. Paths are without `/admin/realms/agence`.
#[derive(Clone)]
pub(super) struct Manners {
    /// Requests that a token is good for.
    pub(super) token_life: usize,
    /// Roles of realm-management that the token shows; `None` shows none at all.
    pub(super) rights: Option<Vec<&'static str>>,
    /// Paths that answer with this status, how many times (`usize::MAX`: always).
    pub(super) fails: Vec<(&'static str, u16, usize)>,
    /// Paths whose body is cut in the middle, how many times.
    pub(super) cuts: Vec<(&'static str, usize)>,
    /// Users that the list does not show though they are counted.
    pub(super) hidden: Vec<&'static str>,
    /// Entries of a page at most, whatever is asked.
    pub(super) page_cap: usize,
    /// Realm roles that the server computes for everybody beside the right ones.
    pub(super) extra_role: Option<&'static str>,
    pub(super) no_federation: bool,
    /// Path that is answered after a second and a half, once.
    pub(super) slow_once: Option<&'static str>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            token_life: usize::MAX,
            rights: Some(vec!["view-users", "view-realm", "view-clients", "query-groups", "view-events"]),
            fails: vec![],
            cuts: vec![],
            hidden: vec![],
            page_cap: usize::MAX,
            extra_role: None,
            no_federation: false,
            slow_once: None,
        }
    }
}

struct State {
    manners: Manners,
    /// Requests that the current token has seen, and its number.
    used: usize,
    tokens: usize,
    log: Vec<String>,
}

pub(super) struct Fake {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Reply {
    status: u16,
    body: String,
    cut: bool,
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply { status, body: body.to_string(), cut: false }
}

impl Fake {
    pub(super) fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { manners, used: 0, tokens: 0, log: vec![] }));
        let stop = Arc::new(AtomicBool::new(false));
        let (shared, ended) = (Arc::clone(&state), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(stream.unwrap(), &state));
            }
        });
        Self { url, state, stop, thread: Some(thread) }
    }

    /// Requests received, in order of arrival.
    pub(super) fn log(&self) -> Vec<String> {
        self.state.lock().unwrap().log.clone()
    }

    pub(super) fn tokens(&self) -> usize {
        self.state.lock().unwrap().tokens
    }

    /// A configuration that reads it.
    pub(super) fn config(&self, more: &str) -> String {
        format!(
            "url = '{}'\nrealm = 'agence'\nclient_id = 'probant'\nsecret_file = 'secret'\nallow_http = true\npage_size = 3\nemployee_attribute = 'employeeNumber'\n{more}",
            self.url
        )
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let mut input = BufReader::new(stream.try_clone().unwrap());
    if input.fill_buf().is_ok_and(|start| start.first() == Some(&0x16)) {
        // A TLS handshake where TLS is not spoken.
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        return;
    }
    let mut first = String::new();
    if input.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    let (mut length, mut bearer) = (0, String::new());
    loop {
        let mut header = String::new();
        input.read_line(&mut header).unwrap();
        let header = header.trim();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap();
        match name.to_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "authorization" => bearer = value.trim().trim_start_matches("Bearer ").to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).unwrap();
    let target = first.split(' ').nth(1).unwrap().to_owned();
    let reply =
        if first.starts_with("POST") { token(state, &String::from_utf8(body).unwrap()) } else { answer(state, &target, &bearer) };
    let body = if reply.cut { &reply.body[..reply.body.len() / 2] } else { &reply.body };
    let _ = write!(
        stream,
        "HTTP/1.1 {} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        reply.status,
        reply.body.len()
    );
}

fn token(state: &Mutex<State>, form: &str) -> Reply {
    let mut state = state.lock().unwrap();
    state.log.push("token".into());
    if !form.contains("client_id=probant") || !form.contains("client_secret=s%C3%A9same") {
        return reply(
            401,
            &json!({ "error": "unauthorized_client", "error_description": "Invalid client or Invalid client credentials" }),
        );
    }
    state.tokens += 1;
    state.used = 0;
    let claims = match &state.manners.rights {
        Some(roles) => json!({ "n": state.tokens, "resource_access": { "realm-management": { "roles": roles } } }),
        None => json!({ "n": state.tokens }),
    };
    let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims.to_string()));
    reply(200, &json!({ "access_token": token, "expires_in": 60, "token_type": "Bearer" }))
}

fn answer(state: &Mutex<State>, target: &str, bearer: &str) -> Reply {
    let mut state = state.lock().unwrap();
    state.log.push(target.to_owned());
    state.used += 1;
    let claims = bearer.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let number = claims.and_then(|claims| serde_json::from_slice::<Value>(&claims).ok()).and_then(|claims| claims["n"].as_u64());
    if number != Some(state.tokens as u64) || state.used > state.manners.token_life {
        return reply(401, &json!({ "error": "HTTP 401 Unauthorized" }));
    }
    let Some(rest) = target.strip_prefix("/admin/realms/agence") else {
        return reply(404, &json!({ "error": "Realm not found." }));
    };
    for (path, status, times) in &mut state.manners.fails {
        if rest.starts_with(*path) && *times > 0 {
            *times = times.saturating_sub(1);
            return reply(*status, &json!({ "error": "unknown_error" }));
        }
    }
    if state.manners.slow_once.is_some_and(|path| rest.starts_with(path)) {
        state.manners.slow_once = None;
        thread::sleep(std::time::Duration::from_millis(1500));
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let query: BTreeMap<String, String> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), percent_decode_str(value).decode_utf8().unwrap().into_owned()))
        .collect();
    let Some(body) = resource(path, &query, &state.manners) else { return reply(404, &json!({ "error": "Could not find it" })) };
    let mut reply = reply(200, &paged(body, &query, state.manners.page_cap));
    for (path, times) in &mut state.manners.cuts {
        if rest.starts_with(*path) && *times > 0 {
            *times = times.saturating_sub(1);
            reply.cut = true;
        }
    }
    reply
}

fn paged(body: Value, query: &BTreeMap<String, String>, cap: usize) -> Value {
    let number = |key: &str, none: usize| query.get(key).map_or(none, |text| text.parse().unwrap());
    match body {
        Value::Array(all) if query.contains_key("max") => {
            all.into_iter().skip(number("first", 0)).take(number("max", 100).min(cap)).collect::<Vec<_>>().into()
        }
        other => other,
    }
}

fn users(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "id": id, "username": format!("name of {id}"), "email": "x@y" })).collect::<Vec<_>>().into()
}

fn resource(path: &str, query: &BTreeMap<String, String>, manners: &Manners) -> Option<Value> {
    let decoded: Vec<String> =
        path.split('/').skip(1).map(|part| percent_decode_str(part).decode_utf8().unwrap().into_owned()).collect();
    let parts: Vec<&str> = decoded.iter().map(String::as_str).collect();
    let client = |id: &str| world::clients().into_iter().find(|client| client.1 == id);
    Some(match parts.as_slice() {
        [] => world::realm(),
        ["roles"] => world::realm_roles().into(),
        ["clients"] => world::clients().iter().map(world::client).collect::<Vec<_>>().into(),
        ["clients", id, "roles"] => client(id)?.4.into(),
        ["clients", id, "roles", name, "users"] => users(&world::holders(&format!("{}/{name}", client(id)?.0))),
        ["clients", id, "service-account-user"] => world::service_account(client(id).filter(|client| client.3)?.0),
        ["roles", name, "users"] => users(&world::holders(name)),
        ["roles-by-id", id, "composites"] => {
            let parts = world::composites(id);
            world::all_roles()
                .into_iter()
                .map(|(_, role)| role)
                .filter(|role| parts.contains(&role["id"].as_str().unwrap()))
                .collect::<Vec<_>>()
                .into()
        }
        ["groups"] => world::top_groups().into(),
        ["groups", "count"] => json!({ "count": 2 }),
        ["groups", "g-dsi", "children"] => world::sub_groups().into(),
        ["groups", id, "members"] => users(&world::members(id)),
        ["components"] => {
            if manners.no_federation {
                json!([])
            } else {
                json!([world::component()])
            }
        }
        ["events"] => json!([
            { "time": 1_760_000_002_000_i64, "type": "LOGIN", "userId": "u-1", "ipAddress": "10.1.2.3" },
            { "time": 1_760_000_001_000_i64, "type": "CLIENT_LOGIN", "userId": "s-grafana" },
            { "time": 1_760_000_000_000_i64, "type": "LOGIN", "userId": "u-1" },
            { "time": 1_750_000_000_000_i64, "type": "LOGIN", "userId": "u-4" },
        ]),
        ["users", "count"] => json!(world::users().len()),
        ["users"] if query.get("idpAlias").is_some_and(|alias| alias == "franceconnect") => users(&["u-5"]),
        ["users"] => world::users()
            .into_iter()
            .filter(|user| !manners.hidden.contains(&user["username"].as_str().unwrap()))
            .collect::<Vec<_>>()
            .into(),
        ["users", id, "role-mappings", "realm", "composite"] => effective(id, manners).into(),
        _ => return None,
    })
}

/// By hand, so that the closure is checked against something else than itself.
fn effective(id: &str, manners: &Manners) -> Vec<Value> {
    let mut names = match id {
        "u-6" => vec![],
        "u-2" => vec!["default-roles-agence", "offline_access", "exploitation", "auditeur", "boucle"],
        "u-3" | "u-4" => vec!["default-roles-agence", "offline_access", "auditeur"],
        _ => vec!["default-roles-agence", "offline_access"],
    };
    names.extend(manners.extra_role);
    names.iter().map(|name| json!({ "name": name })).collect()
}

//! Realm exports: all definitions first, then the users of every file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::account::Beside;
use super::capture::{EXPORT, Fault, Line, first_path};
use super::closure::Held;
use super::config::KeycloakConfig;
use super::emit::Emit;
use super::keep;
use super::realm::{Realm, client_roles, items};
use super::scan::{self, Broken, Pass, Piece};
use crate::sources::intake::{self, Intake};
use crate::sources::{Reading, Request, Sink, SinkError, SourceError};

/// Everything known while the files are read.
struct Exports<'a> {
    config: &'a KeycloakConfig,
    realms: BTreeMap<String, Realm>,
    /// Realms whose users are in some file.
    with_users: BTreeSet<String>,
    /// Realms in order, file by file, as users do not name theirs.
    order: Vec<Vec<Option<String>>>,
    emit: Emit<'a>,
    capture: &'a mut dyn Write,
}

/// Harvests exports, or a capture of some.
pub(super) fn harvest(
    config: &KeycloakConfig,
    request: &Request,
    files: &[PathBuf],
    sink: &mut dyn Sink,
    capture: &mut dyn Write,
) -> Result<Reading, SourceError> {
    let emit = Emit::new(config, request, sink);
    let mut exports = Exports { config, realms: BTreeMap::new(), with_users: BTreeSet::new(), order: vec![], emit, capture };
    let header = Line { path: format!("{EXPORT}header"), outcome: Ok::<_, Fault>(json!({ "version": 1 })) };
    header.write(exports.capture).map_err(SourceError::Capture)?;
    for path in files {
        exports.definitions(path)?;
    }
    exports.check(files)?;
    let mut described = vec![];
    for (at, path) in files.iter().enumerate() {
        described.push(exports.users(at, path)?);
    }
    let Exports { realms, mut emit, .. } = exports;
    for realm in realms.values() {
        emit.entitlements(realm)?;
    }
    emit.reading.pages = files.len() as u64;
    emit.reading.endpoint = config.files.join(", ");
    let (mut reading, notes) = emit.finish(&realms, false);
    reading.query = json!({ "files": described, "realms": realms.keys().collect::<Vec<_>>(), "notes": notes });
    Ok(reading)
}

/// Opens a text file for one pass. `None`: it is binary.
fn open<'i>(intake: &'i mut Intake<'_>, path: &Path) -> Result<Box<dyn BufRead + 'i>, SourceError> {
    match intake::text(intake) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(intake::fault(path, "is binary, not JSON: give the files that `kc.sh export` writes".into())),
        Err(error) => Err(intake::fault(path, format!("cannot be read: {error}"))),
    }
}

/// Reads a file once, as what it is.
fn read(path: &Path, intake: &mut Intake<'_>, pass: Pass, each: scan::Each<'_>) -> Result<Result<(), Broken>, SourceError> {
    let mut nothing = io::sink();
    let is_capture = first_path(&mut *open(&mut Intake::open(path, &mut nothing)?, path)?)
        .map_err(|error| intake::fault(path, format!("cannot be read: {error}")))?
        .is_some();
    let mut text = open(intake, path)?;
    Ok(if is_capture { scan::captured(&mut *text, pass, each) } else { scan::export(&mut *text, pass, each) })
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Exports<'_> {
    fn definitions(&mut self, path: &Path) -> Result<(), SourceError> {
        let (mut objects, mut current, mut has_users): (Vec<(Map<String, Value>, bool)>, _, _) = (vec![], None, false);
        let mut nothing = io::sink();
        let mut intake = Intake::open(path, &mut nothing)?;
        self.emit.reading.modified_at = self.emit.reading.modified_at.max(intake.modified);
        let broken = read(path, &mut intake, Pass::Definitions, &mut |piece| {
            match piece {
                Piece::Begin => {
                    if let Some(done) = current.replace(Map::new()) {
                        objects.push((done, has_users));
                    }
                    has_users = false;
                }
                Piece::Field(key, value) => {
                    current.get_or_insert_default().insert(key, value);
                }
                Piece::HasUsers => has_users = true,
                Piece::User { .. } => {}
            }
            true
        })?;
        objects.extend(current.map(|done| (done, has_users)));
        let mut order = vec![];
        for (object, has_users) in objects {
            order.push(self.object(path, object, has_users)?);
        }
        if let Err(Broken { line, message }) = broken {
            if order.iter().flatten().next().is_none() {
                let message = format!("is no realm export ({message}): give the files that `kc.sh export` writes");
                return Err(SourceError::Line { path: path.display().to_string(), line, message });
            }
            self.emit.doubt(format!("{} cannot be read beyond line {line} ({message}): export again", name(path)));
        }
        if order.iter().flatten().next().is_none() && self.config.realms.is_empty() {
            return Err(intake::fault(path, "is JSON without `realm`: give the files that `kc.sh export` writes".into()));
        }
        self.order.push(order);
        Ok(())
    }

    /// Takes one object of a file; returns its realm, when that is to be read.
    fn object(&mut self, path: &Path, object: Map<String, Value>, has_users: bool) -> Result<Option<String>, SourceError> {
        let Some(realm_name) = object.get("realm").and_then(Value::as_str).map(str::to_owned) else {
            self.emit.reject(
                &format!("{}: the object has no `realm`, so nobody can say whose it is", name(path)),
                &Value::Object(object),
            )?;
            return Ok(None);
        };
        if !self.config.realms.is_empty() && !self.config.realms.contains(&realm_name) {
            self.emit.count("realms_left_out", 1);
            return Ok(None);
        }
        let realm = self.realms.entry(realm_name.clone()).or_insert_with(|| Realm::new(&realm_name));
        let mut kept = keep::realm(Value::Object(object));
        // Files of users name their realm and nothing else of it.
        let refused = if kept.as_object().is_some_and(|kept| kept.len() > 1) { realm.definitions(&kept) } else { vec![] };
        if has_users {
            self.with_users.insert(realm_name.clone());
            if let Some(kept) = kept.as_object_mut() {
                kept.insert("users".into(), Value::Null);
            }
        }
        for (why, value) in refused {
            self.emit.reject(&format!("{}: {why}", name(path)), &value)?;
        }
        let line = Line { path: format!("{EXPORT}realm"), outcome: Ok::<_, Fault>(kept) };
        line.write(self.capture).map_err(SourceError::Capture)?;
        Ok(Some(realm_name))
    }

    /// What is missing between the files.
    fn check(&mut self, files: &[PathBuf]) -> Result<(), SourceError> {
        for wanted in &self.config.realms {
            if !self.realms.contains_key(wanted) {
                let found = self.realms.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                let path = files.first().map_or(Path::new(""), PathBuf::as_path);
                return Err(intake::fault(path, format!("the realm \"{wanted}\" is in none of the files (they hold: {found})")));
            }
        }
        for realm in self.realms.values() {
            let of = &realm.name;
            if !realm.defined {
                self.emit
                    .doubt(format!("realm {of}: only users were given; add {of}-realm.json, which holds its roles and groups"));
            }
            if !self.with_users.contains(of) {
                self.emit.doubt(format!(
                    "realm {of}: the export holds no users (the console's partial export never does): export with `kc.sh export --realm {of} --users realm_file`"
                ));
            }
        }
        for gap in gaps(files) {
            self.emit.doubt(gap);
        }
        Ok(())
    }

    fn users(&mut self, at: usize, path: &Path) -> Result<Value, SourceError> {
        let order = self.order.get(at).cloned().unwrap_or_default();
        let (mut object, mut stop) = (0_usize, None);
        let mut nothing = io::sink();
        let mut intake = Intake::open(path, &mut nothing)?;
        let read = read(path, &mut intake, Pass::Users, &mut |piece| {
            let (realm, federated, value) = match piece {
                Piece::User { realm, federated, value } => (realm, federated, value),
                Piece::Begin => {
                    object += 1;
                    return true;
                }
                _ => return true,
            };
            let realm = realm.or_else(|| order.get(object.wrapping_sub(1)).cloned().flatten());
            match realm.map_or(Ok(()), |realm| self.user(&realm, federated, value)) {
                Ok(()) => true,
                Err(error) => {
                    stop = Some(error);
                    false
                }
            }
        })?;
        if let Some(error) = stop {
            return Err(error);
        }
        if let Err(Broken { line, message }) = read {
            self.emit.doubt(format!("{} cannot be read beyond line {line} ({message}): export again", name(path)));
        }
        intake.finish()
    }

    fn user(&mut self, realm_name: &str, federated: bool, value: Value) -> Result<(), SourceError> {
        let Some(realm) = self.realms.get_mut(realm_name) else { return Ok(()) };
        let user = keep::user(value);
        let list = if federated { "federatedUsers" } else { "users" };
        let line = Line { path: format!("{EXPORT}{list}/{realm_name}"), outcome: Ok::<_, Fault>(user) };
        line.write(self.capture).map_err(SourceError::Capture)?;
        let Ok(user) = line.outcome else { return Ok(()) };
        let (roles, groups) = (realm.roles.len(), realm.groups.len());
        let held = held(realm, &user);
        let undefined = (realm.roles.len() - roles) + (realm.groups.len() - groups);
        self.emit.count("held_but_not_defined", undefined as u64);
        let written: Result<_, SinkError> = self.emit.user(realm, &user, &held, &Beside::default());
        written?;
        Ok(())
    }
}

/// What an exported user names as its own.
fn held(realm: &mut Realm, user: &Value) -> Held {
    let mut roles: Vec<usize> =
        items(user, "realmRoles").iter().filter_map(Value::as_str).map(|name| realm.named(None, name)).collect();
    roles.extend(client_roles(user, "clientRoles").map(|(client, name)| realm.named(Some(client), name)));
    let groups = items(user, "groups").iter().filter_map(Value::as_str).map(|path| realm.at_path(path)).collect();
    Held { roles, groups }
}

/// Files `<realm>-users-N.json` that should be there: Keycloak counts them from 0.
fn gaps(files: &[PathBuf]) -> Vec<String> {
    let mut numbers: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for path in files {
        let stem = path.with_extension("").to_string_lossy().into_owned();
        if let Some((before, number)) = stem.rsplit_once("users-")
            && let Ok(number) = number.parse()
        {
            numbers.entry(format!("{before}users-")).or_default().insert(number);
        }
    }
    let mut found = vec![];
    for (before, present) in numbers {
        let last = present.last().copied().unwrap_or_default();
        let name = name(Path::new(&before));
        // Numbers are read from names: one far off must not make a list of millions.
        let missing: Vec<String> = (0..=last).filter(|n| !present.contains(n)).take(5).map(|n| format!("{name}{n}.json")).collect();
        if !missing.is_empty() {
            found.push(format!("{} missing: add them, or export again", missing.join(", ")));
        }
    }
    found
}

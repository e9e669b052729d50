//! From the converted fields of one row to the records it makes: people, accounts, grants and assets. Nothing is pushed before
//! the whole row is known to be good.

use std::borrow::Cow;

use crate::snapshot::ids;
use crate::snapshot::schema::{Account, Asset, AssetHost, Entitlement, Grant, Person, Record};
use crate::snapshot::value::{Days, Micros};

use super::catalog::RecordKind;
use super::convert::Value;
use super::operations;
use super::plan::Plan;

/// The converted fields of a row, by target.
#[derive(Debug, Default)]
pub(super) struct Values<'r>(pub Vec<(&'static str, Value<'r>)>);

impl<'r> Values<'r> {
    fn take(&mut self, name: &str) -> Value<'r> {
        self.0.iter_mut().find(|(known, _)| *known == name).map_or(Value::Null, |(_, value)| std::mem::replace(value, Value::Null))
    }
    pub(super) fn text(&mut self, name: &str) -> Option<Cow<'r, str>> {
        if let Value::Text(text) = self.take(name) { Some(text) } else { None }
    }
    pub(super) fn list(&mut self, name: &str) -> Vec<Cow<'r, str>> {
        if let Value::List(items) = self.take(name) { items } else { vec![] }
    }
    pub(super) fn bool(&mut self, name: &str) -> Option<bool> {
        if let Value::Bool(value) = self.take(name) { Some(value) } else { None }
    }
    pub(super) fn int(&mut self, name: &str) -> Option<i64> {
        if let Value::Int(value) = self.take(name) { Some(value) } else { None }
    }
    pub(super) fn time(&mut self, name: &str) -> Option<Micros> {
        if let Value::Time(value) = self.take(name) { Some(value) } else { None }
    }
    pub(super) fn date(&mut self, name: &str) -> Option<Days> {
        if let Value::Date(value) = self.take(name) { Some(value) } else { None }
    }
    /// A required text; its absence was refused before.
    pub(super) fn must(&mut self, name: &str) -> Cow<'r, str> {
        self.text(name).unwrap_or_default()
    }
}

/// What one row makes.
#[derive(Debug, Default)]
pub(super) struct Built<'r> {
    /// Its own record and that record's id.
    pub main: Option<(String, Record<'r>)>,
    /// Records that several rows can bring, each with a key to bring it once.
    pub shared: Vec<(String, Record<'r>)>,
}

/// What the rows are read for.
pub(super) struct Context<'a> {
    pub plan: &'a Plan,
    pub system: &'a str,
    /// Day of the harvest: a roster without a status says who has left by it.
    pub today: Days,
}

/// Builds the records of one row, or says why it cannot.
pub(super) fn build<'r>(context: &Context<'_>, mut values: Values<'r>, attributes: String) -> Result<Built<'r>, String> {
    match context.plan.record.kind {
        RecordKind::People => person(context, &mut values),
        RecordKind::Accounts => Ok(account(context, &mut values, attributes)),
        RecordKind::Grants => grants(context, &mut values),
        RecordKind::Assets => Ok(asset(context, &mut values)),
        RecordKind::BackupJobs => Ok(operations::backup_job(context, &mut values)),
        RecordKind::RestoreTests => Ok(operations::restore_test(context, &mut values)),
        RecordKind::Changes => Ok(operations::change(context, &mut values)),
        RecordKind::Incidents => Ok(operations::incident(context, &mut values)),
        RecordKind::Documents => Ok(operations::document(context, &mut values)),
        RecordKind::Vulnerabilities => Ok(operations::vulnerability(context, &mut values)),
    }
}

fn employee(system: &str, number: &str, what: &str) -> Result<String, String> {
    ids::employee(number)
        .map(|number| ids::object(system, &number))
        .ok_or_else(|| format!("{what}: \"{number}\" is not an employee number"))
}

fn person<'r>(context: &Context<'_>, values: &mut Values<'r>) -> Result<Built<'r>, String> {
    let number = values.must("employee_id");
    let person_id = employee(context.system, &number, "employee_id")?;
    let (given, family) = (values.text("given_name"), values.text("family_name"));
    let display = values.text("display_name").or_else(|| {
        let parts: Vec<&str> = [given.as_deref(), family.as_deref()].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| Cow::Owned(parts.join(" ")))
    });
    let left_on = values.date("left_on");
    // A roster that says when people leave says who has left; one that does not say either leaves it unknown.
    let told = context.plan.fields.iter().any(|field| field.target.name == "left_on");
    let derived = match left_on {
        Some(day) if day < context.today => "left",
        _ if told => "active",
        _ => "unknown",
    };
    let mapped = context.plan.fields.iter().any(|field| field.target.name == "status");
    let status = values.text("status").unwrap_or(Cow::Borrowed(if mapped { "unknown" } else { derived }));
    // Rosters write 0 where there is no manager; `ids::employee` knows nobody by it.
    let manager_id =
        values.text("manager").and_then(|number| ids::employee(&number)).map(|number| ids::object(context.system, &number));
    let row = Person {
        person_id: person_id.clone().into(),
        employee_id: number,
        display_name: display.ok_or("display_name is empty")?,
        given_name: given,
        family_name: family,
        emails: values.list("emails"),
        login: values.text("login"),
        org_unit: values.text("org_unit"),
        site: values.text("site"),
        manager_id: manager_id.map(Cow::Owned),
        contract: values.text("contract"),
        status,
        joined_on: values.date("joined_on"),
        left_on,
    };
    Ok(Built { main: Some((person_id, row.into())), shared: vec![] })
}

/// `person_id` of an owner by employee number; an e-mail is passed on as `mailto:` for correlation to resolve.
fn owner(context: &Context<'_>, values: &mut Values<'_>, name: &str) -> Option<Cow<'static, str>> {
    let text = values.text(name)?;
    if text.contains('@') {
        return Some(Cow::Owned(format!("mailto:{}", ids::email(&text))));
    }
    let people = context.plan.people.as_deref().unwrap_or_default();
    ids::employee(&text).map(|number| Cow::Owned(ids::object(people, &number)))
}

fn account<'r>(context: &Context<'_>, values: &mut Values<'r>, attributes: String) -> Built<'r> {
    let login = values.must("login");
    let local = values.text("account_id").unwrap_or_else(|| login.clone());
    let account_id = ids::object(context.system, &local);
    let last_login_at = values.time("last_login_at");
    let told = if last_login_at.is_some() { "exact" } else { "none" };
    // A mapped precision says what the source can tell, also of an account that never logged in.
    let precision = values.text("last_login_precision");
    let row = Account {
        account_id: account_id.clone().into(),
        system: context.system.to_owned().into(),
        login,
        display_name: values.text("display_name"),
        emails: values.list("emails"),
        employee_id: values.text("employee_id"),
        kind: values.text("kind").unwrap_or(Cow::Borrowed("unknown")),
        enabled: values.bool("enabled"),
        locked: values.bool("locked"),
        expires_on: values.time("expires_on"),
        last_login_at,
        last_login_precision: precision.unwrap_or(Cow::Borrowed(told)),
        created_at: values.time("created_at"),
        password_changed_at: values.time("password_changed_at"),
        password_never_expires: values.bool("password_never_expires"),
        owner_id: owner(context, values, "owner"),
        link_status: Cow::Borrowed("none"),
        attributes: attributes.into(),
        ..Account::default()
    };
    let mut built = Built { main: Some((account_id.clone(), row.into())), shared: vec![] };
    for name in values.list("entitlements") {
        let right = Right {
            local: name.clone().into_owned(),
            privileged: context.plan.rights.is_privileged(&name),
            name,
            ..Right::default()
        };
        right.held_by(context, &account_id, true, None, &mut built);
    }
    built
}

/// A right as a row names it.
#[derive(Default)]
struct Right<'r> {
    /// Second half of its id.
    local: String,
    name: Cow<'r, str>,
    resource: Option<Cow<'r, str>>,
    description: Option<Cow<'r, str>>,
    privileged: Option<bool>,
    owner_id: Option<Cow<'r, str>>,
}

impl<'r> Right<'r> {
    /// Adds the right and one grant of it.
    fn held_by(&self, context: &Context<'_>, account_id: &str, direct: bool, via: Option<&Cow<'r, str>>, built: &mut Built<'r>) {
        let id = ids::object(context.system, &self.local);
        let resource = self.resource.clone().or_else(|| context.plan.rights.resource.clone().map(Cow::Owned));
        let row = Entitlement {
            entitlement_id: id.clone().into(),
            system: context.system.to_owned().into(),
            resource: resource.unwrap_or_else(|| context.system.to_owned().into()),
            name: self.name.clone(),
            description: self.description.clone(),
            privileged: self.privileged,
            owner_id: self.owner_id.clone(),
        };
        let grant_key = format!("g\0{account_id}\0{id}\0{}", via.map_or("", |via| via));
        let grant =
            Grant { account_id: account_id.to_owned().into(), entitlement_id: id.clone().into(), direct, via: via.cloned() };
        built.shared.push((format!("e\0{id}"), row.into()));
        built.shared.push((grant_key, grant.into()));
    }
}

fn grants<'r>(context: &Context<'_>, values: &mut Values<'r>) -> Result<Built<'r>, String> {
    let name = values.must("entitlement");
    let resource = values.text("resource");
    let right = Right {
        local: resource.as_ref().map_or_else(|| name.clone().into_owned(), |resource| format!("{resource}/{name}")),
        privileged: values.bool("privileged").or_else(|| context.plan.rights.is_privileged(&name)),
        description: values.text("description"),
        owner_id: owner(context, values, "owner"),
        name,
        resource,
    };
    let via = values.text("via");
    let direct = values.bool("direct").unwrap_or(via.is_none());
    // Id in the system and login of every holder; groups are holders of their own, for who is in them is not told here.
    let mut holders: Vec<(Cow<'r, str>, Cow<'r, str>)> = Vec::new();
    let (login, id) = (values.text("login"), values.text("account_id"));
    holders.extend(id.or_else(|| login.clone()).map(|id| (id.clone(), login.unwrap_or(id))));
    holders.extend(values.list("logins").into_iter().map(|login| (login.clone(), login)));
    let groups = values.list("groups").into_iter().map(|group| Cow::Owned(format!("@{group}")));
    holders.extend(groups.map(|group: Cow<'r, str>| (group.clone(), group)));
    if holders.is_empty() {
        return Err("no holder: login, account_id, logins and groups are all empty".to_owned());
    }
    let mut built = Built::default();
    for (local, login) in holders {
        let account_id = ids::object(context.system, &local);
        if context.plan.rights.declare_accounts {
            built.shared.push((format!("a\0{account_id}"), declared(context, &account_id, login).into()));
        }
        right.held_by(context, &account_id, direct, via.as_ref(), &mut built);
    }
    Ok(built)
}

/// An account that only its grants tell of.
fn declared<'r>(context: &Context<'_>, account_id: &str, login: Cow<'r, str>) -> Account<'r> {
    Account {
        account_id: account_id.to_owned().into(),
        system: context.system.to_owned().into(),
        login,
        kind: Cow::Borrowed("unknown"),
        last_login_precision: Cow::Borrowed("none"),
        link_status: Cow::Borrowed("none"),
        attributes: Cow::Borrowed("{}"),
        ..Account::default()
    }
}

fn asset<'r>(context: &Context<'_>, values: &mut Values<'r>) -> Built<'r> {
    let application = values.must("application");
    let local = values.text("asset_id").unwrap_or_else(|| application.clone());
    let asset_id = ids::object(context.system, &local);
    let hosts = values.list("hosts");
    let row = Asset {
        asset_id: asset_id.clone().into(),
        application,
        system: values.text("system"),
        criticality: values.text("criticality"),
        owner_id: owner(context, values, "owner"),
        technical_owner_id: owner(context, values, "technical_owner"),
        backup_expected: values.bool("backup_expected"),
        rto_minutes: values.int("rto_minutes"),
        rpo_minutes: values.int("rpo_minutes"),
        restore_test_every_days: values.int("restore_test_every_days"),
        in_perimeter: values.bool("in_perimeter"),
    };
    let shared = hosts
        .into_iter()
        .map(|host| (format!("h\0{asset_id}\0{host}"), AssetHost { asset_id: asset_id.clone().into(), host }.into()))
        .collect();
    Built { main: Some((asset_id, row.into())), shared }
}

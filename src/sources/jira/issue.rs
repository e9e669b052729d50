//! From one issue to its row.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::config::{JiraConfig, Kind, Status};
use super::service::{self, Approvals};
use super::value::{Day, person, persons, text, texts, time};
use crate::snapshot::ids;
use crate::snapshot::schema::{Change, Incident, Record};
use crate::snapshot::value::Micros;

/// An issue understood.
#[derive(Debug)]
pub(super) struct Issue {
    pub(super) key: String,
    /// Which of two records of one key is the later.
    pub(super) updated: Option<Micros>,
    /// `None` when it is out of scope.
    pub(super) row: Option<Record<'static>>,
    /// The status was read by its category.
    pub(super) by_category: bool,
}

/// What makes rows of issues: the configuration, its names compared without case.
pub(super) struct Reader<'a> {
    config: &'a JiraConfig,
    system: &'a str,
    zone: &'a TimeZone,
    statuses: BTreeMap<String, Status>,
    resolutions: BTreeMap<String, Status>,
    severities: BTreeMap<String, String>,
    change_types: BTreeMap<String, String>,
}

/// Fields of an issue; what is not there is null.
struct Facts<'v> {
    fields: &'v serde_json::Map<String, Value>,
    zone: &'v TimeZone,
}

impl<'v> Facts<'v> {
    fn get(&self, field: &str) -> &'v Value {
        self.fields.get(field).unwrap_or(&Value::Null)
    }
    fn maybe(&self, field: Option<&String>) -> &'v Value {
        field.map_or(&Value::Null, |field| self.get(field))
    }
    fn time(&self, field: &str, day: Day) -> Result<Option<Micros>, String> {
        time(self.get(field), self.zone, day).map_err(|why| format!("field {field}: {why}"))
    }
    fn maybe_time(&self, field: Option<&String>, day: Day) -> Result<Option<Micros>, String> {
        field.map_or(Ok(None), |field| self.time(field, day))
    }
}

fn lower<T: Clone>(map: &BTreeMap<String, T>) -> BTreeMap<String, T> {
    map.iter().map(|(name, value)| (name.trim().to_lowercase(), value.clone())).collect()
}

/// Looks a `{id, name}` up by id, then by name.
fn look_up<'m, T>(map: &'m BTreeMap<String, T>, value: &Value) -> Option<&'m T> {
    let id = value.get("id").and_then(Value::as_str).and_then(|id| map.get(id));
    id.or_else(|| text(value).and_then(|name| map.get(&name.to_lowercase())))
}

/// Whether a list of names or ids from the configuration has this `{id, key, name}`; an empty list has all.
fn listed(list: &[String], value: &Value) -> bool {
    let is = |word: &str| {
        ["id", "key", "name"]
            .iter()
            .any(|at| value.get(*at).and_then(Value::as_str).is_some_and(|text| text.to_lowercase() == word))
    };
    list.is_empty() || list.iter().any(|word| is(&word.trim().to_lowercase()))
}

impl<'a> Reader<'a> {
    /// Refuses words that the kind of record does not have.
    pub(super) fn new(config: &'a JiraConfig, system: &'a str, zone: &'a TimeZone) -> Result<Self, String> {
        for (name, status) in config.statuses.iter().chain(&config.resolutions) {
            if !status.fits(config.record) {
                let words = match config.record {
                    Kind::Incidents => "open, in_progress, resolved, closed, cancelled",
                    Kind::Changes => "draft, awaiting_approval, approved, in_progress, done, cancelled, rejected, failed",
                };
                return Err(format!("\"{name}\" = \"{}\" is no status of {:?}: use one of {words}", status.word(), config.record));
            }
        }
        Ok(Self {
            config,
            system,
            zone,
            statuses: lower(&config.statuses),
            resolutions: lower(&config.resolutions),
            severities: lower(&config.severities),
            change_types: lower(&config.change_types),
        })
    }

    /// The row of an issue, or why it is refused.
    pub(super) fn read(&self, issue: &Value) -> Result<Issue, String> {
        let key = issue.get("key").and_then(Value::as_str).filter(|key| !key.is_empty()).ok_or("the issue has no key")?.to_owned();
        let fields =
            issue.get("fields").and_then(Value::as_object).ok_or("the issue has no fields: ask the search for fields=*all")?;
        let facts = Facts { fields, zone: self.zone };
        let updated = facts.time("updated", Day::Begins)?;
        if !listed(&self.config.projects, facts.get("project")) || !listed(&self.config.issue_types, facts.get("issuetype")) {
            return Ok(Issue { key, updated, row: None, by_category: false });
        }
        let (row, by_category) = match self.config.record {
            Kind::Incidents => self.incident(&key, &facts)?,
            Kind::Changes => self.change(&key, &facts)?,
        };
        Ok(Issue { key, updated, row: Some(row), by_category })
    }

    fn incident(&self, key: &str, facts: &Facts<'_>) -> Result<(Record<'static>, bool), String> {
        let at = &self.config.fields;
        let (status, by_category) = self.status(facts, &Approvals::default())?;
        let resolved = facts.time(&at.resolved, Day::Ends)?;
        let over = matches!(status, Status::Closed | Status::Cancelled);
        let target = match &at.sla {
            Some(sla) => service::due(facts.get(sla), self.zone).map_err(|why| format!("field {sla}: {why}"))?,
            None => None,
        };
        let due = facts.time(&at.due, Day::Ends)?;
        let row = Incident {
            incident_id: ids::object(self.system, key).into(),
            tracker: self.system.to_owned().into(),
            title: text(facts.get("summary")).unwrap_or_default().into(),
            severity: self.severity(facts.get(&at.severity)).map(Into::into),
            security: self.security(facts),
            opened: facts.time(&at.opened, Day::Begins)?,
            resolved: if over || status == Status::Resolved { resolved } else { None },
            closed: if over { facts.time(&at.closed, Day::Ends)?.or(resolved) } else { None },
            due: target.or(due),
            status: status.word().into(),
            assignee: person(facts.get(&at.assignee)).map(Into::into),
            cause: text(facts.maybe(at.cause.as_ref())).map(Into::into),
            assets: texts(facts.get(&at.assets)).into_iter().map(Into::into).collect(),
            tickets: links(facts),
        };
        Ok((row.into(), by_category))
    }

    fn change(&self, key: &str, facts: &Facts<'_>) -> Result<(Record<'static>, bool), String> {
        let at = &self.config.fields;
        let mut given = match &at.approvals {
            Some(field) => service::approvals(facts.get(field), self.zone).map_err(|why| format!("field {field}: {why}"))?,
            None => Approvals::default(),
        };
        if at.approvals.is_none() {
            given.approvers = persons(facts.maybe(at.approvers.as_ref()));
            given.approved_at = facts.maybe_time(at.approved_at.as_ref(), Day::Begins)?;
        }
        let (status, by_category) = self.status(facts, &given)?;
        let change_type = at.change_type.as_ref().map_or_else(|| facts.get("issuetype"), |field| facts.get(field));
        let change_type = look_up(&self.change_types, change_type).cloned().or_else(|| text(change_type));
        let row = Change {
            change_id: ids::object(self.system, key).into(),
            tracker: self.system.to_owned().into(),
            title: text(facts.get("summary")).unwrap_or_default().into(),
            change_type: change_type.map(Into::into),
            risk: text(facts.maybe(at.risk.as_ref())).map(Into::into),
            requester: person(facts.get(&at.requester)).map(Into::into),
            implementer: person(facts.get(&at.implementer)).map(Into::into),
            approvers: given.approvers.into_iter().map(Into::into).collect(),
            approved_at: given.approved_at,
            planned_start: facts.maybe_time(at.planned_start.as_ref(), Day::Begins)?,
            planned_end: facts.maybe_time(at.planned_end.as_ref(), Day::Ends)?,
            actual_start: facts.maybe_time(at.actual_start.as_ref(), Day::Begins)?,
            actual_end: facts.maybe_time(at.actual_end.as_ref(), Day::Ends)?,
            status: status.word().into(),
            assets: texts(facts.get(&at.assets)).into_iter().map(Into::into).collect(),
            tickets: links(facts),
        };
        Ok((row.into(), by_category))
    }

    /// A declared resolution, then a declared status, then the category, whose key is the same in every language: new,
    /// indeterminate or done. Second: whether it was the category.
    fn status(&self, facts: &Facts<'_>, given: &Approvals) -> Result<(Status, bool), String> {
        let status = facts.get("status");
        let category = status.get("statusCategory").and_then(|category| category.get("key")).and_then(Value::as_str);
        let resolution = if category == Some("done") { look_up(&self.resolutions, facts.get("resolution")) } else { None };
        if let Some(declared) = resolution.or_else(|| look_up(&self.statuses, status)) {
            return Ok((*declared, false));
        }
        let read = match (self.config.record, category) {
            (Kind::Incidents, Some("new")) => Status::Open,
            (Kind::Incidents, Some("done")) => Status::Closed,
            (Kind::Changes, Some("new" | "indeterminate")) if given.pending => Status::AwaitingApproval,
            (Kind::Changes, Some("new")) => Status::Draft,
            (Kind::Changes, Some("done")) if given.declined => Status::Rejected,
            (Kind::Changes, Some("done")) => Status::Done,
            (_, Some("indeterminate")) => Status::InProgress,
            _ => {
                let name = text(status).unwrap_or_default();
                let id = status.get("id").and_then(Value::as_str).unwrap_or("?");
                return Err(format!("the status \"{name}\" (id {id}) is not known and has no category: declare it under statuses"));
            }
        };
        Ok((read, true))
    }

    /// Jira's own English names of priorities are known; others are kept as written.
    fn severity(&self, value: &Value) -> Option<String> {
        let name = text(value)?;
        if let Some(declared) = look_up(&self.severities, value) {
            return Some(declared.clone());
        }
        Some(match name.to_lowercase().as_str() {
            "highest" | "blocker" | "critical" => "critical".into(),
            "high" | "major" => "high".into(),
            "medium" => "medium".into(),
            "low" | "lowest" | "minor" | "trivial" => "low".into(),
            _ => name,
        })
    }

    /// Null when the field is not configured or was not exported; no when it is there and says nothing of security.
    fn security(&self, facts: &Facts<'_>) -> Option<bool> {
        let value = facts.fields.get(self.config.fields.security.as_ref()?)?;
        let yes = |text: &String| self.config.fields.security_values.iter().any(|word| word.to_lowercase() == text.to_lowercase());
        Some(texts(value).iter().any(yes))
    }
}

/// Keys of linked issues.
fn links(facts: &Facts<'_>) -> Vec<std::borrow::Cow<'static, str>> {
    let links = facts.get("issuelinks").as_array().into_iter().flatten();
    let ends = links.flat_map(|link| [link.get("inwardIssue"), link.get("outwardIssue")]).flatten();
    let mut keys: Vec<String> = ends.filter_map(|issue| issue.get("key").and_then(Value::as_str)).map(String::from).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter().map(Into::into).collect()
}

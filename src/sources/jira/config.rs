//! What `kind = "jira"` may say.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Issues of Jira or Jira Service Management, as saved pages of its REST API.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JiraConfig {
    /// Saved answers of `/rest/api/2/search`, `/rest/api/3/search/jql` or `/rest/agile/1.0/…/issue`: paths or patterns such as
    /// `changes-*.json`, relative to the configuration file. All pages of one search; that none is missing is checked.
    pub files: Vec<String>,
    /// What the issues are: `incidents` or `changes`.
    pub record: Kind,
    /// Project keys in scope; issues of others are counted and left out. Empty: all.
    #[serde(default)]
    pub projects: Vec<String>,
    /// Issue types in scope, by name or id; others are counted and left out. Empty: all.
    #[serde(default)]
    pub issue_types: Vec<String>,
    /// Status of the workflow, by name or id (names follow the exporting user's language), to Probant's word. A status that is not
    /// listed is read by its category; one without category is refused.
    #[serde(default)]
    pub statuses: BTreeMap<String, Status>,
    /// Resolution, by name or id, to Probant's word: says more than the status of an issue that is done ("Won't do" = "cancelled").
    #[serde(default)]
    pub resolutions: BTreeMap<String, Status>,
    /// Priority or severity, by name or id, to critical, high, medium or low. Jira's own English names are known.
    #[serde(default)]
    pub severities: BTreeMap<String, String>,
    /// Value of the change type field to standard, normal or emergency. Others are kept as written.
    #[serde(default)]
    pub change_types: BTreeMap<String, String>,
    /// Where the facts are: field ids such as `customfield_10101`, as `/rest/api/2/field` lists them.
    #[serde(default)]
    pub fields: Fields,
}

/// What an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Incidents,
    Changes,
}

/// Probant's words for a status; incidents and changes each have their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Incident: not begun.
    Open,
    /// Work goes on.
    InProgress,
    /// Incident: solved, not closed.
    Resolved,
    /// Incident: closed.
    Closed,
    /// Given up.
    Cancelled,
    /// Change: being written.
    Draft,
    /// Change: waiting for a decision.
    AwaitingApproval,
    /// Change: approved, not begun.
    Approved,
    /// Change: done.
    Done,
    /// Change: refused.
    Rejected,
    /// Change: did not succeed.
    Failed,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
            Self::Draft => "draft",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Approved => "approved",
            Self::Done => "done",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }

    pub(super) fn fits(self, kind: Kind) -> bool {
        match self {
            Self::InProgress | Self::Cancelled => true,
            Self::Open | Self::Resolved | Self::Closed => kind == Kind::Incidents,
            Self::Draft | Self::AwaitingApproval | Self::Approved | Self::Done | Self::Rejected | Self::Failed => {
                kind == Kind::Changes
            }
        }
    }
}

/// Field ids. A date without time is the end of its day where something ends or falls due, and its beginning elsewhere.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Fields {
    /// Incident: when it was opened.
    pub opened: String,
    /// Incident: when it was resolved.
    pub resolved: String,
    /// Incident: when it was closed; read only of issues that are. Without a value, the resolution date stands for it.
    pub closed: String,
    /// Incident: when it was to be resolved.
    pub due: String,
    /// Incident: the SLA field whose target is the due date (Jira Service Management); wins over `due` where it has one.
    pub sla: Option<String>,
    /// Incident: severity.
    pub severity: String,
    /// Incident: a field (labels, components, checkbox, list) that marks security incidents. Not set: nobody can tell.
    pub security: Option<String>,
    /// Values of the security field that mean yes, compared without case.
    pub security_values: Vec<String>,
    /// Incident: root cause.
    pub cause: Option<String>,
    /// Incident: who works on it.
    pub assignee: String,
    /// Assets touched.
    pub assets: String,
    /// Change: who asked.
    pub requester: String,
    /// Change: who did it.
    pub implementer: String,
    /// Change: the Approvals field of Jira Service Management, which gives approvers and the date of approval.
    pub approvals: Option<String>,
    /// Change: a field that names the approvers, where there is no Approvals field. A text with several is cut at `;`.
    pub approvers: Option<String>,
    /// Change: when it was approved, where there is no Approvals field.
    pub approved_at: Option<String>,
    /// Change: planned start.
    pub planned_start: Option<String>,
    /// Change: planned end.
    pub planned_end: Option<String>,
    /// Change: actual start.
    pub actual_start: Option<String>,
    /// Change: actual end.
    pub actual_end: Option<String>,
    /// Change: risk.
    pub risk: Option<String>,
    /// Change: type (standard, normal, emergency). Not set: the issue type's name.
    pub change_type: Option<String>,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            opened: "created".into(),
            resolved: "resolutiondate".into(),
            closed: "statuscategorychangedate".into(),
            due: "duedate".into(),
            sla: None,
            severity: "priority".into(),
            security: None,
            security_values: ["security", "sécurité", "securite", "ssi", "yes", "oui", "true"].map(String::from).to_vec(),
            cause: None,
            assignee: "assignee".into(),
            assets: "components".into(),
            requester: "reporter".into(),
            implementer: "assignee".into(),
            approvals: None,
            approvers: None,
            approved_at: None,
            planned_start: None,
            planned_end: None,
            actual_start: None,
            actual_end: None,
            risk: None,
            change_type: None,
        }
    }
}

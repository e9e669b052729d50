//! The targets a mapping can fill: one table from which validation, conversion and documentation come.

/// How the text of a cell becomes the value of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Several texts.
    List,
    /// Several e-mail addresses.
    Emails,
    /// Several hosts.
    Hosts,
    /// One host, without its domain.
    Host,
    Bool,
    Int,
    /// Minutes, from durations.
    Minutes,
    /// Bytes, from sizes.
    Bytes,
    Time,
    Date,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Employee number or e-mail of a person of the roster.
    Person,
}

impl Kind {
    /// Whether several values are kept.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::List | Self::Emails | Self::Hosts)
    }
}

/// One field a mapping can fill.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    pub kind: Kind,
    /// Must be mapped, and a row without it is rejected.
    pub required: bool,
}

/// Kinds of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    People,
    Accounts,
    Grants,
    Assets,
    BackupJobs,
    RestoreTests,
    Changes,
    Incidents,
    Documents,
    Vulnerabilities,
}

/// A kind of record, its word in a mapping, the tables it feeds, and its targets.
#[derive(Debug)]
pub struct RecordSpec {
    pub kind: RecordKind,
    pub name: &'static str,
    pub tables: &'static [&'static str],
    pub targets: &'static [Target],
}

const fn need(name: &'static str, kind: Kind) -> Target {
    Target { name, kind, required: true }
}

const fn may(name: &'static str, kind: Kind) -> Target {
    Target { name, kind, required: false }
}

use Kind::{Bool, Bytes, Date, Emails, Host, Hosts, Int, List, Minutes, Person, Text, Time, Word};

/// Every kind of record.
pub const RECORDS: &[RecordSpec] = &[
    RecordSpec {
        kind: RecordKind::People,
        name: "people",
        tables: &["people"],
        targets: &[
            need("employee_id", Text),
            may("display_name", Text),
            may("given_name", Text),
            may("family_name", Text),
            may("emails", Emails),
            may("login", Text),
            may("org_unit", Text),
            may("site", Text),
            may("manager", Text),
            may("contract", Text),
            may("status", Word(&["active", "left", "unknown"])),
            may("joined_on", Date),
            may("left_on", Date),
        ],
    },
    RecordSpec {
        kind: RecordKind::Accounts,
        name: "accounts",
        tables: &["accounts", "entitlements", "grants"],
        targets: &[
            need("login", Text),
            may("account_id", Text),
            may("display_name", Text),
            may("emails", Emails),
            may("employee_id", Text),
            may("kind", Word(&["human", "service", "shared", "system", "break_glass", "unknown"])),
            may("enabled", Bool),
            may("locked", Bool),
            may("expires_on", Time),
            may("last_login_at", Time),
            may("last_login_precision", Word(&["exact", "days_14", "coarse", "none"])),
            may("created_at", Time),
            may("password_changed_at", Time),
            may("password_never_expires", Bool),
            may("owner", Person),
            may("entitlements", List),
        ],
    },
    RecordSpec {
        kind: RecordKind::Grants,
        name: "grants",
        tables: &["grants", "entitlements", "accounts"],
        targets: &[
            may("login", Text),
            may("account_id", Text),
            may("logins", List),
            may("groups", List),
            need("entitlement", Text),
            may("resource", Text),
            may("description", Text),
            may("privileged", Bool),
            may("via", Text),
            may("direct", Bool),
            may("owner", Person),
        ],
    },
    RecordSpec {
        kind: RecordKind::Assets,
        name: "assets",
        tables: &["assets", "asset_hosts"],
        targets: &[
            may("asset_id", Text),
            need("application", Text),
            may("system", Text),
            may("criticality", Text),
            may("owner", Person),
            may("technical_owner", Person),
            may("backup_expected", Bool),
            may("rto_minutes", Minutes),
            may("rpo_minutes", Minutes),
            may("restore_test_every_days", Int),
            may("in_perimeter", Bool),
            may("hosts", Hosts),
        ],
    },
    RecordSpec {
        kind: RecordKind::BackupJobs,
        name: "backup_jobs",
        tables: &["backup_jobs"],
        targets: &[
            need("job_id", Text),
            may("parent_id", Text),
            may("tool", Text),
            need("client", Host),
            may("policy", Text),
            need("job_type", Word(&["backup", "restore", "verify", "duplicate", "catalog", "cleanup", "other"])),
            need("state", Word(&["queued", "active", "requeued", "done", "suspended", "incomplete", "unknown"])),
            may("status_code", Int),
            need("outcome", Word(&["success", "partial", "failed", "unknown"])),
            may("started", Time),
            may("ended", Time),
            may("bytes", Bytes),
            may("backup_ref", Text),
        ],
    },
    RecordSpec {
        kind: RecordKind::RestoreTests,
        name: "restore_tests",
        tables: &["restore_tests"],
        targets: &[
            need("test_id", Text),
            need("application", Text),
            may("asset", Text),
            may("tool", Text),
            may("source_host", Host),
            may("target_host", Host),
            may("backup_ref", Text),
            may("restore_point", Time),
            may("started", Time),
            may("ended", Time),
            may("rto_target_minutes", Minutes),
            may("rto_measured_minutes", Minutes),
            may("rpo_target_minutes", Minutes),
            may("rpo_measured_minutes", Minutes),
            may("bytes_expected", Bytes),
            may("bytes_restored", Bytes),
            may("files_expected", Int),
            may("files_restored", Int),
            may("integrity_checked", Bool),
            need("result", Word(&["conform", "conform_with_reserve", "not_conform", "unknown"])),
            may("operator", Text),
            may("validator", Text),
            may("anomaly", Text),
            may("ticket", Text),
        ],
    },
    RecordSpec {
        kind: RecordKind::Changes,
        name: "changes",
        tables: &["changes"],
        targets: &[
            need("change_id", Text),
            may("tracker", Text),
            need("title", Text),
            may("change_type", Text),
            may("risk", Text),
            may("requester", Text),
            may("implementer", Text),
            may("approvers", List),
            may("approved_at", Time),
            may("planned_start", Time),
            may("planned_end", Time),
            may("actual_start", Time),
            may("actual_end", Time),
            need(
                "status",
                Word(&["draft", "awaiting_approval", "approved", "in_progress", "done", "cancelled", "rejected", "failed"]),
            ),
            may("assets", List),
            may("tickets", List),
        ],
    },
    RecordSpec {
        kind: RecordKind::Incidents,
        name: "incidents",
        tables: &["incidents"],
        targets: &[
            need("incident_id", Text),
            may("tracker", Text),
            need("title", Text),
            may("severity", Text),
            may("security", Bool),
            may("opened", Time),
            may("resolved", Time),
            may("closed", Time),
            may("due", Time),
            need("status", Word(&["open", "in_progress", "resolved", "closed", "cancelled"])),
            may("assignee", Text),
            may("cause", Text),
            may("assets", List),
            may("tickets", List),
        ],
    },
    RecordSpec {
        kind: RecordKind::Documents,
        name: "documents",
        tables: &["documents"],
        targets: &[
            need("path", Text),
            may("title", Text),
            may("owner", Text),
            may("version", Text),
            may("approved_by", Text),
            may("approved_on", Date),
            may("last_review", Date),
            may("next_review", Date),
            may("review_every_months", Int),
            may("strength", Word(&["declared", "embedded", "file_time"])),
            may("sha256", Text),
        ],
    },
    RecordSpec {
        kind: RecordKind::Vulnerabilities,
        name: "vulnerabilities",
        tables: &["vulnerabilities"],
        targets: &[
            may("vulnerability_id", Text),
            need("finding", Text),
            need("asset", Text),
            need("severity", Word(&["critical", "high", "medium", "low", "info"])),
            may("first_seen", Time),
            may("last_seen", Time),
            may("fixed_on", Time),
            need("status", Word(&["open", "fixed", "accepted"])),
        ],
    },
];

/// The kind of record a mapping names.
#[must_use]
pub(super) fn record(name: &str) -> Option<&'static RecordSpec> {
    RECORDS.iter().find(|spec| spec.name == name)
}

//! The tables of a snapshot: the single definition.
//!
//! One `table!` call makes four things that can therefore not drift apart: the record that sources fill, the column list that
//! the Parquet writer and the SQL engine use, and the generated page of columns (`probant sources schema`).
//! Every table but `collections` ends with a `collection_id` that the sink adds, so no source can forget it.

use std::borrow::Cow;

pub use super::table::{COLLECTION_ID, Column, Row, Stored, Table};
use super::table::{field, kind, nullable, tables};
use super::value::{Cell, Days, Kind, Micros, Value};

/// `campaign_kind` of decisions that were declared and not taken in a review.
pub const DECLARATION: &str = "declaration";

tables! {
    /// One reading of one source: what was asked, when, and whether all of it came.
    Collection "collections" {
        collection_id: [text] "Source id and the snapshot's instant.",
        source: [text] "Id of the source in the configuration.",
        system: [text] "System that the source speaks for.",
        kind: [text] "Kind of source (ldif, table, bpdbjobs, documents, ...).",
        tables: [list] "Tables this collection feeds.",
        started: [time] "When the reading began.",
        ended: [time] "When it ended.",
        evidence_at: [time ?] "When the content was true; null when nothing could be read.",
        evidence_at_basis: [text] "Where evidence_at comes from: harvest, content, declared, file_name, mtime or none.",
        identity: [text ?] "Identity the source was read as (bind DN, account, operating-system user).",
        endpoint: [text] "Where it was read: URL or file.",
        query: [text] "What was asked: base, filter and attributes, or files with their SHA-256, as JSON.",
        pages: [int] "Pages or files read.",
        rows_seen: [int] "Rows the source held, as read.",
        rows_kept: [int] "Rows understood.",
        rows_rejected: [int] "Rows refused, each with its reason in `rejects`.",
        server_count: [int ?] "An independent count of the rows, where one exists.",
        details: [text] "Counts by kind of object, as JSON.",
        complete: [bool] "Whether all that exists was read.",
        incomplete_reason: [text ?] "Why not.",
        raw_sha256: [text ?] "Digest of the raw capture in the store (uncompressed bytes, secrets redacted).",
        tool_version: [text] "Version of Probant that read it.",
    }
    /// A human of the roster.
    Person "people" + COLLECTION_ID {
        person_id: [text] "Roster system and employee id.",
        employee_id: [text] "Employee number as the roster writes it.",
        display_name: [text] "Given name and family name.",
        given_name: [text ?] "Given name.",
        family_name: [text ?] "Family name.",
        emails: [list] "Addresses, lower case.",
        login: [text ?] "Login that the roster itself declares.",
        org_unit: [text ?] "Organisational unit.",
        site: [text ?] "Site.",
        manager_id: [text ?] "person_id of the line manager.",
        contract: [text ?] "Type of contract.",
        status: [text] "active, left or unknown.",
        joined_on: [date ?] "First day.",
        left_on: [date ?] "Last day.",
    }
    /// A login in a system.
    Account "accounts" + COLLECTION_ID {
        account_id: [text] "System and the immutable id the system gave (objectGUID, entryUUID, nsUniqueId, ibm-entryUuid, database id).",
        system: [text] "System the account lives in.",
        login: [text] "Login name.",
        display_name: [text ?] "Name shown.",
        emails: [list] "Addresses, lower case.",
        employee_id: [text ?] "Employee number the system holds.",
        kind: [text] "human, service, shared, system, break_glass or unknown.",
        enabled: [bool ?] "Whether it can be used; null when the source cannot tell.",
        locked: [bool ?] "Whether it is locked at the collection's evidence_at.",
        expires_on: [time ?] "When the account ends; null: never, or not told.",
        last_login_at: [time ?] "Last login known.",
        last_login_precision: [text] "exact, days_14 (lags up to 14 days), coarse or none.",
        created_at: [time ?] "When it was created.",
        password_changed_at: [time ?] "When the password was last set.",
        password_never_expires: [bool ?] "Whether the password is exempt from expiry, by flag or by policy.",
        owner_id: [text ?] "person_id of the declared owner (service, shared and break-glass accounts).",
        person_id: [text ?] "Person it was linked to.",
        link_rule: [text ?] "Rule that made the link.",
        link_confidence: [real ?] "Confidence of that rule, 0 to 1.",
        link_status: [text] "definite, candidate, none or declared.",
        attributes: [text] "The rest of what the source said, as a JSON object with sorted keys.",
    }
    /// A right that can be held.
    Entitlement "entitlements" + COLLECTION_ID {
        entitlement_id: [text] "System and the right's immutable id.",
        system: [text] "System that enforces the right.",
        resource: [text] "What the right is on.",
        name: [text] "Its name.",
        description: [text ?] "What it allows, in the source's words.",
        privileged: [bool ?] "Whether it gives administration; null when the source cannot tell.",
        owner_id: [text ?] "person_id of its owner.",
    }
    /// One account holding one entitlement.
    Grant "grants" + COLLECTION_ID {
        account_id: [text] "Account that holds it.",
        entitlement_id: [text] "Entitlement held.",
        direct: [bool] "Held by itself, not through a group.",
        via: [text ?] "Groups it passes through, outermost last, joined by ' > '.",
    }
    /// An application or system the organisation answers for.
    Asset "assets" + COLLECTION_ID {
        asset_id: [text] "Roster of assets and its id.",
        application: [text] "Application's name.",
        system: [text ?] "System id used by account sources.",
        criticality: [text ?] "Criticality as declared.",
        owner_id: [text ?] "person_id of the application owner.",
        technical_owner_id: [text ?] "person_id of the technical owner.",
        backup_expected: [bool ?] "Whether it must be backed up.",
        rto_minutes: [int ?] "Recovery time objective, minutes.",
        rpo_minutes: [int ?] "Recovery point objective, minutes.",
        restore_test_every_days: [int ?] "A restore test is due at least every N days.",
        in_perimeter: [bool ?] "Whether it lies in the ISO perimeter.",
    }
    /// Hosts and backup clients of an asset, one row each.
    AssetHost "asset_hosts" + COLLECTION_ID {
        asset_id: [text] "The asset.",
        host: [text] "Host or backup client, lower case, without domain.",
    }
    /// One backup job as the tool reports it.
    BackupJob "backup_jobs" + COLLECTION_ID {
        job_id: [text] "System and job number.",
        parent_id: [text ?] "job_id of the parent; parents are never merged with children.",
        tool: [text] "Backup tool.",
        client: [text] "Backup client, lower case, without domain.",
        policy: [text ?] "Policy.",
        job_type: [text] "backup, restore, verify, duplicate, catalog, cleanup or other.",
        state: [text] "queued, active, requeued, done, suspended, incomplete or unknown.",
        status_code: [int ?] "The tool's own status code.",
        outcome: [text] "success, partial, failed or unknown; unknown for a job that is not done.",
        started: [time ?] "Start.",
        ended: [time ?] "End.",
        bytes: [int ?] "Bytes moved.",
        backup_ref: [text ?] "The tool's id of the backup made.",
    }
    /// One restore test: a backup was read back and the result looked at.
    RestoreTest "restore_tests" + COLLECTION_ID {
        test_id: [text] "System and number of the test.",
        application: [text] "Application restored.",
        asset_id: [text ?] "The asset, when the application or host is known.",
        tool: [text ?] "Tool that restored.",
        source_host: [text ?] "Host the data came from.",
        target_host: [text ?] "Host it was restored to.",
        backup_ref: [text ?] "Backup that was read.",
        restore_point: [time ?] "Instant the restored data is true for.",
        started: [time ?] "Start.",
        ended: [time ?] "End.",
        rto_target_minutes: [int ?] "RTO aimed at.",
        rto_measured_minutes: [int ?] "RTO measured.",
        rpo_target_minutes: [int ?] "RPO aimed at.",
        rpo_measured_minutes: [int ?] "RPO measured.",
        bytes_expected: [int ?] "Bytes expected.",
        bytes_restored: [int ?] "Bytes restored.",
        files_expected: [int ?] "Files expected.",
        files_restored: [int ?] "Files restored.",
        integrity_checked: [bool ?] "Whether someone or something checked the restored data.",
        result: [text] "conform, conform_with_reserve, not_conform or unknown.",
        operator: [text ?] "Who did it.",
        validator: [text ?] "Who validated it.",
        anomaly: [text ?] "What went wrong.",
        ticket: [text ?] "Corrective ticket.",
    }
    /// One change of a production system.
    Change "changes" + COLLECTION_ID {
        change_id: [text] "Tracker and key.",
        tracker: [text] "Tracker.",
        title: [text] "Title.",
        change_type: [text ?] "Type: standard, normal, emergency, or the tracker's own word.",
        risk: [text ?] "Risk as declared.",
        requester: [text ?] "Who asked.",
        implementer: [text ?] "Who did it.",
        approvers: [list] "Who approved.",
        approved_at: [time ?] "When it was approved.",
        planned_start: [time ?] "Planned start.",
        planned_end: [time ?] "Planned end.",
        actual_start: [time ?] "Actual start.",
        actual_end: [time ?] "Actual end.",
        status: [text] "draft, awaiting_approval, approved, in_progress, done, cancelled, rejected or failed.",
        assets: [list] "Assets touched, as written.",
        tickets: [list] "Linked tickets.",
    }
    /// One incident.
    Incident "incidents" + COLLECTION_ID {
        incident_id: [text] "Tracker and key.",
        tracker: [text] "Tracker.",
        title: [text] "Title.",
        severity: [text ?] "critical, high, medium, low, or the tracker's own word.",
        security: [bool ?] "Whether it is a security incident.",
        opened: [time ?] "When it was opened.",
        resolved: [time ?] "When it was resolved.",
        closed: [time ?] "When it was closed.",
        due: [time ?] "When it was to be resolved.",
        status: [text] "open, in_progress, resolved, closed or cancelled.",
        assignee: [text ?] "Who works on it.",
        cause: [text ?] "Root cause as written.",
        assets: [list] "Assets touched, as written.",
        tickets: [list] "Linked tickets.",
    }
    /// One document of the management system.
    Document "documents" + COLLECTION_ID {
        document_id: [text] "Source and path.",
        path: [text] "Path below the folder read, or the document's URL.",
        title: [text ?] "Title.",
        owner: [text ?] "Owner.",
        version: [text ?] "Version.",
        approved_by: [text ?] "Who approved it.",
        approved_on: [date ?] "When.",
        last_review: [date ?] "Last review.",
        next_review: [date ?] "Next review due.",
        strength: [text] "Of the dates and owner: declared (someone wrote it for this purpose), embedded (file properties: weak), file_time (weakest).",
        sha256: [text ?] "Digest of the file.",
    }
    /// One technical vulnerability on one asset.
    Vulnerability "vulnerabilities" + COLLECTION_ID {
        vulnerability_id: [text] "Scanner, finding and asset.",
        finding: [text] "Identifier (CVE, plug-in) and title.",
        asset: [text] "Asset as the scanner names it.",
        severity: [text] "critical, high, medium, low or info.",
        first_seen: [time ?] "First seen.",
        last_seen: [time ?] "Last seen.",
        fixed_on: [time ?] "Seen fixed.",
        status: [text] "open, fixed or accepted.",
    }
    /// A row that could not be read, and why.
    Reject "rejects" + COLLECTION_ID {
        row: [int] "Row, line or entry number in the source, from 1.",
        reason: [text] "Why it was refused.",
        excerpt: [text] "The beginning of the row, secrets redacted.",
    }
    /// One decision on one line of a closed campaign, or a declared one.
    Decision "decisions" + COLLECTION_ID {
        campaign_id: [text] "Campaign, or `declaration` and its day.",
        campaign_kind: [text] "full, changes, privileged, leavers or movers; declaration.",
        item_id: [text] "Line.",
        reviewer_id: [text] "person_id of the reviewer; empty where nobody answered and the campaign's rule decided.",
        system: [text] "System of the account.",
        account_id: [text] "Account.",
        entitlement_id: [text ?] "Entitlement; null: the account as a whole.",
        privileged: [bool ?] "Whether the right gave administration when it was decided on.",
        decision: [text] "keep, revoke or modify.",
        justification: [text ?] "Why.",
        decided_at: [time ?] "When.",
    }
    /// What a decision asked for, and whether it really happened.
    Remediation "remediations" + COLLECTION_ID {
        campaign_id: [text] "Campaign.",
        item_id: [text] "Line.",
        system: [text] "System.",
        account_id: [text] "Account.",
        entitlement_id: [text ?] "Entitlement; null: the account as a whole.",
        title: [text] "Who, where and what, as the campaign showed it.",
        decision: [text] "revoke or modify.",
        privileged: [bool ?] "Whether the right gave administration when it was decided on.",
        owner: [text ?] "Who changes rights in the system.",
        requested_at: [time] "When it was asked.",
        due: [time ?] "Target.",
        status: [text] "open, claimed, verified_absent, still_present, reappeared, not_observable or excepted.",
        observed_at: [time ?] "evidence_at of the collection that shows it.",
    }
    /// A risk accepted in writing, by someone, until a date.
    Exception "exceptions" + COLLECTION_ID {
        exception_id: [text] "Its number.",
        check_id: [text] "Check it applies to.",
        subject: [text] "Key of the subject, as the check prints it.",
        approver: [text] "Who accepted the risk.",
        approved_on: [date] "When.",
        expires_on: [date] "Last day it holds.",
        reason: [text] "Why.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_but_collections_ends_with_its_collection() {
        for table in TABLES {
            let last = table.columns.last().map(|c| c.name);
            assert_eq!(last == Some("collection_id"), table.name != "collections", "{}", table.name);
        }
    }

    #[test]
    fn cells_come_in_the_order_of_the_columns() {
        let grant = Grant { account_id: "a".into(), entitlement_id: "e".into(), direct: true, via: None };
        let mut cells = vec![];
        grant.cells(&mut |cell| cells.push(format!("{cell:?}")));
        assert_eq!(cells.len() + 1, Grant::TABLE.columns.len());
        assert_eq!(cells, [r#"Text("a")"#, r#"Text("e")"#, "Bool(true)", "Null"]);
    }
}

//! From the converted fields of one row to the records of operations: jobs, restore tests, changes, incidents, documents,
//! vulnerabilities.

use std::borrow::Cow;

use jiff::ToSpan;

use crate::snapshot::ids;
use crate::snapshot::schema::{BackupJob, Change, Document, Incident, Record, RestoreTest, Vulnerability};
use crate::snapshot::value::Days;

use super::records::{Built, Context, Values};

fn one<'r>(id: String, record: impl Into<Record<'r>>) -> Built<'r> {
    Built { main: Some((id, record.into())), shared: vec![] }
}

pub(super) fn backup_job<'r>(context: &Context<'_>, values: &mut Values<'r>) -> Built<'r> {
    let number = values.must("job_id");
    let job_id = ids::object(context.system, &number);
    // Tools write 0, or the job itself, where there is no parent.
    let parent = values.text("parent_id").filter(|parent| *parent != "0" && *parent != number);
    let state = values.must("state");
    let outcome = values.must("outcome");
    let row = BackupJob {
        job_id: job_id.clone().into(),
        parent_id: parent.map(|parent| ids::object(context.system, &parent).into()),
        tool: values.text("tool").unwrap_or_else(|| context.system.to_owned().into()),
        client: values.must("client"),
        policy: values.text("policy"),
        job_type: values.must("job_type"),
        // A job under way has a status of its own kind; it is no success yet.
        outcome: if state == "done" { outcome } else { Cow::Borrowed("unknown") },
        state,
        status_code: values.int("status_code"),
        started: values.time("started"),
        ended: values.time("ended"),
        bytes: values.int("bytes"),
        backup_ref: values.text("backup_ref"),
    };
    one(job_id, row)
}

pub(super) fn restore_test<'r>(context: &Context<'_>, values: &mut Values<'r>) -> Built<'r> {
    let test_id = ids::object(context.system, &values.must("test_id"));
    let assets = context.plan.assets.as_deref().unwrap_or_default();
    let row = RestoreTest {
        test_id: test_id.clone().into(),
        application: values.must("application"),
        asset_id: values.text("asset").map(|asset| ids::object(assets, &asset).into()),
        tool: values.text("tool"),
        source_host: values.text("source_host"),
        target_host: values.text("target_host"),
        backup_ref: values.text("backup_ref"),
        restore_point: values.time("restore_point"),
        started: values.time("started"),
        ended: values.time("ended"),
        rto_target_minutes: values.int("rto_target_minutes"),
        rto_measured_minutes: values.int("rto_measured_minutes"),
        rpo_target_minutes: values.int("rpo_target_minutes"),
        rpo_measured_minutes: values.int("rpo_measured_minutes"),
        bytes_expected: values.int("bytes_expected"),
        bytes_restored: values.int("bytes_restored"),
        files_expected: values.int("files_expected"),
        files_restored: values.int("files_restored"),
        integrity_checked: values.bool("integrity_checked"),
        result: values.must("result"),
        operator: values.text("operator"),
        validator: values.text("validator"),
        anomaly: values.text("anomaly"),
        ticket: values.text("ticket"),
    };
    one(test_id, row)
}

pub(super) fn change<'r>(context: &Context<'_>, values: &mut Values<'r>) -> Built<'r> {
    let change_id = ids::object(context.system, &values.must("change_id"));
    let row = Change {
        change_id: change_id.clone().into(),
        tracker: values.text("tracker").unwrap_or_else(|| context.system.to_owned().into()),
        title: values.must("title"),
        change_type: values.text("change_type"),
        risk: values.text("risk"),
        requester: values.text("requester"),
        implementer: values.text("implementer"),
        approvers: values.list("approvers"),
        approved_at: values.time("approved_at"),
        planned_start: values.time("planned_start"),
        planned_end: values.time("planned_end"),
        actual_start: values.time("actual_start"),
        actual_end: values.time("actual_end"),
        status: values.must("status"),
        assets: values.list("assets"),
        tickets: values.list("tickets"),
    };
    one(change_id, row)
}

pub(super) fn incident<'r>(context: &Context<'_>, values: &mut Values<'r>) -> Built<'r> {
    let incident_id = ids::object(context.system, &values.must("incident_id"));
    let row = Incident {
        incident_id: incident_id.clone().into(),
        tracker: values.text("tracker").unwrap_or_else(|| context.system.to_owned().into()),
        title: values.must("title"),
        severity: values.text("severity"),
        security: values.bool("security"),
        opened: values.time("opened"),
        resolved: values.time("resolved"),
        closed: values.time("closed"),
        due: values.time("due"),
        status: values.must("status"),
        assignee: values.text("assignee"),
        cause: values.text("cause"),
        assets: values.list("assets"),
        tickets: values.list("tickets"),
    };
    one(incident_id, row)
}

pub(super) fn document<'r>(context: &Context<'_>, values: &mut Values<'r>) -> Built<'r> {
    let path = values.must("path");
    let document_id = ids::object(context.system, &path);
    let last_review = values.date("last_review");
    let months = values.int("review_every_months");
    let derived = last_review.zip(months).and_then(|(last, months)| {
        let span = i32::try_from(months).ok()?.clamp(0, 1200).months();
        last.date().checked_add(span).ok().map(Days::from)
    });
    let row = Document {
        document_id: document_id.clone().into(),
        path,
        title: values.text("title"),
        owner: values.text("owner"),
        version: values.text("version"),
        approved_by: values.text("approved_by"),
        approved_on: values.date("approved_on"),
        last_review,
        next_review: values.date("next_review").or(derived),
        strength: values.text("strength").unwrap_or(Cow::Borrowed("declared")),
        sha256: values.text("sha256"),
    };
    one(document_id, row)
}

pub(super) fn vulnerability<'r>(context: &Context<'_>, values: &mut Values<'r>) -> Built<'r> {
    let (finding, asset) = (values.must("finding"), values.must("asset"));
    let local = values.text("vulnerability_id").unwrap_or_else(|| Cow::Owned(format!("{finding}@{asset}")));
    let vulnerability_id = ids::object(context.system, &local);
    let row = Vulnerability {
        vulnerability_id: vulnerability_id.clone().into(),
        finding,
        asset,
        severity: values.must("severity"),
        first_seen: values.time("first_seen"),
        last_seen: values.time("last_seen"),
        fixed_on: values.time("fixed_on"),
        status: values.must("status"),
    };
    one(vulnerability_id, row)
}

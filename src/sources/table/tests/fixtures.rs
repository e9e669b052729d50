//! Real outputs of real tools, when they lie beside the repository. They are not shipped: where they are absent, each test says so.

use std::path::PathBuf;

use super::{Kept, harvest};

/// Harvests a shared sample; `None` when it is not there.
fn shared(path: &str, mapping: &str) -> Option<(crate::sources::Reading, Kept)> {
    let base = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures");
    if !base.is_dir() {
        // A skipped test must not look like a passed one.
        #[allow(clippy::print_stderr, reason = "tests have no other voice")]
        {
            eprintln!("SKIPPED: {} is not there", base.display());
        }
        return None;
    }
    Some(harvest(&base, &format!("path = \"{path}\"\n{mapping}")).unwrap())
}

#[test]
fn bareos_reports_are_believed_only_as_far_as_their_numbers() {
    let Some((reading, kept)) = shared("bareos/*.log", "preset = \"bareos-restore\"\n") else { return };
    let tests = kept.table("restore_tests");
    assert_eq!((tests.len(), reading.details["skipped"]), (3, 2), "{:?}", kept.rejects);
    let of = |job: &str| tests.iter().find(|row| row.contains(job)).copied().unwrap();
    let good = of("RestoreMSSQL.2013-11-21_17.12.26_11");
    assert!(good.contains("application=RestoreMSSQL ") && good.contains("target_host=mssqlserver-fd "), "{good}");
    assert!(good.contains("started=2013-11-21T16:12:28Z") && good.contains("bytes_restored=198836224"), "{good}");
    assert!(good.ends_with("files_expected=1 files_restored=1 result=conform_with_reserve"), "{good}");
    let odd = of("RestoreMSSQL.2013-11-21_17.34.40_16");
    assert!(
        odd.ends_with("files_expected=1 files_restored=3 result=not_conform anomaly=Restore OK; files expected 1, restored 3"),
        "{odd}"
    );
    assert!(of("RestoreFiles").contains("ended=2023-09-23T09:57:37Z"));
}

#[test]
fn pgbackrest_logs_tell_success_failure_and_cuts() {
    let Some((_, kept)) = shared("real-tools/pgbackrest/pgb_*.log", "preset = \"pgbackrest-restore\"\n") else { return };
    let tests = kept.table("restore_tests");
    assert_eq!(tests.len(), 2);
    assert!(tests[0].contains("application=sirh tool=pgBackRest backup_ref=20261123-101251F_20261123-101259I"), "{}", tests[0]);
    assert!(tests[0].contains("bytes_restored=23068672 files_restored=966 result=conform_with_reserve"), "{}", tests[0]);
    assert!(tests[1].contains("result=not_conform anomaly=[047]: unable to create path '/nonexist'"), "{}", tests[1]);
    let Some((_, kept)) = shared("pgbackrest/debian-167-restore.txt", "preset = \"pgbackrest-restore\"\n") else { return };
    assert!(kept.rejects[0].1.contains("the log is cut"));
}

#[test]
fn gitlab_users_and_members() {
    let Some((_, kept)) = shared("gitlab/derived-users.json", "preset = \"gitlab-users\"\n") else { return };
    let accounts = kept.table("accounts");
    assert!(accounts[0].contains("account_id=SYS:2994198 system=SYS login=abc1"), "{}", accounts[0]);
    assert!(
        accounts[0].contains("last_login_at=2024-01-08T15:16:41.386Z") && accounts[0].contains("enabled=true locked=false"),
        "{}",
        accounts[0]
    );
    let members = "preset = \"gitlab-members\"\n[fields]\nresource = { const = \"g/p\" }\n";
    let Some((_, kept)) = shared("gitlab/derived-members.json", members) else { return };
    assert!(kept.table("grants")[0].contains("account_id=SYS:2436773 entitlement_id=SYS:g/p/owner direct=true"));
}

#[test]
fn database_accounts_and_roles() {
    let Some((reading, kept)) = shared("real-tools/postgresql/pg_roles.csv", "preset = \"postgresql-roles\"\n") else { return };
    let accounts = kept.table("accounts");
    assert!(accounts.iter().all(|row| !row.contains("login=pg_")) && reading.details["skipped"] > 5);
    assert!(accounts.iter().any(|row| row.contains("login=j.dupont") && row.contains("expires_on=2024-12-31T22:59:59Z")));
    assert!(accounts.iter().any(|row| row.contains("login=ancien") && row.contains("enabled=false")));
    assert!(kept.table("grants").contains(&"account_id=SYS:dba_prod entitlement_id=SYS:SUPERUSER direct=true"));
    let Some((_, kept)) = shared("real-tools/postgresql/pg_auth_members.csv", "preset = \"postgresql-members\"\n") else { return };
    assert!(kept.table("grants").contains(&"account_id=SYS:m.lefèvre entitlement_id=SYS:dba_prod direct=true"));
    let Some((_, kept)) = shared("real-tools/mariadb/mysql_user.tsv", "preset = \"mysql-users\"\n") else { return };
    assert!(kept.table("accounts").iter().any(|row| row.contains("login=svc_app@10.0.% ") && !row.contains("enabled")));
    assert!(kept.table("accounts").iter().all(|row| !row.contains("r_admin")));
}

#[test]
fn role_files_of_rundeck_and_icinga() {
    let Some((_, kept)) = shared("rundeck/functional-realm.properties", "preset = \"rundeck-realm\"\n") else { return };
    assert_eq!((kept.table("accounts").len(), kept.rejects.len()), (11, 0));
    assert!(!kept.captured().contains("admin123"));
    let Some((_, kept)) = shared("icinga/roles.ini", "preset = \"icinga-roles\"\n") else { return };
    assert_eq!(kept.table("grants").len(), 3);
    assert!(kept.table("entitlements")[0].contains("name=winadmin description=config/*, module/icingadb"));
}

#[test]
fn jira_pages_and_servicenow_events_through_a_plain_mapping() {
    let jira = r#"
record = "incidents"
[read]
format = "json"
records = "/issues"
total = "/total"
pages = true
[fields]
incident_id = "key"
title = "fields.summary"
status = { column = "fields.status.name", values = { Closed = "closed", "In Progress" = "in_progress", Open = "open" } }
opened = { column = "fields.created", date = "jira-rest" }
assignee = "fields.assignee.displayName"
assets = "fields.components.name"
"#;
    let Some((reading, kept)) = shared("jira/jira_issues_page_*.json", jira) else { return };
    assert!(reading.server_count.is_some());
    assert!(kept.table("incidents").iter().any(|row| row.contains("opened=2016-03-03T13:40:01Z")), "{:?}", kept.table("incidents"));
    let events = r#"
record = "incidents"
latest = { key = "number", by = "sys_updated_at", date = "dd/mm/yyyy HH:MM" }
[read]
format = "csv"
null = ["?"]
[fields]
incident_id = "number"
title = { template = "{category} / {subcategory}" }
status = { column = "incident_state", values = { New = "open", Active = "in_progress", "Awaiting User Info" = "in_progress", Resolved = "resolved", Closed = "closed" } }
opened = { column = "opened_at", date = "dd/mm/yyyy HH:MM" }
severity = { column = "priority", extract = '- (\w+)', values = { Critical = "critical", High = "high", Moderate = "medium", Low = "low" } }
"#;
    let Some((reading, kept)) = shared("itsm/uci-servicenow-incidents-slashdates.csv", events) else { return };
    assert!(
        kept.table("incidents")[0]
            .contains("incident_id=SYS:INC0000045 tracker=SYS title=Category 55 / Subcategory 170 severity=medium"),
        "{}",
        kept.table("incidents")[0]
    );
    assert!(reading.details["superseded"] > 100);
}

#[test]
fn servicenow_events_netbackup_pages_and_veeam_sessions() {
    let mapping = "preset = \"servicenow-incidents\"\nlatest = { key = \"number\", by = \"sys_updated_at\", date = \"d/m/yyyy HH:MM\" }\n\
                   read = { null = [\"\", \"?\"] }\n[fields]\ntitle = { columns = [\"category\", \"subcategory\"] }\n\
                   opened = { column = \"opened_at\", date = \"d/m/yyyy HH:MM\" }\nresolved = { column = \"resolved_at\", date = \"d/m/yyyy HH:MM\" }\n\
                   closed = { column = \"closed_at\", date = \"d/m/yyyy HH:MM\" }\n";
    let Some((reading, kept)) = shared("itsm/uci-servicenow-incidents-slashdates.csv", mapping) else { return };
    let incidents = kept.table("incidents");
    assert_eq!((reading.rows_seen, incidents.len(), kept.rejects.len()), (198, 32, 0), "many events, one incident each");
    assert_eq!(incidents.iter().filter(|row| row.contains("status=closed")).count(), 31);
    let Some((_, kept)) = shared("netbackup/rest-getJobsResponse.json", "preset = \"netbackup-rest-jobs\"\n") else { return };
    assert_eq!(kept.table("backup_jobs").len(), 2);
    let veeam = "preset = \"veeam-sessions\"\nfields = { job_id = \"Name\" }\n";
    let Some((_, kept)) = shared("veeam/vbem-api_sessionMngr-0.json", veeam) else { return };
    let of = |outcome: &str| kept.table("backup_jobs").iter().filter(|row| row.contains(&format!("outcome={outcome}"))).count();
    assert_eq!((of("success"), of("failed"), of("partial")), (18, 4, 2));
}

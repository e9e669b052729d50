//! Every preset compiles, and reads what it was made for.

use super::super::PRESETS;
use super::{compile, read};

#[test]
fn every_preset_compiles_and_says_where_its_format_was_read() {
    for preset in PRESETS {
        let extra = if preset.name == "gitlab-members" { "[fields]\nresource = { const = \"g/p\" }\n" } else { "" };
        let compiled = compile(&format!("path = \"x\"\npreset = \"{}\"\n{extra}", preset.name));
        assert!(compiled.is_ok(), "{}: {}", preset.name, compiled.map(|_| ()).unwrap_err());
        assert!(preset.text.starts_with("# "), "{}", preset.name);
    }
}

#[test]
fn own_keys_win_over_the_preset() {
    let own = "preset = \"hr-roster-fr\"\n[read]\ndelimiter = \",\"\n[fields]\nfamily_name = \"Patronyme\"\n";
    let (_, kept) = read("rh.csv", "Matricule,Patronyme,Prénom\n7,Lœuf,Zoë\n", own);
    assert_eq!(
        kept.table("people"),
        ["person_id=SYS:7 employee_id=7 display_name=Zoë Lœuf given_name=Zoë family_name=Lœuf status=active"]
    );
}

#[test]
fn a_roster_without_leaving_dates_leaves_the_status_unknown() {
    let own = "record = \"people\"\n[read]\nformat = \"csv\"\n[fields]\nemployee_id = \"m\"\ndisplay_name = \"n\"\n";
    let (_, kept) = read("rh.csv", "m,n\n1,A\n", own);
    assert!(kept.table("people")[0].contains("status=unknown"));
}

#[test]
fn netbackup_jobs_keep_their_escaped_commas_and_short_tails() {
    let job = |id: &str, kind: &str, state: &str, status: &str, tail: &str| {
        format!(
            "{id},{kind},{state},{status},POL_1,full,SRV1.x.fr,med,1795428771,60,1795428831,stu,1,,10,2,D:\\Données\\, lot,100,1,root,0,0,0,0,,m,0,0,0,0,0,1,1{tail}\n"
        )
    };
    let text = "C4\n".to_owned()
        + &job("10", "0", "3", "0", ",10,5")
        + &job("11", "2", "3", "5", ",10,5,0,,,,,,,,,,,,,,,,srv1_1795428771")
        + &job("12", "0", "1", "", "")
        + &job("13", "99", "3", "1", "")
        + &job("14", "0", "9", "0", "");
    let (reading, kept) = read("jobs.csv", text, "preset = \"netbackup-most-columns\"\n");
    assert_eq!(
        kept.table("backup_jobs"),
        [
            "job_id=SYS:10 tool=NetBackup client=srv1 policy=POL_1 job_type=backup state=done status_code=0 outcome=success started=2026-11-23T10:12:51Z ended=2026-11-23T10:13:51Z bytes=10240",
            "job_id=SYS:11 parent_id=SYS:10 tool=NetBackup client=srv1 policy=POL_1 job_type=restore state=done status_code=5 outcome=failed started=2026-11-23T10:12:51Z ended=2026-11-23T10:13:51Z bytes=10240 backup_ref=srv1_1795428771",
            "job_id=SYS:12 tool=NetBackup client=srv1 policy=POL_1 job_type=backup state=active outcome=unknown started=2026-11-23T10:12:51Z ended=2026-11-23T10:13:51Z bytes=10240",
            "job_id=SYS:13 tool=NetBackup client=srv1 policy=POL_1 job_type=other state=done status_code=1 outcome=partial started=2026-11-23T10:12:51Z ended=2026-11-23T10:13:51Z bytes=10240",
        ]
    );
    assert!(kept.reasons()[0].starts_with("6: state: \"9\" is not among the values listed"));
    assert!(kept.rejects[0].2.contains("10"), "{}", kept.rejects[0].2);
    assert_eq!(reading.rows_seen, 5);
}

#[test]
fn rundeck_passwords_stay_in_their_file() {
    let text = "# admin: CRYPT:vieux\nadmin:hunter2,user,admin\nbob: MD5:abc\n?\n";
    let (_, kept) = read("realm.properties", text, "preset = \"rundeck-realm\"\n");
    assert_eq!(kept.table("accounts").len(), 2);
    assert!(kept.table("accounts")[0].contains("login=admin kind=unknown enabled=true"));
    assert_eq!(
        kept.table("grants"),
        ["account_id=SYS:admin entitlement_id=SYS:user direct=true", "account_id=SYS:admin entitlement_id=SYS:admin direct=true"]
    );
    assert_eq!(
        kept.captured(),
        "[redacted: a line that could not be read]\nadmin:[redacted],user,admin\nbob: [redacted]\n[redacted: a line that could not be read]\n"
    );
    assert_eq!(kept.rejects, [(4, "this line does not match read.pattern".to_owned(), String::new())]);
}

#[test]
fn jira_in_french_with_repeated_columns() {
    let text = "Clé de ticket,Résumé,État,Créé(e),Résolu(e),Priorité,Composants,Composants\n\
                SEC-1,Hameçonnage,En cours,12/juin/26 2:05 PM,,Élevée,Messagerie,Poste\n\
                SEC-2,Panne,Inconnu,12/juin/26 2:05 PM,,Moyenne,,\n";
    let (_, kept) = read("j.csv", text, "preset = \"jira-csv-incidents\"\n");
    assert_eq!(
        kept.table("incidents"),
        [
            "incident_id=SYS:SEC-1 tracker=SYS title=Hameçonnage severity=high opened=2026-06-12T12:05:00Z status=in_progress assets=Messagerie;Poste"
        ]
    );
    assert!(kept.reasons()[0].contains("status: \"Inconnu\""));
}

#[test]
fn an_itsm_export_with_bom_becomes_changes() {
    let text = "\u{feff}N° changement;Titre;Statut;Demandeur;Approbateur;Date d'approbation;Début réel\nC1;Mise à jour;Clos;Ann;Bob, Zoé;03/04/2026 10:00;04/04/2026 09:00\n";
    let (reading, kept) = read("c.csv", text, "preset = \"itsm-fr-changes\"\n");
    assert_eq!(
        kept.table("changes"),
        [
            "change_id=SYS:C1 tracker=SYS title=Mise à jour requester=Ann approvers=Bob;Zoé approved_at=2026-04-03T08:00:00Z actual_start=2026-04-04T07:00:00Z status=done"
        ]
    );
    assert_eq!(reading.query["files"][0]["read_as"], "UTF-8 (BOM)");
}

#[test]
fn servicenow_incidents_by_words_and_by_numbers() {
    let text = "number,short_description,state,priority,opened_at,closed_at,sla_due,assigned_to,cmdb_ci\n\
                INC1,Hameçonnage,Closed,2 - High,2026-06-29 10:00:00,2026-06-30 09:00:00,UNKNOWN,Ann Bo,Messagerie\n\
                INC2,Panne,6,3,2026-06-29 10:00:00,,,,\n\
                INC3,Panne,Parked,3,2026-06-29 10:00:00,,,,\n\
                INC4,Panne,New,3,29/06/2026 10:00,,,,\n";
    let (_, kept) = read("incident.csv", text, "preset = \"servicenow-incidents\"\n");
    assert_eq!(
        kept.table("incidents"),
        [
            "incident_id=SYS:INC1 tracker=SYS title=Hameçonnage severity=high opened=2026-06-29T08:00:00Z closed=2026-06-30T07:00:00Z status=closed assignee=Ann Bo assets=Messagerie",
            "incident_id=SYS:INC2 tracker=SYS title=Panne severity=medium opened=2026-06-29T08:00:00Z status=resolved",
        ]
    );
    assert!(kept.reasons()[0].contains("status: \"Parked\" is not among"), "{:?}", kept.reasons());
    assert!(kept.reasons()[1].contains("\"29/06/2026 10:00\" is not an ISO 8601 date"), "day and month are never guessed");
    let answer = r#"{"result":[{"number":"INC9","short_description":"Panne","state":"2","priority":"1","opened_at":"2026-06-29 10:00:00"}]}"#;
    let json = "preset = \"servicenow-incidents\"\nread = { format = \"json\", records = \"/result\" }\n";
    let (_, kept) = read("incident.json", answer, json);
    assert_eq!(
        kept.table("incidents"),
        ["incident_id=SYS:INC9 tracker=SYS title=Panne severity=critical opened=2026-06-29T08:00:00Z status=in_progress"]
    );
}

#[test]
fn netbackup_jobs_from_the_rest_interface() {
    let job = |id: u32, kind: &str, state: &str, status: &str, client: &str| {
        format!(
            r#"{{"id":{id},"attributes":{{"jobId":{id},"parentJobId":0,"jobType":"{kind}","state":"{state}","status":{status},"policyName":"POL","clientName":"{client}","startTime":"2026-06-25T19:00:32Z","kilobytesTransferred":10,"backupId":""}}}}"#
        )
    };
    let page = [
        job(1, "BACKUP", "DONE", "0", "srv1"),
        job(2, "RESTORE", "DONE", "5", "srv1"),
        job(3, "BACKUP", "ACTIVE", "0", "srv2"),
        job(4, "IMAGEDELETE", "DONE", "1", ""),
        job(5, "BACKUP", "WAITING", "0", "srv2"),
    ];
    let text = format!(r#"{{"data":[{}]}}"#, page.join(","));
    let (_, kept) = read("jobs.json", text, "preset = \"netbackup-rest-jobs\"\n");
    let rows = kept.table("backup_jobs");
    assert_eq!(
        rows[0],
        "job_id=SYS:1 tool=NetBackup client=srv1 policy=POL job_type=backup state=done status_code=0 outcome=success started=2026-06-25T19:00:32Z bytes=10240"
    );
    assert!(rows[1].contains("job_type=restore state=done status_code=5 outcome=failed"), "{}", rows[1]);
    assert!(rows[2].contains("state=active status_code=0 outcome=unknown"), "a running job has succeeded at nothing: {}", rows[2]);
    assert!(rows[3].contains("client=unknown") && rows[3].contains("job_type=cleanup") && rows[3].contains("outcome=partial"));
    assert!(kept.reasons()[0].contains("state: \"WAITING\" is not among"), "{:?}", kept.reasons());
}

#[test]
fn veeam_sessions_succeed_only_by_their_result() {
    let session = |uid: u32, state: &str, result: &str| {
        format!(
            r#"{{"UID":"urn:{uid}","JobName":"PROD","JobType":"Backup","CreationTimeUTC":"2026-02-19T03:33:17.233Z","EndTimeUTC":null,"State":"{state}","Result":"{result}"}}"#
        )
    };
    let all = [
        session(1, "Stopped", "Success"),
        session(2, "Stopped", "Warning"),
        session(3, "Working", "None"),
        session(4, "Stopped", "Maybe"),
    ];
    let text = format!(r#"{{"Entities":{{"BackupJobSessions":{{"BackupJobSessions":[{}]}}}}}}"#, all.join(","));
    let (_, kept) = read("sessions.json", text, "preset = \"veeam-sessions\"\n");
    let outcomes: Vec<&str> =
        kept.table("backup_jobs").iter().filter_map(|row| row.split("outcome=").nth(1)?.split(' ').next()).collect();
    assert_eq!(outcomes, ["success", "partial", "unknown"]);
    assert!(kept.reasons()[0].contains("outcome: \"Maybe\" is not among"), "{:?}", kept.reasons());
}

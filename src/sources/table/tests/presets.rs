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

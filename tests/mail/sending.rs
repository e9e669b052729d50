//! `probant review send` against a server of our own.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::kit::{Campaign, parsed, section};
use crate::server::{Manners, Server};

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn guarded() -> Manners {
    Manners { starttls: true, account: Some("\0revue\0mot de passe".into()), ..Manners::default() }
}

const ACCOUNT: &str = "ca_file = \"ca.pem\"\nuser = \"revue\"\n";

#[test]
fn each_reviewer_gets_their_workbook_once_over_tls() {
    let server = Server::start(guarded());
    let campaign = Campaign::open(&section(&server, ACCOUNT));
    // Two have no address: that is said, and the exit code asks for somebody.
    let done = campaign.probant(&["review", "send"]).code(2);
    assert!(done.out.contains("! Luc Petit") && done.out.contains("sans adresse"), "{}", done.out);
    assert!(done.out.contains("« pas une adresse »"), "{}", done.out);
    assert!(done.err.contains("3 lettre(s) envoyée(s), 0 en échec, 2 relecteur(s)"), "{}", done.err);
    let received = server.take();
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|message| message.encrypted && message.logged_in));
    assert_eq!(server.connections(), 1, "one connection for all");
    let anne = received.iter().find(|message| message.to == ["anne.martin@exemple.fr"]).unwrap();
    assert_eq!(anne.from, "securite@exemple.fr");
    let message = parsed(&anne.data);
    assert_eq!(message["defects"], json!([]));
    assert_eq!(message["attachments"][0]["sha256"], sha256(&campaign.workbook("Martin")));
    assert_eq!(message["headers"]["date"], "Mon, 05 Oct 2026 08:00:00 +0000");
    assert!(message["headers"].get("x-unsent").is_none());
    // Nobody gets it twice.
    let again = campaign.probant(&["review", "send"]).code(2);
    assert!(again.out.contains("3 relecteur(s) l'ont déjà reçue"), "{}", again.out);
    assert_eq!(server.take().len(), 0);
    // Unless it is asked for by name.
    campaign.probant(&["review", "send", "--again", "10", "--quiet"]).code(2);
    assert_eq!(server.take().iter().map(|m| m.to.clone()).collect::<Vec<_>>(), [["anne.martin@exemple.fr"]]);
    let ledger = std::fs::read_to_string(campaign.path("store/ledger.jsonl")).unwrap();
    assert_eq!(ledger.matches("\"campaign-mail\"").count(), 2, "{ledger}");
    assert!(ledger.contains("\"protection\":\"starttls\"") && !ledger.contains("mot de passe"), "{ledger}");
    let log = campaign.log();
    assert_eq!(log[0]["event"], "sending");
    assert_eq!(log[0]["workbook_sha256"], sha256(&campaign.workbook("Martin")));
    assert_eq!(log[1]["event"], "accepted");
}

#[test]
fn a_refused_address_does_not_stop_the_others_and_is_tried_again() {
    let mut manners = guarded();
    manners.refuses = vec!["anne.martin@exemple.fr".into()];
    let server = Server::start(manners);
    let campaign = Campaign::open(&section(&server, ACCOUNT));
    let done = campaign.probant(&["review", "send", "--format", "json"]).code(2).json();
    let letters = done["letters"].as_array().unwrap();
    let state = |name: &str| letters.iter().find(|l| l["name"] == name).unwrap().clone();
    assert_eq!(state("Anne Martin")["state"], "failed");
    assert!(state("Anne Martin")["said"].as_str().unwrap().contains("no such mailbox here"), "{letters:?}");
    assert_eq!(state("Zoé Müller-d'Été")["state"], "sent");
    assert_eq!(server.take().len(), 2);
    let kind = Server::start(guarded());
    campaign.configure(&section(&kind, ACCOUNT));
    campaign.probant(&["review", "send", "--quiet"]).code(2);
    assert_eq!(kind.take().iter().map(|m| m.to.clone()).collect::<Vec<_>>(), [["anne.martin@exemple.fr"]]);
}

#[test]
fn a_letter_interrupted_after_its_text_is_in_doubt_and_never_sent_again_unasked() {
    let mut manners = guarded();
    manners.hangs_up_on = Some("anne.martin@exemple.fr".into());
    let server = Server::start(manners);
    let campaign = Campaign::open(&section(&server, ACCOUNT));
    let done = campaign.probant(&["review", "send"]).code(2);
    assert!(done.out.contains("nul ne sait si elle est arrivée"), "{}", done.out);
    assert_eq!(server.take().len(), 3, "the others went out over a new connection");
    assert_eq!(server.connections(), 2);
    let again = campaign.probant(&["review", "send"]).code(2);
    assert!(again.out.contains("! Anne Martin") && again.out.contains("interrompu"), "{}", again.out);
    assert_eq!(server.take().len(), 0);
    let kind = Server::start(guarded());
    campaign.configure(&section(&kind, ACCOUNT));
    campaign.probant(&["review", "send", "--again", "anne.martin@exemple.fr"]).code(2);
    assert_eq!(kind.take().len(), 1);
}

#[test]
fn a_killed_run_goes_on_where_it_stopped() {
    let server = Server::start(guarded());
    let campaign = Campaign::open(&section(&server, ACCOUNT));
    campaign.probant(&["review", "send", "--quiet"]).code(2);
    server.take();
    // As a kill leaves it: the first letter done, the second begun, a third line torn.
    let path = campaign.path("store/campaigns/2026-T4/mail.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    std::fs::write(&path, format!("{}\n{}\n{}\n{}", lines[0], lines[1], lines[2], &lines[3][..20])).unwrap();
    let done = campaign.probant(&["review", "send", "--format", "json"]).code(2).json();
    let names: Vec<&str> = done["letters"].as_array().unwrap().iter().map(|l| l["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Max Parti"], "the first is sent, the second in doubt");
    let doubt = done["others"].as_array().unwrap().iter().find(|o| o["name"] == "Zoé Müller-d'Été").unwrap().clone();
    assert_eq!(doubt["trouble"], true);
    assert_eq!(server.take().len(), 1);
    assert_eq!(campaign.log().len(), 5, "the torn line is gone");
}

#[test]
fn a_server_that_closes_now_and_then_is_called_again() {
    let mut manners = guarded();
    manners.at_most = Some(1);
    let server = Server::start(manners);
    let campaign = Campaign::open(&section(&server, ACCOUNT));
    campaign.probant(&["review", "send", "--quiet"]).code(2);
    assert_eq!((server.take().len(), server.connections()), (3, 3));
}

#[test]
fn a_dry_run_touches_nothing() {
    let server = Server::start(guarded());
    let campaign = Campaign::open(&section(&server, ACCOUNT));
    let done = campaign.probant(&["review", "send", "--dry-run"]).code(2);
    assert!(done.out.contains("anne.martin@exemple.fr") && done.out.contains("à envoyer"), "{}", done.out);
    assert!(done.err.contains("rien n'est parti"), "{}", done.err);
    assert_eq!((server.connections(), campaign.log().len()), (0, 0));
    assert!(!campaign.path("store/campaigns/2026-T4/mail.jsonl").exists());
}

#[test]
fn reminders_follow_lateness_and_put_the_escalation_contact_in_copy() {
    let server = Server::start(guarded());
    let more = format!("{ACCOUNT}escalation = \"direction@exemple.fr\"\nremind_before = [7, 2]\n");
    let campaign = Campaign::open(&section(&server, &more));
    let remind = |now: &str| {
        campaign.at(now, &["review", "send", "--remind", "--quiet"]);
        server.take()
    };
    assert_eq!(remind("2026-10-10T08:00:00Z").len(), 0, "nothing before the first threshold");
    let before = remind("2026-10-24T08:00:00Z");
    assert_eq!(before.len(), 3);
    assert_eq!(remind("2026-10-25T08:00:00Z").len(), 0, "once a threshold");
    let first = parsed(&before.iter().find(|m| m.to == ["anne.martin@exemple.fr"]).unwrap().data);
    assert_eq!(first["headers"]["subject"], "Rappel : revue des habilitations 2026-T4, à rendre le 30/10/2026");
    assert!(first["text"][0].as_str().unwrap().contains("Il reste 6 jour(s)"), "{first}");
    assert_eq!(first["attachments"].as_array().unwrap().len(), 1, "nothing has come back: the workbook again");
    assert_eq!(remind("2026-10-30T08:00:00Z").len(), 3, "on the due date");
    let late = remind("2026-11-02T08:00:00Z");
    let anne = late.iter().find(|m| m.to[0] == "anne.martin@exemple.fr").unwrap();
    assert_eq!(anne.to, ["anne.martin@exemple.fr", "direction@exemple.fr"]);
    let message = parsed(&anne.data);
    assert_eq!(message["headers"]["cc"], "direction@exemple.fr");
    assert!(message["headers"]["subject"].as_str().unwrap().starts_with("En retard de 3 jour(s)"), "{message}");
    assert_eq!(remind("2026-11-03T08:00:00Z").len(), 0);
    assert_eq!(remind("2026-11-07T08:00:00Z").len(), 3, "the next week of lateness");
}

#[test]
fn a_server_that_is_not_trusted_or_does_not_encrypt_gets_nothing() {
    let server = Server::start(guarded());
    let campaign = Campaign::open(&section(&server, "user = \"revue\"\n"));
    let done = campaign.probant(&["review", "send"]).code(2);
    assert!(done.out.contains("UnknownIssuer") || done.out.contains("certificate"), "{}", done.out);
    let plain = Server::start(Manners::default());
    campaign.configure(&section(&plain, "ca_file = \"ca.pem\"\n"));
    let done = campaign.probant(&["review", "send"]).code(2);
    assert!(done.out.contains("STARTTLS is not supported"), "{}", done.out);
    assert_eq!((server.take().len(), plain.take().len(), plain.connections()), (0, 0, 1), "one attempt for all three");
    let locked = Server::start(Manners { account: Some("\0revue\0autre".into()), ..guarded() });
    campaign.configure(&section(&locked, ACCOUNT));
    let done = campaign.probant(&["review", "send"]).code(2);
    assert!(done.out.contains("le compte revue n'est pas admis") && !done.out.contains("mot de passe"), "{}", done.out);
}

#[test]
fn tls_from_the_start_and_the_named_opt_out() {
    let server = Server::start(Manners { implicit: true, ..Manners::default() });
    let campaign = Campaign::open(&section(&server, "ca_file = \"ca.pem\"\ntls = \"implicit\"\n"));
    campaign.probant(&["review", "send", "--quiet"]).code(2);
    assert!(server.take().iter().all(|message| message.encrypted));
    let plain = Server::start(Manners::default());
    campaign.configure(&section(&plain, "tls = \"cleartext\"\n"));
    campaign.probant(&["review", "send", "--again", "10", "--quiet"]).code(2);
    assert_eq!(plain.take().len(), 1);
    assert!(campaign.log().iter().any(|event| event["protection"] == "cleartext"), "recorded");
    let ledger = std::fs::read_to_string(campaign.path("store/ledger.jsonl")).unwrap();
    assert!(ledger.contains("\"protection\":\"cleartext\""));
}

#[test]
fn letters_of_ones_own_replace_ours_and_mistakes_are_placed() {
    let server = Server::start(guarded());
    let campaign = Campaign::open(&section(&server, &format!("{ACCOUNT}templates = \".\"\n")));
    campaign.write("invitation.fr.txt", "Pour {name}\n\nÀ vous, {nom} !\n");
    let done = campaign.probant(&["review", "send"]).code(2);
    assert!(done.err.contains("invitation.fr.txt, line 3: `{nom}` is not known"), "{}", done.err);
    assert_eq!(server.connections(), 0);
    campaign.write("invitation.fr.txt", "Pour {name}\n\nÀ vous !\n");
    campaign.probant(&["review", "send", "--quiet"]).code(2);
    let received = server.take();
    let anne = parsed(&received.iter().find(|m| m.to == ["anne.martin@exemple.fr"]).unwrap().data);
    assert_eq!((&anne["headers"]["subject"], &anne["text"][0]), (&json!("Pour Anne Martin"), &json!("À vous !\r\n")));
}

#[test]
fn a_changed_workbook_is_not_sent_and_no_section_says_what_to_do() {
    let server = Server::start(guarded());
    let campaign = Campaign::open("");
    let done = campaign.probant(&["review", "send"]).code(2);
    assert!(done.err.contains("has no [mail] section") && done.err.contains(".eml"), "{}", done.err);
    campaign.configure(&section(&server, ACCOUNT));
    let book = campaign.files(".xlsx").into_iter().find(|path| path.to_str().unwrap().contains("Martin")).unwrap();
    std::fs::write(book, "PK").unwrap();
    let done = campaign.probant(&["review", "send"]).code(2);
    assert!(done.err.contains("is not the workbook that was made"), "{}", done.err);
}

#[test]
fn lines_given_to_another_reviewer_go_out_with_their_own_workbook_and_who_has_none_left_gets_no_letter() {
    let server = Server::start(guarded());
    let campaign = Campaign::open(&section(&server, ACCOUNT));
    campaign.probant(&["review", "send", "--quiet"]).code(2);
    server.take();
    // Max's line to Anne, who has her own workbook already.
    campaign.probant(&["review", "reassign", "--from", "0014", "--to", "10", "--reason", "Parti"]).code(0);
    let sent = campaign.probant(&["review", "send", "--format", "json"]).code(2).json();
    let letters = sent["letters"].as_array().unwrap();
    assert_eq!(letters.len(), 1, "{sent}");
    assert_eq!((&letters[0]["letter"], &letters[0]["reviewer"]), (&json!("invitation-1"), &json!("RH:10")));
    let received = server.take();
    assert_eq!(received[0].to, ["anne.martin@exemple.fr"]);
    let message = parsed(&received[0].data);
    assert!(message["text"][0].as_str().unwrap().contains("contient 1 ligne(s)"), "{message}");
    let moved = sent["others"].as_array().unwrap().iter().find(|other| other["reviewer"] == "RH:14").unwrap();
    assert_eq!(moved["why"], "toutes ses lignes ont été confiées à un autre relecteur");
    // A reminder brings both workbooks, and counts both lines.
    campaign.at("2026-10-29T08:00:00Z", &["review", "send", "--remind", "--quiet"]).code(2);
    let received = server.take();
    let anne = parsed(&received.iter().find(|letter| letter.to == ["anne.martin@exemple.fr"]).unwrap().data);
    assert_eq!((anne["attachments"].as_array().unwrap().len(), &anne["defects"]), (2, &json!([])), "{anne}");
    assert!(anne["text"][0].as_str().unwrap().contains("2 sur 2"), "{anne}");
    assert!(!received.iter().any(|letter| letter.to == ["max@exemple.fr"]));
}

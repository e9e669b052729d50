//! One draft a reviewer, without any configuration of mail.

use std::fs;

use sha2::{Digest as _, Sha256};

use crate::kit::{Campaign, OPENED, parsed, section};
use crate::server::{Manners, Server};

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[test]
fn every_workbook_has_a_draft_beside_it_that_carries_it_whole() {
    let campaign = Campaign::open("");
    let (books, drafts) = (campaign.files(".xlsx"), campaign.files(".eml"));
    assert_eq!((books.len(), drafts.len()), (6, 5), "five workbooks and the lead's: {books:?}");
    for draft in &drafts {
        let message = parsed(&fs::read(draft).unwrap());
        assert_eq!(message["defects"], serde_json::json!([]), "{draft:?}");
        assert_eq!(message["headers"]["x-unsent"], "1");
        let book = draft.with_extension("xlsx");
        assert_eq!(message["attachments"][0]["sha256"], sha256(&fs::read(&book).unwrap()));
        assert_eq!(message["attachments"][0]["name"], book.file_name().unwrap().to_str().unwrap());
        assert_eq!(message["attachments"][0]["type"], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    }
    let of = |who: &str| drafts.iter().find(|path| path.to_str().unwrap().contains(who)).unwrap();
    let anne = parsed(&fs::read(of("Martin")).unwrap());
    assert_eq!(anne["headers"]["to"], "Anne Martin <anne.martin@exemple.fr>");
    assert_eq!(anne["headers"]["subject"], "Revue des habilitations 2026-T4 : à rendre le 30/10/2026");
    let text = anne["text"][0].as_str().unwrap();
    assert!(text.starts_with("Bonjour Anne Martin,") && text.contains("Agence & Cie") && text.contains("poste 4242"), "{text}");
    let zoe = parsed(&fs::read(of("Zoé")).unwrap());
    assert_eq!(zoe["headers"]["subject"], "Access review 2026-T4: to return by 2026-10-30");
    assert_eq!(zoe["headers"]["to"], "Zoé Müller-d'Été <zoe@exemple.fr>");
}

#[test]
fn those_without_an_address_are_named_and_their_drafts_have_none() {
    let campaign = Campaign::open("");
    let luc = parsed(&fs::read(campaign.files(".eml").iter().find(|p| p.to_str().unwrap().contains("Luc")).unwrap()).unwrap());
    assert!(luc["headers"].get("to").is_none() && luc["headers"].get("from").is_none(), "{luc}");
    let again = Campaign::open("");
    fs::remove_dir_all(again.path("store/campaigns")).unwrap();
    let said = again.probant(&["review", "open", "--format", "json"]).code(0);
    assert_eq!(said.json()["without_address"], serde_json::json!(["Luc Petit", "Léa Grand"]));
    assert!(said.err.contains("Sans adresse") && said.err.contains("Luc Petit, Léa Grand"), "{}", said.err);
}

#[test]
fn the_same_campaign_gives_the_same_drafts_and_says_who_sends_when_it_knows() {
    let server = Server::start(Manners::default());
    let made = || {
        let campaign = Campaign::open(&section(&server, ""));
        campaign.files(".eml").iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    let drafts = made();
    assert_eq!(drafts, made());
    let first = parsed(&drafts[0]);
    assert_eq!(first["headers"]["from"], "Équipe sécurité <securite@exemple.fr>");
    assert_eq!(first["headers"]["reply-to"], "revue@exemple.fr");
    assert_eq!(server.connections(), 0, "opening a campaign sends nothing ({OPENED})");
}

//! What may happen to an open campaign: its reviewer leaves, or opening it was a mistake. On a small agency.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::edit::{Package, REVIEW};
use crate::kit::{Done, World, done, tool};

pub(crate) const OPENED: &str = "2026-10-05T08:00:00Z";
pub(crate) const BACK: &str = "2026-10-07T08:00:00Z";

/// A reviewer (9), one to take over (8) who has an account and answers for another, one who left (2), and seven lines.
pub(crate) fn world() -> World {
    let world = World::small();
    world.edit("probant.toml", "include = []", "include = []\ndeclarations = \"declarations.toml\"");
    world.edit("probant.toml", "locale = \"en\"", "locale = \"fr\"");
    world.append(
        "probant.toml",
        "\n[review]\ncampaign = \"2026-T4\"\ndue = 2026-10-20\ncontact = \"Sécurité\"\nsystems = [\"APPLI\"]\nfallback_reviewer = \"9\"\n\
         \n[source.droits]\nkind = \"table\"\nsystem = \"APPLI\"\npath = \"droits.csv\"\nevidence_at = 2026-10-01\nrecord = \"grants\"\n\
         read = { format = \"csv\" }\nfields = { login = \"compte\", entitlement = \"droit\" }\nrights = { resource = \"Appli\", privileged = [\"admin\"] }\n",
    );
    world.append("rh.csv", "8;Dupont;Max;Présent;01/02/2010;\n9;Chef;Zoé;Présent;01/02/2010;\n");
    world.write("appli.csv", "compte,matricule,actif\nam,1,oui\nlp,2,non\nmd,8,oui\nsvc,,oui\n");
    world.write("droits.csv", "compte,droit\nam,lecture\nam,ecriture\nam,admin\nlp,lecture\nmd,lecture\nsvc,lecture\n");
    world.write(
        "declarations.toml",
        "confirmed_on = 2026-10-01\n\n[[account]]\nsystem = \"APPLI\"\nlogin = \"svc\"\nkind = \"service\"\nowner = \"8\"\npurpose = \"Lots\"\n",
    );
    at(&world, OPENED, &["harvest", "--quiet"]).code(0);
    world
}

fn at(world: &World, now: &str, arguments: &[&str]) -> Done {
    done(&mut world.at(now, arguments))
}

fn campaign(world: &World) -> PathBuf {
    world.store().join("campaigns/2026-T4")
}

fn items(world: &World) -> Vec<Value> {
    let bytes = fs::read(campaign(world).join("items.json")).unwrap();
    serde_json::from_slice::<Value>(&bytes).unwrap()["items"].as_array().unwrap().clone()
}

/// The id of a login's line for a right.
fn line(world: &World, login: &str, right: &str) -> String {
    let found = items(world).into_iter().find(|item| item["login"] == login && item["right"] == right);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

/// Signs on a day that is neither before the opening nor after today.
fn signed(package: &mut Package, signature: usize, name: &str) {
    for (cell, text) in [("B7", name), ("B8", "Cheffe"), ("B9", "2026-10-06"), ("B10", "Oui"), ("B11", "Oui")] {
        package.set(signature, cell, text);
    }
}

/// The workbook of the opening, with some lines decided, signed, in a file of its own.
pub(crate) fn filled(world: &World, sent: &Path, name: &str, keep: &dyn Fn(&str) -> bool) {
    let mut package = Package::open(&fs::read(sent).unwrap());
    for sheet in [2, 3, 4] {
        for row in package.lines(sheet) {
            let xml = package.row(sheet, row);
            if keep(&cell(&xml)) {
                package.set(sheet, &format!("O{row}"), "Conserver").set(sheet, &format!("Q{row}"), "Toujours en poste");
            }
        }
    }
    let signature = if package.parts.iter().any(|(part, _)| part == "xl/worksheets/sheet9.xml") { 7 } else { 5 };
    signed(&mut package, signature, if sent.to_str().unwrap().contains("handover") { "Max Dupont" } else { "Zoé Chef" });
    world.write(name, package.save());
}

/// The text of the first cell of a row: the line's id.
fn cell(row: &str) -> String {
    row.split("</t>").next().unwrap().rsplit('>').next().unwrap().to_owned()
}

fn codes(reading: &Value) -> Vec<(&str, &str)> {
    let notes = reading["notes"].as_array().unwrap();
    notes.iter().map(|n| (n["code"].as_str().unwrap(), n["item_id"].as_str().unwrap_or_default())).collect()
}

fn recounted(folder: &Path) -> String {
    tool(Command::new("python3").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("controls/recount_review.py")).arg(folder))
}

#[test]
fn open_lines_go_to_another_reviewer_and_the_old_workbook_is_told_line_by_line() {
    let world = world();
    let opened = at(&world, OPENED, &["review", "open", "--format", "json"]).code(0).json();
    let sent = world.folder.join(opened["workbooks"][0].as_str().unwrap());
    let frozen =
        [fs::read(campaign(&world).join("campaign.json")).unwrap(), fs::read(campaign(&world).join("items.json")).unwrap()];
    // One line is decided before she goes.
    let first = line(&world, "am", "lecture");
    filled(&world, &sent, "retours/zoe-1.xlsx", &|id| id == first);
    at(&world, BACK, &["review", "collect", "retours"]).code(0);

    refusals(&world);
    let reassign = ["review", "reassign", "--from", "0009", "--to", "8", "--reason", " Congé maternité "];
    let given = at(&world, BACK, &[&reassign[..], &["--format", "json"]].concat()).code(0).json();
    let mut moved: Vec<String> = given["lines"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    moved.sort();
    let mut expected = vec![line(&world, "am", "ecriture"), line(&world, "am", "admin"), line(&world, "lp", "lecture")];
    expected.sort();
    assert_eq!((moved, given["decided"].as_u64()), (expected.clone(), Some(1)));
    // Max's own account, and the one that he answers for.
    let own: Vec<&str> = given["own_access"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let mut kept_back = vec![line(&world, "md", "lecture"), line(&world, "svc", "lecture")];
    kept_back.sort();
    assert_eq!(own, kept_back);
    at(&world, BACK, &reassign).code(2).says(&["each of the 2 open line(s) is an access of Max Dupont's own"]);

    // Nothing frozen was touched; who, when and why are facts of the log and of the ledger.
    assert_eq!(
        [fs::read(campaign(&world).join("campaign.json")).unwrap(), fs::read(campaign(&world).join("items.json")).unwrap()],
        frozen
    );
    let log = fs::read_to_string(campaign(&world).join("decisions.jsonl")).unwrap();
    let event: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(
        (event["event"].as_str(), event["reason"].as_str(), event["from"].as_str()),
        (Some("reassigned"), Some("Congé maternité"), Some("RH:9"))
    );
    assert!(event["by"].is_string() && event["at"] == BACK, "{event}");
    let ledger = fs::read_to_string(world.store().join("ledger.jsonl")).unwrap();
    let noted: Value = serde_json::from_str(ledger.lines().rfind(|line| line.contains("campaign-reassigned")).unwrap()).unwrap();
    assert_eq!((noted["data"]["to"].as_str(), noted["data"]["lines"].as_u64()), (Some("RH:8"), Some(3)));
    let status = at(&world, BACK, &["review", "status"]).code(0).out;
    assert!(
        status.contains("3 ligne(s) de Zoé Chef confiée(s) à Max Dupont le 07/10/2026") && status.contains("Congé maternité"),
        "{status}"
    );

    // The old workbook, all of it decided: what was moved is said line by line and not taken.
    filled(&world, &sent, "retours/zoe-2.xlsx", &|_| true);
    let collected = at(&world, BACK, &["review", "collect", "retours/zoe-2.xlsx", "--format", "json"]).code(0).json();
    let reading = &collected["readings"][0];
    let mut said: Vec<String> =
        codes(reading).into_iter().filter(|(code, _)| *code == "line-moved").map(|(_, id)| id.to_owned()).collect();
    said.sort();
    assert_eq!(said, expected);
    assert_eq!((reading["decided"].as_u64(), reading["no_answer"].as_array().unwrap().len()), (Some(3), 0), "{reading}");
    let note = fs::read_to_string(world.folder.join(collected["corrections"][0].as_str().unwrap())).unwrap();
    assert!(
        note.contains("Confié à un autre relecteur :")
            && note.contains("confiée le 07/10/2026 à Max Dupont")
            && note.contains("rien à renvoyer"),
        "{note}"
    );
    let standing = at(&world, BACK, &["review", "status", "--format", "json"]).code(0).json();
    assert_eq!((standing["totals"]["decided"].as_u64(), standing["totals"]["no_answer"].as_u64()), (Some(3), Some(3)));

    // The new workbook comes back with a row taken out, then whole.
    let book = world.folder.join(given["workbook"].as_str().unwrap());
    assert!(book.with_extension("eml").exists(), "a draft lies beside it");
    let mut cut = Package::open(&fs::read(&book).unwrap());
    cut.delete_row(REVIEW, cut.lines(REVIEW)[0]);
    signed(&mut cut, 5, "Max Dupont");
    world.write("retours/max-1.xlsx", cut.save());
    let reading =
        at(&world, BACK, &["review", "collect", "retours/max-1.xlsx", "--format", "json"]).code(0).json()["readings"][0].clone();
    assert_eq!((codes(&reading)[0].0, reading["no_answer"].as_array().unwrap().len()), ("lines-missing", 3), "{reading}");
    filled(&world, &book, "retours/max-2.xlsx", &|_| true);
    let reading =
        at(&world, BACK, &["review", "collect", "retours/max-2.xlsx", "--format", "json"]).code(0).json()["readings"][0].clone();
    assert_eq!(
        (reading["decided"].as_u64(), codes(&reading).len(), reading["reviewer"].as_str()),
        (Some(3), 0, Some("RH:8")),
        "{reading}"
    );

    at(&world, BACK, &["review", "close"]).code(0);
    let minutes = fs::read_to_string(campaign(&world).join("minutes.fr.html")).unwrap();
    assert!(minutes.contains("Lignes confiées à un autre relecteur") && minutes.contains("Congé maternité"), "{minutes}");
    assert!(recounted(&campaign(&world)).contains("everything agrees"));
    at(&world, BACK, &reassign).code(2).says(&["2026-T4: the campaign was closed on"]);
}

/// Who may not take the lines, and lines that are not there.
fn refusals(world: &World) {
    let reassign = |to: &str, more: &[&str]| {
        at(world, BACK, &[&["review", "reassign", "--from", "9", "--to", to, "--reason", "Congé"], more].concat()).code(2)
    };
    reassign("404", &[]).says(&["--to 404: nobody of the roster is called so"]);
    reassign("2", &[]).says(&["Luc Petit has left the organisation"]);
    reassign("9", &[]).says(&["Zoé Chef has these lines already"]);
    reassign("8", &["--system", "AD"]).says(&["--system AD", "theirs are: APPLI"]);
    reassign("8", &["--line", "2026-T4-0"]).says(&["--line 2026-T4-0"]);
    reassign("8", &["--line", &line(world, "am", "lecture")]).says(&["1 decided line(s) stay"]);
    at(world, BACK, &["review", "reassign", "--from", "8", "--to", "9", "--reason", "x"]).code(2).says(&["--from 8: 0 reviewers"]);
    at(world, BACK, &["review", "reassign", "--from", "9", "--to", "8", "--reason", " . "]).code(2).says(&["--reason is empty"]);
    at(world, BACK, &["review", "reassign", "--to", "8", "--reason", "x"]).code(2).says(&["--from"]);
}

#[test]
fn lines_of_nobody_get_a_reviewer() {
    let world = world();
    world.edit("probant.toml", "fallback_reviewer = \"9\"\n", "");
    at(&world, OPENED, &["review", "open", "--no-answer", "revoke"]).code(0);
    let given = at(&world, BACK, &["review", "reassign", "--unassigned", "--to", "9", "--reason", "Oubli", "--format", "json"])
        .code(0)
        .json();
    assert_eq!(given["lines"].as_array().unwrap().len(), 6);
    let status = at(&world, BACK, &["review", "status", "--format", "json"]).code(0).json();
    assert_eq!((status["unassigned"].as_u64(), status["reviewers"][0]["name"].as_str()), (Some(0), Some("Zoé Chef")));
    filled_by_hand(&world, &world.folder.join(given["workbook"].as_str().unwrap()));
    let reading = at(&world, BACK, &["review", "collect", "z.xlsx", "--format", "json"]).code(0).json()["readings"][0].clone();
    assert_eq!((reading["decided"].as_u64(), codes(&reading).len()), (Some(6), 0), "{reading}");
}

pub(crate) fn filled_by_hand(world: &World, book: &Path) {
    let mut package = Package::open(&fs::read(book).unwrap());
    package.decide_all("Conserver");
    signed(&mut package, 5, "Zoé Chef");
    world.write("z.xlsx", package.save());
}

#[test]
fn an_abandoned_campaign_stays_as_it_is_and_nothing_acts_on_it_or_compares_with_it() {
    let world = world();
    let opened = at(&world, OPENED, &["review", "open", "--format", "json"]).code(0).json();
    filled(&world, &world.folder.join(opened["workbooks"][0].as_str().unwrap()), "z.xlsx", &|_| true);
    at(&world, BACK, &["review", "collect", "z.xlsx"]).code(0);
    at(&world, BACK, &["review", "abandon", "2025", "--reason", "x"]).code(2).says(&["probant review open"]);
    at(&world, BACK, &["review", "abandon", "2026-T4", "--reason", " "]).code(2).says(&["--reason is empty"]);
    let kept = fs::read(campaign(&world).join("decisions.jsonl")).unwrap();
    let said = at(&world, BACK, &["review", "abandon", "2026-T4", "--reason", "Mauvais périmètre"]).code(0).out;
    assert!(said.contains("2026-T4 abandonnée") && said.contains("rien n'est effacé"), "{said}");
    assert!(fs::read(campaign(&world).join("decisions.jsonl")).unwrap().starts_with(&kept), "only added to");
    assert!(fs::read_to_string(world.store().join("ledger.jsonl")).unwrap().contains("campaign-abandoned"));

    for command in [
        &["review", "collect", "z.xlsx"][..],
        &["review", "close"],
        &["review", "reassign", "--from", "9", "--to", "8", "--reason", "x"],
        &["review", "abandon", "2026-T4", "--reason", "encore"],
        &["review", "follow-up", "2026-T4"],
        &["review", "claim", "l", "--by", "x", "--campaign", "2026-T4"],
    ] {
        at(&world, BACK, command).code(2).says(&[
            "2026-T4: the campaign was abandoned on",
            "(Mauvais périmètre)",
            "under another name",
        ]);
    }
    at(&world, BACK, &["review", "open"]).code(2).says(&["campaign 2026-T4 is abandoned already", "another name"]);
    let late = at(&world, "2026-11-30T08:00:00Z", &["review", "status", "--fail-on", "late"]).code(0).out;
    assert!(late.contains("✗ Campagne abandonnée le 07/10/2026") && late.contains("Mauvais périmètre"), "{late}");
    assert!(recounted(&campaign(&world)).contains("abandoned on"));

    // What it decided is nobody's past.
    world.edit("probant.toml", "campaign = \"2026-T4\"", "campaign = \"2026-T4b\"");
    at(&world, BACK, &["harvest", "--quiet"]).code(0);
    at(&world, BACK, &["review", "open", "--kind", "changes"]).code(2).says(&["no campaign was closed yet"]);
    at(&world, BACK, &["review", "open"]).code(0);
    let head: Value = serde_json::from_slice(&fs::read(world.store().join("campaigns/2026-T4b/campaign.json")).unwrap()).unwrap();
    assert_eq!(head["totals"]["by_delta"], serde_json::json!({ "no_baseline": 6 }));
    assert_eq!(world.sql("SELECT COUNT(*) AS n FROM decisions")[0][0].as_deref(), Some("0"));
    let run = at(&world, BACK, &["run", "--quiet"]).code(0).out;
    assert!(run.contains("2026-T4 abandonnée") && run.contains("2026-T4b ouverte"), "{run}");
    let report = fs::read_to_string(
        crate::kit::files(&world.store().join("outputs")).into_iter().rfind(|p| p.ends_with("rapport.html")).unwrap(),
    )
    .unwrap();
    assert!(report.contains("Campagne abandonnée le 07/10/2026"), "not in the report");
}

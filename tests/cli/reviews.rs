//! The kinds of campaign, what stops one, and what comes back broken: on a small agency.

use std::fs;

use serde_json::Value;

use crate::kit::{Done, World, done};

/// A roster with a manager, and one tool with three accounts and two rights.
fn world() -> World {
    let world = World::small();
    world.append(
        "probant.toml",
        "\n[review]\ncampaign = \"2026-T4\"\ndue = 2026-10-20\ncontact = \"Sécurité\"\nsystems = [\"APPLI\"]\nfallback_reviewer = \"9\"\n\
         \n[source.droits]\nkind = \"table\"\nsystem = \"APPLI\"\npath = \"droits.csv\"\nevidence_at = 2026-10-01\nrecord = \"grants\"\n\
         read = { format = \"csv\" }\nfields = { login = \"compte\", entitlement = \"droit\" }\nrights = { resource = \"Appli\", privileged = [\"admin\"] }\n",
    );
    world.append("rh.csv", "9;Chef;Zoé;Présent;01/02/2010;\n");
    world.write("droits.csv", "compte,droit\nam,lecture\nam,admin\nlp,lecture\n");
    world
}

fn at(world: &World, now: &str, arguments: &[&str]) -> Done {
    done(&mut world.at(now, arguments))
}

const FIRST: &str = "2026-10-05T08:00:00Z";

fn name(world: &World, from: &str, to: &str) {
    world.edit("probant.toml", &format!("campaign = \"{from}\""), &format!("campaign = \"{to}\""));
}

/// Opens a campaign that silence decides, and closes it; how many lines it had.
fn held(world: &World, now: &str, options: &[&str]) -> u64 {
    let opened = at(world, now, &[&["review", "open", "--no-answer", "keep", "--format", "json"], options].concat()).code(0).json();
    at(world, now, &["review", "close"]).code(0);
    opened["lines"].as_u64().unwrap()
}

fn exported(world: &World, before: &str, now: &str) {
    let text = fs::read_to_string(world.folder.join("probant.toml")).unwrap();
    world.write("probant.toml", text.replace(before, now));
}

#[test]
fn each_kind_asks_about_its_lines() {
    let world = world();
    at(&world, FIRST, &["harvest", "--quiet"]).code(0);
    at(&world, FIRST, &["review", "open", "--kind", "changes"]).code(2).says(&["no campaign was closed yet", "--kind full"]);
    at(&world, FIRST, &["review", "open", "--kind", "movers"]).code(2).says(&["no campaign was closed yet", "--since 2026-01-01"]);
    at(&world, FIRST, &["review", "open", "--kind", "full", "--since", "2026-01-01"])
        .code(2)
        .says(&["--since is for --kind leavers"]);
    assert_eq!(held(&world, FIRST, &[]), 3);

    // A month later: a new right, one gone, somebody moved to another site, somebody left.
    world.write("droits.csv", "compte,droit\nam,lecture\nam,admin\nam,ecriture\n");
    world.write("rh.csv", "Matricule;Nom;Prénom;Statut;Entrée;Sortie;Service\n1;Martin;Anne;Présent;01/02/2020;;Finances\n2;Petit;Luc;Sorti;15/06/2019;30/10/2026;\n9;Chef;Zoé;Présent;01/02/2010;;\n");
    world.edit("probant.toml", "given_name = \"Prénom\"\n", "given_name = \"Prénom\"\norg_unit = \"Service\"\n");
    exported(&world, "evidence_at = 2026-10-01", "evidence_at = 2026-11-04");
    let second = "2026-11-05T08:00:00Z";
    at(&world, second, &["harvest", "--quiet"]).code(0);
    for (id, options, lines) in [
        // am's new right, and lp's account, which holds nothing any more.
        ("changes", &["--kind", "changes"][..], 2),
        ("privileged", &["--kind", "privileged"], 1),
        ("leavers", &["--kind", "leavers"], 1),
        ("leavers-lately", &["--kind", "leavers", "--since", "2026-11-01"], 0),
        ("movers", &["--kind", "movers"], 3),
    ] {
        let last = if id == "changes" { "2026-T4" } else { LAST[LAST.iter().position(|known| *known == id).unwrap() - 1] };
        name(&world, last, id);
        assert_eq!(held(&world, second, options), lines, "{id}");
    }
    let head: Value = serde_json::from_slice(&fs::read(world.store().join("campaigns/changes/campaign.json")).unwrap()).unwrap();
    assert_eq!((head["baseline"].as_str(), head["removed"].as_u64()), (Some("2026-T4"), Some(1)));
    let deltas = &head["totals"]["by_delta"];
    assert_eq!((deltas["unchanged"].as_u64(), deltas["new_right"].as_u64()), (Some(2), Some(2)), "{deltas}");
    assert_eq!(head["totals"]["not_selected"], 2);
}

const LAST: [&str; 5] = ["changes", "privileged", "leavers", "leavers-lately", "movers"];

#[test]
fn a_campaign_that_could_never_be_closed_is_not_opened() {
    let world = world();
    world.edit("probant.toml", "fallback_reviewer = \"9\"\n", "");
    at(&world, FIRST, &["harvest", "--quiet"]).code(0);
    at(&world, FIRST, &["review", "open"]).code(2).says(&[
        "3 line(s) have nobody who may decide on them",
        " of APPLI: no rule names anyone",
        "[review] fallback_reviewer",
        "probant review open --no-answer revoke",
    ]);
    assert!(!world.store().join("campaigns/2026-T4/campaign.json").exists());
    at(&world, FIRST, &["review", "open", "--no-answer", "revoke"]).code(0);
    let closed = at(&world, FIRST, &["review", "close", "--format", "json"]).code(0).json();
    assert_eq!((closed["totals"]["no_answer"].as_u64(), closed["totals"]["items"].as_u64()), (Some(3), Some(3)));
    let followed = at(&world, FIRST, &["review", "follow-up", "--format", "json"]).code(0).json();
    assert_eq!(followed["follow_up"]["tasks"].as_array().unwrap().len(), 3, "silence was said to revoke");
}

#[test]
fn lines_that_wait_are_said_with_what_to_type_and_lateness_is_a_gate() {
    let world = world();
    at(&world, FIRST, &["harvest", "--quiet"]).code(0);
    at(&world, FIRST, &["review", "open"]).code(0);
    at(&world, FIRST, &["review", "close"]).code(2).says(&[
        "3 of 3 lines are not decided",
        "without a no-answer rule",
        "probant review status",
        "probant review collect",
    ]);
    at(&world, FIRST, &["review", "status", "--fail-on", "late"]).code(0);
    let late = at(&world, "2026-10-21T08:00:00Z", &["review", "status", "--fail-on", "late", "--lang", "en"]).code(1);
    assert!(late.out.contains("Zoé Chef") && late.out.contains("late"), "{}", late.out);
    at(&world, FIRST, &["review", "follow-up", "nulle-part"]).code(2).says(&["there is no campaign nulle-part"]);
    at(&world, FIRST, &["review", "collect", "nulle-part.xlsx"]).code(2).says(&["nulle-part.xlsx"]);
}

#[test]
fn files_that_cannot_be_opened_are_refused_in_words_and_the_others_are_read() {
    let world = world();
    at(&world, FIRST, &["harvest", "--quiet"]).code(0);
    let opened = at(&world, FIRST, &["review", "open", "--format", "json"]).code(0).json();
    let sent = world.folder.join(opened["workbooks"][0].as_str().unwrap());
    let good = fs::read(&sent).unwrap();
    let mut compound = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    compound.resize(1_024, 0);
    compound.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    world.write("retours/a-vide.xlsx", "");
    world.write("retours/b-coupe.xlsx", &good[..good.len() / 2]);
    world.write("retours/c-secret.xlsx", compound);
    world.write("retours/d-bon.xlsx", &good);
    world.write("retours/~$d-bon.xlsx", "verrou");
    let said = at(&world, FIRST, &["review", "collect", "retours", "--format", "json"]).code(0).json();
    let found: Vec<(&str, &str)> = said["readings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["file"].as_str().unwrap(), r["notes"][0]["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [("a-vide.xlsx", "empty-file"), ("b-coupe.xlsx", "damaged"), ("c-secret.xlsx", "encrypted"), ("d-bon.xlsx", "not-signed")]
    );
    assert_eq!(said["readings"][3]["reviewer"], "RH:9");
    let text = at(&world, FIRST, &["review", "collect", "retours", "--lang", "fr"]).code(0).out;
    assert!(text.contains("d-bon.xlsx") && !text.contains("verrou"), "{text}");
    // Each has a note to send back, and is kept as it came.
    let corrections = world.store().join("campaigns/2026-T4/corrections");
    let note = fs::read_to_string(corrections.join("c-secret.xlsx.txt")).unwrap();
    assert!(note.contains("password") && note.contains("c-secret.xlsx") && !note.contains("retours/"), "{note}");
    assert_eq!(fs::read_dir(world.store().join("campaigns/2026-T4/returned")).unwrap().count(), 4);
}

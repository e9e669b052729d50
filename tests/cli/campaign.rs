//! An access review on the samples, there and back, as its lead runs it: opened, filled in by a program, saved again by LibreOffice and
//! openpyxl, collected, closed, and followed through three later snapshots until every state was reached.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::edit::Package;
use crate::kit::{Done, World, digest, files, skipped, tool};

const OPENED: &str = "2026-10-05T09:00:00Z";
const COLLECTED: &str = "2026-10-09T15:00:00Z";
/// A Monday: seven working days end on 21 October, three on the 15th.
const CLOSED: &str = "2026-10-12T10:00:00Z";

/// Fills a workbook in as a reviewer would, and signs it.
const FILL: &str = r"
import datetime, json, sys, openpyxl
source, target, name = sys.argv[1:4]
said = json.load(sys.stdin)
book = openpyxl.load_workbook(source)
for sheet in book:
    if sheet.title in ('À revoir', 'Privilégiés', 'Comptes de service'):
        for row in range(4, sheet.max_row + 1):
            item = sheet.cell(row, 1).value
            if item:
                choice, change, why = said.get(item, ('Conserver', None, 'Nécessaire à son poste'))
                sheet.cell(row, 15).value, sheet.cell(row, 16).value, sheet.cell(row, 17).value = choice, change, why
sign = book['Signature']
for row, value in ((7, name), (8, 'Responsable'), (9, datetime.date(2026, 10, 8)), (10, 'Oui'), (11, 'Oui')):
    sign.cell(row, 2).value = value
book.save(target)
";

/// The samples, with a review of four small tools only.
struct Lead {
    world: World,
    python: PathBuf,
}

impl Lead {
    fn new() -> Option<Self> {
        let Some(python) = std::env::var_os("PROBANT_OPENPYXL") else {
            skipped("campaign", "PROBANT_OPENPYXL does not name a python with openpyxl (tests/run sets it)");
            return None;
        };
        let world = World::samples();
        world.edit(
            "probant.toml",
            "rules = [\"line_manager\", \"application_owner\", \"technical_owner\"]",
            "rules = [\"application_owner\", \"technical_owner\"]\nsystems = [\"POSTGRESQL\", \"RUNDECK\", \"EXTRANET\", \"ICINGA\"]",
        );
        world.edit("probant.toml", "as_of = 2026-10-05T08:00:00Z\n", "");
        Some(Self { world, python: PathBuf::from(python) })
    }

    fn at(&self, now: &str, arguments: &[&str]) -> Done {
        crate::kit::done(&mut self.world.at(now, arguments))
    }

    /// What every source says, as if exported anew at an instant.
    fn exported(&self, before: &str, now: &str) {
        for name in ["probant.toml", "sources.d/outils.toml", "sources.d/sauvegarde.toml"] {
            let text = fs::read_to_string(self.world.folder.join(name)).unwrap();
            self.world.write(name, text.replace(before, now));
        }
    }

    fn campaign(&self) -> PathBuf {
        self.world.store().join("campaigns/2026-annuelle")
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.campaign().join(name)).unwrap()).unwrap()
    }

    /// The line of a login and a right.
    fn line(&self, system: &str, login: &str, right: Option<&str>) -> String {
        let items = self.json("items.json");
        let found: Vec<&Value> = items["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|i| i["system"] == system && i["login"] == login && i["right"].as_str() == right)
            .collect();
        assert_eq!(found.len(), 1, "{system} {login} {right:?}");
        found[0]["id"].as_str().unwrap().to_owned()
    }

    fn fill(&self, sent: &Path, name: &str, said: &Value) -> PathBuf {
        let target = self.world.folder.join("retours").join(sent.file_name().unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let mut child =
            Command::new(&self.python).args(["-c", FILL]).args([sent, &target]).arg(name).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(said.to_string().as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        target
    }

    /// Saves a workbook again with LibreOffice, and takes the first one away.
    fn office(&self, file: &Path, to: &str) {
        let out = self.world.folder.join("bureautique");
        let profile = format!("-env:UserInstallation=file://{}/profil", self.world.folder.display());
        tool(
            Command::new("soffice")
                .args([&profile, "--headless", "--norestore", "--convert-to", to, "--outdir"])
                .arg(&out)
                .arg(file),
        );
        let made = out.join(file.with_extension(to).file_name().unwrap());
        fs::remove_file(file).unwrap();
        fs::rename(made, file.with_extension(to)).unwrap();
    }

    fn follow(&self, now: &str) -> Value {
        self.at(now, &["review", "follow-up", "--format", "json"]).code(0).json()["follow_up"].clone()
    }
}

fn states(follow_up: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    follow_up["tasks"].as_array().unwrap().iter().map(|task| (text(&task["item_id"]), text(&task["state"]))).collect()
}

/// The one line of a text that begins with `start` goes away.
#[track_caller]
fn without(world: &World, name: &str, start: &str) {
    let text = fs::read_to_string(world.folder.join(name)).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with(start)).collect();
    assert!(kept.len() < text.lines().count(), "{name} holds no line that begins with {start}");
    world.write(name, kept.join("\n") + "\n");
}

/// Who is a member of a role, and of a group.
const MEMBERS: &str = "exports/postgresql/pg_auth_members.csv";
const EXTRANET: &str = "exports/extranet/partenaires.ldif";

#[test]
fn a_review_on_the_samples_there_and_back() {
    let Some(lead) = Lead::new() else { return };
    let items = open(&lead);
    let (lines, said) = decide(&lead);
    give_back(&lead, &said, items);
    run_meanwhile(&lead);
    close(&lead, items);
    claim_and_except(&lead, &lines);
    first_look(&lead, &lines);
    let last = last_look(&lead, &lines);
    tables_and_checks(&lead, &last);
    in_the_report_and_the_bundle(&lead, &states(&last));
    said_in_the_next_campaign(&lead, &lines);
}

/// The lines to revoke or change, by what becomes of them.
struct Lines {
    done: String,
    undone: String,
    not_done: String,
    claimed: String,
    excepted: String,
    unseen: String,
    changed: String,
    /// What the extranet's export says of the one that nobody will be able to see.
    membership: String,
}

impl Lines {
    #[track_caller]
    fn are(&self, follow_up: &Value, undone: &str) {
        let found = states(follow_up);
        for (item, state) in [
            (&self.done, "verified_absent"),
            (&self.undone, undone),
            (&self.changed, "verified_absent"),
            (&self.not_done, "still_present"),
            (&self.claimed, "still_present"),
            (&self.excepted, "excepted"),
            (&self.unseen, "not_observable"),
        ] {
            assert_eq!(found[item], state, "{item}");
        }
    }
}

/// Opens the campaign; how many lines it has.
fn open(lead: &Lead) -> u64 {
    lead.at(OPENED, &["harvest", "--quiet"]).code(0);
    // The extranet's export was cut short: only what is reviewed needs to be accepted, and by name.
    lead.at(OPENED, &["review", "open"]).code(2).says(&["source `extranet`: incomplete", "--accept-source extranet"]);
    let opened = lead.at(OPENED, &["review", "open", "--accept-source", "extranet", "--format", "json"]).code(0).json();
    let head = lead.json("campaign.json");
    assert_eq!(head["waivers"].as_array().unwrap().len(), 1);
    assert_eq!(opened["unassigned"], 0);
    lead.at(OPENED, &["review", "follow-up"]).code(2).says(&["is not closed yet", "probant review close"]);
    opened["lines"].as_u64().unwrap()
}

fn decide(lead: &Lead) -> (Lines, Value) {
    // What is decided: the rest is kept.
    let [done, undone, not_done, claimed, excepted] = ["apoulain", "erannou", "jgourmelen", "kdelepine", "mfloch"]
        .map(|login| lead.line("POSTGRESQL", login, Some("app_ecriture")));
    // Of the extranet, a member of a group, as the export writes it.
    let (unseen, membership) = {
        let items = lead.json("items.json");
        let export = fs::read_to_string(lead.world.folder.join(EXTRANET)).unwrap();
        let written = |item: &Value| {
            let line = format!("member: {}", item["account_dn"].as_str()?);
            let alone = export.lines().filter(|other| **other == line).count() == 1;
            (item["entitlement_id"].is_string() && alone).then(|| (item["id"].as_str().unwrap().to_owned(), line))
        };
        items["items"].as_array().unwrap().iter().find_map(written).unwrap()
    };
    let changed = lead.line("RUNDECK", "abodenes", Some("ops"));
    let mut said = serde_json::Map::new();
    for item in [&done, &undone, &not_done, &claimed, &excepted, &unseen] {
        said.insert(item.clone(), json!(["Révoquer", null, "N'en a plus l'usage"]));
    }
    said.insert(changed.clone(), json!(["Modifier", "Rôle deploy", "Change d'équipe"]));
    (Lines { done, undone, not_done, claimed, excepted, unseen, changed, membership }, Value::Object(said))
}

fn give_back(lead: &Lead, said: &Value, items: u64) {
    let head = lead.json("campaign.json");
    // Each reviewer fills in their workbook; three are saved again by LibreOffice, as what people use.
    let reviewers = head["reviewers"].as_array().unwrap();
    assert!(reviewers.len() >= 4, "{}", reviewers.len());
    let mut returned = vec![];
    for reviewer in reviewers {
        let sent = lead.campaign().join(reviewer["workbook"]["file"].as_str().unwrap());
        assert_eq!(digest(&fs::read(&sent).unwrap()), reviewer["workbook"]["sha256"], "the head holds what was sent");
        returned.push(lead.fill(&sent, reviewer["name"].as_str().unwrap(), said));
    }
    if Command::new("soffice").arg("--version").output().is_ok() {
        lead.office(&returned[0], "ods");
        lead.office(&returned[1], "ods");
        // Into its own format: by way of a copy.
        let copy = returned[2].with_extension("ods");
        lead.office(&returned[2], "ods");
        lead.office(&copy, "xlsx");
    } else {
        skipped("campaign", "soffice is not in PATH, so nothing was saved again by LibreOffice");
    }
    // Beside them, a file that is none of ours: refused in words, and the others go through.
    lead.world.write("retours/notes.xlsx", "Bonjour,");
    let collected = lead.at(COLLECTED, &["review", "collect", "retours", "--format", "json"]).code(0).json();
    let readings = collected["readings"].as_array().unwrap();
    assert_eq!(readings.len(), reviewers.len() + 1);
    let refused: Vec<&Value> = readings.iter().filter(|r| r["reviewer"].is_null()).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["notes"][0]["code"], "no-workbook");
    for reading in readings.iter().filter(|r| !r["reviewer"].is_null()) {
        assert_eq!(reading["notes"].as_array().unwrap().len(), 0, "{reading}");
    }
    // The same again changes nothing.
    let log = fs::read(lead.campaign().join("decisions.jsonl")).unwrap();
    lead.at(COLLECTED, &["review", "collect", "retours"]).code(0);
    assert_eq!(fs::read(lead.campaign().join("decisions.jsonl")).unwrap(), log);
    let status = lead.at(COLLECTED, &["review", "status", "--format", "json", "--fail-on", "late"]).code(0).json();
    assert_eq!(status["totals"]["decided"].as_u64(), Some(items));
}

fn run_meanwhile(lead: &Lead) {
    // A run while the campaign is open leaves its workbooks as they were sent.
    let sent = |world: &World| -> Vec<(PathBuf, String)> {
        let all = files(&world.store().join("campaigns/2026-annuelle/sent"));
        all.into_iter().map(|path| (path.clone(), digest(&fs::read(&path).unwrap()))).collect()
    };
    let before = sent(&lead.world);
    let run = lead.at(COLLECTED, &["run", "--quiet"]).code(0).out;
    assert_eq!(sent(&lead.world), before);
    assert!(run.contains("2026-annuelle ouverte") && run.contains("à rendre le 13/11/2026"), "{run}");
}

fn close(lead: &Lead, items: u64) {
    // Closed: the sums tie out, the minutes are there, and what is to be done.
    let closed = lead.at(CLOSED, &["review", "close", "--format", "json"]).code(0).json();
    let totals = &closed["totals"];
    let n = |key: &str| totals[key].as_u64().unwrap();
    assert_eq!((n("items"), n("decided"), n("revoke"), n("modify"), n("refused"), n("no_answer")), (items, items, 6, 1, 0, 0));
    assert_eq!(n("keep") + n("revoke") + n("modify"), items);
    let minutes = fs::read_to_string(lead.campaign().join("minutes.fr.html")).unwrap();
    assert!(
        minutes.contains("6 à révoquer + 1 à modifier") && minutes.contains("Source «\u{a0}extranet\u{a0}» acceptée"),
        "{minutes}"
    );
    let follow = lead.campaign().join("follow-up");
    let jira = fs::read_to_string(follow.join("tasks-jira.csv")).unwrap();
    assert_eq!(jira.matches("\"probant-2026-annuelle\"").count(), 7);
    assert!(jira.contains("\"2026-10-21\""), "{jira}");
    assert!(fs::read_to_string(follow.join("tasks-isilog.csv")).unwrap().contains("\"21/10/2026\""));
    let ldif = fs::read_to_string(follow.join("changes-EXTRANET.ldif")).unwrap();
    assert!(ldif.contains("PROPOSED") && ldif.contains("delete: member"), "{ldif}");
    assert!(states(&lead.json("follow-up/follow-up.json")).values().all(|state| state == "open"));
}

fn claim_and_except(lead: &Lead, lines: &Lines) {
    // Someone says that one is done; one is accepted in writing.
    lead.at(CLOSED, &["review", "claim", &lines.claimed, "--by", "Équipe bases", "--ticket", "DBA-12"]).code(0);
    lead.at(CLOSED, &["review", "claim", "nope", "--by", "x"]).code(2).says(&["`nope` is no task"]);
    lead.world.append(
        "exceptions.toml",
        &format!(
            "\n[[exception]]\nid = \"DER-900\"\ncheck = \"revocation-overdue\"\nsubject = \"{}\"\napprover = \"Directrice\"\n\
             approved_on = 2026-10-12\nexpires_on = 2027-06-30\nreason = \"Seul à savoir\"\n",
            lines.excepted
        ),
    );
    let found = states(&lead.follow("2026-10-13T08:00:00Z"));
    assert_eq!(
        (found[&lines.claimed].as_str(), found[&lines.excepted].as_str(), found[&lines.done].as_str()),
        ("claimed", "excepted", "open")
    );
}

fn first_look(lead: &Lead, lines: &Lines) {
    let world = &lead.world;
    // First: two members went, and a role changed. The extranet is cut short again.
    for login in ["apoulain", "erannou"] {
        without(world, MEMBERS, &format!("app_ecriture,{login},"));
    }
    world.edit(
        "exports/rundeck/realm.properties",
        "80b207ed59147bdef7490db6abca2d75,user,ops",
        "80b207ed59147bdef7490db6abca2d75,user,deploy",
    );
    without(world, EXTRANET, &lines.membership);
    lead.exported("2026-10-05T04:00:00Z", "2026-10-14T04:00:00Z");
    lead.at("2026-10-14T08:00:00Z", &["harvest", "--quiet"]).code(0);
    let first = lead.follow("2026-10-14T09:00:00Z");
    lines.are(&first, "verified_absent");
    assert_eq!(first["late"], 0);
    let task = |follow_up: &Value, item: &str| {
        follow_up["tasks"].as_array().unwrap().iter().find(|task| task["item_id"] == item).unwrap().clone()
    };
    assert_eq!(task(&first, &lines.done)["working_days"], 2);
    assert!(task(&first, &lines.unseen)["why"]["fr"].as_str().unwrap().starts_with("extranet : collecte incomplète"));
}

fn last_look(lead: &Lead, lines: &Lines) -> Value {
    let world = &lead.world;
    // Second, past the target: one is back. Third: the database is not read at all, which undoes no proof.
    world.append(MEMBERS, "app_ecriture,erannou,postgres,f\n");
    lead.exported("2026-10-14T04:00:00Z", "2026-10-23T04:00:00Z");
    lead.at("2026-10-23T08:00:00Z", &["harvest", "--quiet"]).code(0);
    let kept = fs::read_to_string(world.folder.join(MEMBERS)).unwrap();
    fs::remove_file(world.folder.join(MEMBERS)).unwrap();
    lead.exported("2026-10-23T04:00:00Z", "2026-10-30T04:00:00Z");
    lead.at("2026-10-30T08:00:00Z", &["harvest", "--quiet"]).code(2);
    world.write(MEMBERS, kept);
    let late = lead.at("2026-10-30T09:00:00Z", &["review", "follow-up", "--fail-on", "late", "--format", "json"]).code(1).json();
    let last = &late["follow_up"];
    lines.are(last, "reappeared");
    assert_eq!((last["late"].as_u64(), last["snapshots"].as_array().unwrap().len()), (Some(4), 3));
    let counted: u64 = last["totals"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(counted, 7);
    let shown = lead.at("2026-10-30T09:00:00Z", &["review", "follow-up", "--lang", "en"]).code(0).out;
    assert!(shown.contains("7 tasks = ") && shown.contains("✗ reappeared") && shown.contains("4 late"), "{shown}");
    // What is proven is not handed out again.
    let jira = fs::read_to_string(lead.campaign().join("follow-up/tasks-jira.csv")).unwrap();
    assert!(!jira.contains(&lines.done) && jira.contains(&lines.undone));
    last.clone()
}

/// The last harvest itself holds the decisions and the states, and the checks speak of them.
fn tables_and_checks(lead: &Lead, last: &Value) {
    let now = "2026-10-30T09:00:00Z";
    let sql = |query: &str| -> Vec<Vec<Option<String>>> {
        serde_json::from_value(lead.at(now, &["sql", query, "--format", "json"]).code(0).json()["rows"].clone()).unwrap()
    };
    let counted: BTreeMap<String, u64> = sql("SELECT status, COUNT(*) AS n FROM remediations GROUP BY status")
        .into_iter()
        .map(|row| (row[0].clone().unwrap(), row[1].as_ref().unwrap().parse().unwrap()))
        .collect();
    let told: BTreeMap<String, u64> = serde_json::from_value(last["totals"].clone()).unwrap();
    assert_eq!(counted, told, "the harvest saw what the follow-up sees");
    let items = lead.json("items.json")["items"].as_array().unwrap().len();
    let decisions = sql("SELECT COUNT(*) AS n FROM decisions WHERE campaign_id = '2026-annuelle' AND campaign_kind = 'full'");
    assert_eq!(decisions[0][0].as_deref(), Some(items.to_string().as_str()));

    let assessment = lead.at(now, &["assess", "--format", "json"]).code(0).json();
    let finding = |id: &str| assessment["findings"].as_array().unwrap().iter().find(|f| f["check_id"] == id).unwrap();
    let keys = |id: &str, list: &str| -> BTreeSet<String> {
        finding(id)[list].as_array().unwrap().iter().map(|s| s["key"].as_str().unwrap().to_owned()).collect()
    };
    let of = |state: &[&str]| -> BTreeSet<String> {
        states(last).into_iter().filter(|(_, s)| state.contains(&s.as_str())).map(|(item, _)| item).collect()
    };
    assert_eq!(keys("revocation-overdue", "exceptions"), of(&["still_present", "reappeared"]));
    assert_eq!(keys("revocation-overdue", "undetermined"), of(&["not_observable"]));
    assert_eq!(finding("revocation-overdue")["accepted"][0]["exception_id"], "DER-900");
    assert_eq!(keys("right-reappeared", "exceptions"), of(&["reappeared"]));
    let overdue = keys("access-review-overdue", "exceptions");
    assert!(!overdue.contains("POSTGRESQL") && overdue.contains("LDAP"), "{overdue:?}");
    assert_eq!(finding("review-decision-without-reason")["counts"]["exceptions"], 0);
}

/// All of it stands in the report, and in the bundle, so that every total can be counted again without Probant.
fn in_the_report_and_the_bundle(lead: &Lead, found: &BTreeMap<String, String>) {
    let now = "2026-10-30T10:00:00Z";
    let made = lead.at(now, &["bundle", "--format", "json"]).code(0).json();
    let bundle = lead.world.folder.join(made["bundle"].as_str().unwrap());
    let out = lead.world.folder.join("ouvert");
    tool(Command::new("unzip").env("LC_ALL", "C.UTF-8").arg("-q").arg(&bundle).arg("-d").arg(&out));
    let html = fs::read_to_string(out.join("data/index.html")).unwrap();
    assert!(html.contains("id=\"review-2026-annuelle\"") && html.contains("✗ réapparu"), "no review in the report");
    let campaign = out.join("data/campaigns/2026-annuelle");
    for name in ["campaign.json", "items.json", "decisions.jsonl", "observations.jsonl", "claims.jsonl", "minutes.fr.html"] {
        assert_eq!(fs::read(campaign.join(name)).unwrap(), fs::read(lead.campaign().join(name)).unwrap(), "{name}");
    }
    let head = lead.json("campaign.json");
    let reviewers = head["reviewers"].as_array().unwrap();
    for reviewer in reviewers {
        assert!(campaign.join(reviewer["workbook"]["file"].as_str().unwrap()).exists());
    }
    assert_eq!(files(&campaign.join("returned")).len(), reviewers.len(), "what could not be opened stays out");
    // The auditor's own count: from the files alone.
    let said =
        tool(Command::new("python3").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("controls/recount_review.py")).arg(&campaign));
    assert!(said.contains("7 tasks") && said.contains("everything agrees"), "{said}");
    let mut changed = fs::read_to_string(campaign.join("decisions.jsonl")).unwrap();
    changed = changed.replacen("\"choice\":\"revoke\"", "\"choice\":\"keep\"", 1);
    fs::write(campaign.join("decisions.jsonl"), changed).unwrap();
    let recount = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("controls/recount_review.py"))
        .arg(&campaign)
        .output()
        .unwrap();
    assert_eq!(recount.status.code(), Some(1), "{}", String::from_utf8_lossy(&recount.stdout));
    assert_eq!(found.len(), 7);
}

/// What was removed and is back is told to whoever reviews it next, with the campaign that had it removed.
fn said_in_the_next_campaign(lead: &Lead, lines: &Lines) {
    lead.exported("2026-10-30T04:00:00Z", "2026-11-05T04:00:00Z");
    lead.world.edit("probant.toml", "campaign = \"2026-annuelle\"", "campaign = \"2027-annuelle\"");
    let now = "2026-11-05T08:00:00Z";
    lead.at(now, &["harvest", "--quiet"]).code(0);
    // The roster's file bears its date in its name: it was not exported anew.
    let open = ["review", "open", "--accept-source", "extranet", "--accept-source", "rh", "--format", "json"];
    let opened = lead.at(now, &open).code(0).json();
    let next = lead.world.store().join("campaigns/2027-annuelle");
    let items: Value = serde_json::from_slice(&fs::read(next.join("items.json")).unwrap()).unwrap();
    let line = |login: &str| {
        let mut all = items["items"].as_array().unwrap().iter();
        all.find(|i| i["system"] == "POSTGRESQL" && i["login"] == login && i["right"] == "app_ecriture").cloned()
    };
    let (back, never_done) = (line("erannou").unwrap(), line("jgourmelen").unwrap());
    let cells = |item: &Value| item["cells"].to_string();
    let said = "Avait été retiré (2026-annuelle, suivi au 05/11/2026) et est revenu";
    assert!(cells(&back).contains(said) && back["advice"] == "revoke", "{back}");
    assert!(cells(&never_done).contains("Devait être révoqué (2026-annuelle)"), "{never_done}");
    assert!(line("apoulain").is_none(), "what was removed and stayed away is no line");
    // In the reviewer's own workbook, as it goes out.
    let books = opened["workbooks"].as_array().unwrap().iter().map(|path| lead.world.folder.join(path.as_str().unwrap()));
    let tells = |book: &Package| [2, 3, 4].iter().any(|sheet| book.text(&format!("xl/worksheets/sheet{sheet}.xml")).contains(said));
    let told = books.filter(|book| tells(&Package::open(&fs::read(book).unwrap()))).count();
    assert_eq!(told, 1);
    // The first campaign follows it until the second has decided.
    let followed = lead.at(now, &["review", "follow-up", "2026-annuelle", "--format", "json"]).code(0).json();
    assert_eq!(states(&followed["follow_up"])[&lines.undone], "reappeared");
}

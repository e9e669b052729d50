//! A campaign of five reviewers, two of whom cannot be written to, and messages as Python's own parser reads them.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::done::Done;
use crate::server::{CA, Server};

pub(crate) const OPENED: &str = "2026-10-05T08:00:00Z";

pub(crate) struct Campaign {
    folder: TempDir,
}

impl Campaign {
    /// Opened, with `mail` as its [mail] section.
    pub(crate) fn open(mail: &str) -> Self {
        let campaign = Self { folder: tempfile::tempdir().unwrap() };
        campaign.write("rh.csv", ROSTER);
        campaign.write("appli.csv", "compte,matricule\na20,20\na21,21\na22,22\na23,23\na24,24\n");
        campaign.write("ca.pem", CA);
        campaign.configure(mail);
        campaign.probant(&["harvest", "--quiet"]).code(0);
        campaign.probant(&["review", "open", "--quiet"]).code(0);
        campaign
    }

    /// Writes the configuration anew.
    pub(crate) fn configure(&self, mail: &str) {
        self.write("probant.toml", format!("{CONFIG}{mail}"));
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn probant(&self, arguments: &[&str]) -> Done {
        self.at(OPENED, arguments)
    }

    pub(crate) fn at(&self, now: &str, arguments: &[&str]) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_probant"));
        command.args(arguments).current_dir(self.folder.path()).env("PROBANT_NOW", now).stdin(Stdio::null());
        command.env("PROBANT_MAIL_PASSWORD", "mot de passe");
        for name in ["LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "TZ", "COLUMNS"] {
            command.env_remove(name);
        }
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr).replace("\n  │ ", " ") }
    }

    /// Files below the campaign with an ending, sorted.
    pub(crate) fn files(&self, ending: &str) -> Vec<PathBuf> {
        let mut found = vec![];
        let mut folders = vec![self.path("store/campaigns/2026-T4")];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_str().unwrap().ends_with(ending) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// The workbook made for somebody.
    pub(crate) fn workbook(&self, who: &str) -> Vec<u8> {
        let paths = self.files(".xlsx");
        std::fs::read(paths.iter().find(|path| path.to_str().unwrap().contains(who)).unwrap()).unwrap()
    }

    /// The lines of the mail log.
    pub(crate) fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path("store/campaigns/2026-T4/mail.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A [mail] section for a server.
pub(crate) fn section(server: &Server, more: &str) -> String {
    format!(
        "\n[mail]\nserver = \"127.0.0.1\"\nport = {}\nfrom = \"Équipe sécurité <securite@exemple.fr>\"\nreply_to = \"revue@exemple.fr\"\n{more}\n",
        server.port
    )
}

/// As Python's standard library reads a message: headers, text, attachments with their digests, and every defect it sees.
pub(crate) fn parsed(message: &[u8]) -> Value {
    let mut command = Command::new("python3").args(["-c", PARSER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut command.stdin.take().unwrap(), message).unwrap();
    let output = command.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

const PARSER: &str = r#"
import email, email.policy, hashlib, json, sys
message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = [part for part in message.walk() if not part.is_multipart()]
print(json.dumps({
    "headers": {name.lower(): str(value) for name, value in message.items()},
    "names": [name for name, _ in message.items()],
    "text": [part.get_content() for part in parts if part.get_content_type() == "text/plain"],
    "attachments": [{"name": part.get_filename(), "type": part.get_content_type(), "sha256": hashlib.sha256(part.get_payload(decode=True)).hexdigest()}
                    for part in parts if part.get_content_disposition() == "attachment"],
    "defects": [str(defect) for part in message.walk() for defect in part.defects]
        + [str(defect) for value in message.values() for defect in getattr(value, "defects", [])],
}))
"#;

const ROSTER: &str = "Matricule;Nom;Prénom;Courriel;Responsable
10;Martin;Anne;anne.martin@exemple.fr;
11;Müller-d'Été;Zoé;zoe@exemple.fr;
12;Petit;Luc;;
13;Grand;Léa;pas une adresse;
14;Parti;Max;max@exemple.fr;
20;A;A;;10
21;B;B;;11
22;C;C;;12
23;D;D;;13
24;E;E;;14
";

const CONFIG: &str = r#"
[organisation]
name = "Agence & Cie"
locale = "fr"

[review]
campaign = "2026-T4"
due = 2026-10-30
contact = "Équipe sécurité, poste 4242"
rules = ["line_manager"]
langs = { "11" = "en" }

[source.rh]
kind = "table"
system = "RH"
path = "rh.csv"
evidence_at = 2026-10-01
record = "people"

[source.rh.read]
format = "csv"
delimiter = ";"

[source.rh.fields]
employee_id = "Matricule"
family_name = "Nom"
given_name = "Prénom"
emails = "Courriel"
manager = "Responsable"
status = { const = "active" }

[source.appli]
kind = "table"
system = "APPLI"
path = "appli.csv"
evidence_at = 2026-10-01
record = "accounts"

[source.appli.read]
format = "csv"

[source.appli.fields]
login = "compte"
employee_id = "matricule"
kind = { const = "human" }
enabled = { const = true }
"#;

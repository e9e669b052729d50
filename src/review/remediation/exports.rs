//! Tasks for other tools: CSV for ticketing, and changes *proposed* as LDIF and PowerShell. Probant never runs them.
//!
//! Whatever a source or a reviewer wrote is data here too: neutralised in cells (CWE-1236), in base64 where LDIF asks for it
//! (RFC 2849), in single quotes for PowerShell, and on one line in comments.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Flavour, Task};
use crate::lang::Lang;
use crate::review::paper::clean;
use crate::review::record::campaign::Campaign;
use crate::review::record::choice::{Choice, word};

/// A table for Jira's CSV import.
#[must_use]
pub fn jira(campaign: &Campaign, tasks: &[Task<'_>], lang: Lang) -> Vec<u8> {
    let heads = ["Summary", "Issue Type", "Priority", "Due Date", "Labels", "Component", "Description", "External ID"];
    table(',', heads, tasks, |task| {
        let priority = if task.item.privileged == Some(true) { "High" } else { "Medium" };
        let label = format!("probant-{}", campaign.head.id);
        let system = task.item.system.replace(' ', "-");
        [
            summary(task, lang),
            "Task".into(),
            priority.into(),
            task.due.to_string(),
            label,
            system,
            describe(campaign, task, lang),
            task.item.id.clone(),
        ]
    })
}

/// A table for Isilog's import: semicolons, French headings and dates.
#[must_use]
pub fn isilog(campaign: &Campaign, tasks: &[Task<'_>]) -> Vec<u8> {
    let heads = ["Référence", "Titre", "Description", "Priorité", "Échéance", "Application", "Compte", "Responsable"];
    let body = table(';', heads, tasks, |task| {
        let priority = if task.item.privileged == Some(true) { "Haute" } else { "Normale" };
        [
            task.item.id.clone(),
            summary(task, Lang::Fr),
            describe(campaign, task, Lang::Fr),
            priority.into(),
            Lang::Fr.date(task.due),
            task.item.system.clone(),
            task.item.login.clone(),
            task.owner.unwrap_or_default().to_owned(),
        ]
    });
    // Spreadsheets on Windows need the mark to see UTF-8.
    [b"\xEF\xBB\xBF".as_slice(), &body].concat()
}

/// RFC 4180, every cell in quotes.
fn table<const N: usize>(delimiter: char, heads: [&str; N], tasks: &[Task<'_>], row: impl Fn(&Task<'_>) -> [String; N]) -> Vec<u8> {
    let mut out = String::new();
    let mut line = |cells: [String; N]| {
        let cells = cells.map(|cell| format!("\"{}\"", clean::text(&cell).replace('"', "\"\"")));
        out.push_str(&cells.join(&delimiter.to_string()));
        out.push_str("\r\n");
    };
    line(heads.map(str::to_owned));
    for task in tasks {
        line(row(task));
    }
    out.into_bytes()
}

fn summary(task: &Task<'_>, lang: Lang) -> String {
    format!("{} — {} — {} — {}", word(task.choice, lang), task.item.system, task.item.login, task.item.shown(3))
}

fn describe(campaign: &Campaign, task: &Task<'_>, lang: Lang) -> String {
    let mut parts = vec![task.item.title(), format!("{} {}", lang.pick("Campagne", "Campaign"), campaign.head.id)];
    parts.extend(task.change.as_ref().map(|text| format!("{}{text}", lang.pick("Changement demandé : ", "Requested change: "))));
    parts.extend(task.justification.as_ref().map(|text| format!("{}{text}", lang.pick("Justification : ", "Justification: "))));
    parts.push(
        lang.pick(
            "Vérifié par la prochaine collecte, pas par la clôture du ticket.",
            "Verified by the next collection, not by closing the ticket.",
        )
        .to_owned(),
    );
    parts.join(". ")
}

/// A change file for one directory, to be read and then applied by an administrator (`ldapmodify`); none when no task is
/// about entries of a directory.
#[must_use]
pub fn ldif(campaign: &Campaign, system: &str, tasks: &[Task<'_>]) -> Option<Vec<u8>> {
    let flavour = Flavour::of(campaign, system);
    let mut out = String::from("version: 1\n");
    let _ = writeln!(
        out,
        "# PROPOSED by Probant for campaign {}, system {}, never applied by it. Read every change before.\n\
         # Groups are taken for groupOfNames; write uniqueMember or memberUid where they are of another class.",
        one_line(&campaign.head.id),
        one_line(system)
    ); // writing to a String cannot fail
    let ours = tasks.iter().filter(|task| task.item.system == system);
    let ours: Vec<_> = ours.filter_map(|task| Some((task, task.item.account_dn.as_ref()?))).collect();
    for (task, account) in &ours {
        comment(&mut out, &format!("{} {} {}", task.item.id, task.choice.code(), task.item.title()));
        match (&task.item.right_dn, task.choice) {
            (_, Choice::Modify) => comment(&mut out, &format!("By hand: {}", task.change.as_deref().unwrap_or_default())),
            (_, _) if !task.item.direct && task.item.entitlement_id.is_some() => {
                comment(&mut out, &format!("By hand, held through: {}", task.item.via.join(" ; ")));
            }
            (Some(group), _) => {
                value(&mut out, "dn", group);
                out.push_str("changetype: modify\ndelete: member\n");
                value(&mut out, "member", account);
                out.push_str("-\n\n");
            }
            (None, _) if task.item.entitlement_id.is_none() => match lock(flavour) {
                Some((attribute, locked)) => {
                    value(&mut out, "dn", account);
                    let _ = writeln!(out, "changetype: modify\nreplace: {attribute}\n{attribute}: {locked}\n-\n"); // as above
                }
                None => comment(&mut out, "By hand: disable the account."),
            },
            (None, _) => comment(&mut out, "By hand: the distinguished name of this right is not known."),
        }
    }
    (!ours.is_empty()).then(|| out.into_bytes())
}

/// What locks an account until an administrator unlocks it.
fn lock(flavour: Flavour) -> Option<(&'static str, &'static str)> {
    match flavour {
        // draft-behera-ldap-password-policy, 5.3.3.
        Flavour::OpenLdap => Some(("pwdAccountLockedTime", "000001010000Z")),
        // Red Hat Directory Server, "Configuration and schema reference", nsAccountLock.
        Flavour::Ds389 => Some(("nsAccountLock", "TRUE")),
        // IBM Security Directory Server, "ibm-pwdAccountLocked".
        Flavour::Ibm => Some(("ibm-pwdAccountLocked", "TRUE")),
        // A bit of userAccountControl, whose other bits are not known here: see the script.
        Flavour::Ad | Flavour::Other => None,
    }
}

fn comment(out: &mut String, text: &str) {
    let _ = writeln!(out, "\n# {}", one_line(text)); // writing to a String cannot fail
}

/// RFC 2849: SAFE-STRING as it is, the rest in base64.
fn value(out: &mut String, name: &str, text: &str) {
    let safe = |c: char| c.is_ascii() && !matches!(c, '\0' | '\n' | '\r');
    let plain = text.chars().all(safe) && !text.starts_with([' ', ':', '<']) && !text.ends_with(' ');
    let _ = if plain { writeln!(out, "{name}: {text}") } else { writeln!(out, "{name}:: {}", STANDARD.encode(text)) }; // as above
}

/// A script for an Active Directory that shows what it would do; `-Apply` does it, asking each time. None for other systems.
#[must_use]
pub fn powershell(campaign: &Campaign, system: &str, tasks: &[Task<'_>]) -> Option<Vec<u8>> {
    if Flavour::of(campaign, system) != Flavour::Ad {
        return None;
    }
    let mut out = format!(
        "# PROPOSED by Probant for campaign {}, system {}, never run by it. Read every line before.\n\
         #Requires -Modules ActiveDirectory\nparam([switch]$Apply)\n$WhatIf = -not $Apply\n",
        one_line(&campaign.head.id),
        one_line(system)
    );
    let ours = tasks.iter().filter(|task| task.item.system == system);
    // Active Directory's objects are known by their objectGUID.
    let ours: Vec<_> = ours.filter_map(|task| Some((task, guid(&task.item.account_id)?))).collect();
    for (task, account) in &ours {
        let _ = writeln!(out, "\n# {}", one_line(&format!("{} {} {}", task.item.id, task.choice.code(), task.item.title()))); // as above
        let line = match (task.item.entitlement_id.as_deref(), task.choice) {
            (_, Choice::Modify) => format!("# By hand: {}", one_line(task.change.as_deref().unwrap_or_default())),
            (Some(_), _) if !task.item.direct => format!("# By hand, held through: {}", one_line(&task.item.via.join(" ; "))),
            (Some(right), _) => match guid(right) {
                Some(group) => format!(
                    "Remove-ADGroupMember -Identity {} -Members {} -Confirm:$true -WhatIf:$WhatIf",
                    quoted(group),
                    quoted(account)
                ),
                None => "# By hand: the right is no group known by its objectGUID.".to_owned(),
            },
            (None, _) => format!("Disable-ADAccount -Identity {} -Confirm:$true -WhatIf:$WhatIf", quoted(account)),
        };
        out.push_str(&line);
        out.push('\n');
    }
    // Windows PowerShell 5 reads a script without this mark in the system's own encoding.
    (!ours.is_empty()).then(|| [b"\xEF\xBB\xBF".as_slice(), out.replace('\n', "\r\n").as_bytes()].concat())
}

/// The local part of an id, when it is a GUID.
fn guid(id: &str) -> Option<&str> {
    let (_, local) = id.split_once(':')?;
    let digits = local.chars().filter(char::is_ascii_hexdigit).count();
    (digits == 32 && local.len() == 36 && local.chars().all(|c| c.is_ascii_hexdigit() || c == '-')).then_some(local)
}

/// PowerShell takes four signs for a single quote; each is doubled inside one.
fn quoted(text: &str) -> String {
    let inside: String =
        text.chars().flat_map(|c| std::iter::repeat_n(c, if matches!(c, '\'' | '‘' | '’' | '‚' | '‛') { 2 } else { 1 })).collect();
    format!("'{inside}'")
}

/// Nothing that could end a comment's line, in any of the three languages.
fn one_line(text: &str) -> String {
    let line = |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
    text.chars().map(line).collect()
}

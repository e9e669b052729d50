//! Active Directory's accounts and groups against what Samba's own tools read from the database itself: `samba-tool` and `ldbsearch`,
//! which share neither protocol nor code nor rights with the harvest.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::samba::{Server, attributes, filetime, keys, seconds};
use crate::support::{Harvested, Printed, harvest, instant, records, server};

/// What a tool prints; it must succeed.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn samba_tool(server: &Server, arguments: &[&str]) -> String {
    said(Command::new("samba-tool").args(arguments).args(["-H", &server["SAM"], "-s", &server["CONF"]]))
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

fn ldbsearch(server: &Server, base: &str, arguments: &[&str]) -> Vec<Printed> {
    // Its lines are folded (RFC 2849 note 2).
    records(&said(Command::new("ldbsearch").args(["-H", &server["SAM"], "-b", base]).args(arguments)).replace("\n ", ""))
}

fn everything(server: &Server) -> Harvested {
    let got = harvest(&keys(server)).unwrap();
    assert_eq!(got.incomplete(), "complete");
    got
}

#[test]
fn accounts_equal_what_the_database_holds() {
    let Some(server) = server("samba") else { return };
    let got = everything(&server);
    let listed = lines(&samba_tool(&server, &["user", "list"]));
    // `user list` leaves managed service accounts out.
    let ours: BTreeSet<String> =
        got.rows("accounts").iter().map(|row| row["login"].clone()).filter(|login| login != "gmsa$").collect();
    assert_eq!(ours, listed);
    let people = ldbsearch(&server, &server["BASE"], &["(&(objectCategory=person)(objectClass=user))", "*"]);
    assert_eq!(people.len(), listed.len());
    for entry in &people {
        compare(&got, entry);
    }
}

/// One account, decoded a second time from what the database prints.
fn compare(got: &Harvested, entry: &Printed) {
    let login = entry.one("sAMAccountName").unwrap();
    let row = got.account(&login);
    let cell = |name: &str| row.get(name).cloned();
    let number = |name: &str| entry.one(name).map(|text| text.parse::<i64>().unwrap());
    let control = number("userAccountControl").unwrap();
    // The tools print ids as Microsoft writes them.
    assert_eq!(row["account_id"], format!("annuaire:{}", entry.one("objectGUID").unwrap()), "{login}");
    assert_eq!(cell("display_name"), entry.one("displayName").or_else(|| entry.one("cn")), "{login}");
    assert_eq!(cell("employee_id"), entry.one("employeeID").or_else(|| entry.one("employeeNumber")), "{login}");
    assert_eq!(cell("emails"), entry.one("mail").map(|mail| mail.to_lowercase()), "{login}");
    assert_eq!(cell("enabled"), Some((control & 2 == 0).to_string()), "{login}");
    let lockout = number("lockoutTime").unwrap_or(0);
    if lockout == 0 {
        assert_eq!(cell("locked"), Some("false".to_owned()), "{login}");
    }
    assert_eq!(seconds(row.get("expires_on")), entry.one("accountExpires").and_then(|text| filetime(&text)), "{login}");
    assert_eq!(seconds(row.get("password_changed_at")), entry.one("pwdLastSet").and_then(|text| filetime(&text)), "{login}");
    let logins = ["lastLogonTimestamp", "lastLogon"].iter().filter_map(|name| filetime(&entry.one(name)?)).max();
    assert_eq!(seconds(row.get("last_login_at")), logins, "{login}");
    let created = entry.one("whenCreated").map(|text| seconds(Some(&instant(&text))).unwrap());
    assert_eq!(seconds(row.get("created_at")), created, "{login}");
    let rest = attributes(got, &login);
    assert_eq!(rest["dn"], entry.dn.as_str());
    assert_eq!(rest["sid"], entry.one("objectSid").unwrap().as_str(), "{login}");
    assert_eq!(rest.get("manager").and_then(|dn| dn.as_str()).map(str::to_owned), entry.one("manager"), "{login}");
    assert_eq!(rest.get("must_change_password").is_some(), number("pwdLastSet") == Some(0), "{login}");
}

#[test]
fn groups_and_their_members_equal_what_the_tools_list() {
    let Some(server) = server("samba") else { return };
    let got = everything(&server);
    let ours: BTreeSet<String> = got.rows("entitlements").iter().map(|row| row["name"].clone()).collect();
    assert_eq!(ours, lines(&samba_tool(&server, &["group", "list"])));
    let accounts: BTreeMap<&str, &str> =
        got.rows("accounts").iter().map(|row| (row["account_id"].as_str(), row["login"].as_str())).collect();
    for name in ["Domain Admins", "Administrators", "Big", "chain-0", "cycle-a", "g07", "empty", "primary-only", "pso-group"] {
        let group = got.rows("entitlements").iter().find(|row| row["name"] == name).unwrap();
        let held = got.rows("grants").iter().filter(|row| row["entitlement_id"] == group["entitlement_id"]);
        let direct: BTreeSet<String> =
            held.filter(|row| row["direct"] == "true").map(|row| accounts[row["account_id"].as_str()].to_owned()).collect();
        // Groups are listed among the members, and are no accounts.
        let mut listed = lines(&samba_tool(&server, &["group", "listmembers", name]));
        listed.retain(|member| !ours.contains(member));
        assert_eq!(direct, listed, "{name}");
    }
}

#[test]
fn nested_groups_equal_the_tokens_that_the_server_would_make() {
    let Some(server) = server("samba") else { return };
    let got = everything(&server);
    let groups = ldbsearch(&server, &server["BASE"], &["(objectClass=group)", "objectSid", "sAMAccountName"]);
    let names: BTreeMap<String, String> =
        groups.iter().map(|group| (group.one("objectSid").unwrap(), group.one("sAMAccountName").unwrap())).collect();
    for login in ["adm.nested", "adm.direct", "primary", "b0000", "b2599", "Administrator", "pso.member", "Guest"] {
        let dn = attributes(&got, login)["dn"].as_str().unwrap().to_owned();
        let token = ldbsearch(&server, &dn, &["-s", "base", "tokenGroups"]);
        // Well-known principals such as Authenticated Users are in the token and are no groups of the directory.
        let theirs: BTreeSet<String> = token[0].all("tokenGroups").iter().filter_map(|sid| names.get(sid).cloned()).collect();
        // A right held twice, directly and through another group, has two rows.
        let ours: BTreeSet<String> = got.groups(login).iter().map(|name| name.trim_end_matches('*').to_owned()).collect();
        // `Big` and its like are distribution groups in part, which give no token: the server leaves them out.
        let security: BTreeSet<String> = ours.iter().filter(|name| !is_distribution(&server, name)).cloned().collect();
        assert_eq!(security, theirs, "{login}");
    }
}

/// Groups without the security bit (0x80000000, MS-ADTS 2.2.12).
fn is_distribution(server: &Server, name: &str) -> bool {
    let found = ldbsearch(server, &server["BASE"], &[&format!("(sAMAccountName={name})"), "groupType"]);
    found.first().and_then(|group| group.one("groupType")).is_some_and(|kind| kind.parse::<i64>().unwrap() >= 0)
}

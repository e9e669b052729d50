//! Each way to fail, through the command: `harvest` and `sources test` end with 2 and say the same, with what to do.

use crate::kit::Done;
use crate::support::{password_file, server};
use crate::worlds::{directory, openldap};

/// Both commands fail and say these words.
#[track_caller]
fn both_say(keys: &str, words: &[&str]) {
    let world = directory(keys);
    world.probant(&["sources", "test", "annuaire"]).code(2).says(words);
    harvest_says(world.probant(&["harvest"]), words);
}

#[track_caller]
fn harvest_says(done: Done, words: &[&str]) {
    done.code(2).says(words).says(&["Source(s) that could not be read: annuaire"]);
}

#[test]
fn a_server_that_is_not_there() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    both_say(
        &format!("url = 'ldap://127.0.0.1:{port}'\nretries = 0"),
        &[&format!("ldap://127.0.0.1:{port}: nothing answers there"), "refused", "check host and port"],
    );
    both_say("url = 'ldap://no-such-host.invalid'", &["the name no-such-host.invalid cannot be resolved", "check the url"]);
    both_say("url = 'ldapi://%2Fnowhere%2Fldapi'", &["nothing answers there", "/nowhere/ldapi"]);
}

#[test]
fn a_wrong_password() {
    let Some(server) = server("openldap") else { return };
    // Never an account that is there: enough attempts would lock it.
    let keys = openldap(&server, "reader").replace("cn=reader", "cn=absent");
    both_say(&keys, &["cn=absent,ou=services,dc=example,dc=com is refused: wrong name or wrong password", "(result 49"]);
}

#[test]
fn certificates_that_must_not_be_believed() {
    let Some(server) = server("openldap") else { return };
    let keys = |port: &str, ca: &str| format!("url = 'ldaps://localhost:{}'\nca_file = '{}'", server[port], server[ca]);
    both_say(&keys("EXPIRED", "CA"), &["the server's certificate has expired", "have it renewed"]);
    both_say(&keys("TLS", "OTHER_CA"), &["issued by an authority that is not trusted here", "ca_file"]);
    both_say(&keys("ELSEWHERE", "CA"), &["the server's certificate is not for localhost", "elsewhere.example"]);
}

#[test]
fn a_password_that_is_taken_only_over_tls() {
    let Some(server) = server("samba") else { return };
    let keys = format!(
        "url = 'ldap://{}'\ncleartext_password = true\nbind_dn = '{}'\npassword_file = '{}'",
        server["ADDRESS"],
        server["USER"],
        password_file("samba-reader", &server["PASSWORD"])
    );
    both_say(&keys, &["the server takes a password only over TLS", "starttls = true", "(result 8"]);
}

#[test]
fn a_base_that_does_not_exist() {
    let Some(server) = server("openldap") else { return };
    let keys = openldap(&server, "reader").replace("'dc=example,dc=com'", "'ou=gone,dc=example,dc=com'");
    both_say(
        &keys,
        &["ou=gone,dc=example,dc=com: the base does not exist, only dc=example,dc=com does", "(result 32", "check `base`"],
    );
}

#[test]
fn one_base_of_two_that_does_not_exist() {
    let Some(server) = server("openldap") else { return };
    let keys =
        openldap(&server, "reader").replace("'dc=example,dc=com'", "['ou=groups,dc=example,dc=com', 'ou=gone,dc=example,dc=com']");
    let world = directory(&keys);
    world.probant(&["sources", "test", "annuaire"]).code(2).says(&["ou=gone,dc=example,dc=com: the base does not exist"]);
    // What can be read is read; the rest makes it incomplete, in every output.
    let done = world.probant(&["harvest"]).code(0).says(&["ou=gone,dc=example,dc=com: the base does not exist"]);
    assert!(done.out.contains("incomplete"), "{}", done.out);
    let told = world.sql("SELECT complete, incomplete_reason FROM collections");
    assert_eq!(told[0][0].as_deref(), Some("false"));
    assert!(told[0][1].as_deref().unwrap().contains("(result 32"), "{told:?}");
}

#[test]
fn an_attribute_that_may_not_be_read() {
    let Some(server) = server("openldap") else { return };
    let probe = "probe = ['uid=u0101,ou=apac,ou=people,dc=example,dc=com']";
    let world = directory(&format!("{}{probe}", openldap(&server, "blind")));
    world.probant(&["sources", "test", "annuaire"]).code(2).says(&[
        "cn=blind,ou=services,dc=example,dc=com cannot read pwdAccountLockedTime (state), not even on the accounts named in `probe`",
        "ask the directory's administrator",
    ]);
    let french = world.probant(&["sources", "test", "annuaire", "--lang", "fr"]).code(2);
    french.says(&["Il manque quelque chose", "ne lit pas pwdAccountLockedTime (état)", "droit de lecture"]);
    let world = directory(&format!("{}{probe}", openldap(&server, "reader")));
    world.probant(&["sources", "test", "annuaire"]).code(0);
}

#[test]
fn limits_that_cannot_be_got_past() {
    let Some(server) = server("openldap") else { return };
    let world = directory(&openldap(&server, "limited"));
    world.probant(&["sources", "test", "annuaire"]).code(2).says(&["size limit was reached", "cn=limited", "(result 4", "ou=emea"]);
    let done = world.probant(&["harvest"]).code(0);
    assert!(done.out.contains("incomplete") && done.err.contains("size limit was reached"), "{}\n{}", done.out, done.err);
}

//! Each way to fail has its own message, which says what to do.

use probant::sources::Source as _;

use crate::openldap::{keys, password};
use crate::support::{config, harvest, refused, request, server};

fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "`{part}` is missing in: {message}");
    }
}

#[test]
fn a_wrong_password() {
    let Some(server) = server("openldap") else { return };
    // Never an account that is there: enough attempts would lock it.
    let message = refused(&keys(&server, "reader").replace("cn=reader", "cn=absent"));
    assert_says(
        &message,
        &[
            "ldaps://localhost:",
            "cn=absent,ou=services,dc=example,dc=com is refused: wrong name or wrong password",
            "(result 49",
            "check bind_dn",
        ],
    );
}

#[test]
fn certificates_that_must_not_be_believed() {
    let Some(server) = server("openldap") else { return };
    let url = |port: &str, ca: &str| {
        format!("url = 'ldaps://localhost:{}'\nca_file = '{}'\nbase = 'dc=example,dc=com'", server[port], server[ca])
    };
    assert_says(&refused(&url("EXPIRED", "CA")), &["the server's certificate has expired", "have it renewed"]);
    assert_says(&refused(&url("TLS", "OTHER_CA")), &["issued by an authority that is not trusted here", "ca_file"]);
    assert_says(
        &refused(&url("ELSEWHERE", "CA")),
        &["the server's certificate is not for localhost", "elsewhere.example", "a name that the certificate carries"],
    );
    // The name is not compared, the authority is: what is refused then is the search, for that server holds nothing.
    assert_says(&refused(&format!("{}\nverify = 'chain'", url("ELSEWHERE", "CA"))), &["no entry came", "the base does not exist"]);
    let chain = format!("{}\nverify = 'chain'", url("EXPIRED", "CA"));
    assert_says(&refused(&chain), &["has expired"]);
    let system = format!("url = 'ldaps://localhost:{}'\nbase = 'dc=example,dc=com'", server["TLS"]);
    let message = refused(&system);
    assert!(message.contains("not trusted here") || message.contains("trusted authorities cannot be read"), "{message}");
}

#[test]
fn a_password_that_the_server_takes_only_over_tls() {
    let Some(server) = server("samba") else { return };
    let message = refused(&format!(
        "url = 'ldap://{}'\ncleartext_password = true\nbind_dn = '{}'\npassword_file = '{}'",
        server["ADDRESS"],
        server["USER"],
        crate::samba::password(&server)
    ));
    assert_says(
        &message,
        &[
            "reader@corp.example.test is refused: the server takes a password only over TLS",
            "ldaps://",
            "starttls = true",
            "(result 8",
        ],
    );
}

#[test]
fn tls_that_cannot_begin() {
    let Some(server) = server("openldap") else { return };
    let message = refused(&format!("url = 'ldaps://localhost:{}'\nca_file = '{}'", server["PLAIN"], server["CA"]));
    assert_says(&message, &["TLS cannot be agreed on", "ldaps is usually 636"]);
    let message = refused(&format!(
        "url = 'ldaps://localhost:{}'\nca_file = '{}'\nclient_cert = '{}'\nclient_key = '/nowhere.key'",
        server["TLS"], server["CA"], server["CLIENT"]
    ));
    assert_says(&message, &["/nowhere.key cannot be used", "client_key must be a PEM file"]);
}

#[test]
fn a_server_that_is_not_there() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_says(
        &refused(&format!("url = 'ldap://127.0.0.1:{port}'\nretries = 0")),
        &["nothing answers there", "refused", "check host and port"],
    );
    assert_says(
        &refused("url = 'ldap://no-such-host.invalid'"),
        &["the name no-such-host.invalid cannot be resolved", "check the url"],
    );
    assert_says(&refused("url = 'ldapi://%2Fnowhere%2Fldapi'"), &["nothing answers there", "/nowhere/ldapi"]);
}

#[test]
fn a_base_that_does_not_exist_and_one_that_may_not_be_seen() {
    let Some(server) = server("openldap") else { return };
    let got = harvest(
        &keys(&server, "reader").replace("'dc=example,dc=com'", "['ou=groups,dc=example,dc=com', 'ou=gone,dc=example,dc=com']"),
    )
    .unwrap();
    assert_says(
        got.incomplete(),
        &["ou=gone,dc=example,dc=com: the base does not exist, only dc=example,dc=com does", "(result 32", "check `base`"],
    );
    assert!(got.reading.rows_seen > 40, "the other base was read");
    got.assert_capture_reads_back("");
    let anonymous =
        refused(&format!("url = 'ldaps://localhost:{}'\nca_file = '{}'\nbase = 'dc=example,dc=com'", server["TLS"], server["CA"]));
    assert_says(
        &anonymous,
        &["no entry came: dc=example,dc=com: the base does not exist, or may not be seen by the account that asks", "check `base`"],
    );
}

#[test]
fn passwords_that_cannot_be_had() {
    let base = "url = 'ldaps://localhost'\nverify = 'nothing'\nbind_dn = 'cn=a'\n";
    assert_says(&refused(base), &["no password", "password_file", "password_env", "terminal"]);
    assert_says(&refused(&format!("{base}password_file = '/nowhere/secret'")), &["password_file /nowhere/secret cannot be used"]);
    assert_says(&refused(&format!("{base}password_env = 'PROBANT_NO_SUCH_VARIABLE'")), &["PROBANT_NO_SUCH_VARIABLE", "is not set"]);
    let empty = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&empty, "\n").unwrap(); // made for its owner only
    assert_says(&refused(&format!("{base}password_file = '{}'", empty.path().display())), &["the password is empty"]);
}

#[test]
fn an_answer_at_the_prompt_is_used() {
    let Some(server) = server("openldap") else { return };
    let keys: String = keys(&server, "reader").split_inclusive('\n').filter(|line| !line.starts_with("password")).collect();
    let asks = config(&keys);
    assert_eq!(asks.question().unwrap(), format!("cn=reader,ou=services,dc=example,dc=com (ldaps://localhost:{})", server["TLS"]));
    asks.take_answer("readerpw".to_owned().into());
    assert_eq!(asks.question(), None);
    let mut sink = crate::support::Counted::default();
    let reading = asks.harvest(&request(), &mut sink, &mut vec![]).unwrap();
    assert_eq!(reading.incomplete, None);
    assert_eq!(config(&format!("{keys}password_file = '{}'", password("reader"))).question(), None);
}

#[test]
fn settings_that_contradict_each_other() {
    let check = |keys: &str| config(keys).check().unwrap_err();
    for (keys, says) in [
        ("url = 'ldap://x'\nbind_dn = 'cn=a'", "in the clear"),
        ("url = 'ldaps://x'\nstarttls = true", "starttls is for ldap://"),
        ("url = 'ldap://x'\nca_file = 'a'", "need TLS"),
        ("url = 'ldaps://x'\nclient_cert = 'a'", "go together"),
        ("url = 'ldaps://x'\npassword_env = 'A'", "whose is it"),
        ("url = 'ldaps://x'\nbind_dn = 'cn=a'\npassword_env = 'A'\npassword_file = 'b'", "keep one"),
        ("url = 'ldaps://x'\nsasl = 'external'", "client certificate"),
        ("url = 'ldaps://x'\nsasl = 'gssapi'", "encrypts by itself"),
        ("url = 'ldaps://x'\ntimeout = 0", "0 seconds"),
    ] {
        let message = check(keys);
        assert!(message.contains(says), "{keys}: {message}");
    }
}

#[test]
fn keys_that_are_refused_as_they_are_read() {
    let read = |keys: &str| toml::from_str::<probant::sources::ldap::LdapConfig>(keys).unwrap_err().to_string();
    for (keys, says) in [
        ("url = 'ldaps://x'\nextra_attributes = ['userPassword']", "userPassword holds secrets: it is never asked for"),
        ("url = 'ldaps://x'\nextra_attributes = ['unicodePwd;binary']", "holds secrets"),
        ("url = 'ldaps://x'\nextra_attributes = ['*']", "password hashes"),
        ("url = 'ldaps://x'\nfilter = 'objectClass=*)('", "no search filter"),
        ("url = 'ldaps://x'\nbase = 'example.org'", "part without `=`"),
        ("url = 'ldaps://x'\npage_size = 0", "from 1 to 100000"),
        ("url = 'ldaps://x'\nverify = 'none'", "`chain`"),
        ("url = 'ldaps://x'\npassword = 'secret'", "unknown field `password`"),
    ] {
        let message = read(keys);
        assert!(message.contains(says), "{keys}: {message}");
    }
}

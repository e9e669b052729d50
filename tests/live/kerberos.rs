//! Kerberos against Samba: every entry comes through sealed buffers, and a missing ticket is said. Only built with the feature.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;

use crate::kit::done;
use crate::support::server;
use crate::worlds::{directory, samba};

/// The ticket is for `ldap/localhost`, so the server must be met under that name: carries connections there.
fn relay(to: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let far = TcpStream::connect(&to).unwrap();
            for (mut from, mut into) in
                [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far.try_clone().unwrap(), near.try_clone().unwrap())]
            {
                thread::spawn(move || {
                    // A side that hangs up ends its direction, which is what the other side is told.
                    let _ = io::copy(&mut from, &mut into);
                    let _ = into.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
    port
}

#[test]
fn a_ticket_opens_the_directory_and_everything_comes() {
    let Some(server) = server("samba") else { return };
    let plain = directory(&samba(&server));
    plain.probant(&["harvest"]).code(0);
    let world = directory(&format!("url = 'ldap://localhost:{}'\nsasl = 'gssapi'", relay(format!("{}:389", server["ADDRESS"]))));
    let cache = world.folder.join("cache").display().to_string();
    let mut kinit = Command::new("kinit");
    kinit.arg("reader@CORP.EXAMPLE.TEST").env("KRB5_CONFIG", &server["KRB5"]).env("KRB5CCNAME", &cache);
    let mut kinit = kinit.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    io::Write::write_all(kinit.stdin.as_mut().unwrap(), format!("{}\n", server["PASSWORD"]).as_bytes()).unwrap();
    assert!(kinit.wait().unwrap().success());
    let harvest = |cache: &str| done(world.command(&["harvest"]).env("KRB5_CONFIG", &server["KRB5"]).env("KRB5CCNAME", cache));
    harvest(&cache).code(0);
    for table in ["accounts", "entitlements", "grants"] {
        let count = format!("SELECT COUNT(*) FROM {table}");
        assert_eq!(world.sql(&count), plain.sql(&count), "{table}");
    }
    assert_eq!(world.sql("SELECT complete FROM collections")[0][0].as_deref(), Some("true"));
    harvest("/nowhere").code(2).says(&["Kerberos did not let us in", "kinit"]);
}

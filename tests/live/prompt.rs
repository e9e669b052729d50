//! Passwords: typed once at a terminal, from the environment, from a file that only its owner reads; and what is said when none is.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use crate::kit::{World, done};
use crate::support::server;
use crate::worlds::{Server, directory, openldap};

/// The command as a cron job has it: without a terminal.
fn alone(world: &World, arguments: &[&str]) -> Command {
    let mut command = Command::new("setsid");
    command.args(["--wait", env!("CARGO_BIN_EXE_probant")]).args(arguments).current_dir(&world.folder);
    command.env("PROBANT_NOW", crate::kit::NOW).stdin(Stdio::null());
    command
}

fn without_password(server: &Server) -> String {
    openldap(server, "reader").split_inclusive('\n').filter(|line| !line.starts_with("password_file")).collect()
}

#[test]
fn without_a_terminal_the_source_says_what_is_missing() {
    let world = directory("url = 'ldaps://localhost:1'\nverify = 'nothing'\nbind_dn = 'cn=a'");
    for arguments in [&["harvest"][..], &["sources", "test", "annuaire"]] {
        done(&mut alone(&world, arguments)).code(2).says(&["no password", "password_file", "password_env", "at a terminal"]);
    }
    let world = directory("url = 'ldaps://localhost:1'\nverify = 'nothing'\nbind_dn = 'cn=a'\npassword_env = 'PROBANT_NO_SUCH'");
    done(&mut alone(&world, &["harvest"]))
        .code(2)
        .says(&["the environment variable PROBANT_NO_SUCH, named by password_env, is not set"]);
}

#[test]
fn a_file_that_everybody_can_read_is_refused() {
    let world = directory("url = 'ldaps://localhost:1'\nverify = 'nothing'\nbind_dn = 'cn=a'\npassword_file = 'password'");
    world.write("password", "sésame\n");
    fs::set_permissions(world.folder.join("password"), fs::Permissions::from_mode(0o644)).unwrap();
    let said =
        world.probant(&["harvest"]).code(2).says(&["every user of this machine can read or change it (mode 644)", "chmod 600"]);
    assert!(!said.err.contains("sésame") && !said.out.contains("sésame"));
}

#[test]
fn the_environment_holds_it() {
    let Some(server) = server("openldap") else { return };
    let world = directory(&format!("{}password_env = 'ANNUAIRE_PW'", without_password(&server)));
    done(alone(&world, &["harvest"]).env("ANNUAIRE_PW", "readerpw")).code(0);
}

#[test]
fn a_person_types_it_once() {
    let Some(server) = server("openldap") else { return };
    let world = directory(&without_password(&server));
    // `script` gives the command a terminal; what is written to it is typed.
    let mut script = Command::new("script")
        .args(["--quiet", "--return", "--command", &format!("{} harvest", env!("CARGO_BIN_EXE_probant")), "/dev/null"])
        .current_dir(&world.folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    script.stdin.as_mut().unwrap().write_all(b"readerpw\n").unwrap();
    let output = script.wait_with_output().unwrap();
    let screen = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{screen}");
    assert_eq!(
        screen.matches("annuaire: password of cn=reader,ou=services,dc=example,dc=com (ldaps://localhost:").count(),
        1,
        "{screen}"
    );
    assert_eq!(world.sql("SELECT COUNT(*) FROM accounts")[0][0].as_deref(), Some("1409"));
    // Neither the ledger nor the snapshot has heard of it.
    for file in crate::kit::files(&world.store()) {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(8).any(|part| part == b"readerpw"), "{}", file.display());
    }
}

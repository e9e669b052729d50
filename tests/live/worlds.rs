//! Configurations with live sources.

use std::collections::BTreeMap;

use crate::kit::World;
use crate::support::password_file;

pub(crate) type Server = BTreeMap<String, String>;

const HEAD: &str = "[organisation]\nname = \"Essai\"\nlocale = \"en\"\nzone = \"UTC\"\n";

/// A folder whose configuration has these sources.
pub(crate) fn world(sources: &str) -> World {
    let world = World::empty();
    world.write("probant.toml", format!("{HEAD}\n{sources}"));
    world
}

/// One directory, by its keys.
pub(crate) fn directory(keys: &str) -> World {
    world(&source("annuaire", "LDAP", keys))
}

pub(crate) fn source(id: &str, system: &str, keys: &str) -> String {
    format!("[source.{id}]\nkind = \"ldap\"\nsystem = \"{system}\"\n{keys}\n")
}

pub(crate) fn openldap(server: &Server, who: &str) -> String {
    format!(
        "url = 'ldaps://localhost:{}'\nca_file = '{}'\nbind_dn = 'cn={who},ou=services,dc=example,dc=com'\npassword_file = '{}'\nbase = 'dc=example,dc=com'\n",
        server["TLS"],
        server["CA"],
        password_file(who, &format!("{who}pw"))
    )
}

pub(crate) fn samba(server: &Server) -> String {
    format!(
        "url = 'ldaps://{}'\nca_file = '{}'\nbind_dn = '{}'\npassword_file = '{}'\n",
        server["ADDRESS"],
        server["CA"],
        server["USER"],
        password_file("samba-reader", &server["PASSWORD"])
    )
}

pub(crate) fn ds389(server: &Server) -> String {
    format!(
        "url = 'ldaps://localhost:{}'\nca_file = '{}'\nbind_dn = 'cn=reader,ou=services,dc=example,dc=com'\npassword_file = '{}'\nbase = ['ou=people,dc=example,dc=com', 'ou=groups,dc=example,dc=com']\n",
        server["TLS"],
        server["CA"],
        password_file("reader", "readerpw")
    )
}

//! The root entry of a server (RFC 4512 section 5.1): what it is, what it holds, what it can do.

use std::collections::BTreeMap;

use ldap3::Scope;

use super::ber;
use super::fault::{Fault, Refusal};
use super::session::{Ask, End, Found, Session};
use crate::sources::directory::Flavour;

const ASKED: [&str; 15] = [
    "objectClass",
    "namingContexts",
    "defaultNamingContext",
    "rootDomainNamingContext",
    "supportedControl",
    "supportedCapabilities",
    "supportedSASLMechanisms",
    "supportedLDAPVersion",
    "vendorName",
    "vendorVersion",
    "dnsHostName",
    "dsServiceName",
    "domainFunctionality",
    "ibmdirectoryversion",
    "ibm-serverId",
];
const PAGING: &str = "1.2.840.113556.1.4.319";
/// LDAP_CAP_ACTIVE_DIRECTORY_OID and LDAP_CAP_ACTIVE_DIRECTORY_ADAM_OID (MS-ADTS 3.1.1.3.4.3).
const ACTIVE_DIRECTORY: [&str; 2] = ["1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1851"];

/// The root entry; names in lower case.
#[derive(Debug, Clone, Default)]
pub struct Root(BTreeMap<String, Vec<String>>);

impl Root {
    /// Reads it. A server may hide it: then nothing is known, and the configuration must say it.
    pub async fn read(session: &mut Session) -> Result<Self, Fault> {
        let attributes = ASKED.map(str::to_owned);
        let ask = Ask { base: "", scope: Scope::Base, filter: "(objectClass=*)", attributes: &attributes, size: 0 };
        let mut root = BTreeMap::new();
        let end = session
            .search(ask, &mut |found| {
                if let Found::Entry(body) = found {
                    for attribute in ber::Entry::new(body)?.attributes() {
                        let values = attribute.values().map(|value| String::from_utf8_lossy(value).into_owned()).collect();
                        root.insert(String::from_utf8_lossy(attribute.name).to_ascii_lowercase(), values);
                    }
                }
                Ok::<(), Fault>(())
            })
            .await?;
        match end {
            End::Refused(Refusal { rc: 51 | 52, text, .. }) => {
                Err(Fault::Broken(format!("the server is busy or shutting down{}", super::fault::quoted(&text))))
            }
            End::Refused(_) | End::Whole { .. } => Ok(Self(root)),
        }
    }

    fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    fn first(&self, name: &str) -> Option<&str> {
        self.all(name).first().map(String::as_str)
    }

    /// What the server calls itself.
    #[must_use]
    pub fn product(&self) -> Option<String> {
        match (self.first("vendorname"), self.first("vendorversion")) {
            (Some(name), Some(version)) if version.starts_with(name) => Some(version.to_owned()),
            (Some(name), Some(version)) => Some(format!("{name} {version}")),
            (one, other) => one.or(other).map(str::to_owned),
        }
    }

    #[must_use]
    pub fn is_readable(&self) -> bool {
        !self.0.is_empty()
    }

    #[must_use]
    pub fn pages(&self) -> bool {
        self.all("supportedcontrol").iter().any(|oid| oid == PAGING)
    }

    /// Flavour, and what told it.
    #[must_use]
    pub fn flavour(&self) -> (Flavour, String) {
        let vendor = self.product().unwrap_or_default().to_ascii_lowercase();
        let classes = self.all("objectclass");
        if self.all("supportedcapabilities").iter().any(|oid| ACTIVE_DIRECTORY.contains(&oid.as_str())) {
            (Flavour::Ad, "the root entry names Active Directory's capabilities".to_owned())
        } else if vendor.contains("international business machines") || self.first("ibmdirectoryversion").is_some() {
            (Flavour::Ibm, "the root entry names IBM as vendor".to_owned())
        } else if ["389", "red hat", "fedora", "sun ", "oracle", "netscape"].iter().any(|word| vendor.contains(word)) {
            (Flavour::Ds389, format!("the root entry names {} as vendor", self.product().unwrap_or_default()))
        } else if classes.iter().any(|class| class.eq_ignore_ascii_case("OpenLDAProotDSE")) {
            (Flavour::OpenLdap, "the root entry is of OpenLDAP's class".to_owned())
        } else {
            (Flavour::OpenLdap, "the root entry names no product that is known: read as OpenLDAP".to_owned())
        }
    }

    /// Where the data lies, when the configuration does not say it: the domain, else every naming context.
    #[must_use]
    pub fn bases(&self) -> Vec<String> {
        if let Some(domain) = self.first("defaultnamingcontext").filter(|name| !name.is_empty()) {
            return vec![domain.to_owned()];
        }
        // Change logs, monitors, schema and configuration are no accounts.
        let apart = |name: &str| {
            [
                "cn=changelog",
                "cn=monitor",
                "cn=config",
                "cn=schema",
                "cn=accesslog",
                "o=netscaperoot",
                "cn=ibmpolicies",
                "cn=localhost",
                "cn=pwdpolicy",
            ]
            .contains(&name)
        };
        let mut names: Vec<String> = self
            .all("namingcontexts")
            .iter()
            .filter(|name| !name.is_empty() && !apart(&name.to_ascii_lowercase()))
            .cloned()
            .collect();
        names.sort();
        names
    }
}

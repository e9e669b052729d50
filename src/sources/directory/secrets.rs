//! Which attributes hold a secret. They are never asked for, never decoded, and never reach a raw capture.
//!
//! A list of the known ones, and rules for those a local schema adds: refusing one too many costs nothing, one too few does.

/// Lower case. Sources: RFC 4519 and 3112, draft-behera-ldap-password-policy, MS-ADA1..3 and MS-ADLS, Windows LAPS, Samba, MIT Kerberos,
/// `FreeIPA`, 389-DS and IBM directory schemas; OIDs of the commonest, because a dump may name an attribute by its number.
const KNOWN: &[&str] = &[
    "userpassword",
    "2.5.4.35",
    "authpassword",
    "1.3.6.1.4.1.4203.1.3.4",
    "pwdhistory",
    "1.3.6.1.4.1.42.2.27.8.1.20",
    "passwordhistory",
    "unicodepwd",
    "1.2.840.113556.1.4.90",
    "ntpwdhistory",
    "1.2.840.113556.1.4.94",
    "lmpwdhistory",
    "1.2.840.113556.1.4.160",
    "dbcspwd",
    "1.2.840.113556.1.4.55",
    "supplementalcredentials",
    "1.2.840.113556.1.4.125",
    "msds-managedpassword",
    "msds-managedpasswordid",
    "msds-managedpasswordpreviousid",
    "ms-mcs-admpwd",
    "mslaps-password",
    "mslaps-encryptedpassword",
    "mslaps-encryptedpasswordhistory",
    "mslaps-encrypteddsrmpassword",
    "mslaps-encrypteddsrmpasswordhistory",
    "msfve-recoverypassword",
    "msfve-keypackage",
    "mstpm-ownerinformation",
    "trustauthincoming",
    "trustauthoutgoing",
    "initialauthincoming",
    "initialauthoutgoing",
    "currentvalue",
    "priorvalue",
    "unixuserpassword",
    "orclpassword",
    "sambantpassword",
    "sambalmpassword",
    "sambapasswordhistory",
    "sambacleartextpassword",
    "sambapreviouscleartextpassword",
    "krbprincipalkey",
    "krb5key",
    "krbmkey",
    "krbpwdhistory",
    "ipanthash",
    "userpkcs12",
    "nsds5replicacredentials",
    "nsmultiplexorcredentials",
    "olcrootpw",
    "olcsyncrepl",
    "olcdbacltls",
    "olcdbidassertbind",
    "olcdbaclbind",
    "ibm-slapdadminpw",
    "ibm-slapdmasterpw",
    "ibm-slapdpeerpw",
    "ibm-slapddbuserpw",
    "ibm-replicakeypwd",
    "replicacredentials",
    "ibm-pwdhistory",
    "secretkey",
    "nispublickeysecret",
    "nissecretkey",
];

const ENDINGS: &[&str] = &["password", "passwd", "pwd", "rootpw", "adminpw", "passphrase"];
const PARTS: &[&str] = &[
    "privatekey",
    "clientsecret",
    "sharedsecret",
    "totpsecret",
    "oathsecret",
    "passwordhash",
    "passwordhistory",
    "pwdhistory",
    "keytab",
    "mslaps-encrypted",
];

/// Whether an attribute (lower case, without options) holds a secret.
#[must_use]
pub fn is_secret(base: &str) -> bool {
    KNOWN.contains(&base) || ENDINGS.iter().any(|end| base.ends_with(end)) || PARTS.iter().any(|part| base.contains(part))
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn secrets_are_known_and_states_of_a_password_are_not_secrets() {
        for secret in [
            "userpassword",
            "unicodepwd",
            "ms-mcs-admpwd",
            "mslaps-encryptedpassword",
            "wifipassword",
            "sambantpassword",
            "olcrootpw",
        ] {
            assert!(is_secret(secret), "{secret}");
        }
        for state in [
            "pwdchangedtime",
            "pwdlastset",
            "badpwdcount",
            "pwdaccountlockedtime",
            "passwordexpirationtime",
            "maxpwdage",
            "ms-mcs-admpwdexpirationtime",
            "mslaps-passwordexpirationtime",
            "pwdreset",
            "pwdmaxage",
            "ibm-pwdaccountlocked",
            "passwordexp",
            "msds-maximumpasswordage",
        ] {
            assert!(!is_secret(state), "{state}");
        }
    }
}

//! Names that mean the same, names that do not, and what is none.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::census::Census;
use super::*;

fn norm(dn: &str) -> Result<String, DnError> {
    let mut out = vec![];
    normalise(dn.as_bytes(), &mut out).map(|()| String::from_utf8(out).unwrap())
}

#[test]
fn names_that_mean_the_same_read_the_same() {
    for (a, b) in [
        ("CN=Jo,DC=X", "cn=jo,dc=x"),
        ("cn = Jo , dc = x", "cn=jo,dc=x"),
        ("cn=Jo  Doe,dc=x", "cn=jo doe,dc=x"),
        ("cn=Éric,dc=x", "CN=éric,DC=x"),
        (r"cn=\C3\89ric,dc=x", "cn=éric,dc=x"),
        (r"cn=Doe\, Jo,dc=x", r"cn=Doe\2C Jo,dc=x"),
        (r#"cn="Doe, Jo",dc=x"#, r"cn=doe\, jo,dc=x"),
        ("cn=Amy Wong+sn=Kroker,dc=x", "SN=kroker + CN=amy wong, dc=x"),
        ("cn=a;dc=x", "cn=a,dc=x"),
        ("cn=a=b,dc=x", "CN=A=B,dc=x"),
    ] {
        assert_eq!(norm(a).unwrap(), norm(b).unwrap(), "{a} and {b}");
    }
    assert_eq!(norm(r"cn=\ a\ ,dc=x").unwrap(), "cn=a,dc=x", "escaped spaces count no more than others (RFC 4518 section 2.6.1)");
    assert_eq!(norm("").unwrap(), "");
}

#[test]
fn the_quick_reading_agrees_with_the_careful_one() {
    for dn in ["cn=Jo Doe,ou=People,dc=x", "uid=x", "cn=a (b),dc=c", "CN=ÀÉÞßÿ×÷ µ,dc=X"] {
        assert!(Census::of(dn.as_bytes()).is_simple(dn.as_bytes()), "{dn}");
        let mut out = vec![];
        careful(dn, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), norm(dn).unwrap());
    }
    for odd in
        ["cn=a ,dc=x", "cn= a,dc=x", " cn=a", "cn=a ", "cn =a", "x", "cn=a,", ",cn=a", "cn=a,b", "=a", "cn=a=b", "cn=a  b", "cn=Œ"]
    {
        assert!(!Census::of(odd.as_bytes()).is_simple(odd.as_bytes()), "{odd:?}");
    }
}

#[test]
fn what_is_not_a_name_is_refused() {
    for bad in ["jo", "cn=a,b", "cn=a,", "=a", ",cn=a"] {
        assert_eq!(norm(bad), Err(DnError::NoEquals), "{bad}");
    }
    assert_eq!(norm(r"cn=a,\,b=c"), Err(DnError::Type));
    assert_eq!(norm(r"cn=a\"), Err(DnError::Unfinished));
    assert_eq!(norm("cn=\"a"), Err(DnError::Unfinished));
    assert_eq!(norm(r"cn=\FF"), Err(DnError::Encoding));
    let mut out = vec![];
    assert_eq!(normalise(b"cn=\xff", &mut out), Err(DnError::Encoding));
}

#[test]
fn a_name_splits_into_its_own_part_and_its_parent() {
    assert_eq!(split("CN=Jo,OU=A,DC=x"), ("Jo".into(), "OU=A,DC=x"));
    assert_eq!(split(r"CN=Doe\, Jo, DC=x"), ("Doe, Jo".into(), "DC=x"));
    assert_eq!(split("dc=x"), ("x".into(), ""));
    assert!(is_below(b"cn=a,dc=x", b"dc=x") && is_below(b"dc=x", b"dc=x") && !is_below(b"cn=a,xdc=x", b"dc=x"));
}

//! The LDIF reader and the decoding of directories: every entry seen is kept or rejected, where the bytes are cut into reads
//! changes nothing, the raw capture reads as the export did, and a secret put anywhere into an export goes nowhere.
#![no_main]

use std::io::{self, Read};
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use probant_fuzz::harvests::{Kept, request};
use probant_fuzz::sources::directory::{Attr, DecodeError, Flavour, Named, Options, Place, Visit, dn};
use probant_fuzz::sources::ldif::read_bytes;
use probant_fuzz::sources::ldif::reader::{Manner, Reader};
use probant_fuzz::sources::ldif::trailer::Trailer;
use probant_fuzz::sources::ldif::values::Urls;

fuzz_target!(|data: &[u8]| {
    let flavours = [None, Some(Flavour::OpenLdap), Some(Flavour::Ad), Some(Flavour::Ds389), Some(Flavour::Ibm)];
    // Mostly the flavour is told by the export itself; now and then the configuration says another.
    let flavour = flavours[if data.len().is_multiple_of(4) { data.len() / 4 % flavours.len() } else { 0 }];
    decode(data, flavour);
    cut_anywhere(data);
    with_a_secret(data);
});

fn options(flavour: Option<Flavour>) -> Options {
    let text = "path = 'x'\nprivileged_groups = ['cn=admins,dc=a']\nservice_logins = ['^svc']\nservice_bases = ['ou=svc,dc=a']";
    let config: probant_fuzz::sources::ldif::LdifConfig = toml::from_str(text).expect("a good configuration");
    Options { flavour, ..config.options() }
}

/// Rows and rejects of an export, when it can be read at all.
fn harvest(data: &[u8], flavour: Option<Flavour>) -> Option<Kept> {
    let mut kept = Kept::default();
    let told = read_bytes(data, &request(Path::new("/")), &options(flavour), &mut kept).ok()?;
    assert_eq!(told.rows_seen, told.rows_kept + kept.rejects.len() as u64, "entries seen = kept + rejected");
    Some(kept)
}

fn decode(data: &[u8], flavour: Option<Flavour>) {
    let Some(kept) = harvest(data, flavour) else { return };
    // Grants join to an account and an entitlement that exist.
    let ids = |table: &str| -> std::collections::BTreeSet<&str> {
        kept.rows.get(table).into_iter().flatten().filter_map(|row| row.split('\t').next()).collect()
    };
    let (accounts, entitlements) = (ids("accounts"), ids("entitlements"));
    for grant in kept.rows.get("grants").into_iter().flatten() {
        let mut cells = grant.split('\t');
        let (account, entitlement) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        assert!(accounts.contains(account), "a grant of nobody: {grant}");
        assert!(entitlements.contains(entitlement), "a grant of nothing: {grant}");
    }
}

/// What a reading tells, places left out: redaction changes the number of lines.
#[derive(Debug, Default, PartialEq)]
struct Log(Vec<String>);

impl Visit for Log {
    fn begin(&mut self, name: &[u8]) -> Result<(), dn::DnError> {
        dn::normalise(name, &mut Vec::new())?;
        self.0.push(format!("begin {}", name.escape_ascii()));
        Ok(())
    }
    fn wants(&mut self, _: Named) -> bool {
        true
    }
    fn value(&mut self, attr: Attr, value: &[u8]) {
        assert_ne!(attr, Attr::Secret, "a secret is handed over");
        self.0.push(format!("{attr:?} {}", value.escape_ascii()));
    }
    fn end(&mut self, _: Place<'_>) -> Result<(), DecodeError> {
        self.0.push("end".to_owned());
        Ok(())
    }
    fn refuse(&mut self, reason: &str, excerpt: &str) -> Result<(), DecodeError> {
        let reason = reason.split_once(": ").map_or(reason, |(_, reason)| reason);
        self.0.push(format!("refused {reason} ({excerpt})"));
        Ok(())
    }
}

fn read(input: impl Read) -> Option<(Trailer, Log, Vec<u8>)> {
    let (mut log, mut capture) = (Log::default(), Vec::new());
    let manner = Manner { urls: Urls::Refused, file: None };
    let trailer = Reader::new(input, Some(&mut capture), manner).run(&mut log).ok()?;
    Some((trailer, log, capture))
}

/// Gives a few bytes at a time, so that every boundary falls everywhere.
struct Drip<'d>(&'d [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let take = self.1.min(self.0.len()).min(out.len());
        self.0.read(&mut out[..take])
    }
}

fn cut_anywhere(data: &[u8]) {
    let whole = read(data);
    let dripped = read(Drip(data, 1 + data.len() % 7));
    assert_eq!(whole.is_some(), dripped.is_some(), "whether it can be read depends on the size of reads");
    let (Some(whole), Some(dripped)) = (whole, dripped) else { return };
    assert!(whole == dripped, "what is read depends on the size of reads: {whole:?} {dripped:?}");
    let (_, log, capture) = whole;
    let (_, again, same) = read(capture.as_slice()).expect("the raw capture of a readable export is readable");
    assert!(same == capture, "redacting twice redacts more: {} {}", capture.escape_ascii(), same.escape_ascii());
    assert_eq!(log, again, "the raw capture reads differently");
}

/// `XYZZY4PLUGH`, plain and in base64.
const SECRET: &str = "XYZZY4PLUGH";
const SECRET_BASE64: &str = "WFlaWlk0UExVR0g=";
const FORMS: [&str; 9] = [
    "userPassword: XYZZY4PLUGH\n",
    "userPassword:: WFlaWlk0UExVR0g=\n",
    "USERPASSWORD;lang-fr: XYZZY4PLUGH\r\n",
    "userPassword: XYZ\n ZY4PLUGH\n",
    "userPass\n word:XYZZY4PLUGH\n",
    "unicodePwd:\n : WFlaWlk0UExVR0g=\n",
    "# userPassword: XYZZY4PLUGH\n",
    "olcRootPW:< file:///XYZZY4PLUGH\n",
    // A tool that does not fold: the rest of the value stands on a line of its own.
    "sambaNTPassword:: AAAA\nWFlaWlk0UExVR0g=\n",
];

/// Puts a line with a secret before one of the lines of the export.
fn with_a_secret(data: &[u8]) {
    let hash = data.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    let told = |text: &[u8]| {
        let joined: Vec<u8> = text.iter().copied().filter(|byte| !b"\r\n ".contains(byte)).collect();
        [SECRET, SECRET_BASE64].iter().any(|secret| memchr::memmem::find(&joined, secret.as_bytes()).is_some())
    };
    if told(data) || data.starts_with(&[0xFF, 0xFE]) || data.starts_with(&[0xFE, 0xFF]) {
        return;
    }
    let starts: Vec<usize> = memchr::memchr_iter(b'\n', data).map(|at| at + 1).chain([0]).collect();
    let at = starts[usize::try_from(hash >> 8).unwrap_or_default() % starts.len()];
    // A fold after the last form would be another line's, with a colon perhaps: then it is no rest of a secret any more.
    let folded = data.get(at) == Some(&b' ');
    let form = FORMS[usize::try_from(hash & 0xff).unwrap_or_default() % (FORMS.len() - usize::from(folded))];
    let text = [&data[..at], form.as_bytes(), &data[at..]].concat();
    if let Some((_, log, capture)) = read(text.as_slice()) {
        assert!(!told(&capture), "{form:?} at byte {at} is in the capture: {}", capture.escape_ascii());
        assert!(!told(format!("{log:?}").as_bytes()), "{form:?} at byte {at} was handed over: {log:?}");
    }
    if let Some(kept) = harvest(&text, None) {
        assert!(!kept.tells(SECRET) && !kept.tells(SECRET_BASE64), "{form:?} at byte {at} is in the tables: {kept:?}");
    }
}

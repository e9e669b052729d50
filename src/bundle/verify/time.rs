//! When things were so: each certificate is judged at the instant up to which something later vouches for it.
//!
//! The newest time-stamp is judged now, each older one at the time of the one after it, the signer at the time of the signature's
//! time-stamp (EN 319 102-1, 5.5 and 5.6, without its policies). Without a time-stamp, the signer is judged now.

use std::collections::BTreeMap;

use x509_cert::Certificate;

use crate::bundle::certificates::chain::{self, TrustAnchor};
use crate::bundle::certificates::crl::{self, Seen, Use};
use crate::bundle::certificates::usage::Purpose;
use crate::bundle::certificates::{self, from_time};
use crate::bundle::container::read::Archive;
use crate::bundle::digest::Digest;
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::lasting::archive;
use crate::bundle::level::Level;
use crate::bundle::read_at::ReadAt;
use crate::bundle::signature::check;
use crate::bundle::signature::cms::Parsed;
use crate::bundle::tsa::{SKEW, Token};
use crate::bundle::verify::Trusted;
use crate::bundle::verify::verdict::{Check, Examination, TimeStampLine};

/// The signature, and what is around it.
#[derive(Clone, Copy, Debug)]
pub(in crate::bundle) struct Sealed<'s> {
    pub(in crate::bundle) parsed: &'s Parsed,
    pub(in crate::bundle) level: Level,
    pub(in crate::bundle) digests: &'s BTreeMap<String, Digest>,
}

/// Who verifies, and when.
#[derive(Clone, Copy, Debug)]
pub(in crate::bundle) struct Verifier<'t> {
    pub(in crate::bundle) trust: Trusted<'t>,
    pub(in crate::bundle) now: jiff::Timestamp,
}

/// Presence, then genuineness, then trust.
pub(in crate::bundle) fn examine<S: ReadAt + ?Sized>(
    examination: &mut Examination,
    archive: &Archive<'_, S>,
    sealed: &Sealed<'_>,
    verifier: &Verifier<'_>,
) {
    let parsed = sealed.parsed;
    check_level(examination, sealed);
    let stamp = parsed.time_stamp.as_ref().map(|bytes| signature_time_stamp(parsed, bytes));
    let stamp = stamp.and_then(|stamp| examination.accept(Check::TimeStamp, stamp));
    let archived = if sealed.level == Level::Lta {
        let (tokens, faults) = archive::examine(archive, sealed.digests);
        examination.record(Check::ArchiveTimeStamp, faults);
        tokens
    } else {
        examination.not_applicable(Check::ArchiveTimeStamp);
        Vec::new()
    };
    if sealed.level == Level::B {
        examination.not_applicable(Check::TimeStamp);
        examination.not_applicable(Check::TimeStampTrust);
    }
    let tokens: Vec<&Token> = stamp.iter().chain(&archived).collect();
    name_time_stamps(examination, stamp.is_some(), &tokens);
    check_order(examination, parsed, &tokens, verifier.now);
    let lists = Lists::of(parsed, &archived, verifier);
    let trusted = check_authorities(examination, &tokens, &lists, verifier);
    check_signer(examination, sealed, stamp.as_ref().filter(|_| trusted), &lists, verifier);
    let embedded: Vec<&Certificate> = [&parsed.signer].into_iter().chain(&parsed.others).chain(certificates(&tokens)).collect();
    let strangers = [crl::stranger(&parsed.crls, &embedded)].into_iter().flatten();
    let strangers: Vec<Fault> =
        strangers.chain(archived.iter().filter_map(|token| crl::stranger(&token.crls, &embedded))).collect();
    examination.record(Check::SignatureLevel, strangers);
}

/// The signed level says which parts there must be; more would be unprotected.
fn check_level(examination: &mut Examination, sealed: &Sealed<'_>) {
    let (parsed, level) = (sealed.parsed, sealed.level);
    examination.record(Check::SignatureLevel, []);
    let self_made = |certificate: &Certificate| certificate.tbs_certificate().subject() == certificate.tbs_certificate().issuer();
    let wrong = match (level >= Level::T, parsed.time_stamp.is_some()) {
        (true, false) => Some(&NO_TIME_STAMP),
        (false, true) => Some(&UNMEANT),
        _ => None,
    };
    let lists = match (level >= Level::Lt, parsed.crls.is_empty()) {
        (true, true) if !self_made(&parsed.signer) => Some(&NO_LISTS),
        (false, false) => Some(&UNMEANT),
        _ => None,
    };
    let faults: Vec<Fault> = [wrong, lists].into_iter().flatten().map(|phrase| Fault::new(phrase, level.name())).collect();
    if faults.is_empty() {
        examination.note(Check::SignatureLevel, Fault::new(&LEVEL, level.name()));
    }
    examination.record(Check::SignatureLevel, faults);
}

/// Over the signature's value, with neither lists nor strangers inside.
fn signature_time_stamp(parsed: &Parsed, bytes: &[u8]) -> Result<Token, Fault> {
    let token = Token::parse(bytes)?;
    token.check(parsed.info.signature.as_bytes())?;
    if token.crls.is_empty() { Ok(token) } else { Err(Fault::bare(&UNMEANT)) }
}

fn name_time_stamps(examination: &mut Examination, has_signature: bool, tokens: &[&Token]) {
    for (index, token) in tokens.iter().enumerate() {
        let is_signature = has_signature && index == 0;
        let (check, of) = if is_signature { (Check::TimeStamp, "signature") } else { (Check::ArchiveTimeStamp, "archive") };
        examination.note(check, Fault::new(&MADE, format!("{} ({})", token.says.time, token.authority())));
        examination.claims.time_stamps.push(TimeStampLine {
            of,
            time: token.says.time.to_string(),
            authority: token.authority(),
            policy: token.says.policy.to_string(),
        });
    }
}

/// Claimed time, time-stamps in their order, now: give or take what clocks differ by.
fn check_order(examination: &mut Examination, parsed: &Parsed, tokens: &[&Token], now: jiff::Timestamp) {
    let mut before = check::signing_time(parsed).ok();
    for token in tokens {
        let says = &token.says;
        if before.is_some_and(|before| says.latest + SKEW < before) {
            examination.record(Check::TimeStampTrust, [Fault::unknown(&DISORDER, says.time.to_string())]);
        }
        if says.time > now + SKEW {
            examination.record(Check::TimeStampTrust, [Fault::unknown(&FUTURE, says.time.to_string())]);
        }
        before = Some(says.time);
    }
}

/// Whether every authority is trusted, each up to the time-stamp after its own.
fn check_authorities(examination: &mut Examination, tokens: &[&Token], lists: &Lists<'_>, verifier: &Verifier<'_>) -> bool {
    let trust = verifier.trust;
    let anchors = if trust.authorities.is_empty() { trust.anchors } else { trust.authorities };
    let later = tokens.iter().skip(1).map(|token| token.says.latest).chain([verifier.now]);
    let mut trusted = !tokens.is_empty();
    for (token, control) in tokens.iter().zip(later) {
        let path = authority_path(token, anchors, control);
        let Some(path) = examination.accept(Check::TimeStampTrust, path) else {
            trusted = false;
            continue;
        };
        if control == verifier.now {
            let end = from_time(&token.signer.tbs_certificate().validity().not_after);
            examination.note(Check::TimeStampTrust, Fault::new(&UNTIL, end.map(|end| end.to_string()).unwrap_or_default()));
        }
        let used = Use { purpose: Purpose::TimeStamp, at: token.says.latest };
        trusted &= lists.check(examination, &path, used);
    }
    trusted
}

fn authority_path<'t>(
    token: &'t Token,
    anchors: &'t [TrustAnchor],
    control: jiff::Timestamp,
) -> Result<Vec<&'t Certificate>, Fault> {
    let path = chain::path(&token.signer, &token.others, anchors, Purpose::TimeStamp)?;
    chain::check_validity(&path, token.says.time)?;
    chain::check_validity(&path, control)?;
    Ok(path)
}

/// At the time of the signature's time-stamp, if that is trusted; else now.
fn check_signer(
    examination: &mut Examination,
    sealed: &Sealed<'_>,
    stamp: Option<&Token>,
    lists: &Lists<'_>,
    verifier: &Verifier<'_>,
) {
    let parsed = sealed.parsed;
    let at = stamp.map_or(verifier.now, |token| token.says.latest);
    let path = chain::path(&parsed.signer, &parsed.others, verifier.trust.anchors, Purpose::Seal);
    let path = path.and_then(|path| chain::check_validity(&path, at).map(|()| path));
    if let Some(path) = examination.accept(Check::SignerTrust, path) {
        lists.check(examination, &path, Use { purpose: Purpose::Seal, at });
    }
}

/// Every list at hand, with an instant at which it surely existed.
struct Lists<'c> {
    seen: Vec<Seen<'c>>,
}

impl<'c> Lists<'c> {
    fn of(parsed: &'c Parsed, archived: &'c [Token], verifier: &Verifier<'c>) -> Self {
        let time = |index: usize| archived.get(index).map_or(verifier.now, |token| token.says.latest);
        let in_signature = parsed.crls.iter().map(|crl| Seen { crl, at: time(0) });
        let in_tokens = archived.iter().enumerate().flat_map(|(n, token)| token.crls.iter().map(move |crl| (n + 1, crl)));
        let in_tokens = in_tokens.map(|(n, crl)| Seen { crl, at: time(n) });
        let brought = verifier.trust.crls.iter().map(|crl| Seen { crl, at: verifier.now });
        Self { seen: in_signature.chain(in_tokens).chain(brought).collect() }
    }

    fn check(&self, examination: &mut Examination, path: &[&Certificate], used: Use) -> bool {
        let Some(cleared) = examination.accept(Check::Revocation, crl::check(path, &self.seen, used)) else { return false };
        let note = crl::note(&cleared)
            .unwrap_or_else(|| Fault::new(&ITSELF, path.first().map(|leaf| certificates::name(leaf)).unwrap_or_default()));
        examination.note(Check::Revocation, note);
        true
    }
}

fn certificates<'t>(tokens: &[&'t Token]) -> impl Iterator<Item = &'t Certificate> {
    tokens.iter().flat_map(|token| [&token.signer].into_iter().chain(&token.others))
}

static LEVEL: Phrase = phrase("signed level", "niveau signé");
static NO_TIME_STAMP: Phrase = phrase(
    "the time-stamp was removed: the signed level says that there is one",
    "l'horodatage a été retiré : le niveau signé dit qu'il y en a un",
);
static NO_LISTS: Phrase = phrase(
    "the revocation lists were removed: the signed level says that they are inside",
    "les listes de révocation ont été retirées : le niveau signé dit qu'elles sont incluses",
);
static UNMEANT: Phrase = phrase(
    "a time-stamp or revocation list was added that the signed level does not have and that nothing protects",
    "un horodatage ou une liste de révocation a été ajouté, que le niveau signé n'a pas et que rien ne protège",
);
static MADE: Phrase = phrase("made on", "établi le");
static UNTIL: Phrase = phrase(
    "believed until this certificate expires, unless an archive time-stamp is made before",
    "fait foi jusqu'à l'expiration de ce certificat, sauf nouvel horodatage d'archive d'ici là",
);
static DISORDER: Phrase = phrase(
    "the time-stamp is older than what it was made for: one of the clocks is wrong",
    "l'horodatage est plus ancien que ce sur quoi il porte : une des horloges est fausse",
);
static FUTURE: Phrase = phrase("the time-stamp lies in the future", "l'horodatage est dans le futur");
static ITSELF: Phrase = phrase(
    "the certificate is itself the anchor: whoever gave it to you answers for it",
    "le certificat est lui-même l'ancre : qui vous l'a remis en répond",
);

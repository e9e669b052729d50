//! Seals that can be believed later: the configured level, time-stamping authorities and revocation lists, handed to the bundle.

use std::path::Path;

use super::failure::Failure;
use super::fetch::Http;
use super::produce;
use super::session::Session;
use crate::bundle::{self, Authority, Crl, Extended, Level, Proofs, SealRequest, Sealed, Signer, TimeStamping, Trust, TrustAnchor};
use crate::config::sections::SealLevel;

/// What a level needs and the configuration lacks is said before any work.
pub(super) fn check(session: &Session) -> Result<(), Failure> {
    if level(session) >= Level::T {
        authorities(session)?;
    }
    Ok(())
}

/// Seals at the configured level.
pub(super) fn seal(session: &Session, request: &SealRequest, signer: &Signer, destination: &Path) -> Result<Sealed, Failure> {
    let level = level(session);
    if level == Level::B {
        return Ok(bundle::seal(request, signer, destination)?);
    }
    let sealed = with_proofs(session, level, |proofs| Ok(bundle::seal_with(request, signer, proofs, destination)?))?;
    session.console.note(session.console.pick("Horodaté et vérifié.", "Time-stamped and checked."));
    Ok(sealed)
}

/// Renews the archive time-stamp of a bundle, which must be valid before and after.
pub(super) fn extend(session: &Session, file: &Path, out: &Path, anchors: &[TrustAnchor]) -> Result<Extended, Failure> {
    with_proofs(session, Level::Lta, |proofs| {
        let authorities: Vec<TrustAnchor> = proofs.stamping.authorities.iter().flat_map(|a| a.anchors.clone()).collect();
        let crls = proofs.crls.clone();
        let trust = Trust { anchors, authorities: &authorities, crls: &crls };
        Ok(bundle::extend(file, out, proofs, trust, session.context.now())?)
    })
}

/// The certificates of the configured seal key.
pub(super) fn own_anchors(session: &Session) -> Result<Vec<TrustAnchor>, Failure> {
    Ok(TrustAnchor::load(&produce::key_paths(session).1)?)
}

fn with_proofs<T>(session: &Session, level: Level, work: impl FnOnce(&mut Proofs<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
    let http = Http::new();
    let crls = if level >= Level::Lt { lists(session, &http)? } else { Vec::new() };
    let random = &mut |buffer: &mut [u8]| getrandom::fill(buffer).map_err(std::io::Error::other);
    let stamping = TimeStamping { authorities: authorities(session)?, transport: &http, random };
    work(&mut Proofs { level, stamping, crls })
}

fn level(session: &Session) -> Level {
    match session.config.file.signing.level {
        SealLevel::B => Level::B,
        SealLevel::T => Level::T,
        SealLevel::Lt => Level::Lt,
        SealLevel::Lta => Level::Lta,
    }
}

fn authorities(session: &Session) -> Result<Vec<Authority>, Failure> {
    let signing = &session.config.file.signing;
    if signing.tsa.is_empty() {
        return Err(Failure::new(session.console.pick(
            "le niveau de [signing] demande un horodatage, et aucune autorité n'est donnée : ajoutez [[signing.tsa]] avec url et anchor, ou écrivez level = \"B\"",
            "the level of [signing] asks for a time-stamp, and no authority is given: add [[signing.tsa]] with url and anchor, or say level = \"B\"",
        )));
    }
    let one = |tsa: &crate::config::sections::TimeStampAuthority| {
        if !is_address(&tsa.url) {
            return Err(Failure::new(format!("[[signing.tsa]] url `{}` is no http:// or https:// address", tsa.url)));
        }
        let policy = tsa.policy.as_deref().map(|text| {
            bundle::policy(text)
                .ok_or_else(|| Failure::new(format!("[[signing.tsa]] policy `{text}` is no OID; write it as 1.2.3.4")))
        });
        let anchors = TrustAnchor::load(&session.config.base.join(&tsa.anchor))?;
        Ok(Authority { url: tsa.url.clone(), policy: policy.transpose()?, anchors })
    };
    signing.tsa.iter().map(one).collect()
}

fn lists(session: &Session, http: &Http) -> Result<Vec<Crl>, Failure> {
    let mut lists = vec![];
    for place in &session.config.file.signing.crl {
        if is_address(place) {
            let read = http.get(place).and_then(|bytes| Crl::read(&bytes));
            lists.extend(read.map_err(|why| Failure::new(format!("revocation list {place}: {why}; nothing was sealed")))?);
        } else {
            lists.extend(Crl::load(&session.config.base.join(place))?);
        }
    }
    Ok(lists)
}

fn is_address(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme))
}

//! What is added to a signature so that it can be believed later: time-stamps and revocation lists, up to the level asked for.
//! Everything is checked when it is added; without it nothing is sealed.

use x509_cert::Certificate;

use crate::bundle::certificates::crl::{self, Crl, Seen, Use};
use crate::bundle::certificates::usage::Purpose;
use crate::bundle::certificates::{self, chain};
use crate::bundle::error::SealError;
use crate::bundle::fault::{Fault, Lang, Phrase, phrase};
use crate::bundle::level::Level;
use crate::bundle::signature::cms;
use crate::bundle::tsa::{Stamped, TimeStamping};

#[derive(Debug)]
pub struct Proofs<'a> {
    pub level: Level,
    pub stamping: TimeStamping<'a>,
    /// Lists of the signer's and the authorities' issuers, from level LT on.
    pub crls: Vec<Crl>,
}

impl Proofs<'_> {
    /// The signature file of level B with what the level adds to it. `signed`: the claimed instant.
    pub(in crate::bundle) fn raise(&mut self, signature: Vec<u8>, signed: jiff::Timestamp) -> Result<Vec<u8>, SealError> {
        if self.level < Level::T {
            return Ok(signature);
        }
        let failed = |fault: Fault| SealError::Signature(fault.text(Lang::En));
        let parsed = cms::parse(&signature).map_err(failed)?;
        let stamped = self.stamping.stamp(parsed.info.signature.as_bytes(), signed)?;
        let crls = if self.level < Level::Lt { Vec::new() } else { self.needed(&parsed, &stamped)? };
        cms::add(&signature, &stamped.der, &crls).map_err(|e| SealError::Signature(e.to_string()))
    }

    /// A time-stamp over an archive manifest, with the lists that clear its authority.
    pub(in crate::bundle) fn archive(&mut self, manifest: &[u8], after: jiff::Timestamp) -> Result<Vec<u8>, SealError> {
        let stamped = self.stamping.stamp(manifest, after)?;
        let path: Vec<&Certificate> = stamped.path.iter().collect();
        let crls = self.clearing(&path, Purpose::TimeStamp, &stamped)?;
        let certificates: Vec<&Certificate> = [&stamped.token.signer].into_iter().chain(&stamped.token.others).collect();
        stamped.token.with(&certificates, &crls).map_err(|e| SealError::Signature(e.to_string()))
    }

    /// The lists that clear the signer's path, up to a self-made certificate, and the time-stamp's.
    fn needed(&self, parsed: &cms::Parsed, stamped: &Stamped) -> Result<Vec<&Crl>, SealError> {
        let path = chain::prolonged(&[&parsed.signer], &parsed.others);
        let top = path.last().copied().unwrap_or(&parsed.signer);
        if certificates::issued(top, top) != Ok(()) {
            return Err(SealError::Revocation(Fault::unknown(&NO_TOP, certificates::name(top))));
        }
        chain::check_validity(&path, stamped.token.says.time).map_err(SealError::Revocation)?;
        let mut crls = self.clearing(&path, Purpose::Seal, stamped)?;
        let authority: Vec<&Certificate> = stamped.path.iter().collect();
        for crl in self.clearing(&authority, Purpose::TimeStamp, stamped)? {
            if !crls.contains(&crl) {
                crls.push(crl);
            }
        }
        Ok(crls)
    }

    fn clearing(&self, path: &[&Certificate], purpose: Purpose, stamped: &Stamped) -> Result<Vec<&Crl>, SealError> {
        let says = &stamped.token.says;
        let seen: Vec<Seen<'_>> = self.crls.iter().map(|crl| Seen { crl, at: says.time }).collect();
        let mut clearing = crl::check(path, &seen, Use { purpose, at: says.latest }).map_err(SealError::Revocation)?;
        clearing.dedup();
        Ok(clearing)
    }
}

static NO_TOP: Phrase = phrase(
    "the signer's certificate file ends before a self-made authority; append its issuers to it",
    "le fichier de certificat du signataire s'arrête avant une autorité autosignée ; ajoutez-y ses émetteurs",
);

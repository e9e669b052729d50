//! `probant keys` as typed, and the options of commands that seal.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Judged;
use crate::bundle::Curve;
use crate::cli::seal_key::YEARS;

/// Options of commands that seal.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Bundled {
    #[command(flatten)]
    pub(in crate::cli) judged: Judged,
    /// Encrypt the bundle for the holder of this certificate, PEM, into a second file (.asice.p7m). Can be repeated; adds to
    /// `[envelope] encrypt_for`.
    #[arg(long, value_name = "PEM")]
    pub(in crate::cli) encrypt_for: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Keys {
    /// Make a seal key and a self-made certificate.
    ///
    /// For an RSA key: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -aes-256-cbc -out seal.key.pem`, named in
    /// `[signing] key`, then `probant keys request`.
    Create(NewKeyArgs),
    /// Show whose the certificate is, until when, how far trust in it carries, and its fingerprint.
    Show,
    /// Write a certificate request (PKCS#10) for your organisation's authority, signed by the seal key.
    Request(KeyRequestArgs),
    /// Put the certificate that came back in its place, after checking that it is the key's; the former one is kept.
    Install {
        /// Certificates, PEM or DER: the key's, and those of the authorities that lead on from it, in any order.
        #[arg(required = true, value_name = "CERT")]
        certificates: Vec<PathBuf>,
    },
    /// Make a new key in the place of the present one. Old bundles stay valid; the former certificate and key are kept in old/.
    Rotate(NewKeyArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct NewKeyArgs {
    /// Kind of key.
    #[arg(long, value_enum, default_value_t = CurveArg::P256)]
    pub(in crate::cli) kind: CurveArg,
    /// Years that the self-made certificate is valid for.
    #[arg(long, default_value_t = YEARS, value_parser = clap::value_parser!(u8).range(1..=30))]
    pub(in crate::cli) years: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CurveArg {
    P256,
    P384,
}

impl From<CurveArg> for Curve {
    fn from(kind: CurveArg) -> Self {
        match kind {
            CurveArg::P256 => Self::P256,
            CurveArg::P384 => Self::P384,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct KeyRequestArgs {
    /// Subject to ask for: "CN=Evidence seal,O=Organisation,C=FR". Default: `[signing] subject`, else the organisation.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) subject: Option<String>,
    /// File to write. Default: seal.csr.pem beside the key.
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

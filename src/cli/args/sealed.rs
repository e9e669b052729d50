//! What is sealed, renewed and verified, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Bundled;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Bundle {
    #[command(flatten)]
    pub(in crate::cli) sealed: Bundled,
    /// File or folder to seal with the rest, as it is: minutes, certificates, logs. Can be repeated.
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) attach: Vec<PathBuf>,
    #[command(subcommand)]
    pub(in crate::cli) action: Option<BundleAction>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BundleAction {
    /// Renew the archive time-stamp of a bundle of level LTA, before its authority's certificate expires. Nothing else changes.
    Extend(Extend),
    /// Make the seal alone of a bundle: its manifests and signature without its evidence, for online validators. Names of files are in it.
    SealOnly(SealOnly),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SealOnly {
    /// Sealed bundle.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// Where to write it as well; a copy stays in the store's `seals` folder.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Extend {
    /// Sealed bundle.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// Write the renewed bundle here and leave the old one. Default: it takes the old one's place in one step; a bundle of the store
    /// stays, and the renewed one lies in store/renewed.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Certificate that the bundle is verified against before and after, PEM. Default: the configured seal certificates.
    #[arg(long, value_name = "PEM")]
    pub(in crate::cli) anchor: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// Sealed bundles.
    #[arg(required_unless_present = "chain", value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Certificate you trust, PEM, obtained by another way than the bundle itself.
    #[arg(long, required = true, value_name = "PEM")]
    pub(in crate::cli) anchor: Vec<PathBuf>,
    /// Certificate that time-stamping authorities must lead to, PEM. Without it, --anchor serves for them too.
    #[arg(long, value_name = "PEM")]
    pub(in crate::cli) tsa_anchor: Vec<PathBuf>,
    /// Revocation list beside those in the bundle, DER or PEM. Needed at levels B and T when an authority issued the certificate.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) crl: Vec<PathBuf>,
    /// Folder that should hold every bundle of the chain: verify them all, and that none is missing, replaced or reordered.
    #[arg(long, value_name = "FOLDER")]
    pub(in crate::cli) chain: Option<PathBuf>,
    /// Receipt of the ledger that you keep: the bundles must be those it names, and with --chain the newest one must be there.
    #[arg(long, value_name = "RECEIPT")]
    pub(in crate::cli) expect_head: Option<PathBuf>,
    /// Unpack what was verified into this new folder, when all of it is valid. Several files: one folder each in it.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) extract: Option<PathBuf>,
}

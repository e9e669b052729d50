//! The command line of `probant ledger`, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Ledger {
    /// Its events, its head, its newest signed head.
    Show,
    /// Check the chain, the signed heads, and that what it announces is there. Exit: 0 holds, 1 tampered, 2 can't tell.
    Verify(LedgerVerify),
    /// Sign a receipt for the auditor: where the ledger stands, and every bundle's digests.
    Receipt {
        /// File to write; standard output when not given.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct LedgerVerify {
    /// Receipt that the ledger must still agree with. Can be repeated.
    #[arg(long, value_name = "RECEIPT")]
    pub(in crate::cli) expect_head: Vec<PathBuf>,
    /// Mirror that the ledger must still agree with: a folder or s3://bucket/prefix; without a value, the configured one.
    #[arg(long, value_name = "MIRROR", num_args = 0..=1, default_missing_value = "")]
    pub(in crate::cli) against: Option<String>,
    /// Certificate you trust, PEM. Default: the configured one.
    #[arg(long, value_name = "PEM")]
    pub(in crate::cli) anchor: Vec<PathBuf>,
}

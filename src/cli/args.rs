//! The command line as typed. Nothing below `cli` sees these types.

mod keys;
mod ledger;
mod review;
mod sealed;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::judge::finding::Severity;
use crate::lang::Lang;

pub(super) use review::{
    AbandonReview, ClaimReview, FailOn, FollowUpReview, OpenReview, ReassignReview, Review, SendReview, StatusReview,
};

pub(super) use keys::{Bundled, KeyRequestArgs, Keys, NewKeyArgs};
pub(super) use ledger::{Ledger, LedgerVerify};
pub(super) use sealed::{Bundle, BundleAction, Extend, SealOnly, Verify};

/// Evidence and access reviews for ISO/IEC 27001: harvest, judge, review, seal.
///
/// First time: `probant init`, fill in probant.toml, then `probant run` every quarter.
#[derive(Debug, Parser)]
#[command(name = "probant", version, propagate_version = true, arg_required_else_help = true)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(super) struct Global {
    /// Configuration file; looked for in this folder and above when not given.
    #[arg(long, short, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Language of screens: fr or en. Default: the organisation's.
    #[arg(long, global = true, value_name = "LANG")]
    pub(super) lang: Option<Lang>,
    /// What goes to standard output: text for people, or versioned JSON.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// No progress and no notes on standard error; errors still show.
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a commented probant.toml and make a seal key, to begin with.
    Init(Init),
    /// Everything in one go: harvest, judge, report, workbooks, sealed bundle.
    Run(Bundled),
    /// Read every source into a new snapshot.
    Harvest(Harvest),
    /// Judge the newest snapshot (or --snapshot) and show what was found.
    Assess(Assess),
    /// Write the HTML report of a snapshot, in both languages.
    Report(Judged),
    /// Access review.
    #[command(subcommand)]
    Review(Review),
    /// Seal a snapshot, its findings, report and workbooks into one file; or renew a sealed one's archive time-stamp.
    Bundle(Bundle),
    /// Check a sealed bundle against an explicit trust anchor. Exit: 0 valid, 1 tampered, 2 can't tell, 3 not a bundle.
    Verify(Verify),
    /// Compare the two newest snapshots: what got worse since. Exit 1 when something did.
    Drift(Drift),
    /// Draw a sample of a table that anyone can draw again (audit sampling).
    Sample(Sample),
    /// Ask the newest snapshot a question in SQL.
    Sql(Sql),
    /// The checks: list them, show one, explain one.
    #[command(subcommand)]
    Checks(Checks),
    /// Kinds of source, tables, and a try at one source.
    #[command(subcommand)]
    Sources(Sources),
    /// The seal key.
    #[command(subcommand)]
    Keys(Keys),
    /// The ledger: show it, verify it, sign a receipt of it. Without more: show.
    Ledger {
        #[command(subcommand)]
        command: Option<Ledger>,
    },
    /// Copy signed heads and bundles to the mirror (`[mirror]`). Done at the end of each run too. Exit 1 when it holds something else.
    Mirror {
        /// Read back what is there already, and compare it.
        #[arg(long)]
        look: bool,
    },
    /// Remove what is past its time ([store.keep]), leaving tombstones. Look first: --dry-run.
    Purge {
        /// Only show what would be removed and what is still needed; change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Print completions for a shell.
    Completions {
        /// Shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Folder to set up.
    #[arg(default_value = ".")]
    pub(super) folder: PathBuf,
    /// Name of the organisation.
    #[arg(long, value_name = "NAME")]
    pub(super) organisation: Option<String>,
}

/// Options of commands that judge.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Judged {
    /// Period of what happens: 2026-T3, 2026-Q3, 2026-09, 2026, 2026-07-01..2026-09-30. Default: the configuration's, else the last
    /// whole quarter.
    #[arg(long, value_name = "PERIOD")]
    pub(super) period: Option<String>,
    /// Judge as of this instant instead of the configuration's or now (2026-10-05T08:00:00Z).
    #[arg(long, value_name = "INSTANT")]
    pub(super) as_of: Option<jiff::Timestamp>,
    /// Snapshot to judge, by its name under store/snapshots. Default: the newest.
    #[arg(long, value_name = "NAME")]
    pub(super) snapshot: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Harvest {
    /// Read nothing anew: make the snapshot again from the raw captures of this one (the newest when none is named), offline.
    #[arg(long, value_name = "SNAPSHOT", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "not given, given, given with a name")]
    pub(super) from_raw: Option<Option<String>>,
}

#[derive(Debug, Args)]
pub(super) struct Assess {
    #[command(flatten)]
    pub(super) judged: Judged,
    /// Exit 1 when a check of at least this severity is not satisfied (a gate for scripts).
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<SeverityArg>,
    /// Show every subject of this check.
    #[arg(long, value_name = "CHECK")]
    pub(super) check: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SeverityArg {
    Low,
    Medium,
    High,
    Critical,
}

impl From<SeverityArg> for Severity {
    fn from(severity: SeverityArg) -> Self {
        match severity {
            SeverityArg::Low => Self::Low,
            SeverityArg::Medium => Self::Medium,
            SeverityArg::High => Self::High,
            SeverityArg::Critical => Self::Critical,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Drift {
    #[command(flatten)]
    pub(super) judged: Judged,
    /// Older snapshot to compare with. Default: the one before.
    #[arg(long, value_name = "NAME")]
    pub(super) since: Option<String>,
    /// Speak like a monitoring plug-in: one line and exit 0, 1, 2 or 3.
    #[arg(long)]
    pub(super) icinga: bool,
}

#[derive(Debug, Args)]
pub(super) struct Sample {
    /// Table to draw from.
    pub(super) table: String,
    /// How many rows.
    #[arg(long, short = 'n', default_value_t = 25)]
    pub(super) size: usize,
    /// Seed; the same seed and snapshot give the same rows. Default: the snapshot's own digest.
    #[arg(long)]
    pub(super) seed: Option<String>,
    /// Only rows that satisfy this SQL condition.
    #[arg(long = "where", value_name = "SQL")]
    pub(super) condition: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Sql {
    /// One SELECT. Tables: `probant sources schema`.
    pub(super) query: String,
    /// Snapshot to ask. Default: the newest.
    #[arg(long, value_name = "NAME")]
    pub(super) snapshot: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Checks {
    /// Every check with its severity and controls.
    List,
    /// One check as it is written.
    Show {
        /// Its id.
        check: String,
    },
    /// Every control with the checks that speak for it, as Markdown.
    Matrix,
    /// One check in words: what it looks at, why, what to do, how it went.
    Explain {
        /// Its id.
        check: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Sources {
    /// Kinds of source and their keys.
    Kinds,
    /// Configured sources.
    List,
    /// Try one source, keeping nothing: a live one is connected to and looked at, a file is read. Exit 2 when something is wanting.
    Test {
        /// Its id.
        source: String,
    },
    /// Tables and columns of a snapshot, as Markdown.
    Schema,
    /// JSON Schema of probant.toml, for editors.
    JsonSchema,
}

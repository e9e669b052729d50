//! The command line as typed. Nothing below `cli` sees these types.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::judge::finding::Severity;
use crate::lang::Lang;
use crate::review::campaign::{Kind, NoAnswer};

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
    Run(Judged),
    /// Read every source into a new snapshot.
    Harvest(Harvest),
    /// Judge the newest snapshot (or --snapshot) and show what was found.
    Assess(Assess),
    /// Write the HTML report of a snapshot, in both languages.
    Report(Judged),
    /// Access review.
    #[command(subcommand)]
    Review(Review),
    /// Seal a snapshot, its findings, report and workbooks into one file.
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
    /// Copy signed heads and bundles to the mirror ([mirror]). Done at the end of each run too. Exit 1 when it holds something else.
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
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Bundle {
    #[command(subcommand)]
    pub(super) command: Option<BundleCommand>,
    #[command(flatten)]
    pub(super) judged: Judged,
    /// File or folder to seal with the rest, as it is: minutes, certificates, logs. Can be repeated.
    #[arg(long, value_name = "PATH")]
    pub(super) attach: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum BundleCommand {
    /// Make the seal alone of a bundle: its manifests and signature without its evidence, for online validators. Names of files are in it.
    SealOnly(SealOnly),
}

#[derive(Debug, Args)]
pub(super) struct SealOnly {
    /// Sealed bundle.
    pub(super) file: PathBuf,
    /// Where to write it as well; a copy stays in the store's `seals` folder.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
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

#[derive(Debug, Subcommand)]
pub(super) enum Review {
    /// Freeze a campaign from the newest snapshot and write one workbook per reviewer.
    ///
    /// The campaign's name, its due date, its reviewers and its systems stand in [review] of probant.toml. Nothing is opened when a
    /// source is stale or incomplete, or when a line has nobody who may decide on it: the message says what to type.
    ///
    /// Then: send the workbooks, `probant review collect` what comes back, `probant review status`, `probant review close`, and
    /// `probant review follow-up` after each later harvest.
    Open(OpenReview),
    /// Where the campaign stands: by reviewer, by system, and what a person should look at.
    Status(StatusReview),
    /// Read workbooks that came back (xlsx, ods), in any name and order.
    ///
    /// Each file is kept as it came. What cannot be taken is said by sheet and row, and a workbook with only those lines is written, to be
    /// sent back. Reading the same file again changes nothing; a later decision supersedes an earlier one and never erases it.
    Collect {
        /// Returned workbooks, or folders of them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Close the campaign when every line is answered for; write its minutes and the files of what is to be done.
    Close,
    /// What a closed campaign asked for against every later snapshot: proven, still there, back, late. Writes the task files anew.
    ///
    /// A task is verified absent only by a later, complete, successful collection of the same source and scope: a closed ticket never
    /// suffices. Written beside it, never run: tables to import in Jira and Isilog, changes proposed as LDIF and PowerShell.
    FollowUp(FollowUpReview),
    /// Record that someone says that tasks are done. It proves nothing: the next harvest does.
    Claim(ClaimReview),
}

#[derive(Debug, Args)]
pub(super) struct StatusReview {
    /// Exit 1 when an answer is late (a gate for scripts).
    #[arg(long, value_enum)]
    pub(super) fail_on: Option<FailOn>,
}

#[derive(Debug, Args)]
pub(super) struct FollowUpReview {
    /// Campaign to follow. Default: the configuration's when it is closed, else the last closed one.
    pub(super) campaign: Option<String>,
    /// Exit 1 when a task is late (a gate for scripts).
    #[arg(long, value_enum)]
    pub(super) fail_on: Option<FailOn>,
}

#[derive(Debug, Args)]
pub(super) struct ClaimReview {
    /// Lines said to be done, as `probant review follow-up` names them.
    #[arg(required = true)]
    pub(super) lines: Vec<String>,
    /// Who says so.
    #[arg(long, value_name = "NAME")]
    pub(super) by: String,
    /// The ticket it was done under.
    #[arg(long)]
    pub(super) ticket: Option<String>,
    /// Campaign. Default: the configuration's when it is closed, else the last closed one.
    #[arg(long)]
    pub(super) campaign: Option<String>,
}

/// What makes a command of the review a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    Late,
}

#[derive(Debug, Args)]
pub(super) struct OpenReview {
    #[command(flatten)]
    pub(super) judged: Judged,
    /// What the campaign asks about: full, every line in scope; changes, what is new, has changed or should be gone since the last closed
    /// campaign; privileged, privileged rights; leavers, people who left; movers, people whose unit, site or manager has changed.
    #[arg(long, value_enum, default_value_t = KindArg::Full)]
    pub(super) kind: KindArg,
    /// Open although this source is stale or incomplete; recorded in the campaign. Can be repeated.
    #[arg(long, value_name = "SOURCE")]
    pub(super) accept_source: Vec<String>,
    /// What silence will mean at the end. Without it, the campaign closes only when every line is decided.
    #[arg(long, value_enum)]
    pub(super) no_answer: Option<NoAnswerArg>,
    /// Leavers: who left on this day or later. Movers: whose unit, site or manager has changed since the newest snapshot of this day or
    /// before. Default: the opening of the last closed campaign.
    #[arg(long, value_name = "DATE")]
    pub(super) since: Option<jiff::civil::Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KindArg {
    Full,
    Changes,
    Privileged,
    Leavers,
    Movers,
}

impl From<KindArg> for Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Full => Self::Full,
            KindArg::Changes => Self::Changes,
            KindArg::Privileged => Self::Privileged,
            KindArg::Leavers => Self::Leavers,
            KindArg::Movers => Self::Movers,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum NoAnswerArg {
    Revoke,
    Keep,
}

impl From<NoAnswerArg> for NoAnswer {
    fn from(rule: NoAnswerArg) -> Self {
        match rule {
            NoAnswerArg::Revoke => Self::Revoke,
            NoAnswerArg::Keep => Self::Keep,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Sealed bundles.
    #[arg(required_unless_present = "chain", value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Certificate you trust, PEM, obtained by another way than the bundle itself.
    #[arg(long, required = true, value_name = "PEM")]
    pub(super) anchor: Vec<PathBuf>,
    /// Folder that should hold every bundle of the chain: verify them all, and that none is missing, replaced or reordered.
    #[arg(long, value_name = "FOLDER")]
    pub(super) chain: Option<PathBuf>,
    /// Receipt of the ledger that you keep: the bundles must be those it names, and with --chain the newest one must be there.
    #[arg(long, value_name = "RECEIPT")]
    pub(super) expect_head: Option<PathBuf>,
    /// Unpack what was verified into this new folder, when all of it is valid. Several files: one folder each in it.
    #[arg(long, value_name = "DIR")]
    pub(super) extract: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Ledger {
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
pub(super) struct LedgerVerify {
    /// Receipt that the ledger must still agree with. Can be repeated.
    #[arg(long, value_name = "RECEIPT")]
    pub(super) expect_head: Vec<PathBuf>,
    /// Mirror that the ledger must still agree with: a folder or s3://bucket/prefix; without a value, the configured one.
    #[arg(long, value_name = "MIRROR", num_args = 0..=1, default_missing_value = "")]
    pub(super) against: Option<String>,
    /// Certificate you trust, PEM. Default: the configured one.
    #[arg(long, value_name = "PEM")]
    pub(super) anchor: Vec<PathBuf>,
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

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make a seal key and a self-made certificate.
    Create,
    /// Show the certificate and its fingerprint.
    Show,
}

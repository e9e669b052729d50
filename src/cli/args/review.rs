//! The command line of the access review, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Judged;
use crate::review::record::campaign::{Kind, NoAnswer};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Review {
    /// Freeze a campaign from the newest snapshot and write one workbook per reviewer.
    ///
    /// The campaign's name, its due date, its reviewers and its systems stand in `[review]` of probant.toml. Nothing is opened when a
    /// source is stale or incomplete, or when a line has nobody who may decide on it: the message says what to type.
    ///
    /// Then: send the workbooks, `probant review collect` what comes back, `probant review status`, `probant review close`, and
    /// `probant review follow-up` after each later harvest.
    Open(OpenReview),
    /// Send the workbooks by e-mail, or reminders (--remind). Exit 2 when a letter could not go out.
    Send(SendReview),
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
    /// Give the open lines of a reviewer, who left or is on leave, to another one. Decided lines stay with their decisions.
    ///
    /// Nobody gets an access of their own to decide on, by whatever account. The new reviewer gets a workbook of these lines; the old
    /// workbook is still read, but for the lines that were moved, each of which is said. Who, when and why stand in the campaign.
    Reassign(ReassignReview),
    /// Give up a campaign whose opening was a mistake. Nothing is erased, and nothing acts on it any more.
    Abandon(AbandonReview),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whose").required(true).args(["from", "unassigned"]))]
pub(in crate::cli) struct ReassignReview {
    /// Reviewer whose open lines go to another (employee number or e-mail address).
    #[arg(long, value_name = "REVIEWER")]
    pub(in crate::cli) from: Option<String>,
    /// Instead of a reviewer's: the lines that nobody may decide on so far.
    #[arg(long)]
    pub(in crate::cli) unassigned: bool,
    /// Who decides on them now (employee number or e-mail address of the roster).
    #[arg(long, value_name = "PERSON")]
    pub(in crate::cli) to: String,
    /// Why, in words: it stands in the minutes and in the new workbook.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: String,
    /// Only the lines of this system. Can be repeated.
    #[arg(long, value_name = "SYSTEM")]
    pub(in crate::cli) system: Vec<String>,
    /// Only this line, by its id. Can be repeated.
    #[arg(long, value_name = "LINE")]
    pub(in crate::cli) line: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AbandonReview {
    /// Campaign to abandon, by its name.
    pub(in crate::cli) campaign: String,
    /// Why, in words.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StatusReview {
    /// Write all of it, line by line, as a workbook for the campaign's lead.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) workbook: Option<PathBuf>,
    /// Exit 1 when an answer is late (a gate for scripts).
    #[arg(long, value_enum)]
    pub(in crate::cli) fail_on: Option<FailOn>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SendReview {
    /// Campaign, by its name. Default: the configuration's.
    pub(in crate::cli) campaign: Option<String>,
    /// Show what would be sent to whom; nothing is sent, nothing recorded.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Remind those who have not answered whole: before the due date, on it, and past it with the escalation contact in copy. Made to
    /// be run every day: each reminder goes out once.
    #[arg(long)]
    pub(in crate::cli) remind: bool,
    /// Send to this reviewer although it was sent, or may have been (employee number or e-mail address). Can be repeated.
    #[arg(long, value_name = "REVIEWER")]
    pub(in crate::cli) again: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FollowUpReview {
    /// Campaign to follow. Default: the configuration's when it is closed, else the last closed one.
    pub(in crate::cli) campaign: Option<String>,
    /// Exit 1 when a task is late (a gate for scripts).
    #[arg(long, value_enum)]
    pub(in crate::cli) fail_on: Option<FailOn>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ClaimReview {
    /// Lines said to be done, as `probant review follow-up` names them.
    #[arg(required = true)]
    pub(in crate::cli) lines: Vec<String>,
    /// Who says so.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) by: String,
    /// The ticket it was done under.
    #[arg(long)]
    pub(in crate::cli) ticket: Option<String>,
    /// Campaign. Default: the configuration's when it is closed, else the last closed one.
    #[arg(long)]
    pub(in crate::cli) campaign: Option<String>,
}

/// What makes a command of the review a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FailOn {
    Late,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OpenReview {
    #[command(flatten)]
    pub(in crate::cli) judged: Judged,
    /// What the campaign asks about: full, every line in scope; changes, what is new, has changed or should be gone since the last closed
    /// campaign; privileged, privileged rights; leavers, people who left; movers, people whose unit, site or manager has changed.
    #[arg(long, value_enum, default_value_t = KindArg::Full)]
    pub(in crate::cli) kind: KindArg,
    /// Open although this source is stale or incomplete; recorded in the campaign. Can be repeated.
    #[arg(long, value_name = "SOURCE")]
    pub(in crate::cli) accept_source: Vec<String>,
    /// What silence will mean at the end. Without it, the campaign closes only when every line is decided.
    #[arg(long, value_enum)]
    pub(in crate::cli) no_answer: Option<NoAnswerArg>,
    /// Leavers: who left on this day or later. Movers: whose unit, site or manager has changed since the newest snapshot of this day or
    /// before. Default: the opening of the last closed campaign.
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) since: Option<jiff::civil::Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum KindArg {
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
pub(in crate::cli) enum NoAnswerArg {
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

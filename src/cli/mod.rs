//! The command line: reads it, runs one command, returns its exit code. Only `cli` prints, only `main` exits.

mod args;
mod campaigns;
mod collecting;
mod commands;
mod console;
mod failure;
mod fetch;
mod follow;
mod french;
mod handing;
mod held;
mod kinds;
mod mail;
mod mirror;
mod notary;
mod payload;
mod place;
mod produce;
mod remote;
mod seal_key;
mod sealing;
mod session;
mod standing;
mod store;
mod summary;
mod tables;
mod time;
mod witness;
mod workbooks;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches};

use args::{BundleAction, Cli, Command};
use commands::{
    Exit, ask, catalogue, extend, judge, keys, ledger, make, mirror as mirroring, purge, review, seal_only, setup, verify,
};
use console::Console;
use session::Session;

use crate::context::Context;
use crate::lang::Lang;

/// Runs a command line; the exit code is 2 when the work could not be done.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    failure::set_up();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let command = match asked_language(&arguments).or_else(Context::locale) {
        Some(Lang::Fr) => french::translate(Cli::command()),
        Some(Lang::En) | None => Cli::command(),
    };
    let plugin = arguments.iter().any(|argument| argument == "--icinga");
    let cli = match command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to clap, with exit code 0.
            let text = error.render().to_string();
            if error.use_stderr() && plugin {
                return judge::icinga_unknown(&failure::Failure::new(text.lines().next().unwrap_or_default()));
            } else if error.use_stderr() {
                Console::error(text.trim_end());
            } else {
                Console::raw(&text);
            }
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let code = dispatch(&cli).unwrap_or_else(|failure| {
        // A monitoring plug-in says so on standard output, in one line; its 2 would mean CRITICAL.
        if matches!(&cli.command, Command::Drift(args) if args.icinga) {
            return judge::icinga_unknown(&failure);
        }
        Console::error(&failure.show());
        2
    });
    // A command whose words did not reach its reader has not done its work, unless the reader went away.
    match Console::lost() {
        Some(why) => {
            Console::error(&format!("  × standard output could not be written: {why}; what was shown is cut short"));
            if code == 0 { 2 } else { code }
        }
        None => code,
    }
}

/// `--lang` as typed, for the help that is shown before the command line is understood.
fn asked_language(arguments: &[OsString]) -> Option<Lang> {
    let mut texts = arguments.iter().map(|argument| argument.to_string_lossy());
    while let Some(text) = texts.next() {
        match text.strip_prefix("--lang") {
            Some("") => return texts.next()?.parse().ok(),
            Some(value) => return value.strip_prefix('=')?.parse().ok(),
            None => {}
        }
    }
    None
}

fn dispatch(cli: &Cli) -> Exit {
    let context = Context::system()?;
    let global = &cli.global;
    // Commands that need no configuration speak the language asked for, else the locale's.
    let lang = global.lang.or_else(Context::locale).unwrap_or(Lang::En);
    let console = Console { lang, format: global.format, quiet: global.quiet };
    match &cli.command {
        Command::Init(args) => return setup::init(context, &console, args, global),
        Command::Verify(args) => return verify::verify(&context, &console, args),
        Command::Completions { shell } => {
            let mut text = vec![];
            clap_complete::generate(*shell, &mut Cli::command(), "probant", &mut text);
            Console::raw(&String::from_utf8_lossy(&text));
            return Ok(0);
        }
        Command::Man => {
            let mut text = vec![];
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            Console::raw(&String::from_utf8_lossy(&text));
            return Ok(0);
        }
        Command::Sources(command) => {
            if let Some(exit) = catalogue::source_pages(&console, command) {
                return exit;
            }
        }
        _ => {}
    }
    with_session(Session::open(context, global)?, &cli.command)
}

fn with_session(mut session: Session, command: &Command) -> Exit {
    match command {
        Command::Run(args) => make::run(session, args),
        Command::Harvest(args) => make::harvest(session, args),
        Command::Assess(args) => judge::assess(&session, args),
        Command::Report(args) => make::report(&session, args),
        Command::Review(args) => Ok(mirror::after(&session, review::review(&session, args)?)),
        Command::Bundle(args) => match &args.action {
            Some(BundleAction::Extend(args)) => Ok(mirror::after(&session, extend::extend(&session, args)?)),
            Some(BundleAction::SealOnly(args)) => Ok(mirror::after(&session, seal_only::seal_only(&session, args)?)),
            None => make::bundle(&session, args),
        },
        Command::Drift(args) => judge::drift(&session, args),
        Command::Sample(args) => ask::sample(&session, args),
        Command::Sql(args) => ask::sql(&session, args),
        Command::Checks(args) => catalogue::checks(&session, args),
        Command::Sources(args) => catalogue::sources(&mut session, args),
        Command::Keys(args) => keys::keys(&session, args),
        Command::Ledger { command } => ledger::ledger(&session, command.as_ref()),
        Command::Mirror { look } => mirroring::mirror(&session, *look),
        Command::Purge { dry_run: true } => purge::purge(&session, true),
        Command::Purge { dry_run: false } => Ok(mirror::after(&session, purge::purge(&session, false)?)),
        // Answered before a session was opened.
        Command::Init(_) | Command::Verify(_) | Command::Completions { .. } | Command::Man => Ok(0),
    }
}

//! The command line: reads it, runs one command, returns its exit code. Only `cli` prints, only `main` exits.

mod args;
mod commands;
mod console;
mod failure;
mod produce;
mod session;
mod summary;

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

use args::{Cli, Command, Keys};
use commands::{Exit, ask, catalogue, judge, make, setup, verify};
use console::Console;
use session::Session;

use crate::context::Context;

/// Runs a command line; the exit code is 2 when the work could not be done.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to clap, with exit code 0. A closed pipe loses nothing.
            let _closed = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    dispatch(&cli).unwrap_or_else(|failure| {
        Console::error(&failure.show());
        2
    })
}

fn dispatch(cli: &Cli) -> Exit {
    let context = Context::system()?;
    let global = &cli.global;
    // Commands that need no configuration speak the language asked for, else French.
    let console = Console { lang: global.lang.unwrap_or_default(), format: global.format, quiet: global.quiet };
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
        Command::Harvest => make::harvest(session),
        Command::Assess(args) => judge::assess(&session, args),
        Command::Report(args) => make::report(&session, args),
        Command::Review(args) => make::review(&session, args),
        Command::Bundle(args) => make::bundle(&session, args),
        Command::Drift(args) => judge::drift(&session, args),
        Command::Sample(args) => ask::sample(&session, args),
        Command::Sql(args) => ask::sql(&session, args),
        Command::Checks(args) => catalogue::checks(&session, args),
        Command::Sources(args) => catalogue::sources(&mut session, args),
        Command::Keys(Keys::Create) => setup::create_key(&session),
        Command::Keys(Keys::Show) => setup::show_key(&session),
        Command::Ledger => setup::show_ledger(&session),
        // Answered before a session was opened.
        Command::Init(_) | Command::Verify(_) | Command::Completions { .. } | Command::Man => Ok(0),
    }
}

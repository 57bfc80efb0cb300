//! The subcommands, one file each, as in `cli`. Only this module connects sources, settings and processes.

mod attest;
mod cache;
mod completions;
mod context;
mod disk_free;
mod doctor;
mod export;
mod fetcher;
mod flags;
mod gather;
mod inherit;
mod init;
mod plan;
mod progress;
mod redact;
mod redacting;
mod run;
mod schema;
mod secrets;
mod trust;
mod why;

use std::ffi::OsString;
use std::io;

use clap::error::ErrorKind;

pub use context::Context;

use crate::cli::{self, Command};
use crate::config::Environment;
use crate::error::Error;
use crate::exit::Exit;
use crate::sys::allocator::set_exit_status;
use crate::sys::limits::{MIN_STACK, stack_limit};

/// Parses the arguments and runs the subcommand. Output goes to the streams of `context`.
pub fn dispatch(arguments: Vec<OsString>, context: &mut Context<'_>) -> Exit {
    let running = arguments.get(1).is_some_and(|first| first == "run");
    set_exit_status(if running { Exit::Own } else { Exit::Failure }.code());
    let outcome = match check_stack().map(|()| cli::parse(arguments)) {
        Ok(Ok(command)) => run_subcommand(command, context),
        Ok(Err(usage)) => print_help(usage, context),
        Err(error) => Err(error),
    };
    // Flush now: an error at process exit would be lost.
    let flushed = |exit| context.stdout.flush().map(|()| exit).map_err(Error::Output);
    let error = match outcome.and_then(flushed) {
        Ok(exit) => return exit,
        Err(error) => error,
    };
    // Writing the error may block; the environment must not stay in memory meanwhile.
    context.environment = Environment::default();
    match error {
        // The reader closed the pipe: no error, as in `hushed plan | head`.
        Error::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
        error => {
            error.report(context.stderr);
            error.exit(running)
        }
    }
}

fn check_stack() -> Result<(), Error> {
    let limit = stack_limit();
    if limit < MIN_STACK { Err(Error::Stack(limit)) } else { Ok(()) }
}

fn run_subcommand(command: Command, context: &mut Context<'_>) -> Result<Exit, Error> {
    match command {
        Command::Run(arguments) => run::run(*arguments, context),
        Command::Plan(arguments) => plan::plan(&arguments, context),
        Command::Why(arguments) => why::why(&arguments, context),
        Command::Redact(arguments) => redact::redact(&arguments, context),
        Command::Export(arguments) => export::export(&arguments, context),
        Command::Secrets(arguments) => secrets::secrets(&arguments.action, context),
        Command::Cache(arguments) => cache::cache(&arguments.action, context),
        Command::Doctor(arguments) => doctor::doctor(&arguments, context),
        Command::Attest(arguments) => attest::attest(&arguments, context),
        Command::Init(arguments) => init::init(&arguments, context),
        Command::Trust(arguments) => trust::trust(&arguments, context),
        Command::Schema => schema::schema(context),
        Command::Completions(arguments) => completions::completions(&arguments, context),
    }
}

/// Prints help or the version to standard output. Any other usage error is returned.
fn print_help(usage: clap::Error, context: &mut Context<'_>) -> Result<Exit, Error> {
    // `hushed` without arguments shows the help.
    let is_help = usage.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if usage.use_stderr() && !is_help {
        return Err(Error::Usage(usage));
    }
    let text = usage.render().to_string();
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

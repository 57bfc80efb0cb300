//! What is done: one file a command, mirroring `cli`. The only place where the parts meet.

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

/// Parses the arguments and does what they say. What it has to say goes to the streams of `context`.
pub fn dispatch(arguments: Vec<OsString>, context: &mut Context<'_>) -> Exit {
    let running = arguments.get(1).is_some_and(|first| first == "run");
    set_exit_status(if running { Exit::Own } else { Exit::Failure }.code());
    let outcome = match check_stack().map(|()| cli::parse(arguments)) {
        Ok(Ok(said)) => perform(said, context),
        Ok(Err(usage)) => say_usage(usage, context),
        Err(error) => Err(error),
    };
    // What is still in a buffer is lost silently if it is left to the end of the process.
    let flushed = |exit| context.stdout.flush().map(|()| exit).map_err(Error::Output);
    let error = match outcome.and_then(flushed) {
        Ok(exit) => return exit,
        Err(error) => error,
    };
    // Whoever reads what is said may take their time.
    context.environment = Environment::default();
    match error {
        // Whoever closed our output has seen enough.
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

fn perform(said: Command, context: &mut Context<'_>) -> Result<Exit, Error> {
    match said {
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

/// Help and version go to standard output and are no fault; anything else is.
fn say_usage(usage: clap::Error, context: &mut Context<'_>) -> Result<Exit, Error> {
    // Who says nothing at all asks what there is.
    let asked = usage.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if usage.use_stderr() && !asked {
        return Err(Error::Usage(usage));
    }
    let text = usage.render().to_string();
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

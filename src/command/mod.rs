//! What is done: one file a command, mirroring `cli`. The only place where the parts meet.

mod completions;
mod context;
mod doctor;
mod export;
mod flags;
mod gather;
mod inherit;
mod init;
mod plan;
mod run;
mod secrets;
mod trust;
mod why;

use std::ffi::OsString;
use std::io;

use clap::error::ErrorKind;

pub use context::Context;

use crate::cli::{self, Command};
use crate::error::Error;
use crate::exit::Exit;

/// Parses the arguments and does what they say. What it has to say goes to the streams of `context`.
pub fn dispatch(arguments: Vec<OsString>, context: &mut Context<'_>) -> Exit {
    let running = arguments.get(1).is_some_and(|first| first == "run");
    let outcome =
        cli::parse(arguments).map_err(Error::Usage).and_then(|said| perform(said, context));
    let error = match outcome {
        Ok(exit) => return exit,
        Err(error) => error,
    };
    match error {
        Error::Usage(usage) => say_usage(&usage, running, context),
        // Whoever closed our output has seen enough.
        Error::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
        error => {
            error.report(context.stderr);
            error.exit(running)
        }
    }
}

fn perform(said: Command, context: &mut Context<'_>) -> Result<Exit, Error> {
    match said {
        Command::Run(arguments) => run::run(*arguments, context),
        Command::Plan(arguments) => plan::plan(&arguments, context),
        Command::Why(arguments) => why::why(&arguments, context),
        Command::Export(arguments) => export::export(&arguments, context),
        Command::Secrets(arguments) => secrets::secrets(&arguments.action, context),
        Command::Doctor(arguments) => doctor::doctor(&arguments, context),
        Command::Init(arguments) => init::init(&arguments, context),
        Command::Trust(arguments) => trust::trust(&arguments, context),
        Command::Completions(arguments) => completions::completions(&arguments, context),
    }
}

/// Help and version go to standard output and are no fault; anything else is.
fn say_usage(usage: &clap::Error, running: bool, context: &mut Context<'_>) -> Exit {
    let text = usage.render().to_string();
    // Who says nothing at all asks what there is.
    let asked = usage.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if usage.use_stderr() && !asked {
        let _unheard = write!(context.stderr, "{}", in_our_shape(&text));
        return if running { Exit::Own } else { Exit::Usage };
    }
    match write!(context.stdout, "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Exit::Failure,
        _ => Exit::Success,
    }
}

/// A fault that clap found, as all our faults look: the fault, a hint, and how it is used.
fn in_our_shape(text: &str) -> String {
    let mut shaped = String::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let line = match (line.strip_prefix("error: "), line.strip_prefix("  tip: ")) {
            (Some(fault), _) => format!("hushed: {fault}"),
            // To say that a flag may be a value, for every flag, would hide the hint that helps.
            (_, Some(tip)) if tip.starts_with("to pass ") => continue,
            (_, Some(tip)) => format!("  hint: {tip}"),
            _ if line.starts_with(' ') => line.to_owned(),
            _ => format!("  {line}"),
        };
        shaped += &line;
        shaped.push('\n');
    }
    shaped
}

//! The subcommands, one file each, as in `cli`. Only this module connects sources, settings and processes.

mod attest;
mod cache;
mod complete;
mod completions;
mod context;
mod disk_free;
mod doctor;
mod export;
mod fetcher;
mod flags;
mod folders;
mod gather;
mod generate;
mod inherit;
mod init;
mod kms;
mod login;
mod migrate;
mod no_source;
mod patterns;
mod plan;
mod progress;
mod prompt;
mod redact;
mod redacting;
mod redaction_plan;
mod run;
mod scan;
mod schema;
mod sealed_store;
mod secret_files;
mod secrets;
mod start;
mod trust;
mod why;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _};

use clap::builder::StyledStr;

pub use context::Context;

use crate::cli::{self, Command, ErrorFormat, Parsed, UsageError};
use crate::config::Environment;
use crate::error::Error;
use crate::exit::Exit;
use crate::sys::allocator::set_exit_status;
use crate::sys::limits::{MIN_STACK, stack_limit};

/// Parses the arguments and runs the subcommand. Output goes to the streams of `context`.
pub fn dispatch(arguments: Vec<OsString>, context: &mut Context<'_>) -> Exit {
    if let [_, first, rest @ ..] = &*arguments
        && first == cli::COMPLETE
    {
        return complete::print(rest, context).unwrap_or(Exit::Failure);
    }
    let mut arguments = arguments;
    let taken = cli::take_error_format(&mut arguments);
    let arguments = cli::rewrite(arguments);
    let running = arguments.get(1).is_some_and(|first| first == "run");
    set_exit_status(if running { Exit::Own } else { Exit::Failure }.code());
    let format = taken.and_then(|format| match format {
        Some(format) => Ok(format),
        None => error_format(&context.environment),
    });
    context.error_format = *format.as_ref().unwrap_or(&ErrorFormat::Text);
    let parsed = |()| Ok(format.and_then(|_| cli::parse(&arguments))?);
    let outcome = match check_stack().and_then(parsed) {
        Ok(Parsed::Command(command)) => {
            drop(arguments);
            run_subcommand(command, context)
        }
        Ok(Parsed::Help(text)) => print_help(&text, context),
        Err(error) => Err(error),
    };
    // Flush now: an error at process exit would be lost.
    let flushed = |exit| context.stdout.flush().map(|()| exit).map_err(Error::Output);
    let error = match outcome.and_then(flushed) {
        Ok(exit) => return exit,
        Err(error) => error,
    };
    let color = cli::wants_color(&context.environment, io::stderr().is_terminal());
    // Writing the error may block; the environment must not stay in memory meanwhile.
    context.environment = Environment::default();
    match error {
        // The reader closed the pipe: no error, as in `hushed plan | head`.
        Error::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
        error => {
            let exit = error.exit(running);
            match context.error_format {
                ErrorFormat::Text => error.report(context.stderr, color),
                ErrorFormat::Json => error.report_json(context.stderr, exit),
            }
            exit
        }
    }
}

/// How errors are written, if a variable says so.
fn error_format(environment: &Environment) -> Result<ErrorFormat, UsageError> {
    let value = environment.text(cli::ERROR_FORMAT_VARIABLE).and_then(|value| value.to_str());
    value.map_or(Ok(ErrorFormat::Text), ErrorFormat::parse)
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
        Command::Scan(arguments) => scan::scan(&arguments, context),
        Command::Export(arguments) => export::export(&arguments, context),
        Command::Secrets(arguments) => secrets::secrets(&arguments.action, context),
        Command::Folders(arguments) => folders::folders(&arguments.action, context),
        Command::Kms(arguments) => kms::kms(&arguments.action, context),
        Command::Login(arguments) => login::login(&arguments, context),
        Command::Token(arguments) => login::token(&arguments.action, context),
        Command::Cache(arguments) => cache::cache(&arguments.action, context),
        Command::Doctor(arguments) => doctor::doctor(&arguments, context),
        Command::Attest(arguments) => attest::attest(&arguments, context),
        Command::Init(arguments) => init::init(&arguments, context),
        Command::Migrate(arguments) => migrate::migrate(&arguments.action, context),
        Command::Trust(arguments) => trust::trust(&arguments, context),
        Command::Schema => schema::schema(context),
        Command::Completions(arguments) => completions::completions(&arguments, context),
    }
}

/// Prints help or the version to standard output.
fn print_help(text: &StyledStr, context: &mut Context<'_>) -> Result<Exit, Error> {
    let color = cli::wants_color(&context.environment, io::stdout().is_terminal());
    let mut text = text.to_string();
    text.truncate(text.trim_end().len());
    text.push('\n');
    let text = cli::paint_help(&text, color);
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

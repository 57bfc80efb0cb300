//! `hushed run`: from what was said to the command in our place, or as our child.

use std::ffi::{OsStr, OsString};

use super::context::Context;
use super::disk_free;
use super::flags::Flags;
use super::gather::{self, Logins};
use super::inherit::Rules;
use super::redacting::{Stream, Terms, of_entries, prepare_report, tell};
use crate::cli::Run;
use crate::config::{OutputSettings, TerminalSetting};
use crate::deliver::environment::{Block, Composition, compose};
use crate::deliver::size;
use crate::error::Error;
use crate::exit::Exit;
use crate::message::in_one_line;
use crate::process::{
    self, Arrangement, Ending, Filter, Image, Program, Signals, Supervision, TerminalChoice,
    TerminalMode,
};
use crate::provider::doctor::counted;
use crate::resolve::Entry;
use crate::secret::{Name, Value};
use crate::sys::limit::{page_size, stack_limit};

/// The device and inode number of a stream that is connected to the journal (`systemd.exec(5)`).
const JOURNAL_STREAM: &str = "JOURNAL_STREAM";

/// Runs the command with its secrets: in our place, or as our child where its output is watched.
pub(super) fn run(said: Run, context: &mut Context<'_>) -> Result<Exit, Error> {
    let verbose = said.scope.options.verbose;
    let mut logins = Logins::default();
    let outcome = outfit(said, &mut logins, context)
        .and_then(|outfit| outfit.start(verbose, &mut logins, context));
    // Whatever kept the command from starting.
    logins.end(context);
    outcome
}

/// Prepares everything. Our own environment is used up: it may hold credentials.
fn outfit(said: Run, logins: &mut Logins, context: &mut Context<'_>) -> Result<Outfit, Error> {
    let flags = Flags::new(&said.scope).with(&said.environment);
    let flags = flags.with(&said.redaction).with(&said.supervision);
    let flags = flags.with(&said.confinement);
    let settings = context.settings(&flags)?;
    let terms = Terms::of_run(&flags, &settings.run.output, context)?;
    drop(flags);
    disk_free::promise(&settings, &disk_free::writes(&settings, terms.is_some()), context)?;
    prepare_report(terms.as_ref().and(settings.run.output.report.as_ref()))?;
    let stays = supervised(&settings.run.output).is_some();
    // Asking servers makes threads, which inherit the mask. Files may be pipes that never end, and
    // then Ctrl-C must.
    let early = (stays && settings.reaches_network()).then(Signals::block).transpose()?;
    let (resolution, open) = gather::resolve_for_command(&settings, stays, context)?;
    *logins = open;
    let entries = &resolution.entries;
    if said.scope.options.verbose {
        context.say(true, &summary(entries));
    }
    let command = command_line(said.invocation.string, said.invocation.command, context);
    let rules = Rules::new(&settings.run.inherit);
    let filters = terms.map(|terms| filters(&terms, entries, &rules, context)).transpose()?;

    let environment = std::mem::take(&mut context.environment);
    // A service manager names the process that it started: sd_booted(3), systemd.exec(5).
    let started = environment.text("SYSTEMD_EXEC_PID").and_then(OsStr::to_str);
    let managed = started.and_then(|pid| pid.parse().ok()) == Some(std::process::id());
    let name = command.first().map_or(OsStr::new(""), OsString::as_os_str);
    let program = Program::find(name, environment.verbatim("PATH"));
    // From here on nothing else has the values, so that the block may give them up one by one.
    let secrets = resolution.entries.into_iter().map(|entry| (entry.name, entry.winner.value));
    let Composition { mut variables, .. } = compose(environment, secrets.collect(), rules.as_ref());
    if filters.is_some() {
        // The command's output goes to us, and what it would write to the journal itself is not redacted.
        variables.retain(|variable| variable.name != JOURNAL_STREAM);
    }
    let limits = size::Limits::new(page_size(), stack_limit());
    size::check(program.file(), &command, &variables, limits)?;
    if !stays {
        return Ok(Outfit { program, command, block: Block::new(variables), watched: None });
    }
    let block = Block::for_child(&variables);
    let signals = early.map_or_else(Signals::block, Ok)?;
    let watched = Watched { signals, filters, output: settings.run.output, managed };
    Ok(Outfit { program, command, block, watched: Some(watched) })
}

/// What keeps the values out of both streams: those of the secrets, and those that win over them.
fn filters(
    terms: &Terms,
    entries: &[Entry],
    rules: &Rules<'_>,
    context: &mut Context<'_>,
) -> Result<(Stream, Stream), Error> {
    let preserved = preserved(entries, rules, context);
    let mut values = of_entries(entries);
    values.extend(preserved.iter().map(|(name, value)| (name.clone(), value)));
    let patterns = terms.patterns(&values, context)?;
    Ok((Stream::new(&patterns), Stream::new(&patterns)))
}

/// All that is left when the command starts: of the secrets nothing but what it gets, and what is kept
/// out of its output.
struct Outfit {
    program: Program,
    command: Vec<OsString>,
    block: Block,
    watched: Option<Watched>,
}

/// What it takes to stay as the command's parent.
struct Watched {
    signals: Signals,
    filters: Option<(Stream, Stream)>,
    output: OutputSettings,
    managed: bool,
}

impl Outfit {
    /// Starts the command; returns when it has not started, or has ended as our child.
    fn start(
        self,
        verbose: bool,
        logins: &mut Logins,
        context: &mut Context<'_>,
    ) -> Result<Exit, Error> {
        let Self { program, command, block, watched } = self;
        let Some(Watched { signals, filters, output, managed }) = watched else {
            let image = Image { command: &command, environment: &block.strings() };
            return Err(process::replace(&program, &image).into());
        };
        let supervised = {
            let image = Image { command: &command, environment: &block.strings() };
            let terminal = terminal(&output, &program, &command).mode;
            let supervision = supervision(&output, filters.as_ref(), terminal, managed);
            process::supervise(&program, &image, supervision, &signals)?
        };
        // The command has it; we do not need it any more.
        drop(block);
        let ended = supervised.wait(&mut |notice| context.say(verbose, &notice.to_string()));
        logins.end(context);
        let ended = ended?.checked();
        drop(signals);
        if let Some((out, err)) = &filters {
            let streams = [("stdout", out), ("stderr", err)];
            // The command's end is what our caller asks for, whatever becomes of the report.
            if let Err(error) = tell(&streams, &output, verbose, context) {
                context.warn(&format!("no report: {error}"));
            }
        }
        let (ending, lost) = ended?;
        if let Some(lost) = lost {
            context.warn(&in_one_line(&lost));
        }
        Ok(match ending {
            Ending::Code(code) => Exit::Command(code),
            Ending::Signal(number) => Exit::Signal(number),
        })
    }
}

/// Why we stay as the command's parent, if we do: what asks for it, and where.
pub(super) fn supervised(output: &OutputSettings) -> Option<String> {
    let redact = ("--redact", &output.redact);
    let asked = [redact, ("--init", &output.init)].into_iter().filter_map(|(flag, origin)| {
        let origin = origin.as_ref()?.to_string();
        Some(if origin == flag { origin } else { format!("{flag} by {origin}") })
    });
    let asked: Vec<String> = asked.collect();
    (!asked.is_empty()).then(|| asked.join(", "))
}

/// What the command gets in place of a terminal.
pub(super) fn terminal(
    output: &OutputSettings,
    program: &Program,
    command: &[OsString],
) -> Arrangement {
    let choice = match output.terminal {
        TerminalSetting::Auto => TerminalChoice::Auto,
        TerminalSetting::Shared => TerminalChoice::Mode(TerminalMode::Shared),
        TerminalSetting::Inner => TerminalChoice::Mode(TerminalMode::Inner),
        TerminalSetting::Off => TerminalChoice::Mode(TerminalMode::Off),
    };
    process::choose_terminal(choice, program, command)
}

fn supervision(
    output: &OutputSettings,
    filters: Option<&(Stream, Stream)>,
    terminal: TerminalMode,
    managed: bool,
) -> Supervision {
    let filter = |stream: &Stream| -> Box<dyn Filter> { Box::new(stream.clone()) };
    Supervision {
        stdout: filters.map(|(out, _)| filter(out)),
        stderr: filters.map(|(_, err)| filter(err)),
        init: output.init.is_some(),
        kill_after: output.kill_after,
        terminal,
        managed,
    }
}

/// What will be executed: the arguments as they are, or a shell for `-c`.
fn command_line(
    string: Option<OsString>,
    command: Vec<OsString>,
    context: &Context<'_>,
) -> Vec<OsString> {
    let Some(string) = string else { return command };
    let shell = context.environment.text("SHELL").unwrap_or(OsStr::new("/bin/sh"));
    vec![shell.to_owned(), "-c".into(), string]
}

/// The inherited values that win over secrets of the same name: no store gave them, and they are secrets
/// as well.
fn preserved(entries: &[Entry], rules: &Rules<'_>, context: &Context<'_>) -> Vec<(Name, Value)> {
    let composition = compose(context.environment.clone(), secrets(entries), rules.as_ref());
    let value = |name: &String| Some((Name::new(name), context.environment.get(name)?.clone()));
    composition.preserved.iter().filter_map(value).collect()
}

/// Names and values, as the environment takes them.
pub(super) fn secrets(entries: &[Entry]) -> Vec<(String, Value)> {
    entries.iter().map(|entry| (entry.name.clone(), entry.winner.value.clone())).collect()
}

/// How many secrets from where, for `-v`.
pub(super) fn summary(entries: &[Entry]) -> String {
    let mut sources: Vec<(&str, usize)> = Vec::new();
    for entry in entries {
        let source = &*entry.winner.provenance.source;
        match sources.iter_mut().find(|(found, _)| *found == source) {
            Some((_, count)) => *count += 1,
            None => sources.push((source, 1)),
        }
    }
    let of_source =
        |(source, count): &(&str, usize)| format!("{} from `{source}`", counted(*count, "secret"));
    if sources.is_empty() {
        return "no secrets".into();
    }
    sources.iter().map(of_source).collect::<Vec<_>>().join(", ")
}

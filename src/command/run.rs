//! `hushed run`: fetches the secrets and executes the command, in place of hushed or as its child.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::context::Context;
use super::disk_free;
use super::flags::Flags;
use super::gather::{self, Logins};
use super::inherit::EnvironmentRules;
use super::redacting::{RedactionOptions, Stream, prepare_report, report_counts};
use super::redaction_plan::RedactionPlan;
use super::secret_files;
use super::start;
use crate::cli::Run;
use crate::config::{OutputSettings, ReferenceScope, TerminalSetting};
use crate::deliver::environment::{ComposedEnvironment, EnvironmentBlock, compose};
use crate::deliver::files::SecretFiles;
use crate::deliver::size;
use crate::error::Error;
use crate::exit::Exit;
use crate::message::in_one_line;
use crate::process::{
    self, CommandExit, ExecArguments, HeldSignals, OutputFilter, Program, SupervisionOptions,
    TerminalChoice, TerminalDecision, TerminalMode,
};
use crate::provider::doctor::counted;
use crate::resolve::ResolvedVariable;
use crate::secret::Value;
use crate::sys::limits::{page_size, stack_limit};

/// The device and inode number of a stream that is connected to the journal (`systemd.exec(5)`).
const JOURNAL_STREAM: &str = "JOURNAL_STREAM";

/// Runs the command with its secrets: by `execve` in place of hushed, or as a supervised child.
pub(super) fn run(args: Run, context: &mut Context<'_>) -> Result<Exit, Error> {
    let verbose = args.scope.options.verbose;
    let mut logins = Logins::default();
    let outcome = prepare(args, &mut logins, context)
        .and_then(|prepared| prepared.start(verbose, &mut logins, context));
    // Also when the command did not start.
    logins.end(context);
    outcome
}

/// Fetches and prepares everything. Takes the inherited environment, which may hold credentials.
fn prepare(
    args: Run,
    logins: &mut Logins,
    context: &mut Context<'_>,
) -> Result<PreparedCommand, Error> {
    let flags = Flags::new(&args.scope).with(&args.environment);
    let flags = flags.with(&args.redaction).with(&args.supervision);
    let flags = flags.with(&args.confinement).resolving(ReferenceScope::FilesAndEnvironment);
    let settings = context.settings(&flags)?;
    if let Some(option) = &args.invocation.misplaced_option {
        warn_misplaced(option, context);
    }
    let redaction = RedactionOptions::of_run(&flags, &settings.run.output, context)?;
    drop(flags);
    disk_free::enforce(&settings, &disk_free::writes(&settings, redaction.is_some()), context)?;
    prepare_report(redaction.as_ref().and(settings.run.output.report.as_ref()))?;
    let supervises = supervised(&settings.run.output).is_some();
    // Network access starts threads, which inherit the signal mask. With local files signals stay
    // unblocked, so that Ctrl-C ends a read from a pipe.
    let early = (supervises && settings.reaches_network()).then(HeldSignals::block).transpose()?;
    let (resolution, open_logins) = gather::resolve_for_command(&settings, supervises, context)?;
    *logins = open_logins;
    let entries = &resolution.variables;
    if args.scope.options.verbose {
        context.info(&summary(entries));
    }
    let command = command_line(args.invocation.string, args.invocation.command, context);
    let rules = EnvironmentRules::new(&settings.run.inherit, entries);
    let filters = match redaction {
        Some(redaction) => {
            let environment = context.environment.clone();
            let plan = RedactionPlan::new(&settings, &resolution, &environment, &rules);
            Some(filters(&redaction, &plan, args.scope.options.verbose, context)?)
        }
        None => None,
    };

    let storage = secret_files::storage(&settings, supervises, context)?;
    let environment = std::mem::take(&mut context.environment);
    // systemd sets SYSTEMD_EXEC_PID to the process that it started: systemd.exec(5).
    let started = environment.text("SYSTEMD_EXEC_PID").and_then(OsStr::to_str);
    let managed = started.and_then(|pid| pid.parse().ok()) == Some(std::process::id());
    let program = Program::find(name(&command), environment.verbatim("PATH"));
    // From here on this is the only copy of the values; the block takes them one by one.
    let secrets = resolution.variables.into_iter().map(|entry| (entry.name, entry.winner.value));
    let mut secrets = secrets.collect();
    let files = secret_files::write(&settings, &storage, &mut secrets)?;
    let ComposedEnvironment { mut variables, .. } = compose(environment, secrets, rules.as_ref());
    if filters.is_some() {
        // OutputSettings that the command sends to the journal directly would not be redacted.
        variables.retain(|variable| variable.name != JOURNAL_STREAM);
    }
    let limits = size::ExecLimits::new(page_size(), stack_limit());
    size::check(program.file(), &command, &variables, limits)?;
    if !supervises {
        return Ok(PreparedCommand {
            program,
            command,
            block: EnvironmentBlock::new(variables),
            files,
            supervision_setup: None,
        });
    }
    let block = EnvironmentBlock::for_child(&variables);
    let signals = early.map_or_else(HeldSignals::block, Ok)?;
    let supervision_setup =
        SupervisionSetup { signals, filters, output: settings.run.output, managed };
    Ok(PreparedCommand {
        program,
        command,
        block,
        files,
        supervision_setup: Some(supervision_setup),
    })
}

/// Warns of an option of hushed behind the command: the user may believe that it selects the secrets.
fn warn_misplaced(option: &str, context: &mut Context<'_>) {
    context.warn(&format!(
        "`{option}` after the command is passed to the command; to use it for hushed, put it before the \
         command. Write `--` before the command to silence this warning"
    ));
}

/// The redactors of both streams.
fn filters(
    redaction: &RedactionOptions,
    plan: &RedactionPlan<'_>,
    verbose: bool,
    context: &mut Context<'_>,
) -> Result<(Stream, Stream), Error> {
    let patterns = redaction.patterns(&plan.redacted(), plan.too_short(), verbose, context)?;
    Ok((Stream::new(&patterns), Stream::new(&patterns)))
}

/// Everything needed to start the command. Holds secrets only in its environment block and in the
/// redactors.
struct PreparedCommand {
    program: Program,
    command: Vec<OsString>,
    block: EnvironmentBlock,
    files: SecretFiles,
    supervision_setup: Option<SupervisionSetup>,
}

/// What hushed needs to supervise the command.
struct SupervisionSetup {
    signals: HeldSignals,
    filters: Option<(Stream, Stream)>,
    output: OutputSettings,
    managed: bool,
}

impl PreparedCommand {
    /// Starts the command. Returns if it could not be started, or when the supervised child has ended.
    fn start(
        self,
        verbose: bool,
        logins: &mut Logins,
        context: &mut Context<'_>,
    ) -> Result<Exit, Error> {
        let Self { program, command, block, mut files, supervision_setup } = self;
        let Some(SupervisionSetup { signals, filters, output, managed }) = supervision_setup else {
            let (environment, namespace) = (&block.strings(), files.namespace());
            let arguments = ExecArguments { command: &command, environment, namespace };
            return Err(start::explain(process::replace(&program, &arguments), name(&command)));
        };
        let supervised = {
            let task = secret_files::task(&mut files);
            let (environment, namespace) = (&block.strings(), files.namespace());
            let arguments = ExecArguments { command: &command, environment, namespace };
            let terminal = terminal(&output, &program, &command).mode;
            let mut supervision = supervision(&output, filters.as_ref(), terminal, managed);
            (supervision.companion, supervision.task) = (logins.keeper(), task);
            let started = process::supervise(&program, &arguments, supervision, &signals);
            started.map_err(|error| start::explain(error, name(&command)))?
        };
        // The child has its own copies.
        drop(block);
        files.close();
        let ended = supervised.wait(&mut |notice| context.verbose(verbose, &notice.to_string()));
        logins.end(context);
        let ended = ended?.checked();
        drop(signals);
        if let Some((out, err)) = &filters {
            let streams = [("stdout", out), ("stderr", err)];
            // A failed report must not change the exit status of the command.
            if let Err(error) = report_counts(&streams, &output, verbose, context) {
                context.warn(&format!("cannot write the redaction report: {error}"));
            }
        }
        let (ending, lost) = ended?;
        if let Some(lost) = lost {
            context.warn(&in_one_line(&lost));
        }
        Ok(match ending {
            CommandExit::Code(code) => Exit::Command(code),
            CommandExit::Signal(number) => Exit::Signal(number),
        })
    }
}

/// Which settings require supervision, with their origin; `None` if none does.
pub(super) fn supervised(output: &OutputSettings) -> Option<String> {
    let redact = ("--redact", &output.redact);
    let asked = [redact, ("--init", &output.init)].into_iter().filter_map(|(flag, origin)| {
        let origin = origin.as_ref()?.to_string();
        Some(if origin == flag { origin } else { format!("{flag} by {origin}") })
    });
    let asked: Vec<String> = asked.collect();
    (!asked.is_empty()).then(|| asked.join(", "))
}

/// How the command is connected to the terminal.
pub(super) fn terminal(
    output: &OutputSettings,
    program: &Program,
    command: &[OsString],
) -> TerminalDecision {
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
) -> SupervisionOptions {
    let filter = |stream: &Stream| -> Box<dyn OutputFilter> { Box::new(stream.clone()) };
    SupervisionOptions {
        stdout: filters.map(|(out, _)| filter(out)),
        stderr: filters.map(|(_, err)| filter(err)),
        init: output.init.is_some(),
        kill_after: output.kill_after,
        terminal,
        companion: None,
        task: None,
        managed,
    }
}

/// The name of the program: the first word of the command.
fn name(command: &[OsString]) -> &OsStr {
    command.first().map_or(OsStr::new(""), OsString::as_os_str)
}

/// The login shell of an account that must not log in, whose `-c` only prints a message.
const DISABLED_SHELLS: [&str; 2] = ["nologin", "false"];

/// The command line to execute: the arguments, or a shell for `-c`.
fn command_line(
    string: Option<OsString>,
    command: Vec<OsString>,
    context: &mut Context<'_>,
) -> Vec<OsString> {
    let Some(string) = string else { return command };
    let default = OsStr::new("/bin/sh");
    let shell = context.environment.text("SHELL").filter(|shell| !shell.is_empty());
    let is_disabled = |shell: &OsStr| {
        Path::new(shell).file_name().is_some_and(|name| DISABLED_SHELLS.iter().any(|d| name == *d))
    };
    let shell = match shell.map(OsStr::to_owned) {
        Some(shell) if is_disabled(&shell) => {
            let shell = shell.to_string_lossy();
            context
                .warn(&format!("SHELL is `{shell}`, which runs no commands; using /bin/sh for -c"));
            default.to_owned()
        }
        Some(shell) => shell,
        None => default.to_owned(),
    };
    vec![shell, "-c".into(), string]
}

/// The names and values of the variables.
pub(super) fn secrets(entries: &[ResolvedVariable]) -> Vec<(String, Value)> {
    entries.iter().map(|entry| (entry.name.clone(), entry.winner.value.clone())).collect()
}

/// The number of secrets by source, for `--verbose`.
pub(super) fn summary(entries: &[ResolvedVariable]) -> String {
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

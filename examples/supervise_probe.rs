//! Supervises a command with filters that change nothing, for the tests: `supervise_probe [--plain]
//! [--init] [--kill-after=SECONDS] [--terminal=MODE] [--exec] [--panic] -- COMMAND ARGUMENT…`. It is no part of the product.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::panic,
    reason = "a program of its own"
)]

use std::env;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::process::ExitCode;
use std::time::Duration;

use hushed::process::{
    CommandExit, Error, ExecArguments, HeldSignals, OutputFilter, PassThroughFilter, Program,
    SupervisionOptions, TerminalChoice, TerminalMode, choose_terminal, replace, supervise,
    terminate_by_signal,
};

/// Falls over at the first byte, as a fault of ours would.
struct Panics;

impl OutputFilter for Panics {
    fn push(&mut self, _input: &[u8], _out: &mut hushed::process::OutputSink<'_>) {
        panic!("asked to");
    }
    fn idle(&mut self, _out: &mut hushed::process::OutputSink<'_>) {}
    fn finish(&mut self, _out: &mut hushed::process::OutputSink<'_>) {}
}

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (mut plain, mut init, mut exec, mut panics) = (false, false, false, false);
    let mut kill_after = None;
    let mut terminal = TerminalChoice::Auto;
    for argument in arguments.by_ref() {
        match argument.to_str() {
            Some("--plain") => plain = true,
            Some("--init") => init = true,
            Some("--exec") => exec = true,
            Some("--panic") => panics = true,
            Some("--terminal=inner") => terminal = TerminalChoice::Mode(TerminalMode::Inner),
            Some("--terminal=off") => terminal = TerminalChoice::Mode(TerminalMode::Off),
            Some(other) if other.starts_with("--kill-after=") => {
                let seconds = other.trim_start_matches("--kill-after=").parse().unwrap_or(10.0);
                kill_after = Some(Duration::from_secs_f64(seconds));
            }
            _ => break,
        }
    }
    let command: Vec<OsString> = arguments.collect();
    let filter = || -> Option<Box<dyn OutputFilter>> {
        match (plain, panics) {
            (true, _) => None,
            (_, true) => Some(Box::new(Panics)),
            _ => Some(Box::new(PassThroughFilter)),
        }
    };
    let name = command.first().map_or(OsStr::new(""), OsString::as_os_str);
    let program = Program::find(name, env::var_os("PATH").as_deref());
    let managed =
        env::var("SYSTEMD_EXEC_PID").is_ok_and(|pid| pid == std::process::id().to_string());
    let terminal = choose_terminal(terminal, &program, &command).mode;
    let (stdout, stderr) = (filter(), filter());
    let supervision = {
        let (companion, task) = (None, None);
        SupervisionOptions { stdout, stderr, terminal, init, kill_after, companion, managed, task }
    };
    match run(&command, &program, exec, supervision) {
        Ok(CommandExit::Code(code)) => code.into(),
        Ok(CommandExit::Signal(number)) => {
            terminate_by_signal(number);
            number.saturating_add(128).into()
        }
        Err(error) => {
            eprintln!("supervise_probe: {error}");
            error.exit().code().into()
        }
    }
}

fn run(
    command: &[OsString],
    program: &Program,
    exec: bool,
    supervision: SupervisionOptions,
) -> Result<CommandExit, Error> {
    let variables: Vec<CString> = env::vars_os()
        .filter_map(|(name, value)| {
            CString::new([name.as_bytes(), b"=", value.as_bytes()].concat()).ok()
        })
        .collect();
    let environment: Vec<&CStr> = variables.iter().map(CString::as_c_str).collect();
    let arguments = ExecArguments { command, environment: &environment, namespace: None };
    if exec {
        return Err(replace(program, &arguments));
    }
    let signals = HeldSignals::block()?;
    let supervised = supervise(program, &arguments, supervision, &signals)?;
    let (ending, lost) = supervised.wait(&mut |notice| eprintln!("{notice}"))?.checked()?;
    if let Some(lost) = lost {
        eprintln!("supervise_probe: {lost}");
    }
    Ok(ending)
}

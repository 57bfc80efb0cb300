//! `hushed redact`: standard input to standard output with every secret kept out. It never writes a
//! byte of its own there.

use std::io::{self, Read as _};
use std::os::fd::AsFd;
use std::path::PathBuf;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zeroize::Zeroizing;

use super::context::Context;
use super::disk_free;
use super::flags::Flags;
use super::gather;
use super::inherit::EnvironmentRules;
use super::redacting::{RedactionOptions, Stream, report_counts};
use super::redaction_plan::RedactionPlan;
use crate::cli::Redact;
use crate::config::ReferenceScope;
use crate::config::schema::REDACT_VALUE_OF;
use crate::error::Error;
use crate::exit::Exit;
use crate::process::OutputFilter as _;
use crate::secret::{Name, Value};

/// How long nothing must come, in milliseconds, before what is held may be thought to be all for now.
const QUIET: u8 = 2;

/// Passes everything on, until there is no more or nobody reads it.
pub(super) fn redact(args: &Redact, context: &mut Context<'_>) -> Result<Exit, Error> {
    let names_values = args.names_values();
    let flags = Flags::new(&args.scope).with(&args.redaction);
    let flags = flags.with(&args.confinement).resolving(ReferenceScope::FilesAndEnvironment);
    let listed = args.values_fd.map(values).transpose()?.unwrap_or_default();
    let verbose = args.scope.options.verbose;
    let listed = || listed.iter().map(|(name, value)| (name.clone(), value));
    let (output, patterns) = match context.settings(&flags) {
        Ok(settings) => {
            drop(flags);
            disk_free::enforce(&settings, &disk_free::writes(&settings, true), context)?;
            // Before the environment forgets our credentials: one of them may be meant.
            let options = RedactionOptions::of(&settings.run.output, &context.environment)?;
            let resolution = gather::resolve(&settings, context)?;
            let environment = context.environment.clone();
            let rules = EnvironmentRules::new(&settings.run.inherit, &resolution.variables);
            let plan = RedactionPlan::new(&settings, &resolution, &environment, &rules);
            let values: Vec<_> = plan.redacted().into_iter().chain(listed()).collect();
            let patterns = options.patterns(&values, plan.too_short(), verbose, context)?;
            drop(rules);
            (settings.run.output, patterns)
        }
        // A list, or values named by themselves, need no source.
        Err(Error::NoSource { .. }) if names_values => {
            let output = context.output(&flags)?;
            let report: Vec<_> = disk_free::report(&output).into_iter().collect();
            disk_free::refuse(context.disk_free(&flags)?.as_ref(), &report)?;
            let options = RedactionOptions::of(&output, &context.environment)?;
            let values: Vec<_> = listed().collect();
            let patterns = options.patterns(&values, Vec::new(), verbose, context)?;
            (output, patterns)
        }
        Err(error) => return Err(error),
    };
    let mut stream = Stream::new(&patterns);
    pass(&mut stream, context.stdout)?;
    report_counts(&[("standard input", &stream)], &output, verbose, context)?;
    Ok(Exit::Success)
}

fn pass(stream: &mut Stream, to: &mut dyn io::Write) -> Result<(), Error> {
    let mut from = io::stdin().lock();
    let mut buffer = Zeroizing::new(vec![0_u8; 1 << 16]);
    let mut pending = Vec::with_capacity(buffer.len());
    let mut fault = None;
    loop {
        if stream.held() > 0 && !comes_soon(&from) {
            stream.idle(&mut |bytes| pending.extend_from_slice(bytes));
            to.write_all(&pending).map_err(Error::Output)?;
            pending.clear();
        }
        let count = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                fault = Some(Error::Input("standard input".into(), error));
                break;
            }
        };
        if let Some(input) = buffer.get_mut(..count) {
            stream.push(input, &mut |bytes| pending.extend_from_slice(bytes));
            input.fill(0);
        }
        // What may be seen is seen at once: the reader may wait for a prompt without a line ending.
        to.write_all(&pending).map_err(Error::Output)?;
        pending.clear();
    }
    // What was held back belongs to what has been read, whatever ended it.
    stream.finish(&mut |bytes| pending.extend_from_slice(bytes));
    to.write_all(&pending).map_err(Error::Output)?;
    fault.map_or(Ok(()), Err)
}

/// Whether there is more to read, or an end, before the input counts as quiet.
fn comes_soon(from: &impl AsFd) -> bool {
    let mut asked = [PollFd::new(from.as_fd(), PollFlags::POLLIN)];
    poll(&mut asked, PollTimeout::from(QUIET)) != Ok(0)
}

/// The values on a descriptor: parted by NUL bytes where there is one, else one a line.
fn values(fd: u32) -> Result<Vec<(Name, Value)>, Error> {
    let path = PathBuf::from(format!("/dev/fd/{fd}"));
    let unreadable = |error| Error::Input(format!("descriptor {fd}"), error);
    let bytes = Zeroizing::new(std::fs::read(path).map_err(unreadable)?);
    let separator = if bytes.contains(&0) { 0 } else { b'\n' };
    let parts = bytes.split(|&byte| byte == separator).filter(|part| !part.is_empty());
    let named = |(index, part)| (Name::new(format!("VALUE_{index}")), Value::from(part));
    Ok((1..).zip(parts).map(named).collect())
}

impl Redact {
    /// Whether values are named that come from no source.
    fn names_values(&self) -> bool {
        self.values_fd.is_some() || self.redaction.has(&REDACT_VALUE_OF)
    }
}

//! From secrets to filters: what is kept out of output, and what is told of it at the end. It moves no
//! output itself.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::context::Context;
use super::flags::Flags;
use crate::config::{Environment, Error as ConfigError, OutputSettings, Setting};
use crate::error::Error;
use crate::process::{OutputFilter, OutputSink};
use crate::provider::doctor::counted;
use crate::redact::{Encoding, Encodings, Label, Patterns, RedactionRules, Redactor};
use crate::seal::private_file;
use crate::secret::{Name, Value};

/// How values are redacted, and which ones besides those of variables: all that can be wrong before the
/// secrets are fetched.
pub(super) struct RedactionOptions {
    rules: RedactionRules,
    all: bool,
    also: Vec<(Name, Value)>,
}

impl RedactionOptions {
    /// Reads the settings.
    pub(super) fn of(output: &OutputSettings, environment: &Environment) -> Result<Self, Error> {
        let (rules, also) = (rules(output)?, also(output, environment)?);
        Ok(Self { rules, all: output.all, also })
    }

    /// The same for a command that is run, if its output is watched at all.
    pub(super) fn of_run(
        flags: &Flags,
        output: &OutputSettings,
        context: &Context<'_>,
    ) -> Result<Option<Self>, Error> {
        flags.refuse_without_supervision(output).map_err(Error::Config)?;
        if output.redact.is_none() {
            return flags.refuse_without_redact().map(|()| None).map_err(Error::Config);
        }
        Self::of(output, &context.environment).map(Some)
    }

    /// Compiles the patterns of these values and of those that the settings name. Of values that are too
    /// short, it speaks only with `--verbose`: `plan` and `doctor` name them.
    pub(super) fn patterns(
        &self,
        secrets: &[(Name, &Value)],
        mut too_short: Vec<Name>,
        verbose: bool,
        context: &mut Context<'_>,
    ) -> Result<Arc<Patterns>, Error> {
        let all = secrets.iter().map(|(name, value)| (name, *value));
        let all = all.chain(self.also.iter().map(|(name, value)| (name, value)));
        let patterns = if self.all {
            Patterns::compile_all_parts(all, &self.rules)?
        } else {
            Patterns::compile(all, &self.rules)?
        };
        too_short.extend_from_slice(patterns.too_short());
        if !too_short.is_empty() {
            context.verbose(verbose, &too_short_message(&too_short));
        }
        Ok(Arc::new(patterns))
    }

    /// The names of values that the settings name and that are too short.
    pub(super) fn too_short(&self) -> impl Iterator<Item = &Name> {
        let is_short = |value: &Value| value.without_final_newline().len() < self.rules.min;
        self.also.iter().filter(move |(_, value)| is_short(value)).map(|(name, _)| name)
    }
}

/// Names the variables whose values are too short to be redacted.
pub(super) fn too_short_message(names: &[Name]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("too short to be redacted: {} (--redact-min sets the minimum)", names.join(", "))
}

fn rules(output: &OutputSettings) -> Result<RedactionRules, Error> {
    let default = RedactionRules::default();
    Ok(RedactionRules {
        encodings: encodings(output)?,
        min: output.min.unwrap_or(default.min),
        label: output.label.clone().map_or(default.label, Label::Fixed),
        except: Vec::new(),
    })
}

fn encodings(output: &OutputSettings) -> Result<Encodings, Error> {
    let Some(said) = &output.encodings else { return Ok(Encodings::default()) };
    said.value.join(",").parse().map_err(|_unknown| {
        let known = |name: &&String| name.parse::<Encoding>().is_ok();
        let unknown = said.value.iter().find(|name| !known(name));
        Error::Config(ConfigError::Choice {
            origin: said.origin.clone(),
            what: "known encoding",
            value: unknown.cloned().unwrap_or_default(),
            known: Encoding::NAMES.map(str::to_owned).into(),
        })
    })
}

/// What `--redact-value-of` names: an inherited variable, or a file, which a slash tells apart.
fn also(output: &OutputSettings, environment: &Environment) -> Result<Vec<(Name, Value)>, Error> {
    let mut values = Vec::new();
    for said in &output.also {
        let Setting { value: said, origin } = said;
        if let Some(value) = environment.get(said) {
            values.push((Name::new(said), value.clone()));
        } else if said.contains('/') {
            let path = Path::new(said);
            let unreadable = |error| Error::Input(format!("`{said}`"), error);
            let value = Value::new(std::fs::read(path).map_err(unreadable)?);
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            values.push((Name::new(name), value.without_final_newline()));
        } else {
            return Err(Error::NothingToRedact(origin.clone(), said.clone()));
        }
    }
    Ok(values)
}

/// A stream's redactor, as supervision takes it; a clone tells the counts afterwards.
#[derive(Clone)]
pub(super) struct Stream(Rc<RefCell<Redactor>>);

impl Stream {
    pub(super) fn new(patterns: &Arc<Patterns>) -> Self {
        Self(Rc::new(RefCell::new(Redactor::new(Arc::clone(patterns)))))
    }

    /// The number of bytes that wait for what follows.
    pub(super) fn held(&self) -> usize {
        self.0.borrow().held()
    }
}

impl OutputFilter for Stream {
    fn push(&mut self, input: &[u8], out: &mut OutputSink<'_>) {
        self.0.borrow_mut().push(input, out);
    }

    fn idle(&mut self, out: &mut OutputSink<'_>) {
        self.0.borrow_mut().idle(out);
    }

    fn finish(&mut self, out: &mut OutputSink<'_>) {
        self.0.borrow_mut().finish(out);
    }
}

/// Which name was redacted how often on which stream: a line a name, in their order. No value.
pub(super) fn report(streams: &[(&str, &Stream)]) -> String {
    let mut counts: BTreeMap<String, BTreeMap<usize, u64>> = BTreeMap::new();
    for (index, (_, stream)) in streams.iter().enumerate() {
        for (name, count) in stream.0.borrow().counts() {
            // A name may have several values: what was preserved, and what a store has.
            *counts.entry(name.to_string()).or_default().entry(index).or_default() += count;
        }
    }
    counts.iter().fold(String::new(), |mut text, (name, counts)| {
        let said = streams.iter().enumerate().filter_map(|(index, (what, _))| {
            let count = usize::try_from(*counts.get(&index)?).unwrap_or(usize::MAX);
            Some(format!("{} on {what}", counted(count, "time")))
        });
        let _ = writeln!(text, "{name}: {}", said.collect::<Vec<_>>().join(", "));
        text
    })
}

/// Puts an empty report in its place, so that one that cannot be written is known before the command
/// runs, and no old one is taken for this run's.
pub(super) fn prepare_report(report: Option<&Setting<PathBuf>>) -> Result<(), Error> {
    Ok(report.map_or(Ok(()), |path| private_file::write_atomically(&path.value, b""))?)
}

/// Writes the counts of redactions to the report file and, with `-v`, to standard error.
pub(super) fn report_counts(
    streams: &[(&str, &Stream)],
    output: &OutputSettings,
    verbose: bool,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let text = report(streams);
    if let Some(path) = &output.report {
        private_file::write_atomically(&path.value, text.as_bytes())?;
    }
    for line in text.lines() {
        context.verbose(verbose, &format!("redacted {line}"));
    }
    Ok(())
}

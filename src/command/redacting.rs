//! From secrets to filters: what is kept out of output, and what is told of it at the end. It moves no
//! output itself.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::context::Context;
use super::plan::counted;
use crate::config::{Environment, Error as ConfigError, Output};
use crate::error::Error;
use crate::process::{Filter, Sink};
use crate::redact::{Encoding, Encodings, Label, Patterns, Redactor, Rules};
use crate::resolve::Entry;
use crate::seal::private_file;
use crate::secret::{Name, Value};

/// Compiles what is kept out: the secrets of a run and what is asked for besides. Warns of values
/// that are too short to be looked for.
pub(super) fn patterns(
    secrets: &[(Name, &Value)],
    output: &Output,
    context: &mut Context<'_>,
) -> Result<Arc<Patterns>, Error> {
    let also = also(output, &context.environment)?;
    let all = secrets.iter().map(|(name, value)| (name, *value));
    let all = all.chain(also.iter().map(|(name, value)| (name, value)));
    let patterns = Patterns::compile(all, &rules(output)?)?;
    let short: Vec<_> = patterns.too_short().iter().map(|name| format!("`{name}`")).collect();
    if !short.is_empty() {
        context.warn(&format!(
            "too short to be kept out of the output: {} (--redact-min says from which length on)",
            short.join(", ")
        ));
    }
    Ok(Arc::new(patterns))
}

/// The names and values of a run's variables.
pub(super) fn of_entries(entries: &[Entry]) -> Vec<(Name, &Value)> {
    entries.iter().map(|entry| (Name::new(&entry.name), &entry.winner.value)).collect()
}

fn rules(output: &Output) -> Result<Rules, Error> {
    let default = Rules::default();
    Ok(Rules {
        encodings: match &output.encodings {
            Some(said) => said.value.join(",").parse::<Encodings>().map_err(|_unknown| {
                Error::Config(ConfigError::Choice {
                    origin: said.origin.clone(),
                    what: "list of encodings",
                    value: said.value.join(","),
                    known: Encoding::NAMES.map(str::to_owned).into(),
                })
            })?,
            None => default.encodings,
        },
        min: output.min.unwrap_or(default.min),
        label: output.label.clone().map_or(default.label, Label::Fixed),
        except: output.exempt.iter().map(Name::new).collect(),
    })
}

/// What `--redact-also` names: an inherited variable, or a file, which a slash tells apart.
fn also(output: &Output, environment: &Environment) -> Result<Vec<(Name, Value)>, Error> {
    let mut values = Vec::new();
    for said in &output.also {
        if let Some(value) = environment.get(said) {
            values.push((Name::new(said), value.clone()));
        } else if said.contains('/') {
            let path = Path::new(said);
            let unreadable = |error| Error::Input(format!("`{said}`"), error);
            let value = Value::new(std::fs::read(path).map_err(unreadable)?);
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            values.push((Name::new(name), value.without_final_newline()));
        } else {
            return Err(Error::NothingToRedact(said.clone()));
        }
    }
    Ok(values)
}

/// A stream's redactor, as supervision takes it; a clone tells the counts afterwards.
#[derive(Clone)]
pub(super) struct Stream(Rc<RefCell<Redactor>>);

impl Stream {
    pub(super) fn new(patterns: &Arc<Patterns>) -> Result<Self, Error> {
        Ok(Self(Rc::new(RefCell::new(Redactor::new(Arc::clone(patterns))?))))
    }
}

impl Filter for Stream {
    fn push(&mut self, input: &[u8], out: &mut Sink<'_>) {
        self.0.borrow_mut().push(input, out);
    }

    fn idle(&mut self, out: &mut Sink<'_>) {
        self.0.borrow_mut().idle(out);
    }

    fn finish(&mut self, out: &mut Sink<'_>) {
        self.0.borrow_mut().finish(out);
    }
}

/// Which name was redacted how often on which stream: a line a name, in their order. No value.
pub(super) fn report(streams: &[(&str, &Stream)]) -> String {
    let mut counts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (what, stream) in streams {
        for (name, count) in stream.0.borrow().counts() {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let said = format!("{} on {what}", counted(count, "time"));
            counts.entry(name.to_string()).or_default().push(said);
        }
    }
    counts.iter().fold(String::new(), |mut text, (name, said)| {
        let _ = writeln!(text, "{name}: {}", said.join(", "));
        text
    })
}

/// Gives the report to those who asked for it.
pub(super) fn tell(
    streams: &[(&str, &Stream)],
    output: &Output,
    verbose: bool,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let text = report(streams);
    if let Some(path) = &output.report {
        private_file::write_atomically(path, text.as_bytes())?;
    }
    for line in text.lines() {
        context.say(verbose, &format!("redacted {line}"));
    }
    Ok(())
}

//! `hushed plan`: shows what `hushed run` would do, with names, places and sizes but no values.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

use serde_json::json;

use super::context::Context;
use super::disk_free::{self, DiskWrite};
use super::flags::Flags;
use super::gather;
use super::inherit::EnvironmentRules;
use super::redacting::{RedactionOptions, too_short_message};
use super::redaction_plan::{PlannedVariable, RedactionPlan};
use super::run::{secrets, terminal};
use super::secret_files;
use crate::cli::Plan;
use crate::config::{DiskFree, ReferenceScope};
use crate::deliver::environment::{ComposedEnvironment, compose};
use crate::deliver::files::FileStorage;
use crate::deliver::size::{self, SizeError};
use crate::error::Error;
use crate::exit::Exit;
use crate::process::{Program, TerminalDecision};
use crate::provider::doctor::counted;
use crate::provider::{Settings, env_table};
use crate::redact::policy::Decision;
use crate::resolve::{Resolution, ResolvedVariable, ShellEffects, Transform};
use crate::secret::{Name, Secret};
use crate::sys::limits::{page_size, stack_limit};

/// Prints the plan. The exit status is 0 if the run would start.
pub(super) fn plan(args: &Plan, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope).with(&args.environment);
    let flags = flags.with(&args.redaction).with(&args.supervision);
    let flags = flags.with(&args.confinement).resolving(ReferenceScope::FilesAndEnvironment);
    let settings = context.settings(&flags)?;
    let redaction = RedactionOptions::of_run(&flags, &settings.run.output, context)?;
    drop(flags);
    disk_free::enforce(&settings, &[], context)?;
    let writes = disk_free::writes(&settings, redaction.is_some());
    let resolution = gather::resolve(&settings, context)?;
    let text = {
        let rules = EnvironmentRules::new(&settings.run.inherit, &resolution.variables);
        let secrets = secret_files::without_content(&settings, secrets(&resolution.variables));
        let composition = compose(context.environment.clone(), secrets, rules.as_ref());
        let name = args.command.first().map_or(OsStr::new(""), OsString::as_os_str);
        let program = Program::find(name, context.environment.verbatim("PATH"));
        let variables = &composition.variables;
        let limits = size::ExecLimits::new(page_size(), stack_limit());
        let redaction = PlannedRedaction {
            plan: RedactionPlan::new(&settings, &resolution, &context.environment, &rules),
            too_short: redaction.iter().flat_map(|it| it.too_short().cloned()).collect(),
        };
        let supervises = super::run::supervised(&settings.run.output).is_some();
        let report = PlanReport {
            files: secret_files::storage(&settings, supervises, context)?,
            redaction: &redaction,
            too_big: size::check(program.file(), &args.command, variables, limits).err(),
            settings: &settings,
            resolution: &resolution,
            composition: &composition,
            command: &args.command,
            terminal: settings
                .run
                .output
                .redact
                .as_ref()
                .map(|_| terminal(&settings.run.output, &program, &args.command)),
            refused_writes: if settings.run.disk_free.is_some() { &writes } else { &[] },
        };
        if args.json { report.json() } else { report.text() }
    };
    context.stdout.write_all(text.0.as_bytes()).map_err(Error::Output)?;
    Ok(if text.1 { Exit::Success } else { Exit::Failure })
}

struct PlanReport<'a> {
    settings: &'a Settings,
    resolution: &'a Resolution,
    files: FileStorage,
    composition: &'a ComposedEnvironment,
    command: &'a [OsString],
    too_big: Option<SizeError>,
    redaction: &'a PlannedRedaction<'a>,
    /// How the command is connected to the terminal if its output is redacted.
    terminal: Option<TerminalDecision>,
    refused_writes: &'a [DiskWrite],
}

/// What a run redacts; without `--redact`, what it would redact.
struct PlannedRedaction<'a> {
    plan: RedactionPlan<'a>,
    /// Names of values of `--redact-value-of` that are too short.
    too_short: Vec<Name>,
}

impl PlanReport<'_> {
    fn would_start(&self) -> bool {
        self.resolution.problems.is_empty()
            && self.too_big.is_none()
            && self.refused_writes.is_empty()
    }

    fn is_refused(&self, entry: &ResolvedVariable) -> bool {
        self.resolution.problems.iter().any(|problem| problem.variable == entry.name)
    }

    /// The variable with the path of the file, if a secret is delivered as one.
    fn file(&self, entry: &ResolvedVariable) -> Option<&str> {
        let mut files = self.settings.references.files.iter();
        files.find(|(name, _)| *name == entry.name).map(|(_, file)| file.variable.as_str())
    }

    /// The version of what a reference names; of other secrets, `hushed why` tells it.
    fn reference_version(&self, entry: &ResolvedVariable) -> Option<String> {
        let Secret { name, provenance, .. } = &entry.winner;
        let source = &*provenance.source;
        let is_reference = source == env_table::NAME
            || self.settings.references.is_reference(source, name.as_str());
        provenance.version.filter(|_| is_reference).map(|version| format!("version {version}"))
    }

    /// Names that no shell can set: something before hushed has read a file by other rules than its author's.
    fn odd_names(&self) -> impl Iterator<Item = &str> {
        let names = self.composition.variables.iter().filter_map(|it| it.name.to_str());
        names.filter(|name| name.contains(char::is_whitespace))
    }

    /// What happens to a variable.
    fn fate(&self, entry: &ResolvedVariable) -> &'static str {
        let is_in = |names: &[String]| names.contains(&entry.name);
        if self.is_refused(entry) {
            "refused"
        } else if is_in(&self.composition.preserved) {
            "inherited value wins"
        } else if is_in(&self.composition.replaced) {
            "replaces the inherited value"
        } else {
            ""
        }
    }

    /// Whether a variable of the sources is redacted, and why.
    fn redaction_note(&self, entry: &ResolvedVariable) -> Option<String> {
        let Decision { is_redacted, reason } = self.redaction.plan.decision(&entry.name)?;
        Some(format!("{}: {reason}", self.redacted(is_redacted)))
    }

    /// Whether the run redacts a variable, or would with `--redact`, in words.
    fn redacted(&self, is_redacted: bool) -> &'static str {
        match (self.redacts(), is_redacted) {
            (true, true) => "redacted",
            (true, false) => "not redacted",
            (false, true) => "redactable",
            (false, false) => "not redactable",
        }
    }

    /// Whether the run redacts the output of the command.
    fn redacts(&self) -> bool {
        self.settings.run.output.redact.is_some()
    }

    fn text(&self) -> (String, bool) {
        let mut text = String::new();
        let entries = &self.resolution.variables;
        let width = entries.iter().map(|entry| Name::new(&entry.name).to_string().len()).max();
        let _ = writeln!(text, "{} from {}:", counted(entries.len(), "variable"), self.sources());
        for entry in entries {
            let mut notes = vec![entry.winner.provenance.to_string()];
            notes.extend(self.reference_version(entry));
            notes.push(counted(entry.winner.value.len(), "byte"));
            if entry.winner.name.as_str() != entry.name {
                notes.push(format!("named `{}` there", entry.winner.name));
            }
            if !entry.overridden.is_empty() {
                notes.push(format!("overrides {}", counted(entry.overridden.len(), "other")));
            }
            notes.extend(self.file(entry).map(|variable| {
                format!("as a file ({}), whose path is in `{variable}`", self.files)
            }));
            notes.extend(Some(self.fate(entry)).filter(|fate| !fate.is_empty()).map(str::to_owned));
            if !self.is_refused(entry) {
                notes.extend(shell_notes(&ShellEffects::of(&entry.name)));
                notes.extend(self.redaction_note(entry));
            }
            let name = Name::new(&entry.name).to_string();
            let _ =
                writeln!(text, "  {name:width$}  {}", notes.join(", "), width = width.unwrap_or(0));
        }
        let respelled = |entry: &ResolvedVariable| {
            !self.is_refused(entry) && has_portable_spelling(&entry.name)
        };
        if entries.iter().any(respelled) {
            let transform = Transform::UpperSnake;
            let _ = writeln!(
                text,
                "  hint: `--transform {transform}` gives names that every shell passes on"
            );
        }
        let left = self.resolution.excluded.iter().map(|(secret, _)| format!("`{}`", secret.name));
        lines(&mut text, "left out", left);
        let stripped =
            self.composition.stripped.iter().map(|name| format!("`{}`", Name::new(name)));
        lines(&mut text, "withheld from the command", stripped);
        let odd = self.odd_names().map(|name| format!("`{}`", Name::new(name)));
        let heading =
            "inherited with white space in the name, as from an env file with `export A=1`";
        lines(&mut text, heading, odd);
        let PlannedRedaction { plan, too_short } = self.redaction;
        let inherited = plan
            .redacted_inherited()
            .map(|variable| format!("`{}` ({})", variable.name, variable.decision.reason));
        lines(&mut text, &format!("{} of what is inherited", self.redacted(true)), inherited);
        if !too_short.is_empty() {
            let _ = writeln!(text, "{}", too_short_message(too_short));
        }
        for (name, place) in &self.settings.fetched_credentials {
            let _ = writeln!(text, "credential `{name}` from {place}");
        }
        for note in &self.resolution.notes {
            let _ = writeln!(text, "note: {note}");
        }
        for problem in &self.resolution.problems {
            let _ = writeln!(text, "refused: {problem}\n  hint: {}", problem.hint());
        }
        if let Some(too_big) = &self.too_big {
            let _ = writeln!(text, "refused: {too_big}\n  hint: {}", too_big.hint());
        }
        for (source, origin) in self.settings.revoking() {
            let later = self.supervised().is_some() && self.settings.run.disk_free.is_none();
            let when = if later { "after" } else { "before" };
            let _ = writeln!(
                text,
                "the access token of `{source}` would be revoked {when} the command runs: {origin}"
            );
        }
        if let Some(promise) = &self.settings.run.disk_free {
            let _ = writeln!(text, "disk-free ({}): {}", promise.origin, disk_free::MEANING);
        }
        let writes = self.refused_writes.iter().map(DiskWrite::described);
        lines(&mut text, "refused, since it would write", writes);
        let terminal = self.terminal.filter(|_| self.would_start() && writes_to_terminal());
        if let Some(TerminalDecision { mode, reason }) = terminal {
            let _ = writeln!(text, "terminal: {mode} ({reason})");
        }
        let _ = writeln!(text, "{}", self.verdict());
        (text, self.would_start())
    }

    fn verdict(&self) -> String {
        let command: Vec<_> = self.command.iter().map(|part| part.to_string_lossy()).collect();
        let command = command.first().map_or("the command".to_owned(), |name| format!("`{name}`"));
        if self.would_start() {
            match self.supervised() {
                None => {
                    format!("{command} would take hushed's place (exec): nothing needs supervision")
                }
                Some(why) => format!("{command} would run as hushed's child (supervised): {why}"),
            }
        } else {
            format!("{command} would not be started")
        }
    }

    fn supervised(&self) -> Option<String> {
        super::run::supervised(&self.settings.run.output)
    }

    fn sources(&self) -> String {
        let names = self.settings.sources.iter().map(|source| format!("`{}`", source.name()));
        names.collect::<Vec<_>>().join(", ")
    }

    fn json(&self) -> (String, bool) {
        let variables: Vec<_> =
            self.resolution.variables.iter().map(|entry| self.entry(entry)).collect();
        let problems: Vec<_> =
            (self.resolution.problems.iter())
                .map(|problem| {
                    json!({
                        "variable": problem.variable,
                        "problem": problem.to_string(),
                        "hint": problem.hint(),
                    })
                })
                .chain(self.too_big.iter().map(
                    |too_big| json!({ "problem": too_big.to_string(), "hint": too_big.hint() }),
                ))
                .collect();
        let left: Vec<_> = self.resolution.excluded.iter().map(|(s, _)| s.name.as_str()).collect();
        let value = json!({
            "sources": self.settings.sources.iter().map(|s| s.name().to_string()).collect::<Vec<_>>(),
            "variables": variables,
            "left_out": left,
            "stripped": self.composition.stripped,
            "inherited_odd_names": self.odd_names().collect::<Vec<_>>(),
            "redacts": self.redacts(),
            "redacted_inherited": self.redaction.plan.redacted_inherited()
                .map(PlannedVariable::to_json)
                .collect::<Vec<_>>(),
            "revokes_token_of": self.settings.revoking().map(|(s, _)| s.to_string()).collect::<Vec<_>>(),
            "credentials": self.settings.fetched_credentials.iter()
                .map(|(name, place)| json!({ "credential": name, "place": place }))
                .collect::<Vec<_>>(),
            "notes": self.resolution.notes,
            "problems": problems,
            "disk_free": self.settings.run.disk_free.as_ref().map(|promise| match promise.value {
                DiskFree::Strict => "strict",
                DiskFree::BestEffort => "best-effort",
            }),
            "would_write": self.refused_writes.iter().map(DiskWrite::described).collect::<Vec<_>>(),
            "mode": if self.supervised().is_some() { "supervise" } else { "exec" },
            "supervised_for": self.supervised(),
            "terminal": self.terminal.map(|terminal| terminal.mode.to_string()),
            "terminal_reason": self.terminal.map(|terminal| terminal.reason),
            "would_start": self.would_start(),
        });
        (format!("{value:#}\n"), self.would_start())
    }

    fn entry(&self, entry: &ResolvedVariable) -> serde_json::Value {
        let overridden: Vec<_> = (entry.overridden.iter())
            .map(|secret| {
                json!({
                    "source": &*secret.provenance.source,
                    "place": &*secret.provenance.place,
                    "version": secret.provenance.version,
                })
            })
            .collect();
        let shells = ShellEffects::of(&entry.name);
        let mut variable = json!({
            "name": entry.name,
            "secret": entry.winner.name.as_str(),
            "source": &*entry.winner.provenance.source,
            "place": &*entry.winner.provenance.place,
            "version": entry.winner.provenance.version,
            "cached_seconds": entry.winner.provenance.age.map(|age| age.as_secs()),
            "bytes": entry.winner.value.len(),
            "path_in": self.file(entry),
            "file_kind": self.file(entry).map(|_| self.files.to_string()),
            "overridden": overridden,
            "inherited": self.composition.replaced.contains(&entry.name)
                || self.composition.preserved.contains(&entry.name),
            "inherited_wins": self.composition.preserved.contains(&entry.name),
            "dropped_by_shells": shells.dropped_by,
            "changed_by_shells": shells.changed_by,
        });
        if let Some(decision) = self.redaction.plan.decision(&entry.name) {
            variable["redacted"] = decision.is_redacted.into();
            variable["redaction_reason"] = decision.reason.to_string().into();
        }
        variable
    }
}

/// Notes about shells that drop or change a variable.
fn shell_notes(effects: &ShellEffects) -> impl Iterator<Item = String> {
    let note = |verb: &str, shells: &[&str]| {
        (!shells.is_empty()).then(|| format!("{verb} by {}", shells.join(", ")))
    };
    let notes = [note("dropped", &effects.dropped_by), note("changed", &effects.changed_by)];
    notes.into_iter().flatten()
}

/// Whether some shells drop the name, but would keep it in upper snake case.
fn has_portable_spelling(name: &str) -> bool {
    !ShellEffects::of(name).dropped_by.is_empty()
        && ShellEffects::of(&Transform::UpperSnake.apply(name)).is_empty()
}

/// Whether standard output or standard error is a terminal.
fn writes_to_terminal() -> bool {
    io::stdout().is_terminal() || io::stderr().is_terminal()
}

fn lines(text: &mut String, heading: &str, items: impl Iterator<Item = String>) {
    let items: Vec<_> = items.collect();
    if !items.is_empty() {
        let _ = writeln!(text, "{heading}: {}", items.join(", "));
    }
}

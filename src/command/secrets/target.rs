//! The store that a command changes.

use std::future::Future;
use std::io::{IsTerminal as _, Write as _};

use super::super::context::Context;
use super::super::flags::Flags;
use super::super::gather;
use crate::config::merge_run;
use crate::error::{Error, NoStore};
use crate::provider::{self, Change, Configured, Folders, Write, WriteOutcome};
use crate::secret::Name;

/// The store to change.
pub(in crate::command) struct Target {
    pub(super) source: Box<dyn Configured>,
    pub(super) store: Box<dyn Write>,
    is_protected: bool,
}

impl Target {
    /// Opens the only store that is configured and can be changed.
    pub(in crate::command) fn open(
        flags: &Flags,
        action: &'static str,
        context: &mut Context<'_>,
    ) -> Result<Self, Error> {
        let registry = context.registry;
        let sources = context.merge_with_credentials(flags, |inputs| registry.writable(inputs))?;
        let run = context.merge(flags, merge_run)?;
        let count = sources.len();
        let mut targets = Vec::new();
        for (schema, source) in sources {
            if let Some(store) = source.open_for_writing(&run)? {
                targets.push((schema, Self { source, store, is_protected: run.protected }));
            }
        }
        let (schema, target) = match (targets.pop(), targets.is_empty()) {
            (Some(target), true) => target,
            (None, _) => return Err(Error::NoStore { action, why: NoStore::None }),
            (Some(_), false) => return Err(Error::NoStore { action, why: NoStore::Many(count) }),
        };
        match context.registry.flag_of_others(&flags.layer, schema) {
            Some(flag) => Err(Error::NotForStore { flag, action, kind: schema.name }),
            None => Ok(target),
        }
    }

    /// Whether it is on a server.
    pub(in crate::command) fn is_remote(&self) -> bool {
        !self.source.endpoints().is_empty()
    }

    /// Whether each change needs a confirmation.
    pub(in crate::command) fn is_protected(&self) -> bool {
        self.is_protected
    }

    /// The source and the place that it changes.
    pub(in crate::command) fn place(&self) -> String {
        format!("`{}` ({})", self.source.name(), self.store.place())
    }

    /// Says where a server's secrets are changed, before they are.
    pub(in crate::command) fn announce(&self, context: &mut Context<'_>) {
        if self.is_remote() {
            context.info(&format!("`{}`: {}", self.source.name(), self.store.place()));
        }
    }

    /// Asks at the terminal, unless `--yes` was passed. Without a terminal there is nobody to ask.
    pub(in crate::command) fn confirm(question: &str, yes: bool) -> Result<(), Error> {
        if yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(Error::NeedsYes);
        }
        let mut answer = String::new();
        let asked = write!(std::io::stderr(), "{question} [y/N] ");
        asked.and_then(|()| std::io::stdin().read_line(&mut answer)).map_err(Error::Output)?;
        if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(Error::NotConfirmed) }
    }

    /// Asks, if the profile is protected.
    pub(in crate::command) fn confirm_if_protected(&self, yes: bool) -> Result<(), Error> {
        if !self.is_protected {
            return Ok(());
        }
        Self::confirm(&format!("The profile is protected. Change {}?", self.place()), yes)
    }

    /// The folders of the store.
    pub(in crate::command) fn folders(&self) -> Result<&dyn Folders, Error> {
        let none = || Error::NotKept { store: self.source.name().to_string(), what: "folders" };
        self.store.as_folders().ok_or_else(none)
    }

    /// Talks to the store, and ends the login.
    pub(in crate::command) fn run<T>(
        &self,
        work: impl Future<Output = Result<T, provider::Error>>,
    ) -> Result<T, Error> {
        if !self.source.waits() {
            return Ok(gather::at_once(work)??);
        }
        gather::in_runtime(async {
            let outcome = work.await;
            self.store.end().await?;
            Ok(outcome?)
        })
    }

    /// Applies changes, and returns what each did. Says what was written, also before an error: then the same
    /// command can run again with the rest.
    pub(in crate::command) fn apply(
        &self,
        changes: &[Change],
        verbose: bool,
        context: &mut Context<'_>,
    ) -> Result<Vec<(Name, WriteOutcome)>, Error> {
        let mut outcomes = Vec::with_capacity(changes.len());
        let mut notices = Vec::new();
        let applied = self.run(self.store.apply(changes, &mut |change, receipt| {
            notices.extend(receipt.notice);
            outcomes.push((change.name.clone(), receipt.outcome));
        }));
        for notice in notices {
            context.info(&notice);
        }
        let is_partial = applied.is_err() && !outcomes.is_empty();
        for (name, outcome) in &outcomes {
            let what = match outcome {
                WriteOutcome::Created => "stored",
                WriteOutcome::Replaced => "replaced",
                WriteOutcome::Deleted => "deleted",
                WriteOutcome::Renamed => "renamed",
                WriteOutcome::Absent => continue,
            };
            let place = match outcome {
                WriteOutcome::Deleted => String::new(),
                _ => format!(" in {}", self.store.place()),
            };
            context.verbose(verbose || is_partial, &format!("{what} `{name}`{place}"));
        }
        if is_partial {
            let count = changes.len() - outcomes.len();
            context.info(&format!(
                "{count} of {} changes are left: run the command again",
                changes.len()
            ));
        }
        applied.map(|()| outcomes)
    }
}

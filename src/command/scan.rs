//! `hushed scan`: finds the values of the configured sources in files, in the index of git, and in commits. It
//! prints places and names, and no value.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::context::Context;
use super::disk_free;
use super::flags::Flags;
use super::gather;
use super::inherit::EnvironmentRules;
use super::redacting::{RedactionOptions, too_short_message};
use super::redaction_plan::RedactionPlan;
use crate::cli::{Scan, ScanAction, ScanTarget};
use crate::config::ReferenceScope;
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::doctor::counted;
use crate::redact::Patterns;
use crate::scan::{
    self, Blob, Git, Listing, Match, Revisions, Searcher, Tree, files_below, is_in_work_tree,
};
use crate::secret::Name;
use crate::sys::program::find_in_path;

/// The hook that `hushed scan install-hook` writes.
const HOOK: &str = "#!/bin/sh\n# Stops a commit that would contain the value of a secret.\nexec hushed scan --staged\n";

/// Searches, and prints what was found. The exit status is 1 if there was something.
pub(super) fn scan(args: &Scan, context: &mut Context<'_>) -> Result<Exit, Error> {
    if let Some(ScanAction::InstallHook) = args.action {
        return install_hook(context);
    }
    let git = git(context);
    let (patterns, secrets) = patterns(args, context)?;
    let mut report = Report::new(&patterns);
    // What was found before an error is told all the same.
    let outcome = report.search(&args.target, git.as_ref(), &context.directory);
    let text = if args.json { report.json() } else { report.text() };
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    for (path, error) in &report.unreadable {
        context.warn(&format!("cannot read `{path}`: {error}"));
    }
    outcome?;
    let is_clean = report.findings.is_empty() && report.unreadable.is_empty();
    let is_hook = args.target.staged && is_clean;
    let found = counted(report.findings.len(), "place");
    let summary = format!(
        "searched {} for {}: {}",
        counted(report.searched, "text"),
        counted(secrets, "secret"),
        if report.findings.is_empty() {
            "nothing found".to_owned()
        } else {
            format!("found in {found}")
        }
    );
    if is_hook {
        context.verbose(args.scope.options.verbose, &summary);
    } else {
        context.info(&summary);
    }
    Ok(if is_clean { Exit::Success } else { Exit::Failure })
}

/// The values of the sources, compiled, and the number of secrets.
fn patterns(args: &Scan, context: &mut Context<'_>) -> Result<(Arc<Patterns>, usize), Error> {
    let flags = Flags::new(&args.scope).with(&args.redaction).with(&args.confinement);
    let flags = flags.resolving(ReferenceScope::Files);
    let settings = context.settings(&flags)?;
    drop(flags);
    disk_free::enforce(&settings, &disk_free::writes(&settings, false), context)?;
    let options = RedactionOptions::of(&settings.run.output, &context.environment)?;
    let resolution = gather::resolve(&settings, context)?;
    let environment = context.environment.clone();
    let rules = EnvironmentRules::new(&settings.run.inherit, &resolution.variables);
    let plan = RedactionPlan::new(&settings, &resolution, &environment, &rules);
    let values = plan.redacted_of_sources();
    let too_short = plan.too_short();
    if !too_short.is_empty() {
        context.verbose(args.scope.options.verbose, &too_short_message(&too_short));
    }
    let patterns = options.patterns(&values, Vec::new(), args.scope.options.verbose, context)?;
    if patterns.is_empty() {
        return Err(Error::Scan(scan::Error::NoValues));
    }
    Ok((patterns, values.len()))
}

/// git in the working directory, if there is one. It gets no variable but its own.
fn git(context: &Context<'_>) -> Option<Git> {
    let environment = &context.environment;
    let program = environment.verbatim("PATH").and_then(|path| find_in_path("git", path))?;
    let is_of_git = |name: &str| {
        name.starts_with("GIT_") || ["PATH", "HOME", "XDG_CONFIG_HOME", "LANG"].contains(&name)
    };
    let passed = environment.iter().filter(|it| it.name.to_str().is_some_and(is_of_git));
    let value = |bytes: &[u8]| std::ffi::OsStr::from_bytes(bytes).to_owned();
    let passed = passed.map(|it| (it.name.clone(), value(it.value.expose()))).collect();
    let directory = context.directory.clone();
    Some(Git { program, environment: passed, directory })
}

/// Writes the hook; one that is there stays.
fn install_hook(context: &mut Context<'_>) -> Result<Exit, Error> {
    let git = git(context).ok_or(scan::Error::NoGit)?;
    let hooks = git.hooks()?;
    let path = hooks.join("pre-commit");
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => scan::Error::HookExists(path.clone()),
        _ => scan::Error::File(path.clone(), error),
    };
    std::fs::create_dir_all(&hooks).map_err(failed)?;
    let options = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o755).clone();
    let mut file = options.open(&path).map_err(failed)?;
    file.write_all(HOOK.as_bytes()).map_err(failed)?;
    context.info(&format!("wrote the hook `{}`", path.display()));
    Ok(Exit::Success)
}

/// A value that was found.
struct Finding {
    /// The commit, of a commit.
    commit: Option<String>,
    /// The path, as it may be shown; that of a commit's message is empty.
    path: String,
    /// The line; `None` if the path itself has the value.
    line: Option<u64>,
    name: Name,
}

/// The path of a text; that of a commit's message is empty.
#[derive(Default)]
struct Place {
    /// The path on one line, without a value.
    shown: String,
    /// The values in it.
    matches: Vec<Match>,
}

/// What was searched and found.
struct Report {
    searcher: Searcher,
    findings: Vec<Finding>,
    unreadable: Vec<(String, io::Error)>,
    searched: usize,
}

impl Report {
    fn new(patterns: &Arc<Patterns>) -> Self {
        Self {
            searcher: Searcher::new(patterns),
            findings: Vec::new(),
            unreadable: Vec::new(),
            searched: 0,
        }
    }

    fn search(
        &mut self,
        target: &ScanTarget,
        git: Option<&Git>,
        directory: &Path,
    ) -> Result<(), Error> {
        let needed = || git.ok_or(scan::Error::NoGit);
        if target.staged {
            let git = needed()?;
            return self.blobs(git, git.staged()?, None);
        }
        let range = target.range.clone().map(Revisions::Range);
        if let Some(revisions) = range.or_else(|| target.history.then_some(Revisions::All)) {
            let git = needed()?;
            self.messages(git, &revisions)?;
            return self.blobs(git, git.blobs(&revisions)?, Some(&revisions));
        }
        let here = [PathBuf::from(".")];
        let paths = if target.paths.is_empty() { &here[..] } else { &target.paths };
        for path in paths {
            self.path(path, directory, git, target.no_git)?;
        }
        Ok(())
    }

    /// Searches a file, or the files of a directory.
    fn path(
        &mut self,
        path: &Path,
        directory: &Path,
        git: Option<&Git>,
        no_git: bool,
    ) -> Result<(), Error> {
        let root = directory.join(path);
        let metadata =
            root.metadata().map_err(|error| scan::Error::File(path.to_owned(), error))?;
        if !metadata.is_dir() {
            // Who names a file means it, also a link to one or a pipe.
            let unreadable = |error| scan::Error::File(path.to_owned(), error);
            let mut file = File::open(&root).map_err(unreadable)?;
            let matches = self.searcher.search(&mut file).map_err(unreadable)?;
            let place = self.place(path);
            self.add(&matches, &place, None);
            return Ok(());
        }
        let real = root.canonicalize().unwrap_or_else(|_| root.clone());
        let listing = if !no_git && is_in_work_tree(&real) {
            let git = git.ok_or(scan::Error::NoGit)?;
            let files = Git { directory: root.clone(), ..git.clone() }.work_tree_files()?;
            Listing { files, unreadable: Vec::new() }
        } else {
            files_below(&root)
        };
        let tree = Tree::open(&root)?;
        let prefix = path.strip_prefix(".").unwrap_or(path);
        for (directory, error) in listing.unreadable {
            let shown = self.place(&path.join(directory)).shown;
            self.unreadable.push((shown, error));
        }
        for file in listing.files {
            self.file(&tree, &file, &prefix.join(&file));
        }
        Ok(())
    }

    fn file(&mut self, tree: &Tree, file: &Path, shown: &Path) {
        let matches = match tree.file(file) {
            Ok(Some(mut file)) => self.searcher.search(&mut file),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let place = self.place(shown);
        match matches {
            Ok(matches) => self.add(&matches, &place, None),
            Err(error) => self.unreadable.push((place.shown, error)),
        }
    }

    /// Searches contents of a repository.
    fn blobs(
        &mut self,
        git: &Git,
        blobs: Vec<Blob>,
        revisions: Option<&Revisions>,
    ) -> Result<(), Error> {
        let mut reader = git.reader()?;
        for blob in blobs {
            let matches =
                reader.read(&blob.id, |mut content| self.searcher.search(&mut content))?;
            let place = self.place(&blob.path);
            let commit = match revisions {
                Some(revisions) if !place.matches.is_empty() || !matches.is_empty() => {
                    // Of a merge, the content itself is all that there is to name.
                    let commit = git.commit_of(&blob, revisions)?;
                    Some(commit.unwrap_or_else(|| blob.id.clone()))
                }
                _ => None,
            };
            self.add(&matches, &place, commit.as_deref());
        }
        Ok(())
    }

    /// Searches the messages of commits.
    fn messages(&mut self, git: &Git, revisions: &Revisions) -> Result<(), Error> {
        for (commit, message) in git.messages(revisions)? {
            let matches = self.searcher.search(&mut &message[..]).unwrap_or_default();
            self.add(&matches, &Place::default(), Some(&commit));
        }
        Ok(())
    }

    /// Adds what was found in a text, and in its path.
    fn add(&mut self, matches: &[Match], place: &Place, commit: Option<&str>) {
        self.searched += 1;
        let in_path = place.matches.iter().map(|found| (None, found));
        let in_text = matches.iter().map(|found| (Some(found.line), found));
        self.findings.extend(in_path.chain(in_text).map(|(line, found)| Finding {
            commit: commit.map(str::to_owned),
            path: place.shown.clone(),
            line,
            name: found.name.clone(),
        }));
    }

    /// Searches a path.
    fn place(&mut self, path: &Path) -> Place {
        let bytes = path.as_os_str().as_bytes();
        let shown = String::from_utf8_lossy(&self.searcher.redacted(bytes)).into_owned();
        let matches = self.searcher.search(&mut &*bytes).unwrap_or_default();
        Place { shown: shown.replace(char::is_control, "?"), matches }
    }

    /// One line for each place, as compilers and grep(1) print it.
    fn text(&self) -> String {
        let line = |finding: &Finding| {
            let commit = finding.commit.as_deref().map(|id| id.get(..12).unwrap_or(id));
            let commit = commit.map(|id| format!("{id}:")).unwrap_or_default();
            let path = if finding.path.is_empty() { "(message)" } else { &finding.path };
            let line = finding.line.map_or("(path)".to_owned(), |line| line.to_string());
            format!("{commit}{path}:{line}: {}\n", finding.name)
        };
        self.findings.iter().map(line).collect()
    }

    fn json(&self) -> String {
        let finding = |finding: &Finding| {
            json!({
                "name": finding.name.as_str(),
                "commit": finding.commit,
                "path": Some(&finding.path).filter(|path| !path.is_empty()),
                "line": finding.line,
            })
        };
        let findings: Vec<_> = self.findings.iter().map(finding).collect();
        let unreadable: Vec<_> = self.unreadable.iter().map(|(path, _)| path).collect();
        let value =
            json!({ "searched": self.searched, "findings": findings, "unreadable": unreadable });
        format!("{value:#}\n")
    }
}

//! `hushed trust`: records which server addresses in the project's files the user trusts.

use std::fmt::Write as _;

use super::context::{Context, trust as user_trust};
use super::flags::Flags;
use crate::cli::Trust as TrustArgs;
use crate::config::{self, guarded_settings, trust_file};
use crate::error::Error;
use crate::exit::Exit;
use crate::seal::private_file;

/// Records the server addresses of the project's files as trusted, or revokes that.
pub(super) fn trust(args: &TrustArgs, context: &mut Context<'_>) -> Result<Exit, Error> {
    let path = trust_file().ok_or(config::Error::NoHome("what you trust"))?;
    let mut trust = user_trust()?;
    let mut text = String::new();
    if args.revoke {
        // Also for files that are gone, or cannot be read any more.
        for file in trust.files_above(&context.directory) {
            trust.remove(&file);
            let _infallible = writeln!(text, "no longer trusts {}", file.display());
        }
        if text.is_empty() {
            return Err(Error::NothingToTrust);
        }
    } else {
        let mut files = context.files(&Flags::default())?;
        let named = context.registry.trust_subjects(&context.environment, &mut files)?;
        if named.is_empty() {
            return Err(Error::NothingToTrust);
        }
        trust = trust.with_current(&files);
        for (origin, file) in &named {
            let what = if trust.add(origin, file) { "now trusts" } else { "already trusts" };
            let _infallible = writeln!(text, "{what} {origin} in {}", file.display());
        }
        for file in files.project_files() {
            for setting in guarded_settings(file) {
                let _infallible = writeln!(text, "  {setting}");
            }
        }
    }
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    private_file::create_directory(path.parent().unwrap_or(std::path::Path::new("")))?;
    private_file::write_atomically(&path, trust.format().as_bytes())?;
    Ok(Exit::Success)
}

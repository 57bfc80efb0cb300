//! `hushed trust`: records which server addresses in the project's files the user trusts.

use super::context::{Context, trust as user_trust};
use super::flags::Flags;
use crate::cli::Trust as TrustArgs;
use crate::config::{self, trust_file};
use crate::error::Error;
use crate::exit::Exit;
use crate::seal::private_file;

/// Records the server addresses of the project's files as trusted, or revokes that.
pub(super) fn trust(args: &TrustArgs, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::default();
    let mut files = context.files(&flags)?;
    let named = context.registry.trust_subjects(&context.environment, &mut files)?;
    let path = trust_file().ok_or(config::Error::NoHome("what you trust"))?;
    let mut trust = user_trust()?;
    if named.is_empty() {
        return Err(Error::NothingToTrust);
    }
    for (origin, file) in &named {
        let changed = if args.revoke { trust.remove(file) } else { trust.add(origin, file) };
        let what = match (args.revoke, changed) {
            (false, true) => "now trusts",
            (false, false) => "already trusts",
            (true, true) => "no longer trusts",
            (true, false) => "did not trust",
        };
        let line = format!("{what} {origin} in {}\n", file.display());
        context.stdout.write_all(line.as_bytes()).map_err(Error::Output)?;
    }
    private_file::create_directory(path.parent().unwrap_or(std::path::Path::new("")))?;
    private_file::write_atomically(&path, trust.format().as_bytes())?;
    Ok(Exit::Success)
}

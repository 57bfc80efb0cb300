//! `hushed folders`: lists, creates and deletes the folders of a store.

use super::context::Context;
use super::flags::Flags;
use super::secrets::Target;
use crate::cli::FoldersAction;
use crate::error::Error;
use crate::exit::Exit;
use crate::message::quoted_name;
use crate::provider;

/// Runs a subcommand of `hushed folders`.
pub(super) fn folders(action: &FoldersAction, context: &mut Context<'_>) -> Result<Exit, Error> {
    let (scope, word) = match action {
        FoldersAction::List(args) => (&args.scope, "folders list"),
        FoldersAction::Create(args) => (&args.scope, "folders create"),
        FoldersAction::Delete(args) => (&args.scope, "folders delete"),
    };
    let target = Target::open(&Flags::new(scope), word, context)?;
    let folders = target.folders()?;
    match action {
        FoldersAction::List(args) => {
            let path = args.folder.as_deref().unwrap_or_default();
            let mut names = target.run(folders.list(path))?;
            names.sort_unstable();
            let lines: String = names.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
            context.stdout.write_all(lines.as_bytes()).map_err(Error::Output)?;
        }
        FoldersAction::Create(args) => {
            target.announce(context);
            target.confirm_if_protected(args.yes)?;
            let is_new = target.run(folders.create(&args.folder))?;
            let what = if is_new { "created" } else { "there is already" };
            let text = format!("{what} the folder {}", quoted_name(&args.folder));
            context.verbose(scope.options.verbose, &text);
        }
        FoldersAction::Delete(args) => {
            target.announce(context);
            let contents = target.run(list_contents(folders, &args.folder))?;
            let below = match contents.len() {
                0 => String::new(),
                1 => ", with 1 folder directly in it".to_owned(),
                count => format!(", with {count} folders directly in it"),
            };
            let folder = quoted_name(&args.folder);
            let question =
                format!("Delete the folder {folder} with all secrets and folders below it{below}?");
            Target::confirm(&question, args.yes)?;
            if !target.run(folders.delete(&args.folder))? {
                return Err(Error::NoSuchFolder { folder, place: target.place() });
            }
            context.verbose(scope.options.verbose, &format!("deleted the folder {folder}"));
        }
    }
    Ok(Exit::Success)
}

/// The folders in a folder, to say what is deleted with it.
async fn list_contents(
    folders: &dyn provider::Folders,
    path: &str,
) -> Result<Vec<String>, provider::Error> {
    Ok(folders.list(path).await.unwrap_or_default())
}

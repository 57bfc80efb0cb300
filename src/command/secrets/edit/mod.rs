//! `hushed secrets edit`: opens the secrets of a store in an editor, and writes what changed.
//!
//! ```text
//! store ──read──► text in memory (tmpfs) ──editor──► text ──compare──► names that change ──ask──►
//!    sealed draft ──► store: each change with the revision that was read ──► the draft is removed
//! ```

mod draft;
mod editor;
mod text;

use std::path::{Path, PathBuf};

use super::super::context::Context;
use super::super::flags::Flags;
use super::super::secret_files;
use super::target::Target;
use super::value::refuse_unusable;
use crate::cli::SecretsEdit;
use crate::config::RawValue;
use crate::config::schema::ALLOW_EMPTY;
use crate::deliver::files::{FileStorage, SecretFile, SecretFiles};
use crate::error::Error;
use crate::exit::Exit;
use crate::message::quoted_name;
use crate::provider::{Action, StoredSecret};
use crate::resolve::Globs;
use crate::seal::private_file;
use crate::secret::Value;

use draft::{Draft, DraftTexts};
use editor::Editor;

/// The largest text that is read back, in bytes.
const MAX_SIZE: u64 = 64 << 20;

/// Edits the secrets of a store.
pub(super) fn edit(args: &SecretsEdit, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope);
    let target = Target::open(&flags, "edit", context)?;
    target.announce(context);
    let draft = Draft::of(&context.directory, &target.place());
    if args.discard {
        draft.remove();
        context.info("the text of an earlier edit is given up");
        return Ok(Exit::Success);
    }
    let editor = Editor::find(&context.environment)?;
    if let Some(warning) = editor.warning() {
        context.warn(&warning);
        Target::confirm("Open it nevertheless?", args.yes)?;
    }
    let only = Globs::new(&args.only);
    let is_wanted =
        |secret: &StoredSecret| args.only.is_empty() || only.matches(secret.name.as_str());
    let stored = target.run(target.store.read_stored())?;
    let wanted: Vec<_> = stored.iter().filter(|secret| is_wanted(secret)).collect();
    let rendered = text::render(&wanted);
    for name in &rendered.left_out {
        context.info(&format!("`{name}` is not text that can be edited, and stays as it is"));
    }
    let (begun, edited) = match draft.read() {
        Some(DraftTexts { begun, edited }) => {
            context.info("an earlier edit was not written: the editor opens with its text");
            (begun, edited)
        }
        None => (rendered.text.clone(), rendered.text.clone()),
    };
    let edited = open_editor(&editor, &edited, args, context)?;
    if edited == begun {
        draft.remove();
        context.info("nothing changed");
        return Ok(Exit::Success);
    }
    // From here on the text is lost only when it is written or given up.
    let texts = DraftTexts { begun, edited };
    let is_kept = draft.write(&texts);
    let written = write(&texts, &stored, (args, &target, &flags), context);
    match &written {
        Ok(_) | Err(Error::NotConfirmed) => draft.remove(),
        Err(_) if is_kept => {
            context.info("the edited text is kept, sealed: `hushed secrets edit` opens it again");
        }
        Err(_) => context.warn("the edited text is lost: there is no keyring to seal it with"),
    }
    written
}

/// Asks about the changes, and writes them.
fn write(
    texts: &DraftTexts,
    stored: &[StoredSecret],
    (args, target, flags): (&SecretsEdit, &Target, &Flags),
    context: &mut Context<'_>,
) -> Result<Exit, Error> {
    let changes = text::changes(&texts.edited, &texts.begun, stored)?;
    if changes.is_empty() {
        context.info("nothing changed");
        return Ok(Exit::Success);
    }
    let allows_empty =
        flags.layer.get(&ALLOW_EMPTY).is_some_and(|it| it.value == RawValue::Switch(true));
    for change in &changes {
        if let Action::Put { value, .. } = &change.action {
            if value.is_empty() && !allows_empty {
                return Err(Error::EmptyValue(quoted_name(change.name.as_str())));
            }
            refuse_unusable(change.name.as_str(), flags, context)?;
            target.store.check(&change.name, value)?;
        }
    }
    for change in &changes {
        let is_known = stored.iter().any(|secret| secret.name == change.name);
        let what = match (&change.action, is_known) {
            (Action::Delete, _) => "deleted",
            (_, true) => "changed",
            (_, false) => "new",
        };
        writeln!(context.stderr, "{}  {what}", change.name).map_err(Error::Output)?;
    }
    let count = changes.len();
    let what = if count == 1 { "this change" } else { "these changes" };
    Target::confirm(&format!("Write {what} to {}?", target.place()), args.yes)?;
    target.apply(&changes, args.scope.options.verbose, context)?;
    Ok(Exit::Success)
}

/// Writes the text to a file in memory, runs the editor, and reads the file back.
fn open_editor(
    editor: &Editor,
    text: &Value,
    args: &SecretsEdit,
    context: &mut Context<'_>,
) -> Result<Value, Error> {
    let directory = match secret_files::directory(&[], context) {
        Some(directory) => directory,
        None if args.allow_disk => {
            let directory = context.environment.text("TMPDIR").map_or("/tmp".into(), PathBuf::from);
            let shown = directory.display();
            context.warn(&format!("the secrets are in a file below {shown}, which is on a disk"));
            directory
        }
        None => return Err(Error::NoMemoryForEdit),
    };
    let file = SecretFile { name: "secrets.env", value: text, mode: 0o600, owner: None };
    let (_removed_at_the_end, paths) =
        SecretFiles::write(&FileStorage::Directory(directory), &[file])?;
    let path = paths.first().map_or(Path::new(""), PathBuf::as_path);
    editor.run(path, &context.environment)?;
    Ok(private_file::read(path, MAX_SIZE)?.bytes)
}

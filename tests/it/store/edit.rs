//! `hushed secrets edit` with editors that are scripts, and with vim.

use std::fs;
use std::path::Path;

use super::{get, names, set};
use crate::support::sandbox::{Output, Sandbox, hushed};

/// A sandbox with two secrets, and an editor that does this to the file `$1`.
fn sandbox(script: &str) -> Sandbox {
    let sandbox = Sandbox::new().file("editor.sh", script).env("EDITOR", "sh editor.sh");
    set(&sandbox, "A", "canary one").success();
    set(&sandbox, "B", "it's a $canary").success();
    sandbox
}

fn edit(sandbox: &Sandbox) -> Output {
    sandbox.run(["secrets", "edit", "--yes"])
}

#[test]
fn what_was_changed_in_the_editor_is_written_and_the_file_is_gone() {
    let script = "sed -i -e s/one/two/ -e /^B=/d \"$1\"; echo 'C=new' >>\"$1\"; echo \"$1\"; \
                  stat -f -c %T \"$1\"; stat -c %a \"$1\"";
    let sandbox = sandbox(script);
    let output = edit(&sandbox).success();
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines[1..], ["tmpfs", "600"]);
    assert!(!Path::new(lines[0]).parent().unwrap().exists(), "{}", lines[0]);
    assert!(output.stderr.contains("A  changed\nC  new\nB  deleted\n"), "{}", output.stderr);
    assert!(output.stderr.contains("does not know how `sh` keeps backups"), "{}", output.stderr);
    assert_eq!(names(&sandbox), ["A", "C"]);
    assert_eq!(get(&sandbox, "A"), b"canary two");
}

#[test]
fn nothing_is_written_without_a_change_a_confirmation_or_a_sound_text() {
    for (script, options, want) in [
        ("true", &["--yes"][..], "nothing changed"),
        ("exit 3", &["--yes"], "the editor `sh editor.sh` failed; nothing was changed"),
        ("sed -i s/one/two/ \"$1\"", &[], "standard input is not a terminal"),
        ("echo \"A='canary\" >\"$1\"", &["--yes"], "unterminated single quote"),
        ("sed -i \"s/^A=.*/A=''/\" \"$1\"", &["--yes"], "the value of `A` is empty"),
        ("rm \"$1\"", &["--yes"], "hushed: "),
    ] {
        let sandbox = sandbox(script);
        let output = sandbox.run(["secrets", "edit"].iter().chain(options));
        assert!(output.stderr.contains(want), "{script}: {}", output.stderr);
        assert_eq!(names(&sandbox), ["A", "B"], "{script}");
        assert_eq!(get(&sandbox, "A"), b"canary one", "{script}");
        assert_eq!(get(&sandbox, "B"), b"it's a $canary", "{script}");
    }
}

#[test]
fn what_somebody_else_changed_meanwhile_is_not_overwritten() {
    let script =
        format!("sed -i s/one/two/ \"$1\"; {} secrets set A --file other", hushed().display());
    let sandbox = sandbox(&script).file("other", "canary three");
    let output = edit(&sandbox);
    assert_ne!(output.code(), 0);
    assert!(output.stderr.contains("somebody else changed `A` meanwhile"), "{}", output.stderr);
    assert!(output.stderr.contains("the edited text is "), "{}", output.stderr);
    assert_eq!(get(&sandbox, "A"), b"canary three");
}

#[test]
fn an_edit_that_is_taken_up_again_changes_only_what_it_changed() {
    let sandbox = sandbox("sed -i s/one/two/ \"$1\"; echo \"C='canary\" >>\"$1\"");
    let output = edit(&sandbox);
    if output.stderr.contains("there is no keyring to seal it with") {
        println!("skipped: no keyring keeps the text of an edit here");
        return;
    }
    assert!(output.stderr.contains("the edited text is kept, sealed"), "{}", output.stderr);
    set(&sandbox, "B", "canary later").success();
    set(&sandbox, "LATER", "canary new").success();
    let sandbox = sandbox.file("editor.sh", "sed -i /^C=/d \"$1\"");
    let output = edit(&sandbox).success();
    assert!(output.stderr.contains("\nA  changed\n"), "{}", output.stderr);
    assert_eq!(names(&sandbox), ["A", "B", "LATER"]);
    let values = ["A", "B", "LATER"].map(|name| get(&sandbox, name));
    assert_eq!(values, [&b"canary two"[..], b"canary later", b"canary new"]);
}

#[test]
fn a_kept_edit_is_that_of_its_directory() {
    let sandbox = sandbox("sed -i s/one/two/ \"$1\"; echo \"C='canary\" >>\"$1\"");
    if edit(&sandbox).stderr.contains("there is no keyring to seal it with") {
        println!("skipped: no keyring keeps the text of an edit here");
        return;
    }
    let sandbox = sandbox.file("editor.sh", "true").file("other/new", "canary other");
    let script = "cd other && \"$0\" secrets set A --file new && EDITOR='sh ../editor.sh' exec \"$0\" secrets edit --yes";
    let line = ["-c".into(), script.into(), hushed().into_os_string()];
    let output = sandbox.program("sh", line).run().success();
    assert!(!output.stderr.contains("an earlier edit was not written"), "{}", output.stderr);
    assert!(output.stderr.contains("nothing changed"), "{}", output.stderr);
}

#[test]
fn a_kept_edit_of_what_has_changed_since_is_refused_and_can_be_given_up() {
    let sandbox = sandbox("sed -i s/one/two/ \"$1\"; echo \"C='canary\" >>\"$1\"");
    if edit(&sandbox).stderr.contains("there is no keyring to seal it with") {
        println!("skipped: no keyring keeps the text of an edit here");
        return;
    }
    set(&sandbox, "A", "canary later").success();
    let sandbox = sandbox.file("editor.sh", "sed -i /^C=/d \"$1\"");
    let output = edit(&sandbox).fails_with(1);
    let want = "somebody else has changed `A` since this edit began\n";
    assert!(output.stderr.contains(want), "{}", output.stderr);
    assert_eq!(get(&sandbox, "A"), b"canary later");
    sandbox.run(["secrets", "edit", "--discard"]).success();
    let output = edit(&sandbox).success();
    assert!(output.stderr.contains("nothing changed"), "{}", output.stderr);
}

#[test]
fn vim_leaves_no_copies() {
    let sandbox = sandbox("").env("VISUAL", "vim -es -c %s/one/two/ -c wq");
    if !Path::new("/usr/bin/vim").exists() {
        return eprintln!("SKIPPED: vim is not installed");
    }
    fs::write(sandbox.home().join(".vimrc"), "set backup undofile backupdir=~ undodir=~\n")
        .unwrap();
    let output = edit(&sandbox).success();
    assert!(!output.stderr.contains("does not know how"), "{}", output.stderr);
    assert_eq!(get(&sandbox, "A"), b"canary two");
    let entries = fs::read_dir(sandbox.home()).unwrap();
    let of_vim = |name: &String| name.contains("vim") && name != ".vimrc" || name.ends_with('~');
    let left: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(of_vim)
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_editor_that_is_not_there_is_named() {
    let sandbox = sandbox("").env("EDITOR", "no-such-editor --wait");
    let output = edit(&sandbox).fails_with(1);
    assert!(
        output.stderr.contains("there is no editor `no-such-editor --wait`"),
        "{}",
        output.stderr
    );
}

//! Which files count: upwards to the repository's root, the user's own, the one that is named.
//! Must not test faults in them.

use std::ffi::OsString;
use std::fs;

use super::planned;
use crate::support::sandbox::{Output, Sandbox, hushed};

/// A configuration of one dotenv source with one secret.
fn place(sandbox: Sandbox, directory: &str, name: &str) -> Sandbox {
    let config = "[source.dotenv]\ntype = \"dotenv\"\nfile = \"here.env\"\n";
    let directory = sandbox.project().join(directory);
    let path = |file: &str| directory.join(file);
    sandbox.file(path("hushed.toml"), config).file(path("here.env"), format!("{name}=canary\n"))
}

/// Runs a plan in a folder of the project.
fn plan_in(sandbox: &Sandbox, folder: &str) -> Output {
    fs::create_dir_all(sandbox.project().join(folder)).unwrap();
    let script = format!("cd {folder} && exec \"$@\"");
    let line = ["-c", &script, "sh"].map(OsString::from).into_iter();
    sandbox.program("/bin/sh", line.chain([hushed().into(), "plan".into()])).run()
}

#[test]
fn the_file_is_looked_for_upwards_to_the_repositorys_root() {
    let sandbox = place(place(Sandbox::new(), ".", "ABOVE"), "repository", "ROOT");
    let sandbox = place(sandbox, "repository/inner", "INNER");
    fs::create_dir(sandbox.project().join("repository/.git")).unwrap();
    for (folder, want) in [
        ("repository", "ROOT"),
        ("repository/other/deep", "ROOT"),
        ("repository/inner", "INNER"),
        ("repository/inner/deep", "INNER"),
    ] {
        let output = plan_in(&sandbox, folder).success();
        assert!(
            output.stdout.contains(&format!("  {want}  `dotenv`")),
            "{folder}: {}",
            output.stdout
        );
    }
}

#[test]
fn nothing_above_the_repository_counts() {
    let sandbox = place(Sandbox::new(), ".", "ABOVE");
    fs::create_dir_all(sandbox.project().join("repository/.git")).unwrap();
    for folder in ["repository", "repository/deep"] {
        let output = plan_in(&sandbox, folder).fails_with(1);
        assert!(output.stderr.starts_with("hushed: nothing says where"), "{}", output.stderr);
    }
    // Outside of a repository only the working directory counts: what lies above may be anyone's.
    let output = plan_in(&sandbox, "plain").fails_with(1);
    assert!(output.stderr.contains("hushed init"), "{}", output.stderr);
    plan_in(&sandbox, ".").success();
}

#[test]
fn a_git_file_of_a_worktree_is_a_root_too() {
    let sandbox =
        place(place(Sandbox::new(), ".", "ABOVE"), "tree", "TREE").file("tree/.git", "gitdir: x\n");
    let output = plan_in(&sandbox, "tree/deep").success();
    assert!(output.stdout.contains("  TREE  "), "{}", output.stdout);
}

#[test]
fn a_named_file_counts_instead_of_the_projects() {
    let sandbox = place(place(Sandbox::new(), ".", "PROJECT"), "other", "OTHER");
    let sandbox = place(sandbox, "third", "THIRD");
    assert_eq!(planned(&sandbox, &[]), "PROJECT");
    assert_eq!(planned(&sandbox, &["--config", "other/hushed.toml"]), "OTHER");
    let sandbox = sandbox.env("HUSHED_CONFIG", "third/hushed.toml");
    assert_eq!(planned(&sandbox, &[]), "THIRD");
    assert_eq!(planned(&sandbox, &["--config", "other/hushed.toml"]), "OTHER");
    let output = sandbox.run(["plan", "--config", "none.toml"]).fails_with(1);
    let want = "hushed: cannot read the configuration `none.toml`\n";
    assert!(output.stderr.starts_with(want), "{}", output.stderr);
}

#[test]
fn the_users_file_counts_below_the_projects() {
    let sandbox = Sandbox::new();
    let user = sandbox.home().join(".config/hushed");
    let sandbox = place(sandbox, user.to_str().unwrap(), "USER");
    fs::rename(user.join("hushed.toml"), user.join("config.toml")).unwrap();
    assert_eq!(planned(&sandbox, &[]), "USER");
    // A project with sources of its own does not get the user's as well; other settings do hold.
    let sandbox = place(sandbox, ".", "PROJECT");
    assert_eq!(planned(&sandbox, &[]), "PROJECT");
    let both = "[run]\nprefix = \"MY_\"\n";
    fs::write(user.join("config.toml"), both).unwrap();
    assert_eq!(planned(&sandbox, &[]), "MY_PROJECT");
    // Without XDG_CONFIG_HOME it is ~/.config.
    assert_eq!(planned(&sandbox.without("XDG_CONFIG_HOME"), &[]), "MY_PROJECT");
}

#[test]
fn paths_in_a_file_start_from_it_and_others_from_the_working_directory() {
    let config =
        "[run]\nenv-file = [\"last.env\"]\n[source.a]\ntype = \"dotenv\"\nfile = \"sub/a.env\"\n";
    let sandbox = Sandbox::new()
        .file("conf/hushed.toml", config)
        .file("conf/sub/a.env", "A=canary\n")
        .file("conf/last.env", "LAST=canary\n")
        .file("flag.env", "FLAG=canary\n");
    let config = ["--config", "conf/hushed.toml"];
    assert_eq!(planned(&sandbox, &config), "A LAST");
    assert_eq!(planned(&sandbox, &[&config[..], &["--env-file", "flag.env"]].concat()), "A FLAG");
    let sandbox = sandbox.env("HUSHED_ENV_FILE", "flag.env,conf/last.env");
    assert_eq!(planned(&sandbox, &config), "A FLAG LAST");
}

//! Which files count: upwards to the repository's root, the user's own, the one that is named.
//! Must not test faults in them.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

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
        let output = plan_in(&sandbox, folder).fails_with(78);
        assert!(
            output.stderr.starts_with("hushed: no source of secrets is configured"),
            "{}",
            output.stderr
        );
    }
    plan_in(&sandbox, ".").success();
}

#[test]
fn without_a_repository_the_search_goes_up_to_the_home_directory() {
    let sandbox = place(Sandbox::new(), ".", "PROJECT");
    let output = plan_in(&sandbox, "plain/deep").success();
    assert!(output.stdout.contains("  PROJECT  "), "{}", output.stdout);

    let sandbox = Sandbox::new();
    let home = sandbox.home().to_owned();
    let sandbox = place(sandbox, home.to_str().unwrap(), "AT_HOME");
    let output = plan_in(&sandbox, "plain").success();
    assert!(output.stdout.contains("  AT_HOME  "), "{}", output.stdout);

    // The project directory is the home directory now, and nothing above it counts.
    let home = sandbox.project().join("home");
    let sandbox = sandbox.env("HOME", home.as_os_str());
    let output = plan_in(&sandbox, "home/deep").fails_with(78);
    assert!(output.stderr.contains("hushed init"), "{}", output.stderr);
}

/// Changes the owner of a file; false where that is not permitted.
fn give_away(path: &Path) -> bool {
    nix::unistd::chown(path, Some(nix::unistd::Uid::from_raw(54_321)), None).is_ok()
}

#[test]
fn a_file_of_another_user_above_the_working_directory_is_ignored_with_a_warning() {
    let sandbox = place(Sandbox::new(), ".", "FOREIGN");
    let config = sandbox.project().join("hushed.toml");
    if !give_away(&config) {
        return eprintln!("SKIPPED: only root can give a file to another user");
    }
    let output = plan_in(&sandbox, "deep").fails_with(78);
    let warning = format!("ignoring {}: it is owned by another user (uid 54321)", config.display());
    assert!(!output.stdout.contains("FOREIGN"), "{}", output.stdout);
    assert_eq!(output.stderr.matches(&warning).count(), 1, "{}", output.stderr);
    // In the working directory it is what the user has come for, and under sudo it is the caller's.
    plan_in(&sandbox, ".").success();
    plan_in(&sandbox.env("SUDO_UID", "54321"), "deep").success();

    // A link to a file of ours that another user made.
    let sandbox = place(Sandbox::new(), "own", "LINKED").file("here.env", "LINKED=canary\n");
    let link = sandbox.project().join("hushed.toml");
    std::os::unix::fs::symlink("own/hushed.toml", &link).unwrap();
    assert!(plan_in(&sandbox, "deep").success().stdout.contains("LINKED"));
    nix::unistd::fchownat(
        nix::fcntl::AT_FDCWD,
        &link,
        Some(nix::unistd::Uid::from_raw(54_321)),
        None,
        nix::fcntl::AtFlags::AT_SYMLINK_NOFOLLOW,
    )
    .unwrap();
    plan_in(&sandbox, "deep").fails_with(78);
}

#[test]
fn a_repository_of_another_user_is_no_reason_to_trust_its_files() {
    let sandbox = place(Sandbox::new(), ".", "FOREIGN");
    let git = sandbox.project().join(".git");
    fs::create_dir(&git).unwrap();
    assert!(plan_in(&sandbox, "deep").success().stdout.contains("FOREIGN"));
    if !give_away(&git) || !give_away(&sandbox.project().join("hushed.toml")) {
        return eprintln!("SKIPPED: only root can give a file to another user");
    }
    plan_in(&sandbox, "deep").fails_with(78);
}

#[test]
fn a_file_extends_another_with_its_sources_and_profiles() {
    let shared = "[run]\nprefix = \"SHARED_\"\nexclude = [\"GONE\"]\n\
                  [source.base]\ntype = \"dotenv\"\nfile = \"base.env\"\n\
                  [source.own]\ntype = \"dotenv\"\nfile = \"base.env\"\n\
                  [profile.prod.run]\nprefix = \"PROD_\"\n\
                  [profile.prod.source.extra]\ntype = \"dotenv\"\nfile = \"extra.env\"\n";
    let own = "extends = \"../../hushed.toml\"\n\
               [run]\nprefix = \"OWN_\"\n\
               [source.own]\nfile = \"own.env\"\n\
               [source.last]\ntype = \"dotenv\"\nfile = \"last.env\"\n\
               [profile.prod.source.own]\nfile = \"prod.env\"\n";
    let sandbox = Sandbox::new()
        .file("hushed.toml", shared)
        .file("base.env", "BASE=canary\nGONE=canary\n")
        .file("extra.env", "EXTRA=canary\n")
        .file("packages/api/hushed.toml", own)
        .file("packages/api/own.env", "OWN=canary\n")
        .file("packages/api/prod.env", "PRODUCTION=canary\n")
        .file("packages/api/last.env", "LAST=canary\n");
    let config = ["--config", "packages/api/hushed.toml"];
    assert_eq!(planned(&sandbox, &config), "OWN_BASE OWN_OWN OWN_LAST");
    let prod = [&config[..], &["--profile", "prod"]].concat();
    assert_eq!(planned(&sandbox, &prod), "PROD_BASE PROD_PRODUCTION PROD_LAST PROD_EXTRA");
    // It may extend a file in turn, and `~` is the home directory.
    let sandbox = sandbox.file("top.toml", "extends = \"~/project/packages/api/hushed.toml\"\n");
    assert_eq!(planned(&sandbox, &["--config", "top.toml"]), "OWN_BASE OWN_OWN OWN_LAST");
}

#[test]
fn what_cannot_be_extended_is_an_error_at_its_place() {
    for (config, want) in [
        ("extends = \"none.toml\"\n", "No such file or directory"),
        ("extends = \"hushed.toml\"\n", "it extends itself"),
        ("extends = \"other.toml\"\n", "it extends itself"),
        ("extends = \".\"\n", "not a regular file"),
        ("extends = \"/dev/zero\"\n", "not a regular file"),
    ] {
        let sandbox = Sandbox::new()
            .file("hushed.toml", config)
            .file("other.toml", "extends = \"hushed.toml\"\n");
        let output = sandbox.run(["plan"]).fails_with(78);
        assert!(output.stderr.contains(":1:1: cannot extend `"), "{config}: {}", output.stderr);
        assert!(output.stderr.contains(want), "{config}: {}", output.stderr);
    }
    // A fault in it is told with its own place.
    let sandbox = Sandbox::new()
        .file("hushed.toml", "extends = \"other.toml\"\n")
        .file("other.toml", "[run]\nprefx = \"A\"\n");
    let output = sandbox.run(["plan"]).fails_with(78);
    assert!(output.stderr.contains("other.toml:2:1: unknown setting"), "{}", output.stderr);
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
    let output = sandbox.run(["plan", "--config", "none.toml"]).fails_with(78);
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

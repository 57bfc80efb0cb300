//! `.infisical.json`, the project file of Infisical's own command line.
//! Must not test whether its `domain` is trusted: that is `trust`.

use super::fixture::{env, home, project_id, refusal, secrets, start};
use crate::support::{infisical::Server, sandbox::Sandbox};

const BRANCHES: &str =
    r#"{"main":"prod","feature/exact":"prod","last":"prod","unknown-there":"nowhere"}"#;

fn file(server: &Server, default: &str) -> String {
    let id = project_id(server);
    format!(
        r#"{{"workspaceId":"{id}","defaultEnvironment":"{default}",
            "gitBranchToEnvironmentMapping":{BRANCHES}}}"#
    )
}

fn base(server: &Server) -> Sandbox {
    home(server).without("INFISICAL_PROJECT_ID").without("HUSHED_ENV")
}

fn name(sandbox: &Sandbox, flags: &[&str]) -> String {
    secrets(sandbox, flags)["NAME"].clone()
}

#[test]
fn its_project_and_default_environment_hold_for_machines_too() {
    let server = start();
    let sandbox = base(&server).file(".infisical.json", file(&server, "prod"));
    assert_eq!(name(&sandbox, &[]), "canary-prod");
    assert_eq!(name(&sandbox, &["--env", "dev"]), "canary-root");
    assert_eq!(name(&sandbox.env("HUSHED_ENV", "dev"), &[]), "canary-root");
    let sandbox = base(&server).file(".infisical.json", file(&server, ""));
    assert_eq!(name(&sandbox, &[]), "canary-root");
}

#[test]
fn it_is_below_hushed_toml() {
    let server = start();
    let sandbox = base(&server)
        .file(".infisical.json", file(&server, "prod"))
        .file("hushed.toml", "[source.shop]\ntype = \"infisical\"\nenv = \"dev\"\n");
    assert_eq!(name(&sandbox, &[]), "canary-root");
}

#[test]
fn the_branch_chooses_the_environment() {
    let server = start();
    for (head, want) in [
        ("ref: refs/heads/main\n", "canary-prod"),
        ("ref: refs/heads/feature/exact\n", "canary-prod"),
        ("ref: refs/heads/feature/last\n", "canary-prod"),
        ("ref: refs/heads/mainly\n", "canary-root"),
        ("0123456789012345678901234567890123456789\n", "canary-root"),
    ] {
        let sandbox =
            base(&server).file(".infisical.json", file(&server, "dev")).file(".git/HEAD", head);
        assert_eq!(name(&sandbox, &[]), want, "{head}");
    }
}

#[test]
fn a_real_repository_and_a_worktree_of_it_have_a_branch() {
    let server = start();
    let sandbox = base(&server).file(".infisical.json", file(&server, "dev"));
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"];
        let arguments = identity.iter().chain(arguments).copied();
        sandbox.program("git", arguments).run().success();
    };
    git(&["init", "--quiet", "--initial-branch", "feature/last"]);
    assert_eq!(name(&sandbox, &[]), "canary-prod");
    git(&["add", ".infisical.json"]);
    git(&["commit", "--quiet", "--message", "first"]);
    git(&["checkout", "--quiet", "-b", "other"]);
    assert_eq!(name(&sandbox, &[]), "canary-root");
    git(&["worktree", "add", "--quiet", "-b", "main", "tree"]);
    let script = "cd tree && exec \"$0\" run --clean-env -- env";
    let hushed = crate::support::sandbox::hushed();
    let arguments = ["-c".into(), script.into(), hushed.into_os_string()];
    let output = sandbox.program("sh", arguments).reveals().run().success();
    assert!(output.stdout.contains("NAME=canary-prod\n"), "{}", output.stdout);
}

#[test]
fn an_environment_that_the_mapping_names_wrongly_is_an_error() {
    let server = start();
    let sandbox = base(&server)
        .file(".infisical.json", file(&server, "dev"))
        .file(".git/HEAD", "ref: refs/heads/unknown-there\n");
    assert!(refusal(&sandbox, &[]).contains("no environment `nowhere`"));
}

#[test]
fn a_malformed_file_is_an_error_that_quotes_nothing() {
    let server = start();
    for contents in ["", "{", "[]", "{\"workspaceId\": 7}", "{\"workspaceId\": canary}"] {
        let sandbox = base(&server).file(".infisical.json", contents);
        let said = refusal(&sandbox, &["--project", "shop"]);
        assert!(said.contains(".infisical.json` is not what `infisical init` writes\n"), "{said}");
        assert!(said.contains("hint: correct it, or delete it"), "{said}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn it_is_looked_for_upwards_to_the_repositorys_root_or_the_home_directory() {
    let server = start();
    let above = |sandbox: Sandbox| {
        let script = "mkdir -p below/here && cd below/here && exec \"$0\" run --clean-env -- env";
        let hushed = crate::support::sandbox::hushed();
        let arguments = ["-c".into(), script.into(), hushed.into_os_string()];
        sandbox.program("sh", arguments).reveals().run()
    };
    let sandbox = base(&server).file(".infisical.json", file(&server, "prod"));
    assert!(above(sandbox).success().stdout.contains("NAME=canary-prod\n"));
    let sandbox = base(&server)
        .file(".infisical.json", file(&server, "prod"))
        .file("below/.git/HEAD", "ref: refs/heads/other\n");
    let output = above(sandbox).fails_with(125);
    let (warning, rest) = output.stderr.split_once('\n').unwrap();
    assert!(warning.starts_with("hushed: warning: "), "{warning}");
    assert!(
        warning.contains("/.infisical.json is not used: hushed looks for it up to"),
        "{warning}"
    );
    assert!(rest.starts_with("hushed: no project specified\n"), "{rest}");
    // Not where its place is known anyway.
    let sandbox = base(&server)
        .file(".infisical.json", file(&server, "prod"))
        .file("below/.git/HEAD", "")
        .env("INFISICAL_PROJECT_ID", project_id(&server))
        .env("HUSHED_ENV", "dev");
    let output = above(sandbox).success();
    assert_eq!(output.stderr, "");
    assert!(output.stdout.contains("NAME=canary-root\n"), "{}", output.stdout);
    let sandbox =
        base(&server).file(".infisical.json", file(&server, "prod")).file(".git/HEAD", "");
    assert!(above(sandbox).success().stdout.contains("NAME=canary-prod\n"));
    // Alone it is enough to say that Infisical is meant.
    let sandbox = Sandbox::new().file(".infisical.json", file(&server, "prod"));
    let said = super::fixture::refused(env(&sandbox, &[]).run());
    assert!(said.starts_with("hushed: no credentials for Infisical\n"), "{said}");
}

#[test]
fn without_a_source_the_error_names_one_that_is_too_far_up() {
    let server = start();
    let sandbox = Sandbox::new().file(".infisical.json", file(&server, "prod"));
    let script = "mkdir -p below/.git && cd below && exec \"$0\" run -- true";
    let hushed = crate::support::sandbox::hushed();
    let arguments = ["-c".into(), script.into(), hushed.into_os_string()];
    let said = sandbox.program("sh", arguments).run().fails_with(125).stderr;
    assert!(said.contains("hushed: no source of secrets is configured for "), "{said}");
    assert!(said.contains("/.infisical.json is not used: hushed looks for it up to"), "{said}");
}

//! Writing to Infisical: what the server gets, what it keeps, and what is refused before a request.
//! Must not test the local store.

use super::fixture::{home, plain};
use crate::support::{
    infisical::{Generation, Server, Writes},
    sandbox::{Output, Sandbox},
};

const ALL: [Generation; 3] = [Generation::V3Only, Generation::V4B, Generation::V4C];

fn configured(server: &Server) -> Sandbox {
    home(server).file("hushed.toml", "[source.shop]\ntype = \"infisical\"\n")
}

fn set(sandbox: &Sandbox, arguments: &[&str], value: &str) -> Output {
    let line = [&["secrets", "set"], arguments].concat();
    sandbox.command(line).stdin(value).run()
}

/// The value of a secret on the server, with its number of rows.
fn stored(server: &Server, path: &str, name: &str) -> (Option<String>, usize) {
    server.world(|world| {
        let folder = world.edit("shop").folder_mut("dev", path);
        let found: Vec<_> = folder.secrets.iter().filter(|secret| secret.key == name).collect();
        (found.first().map(|secret| secret.value.clone()), found.len())
    })
}

#[test]
fn a_secret_is_created_replaced_and_deleted() {
    for generation in ALL {
        let server = plain(generation);
        let sandbox = configured(&server);
        let said = set(&sandbox, &["NEW", "--path", "/api", "-v"], "canary new\n").success().stderr;
        assert!(said.contains("folder /api at"), "{said}");
        assert!(said.contains("environment dev"), "{said}");
        assert!(said.contains("stored `NEW`"), "{said}");
        assert_eq!(stored(&server, "/api", "NEW"), (Some("canary new".into()), 1));
        let said =
            set(&sandbox, &["NEW", "--path", "/api", "-v"], "canary newer\n").success().stderr;
        assert!(said.contains("replaced `NEW`"), "{said}");
        assert_eq!(stored(&server, "/api", "NEW"), (Some("canary newer".into()), 1));
        // A secret that the folder only imports is created in the folder itself.
        set(&sandbox, &["IMPORTED"], "canary own\n").success();
        assert_eq!(stored(&server, "/", "IMPORTED").0.as_deref(), Some("canary own"));
        let delete = |arguments: &[&str]| {
            sandbox.command([&["secrets", "delete", "--path", "/api"], arguments].concat()).run()
        };
        let said = delete(&["NEW"]).fails_with(2).stderr;
        assert!(said.contains("pass --yes"), "{said}");
        assert_eq!(stored(&server, "/api", "NEW").1, 1);
        delete(&["NEW", "--yes"]).success();
        assert_eq!(stored(&server, "/api", "NEW").1, 0);
        let said = delete(&["NEW", "--yes"]).fails_with(1).stderr;
        assert!(said.contains("no secret"), "{said}");
    }
}

#[test]
fn what_the_server_would_change_is_not_sent() {
    let server = plain(Generation::V4C);
    let sandbox = configured(&server).file("binary", [0xff, 0xfe]);
    let long = "N".repeat(101);
    for (arguments, value, want) in [
        (vec!["NAME"], " canary\n", "removes white space at the ends"),
        (vec!["NAME"], "canary \n", "removes white space at the ends"),
        (vec!["NAME", "--file", "binary"], "", "not UTF-8"),
        (vec![&*long], "canary\n", "longer than 100 characters"),
        (vec!["NAME", "--path", "/", "--path", "/api"], "canary\n", "several folders"),
    ] {
        let output = set(&sandbox, &arguments, value);
        assert_ne!(output.code(), 0, "{arguments:?}");
        assert!(output.stderr.contains(want), "{arguments:?}: {}", output.stderr);
    }
    assert_eq!(stored(&server, "/", "NAME"), (Some("canary-root".into()), 1));
    // One newline at the end is kept.
    let sandbox = sandbox.file("text", "canary\n");
    set(&sandbox, &["NAME", "--file", "text"], "").success();
    assert_eq!(stored(&server, "/", "NAME").0.as_deref(), Some("canary\n"));
}

#[test]
fn a_refused_write_tells_why() {
    let server = plain(Generation::V4C);
    let sandbox = configured(&server);
    let fails = |path: &str, code: i32| {
        set(&sandbox, &["NAME", "--path", path], "canary-new\n").fails_with(code).stderr
    };
    assert!(fails("/appi", 1).contains("there is no folder `/appi`"));
    server.world(|world| world.writes = Writes::Refused);
    assert!(fails("/", 77).contains("the identity may not write to `/`"));
    server.world(|world| world.writes = Writes::Approved);
    assert!(fails("/", 77).contains("was not written"));
    assert_eq!(stored(&server, "/", "NAME"), (Some("canary-root".into()), 1));
}

#[test]
fn a_generated_value_is_stored_and_never_shown() {
    let server = plain(Generation::V4C);
    let sandbox = configured(&server);
    let output = set(&sandbox, &["KEY", "--generate", "length=40,set=hex", "-v"], "").success();
    let value = stored(&server, "/", "KEY").0.unwrap();
    assert!(value.len() == 40 && value.chars().all(|c| c.is_ascii_hexdigit()), "{value}");
    assert!(!output.stdout.contains(&value) && !output.stderr.contains(&value));
    let said = set(&sandbox, &["KEY", "--generate", "length=4"], "").fails_with(2).stderr;
    assert!(said.contains("`length` must be a number from 8 to 4096"), "{said}");
    assert_eq!(stored(&server, "/", "KEY").0, Some(value));
}

#[test]
fn an_option_of_the_server_does_not_reach_the_local_store() {
    let server = plain(Generation::V4C);
    let configuration = "[source.shop]\ntype = \"infisical\"\n[source.mine]\ntype = \"local\"\n";
    let sandbox = home(&server).file("hushed.toml", configuration);
    let said = set(&sandbox, &["NAME"], "canary\n").fails_with(78).stderr;
    assert!(said.contains("choose one with --source"), "{said}");
    let said = set(&sandbox, &["NAME", "--source", "mine", "--path", "/"], "canary\n");
    assert!(said.fails_with(2).stderr.contains("--path does not apply to the local store"));
}

fn secrets(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.command([&["secrets"], arguments].concat()).run()
}

#[test]
fn a_secret_is_renamed_and_copied_with_what_it_has() {
    for generation in ALL {
        let server = plain(generation);
        let sandbox = configured(&server);
        let said = secrets(&sandbox, &["rename", "TAGGED", "RENAMED"]).success().stderr;
        assert!(said.contains("personal overrides of `TAGGED` keep that name"), "{said}");
        assert_eq!(stored(&server, "/", "RENAMED"), (Some("canary-tagged".into()), 1));
        assert_eq!(stored(&server, "/", "TAGGED").1, 0);
        secrets(&sandbox, &["copy", "RENAMED", "--as", "COPY"]).success();
        let tags = server.world(|world| {
            let folder = world.edit("shop").folder_mut("dev", "/");
            folder.secrets.iter().find(|secret| secret.key == "COPY").unwrap().tags.clone()
        });
        assert_eq!(tags, ["web"]);
        let said = secrets(&sandbox, &["copy", "RENAMED", "--as", "NAME"]).fails_with(1).stderr;
        assert!(said.contains("the secret `NAME` exists already"), "{said}");
        let said = secrets(&sandbox, &["rename", "RENAMED", "NAME"]).fails_with(1).stderr;
        assert!(said.contains("exists already"), "{said}");
        assert_eq!(stored(&server, "/", "NAME").0.as_deref(), Some("canary-root"));
    }
}

#[test]
fn a_comment_and_tags_stay_unless_they_are_set() {
    let server = plain(Generation::V4C);
    let sandbox = configured(&server);
    set(&sandbox, &["TAGGED", "--comment", "about it"], "canary-new\n").success();
    set(&sandbox, &["TAGGED"], "canary-newer\n").success();
    let (comment, tags) = server.world(|world| {
        let folder = world.edit("shop").folder_mut("dev", "/");
        let secret = folder.secrets.iter().find(|secret| secret.key == "TAGGED").unwrap();
        (secret.comment.clone(), secret.tags.clone())
    });
    assert_eq!((comment.as_str(), tags.as_slice()), ("about it", &["web".to_owned()][..]));
    let said = set(&sandbox, &["TAGGED", "--tag", "nope"], "canary\n").fails_with(65).stderr;
    assert!(said.contains("has no tag `nope`"), "{said}");
    let said = set(&sandbox, &["TAGGED", "--personal"], "canary\n").fails_with(77).stderr;
    assert!(said.contains("only a user has personal secrets"), "{said}");
}

#[test]
fn what_the_server_does_with_names_and_references_is_told() {
    let server = plain(Generation::V4C);
    let sandbox = configured(&server);
    // The server names what it misses, which is a part of the value.
    let said = set(&sandbox, &["A"], "x${canary_part}\n").fails_with(65).stderr;
    assert!(said.contains("refers to a secret that does not exist"), "{said}");
    assert!(!said.contains("canary_part"), "{said}");
    let said = set(&sandbox, &["A"], "x${NAME}\n").success().stderr;
    assert!(said.contains("Infisical expands"), "{said}");
    server.world(|world| world.writes = Writes::Raced);
    let said = set(&sandbox, &["TWIN"], "canary\n").success().stderr;
    assert!(said.contains("two secrets of that name"), "{said}");
}

#[test]
fn a_batch_is_deleted_as_a_whole_whatever_is_missing() {
    for generation in ALL {
        let server = plain(generation);
        let sandbox = configured(&server);
        let line = ["delete", "NAME", "GONE", "TAGGED", "--yes"];
        let said = secrets(&sandbox, &line).fails_with(1).stderr;
        assert!(said.contains("no secret `GONE`"), "{said}");
        assert_eq!((stored(&server, "/", "NAME").1, stored(&server, "/", "TAGGED").1), (0, 0));
    }
}

#[test]
fn folders_are_created_and_deleted_with_what_is_in_them() {
    for generation in ALL {
        let server = plain(generation);
        let sandbox = configured(&server);
        let folders =
            |arguments: &[&str]| sandbox.command([&["folders"], arguments].concat()).run();
        folders(&["create", "new/deep"]).success();
        assert_eq!(folders(&["list", "new"]).success().stdout, "deep\n");
        let said = folders(&["delete", "api"]).fails_with(2).stderr;
        assert!(said.contains("pass --yes"), "{said}");
        folders(&["delete", "api", "--yes"]).success();
        let there = server.world(|world| world.edit("shop").find("dev", "/api/deep").is_some());
        assert!(!there);
        let said = folders(&["delete", "api", "--yes"]).fails_with(1).stderr;
        assert!(said.contains("no folder `api`"), "{said}");
        let said = folders(&["create", "a b"]).fails_with(65).stderr;
        assert!(said.contains("is not the path of a folder"), "{said}");
    }
}

#[test]
fn a_protected_profile_needs_a_confirmation_and_a_typed_value_an_option() {
    let server = plain(Generation::V4C);
    let text = "[source.shop]\ntype = \"infisical\"\n[profile.prod]\nprotected = true\n";
    let sandbox = home(&server).file("hushed.toml", text);
    let said = set(&sandbox, &["NAME", "--profile", "prod"], "canary\n").fails_with(2).stderr;
    assert!(said.contains("needs a confirmation"), "{said}");
    assert_eq!(stored(&server, "/", "NAME").0.as_deref(), Some("canary-root"));
    set(&sandbox, &["NAME", "--profile", "prod", "--yes"], "canary-set\n").success();
    assert_eq!(stored(&server, "/", "NAME").0.as_deref(), Some("canary-set"));
    let typed = sandbox.command(["secrets", "set", "NAME=canary-typed"]).argv_reveals();
    let said = typed.run().fails_with(2).stderr;
    assert!(said.contains("--value-on-command-line") && !said.contains("canary-typed"), "{said}");
    let typed = sandbox.command(["secrets", "set", "NAME=typed", "--value-on-command-line"]);
    typed.run().success();
    assert_eq!(stored(&server, "/", "NAME").0.as_deref(), Some("typed"));
}

#[test]
fn names_of_two_sources_are_compared() {
    let server = plain(Generation::V4C);
    let text =
        "[source.dev]\ntype = \"infisical\"\n[source.prod]\ntype = \"infisical\"\nenv = \"prod\"\n";
    let sandbox = home(&server).file("hushed.toml", text);
    let diff = sandbox.command(["secrets", "diff", "dev", "prod"]);
    let output = diff.env("HUSHED_SOURCE_PROD_ENV", "prod").run().fails_with(1);
    assert!(output.stdout.contains("~ NAME\n"), "{}", output.stdout);
    assert!(output.stdout.contains("- TAGGED\n"), "{}", output.stdout);
    assert!(!output.stdout.contains("canary"));
    let output = sandbox.command(["secrets", "diff", "dev", "dev"]).run().success();
    assert_eq!(output.stdout, "");
}

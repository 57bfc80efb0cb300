//! From names of secrets to names of variables: filters, spelling, and refused names.

use super::{env, pairs, refused, variables};
use crate::support::sandbox::Sandbox;

fn names(sandbox: &Sandbox, flags: &[&str]) -> String {
    let flags: Vec<&str> = ["--env-file", "app.env"].iter().chain(flags).copied().collect();
    let variables = variables(env(sandbox, &flags));
    pairs(&variables).iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

fn sandbox(names: &[&str]) -> Sandbox {
    let lines: Vec<String> = names.iter().map(|name| format!("{name}=canary {name}\n")).collect();
    Sandbox::new().file("app.env", lines.concat())
}

#[test]
fn variables_are_filtered_and_renamed() {
    struct Case {
        flags: &'static [&'static str],
        want: &'static str,
    }
    let case = |flags, want| Case { flags, want };
    let cases = [
        case(&[][..], "DB_URL DB_PASS api.key appMode"),
        case(&["--only", "DB_*"], "DB_URL DB_PASS"),
        case(&["--only", "DB_URL,api.key"], "DB_URL api.key"),
        case(&["--only", "D?_URL", "--only", "app*"], "DB_URL appMode"),
        case(&["--exclude", "DB_*,api.*"], "appMode"),
        case(&["--only", "DB_*", "--exclude", "*_PASS"], "DB_URL"),
        case(&["--prefix", "X_", "--only", "DB_*"], "X_DB_URL X_DB_PASS"),
        case(&["--rename", "DB_URL=URL", "--only", "DB_*"], "URL DB_PASS"),
        case(
            &["--rename", "DB_URL=URL,DB_PASS=PASS", "--prefix", "X_"],
            "URL PASS X_api.key X_appMode",
        ),
        case(&["--transform", "upper-snake"], "DB_URL DB_PASS API_KEY APP_MODE"),
        case(&["--transform", "camel"], "dbUrl dbPass apiKey appMode"),
        case(&["--transform", "lower-kebab"], "db-url db-pass api-key app-mode"),
        case(
            &["--transform", "tf-var"],
            "TF_VAR_db_url TF_VAR_db_pass TF_VAR_api_key TF_VAR_app_mode",
        ),
        case(&["--transform", "dotnet"], "DbUrl DbPass ApiKey AppMode"),
        case(
            &["--transform", "upper-snake", "--rename", "appMode=mode", "--prefix", "P_"],
            "P_DB_URL P_DB_PASS P_API_KEY mode",
        ),
    ];
    let sandbox = sandbox(&["DB_URL", "DB_PASS", "api.key", "appMode"]);
    for Case { flags, want } in cases {
        assert_eq!(names(&sandbox, flags), want, "{flags:?}");
    }
}

#[test]
fn required_variables_must_exist_and_not_be_empty() {
    let sandbox = sandbox(&["A"]).file("empty.env", "EMPTY=\n").env("INHERITED", "x");
    let both = ["--env-file", "app.env", "--env-file", "empty.env"];
    let with = |flags: &[&'static str]| [&both[..], flags].concat();
    variables(env(&sandbox, &with(&["--require", "A"])));
    variables(env(&sandbox, &with(&["--require", "B", "--rename", "A=B"])));
    let message = refused(&sandbox, &with(&["--require", "A,B"]));
    assert!(message.starts_with("hushed: `B` is required and no source has it\n"), "{message}");
    let message = refused(&sandbox, &with(&["--require", "EMPTY"]));
    assert!(
        message.contains("`EMPTY` from `empty.env` (empty.env:1) is required and empty\n"),
        "{message}"
    );
    let message = refused(&sandbox, &with(&["--require", "INHERITED"]));
    assert!(message.contains("`INHERITED` is required and no source has it"), "{message}");
    let message = refused(&sandbox, &with(&["--require", "B", "--require", "C,EMPTY"]));
    for line in ["hushed: `B` is", "\n  and: `C` is", "\n  and: `EMPTY` from", "\n  hint: "] {
        assert!(message.contains(line), "{message}");
    }
}

#[test]
fn dangerous_names_are_refused_unless_allowed() {
    for name in
        ["LD_PRELOAD", "PATH", "BASH_ENV", "NODE_OPTIONS", "GIT_SSH_COMMAND", "DYLD_X", "IFS"]
    {
        let sandbox = Sandbox::new().file("app.env", format!("{name}=/canary\nOTHER=canary\n"));
        let message = refused(&sandbox, &["--env-file", "app.env"]);
        let want =
            format!("hushed: `{name}` from `app.env` (app.env:1) would set the reserved `{name}`");
        assert!(message.starts_with(&want), "{message}");
        assert!(message.contains(&format!("--allow-reserved '{name}'")), "{message}");
        let excluded = env(&sandbox, &["--env-file", "app.env", "--exclude", name]);
        assert_eq!(pairs(&variables(excluded)), [("OTHER", "canary")]);
        refused(&sandbox, &["--env-file", "app.env", "--allow-reserved", "OTHER"]);
    }
    let sandbox = Sandbox::new().file("app.env", "PYTHONPATH=/canary\nPERL5OPT=canary\n");
    let allowed = ["--env-file", "app.env", "--allow-reserved", "PYTHONPATH,PERL5OPT"];
    let got = variables(env(&sandbox, &allowed));
    assert_eq!(pairs(&got), [("PYTHONPATH", "/canary"), ("PERL5OPT", "canary")]);
    // What counts is what the variable will be called.
    refused(
        &Sandbox::new().file("app.env", "path=/canary\n"),
        &["--env-file=app.env", "--transform=upper-snake"],
    );
    refused(
        &Sandbox::new().file("app.env", "X=/canary\n"),
        &["--env-file=app.env", "--rename=X=LD_PRELOAD"],
    );
    let moved = Sandbox::new().file("app.env", "PATH=/canary\n");
    let got = variables(env(&moved, &["--env-file=app.env", "--prefix=APP_"]));
    assert_eq!(pairs(&got), [("APP_PATH", "/canary")]);
}

#[test]
fn two_secrets_with_one_variable_name_are_refused() {
    let sandbox = sandbox(&["db-url"]).file("more.env", "DB_URL=canary\n");
    let files = ["--env-file", "app.env", "--env-file", "more.env"];
    let message = refused(&sandbox, &[&files[..], &["--transform", "upper-snake"]].concat());
    let want = "hushed: `DB_URL` from `more.env` (more.env:1) and `db-url` from `app.env` (app.env:1) would both be the variable `DB_URL`\n";
    assert!(message.starts_with(want), "{message}");
    // Without the transform they are two, and one name from two sources is precedence.
    assert_eq!(variables(env(&sandbox, &files)).len(), 2);
    let message = refused(&sandbox, &[&files[..], &["--rename", "db-url=DB_URL"]].concat());
    assert!(message.contains("would both be the variable `DB_URL`"), "{message}");
}

#[test]
fn renaming_a_missing_secret_is_refused() {
    let sandbox = Sandbox::new().file("app.env", "DB_URL=canary\n");
    let message = refused(&sandbox, &["--env-file", "app.env", "--rename", "DB_ULR=URL"]);
    let want = "hushed: `DB_ULR` is to be renamed and no source has it\n  hint: `hushed plan` lists what there is; add the secret, or correct --rename\n";
    assert_eq!(message, want);
}

#[test]
fn invalid_variable_names_are_refused() {
    let sandbox = Sandbox::new();
    for (name, why) in [("A B", "it holds white space"), ("A\u{a0}B", "it holds white space")] {
        let command = sandbox.command(["secrets", "set", name]).stdin("canary");
        // A name that no setting repairs is not stored at all.
        command.env("HUSHED_TRANSFORM", "upper-snake").run().success();
        let message = refused(&sandbox, &[]);
        assert!(
            message.contains(&format!("`{name}` from `local`")) && message.contains(why),
            "{message}"
        );
        let renamed = format!("--rename={name}=AB");
        assert_eq!(pairs(&variables(env(&sandbox, &[&renamed]))), [("AB", "canary")]);
        sandbox.run(["secrets", "delete", name]).success();
    }
    let message = refused(&sandbox, &["--env-file", "none", "--rename", "AB"]);
    assert!(
        message.starts_with("hushed: invalid value for `--rename`: expected A=B\n"),
        "{message}"
    );
}

#[test]
fn a_value_with_a_nul_byte_is_refused_by_name() {
    let sandbox = Sandbox::new();
    sandbox.command(["secrets", "set", "N"]).stdin(*b"canary\0tail").run().success();
    let message = refused(&sandbox, &[]);
    assert!(message.contains("`N` from `local`") && message.contains("NUL byte"), "{message}");
    assert!(message.contains("base64"), "{message}");
}

#[test]
fn an_unknown_transform_is_reported_with_the_known_ones() {
    let message = refused(&sandbox(&["A"]), &["--env-file=app.env", "--transform=uper-snake"]);
    let want = "hushed: --transform: `uper-snake` is not a transform; expected one of `upper-snake`, `camel`, `lower-kebab`, `tf-var`, `dotnet`\n  hint: did you mean `upper-snake`?\n";
    assert_eq!(message, want);
}

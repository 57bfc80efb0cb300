//! Faults in a file: told with file, line and column, the line itself, and the nearest right name; a
//! secret in it is never shown. Must not test what is right.

use std::fs;
use std::os::unix::fs::symlink;

use hushed::provider::registry::STORES;

use crate::support::sandbox::{Sandbox, hushed};

/// What a plan says about a `hushed.toml`, without the path before the file's name.
fn said(config: &str) -> String {
    let sandbox = Sandbox::new().file("hushed.toml", config);
    let output = sandbox.run(["plan"]).fails_with(78);
    assert_eq!(output.stdout, "");
    output.stderr.replace(&format!("{}/", sandbox.project().display()), "")
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn faults_have_their_place_and_a_hint() {
    struct Case {
        config: &'static str,
        want: &'static str,
    }
    let case = |config, want| Case { config, want };
    let cases = [
        case(
            "[run]\nprefx = \"A\"\n",
            "hushed: hushed.toml:2:1: unknown setting `prefx`\n  | prefx = \"*\"\n  | ^\n  hint: did you mean `prefix`?\n",
        ),
        case(
            "[source.a]\ntype = \"dotenv\"\n  fiel = \"x\"\n",
            "hushed: hushed.toml:3:3: unknown setting `fiel`\n  |   fiel = \"*\"\n  |   ^\n  hint: did you mean `file`?\n",
        ),
        case(
            "[runn]\n",
            "hushed: hushed.toml:1:2: unknown setting `runn`\n  | [runn]\n  |  ^\n  hint: did you mean `run`?\n",
        ),
        case(
            "[profile.p.sorce.x]\n",
            "hushed: hushed.toml:1:12: unknown setting `sorce`\n  | [profile.p.sorce.x]\n  |            ^\n  hint: did you mean `source`?\n",
        ),
        case(
            "[run]\nzzzzzz = 1\n",
            "hushed: hushed.toml:2:1: unknown setting `zzzzzz`\n  | zzzzzz = *\n  | ^\n  hint: hushed.toml(5) lists all settings\n",
        ),
        case(
            "[source.a]\ntype = \"infisical\"\nenvironment = \"dev\"\n",
            "hushed: hushed.toml:3:1: unknown setting `environment`\n  | environment = \"***\"\n  | ^\n  hint: did you mean `env`?\n",
        ),
        case(
            "[source.a]\ntype = \"infisical\"\nproject_id = \"x\"\n",
            "hushed: hushed.toml:3:1: unknown setting `project_id`\n  | project_id = \"*\"\n  | ^\n  hint: did you mean `project`?\n",
        ),
        case(
            "[source.a]\ntype = \"infisical\"\nsecretPath = \"/\"\n",
            "hushed: hushed.toml:3:1: unknown setting `secretPath`\n  | secretPath = \"/\"\n  | ^\n  hint: did you mean `path`?\n",
        ),
        case(
            "environment = \"dev\"\n",
            "hushed: hushed.toml:1:1: unknown setting `environment`\n  | environment = \"***\"\n  | ^\n  hint: put `env` in [source.NAME]\n",
        ),
        case(
            "clean-env = true\n",
            "hushed: hushed.toml:1:1: unknown setting `clean-env`\n  | clean-env = ****\n  | ^\n  hint: put `clean-env` in [run]\n",
        ),
        case("extends = 3\n", "hushed: hushed.toml:1:11: `extends` must be a string\n"),
        case(
            "[run]\nclean-env = \"yes\"\n",
            "hushed: hushed.toml:2:13: `clean-env` must be true or false\n  | clean-env = \"yes\"\n  |             ^\n",
        ),
        case(
            "[run]\nonly = [1]\n",
            "hushed: hushed.toml:2:8: `only` must be a list of strings\n  | only = [1]\n  |        ^\n",
        ),
        case(
            "[run]\nrename = [\"A=B\"]\n",
            "hushed: hushed.toml:2:10: `rename` must be a table, such as { A = \"B\" }\n  | rename = [\"A=B\"]\n  |          ^\n",
        ),
        case(
            "[run]\nprefix = 3\n",
            "hushed: hushed.toml:2:10: `prefix` must be a string\n  | prefix = 3\n  |          ^\n",
        ),
        case(
            "run = 3\n",
            "hushed: hushed.toml:1:7: `run` is a table: write [run]\n  | run = 3\n  |       ^\n",
        ),
        case(
            "source.a = \"x\"\n",
            "hushed: hushed.toml:1:12: `source.a` is a table: write [source.a]\n  | source.a = \"x\"\n  |            ^\n",
        ),
        case(
            "[source.a]\nfile = \"x\"\n",
            "hushed: the source `a` has no `type`\n  hint: add `type` to [source.a]: TYPES\n",
        ),
        case(
            "[source.a]\ntype = \"infiscal\"\n",
            "hushed: hushed.toml:2:1: `infiscal` is not a type of source; expected one of NAMES\n  hint: did you mean `infisical`?\n",
        ),
        case(
            "[source.a]\ntype = \"dotenv\"\nkey-file = \"k\"\n",
            "hushed: hushed.toml:3:1: a source of type `dotenv` has no setting `key-file`\n  hint: remove it",
        ),
        case(
            "[run]\nsource = \"b\"\n[source.a]\ntype = \"dotenv\"\n",
            "hushed: hushed.toml:2:1: `b` is not a source of the configuration; expected `a`\n",
        ),
        case(
            "[run]\ntimeout = \"soon\"\n[source.a]\ntype = \"dotenv\"\n",
            "hushed: hushed.toml:2:1: `soon` is not a duration, such as 30s or 2m\n",
        ),
    ];
    let listed = |quote: char| {
        let names = STORES.iter().map(|store| format!("{quote}{}{quote}", store.schema().name));
        names.collect::<Vec<_>>().join(", ")
    };
    for Case { config, want } in cases {
        let said = said(config);
        let want = want.replace("TYPES", &listed('"')).replace("NAMES", &listed('`'));
        assert!(said.starts_with(&want), "{config}\n{said}\nwanted\n{want}");
    }
}

#[test]
fn syntax_errors_have_their_place() {
    for (config, place) in [
        ("[run\n", "hushed.toml:1:"),
        ("[run]\nprefix = \"a\n", "hushed.toml:2:"),
        ("[run]\n\n  prefix =\n", "hushed.toml:3:"),
        ("[run]\nprefix = \"a\"\nprefix = \"b\"\n", "hushed.toml:3:1: "),
        ("a b\n", "hushed.toml:1:"),
    ] {
        let said = said(config);
        assert!(said.starts_with(&format!("hushed: {place}")), "{config}\n{said}");
        assert!(said.contains("\n  | "), "{said}");
    }
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_shown() {
    for key in ["client-secret", "token", "jwt", "ldap-password", "passphrase"] {
        let said = said(&format!("[source.a]\ntype = \"infisical\"\n{key} = \"canary-4711\"\n"));
        let want = format!(
            "hushed: hushed.toml:3:1: secrets are not allowed in this file\n  | {key} = \"******-****\"\n"
        );
        assert!(said.starts_with(&want), "{said}");
        assert!(said.contains(&format!("set `{key}-file` to its path")), "{said}");
    }
    // Nor where it stands behind another fault: over several lines, in an array, in a table, bare.
    for config in [
        "[source.a]\nclient_secret = \"canary\"\n",
        "[source.a]\ntoken = \"\"\"\ncanary\n\"\"\"\n",
        "[source.a]\ntoken = canary\n",
        "[source.a]\ntoken = \"canary\n",
        "[source.a]\ntoken = [\"canary\"]\n",
        "[source.a]\nsecrets = { canary = 1 }\n",
        "token = \"canary\"\n",
        "[run]\nprefix = \"canary\n",
        "\"canary\n",
        "[run]\nprefix = \"a\" canary\n",
    ] {
        said(config);
    }
}

#[test]
fn a_file_that_is_no_text_is_told_by_name() {
    let sandbox = Sandbox::new().file("hushed.toml", b"[run]\nprefix = \"\xff\"\n");
    let output = sandbox.run(["plan"]).fails_with(78);
    let want = format!(
        "hushed: cannot read the configuration `{}`\n  caused by: ",
        sandbox.project().join("hushed.toml").display()
    );
    assert!(output.stderr.starts_with(&want), "{}", output.stderr);
}

#[test]
fn a_variable_of_the_wrong_kind_is_told_by_name() {
    let sandbox = Sandbox::new().file("a.env", "A=canary\n").env("HUSHED_CLEAN_ENV", "perhaps");
    let output = sandbox.run(["plan", "--env-file=a.env"]).fails_with(78);
    let want = "hushed: HUSHED_CLEAN_ENV must be `true` or `false`\n  hint: correct HUSHED_CLEAN_ENV, or unset it\n";
    assert_eq!(output.stderr, want);
}

#[test]
fn a_flag_for_a_kind_of_source_that_takes_no_part_is_an_error() {
    let sandbox = Sandbox::new().file("a.env", "A=canary\n");
    let output =
        sandbox.run(["run", "--env-file=a.env", "--passphrase-file=p", "true"]).fails_with(125);
    let want = "hushed: --passphrase-file is set, but no local source is in use\n";
    assert!(output.stderr.starts_with(want), "{}", output.stderr);
}

/// Makes a FIFO that nobody writes to.
fn fifo(sandbox: &Sandbox, path: &str) {
    let path = sandbox.project().join(path);
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
}

#[test]
fn a_projects_file_that_never_ends_is_refused_at_once() {
    for name in ["hushed.toml", ".infisical.json"] {
        for kind in ["fifo", "/dev/zero", "large"] {
            let sandbox = Sandbox::new();
            match kind {
                "fifo" => fifo(&sandbox, name),
                "large" => drop(fs::write(sandbox.project().join(name), vec![b' '; (1 << 20) + 1])),
                device => symlink(device, sandbox.project().join(name)).unwrap(),
            }
            let output = sandbox.run(["plan"]).fails_with(78);
            let path = sandbox.project().join(name);
            let want = format!("hushed: cannot read the configuration `{}`\n", path.display());
            assert!(output.stderr.starts_with(&want), "{kind}: {}", output.stderr);
            let why = if kind == "large" { "; the limit is 1048576" } else { "not a regular file" };
            assert!(output.stderr.contains(why), "{kind}: {}", output.stderr);
        }
    }
    // What lies in .git is read for the name of the branch, and may be anything too.
    let json = r#"{"workspaceId":"x","gitBranchToEnvironmentMapping":{"main":"prod"}}"#;
    let sandbox = Sandbox::new().file(".infisical.json", json);
    fs::create_dir(sandbox.project().join(".git")).unwrap();
    fifo(&sandbox, ".git/HEAD");
    sandbox.run(["plan"]).fails_with(78);
}

#[test]
fn a_file_that_the_user_names_may_be_a_pipe_and_is_waited_for_as_long_as_the_timeout() {
    let sandbox = Sandbox::new().file("a.env", "A=canary\n");
    let hushed = hushed().display().to_string();
    let config = "[source.a]\\ntype = \"dotenv\"\\nfile = \"$PWD/a.env\"\\n";
    let script =
        format!("{hushed} plan --config <(printf '%b' \"{}\")", config.replace('"', "\\\""));
    let output = sandbox.program("bash", ["-c", &script]).run().success();
    assert!(output.stdout.contains("  A  `a`"), "{}", output.stdout);

    fifo(&sandbox, "fifo");
    for flags in
        [&["--config", "fifo"][..], &["--env-file=a.env", "--project=x", "--token-file=fifo"]]
    {
        let line = ["plan", "--timeout=200ms"].iter().chain(flags).copied();
        let output = sandbox.run(line).fails_with(78);
        assert!(output.stderr.contains("no data from `fifo` within 0.2 s"), "{}", output.stderr);
    }
    // Likewise where a project's file says how long, and names the file of a credential.
    let config = "[run]\ntimeout = \"200ms\"\n[source.i]\ntype = \"infisical\"\nproject = \"x\"\n\
                  token-file = \"fifo\"\n";
    let sandbox = sandbox.file("hushed.toml", config);
    let output = sandbox.run(["plan"]).fails_with(78);
    assert!(output.stderr.contains("within 0.2 s"), "{}", output.stderr);
    let sandbox = sandbox.file("hushed.toml", config.replace("fifo", "/dev/zero"));
    let output = sandbox.run(["plan"]).fails_with(78);
    assert!(output.stderr.contains("`/dev/zero` has "), "{}", output.stderr);
}

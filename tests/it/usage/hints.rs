//! Mistakes on the command line, and the hints that lead out of them.

use crate::support::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    Sandbox::new().file(".env", "A=1\nAPP_KEY=2\n").env("HUSHED_ENV_FILE", ".env")
}

/// What standard error says to a command that fails with this status.
fn stderr(arguments: &[&str], status: i32) -> String {
    sandbox().run(arguments.iter().copied()).fails_with(status).stderr
}

#[test]
fn a_switch_word_is_not_taken_for_the_command() {
    for word in ["true", "false", "yes", "no", "0", "1"] {
        let stderr = stderr(&["run", "--redact", word, "--", "sh", "-c", "exit 7"], 125);
        assert!(stderr.contains(&format!("hint: write `--redact={word}`")), "{stderr}");
    }
    let stderr = stderr(&["run", "--recursive", "true", "--", "./deploy.sh"], 125);
    assert!(stderr.contains("--recursive=true"), "{stderr}");
    sandbox().run(["run", "--redact", "--", "true"]).success();
    sandbox().run(["run", "--redact=true", "true"]).success();
    sandbox().run(["run", "--", "echo", "--recursive", "true"]).success();
}

#[test]
fn every_optional_switch_refuses_a_separate_value() {
    let help = sandbox().run(["run", "--help"]).success().stdout;
    let switches: Vec<_> = help
        .lines()
        .filter_map(|line| line.trim_start().split_once("[=")?.0.split(' ').next_back())
        .filter(|word| word.starts_with("--"))
        .collect();
    assert!(switches.len() > 8, "{switches:?}");
    for switch in switches {
        let stderr = stderr(&["run", switch, "true"], 125);
        assert!(stderr.contains(&format!("`{switch}=true`")), "{switch}: {stderr}");
    }
}

#[test]
fn options_before_the_command_work() {
    let sandbox = Sandbox::new()
        .file("a.env", "A=profile\n")
        .file("hushed.toml", "[source.a]\ntype = \"dotenv\"\nfile = \"none.env\"\n[profile.prod.source.a]\nfile = \"a.env\"\n");
    for line in [
        &["--profile", "prod", "run", "--", "sh", "-c", "echo $A"][..],
        &["--profile=prod", "--silent", "run", "-c", "echo $A"],
        &["run", "--profile", "prod", "--log-level", "debug", "-c", "echo $A"],
    ] {
        assert_eq!(sandbox.run(line.iter().copied()).success().stdout, "profile\n");
    }
    assert!(sandbox.run(["--profile", "prod", "secrets"]).success().stdout.starts_with("A  "));
}

#[test]
fn help_and_version_are_words_too() {
    let sandbox = sandbox();
    let run = |line: &[&str]| sandbox.run(line.iter().copied()).success().stdout;
    assert_eq!(run(&["help", "run"]), run(&["run", "--help"]));
    assert_eq!(run(&["help", "secrets", "get"]), run(&["secrets", "get", "--help"]));
    assert_eq!(run(&["help"]), run(&["--help"]));
    assert_eq!(run(&["version"]), run(&["--version"]));
}

#[test]
fn a_known_option_in_the_wrong_place_is_named_with_its_commands() {
    let stderr = stderr(&["trust", "--env", "prod"], 2);
    assert!(stderr.contains("`--env` is not an option of `hushed trust`"), "{stderr}");
    assert!(stderr.contains("it is an option of `hushed run`"), "{stderr}");
    assert!(!stderr.contains("did you mean"), "{stderr}");
    let stderr = self::stderr(&["run", "--watch", "--", "true"], 125);
    assert!(stderr.contains("does not restart a command"), "{stderr}");
    assert!(!stderr.contains("--path"), "{stderr}");
    // A word of other commands, for which this one has its own.
    let stderr = Sandbox::new().run(["plan", "--format", "json"]).fails_with(2).stderr;
    assert!(stderr.contains("hint: `--json` prints JSON\n"), "{stderr}");
}

#[test]
fn an_option_behind_the_command_is_warned_of() {
    let stderr = |line: &[&str]| sandbox().run(line.iter().copied()).success().stderr;
    let warning = "`--env` after the command is passed to the command";
    assert!(stderr(&["run", "echo", "x", "--env", "prod"]).contains(warning));
    assert_eq!(stderr(&["run", "--", "echo", "x", "--env", "prod"]), "");
    assert_eq!(stderr(&["run", "echo", "--color", "-n"]), "");
}

#[test]
fn commands_that_need_a_shell_get_a_hint() {
    for command in ["echo hello", "cd", "FOO=1"] {
        let stderr = stderr(&["run", "--", command, "/tmp"], 127);
        assert!(stderr.contains("hushed run -c"), "{stderr}");
    }
    let stderr = stderr(&["run", "--", "ll"], 127);
    assert!(stderr.contains("alias") && stderr.contains("hushed run -c"), "{stderr}");
    let stderr = self::stderr(&["run", "-c", ""], 125);
    assert!(stderr.contains("empty"), "{stderr}");
}

#[test]
fn a_disabled_login_shell_is_replaced_by_sh() {
    for shell in ["/usr/sbin/nologin", "/bin/false"] {
        let sandbox = sandbox().env("SHELL", shell);
        let output = sandbox.run(["run", "-c", "echo $A"]).success();
        assert_eq!(output.stdout, "1\n");
        let warning = format!("warning: SHELL is `{shell}`, which runs no commands; using /bin/sh");
        assert!(output.stderr.contains(&warning), "{}", output.stderr);
    }
}

#[test]
fn no_source_names_what_was_searched_and_what_lies_near() {
    let sandbox = Sandbox::new()
        .file(".env", "A=1\n")
        .file(".env.example", "A=1\n")
        .file("hushed.toml", "[source.local]\ntype = \"local\"\n")
        .file("sub/.env.local", "A=1\n")
        .file("sub/.git/HEAD", "");
    let program = format!("cd sub && exec '{}' plan", crate::support::sandbox::hushed().display());
    let output = sandbox.program("sh", ["-c", &program]).run().fails_with(78);
    let stderr = output.stderr;
    assert!(stderr.contains("/sub\n"), "{stderr}");
    assert!(stderr.contains("here, at the root of the repository"), "{stderr}");
    assert!(stderr.contains("hushed.toml is not used; to use it, pass --config"), "{stderr}");
    assert!(stderr.contains("pass --env-file .env.local"), "{stderr}");
    assert!(!stderr.contains("example"), "{stderr}");
}

#[test]
fn settings_that_name_no_secret_are_an_error_or_a_warning() {
    let stderr = stderr(&["plan", "--only", "APP_KEI"], 78);
    assert!(stderr.contains("--only `APP_KEI`: no source has such a secret"), "{stderr}");
    assert!(stderr.contains("did you mean `APP_KEY`?"), "{stderr}");
    for flag in ["--exclude", "--no-redact"] {
        let line = ["plan", "--redact", flag, "APP_KEI"];
        let stderr = sandbox().run(line).success().stderr;
        assert!(stderr.contains(&format!("warning: {flag} `APP_KEI`: no source")), "{stderr}");
    }
    let stderr = sandbox().run(["plan", "--preserve-env=APP_KEI"]).success().stderr;
    assert!(stderr.contains("--preserve-env `APP_KEI`"), "{stderr}");
    let line = ["plan", "--only", "APP_*", "--exclude", "A"];
    assert_eq!(sandbox().run(line).success().stderr, "");
}

#[test]
fn secrets_set_refuses_what_it_should_not_store() {
    let local = || Sandbox::new().file("hushed.toml", "[source.local]\ntype = \"local\"\n");
    let empty = local().command(["secrets", "set", "NAME"]).run().fails_with(65).stderr;
    assert!(empty.contains("the value of `NAME` is empty"), "{empty}");
    let line = ["secrets", "set", "NAME", "--allow-empty"];
    local().permits("").command(line).run().success();
    for name in ["PATH", "LD_PRELOAD"] {
        let output = local().command(["secrets", "set", name]).stdin("canary").run();
        let stderr = output.fails_with(65).stderr;
        assert!(stderr.starts_with("hushed: cannot store "), "{stderr}");
    }
    for option in ["--path", "--env"] {
        let line = ["secrets", "set", "NAME", option, "/x"];
        let stderr = local().command(line).stdin("canary").run().fails_with(2).stderr;
        assert!(
            stderr.contains(&format!("{option} does not apply to the local store")),
            "{stderr}"
        );
    }
}

/// Every subcommand, as words.
const COMMANDS: [&str; 29] = [
    "",
    "run",
    "plan",
    "why",
    "redact",
    "export",
    "secrets",
    "secrets list",
    "secrets get",
    "secrets set",
    "secrets delete",
    "secrets rename",
    "secrets copy",
    "secrets diff",
    "secrets history",
    "secrets rollback",
    "folders",
    "folders list",
    "folders create",
    "folders delete",
    "login",
    "token",
    "token renew",
    "cache",
    "cache status",
    "doctor",
    "attest",
    "init",
    "completions",
];

#[test]
fn the_short_help_fits_a_screen_and_the_full_help_has_examples_first() {
    for command in COMMANDS {
        let words = || command.split_whitespace();
        let short = sandbox().run(words().chain(["-h"])).success().stdout;
        assert!(short.lines().count() <= 25, "{command}: {}\n{short}", short.lines().count());
        let full = sandbox().run(words().chain(["--help"])).success().stdout;
        assert!(short.contains("Usage: hushed") && full.contains("Usage: hushed"), "{short}");
        assert!(short.contains("--help` for more"), "{short}");
        assert!(full.lines().count() >= short.lines().count() || command.is_empty(), "{command}");
    }
    let full = sandbox().run(["run", "--help"]).success().stdout;
    let at = |text: &str| full.find(text).unwrap_or_else(|| panic!("no {text}:\n{full}"));
    assert!(at("Examples:") < at("--env-file") && at("Usage:") < at("Examples:"), "{full}");
}

#[test]
fn color_is_where_a_terminal_or_a_variable_asks_for_it() {
    let has_color = |name: &str, value: &str| {
        let output = sandbox().env(name, value).env("TERM", "xterm").run(["plan", "--jsn"]);
        output.stderr.contains("\u{1b}[")
    };
    assert!(has_color("CLICOLOR_FORCE", "1"));
    assert!(!has_color("CLICOLOR_FORCE", "0") && !has_color("CLICOLOR", "1"));
    let sandbox = sandbox().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert!(!sandbox.run(["--help"]).success().stdout.contains("\u{1b}["));
}

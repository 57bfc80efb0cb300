//! Flags over variables over the profile over the file over the user's file over the default, for
//! settings of every kind. Must not test where the files are found.

use super::planned;
use crate::support::sandbox::Sandbox;

/// Each level's word for one setting, and the names that a plan then has.
struct Case {
    key: &'static str,
    flag: &'static str,
    variable: (&'static str, &'static str),
    profile: &'static str,
    file: &'static str,
    user: &'static str,
    /// What holds with all levels, without the flag, without the variable too, and so on.
    want: [&'static str; 6],
}

const CASES: [Case; 5] = [
    Case {
        key: "prefix",
        flag: "--prefix=FLAG_",
        variable: ("HUSHED_PREFIX", "VARIABLE_"),
        profile: "\"PROFILE_\"",
        file: "\"FILE_\"",
        user: "\"USER_\"",
        want: [
            "FLAG_a_b FLAG_C",
            "VARIABLE_a_b VARIABLE_C",
            "PROFILE_a_b PROFILE_C",
            "FILE_a_b FILE_C",
            "USER_a_b USER_C",
            "a_b C",
        ],
    },
    Case {
        key: "only",
        flag: "--only=a*",
        variable: ("HUSHED_ONLY", "C, x"),
        profile: "[\"a*\", \"x\"]",
        file: "\"C\"",
        user: "[\"a_b\"]",
        want: ["a_b", "C", "a_b", "C", "a_b", "a_b C"],
    },
    Case {
        key: "transform",
        flag: "--transform=camel",
        variable: ("HUSHED_TRANSFORM", "lower-kebab"),
        profile: "\"tf-var\"",
        file: "\"dotnet\"",
        user: "\"upper-snake\"",
        want: ["aB c", "a-b c", "TF_VAR_a_b TF_VAR_c", "AB C", "A_B C", "a_b C"],
    },
    Case {
        key: "rename",
        flag: "--rename=C=D",
        variable: ("HUSHED_RENAME", "C=E,a_b=F"),
        profile: "{ C = \"G\" }",
        file: "{ C = \"H\" }",
        user: "{ a_b = \"I\" }",
        want: ["a_b D", "F E", "a_b G", "a_b H", "I C", "a_b C"],
    },
    Case {
        key: "env-file",
        flag: "--env-file=flag.env",
        variable: ("HUSHED_ENV_FILE", "variable.env"),
        profile: "\"profile.env\"",
        file: "[\"file.env\"]",
        user: "\"../../project/user.env\"",
        want: [
            "a_b C FLAG",
            "a_b C VARIABLE",
            "a_b C PROFILE",
            "a_b C FILE",
            "a_b C USER",
            "a_b C",
        ],
    },
];

#[test]
fn the_stronger_level_holds() {
    for case in CASES {
        for (weakest, want) in case.want.iter().enumerate() {
            let line = |from: usize, value: &str| {
                if weakest <= from { format!("{} = {value}\n", case.key) } else { String::new() }
            };
            let project = format!(
                "[run]\n{}[source.s]\ntype = \"dotenv\"\nfile = \"s.env\"\n[profile.p.run]\n{}",
                line(3, case.file),
                line(2, case.profile),
            );
            let mut sandbox = Sandbox::new()
                .file("hushed.toml", project)
                .file("../.config/hushed/config.toml", format!("[run]\n{}", line(4, case.user)))
                .file("s.env", "a_b=canary\nC=canary\n");
            for name in ["flag", "variable", "profile", "file", "user"] {
                let secret = format!("{}=canary\n", name.to_uppercase());
                sandbox = sandbox.file(format!("{name}.env"), secret);
            }
            if weakest <= 1 {
                sandbox = sandbox.env(case.variable.0, case.variable.1);
            }
            let flag = if weakest == 0 { vec![case.flag] } else { Vec::new() };
            let flags = [&["--profile", "p"][..], &flag].concat();
            assert_eq!(planned(&sandbox, &flags), *want, "{} from level {weakest}", case.key);
        }
    }
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let sandbox = Sandbox::new()
        .file("s.env", "A=canary\n")
        .file("hushed.toml", "[run]\nprefix = \"FILE_\"\nenv-file = \"s.env\"\n");
    let sandbox =
        sandbox.env("HUSHED_PREFIX", "").env("HUSHED_PROFILE", "").env("HUSHED_CONFIG", "");
    assert_eq!(planned(&sandbox, &[]), "FILE_A");
}

#[test]
fn a_profile_adds_sources_and_changes_those_that_there_are() {
    let config = "[source.a]\ntype = \"dotenv\"\nfile = \"a.env\"\n\
                  [profile.prod.source.a]\nfile = \"prod.env\"\n\
                  [profile.prod.source.b]\ntype = \"dotenv\"\nfile = \"b.env\"\n";
    let sandbox = Sandbox::new()
        .file("hushed.toml", config)
        .file("a.env", "A=canary\n")
        .file("b.env", "B=canary\n")
        .file("prod.env", "PROD=canary\n");
    assert_eq!(planned(&sandbox, &[]), "A");
    assert_eq!(planned(&sandbox, &["--profile", "prod"]), "PROD B");
    let output = sandbox.run(["plan", "--profile", "prd"]).fails_with(2);
    let want = "hushed: --profile: `prd` is not a profile of the configuration; expected `prod`\n  hint: did you mean `prod`?\n";
    assert_eq!(output.stderr, want);
    let sandbox = sandbox.env("HUSHED_PROFILE", "prod");
    assert_eq!(planned(&sandbox, &[]), "PROD B");
    let output = sandbox.env("HUSHED_PROFILE", "none").run(["plan"]).fails_with(78);
    assert!(
        output.stderr.starts_with("hushed: HUSHED_PROFILE: `none` is not a profile"),
        "{}",
        output.stderr
    );
}

#[test]
fn an_unknown_profile_without_any_is_told_so() {
    let sandbox = Sandbox::new().file("s.env", "A=canary\n");
    let output = sandbox.run(["plan", "--env-file=s.env", "--profile=prod"]).fails_with(2);
    let want = "hushed: --profile: `prod` is not a profile of the configuration; none is defined\n";
    assert!(output.stderr.starts_with(want), "{}", output.stderr);
}

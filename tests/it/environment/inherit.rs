//! Precedence of inherited variables, sources and env files, and which inherited variables are passed on.

use super::{env, pairs, refused, strings, variables};
use crate::support::sandbox::Sandbox;

const CONFIG: &str = "[source.first]\ntype = \"dotenv\"\nfile = \"first.env\"\noverride = true\n\
                      [source.second]\ntype = \"dotenv\"\nfile = \"second.env\"\noverride = true\n";

fn sandbox() -> Sandbox {
    Sandbox::new()
        .file("hushed.toml", CONFIG)
        .file("first.env", "A=canary first\nB=canary first\nC=canary first\nD=canary first\n")
        .file("second.env", "B=canary second\nC=canary second\n")
        .file("last.env", "C=canary last\nC=canary end\n")
        .env("C", "inherited")
        .env("D", "inherited")
        .env("E", "inherited")
}

#[test]
fn the_later_source_wins_and_its_override_decides_against_the_inherited() {
    let sandbox = sandbox();
    let got = variables(env(&sandbox, &["--env-file", "last.env"]));
    let want = [
        // The files of --env-file do not override.
        ("C", "inherited"),
        ("E", "inherited"),
        ("A", "canary first"),
        ("B", "canary second"),
        ("D", "canary first"),
    ];
    assert_eq!(pairs(&got), want);
}

#[test]
fn sources_are_ordered_as_in_the_file_or_the_flags() {
    let sandbox = sandbox().without("C").without("D").without("E");
    let of_b = |flags: &[&str]| {
        let got = variables(env(&sandbox, flags));
        got.into_iter().find(|(name, _)| name == "B").unwrap().1
    };
    assert_eq!(of_b(&[]), "canary second");
    assert_eq!(of_b(&["--source", "second", "--source", "first"]), "canary first");
    assert_eq!(of_b(&["--source", "first"]), "canary first");
}

#[test]
fn preserved_variables_override_secrets() {
    let sandbox = sandbox();
    let of = |flags: &[&str]| {
        let got = variables(env(&sandbox, flags));
        let value = |name| got.iter().find(|(found, _)| found == name).unwrap().1.clone();
        [value("A"), value("C"), value("D")]
    };
    assert_eq!(of(&["--preserve-env"]), ["canary first", "inherited", "inherited"]);
    assert_eq!(of(&["--preserve-env=C"]), ["canary first", "inherited", "canary first"]);
    assert_eq!(of(&["--preserve-env=A,D"]), ["canary first", "canary second", "inherited"]);
    assert_eq!(of(&["--preserve-env=false"]), ["canary first", "canary second", "canary first"]);
    let flag_over_variable = sandbox.env("HUSHED_PRESERVE_ENV", "true");
    let got = variables(env(&flag_over_variable, &["--preserve-env=D"]));
    assert!(pairs(&got).contains(&("C", "canary second")), "{:?}", pairs(&got));
}

#[test]
fn a_clean_environment_has_kept_variables_and_secrets() {
    let sandbox =
        sandbox().env("LC_ALL", "C").env("LC_TIME", "C").env("LCX", "C").env("lc_all", "C");
    let names = |flags: &[&str]| {
        let strings = strings(env(&sandbox, flags));
        let name = |string: &Vec<u8>| {
            String::from_utf8(string.clone()).unwrap().split('=').next().unwrap().to_owned()
        };
        strings.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&["--clean-env"]), "A B C D");
    assert_eq!(names(&["--clean-env", "--keep", "LC_*,E"]), "E LC_ALL LC_TIME A B C D");
    assert_eq!(names(&["--clean-env", "--keep", "H?ME", "--keep", "PATH"]), "HOME PATH A B C D");
    let got = variables(env(&sandbox, &["--clean-env", "--keep=C", "--preserve-env"]));
    assert!(pairs(&got).contains(&("C", "inherited")));
    assert!(pairs(&got).contains(&("D", "canary first")), "what is not kept cannot be preserved");
}

#[test]
fn keeping_variables_has_no_effect_without_a_clean_environment() {
    let message = refused(&sandbox(), &["--keep", "LC_*"]);
    assert!(message.starts_with("hushed: --keep requires --clean-env\n"), "{message}");
}

#[test]
fn inherited_variables_pass_byte_for_byte() {
    // Names and values that are no text: what only a shell or C can make.
    let script =
        r#"exec env "$(printf 'BYTES=\377\200')" "$(printf 'N\377=x')" "a.b-c=d" "EMPTY=" "$@""#;
    let sandbox = Sandbox::new().file("app.env", "SECRET=canary\n");
    let hushed = crate::support::sandbox::hushed();
    let hushed = hushed.to_str().unwrap();
    let line = ["-c", script, "sh", hushed, "run", "--env-file", "app.env", "/usr/bin/env", "-0"];
    let got = strings(sandbox.program("/bin/sh", line));
    for want in [&b"BYTES=\xff\x80"[..], b"N\xff=x", b"a.b-c=d", b"EMPTY=", b"SECRET=canary"] {
        assert!(got.iter().any(|string| string == want), "{}", want.escape_ascii());
    }
}

#[test]
fn a_duplicate_variable_is_passed_on_once_as_getenv_finds_it() {
    // Only execve itself can make such an environment.
    let script = r#"
import ctypes, sys
strings = lambda items: (ctypes.c_char_p * (len(items) + 1))(*items, None)
line = [word.encode() for word in sys.argv[1:]]
given = [b"PATH=/usr/bin:/bin", b"TWICE=first", b"ONCE=x", b"TWICE=second"]
ctypes.CDLL(None).execve(line[0], strings(line), strings(given))
"#;
    let sandbox = Sandbox::new().file("app.env", "SECRET=canary\n");
    let hushed = crate::support::sandbox::hushed();
    for flags in [&[][..], &["--init"], &["--preserve-env=TWICE"], &["--clean-env", "--keep=*"]] {
        let line = ["-c", script, hushed.to_str().unwrap(), "run", "--env-file", "app.env"];
        let line = [&line[..], flags, &["/usr/bin/env", "-0"]].concat();
        let got = strings(sandbox.program("python3", line));
        let want = ["PATH=/usr/bin:/bin", "TWICE=first", "ONCE=x", "SECRET=canary"];
        assert_eq!(got, want.map(|string| string.as_bytes().to_vec()));
    }
}

#[test]
fn values_reach_the_command_byte_for_byte() {
    let value = "a\nb\t'\"\\ $HOME `x` é \u{1}";
    let sandbox = Sandbox::new();
    let set = sandbox.command(["secrets", "set", "V"]).stdin(value).run();
    set.success();
    let got = variables(env(&sandbox, &["--only", "V"]));
    assert_eq!(pairs(&got), [("V", value)]);
}

//! Which values are redacted: settings of sources, options, and what `plan` and `doctor` say about it.

use serde_json::Value as Json;

use super::redacted;
use crate::support::sandbox::Sandbox;

/// A dotenv file as web projects have it.
const WEB: &str = "\
VITE_API_URL=http://localhost:5173/
PORT=5173
NODE_ENV=development
APP_NAME=\"Paint Shop\"
DB_HOST=localhost
DB_USER=postgres
DB_PASSWORD=canary-password
SESSION=k3J9xQ2mPz7vLw5R
DATABASE_URL=postgres://postgres:postgres@localhost:5432/postgres
";

fn sandbox(env: &str) -> Sandbox {
    Sandbox::new().file("app.env", env)
}

/// The variables of a plan in JSON: name, whether redacted, reason.
fn plan(sandbox: &Sandbox, flags: &[&str]) -> Vec<(String, bool, String)> {
    let line = ["plan", "--json", "--redact"].iter().chain(flags).copied();
    decisions(&serde_json::from_str(&sandbox.run(line).success().stdout).unwrap())
}

/// The same of a plan that is parsed.
fn decisions(plan: &Json) -> Vec<(String, bool, String)> {
    let variable = |variable: &Json| {
        let text = |key: &str| variable[key].as_str().unwrap().to_owned();
        (text("name"), variable["redacted"].as_bool().unwrap(), text("redaction_reason"))
    };
    plan["variables"].as_array().unwrap().iter().map(variable).collect()
}

#[test]
fn a_new_project_stays_readable() {
    // What vite prints, and a server beside it.
    let banner = "  VITE v6.0.1  ready in 212 ms\n\n  ➜  Local:   http://localhost:5173/\n  \
                  ➜  Network: use --host to expose\n[Paint Shop] development on postgres@localhost:5432\n";
    let sandbox = Sandbox::new().file(".env", WEB).file("banner", banner);
    sandbox.run(["init"]).success();
    let output = sandbox.run(["run", "--", "cat", "banner"]).success();
    assert_eq!((&*output.stdout, &*output.stderr), (banner, ""));
    let text = "echo $DB_PASSWORD; echo $SESSION; echo $DATABASE_URL";
    let output = sandbox.run(["run", "--", "sh", "-c", text]).success();
    assert_eq!(output.stdout, "[hushed:DB_PASSWORD]\n[hushed:SESSION]\n[hushed:DATABASE_URL]\n");
}

#[test]
fn a_new_store_stays_readable() {
    let sandbox =
        Sandbox::new().file("banner", "  ➜  Local:   http://localhost:5173/\nproduction\n");
    sandbox.run(["init"]).success();
    for (name, value) in
        [("URL", "http://localhost:5173/"), ("MODE", "production"), ("NAME", "plain-words")]
    {
        sandbox.command(["secrets", "set", name]).stdin(value).run().success();
    }
    let text = "cat banner; echo $NAME";
    let output = sandbox.run(["run", "--", "sh", "-c", text]).success();
    let want = "  ➜  Local:   http://localhost:5173/\nproduction\n[hushed:NAME]\n";
    assert_eq!((&*output.stdout, &*output.stderr), (want, ""));
}

#[test]
fn a_setting_of_a_source_decides_what_is_redacted_of_it() {
    let env = "NAME=plain-words-only\nMODE=production\nAPI_KEY=canary-key\n";
    let text = "echo $NAME $MODE $API_KEY";
    for (setting, want) in [
        ("", "plain-words-only production [hushed:API_KEY]\n"),
        ("redact = \"auto\"", "plain-words-only production [hushed:API_KEY]\n"),
        ("redact = true", "[hushed:NAME] production [hushed:API_KEY]\n"),
        ("redact = false", "plain-words-only production canary-key\n"),
    ] {
        let config = format!(
            "[run]\nredact = true\n[source.app]\ntype = \"dotenv\"\nfile = \"app.env\"\n{setting}\n"
        );
        let sandbox = sandbox(env).file("hushed.toml", config);
        let output = sandbox.command(["run", "--", "sh", "-c", text]).reveals().run().success();
        assert_eq!((&*output.stdout, &*output.stderr), (want, ""), "{setting}");
        let flags = ["run", "--set", "app.redact=true", "--", "sh", "-c", text];
        let output = sandbox.command(flags).reveals().run().success();
        assert_eq!(output.stdout, "[hushed:NAME] production [hushed:API_KEY]\n", "{setting}");
    }
    let config = "[source.app]\ntype = \"dotenv\"\nfile = \"app.env\"\nredact = \"some\"\n";
    let output = sandbox(env).file("hushed.toml", config).run(["plan"]).fails_with(78);
    let want = "`some` is not a scope of redaction; expected one of `true`, `false`, `auto`";
    assert!(output.stderr.contains(want), "{}", output.stderr);
}

#[test]
fn a_project_cannot_exclude_its_source_from_the_redaction_of_the_user() {
    let own = "../.config/hushed/config.toml";
    for (setting, code) in [("redact = false", 125), ("redact = \"auto\"", 0), ("redact = true", 0)]
    {
        let project = format!("[source.app]\ntype = \"dotenv\"\nfile = \"app.env\"\n{setting}\n");
        let sandbox = sandbox("API_KEY=canary-key\n")
            .file("hushed.toml", project)
            .file(own, "[run]\nredact = true\n");
        let output = sandbox.run(["run", "--", "true"]);
        assert_eq!(output.code(), code, "{setting}: {}", output.stderr);
        if code != 0 {
            assert!(
                output.stderr.contains("shows what your own file keeps out"),
                "{}",
                output.stderr
            );
            sandbox.run(["trust"]).success();
            sandbox.run(["run", "--", "true"]).success();
        }
    }
}

#[test]
fn options_override_the_decision_for_single_variables() {
    let env =
        "NAME=plain-words-only\nMODE=production\nAPI_KEY=canary-key\nAPI_URL=https://example.com\n";
    let text = "echo $NAME $MODE $API_KEY";
    for (flags, want) in [
        (&["--redact-name", "NAME"][..], "[hushed:NAME] production [hushed:API_KEY]\n"),
        (&["--redact-name", "NAME,MODE"], "[hushed:NAME] [hushed:MODE] [hushed:API_KEY]\n"),
        (
            &["--redact-name", "NAME", "--redact-name", "M*"],
            "[hushed:NAME] [hushed:MODE] [hushed:API_KEY]\n",
        ),
        (&["--no-redact", "API_*"], "plain-words-only production canary-key\n"),
        (
            &["--no-redact", "API_KEY", "--redact-name", "API_KEY"],
            "plain-words-only production [hushed:API_KEY]\n",
        ),
        (&["--redact-all"], "[hushed:NAME] [hushed:MODE] [hushed:API_KEY]\n"),
        (&["--redact-all", "--no-redact", "MODE"], "[hushed:NAME] production [hushed:API_KEY]\n"),
    ] {
        let sandbox = sandbox(env);
        let line = ["run", "--env-file", "app.env", "--redact"].iter().chain(flags);
        let line: Vec<_> = line.copied().chain(["--", "sh", "-c", text]).collect();
        let output = sandbox.command(line).reveals().run().success();
        assert_eq!((&*output.stdout, &*output.stderr), (want, ""), "{flags:?}");
    }
    let output = sandbox(env)
        .command([
            "run",
            "--env-file",
            "app.env",
            "--redact",
            "--redact-name",
            "NAMES",
            "--",
            "true",
        ])
        .run()
        .success();
    let want = "--redact-name `NAMES`: no source has such a secret; did you mean `NAME`?";
    assert!(output.stderr.contains(want), "{}", output.stderr);
}

#[test]
fn values_of_variables_and_files_are_redacted_whatever_they_are() {
    let sandbox = sandbox("A=b\n").env("WORD", "production").file("words", "development\n");
    for flag in ["--redact-value-of", "--redact-also"] {
        let flags = [flag, "WORD", flag, "./words"];
        assert_eq!(
            redacted(&sandbox, &flags, "echo $WORD; cat words"),
            "[hushed:WORD]\n[hushed:words]\n"
        );
    }
    let config = "[run]\nredact = true\nredact-value-of = [\"WORD\"]\n";
    let sandbox = sandbox.file("hushed.toml", config);
    assert_eq!(redacted(&sandbox, &[], "echo $WORD"), "[hushed:WORD]\n");
}

#[test]
fn inherited_variables_are_redacted_where_their_name_or_value_says_so() {
    let sandbox = sandbox("A=b\n")
        .env("BUILD_TOKEN", "canary-token")
        .env("SESSION", "k3J9xQ2mPz7vLw5R")
        .env("GREETING", "hello-from-outside");
    let text = "echo $BUILD_TOKEN $SESSION $GREETING";
    for (flags, want) in [
        (&[][..], "[hushed:BUILD_TOKEN] [hushed:SESSION] hello-from-outside\n"),
        (
            &["--redact-inherited=auto"],
            "[hushed:BUILD_TOKEN] [hushed:SESSION] hello-from-outside\n",
        ),
        (
            &["--redact-name", "GREETING"],
            "[hushed:BUILD_TOKEN] [hushed:SESSION] [hushed:GREETING]\n",
        ),
        (&["--no-redact", "BUILD_TOKEN"], "canary-token [hushed:SESSION] hello-from-outside\n"),
        (&["--redact-inherited=false"], "canary-token k3J9xQ2mPz7vLw5R hello-from-outside\n"),
    ] {
        let line = ["run", "--env-file", "app.env", "--redact"].iter().chain(flags);
        let line: Vec<_> = line.copied().chain(["--", "sh", "-c", text]).collect();
        let output = sandbox.command(line).reveals().run().success();
        assert_eq!((&*output.stdout, &*output.stderr), (want, ""), "{flags:?}");
    }
    let output = sandbox.run(["plan", "--env-file", "app.env", "--redact"]).success();
    let want = "redacted of what is inherited: ";
    let line = output.stdout.lines().find(|line| line.starts_with(want)).unwrap();
    assert!(line.contains("`BUILD_TOKEN` (its name says TOKEN)"), "{line}");
    assert!(line.contains("`SESSION` (its value looks like a key)"), "{line}");
    assert!(!line.contains("GREETING"), "{line}");
    let line = ["plan", "--json", "--env-file", "app.env", "--redact"];
    let plan: Json = serde_json::from_str(&sandbox.run(line).success().stdout).unwrap();
    assert_eq!(plan["redacted_inherited"][0]["name"], "BUILD_TOKEN");
}

#[test]
fn an_inherited_value_in_place_of_a_secret_is_as_secret_as_that() {
    let sandbox = Sandbox::new().env("NAME", "inherited-words").env("OTHER", "inherited-other");
    sandbox.run(["init", "--local"]).success();
    sandbox.command(["secrets", "set", "NAME"]).stdin("stored-words").run().success();
    let line = ["run", "--preserve-env=NAME", "--", "sh", "-c", "echo $NAME $OTHER"];
    let output = sandbox.command(line).run().success();
    assert_eq!(output.stdout, "[hushed:NAME] inherited-other\n");
}

#[test]
fn a_plan_says_for_each_variable_whether_it_is_redacted_and_why() {
    let sandbox = sandbox(&format!("{WEB}PIN=abc\nEMPTY=\n"));
    let flags = ["--env-file", "app.env"];
    let want = [
        ("VITE_API_URL", false, "its value is an ordinary address"),
        ("PORT", false, "its value is an ordinary number"),
        ("NODE_ENV", false, "its value is an ordinary word"),
        ("APP_NAME", false, "neither its name nor its value looks secret"),
        ("DB_HOST", false, "its value is an ordinary word"),
        ("DB_USER", false, "its value is an ordinary word"),
        ("DB_PASSWORD", true, "its name says PASSWORD"),
        ("SESSION", true, "its value looks like a key"),
        ("DATABASE_URL", true, "its value is or contains a URL with a user or password"),
        ("PIN", false, "shorter than 6 bytes, see --redact-min"),
        ("EMPTY", false, "empty"),
    ];
    let want = want.map(|(name, is, reason)| (name.to_owned(), is, reason.to_owned()));
    assert_eq!(plan(&sandbox, &flags), want);
    let text = sandbox.run(["plan", "--redact", "--env-file", "app.env"]).success().stdout;
    for (name, is_redacted, reason) in &want {
        let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        let not = if *is_redacted { ", " } else { ", not " };
        assert!(line.contains(&format!("{not}redacted: {reason}")), "{line}");
    }
    // Without --redact, what it would do.
    let line = ["plan", "--json", "--env-file", "app.env"];
    let without: Json = serde_json::from_str(&sandbox.run(line).success().stdout).unwrap();
    assert_eq!(without["redacts"], false);
    assert_eq!(decisions(&without), want);
    let text = sandbox.run(["plan", "--env-file", "app.env"]).success().stdout;
    let [password, port] = ["DB_PASSWORD", "PORT"]
        .map(|name| text.lines().find(|line| line.trim_start().starts_with(name)).unwrap());
    assert!(password.contains(", redactable: its name says PASSWORD"), "{password}");
    assert!(port.contains(", not redactable: its value is an ordinary"), "{port}");
}

#[test]
fn a_value_that_is_too_short_is_named_by_plan_and_doctor_and_not_at_each_start() {
    let config = "[run]\nredact = true\n[source.app]\ntype = \"dotenv\"\nfile = \"app.env\"\n";
    let sandbox = sandbox("PIN=abc\nTOKEN=canary-token\n").file("hushed.toml", config);
    assert_eq!(sandbox.run(["run", "--", "true"]).success().stderr, "");
    let said = "too short to be redacted: `PIN` (--redact-min sets the minimum)";
    let output = sandbox.run(["run", "-v", "--", "true"]).success();
    assert!(output.stderr.contains(said), "{}", output.stderr);
    let output = sandbox.run(["plan"]).success();
    assert_eq!(output.stdout.matches("PIN").count(), 1, "{}", output.stdout);
    std::fs::set_permissions(
        sandbox.project().join("app.env"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    let output = sandbox.run(["doctor"]).success();
    assert_eq!(output.stdout.matches("PIN").count(), 1, "{}", output.stdout);
    assert!(output.stdout.contains("WARNING redaction"), "{}", output.stdout);
    assert!(output.stdout.contains("1 of 2 variables redacted"), "{}", output.stdout);
}

#[test]
fn structure_and_ordinary_parts_of_a_value_are_not_labelled() {
    let kubeconfig = "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: https://k8s.example.com:6443\n  \
                      name: prod\nusers:\n- name: admin\n  user:\n    token: canary-of-kubeconfig\n";
    let secrets = "canary-of-kubeconfig\nwJalrXUtnFEMIK7MDENGbPxRfiCY\n\
                   postgres://postgres:postgres@db.internal/shop\n";
    let aws =
        "[default]\nregion = us-east-1\naws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCY\n";
    let env = format!(
        "KUBE_SECRET='{kubeconfig}'\nAWS_SECRET='{aws}'\nURL=postgres://postgres:postgres@db.internal/shop\n"
    );
    let sandbox = sandbox(&env).file(
        "log",
        "apiVersion: v1\nkind: Config\n[default]\nregion = us-east-1\npostgres is ready\n",
    );
    let sandbox = sandbox.file("secrets", secrets);
    let want = "apiVersion: v1\nkind: Config\n[default]\nregion = us-east-1\npostgres is ready\n\
                [hushed:KUBE_SECRET]\n[hushed:AWS_SECRET]\n[hushed:URL]\n";
    assert_eq!(redacted(&sandbox, &[], "cat log secrets"), want);
}

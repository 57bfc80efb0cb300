//! Which credential counts where there are several, which method they mean, and what is missing.
//! Must not try every name: that is `login`.

use std::{io::Write, process::Stdio};

use super::fixture::{
    LOGIN, asked, count, env, home, identity_id, refusal, secrets, start, stranger, variables,
};
use crate::support::{
    infisical::{CLIENT_ID, CLIENT_SECRET, Server},
    sandbox::{Sandbox, hushed},
};

const SECRET: &str = "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET";

fn with_id(server: &Server) -> Sandbox {
    stranger(server).env("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", CLIENT_ID)
}

#[test]
fn a_flag_is_above_a_variable_above_systemd_above_a_file() {
    let server = start();
    let config = "[source.i]\ntype = \"infisical\"\nclient-secret-file = \"in-config\"\n";
    // Each place in its turn holds the right secret, all weaker ones a wrong one.
    for right in ["flag", "first", "second", "systemd", "config"] {
        let order = ["flag", "first", "second", "systemd", "config"];
        let rank = |place: &str| order.iter().position(|other| *other == place).unwrap();
        let given = |place: &str| rank(place) >= rank(right);
        let value = |place: &str| if place == right { CLIENT_SECRET } else { "canary-wrong" };
        let mut sandbox = with_id(&server)
            .file("in-flag", value("flag"))
            .file("systemd/infisical-client-secret", value("systemd"))
            .file("in-config", value("config"))
            .file("hushed.toml", config);
        if given("first") {
            sandbox = sandbox.env(SECRET, value("first"));
        }
        if given("second") {
            sandbox = sandbox.env("INFISICAL_CLIENT_SECRET", value("second"));
        }
        if given("systemd") {
            let folder = sandbox.project().join("systemd");
            sandbox = sandbox.env("CREDENTIALS_DIRECTORY", folder);
        }
        let flags: &[&str] = if given("flag") { &["--client-secret-file", "in-flag"] } else { &[] };
        assert_eq!(secrets(&sandbox, flags)["NAME"], "canary-root", "{right}");
    }
}

#[test]
fn the_method_is_that_of_the_strongest_credential() {
    let server = start();
    let jwt = server.mint("reader");
    let ada = identity_id(&server, "ada");
    let build = identity_id(&server, "build");
    let config = format!(
        "[source.i]\ntype = \"infisical\"\nclient-id = \"{CLIENT_ID}\"\n\
         client-secret-file = \"held\"\n"
    );
    let base = || stranger(&server).file("held", CLIENT_SECRET);
    for (name, sandbox, flags, want) in [
        (
            "a token in a variable over a file",
            base().file("hushed.toml", &config).env("INFISICAL_TOKEN", jwt.as_str()),
            vec![],
            None,
        ),
        (
            "flags over a token in a variable",
            base().env("INFISICAL_TOKEN", jwt.as_str()),
            vec!["--client-id", CLIENT_ID, "--client-secret-file", "held"],
            Some("universal-auth"),
        ),
        (
            "a token before a client secret",
            home(&server).env("INFISICAL_TOKEN", jwt.as_str()),
            vec![],
            None,
        ),
        (
            "an OIDC provider's variable",
            base()
                .env("INFISICAL_OIDC_AUTH_JWT", "canary-of-a-build")
                .env("INFISICAL_MACHINE_IDENTITY_ID", build.as_str()),
            vec![],
            Some("oidc-auth"),
        ),
        (
            "a directory's password",
            base()
                .env("INFISICAL_LDAP_PASSWORD", "canary of ada ")
                .env("INFISICAL_LDAP_USERNAME", "ada")
                .env("INFISICAL_MACHINE_IDENTITY_ID", ada.as_str()),
            vec![],
            Some("ldap-auth"),
        ),
        (
            "what is said",
            home(&server).env("INFISICAL_TOKEN", "canary-wrong"),
            vec!["--method", "universal-auth"],
            Some("universal-auth"),
        ),
    ] {
        server.forget();
        assert_eq!(secrets(&sandbox, &flags)["NAME"], "canary-root", "{name}");
        let want = want.map(|method| format!("POST /api/v1/auth/{method}/login"));
        let first = asked(&server).first().cloned().filter(|line| line.contains("/auth/"));
        assert_eq!(first, want, "{name}");
    }
}

#[test]
fn what_does_not_suffice_is_told_before_anything_is_sent() {
    let server = start();
    let empty = || stranger(&server);
    let jwt = || empty().env("INFISICAL_JWT", "canary-jwt");
    for (sandbox, flags, want) in [
        (empty(), vec![], "no credentials for Infisical\n  hint: set INFISICAL_TOKEN, or "),
        (with_id(&server), vec![], "universal-auth: missing client secret\n"),
        (empty().env(SECRET, "canary"), vec![], "universal-auth: missing client ID\n"),
        (jwt(), vec![], "a login with a JWT: missing method\n  hint: pass --method oidc-auth if"),
        (jwt(), vec!["--method", "jwt-auth"], "jwt-auth: missing machine identity ID\n"),
        (home(&server), vec!["--method", "token"], "token: missing token\n"),
        (
            home(&server),
            vec!["--method", "univeral-auth"],
            "--method: `univeral-auth` is not a login method; expected one of `universal-auth`, \
             `kubernetes`, `oidc-auth`, `jwt-auth`, `spiffe-auth`, `ldap-auth`, `aws-iam`, `azure`, \
             `gcp-id-token`, `gcp-iam`, `tls-cert-auth`, `token`\n  hint: did you mean `universal-auth`?\n",
        ),
        (
            home(&server).env("HUSHED_METHOD", "x"),
            vec![],
            "HUSHED_METHOD: `x` is not a login method",
        ),
        (
            home(&server).without("INFISICAL_PROJECT_ID"),
            vec![],
            "no project specified\n  hint: pass --proj",
        ),
    ] {
        let said = refusal(&sandbox, &flags);
        assert!(said.starts_with(&format!("hushed: {want}")), "{said}");
    }
    assert_eq!(asked(&server), [""; 0]);
}

#[test]
fn the_bare_variable_token_is_not_read() {
    let server = start();
    let token = server.mint("reader");
    let sandbox = stranger(&server).env("TOKEN", token.as_str());
    assert!(refusal(&sandbox, &[]).starts_with("hushed: no credentials for Infisical\n"));
    // It is the command's own, as long as it is not what hushed uses.
    let output = env(&home(&server).env("TOKEN", "the command's"), &[]).run().success();
    assert_eq!(variables(&output)["TOKEN"], "the command's");
    assert_eq!(count(&server, LOGIN), 1);
}

#[test]
fn one_credential_in_two_ways_is_an_error() {
    let server = start();
    let names = [SECRET, "INFISICAL_CLIENT_SECRET", "INFISICAL_TOKEN", "INFISICAL_JWT"];
    for name in names {
        let sandbox = with_id(&server).file("held", "canary");
        let sandbox = sandbox.env(name, "canary").env(format!("{name}_FILE"), "held");
        let said = refusal(&sandbox, &[]);
        let want =
            format!("hushed: {name} and {name}_FILE are both set\n  hint: unset one of the two\n");
        assert_eq!(said, want);
    }
    assert_eq!(asked(&server), [""; 0]);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let server = start();
    let sandbox = home(&server)
        .file("held", CLIENT_SECRET)
        .env("INFISICAL_TOKEN", "")
        .env("INFISICAL_TOKEN_FILE", "")
        .env("HUSHED_PATH", "")
        .env("HUSHED_DOMAIN", "")
        .env(SECRET, "")
        .env(format!("{SECRET}_FILE"), "held");
    assert_eq!(secrets(&sandbox, &[])["NAME"], "canary-root");
}

#[test]
fn a_file_that_gives_no_credential_is_named() {
    let server = start();
    let sandbox = with_id(&server).file("empty", "\n");
    let variable = format!("{SECRET}_FILE");
    for (path, want) in [
        (
            "nowhere",
            format!(
                "cannot read the client secret from `(a path of 7 characters)` (set by {variable})"
            ),
        ),
        (".", format!("cannot read the client secret from `.` (set by {variable})")),
        ("empty", format!("the client secret from `empty`, named by {variable} is empty")),
    ] {
        let output = env(&sandbox, &[]).env(&variable, path).run();
        assert!(
            super::fixture::refused(output).starts_with(&format!("hushed: {want}\n")),
            "{path}"
        );
    }
    assert_eq!(asked(&server), [""; 0]);
}

#[test]
fn run_asks_nobody_for_what_is_missing() {
    let server = start();
    let sandbox = stranger(&server);
    // A stream that stays open and silent would be waited for.
    let mut child = std::process::Command::new(hushed())
        .args(["run", "--", "true"])
        .env_clear()
        .env("HOME", sandbox.home())
        .env("INFISICAL_DOMAIN", server.url())
        .env("PATH", sandbox.variable("PATH"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut open = child.stdin.take().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(125));
    drop(open.write_all(b"nobody reads this"));
    for program in ["script", "sh"] {
        // On a terminal of its own, and with no standard input at all.
        let line = format!("{} run -- true", hushed().display());
        let arguments = match program {
            "script" => vec!["-qec".to_owned(), line, "/dev/null".to_owned()],
            _ => vec!["-c".to_owned(), format!("exec {line} <&-")],
        };
        let output = sandbox.program(program, arguments).run().fails_with(125);
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(said.starts_with("hushed: no credentials for Infisical"), "{said}");
    }
}

#[test]
fn a_credential_may_come_through_a_pipe() {
    let server = start();
    let sandbox = with_id(&server).file("held", CLIENT_SECRET);
    let jwt = server.mint("reader");
    let token = stranger(&server).file("held", jwt);
    let hushed = hushed().display().to_string();
    // A pipe can be read once.
    for (sandbox, run) in [
        (&sandbox, "$0 run --client-secret-file <(cat held) -- env"),
        (&token, "$0 run --token-file <(cat held) -- env"),
        (&token, "INFISICAL_TOKEN_FILE=/dev/stdin $0 run -- env < <(cat held)"),
    ] {
        let output = sandbox.program("bash", ["-c", run, &hushed]).reveals().run().success();
        assert!(output.stdout.contains("NAME=canary-root\n"), "{run}");
    }
}

#[test]
fn what_is_not_used_is_not_read() {
    let server = start();
    let sandbox = home(&server).env("INFISICAL_LDAP_PASSWORD_FILE", "nowhere");
    let sandbox = sandbox.env("INFISICAL_JWT_FILE", "nowhere").env("HUSHED_PASSPHRASE_FILE", ".");
    assert_eq!(secrets(&sandbox, &[])["NAME"], "canary-root");
}

#[test]
fn a_missing_systemd_credential_is_explained_where_systemd_started_us() {
    let server = start();
    let directory = with_id(&server).file("systemd/other", "canary");
    let folder = directory.project().join("systemd");
    let directory = directory.env("CREDENTIALS_DIRECTORY", &folder);
    let error = directory.run(["run", "true"]).fails_with(125).stderr;
    let hint = format!(
        "  hint: systemd passes `other` in {}; it ignores a LoadCredential= with an invalid ID: an ID \
         must be 1 to 255 characters of ASCII without `/`, `:` and control characters\n",
        folder.display()
    );
    assert!(error.ends_with(&hint), "{error}");

    // As in ExecReload= of systemd 257: started by systemd, and without the directory.
    let sandbox = with_id(&server);
    let hushed = hushed();
    for (script, explained) in [
        (r#"SYSTEMD_EXEC_PID=$$ exec "$@""#, true),
        (r#"SYSTEMD_EXEC_PID=$$ "$@""#, true),
        (r#"SYSTEMD_EXEC_PID=1 exec "$@""#, false),
    ] {
        let line = ["-c", script, "sh", hushed.to_str().unwrap(), "run", "true"];
        let error = sandbox.program("sh", line).run().fails_with(125).stderr;
        let found = error.contains("systemd passes no credentials here");
        assert_eq!(found, explained, "{script}\n{error}");
    }

    let path = "/run/credentials/app.service/app/key";
    let error = sandbox.run(["run", "--client-secret-file", path, "true"]).fails_with(125).stderr;
    assert!(error.contains("hint: systemd ignores a credential with this ID: "), "{error}");
}

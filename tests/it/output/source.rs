//! The sources of redacted values, and the names in their labels.

use super::{redacted, sandbox, script};
use crate::support::{
    infisical::{CLIENT_SECRET, Generation, Server, World},
    sandbox::Sandbox,
};

#[test]
fn secrets_of_a_local_store_are_redacted() {
    let sandbox = Sandbox::new().file("app.env", "OTHER_KEY=canary-other\n");
    sandbox.command(["secrets", "set", "STORED"]).stdin("canary-stored\n").run().success();
    let text = ["run", "--redact", "--env-file", "app.env", "--", "sh", "-c"];
    let text = text.iter().chain(&["echo $STORED; echo $OTHER_KEY"]);
    let output = sandbox.command(text.copied()).run().success();
    assert_eq!(output.stdout, "[hushed:STORED]\n[hushed:OTHER_KEY]\n");
}

#[test]
fn secrets_of_infisical_are_redacted() {
    let server = Server::builder(Generation::V4C, World::sample(2)).plain().start();
    let sandbox = Sandbox::new().server(&server, "sample").env("SEEN", "kept");
    let text = "echo $SECRET_00000 $SEEN; printf %s $SECRET_00001 | xxd -p | tr -d '\n'";
    let output = sandbox.run(["run", "--redact", "--", "sh", "-c", text]).success();
    assert_eq!(output.stdout, "[hushed:SECRET_00000] kept\n[hushed:SECRET_00001]");
    let text = ["run", "--redact", "--pass-credentials", "--redact-also"];
    let text = text.iter().chain(&["INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "--", "env"]);
    let output = sandbox.command(text.copied()).run().success();
    assert!(!output.stdout.contains(CLIENT_SECRET), "{}", output.stdout);
}

#[test]
fn a_configured_credential_is_redacted() {
    let server = Server::builder(Generation::V4C, World::sample(1)).plain().start();
    let name = "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET";
    let sandbox = Sandbox::new().server(&server, "sample").file("log", CLIENT_SECRET);
    let run = ["run", "--redact", "--redact-also", name, "--", "cat", "log"];
    let label = format!("[hushed:{name}]");
    assert_eq!(sandbox.run(run).success().stdout, label);
    let filter = sandbox.command(["redact", "--redact-also", name]).stdin(CLIENT_SECRET);
    assert_eq!(filter.run().success().stdout, label);
}

#[test]
fn a_label_has_the_name_of_the_variable() {
    let sandbox = sandbox();
    for (flags, name) in [
        (&["--prefix", "APP_"][..], "APP_SECRET"),
        (&["--rename", "SECRET=PASSWORD"], "PASSWORD"),
        (&["--transform", "camel"], "secret"),
    ] {
        let text = format!("echo ${name}");
        assert_eq!(redacted(&sandbox, flags, &text), format!("[hushed:{name}]\n"));
    }
}

#[test]
fn the_winning_value_is_redacted() {
    let sandbox = sandbox().file("own.env", "SECRET=canary-two\n").file("plain", "canary-one");
    let text = "echo $SECRET; wc -c < plain";
    let flags = ["--env-file", "own.env"];
    assert_eq!(redacted(&sandbox, &flags, text), "[hushed:SECRET]\n10\n");
}

#[test]
fn a_preserved_value_is_redacted_too() {
    let sandbox = sandbox().env("SECRET", "canary-two").file("plain", "canary-one\n");
    let flags = ["--redact", "--preserve-env=SECRET", "-v"];
    let text = "echo $SECRET; cat plain";
    let output = script(&sandbox, &flags, text).run().success();
    assert_eq!(output.stdout, "[hushed:SECRET]\n[hushed:SECRET]\n");
    assert!(output.stderr.contains("redacted SECRET: 2 times on stdout\n"), "{}", output.stderr);
}

#[test]
fn journal_stream_is_removed_if_output_is_redacted() {
    let sandbox = sandbox().env("JOURNAL_STREAM", "9:4711");
    for (flags, want) in [(&["--redact"][..], "none"), (&["--init"], "9:4711"), (&[], "9:4711")] {
        let output = script(&sandbox, flags, "echo ${JOURNAL_STREAM-none}").run().success();
        assert_eq!(output.stdout.trim(), want, "{flags:?}");
    }
}

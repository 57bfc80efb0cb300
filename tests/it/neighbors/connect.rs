//! 1Password Connect: vaults and items by name and ID, fields, sections and files, and what is asked for them.

use serde_json::{Value, json};

use super::{
    server::{Reply, Request, Server, json},
    sh, skip,
};
use crate::{recipes::snippet::python, support::sandbox::Sandbox};

const TOKEN: &str = "canary.connect-token";
const VAULT: &str = "vaultvaultvaultvaultvault1";
const ITEM: &str = "itemitemitemitemitemitem01";

/// A Connect server with the vault `App` and its items.
fn connect(request: &Request) -> Reply {
    if request.target == "/heartbeat" {
        return Reply::Answer(200, "content-type: text/plain\r\n".into(), b".".to_vec());
    }
    if request.authorization != format!("Bearer {TOKEN}") {
        return refusal(401, "Invalid bearer token");
    }
    let items = format!("/v1/vaults/{VAULT}/items");
    let twins = ["itemitemitemitemitemitem02", "itemitemitemitemitemitem03"];
    match request.target.as_str() {
        "/v1/vaults"
        | "/v1/vaults?filter=name eq \"App\""
        | "/v1/vaults?filter=name eq \"app\"" => json(200, &json!([{"id": VAULT, "name": "App"}])),
        "/v1/vaults?filter=name eq \"Private\"" => refusal(403, "Vault not granted to the token"),
        target if target.starts_with("/v1/vaults?") => json(200, &json!([])),
        target if target.starts_with(&format!("{items}?")) => {
            let list = match target.split('"').nth(1).unwrap() {
                "Database" => json!([{"id": ITEM, "title": "Database"}]),
                "Twins" => {
                    json!([{"id": twins[0], "title": "Twins"}, {"id": twins[1], "title": "Twins"}])
                }
                _ => json!([]),
            };
            json(200, &list)
        }
        target if target == format!("{items}/{ITEM}") => json(200, &item()),
        target if target == format!("{items}/{}", twins[0]) => json(
            200,
            &json!({
                "id": twins[0], "title": "Twins", "vault": {"id": VAULT},
                "fields": [{"id": "a", "label": "key", "value": "canary-twin"}],
            }),
        ),
        target if target.ends_with("/files/filefilefilefilefilefile01/content") => Reply::Answer(
            200,
            "content-type: application/octet-stream\r\n".into(),
            b"canary\0\xff".to_vec(),
        ),
        _ => refusal(404, "Item not found"),
    }
}

fn item() -> Value {
    json!({
        "id": ITEM, "title": "Database", "vault": {"id": VAULT}, "category": "DATABASE", "version": 7,
        "sections": [{"id": "s1", "label": "Reader"}, {"id": "s2", "label": "Writer"}],
        "fields": [
            {"id": "username", "label": "username", "type": "STRING", "purpose": "USERNAME", "value": "canary-user"},
            {"id": "password", "label": "password", "type": "CONCEALED", "value": "canary zażółć {{ x }}"},
            {"id": "f1", "label": "secret", "section": {"id": "s1"}, "value": "canary-reader"},
            {"id": "f2", "label": "secret", "section": {"id": "s2"}, "value": "canary-writer"},
            {"id": "f3", "label": "one-time", "type": "OTP", "value": "otpauth://canary", "totp": "canary-123456"},
            {"id": "f4", "label": "Large", "value": "canary".repeat(10_923)},
            {"id": "notesPlain", "label": "notesPlain", "purpose": "NOTES"},
        ],
        "files": [{"id": "filefilefilefilefilefile01", "name": "key.der", "size": 8, "section": {"id": "s1"}}],
    })
}

fn refusal(status: u16, message: &str) -> Reply {
    json(status, &json!({"status": status, "message": message}))
}

fn home(server: &Server, env: &str) -> Sandbox {
    let configuration = format!("[source.op]\ntype = \"op\"\n[env]\n{env}");
    Sandbox::new()
        .file("hushed.toml", configuration)
        .env("OP_CONNECT_HOST", server.url())
        .env("OP_CONNECT_TOKEN", TOKEN)
}

#[test]
fn references_of_1password_are_read_as_they_are() {
    let server = Server::start(connect);
    let sandbox = home(
        &server,
        &format!(
            "USER = \"op://App/Database/username\"\nPASS = \"op://app/Database/PASSWORD\"\n\
             READER = \"op://App/Database/Reader/secret\"\nWRITER = \"op://{VAULT}/{ITEM}/s2/f2\"\n\
             OTP = \"op://App/Database/one-time?attribute=otp\"\nHASH = \"op://App/Database#Writer/secret\"\n\
             FILE = {{ ref = \"op://App/Database/key.der\", deliver = \"file\" }}\n"
        ),
    );
    let script =
        "echo $USER,$PASS,$READER,$WRITER,$OTP,$HASH,${OP_CONNECT_TOKEN-no}; wc -c < $FILE_FILE";
    let want = "canary-user,canary zażółć {{ x }},canary-reader,canary-writer,canary-123456,canary-writer,no\n8\n";
    assert_eq!(sh(&sandbox, &[], script).success().stdout, want);
    // The vault under two names, the item, and the file: each once.
    let targets = server.targets();
    let count = |part: &str| targets.iter().filter(|target| target.contains(part)).count();
    assert_eq!((count("name eq"), count("title eq"), targets.len()), (2, 1, 5), "{targets:?}");
    let why = sandbox.run(["why", "USER"]).success().stdout;
    assert!(why.contains("op://App/Database/username") && why.contains("version 7"), "{why}");
}

#[test]
fn all_fields_of_an_item_become_variables() {
    let server = Server::start(connect);
    let configuration = "[source.op]\ntype = \"op\"\nvault = \"App\"\nitem = \"Database\"\n";
    let sandbox = home(&server, "").file("hushed.toml", configuration);
    let flags = ["--only", "username,password,Large"];
    let output = sh(&sandbox, &flags, "echo $username $password ${#Large}").success();
    assert_eq!(output.stdout, "canary-user canary zażółć {{ x }} 65538\n");
    let object = "[source.op]\ntype = \"op\"\n[env.from.\"op://App/Database\"]\nprefix = \"DB_\"\n";
    let sandbox = sandbox.file("hushed.toml", object);
    let output = sh(&sandbox, &["--only", "DB_username"], "echo $DB_username");
    assert_eq!(output.success().stdout, "canary-user\n");
}

#[test]
fn each_failure_has_its_own_message_and_no_token_in_it() {
    for (reference, want) in [
        ("op://App/Nothing/x", "there is no `op://App/Nothing/x`"),
        ("op://Nowhere/Database/x", "none of the vaults of the server is called `Nowhere`"),
        ("op://Private/x/y", "403 Forbidden: Vault not granted to the token"),
        (
            "op://App/Database/x",
            "`App/Database` has no field or file `x`; it has `username`, `password`, `Reader/secret`",
        ),
        (
            "op://App/Database/secret",
            "several fields or files of App/Database are called `secret`: their IDs are f1, f2",
        ),
        (
            "op://App/Twins/key",
            "several items of vault `App` are called `Twins`: their IDs are item",
        ),
        ("op://App/Database/username?attribute=otp", "has no one-time password"),
        ("op://App/Database/username?attribute=type", "cannot be `type`"),
        ("op://App/Database/username?x=1", "has no option `x`"),
        ("op://App", "does not name an item, a field or a file"),
        ("op://App/Database#x", "it has no `x`; it has the keys `username`"),
        ("op://App/Database", "name one after `#`"),
    ] {
        let server = Server::start(connect);
        let sandbox = home(&server, &format!("A = {reference:?}\n"));
        let told = sh(&sandbox, &[], "true").fails_with(125).stderr;
        assert!(told.contains(want), "{reference}\n{want}\n{told}");
    }
    let twin = "A = \"op://App/itemitemitemitemitemitem02/key\"\n".to_string();
    let server = Server::start(connect);
    assert_eq!(sh(&home(&server, &twin), &[], "echo $A").success().stdout, "canary-twin\n");
    let text = |status, head: &str, body: &str| {
        Reply::Answer(status, head.to_owned(), body.as_bytes().to_vec())
    };
    for (reply, want) in [
        (refusal(401, "Invalid bearer token"), "does not accept the token from OP_CONNECT_TOKEN"),
        (text(200, "content-type: text/html\r\n", "<html>"), "it sent a web page"),
        (text(200, "content-type: application/json\r\n", "[{\"id\": 1"), "it sent damaged JSON"),
        (text(404, "content-type: text/plain\r\n", "404 page not found"), "no answer of its API"),
        (refusal(500, "sync failed"), "500 Internal Server Error: sync failed"),
        (refusal(503, "starting"), "unavailable (503)"),
        (text(429, "retry-after: 600\r\n", "{}"), "429"),
        (text(302, "location: https://elsewhere.example/\r\n", ""), "redirects to"),
        (Reply::Raw(b"\x01 garbage".to_vec()), "does not speak HTTP"),
        (Reply::Hang, "within"),
    ] {
        let shown = format!("{reply:?}");
        let server = Server::start(move |_| reply.clone());
        let sandbox = home(&server, "A = \"op://App/Database/x\"\n").env("HUSHED_TIMEOUT", "2s");
        let told = sh(&sandbox, &[], "true").fails_with(125).stderr;
        assert!(told.contains(want), "{shown}\n{want}\n{told}");
    }
}

#[test]
fn a_missing_address_or_token_is_told() {
    let server = Server::start(connect);
    let sandbox = home(&server, "A = \"op://App/Database/username\"\n");
    let sandbox = sandbox.without("OP_CONNECT_HOST");
    let told = sh(&sandbox, &[], "true").fails_with(125).stderr;
    assert!(told.contains("no address of the 1Password Connect server specified"), "{told}");
    let sandbox = sandbox.env("OP_CONNECT_HOST", server.url()).without("OP_CONNECT_TOKEN");
    let told = sh(&sandbox, &[], "true").fails_with(125).stderr;
    assert!(told.contains("no credentials for 1Password Connect"), "{told}");
    let sandbox = sandbox.env("OP_CONNECT_TOKEN", "canary\nnot a token");
    let told = sh(&sandbox, &[], "true").fails_with(125).stderr;
    assert!(told.contains("has characters that no token has"), "{told}");
}

#[test]
fn doctor_checks_the_vaults_and_items() {
    let server = Server::start(connect);
    let configuration = "[source.op]\ntype = \"op\"\nvault = \"App\"\nitem = \"Database\"\n";
    let sandbox = home(&server, "").file("hushed.toml", configuration);
    // Some of its fields have names that no variable can have, which is not what is checked.
    let report = sandbox.run(["doctor"]).stdout;
    for want in ["token from OP_CONNECT_TOKEN", "answers", "sees 1 vault", "App/Database: 6 fields"]
    {
        assert!(report.contains(want), "{want}\n{report}");
    }
}

/// Prints the fields that the Python client reads, or the status that it fails with.
const CLIENT: &str = r#"
import json, os, sys
from onepasswordconnectsdk.client import new_client
client = new_client(os.environ["OP_CONNECT_HOST"], os.environ["OP_CONNECT_TOKEN"])
try:
    vault = client.get_vault_by_title("App")
    item = client.get_item(sys.argv[1], vault.id)
    print(json.dumps({field.label: field.value for field in item.fields if field.value}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__}))
"#;

#[test]
fn the_python_client_reads_the_same_fields() {
    let Some(python) = python("onepasswordconnectsdk") else {
        return skip("the Python client of 1Password Connect (PyPI: onepasswordconnectsdk)");
    };
    let server = Server::start(connect);
    let sandbox = home(
        &server,
        "user = \"op://App/Database/username\"\nlarge = \"op://App/Database/Large\"\npass = \"op://App/Database/password\"\n",
    );
    let theirs = sandbox.program(&python, ["-c", CLIENT, "Database"]).reveals().run().success();
    let theirs: Value = serde_json::from_str(&theirs.stdout).unwrap();
    let ours = sandbox.command(["export", "-f", "json"]).reveals().run().success().stdout;
    let ours: Value = serde_json::from_str(&ours).unwrap();
    for (our, their) in [("user", "username"), ("large", "Large"), ("pass", "password")] {
        assert_eq!(ours[our], theirs[their], "{their}");
    }
    let missing = sandbox.program(python, ["-c", CLIENT, "Nothing"]).run().success().stdout;
    assert!(missing.contains("error"), "{missing}");
}

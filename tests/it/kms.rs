//! `hushed kms` with keys of this machine, and with a service that is away or answers nonsense.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::support::sandbox::{Output, Sandbox};

const KEY: &str = "canary-key-of-thirty-two-bytes-xx";

const LOCAL: &str = "[run]\nkms-local-key = \"SIGNING_KEY\"\nkms-accept = [\"local:HMAC_SHA_256\"]\n\
                     [source.store]\ntype = \"local\"\n";

fn sandbox(configuration: &str) -> Sandbox {
    let sandbox = Sandbox::new()
        .file("hushed.toml", configuration)
        .file("data", "canary-data\n")
        .file("key", KEY)
        .file("short", "short")
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("HUSHED_PASSPHRASE", "made up words of nobody");
    for (name, file) in [("SIGNING_KEY", "key"), ("WEAK", "short")] {
        sandbox.run(["secrets", "set", name, "--file", file, "--source", "store"]).success();
    }
    sandbox
}

fn kms(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.command([&["kms"], arguments].concat()).reveals().run()
}

fn refused(sandbox: &Sandbox, arguments: &[&str], code: i32, words: &[&str]) {
    let output = kms(sandbox, arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", output.stderr);
    for word in words {
        assert!(output.stderr.contains(word), "no `{word}` in: {}", output.stderr);
    }
    assert!(output.stdout.is_empty());
}

#[test]
fn the_local_store_makes_hmacs_that_other_programs_make_too() {
    let sandbox = sandbox(LOCAL);
    let text = kms(&sandbox, &["sign", "data"]).success().stdout;
    let (scheme, bytes) = text.trim().rsplit_once(':').unwrap();
    assert_eq!(scheme, "local:HMAC_SHA_256:SIGNING_KEY:0");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, KEY.as_bytes());
    let bytes = STANDARD.decode(bytes).unwrap();
    ring::hmac::verify(&key, b"canary-data\n", &bytes).unwrap();
    assert_eq!(kms(&sandbox, &["hmac", "data"]).success().stdout, text);
    let hex = kms(&sandbox, &["hmac", "data", "--format", "hex"]).success().stdout;
    let want = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    assert_eq!(hex, want + "\n");
    let piped = sandbox.command(["kms", "hmac"]).stdin("canary-data\n").reveals().run().success();
    assert_eq!(piped.stdout, text);
    kms(&sandbox, &["verify", "data", "--signature", text.trim()]).success();
    let sandbox = sandbox.file("signature", &text);
    kms(&sandbox, &["verify", "data", "--signature-file", "signature"]).success();
    let words = ["the signature does not match the data"];
    refused(&sandbox, &["verify", "key", "--signature-file", "signature"], 1, &words);
}

#[test]
fn what_the_local_store_does_not_do_or_accept_is_told() {
    let sandbox = sandbox(LOCAL);
    let text = kms(&sandbox, &["sign", "data"]).success().stdout;
    let text = text.trim();
    let other = text.replace("local:", "transit:");
    for (arguments, code, words) in [
        (&["encrypt", "data"][..], 78, "the local store does not encrypt"),
        (&["decrypt", "data"], 78, "the local store does not decrypt"),
        (&["keys"], 78, "the local store does not list keys"),
        (&["sign", "data", "--algorithm", "ECDSA_SHA_256"], 78, "does not have ECDSA_SHA_256"),
        (&["hmac", "data", "--algorithm", "ECDSA_SHA_256"], 2, "`ECDSA_SHA_256`"),
        (&["sign", "data", "--key", "WEAK"], 65, "the secret `WEAK` has 5 bytes"),
        (&["sign", "data", "--key", "NONE"], 1, "there is no key `NONE` in `store`"),
        (&["sign", "none"], 1, "No such file"),
        (&["verify", "data", "--signature", "AAEC"], 65, "this is not a signature"),
        (
            &["verify", "data", "--signature", &other],
            77,
            "`transit:HMAC_SHA_256`, which is not accepted",
        ),
        (&["verify", "data", "--signature", text, "--key", "WEAK"], 77, "of the key `SIGNING_KEY`"),
    ] {
        refused(&sandbox, arguments, code, &[words]);
    }
    let nothing = sandbox.env("HUSHED_KMS_ACCEPT", "transit:HMAC_SHA_256");
    refused(
        &nothing,
        &["verify", "data", "--signature", text],
        77,
        &["add \"local:HMAC_SHA_256\""],
    );
}

#[test]
fn a_project_changes_what_the_users_own_file_accepts_only_after_trust() {
    let own = "../.config/hushed/config.toml";
    let project = "[source.store]\ntype = \"local\"\n[run]\nkms-local-key = \"SIGNING_KEY\"\n";
    for (user, setting, needs_trust) in [
        ("", "kms-accept = [\"local:HMAC_SHA_256\"]", false),
        ("kms-accept = [\"transit:ECDSA_SHA_256\"]", "kms-accept = [\"local:HMAC_SHA_256\"]", true),
        ("kms-accept = [\"local:HMAC_SHA_256\"]", "kms-fallback = \"local\"", true),
    ] {
        let sandbox = sandbox(LOCAL)
            .file("hushed.toml", format!("{project}{setting}\n"))
            .file(own, format!("[run]\n{user}\n"))
            .without("HUSHED_CONFIG");
        let output = kms(&sandbox, &["hmac", "data"]);
        if !needs_trust {
            output.success();
            continue;
        }
        assert_eq!(output.code(), 78, "{}", output.stderr);
        let words = ["changes which signatures your own file accepts", "hushed trust"];
        assert!(words.iter().all(|words| output.stderr.contains(words)), "{}", output.stderr);
        sandbox.run(["trust"]).success();
        kms(&sandbox, &["hmac", "data"]).success();
    }
}

const SERVICE: &str = "[run]\nkms-key = \"app\"\nkms-local-key = \"SIGNING_KEY\"\n\
    kms-accept = [\"transit:HMAC_SHA_256\"]\n[source.store]\ntype = \"local\"\n\
    [source.keys]\ntype = \"vault\"\ntransit = \"transit\"\n";

#[test]
fn a_service_that_is_away_is_replaced_only_where_the_configuration_says_so() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sandbox = sandbox(SERVICE)
        .env("VAULT_ADDR", format!("http://127.0.0.1:{port}"))
        .env("VAULT_TOKEN", "hvs.canary")
        .env("HUSHED_TIMEOUT", "5s");
    for action in ["sign", "hmac", "encrypt", "decrypt"] {
        refused(&sandbox, &[action, "data"], 69, &["cannot use a key of Vault at"]);
    }
    let sandbox = sandbox.env("HUSHED_KMS_FALLBACK", "local");
    for action in ["sign", "hmac"] {
        let output = kms(&sandbox, &[action, "data"]).success();
        assert!(
            output.stdout.starts_with("local:HMAC_SHA_256:SIGNING_KEY:0:"),
            "{}",
            output.stdout
        );
        assert!(output.stderr.contains("signed with the local key instead"), "{}", output.stderr);
        // Whoever blocks the network does not choose what is accepted.
        let verify = ["verify", "data", "--signature", output.stdout.trim()];
        refused(&sandbox, &verify, 77, &["`local:HMAC_SHA_256`, which is not accepted"]);
        let both = sandbox.command([&["kms"], &verify[..]].concat());
        both.env("HUSHED_KMS_ACCEPT", "local:HMAC_SHA_256").reveals().run().success();
    }
    for action in ["encrypt", "decrypt"] {
        refused(&sandbox, &[action, "data"], 69, &["cannot use a key of Vault at"]);
    }
    let typo = sandbox.env("HUSHED_KMS_FALLBACK", "locale");
    refused(&typo, &["sign", "data"], 78, &["did you mean `local`?"]);
}

#[test]
fn an_answer_of_somebody_else_is_a_fault_of_the_way_and_not_of_the_data() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let read = stream.read(&mut [0; 8192]).unwrap_or_default();
            let body = "<html>canary-portal</html>";
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            assert!(read > 0);
            stream.write_all((head + body).as_bytes()).unwrap_or_default();
        }
    });
    let sandbox = sandbox(SERVICE)
        .env("VAULT_ADDR", format!("http://{address}"))
        .env("VAULT_TOKEN", "hvs.canary");
    refused(
        &sandbox,
        &["decrypt", "data"],
        69,
        &["the answer for the key `app` cannot be understood"],
    );
    let large = sandbox.file("large", "x".repeat(25_000_000));
    let words = ["the data has 25000000 bytes; the service accepts at most 24000000"];
    refused(&large, &["encrypt", "large"], 65, &words);
}

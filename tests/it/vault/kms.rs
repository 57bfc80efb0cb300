//! `hushed kms` with the transit engine of a real `OpenBao`: what hushed encrypts and signs, `bao` and `openssl`
//! understand, and the other way round.

use std::fs;
use std::process::Command;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::openbao::{OpenBao, ROOT};
use crate::support::sandbox::{Output, Sandbox};

const CONFIGURATION: &str = "[run]\nkms-key = \"app\"\n\
    kms-accept = [\"transit:ECDSA_SHA_256\", \"transit:RSASSA_PSS_SHA_256\", \
    \"transit:RSASSA_PKCS1_V1_5_SHA_512\", \"transit:ED25519_SHA_512\", \"transit:HMAC_SHA_256\"]\n\
    [source.keys]\ntype = \"vault\"\ntransit = \"transit\"\n";

fn sandbox(openbao: &OpenBao) -> Sandbox {
    Sandbox::new()
        .file("hushed.toml", CONFIGURATION)
        .file("data", "canary-data \u{e4}\n")
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("BAO_ADDR", &openbao.address)
        .env("BAO_TOKEN", ROOT)
}

fn kms(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.command([&["kms"], arguments].concat()).reveals().run()
}

#[test]
fn a_real_openbao_encrypts_and_decrypts() {
    let Some(openbao) = OpenBao::start() else { return };
    openbao.bao(&["secrets", "enable", "transit"]);
    openbao.bao(&["write", "-f", "transit/keys/app"]);
    let sandbox = sandbox(&openbao);
    let first = kms(&sandbox, &["encrypt", "data"]).success().stdout;
    assert!(first.starts_with("vault:v1:"), "{first}");
    openbao.bao(&["write", "-f", "transit/keys/app/rotate"]);
    let second = kms(&sandbox, &["encrypt", "data", "--context", "row 7"]).success().stdout;
    assert!(second.starts_with("vault:v2:"), "{second}");
    let of_bao = ["write", "-field=plaintext", "transit/decrypt/app"];
    let plain = openbao.bao(&[&of_bao[..], &[&format!("ciphertext={}", first.trim())]].concat());
    assert_eq!(STANDARD.decode(plain).unwrap(), "canary-data \u{e4}\n".as_bytes());
    let sandbox = sandbox.file("first", first).file("second", &second);
    assert_eq!(kms(&sandbox, &["decrypt", "first"]).success().stdout, "canary-data \u{e4}\n");
    let hex = kms(&sandbox, &["decrypt", "second", "--context", "row 7", "-f", "hex"]).success();
    assert_eq!(hex.stdout, "63616e6172792d6461746120c3a40a\n");
    for (arguments, code, words) in [
        (&["decrypt", "second"][..], 65, "the key `app` does not decrypt this"),
        (&["decrypt", "data"], 65, "the key `app` does not decrypt this"),
        (&["encrypt", "data", "--key", "none"], 1, "there is no key `none` in `transit` at"),
        (
            &["decrypt", "first", "--key", "../app"],
            78,
            "the given name (6 characters) is not the name of a key",
        ),
        (
            &["sign", "data"],
            78,
            "a key of the type aes256-gcm96, such as `app`, makes no signatures",
        ),
    ] {
        let output = kms(&sandbox, arguments);
        assert_eq!(output.status.code(), Some(code), "{}", output.stderr);
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
    // The server would have created it.
    assert_eq!(
        openbao.bao(&["list", "-format=json", "transit/keys"]).replace(['\n', ' '], ""),
        "[\"app\"]"
    );
    openbao.bao(&["write", "transit/keys/app/config", "min_decryption_version=2"]);
    let old = kms(&sandbox, &["decrypt", "first"]);
    assert_eq!(old.status.code(), Some(77), "{}", old.stderr);
    let keys = kms(&sandbox, &["keys"]).success().stdout;
    assert_eq!(keys, "app  aes256-gcm96  version 2, from 2 on\n");
}

#[test]
fn a_real_openbao_signs_with_every_type_of_key() {
    let Some(openbao) = OpenBao::start() else { return };
    openbao.bao(&["secrets", "enable", "transit"]);
    let sandbox = sandbox(&openbao);
    for (kind, algorithm, scheme) in [
        ("ecdsa-p256", None, "ECDSA_SHA_256"),
        ("rsa-2048", None, "RSASSA_PSS_SHA_256"),
        ("rsa-2048", Some("RSASSA_PKCS1_V1_5_SHA_512"), "RSASSA_PKCS1_V1_5_SHA_512"),
        ("ed25519", None, "ED25519_SHA_512"),
    ] {
        openbao.bao(&["write", &format!("transit/keys/{kind}"), &format!("type={kind}")]);
        let with = algorithm.map_or(Vec::new(), |name| vec!["--algorithm", name]);
        let key = ["data", "--key", kind];
        let text = kms(&sandbox, &[&["sign"], &key[..], &with].concat()).success().stdout;
        assert!(text.starts_with(&format!("transit:{scheme}:{kind}:1:")), "{text}");
        let verify = [&["verify", "--signature", text.trim()], &key[..]].concat();
        assert_eq!(kms(&sandbox, &verify).success().stdout, "");
        let other = ["verify", "--signature", text.trim(), "hushed.toml", "--key", kind];
        let output = kms(&sandbox, &other);
        assert_eq!(output.status.code(), Some(1), "{}", output.stderr);
        assert!(
            output.stderr.contains("the signature does not match the data"),
            "{}",
            output.stderr
        );
    }
    openbao.bao(&["write", "-f", "transit/keys/app"]);
    let mac = kms(&sandbox, &["hmac", "data"]).success().stdout;
    assert!(mac.starts_with("transit:HMAC_SHA_256:app:1:"), "{mac}");
    kms(&sandbox, &["verify", "data", "--signature", mac.trim()]).success();
    // Somebody else's key of the same engine is not ours.
    openbao.bao(&["write", "-f", "transit/keys/theirs"]);
    let theirs = kms(&sandbox, &["hmac", "data", "--key", "theirs"]).success().stdout;
    let output = kms(&sandbox, &["verify", "data", "--signature", theirs.trim()]);
    assert_eq!(output.status.code(), Some(77), "{}", output.stderr);
    assert!(output.stderr.contains("of the key `theirs`, not of `app`"), "{}", output.stderr);
}

#[test]
fn openssl_verifies_what_transit_signs() {
    let Some(openbao) = OpenBao::start() else { return };
    if Command::new("openssl").arg("version").output().is_err() {
        return;
    }
    openbao.bao(&["secrets", "enable", "transit"]);
    let sandbox = sandbox(&openbao);
    let project = sandbox.project();
    for (kind, options) in [
        ("ecdsa-p256", &[][..]),
        ("rsa-2048", &["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]),
    ] {
        openbao.bao(&["write", &format!("transit/keys/{kind}"), &format!("type={kind}")]);
        let bare = kms(&sandbox, &["sign", "data", "--key", kind, "-f", "base64"]).success().stdout;
        let key = openbao.bao(&["read", "-format=json", &format!("transit/keys/{kind}")]);
        let key: serde_json::Value = serde_json::from_str(&key).unwrap();
        let pem = key["data"]["keys"]["1"]["public_key"].as_str().unwrap();
        fs::write(project.join("key.pem"), pem).unwrap();
        fs::write(project.join("signature"), STANDARD.decode(bare.trim()).unwrap()).unwrap();
        let verified = Command::new("openssl")
            .args(["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature"])
            .args(options)
            .arg("data")
            .current_dir(&project)
            .output()
            .unwrap();
        assert!(verified.status.success(), "{kind}: {verified:?}");
    }
}

#[test]
fn a_policy_that_lacks_a_right_is_told_with_the_path() {
    let Some(openbao) = OpenBao::start() else { return };
    openbao.bao(&["secrets", "enable", "transit"]);
    openbao.bao(&["write", "-f", "transit/keys/app"]);
    let policy = openbao.home.path().join("policy.hcl");
    fs::write(&policy, "path \"transit/encrypt/app\" { capabilities = [\"update\"] }").unwrap();
    openbao.bao(&["policy", "write", "encrypt", policy.to_str().unwrap()]);
    let token = openbao.bao(&["token", "create", "-policy=encrypt", "-field=token"]);
    let sandbox = sandbox(&openbao).env("BAO_TOKEN", token);
    let text = kms(&sandbox, &["encrypt", "data"]).success().stdout;
    let sandbox = sandbox.file("text", text);
    let output = kms(&sandbox, &["decrypt", "text"]);
    assert_eq!(output.status.code(), Some(77), "{}", output.stderr);
    assert!(output.stderr.contains("may not use `transit/decrypt/app`"), "{}", output.stderr);
}

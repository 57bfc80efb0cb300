//! hushed against moto, an independent implementation of AWS, where it is installed: in `target/python`, where
//! `.ci/run` puts it, or named by `HUSHED_IT_MOTO`. Must not repeat what the fake shows.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use super::{manager_at, pairs, store_at, variables};
use crate::support::{sandbox::Sandbox, wire::try_exchange};

/// A running moto, ended when dropped.
struct Moto {
    child: Child,
    port: u16,
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Moto {
    /// Starts it; `None` where it is not installed.
    #[expect(clippy::print_stdout, reason = "a test says what it skips")]
    fn start() -> Option<Self> {
        let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/target/python/bin/moto_server");
        let program = std::env::var_os("HUSHED_IT_MOTO").unwrap_or_else(|| usual.into());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let started = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = started else {
            println!("skipped: moto_server is not installed");
            return None;
        };
        let moto = Self { child, port };
        let patience = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "moto does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(moto)
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Calls an operation of the JSON protocol. moto does not check the signature.
    fn call(&self, service: &str, target: &str, body: &serde_json::Value) -> serde_json::Value {
        let scope = format!("AKIATEST/20300101/eu-west-1/{service}/aws4_request");
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0"
        );
        let headers = [
            ("x-amz-target", target),
            ("authorization", &authorization),
            ("x-amz-date", "20300101T000000Z"),
        ];
        let (address, body) = (([127, 0, 0, 1], self.port).into(), body.to_string());
        // A loaded machine may need more than the second that one exchange has.
        let mut replies = std::iter::repeat_with(|| {
            try_exchange(address, "POST", "/", &headers, body.as_bytes())
        });
        replies.by_ref().take(20).flatten().next().expect("an answer").json()
    }
}

#[test]
fn moto_serves_both_stores_and_roles() {
    let Some(moto) = Moto::start() else { return };
    let create = |name: &str, value: &str| {
        let body =
            json!({ "Name": name, "SecretString": value, "ClientRequestToken": "x".repeat(32) });
        moto.call("secretsmanager", "secretsmanager.CreateSecret", &body)
    };
    create("app/db", r#"{"DB_USER":"canary-user"}"#);
    create("app/key", "canary-key");
    for at in 0..25 {
        let body = json!({ "Name": format!("/app/p{at:02}"), "Value": format!("canary-{at}"),
            "Type": "SecureString" });
        moto.call("ssm", "AmazonSSM.PutParameter", &body);
    }
    let body = json!({ "Name": "/app/p00", "Value": "canary-new", "Type": "SecureString",
        "Overwrite": true });
    moto.call("ssm", "AmazonSSM.PutParameter", &body);

    let listed = manager_at(&moto.url(), r#"secrets = ["app/db", "app/key"]"#);
    let want = [("DB_USER", "canary-user"), ("KEY", "canary-key")];
    assert_eq!(variables(&listed), pairs(want));
    assert_eq!(variables(&manager_at(&moto.url(), "name-prefix = \"app/\"")), pairs(want));
    let missing = manager_at(&moto.url(), "secrets = \"gone\"").run(["run", "--", "true"]);
    assert!(missing.fails_with(125).stderr.contains("ResourceNotFoundException"));

    let all = variables(&store_at(&moto.url(), "path = \"/app\""));
    assert_eq!((all.len(), all["P00"].as_str()), (25, "canary-new"));
    let labels = json!({ "Name": "/app/p00", "ParameterVersion": 1, "Labels": ["first"] });
    moto.call("ssm", "AmazonSSM.LabelParameterVersion", &labels);
    let first = variables(&store_at(&moto.url(), "parameters = \"/app/p00:first\""));
    assert_eq!(first, pairs([("P00", "canary-0")]));
    let old = variables(&store_at(&moto.url(), "parameters = [\"/app/p00:1\", \"/app/p01\"]"));
    assert_eq!(old, pairs([("P00", "canary-0"), ("P01", "canary-1")]));

    let config = "[profile x]\nrole_arn = arn:aws:iam::123456789012:role/deploy\n\
                  credential_source = Environment\n";
    let role: Sandbox = manager_at(&moto.url(), "secrets = \"app/key\"")
        .file("config", config)
        .env("AWS_CONFIG_FILE", "config")
        .env("HUSHED_SOURCE_CLOUD_PROFILE", "x");
    assert_eq!(variables(&role), pairs([("KEY", "canary-key")]));
    let plan = role.run(["plan"]).success().stdout;
    assert!(plan.contains("role arn:aws:iam::123456789012:role/deploy"), "{plan}");
}

#[test]
fn moto_takes_writes_and_keeps_their_versions() {
    let Some(moto) = Moto::start() else { return };
    let sandbox = |settings: &str| match settings.strip_prefix("ssm: ") {
        Some(settings) => store_at(&moto.url(), settings),
        None => manager_at(&moto.url(), settings),
    };
    for (settings, one, two) in [
        ("secrets = \"app/db\"", "USER", "PASSWORD"),
        // moto lists deleted secrets with the others, which AWS does not.
        ("name-prefix = \"app/prod/\"\nrecovery-window = \"none\"", "TOKEN", "KEY"),
        ("ssm: path = \"/app\"", "TOKEN", "KEY"),
    ] {
        let sandbox = sandbox(settings);
        let set = |name: &str, value: &str| {
            let line = ["secrets", "set", name];
            let output = sandbox.command(line).stdin(value).run().success();
            assert!(!output.stderr.contains("somebody else"), "{}", output.stderr);
        };
        set(one, "canary-one");
        set(two, "canary-two\n\u{fc}");
        set(one, "canary-new");
        assert_eq!(variables(&sandbox), pairs([(one, "canary-new"), (two, "canary-two\n\u{fc}")]));
        let history = sandbox.run(["secrets", "history", one]).success().stdout;
        assert!(history.lines().count() >= 2, "{history}");
        assert!(history.lines().next().unwrap().to_lowercase().contains("current"), "{history}");
        sandbox.run(["secrets", "rollback", one]).success();
        sandbox.run(["secrets", "rename", two, "OTHER"]).success();
        let want = pairs([(one, "canary-one"), ("OTHER", "canary-two\n\u{fc}")]);
        assert_eq!(variables(&sandbox), want, "{settings}");
        sandbox.run(["secrets", "delete", "OTHER", "--yes"]).success();
        assert_eq!(variables(&sandbox), pairs([(one, "canary-one")]));
        let file = sandbox.file("more.json", r#"{"A_1":"canary-1","A_2":"canary-2"}"#);
        file.run(["secrets", "import", "more.json"]).success();
        assert_eq!(variables(&file).len(), 3);
    }
    let once = sandbox("secrets = \"app/once\"\njson = false");
    let set = || once.command(["secrets", "set", "ONCE"]).stdin("canary").run();
    set().success();
    once.run(["secrets", "delete", "ONCE", "--yes"]).success();
    let output = set().fails_with(1);
    assert!(output.stderr.contains("is scheduled for deletion"), "{}", output.stderr);
}

#[test]
#[ignore = "takes a minute on a loaded machine: .ci/long runs it"]
fn moto_serves_many_and_large_values_and_versions() {
    let Some(moto) = Moto::start() else { return };
    let token = |at: usize| format!("{at:032}");
    for at in 0..45 {
        let body = json!({ "Name": format!("app/s{at:02}"), "SecretString": format!("canary-{at}"),
            "ClientRequestToken": token(at) });
        moto.call("secretsmanager", "secretsmanager.CreateSecret", &body);
    }
    let large = format!("canary-{}", "\u{fc}".repeat(30_000));
    let body =
        json!({ "SecretId": "app/s00", "SecretString": large, "ClientRequestToken": token(99) });
    moto.call("secretsmanager", "secretsmanager.PutSecretValue", &body);
    let all = variables(&manager_at(&moto.url(), "name-prefix = \"app/\""));
    assert_eq!((all.len(), all["S00"] == large, all["S44"].as_str()), (45, true, "canary-44"));
    let names: Vec<_> = (0..45).map(|at| format!("app/s{at:02}")).collect();
    let listed = format!("secrets = {}", serde_json::to_string(&names).unwrap());
    assert_eq!(variables(&manager_at(&moto.url(), &listed)), all);
    let old =
        format!("secrets = [\"app/s00?stage=AWSPREVIOUS\", \"app/s01?version={}\"]", token(1));
    let want = pairs([("S00", "canary-0"), ("S01", "canary-1")]);
    assert_eq!(variables(&manager_at(&moto.url(), &old)), want);
    for at in 0..120 {
        let name = format!("/deep/{}/{}/p{at:03}", at % 7, at % 3);
        let body = json!({ "Name": name, "Value": format!("canary-{at}"), "Type": "String" });
        moto.call("ssm", "AmazonSSM.PutParameter", &body);
    }
    assert_eq!(variables(&store_at(&moto.url(), "path = \"/deep\"")).len(), 120);
    assert_eq!(variables(&store_at(&moto.url(), "path = \"/deep/1/1\"")).len(), 6);
}

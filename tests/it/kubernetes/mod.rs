//! Secrets of Kubernetes, through the binary, from a server over TLS on loopback: what a command gets, what every
//! answer of a server leads to, who logs in, and what needs trust. Must not test what all stores have in common.

mod login;
mod pod;
mod second_client;
mod server;
mod writing;

use serde_json::{Value, json};

use self::server::{ApiServer, Reply, Request, TOKEN, http, path, secret, status};
use crate::support::sandbox::{Output, Sandbox};

const CONFIG: &str = "[source.k8s]\ntype = \"kubernetes\"\nsecret = [\"db\"]\n";

/// A project with a source, and the user's kubeconfig with a token.
fn project(server: &ApiServer, config: &str) -> Sandbox {
    with_user(server, config, &json!({ "token": TOKEN }))
}

fn with_user(server: &ApiServer, config: &str, user: &Value) -> Sandbox {
    let sandbox = Sandbox::new().file("kube/config", server.kubeconfig(user));
    let file = sandbox.project().join("kube/config");
    sandbox.file("hushed.toml", config).env("KUBECONFIG", file)
}

fn run(sandbox: &Sandbox, script: &str) -> Output {
    sandbox.command(["run", "--", "sh", "-c", script]).reveals().run()
}

/// The error of a run against a server that answers a request for the Secret so.
fn error(reply: Reply, arguments: &[&str]) -> String {
    let server =
        ApiServer::start(move |request| (request.path == path("db")).then(|| reply.clone()));
    let sandbox = project(&server, CONFIG);
    let arguments = [&["run"], arguments, &["--", "touch", "started"]].concat();
    let error = sandbox.run(arguments).fails_with(125).stderr;
    assert!(!sandbox.project().join("started").exists(), "the command was started");
    error.replace(&server.port.to_string(), "PORT")
}

#[test]
fn a_command_gets_the_keys_of_a_secret_and_the_kubeconfig() {
    let server = ApiServer::ordinary();
    let sandbox = project(&server, CONFIG);
    let output = run(&sandbox, "echo $USER $PASSWORD; echo ${KUBECONFIG##*/}");
    assert_eq!(output.success().stdout, "dbuser canary-password\nconfig\n");
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].method.as_str(), asked[0].path.as_str()), ("GET", &*path("db")));
    // A key that no shell passes on is a variable, too.
    let all = sandbox.command(["run", "--", "env"]).reveals().run().success().stdout;
    assert!(all.lines().any(|line| line == "tls.crt="), "{all}");
    let sandbox = project(&server, &(CONFIG.to_owned() + "withhold = true\n"));
    assert_eq!(run(&sandbox, "echo ${KUBECONFIG-unset}").success().stdout, "unset\n");
}

#[test]
fn plan_and_why_show_where_a_value_comes_from() {
    let server = ApiServer::ordinary();
    let sandbox = project(&server, CONFIG);
    let plan = sandbox.run(["plan"]).success().stdout;
    for want in [
        "USER      `k8s` (Secret blue/db), 6 bytes",
        "note: `k8s`: Secret blue/db, type Opaque, resourceVersion 230",
        "note: keys of Secret blue/db that are no names of shell variables: `tls.crt`",
    ] {
        assert!(plan.contains(want), "{want}\n{plan}");
    }
    let why = sandbox.run(["why", "USER"]).success().stdout;
    assert!(why.contains("`k8s` (Secret blue/db)  [6 bytes, version 230]"), "{why}");
}

#[test]
fn values_are_passed_on_byte_for_byte() {
    let large = "x".repeat(65_536);
    let encoded =
        |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let data = json!({
        "BYTES": encoded(b"\xff\xfe"), "EMPTY": "", "LARGE": encoded(large.as_bytes()),
        "TEXT": encoded("za\u{17c}\u{f3}\u{142}\u{107}\n".as_bytes()),
    });
    let object = secret("db", &data);
    let server = ApiServer::start(move |request| {
        (request.path == path("db")).then(|| Reply::Json(200, object.clone()))
    });
    let sandbox = project(&server, CONFIG);
    let script =
        "printf %s \"$BYTES\" | od -An -tx1; echo \"[$EMPTY]${#LARGE}\"; printf %s \"$TEXT\"";
    let output = run(&sandbox, script).success();
    assert_eq!(output.stdout, " ff fe\n[]65536\nza\u{17c}\u{f3}\u{142}\u{107}\n");
}

#[test]
fn secrets_are_selected_by_label_in_pages() {
    let page = |request: &Request| {
        let is_first = !request.path.contains("continue=more");
        let (name, next) = if is_first { ("first", "more") } else { ("second", "") };
        let item = secret(name, &json!({ name: "MQ==" }));
        Reply::Json(
            200,
            json!({"kind": "SecretList", "metadata": {"continue": next}, "items": [item]}),
        )
    };
    let server = ApiServer::start(move |request| {
        request.path.starts_with("/api/v1/namespaces/green/secrets?").then(|| page(request))
    });
    let config = "[source.k8s]\ntype = \"kubernetes\"\nnamespace = \"green\"\nlabel-selector = \"app=shop\"\n";
    let sandbox = project(&server, config);
    assert_eq!(run(&sandbox, "echo $first $second").success().stdout, "1 1\n");
    let asked = server.asked();
    assert!(asked[0].path.ends_with("?labelSelector=app%3Dshop&limit=500"), "{}", asked[0].path);
    assert_eq!(asked.len(), 2);
}

#[test]
fn a_reference_reads_one_key() {
    let server = ApiServer::ordinary();
    let config = "[source.k8s]\ntype = \"kubernetes\"\n[env]\nDB_USER = \"k8s://db#USER\"\n\
                  OTHER = \"k8s://blue/db#PASSWORD\"\n";
    let sandbox = project(&server, config);
    let output = run(&sandbox, "echo $DB_USER $OTHER ${USER-unset}").success();
    assert_eq!(output.stdout, "dbuser canary-password unset\n");
}

#[test]
fn each_refusal_is_told_with_what_to_do() {
    for (reply, want) in [
        (
            status(401, "Unauthorized", "Unauthorized"),
            "hushed: source `k8s`: Kubernetes at https://127.0.0.1:PORT does not accept the credentials \
             from the kubeconfig's context `c`\n  hint: the token or certificate has expired or is for \
             another cluster or audience; log in again\n",
        ),
        (
            status(403, "Forbidden", "secrets \"db\" is forbidden: User \"alice\" cannot get"),
            "hushed: source `k8s`: not allowed to get the Secret `db` in the namespace `blue`\n  caused by: \
             403 Forbidden: secrets \"db\" is forbidden: User \"alice\" cannot get\n  hint: grant the verb \
             `get` on `secrets` with a Role and a RoleBinding; the server does not tell whether the \
             Secret exists\n",
        ),
        (
            status(404, "NotFound", "secrets \"db\" not found"),
            "hushed: source `k8s`: there is no Secret `db` in the namespace `blue`\n  hint: check the name, \
             the namespace and the context; a namespace that is missing looks the same. --allow-empty \
             accepts this\n",
        ),
        (
            status(500, "InternalError", "etcd is away"),
            "hushed: source `k8s`: cannot read from Kubernetes at https://127.0.0.1:PORT\n  caused by: 500 \
             Internal Server Error: etcd is away\n  hint: try again later\n",
        ),
        (
            Reply::Json(200, secret("db", &Value::Null)),
            "hushed: source `k8s`: the Secret `db` in the namespace `blue` has no keys\n  hint: add keys to \
             it, or accept this with --allow-empty\n",
        ),
        (
            Reply::Raw(http(302, "location: https://elsewhere.test/\r\n", "").into_bytes()),
            "hushed: source `k8s`: cannot read from Kubernetes at https://127.0.0.1:PORT\n  caused by: \
             `https://127.0.0.1:PORT` redirects to `https://elsewhere.test`, which must not get the \
             credentials\n  hint: correct the server in the kubeconfig\n",
        ),
        (
            Reply::Raw(http(200, "", "<html>canary").into_bytes()),
            "hushed: source `k8s`: the server at https://127.0.0.1:PORT does not answer as Kubernetes does: \
             it sent HTML\n  hint: check the server and its path in the kubeconfig\n",
        ),
    ] {
        assert_eq!(error(reply, &[]), want);
    }
}

#[test]
fn a_server_that_is_slow_garbled_or_away_is_told() {
    let told = error(Reply::Hang, &["--timeout", "200ms"]);
    assert!(told.contains("no response from `https://127.0.0.1:PORT` within 0.2 s"), "{told}");
    let told = error(Reply::Raw(b"\x00\x01\x02 garbage\r\n\r\n".to_vec()), &[]);
    assert!(told.contains("caused by: ") && told.contains("does not speak HTTP"), "{told}");
    let short = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"kind\"".to_vec();
    let told = error(Reply::Raw(short), &["--timeout", "2s"]);
    assert!(told.contains("ended early"), "{told}");
    let unavailable = Reply::Raw(http(503, "", "").into_bytes());
    let told = error(unavailable, &["--timeout", "1s"]);
    assert!(told.contains("is unavailable (503)"), "{told}");
    let limited = Reply::Raw(http(429, "retry-after: 60\r\n", "Too many requests").into_bytes());
    let told = error(limited, &[]);
    assert!(told.contains("limits the rate of requests (429) and asks to wait 60 s"), "{told}");
}

#[test]
fn a_rate_limit_is_waited_for() {
    let left = std::sync::Mutex::new(1);
    let server = ApiServer::start(move |request| {
        let mut left = left.lock().unwrap();
        let is_limited = request.path == path("db") && *left > 0;
        *left -= i32::from(is_limited);
        let text = "Too many requests, please try again later.\n";
        is_limited.then(|| Reply::Raw(http(429, "retry-after: 0\r\n", text).into_bytes()))
    });
    assert_eq!(run(&project(&server, CONFIG), "echo $USER").success().stdout, "dbuser\n");
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn doctor_says_who_you_are_and_what_you_may_do() {
    let server = ApiServer::ordinary();
    let sandbox = project(&server, CONFIG);
    let report = sandbox.run(["doctor"]).success().stdout;
    for want in [
        "token from the kubeconfig's context `c`",
        "runs Kubernetes v1.37.2",
        "as `alice`",
        "get db in the namespace `blue`",
    ] {
        assert!(report.contains(want), "{want}\n{report}");
    }
    assert!(server.asked().iter().all(|request| !request.path.contains("/secrets/")));
    let denied = project(&server, &CONFIG.replace("db", "mail"));
    let report = denied.run(["doctor"]).fails_with(1).stdout;
    assert!(report.contains("not allowed: get mail in the namespace `blue`"), "{report}");
    let expired = with_user(&server, CONFIG, &json!({"token": "canary-expired"}));
    let report = expired.run(["doctor"]).fails_with(1).stdout;
    assert!(report.contains("does not accept the credentials"), "{report}");
}

#[test]
fn the_cache_stands_in_for_a_server_that_is_away() {
    let server = ApiServer::ordinary();
    let sandbox = project(&server, CONFIG).env("HUSHED_DISK_FREE", "false");
    let arguments =
        ["run", "--cache", "fallback", "--timeout", "2s", "--", "sh", "-c", "echo $USER"];
    assert_eq!(sandbox.command(arguments).reveals().run().success().stdout, "dbuser\n");
    server.stop();
    let output = sandbox.command(arguments).reveals().run().success();
    assert_eq!(output.stdout, "dbuser\n");
    assert!(output.stderr.contains("is from the cache"), "{}", output.stderr);
}

#[test]
fn the_role_of_the_example_permits_what_its_configuration_reads() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/kubernetes");
    let config = std::fs::read_to_string(root.join("hushed.toml")).unwrap();
    let role = std::fs::read_to_string(root.join("rbac.yaml")).unwrap();
    let line = role.lines().find_map(|line| line.trim().strip_prefix("resourceNames: [")).unwrap();
    let names: Vec<_> = line.trim_end_matches(']').split(", ").collect();
    let listed: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    assert!(config.contains(&format!("secret = [{}]\n", listed.join(", "))), "{names:?}");
    let value = |name: &str| Reply::Json(200, secret(name, &json!({ "DATABASE_URL": "Y2FuYXJ5" })));
    let server = ApiServer::start(move |request| {
        let name = request.path.strip_prefix("/api/v1/namespaces/shop/secrets/")?;
        ["common", "db"].contains(&name).then(|| value(name))
    });
    let sandbox = project(&server, &config).env("HUSHED_SOURCE_SHOP_NAMESPACE", "shop");
    let output = run(&sandbox, "echo $DATABASE_URL").success();
    assert_eq!(output.stdout, "canary\n");
}

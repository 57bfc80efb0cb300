//! What every store makes of every condition of its server, in one table for each store: the value arrives byte for
//! byte, or the run does not start, says why, and asks no more often than it should. The messages are in
//! tests/cmd/stores.md; whatever one store alone has is in its own tests.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::{
    replies::{Replies, Reply},
    sandbox::Sandbox,
};

/// The conditions that each table has, in this order.
const CONDITIONS: [&str; 15] = [
    "success",
    "empty",
    "missing",
    "denied",
    "expired credential",
    "throttled",
    "5xx",
    "garbage",
    "slow",
    "redirect",
    "paging",
    "binary",
    "64 KiB",
    "unicode",
    "version",
];

const UNICODE: &str = "za\u{17c}\u{f3}\u{142}\u{107} \u{1f511}\n";

/// What a run comes to.
enum Outcome {
    /// The value of `A`.
    Value(Vec<u8>),
    /// No start, and this in the message.
    Error(&'static str),
    /// `plan --json` shows this.
    Plan(&'static str),
    /// The store has no such thing.
    Impossible,
}

use Outcome::{Error, Impossible, Plan};

struct Case {
    replies: Vec<Reply>,
    outcome: Outcome,
    /// Settings of the source in place of the store's own.
    settings: Option<&'static str>,
}

/// The same settings and this outcome.
fn case(outcome: Outcome, replies: impl IntoIterator<Item = Reply>) -> Case {
    Case { replies: replies.into_iter().collect(), outcome, settings: None }
}

fn value(text: &str) -> Outcome {
    Outcome::Value(text.into())
}

/// What a table needs of a store.
struct Store {
    /// The settings of its source.
    settings: &'static str,
    /// Words in the head of a request for the value.
    read: &'static str,
    /// The answer with a value of `A`.
    body: fn(&str) -> Value,
    /// Points the environment at the server.
    environment: fn(Sandbox, &Replies) -> Sandbox,
}

impl Store {
    fn reply(&self, status: u16, body: &Value) -> Reply {
        Reply::new(self.read, status, body.to_string())
    }

    fn good(&self, text: &str) -> Reply {
        self.reply(200, &(self.body)(text))
    }

    /// The cases that are alike in all stores but for their words.
    fn usual(&self) -> [Case; 6] {
        let large = "x".repeat(65_536);
        let moved = Reply::new(self.read, 302, "{}").header("location: http://elsewhere.test/");
        [
            case(value("canary"), [self.good("canary")]),
            case(Error("no response from"), [self.good("canary").hangs()]),
            case(Error("redirect"), [moved]),
            case(value(&large), [self.good(&large)]),
            case(value(UNICODE), [self.good(UNICODE)]),
            case(value("canary"), [Reply::new(self.read, 503, "{}").once(), self.good("canary")]),
        ]
    }

    /// Runs all cases.
    fn check(&self, cases: [Case; CONDITIONS.len()]) {
        for (condition, case) in CONDITIONS.into_iter().zip(cases) {
            let server = Replies::start();
            case.replies.into_iter().for_each(|reply| server.add(reply));
            let settings = case.settings.unwrap_or(self.settings);
            let sandbox = Sandbox::new().file("hushed.toml", format!("[source.s]\n{settings}\n"));
            let sandbox = (self.environment)(sandbox, &server).env("HUSHED_CONFIG", "hushed.toml");
            let arguments = match case.outcome {
                Plan(_) => vec!["plan", "--json"],
                _ if condition == "slow" => {
                    vec!["run", "--timeout", "300ms", "--", "touch", "started"]
                }
                Error(_) => vec!["run", "--timeout", "5s", "--", "touch", "started"],
                _ => vec!["run", "--", "sh", "-c", "printf %s \"$A\""],
            };
            if matches!(case.outcome, Impossible) {
                continue;
            }
            let output = sandbox.command(arguments).reveals().run();
            let told = format!("{condition}: {}{:?}", output.stderr, server.asked());
            match case.outcome {
                Outcome::Value(want) => assert!(output.bytes == want, "{told}"),
                Plan(want) => assert!(output.stdout.contains(want), "{}{told}", output.stdout),
                Error(want) => {
                    assert_eq!(output.code(), 125, "{told}");
                    assert!(output.stderr.contains(want), "{want}: {told}");
                    assert!(output.stderr.contains("hint: "), "{told}");
                    assert!(!sandbox.project().join("started").exists(), "{told}");
                }
                Impossible => {}
            }
        }
    }
}

/// An answer with Vault's errors.
fn errors(read: &str, status: u16, errors: &[&str]) -> Reply {
    Reply::new(read, status, json!({ "errors": errors }).to_string())
}

#[test]
fn vault() {
    let store = Store {
        settings: "type = \"vault\"\npath = \"secret/data/app\"",
        read: "GET /v1/secret/data/app",
        body: |text| json!({ "data": { "data": { "A": text }, "metadata": { "version": 3 } } }),
        environment: |sandbox, server| {
            sandbox.env("VAULT_ADDR", server.url()).env("VAULT_TOKEN", "hvs.canary")
        },
    };
    let read = store.read;
    let old = json!({ "data": { "data": { "A": "canary" }, "metadata": { "version": 2 } } });
    let [success, slow, redirect, large, unicode, failure] = store.usual();
    store.check([
        success,
        case(value(""), [store.good("")]),
        case(Error("there is no secret at `secret/data/app`"), []),
        case(
            Error("may not read"),
            [errors(read, 403, &["1 error occurred:\n\t* permission denied\n\n"])],
        ),
        case(Error("does not accept the token"), [errors(read, 403, &["permission denied"])]),
        case(
            value("canary"),
            [errors(read, 429, &[]).header("retry-after: 0").once(), store.good("canary")],
        ),
        failure,
        case(Error("hint: "), [Reply::new(read, 200, "canary garbage")]),
        slow,
        redirect,
        case(Impossible, []),
        case(Impossible, []),
        large,
        unicode,
        Case {
            settings: Some("type = \"vault\"\npath = \"secret/data/app\"\nversion = \"2\""),
            ..case(
                Plan("\"version\": 2"),
                [Reply::new("GET /v1/secret/data/app?version=2", 200, old.to_string())],
            )
        },
    ]);
}

fn aws_environment(sandbox: Sandbox, server: &Replies) -> Sandbox {
    sandbox
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "AKIATEST")
        .env("AWS_SECRET_ACCESS_KEY", "canary-secret-key")
        .env("AWS_EC2_METADATA_DISABLED", "true")
}

fn refused(read: &str, code: &str) -> Reply {
    Reply::new(read, 400, json!({ "__type": code, "message": "told" }).to_string())
}

#[test]
fn aws_secrets_manager() {
    let store = Store {
        settings: "type = \"aws-sm\"\nsecrets = \"a\"",
        read: "GetSecretValue",
        body: |text| json!({ "Name": "a", "ARN": "arn", "VersionId": "v", "SecretString": text }),
        environment: aws_environment,
    };
    let read = store.read;
    let page = |name: &str, next: Value| {
        let found =
            json!({ "Name": name, "ARN": name, "VersionId": "v", "SecretString": "canary" });
        let body = json!({ "SecretValues": [found], "Errors": [], "NextToken": next });
        Reply::new("BatchGetSecretValue", 200, body.to_string())
    };
    let bytes = json!({ "Name": "a", "ARN": "arn", "VersionId": "v",
        "SecretBinary": STANDARD.encode(b"\xff\x01canary") });
    let [success, slow, redirect, large, unicode, failure] = store.usual();
    store.check([
        success,
        case(value(""), [store.good("")]),
        case(Error("ResourceNotFoundException"), [refused(read, "ResourceNotFoundException")]),
        case(Error("AccessDeniedException"), [refused(read, "AccessDeniedException")]),
        case(Error("ExpiredTokenException"), [refused(read, "ExpiredTokenException")]),
        case(value("canary"), [refused(read, "ThrottlingException").once(), store.good("canary")]),
        failure,
        case(Error("cannot be understood"), [Reply::new(read, 200, "canary garbage")]),
        slow,
        redirect,
        Case {
            settings: Some("type = \"aws-sm\"\nname-prefix = \"x/\""),
            ..case(value("canary"), [page("x/b", "more".into()).once(), page("x/a", Value::Null)])
        },
        case(Outcome::Value(b"\xff\x01canary".into()), [store.reply(200, &bytes)]),
        large,
        unicode,
        Case {
            settings: Some("type = \"aws-sm\"\nsecrets = \"a?stage=AWSPREVIOUS\""),
            ..case(Plan("\"place\": \"a, version v\""), [store.good("canary")])
        },
    ]);
}

#[test]
fn aws_parameter_store() {
    let parameter = |name: &str, text: &str| json!({ "Name": name, "Value": text, "Version": 3 });
    let store = Store {
        settings: "type = \"aws-ssm\"\nparameters = \"/app/A\"",
        read: "AmazonSSM.GetParameters\r",
        body: |text| {
            json!({ "Parameters": [{ "Name": "/app/A", "Value": text, "Version": 3 }],
                "InvalidParameters": [] })
        },
        environment: aws_environment,
    };
    let read = store.read;
    let page = |found: Value, next: Value| {
        let body = json!({ "Parameters": [found], "NextToken": next });
        Reply::new("GetParametersByPath", 200, body.to_string())
    };
    let none = json!({ "Parameters": [], "InvalidParameters": ["/app/A"] });
    let versioned = json!({ "Parameters": [{ "Name": "/app/A", "Value": "canary", "Version": 2,
        "Selector": ":2" }], "InvalidParameters": [] });
    let [success, slow, redirect, large, unicode, failure] = store.usual();
    store.check([
        success,
        case(value(""), [store.good("")]),
        case(Error("there is no parameter"), [store.reply(200, &none)]),
        case(Error("AccessDeniedException"), [refused(read, "AccessDeniedException")]),
        case(Error("ExpiredTokenException"), [refused(read, "ExpiredTokenException")]),
        case(value("canary"), [refused(read, "ThrottlingException").once(), store.good("canary")]),
        failure,
        case(Error("cannot be understood"), [Reply::new(read, 200, "canary garbage")]),
        slow,
        redirect,
        Case {
            settings: Some("type = \"aws-ssm\"\npath = \"/app\""),
            ..case(
                value("canary"),
                [
                    page(parameter("/app/B", "canary-b"), "more".into()).once(),
                    page(parameter("/app/A", "canary"), Value::Null),
                ],
            )
        },
        case(Impossible, []),
        large,
        unicode,
        Case {
            settings: Some("type = \"aws-ssm\"\nparameters = \"/app/A:2\""),
            ..case(Plan("\"version\": 2"), [store.reply(200, &versioned)])
        },
    ]);
}

fn kubernetes_environment(sandbox: Sandbox, server: &Replies) -> Sandbox {
    let config = json!({
        "current-context": "c",
        "contexts": [{ "name": "c", "context": { "cluster": "k", "user": "u" } }],
        "clusters": [{ "name": "k", "cluster": { "server": server.url() } }],
        "users": [{ "name": "u", "user": { "token": "canary-token" } }],
    });
    sandbox.file("kubeconfig", config.to_string()).env("KUBECONFIG", "kubeconfig")
}

fn kubernetes_object(name: &str, bytes: &[u8]) -> Value {
    json!({ "kind": "Secret", "apiVersion": "v1", "type": "Opaque",
        "metadata": { "name": name, "namespace": "default", "resourceVersion": "230" },
        "data": { "A": STANDARD.encode(bytes) } })
}

#[test]
fn kubernetes() {
    let store = Store {
        settings: "type = \"kubernetes\"\nsecret = \"app\"",
        read: "GET /api/v1/namespaces/default/secrets/app",
        body: |text| kubernetes_object("app", text.as_bytes()),
        environment: kubernetes_environment,
    };
    let read = store.read;
    let status = |code: u16, reason: &str| {
        let body = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure",
            "reason": reason, "message": "told", "code": code,
            "details": { "name": "app", "kind": "secrets" } });
        Reply::new(read, code, body.to_string())
    };
    let page = |items: Value, next: &str| {
        let body = json!({ "kind": "SecretList", "apiVersion": "v1",
            "metadata": { "continue": next }, "items": items });
        Reply::new("GET /api/v1/namespaces/default/secrets?", 200, body.to_string())
    };
    let [success, slow, redirect, large, unicode, failure] = store.usual();
    store.check([
        success,
        case(value(""), [store.good("")]),
        case(Error("there is no Secret `app`"), [status(404, "NotFound")]),
        case(Error("not allowed to get the Secret"), [status(403, "Forbidden")]),
        case(Error("does not accept the credentials"), [status(401, "Unauthorized")]),
        case(
            value("canary"),
            [status(429, "TooManyRequests").header("retry-after: 0").once(), store.good("canary")],
        ),
        failure,
        case(
            Error("does not answer as Kubernetes does"),
            [Reply::new(read, 200, "canary garbage")],
        ),
        slow,
        redirect,
        Case {
            settings: Some("type = \"kubernetes\"\nlabel-selector = \"app=shop\""),
            ..case(
                value("canary"),
                [
                    page(json!([]), "more").once(),
                    page(json!([kubernetes_object("app", b"canary")]), ""),
                ],
            )
        },
        case(
            Outcome::Value(b"\xff\x01canary".into()),
            [store.reply(200, &kubernetes_object("app", b"\xff\x01canary"))],
        ),
        large,
        unicode,
        case(Plan("resourceVersion 230"), [store.good("canary")]),
    ]);
}

#[test]
fn infisical() {
    let store = Store {
        settings: "type = \"infisical\"\nproject = \"11111111-2222-4333-8444-555555555555\"\nenv = \"dev\"",
        read: "GET /api/v4/secrets?",
        body: |text| {
            json!({ "secrets": [{ "secretKey": "A", "secretValue": text, "version": 3,
                "type": "shared", "secretPath": "/" }], "imports": [] })
        },
        environment: |sandbox, server| {
            sandbox.env("INFISICAL_DOMAIN", server.url()).env("INFISICAL_TOKEN", "canary-token")
        },
    };
    let refusal = |status: u16, message: &str, error: &str| {
        let body = json!({ "statusCode": status, "message": message, "error": error });
        store.reply(status, &body)
    };
    let [success, slow, redirect, large, unicode, failure] = store.usual();
    store.check([
        success,
        case(value(""), [store.good("")]),
        case(
            Error("hint: "),
            [refusal(404, "Folder with path '/' in environment was not found", "NotFound")],
        ),
        case(Error("hint: "), [refusal(403, "You do not have permission", "PermissionDenied")]),
        case(Error("hint: "), [refusal(401, "Your token has expired.", "TokenError")]),
        case(
            value("canary"),
            [
                refusal(429, "Rate limit exceeded", "RateLimitExceeded")
                    .header("retry-after: 0")
                    .once(),
                store.good("canary"),
            ],
        ),
        failure,
        case(Error("hint: "), [Reply::new(store.read, 200, "canary garbage")]),
        slow,
        redirect,
        case(Impossible, []),
        case(Impossible, []),
        large,
        unicode,
        case(Plan("\"version\": 3"), [store.good("canary")]),
    ]);
}

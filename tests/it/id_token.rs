//! Logins with the ID token of a CI job: that it is requested as GitHub documents it, that each store gets it, and
//! that nobody else does.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::support::{
    infisical::{Generation, Identity, Project, Server, World},
    sandbox::{Output, Sandbox},
};

/// What the runner gives a job to request tokens with.
const REQUEST_TOKEN: &str = "canary-request-token";

/// A request as the fake got it.
#[derive(Clone, Debug)]
struct Asked {
    line: String,
    head: String,
    body: String,
}

/// A server on loopback that answers each request as a function says: status, headers, body.
#[derive(Clone, Debug)]
struct Fake {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    fn start(answer: impl Fn(&Asked) -> (u16, String, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::default());
        let fake = Self { address, asked };
        let shared = fake.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read(&stream) else { continue };
                shared.asked.lock().unwrap().push(request.clone());
                let (status, headers, body) = answer(&request);
                let length = body.len();
                let reply = format!(
                    "HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
                );
                stream.write_all(reply.as_bytes()).unwrap_or_default();
            }
        });
        fake
    }

    /// The token service of GitHub Actions, with this token.
    fn github(token: &str) -> Self {
        let body = format!(r#"{{"count":1,"value":"{token}"}}"#);
        Self::start(move |_| (200, String::new(), body.clone()))
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some(Asked { line, head: lower, body: String::from_utf8(body).ok()? })
}

/// A token with claims that show what it is; its signature is a canary.
fn jwt() -> String {
    let claims =
        r#"{"iss":"https://issuer.test","sub":"repo:example/app:ref:refs/heads/main","aud":"me"}"#;
    format!("e30.{}.canary", URL_SAFE_NO_PAD.encode(claims))
}

/// A job of GitHub Actions, with a user's own configuration.
fn job(github: &Fake, config: &str) -> Sandbox {
    Sandbox::new()
        .file("hushed.toml", config)
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/token?api-version=2.0", github.url()))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN)
}

/// A Vault that accepts the token.
fn vault(token: &str) -> Fake {
    let token = token.to_owned();
    Fake::start(move |asked| {
        let body = match asked.line.as_str() {
            "POST /v1/auth/jwt/login" if asked.body.contains(&token) => {
                r#"{"auth":{"client_token":"hvs.canary","lease_duration":3600,"renewable":true}}"#
            }
            "GET /v1/secret/data/app" => {
                r#"{"data":{"data":{"KEY":"canary-key"},"metadata":{"version":1}}}"#
            }
            line if line.contains("/sys/health") => {
                r#"{"initialized":true,"sealed":false,"standby":false,"version":"2.7.2"}"#
            }
            _ => {
                return (
                    400,
                    String::new(),
                    r#"{"errors":["invalid audience (aud) claim"]}"#.to_owned(),
                );
            }
        };
        (200, String::new(), body.to_owned())
    })
}

const VAULT: &str =
    "[source.app]\ntype = \"vault\"\nkv = \"2\"\npath = \"secret/app\"\nrole = \"ci\"\n";

/// Secrets Manager and STS, which accepts the token.
fn aws(token: &str) -> Fake {
    let token = token.to_owned();
    Fake::start(move |asked| {
        let keys = "<AssumeRoleResult><Credentials><AccessKeyId>ASIACI</AccessKeyId><SecretAccessKey>canary-role\
                    </SecretAccessKey><SessionToken>canary-session</SessionToken><Expiration>2035-01-02T03:04:05Z\
                    </Expiration></Credentials></AssumeRoleResult>";
        let body = if asked.head.contains("secretsmanager.getsecretvalue") {
            r#"{"Name":"KEY","VersionId":"1","SecretString":"canary-key"}"#
        } else if asked.body.contains(&token) {
            keys
        } else {
            return (
                400,
                String::new(),
                "<Error><Code>InvalidIdentityToken</Code></Error>".to_owned(),
            );
        };
        (200, String::new(), body.to_owned())
    })
}

const AWS: &str = "[source.app]\ntype = \"aws-sm\"\nregion = \"eu-west-1\"\nsecrets = [\"KEY\"]\n\
                   role-arn = \"arn:aws:iam::123456789012:role/ci\"\nrole-session-name = \"job-7\"\n";

fn infisical(token: &str) -> (Server, String, String) {
    let project = Project::new("shop").env("dev").secret("dev", "/", "KEY", "canary-key");
    let identity = Identity::jwt("ci", "oidc-auth", token).reads_all("shop");
    let world = World::default().project(project).identity(identity);
    let server = Server::builder(Generation::V4C, world).plain().start();
    let (project, identity) = server.world(|world| {
        let project = world.project_by_slug("shop").unwrap().id.clone();
        (project, world.edit_identity("ci").id.clone())
    });
    (server, project, identity)
}

/// What a command finds: the secret, and the variables that could log in as the job does.
fn show(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let script = "echo $KEY ${ACTIONS_ID_TOKEN_REQUEST_TOKEN-no} ${ACTIONS_ID_TOKEN_REQUEST_URL-no} ${AWS_ID_TOKEN-no}";
    let arguments = [&["run"], arguments, &["--", "sh", "-c", script]].concat();
    sandbox.command(arguments).reveals().run()
}

/// The one request to GitHub: its path, if the bearer token is right.
fn requested(github: &Fake) -> String {
    let [asked] = &*github.asked() else { panic!("{:?}", github.asked()) };
    let bearer = format!("authorization: bearer {REQUEST_TOKEN}\r\n");
    assert!(asked.head.contains(&bearer), "{}", asked.head);
    asked.line.clone()
}

#[test]
fn a_job_of_github_logs_in_to_each_store_with_a_token_for_its_audience() {
    let token = jwt();
    let github = Fake::github(&token);
    let server = vault(&token);
    let sandbox =
        job(&github, &format!("{VAULT}id-token = \"github\"\n")).env("VAULT_ADDR", server.url());
    assert_eq!(show(&sandbox, &[]).success().stdout, "canary-key no no no\n");
    assert_eq!(requested(&github), "GET /token?api-version=2.0");
    assert!(server.asked()[0].body.contains(r#""role":"ci""#), "{:?}", server.asked());
    let inline = show(&sandbox, &["--set", "app.inline-auth=true"]).success().stdout;
    assert_eq!(inline, "canary-key no no no\n");

    let (github, server) = (Fake::github(&token), aws(&token));
    let sandbox = job(&github, &format!("{AWS}id-token = \"github\"\n"))
        .env("AWS_ENDPOINT_URL", server.url());
    assert_eq!(show(&sandbox, &[]).success().stdout, "canary-key no no no\n");
    assert_eq!(requested(&github), "GET /token?api-version=2.0&audience=sts.amazonaws.com");
    let sts = &server.asked()[0];
    assert!(sts.body.starts_with("Action=AssumeRoleWithWebIdentity&"), "{}", sts.body);
    assert!(sts.body.contains("role%2Fci&RoleSessionName=job-7&"), "{}", sts.body);
    assert!(!sts.head.contains("authorization"), "{}", sts.head);

    let github = Fake::github(&token);
    let (server, project, identity) = infisical(&token);
    let sandbox = job(&github, "")
        .without("HUSHED_CONFIG")
        .address(&server)
        .env("HUSHED_ID_TOKEN", "github")
        .env("HUSHED_SOURCE_INFISICAL_ID_TOKEN_AUDIENCE", "https://me")
        .env("INFISICAL_PROJECT_ID", project)
        .env("INFISICAL_MACHINE_IDENTITY_ID", identity);
    assert_eq!(show(&sandbox, &[]).success().stdout, "canary-key no no no\n");
    assert_eq!(requested(&github), "GET /token?api-version=2.0&audience=https%3A%2F%2Fme");
    let passed = show(&sandbox, &["--pass-credentials"]).success().stdout;
    assert_eq!(
        passed,
        format!("canary-key {REQUEST_TOKEN} {}/token?api-version=2.0 no\n", github.url())
    );
}

#[test]
fn a_token_of_gitlab_comes_from_the_variable_or_the_file_that_the_setting_names() {
    let token = jwt();
    let (server, cloud) = (vault(&token), aws(&token));
    let sandbox = Sandbox::new()
        .file("vault.toml", VAULT)
        .file("aws.toml", AWS)
        .file("token", format!("{token}\n"))
        .env("VAULT_ADDR", server.url())
        .env("AWS_ENDPOINT_URL", cloud.url())
        .env("AWS_ID_TOKEN", &token);
    for config in ["vault.toml", "aws.toml"] {
        let sandbox = |place: &str| sandbox_of(&sandbox, config, place);
        let output = |place| sandbox(place).reveals().run().success().stdout;
        assert_eq!(output("env:AWS_ID_TOKEN"), "canary-key no\n", "{config}");
        // A variable that is not in use is the command's own.
        assert_eq!(output("file:token"), format!("canary-key {token}\n"), "{config}");
    }
    assert!(server.asked().iter().chain(&cloud.asked()).all(|asked| !asked.body.contains("\\n")));
}

fn sandbox_of<'a>(
    sandbox: &'a Sandbox,
    config: &str,
    place: &str,
) -> crate::support::sandbox::Run<'a> {
    let script = "echo $KEY ${AWS_ID_TOKEN-no}";
    let run = sandbox.command(["run", "--", "sh", "-c", script]);
    run.env("HUSHED_CONFIG", config).env("HUSHED_ID_TOKEN", place)
}

#[test]
fn a_stronger_credential_is_used_instead() {
    let (github, server) = (Fake::github(&jwt()), vault(&jwt()));
    let sandbox = job(&github, &format!("{VAULT}id-token = \"github\"\n"))
        .env("VAULT_ADDR", server.url())
        .env("VAULT_TOKEN", "hvs.canary");
    assert!(show(&sandbox, &[]).success().stdout.starts_with("canary-key"));
    assert!(github.asked().is_empty() && server.asked().len() == 1, "{:?}", server.asked());
    // In an equally strong place, the ID token wins over a JWT.
    let sandbox = sandbox.without("VAULT_TOKEN").env("VAULT_JWT", "canary.of.another");
    show(&sandbox, &[]).fails_with(125);
    assert!(github.asked().is_empty());
    let sandbox = sandbox.env("HUSHED_ID_TOKEN", "github");
    show(&sandbox, &[]).success();
    assert_eq!(github.asked().len(), 1);
}

#[test]
fn a_token_that_cannot_be_had_is_an_error_that_says_what_to_do() {
    let elsewhere = Fake::github(&jwt());
    let to = format!("location: {}/token\r\n", elsewhere.url());
    let answers: [(u16, String, &str, &[&str]); 5] = [
        (401, String::new(), "canary-body", &["answered 401", "id-token: write"]),
        (403, String::new(), "{}", &["answered 403", "id-token: write"]),
        (
            200,
            String::new(),
            r#"{"value":"canary"}"#,
            &["has no ID token", "ACTIONS_ID_TOKEN_REQUEST_URL"],
        ),
        (200, String::new(), "<html>canary</html>", &["has no ID token"]),
        (302, to, "", &["redirects to", "cannot request an ID token from GitHub Actions at"]),
    ];
    let server = vault(&jwt());
    let config = format!("{VAULT}id-token = \"github\"\n");
    for (status, headers, body, words) in answers {
        let body = body.to_owned();
        let github = Fake::start(move |_| (status, headers.clone(), body.clone()));
        let error = show(&job(&github, &config).env("VAULT_ADDR", server.url()), &[])
            .fails_with(125)
            .stderr;
        assert!(words.iter().all(|word| error.contains(word)), "{status}: {error}");
    }
    let github = Fake::github(&jwt());
    let set = |name: &str, value: &str| {
        job(&github, &config).env("VAULT_ADDR", server.url()).env(name, value)
    };
    let url = "ACTIONS_ID_TOKEN_REQUEST_URL";
    for (sandbox, words) in [
        (set(url, "http://runner.invalid/token"), ["uses plain http", "over https only"]),
        (set(url, "not a url"), ["is not the address of a server", "as the runner has set it"]),
        (
            set(url, "ftp://runner.invalid/"),
            ["is not the address of a server", "as the runner has set it"],
        ),
        (set(url, ""), ["ACTIONS_ID_TOKEN_REQUEST_URL is not set", "id-token: write"]),
        (
            set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", ""),
            ["ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set", "id-token: write"],
        ),
        (set("HUSHED_ID_TOKEN", "gitlab"), ["`gitlab` is not", "env:NAME"]),
        (set("HUSHED_ID_TOKEN", &jwt()), ["characters` is not", "env:NAME"]),
        (set("HUSHED_ID_TOKEN", "env:APP_ID_TOKEN"), ["`APP_ID_TOKEN` is missing", "id_tokens"]),
        (set("HUSHED_ID_TOKEN", "file:none"), ["cannot read the ID token from", "HUSHED_ID_TOKEN"]),
    ] {
        let error = show(&sandbox, &[]).fails_with(125).stderr;
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
    assert!(github.asked().is_empty() && elsewhere.asked().is_empty() && server.asked().is_empty());
    let cloud = "[source.app]\ntype = \"aws-sm\"\nregion = \"eu-west-1\"\nsecrets = [\"KEY\"]\n";
    for (settings, words) in [
        ("id-token = \"github\"", "set `role-arn`, which `id-token` requires"),
        (
            "role-arn = \"arn:aws:iam::123456789012:role/ci\"",
            "set `id-token`, which `role-arn` requires",
        ),
        ("id-token = \"github\"\nrole-arn = \"ci\"", "`ci` is not the ARN of a role"),
    ] {
        let error =
            show(&job(&github, &format!("{cloud}{settings}\n")), &[]).fails_with(125).stderr;
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn the_doctor_shows_the_claims_and_an_end_of_the_token() {
    let (github, server) = (Fake::github(&jwt()), vault(&jwt()));
    let sandbox =
        job(&github, &format!("{VAULT}id-token = \"github\"\n")).env("VAULT_ADDR", server.url());
    let report = sandbox.run(["doctor"]).stdout;
    let claims = "from GitHub Actions: issuer https://issuer.test, subject \
                  repo:example/app:ref:refs/heads/main, audience me";
    assert!(report.contains(claims), "{report}");
    let old = format!("e30.{}.canary", URL_SAFE_NO_PAD.encode(r#"{"exp":1}"#));
    for (token, words) in
        [(&*old, "from APP_ID_TOKEN: it has expired"), ("canary", "it is not a JWT")]
    {
        let sandbox = sandbox.command(["doctor"]);
        let output =
            sandbox.env("HUSHED_ID_TOKEN", "env:APP_ID_TOKEN").env("APP_ID_TOKEN", token).run();
        assert!(output.stdout.contains(words), "{}", output.stdout);
    }
}

#[test]
fn a_projects_file_chooses_what_is_sent_only_after_trust() {
    let (github, server) = (Fake::github(&jwt()), vault(&jwt()));
    let project = |place: &str| {
        job(&github, &format!("{VAULT}id-token = \"{place}\"\n"))
            .without("HUSHED_CONFIG")
            .env("VAULT_ADDR", server.url())
            .env("AWS_ID_TOKEN", jwt())
    };
    show(&project("github"), &[]).success();
    for place in ["env:AWS_ID_TOKEN", "file:token"] {
        let sandbox = project(place).file("token", jwt());
        let error = show(&sandbox, &[]).fails_with(125).stderr;
        assert!(
            error.contains("chooses what is sent to") && error.contains("hushed trust"),
            "{error}"
        );
        sandbox.run(["trust"]).success();
        show(&sandbox, &[]).success();
    }
}

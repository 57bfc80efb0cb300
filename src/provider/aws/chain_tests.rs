//! The recorded cases of the credential chain: what AWS CLI v2 did with an environment and a few files, replayed
//! with hushed's own requests against a fake AWS on loopback.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value as Json, json};
use url::Url;

use super::api::Api;
use super::credential_plan::Provider;
use super::endpoint::Service;
use super::login_session;
use super::resolve::{OwnSettings, Region, Resolved, resolve};
use super::time;
use crate::config::Environment;
use crate::http::{Client, Options, stub};

#[derive(Deserialize)]
struct Case {
    id: String,
    env: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    profile: Option<String>,
    region: Option<String>,
    op: String,
    server: Json,
    want: Want,
}

/// What AWS CLI v2 did.
#[derive(Deserialize)]
struct Want {
    access_key: Option<String>,
    token: Option<String>,
    error: Option<String>,
    region: Option<String>,
    host: Option<String>,
}

/// Cases in which hushed differs; hushed-aws(7) has a table of them with the reasons.
const DIFFERENCES: &[&str] =
    &["prof-empty-keys", "proc-empty-id", "imds-put-403", "imds-put-405", "ca-ssl-cert-file"];

/// A fake AWS.
struct Fake {
    address: String,
    server: Json,
    /// Key and token of the last request to a store, and how many came.
    last: Mutex<Option<(String, Option<String>)>>,
    finals: AtomicUsize,
}

/// A status and a body.
type Reply = (u16, String);

/// What is answered: nothing closes the connection.
type Answer = Option<Reply>;

impl Fake {
    fn start(server: &Json) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (last, finals) = (Mutex::default(), AtomicUsize::default());
        let fake = Arc::new(Self { address, server: server.clone(), last, finals });
        let shared = Arc::clone(&fake);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let fake = Arc::clone(&shared);
                std::thread::spawn(move || fake.serve(stream));
            }
        });
        fake
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut headers = BTreeMap::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            let Some((name, value)) = header.trim_end_matches(['\r', '\n']).split_once(':') else {
                break;
            };
            headers.insert(
                name.to_ascii_lowercase(),
                value.strip_prefix(' ').unwrap_or(value).to_owned(),
            );
        }
        let length = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let path = line.split(' ').nth(1).unwrap().to_owned();
        let Some((status, text)) = self.answer(&path, &headers, &String::from_utf8_lossy(&body))
        else {
            return;
        };
        let skew = self.server["skew"].as_i64().unwrap_or(0);
        let shift = Duration::from_secs(skew.unsigned_abs());
        let now = SystemTime::now();
        let date = httpdate::fmt_http_date(if skew < 0 { now - shift } else { now + shift });
        let length = text.len();
        let _gone = write!(
            stream,
            "HTTP/1.1 {status} X\r\ndate: {date}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
        );
    }

    fn answer(&self, path: &str, headers: &BTreeMap<String, String>, body: &str) -> Answer {
        let (service, rest) = path.trim_start_matches('/').split_once('/').unwrap_or((path, ""));
        match service.trim_matches('/') {
            "imds" => Some(self.imds(rest, headers)),
            "container" => Some(self.container()),
            "sts" => Some(self.sts(body)),
            "sso" => Some(self.sso(rest)),
            "oidc" => Some(self.oidc()),
            "signin" => Some(signin(rest, headers)),
            _ => self.store(headers),
        }
    }

    fn behavior(&self, name: &str) -> &str {
        self.server[name].as_str().unwrap_or_default()
    }

    fn imds(&self, path: &str, headers: &BTreeMap<String, String>) -> Reply {
        let behavior = self.behavior("imds");
        let status = |code| (code, String::new());
        if behavior == "slow" {
            std::thread::sleep(Duration::from_millis(2500));
        }
        if path == "latest/api/token" {
            return match behavior {
                "put400" => status(400),
                "put403" => status(403),
                "put404" | "all404" => status(404),
                "put405" => status(405),
                _ => (200, "imds-token".to_owned()),
            };
        }
        assert_eq!(headers["x-aws-ec2-metadata-token"], "imds-token");
        let expiration = if behavior == "expired" { -3600 } else { 3600 };
        match (path, behavior) {
            ("latest/meta-data/iam/security-credentials/", "norole" | "all404") => status(404),
            ("latest/meta-data/iam/security-credentials/", "list500") => status(500),
            ("latest/meta-data/iam/security-credentials/", _) => (200, "instance-role".to_owned()),
            ("latest/meta-data/placement/availability-zone/", _) => (200, "eu-north-1a".to_owned()),
            (_, "creds404") => status(404),
            (_, "badjson") => (200, "hello".to_owned()),
            (_, "codefail") => (200, json!({"Code": "Failed"}).to_string()),
            _ => (200, keys("ASIAIMDS", "tok-imds", expiration).to_string()),
        }
    }

    fn container(&self) -> Reply {
        let mut keys = keys("ASIACONTAINER", "tok-container", 3600);
        match self.behavior("container") {
            "404" => return (404, "{}".to_owned()),
            "500" => return (500, "{}".to_owned()),
            "badjson" => return (200, "hello".to_owned()),
            "nosecret" => drop(keys.as_object_mut().unwrap().remove("SecretAccessKey")),
            "noexp" => drop(keys.as_object_mut().unwrap().remove("Expiration")),
            "expired" => keys["Expiration"] = iso(-3600).into(),
            "slow" => std::thread::sleep(Duration::from_secs(4)),
            _ => {}
        }
        (200, keys.to_string())
    }

    fn sts(&self, body: &str) -> Reply {
        if self.behavior("sts") == "denied" {
            let error = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
            return (403, error.to_owned());
        }
        let fields: BTreeMap<_, _> = url::form_urlencoded::parse(body.as_bytes()).collect();
        let action = &*fields["Action"];
        let kind = if action == "AssumeRole" { "ROLE" } else { "WEB" };
        let arn = &*fields["RoleArn"];
        let role = arn.split_once(":role/").map_or(arn, |(_, role)| role);
        let role = role.replace('-', "");
        (
            200,
            format!(
                "<{action}Response><{action}Result><Credentials><AccessKeyId>ASIA{kind}{role}</AccessKeyId>\
                 <SecretAccessKey>s</SecretAccessKey><SessionToken>tok-{role}</SessionToken>\
                 <Expiration>{}</Expiration></Credentials></{action}Result></{action}Response>",
                iso(3600)
            ),
        )
    }

    fn sso(&self, path: &str) -> Reply {
        match self.behavior("sso") {
            "401" => return (401, json!({"__type": "UnauthorizedException"}).to_string()),
            "403" => return (403, json!({"__type": "ForbiddenException"}).to_string()),
            _ => {}
        }
        let role = path.split_once("role_name=").unwrap().1.split('&').next().unwrap();
        let expiration = time::unix_seconds(SystemTime::now()) * 1000 + 3_600_000;
        let key = format!("ASIASSO{role}");
        let keys = json!({"roleCredentials": {"accessKeyId": key, "secretAccessKey": "s",
            "sessionToken": "tok-sso", "expiration": expiration}});
        (200, keys.to_string())
    }

    fn oidc(&self) -> Reply {
        if self.behavior("oidc") == "400" {
            return (400, json!({"error": "invalid_grant"}).to_string());
        }
        let token = json!({"accessToken": "sso-refreshed", "expiresIn": 28800,
            "refreshToken": "sso-refresh-2"});
        (200, token.to_string())
    }

    /// Secrets Manager and Parameter Store: note who signed, and answer in the recorded order.
    fn store(&self, headers: &BTreeMap<String, String>) -> Answer {
        let signed = headers["authorization"].split_once("Credential=").unwrap().1;
        let key = signed.split_once('/').unwrap().0.to_owned();
        let token = headers.get("x-amz-security-token").cloned();
        *self.last.lock().unwrap() = Some((key, token));
        let at = self.finals.fetch_add(1, Ordering::Relaxed);
        let finals = self.server["final"].as_array().cloned().unwrap_or_default();
        let last = finals.len().saturating_sub(1);
        let repeats = self.server["final_repeat"] == true;
        match finals.get(if repeats { at.min(last) } else { at }) {
            Some(Json::Array(error)) => {
                let status = u16::try_from(error[0].as_u64().unwrap()).unwrap();
                let code = error[1].as_str().unwrap();
                let body = json!({"__type": code, "message": error[2]}).to_string();
                Some((status, if code.is_empty() { String::new() } else { body }))
            }
            Some(Json::String(word)) if word == "drop" => None,
            _ => Some((200, "{}".to_owned())),
        }
    }
}

fn signin(path: &str, headers: &BTreeMap<String, String>) -> Reply {
    assert_eq!((path, headers["dpop"].split('.').count()), ("v1/token", 3));
    let keys = json!({"accessKeyId": "ASIALOGINREFRESHED", "secretAccessKey": "s",
        "sessionToken": "tok-login2"});
    let answer = json!({"accessToken": keys, "expiresIn": 900, "refreshToken": "login-refresh-2"});
    (200, answer.to_string())
}

fn iso(shift: i64) -> String {
    let seconds = i64::try_from(time::unix_seconds(SystemTime::now())).unwrap() + shift;
    time::extended(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs()))
}

fn keys(id: &str, token: &str, expiration: i64) -> Json {
    json!({"Code": "Success", "AccessKeyId": id, "SecretAccessKey": "s", "Token": token,
        "Expiration": iso(expiration)})
}

/// Fills in the placeholders of the recording.
fn filled(text: &str, home: &Path) -> String {
    let dpop_key = login_session::sec1_pem().replace('\n', "\\n");
    let mut text = text.replace("{HOME}", home.to_str().unwrap());
    for (name, value) in [
        ("{DPOP_KEY}", dpop_key.as_str()),
        ("{EP1}", "http://127.0.0.1:1"),
        ("{EP2}", "http://127.0.0.1:2"),
        ("{EP3}", "http://127.0.0.1:3"),
        ("{EP4}", "http://127.0.0.1:4"),
        ("{EP1PORT}", "1"),
        ("{IMDS}", "http://127.0.0.1:5"),
        ("{CONT}", "http://127.0.0.1:6"),
        ("{CONTPORT}", "6"),
        ("{TLS2}", "https://127.0.0.1:7"),
        ("{CA2}", "/ca2.pem"),
    ] {
        text = text.replace(name, value);
    }
    while let Some((before, rest)) = text.split_once("{ISO:") {
        let (shift, after) = rest.split_once('}').unwrap();
        text = format!("{before}{}{after}", iso(shift.parse().unwrap()));
    }
    text
}

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into())
}

impl Case {
    /// Writes the files of the case, and returns its environment.
    fn set_up(&self, home: &Path) -> Environment {
        for (name, text) in &self.files {
            let path = home.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut bytes = Vec::new();
            for (at, part) in filled(text, home).split("{LATIN1}").enumerate() {
                bytes.extend((at > 0).then_some(0xfc));
                bytes.extend(part.as_bytes());
            }
            let options = fs::OpenOptions::new().write(true).create(true).truncate(true).clone();
            options.open(&path).unwrap().write_all(&bytes).unwrap();
            if text.starts_with("#!") {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        let mut variables = vec![("HOME", leaked(home.to_str().unwrap()))];
        if !self.env.contains_key("PATH") {
            variables.push(("PATH", "/usr/bin:/bin"));
        }
        let given = self.env.iter();
        variables.extend(given.map(|(name, text)| (leaked(name), leaked(&filled(text, home)))));
        variables.into_iter().collect()
    }

    fn service(&self) -> Service {
        if self.op == "ssm" { Service::ParameterStore } else { Service::SecretsManager }
    }

    /// Points all requests at the fake. A service that the case does not have refuses connections.
    fn redirect(&self, resolved: &mut Resolved, fake: &Fake) {
        let url = |path: &str| Url::parse(&format!("http://{}/{path}/", fake.address)).unwrap();
        let names = ["store", "store", "sts", "sso", "oidc", "signin"];
        for (service, name) in Service::ALL.into_iter().zip(names) {
            resolved.endpoints.set(service, url(name));
        }
        let closed = Url::parse("http://127.0.0.1:1/").unwrap();
        let imds = if self.server.get("imds").is_some() { url("imds") } else { closed };
        match &mut resolved.credentials.base {
            // Nothing listens there in the recording either.
            Provider::Container(container) if container.url.host_str() == Some("127.0.0.2") => {}
            Provider::Container(container) => container.url = url("container"),
            Provider::InstanceMetadata(metadata) => metadata.endpoint = imds.clone(),
            _ => {}
        }
        if let Region::OfInstance(metadata) = &mut resolved.region {
            metadata.endpoint = imds;
        }
    }

    /// Whether TLS would succeed: every address is trusted by default but one, and a bundle replaces all.
    fn trusts(resolved: &Resolved, host: &str, environment: &Environment) -> bool {
        let bundle = resolved
            .ca_bundle
            .clone()
            .or_else(|| environment.text("SSL_CERT_FILE").map(std::path::PathBuf::from));
        match bundle {
            Some(bundle) => (bundle == Path::new("/ca2.pem")) == host.contains("127.0.0.1:7"),
            None => !host.contains("127.0.0.1:7"),
        }
    }

    /// Runs the case: key and token that signed, and the error.
    fn run(&self) -> (Option<(String, Option<String>)>, Option<String>) {
        let home = tempfile::tempdir().unwrap();
        let environment = self.set_up(home.path());
        let own = OwnSettings {
            profile: self.profile.clone(),
            region: self.region.clone(),
            ..OwnSettings::default()
        };
        let mut resolved = match resolve(self.service(), &own, &environment) {
            Ok(resolved) => resolved,
            Err(error) => return (None, Some(error.to_string())),
        };
        if let (Region::Known(region), Some(want)) = (&resolved.region, &self.want.region) {
            assert_eq!(region, want, "{}", self.id);
            let url = resolved.endpoints.url(self.service(), region).unwrap();
            let url = url.as_str().trim_end_matches('/').to_owned();
            let host = self.want.host.as_deref().unwrap_or_default();
            let want = filled(host, home.path()).replace("http://http://", "http://");
            let want = want.replace("https://https://", "https://");
            assert_eq!(url, want.trim_end_matches('/'), "{}", self.id);
        }
        if self.id.starts_with("ca-") {
            let Region::Known(region) = &resolved.region else { panic!("{}", self.id) };
            let url = resolved.endpoints.url(self.service(), region).unwrap();
            if !Self::trusts(&resolved, url.as_str(), &environment) {
                return (None, Some("TLS".to_owned()));
            }
        }
        let fake = Fake::start(&self.server);
        self.redirect(&mut resolved, &fake);
        let api = Api {
            http: Client::new(Options::default()),
            service: self.service(),
            resolved,
            environment,
            timeout: Duration::from_secs(20),
            disk_free: false,
            login: tokio::sync::Mutex::default(),
        };
        let outcome = stub::run(async {
            match api.call::<Json>("GetSecretValue", &json!({})).await {
                Ok(Ok(_)) => None,
                Ok(Err(refusal)) => Some(refusal.to_string()),
                Err(error) => Some(crate::message::in_one_line(&error)),
            }
        });
        let last = fake.last.lock().unwrap().clone();
        (last, outcome)
    }

    /// How hushed differs from the CLI, if it does; whether it used other credentials.
    fn compare(&self) -> Option<(String, bool)> {
        let (mut last, mut error) = self.run();
        // A test that forks at the same time may hold the script open.
        if self.id.starts_with("proc-") && error.is_some() && self.want.error.is_none() {
            (last, error) = self.run();
        }
        let got = last.as_ref().map(|(key, token)| (key.trim(), token.as_deref().map(str::trim)));
        let want = self.want.access_key.as_deref();
        let want = want.map(|key| (key.trim(), self.want.token.as_deref().map(str::trim)));
        if got == want && error.is_some() == self.want.error.is_some() {
            return None;
        }
        // Where TLS fails, the CLI sends no request, but it is one with the same credentials.
        let is_other = got.is_some() && got != want && self.want.error.as_deref() != Some("Tls");
        let text = format!(
            "{}: the CLI {want:?} {:?}, hushed {got:?} {error:?}",
            self.id, self.want.error
        );
        Some((text, is_other))
    }
}

#[test]
fn the_credential_chain_is_that_of_the_cli() {
    let text = include_str!("../../../tests/aws/chain.jsonl");
    let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let total = cases.len();
    // Slow services are waited for together.
    let (slow, rest): (Vec<_>, Vec<_>) =
        cases.into_iter().partition(|case| case.server.to_string().contains("slow"));
    let waiting: Vec<_> = slow
        .into_iter()
        .map(|case| std::thread::spawn(move || (case.compare(), case.id)))
        .collect();
    let mut differences: Vec<_> = rest.into_iter().map(|case| (case.compare(), case.id)).collect();
    differences.extend(waiting.into_iter().map(|thread| thread.join().unwrap()));
    let differences: Vec<_> =
        differences.into_iter().filter_map(|(found, id)| Some((found?, id))).collect();
    let others: Vec<_> = differences.iter().filter(|((_, is_other), _)| *is_other).collect();
    assert!(others.is_empty(), "other credentials than the CLI's: {others:#?}");
    for ((text, _), _) in &differences {
        println!("{text}");
    }
    let is_known = |id: &str| DIFFERENCES.contains(&id);
    let unknown: Vec<_> = differences.iter().filter(|(_, id)| !is_known(id)).collect();
    let equal = total - differences.len();
    println!("{equal} of {total} cases equal ({} %)", equal * 100 / total);
    assert!(unknown.is_empty(), "{equal} of {total} equal; not in the table: {unknown:#?}");
    assert_eq!(differences.len(), DIFFERENCES.len(), "a difference of the table is gone");
    let manual = include_str!("../../../man/src/hushed-aws.md");
    for id in DIFFERENCES {
        assert!(manual.contains(&format!("`{id}`")), "{id} is not in the manual");
    }
    assert!(manual.contains(&format!("{total} recorded cases; {equal} are equal")));
}

//! A fake of the two AWS stores and of STS, on loopback. Must not know what a test expects.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

/// What another client does.
type Interference = fn(&mut World);

/// What went to the server, and what it has.
#[derive(Debug, Default)]
pub(super) struct World {
    /// Secrets by name: `SecretString` or `SecretBinary`, with a version ID and its stages.
    pub(super) secrets: BTreeMap<String, Value>,
    /// What was current before, by name.
    pub(super) previous: BTreeMap<String, Value>,
    /// Names of deleted secrets that are not free yet.
    pub(super) scheduled: Vec<String>,
    /// The newest request of each parameter, beside its value.
    pub(super) attributes: BTreeMap<String, Value>,
    /// What happens before an operation is answered, as if another client did it.
    pub(super) meanwhile: VecDeque<(&'static str, Interference)>,
    /// Parameters by name, with the version.
    pub(super) parameters: BTreeMap<String, (String, u64)>,
    /// Answers that come before all others: operation, status, body. An empty body closes the connection.
    pub(super) faults: VecDeque<(&'static str, u16, String)>,
    /// Access keys that have expired.
    pub(super) expired: Vec<String>,
    /// How long an operation takes.
    pub(super) delay: Duration,
    /// The operations, in order, each with the access key that signed.
    pub(super) asked: Vec<(String, String)>,
    /// The bodies of these.
    pub(super) bodies: Vec<Value>,
    /// How many sessions STS has given.
    pub(super) sessions: usize,
}

/// A running fake.
#[derive(Clone, Debug)]
pub(super) struct Aws {
    pub(super) address: SocketAddr,
    world: Arc<Mutex<World>>,
}

/// How many parameters a page has.
const PAGE: usize = 10;

impl Aws {
    pub(super) fn start(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let aws = Self { address, world: Arc::new(Mutex::new(world)) };
        let shared = aws.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                thread::spawn(move || shared.serve(stream));
            }
        });
        aws
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn world<T>(&self, with: impl FnOnce(&mut World) -> T) -> T {
        with(&mut self.world.lock().unwrap())
    }

    /// The names of the operations so far.
    pub(super) fn operations(&self) -> Vec<String> {
        self.world(|world| world.asked.iter().map(|(name, _)| name.clone()).collect())
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut writer = stream;
        // One connection may carry many requests.
        while let Some((headers, body)) = request(&mut reader) {
            let delay = self.world(|world| world.delay);
            thread::sleep(delay);
            let Some((status, text)) = self.answer(&headers, &body) else { return };
            let length = text.len();
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n");
            if writer.write_all(head.as_bytes()).is_err()
                || writer.write_all(text.as_bytes()).is_err()
            {
                return;
            }
        }
    }

    fn answer(&self, headers: &BTreeMap<String, String>, body: &str) -> Option<(u16, String)> {
        let mut world = self.world.lock().unwrap();
        let signed = headers.get("authorization").map(String::as_str).unwrap_or_default();
        let scope = signed.split("Credential=").nth(1).unwrap_or_default();
        let key = scope.split('/').next().unwrap_or_default().to_owned();
        let target = headers.get("x-amz-target").cloned().unwrap_or_default();
        let operation = match target.split_once('.') {
            Some((_, operation)) => operation.to_owned(),
            None => body.split("Action=").nth(1).unwrap().split('&').next().unwrap().to_owned(),
        };
        world.asked.push((operation.clone(), key.clone()));
        let json: Value = serde_json::from_str(body).unwrap_or(Value::Null);
        world.bodies.push(json.clone());
        if let Some(at) = world.faults.iter().position(|(name, ..)| *name == operation) {
            let (_, status, text) = world.faults.remove(at).unwrap();
            return (status != 0).then_some((status, text));
        }
        if let Some(at) = world.meanwhile.iter().position(|(name, _)| *name == operation) {
            let (_, change) = world.meanwhile.remove(at).unwrap();
            change(&mut world);
        }
        if operation != "AssumeRoleWithWebIdentity" {
            let names = ["host", "x-amz-date"];
            assert!(names.iter().all(|name| signed.contains(name)), "not signed: {signed}");
        }
        if world.expired.contains(&key) {
            return Some(refusal("ExpiredTokenException", "The security token is expired"));
        }
        Some(match operation.as_str() {
            "BatchGetSecretValue" => world.batch(&json),
            "GetSecretValue" => world.secret(&json),
            "GetParametersByPath" => world.by_path(&json),
            "GetParameters" => world.by_name(&json),
            "CreateSecret" => world.create(&json),
            "PutSecretValue" => world.put(&json),
            "DeleteSecret" => world.delete(&json),
            "DescribeSecret" => {
                let tags =
                    json!([{ "Key": "team", "Value": "a" }, { "Key": "aws:stack", "Value": "b" }]);
                (200, json!({ "Description": "about it", "Tags": tags }).to_string())
            }
            "PutParameter" => world.put_parameter(&json),
            "DeleteParameters" => world.delete_parameters(&json),
            "GetParameterHistory" => world.history(&json),
            _ => world.role(),
        })
    }
}

fn request(reader: &mut impl std::io::BufRead) -> Option<(BTreeMap<String, String>, String)> {
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |text: &String| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((headers, String::from_utf8(body).unwrap()))
}

/// An error of the JSON protocol. AWS sends most of them with status 400.
pub(super) fn refusal(code: &str, message: &str) -> (u16, String) {
    (400, json!({ "__type": code, "message": message }).to_string())
}

/// The name of a secret, of an ARN that a client uses.
fn name_of(id: &str) -> &str {
    let name = id.strip_prefix("arn:aws:secretsmanager:eu-west-1:1:secret:");
    name.map_or(id, |name| name.trim_end_matches("-AbCdEf"))
}

impl World {
    fn value(&self, id: &str) -> Option<Value> {
        let name = name_of(id);
        let mut value = self.secrets.get(name)?.clone();
        value["Name"] = name.into();
        value["ARN"] = format!("arn:aws:secretsmanager:eu-west-1:1:secret:{name}-AbCdEf").into();
        Some(value)
    }

    fn batch(&self, body: &Value) -> (u16, String) {
        let mut errors = Vec::new();
        let mut values = Vec::new();
        let mut next = Value::Null;
        if let Some(ids) = body["SecretIdList"].as_array() {
            assert!(ids.len() <= 20);
            for id in ids.iter().rev().map(|id| id.as_str().unwrap()) {
                match self.value(id) {
                    Some(value) => values.push(value),
                    None => errors.push(json!({ "SecretId": id, "Message": "no such secret",
                        "ErrorCode": "ResourceNotFoundException" })),
                }
            }
        } else {
            let prefixes = body["Filters"][0]["Values"].as_array().unwrap();
            let wanted = |name: &&String| {
                prefixes.iter().any(|prefix| name.starts_with(prefix.as_str().unwrap()))
            };
            let names: Vec<_> = self.secrets.keys().filter(wanted).collect();
            let start: usize = body["NextToken"].as_str().map_or(0, |text| text.parse().unwrap());
            let end = names.len().min(start + 20);
            values = names[start..end].iter().filter_map(|name| self.value(name)).collect();
            if end < names.len() {
                next = end.to_string().into();
            }
        }
        (200, json!({ "SecretValues": values, "Errors": errors, "NextToken": next }).to_string())
    }

    fn secret(&self, body: &Value) -> (u16, String) {
        let name = name_of(body["SecretId"].as_str().unwrap());
        if self.scheduled.iter().any(|known| known == name) {
            let words = "You can't perform this operation on the secret because it was marked for deletion.";
            return refusal("InvalidRequestException", words);
        }
        let found = match body["VersionStage"].as_str() {
            Some("AWSPREVIOUS") if self.previous.contains_key(name) => {
                let mut value = self.previous[name].clone();
                (value["Name"], value["Stage"]) = (name.into(), "AWSPREVIOUS".into());
                Some(value)
            }
            _ => self.value(name),
        };
        let wanted = |value: &Value| {
            let id = body.get("VersionId").is_none_or(|id| value["VersionId"] == *id);
            let stage = body["VersionStage"].as_str().unwrap_or("AWSCURRENT");
            id && (body.get("VersionId").is_some() || value["Stage"] == stage)
        };
        match found.filter(wanted) {
            Some(value) => (200, value.to_string()),
            None => refusal("ResourceNotFoundException", "Secrets Manager can't find the secret"),
        }
    }

    fn parameter(&self, name: &str) -> Option<Value> {
        let (plain, selector) = name
            .split_once(':')
            .map_or((name, ""), |(plain, _)| (plain, name.get(plain.len()..).unwrap()));
        let (value, version) = self.parameters.get(plain)?;
        let is_there = selector.is_empty() || *selector == format!(":{version}");
        is_there.then(|| {
            json!({ "Name": plain, "Value": value, "Version": version, "Type": "SecureString",
                "Selector": if selector.is_empty() { Value::Null } else { selector.into() } })
        })
    }

    fn by_path(&self, body: &Value) -> (u16, String) {
        assert_eq!(body["WithDecryption"], true);
        let path = body["Path"].as_str().unwrap().trim_end_matches('/');
        let below = |name: &&String| {
            let rest = name.strip_prefix(path).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| body["Recursive"] == true || !rest.contains('/'))
        };
        let names: Vec<_> = self.parameters.keys().filter(below).collect();
        let start: usize = body["NextToken"].as_str().map_or(0, |text| text.parse().unwrap());
        let end = names.len().min(start + PAGE);
        let page: Vec<_> =
            names[start..end].iter().filter_map(|name| self.parameter(name)).collect();
        let next = if end < names.len() { end.to_string().into() } else { Value::Null };
        (200, json!({ "Parameters": page, "NextToken": next }).to_string())
    }

    fn by_name(&self, body: &Value) -> (u16, String) {
        let names: Vec<_> = body["Names"].as_array().unwrap().iter().collect();
        assert!(names.len() <= 10 && body["WithDecryption"] == true);
        let names = names.into_iter().map(|name| name.as_str().unwrap());
        let (mut found, mut invalid) = (Vec::new(), Vec::new());
        for name in names {
            match self.parameter(name) {
                Some(parameter) => found.push(parameter),
                None => invalid.push(name),
            }
        }
        found.reverse();
        (200, json!({ "Parameters": found, "InvalidParameters": invalid }).to_string())
    }

    /// Stores a version that a request describes.
    pub(super) fn store(&mut self, name: &str, body: &Value) -> (u16, String) {
        let token = body["ClientRequestToken"].as_str().unwrap();
        assert!((32..=64).contains(&token.len()));
        let mut value = json!({ "VersionId": token, "Stage": "AWSCURRENT" });
        for field in ["SecretString", "SecretBinary"] {
            if let Some(content) = body.get(field) {
                value[field] = content.clone();
            }
        }
        if let Some(old) = self.secrets.insert(name.to_owned(), value) {
            self.previous.insert(name.to_owned(), old);
        }
        (200, json!({ "Name": name, "VersionId": token }).to_string())
    }

    fn create(&mut self, body: &Value) -> (u16, String) {
        let name = body["Name"].as_str().unwrap();
        if self.secrets.contains_key(name) {
            return refusal("ResourceExistsException", "a resource with the ID already exists");
        }
        if self.scheduled.iter().any(|known| known == name) {
            let words = "You can't create this secret because a secret with this name is already \
                         scheduled for deletion.";
            return refusal("InvalidRequestException", words);
        }
        self.store(name, body)
    }

    fn put(&mut self, body: &Value) -> (u16, String) {
        let name = name_of(body["SecretId"].as_str().unwrap());
        assert!(self.secrets.contains_key(name));
        self.store(name, body)
    }

    fn delete(&mut self, body: &Value) -> (u16, String) {
        let name = name_of(body["SecretId"].as_str().unwrap());
        self.secrets.remove(name).unwrap();
        if body["ForceDeleteWithoutRecovery"] != true {
            self.scheduled.push(name.to_owned());
        }
        (200, "{}".to_owned())
    }

    fn put_parameter(&mut self, body: &Value) -> (u16, String) {
        let name = body["Name"].as_str().unwrap().to_owned();
        let known = self.parameters.get(&name).map_or(0, |(_, version)| *version);
        if known > 0 && body["Overwrite"] != true {
            return refusal("ParameterAlreadyExists", "The parameter already exists.");
        }
        let value = body["Value"].as_str().unwrap().to_owned();
        self.parameters.insert(name.clone(), (value, known + 1));
        let mut attributes = body.clone();
        attributes.as_object_mut().unwrap().remove("Value");
        self.attributes.insert(name, attributes);
        (200, json!({ "Version": known + 1 }).to_string())
    }

    fn delete_parameters(&mut self, body: &Value) -> (u16, String) {
        let names = body["Names"].as_array().unwrap();
        assert!((1..=10).contains(&names.len()));
        for name in names {
            self.parameters.remove(name.as_str().unwrap());
        }
        (200, json!({ "DeletedParameters": names }).to_string())
    }

    fn history(&self, body: &Value) -> (u16, String) {
        let name = body["Name"].as_str().unwrap();
        let Some((_, version)) = self.parameters.get(name) else {
            return refusal("ParameterNotFound", "");
        };
        let mut newest = self.attributes.get(name).cloned().unwrap_or_else(|| json!({}));
        newest["Version"] = (*version).into();
        (200, json!({ "Parameters": [newest] }).to_string())
    }

    fn role(&mut self) -> (u16, String) {
        self.sessions += 1;
        let key = format!("ASIASESSION{}", self.sessions);
        let keys = format!(
            "<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>canary-role</SecretAccessKey>\
             <SessionToken>canary-token</SessionToken><Expiration>2035-01-02T03:04:05Z</Expiration>"
        );
        (200, format!("<AssumeRoleResult><Credentials>{keys}</Credentials></AssumeRoleResult>"))
    }
}

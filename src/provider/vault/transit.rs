//! The transit secrets engine: keys that the server uses and does not give away.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use zeroize::Zeroizing;

use super::VaultSource;
use super::api::{Call, Failure, Reply};
use super::error::Error;
use super::error_kind::Operation;
use super::path::ApiPath;
use super::wire::SecretText;
use crate::provider::key_service::{
    Algorithm, Family, KeyError, KeyFuture, KeyInfo, KeyService, Signature,
};
use crate::provider::{End, Source as _};
use crate::secret::Value;

/// The most data in bytes: the server accepts requests of 32 MiB, and base64 takes a third more.
const MAX_SIZE: usize = 24_000_000;

/// The keys of a transit engine.
#[derive(Debug)]
pub(super) struct Transit {
    pub(super) source: VaultSource,
    /// Where the engine is mounted.
    pub(super) mount: ApiPath,
}

#[derive(Deserialize)]
struct Key {
    #[serde(rename = "type")]
    kind: String,
    latest_version: u64,
    min_decryption_version: u64,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct Ciphertext {
    ciphertext: String,
}

#[derive(Deserialize)]
struct Plaintext {
    plaintext: SecretText,
}

#[derive(Deserialize)]
struct Signed {
    #[serde(alias = "hmac")]
    signature: String,
}

#[derive(Deserialize)]
struct Verified {
    valid: bool,
}

impl Transit {
    fn path(&self, parts: &[&str]) -> ApiPath {
        parts.iter().fold(self.mount.clone(), |path, part| path.with(part))
    }

    /// Sends a request about a key.
    async fn ask(
        &self,
        key: &str,
        parts: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Reply, KeyError> {
        let path = self.path(parts);
        let operation = Operation::UseKey;
        let call = Call { operation, path: &path, query, body, single_use: false };
        let reply = self.source.session.send(call).await;
        reply.map_err(|failure| self.error(key, &path, failure))
    }

    fn error(&self, key: &str, path: &ApiPath, failure: Failure) -> KeyError {
        let (name, path) = (key.to_owned(), path.to_string());
        let source = match failure {
            Failure::Failed(error) => return not_understood(key, error),
            Failure::Refused(source) if source.status() >= 500 => {
                let server = self.source.session.server();
                let error = Error::Refused { operation: Operation::UseKey, server, source };
                return KeyError::Other(error.into());
            }
            Failure::Refused(source) => source,
        };
        let says = |texts: &[&str]| texts.iter().any(|text| source.says(text));
        match source.status() {
            403 => KeyError::Denied { path, source },
            404 => KeyError::NoSuchKey { name, place: self.place() },
            _ if says(&["key not found"]) => KeyError::NoSuchKey { name, place: self.place() },
            _ if says(&["disallowed by policy"]) => KeyError::Disabled { name, source },
            _ if says(&["invalid ciphertext", "unable to decrypt", "authentication failed"]) => {
                KeyError::Ciphertext { name, source }
            }
            _ => KeyError::Rejected { name, source },
        }
    }

    fn place(&self) -> String {
        format!("`{}` at {}", self.mount, self.source.session.server())
    }

    /// What a key is; none if the policy does not permit to read it.
    async fn key(&self, name: &str) -> Result<Option<Key>, KeyError> {
        match self.ask(name, &["keys", name], &[], None).await {
            Ok(reply) => Ok(Some(reply.data().map_err(|error| not_understood(name, error))?)),
            Err(KeyError::Denied { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn encrypt(&self, name: &str, text: &Value, context: &[u8]) -> Result<String, KeyError> {
        // The server would create a key that does not exist, if the policy permits that.
        self.key(name).await?;
        let body = body("plaintext", text.expose(), associated(context));
        let reply = self.ask(name, &["encrypt", name], &[], Some(&body)).await?;
        let answer: Ciphertext = reply.data().map_err(|error| not_understood(name, error))?;
        Ok(answer.ciphertext)
    }

    async fn decrypt(&self, name: &str, text: &str, context: &[u8]) -> Result<Value, KeyError> {
        let mut fields = associated(context);
        fields["ciphertext"] = text.trim().into();
        let body = Value::from(fields.to_string());
        let reply = self.ask(name, &["decrypt", name], &[], Some(&body)).await?;
        let answer: Plaintext = reply.data().map_err(|error| not_understood(name, error))?;
        let plain = STANDARD.decode(answer.plaintext.0.expose());
        plain.map(Value::new).map_err(|_| KeyError::NotUnderstood { name: name.to_owned() })
    }

    async fn sign(
        &self,
        name: &str,
        algorithm: Option<Algorithm>,
        data: &Value,
    ) -> Result<Signature, KeyError> {
        let algorithm = match algorithm {
            Some(algorithm) => algorithm,
            None => self.usual_algorithm(name).await?,
        };
        let (operation, hash, fields) = parameters(algorithm, "sign");
        let body = body("input", data.expose(), fields);
        let reply = self.ask(name, &[operation, name, hash], &[], Some(&body)).await?;
        let answer: Signed = reply.data().map_err(|error| not_understood(name, error))?;
        let (version, bytes) = parse_signature(&answer.signature)
            .ok_or_else(|| KeyError::NotUnderstood { name: name.to_owned() })?;
        let service = self.scheme().to_owned();
        Ok(Signature { service, algorithm, key: name.to_owned(), version, bytes })
    }

    /// The algorithm that suits the type of a key.
    async fn usual_algorithm(&self, name: &str) -> Result<Algorithm, KeyError> {
        let key = self.key(name).await?.ok_or_else(|| KeyError::Unsupported {
            what: format!(
                "the type of the key `{name}` is not known, since the policy does not show it"
            ),
            hint: "pass --algorithm",
        })?;
        let (family, hash) = match key.kind.as_str() {
            "ecdsa-p256" => (Family::Ecdsa, 256),
            "ecdsa-p384" => (Family::Ecdsa, 384),
            "ecdsa-p521" => (Family::Ecdsa, 512),
            "ed25519" => (Family::Ed25519, 512),
            "rsa-2048" | "rsa-3072" | "rsa-4096" => (Family::RsaPss, 256),
            kind => {
                return Err(KeyError::Unsupported {
                    what: format!(
                        "a key of the type {kind}, such as `{name}`, makes no signatures"
                    ),
                    hint: "use `hushed kms hmac`, or another key",
                });
            }
        };
        Ok(Algorithm { family, hash })
    }

    async fn verify(&self, signature: &Signature, data: &Value) -> Result<bool, KeyError> {
        let name = signature.key.as_str();
        let (operation, hash, mut fields) = parameters(signature.algorithm, "verify");
        let text = format!("vault:v{}:{}", signature.version, STANDARD.encode(&signature.bytes));
        let is_hmac = operation == "hmac";
        fields[if is_hmac { "hmac" } else { "signature" }] = text.into();
        let body = body("input", data.expose(), fields);
        let reply = self.ask(name, &["verify", name, hash], &[], Some(&body)).await?;
        let answer: Verified = reply.data().map_err(|error| not_understood(name, error))?;
        Ok(answer.valid)
    }

    async fn list(&self) -> Result<Vec<KeyInfo>, KeyError> {
        let place = self.mount.to_string();
        let reply = match self.ask(&place, &["keys"], &[("list", "true")], None).await {
            // An engine without keys, or none at all; the server does not tell which.
            Err(KeyError::NoSuchKey { .. }) => return Ok(Vec::new()),
            reply => reply?,
        };
        let names: Keys = reply.data().map_err(|error| not_understood(&place, error))?;
        let mut keys = Vec::new();
        for name in names.keys {
            let key = self.key(&name).await?;
            let (version, oldest) =
                key.as_ref().map(|key| (key.latest_version, key.min_decryption_version)).unzip();
            keys.push(KeyInfo { name, kind: key.map(|key| key.kind), version, oldest });
        }
        Ok(keys)
    }
}

/// A body with data in base64, and other fields.
fn body(field: &str, data: &[u8], mut fields: Json) -> Value {
    let encoded = Zeroizing::new(STANDARD.encode(data));
    let others = fields.as_object_mut().map(std::mem::take).unwrap_or_default();
    let others = Json::Object(others).to_string();
    let others = others.trim_start_matches('{');
    let comma = if others == "}" { "" } else { "," };
    let mut text = String::with_capacity(encoded.len() + others.len() + 32);
    text.push_str("{\"");
    text.push_str(field);
    text.push_str("\":\"");
    text.push_str(&encoded);
    text.push('"');
    text.push_str(comma);
    text.push_str(others);
    Value::from(text)
}

/// The associated data of an encryption.
fn associated(context: &[u8]) -> Json {
    if context.is_empty() {
        json!({})
    } else {
        json!({ "associated_data": STANDARD.encode(context) })
    }
}

/// The operation, the hash in its path, and the fields for an algorithm.
fn parameters(algorithm: Algorithm, operation: &'static str) -> (&'static str, &'static str, Json) {
    let hash = match algorithm.hash {
        384 => "sha2-384",
        512 => "sha2-512",
        _ => "sha2-256",
    };
    match algorithm.family {
        Family::RsaPkcs1 => (operation, hash, json!({ "signature_algorithm": "pkcs1v15" })),
        Family::RsaPss => {
            (operation, hash, json!({ "signature_algorithm": "pss", "salt_length": "hash" }))
        }
        Family::Ecdsa => (operation, hash, json!({ "marshaling_algorithm": "asn1" })),
        Family::Ed25519 => (operation, hash, json!({})),
        Family::Hmac => ("hmac", hash, json!({})),
    }
}

/// Reads `vault:v3:BASE64`.
fn parse_signature(text: &str) -> Option<(u64, Vec<u8>)> {
    let (version, bytes) = text.strip_prefix("vault:v")?.split_once(':')?;
    Some((version.parse().ok()?, STANDARD.decode(bytes).ok()?))
}

/// The error for an answer that is not the server's. All others stay what they are.
fn not_understood(name: &str, error: Error) -> KeyError {
    match error {
        Error::NotVault { .. } | Error::InvalidBody { .. } => {
            KeyError::NotUnderstood { name: name.to_owned() }
        }
        error => KeyError::Other(error.into()),
    }
}

impl KeyService for Transit {
    fn scheme(&self) -> &'static str {
        "transit"
    }

    fn max_size(&self) -> usize {
        MAX_SIZE
    }

    fn encrypt<'a>(
        &'a self,
        key: &'a str,
        plaintext: &'a Value,
        context: &'a [u8],
    ) -> KeyFuture<'a, String> {
        Box::pin(async move { Ok(self.encrypt(key, plaintext, context).await?) })
    }

    fn decrypt<'a>(
        &'a self,
        key: &'a str,
        ciphertext: &'a str,
        context: &'a [u8],
    ) -> KeyFuture<'a, Value> {
        Box::pin(async move { Ok(self.decrypt(key, ciphertext, context).await?) })
    }

    fn sign<'a>(
        &'a self,
        key: &'a str,
        algorithm: Option<Algorithm>,
        data: &'a Value,
    ) -> KeyFuture<'a, Signature> {
        Box::pin(async move { Ok(self.sign(key, algorithm, data).await?) })
    }

    fn verify<'a>(&'a self, signature: &'a Signature, data: &'a Value) -> KeyFuture<'a, bool> {
        Box::pin(async move { Ok(self.verify(signature, data).await?) })
    }

    fn keys(&self) -> KeyFuture<'_, Vec<KeyInfo>> {
        Box::pin(async { Ok(self.list().await?) })
    }

    fn end(&self) -> End<'_> {
        self.source.end()
    }
}

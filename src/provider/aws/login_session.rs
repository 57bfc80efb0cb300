//! `aws login`: the credentials that AWS CLI v2 caches for fifteen minutes, and their refresh. A request for new
//! ones proves that the key of the session is at hand (`DPoP`, RFC 9449).

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

use super::credential_plan::LoginSession;
use super::endpoint::Service;
use super::error::Error;
use super::keys::Keys;
use super::login::Login;
use super::resolve::read_file;
use super::sigv4::hex;
use super::time;
use crate::http::{FieldValue, Request};
use crate::provider::SecretText;
use crate::provider::shape::Members;
use crate::seal::private_file;
use crate::secret::{SecretBuffer, Value};

/// How long before their end credentials are replaced.
const REFRESH_WINDOW: Duration = Duration::from_mins(5);

const OPERATION: &str = "CreateOAuth2Token";

/// The cache of the CLI. It has further members, which stay as they are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cache {
    access_token: CachedKeys,
    refresh_token: SecretText,
    client_id: String,
    dpop_key: SecretText,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CachedKeys {
    access_key_id: String,
    secret_access_key: SecretText,
    session_token: SecretText,
    account_id: Option<String>,
    expires_at: String,
}

/// The answer of the sign-in service.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: NewKeys,
    expires_in: u64,
    refresh_token: SecretText,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewKeys {
    access_key_id: String,
    secret_access_key: SecretText,
    session_token: SecretText,
}

/// The keys as the cache has them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenKeys<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    expires_at: &'a str,
}

/// The credentials of the session: the cached ones, or new ones if these are near their end.
pub(super) async fn keys(
    login: &Login<'_>,
    session: &LoginSession,
    region: &str,
) -> Result<Keys, Error> {
    let name = hex(digest(&SHA256, session.name.as_bytes()).as_ref());
    let path: PathBuf = session.directory.join(format!("{name}.json"));
    let content = read_file(&path)?.ok_or_else(|| failed(session, "nobody is logged in"))?;
    let bad = || failed(session, "its cache holds no login");
    let cache: Cache = serde_json::from_slice(content.expose()).map_err(|_| bad())?;
    let expires = time::parse(&cache.access_token.expires_at).ok_or_else(bad)?;
    let now = SystemTime::now();
    if expires <= now + REFRESH_WINDOW {
        if !login.disk_free {
            return refresh(login, session, region, &cache, (&path, &content)).await;
        }
        if expires <= now {
            return Err(Error::DiskFree { what: "the refresh of `aws login` writes its cache" });
        }
    }
    let found = cache.access_token;
    Ok(Keys {
        access_key: found.access_key_id,
        secret_key: found.secret_access_key.0,
        session_token: Some(found.session_token.0),
        expires: Some(expires),
    })
}

fn failed(session: &LoginSession, problem: &str) -> Error {
    Error::Provider {
        provider: format!("`aws login` (`{}`)", session.name),
        problem: problem.to_owned(),
        hint: "log in again: `aws login`, with the same profile".to_owned(),
    }
}

/// Asks for new credentials and writes them back, because the old refresh token is void from then on.
async fn refresh(
    login: &Login<'_>,
    session: &LoginSession,
    region: &str,
    cache: &Cache,
    (path, content): (&Path, &Value),
) -> Result<Keys, Error> {
    let mut url = login.resolved.endpoints.url(Service::SignIn, region)?;
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "token"]);
    }
    let key = DpopKey::parse(&cache.dpop_key.0);
    let key = key.ok_or_else(|| failed(session, "its cache holds no private key"))?;
    let body = json!({
        "clientId": cache.client_id,
        "refreshToken": cache.refresh_token.0.expose_str(),
        "grantType": "refresh_token",
    });
    let body = Value::new(body.to_string().into_bytes());
    let request = || {
        let proof = key.proof(&url, SystemTime::now());
        Ok(Request::post(&url, &body).with_field("dpop", FieldValue::Secret(proof)))
    };
    let response = match login.unsigned(Service::SignIn, OPERATION, request).await? {
        Ok(response) => response,
        Err(refusal) if refusal.status < 500 => {
            return Err(failed(session, &format!("the login cannot be extended: {refusal}")));
        }
        Err(refusal) => {
            return Err(Error::Refused { service: Service::SignIn, operation: OPERATION, refusal });
        }
    };
    let answer: Answer = serde_json::from_slice(&response.body).map_err(|_quotes_values| {
        Error::BadAnswer { service: Service::SignIn, operation: OPERATION }
    })?;
    let expires = SystemTime::now() + Duration::from_secs(answer.expires_in);
    if let Some(written) = updated(content, cache, &answer, expires) {
        private_file::write_atomically(path, written.as_bytes())
            .map_err(|error| Error::Unreadable { path: path.to_owned(), source: error.into() })?;
    }
    Ok(Keys {
        access_key: answer.access_token.access_key_id,
        secret_key: answer.access_token.secret_access_key.0,
        session_token: Some(answer.access_token.session_token.0),
        expires: Some(expires),
    })
}

/// The cache with new keys and a new refresh token; all other members stay as they are.
fn updated(
    content: &Value,
    cache: &Cache,
    answer: &Answer,
    expires: SystemTime,
) -> Option<SecretBuffer> {
    let new = &answer.access_token;
    let keys = Zeroizing::new(
        serde_json::to_vec(&WrittenKeys {
            access_key_id: &new.access_key_id,
            secret_access_key: new.secret_access_key.0.expose_str()?,
            session_token: new.session_token.0.expose_str()?,
            account_id: cache.access_token.account_id.as_deref(),
            expires_at: &time::extended(expires),
        })
        .ok()?,
    );
    let refresh_token =
        Zeroizing::new(serde_json::to_vec(answer.refresh_token.0.expose_str()?).ok()?);
    let members = serde_json::from_slice::<Members<'_>>(content.expose()).ok()?.0;
    let mut written = SecretBuffer::with_capacity(content.len() + keys.len());
    for (at, (name, raw)) in members.into_iter().enumerate() {
        written.push(if at == 0 { "{" } else { "," });
        written.push(serde_json::to_string(&name).ok()?);
        written.push(":");
        match name.as_str() {
            "accessToken" => written.push(&*keys),
            "refreshToken" => written.push(&*refresh_token),
            _ => written.push(raw.get()),
        }
    }
    written.push("}");
    Some(written)
}

/// The private key of a session.
struct DpopKey {
    pair: EcdsaKeyPair,
    /// The coordinates of the public key, one after the other.
    public: [u8; 64],
}

impl DpopKey {
    /// Reads a P-256 key in PEM: SEC1, or PKCS#8, which contains the same.
    fn parse(pem: &Value) -> Option<Self> {
        let lines = pem.expose_str()?.lines().filter(|line| !line.starts_with("-----"));
        let text = Zeroizing::new(lines.collect::<String>());
        let der = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
        // Version 1 and an octet string of 32 bytes; a bit string with an uncompressed point.
        let private = after(&der, &[0x02, 0x01, 0x01, 0x04, 0x20], 32)?;
        let point = after(&der, &[0x03, 0x42, 0x00], 65)?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(algorithm, private, point, &random);
        Some(Self { pair: pair.ok()?, public: point.get(1..)?.try_into().ok()? })
    }

    /// The proof for a POST request: a signed JWT.
    fn proof(&self, url: &Url, now: SystemTime) -> Value {
        let random = SystemRandom::new();
        let mut id = [0; 16];
        // Without randomness, the service refuses the second proof.
        random.fill(&mut id).ok();
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (x, y) = self.public.split_at(32);
        let head = json!({
            "typ": "dpop+jwt",
            "alg": "ES256",
            "jwk": { "kty": "EC", "x": encoded(x), "y": encoded(y), "crv": "P-256" },
        });
        let claims = json!({
            "htm": "POST",
            "htu": url.as_str(),
            "iat": time::unix_seconds(now),
            "jti": hex(&id),
        });
        let parts = [head, claims].map(|part| encoded(part.to_string().as_bytes()));
        let signed = parts.join(".");
        let signature = self.pair.sign(&random, signed.as_bytes());
        let signature = signature.map(|signature| encoded(signature.as_ref())).unwrap_or_default();
        Value::from(format!("{signed}.{signature}").as_str())
    }
}

/// The bytes that follow a marker.
fn after<'d>(der: &'d [u8], marker: &[u8], length: usize) -> Option<&'d [u8]> {
    let at = der.windows(marker.len()).position(|window| window == marker)? + marker.len();
    der.get(at..at + length)
}

/// A key as the CLI writes it, for tests.
#[cfg(test)]
pub(super) fn sec1_pem() -> String {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let pkcs8 = pair.serialize_der();
    let start = [0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20];
    let at = pkcs8.windows(start.len()).position(|window| window == start).unwrap();
    let text = STANDARD.encode(&pkcs8[at..]);
    format!("-----BEGIN EC PRIVATE KEY-----\n{text}\n-----END EC PRIVATE KEY-----\n")
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn a_proof_is_signed_with_the_key_of_the_session() {
        let key = DpopKey::parse(&Value::from(sec1_pem().as_str())).unwrap();
        let url = Url::parse("https://us-east-1.signin.aws.amazon.com/v1/token").unwrap();
        let proof = key.proof(&url, SystemTime::now());
        let (signed, signature) = proof.expose_str().unwrap().rsplit_once('.').unwrap();
        let mut point = vec![4];
        point.extend(key.public);
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        public.verify(signed.as_bytes(), &signature).unwrap();
        let (_, claims) = signed.split_once('.').unwrap();
        let claims: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        assert_eq!((&claims["htm"], &claims["htu"]), (&json!("POST"), &json!(url.as_str())));
        for pem in ["", "-----BEGIN EC PRIVATE KEY-----\nY2FuYXJ5\n-----END-----\n"] {
            assert!(DpopKey::parse(&Value::from(pem)).is_none());
        }
    }
}

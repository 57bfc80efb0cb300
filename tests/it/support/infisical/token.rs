//! Access tokens: made, read, renewed, used up.
//! Must not know routes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value, json};

use super::{
    Generation, World,
    answer::Refusal,
    identity::{Identity, Login, Token, admits},
    world::uuid,
};

/// Is who makes a request.
#[derive(Debug, Clone)]
pub enum Actor {
    /// An identity or user, by id.
    Identity(String),
    /// A service token, by id.
    Service(String),
}

const MALFORMED: &str = "The provided access token is malformed. Please use a valid token or generate a new one and \
     try again.";
const EXPIRED: &str = "Your token has expired. Please re-authenticate.";
const UNKNOWN: &str = "No identity access token found";

impl World {
    /// Makes an access token for the identity of this name, as a login would.
    pub fn mint(&mut self, name: &str, generation: Generation) -> String {
        let identity = self.identities.iter().find(|identity| identity.name == name).unwrap();
        let identity = identity.clone();
        let now = self.now();
        self.minted += 1;
        let id = uuid(&format!("token {}", self.minted));
        let token = Token { identity: identity.id.clone(), created: now, renewed: now, used: 0 };
        self.tokens.insert(id.clone(), token);
        self.sign(&identity, &id, generation)
    }

    fn sign(&self, identity: &Identity, token: &str, generation: Generation) -> String {
        let user = matches!(identity.login, Login::User);
        let life = match generation {
            Generation::V3Only => identity.max_ttl,
            Generation::V4B | Generation::V4C => identity.ttl,
        };
        let issued = self.now().as_secs();
        let mut claims = json!({
            "authTokenType": if user { "accessToken" } else { "identityAccessToken" },
            "identityId": identity.id,
            "identityAccessTokenId": token,
            // So that a leak of the token is seen, which is a secret as well.
            "identityName": "canary",
            "iat": issued,
        });
        if !life.is_zero() {
            claims["exp"] = json!(issued + life.as_secs());
        }
        let head = URL_SAFE_NO_PAD.encode(json!({"alg": "HS256", "typ": "JWT"}).to_string());
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let tag = hmac::sign(&key(), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// Finds out who sends an `Authorization` header, and counts the use.
    pub fn authenticate(&mut self, header: &str, address: &str) -> Result<Actor, Refusal> {
        // The server drops seven characters, whatever they are.
        let bearer = header.get(7..).unwrap_or_default();
        if bearer.starts_with("st.") {
            return self.service(bearer);
        }
        let (claims, id) = self.read(bearer)?;
        let token = self.tokens.get(&id).ok_or_else(|| Refusal::unauthorized(UNKNOWN))?.clone();
        let identity = claims["identityId"].as_str().unwrap_or_default();
        let identity = self.identities.iter().find(|found| found.id == identity).cloned();
        let identity = identity.ok_or_else(|| Refusal::unauthorized(UNKNOWN))?;
        if !admits(&identity.token_addresses, address) {
            return Err(elsewhere());
        }
        if !identity.ttl.is_zero() && token.renewed + identity.ttl <= self.now() {
            self.tokens.remove(&id);
            return Err(Refusal::unauthorized(
                "Failed to renew MI access token due to TTL expiration",
            ));
        }
        if identity.uses.is_some_and(|limit| token.used >= limit) {
            self.tokens.remove(&id);
            return Err(Refusal::unauthorized(
                "Unable to renew because access token number of uses limit reached",
            ));
        }
        self.tokens.entry(id).and_modify(|token| token.used += 1);
        Ok(Actor::Identity(identity.id))
    }

    fn service(&self, bearer: &str) -> Result<Actor, Refusal> {
        let mut parts = bearer.split('.').skip(1);
        let (id, secret) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let token = self.service_tokens.iter().find(|token| token.id == id);
        let token =
            token.ok_or_else(|| Refusal::new(404, "NotFound", "Service token not found"))?;
        if token.expired {
            return Err(Refusal::new(403, "ForbiddenError", "Service token has expired"));
        }
        if token.secret != secret {
            return Err(Refusal::unauthorized("Invalid service token"));
        }
        Ok(Actor::Service(token.id.clone()))
    }

    /// Reads a JWT: its claims, and the id of the token it stands for.
    fn read(&self, jwt: &str) -> Result<(Value, String), Refusal> {
        let (signed, tag) = jwt.rsplit_once('.').ok_or_else(|| Refusal::token(MALFORMED))?;
        let claims = signed.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let claims = claims.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let claims = claims.ok_or_else(|| Refusal::token(MALFORMED))?;
        let tag = URL_SAFE_NO_PAD.decode(tag).unwrap_or_default();
        if hmac::verify(&key(), signed.as_bytes(), &tag).is_err() {
            return Err(Refusal::token("invalid signature"));
        }
        if claims["exp"].as_u64().is_some_and(|exp| exp <= self.now().as_secs()) {
            return Err(Refusal::token(EXPIRED));
        }
        let id = claims["identityAccessTokenId"].as_str().unwrap_or_default().to_owned();
        Ok((claims, id))
    }

    /// Takes a token back.
    pub fn revoke(&mut self, jwt: &str) -> Result<(), Refusal> {
        let (_, id) = self.read(jwt)?;
        match self.tokens.remove(&id) {
            Some(_) => Ok(()),
            None => Err(Refusal::unauthorized(UNKNOWN)),
        }
    }

    /// Prolongs a token; gives the identity and the token from now on.
    pub fn renew(
        &mut self,
        jwt: &str,
        generation: Generation,
    ) -> Result<(Identity, String), Refusal> {
        let (claims, id) = self.read(jwt)?;
        if claims["authTokenType"] != "identityAccessToken" {
            return Err(Refusal::new(
                400,
                "BadRequest",
                "Only identity access tokens can be renewed",
            ));
        }
        let token = self.tokens.get(&id).ok_or_else(|| Refusal::unauthorized(UNKNOWN))?.clone();
        let identity = self.identities.iter().find(|found| found.id == token.identity).cloned();
        let identity = identity.ok_or_else(|| Refusal::unauthorized(UNKNOWN))?;
        let now = self.now();
        let end = token.created + identity.max_ttl;
        let over = match generation {
            Generation::V3Only => end <= now + identity.ttl,
            Generation::V4B | Generation::V4C => end <= now,
        };
        if over {
            self.tokens.remove(&id);
            return Err(Refusal::unauthorized(
                "Failed to renew MI access token past its Max TTL expiration",
            ));
        }
        self.tokens.entry(id.clone()).and_modify(|token| token.renewed = now);
        match generation {
            Generation::V3Only => Ok((identity, jwt.to_owned())),
            Generation::V4B | Generation::V4C => {
                let granted = identity.ttl.min(end.saturating_sub(now));
                let identity = Identity { ttl: granted, ..identity };
                let jwt = self.sign(&identity, &id, generation);
                Ok((identity, jwt))
            }
        }
    }
}

/// Refuses an address.
pub fn elsewhere() -> Refusal {
    Refusal::new(
        403,
        "ForbiddenError",
        "You are not allowed to access this resource from the current IP address",
    )
}

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, b"the key of a test server")
}

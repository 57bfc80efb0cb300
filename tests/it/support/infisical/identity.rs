//! Who logs in: identities, users, service tokens, and what each may read.
//! Must not know HTTP.

use std::{net::Ipv4Addr, time::Duration};

use wildmatch::WildMatch;

use super::world::uuid;

/// A machine identity, or a user.
#[derive(Debug, Clone)]
pub struct Identity {
    /// A UUID.
    pub id: String,
    /// The name, for tests.
    pub name: String,
    /// How it logs in.
    pub login: Login,
    /// How long a token lives without renewal.
    pub ttl: Duration,
    /// How long it lives with renewals.
    pub max_ttl: Duration,
    /// How many requests a token is good for.
    pub uses: Option<u32>,
    /// From where a token counts: addresses or `a.b.c.d/n`; empty means anywhere.
    pub token_addresses: Vec<String>,
    /// What it may read: a project is open to it if there is any grant for it.
    pub grants: Vec<Grant>,
}

/// How an identity logs in.
#[derive(Debug, Clone)]
pub enum Login {
    /// By client id and client secret.
    Universal(Universal),
    /// By a JWT of another issuer, at the route of the given name, such as `kubernetes-auth`.
    Jwt { route: String, jwt: String },
    /// By a directory's name and password.
    Ldap { username: String, password: String },
    /// By a signed request to AWS, which is believed if it is packed right.
    Aws,
    /// Not at all: an administrator mints its tokens.
    Token,
    /// As a person.
    User,
}

/// The state of a universal login.
#[derive(Debug, Clone)]
pub struct Universal {
    /// The public half.
    pub client_id: String,
    /// The secret halves.
    pub secrets: Vec<ClientSecret>,
    /// From where it counts; empty means anywhere.
    pub addresses: Vec<String>,
    /// Wrong attempts in a row.
    pub failures: u32,
    /// Until when nobody gets in, since 1970.
    pub locked_until: Duration,
}

/// A client secret.
#[derive(Debug, Clone)]
pub struct ClientSecret {
    /// The secret.
    pub value: String,
    /// How many logins are left.
    pub uses_left: Option<u32>,
    /// Whether its time is over.
    pub expired: bool,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// Lets read the secrets of some folders.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The project's slug.
    pub project: String,
    /// The environment's slug, with `*`.
    pub environment: String,
    /// The folder's path, with `*`; a final `/**` means the folder and all below.
    pub path: String,
}

/// A service token.
#[derive(Debug, Clone)]
pub struct ServiceToken {
    /// The second part of the token.
    pub id: String,
    /// The third.
    pub secret: String,
    /// The project's slug.
    pub project: String,
    /// Environments and paths, which may be globs.
    pub scopes: Vec<(String, String)>,
    /// Whether its time is over.
    pub expired: bool,
}

/// An access token in force.
#[derive(Debug, Clone)]
pub struct Token {
    /// Whose it is.
    pub identity: String,
    /// When it was made, since 1970.
    pub created: Duration,
    /// When it was made or last renewed.
    pub renewed: Duration,
    /// How often it was used.
    pub used: u32,
}

impl Identity {
    /// Makes an identity that may do nothing yet.
    pub fn new(name: &str, login: Login) -> Self {
        let month = Duration::from_hours(30 * 24);
        Self {
            id: uuid(&format!("identity {name}")),
            name: name.into(),
            login,
            ttl: month,
            max_ttl: month,
            uses: None,
            token_addresses: Vec::new(),
            grants: Vec::new(),
        }
    }

    /// Makes an identity that logs in with a client id and secret.
    pub fn universal(name: &str, client_id: &str, client_secret: &str) -> Self {
        let login = Universal {
            client_id: client_id.into(),
            secrets: vec![ClientSecret::new(client_secret)],
            addresses: Vec::new(),
            failures: 0,
            locked_until: Duration::ZERO,
        };
        Self::new(name, Login::Universal(login))
    }

    /// Makes an identity that logs in with a JWT at `kubernetes-auth`, `oidc-auth` and the like.
    pub fn jwt(name: &str, route: &str, jwt: &str) -> Self {
        Self::new(name, Login::Jwt { route: route.into(), jwt: jwt.into() })
    }

    /// Makes an identity that logs in with a directory's name and password.
    pub fn ldap(name: &str, username: &str, password: &str) -> Self {
        Self::new(name, Login::Ldap { username: username.into(), password: password.into() })
    }

    /// Lets it read folders of a project.
    pub fn reads(mut self, project: &str, environment: &str, path: &str) -> Self {
        let (environment, path) = (environment.into(), path.into());
        self.grants.push(Grant { project: project.into(), environment, path });
        self
    }

    /// Lets it read a project whole.
    pub fn reads_all(self, project: &str) -> Self {
        self.reads(project, "*", "/**")
    }

    /// Sets how long its tokens live.
    pub fn ttl(mut self, ttl: u64, max_ttl: u64) -> Self {
        self.ttl = Duration::from_secs(ttl);
        self.max_ttl = Duration::from_secs(max_ttl);
        self
    }

    /// Returns the state of its universal login, to change it.
    pub fn universal_mut(&mut self) -> &mut Universal {
        match &mut self.login {
            Login::Universal(login) => login,
            other => panic!("{other:?} is no universal login"),
        }
    }
}

impl ClientSecret {
    /// Makes one without limits.
    pub fn new(value: &str) -> Self {
        Self { value: value.into(), uses_left: None, expired: false, revoked: false }
    }
}

impl ServiceToken {
    /// Makes one for environments and paths of a project.
    pub fn new(project: &str, scopes: &[(&str, &str)]) -> Self {
        Self {
            id: uuid(&format!("service token {project} {scopes:?}")),
            secret: "canary0123456789abcdef".into(),
            project: project.into(),
            scopes: scopes.iter().map(|(env, path)| ((*env).into(), (*path).into())).collect(),
            expired: false,
        }
    }

    /// Returns what a user was given: four parts, of which three are sent.
    pub fn whole(&self) -> String {
        format!("st.{}.{}.canaryprojectkey", self.id, self.secret)
    }
}

/// Returns whether a path is under a glob.
pub fn covers(glob: &str, path: &str) -> bool {
    match glob.strip_suffix("/**") {
        Some(base) => {
            let below = |rest: &str| base.is_empty() || rest.is_empty() || rest.starts_with('/');
            path.strip_prefix(base).is_some_and(below)
        }
        None => WildMatch::new(glob).matches(path),
    }
}

/// Returns whether an address is among some rules; none at all permit every one.
pub fn admits(rules: &[String], address: &str) -> bool {
    rules.is_empty() || rules.iter().any(|rule| within(rule, address).unwrap_or(false))
}

fn within(rule: &str, address: &str) -> Option<bool> {
    let (net, bits) = rule.split_once('/').unwrap_or((rule, "32"));
    let (net, address) = (net.parse::<Ipv4Addr>().ok()?, address.parse::<Ipv4Addr>().ok()?);
    let shift = 32u32.checked_sub(bits.parse().ok()?)?;
    let head = |ip: Ipv4Addr| ip.to_bits().checked_shr(shift).unwrap_or(0);
    Some(head(net) == head(address))
}

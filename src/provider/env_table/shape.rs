//! The variables that one object gives: all its keys, or those that programs expect of a database, an API key or a TLS
//! certificate. Pure.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::secret::Value;

/// What may stand in any part of a URL (RFC 3986, section 2.3).
pub(super) const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Shape {
    /// Keys, each a variable.
    Keys,
    /// The connection to a database.
    Database,
    /// One key.
    ApiKey,
    /// A certificate with its key, as files.
    Tls,
}

/// An object has not what its shape needs. It holds names, no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError {
    wanted: &'static str,
    known: Vec<String>,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<_> =
            self.known.iter().map(|name| format!("`{}`", name.escape_debug())).collect();
        write!(f, "it has no key for {}; it has {}", self.wanted, known.join(", "))
    }
}

/// A field of a shape: its variable behind the prefix, and the keys that stores have for it, in lower case.
type Field = (&'static str, &'static [&'static str]);

const DATABASE: &[Field] = &[
    ("HOST", &["host", "hostname", "server", "endpoint", "address"]),
    ("PORT", &["port"]),
    ("USERNAME", &["username", "user", "login"]),
    ("PASSWORD", &["password", "pass", "pwd"]),
    ("NAME", &["dbname", "database", "db", "db_name", "dbinstance", "name"]),
    ("URL", &["url", "uri", "connection_string", "connectionstring", "dsn"]),
];
const ENGINE: &[&str] = &["engine", "scheme", "driver", "dialect", "type"];
const API_KEY: &[&str] = &["api_key", "api-key", "apikey", "key", "token", "secret", "value"];
const TLS: &[Field] = &[
    ("CERT", &["tls.crt", "certificate", "cert", "crt"]),
    ("KEY", &["tls.key", "private_key", "privatekey", "key"]),
    ("CA", &["ca.crt", "ca_chain", "issuing_ca", "ca", "chain"]),
];

#[cfg(feature = "external-secrets")]
impl Shape {
    /// The keys that stores have for an API key.
    pub(in crate::provider) const API_KEY_NAMES: &[&str] = API_KEY;

    /// The keys that stores have for the kind of a database.
    pub(in crate::provider) const ENGINE_NAMES: &[&str] = ENGINE;

    /// Its variables behind the prefix, each with the keys that stores have for it.
    pub(in crate::provider) fn fields(self) -> &'static [Field] {
        match self {
            Self::Keys | Self::ApiKey => &[],
            Self::Database => DATABASE,
            Self::Tls => TLS,
        }
    }

    /// Its name, as `shape` has it.
    pub(in crate::provider) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, shape)| *shape == self).map_or("keys", |(name, _)| name)
    }
}

impl Shape {
    /// The names of all shapes, as `shape` has them.
    pub(super) const NAMES: [(&'static str, Self); 3] =
        [("database", Self::Database), ("api-key", Self::ApiKey), ("tls", Self::Tls)];

    /// What the names of its variables begin with, unless `prefix` says something else.
    pub(super) fn default_prefix(self) -> &'static str {
        match self {
            Self::Keys => "",
            Self::Database => "DATABASE_",
            Self::ApiKey => "API_KEY",
            Self::Tls => "TLS_",
        }
    }

    /// The names behind the prefix that are delivered as files.
    pub(super) fn files(self) -> impl Iterator<Item = &'static str> {
        TLS.iter().filter(move |_| self == Self::Tls).map(|(name, _)| *name)
    }

    /// The variables of an object, whose names begin with a prefix.
    pub(super) fn variables(
        self,
        members: &[(String, Value)],
        prefix: &str,
    ) -> Result<Vec<(String, Value)>, ShapeError> {
        let error = |wanted| ShapeError {
            wanted,
            known: members.iter().map(|(name, _)| name.clone()).collect(),
        };
        let named = |fields: &[Field]| -> Vec<_> {
            let field =
                |(name, keys): &Field| Some((format!("{prefix}{name}"), find(members, keys)?));
            fields.iter().filter_map(field).collect()
        };
        match self {
            Self::Keys => Ok(members
                .iter()
                .map(|(key, value)| (format!("{prefix}{key}"), value.clone()))
                .collect()),
            Self::ApiKey => {
                let only = || match members {
                    [(_, value)] => Some(value.clone()),
                    _ => None,
                };
                let key = find(members, API_KEY).or_else(only).ok_or(error("an API key"))?;
                Ok(vec![(prefix.to_owned(), key)])
            }
            Self::Tls => {
                let found = named(TLS);
                if found.len() < 2
                    || find(members, TLS.get(1).map_or(&[], |field| field.1)).is_none()
                {
                    return Err(error("a certificate and its private key"));
                }
                Ok(found)
            }
            Self::Database => {
                let mut found = named(DATABASE);
                if !found.iter().any(|(name, _)| name.ends_with("URL")) {
                    let url = url(members).ok_or(error("a host or a URL"))?;
                    found.push((format!("{prefix}URL"), url));
                }
                Ok(found)
            }
        }
    }
}

/// The value of the first of these keys that an object has, whatever its case.
fn find(members: &[(String, Value)], keys: &[&str]) -> Option<Value> {
    let member = |key: &&str| members.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
    keys.iter().find_map(member).map(|(_, value)| value.clone())
}

/// The URL of a database, of its parts.
fn url(members: &[(String, Value)]) -> Option<Value> {
    let field = |at: usize| find(members, DATABASE.get(at)?.1);
    let text = |value: Option<Value>| value.as_ref().and_then(Value::expose_str).map(str::to_owned);
    let encoded = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let host = text(field(0))?;
    let host =
        if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host };
    let engine = text(find(members, ENGINE)).unwrap_or_default();
    let mut url = zeroize::Zeroizing::new(format!("{}://", scheme(&engine)));
    if let Some(user) = text(field(2)) {
        url.push_str(&encoded(&user));
        if let Some(password) = text(field(3)) {
            url.push(':');
            url.push_str(&encoded(&password));
        }
        url.push('@');
    }
    url.push_str(&host);
    if let Some(port) = text(field(1)) {
        url.push(':');
        url.push_str(&port);
    }
    if let Some(database) = text(field(4)) {
        url.push('/');
        url.push_str(&encoded(&database));
    }
    Some(Value::from(url.as_str()))
}

/// The scheme of a database's URL, from how a store names the engine.
fn scheme(engine: &str) -> String {
    let engine = engine.to_ascii_lowercase();
    match engine.trim_start_matches("aurora-") {
        "" | "postgres" | "postgresql" | "pgsql" | "pg" => "postgres".to_owned(),
        "mysql" | "aurora" | "mariadb" => "mysql".to_owned(),
        "mongo" | "mongodb" | "docdb" => "mongodb".to_owned(),
        other => other
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(pairs: &[(&str, &str)]) -> Vec<(String, Value)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
    }

    fn shown(shape: Shape, prefix: &str, pairs: &[(&str, &str)]) -> Vec<String> {
        let variables = shape.variables(&members(pairs), prefix).unwrap();
        let line =
            |(name, value): &(String, Value)| format!("{name}={}", value.expose_str().unwrap());
        variables.iter().map(line).collect()
    }

    #[test]
    fn a_database_has_its_parts_and_a_url() {
        let rds = [
            ("engine", "aurora-postgresql"),
            ("host", "db.example"),
            ("port", "5432"),
            ("username", "app user"),
            ("password", "p@ss/w:rd"),
            ("dbname", "shop"),
        ];
        assert_eq!(
            shown(Shape::Database, "DATABASE_", &rds),
            [
                "DATABASE_HOST=db.example",
                "DATABASE_PORT=5432",
                "DATABASE_USERNAME=app user",
                "DATABASE_PASSWORD=p@ss/w:rd",
                "DATABASE_NAME=shop",
                "DATABASE_URL=postgres://app%20user:p%40ss%2Fw%3Ard@db.example:5432/shop"
            ]
        );
        for (pairs, want) in [
            (vec![("Host", "::1"), ("type", "mysql")], "DB_URL=mysql://[::1]"),
            (vec![("url", "redis://canary"), ("host", "h")], "DB_URL=redis://canary"),
        ] {
            assert_eq!(shown(Shape::Database, "DB_", &pairs).last().unwrap(), want);
        }
        let error = Shape::Database.variables(&members(&[("password", "canary")]), "").unwrap_err();
        assert_eq!(error.to_string(), "it has no key for a host or a URL; it has `password`");
    }

    #[test]
    fn other_shapes_pick_their_keys() {
        assert_eq!(shown(Shape::ApiKey, "X", &[("id", "1"), ("Token", "canary")]), ["X=canary"]);
        assert_eq!(shown(Shape::ApiKey, "X", &[("other", "canary")]), ["X=canary"]);
        assert!(Shape::ApiKey.variables(&members(&[("a", "1"), ("b", "2")]), "X").is_err());
        let tls = [("tls.crt", "c"), ("tls.key", "canary"), ("extra", "e")];
        assert_eq!(shown(Shape::Tls, "TLS_", &tls), ["TLS_CERT=c", "TLS_KEY=canary"]);
        assert!(Shape::Tls.variables(&members(&[("tls.crt", "c"), ("ca.crt", "c")]), "").is_err());
        assert_eq!(shown(Shape::Keys, "PG", &[("USER", "u")]), ["PGUSER=u"]);
    }
}

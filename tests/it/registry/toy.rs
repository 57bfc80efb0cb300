//! A store that exists for the tests alone, as a whole in one file: a server that answers a line with a
//! token and a shelf by lines `NAME=VALUE`, or by `no`. What a new store needs can be read off it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
};

use hushed::{
    config::{
        CacheIdentity, CacheSettings, Credential, Error, Layers, RunSettings, TrustSubject,
        build_cache, credential,
        schema::{
            CACHE, CACHE_DIR, CACHE_KEY, CACHE_KEY_FILE, CACHE_PASSPHRASE, CredentialKey, Flag,
            SettingKey, SourceSchema, ValueKind,
        },
    },
    provider::{
        self, Check, Checks, Class, Configured, Fetch, ProviderError, Source, SourceInputs,
        StoreType,
    },
    secret::{Name, Provenance, Secret, SecretSet, Value},
};
use url::Url;

const NO_FLAG: Option<Flag> = None;

static ADDRESS: SettingKey = SettingKey {
    name: "address",
    kind: ValueKind::Text,
    flag: NO_FLAG,
    variables: &[],
    doc: "The address of the toy server.",
};
static SHELF: SettingKey = SettingKey {
    name: "shelf",
    kind: ValueKind::Text,
    flag: NO_FLAG,
    variables: &["TOY_SHELF"],
    doc: "The shelf to read.",
};
static TOKEN_FILE: SettingKey = SettingKey {
    name: "token-file",
    kind: ValueKind::Path,
    flag: NO_FLAG,
    variables: &[],
    doc: "A file that holds the token.",
};
static TOKEN: CredentialKey = CredentialKey {
    what: "token",
    direct: None,
    secret: true,
    file: &TOKEN_FILE,
    // The second one stands for an identity that other programs use too.
    variables: &["TOY_TOKEN", "AWS_TOY_TOKEN"],
    usual: None,
    systemd: "toy-token",
};

static SCHEMA: SourceSchema = SourceSchema {
    name: "toy",
    heading: "Toy",
    doc: "A toy server.",
    keys: &[&ADDRESS, &SHELF, &TOKEN_FILE, &CACHE, &CACHE_KEY, &CACHE_KEY_FILE, &CACHE_DIR],
    credentials: &[&TOKEN, &CACHE_PASSPHRASE],
};

#[derive(Debug)]
pub(crate) struct ToyType;

impl StoreType for ToyType {
    fn schema(&self) -> &'static SourceSchema {
        &SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let SourceInputs { name, layers, run, trust } = inputs;
        subject(layers)?.check(layers, trust)?;
        let missing = Error::Required { what: "toy token", hint: "set TOY_TOKEN" };
        Ok(Box::new(Toy {
            name: Arc::clone(name),
            address: subject(layers)?.server,
            shelf: layers.text(&SHELF)?.map_or_else(|| "main".to_owned(), |setting| setting.value),
            token: credential::find(&TOKEN, layers)?.ok_or(missing)?.take()?,
            cache: build_cache(layers, run, None, trust)?,
        }))
    }

    fn trust_subject(&self, layers: &Layers<'_>) -> Result<Option<TrustSubject>, Error> {
        subject(layers).map(Some)
    }
}

/// The server, which a project's file may choose only with the user's trust.
fn subject(layers: &Layers<'_>) -> Result<TrustSubject, Error> {
    let missing = Error::Required { what: "address", hint: "put `address` in hushed.toml" };
    let setting = layers.text(&ADDRESS)?.ok_or(missing)?;
    let server = Url::parse(&setting.value).map_err(|_| Error::Form {
        origin: setting.origin.clone(),
        what: "an address",
        value: setting.value.clone(),
    })?;
    let origin = setting.origin;
    Ok(TrustSubject { server, origin, key: &ADDRESS, cloud: &[], weakening: &[] })
}

#[derive(Clone, Debug)]
struct Toy {
    name: Arc<str>,
    address: Url,
    shelf: String,
    token: Credential,
    cache: Option<CacheSettings>,
}

impl Configured for Toy {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn endpoints(&self) -> Vec<&Url> {
        vec![&self.address]
    }

    fn secret_credentials(&self) -> Vec<&Value> {
        vec![&self.token.value]
    }

    fn cache(&self) -> Option<(&CacheSettings, CacheIdentity)> {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let identity = CacheIdentity {
            login: vec![text("toy"), text(self.address.as_str())],
            scope: vec![text(&self.shelf)],
            proof: self.token.value.clone(),
            logs_in: false,
        };
        Some((self.cache.as_ref()?, identity))
    }

    fn open(&self, _: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(self.clone()))
    }

    fn check<'a>(&'a self, _: &'a RunSettings) -> Checks<'a> {
        Box::pin(async {
            vec![match self.ask() {
                Ok(secrets) => Check::ok("reading", format!("{} secrets", secrets.len())),
                Err(error) => Check::failed("reading", &error, error.hint()),
            }]
        })
    }
}

impl Source for Toy {
    fn name(&self) -> &str {
        &self.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { Ok(self.ask()?) })
    }
}

impl Toy {
    fn ask(&self) -> Result<SecretSet, ToyError> {
        let place = self.address.socket_addrs(|| None).map_err(|_| ToyError::Away)?;
        let mut server = TcpStream::connect(&*place).map_err(|_| ToyError::Away)?;
        let token = &self.token.value;
        let question = format!("{} {}\n", token.expose_str().unwrap_or_default(), self.shelf);
        server.write_all(question.as_bytes()).map_err(|_| ToyError::Away)?;
        let mut answer = String::new();
        server.read_to_string(&mut answer).map_err(|_| ToyError::Away)?;
        if answer == "no" {
            return Err(ToyError::Denied);
        }
        let secret = |line: &str| {
            let (name, value) = line.split_once('=')?;
            let provenance = Provenance {
                source: Arc::clone(&self.name),
                place: self.shelf.as_str().into(),
                version: None,
                age: None,
            };
            Some(Secret { name: Name::new(name), value: Value::from(value), provenance })
        };
        Ok(answer.lines().filter_map(secret).collect())
    }
}

#[derive(Debug, thiserror::Error)]
enum ToyError {
    #[error("the toy server is away")]
    Away,
    #[error("the toy server does not accept the token")]
    Denied,
}

impl ProviderError for ToyError {
    fn class(&self) -> Class {
        match self {
            Self::Away => Class::Unreachable,
            Self::Denied => Class::Denied,
        }
    }

    fn hint(&self) -> Option<String> {
        Some("wind it up".to_owned())
    }
}

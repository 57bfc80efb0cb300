//! The Doppler store: the secrets of a config, read with one request each. An answer that the cache still has is not
//! sent again: the entity tag tells whether it has changed.

mod configure;
mod error;
pub mod schema;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::config::RunSettings;
use crate::provider::token_api::{Answer, Api};
use crate::provider::{
    self, Conditional, Fetch, Freshness, ObjectsRead, ReadObjects, Source, UnknownOption,
};
use crate::reference::{PropertyError, members};
use crate::secret::{
    Name, Object, ObjectAddress, ObjectContent, Provenance, Secret, SecretSet, Value,
};

pub use configure::DopplerType;

use configure::Doppler;
use error::Error;

/// A config of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Config {
    project: String,
    config: String,
}

/// What the server sent for one config.
#[derive(Debug)]
struct Download {
    config: Option<Config>,
    /// Where the secrets are, as users write it.
    place: String,
    secrets: Vec<(String, Value)>,
    /// What the server calls this state of the config.
    entity_tag: Option<String>,
    /// Whether the server said that the state is the one that was offered, and sent no secrets.
    is_unchanged: bool,
}

/// The names that tell which config it is. They come with the secrets, and are none.
const PROJECT: &str = "DOPPLER_PROJECT";
const CONFIG: &str = "DOPPLER_CONFIG";

/// The secrets of one config, and of others that references name.
#[derive(Debug)]
pub(super) struct DopplerSource {
    settings: Doppler,
    api: Api,
    downloads: RefCell<Vec<Rc<Download>>>,
    /// The states that the cache has: project, config and entity tag.
    offered: RefCell<Vec<[String; 3]>>,
}

impl DopplerSource {
    fn new(settings: Doppler, run: &RunSettings) -> Self {
        let api = Api::new(&settings.server, run);
        Self { settings, api, downloads: RefCell::default(), offered: RefCell::default() }
    }

    fn api(&self) -> &Api {
        &self.api
    }

    /// The secrets of a config, or of the configured one; each is read once.
    async fn secrets(&self, config: Option<Config>) -> Result<Rc<Download>, Error> {
        let config = config.or_else(|| self.settings.config.clone());
        let known = self.downloads.borrow().iter().find(|it| it.config == config).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let download = Rc::new(self.download(config).await?);
        self.downloads.borrow_mut().push(Rc::clone(&download));
        Ok(download)
    }

    async fn download(&self, config: Option<Config>) -> Result<Download, Error> {
        let mut query = vec![("format", "json"), ("include_dynamic_secrets", "true")];
        if let Some(Config { project, config }) = &config {
            query.extend([("project", project.as_str()), ("config", config.as_str())]);
        }
        let url = self.api.url(&["v3", "configs", "config", "secrets", "download"], &query);
        let offered = self.offered(config.as_ref());
        let what = || match &config {
            Some(Config { project, config }) => {
                format!("config `{config}` in the project `{project}`")
            }
            None => "config of the service token".to_owned(),
        };
        let response = match self.api.get(&url, offered.as_deref()).await? {
            Answer::Found(response) => response,
            Answer::Refused(refusal) if refusal.status == 400 && refusal.says("could not find") => {
                return Err(Error::NoConfig { what: what(), refusal });
            }
            Answer::Refused(refusal) => return Err(self.api.refused(refusal, &what()).into()),
            Answer::Unchanged => {
                let (place, secrets) = (what(), Vec::new());
                let (entity_tag, is_unchanged) = (offered, true);
                return Ok(Download { config, place, secrets, entity_tag, is_unchanged });
            }
        };
        let content = ObjectContent::Value(Value::from(response.body.as_slice()));
        let secrets = match members(&self.object(&ObjectAddress::default(), content)) {
            Ok(secrets) => secrets,
            Err(PropertyError::Null(name)) => return Err(Error::Restricted { name, what: what() }),
            Err(_) => return Err(self.api.foreign("something else than secrets").into()),
        };
        let named = |name: &str| {
            let found = secrets.iter().find(|(known, _)| known == name)?;
            found.1.expose_str().map(str::to_owned)
        };
        let place = match (named(PROJECT), named(CONFIG), &config) {
            (Some(project), Some(config), _) => format!("{project}/{config}"),
            (_, _, Some(Config { project, config })) => format!("{project}/{config}"),
            _ => what(),
        };
        let (entity_tag, is_unchanged) = (response.header("etag").map(str::to_owned), false);
        Ok(Download { config, place, secrets, entity_tag, is_unchanged })
    }

    /// The entity tag of the state that the cache has.
    fn offered(&self, config: Option<&Config>) -> Option<String> {
        let key = key(config);
        let offered = self.offered.borrow();
        let found =
            offered.iter().find(|[project, config, _]| [project, config] == [&key[0], &key[1]]);
        found.map(|[_, _, tag]| tag.clone())
    }

    async fn read(&self) -> Result<SecretSet, Error> {
        let found = self.secrets(None).await?;
        if found.secrets.is_empty() && !found.is_unchanged && !self.settings.allow_empty {
            return Err(Error::Empty { what: found.place.clone() });
        }
        let place: Arc<str> = found.place.as_str().into();
        let secret = |(name, value): &(String, Value)| Secret {
            name: Name::new(name),
            value: value.clone(),
            provenance: Provenance {
                source: Arc::clone(&self.settings.name),
                place: Arc::clone(&place),
                version: None,
                age: None,
            },
        };
        Ok(found.secrets.iter().map(secret).collect())
    }

    /// The object at an address: a secret of the config by its name, all of them, or those of another config.
    async fn read_object(&self, address: &ObjectAddress) -> Result<Option<Object>, Error> {
        let all = |found: &Download| {
            Some(self.object(address, ObjectContent::Members(found.secrets.clone())))
        };
        match address.path.split('/').collect::<Vec<_>>()[..] {
            [""] => Ok(all(&*self.secrets(None).await?)),
            [name] => {
                let found = self.secrets(None).await?;
                let value = found.secrets.iter().find(|(known, _)| known == name);
                let value = value.map(|(_, value)| ObjectContent::Value(value.clone()));
                Ok(value.map(|content| self.object(address, content)))
            }
            [project, config] if !project.is_empty() && !config.is_empty() => {
                let (project, config) = (project.to_owned(), config.to_owned());
                Ok(all(&*self.secrets(Some(Config { project, config })).await?))
            }
            _ => Err(Error::InvalidReference { path: address.path.clone() }),
        }
    }

    fn object(&self, address: &ObjectAddress, content: ObjectContent) -> Object {
        let source = Arc::clone(&self.settings.name);
        Object { source, address: address.clone(), content, version: None, age: None }
    }
}

/// What names a config among the offered states.
fn key(config: Option<&Config>) -> [String; 2] {
    config.map_or_else(Default::default, |it| [it.project.clone(), it.config.clone()])
}

impl Source for DopplerSource {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { self.read().await.map_err(provider::Error::from) })
    }

    fn as_read_objects(&self) -> Option<&dyn ReadObjects> {
        Some(self)
    }

    fn as_conditional(&self) -> Option<&dyn Conditional> {
        Some(self)
    }
}

impl ReadObjects for DopplerSource {
    fn read_objects<'a>(&'a self, addresses: &'a [ObjectAddress]) -> ObjectsRead<'a> {
        Box::pin(async move {
            for address in addresses {
                UnknownOption::check(address, &[])?;
            }
            // One config after the other, so that each is read once.
            let mut configs: Vec<&str> = addresses.iter().map(|it| it.path.as_str()).collect();
            configs.retain(|path| path.contains('/'));
            configs.sort_unstable();
            configs.dedup();
            if configs.len() < addresses.len() {
                self.secrets(None).await?;
            }
            let first = addresses.iter().filter(|it| configs.contains(&it.path.as_str()));
            let mut seen: Vec<&str> = Vec::new();
            let first = first.filter(|it| {
                let is_new = !seen.contains(&it.path.as_str());
                seen.push(&it.path);
                is_new
            });
            try_join_all(first.map(|address| self.read_object(address))).await?;
            let objects = addresses.iter().map(|address| self.read_object(address));
            Ok(try_join_all(objects).await?)
        })
    }
}

impl Conditional for DopplerSource {
    fn offer(&self, validator: Option<&str>) {
        let parsed = validator.and_then(|text| serde_json::from_str(text).ok());
        *self.offered.borrow_mut() = parsed.unwrap_or_default();
        self.downloads.borrow_mut().retain(|download| !download.is_unchanged);
    }

    fn freshness(&self) -> Freshness {
        let downloads = self.downloads.borrow();
        let unchanged = downloads.iter().filter(|download| download.is_unchanged).count();
        match unchanged {
            0 => Freshness::Changed,
            count if count == downloads.len() => Freshness::Unchanged,
            _ => Freshness::Mixed,
        }
    }

    fn validator(&self) -> Option<String> {
        let downloads = self.downloads.borrow();
        let state = |download: &Rc<Download>| {
            let [project, config] = key(download.config.as_ref());
            Some([project, config, download.entity_tag.clone()?])
        };
        let states: Vec<_> = downloads.iter().filter_map(state).collect();
        serde_json::to_string(&states).ok().filter(|_| !states.is_empty())
    }
}

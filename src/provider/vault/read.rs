//! Reads secrets: finds out which secrets engine is at a path, requests it in that engine's way, and says what a
//! rejection means.

use std::cell::RefCell;

use super::api::{Call, Failure, Reply};
use super::error::Error;
use super::error_kind::Operation;
use super::error_response::{ErrorResponse, ResponseKind};
use super::path::ApiPath;
use super::session::Session;
use super::settings::{EngineSetting, Vault};
use super::wire::{Envelope, Keys, Kv2, Members, Mount, member_value};
use crate::provider::Revision;
use crate::secret::Value;

/// A secret: its members, in the order of the server.
#[derive(Debug)]
pub(super) struct Found {
    /// Each with its value; `None` for null.
    pub(super) members: Vec<(String, Option<Value>)>,
    /// Its version, if it is in a KV 2 engine.
    pub(super) version: Option<u64>,
    /// Its path in the API.
    pub(super) place: ApiPath,
}

/// A KV secret as it is, to be written anew.
#[derive(Debug)]
pub(super) struct Current {
    /// Its path in the API.
    pub(super) place: ApiPath,
    /// The mount of its engine, if that is KV 2.
    pub(super) mount: Option<ApiPath>,
    /// Its keys with their JSON; none if it does not exist or is deleted.
    pub(super) members: Vec<(String, Value)>,
    /// Its newest version, deleted or not; 0 if there is none.
    pub(super) version: u64,
}

impl Current {
    /// Its state. KV 1 has no versions, so the content stands for it.
    pub(super) fn revision(&self) -> Revision {
        if self.mount.is_some() {
            return Revision(format!("version {}", self.version));
        }
        let parts = self.members.iter().flat_map(|(key, json)| [key.as_bytes(), json.expose()]);
        Revision::of_content(parts)
    }
}

/// How a path is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Engine {
    Kv1,
    Kv2(ApiPath),
    /// A path of the API, which is likely one of a KV 2 engine with this mount.
    AsGiven(ApiPath),
    /// Of another kind: a request may create something.
    Other,
}

/// Reads the secrets of a source.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    session: &'a Session,
    settings: &'a Vault,
    /// The mounts that are known already.
    mounts: RefCell<Vec<(ApiPath, Engine)>>,
}

/// Whether one request is enough to read the secrets of a source.
pub(super) fn needs_one_request(settings: &Vault) -> bool {
    match settings.paths.as_slice() {
        [path] => settings.engine != EngineSetting::Auto || path.before_data().is_some(),
        _ => false,
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(session: &'a Session, settings: &'a Vault) -> Self {
        Self { session, settings, mounts: RefCell::default() }
    }

    /// Reads the secret at a path; relative to `mount`, if that is set.
    pub(super) async fn read(&self, path: &ApiPath, version: Option<u64>) -> Result<Found, Error> {
        let path = self.full(path);
        let engine = self.engine(&path).await?;
        match self.request(&path, &engine, version).await {
            // A folder named `data` in a KV 2 engine.
            Err(Error::WrongEngine { .. }) if matches!(engine, Engine::AsGiven(_)) => {
                let engine = self.ask_for_engine(&path).await?;
                self.request(&path, &engine, version).await
            }
            result => result,
        }
    }

    /// Reads a KV secret to write it anew.
    pub(super) async fn current(&self, path: &ApiPath) -> Result<Current, Error> {
        let path = self.full(path);
        // A path that looks like one of KV 2 is no reason to write to it as such.
        let engine = match self.settings.engine {
            EngineSetting::Auto => self.ask_for_engine(&path).await?,
            _ => self.engine(&path).await?,
        };
        let (place, mount) = match &engine {
            Engine::Kv2(mount) if path.strip_prefix(mount).is_none_or(<[_]>::is_empty) => {
                return Err(self.folder(&path, mount).await);
            }
            Engine::Kv2(mount) => (path.in_kv2(mount, "data"), Some(mount.clone())),
            Engine::Kv1 => (path, None),
            Engine::AsGiven(_) | Engine::Other => {
                return Err(Error::NotKv { path: path.to_string() });
            }
        };
        let operation = Operation::Read;
        let call = Call { operation, path: &place, query: &[], body: None, single_use: false };
        let none = Vec::new();
        let (members, version) = match self.session.send(call).await {
            Ok(reply) if mount.is_some() => {
                let kv2: Kv2<'_> = reply.data()?;
                (json_members(kv2.data), kv2.metadata.version)
            }
            Ok(reply) => (json_members(reply.data()?), 0),
            Err(Failure::Failed(error)) => return Err(error),
            Err(Failure::Refused(source)) => match source.kind().clone() {
                ResponseKind::Missing => (none, 0),
                ResponseKind::Deleted { version: Some(version), .. }
                | ResponseKind::Destroyed { version: Some(version) } => (none, version),
                _ => return Err(self.rejected(place, &engine, None, source).await),
            },
        };
        Ok(Current { place, mount, members, version })
    }

    /// Finds out the secrets engines of several paths, so that each mount is asked for once.
    pub(super) async fn prepare(&self, paths: &[ApiPath]) -> Result<(), Error> {
        if paths.len() > 1 {
            for path in paths {
                self.engine(&self.full(path)).await?;
            }
        }
        Ok(())
    }

    fn full(&self, path: &ApiPath) -> ApiPath {
        self.settings.mount.as_ref().map_or_else(|| path.clone(), |mount| path.below(mount))
    }

    async fn engine(&self, path: &ApiPath) -> Result<Engine, Error> {
        if !self.settings.parameters.is_empty() {
            return Ok(Engine::Other);
        }
        let mount = || self.settings.mount.clone();
        match self.settings.engine {
            EngineSetting::Kv1 => Ok(Engine::Kv1),
            EngineSetting::Kv2 => {
                let mount = mount().or_else(|| path.before_data());
                Ok(Engine::Kv2(mount.unwrap_or_else(|| path.first())))
            }
            EngineSetting::Other => Ok(Engine::Other),
            EngineSetting::Auto => match path.before_data() {
                Some(found) if mount().is_none_or(|mount| mount == found) => {
                    Ok(Engine::AsGiven(found))
                }
                _ => self.ask_for_engine(path).await,
            },
        }
    }

    /// The engine of a mount that was asked for before.
    fn known_engine(&self, path: &ApiPath) -> Option<Engine> {
        let known = self.mounts.borrow();
        let found = known.iter().find(|(mount, _)| path.strip_prefix(mount).is_some());
        found.map(|(_, engine)| engine.clone())
    }

    /// Asks the server which secrets engine is at a path. Without the right to know, KV 2 is likely.
    async fn ask_for_engine(&self, path: &ApiPath) -> Result<Engine, Error> {
        if let Some(engine) = self.known_engine(path) {
            return Ok(engine);
        }
        let asked = path.below(&ApiPath::of(&["sys", "internal", "ui", "mounts"]));
        let operation = Operation::Lookup;
        let call = Call { operation, path: &asked, query: &[], body: None, single_use: false };
        let reply = match self.session.send(call).await {
            Ok(reply) => reply,
            Err(Failure::Refused(source)) => match source.kind() {
                ResponseKind::NoNamespace => return Err(self.no_namespace(source)),
                ResponseKind::NoMountVisible
                | ResponseKind::Forbidden
                | ResponseKind::Missing
                | ResponseKind::NoMount => {
                    let mount = self.settings.mount.clone().unwrap_or_else(|| path.first());
                    return Ok(self.remember(mount.clone(), Engine::Kv2(mount)));
                }
                _ => return Err(self.refused(operation, source)),
            },
            Err(Failure::Failed(error)) => return Err(error),
        };
        let found: Mount = reply.data()?;
        let Ok(mount) = ApiPath::parse(&found.path) else { return Ok(Engine::Other) };
        let engine = match (found.kind.as_str(), found.version()) {
            ("kv" | "generic", "2") => Engine::Kv2(mount.clone()),
            ("kv" | "generic" | "cubbyhole", _) => Engine::Kv1,
            _ => Engine::Other,
        };
        Ok(self.remember(mount, engine))
    }

    fn remember(&self, mount: ApiPath, engine: Engine) -> Engine {
        self.mounts.borrow_mut().push((mount, engine.clone()));
        engine
    }

    async fn request(
        &self,
        path: &ApiPath,
        engine: &Engine,
        version: Option<u64>,
    ) -> Result<Found, Error> {
        let place = match engine {
            Engine::Kv2(mount) if path.strip_prefix(mount).is_none_or(<[_]>::is_empty) => {
                return Err(self.folder(path, mount).await);
            }
            Engine::Kv2(mount) => path.in_kv2(mount, "data"),
            Engine::Kv1 | Engine::AsGiven(_) | Engine::Other => path.clone(),
        };
        let number = version.map(|version| version.to_string());
        let query: Vec<_> = number.iter().map(|number| ("version", number.as_str())).collect();
        let body = (!self.settings.parameters.is_empty()).then(|| {
            let fields = self.settings.parameters.iter();
            let fields: Vec<_> =
                fields.map(|(name, value)| (name.as_str(), Value::from(value.as_str()))).collect();
            super::login::body(&fields)
        });
        let call = Call {
            operation: Operation::Read,
            path: &place,
            query: &query,
            body: body.as_ref(),
            single_use: *engine == Engine::Other,
        };
        match self.session.send(call).await {
            Ok(reply) => {
                self.session.hold_lease(&reply, &place).await?;
                found(&reply, place, engine, version)
            }
            Err(Failure::Failed(error)) => Err(error),
            Err(Failure::Refused(source)) => {
                Err(self.rejected(place, engine, version, source).await)
            }
        }
    }

    /// Says what it means that the server does not give a secret.
    async fn rejected(
        &self,
        place: ApiPath,
        engine: &Engine,
        version: Option<u64>,
        source: Box<ErrorResponse>,
    ) -> Error {
        let path = place.to_string();
        match source.kind().clone() {
            ResponseKind::Forbidden => Error::Forbidden { path, source },
            ResponseKind::NoNamespace => self.no_namespace(source),
            ResponseKind::NoMount => {
                Error::NoMount { path, namespace: self.session.namespace().map(Into::into), source }
            }
            ResponseKind::Deleted { version, time } => Error::Deleted { path, version, time },
            ResponseKind::Destroyed { version } => Error::Destroyed { path, version },
            ResponseKind::WrongEngine => Error::WrongEngine { path, source },
            ResponseKind::Missing => self.missing(place, engine, version).await,
            _ => self.refused(Operation::Read, source),
        }
    }

    fn no_namespace(&self, source: Box<ErrorResponse>) -> Error {
        let namespace = self.session.namespace().unwrap_or_default().to_owned();
        Error::NoNamespace { namespace, source }
    }

    fn refused(&self, operation: Operation, source: Box<ErrorResponse>) -> Error {
        Error::Refused { operation, server: self.session.server(), source }
    }

    /// Explains that there is no secret: the path is a folder, or the names beside it tell the right one.
    async fn missing(&self, place: ApiPath, engine: &Engine, version: Option<u64>) -> Error {
        let path = place.to_string();
        let listed = |place: &ApiPath| match engine {
            Engine::Kv2(mount) | Engine::AsGiven(mount) => place.in_kv2(mount, "metadata"),
            Engine::Kv1 | Engine::Other => place.clone(),
        };
        if *engine == Engine::Other || version.is_some() {
            return Error::Missing { path, version, siblings: Vec::new() };
        }
        let as_folder = listed(&place);
        if let Some(keys) = self.list(&as_folder).await {
            return Error::Folder { path, keys };
        }
        let siblings = match as_folder.parent() {
            Some((parent, _)) => self.list(&parent).await.unwrap_or_default(),
            None => Vec::new(),
        };
        Error::Missing { path, version, siblings }
    }

    async fn folder(&self, path: &ApiPath, mount: &ApiPath) -> Error {
        let keys = self.list(&mount.in_kv2(mount, "metadata")).await.unwrap_or_default();
        Error::Folder { path: path.to_string(), keys }
    }

    /// The names in a folder, if there are any and the token may list them.
    async fn list(&self, path: &ApiPath) -> Option<Vec<String>> {
        let (operation, query) = (Operation::Lookup, [("list", "true")]);
        let call = Call { operation, path, query: &query, body: None, single_use: false };
        let reply = self.session.send(call).await.ok()?;
        Some(reply.data::<Keys>().ok()?.keys)
    }
}

fn json_members(members: Members<'_>) -> Vec<(String, Value)> {
    members.0.into_iter().map(|(key, raw)| (key, Value::from(raw.get()))).collect()
}

/// Takes the members from a response.
fn found(
    reply: &Reply,
    place: ApiPath,
    engine: &Engine,
    version: Option<u64>,
) -> Result<Found, Error> {
    let envelope: Envelope<'_> = reply.parse()?;
    let kv2: Option<Kv2<'_>> = match engine {
        Engine::Kv2(_) => Some(reply.parse_part(envelope.data)?),
        Engine::AsGiven(_) => reply.parse_part(envelope.data).ok(),
        Engine::Kv1 | Engine::Other => None,
    };
    let (members, found_version) = match kv2 {
        Some(kv2) => (kv2.data, Some(kv2.metadata.version)),
        None if version.is_some() => return Err(Error::NoVersions { path: place.to_string() }),
        None => (reply.parse_part::<Members<'_>>(envelope.data)?, None),
    };
    let members = members.0.into_iter().map(|(name, raw)| (name, member_value(raw))).collect();
    Ok(Found { members, version: found_version, place })
}

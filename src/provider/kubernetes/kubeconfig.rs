//! kubeconfig files: their entries, with the types that Kubernetes gives them, and how several files are
//! merged. Nothing is chosen or sent here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::access_error::{AccessError, Field};
use super::yaml::Node;
use crate::seal::private_file;
use crate::secret::Value;

/// The largest kubeconfig that is read, in bytes.
const SIZE_LIMIT: u64 = 16 << 20;

/// Standard base64 as Go decodes it: padded, and stray low bits do no harm.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true),
);

/// The merged content of kubeconfig files.
#[derive(Debug, Default)]
pub(super) struct Kubeconfig {
    pub(super) current_context: String,
    pub(super) clusters: Vec<(String, Cluster)>,
    pub(super) users: Vec<(String, User)>,
    pub(super) contexts: Vec<(String, ContextEntry)>,
}

/// An API server and the way to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Cluster {
    pub(super) server: String,
    pub(super) tls_server_name: String,
    pub(super) insecure: bool,
    pub(super) authority_file: Option<PathBuf>,
    pub(super) authority: Option<Value>,
    pub(super) proxy_url: Option<Value>,
    /// What the cluster tells its credential plugin.
    pub(super) plugin_config: Option<Node>,
}

/// Who logs in.
#[derive(Clone, Debug, Default)]
pub(super) struct User {
    pub(super) certificate_file: Option<PathBuf>,
    pub(super) certificate: Option<Value>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) key: Option<Value>,
    pub(super) token: Option<Value>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) username: String,
    pub(super) password: Option<Value>,
    pub(super) impersonation: Impersonation,
    pub(super) has_auth_provider: bool,
    pub(super) exec: Option<ExecEntry>,
}

/// The identity that the server shall act as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Impersonation {
    pub(super) user: String,
    pub(super) uid: String,
    pub(super) groups: Vec<String>,
    pub(super) extra: Vec<(String, Vec<String>)>,
}

/// A credential plugin.
#[derive(Clone, Debug, Default)]
pub(super) struct ExecEntry {
    pub(super) command: String,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, Value)>,
    pub(super) api_version: String,
    pub(super) install_hint: String,
    pub(super) provides_cluster: bool,
    pub(super) interactive_mode: String,
}

/// A cluster, a user and a namespace.
#[derive(Clone, Debug, Default)]
pub(super) struct ContextEntry {
    pub(super) cluster: String,
    pub(super) user: String,
    pub(super) namespace: String,
}

impl Kubeconfig {
    /// Reads a file. A missing one has no content, unless it `must_exist`.
    pub(super) fn read(
        path: &Path,
        must_exist: bool,
        patience: Duration,
    ) -> Result<Self, AccessError> {
        match private_file::read_within(path, SIZE_LIMIT, || patience) {
            Ok(content) => Self::parse(content.bytes.expose(), path),
            Err(private_file::Error::Missing { .. }) if !must_exist => Ok(Self::default()),
            Err(error) => Err(AccessError::unreadable("kubeconfig", path, error)),
        }
    }

    /// Reads the content of a file at this path.
    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self, AccessError> {
        let file = path.to_owned();
        let node = Node::parse(bytes)
            .map_err(|source| AccessError::InvalidYaml { file: file.clone(), source })?;
        let directory = path.parent().unwrap_or(Path::new(""));
        let read = || {
            let root = Entry { node: &node, place: String::new(), directory };
            root.mapping()?;
            let kind = root.text("kind")?;
            let version = root.text("apiVersion")?;
            if !matches!(kind.as_str(), "" | "Config") || !matches!(version.as_str(), "" | "v1") {
                return Err(Field::new(
                    "",
                    "a kubeconfig (kind Config, apiVersion v1)",
                    "another kind",
                ));
            }
            root.ignored("preferences")?;
            Ok(Self {
                current_context: root.text("current-context")?,
                clusters: root.named("clusters", "cluster", Cluster::read)?,
                users: root.named("users", "user", User::read)?,
                contexts: root.named("contexts", "context", ContextEntry::read)?,
            })
        };
        read().map_err(|field| AccessError::InvalidField { file, field })
    }

    /// Adds what another file has and this one has not: entries are taken whole.
    pub(super) fn merge(&mut self, other: Self) {
        if self.current_context.is_empty() {
            self.current_context = other.current_context;
        }
        add_missing(&mut self.clusters, other.clusters);
        add_missing(&mut self.users, other.users);
        add_missing(&mut self.contexts, other.contexts);
    }
}

fn add_missing<T>(to: &mut Vec<(String, T)>, from: Vec<(String, T)>) {
    for (name, entry) in from {
        if !to.iter().any(|(known, _)| *known == name) {
            to.push((name, entry));
        }
    }
}

/// The entry of this name.
pub(super) fn find<'e, T>(entries: &'e [(String, T)], name: &str) -> Option<&'e T> {
    entries.iter().find(|(known, _)| known == name).map(|(_, entry)| entry)
}

/// A node of a file with its place, and the directory that relative paths start at.
struct Entry<'n> {
    node: &'n Node,
    place: String,
    directory: &'n Path,
}

impl<'n> Entry<'n> {
    fn below(&self, key: &str, node: &'n Node) -> Self {
        Entry { node, place: self.at(key), directory: self.directory }
    }

    fn at(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }

    fn wrong(&self, key: &str, wanted: &'static str, node: &Node) -> Field {
        Field::new(&self.at(key), wanted, node.kind())
    }

    fn mapping(&self) -> Result<(), Field> {
        match self.node {
            Node::Map(_) | Node::Null => Ok(()),
            other => Err(Field::new(&self.place, "a mapping", other.kind())),
        }
    }

    /// A secret or a long text; none if it is empty.
    fn secret(&self, key: &str) -> Result<Option<Value>, Field> {
        match self.node.get(key) {
            None => Ok(None),
            Some(Node::Text(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(other) => Err(self.wrong(key, "a string", other)),
        }
    }

    fn text(&self, key: &str) -> Result<String, Field> {
        let text = self.secret(key)?;
        Ok(text.as_ref().and_then(Value::expose_str).unwrap_or_default().to_owned())
    }

    fn switch(&self, key: &str) -> Result<bool, Field> {
        match self.node.get(key) {
            None => Ok(false),
            Some(Node::Bool(switch)) => Ok(*switch),
            Some(other) => Err(self.wrong(key, "a boolean", other)),
        }
    }

    /// Bytes in base64. Go ignores line breaks in it.
    fn bytes(&self, key: &str) -> Result<Option<Value>, Field> {
        let Some(text) = self.secret(key)? else { return Ok(None) };
        let broken = text.expose().iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n'));
        let joined: Zeroizing<Vec<u8>> = Zeroizing::new(broken.collect());
        let decoded = BASE64.decode(&*joined);
        let decoded = decoded.map_err(|_| Field::new(&self.at(key), "base64", "something else"))?;
        Ok(Some(Value::new(decoded)).filter(|bytes| !bytes.is_empty()))
    }

    /// A path; a relative one starts at the file's directory.
    fn path(&self, key: &str) -> Result<Option<PathBuf>, Field> {
        let text = self.text(key)?;
        Ok((!text.is_empty()).then(|| self.directory.join(text).components().collect()))
    }

    fn list(&self, key: &str) -> Result<&'n [Node], Field> {
        match self.node.get(key) {
            None => Ok(&[]),
            Some(Node::List(items)) => Ok(items),
            Some(other) => Err(self.wrong(key, "a list", other)),
        }
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, Field> {
        let text = |node: &Node| match node {
            Node::Text(text) => Ok(text.expose_str().unwrap_or_default().to_owned()),
            Node::Null => Ok(String::new()),
            other => Err(self.wrong(key, "a list of strings", other)),
        };
        self.list(key)?.iter().map(text).collect()
    }

    /// Something that hushed has no use for; it must be a mapping all the same.
    fn ignored(&self, key: &str) -> Result<bool, Field> {
        match self.node.get(key) {
            None => Ok(false),
            Some(node) => self.below(key, node).mapping().map(|()| true),
        }
    }

    /// A list of `{name, KEY: entry}`, with each name once.
    fn named<T: Default>(
        &self,
        list: &str,
        key: &str,
        read: impl Fn(&Entry<'n>) -> Result<T, Field>,
    ) -> Result<Vec<(String, T)>, Field> {
        let mut entries: Vec<(String, T)> = Vec::new();
        for (at, node) in self.list(list)?.iter().enumerate() {
            let item = self.below(&format!("{list}[{at}]"), node);
            item.mapping()?;
            let name = item.text("name")?;
            if entries.iter().any(|(known, _)| *known == name) {
                return Err(Field::new(&item.at("name"), "unique", "that of an entry before"));
            }
            let entry = match node.get(key) {
                None => T::default(),
                Some(node) => {
                    let entry = item.below(key, node);
                    entry.mapping()?;
                    read(&entry)?
                }
            };
            entries.push((name, entry));
        }
        Ok(entries)
    }
}

impl Cluster {
    fn read(entry: &Entry<'_>) -> Result<Self, Field> {
        let extensions = entry.list("extensions")?;
        let is_for_plugin = |node: &&Node| match node.get("name") {
            Some(Node::Text(name)) => name.expose() == b"client.authentication.k8s.io/exec",
            _ => false,
        };
        let plugin_config = extensions.iter().find(is_for_plugin);
        entry.switch("disable-compression")?;
        Ok(Self {
            server: entry.text("server")?,
            tls_server_name: entry.text("tls-server-name")?,
            insecure: entry.switch("insecure-skip-tls-verify")?,
            authority_file: entry.path("certificate-authority")?,
            authority: entry.bytes("certificate-authority-data")?,
            proxy_url: entry.secret("proxy-url")?,
            plugin_config: plugin_config.and_then(|node| node.get("extension")).cloned(),
        })
    }
}

impl User {
    fn read(entry: &Entry<'_>) -> Result<Self, Field> {
        let exec = match entry.node.get("exec") {
            None => None,
            Some(node) => {
                let entry = entry.below("exec", node);
                entry.mapping()?;
                Some(ExecEntry::read(&entry)?)
            }
        };
        Ok(Self {
            certificate_file: entry.path("client-certificate")?,
            certificate: entry.bytes("client-certificate-data")?,
            key_file: entry.path("client-key")?,
            key: entry.bytes("client-key-data")?,
            token: entry.secret("token")?,
            token_file: entry.path("tokenFile")?,
            username: entry.text("username")?,
            password: entry.secret("password")?,
            impersonation: Impersonation::read(entry)?,
            has_auth_provider: entry.ignored("auth-provider")?,
            exec,
        })
    }
}

impl Impersonation {
    /// All of its fields, with a line break after each list.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        let extra = self.extra.iter().flat_map(|(name, values)| {
            std::iter::once(name.as_str()).chain(values.iter().map(String::as_str)).chain(["\n"])
        });
        let groups = self.groups.iter().map(String::as_str).chain(["\n"]);
        [self.user.as_str(), &self.uid].into_iter().chain(groups).chain(extra)
    }

    fn read(entry: &Entry<'_>) -> Result<Self, Field> {
        let extra = match entry.node.get("as-user-extra") {
            None => Vec::new(),
            Some(node @ Node::Map(members)) => {
                let below = entry.below("as-user-extra", node);
                let values = |(name, _): &(String, Node)| Ok((name.clone(), below.texts(name)?));
                members.iter().map(values).collect::<Result<_, Field>>()?
            }
            Some(other) => return Err(entry.wrong("as-user-extra", "a mapping", other)),
        };
        Ok(Self {
            user: entry.text("as")?,
            uid: entry.text("as-uid")?,
            groups: entry.texts("as-groups")?,
            extra,
        })
    }
}

impl ExecEntry {
    fn read(entry: &Entry<'_>) -> Result<Self, Field> {
        let mut command = entry.text("command")?;
        // Without a slash it is searched in PATH.
        if command.contains('/') {
            let file: PathBuf = entry.directory.join(command).components().collect();
            command = file.to_string_lossy().into_owned();
        }
        let mut environment = Vec::new();
        for (at, node) in entry.list("env")?.iter().enumerate() {
            let variable = entry.below(&format!("env[{at}]"), node);
            variable.mapping()?;
            let value = variable.secret("value")?.unwrap_or_else(|| Value::from(""));
            environment.push((variable.text("name")?, value));
        }
        Ok(Self {
            command,
            arguments: entry.texts("args")?,
            environment,
            api_version: entry.text("apiVersion")?,
            install_hint: entry.text("installHint")?,
            provides_cluster: entry.switch("provideClusterInfo")?,
            interactive_mode: entry.text("interactiveMode")?,
        })
    }
}

impl ContextEntry {
    fn read(entry: &Entry<'_>) -> Result<Self, Field> {
        Ok(Self {
            cluster: entry.text("cluster")?,
            user: entry.text("user")?,
            namespace: entry.text("namespace")?,
        })
    }
}

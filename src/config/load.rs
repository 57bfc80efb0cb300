//! Finds the configuration files and reads them. It merges nothing.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::file::{self, ConfigFile, ConfigTables};
use super::layer::{ConfigScope, Layer, Origin, RawValue, Setting, resolve_path};
use super::merge::TIMEOUT;
use super::schema::{SettingKey, SourceSchema};
use super::search::{find_beyond, find_upward};
use super::user_dirs::{self, expand_home, path_exists};
use super::{Environment, Error, parse_duration, schema};
use crate::seal::private_file;

/// The largest configuration file that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// The name of the project's file.
pub const CONFIG_NAME: &str = "hushed.toml";

/// Which configuration file and profile the user requests.
#[derive(Clone, Debug, Default)]
pub struct ConfigRequest {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--timeout`: how long to wait for a configuration that comes through a pipe.
    pub timeout: Option<Duration>,
}

/// How hushed reads the project file of a store's own command line.
#[derive(Clone, Copy, Debug)]
pub struct ForeignFormat {
    /// The file's name; it is looked for upwards from the working directory.
    pub name: &'static str,
    /// Whose settings it holds.
    pub schema: &'static SourceSchema,
    /// The settings that select a place in the store: a file that is not used is worth a warning if one of
    /// them is not set elsewhere.
    pub place: &'static [&'static SettingKey],
    /// Reads it as a layer.
    pub read: fn(&Arc<Path>) -> Result<Layer, Error>,
}

/// A project file of a store's own command line that lies further up than hushed searches.
#[derive(Clone, Debug)]
pub struct UnusedFile {
    /// The file.
    pub path: PathBuf,
    /// What it would be read as.
    pub format: ForeignFormat,
}

impl fmt::Display for UnusedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is not used: hushed looks for it up to the root of the repository, the home directory or \
             the boundary of the file system",
            self.path.display()
        )
    }
}

/// The project file of a store's own command line: the weakest layer of that store's sources.
#[derive(Debug)]
pub struct ForeignFile {
    /// The file.
    pub path: Arc<Path>,
    /// Whose settings it holds.
    pub schema: &'static SourceSchema,
    /// Its settings.
    pub layer: Layer,
}

/// What the stores add to the configuration: their settings and project files.
#[derive(Clone, Debug, Default)]
pub struct ConfigFormats {
    /// The settings of each type of source.
    pub schemas: Vec<&'static SourceSchema>,
    /// The project files of stores' own command lines.
    pub foreign: Vec<ForeignFormat>,
}

/// The files that were found, parsed.
#[derive(Debug, Default)]
pub struct ConfigFiles {
    /// The project's file, or the one that the user named.
    pub project: Option<(Arc<Path>, ConfigFile)>,
    /// The files that it extends, the nearest first.
    pub extended: Vec<(Arc<Path>, ConfigFile)>,
    /// The user's own file.
    pub user: Option<(Arc<Path>, ConfigFile)>,
    /// The project files of the stores' own command lines.
    pub foreign: Vec<ForeignFile>,
    /// Project files of that kind further up than hushed searches. They are not used.
    pub unused: Vec<UnusedFile>,
    /// The profile.
    pub profile: Option<String>,
    /// The settings of each type of source.
    pub schemas: Vec<&'static SourceSchema>,
    /// Warnings about files that are ignored.
    pub warnings: Vec<String>,
}

/// Finds and reads the files for a working directory.
pub fn load(
    request: &ConfigRequest,
    environment: &Environment,
    directory: &Path,
    formats: &ConfigFormats,
) -> Result<ConfigFiles, Error> {
    let loader = Loader { request, environment, schemas: &formats.schemas };
    let named = request.config.clone().or_else(|| {
        let path = environment.text("HUSHED_CONFIG")?;
        Some(path.to_str().map_or_else(|| PathBuf::from(path), expand_home))
    });
    let mut warnings = Vec::new();
    let project = if let Some(path) = named {
        Some((path, ConfigScope::User))
    } else {
        let path = find_upward(directory, CONFIG_NAME, environment, &mut warnings);
        path.map(|path| (path, ConfigScope::Project))
    };
    let project = project.map(|(path, scope)| loader.read(path, scope)).transpose()?;
    let extended = project.as_ref().map(|file| loader.read_extended(file)).transpose()?;
    let user = user_file().filter(|path| path_exists(path));
    let user = user.map(|path| loader.read(path, ConfigScope::User)).transpose()?;
    let variable = || Some(environment.text("HUSHED_PROFILE")?.to_string_lossy().into_owned());
    let (profile, profile_origin) = match &request.profile {
        Some(profile) => (Some(profile.clone()), Origin::Flag("--profile".into())),
        None => (variable(), Origin::Variable("HUSHED_PROFILE".into())),
    };
    let mut files = ConfigFiles {
        project,
        extended: extended.unwrap_or_default(),
        user,
        foreign: Vec::new(),
        unused: Vec::new(),
        profile,
        schemas: formats.schemas.clone(),
        warnings,
    };
    files.check_profile(profile_origin)?;
    for format in &formats.foreign {
        if !files.may_use(format.schema) {
            continue;
        }
        let path = find_upward(directory, format.name, environment, &mut files.warnings);
        let Some(path) = path else {
            if let Some(path) = find_beyond(directory, format.name, environment) {
                files.unused.push(UnusedFile { path, format: *format });
            }
            continue;
        };
        let (path, schema) = (Arc::from(path), format.schema);
        let layer = (format.read)(&path)?;
        files.foreign.push(ForeignFile { path, schema, layer });
    }
    Ok(files)
}

/// Reads the text of a file of the project: a regular file of at most 1 MiB. Never waits.
pub fn read_project_file(path: &Path) -> Result<String, Error> {
    text(path, private_file::read(path, MAX_SIZE))
}

/// Reads the text of a file that the user names, which may be a pipe.
fn read_user_file(path: &Path, timeout: Duration) -> Result<String, Error> {
    text(path, private_file::read_within(path, MAX_SIZE, || timeout))
}

fn text(
    path: &Path,
    read: Result<private_file::FileContent, private_file::Error>,
) -> Result<String, Error> {
    let unreadable = |error: io::Error| Error::Unreadable { path: path.to_owned(), error };
    let content = read.map_err(|error| unreadable(error.into()))?;
    match content.bytes.expose_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(unreadable(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))),
    }
}

/// Reads and parses files.
struct Loader<'a> {
    request: &'a ConfigRequest,
    environment: &'a Environment,
    schemas: &'a [&'static SourceSchema],
}

impl Loader<'_> {
    fn read(&self, path: PathBuf, scope: ConfigScope) -> Result<(Arc<Path>, ConfigFile), Error> {
        let text = match scope {
            ConfigScope::Project => read_project_file(&path),
            ConfigScope::User => read_user_file(&path, self.timeout()),
        }?;
        let path: Arc<Path> = path.into();
        let file = file::parse(&text, &path, scope, self.schemas)?;
        Ok((path, file))
    }

    /// The files that a file extends, the nearest first.
    fn read_extended(
        &self,
        (first, file): &(Arc<Path>, ConfigFile),
    ) -> Result<Vec<(Arc<Path>, ConfigFile)>, Error> {
        let mut seen = vec![real_path(first)];
        let mut files = Vec::new();
        let mut next = file.extends.clone();
        while let Some(Setting { value, origin }) = next.take() {
            let path = resolve_path(Setting { value, origin: origin.clone() }).value;
            let scope = match &origin {
                Origin::File(location) => location.scope,
                _ => ConfigScope::Project,
            };
            let failed = |path: &Path, error| {
                let (origin, path) = (origin.clone(), path.to_owned());
                Error::Extends { origin, path, error }
            };
            if seen.contains(&real_path(&path)) {
                return Err(failed(&path, io::Error::other("it extends itself")));
            }
            seen.push(real_path(&path));
            let read = self.read(path, scope).map_err(|error| match error {
                Error::Unreadable { path, error } => failed(&path, error),
                error => error,
            })?;
            next.clone_from(&read.1.extends);
            files.push(read);
        }
        Ok(files)
    }

    /// How long to wait for a pipe.
    fn timeout(&self) -> Duration {
        let variable = || parse_duration(self.environment.text("HUSHED_TIMEOUT")?.to_str()?);
        self.request.timeout.or_else(variable).unwrap_or(TIMEOUT)
    }
}

fn real_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_missing| path.to_owned())
}

/// The user's own configuration file (XDG base directory specification).
pub fn user_file() -> Option<PathBuf> {
    Some(user_dirs::base_directories()?.config_dir().join("hushed").join("config.toml"))
}

impl ConfigFiles {
    /// The project's file and the files that it extends, the nearest first.
    pub fn project_files(&self) -> impl DoubleEndedIterator<Item = &ConfigFile> + Clone {
        self.project.iter().chain(&self.extended).map(|(_, file)| file)
    }

    /// Whether a source of this type may be used, in any profile: if the files name no source at all, any may.
    fn may_use(&self, wanted: &SourceSchema) -> bool {
        let files = self.project_files().chain(self.user.iter().map(|(_, file)| file));
        let tables = files.flat_map(|file| {
            std::iter::once(&file.base).chain(file.profiles.iter().map(|(_, tables)| tables))
        });
        let mut sources = tables.flat_map(|tables| &tables.sources).peekable();
        let is_of_type = |(_, layer): &(String, Layer)| {
            let kind = layer.get(&schema::TYPE).map(|setting| &setting.value);
            matches!(kind, Some(RawValue::Text(kind)) if kind == wanted.name)
        };
        sources.peek().is_none() || sources.any(is_of_type)
    }

    /// The tables of all files, the strongest first: profiles over files, the project's over the
    /// user's.
    pub(super) fn tables(&self) -> Vec<&ConfigTables> {
        let files = || self.project_files().chain(self.user.iter().map(|(_, file)| file));
        let name = self.profile.as_deref();
        let profiles = files().filter_map(|file| {
            file.profiles.iter().find(|(found, _)| Some(found.as_str()) == name).map(|(_, t)| t)
        });
        profiles.chain(files().map(|file| &file.base)).collect()
    }

    /// The names of the sources, in order: those of the project's file with the profile's additions;
    /// where it has none, those of the user's file.
    pub fn source_names(&self) -> Vec<String> {
        let project = self.names_in(self.project_files());
        if project.is_empty() {
            return self.names_in(self.user.iter().map(|(_, file)| file));
        }
        project
    }

    /// The names of the sources in these files, the strongest file first: those of extended files come
    /// before those that extend them, so that these win, and those of the profile come last.
    fn names_in<'a>(
        &'a self,
        files: impl DoubleEndedIterator<Item = &'a ConfigFile> + Clone,
    ) -> Vec<String> {
        let bases = files.clone().rev().map(|file| &file.base);
        let profiles = files.rev().flat_map(|file| {
            let is_chosen = |(name, _): &&(String, _)| Some(name) == self.profile.as_ref();
            file.profiles.iter().filter(is_chosen).map(|(_, tables)| tables)
        });
        let mut names: Vec<String> = Vec::new();
        for (name, _) in bases.chain(profiles).flat_map(|tables| &tables.sources) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// The types of the sources, in their order.
    pub fn source_types(&self) -> Vec<String> {
        let of = |name: &String| {
            self.tables().into_iter().find_map(|tables| {
                match &tables.source(name)?.get(&schema::TYPE)?.value {
                    RawValue::Text(kind) => Some(kind.clone()),
                    _ => None,
                }
            })
        };
        self.source_names().iter().filter_map(of).collect()
    }

    /// The names of all profiles.
    pub fn profiles(&self) -> Vec<String> {
        let files = self.project_files().chain(self.user.iter().map(|(_, file)| file));
        files.flat_map(|file| file.profiles.iter().map(|(name, _)| name.clone())).collect()
    }

    fn check_profile(&self, origin: Origin) -> Result<(), Error> {
        let Some(profile) = &self.profile else { return Ok(()) };
        let known = self.profiles();
        if known.contains(profile) {
            return Ok(());
        }
        Err(Error::Choice {
            origin,
            what: "profile of the configuration",
            value: profile.clone(),
            known,
        })
    }
}

//! Finds the configuration files and reads them. It merges nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{self, ConfigFile, ConfigTables};
use super::layer::{ConfigScope, Layer, Origin, RawValue};
use super::schema::SourceSchema;
use super::{Environment, Error, schema, user_dirs};

/// The name of the project's file.
pub const CONFIG_NAME: &str = "hushed.toml";

/// Which configuration file and profile the user requests.
#[derive(Clone, Debug, Default)]
pub struct ConfigRequest {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--profile`.
    pub profile: Option<String>,
}

/// How hushed reads the project file of a store's own command line.
#[derive(Clone, Copy, Debug)]
pub struct ForeignFormat {
    /// The file's name; it is looked for upwards from the working directory.
    pub name: &'static str,
    /// Whose settings it holds.
    pub schema: &'static SourceSchema,
    /// Reads it as a layer.
    pub read: fn(&Arc<Path>) -> Result<Layer, Error>,
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
    /// The user's own file.
    pub user: Option<(Arc<Path>, ConfigFile)>,
    /// The project files of the stores' own command lines.
    pub foreign: Vec<ForeignFile>,
    /// The profile.
    pub profile: Option<String>,
    /// The settings of each type of source.
    pub schemas: Vec<&'static SourceSchema>,
}

/// Finds and reads the files for a working directory.
pub fn load(
    request: &ConfigRequest,
    environment: &Environment,
    directory: &Path,
    formats: &ConfigFormats,
) -> Result<ConfigFiles, Error> {
    let named =
        request.config.clone().or_else(|| environment.text("HUSHED_CONFIG").map(PathBuf::from));
    let root = root(directory);
    let project = match named {
        Some(path) => Some((path, ConfigScope::User)),
        None => upwards(directory, root, CONFIG_NAME).map(|path| (path, ConfigScope::Project)),
    };
    let user = user_file()
        .filter(|path| user_dirs::path_exists(path))
        .map(|path| (path, ConfigScope::User));
    let foreign = formats.foreign.iter().filter_map(|format| {
        let path: Arc<Path> = upwards(directory, root, format.name)?.into();
        let schema = format.schema;
        Some((format.read)(&path).map(|layer| ForeignFile { path, schema, layer }))
    });
    let read = |(path, scope)| read(path, scope, &formats.schemas);
    let variable = || Some(environment.text("HUSHED_PROFILE")?.to_string_lossy().into_owned());
    let (profile, profile_origin) = match &request.profile {
        Some(profile) => (Some(profile.clone()), Origin::Flag("--profile".into())),
        None => (variable(), Origin::Variable("HUSHED_PROFILE".into())),
    };
    let files = ConfigFiles {
        project: project.map(read).transpose()?,
        user: user.map(read).transpose()?,
        foreign: foreign.collect::<Result<_, _>>()?,
        profile,
        schemas: formats.schemas.clone(),
    };
    files.check_profile(profile_origin)?;
    Ok(files)
}

fn read(
    path: PathBuf,
    scope: ConfigScope,
    schemas: &[&'static SourceSchema],
) -> Result<(Arc<Path>, ConfigFile), Error> {
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::Unreadable { path: path.clone(), error })?;
    let path: Arc<Path> = path.into();
    let file = file::parse(&text, &path, scope, schemas)?;
    Ok((path, file))
}

/// The user's own configuration file (XDG base directory specification).
pub fn user_file() -> Option<PathBuf> {
    Some(user_dirs::base_directories()?.config_dir().join("hushed").join("config.toml"))
}

/// Where looking for files upwards ends: the repository's root; outside a repository the directory
/// itself, since what lies above it may be anyone's.
fn root(directory: &Path) -> &Path {
    directory
        .ancestors()
        .find(|above| user_dirs::path_exists(&above.join(".git")))
        .unwrap_or(directory)
}

/// Looks for a file from a directory upwards to the root.
fn upwards(directory: &Path, root: &Path, name: &str) -> Option<PathBuf> {
    let within = directory.ancestors().take_while(|above| above.starts_with(root));
    within.map(|above| above.join(name)).find(|path| user_dirs::path_exists(path))
}

impl ConfigFiles {
    /// The tables of all files, the strongest first: profiles over files, the project's over the
    /// user's.
    pub(super) fn tables(&self) -> Vec<&ConfigTables> {
        let files = || self.project.iter().chain(&self.user).map(|(_, file)| file);
        let name = self.profile.as_deref();
        let profiles = files().filter_map(|file| {
            file.profiles.iter().find(|(found, _)| Some(found.as_str()) == name).map(|(_, t)| t)
        });
        profiles.chain(files().map(|file| &file.base)).collect()
    }

    /// The names of the sources, in order: those of the project's file with the profile's additions;
    /// where it has none, those of the user's file.
    pub fn source_names(&self) -> Vec<String> {
        let names_of = |file: &ConfigFile| {
            let mut names: Vec<String> = Vec::new();
            let profile =
                file.profiles.iter().filter(|(name, _)| Some(name) == self.profile.as_ref());
            let tables = std::iter::once(&file.base).chain(profile.map(|(_, tables)| tables));
            for (name, _) in tables.flat_map(|tables| &tables.sources) {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
            names
        };
        let of =
            |file: &Option<(Arc<Path>, ConfigFile)>| file.as_ref().map(|(_, file)| names_of(file));
        of(&self.project)
            .filter(|names| !names.is_empty())
            .or_else(|| of(&self.user))
            .unwrap_or_default()
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
        let files = self.project.iter().chain(&self.user);
        files.flat_map(|(_, file)| file.profiles.iter().map(|(name, _)| name.clone())).collect()
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

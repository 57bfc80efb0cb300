//! Finds the configuration files and reads them. It merges nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{self, File, Tables};
use super::layer::{Layer, Origin, Raw, Standing};
use super::schema::SourceSchema;
use super::{Environment, Error, places, schema};

/// The name of the project's file.
pub const CONFIG_NAME: &str = "hushed.toml";

/// What the user said about the configuration itself.
#[derive(Clone, Debug, Default)]
pub struct Request {
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
pub struct Formats {
    /// The settings of each type of source.
    pub schemas: Vec<&'static SourceSchema>,
    /// The project files of stores' own command lines.
    pub foreign: Vec<ForeignFormat>,
}

/// The files that were found, parsed.
#[derive(Debug, Default)]
pub struct Files {
    /// The project's file, or the one that the user named.
    pub project: Option<(Arc<Path>, File)>,
    /// The user's own file.
    pub user: Option<(Arc<Path>, File)>,
    /// The project files of the stores' own command lines.
    pub foreign: Vec<ForeignFile>,
    /// The profile.
    pub profile: Option<String>,
    /// The settings of each type of source.
    pub schemas: Vec<&'static SourceSchema>,
}

/// Finds and reads the files for a working directory.
pub fn load(
    request: &Request,
    environment: &Environment,
    directory: &Path,
    formats: &Formats,
) -> Result<Files, Error> {
    let named =
        request.config.clone().or_else(|| environment.text("HUSHED_CONFIG").map(PathBuf::from));
    let root = root(directory);
    let project = match named {
        Some(path) => Some((path, Standing::User)),
        None => upwards(directory, root, CONFIG_NAME).map(|path| (path, Standing::Project)),
    };
    let user = user_file().filter(|path| places::exists(path)).map(|path| (path, Standing::User));
    let foreign = formats.foreign.iter().filter_map(|format| {
        let path: Arc<Path> = upwards(directory, root, format.name)?.into();
        let schema = format.schema;
        Some((format.read)(&path).map(|layer| ForeignFile { path, schema, layer }))
    });
    let read = |(path, standing)| read(path, standing, &formats.schemas);
    let variable = || Some(environment.text("HUSHED_PROFILE")?.to_string_lossy().into_owned());
    let (profile, profile_origin) = match &request.profile {
        Some(profile) => (Some(profile.clone()), Origin::Flag("--profile".into())),
        None => (variable(), Origin::Variable("HUSHED_PROFILE".into())),
    };
    let files = Files {
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
    standing: Standing,
    schemas: &[&'static SourceSchema],
) -> Result<(Arc<Path>, File), Error> {
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::Unreadable { path: path.clone(), error })?;
    let path: Arc<Path> = path.into();
    let file = file::parse(&text, &path, standing, schemas)?;
    Ok((path, file))
}

/// The user's own configuration file (XDG base directory specification).
pub fn user_file() -> Option<PathBuf> {
    Some(places::base()?.config_dir().join("hushed").join("config.toml"))
}

/// Where looking for files upwards ends: the repository's root; outside a repository the directory
/// itself, since what lies above it may be anyone's.
fn root(directory: &Path) -> &Path {
    directory.ancestors().find(|above| places::exists(&above.join(".git"))).unwrap_or(directory)
}

/// Looks for a file from a directory upwards to the root.
fn upwards(directory: &Path, root: &Path, name: &str) -> Option<PathBuf> {
    let within = directory.ancestors().take_while(|above| above.starts_with(root));
    within.map(|above| above.join(name)).find(|path| places::exists(path))
}

impl Files {
    /// The tables of all files, the strongest first: profiles over files, the project's over the
    /// user's.
    pub(super) fn tables(&self) -> Vec<&Tables> {
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
        let names_of = |file: &File| {
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
        let of = |file: &Option<(Arc<Path>, File)>| file.as_ref().map(|(_, file)| names_of(file));
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
                    Raw::Text(kind) => Some(kind.clone()),
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

//! The profiles of `~/.aws/config` and `~/.aws/credentials`, merged as AWS CLI v2 merges them: a key in the
//! credentials file wins. It opens no file.

use std::path::PathBuf;

use super::error::Error;
use super::ini::{self, Options, Section, split_words};
use crate::secret::Value;

/// A file and its content; `None` if there is no such file.
#[derive(Debug)]
pub(super) struct AwsFile {
    /// Its path, for messages.
    pub(super) path: PathBuf,
    /// Its content.
    pub(super) content: Option<Value>,
}

/// Everything that both files hold.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    config: Vec<(String, Options)>,
    credentials: Vec<(String, Options)>,
    sso_sessions: Vec<(String, Options)>,
    services: Vec<(String, Options)>,
}

/// A profile: its keys in either file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Profile<'a> {
    /// Its section in the config file.
    pub(super) config: Option<&'a Options>,
    /// Its section in the credentials file.
    pub(super) credentials: Option<&'a Options>,
}

impl<'a> Profile<'a> {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        let own = self.credentials.and_then(|options| options.get(key));
        own.or_else(|| self.config.and_then(|options| options.get(key)))
    }

    /// Whether it has a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}

impl Profiles {
    /// Parses both files.
    pub(super) fn parse(config: &AwsFile, credentials: &AwsFile) -> Result<Self, Error> {
        let mut profiles = Self::default();
        for section in sections(config)? {
            profiles.add(section);
        }
        let sections = sections(credentials)?.into_iter();
        profiles.credentials = sections.map(|section| (section.name, section.options)).collect();
        Ok(profiles)
    }

    /// Sorts a section of the config file by the first word of its name. A later one of a name wins.
    fn add(&mut self, section: Section) {
        let Section { name, options } = section;
        if name == "default" {
            return replace(&mut self.config, name, options);
        }
        let list = if name.starts_with("profile") {
            &mut self.config
        } else if name.starts_with("sso-session") {
            &mut self.sso_sessions
        } else if name.starts_with("services") {
            &mut self.services
        } else {
            return;
        };
        let mut words = split_words(&name).unwrap_or_default();
        if let (2, Some(last)) = (words.len(), words.pop()) {
            replace(list, last, options);
        }
    }

    /// The profile of this name, if either file has it.
    pub(super) fn get(&self, name: &str) -> Option<Profile<'_>> {
        let config = find(&self.config, name);
        let credentials = find(&self.credentials, name);
        (config.is_some() || credentials.is_some()).then_some(Profile { config, credentials })
    }

    /// The names of all profiles, for "did you mean".
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.config.iter().chain(&self.credentials).map(|(name, _)| name.as_str())
    }

    /// The section `[sso-session NAME]`.
    pub(super) fn sso_session(&self, name: &str) -> Option<&Options> {
        find(&self.sso_sessions, name)
    }

    /// The section `[services NAME]`.
    pub(super) fn services(&self, name: &str) -> Option<&Options> {
        find(&self.services, name)
    }
}

fn sections(file: &AwsFile) -> Result<Vec<Section>, Error> {
    let Some(content) = &file.content else { return Ok(Vec::new()) };
    ini::parse(content.expose()).map_err(|error| Error::Syntax {
        path: file.path.clone(),
        line: error.line,
        problem: error.problem,
    })
}

fn find<'a>(list: &'a [(String, Options)], name: &str) -> Option<&'a Options> {
    list.iter().find(|(known, _)| known == name).map(|(_, options)| options)
}

fn replace(list: &mut Vec<(String, Options)>, name: String, options: Options) {
    list.retain(|(known, _)| *known != name);
    list.push((name, options));
}

//! Which hosts the user lets which project files name: one line each in a file of the user's own. It
//! asks nobody.

use std::io;
use std::path::{Path, PathBuf};

use url::Url;

use super::places;

/// Infisical's own hosts, over TLS.
const CLOUD: [&str; 3] =
    ["https://app.infisical.com", "https://us.infisical.com", "https://eu.infisical.com"];

/// What the user trusts: pairs of an origin and the file that may name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust(Vec<(String, String)>);

/// The file that the user's trust is kept in (XDG base directory specification).
pub fn trust_file() -> Option<PathBuf> {
    Some(places::base()?.data_dir().join("hushed").join("trust"))
}

impl Trust {
    /// Reads the file; without one nothing is trusted.
    pub fn read(path: &Path) -> io::Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    fn parse(text: &str) -> Self {
        let pair = |line: &str| line.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()));
        Self(text.lines().filter(|line| !line.starts_with('#')).filter_map(pair).collect())
    }

    /// The text of the file.
    pub fn format(&self) -> String {
        let head = "# Hosts that project files may name: written by `hushed trust`.\n";
        let lines = self.0.iter().map(|(origin, file)| format!("{origin} {file}\n"));
        std::iter::once(head.to_owned()).chain(lines).collect()
    }

    /// Whether a project's file may name this server.
    pub fn allows(&self, server: &Url, file: &Path) -> bool {
        let origin = server.origin().ascii_serialization();
        CLOUD.contains(&&*origin) || self.has(&origin, file)
    }

    /// Whether the user vouched for this pair.
    pub fn has(&self, origin: &str, file: &Path) -> bool {
        let file = canonical(file);
        self.0.iter().any(|(trusted, by)| trusted == origin && *by == file)
    }

    /// Adds a pair; false if it was there.
    pub fn add(&mut self, origin: &str, file: &Path) -> bool {
        let new = !self.has(origin, file);
        if new {
            self.0.push((origin.to_owned(), canonical(file)));
        }
        new
    }

    /// Removes all pairs of a file; false if there was none.
    pub fn remove(&mut self, file: &Path) -> bool {
        let before = self.0.len();
        let file = canonical(file);
        self.0.retain(|(_, by)| *by != file);
        self.0.len() != before
    }
}

/// The file's real path, with line breaks made harmless, so that one line is one pair.
fn canonical(file: &Path) -> String {
    let real = file.canonicalize().unwrap_or_else(|_missing| file.to_owned());
    real.display().to_string().replace(['\n', '\r'], "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_trusted_and_nothing_else() {
        let url = |text| Url::parse(text).unwrap();
        let mut trust = Trust::default();
        assert!(trust.add("https://a.example", Path::new("/p/hushed.toml")));
        assert!(!trust.add("https://a.example", Path::new("/p/hushed.toml")));
        let trust = Trust::parse(&trust.format());
        for (server, file, want) in [
            ("https://a.example/x", "/p/hushed.toml", true),
            ("https://a.example:8443", "/p/hushed.toml", false),
            ("http://a.example", "/p/hushed.toml", false),
            ("https://a.example", "/q/hushed.toml", false),
            ("https://b.example", "/p/hushed.toml", false),
            ("https://eu.infisical.com", "/q/hushed.toml", true),
            ("http://eu.infisical.com", "/q/hushed.toml", false),
            ("https://eu.infisical.com.evil.example", "/q/hushed.toml", false),
        ] {
            assert_eq!(trust.allows(&url(server), Path::new(file)), want, "{server} {file}");
        }
    }
}

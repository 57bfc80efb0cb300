//! Globs over names: `*` for any run of characters, `?` for one. Letter case counts.

use wildmatch::WildMatch;

/// A list of globs; it matches what any of them matches.
#[derive(Clone, Debug, Default)]
pub struct Globs(Vec<WildMatch>);

impl Globs {
    /// Compiles the globs.
    pub fn new<S: AsRef<str>>(globs: &[S]) -> Self {
        Self(globs.iter().map(|glob| WildMatch::new(glob.as_ref())).collect())
    }

    /// Whether one of them matches.
    pub fn matches(&self, name: &str) -> bool {
        self.0.iter().any(|glob| glob.matches(name))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn match_whole_names() {
        let globs = Globs::new(&["DB_*", "API_KEY", "X?"]);
        for (name, want) in [
            ("DB_URL", true),
            ("DB_", true),
            ("MY_DB_URL", false),
            ("API_KEY", true),
            ("API_KEY2", false),
            ("api_key", false),
            ("X1", true),
            ("X12", false),
        ] {
            assert_eq!(globs.matches(name), want, "{name}");
        }
        assert!(!Globs::default().matches(""));
    }
}

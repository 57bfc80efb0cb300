//! A project: environments, folders, secrets, imports, tags.
//! Must not know who may read them.

use super::world::uuid;

/// The date of everything that a test did not date.
const LONG_AGO: &str = "2026-01-02T03:04:05.678Z";

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// A UUID.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The name for URLs.
    pub slug: String,
    /// The organisation's id.
    pub organisation: String,
    /// When it was created and last changed.
    pub dates: [String; 2],
    /// The environments, in order.
    pub environments: Vec<Environment>,
    /// The tags that secrets may have.
    pub tags: Vec<Tag>,
}

/// An environment with its folders.
#[derive(Debug, Clone)]
pub struct Environment {
    /// A UUID.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `dev`, `prod`.
    pub slug: String,
    /// All folders, the root among them.
    pub folders: Vec<Folder>,
}

/// A folder.
#[derive(Debug, Clone)]
pub struct Folder {
    /// A UUID.
    pub id: String,
    /// The whole path, `/` for the root.
    pub path: String,
    /// When it was created.
    pub date: String,
    /// What is in it.
    pub secrets: Vec<Secret>,
    /// What it imports; the later wins.
    pub imports: Vec<Import>,
}

/// An import of one folder into another.
#[derive(Debug, Clone)]
pub struct Import {
    /// A UUID.
    pub id: String,
    /// The environment imported from.
    pub environment: String,
    /// The folder imported from.
    pub path: String,
    /// When it was created.
    pub date: String,
}

/// Whose a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Everybody's.
    Shared,
    /// One user's own, over the shared one.
    Personal,
}

/// A secret.
#[derive(Debug, Clone)]
pub struct Secret {
    /// A UUID; lists are ordered by it.
    pub id: String,
    /// The name.
    pub key: String,
    /// The value, as stored.
    pub value: String,
    /// The comment.
    pub comment: String,
    /// Counts changes, from 1.
    pub version: u32,
    /// Shared or personal.
    pub kind: Kind,
    /// The tags' slugs.
    pub tags: Vec<String>,
    /// Whether newlines stay when the value is expanded.
    pub skip_multiline_encoding: bool,
    /// Whether the identity may not read the value.
    pub unreadable: bool,
    /// When it was created and last changed.
    pub dates: [String; 2],
}

/// A tag.
#[derive(Debug, Clone)]
pub struct Tag {
    /// A UUID.
    pub id: String,
    /// The name for filters.
    pub slug: String,
    /// As `#rrggbb`.
    pub color: String,
    /// When it was created.
    pub date: String,
    /// The id of the user who created it.
    pub creator: String,
}

impl Secret {
    /// Makes a shared secret without tags.
    pub fn new(key: &str, value: &str) -> Self {
        Self {
            id: uuid(&format!("secret {key} {value}")),
            key: key.into(),
            value: value.into(),
            comment: String::new(),
            version: 1,
            kind: Kind::Shared,
            tags: Vec::new(),
            skip_multiline_encoding: false,
            unreadable: false,
            dates: [LONG_AGO.into(), LONG_AGO.into()],
        }
    }

    /// Sets its tags, by slug.
    pub fn tagged(mut self, tags: &[&str]) -> Self {
        self.tags = tags.iter().copied().map(String::from).collect();
        self
    }

    /// Makes it a user's own.
    pub fn personal(mut self) -> Self {
        self.kind = Kind::Personal;
        self.id = uuid(&format!("personal {} {}", self.key, self.value));
        self
    }

    /// Keeps its value from the identity, though not its name.
    pub fn unreadable(mut self) -> Self {
        self.unreadable = true;
        self
    }

    /// Sets the flag that quotes a multi-line value when it is expanded.
    pub fn skip_multiline_encoding(mut self) -> Self {
        self.skip_multiline_encoding = true;
        self
    }
}

impl Project {
    /// Makes an empty project.
    pub fn new(slug: &str) -> Self {
        Self {
            id: uuid(&format!("project {slug}")),
            name: slug.into(),
            slug: slug.into(),
            organisation: uuid("organisation"),
            dates: [LONG_AGO.into(), LONG_AGO.into()],
            environments: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// Adds an environment with its root folder.
    pub fn env(mut self, slug: &str) -> Self {
        self.environments.push(Environment {
            id: uuid(&format!("environment {} {slug}", self.slug)),
            name: slug.into(),
            slug: slug.into(),
            folders: Vec::new(),
        });
        self.folder(slug, "/")
    }

    /// Adds a folder and those above it.
    pub fn folder(mut self, env: &str, path: &str) -> Self {
        self.folder_mut(env, path);
        self
    }

    /// Adds a plain secret, and its folder where it is new.
    pub fn secret(self, env: &str, path: &str, key: &str, value: &str) -> Self {
        self.with(env, path, Secret::new(key, value))
    }

    /// Adds a secret, its folder and its tags where they are new.
    pub fn with(mut self, env: &str, path: &str, secret: Secret) -> Self {
        for slug in &secret.tags {
            if !self.tags.iter().any(|tag| tag.slug == *slug) {
                self.tags.push(Tag {
                    id: uuid(&format!("tag {slug}")),
                    slug: slug.clone(),
                    color: "#808080".into(),
                    date: LONG_AGO.into(),
                    creator: uuid("user"),
                });
            }
        }
        self.folder_mut(env, path).secrets.push(secret);
        self
    }

    /// Lets a folder import another; called again, the later import wins.
    pub fn import(mut self, into: (&str, &str), from: (&str, &str)) -> Self {
        self.folder_mut(into.0, into.1).imports.push(Import {
            id: uuid(&format!("import {into:?} {from:?}")),
            environment: from.0.into(),
            path: from.1.into(),
            date: LONG_AGO.into(),
        });
        self
    }

    /// Returns a folder to change, made if it is not there; the environment must be.
    pub fn folder_mut(&mut self, env: &str, path: &str) -> &mut Folder {
        let slug = self.slug.clone();
        let environment = self.environments.iter_mut().find(|found| found.slug == env);
        let folders = &mut environment.expect("the environment is added first").folders;
        let mut ends: Vec<usize> =
            path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).collect();
        ends.push(path.len());
        for end in std::iter::once(1).chain(ends) {
            let part = path.get(..end).unwrap_or(path);
            if !folders.iter().any(|folder| folder.path == part) {
                folders.push(Folder {
                    id: uuid(&format!("folder {slug} {env} {part}")),
                    path: part.into(),
                    date: LONG_AGO.into(),
                    secrets: Vec::new(),
                    imports: Vec::new(),
                });
            }
        }
        folders.iter_mut().find(|folder| folder.path == path).unwrap()
    }

    /// Finds an environment.
    pub fn environment(&self, slug: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.slug == slug)
    }

    /// Finds a folder.
    pub fn find(&self, env: &str, path: &str) -> Option<&Folder> {
        self.environment(env)?.folders.iter().find(|folder| folder.path == path)
    }
}

impl Folder {
    /// Returns the path of the folder that this one is in, none for the root.
    pub fn parent(&self) -> Option<&str> {
        match self.path.rsplit_once('/')? {
            ("", "") => None,
            ("", _) => Some("/"),
            (parent, _) => Some(parent),
        }
    }

    /// Returns its secrets in the order of a list.
    pub fn sorted(&self) -> Vec<&Secret> {
        let mut secrets: Vec<&Secret> = self.secrets.iter().collect();
        secrets.sort_by(|one, other| one.id.cmp(&other.id));
        secrets
    }
}

//! The decision which secrets become which variables, and which may not. Pure: the same for `run`,
//! which stops at the first problem, and `plan`, which shows them all.

use std::collections::{BTreeMap, btree_map};
use std::fmt;

use super::{Shape, is_reserved, name};
use crate::secret::{Name, Provenance, Secret, SecretSet};

/// One variable, and every secret that would be it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The variable's name.
    pub name: String,
    /// The secret that is used.
    pub winner: Secret,
    /// Those that it overrides, the strongest first.
    pub overridden: Vec<Secret>,
}

/// Why a secret takes no part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// `only` or `exclude` says so.
    Filtered,
}

/// Why a set of secrets cannot become an environment. It carries names and places, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The variable.
    pub variable: String,
    /// The secret, unless there is none.
    pub secret: Option<(Name, Provenance)>,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It cannot be a variable's name.
    InvalidName(&'static str),
    /// The value holds a NUL byte, which no environment can carry.
    Nul,
    /// It would take over the command.
    Reserved(&'static str),
    /// Another secret, of another name, becomes the same variable.
    Collision(Name, Provenance),
    /// It is required and no source has it.
    Missing,
    /// It is to be renamed and no source has it. Where there are no secrets at all, that was allowed.
    NothingToRename,
    /// It is required and empty.
    Empty,
}

/// What became of the secrets.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// The variables, in the order in which their names first came.
    pub entries: Vec<Entry>,
    /// The secrets that take no part.
    pub left: Vec<(Secret, Left)>,
    /// What is wrong, in the same order. With any of these there is no environment.
    pub problems: Vec<Problem>,
}

/// Decides for all secrets, lowest precedence first.
pub fn resolve(secrets: SecretSet, shape: &Shape) -> Resolution {
    let entries = Vec::with_capacity(secrets.len());
    let mut resolution = Resolution { entries, ..Resolution::default() };
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for secret in secrets {
        if !shape.admits(secret.name.as_str()) {
            resolution.left.push((secret, Left::Filtered));
            continue;
        }
        let at = match index.entry(shape.variable(secret.name.as_str())) {
            btree_map::Entry::Occupied(known) => known,
            btree_map::Entry::Vacant(new) => {
                new.insert(resolution.entries.len());
                let (name, overridden) = (String::new(), Vec::new());
                resolution.entries.push(Entry { name, winner: secret, overridden });
                continue;
            }
        };
        let Some(entry) = resolution.entries.get_mut(*at.get()) else { continue };
        resolution.problems.extend(collision(at.key(), &entry.winner, &secret));
        let below = std::mem::replace(&mut entry.winner, secret);
        entry.overridden.insert(0, below);
    }
    // The index gives its names up, rather than copies of them.
    for (name, at) in index {
        if let Some(entry) = resolution.entries.get_mut(at) {
            entry.name = name;
        }
    }
    let faults = resolution.entries.iter().filter_map(|entry| fault(entry, shape));
    let missing = shape.require.iter().filter_map(|name| unmet(name, &resolution.entries));
    let unknown = shape.rename.iter().filter_map(|(name, _)| unknown(name, &resolution));
    let problems = faults.chain(missing).chain(unknown).collect::<Vec<_>>();
    resolution.problems.extend(problems);
    resolution
}

fn collision(variable: &str, winner: &Secret, secret: &Secret) -> Option<Problem> {
    (winner.name != secret.name).then(|| Problem {
        variable: variable.to_owned(),
        secret: Some((secret.name.clone(), secret.provenance.clone())),
        reason: Reason::Collision(winner.name.clone(), winner.provenance.clone()),
    })
}

fn fault(entry: &Entry, shape: &Shape) -> Option<Problem> {
    let reserved =
        || is_reserved(&entry.name).filter(|_| !shape.allow_reserved.contains(&entry.name));
    let reason = match name::check(&entry.name) {
        Err(invalid) => Reason::InvalidName(invalid.describe()),
        Ok(()) if entry.winner.value.expose().contains(&0) => Reason::Nul,
        Ok(()) => Reason::Reserved(reserved()?),
    };
    let secret = Some((entry.winner.name.clone(), entry.winner.provenance.clone()));
    Some(Problem { variable: entry.name.clone(), secret, reason })
}

fn unmet(name: &str, entries: &[Entry]) -> Option<Problem> {
    let entry = entries.iter().find(|entry| entry.name == name);
    let (secret, reason) = match entry {
        None => (None, Reason::Missing),
        Some(entry) if entry.winner.value.is_empty() => {
            let secret = (entry.winner.name.clone(), entry.winner.provenance.clone());
            (Some(secret), Reason::Empty)
        }
        Some(_) => return None,
    };
    Some(Problem { variable: name.to_owned(), secret, reason })
}

fn unknown(name: &str, resolution: &Resolution) -> Option<Problem> {
    let taken = resolution.entries.iter().flat_map(|it| it.overridden.iter().chain([&it.winner]));
    let mut secrets = taken.chain(resolution.left.iter().map(|(secret, _)| secret)).peekable();
    let is_known = secrets.peek().is_none() || secrets.any(|secret| secret.name.as_str() == name);
    (!is_known).then(|| Problem {
        variable: name.to_owned(),
        secret: None,
        reason: Reason::NothingToRename,
    })
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.secret, &self.reason) {
            (_, Reason::NothingToRename) => {
                write!(f, "`{}` is to be renamed and no source has it", Name::new(&self.variable))
            }
            (_, Reason::Missing) | (None, _) => {
                write!(f, "`{}` is required and no source has it", Name::new(&self.variable))
            }
            (Some((name, place)), reason) => {
                write!(f, "`{name}` from {place} ")?;
                reason.describe(&self.variable, f)
            }
        }
    }
}

/// What is wrong with the name or the value of a secret, without its place.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidName(why) => write!(f, "no variable can have this name: {why}"),
            Self::Reserved(why) => write!(f, "the name is reserved, because it {why}"),
            reason => reason.describe("", f),
        }
    }
}

impl Reason {
    fn describe(&self, variable: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = Name::new(variable);
        match self {
            Self::InvalidName(why) => {
                write!(f, "cannot be the variable `{variable}`: {why}")
            }
            Self::Nul => f.write_str("holds a NUL byte, which no environment variable can carry"),
            Self::Reserved(why) => {
                write!(f, "would set the reserved `{variable}`, which {why}")
            }
            Self::Collision(name, place) => {
                write!(f, "and `{name}` from {place} would both be the variable `{variable}`")
            }
            Self::Missing | Self::NothingToRename => f.write_str("is missing"),
            Self::Empty => f.write_str("is required and empty"),
        }
    }
}

impl Problem {
    /// What the user can do about it.
    pub fn hint(&self) -> String {
        let secret = self.secret.as_ref().map_or(&*self.variable, |(name, _)| name.as_str());
        let secret = Name::new(secret);
        match &self.reason {
            Reason::InvalidName(_) => format!(
                "rename it (--rename '{secret}=NAME', or --transform upper-snake for all), or leave \
                 it out (--exclude '{secret}')"
            ),
            Reason::Nul => format!("store it encoded, as base64 for one, or --exclude '{secret}'"),
            Reason::Reserved(_) => format!(
                "leave it out (--exclude '{secret}'), rename it, or, if it is meant, --allow-reserved \
                 '{}'",
                self.variable
            ),
            Reason::Collision(other, _) => {
                format!("leave one out (--exclude '{other}'), or give one another name (--rename)")
            }
            Reason::Missing => {
                "`hushed plan` lists what there is; add the secret, or correct --require".into()
            }
            Reason::NothingToRename => {
                "`hushed plan` lists what there is; add the secret, or correct --rename".into()
            }
            Reason::Empty => format!("give `{secret}` a value, or take it out of --require"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Globs, Transform};
    use super::*;
    use crate::secret::Value;

    fn set(secrets: &[(&str, &str, &str)]) -> SecretSet {
        let secret = |(source, name, value): &(&str, &str, &str)| Secret {
            name: Name::new(*name),
            value: Value::from(*value),
            provenance: Provenance {
                source: (*source).into(),
                place: "here".into(),
                version: None,
                age: None,
            },
        };
        secrets.iter().map(secret).collect()
    }

    fn names(resolution: &Resolution) -> Vec<&str> {
        resolution.entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn the_later_source_wins_and_the_loser_is_known() {
        let secrets = set(&[("a", "X", "1"), ("a", "Y", "2"), ("b", "X", "3"), ("c", "X", "4")]);
        let resolution = resolve(secrets, &Shape::default());
        assert_eq!(names(&resolution), ["X", "Y"]);
        assert_eq!(resolution.entries[0].winner.value, Value::from("4"));
        let below: Vec<_> =
            resolution.entries[0].overridden.iter().map(|s| &*s.provenance.source).collect();
        assert_eq!(below, ["b", "a"]);
        assert_eq!(resolution.problems, []);
    }

    #[test]
    fn filters_look_at_the_store_and_mapping_comes_after() {
        let shape = Shape {
            only: Some(Globs::new(&["db-*"])),
            exclude: Globs::new(&["*-old"]),
            transform: Some(Transform::UpperSnake),
            prefix: "APP_".into(),
            rename: vec![("db-url".into(), "DATABASE_URL".into())],
            ..Shape::default()
        };
        let secrets = set(&[
            ("a", "db-url", "1"),
            ("a", "db-pass", "2"),
            ("a", "db-old", "3"),
            ("a", "X", "4"),
        ]);
        let resolution = resolve(secrets, &shape);
        assert_eq!(names(&resolution), ["DATABASE_URL", "APP_DB_PASS"]);
        assert_eq!(resolution.left.len(), 2);
    }

    #[test]
    fn every_problem_names_secret_and_source_and_has_a_hint() {
        struct Case {
            secrets: &'static [(&'static str, &'static str, &'static str)],
            shape: Shape,
            want: &'static str,
        }
        let upper = || Shape { transform: Some(Transform::UpperSnake), ..Shape::default() };
        let require = || Shape { require: vec!["X".into()], ..Shape::default() };
        let rename = || Shape { rename: vec![("X".into(), "Z".into())], ..Shape::default() };
        let cases = [
            Case { secrets: &[("s", "A B", "")], shape: Shape::default(), want: "white space" },
            Case { secrets: &[("s", "A=B", "")], shape: Shape::default(), want: "`=`" },
            Case { secrets: &[("s", "A", "x\0y")], shape: Shape::default(), want: "NUL" },
            Case { secrets: &[("s", "LD_PRELOAD", "")], shape: Shape::default(), want: "reserved" },
            Case { secrets: &[("s", "path", "")], shape: upper(), want: "reserved `PATH`" },
            Case {
                secrets: &[("s", "a_b", "1"), ("t", "a-b", "2")],
                shape: upper(),
                want: "`a-b` from `t` (here) and `a_b` from `s` (here)",
            },
            Case { secrets: &[("s", "X", "")], shape: require(), want: "required and empty" },
            Case { secrets: &[("s", "Y", "")], shape: require(), want: "`X` is required" },
            Case { secrets: &[("s", "Y", "")], shape: rename(), want: "`X` is to be renamed" },
        ];
        for case in cases {
            let resolution = resolve(set(case.secrets), &case.shape);
            let [problem] = resolution.problems.as_slice() else {
                panic!("{}: {:?}", case.want, resolution.problems)
            };
            assert!(problem.to_string().contains(case.want), "{problem}");
            assert!(!problem.hint().is_empty());
        }
    }

    #[test]
    fn what_is_left_out_or_not_there_at_all_needs_no_renaming() {
        let shape = Shape {
            exclude: Globs::new(&["X"]),
            rename: vec![("X".into(), "Z".into())],
            ..Shape::default()
        };
        for secrets in [set(&[("s", "X", "1"), ("s", "Y", "2")]), set(&[])] {
            assert_eq!(resolve(secrets, &shape).problems, []);
        }
    }

    #[test]
    fn reserved_names_may_be_allowed_one_by_one() {
        let shape = Shape { allow_reserved: vec!["PATH".into()], ..Shape::default() };
        let resolution = resolve(set(&[("s", "PATH", "/x"), ("s", "HOME", "/y")]), &shape);
        let refused: Vec<_> = resolution.problems.iter().map(|p| p.variable.as_str()).collect();
        assert_eq!(refused, ["HOME"]);
    }
}

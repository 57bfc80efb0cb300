//! The decision which secrets become which variables, and which may not. Pure: the same for `run`,
//! which stops at the first problem, and `plan`, which shows them all.

use std::collections::{BTreeMap, btree_map};
use std::fmt;

use super::{MappingRules, is_reserved, name};
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};

/// One variable, and every secret that would be it.
#[derive(Clone, Debug)]
pub struct ResolvedVariable {
    /// The variable's name.
    pub name: String,
    /// The secret that is used.
    pub winner: Secret,
    /// Whether it replaces an inherited variable.
    pub overrides: bool,
    /// Those that it overrides, the strongest first.
    pub overridden: Vec<Secret>,
}

/// Why a secret takes no part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExclusionReason {
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
    pub kind: ProblemKind,
}

/// What is wrong with a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
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
    pub variables: Vec<ResolvedVariable>,
    /// The secrets that take no part.
    pub excluded: Vec<(Secret, ExclusionReason)>,
    /// Values that are parts of variables, each with the variable's name: redaction covers them too.
    pub ingredients: Vec<(Name, Value)>,
    /// What is read in a way that its author may not expect.
    pub notes: Vec<String>,
    /// What is wrong, in the same order. With any of these there is no environment.
    pub problems: Vec<Problem>,
}

/// Decides for all secrets, lowest precedence first.
pub fn resolve(mut secrets: SecretSet, rules: &MappingRules) -> Resolution {
    let (notes, ingredients) = (secrets.take_notes(), secrets.take_ingredients());
    let variables = Vec::with_capacity(secrets.len());
    let mut resolution = Resolution { variables, ingredients, notes, ..Resolution::default() };
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for secret in secrets {
        if !rules.takes(&secret) {
            resolution.excluded.push((secret, ExclusionReason::Filtered));
            continue;
        }
        let at = match index.entry(rules.variable(&secret)) {
            btree_map::Entry::Occupied(known) => known,
            btree_map::Entry::Vacant(new) => {
                new.insert(resolution.variables.len());
                let (name, overridden) = (String::new(), Vec::new());
                let overrides = true;
                resolution.variables.push(ResolvedVariable {
                    name,
                    winner: secret,
                    overrides,
                    overridden,
                });
                continue;
            }
        };
        let Some(entry) = resolution.variables.get_mut(*at.get()) else { continue };
        if !rules.is_inherited(&entry.winner) {
            resolution.problems.extend(collision(at.key(), &entry.winner, &secret));
        }
        let below = std::mem::replace(&mut entry.winner, secret);
        entry.overridden.insert(0, below);
    }
    // The index gives its names up, rather than copies of them.
    for (name, at) in index {
        if let Some(entry) = resolution.variables.get_mut(at) {
            prefer_inherited(entry, &name, rules);
            entry.overrides = rules.overrides(&entry.winner.provenance.source);
            entry.name = name;
        }
    }
    let faults = resolution.variables.iter().filter_map(|entry| check_variable(entry, rules));
    let missing =
        rules.require.iter().filter_map(|name| check_required(name, &resolution.variables));
    let unknown = rules.rename.iter().filter_map(|(name, _)| check_renamed(name, &resolution));
    let problems = faults.chain(missing).chain(unknown).collect::<Vec<_>>();
    resolution.problems.extend(problems);
    resolution
}

/// Lets an inherited variable that is a reference win where an inherited value would: the secret that wins otherwise
/// decides.
fn prefer_inherited(entry: &mut ResolvedVariable, name: &str, rules: &MappingRules) {
    if !rules.yields(&entry.winner, name) {
        return;
    }
    let is_inherited = |secret: &mut Secret| rules.is_inherited(secret);
    if let Some(inherited) = entry.overridden.pop_if(is_inherited) {
        let winner = std::mem::replace(&mut entry.winner, inherited);
        entry.overridden.insert(0, winner);
    }
}

fn collision(variable: &str, winner: &Secret, secret: &Secret) -> Option<Problem> {
    (winner.name != secret.name).then(|| Problem {
        variable: variable.to_owned(),
        secret: Some((secret.name.clone(), secret.provenance.clone())),
        kind: ProblemKind::Collision(winner.name.clone(), winner.provenance.clone()),
    })
}

fn check_variable(entry: &ResolvedVariable, rules: &MappingRules) -> Option<Problem> {
    let file = rules.files.iter().find(|(name, _)| *name == entry.name);
    let variable = file.map_or(&entry.name, |(_, variable)| variable);
    let reserved = || is_reserved(variable).filter(|_| !rules.allow_reserved.contains(variable));
    let kind = match name::check(variable) {
        Err(invalid) => ProblemKind::InvalidName(invalid.describe()),
        // A file can hold any bytes.
        Ok(()) if file.is_none() && entry.winner.value.expose().contains(&0) => ProblemKind::Nul,
        Ok(()) => ProblemKind::Reserved(reserved()?),
    };
    let secret = Some((entry.winner.name.clone(), entry.winner.provenance.clone()));
    Some(Problem { variable: variable.clone(), secret, kind })
}

fn check_required(name: &str, variables: &[ResolvedVariable]) -> Option<Problem> {
    let entry = variables.iter().find(|entry| entry.name == name);
    let (secret, kind) = match entry {
        None => (None, ProblemKind::Missing),
        Some(entry) if entry.winner.value.is_empty() => {
            let secret = (entry.winner.name.clone(), entry.winner.provenance.clone());
            (Some(secret), ProblemKind::Empty)
        }
        Some(_) => return None,
    };
    Some(Problem { variable: name.to_owned(), secret, kind })
}

fn check_renamed(name: &str, resolution: &Resolution) -> Option<Problem> {
    let taken = resolution.variables.iter().flat_map(|it| it.overridden.iter().chain([&it.winner]));
    let mut secrets = taken.chain(resolution.excluded.iter().map(|(secret, _)| secret)).peekable();
    let is_known = secrets.peek().is_none() || secrets.any(|secret| secret.name.as_str() == name);
    (!is_known).then(|| Problem {
        variable: name.to_owned(),
        secret: None,
        kind: ProblemKind::NothingToRename,
    })
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.secret, &self.kind) {
            (_, ProblemKind::NothingToRename) => {
                write!(f, "`{}` is to be renamed and no source has it", Name::new(&self.variable))
            }
            (_, ProblemKind::Missing) | (None, _) => {
                write!(f, "`{}` is required and no source has it", Name::new(&self.variable))
            }
            (Some((name, place)), kind) => {
                write!(f, "`{name}` from {place} ")?;
                kind.describe(&self.variable, f)
            }
        }
    }
}

/// What is wrong with the name or the value of a secret, without its place.
impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidName(why) => write!(f, "no variable can have this name: {why}"),
            Self::Reserved(why) => write!(f, "the name is reserved, because it {why}"),
            reason => reason.describe("", f),
        }
    }
}

impl ProblemKind {
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
        match &self.kind {
            ProblemKind::InvalidName(_) => format!(
                "rename it (--rename '{secret}=NAME', or --transform upper-snake for all), or leave \
                 it out (--exclude '{secret}')"
            ),
            ProblemKind::Nul => {
                format!("store it encoded, as base64 for one, or --exclude '{secret}'")
            }
            ProblemKind::Reserved(_) => format!(
                "leave it out (--exclude '{secret}'), rename it, or, if it is meant, --allow-reserved \
                 '{}'",
                self.variable
            ),
            ProblemKind::Collision(other, _) => {
                format!("leave one out (--exclude '{other}'), or give one another name (--rename)")
            }
            ProblemKind::Missing => {
                "`hushed plan` lists what there is; add the secret, or correct --require".into()
            }
            ProblemKind::NothingToRename => {
                "`hushed plan` lists what there is; add the secret, or correct --rename".into()
            }
            ProblemKind::Empty => format!("give `{secret}` a value, or take it out of --require"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Globs, Transform};
    use super::*;
    use crate::config::PreserveSetting;
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
        resolution.variables.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn the_later_source_wins_and_the_loser_is_known() {
        let secrets = set(&[("a", "X", "1"), ("a", "Y", "2"), ("b", "X", "3"), ("c", "X", "4")]);
        let resolution = resolve(secrets, &MappingRules::default());
        assert_eq!(names(&resolution), ["X", "Y"]);
        assert_eq!(resolution.variables[0].winner.value, Value::from("4"));
        let below: Vec<_> =
            resolution.variables[0].overridden.iter().map(|s| &*s.provenance.source).collect();
        assert_eq!(below, ["b", "a"]);
        assert_eq!(resolution.problems, []);
    }

    #[test]
    fn an_inherited_reference_has_the_precedence_of_an_inherited_value() {
        let winner = |yielding: &[&str], preserve, exclude: &[&str]| {
            let rules = MappingRules {
                inherited: Some("env".into()),
                yielding: yielding.iter().map(|name| (*name).into()).collect(),
                preserve,
                exclude: Globs::new(exclude),
                ..MappingRules::default()
            };
            let secrets = set(&[("env", "X", "1"), ("a", "X", "2"), ("b", "X", "3")]);
            let resolution = resolve(secrets, &rules);
            let [variable] = resolution.variables.as_slice() else { panic!("one variable") };
            assert_eq!(variable.overridden.len() + resolution.excluded.len(), 2);
            variable.winner.provenance.source.to_string()
        };
        let (none, named) = (PreserveSetting::None, PreserveSetting::Names(vec!["X".into()]));
        for (yielding, preserve, exclude, want) in [
            (&[][..], none.clone(), &[][..], "b"),
            // The secret that wins decides.
            (&["a"], none.clone(), &[], "b"),
            (&["b"], none.clone(), &[], "env"),
            (&[], named, &[], "env"),
            (&[], none, &["X"], "env"),
        ] {
            assert_eq!(winner(yielding, preserve, exclude), want, "{yielding:?} {exclude:?}");
        }
    }

    #[test]
    fn filters_look_at_the_store_and_mapping_comes_after() {
        let rules = MappingRules {
            only: Some(Globs::new(&["db-*"])),
            exclude: Globs::new(&["*-old"]),
            transform: Some(Transform::UpperSnake),
            prefix: "APP_".into(),
            rename: vec![("db-url".into(), "DATABASE_URL".into())],
            ..MappingRules::default()
        };
        let secrets = set(&[
            ("a", "db-url", "1"),
            ("a", "db-pass", "2"),
            ("a", "db-old", "3"),
            ("a", "X", "4"),
        ]);
        let resolution = resolve(secrets, &rules);
        assert_eq!(names(&resolution), ["DATABASE_URL", "APP_DB_PASS"]);
        assert_eq!(resolution.excluded.len(), 2);
    }

    #[test]
    fn every_problem_names_secret_and_source_and_has_a_hint() {
        struct Case {
            secrets: &'static [(&'static str, &'static str, &'static str)],
            rules: MappingRules,
            want: &'static str,
        }
        let upper =
            || MappingRules { transform: Some(Transform::UpperSnake), ..MappingRules::default() };
        let require = || MappingRules { require: vec!["X".into()], ..MappingRules::default() };
        let rename =
            || MappingRules { rename: vec![("X".into(), "Z".into())], ..MappingRules::default() };
        let cases = [
            Case {
                secrets: &[("s", "A B", "")],
                rules: MappingRules::default(),
                want: "white space",
            },
            Case { secrets: &[("s", "A=B", "")], rules: MappingRules::default(), want: "`=`" },
            Case { secrets: &[("s", "A", "x\0y")], rules: MappingRules::default(), want: "NUL" },
            Case {
                secrets: &[("s", "LD_PRELOAD", "")],
                rules: MappingRules::default(),
                want: "reserved",
            },
            Case { secrets: &[("s", "path", "")], rules: upper(), want: "reserved `PATH`" },
            Case {
                secrets: &[("s", "a_b", "1"), ("t", "a-b", "2")],
                rules: upper(),
                want: "`a-b` from `t` (here) and `a_b` from `s` (here)",
            },
            Case { secrets: &[("s", "X", "")], rules: require(), want: "required and empty" },
            Case { secrets: &[("s", "Y", "")], rules: require(), want: "`X` is required" },
            Case { secrets: &[("s", "Y", "")], rules: rename(), want: "`X` is to be renamed" },
        ];
        for case in cases {
            let resolution = resolve(set(case.secrets), &case.rules);
            let [problem] = resolution.problems.as_slice() else {
                panic!("{}: {:?}", case.want, resolution.problems)
            };
            assert!(problem.to_string().contains(case.want), "{problem}");
            assert!(!problem.hint().is_empty());
        }
    }

    #[test]
    fn what_is_left_out_or_not_there_at_all_needs_no_renaming() {
        let rules = MappingRules {
            exclude: Globs::new(&["X"]),
            rename: vec![("X".into(), "Z".into())],
            ..MappingRules::default()
        };
        for secrets in [set(&[("s", "X", "1"), ("s", "Y", "2")]), set(&[])] {
            assert_eq!(resolve(secrets, &rules).problems, []);
        }
    }

    #[test]
    fn reserved_names_may_be_allowed_one_by_one() {
        let rules = MappingRules { allow_reserved: vec!["PATH".into()], ..MappingRules::default() };
        let resolution = resolve(set(&[("s", "PATH", "/x"), ("s", "HOME", "/y")]), &rules);
        let refused: Vec<_> = resolution.problems.iter().map(|p| p.variable.as_str()).collect();
        assert_eq!(refused, ["HOME"]);
    }
}

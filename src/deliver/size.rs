//! The kernel's limits on arguments and environment, checked before they would be an E2BIG that
//! names nothing. Pure; the stack limit is passed in.

use std::ffi::OsString;
use std::path::Path;

use super::environment::size;
use crate::config::Variable;
use crate::secret::Name;

/// The longest string that `execve(2)` takes, its NUL included: `MAX_ARG_STRLEN`, 32 pages.
pub const MAX_STRING: usize = 131_072;
/// What all strings may take at least (`ARG_MAX`), whatever the stack limit.
const MIN_TOTAL: usize = 128 * 1024;
/// And at most: three quarters of the kernel's default stack.
const MAX_TOTAL: usize = 6 * 1024 * 1024;
/// Each string also costs its pointer.
const POINTER: usize = size_of::<usize>();

/// What is too big.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TooBig {
    /// One variable.
    #[error(
        "the variable `{name}` takes {size} bytes; the kernel takes no `NAME=VALUE` over {limit}"
    )]
    Variable {
        /// Its name.
        name: Name,
        /// What it takes, without its NUL.
        size: usize,
        /// The limit, in the same way.
        limit: usize,
    },
    /// One argument of the command.
    #[error(
        "argument {index} of the command takes {size} bytes; the kernel takes none over {limit}"
    )]
    Argument {
        /// Its position; 0 is the program.
        index: usize,
        /// What it takes.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// All together.
    #[error(
        "environment and arguments take {size} bytes, and the kernel takes {limit} here; the \
         largest variables are {largest}"
    )]
    Total {
        /// What they take.
        size: usize,
        /// A quarter of the stack limit, within the kernel's bounds.
        limit: usize,
        /// The largest variables, with their sizes.
        largest: String,
    },
}

impl TooBig {
    /// What the user can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Variable { name, .. } => {
                format!("leave it out (--exclude '{name}') and let the command read it from a file")
            }
            Self::Argument { .. } => "pass it through a file or standard input".into(),
            Self::Total { .. } => {
                "raise the stack limit (ulimit -s), or take fewer secrets (--only, \
                                   --exclude, a narrower --path)"
                    .into()
            }
        }
    }
}

/// What the strings of an exec may take for a soft stack limit, in bytes.
pub fn limit(stack: u64) -> usize {
    let quarter = usize::try_from(stack / 4).unwrap_or(usize::MAX);
    quarter.clamp(MIN_TOTAL, MAX_TOTAL)
}

/// Checks one string, then all of them, as the kernel will count them. The path of the program's file
/// counts too.
pub fn check(
    file: &Path,
    command: &[OsString],
    variables: &[Variable],
    stack: u64,
) -> Result<(), TooBig> {
    for variable in variables {
        let size = size(variable);
        if size > MAX_STRING {
            let name = Name::new(variable.name.to_string_lossy());
            return Err(TooBig::Variable { name, size: size - 1, limit: MAX_STRING - 1 });
        }
    }
    for (index, argument) in command.iter().enumerate() {
        if argument.len() >= MAX_STRING {
            return Err(TooBig::Argument { index, size: argument.len(), limit: MAX_STRING - 1 });
        }
    }
    let arguments: usize = command.iter().map(|argument| argument.len() + 1 + POINTER).sum();
    let environment: usize = variables.iter().map(|variable| size(variable) + POINTER).sum();
    let size = file.as_os_str().len() + 1 + arguments + environment;
    let limit = limit(stack);
    if size > limit {
        return Err(TooBig::Total { size, limit, largest: largest(variables) });
    }
    Ok(())
}

fn largest(variables: &[Variable]) -> String {
    let mut sizes: Vec<_> =
        variables.iter().map(|variable| (size(variable) - 1, &variable.name)).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let show = |(size, name): &(usize, &OsString)| {
        format!("`{}` ({size} bytes)", Name::new(name.to_string_lossy()))
    };
    sizes.iter().take(3).map(show).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Value;

    const STACK: u64 = 8 << 20;

    fn verdict(values: &[(&str, usize)], stack: u64) -> Result<(), TooBig> {
        let variable = |(name, size): &(&str, usize)| Variable {
            name: name.into(),
            value: Value::new(vec![b'x'; *size]),
        };
        let variables: Vec<_> = values.iter().map(variable).collect();
        check(Path::new("/bin/true"), &["true".into()], &variables, stack)
    }

    #[test]
    fn one_string_may_take_131_071_bytes() {
        assert_eq!(verdict(&[("X", 131_069)], STACK), Ok(()));
        let error = verdict(&[("X", 131_070)], STACK).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the variable `X` takes 131072 bytes; the kernel takes no `NAME=VALUE` over 131071"
        );
    }

    #[test]
    fn the_whole_may_take_a_quarter_of_the_stack() {
        assert_eq!(limit(STACK), 2 << 20);
        assert_eq!(limit(0), 128 << 10);
        assert_eq!(limit(u64::MAX), 6 << 20);
        let many = vec![("NAME", 100_000); 22];
        let error = verdict(&many, STACK).unwrap_err();
        assert!(matches!(error, TooBig::Total { limit: 2_097_152, .. }), "{error}");
        assert_eq!(verdict(&many, 16 << 20), Ok(()));
    }
}

//! The kernel's limits on arguments and environment, checked before they would be an E2BIG that
//! names nothing. Pure; the page size and the stack limit are passed in.

use std::ffi::OsString;
use std::path::Path;

use super::environment::size;
use crate::config::Variable;
use crate::secret::Name;

/// How many pages the longest string of `execve(2)` takes, its NUL included (`MAX_ARG_STRLEN`).
const MAX_STRING_PAGES: usize = 32;
/// What all strings may take at least (`ARG_MAX`), whatever the stack limit.
const MIN_TOTAL: usize = 128 * 1024;
/// And at most: three quarters of the kernel's default stack.
const MAX_TOTAL: usize = 6 * 1024 * 1024;
/// Each string also costs its pointer.
const POINTER: usize = size_of::<usize>();

/// What is too big.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SizeError {
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

impl SizeError {
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

/// The kernel's limits on the strings of an exec, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecLimits {
    /// The longest single string, its NUL included.
    string: usize,
    /// All strings and their pointers.
    total: usize,
}

impl ExecLimits {
    /// The limits for a page size and a soft stack limit, both in bytes.
    pub fn new(page: usize, stack: u64) -> Self {
        let quarter = usize::try_from(stack / 4).unwrap_or(usize::MAX);
        let total = quarter.clamp(MIN_TOTAL, MAX_TOTAL);
        Self { string: page.saturating_mul(MAX_STRING_PAGES), total }
    }
}

/// Checks one string, then all of them, as the kernel will count them. The path of the program's file
/// counts too.
pub fn check(
    file: &Path,
    command: &[OsString],
    variables: &[Variable],
    limits: ExecLimits,
) -> Result<(), SizeError> {
    for variable in variables {
        let size = size(variable);
        if size > limits.string {
            let name = Name::new(variable.name.to_string_lossy());
            return Err(SizeError::Variable { name, size: size - 1, limit: limits.string - 1 });
        }
    }
    for (index, argument) in command.iter().enumerate() {
        let size = argument.len();
        if size >= limits.string {
            return Err(SizeError::Argument { index, size, limit: limits.string - 1 });
        }
    }
    let arguments: usize = command.iter().map(|argument| argument.len() + 1 + POINTER).sum();
    let environment: usize = variables.iter().map(|variable| size(variable) + POINTER).sum();
    let size = file.as_os_str().len() + 1 + arguments + environment;
    if size > limits.total {
        return Err(SizeError::Total { size, limit: limits.total, largest: largest(variables) });
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

    const PAGE: usize = 4096;
    const STACK: u64 = 8 << 20;

    fn verdict(values: &[(&str, usize)], stack: u64) -> Result<(), SizeError> {
        verdict_with_pages(values, PAGE, stack)
    }

    fn verdict_with_pages(
        values: &[(&str, usize)],
        page: usize,
        stack: u64,
    ) -> Result<(), SizeError> {
        let variable = |(name, size): &(&str, usize)| Variable {
            name: name.into(),
            value: Value::new(vec![b'x'; *size]),
        };
        let variables: Vec<_> = values.iter().map(variable).collect();
        check(Path::new("/bin/true"), &["true".into()], &variables, ExecLimits::new(page, stack))
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
    fn one_string_may_take_32_pages_whatever_their_size() {
        for page in [4 << 10, 16 << 10, 64 << 10] {
            let most = 32 * page - "X=\0".len();
            assert_eq!(verdict_with_pages(&[("X", most)], page, 64 << 20), Ok(()));
            let error = verdict_with_pages(&[("X", most + 1)], page, 64 << 20).unwrap_err();
            let limit = 32 * page - 1;
            assert_eq!(error, SizeError::Variable { name: Name::new("X"), size: limit + 1, limit });
        }
    }

    #[test]
    fn the_whole_may_take_a_quarter_of_the_stack() {
        let limit = |stack| ExecLimits::new(PAGE, stack).total;
        assert_eq!(limit(STACK), 2 << 20);
        assert_eq!(limit(0), 128 << 10);
        assert_eq!(limit(u64::MAX), 6 << 20);
        let many = vec![("NAME", 100_000); 22];
        let error = verdict(&many, STACK).unwrap_err();
        assert!(matches!(error, SizeError::Total { limit: 2_097_152, .. }), "{error}");
        assert_eq!(verdict(&many, 16 << 20), Ok(()));
    }
}

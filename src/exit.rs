//! Exit statuses: the table of the manual, and the type that commands return. Exits nothing itself.

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The code as the manual shows it.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// The exit codes of `hushed`, as the manual lists them.
pub const TABLE: &[Row] = &[
    Row { code: "0", meaning: "success" },
    Row {
        code: "1",
        meaning: "failure of a command other than `run`; or a check failed, or a name was not found",
    },
    Row { code: "2", meaning: "invalid arguments of a command other than `run`" },
    Row { code: "125", meaning: "`run`: hushed failed before the command started" },
    Row { code: "126", meaning: "`run`: the command was found but cannot be executed" },
    Row { code: "127", meaning: "`run`: the command was not found" },
    Row {
        code: "128+n",
        meaning: "signal n ended hushed or the command, and hushed is process 1, which cannot die of it",
    },
    Row { code: "other", meaning: "`run`: the exit status of the command" },
];

/// How hushed ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Success,
    /// A fault of a command that runs nothing; or the name asked for is missing.
    Failure,
    /// Wrong arguments to a command that runs nothing.
    Usage,
    /// `run` failed before the command began.
    Own,
    /// The command was found but cannot be executed.
    CannotExecute,
    /// The command was not found.
    NotFound,
    /// The command's own code, when we were its parent.
    Command(u8),
    /// A signal ended us: its number. It is raised again, so that our parent sees it.
    Signal(u8),
}

impl Exit {
    /// The code for `exit(2)`. For a signal, what a shell would report.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Own => 125,
            Self::CannotExecute => 126,
            Self::NotFound => 127,
            Self::Command(code) => code,
            Self::Signal(number) => number.saturating_add(128),
        }
    }
}

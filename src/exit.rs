//! Exit statuses: the table of the manual, and the type that commands return. Exits nothing itself.

/// One row of the table of exit statuses.
#[derive(Clone, Copy, Debug)]
pub struct ExitStatusRow {
    /// The code as the manual shows it.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// The exit statuses of `hushed`, as the manual lists them. Those from 64 to 78 follow sysexits.h.
pub const TABLE: &[ExitStatusRow] = &[
    ExitStatusRow { code: "0", meaning: "success" },
    ExitStatusRow { code: "1", meaning: "no such secret, a check failed, or any other failure" },
    ExitStatusRow { code: "2", meaning: "wrong usage" },
    ExitStatusRow { code: "65", meaning: "bad data: a file, a value, or an answer cannot be used" },
    ExitStatusRow { code: "69", meaning: "a server cannot be reached, or cannot answer now" },
    ExitStatusRow { code: "77", meaning: "a server denied the login or access" },
    ExitStatusRow { code: "78", meaning: "the configuration is invalid or incomplete" },
    ExitStatusRow {
        code: "125",
        meaning: "`run`: any failure of hushed, wrong usage included, before the command starts",
    },
    ExitStatusRow { code: "126", meaning: "`run`: the command was found but cannot be executed" },
    ExitStatusRow { code: "127", meaning: "`run`: the command was not found" },
    ExitStatusRow {
        code: "128+n",
        meaning: "signal n ended hushed or the command, and hushed is process 1, which cannot die of it",
    },
    ExitStatusRow { code: "other", meaning: "`run`: the exit status of the command" },
];

/// How hushed ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Success,
    /// A fault of a command that runs nothing; or the name asked for is missing.
    Failure,
    /// Wrong usage of a subcommand other than `run`.
    Usage,
    /// Unusable data (`EX_DATAERR`), for a subcommand other than `run`.
    BadData,
    /// A server cannot be reached (`EX_UNAVAILABLE`), for a subcommand other than `run`.
    Unavailable,
    /// A server denied access (`EX_NOPERM`), for a subcommand other than `run`.
    Denied,
    /// Invalid configuration (`EX_CONFIG`), for a subcommand other than `run`.
    Configuration,
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
    /// The statuses that another process may report with an error.
    const REPORTED: [Self; 6] = [
        Self::Failure,
        Self::Usage,
        Self::BadData,
        Self::Unavailable,
        Self::Denied,
        Self::Configuration,
    ];

    /// The status with this code, among those that come with an error of a subcommand other than `run`.
    pub fn reported(code: u8) -> Option<Self> {
        Self::REPORTED.into_iter().find(|exit| exit.code() == code)
    }

    /// A word for what it means, for programs.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure | Self::Own | Self::Command(_) => "failure",
            Self::Usage => "usage",
            Self::BadData => "bad-data",
            Self::Unavailable => "unavailable",
            Self::Denied => "denied",
            Self::Configuration => "configuration",
            Self::CannotExecute => "cannot-execute",
            Self::NotFound => "command-not-found",
            Self::Signal(_) => "signal",
        }
    }

    /// The code for `exit(2)`. For a signal, what a shell would report.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::BadData => 65,
            Self::Unavailable => 69,
            Self::Denied => 77,
            Self::Configuration => 78,
            Self::Own => 125,
            Self::CannotExecute => 126,
            Self::NotFound => 127,
            Self::Command(code) => code,
            Self::Signal(number) => number.saturating_add(128),
        }
    }
}

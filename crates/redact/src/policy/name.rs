//! What the name of a variable says about its value, by the words that it consists of: `DB_PASSWORD`,
//! `apiKey`, `stripe-secret` and `PGPASSWORD` say that it is secret, `TOKEN_TTL` and `KEYBOARD` do not.

use super::form;

/// What a name says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is secret, by this word.
    Secret(&'static str),
    /// It is the hash of something public, or an identifier of a build or a session.
    Identifier,
    /// It is a number: a size, a time, or the number of an account.
    Number,
    /// It is the name of a machine.
    Host,
    /// It is the name of an account.
    User,
    /// It belongs to the session of a shell, a terminal or a desktop.
    Session,
    /// Nothing.
    Nothing,
}

impl Meaning {
    /// Whether a value that looks like a key is one that a name of this meaning has.
    pub(super) fn fits(self, value: &str) -> bool {
        match self {
            Self::Identifier => form::is_identifier(value),
            Self::Number => form::is_number(value),
            Self::Host => form::is_host(value),
            Self::User => form::is_user(value),
            Self::Session => true,
            Self::Secret(_) | Self::Nothing => false,
        }
    }
}

/// Words that say `secret` wherever they stand in a name. Their plurals count as well.
const SECRET: &[&str] = &[
    "SECRET",
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASS",
    "PW",
    "PASSPHRASE",
    "PASSCODE",
    "KEY",
    "APIKEY",
    "PRIVATE",
    "AUTH",
    "AUTHORIZATION",
    "CRED",
    "CREDENTIAL",
    "DSN",
    "SALT",
    "PEPPER",
    "SIGNATURE",
    "SIGNING",
    "PIN",
    "PINCODE",
    "OTP",
    "TOTP",
    "MFA",
    "CVV",
    "JWT",
    "BEARER",
    "COOKIE",
    "WEBHOOK",
    "HMAC",
    "PSK",
    "MNEMONIC",
    "UNSEAL",
    "HTPASSWD",
    "CONNSTR",
];

/// Words that say `secret` at the end of a longer name.
const SECRET_AT_END: &[&str] = &["PWD", "PAT", "SEED"];

/// Pairs of words that say `secret`. The plural of the second counts as well.
const SECRET_PAIRS: &[(&str, &str, &str)] = &[
    ("CONNECTION", "STRING", "CONNECTION_STRING"),
    ("SEED", "PHRASE", "SEED_PHRASE"),
    ("RECOVERY", "CODE", "RECOVERY_CODE"),
    ("BACKUP", "CODE", "BACKUP_CODE"),
    ("ACCESS", "CODE", "ACCESS_CODE"),
];

/// What says `secret` inside a word without separators: `PGPASSWORD`, `mysecret`.
const SECRET_INSIDE: &[&str] =
    &["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL"];

/// What says `secret` at the end of a word without separators: `ACCESSKEY`, `DBPASS`, `BASICAUTH`.
const SECRET_SUFFIX: &[&str] = &["KEY", "KEYS", "PASS", "PWD", "AUTH", "JWT"];

/// Words that hold one of those by chance.
const PUBLIC: &[&str] = &[
    "MONKEY",
    "TURKEY",
    "HOCKEY",
    "DONKEY",
    "WHISKEY",
    "JOCKEY",
    "HOTKEY",
    "HOTKEYS",
    "COMPASS",
    "BYPASS",
    "ENCOMPASS",
    "OVERPASS",
    "UNDERPASS",
    "TRESPASS",
    "SURPASS",
    "LOWPASS",
    "HIGHPASS",
    "OLDPWD",
    "TOKENIZER",
    "TOKENIZERS",
    "TOKENIZE",
    "TOKENIZATION",
    "DETOKENIZE",
    "SECRETARY",
    "SECRETARIAT",
    "PASSWORDLESS",
];

/// Pairs of words that say nothing, although one of them would.
const PUBLIC_PAIRS: &[(&str, &str)] = &[
    ("PUBLIC", "KEY"),
    ("PUBLISHABLE", "KEY"),
    ("SITE", "KEY"),
    ("PRIMARY", "KEY"),
    ("FOREIGN", "KEY"),
    ("PARTITION", "KEY"),
    ("SORT", "KEY"),
    ("ROUTING", "KEY"),
    ("CACHE", "KEY"),
    ("KEY", "BOARD"),
    ("KEY", "CLOAK"),
    ("KEY", "VALUE"),
    ("KEY", "SPACE"),
    ("HOT", "KEY"),
    ("PASS", "THROUGH"),
    ("PASS", "PORT"),
    ("BY", "PASS"),
    ("AUTH", "SOCK"),
    ("OLD", "PWD"),
    ("MAX", "TOKENS"),
    ("PRIVATE", "NETWORK"),
    ("PRIVATE", "SUBNET"),
    ("PRIVATE", "SUBNETS"),
    ("PRIVATE", "REGISTRY"),
    ("PRIVATE", "REPO"),
    ("PIN", "MAP"),
    ("COOKIE", "CONSENT"),
];

/// Last words of names that say something about a secret and are none: `TOKEN_TTL`, `KEY_FILE`.
const ATTRIBUTE: &[&str] = &[
    "TTL",
    "EXPIRY",
    "EXPIRES",
    "EXPIRATION",
    "LIFETIME",
    "IN",
    "AGE",
    "LENGTH",
    "LEN",
    "SIZE",
    "BITS",
    "MIN",
    "MAX",
    "LIMIT",
    "COUNT",
    "ROUNDS",
    "ITERATIONS",
    "COST",
    "PREFIX",
    "SUFFIX",
    "ALGORITHM",
    "ALGO",
    "ALG",
    "CURVE",
    "TYPE",
    "KIND",
    "FORMAT",
    "ENCODING",
    "MODE",
    "METHOD",
    "SCHEME",
    "STRATEGY",
    "POLICY",
    "PROVIDER",
    "DRIVER",
    "BACKEND",
    "ENGINE",
    "CLASS",
    "MODULE",
    "FILE",
    "FILES",
    "PATH",
    "DIR",
    "DIRECTORY",
    "LOCATION",
    "NAME",
    "HEADER",
    "FIELD",
    "ISSUER",
    "AUDIENCE",
    "REALM",
    "DOMAIN",
    "HOST",
    "HOSTNAME",
    "PORT",
    "REGION",
    "ENABLED",
    "DISABLED",
    "ENABLE",
    "DISABLE",
    "REQUIRED",
    "OPTIONAL",
    "SECURE",
    "SAMESITE",
    "HTTPONLY",
    "VERSION",
    "SCOPE",
    "SCOPES",
    "ROLE",
    "ROLES",
    "TIMEOUT",
    "INTERVAL",
    "ROTATION",
    "RETRIES",
    "USER",
    "USERNAME",
    "LOGIN",
    "EMAIL",
    "NETWORK",
    "CIDR",
    "IP",
    "DNS",
    "SERVER",
    "SERVICE",
    "TABLE",
    "COLUMN",
    "MINUTES",
    "SECONDS",
    "HOURS",
    "DAYS",
    "MS",
];

/// Last words of names that hold hashes of something public, and identifiers of builds and sessions.
const IDENTIFIER: &[&str] =
    &["SHA", "COMMIT", "REVISION", "DIGEST", "CHECKSUM", "FINGERPRINT", "ETAG"];

/// Before `ID` at the end, the words that make it one.
const IDENTIFIED: &[&str] = &[
    "BUILD",
    "JOB",
    "RUN",
    "WORKFLOW",
    "PIPELINE",
    "INVOCATION",
    "MACHINE",
    "TRACKING",
    "TRACE",
    "IMAGE",
    "DEPLOYMENT",
    "RELEASE",
    "CONTAINER",
    "POD",
    "BOOT",
    "WINDOW",
];

/// Last words of names that hold numbers.
const NUMBER: &[&str] = &[
    "ID",
    "PORT",
    "SIZE",
    "BYTES",
    "LIMIT",
    "MAX",
    "MIN",
    "MS",
    "MILLIS",
    "SECONDS",
    "SECS",
    "TIMEOUT",
    "TTL",
    "INTERVAL",
    "COUNT",
    "NUMBER",
    "PHONE",
    "QUOTA",
    "AGE",
    "LENGTH",
    "RATE",
    "WIDTH",
    "HEIGHT",
    "TIME",
    "DATE",
    "TIMESTAMP",
    "EPOCH",
    "VERSION",
    "BUILD",
    "ACCOUNT",
    "DELAY",
    "EXPIRY",
    "EXPIRES",
    "BUDGET",
    "MEMORY",
    "OFFSET",
    "UID",
    "GID",
    "PID",
];

/// Last words of names that hold the name of a machine.
const HOST: &[&str] = &["HOST", "HOSTNAME", "COMPUTERNAME", "POD", "NODE"];

/// Last words of names that hold the name of an account.
const USER: &[&str] = &["USER", "USERNAME", "LOGIN", "LOGNAME", "OWNER"];

/// Variables of sessions. Their values may look strange, and are no keys.
const SESSION: &[&str] = &[
    "_",
    "COLORTERM",
    "DBUS_SESSION_BUS_ADDRESS",
    "FZF_DEFAULT_OPTS",
    "GNOME_TERMINAL_SCREEN",
    "GREP_COLORS",
    "ITERM_SESSION_ID",
    "JOURNAL_STREAM",
    "JQ_COLORS",
    "KITTY_PUBLIC_KEY",
    "LESSCLOSE",
    "LESSOPEN",
    "LSCOLORS",
    "LS_COLORS",
    "PROMPT",
    "PROMPT_COMMAND",
    "PS0",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "RPROMPT",
    "SESSION_MANAGER",
    "SSH_AUTH_SOCK",
    "SSH_CLIENT",
    "SSH_CONNECTION",
    "STARSHIP_SESSION_KEY",
    "STY",
    "TERMCAP",
    "TERM_SESSION_ID",
    "TMUX",
    "VSCODE_GIT_IPC_HANDLE",
    "WINDOWID",
    "XAUTHORITY",
    "XDG_SESSION_PATH",
    "ZLS_COLORS",
];

/// What a name says about its value.
pub(super) fn meaning(name: &str) -> Meaning {
    if SESSION.contains(&name) {
        return Meaning::Session;
    }
    let words = words(name);
    let last = words.last().copied().unwrap_or_default();
    if let Some(word) = secret_word(&words) {
        let is_attribute = words.len() > 1 && has(ATTRIBUTE, last);
        if !is_attribute {
            return Meaning::Secret(word);
        }
    }
    let before = words.iter().rev().nth(1).copied().unwrap_or_default();
    let names_one = is(last, "NAME") && has(HOST, before);
    if has(IDENTIFIER, last) || (is(last, "ID") && has(IDENTIFIED, before)) {
        Meaning::Identifier
    } else if has(HOST, last) || names_one {
        Meaning::Host
    } else if has(USER, last) {
        Meaning::User
    } else if has(NUMBER, last) {
        Meaning::Number
    } else {
        Meaning::Nothing
    }
}

/// The word of a name that says `secret`, as the tables have it.
fn secret_word(words: &[&str]) -> Option<&'static str> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if let Some(next) = words.get(at + 1) {
            if PUBLIC_PAIRS.iter().any(|(first, second)| is(word, first) && is_plural(next, second))
            {
                at += 2;
                continue;
            }
            let pair = |(first, second, _): &&(&str, &str, &'static str)| {
                is(word, first) && is_plural(next, second)
            };
            if let Some((.., shown)) = SECRET_PAIRS.iter().find(pair) {
                return Some(shown);
            }
        }
        let is_end = at > 0 && at + 1 == words.len();
        if let Some(found) = secret_in(word, is_end) {
            return Some(found);
        }
        at += 1;
    }
    None
}

/// What of a single word says `secret`.
fn secret_in(word: &str, is_end: bool) -> Option<&'static str> {
    let find = |table: &[&'static str], fits: &dyn Fn(&str) -> bool| {
        table.iter().copied().find(|known| fits(known))
    };
    if has(PUBLIC, word) {
        return None;
    }
    find(SECRET, &|known| is_plural(word, known))
        .or_else(|| find(SECRET_AT_END, &|known| is_end && is(word, known)))
        .or_else(|| find(SECRET_INSIDE, &|known| contains(word, known)))
        .or_else(|| find(SECRET_SUFFIX, &|known| word.len() > known.len() && ends(word, known)))
}

/// The words of a name: parted by signs, by a capital after a small letter (`apiKey`, `APIKey`), and at
/// digits, which are left out.
fn words(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for run in name.split(|c: char| !c.is_alphabetic()) {
        let mut begin = 0;
        let letters: Vec<(usize, char)> = run.char_indices().collect();
        for (index, (at, letter)) in letters.iter().enumerate().skip(1) {
            let before = letters[index - 1].1;
            let after = letters.get(index + 1).is_some_and(|(_, next)| next.is_lowercase());
            let begins = letter.is_uppercase() && (before.is_lowercase() || after);
            if begins {
                words.extend(run.get(begin..*at));
                begin = *at;
            }
        }
        words.extend(run.get(begin..).filter(|rest| !rest.is_empty()));
    }
    words
}

fn is(word: &str, known: &str) -> bool {
    word.eq_ignore_ascii_case(known)
}

/// Whether a word is a known one, or its plural.
fn is_plural(word: &str, known: &str) -> bool {
    is(word, known)
        || word.len() == known.len() + 1
            && word.ends_with(['s', 'S'])
            && word.get(..known.len()).is_some_and(|singular| is(singular, known))
}

fn has(table: &[&str], word: &str) -> bool {
    table.iter().any(|known| is(word, known))
}

fn contains(word: &str, known: &str) -> bool {
    let windows = word.as_bytes().windows(known.len());
    windows.into_iter().any(|part| part.eq_ignore_ascii_case(known.as_bytes()))
}

fn ends(word: &str, known: &str) -> bool {
    let at = word.len().checked_sub(known.len());
    at.and_then(|at| word.get(at..)).is_some_and(|end| is(end, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_name() {
        for (name, want) in [
            ("DB_PASSWORD_2", &["DB", "PASSWORD"][..]),
            ("apiKey", &["api", "Key"]),
            ("APIKeyV2Id", &["API", "Key", "V", "Id"]),
            ("spring.datasource.password", &["spring", "datasource", "password"]),
            ("stripe-secret", &["stripe", "secret"]),
            ("", &[]),
        ] {
            assert_eq!(words(name), want, "{name}");
        }
    }

    #[test]
    fn names_that_say_secret() {
        for (name, word) in [
            ("SECRET", "SECRET"),
            ("DB_PASSWORD", "PASSWORD"),
            ("PGPASSWORD", "PASSWORD"),
            ("dbPassword1", "PASSWORD"),
            ("SMTP_PASS", "PASS"),
            ("MYSQL_PWD", "PWD"),
            ("DBPWD", "PWD"),
            ("STRIPE_API_KEY", "KEY"),
            ("OPENAI_APIKEY", "APIKEY"),
            ("accessKey", "KEY"),
            ("ACCESSKEY", "KEY"),
            ("APP_KEYS", "KEY"),
            ("SECRET_KEY_BASE", "SECRET"),
            ("Authorization", "AUTHORIZATION"),
            ("BASIC_AUTH", "AUTH"),
            ("SENTRY_DSN", "DSN"),
            ("slack-webhook-url", "WEBHOOK"),
            ("ConnectionStrings__Default", "CONNECTION_STRING"),
            ("GITHUB_PAT", "PAT"),
            ("GOOGLE_APPLICATION_CREDENTIALS_JSON", "CREDENTIAL"),
            ("NEXT_PUBLIC_API_KEY", "KEY"),
            ("AWS_SECRET_ACCESS_KEY", "SECRET"),
            ("VAULT_SECRET_ID", "SECRET"),
            ("PIN", "PIN"),
        ] {
            assert_eq!(meaning(name), Meaning::Secret(word), "{name}");
        }
    }

    #[test]
    fn names_that_only_look_so() {
        for name in [
            "PWD",
            "OLDPWD",
            "PUBLIC_KEY",
            "publicKey",
            "VAPID_PUBLIC_KEY",
            "KEYBOARD",
            "KEYBOARD_LAYOUT",
            "AUTHOR",
            "AUTHORITY",
            "PASSENGER_APP",
            "COMPASS",
            "MONKEY_NAME",
            "KEYCLOAK_REALM",
            "PINNED",
            "SSH_AUTH_SOCK",
            "TOKENIZERS_PARALLELISM",
            "RECAPTCHA_SITE_KEY",
            "DESCRIPTION",
            "PATTERN",
            "SECRETARY",
            "LOG_LEVEL",
            "APP_NAME",
        ] {
            assert!(!matches!(meaning(name), Meaning::Secret(_)), "{name}");
        }
        for name in
            ["TOKEN_TTL", "JWT_SECRET_FILE", "KEY_PREFIX", "JWT_ALGORITHM", "PASSWORD_MIN_LENGTH"]
        {
            assert!(!matches!(meaning(name), Meaning::Secret(_)), "{name}");
        }
    }

    #[test]
    fn names_of_identifiers_numbers_and_machines() {
        for (name, want) in [
            ("GITHUB_SHA", Meaning::Identifier),
            ("SOURCE_COMMIT", Meaning::Identifier),
            ("PYTHON_SHA256", Meaning::Identifier),
            ("BUILDKITE_BUILD_ID", Meaning::Identifier),
            ("GITHUB_APP_ID", Meaning::Number),
            ("MAX_SIZE", Meaning::Number),
            ("HOSTNAME", Meaning::Host),
            ("POD_NAME", Meaning::Host),
            ("DB_USER", Meaning::User),
            ("LS_COLORS", Meaning::Session),
            ("SESSION_ID", Meaning::Number),
            ("APP_NAME", Meaning::Nothing),
        ] {
            assert_eq!(meaning(name), want, "{name}");
        }
    }
}

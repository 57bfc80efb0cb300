//! Subcommands and options of the Infisical CLI that hushed does not have, each with a hint.

use crate::provider::ForeignWord;

const fn word(word: &'static str, hint: &'static str) -> ForeignWord {
    ForeignWord { word, hint }
}

const NO_USER_LOGIN: &str = "hushed logs in with a machine identity only; a session of `infisical login` is not used. Create \
     a machine identity with Universal Auth and set INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and _CLIENT_SECRET";
const NO_KEYRING: &str = "hushed stores no login, so there is no vault to choose or reset; `hushed cache clear` deletes cached \
     secrets";
const SHARED: &str = "hushed writes the shared secret; `--personal` writes your personal override";
const NO_AGENT: &str = "hushed has no agent; `hushed run --init` supervises a command, and `hushed export -o FILE` writes a \
     file";
const NO_RELOAD: &str = "hushed does not restart a command when a secret changes; restart `hushed run` from your \
     supervisor or file watcher";
const NO_DYNAMIC: &str = "hushed does not lease dynamic secrets; use Infisical's own CLI or API";

pub(super) static WORDS: &[ForeignWord] = &[
    word("--watch", NO_RELOAD),
    word("--watch-interval", NO_RELOAD),
    word(
        "--template",
        "hushed fills no template file; pipe `hushed export --format json` to a template program, use \
         `hushed run -- envsubst <TEMPLATE`, or compose variables by `[env]` in hushed.toml",
    ),
    word(
        "--project-config-dir",
        "change to that directory, or pass `--project ID`; hushed finds .infisical.json in the \
         working directory and above",
    ),
    word("--email", NO_USER_LOGIN),
    word("--password", NO_USER_LOGIN),
    word("--organization-id", NO_USER_LOGIN),
    word("--clear-domains", NO_USER_LOGIN),
    word("--interactive", NO_USER_LOGIN),
    word("-i", NO_USER_LOGIN),
    word("--type", SHARED),
    word("--tag", "`hushed secrets set NAME --tag SLUG` sets the tags of a secret"),
    word("--show-values", "`hushed secrets get NAME` prints the value"),
    word("user", NO_USER_LOGIN),
    word("vault", NO_KEYRING),
    word("reset", NO_KEYRING),
    word("dynamic-secrets", NO_DYNAMIC),
    word(
        "service-token",
        "hushed uses service tokens (INFISICAL_TOKEN) but does not create them; Infisical \
         recommends machine identities instead",
    ),
    word("agent", NO_AGENT),
    word("bootstrap", "hushed does not administer a server; use Infisical's own CLI"),
    word("gateway", NO_AGENT),
    word("ssh", "hushed does not issue SSH certificates; use Infisical's own CLI"),
    word("kmip", "hushed does not serve KMIP; use Infisical's own CLI"),
    word("pam", "hushed does not broker access; use Infisical's own CLI"),
    word("relay", NO_AGENT),
    word(
        "secrets folders",
        "use `hushed folders list`, `create` or `delete`; select folders with --path and --recursive",
    ),
    word(
        "secrets generate-example-env",
        "use `hushed secrets list`, or `hushed export --format dotenv` and remove the values",
    ),
];

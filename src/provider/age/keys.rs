//! Where identities come from: settings of a source, sops' variables, and the usual files of this user. All
//! places are searched and joined. A place that cannot be used matters only if no other opens the file.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::error::KeyError;
use super::identity::{Identity, parse_identities};
use super::{armor, decrypt};
use crate::config::schema::{CredentialKey, keys};
use crate::config::{Credential, Error, Layers, base_directories, credential};
use crate::message::shown_path;
use crate::provider::doctor::{self, Check};
use crate::seal::private_file::{self, read_within};
use crate::secret::Value;
use crate::sys::program::{HelperError, HelperProgram, find_in_path};

keys! {
    IDENTITY_FILE = "identity-file" Path None, [],
        "A file with age identities (`AGE-SECRET-KEY-1…`), an OpenSSH private key of type Ed25519, or an age file with identities that the passphrase opens. It is used beside the other places of identities.";
    PASSPHRASE_FILE = "passphrase-file" Path None, [],
        "A file with a passphrase, for age files that are encrypted with one, and for such identity files.";
}

/// Age identities, in sops' variable.
pub static AGE_KEY: CredentialKey = CredentialKey {
    what: "age identity",
    direct: None,
    secret: true,
    file: &IDENTITY_FILE,
    variables: &["SOPS_AGE_KEY"],
    usual: None,
    systemd: "age-identity",
};

/// An SSH private key, in sops' variable for its file.
pub static SSH_KEY: CredentialKey = CredentialKey {
    what: "SSH private key",
    direct: None,
    secret: true,
    file: &IDENTITY_FILE,
    variables: &["SOPS_AGE_SSH_PRIVATE_KEY"],
    usual: None,
    systemd: "age-ssh-key",
};

/// The passphrase of age files.
pub static PASSPHRASE: CredentialKey = CredentialKey {
    what: "age passphrase",
    direct: None,
    secret: true,
    file: &PASSPHRASE_FILE,
    variables: &["AGE_PASSPHRASE"],
    usual: None,
    systemd: "age-passphrase",
};

/// Identities of the settings alone: sops' variables are searched beside it.
static OWN_KEY: CredentialKey = CredentialKey {
    what: "age identity",
    direct: None,
    secret: true,
    file: &IDENTITY_FILE,
    variables: &[],
    usual: None,
    systemd: "age-identity",
};

/// Variables that name programs whose output holds keys.
const COMMANDS: [(&str, Form); 2] =
    [("SOPS_AGE_KEY_CMD", Form::Lines), ("SOPS_AGE_SSH_PRIVATE_KEY_CMD", Form::Ssh)];

/// What tells a program for which recipient a key is wanted.
const RECIPIENT: &str = "SOPS_AGE_RECIPIENT";

/// How often a program is run at most.
const MAX_RUNS: usize = 20;

/// The longest output of a program that is read, in bytes.
const MAX_OUTPUT: usize = 64 << 10;

/// The largest file of identities that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// The places of identities.
#[derive(Clone, Debug)]
pub struct KeyPlaces {
    places: Vec<Place>,
    passphrase: Option<Credential>,
    timeout: Duration,
}

#[derive(Clone, Debug)]
struct Place {
    content: Content,
    form: Form,
    /// How messages name it.
    origin: String,
    /// Whether it may be missing: nobody named it.
    is_usual: bool,
}

#[derive(Clone, Debug)]
enum Content {
    Text(Value),
    File(PathBuf),
    /// The output of a program. The user's own environment names it, never a file.
    Program(Arc<Program>),
}

/// A program, and the environment that it runs in.
#[derive(Debug)]
struct Program {
    words: Vec<OsString>,
    environment: Vec<(OsString, Value)>,
}

/// What a place may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Identities, several on a line.
    Words,
    /// Identities, one on a line, or an age file with them.
    Lines,
    /// An SSH private key.
    Ssh,
    /// Any of these.
    Any,
}

/// Why a place gave no identity.
#[derive(Debug)]
pub(in crate::provider) struct KeyFault {
    /// The place.
    origin: String,
    /// Why not.
    why: Fault,
}

/// Why a place gave no identity.
#[derive(Debug, thiserror::Error)]
pub(in crate::provider) enum Fault {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] private_file::Error),
    /// What it holds is no identity.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The program cannot be run.
    #[error("the program cannot be run: {0}")]
    Program(#[from] HelperError),
    /// The program ended with this status.
    #[error("the program failed{}", .0.map_or_else(String::new, |status| format!(" with exit status {status}")))]
    Status(Option<i32>),
    /// It names no program.
    #[error("it names no program, or has an unterminated quote")]
    NoProgram,
}

/// The identities of all places, and the places that gave none.
#[derive(Debug, Default)]
pub(in crate::provider) struct LoadedKeys {
    /// What opens files.
    pub(in crate::provider) identities: Vec<Identity>,
    /// What did not become an identity.
    faults: Vec<KeyFault>,
    /// The places that nobody named and that are not there.
    absent: Vec<String>,
}

impl KeyPlaces {
    /// Finds the places. No file is read yet, but those of passphrases.
    pub fn find(layers: &Layers<'_>) -> Result<Self, Error> {
        let mut places = Vec::new();
        if let Some(found) = credential::find(&OWN_KEY, layers)? {
            let (content, origin) = if let Some((path, _)) = found.file() {
                (Content::File(path.to_owned()), shown(path))
            } else {
                let Credential { value, origin, .. } = found.take()?;
                (Content::Text(value), origin)
            };
            places.push(Place { content, form: Form::Any, origin, is_usual: false });
        }
        let environment = layers.environment();
        for (name, form) in [("SOPS_AGE_KEY", Form::Words), ("SOPS_AGE_SSH_PRIVATE_KEY", Form::Ssh)]
        {
            if let Some(value) = environment.get(name) {
                let content = Content::Text(value.clone());
                places.push(Place { content, form, origin: name.to_owned(), is_usual: false });
            }
            let name = format!("{name}_FILE");
            let form = if form == Form::Words { Form::Lines } else { form };
            if let Some(path) = environment.text(&name) {
                let (content, origin) =
                    (Content::File(path.into()), format!("{} ({name})", shown(Path::new(path))));
                places.push(Place { content, form, origin, is_usual: false });
            }
        }
        for (name, form) in COMMANDS {
            if let Some(command) = environment.text(name) {
                let program = Program {
                    words: split_words(command),
                    environment: environment
                        .iter()
                        .map(|variable| (variable.name.clone(), variable.value.clone()))
                        .collect(),
                };
                let content = Content::Program(Arc::new(program));
                places.push(Place { content, form, origin: name.to_owned(), is_usual: false });
            }
        }
        places.extend(usual_places());
        let passphrase = credential::find(&PASSPHRASE, layers)?;
        Ok(Self {
            places,
            passphrase: passphrase.map(credential::FoundCredential::take).transpose()?,
            timeout: layers.timeout(),
        })
    }

    /// One file, in a variable of this name.
    #[cfg(test)]
    pub(in crate::provider) fn in_variable(
        name: &str,
        path: &Path,
        passphrase: Option<&str>,
    ) -> Self {
        let form = match name {
            "SOPS_AGE_KEY_FILE" => Form::Lines,
            "SOPS_AGE_SSH_PRIVATE_KEY_FILE" => Form::Ssh,
            _ => Form::Any,
        };
        let content = Content::File(path.to_owned());
        let passphrase = passphrase.map(|text| Credential {
            value: Value::from(text),
            origin: "AGE_PASSPHRASE".to_owned(),
            file: None,
        });
        let places = vec![Place { content, form, origin: name.to_owned(), is_usual: false }];
        Self { places, passphrase, timeout: Duration::from_secs(5) }
    }

    /// The secrets among them that are not in files.
    pub fn secrets(&self) -> Vec<&Value> {
        let texts = self.places.iter().filter_map(|place| match &place.content {
            Content::Text(value) => Some(value),
            Content::File(_) | Content::Program(_) => None,
        });
        texts.chain(self.passphrase.as_ref().map(|passphrase| &passphrase.value)).collect()
    }

    /// Whether a program gives some of them.
    pub fn runs_programs(&self) -> bool {
        self.places.iter().any(|place| matches!(place.content, Content::Program(_)))
    }

    /// Reads all places. A program is told each of the recipients that a file has, in a run of its own.
    pub(in crate::provider) async fn load(&self, recipients: &[&str]) -> LoadedKeys {
        let mut loaded = LoadedKeys::default();
        for place in &self.places {
            match self.read(place, recipients).await {
                Ok(identities) => loaded.identities.extend(identities),
                Err(Fault::File(private_file::Error::Missing { .. })) if place.is_usual => {
                    loaded.absent.push(place.origin.clone());
                }
                Err(why) => loaded.faults.push(KeyFault { origin: place.origin.clone(), why }),
            }
        }
        if let Some(passphrase) = &self.passphrase {
            loaded.identities.push(Identity::from_passphrase(passphrase.value.clone()));
        }
        loaded
    }

    async fn read(&self, place: &Place, recipients: &[&str]) -> Result<Vec<Identity>, Fault> {
        match &place.content {
            Content::Text(value) => self.parse(place.form, value.expose()),
            Content::File(path) => {
                let content = read_within(path, MAX_SIZE, || self.timeout)?.bytes;
                self.parse(place.form, content.expose())
            }
            Content::Program(program) => {
                let mut identities = Vec::new();
                for recipient in recipients
                    .iter()
                    .take(MAX_RUNS)
                    .copied()
                    .chain(recipients.is_empty().then_some(""))
                {
                    let output = program.run(recipient, self.timeout).await?;
                    identities.extend(self.parse(place.form, &output)?);
                }
                Ok(identities)
            }
        }
    }

    fn parse(&self, form: Form, text: &[u8]) -> Result<Vec<Identity>, Fault> {
        Ok(match form {
            Form::Words => parse_identities(text, true)?,
            Form::Ssh => vec![Identity::from_ssh(text)?],
            Form::Lines | Form::Any if is_age(text) => self.parse_encrypted(text)?,
            Form::Lines => parse_identities(text, false)?,
            Form::Any => match parse_identities(text, false) {
                Err(KeyError::Ssh) => vec![Identity::from_ssh(text)?],
                parsed => parsed?,
            },
        })
    }

    fn parse_encrypted(&self, text: &[u8]) -> Result<Vec<Identity>, KeyError> {
        let passphrase = self.passphrase.as_ref().ok_or(KeyError::NeedsPassphrase)?;
        let passphrase = Identity::from_passphrase(passphrase.value.clone());
        let opened = decrypt(text, &[passphrase]).map_err(|_| KeyError::Encrypted)?;
        parse_identities(&opened, false)
    }

    /// Checks of the places, for `hushed doctor`.
    pub async fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        let files = self.places.iter().filter_map(|place| match &place.content {
            Content::File(path) => Some(path),
            Content::Text(_) | Content::Program(_) => None,
        });
        checks.extend(files.filter_map(|path| doctor::private("identity file", path)));
        let loaded = self.load(&[]).await;
        for fault in &loaded.faults {
            let detail = format!("{}: {}", fault.origin, fault.why);
            checks.push(Check::warning("identity", detail, "other places are used without it"));
        }
        let detail = doctor::counted(loaded.identities.len(), "identity");
        let detail = detail.replace("identitys", "identities");
        checks.push(if loaded.identities.is_empty() {
            Check::not_ok("identities", detail, HINT)
        } else {
            Check::ok("identities", detail)
        });
        checks
    }
}

impl Program {
    async fn run(&self, recipient: &str, patience: Duration) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let (name, arguments) = self.words.split_first().ok_or(Fault::NoProgram)?;
        let own = |variable: &&(OsString, Value)| variable.0 != RECIPIENT;
        let variables = self.environment.iter().filter(own);
        let value = |value: &Value| OsStr::from_bytes(value.expose()).to_owned();
        let mut environment: Vec<_> =
            variables.map(|variable| (variable.0.clone(), value(&variable.1))).collect();
        let path = environment.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path);
        let named = Path::new(name);
        let found = if named.components().count() > 1 {
            Some(named.to_owned())
        } else {
            name.to_str()
                .and_then(|name| find_in_path(name, path.map_or(OsStr::new(""), |path| path)))
        };
        let missing = || HelperError::Io(std::io::ErrorKind::NotFound.into());
        let file = found.ok_or_else(missing)?;
        if !recipient.is_empty() {
            environment.push((RECIPIENT.into(), recipient.into()));
        }
        let arguments = arguments.to_vec();
        let program = HelperProgram { file, arguments, environment, is_interactive: true };
        let output = program.run(MAX_OUTPUT, patience).await?;
        match output.status {
            Some(0) => Ok(output.output),
            status => Err(Fault::Status(status)),
        }
    }
}

/// Splits a command at white space, without a shell; quotes and backslashes protect. An unterminated quote
/// makes it empty.
fn split_words(command: &OsStr) -> Vec<OsString> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<Vec<u8>>, None);
    let mut bytes = command.as_bytes().iter().copied();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(open), byte) if byte == open => quote = None,
            (None, b'\'' | b'"') => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            (None | Some(b'"'), b'\\') => word.get_or_insert_default().extend(bytes.next()),
            (None, byte) if byte.is_ascii_whitespace() => {
                words.extend(word.take().map(OsString::from_vec));
            }
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word.map(OsString::from_vec));
    if quote.is_some() { Vec::new() } else { words }
}

/// How to pass an identity.
pub(in crate::provider) const HINT: &str = "set SOPS_AGE_KEY_FILE, SOPS_AGE_KEY or `identity-file`, or put the identity into \
                        ~/.config/sops/age/keys.txt";

/// The files that sops looks for without being told.
fn usual_places() -> Vec<Place> {
    let Some(base) = base_directories() else { return Vec::new() };
    let keys = base.config_dir().join("sops/age/keys.txt");
    let ssh = base.home_dir().join(".ssh/id_ed25519");
    [(keys, Form::Lines), (ssh, Form::Ssh)]
        .into_iter()
        .map(|(path, form)| {
            let origin = shown(&path);
            Place { content: Content::File(path), form, origin, is_usual: true }
        })
        .collect()
}

fn shown(path: &Path) -> String {
    format!("`{}`", shown_path(path))
}

fn is_age(text: &[u8]) -> bool {
    text.starts_with(b"age-encryption.org/")
        || text.trim_ascii_start().starts_with(armor::BEGIN.as_bytes())
}

/// The places that were searched, and what was wrong with each, as lines for a message.
pub(in crate::provider) fn describe(loaded: &LoadedKeys) -> String {
    let fault = |fault: &KeyFault| format!("\n    {}: {}", fault.origin, fault.why);
    let absent = |origin: &String| format!("\n    {origin}: there is no such file");
    let used = match loaded.identities.len() {
        0 => String::new(),
        1 => "\n    1 identity was tried".to_owned(),
        count => format!("\n    {count} identities were tried"),
    };
    std::iter::once(used)
        .chain(loaded.faults.iter().map(fault))
        .chain(loaded.absent.iter().map(absent))
        .collect()
}

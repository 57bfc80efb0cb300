//! Changing the secrets and parameters of a source: what both AWS stores share.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::configure::Selection;
use super::source::AwsSource;
use super::time;
use super::write_error::WriteError;
use super::{write_parameters, write_secrets};
use crate::provider::identity::jwt::random_id;
use crate::provider::{
    self, Change, Expected, History, KeptAnnotations, StoredSecret, StoredVersion, Write,
    WriteFuture, WriteOutcome, WriteReport, check_changes,
};
use crate::secret::{Name, SecretBuffer, Value, to_json};

/// What new secrets are made with, and how they are deleted.
#[derive(Clone, Debug, Default)]
pub(super) struct WriteSettings {
    /// The KMS key of new secrets and parameters; the account's default key otherwise.
    pub(super) kms_key: Option<String>,
    /// The tier of new parameters; the account's default otherwise.
    pub(super) tier: Option<Tier>,
    /// How long a deleted secret can be restored; the default of AWS otherwise.
    pub(super) recovery: Option<Recovery>,
}

/// The tier of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tier {
    Standard,
    Advanced,
    Intelligent,
}

impl Tier {
    /// All of them, as AWS writes them.
    pub(super) const NAMES: [&'static str; 3] = ["Standard", "Advanced", "Intelligent-Tiering"];

    /// Reads the name of a tier, in any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let tiers = [Self::Standard, Self::Advanced, Self::Intelligent];
        tiers.into_iter().find(|tier| tier.name().eq_ignore_ascii_case(text))
    }

    pub(super) fn name(self) -> &'static str {
        let [standard, advanced, intelligent] = Self::NAMES;
        match self {
            Self::Standard => standard,
            Self::Advanced => advanced,
            Self::Intelligent => intelligent,
        }
    }
}

/// What becomes of a deleted secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recovery {
    /// It can be restored for this many days.
    Days(u8),
    /// It is gone at once.
    None,
}

impl Recovery {
    /// Reads a number of days that AWS accepts, or `none`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::None);
        }
        text.parse().ok().filter(|days| (7..=30).contains(days)).map(Self::Days)
    }
}

/// The body of a request, which holds secret values.
#[derive(Debug)]
pub(super) struct Body(SecretBuffer);

impl Body {
    pub(super) fn new() -> Self {
        let mut buffer = SecretBuffer::with_capacity(1 << 10);
        buffer.push("{");
        Self(buffer)
    }

    /// Adds a member to the object.
    pub(super) fn with(mut self, name: &str, content: &impl Serialize) -> Self {
        if self.0.len() > 1 {
            self.0.push(",");
        }
        self.0.push(format!("\"{name}\":"));
        self.0.push(to_json(content).expose());
        self
    }

    /// Adds a member that may be absent.
    pub(super) fn with_some(self, name: &str, content: Option<&impl Serialize>) -> Self {
        match content {
            Some(content) => self.with(name, content),
            None => self,
        }
    }

    pub(super) fn finish(mut self) -> Value {
        self.0.push("}");
        self.0.into_value()
    }
}

/// A token that makes repeated requests one. It becomes the ID of the version.
pub(super) fn request_token() -> Result<String, WriteError> {
    // One ID has 22 characters, and a token at least 32.
    let (Some(first), Some(second)) = (random_id(), random_id()) else {
        return Err(WriteError::NoRandomness);
    };
    Ok(format!("{first}{second}"))
}

/// A time in seconds since 1970, as the services send it.
pub(super) fn shown_time(seconds: f64) -> Option<String> {
    let time = Duration::try_from_secs_f64(seconds).ok()?;
    Some(time::extended(SystemTime::UNIX_EPOCH.checked_add(time)?))
}

/// Refuses changes that both stores cannot make.
pub(super) fn check(changes: &[Change]) -> Result<(), WriteError> {
    Ok(check_changes(changes, &KeptAnnotations::default())?)
}

/// The refusal of a creation where a secret of this name has appeared meanwhile.
pub(super) fn appeared(change: &Change) -> WriteError {
    let name = change.name.clone();
    WriteError::Change(match change.expected {
        Expected::Absent => provider::WriteRefusal::Exists { name },
        Expected::Any | Expected::Revision(_) => provider::WriteRefusal::Changed { name },
    })
}

/// A change, what it does, and which object it is for.
#[derive(Debug)]
pub(super) struct Planned<'a> {
    pub(super) change: &'a Change,
    pub(super) outcome: WriteOutcome,
    /// None if there is nothing to do.
    pub(super) object: Option<usize>,
}

impl Write for AwsSource {
    fn place(&self) -> String {
        let what = match self.selection() {
            Selection::Secrets(selection) => write_secrets::place(selection),
            Selection::Parameters(selection) => write_parameters::place(selection),
        };
        match self.server() {
            Some(server) => format!("{what} at {}", server.origin().ascii_serialization()),
            None => what,
        }
    }

    fn check(&self, name: &Name, value: &Value) -> Result<(), provider::Error> {
        match self.selection() {
            Selection::Secrets(_) => write_secrets::check_value(name, value)?,
            Selection::Parameters(_) => write_parameters::check_value(name, value)?,
        }
        Ok(())
    }

    fn read_stored(&self) -> WriteFuture<'_, Vec<StoredSecret>> {
        Box::pin(async {
            let api = self.api()?;
            Ok(match self.selection() {
                Selection::Secrets(selection) => write_secrets::stored(api, selection).await?,
                Selection::Parameters(selection) => {
                    write_parameters::stored(api, selection).await?
                }
            })
        })
    }

    fn apply<'a>(&'a self, changes: &'a [Change], report: WriteReport<'a>) -> WriteFuture<'a, ()> {
        Box::pin(async move {
            let (api, settings) = (self.api()?, self.write_settings());
            match self.selection() {
                Selection::Secrets(selection) => {
                    write_secrets::apply(api, selection, settings, changes, report).await?;
                }
                Selection::Parameters(selection) => {
                    write_parameters::apply(api, selection, settings, changes, report).await?;
                }
            }
            Ok(())
        })
    }

    fn as_history(&self) -> Option<&dyn History> {
        Some(self)
    }
}

impl History for AwsSource {
    fn versions<'a>(&'a self, name: &'a Name) -> WriteFuture<'a, Vec<StoredVersion>> {
        Box::pin(async {
            let api = self.api()?;
            Ok(match self.selection() {
                Selection::Secrets(selection) => {
                    write_secrets::versions(api, selection, name).await?
                }
                Selection::Parameters(selection) => {
                    write_parameters::versions(api, selection, name).await?
                }
            })
        })
    }

    fn read_version<'a>(
        &'a self,
        name: &'a Name,
        version: &'a str,
    ) -> WriteFuture<'a, Option<Value>> {
        Box::pin(async {
            let api = self.api()?;
            Ok(match self.selection() {
                Selection::Secrets(selection) => {
                    write_secrets::read_version(api, selection, name, version).await?
                }
                Selection::Parameters(selection) => {
                    write_parameters::read_version(api, selection, name, version).await?
                }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_a_json_object() {
        let body = Body::new().with("A", &"two\n\"lines\"").with_some("B", None::<&u8>);
        let body = body.with("C", &7).finish();
        assert_eq!(body.expose_str().unwrap(), r#"{"A":"two\n\"lines\"","C":7}"#);
    }

    #[test]
    fn tiers_and_recovery_windows_are_those_of_aws() {
        for (text, want) in
            [("advanced", Some(Tier::Advanced)), ("Standard", Some(Tier::Standard)), ("big", None)]
        {
            assert_eq!(Tier::parse(text), want, "{text}");
        }
        for (text, want) in [
            ("7", Some(Recovery::Days(7))),
            ("30", Some(Recovery::Days(30))),
            ("6", None),
            ("31", None),
            ("0", None),
            ("none", Some(Recovery::None)),
        ] {
            assert_eq!(Recovery::parse(text), want, "{text}");
        }
    }

    #[test]
    fn a_request_token_has_a_length_that_aws_accepts() {
        let (one, two) = (request_token().unwrap(), request_token().unwrap());
        assert!((32..=64).contains(&one.len()) && one != two, "{one}");
    }
}

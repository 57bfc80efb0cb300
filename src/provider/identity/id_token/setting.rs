//! The setting `id-token`: where the ID token of a CI job comes from, and what the job offers.

use std::path::PathBuf;

use url::Url;

use super::{GITHUB_HINT, IdToken};
use crate::config::credential::{self, CredentialPrecedence};
use crate::config::schema::{CredentialKey, ID_TOKEN, ID_TOKEN_AUDIENCE};
use crate::config::{self, Credential, Layers, Origin, Setting, resolve_path};
use crate::message::{is_plain_name, length, quoted_name};

/// The variables by which GitHub Actions offers ID tokens to a job.
const REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
pub(crate) const REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// The name of the issuer in messages.
const GITHUB: &str = "GitHub Actions";

/// How messages name the token.
const WHAT: &str = "ID token";

/// Where an ID token comes from, as it is configured. Nothing is read yet.
#[derive(Clone, Debug)]
pub(crate) struct IdTokenSetting {
    place: Place,
    origin: Origin,
    audience: Option<String>,
    /// How strong the place is where it is configured.
    pub(crate) tier: CredentialPrecedence,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    GitHub,
    Variable(String),
    File(PathBuf),
}

impl IdTokenSetting {
    /// Finds the setting.
    pub(crate) fn find(layers: &Layers<'_>) -> Result<Option<Self>, config::Error> {
        let Some(setting) = layers.text(&ID_TOKEN)? else { return Ok(None) };
        let audience = layers.text(&ID_TOKEN_AUDIENCE)?.map(|setting| setting.value);
        let (tier, origin) =
            (CredentialPrecedence::from_origin(&setting.origin), setting.origin.clone());
        let place = Place::parse(setting)?;
        Ok(Some(Self { place, origin, audience, tier }))
    }

    /// Reads the token, or what it is requested with. `audience` is that of the store, unless another one is
    /// configured.
    pub(crate) fn take(
        self,
        layers: &Layers<'_>,
        audience: Option<&str>,
    ) -> Result<IdToken, config::Error> {
        let chosen = Some(self.origin.clone());
        match self.place {
            Place::GitHub => github(layers, self.audience.as_deref().or(audience)),
            Place::Variable(name) => {
                let unset = || {
                    unusable(quoted_name(&name), "is missing: the variable is not set", GITLAB_HINT)
                };
                let value = layers.environment().get(&name).cloned().ok_or_else(unset)?;
                let credential = Credential { value, origin: name.clone(), file: None };
                Ok(IdToken { credential, request: None, variables: vec![name], chosen })
            }
            Place::File(path) => {
                let origin = format!("`{}`", crate::message::shown_path(&path));
                let (named_by, timeout) = (self.origin.to_string(), layers.timeout());
                let read = credential::read(&FILE, &path, &named_by, origin, timeout)?;
                let credential = Credential { file: Some(path), ..read };
                Ok(IdToken { credential, request: None, variables: Vec::new(), chosen })
            }
        }
    }
}

impl Place {
    fn parse(setting: Setting<String>) -> Result<Self, config::Error> {
        let text = setting.value.trim();
        match text.split_once(':') {
            None if text == "github" => Ok(Self::GitHub),
            Some(("env", name)) if !name.is_empty() => Ok(Self::Variable(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => {
                let path = path.to_owned();
                Ok(Self::File(resolve_path(Setting { value: path, origin: setting.origin }).value))
            }
            // It may be the token itself.
            _ => Err(config::Error::Form {
                origin: setting.origin,
                what: "a place of an ID token: github, env:NAME or file:PATH",
                value: if is_plain_name(text) { text.to_owned() } else { length(text) },
            }),
        }
    }
}

/// How messages name a token in a file.
static FILE: CredentialKey = CredentialKey {
    what: WHAT,
    direct: None,
    secret: true,
    file: &ID_TOKEN,
    variables: &[],
    usual: None,
    systemd: "",
};

const GITLAB_HINT: &str = "in GitLab CI, declare it under `id_tokens` of the job";

fn unusable(origin: String, problem: &'static str, hint: &'static str) -> config::Error {
    config::Error::UnusableCredential { what: WHAT, origin, problem, hint }
}

/// What the runner of GitHub Actions offers to this job.
fn github(layers: &Layers<'_>, audience: Option<&str>) -> Result<IdToken, config::Error> {
    let environment = layers.environment();
    let missing = |problem| unusable(GITHUB.to_owned(), problem, GITHUB_HINT);
    let url = environment
        .text(REQUEST_URL)
        .ok_or_else(|| missing("cannot be requested: ACTIONS_ID_TOKEN_REQUEST_URL is not set"))?;
    let value = environment
        .get(REQUEST_TOKEN)
        .ok_or_else(|| missing("cannot be requested: ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set"))?;
    let url = url.to_str().and_then(|text| Url::parse(text).ok());
    let url = url.filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    let invalid = || {
        let problem =
            "cannot be requested: ACTIONS_ID_TOKEN_REQUEST_URL is not the address of a server";
        unusable(GITHUB.to_owned(), problem, "leave the variable as the runner has set it")
    };
    let request = Some(request_url(url.ok_or_else(invalid)?, audience));
    let credential = Credential { value: value.clone(), origin: GITHUB.to_owned(), file: None };
    let variables = [REQUEST_URL, REQUEST_TOKEN].map(str::to_owned).into();
    Ok(IdToken { credential, request, variables, chosen: None })
}

/// The URL of the request for a token for this audience.
fn request_url(mut url: Url, audience: Option<&str>) -> Url {
    if let Some(audience) = audience {
        url.query_pairs_mut().append_pair("audience", audience);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_and_a_token_in_its_stead_is_not_shown() {
        let parse = |text: &str| {
            Place::parse(Setting {
                value: text.to_owned(),
                origin: Origin::Variable("HUSHED_ID_TOKEN".into()),
            })
        };
        for (text, want) in [
            ("github", Place::GitHub),
            (" github ", Place::GitHub),
            ("env:GITLAB_OIDC_TOKEN", Place::Variable("GITLAB_OIDC_TOKEN".into())),
            ("file:/run/token", Place::File("/run/token".into())),
        ] {
            assert_eq!(parse(text).unwrap(), want, "{text}");
        }
        for text in ["", "gitlab", "GitHub", "env:", "file:", "eyJcanary.eyJcanary.canary"] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("github, env:NAME or file:PATH"), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn the_audience_is_added_to_the_query() {
        let url = Url::parse("https://runner.example/token?api-version=2.0").unwrap();
        for (audience, want) in [
            (None, "https://runner.example/token?api-version=2.0"),
            (
                Some("sts.amazonaws.com"),
                "https://runner.example/token?api-version=2.0&audience=sts.amazonaws.com",
            ),
            (
                Some("api://a&b=c"),
                "https://runner.example/token?api-version=2.0&audience=api%3A%2F%2Fa%26b%3Dc",
            ),
        ] {
            assert_eq!(request_url(url.clone(), audience).as_str(), want);
        }
    }
}

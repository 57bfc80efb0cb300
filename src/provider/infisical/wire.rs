//! The JSON of the server's responses. Fields that some version of the server omits, sets to null, or gives
//! another type are optional.

use std::fmt;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, de};
use serde_json::Value as Json;
use zeroize::Zeroizing;

use crate::provider::{Annotations, Revision};
use crate::secret::Value;

/// The secrets of a folder, or of a tree of folders.
#[derive(Debug, Deserialize)]
pub(super) struct List {
    pub(super) secrets: Vec<SecretRow>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) imports: Vec<Import>,
}

/// The response to a request for one secret.
#[derive(Debug, Deserialize)]
pub(super) struct SingleSecret {
    pub(super) secret: SecretRow,
}

/// What a folder imports from one other folder.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Import {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) secret_path: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) environment: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) secrets: Vec<SecretRow>,
}

/// One secret.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecretRow {
    pub(super) secret_key: String,
    #[serde(default)]
    secret_value: Option<SecretText>,
    #[serde(default)]
    secret_value_hidden: Json,
    #[serde(default)]
    skip_multiline_encoding: Json,
    #[serde(default, rename = "type")]
    kind: Json,
    #[serde(default)]
    secret_path: Json,
    #[serde(default)]
    version: Json,
    #[serde(default)]
    id: Json,
    #[serde(default)]
    updated_at: Json,
    #[serde(default)]
    secret_comment: Json,
    #[serde(default)]
    tags: Json,
    #[serde(default)]
    secret_metadata: Json,
}

impl SecretRow {
    /// What the server keeps beside the value.
    pub(super) fn annotations(&self) -> Annotations {
        let text = |json: &Json| json.as_str().map(str::to_owned);
        let list = |json: &Json| json.as_array().cloned().unwrap_or_default();
        let pair = |entry: &Json| Some((text(entry.get("key")?)?, text(entry.get("value")?)?));
        let tags = list(&self.tags);
        Annotations {
            comment: text(&self.secret_comment).filter(|comment| !comment.is_empty()),
            tags: Some(tags.iter().filter_map(|tag| text(tag.get("slug")?)).collect()),
            metadata: Some(list(&self.secret_metadata).iter().filter_map(pair).collect()),
        }
    }

    /// Its state: another row of the same name has another ID.
    pub(super) fn revision(&self) -> Revision {
        let id = self.id.as_str().unwrap_or_default();
        Revision(format!("{id}/{}", self.version().unwrap_or_default()))
    }

    /// When it was written, as the server writes it.
    pub(super) fn updated(&self) -> Option<&str> {
        self.updated_at.as_str()
    }

    /// The value, unless the server hides it.
    pub(super) fn value(&self) -> Option<&Value> {
        let value = &self.secret_value.as_ref()?.0;
        let hidden = self.secret_value_hidden == Json::Bool(true)
            || value.expose() == b"<hidden-by-infisical>";
        (!hidden).then_some(value)
    }

    /// Replaces the value.
    pub(super) fn replace(&mut self, value: Value) {
        self.secret_value = Some(SecretText(value));
    }

    /// Whether it is a personal override.
    pub(super) fn is_personal(&self) -> bool {
        self.kind == "personal"
    }

    /// Whether `skipMultilineEncoding` is set.
    pub(super) fn skips_multiline_encoding(&self) -> bool {
        self.skip_multiline_encoding == Json::Bool(true)
    }

    /// Its folder, if the server sends it.
    pub(super) fn folder(&self) -> Option<&str> {
        self.secret_path.as_str().filter(|path| !path.is_empty())
    }

    /// Its version, also when it is written as `3.0` or `"3"`.
    pub(super) fn version(&self) -> Option<u64> {
        let text = match &self.version {
            Json::Number(number) => number.to_string(),
            Json::String(text) => text.clone(),
            _ => return None,
        };
        text.strip_suffix(".0").unwrap_or(&text).parse().ok()
    }
}

/// A project.
#[derive(Clone, Debug, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Its slug.
    #[serde(default, deserialize_with = "or_default")]
    pub slug: String,
    /// Its environments.
    #[serde(default, deserialize_with = "or_default")]
    pub environments: Vec<Environment>,
}

/// An environment of a project.
#[derive(Clone, Debug, Deserialize)]
pub struct Environment {
    /// Its slug.
    pub slug: String,
}

/// The response to a lookup by ID, which wraps the project under one of two names.
#[derive(Debug, Deserialize)]
pub(super) struct ProjectResponse {
    project: Option<Project>,
    workspace: Option<Project>,
}

impl ProjectResponse {
    /// The project itself.
    pub(super) fn project(self) -> Option<Project> {
        self.project.or(self.workspace)
    }
}

/// The folders in a folder.
#[derive(Debug, Deserialize)]
pub(super) struct FolderList {
    pub(super) folders: Vec<Folder>,
}

/// A folder.
#[derive(Debug, Deserialize)]
pub(super) struct Folder {
    pub(super) name: String,
}

/// The tags of a project. Older servers wrap them under another name.
#[derive(Debug, Deserialize)]
pub(super) struct TagList {
    #[serde(alias = "workspaceTags")]
    pub(super) tags: Vec<Tag>,
}

/// A tag.
#[derive(Debug, Deserialize)]
pub(super) struct Tag {
    pub(super) id: String,
    pub(super) slug: String,
}

/// The response to a login. The lifetime matters only if the token is cached: a rejected token is replaced
/// by a new login.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoggedIn {
    pub(super) access_token: SecretText,
    #[serde(default)]
    expires_in: Json,
}

impl LoggedIn {
    /// How long the token is valid from `now` on, if known: until its `exp` claim or for the lifetime in the
    /// response, whichever ends earlier. A lifetime of 0 means none.
    pub(super) fn time(&self, now: SystemTime) -> Option<Duration> {
        let named = self.expires_in.as_u64().filter(|seconds| *seconds > 0);
        let own = self.access_token.0.expose_str().and_then(end).map(|end| {
            let end = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(end));
            end.and_then(|end| end.duration_since(now).ok()).unwrap_or_default()
        });
        own.into_iter().chain(named.map(Duration::from_secs)).min()
    }
}

/// The claim `exp` of a JWT (RFC 7519, section 4.1.4), in seconds since 1970.
fn end(jwt: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Claims {
        exp: Option<u64>,
    }
    let claims = jwt.split('.').nth(1)?.trim_end_matches('=');
    let claims = Zeroizing::new(URL_SAFE_NO_PAD.decode(claims).ok()?);
    serde_json::from_slice::<Claims>(&claims).ok()?.exp
}

/// The scope of a service token.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceToken {
    #[serde(default, deserialize_with = "or_default")]
    workspace: String,
    #[serde(default, deserialize_with = "or_default")]
    project_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) scopes: Vec<TokenScope>,
}

impl ServiceToken {
    /// The id of its project.
    pub(super) fn project(&self) -> &str {
        if self.project_id.is_empty() { &self.workspace } else { &self.project_id }
    }
}

/// A part of a project: an environment, and a path or a pattern of paths.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenScope {
    pub(super) environment: String,
    pub(super) secret_path: String,
}

/// The response of the status route.
#[derive(Clone, Debug, Deserialize)]
pub struct Status {
    /// Its clock, in ISO 8601.
    #[serde(default, deserialize_with = "or_default")]
    pub date: String,
    /// `Ok`.
    pub message: String,
}

/// A string that is deserialized into protected memory.
#[derive(Debug)]
pub(super) struct SecretText(pub(super) Value);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SecretTextVisitor;

        impl Visitor<'_> for SecretTextVisitor {
            type Value = SecretText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretText, E> {
                Ok(SecretText(Value::from(text)))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<SecretText, E> {
                Ok(SecretText(Value::from(text)))
            }
        }

        deserializer.deserialize_str(SecretTextVisitor)
    }
}

fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(json: &str) -> SecretRow {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_row_needs_a_key_and_nothing_else() {
        let bare = row(r#"{"secretKey":"A","secretValue":"canary"}"#);
        assert_eq!(bare.value().unwrap().expose(), b"canary");
        assert_eq!((bare.folder(), bare.version(), bare.is_personal()), (None, None, false));
        let nulls =
            row(r#"{"secretKey":"A","secretValue":"canary\u00e9","version":null,"type":null,
               "secretPath":null,"secretValueHidden":null,"skipMultilineEncoding":null,"tags":null,
               "secretMetadata":[{"key":"k"}],"actor":{"actorId":null},"new":{"a":[1.5]}}"#);
        assert_eq!(nulls.value().unwrap().expose(), "canaryé".as_bytes());
        assert!(!nulls.skips_multiline_encoding());
        assert!(serde_json::from_str::<SecretRow>(r#"{"secretValue":"canary"}"#).is_err());
    }

    #[test]
    fn a_login_says_how_long_it_is_valid() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let jwt = |claims: &str| format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims));
        for (token, expires_in, want) in [
            (jwt(r#"{"exp":1060}"#), "7200", Some(60)),
            (jwt(r#"{"exp":9000}"#), "7200", Some(7200)),
            (jwt(r#"{"exp":1060}"#), "0", Some(60)),
            (jwt(r#"{"exp":1060}"#), "null", Some(60)),
            (jwt(r#"{"exp":900}"#), "7200", Some(0)),
            (jwt(r#"{"exp":"soon"}"#), "7200", Some(7200)),
            (jwt("{}"), "0", None),
            ("canary".to_owned(), "0", None),
            ("canary".to_owned(), "60", Some(60)),
        ] {
            let json = format!(r#"{{"accessToken":"{token}","expiresIn":{expires_in}}}"#);
            let login: LoggedIn = serde_json::from_str(&json).unwrap();
            assert_eq!(login.time(now), want.map(Duration::from_secs), "{token} {expires_in}");
        }
        assert!(serde_json::from_str::<LoggedIn>(r#"{"accessToken":"canary"}"#).is_ok());
    }

    #[test]
    fn a_hidden_value_is_no_value() {
        for json in [
            r#"{"secretKey":"A","secretValue":"<hidden-by-infisical>","secretValueHidden":true}"#,
            r#"{"secretKey":"A","secretValue":"<hidden-by-infisical>"}"#,
            r#"{"secretKey":"A","secretValue":"canary","secretValueHidden":true}"#,
            r#"{"secretKey":"A","secretValue":null}"#,
            r#"{"secretKey":"A"}"#,
        ] {
            assert!(row(json).value().is_none(), "{json}");
        }
        assert!(row(r#"{"secretKey":"A","secretValue":""}"#).value().unwrap().is_empty());
    }

    #[test]
    fn a_version_may_be_written_in_any_way() {
        for (version, want) in [
            ("3", Some(3)),
            ("3.0", Some(3)),
            ("\"3\"", Some(3)),
            ("3.5", None),
            ("-1", None),
            ("null", None),
            ("{}", None),
        ] {
            let json = format!(r#"{{"secretKey":"A","version":{version}}}"#);
            assert_eq!(row(&json).version(), want, "{version}");
        }
    }

    #[test]
    fn lists_may_lack_imports() {
        for json in [
            r#"{"secrets":[]}"#,
            r#"{"secrets":[],"imports":null}"#,
            r#"{"secrets":[],"imports":[{"secrets":null}]}"#,
        ] {
            assert!(serde_json::from_str::<List>(json).is_ok(), "{json}");
        }
        assert!(serde_json::from_str::<List>(r#"{"message":"hello"}"#).is_err());
    }

    #[test]
    fn a_project_is_wrapped_or_bare() {
        let bare = r#"{"id":"1","_id":"1","slug":"s","environments":[{"slug":"dev","name":"D"}]}"#;
        let project: Project = serde_json::from_str(bare).unwrap();
        assert_eq!(project.environments[0].slug, "dev");
        for name in ["project", "workspace"] {
            let json = format!(r#"{{"{name}":{bare}}}"#);
            assert_eq!(
                serde_json::from_str::<ProjectResponse>(&json).unwrap().project().unwrap().slug,
                "s"
            );
        }
    }

    #[test]
    fn a_service_token_names_its_project_in_either_way() {
        for json in [
            r#"{"workspace":"1","scopes":[{"environment":"dev","secretPath":"/"}],"expiresAt":null}"#,
            r#"{"projectId":"1","workspace":null,"scopes":null,"__v":0}"#,
        ] {
            assert_eq!(serde_json::from_str::<ServiceToken>(json).unwrap().project(), "1");
        }
    }
}

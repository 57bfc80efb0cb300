//! What an entry is bound to: everything that decides what the server answers, as bytes. It is no part
//! of any file; an entry opens only for whoever asks for the same.
//!
//! The bytes begin with `hushed cache 1`, a NUL, and the kind of entry (`secrets` or `login`); then the
//! fields below, each with its length before it in four bytes, so that no two scopes have the same
//! bytes. What is not said is a field of its own, unlike any text.
//!
//! | field | `login` too |
//! |---|---|
//! | kind of store: `infisical` | yes |
//! | the server's address | yes |
//! | method of login | yes |
//! | who logs in: client id, identity id (with the user name), or the token's SHA-256 | yes |
//! | organisation | yes |
//! | project, environment | |
//! | whether folders below, imports, references, personal secrets count, and emptiness | |
//! | how many folders, then each; how many tags, then each | |

use ring::digest;

use crate::config::{Infisical, Login};

/// What an entry is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope(Vec<u8>);

impl Scope {
    /// The scope of a source's secrets.
    pub(super) fn of_secrets(source: &Infisical) -> Self {
        let mut fields = Fields::new("secrets");
        fields.login(source);
        fields.option(source.project.as_ref().map(ToString::to_string).as_deref());
        fields.option(source.environment.as_deref());
        for switch in [
            source.recursive,
            source.include_imports,
            source.expand,
            source.personal,
            source.allow_empty,
        ] {
            fields.text(&[u8::from(switch)]);
        }
        for list in [&source.paths, &source.tags] {
            fields.text(list.len().to_string().as_bytes());
            for item in list {
                fields.text(item.as_bytes());
            }
        }
        Self(fields.0)
    }

    /// The scope of a source's login.
    pub(super) fn of_login(source: &Infisical) -> Self {
        let mut fields = Fields::new("login");
        fields.login(source);
        Self(fields.0)
    }

    /// The bytes that bind.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

struct Fields(Vec<u8>);

impl Fields {
    fn new(kind: &str) -> Self {
        let mut fields = Self(b"hushed cache 1\0".to_vec());
        fields.text(kind.as_bytes());
        fields
    }

    fn text(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn option(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text.as_bytes()),
            // A length that no text has.
            None => self.0.extend_from_slice(&u32::MAX.to_be_bytes()),
        }
    }

    fn login(&mut self, source: &Infisical) {
        self.text(b"infisical");
        self.text(source.base.as_str().trim_end_matches('/').as_bytes());
        self.text(source.login.method().as_bytes());
        match &source.login {
            Login::AccessToken(token) | Login::ServiceToken(token) => {
                let token = token.value.open();
                let token = token.expose().trim_ascii();
                self.text(digest::digest(&digest::SHA256, token).as_ref());
            }
            login => {
                // All but the last, which proves it.
                let credentials = login.credentials();
                let public = credentials.split_last().map_or(&[][..], |(_, public)| public);
                for part in public {
                    self.text(part.value.open().expose().trim_ascii());
                }
            }
        }
        self.option(source.organization.as_deref());
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::{Credential, Origin, ProjectRef};
    use crate::secret::Value;

    fn credential(text: &str) -> Credential {
        Credential { value: Value::from(text).into(), origin: "TEST".to_owned(), file: None }
    }

    pub(crate) fn source() -> Infisical {
        Infisical {
            name: "infisical".into(),
            base: "https://example.com".parse().unwrap(),
            base_origin: Origin::Default,
            login: Login::UniversalAuth {
                client_id: credential("id"),
                client_secret: credential("canary-secret"),
            },
            organization: None,
            revoke_token: None,
            project: Some(ProjectRef::parse("shop")),
            environment: Some("dev".to_owned()),
            paths: vec!["/a".to_owned()],
            recursive: false,
            include_imports: true,
            expand: true,
            personal: true,
            tags: Vec::new(),
            allow_empty: false,
            ca_file: None,
            insecure_http: false,
            cache: None,
        }
    }

    #[test]
    fn whatever_changes_the_answer_changes_the_scope() {
        let own = source();
        let text = |text: &str| Some(text.to_owned());
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        let ldap = |user| Login::Ldap {
            identity_id: credential("id"),
            username: credential(user),
            password: credential("canary"),
        };
        let changed = vec![
            Infisical { base: "https://example.org".parse().unwrap(), ..own.clone() },
            Infisical { base: "https://example.com/x".parse().unwrap(), ..own.clone() },
            Infisical { base: "http://example.com".parse().unwrap(), ..own.clone() },
            Infisical {
                login: Login::UniversalAuth {
                    client_id: credential("other"),
                    client_secret: credential("canary-secret"),
                },
                ..own.clone()
            },
            Infisical { login: ldap("ada"), ..own.clone() },
            Infisical { login: ldap("eve"), ..own.clone() },
            Infisical { login: Login::AccessToken(credential("canary-1")), ..own.clone() },
            Infisical { login: Login::AccessToken(credential("canary-2")), ..own.clone() },
            Infisical { login: Login::ServiceToken(credential("canary-1")), ..own.clone() },
            Infisical { organization: text("sub"), ..own.clone() },
            Infisical { project: Some(ProjectRef::parse("shop2")), ..own.clone() },
            Infisical { project: None, ..own.clone() },
            Infisical { environment: text("prod"), ..own.clone() },
            Infisical { environment: None, ..own.clone() },
            Infisical { paths: list(&["/a", "/b"]), ..own.clone() },
            Infisical { paths: list(&["/b", "/a"]), ..own.clone() },
            Infisical { paths: list(&[]), ..own.clone() },
            Infisical { paths: list(&[]), tags: list(&["/a"]), ..own.clone() },
            Infisical { tags: list(&["web"]), ..own.clone() },
            Infisical { recursive: true, ..own.clone() },
            Infisical { include_imports: false, ..own.clone() },
            Infisical { expand: false, ..own.clone() },
            Infisical { personal: false, ..own.clone() },
            Infisical { allow_empty: true, ..own.clone() },
        ];
        let scopes: BTreeSet<_> =
            changed.iter().chain([&own]).map(|source| Scope::of_secrets(source).0).collect();
        assert_eq!(scopes.len(), changed.len() + 1);
        assert!(scopes.iter().all(|scope| !scope.windows(6).any(|part| part == b"canary")));
        assert_ne!(Scope::of_secrets(&own), Scope::of_login(&own));
    }

    #[test]
    fn a_new_client_secret_and_the_name_of_the_source_change_nothing() {
        let own = source();
        let login = Login::UniversalAuth {
            client_id: credential("id\n"),
            client_secret: credential("canary-new"),
        };
        let other = Infisical { name: "other".into(), login, ..own.clone() };
        assert_eq!(Scope::of_secrets(&own), Scope::of_secrets(&other));
        assert_eq!(Scope::of_login(&own), Scope::of_login(&other));
    }
}

//! What to read: project, environment, folders. Pure. The scope of a service token takes part, because the
//! server lets a token's only plain scope override the request.

use super::error::Error;
use super::settings::{Infisical as Settings, ProjectRef, normalise};
use super::wire::{ServiceToken, TokenScope};

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// The project's id.
    pub(super) project: String,
    /// The environment's slug.
    pub(super) environment: String,
    /// The folders, lowest precedence first.
    pub(super) paths: Vec<String>,
}

/// What a source with an identity or a user reads, once the project's id is known.
pub(super) fn scope_of_identity(settings: &Settings, project: String) -> Result<Scope, Error> {
    let none = || Error::NoEnvironment { known: Vec::new() };
    let environment = settings.environment.clone().ok_or_else(none)?;
    Ok(Scope { project, environment, paths: paths(settings, "/") })
}

/// What a source with a service token reads. What is asked for beyond it is an error, because the
/// server would answer with other secrets than those.
pub(super) fn scope_of_service_token(
    settings: &Settings,
    from: &str,
    token: &ServiceToken,
) -> Result<Scope, Error> {
    let other = |what, allowed: &str, asked: &str| Error::ServiceTokenScope {
        from: from.to_owned(),
        what,
        allowed: allowed.to_owned(),
        asked: asked.to_owned(),
    };
    let project = token.project().to_owned();
    match &settings.project {
        Some(ProjectRef::Id(id)) if id.eq_ignore_ascii_case(&project) => {}
        None => {}
        // A service token may not look up what project a slug names.
        Some(asked) => return Err(other("project", &project, &asked.to_string())),
    }
    if let [only] = token.scopes.as_slice()
        && is_plain(only)
    {
        let path = normalise(&only.secret_path);
        if let Some(asked) = settings.environment.as_ref().filter(|e| **e != only.environment) {
            return Err(other("environment", &only.environment, asked));
        }
        let paths = paths(settings, &path);
        if let Some(asked) = paths.iter().find(|asked| **asked != path) {
            return Err(other("path", &path, asked));
        }
        return Ok(Scope { project, environment: only.environment.clone(), paths });
    }
    let mut known: Vec<_> = token.scopes.iter().map(|scope| scope.environment.clone()).collect();
    known.sort();
    known.dedup();
    let environment = match (&settings.environment, known.as_slice()) {
        (Some(asked), _) => asked.clone(),
        (None, [only]) => only.clone(),
        (None, _) => return Err(Error::NoEnvironment { known }),
    };
    Ok(Scope { project, environment, paths: paths(settings, "/") })
}

fn paths(settings: &Settings, default: &str) -> Vec<String> {
    if settings.paths.is_empty() {
        return vec![default.to_owned()];
    }
    settings.paths.iter().map(|path| normalise(path)).collect()
}

fn is_plain(scope: &TokenScope) -> bool {
    !scope.secret_path.contains(['*', '?', '[', ']', '{', '}', '!', '(', ')'])
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::settings::Login;
    use super::*;
    use crate::config::Credential;
    use crate::secret::Value;

    const ID: &str = "9ac97618-225c-4714-bf55-c34c7fdd7f55";

    pub(in crate::provider::infisical) fn settings() -> Settings {
        let token = Credential {
            value: Value::from("canary-token"),
            origin: "TOKEN".to_owned(),
            file: None,
        };
        Settings {
            name: "infisical".into(),
            base: "https://example.com".parse().unwrap(),
            login: Login::AccessToken(token),
            organization: None,
            project: Some(ProjectRef::parse(ID)),
            environment: Some("dev".to_owned()),
            paths: Vec::new(),
            recursive: false,
            include_imports: true,
            expand: true,
            personal: true,
            tags: Vec::new(),
            revoke_token: None,
            allow_empty: false,
            base_origin: crate::config::Origin::Default,
            ca_file: None,
            insecure_http: false,
            cache: None,
        }
    }

    fn token(scopes: &[(&str, &str)]) -> ServiceToken {
        let scope = |&(environment, path): &(&str, &str)| serde_json::json!({ "environment": environment, "secretPath": path });
        let scopes: Vec<_> = scopes.iter().map(scope).collect();
        let token = serde_json::json!({ "workspace": ID, "scopes": scopes });
        serde_json::from_value(token).unwrap()
    }

    #[test]
    fn an_identity_needs_an_environment_and_reads_the_root_by_default() {
        let scope = scope_of_identity(&settings(), ID.to_owned()).unwrap();
        assert_eq!((scope.environment.as_str(), scope.paths), ("dev", vec!["/".to_owned()]));
        let paths = vec!["b/".to_owned(), "/a//c".to_owned()];
        let scope = scope_of_identity(&Settings { paths, ..settings() }, ID.to_owned()).unwrap();
        assert_eq!(scope.paths, ["/b", "/a/c"]);
        let settings = Settings { environment: None, ..settings() };
        let error = scope_of_identity(&settings, ID.to_owned()).unwrap_err();
        assert_eq!(error.to_string(), "no environment specified");
    }

    #[test]
    fn a_service_token_for_one_place_says_where_that_is() {
        let one = token(&[("prod", "/api/")]);
        let wide = token(&[("prod", "/api/**"), ("prod", "/web")]);
        let both = token(&[("prod", "/"), ("dev", "/")]);
        for (token, environment, paths, want) in [
            (&one, None, &[][..], Ok(("prod", "/api"))),
            (&one, Some("prod"), &["api"], Ok(("prod", "/api"))),
            (&one, Some("dev"), &[], Err("for the environment `prod`, not for `dev`")),
            (&one, None, &["/"], Err("for the path `/api`, not for `/`")),
            (&one, None, &["/api", "/web"], Err("for the path `/api`, not for `/web`")),
            (&wide, None, &[], Ok(("prod", "/"))),
            (&wide, None, &["/api/x"], Ok(("prod", "/api/x"))),
            (&both, Some("dev"), &[], Ok(("dev", "/"))),
            (&both, None, &[], Err("no environment specified")),
        ] {
            let settings = Settings {
                project: None,
                environment: environment.map(str::to_owned),
                paths: paths.iter().map(|&path| path.to_owned()).collect(),
                ..settings()
            };
            match (scope_of_service_token(&settings, "TOKEN", token), want) {
                (Ok(got), Ok((environment, path))) => {
                    assert_eq!(got.environment, environment);
                    assert_eq!(got.paths, [path]);
                    assert_eq!(got.project, ID);
                }
                (Err(error), Err(want)) => assert!(error.to_string().ends_with(want), "{error}"),
                (got, want) => panic!("{got:?} is not {want:?}"),
            }
        }
    }

    #[test]
    fn a_service_token_is_for_its_project_only() {
        let token = token(&[("dev", "/")]);
        for (project, right) in [
            (None, true),
            (Some(ID.to_uppercase()), true),
            (Some("11111111-2222-3333-4444-555555555555".to_owned()), false),
            (Some("acceptance".to_owned()), false),
        ] {
            let project = project.as_deref().map(ProjectRef::parse);
            let settings = Settings { project, ..settings() };
            assert_eq!(scope_of_service_token(&settings, "TOKEN", &token).is_ok(), right);
        }
    }
}

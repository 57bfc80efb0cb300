//! Every method of login, with each of its credentials in each of its places.
//! Must not test which of two places wins.

use serde_json::{Value, json};

use super::fixture::{AT_ROOT, LIST, env, identity_id, map, shop, stranger, variables};
use crate::support::{
    infisical::{CLIENT_ID, CLIENT_SECRET, Generation, Server, ServiceToken},
    sandbox::Sandbox,
};

/// One credential: its value and all its names.
struct Part {
    value: String,
    variables: &'static [&'static str],
    flag: Option<&'static str>,
    key: Option<&'static str>,
    file: &'static str,
    systemd: &'static str,
    warns: bool,
}

/// A method with its credentials, and what the server must be sent.
struct Method {
    name: &'static str,
    parts: Vec<Part>,
    body: Value,
}

fn client_id() -> Part {
    Part {
        value: CLIENT_ID.into(),
        variables: &["INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "INFISICAL_CLIENT_ID"],
        flag: Some("--client-id"),
        key: Some("client-id"),
        file: "client-id-file",
        systemd: "infisical-client-id",
        warns: false,
    }
}

fn client_secret() -> Part {
    Part {
        value: CLIENT_SECRET.into(),
        variables: &[
            "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET",
            "INFISICAL_UNIVERSAL_CLIENT_SECRET",
            "INFISICAL_CLIENT_SECRET",
        ],
        flag: Some("--client-secret"),
        key: None,
        file: "client-secret-file",
        systemd: "infisical-client-secret",
        warns: true,
    }
}

fn identity(id: String) -> Part {
    Part {
        value: id,
        variables: &[
            "INFISICAL_MACHINE_IDENTITY_ID",
            "INFISICAL_KUBERNETES_IDENTITY_ID",
            "INFISICAL_OIDC_AUTH_IDENTITY_ID",
            "INFISICAL_LDAP_AUTH_IDENTITY_ID",
        ],
        flag: Some("--machine-identity-id"),
        key: Some("identity-id"),
        file: "identity-id-file",
        systemd: "infisical-identity-id",
        warns: false,
    }
}

fn jwt(value: &str) -> Part {
    Part {
        value: value.into(),
        variables: &["INFISICAL_JWT", "INFISICAL_OIDC_AUTH_JWT"],
        flag: Some("--jwt"),
        key: None,
        file: "jwt-file",
        systemd: "infisical-jwt",
        warns: true,
    }
}

fn token(value: String) -> Part {
    Part {
        value,
        variables: &[
            "INFISICAL_UNIVERSAL_AUTH_ACCESS_TOKEN",
            "INFISICAL_TOKEN",
            "INFISICAL_ACCESS_TOKEN",
        ],
        flag: Some("--token"),
        key: None,
        file: "token-file",
        systemd: "infisical-token",
        warns: true,
    }
}

fn ldap_name() -> Part {
    Part {
        value: "ada".into(),
        variables: &["INFISICAL_LDAP_USERNAME"],
        flag: Some("--ldap-username"),
        key: Some("ldap-username"),
        file: "ldap-username-file",
        systemd: "infisical-ldap-username",
        warns: false,
    }
}

fn ldap_password() -> Part {
    Part {
        value: "canary of ada ".into(),
        variables: &["INFISICAL_LDAP_PASSWORD"],
        flag: None,
        key: None,
        file: "ldap-password-file",
        systemd: "infisical-ldap-password",
        warns: false,
    }
}

/// A place for a credential: what the run is given for it.
struct Place {
    name: String,
    files: Vec<(String, String)>,
    variables: Vec<(String, String)>,
    flags: Vec<String>,
    config: String,
    warns: bool,
}

impl Part {
    fn places(&self, sandbox: &Sandbox) -> Vec<Place> {
        let plain = |name: &str| Place {
            name: name.into(),
            files: Vec::new(),
            variables: Vec::new(),
            flags: Vec::new(),
            config: String::new(),
            warns: false,
        };
        let held = || ("held".to_owned(), format!("{}\n", self.value));
        let path = sandbox.project().join("held").display().to_string();
        let mut places = Vec::new();
        for name in self.variables {
            let variables = vec![((*name).to_owned(), self.value.clone())];
            places.push(Place { variables, ..plain(name) });
            let variables = vec![(format!("{name}_FILE"), path.clone())];
            let files = vec![held()];
            places.push(Place { files, variables, ..plain(&format!("{name}_FILE")) });
        }
        let flags = vec![format!("--{}", self.file.replace("identity-id", "machine-identity-id"))];
        let flags = flags.into_iter().chain(["held".to_owned()]).collect();
        places.push(Place { flags, files: vec![held()], ..plain("a flag that names a file") });
        let config = format!("{} = \"held\"\n", self.file);
        places.push(Place { config, files: vec![held()], ..plain("a key that names a file") });
        for name in [self.systemd].iter().chain(self.variables) {
            let folder = sandbox.project().join("systemd").display().to_string();
            let variables = vec![("CREDENTIALS_DIRECTORY".into(), folder)];
            let files = vec![(format!("systemd/{name}"), self.value.clone())];
            places.push(Place { files, variables, ..plain(&format!("systemd's {name}")) });
        }
        if let Some(flag) = self.flag {
            let flags = vec![flag.into(), self.value.clone()];
            places.push(Place { flags, warns: self.warns, ..plain(flag) });
        }
        if let Some(key) = self.key {
            let config = format!("{key} = \"{}\"\n", self.value);
            places.push(Place { config, ..plain(key) });
        }
        places
    }
}

/// Logs in by a method with one credential in each of its places, the others in variables.
fn try_all(method: &Method) {
    let server = Server::builder(Generation::V4C, shop()).plain().start();
    for (index, part) in method.parts.iter().enumerate() {
        let count = part.places(&stranger(&server)).len();
        for number in 0..count {
            let mut sandbox = stranger(&server).env("HUSHED_METHOD", method.name);
            let place = part.places(&sandbox).remove(number);
            for (other, held) in method.parts.iter().enumerate() {
                if other != index {
                    sandbox = sandbox.env(held.variables[0], held.value.as_str());
                }
            }
            for (name, value) in &place.variables {
                sandbox = sandbox.env(name, value);
            }
            for (path, contents) in &place.files {
                sandbox = sandbox.file(path, contents);
            }
            let config = format!("[source.i]\ntype = \"infisical\"\n{}", place.config);
            sandbox = sandbox.file("mine.toml", config).env("HUSHED_CONFIG", "mine.toml");
            server.forget();
            let flags: Vec<&str> = place.flags.iter().map(String::as_str).collect();
            let run = env(&sandbox, &flags).argv_reveals().run().success();
            check(method, &place, &server, &run.stderr);
            let child = variables(&run);
            assert_eq!(child["NAME"], "canary-root", "{}: {}", method.name, place.name);
            let leaked = child.iter().filter(|(name, value)| {
                let named = place.variables.iter().any(|(variable, _)| variable == *name);
                named && *name != "CREDENTIALS_DIRECTORY" || part.warns && **value == part.value
            });
            assert_eq!(leaked.count(), 0, "{}: {}", method.name, place.name);
        }
    }
}

fn check(method: &Method, place: &Place, server: &Server, stderr: &str) {
    let what = format!("{}: {}", method.name, place.name);
    let requests = server.requests();
    if method.body != Value::Null {
        let login = &requests[0];
        assert_eq!(login.method, "POST", "{what}");
        assert_eq!(login.header("authorization"), None, "{what}");
        assert_eq!(login.json(), method.body, "{what}");
    }
    let logins = requests.iter().filter(|it| it.path().starts_with("/api/v1/auth/")).count();
    assert_eq!(logins, usize::from(method.body != Value::Null), "{what}");
    assert_eq!(requests.last().unwrap().path(), LIST, "{what}");
    if place.warns {
        assert!(stderr.starts_with(&format!("hushed: warning: {} puts", place.name)), "{stderr}");
        assert!(stderr.contains("`ps` shows it") && stderr.lines().count() == 1, "{stderr}");
    } else {
        assert_eq!(stderr, "", "{what}");
    }
}

#[test]
fn a_client_id_and_its_secret_log_in() {
    let body = json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET});
    let parts = vec![client_id(), client_secret()];
    try_all(&Method { name: "universal-auth", parts, body });
}

#[test]
fn a_token_of_an_oidc_provider_logs_in() {
    let id = identity_id(&super::fixture::start(), "build");
    let body = json!({"identityId": id, "jwt": "canary-of-a-build"});
    let parts = vec![identity(id), jwt("canary-of-a-build")];
    try_all(&Method { name: "oidc-auth", parts, body });
}

#[test]
fn a_signed_jwt_logs_in() {
    let id = identity_id(&super::fixture::start(), "signer");
    let body = json!({"identityId": id, "jwt": "canary-of-a-signer"});
    let parts = vec![identity(id), jwt("canary-of-a-signer")];
    try_all(&Method { name: "jwt-auth", parts, body });
}

#[test]
fn a_name_and_a_password_log_in_blanks_and_all() {
    let id = identity_id(&super::fixture::start(), "ada");
    let body = json!({"identityId": id, "username": "ada", "password": "canary of ada "});
    let parts = vec![identity(id), ldap_name(), ldap_password()];
    try_all(&Method { name: "ldap-auth", parts, body });
}

#[test]
fn a_service_token_shows_the_server_three_of_its_four_parts() {
    let whole = ServiceToken::new("shop", &[("dev", "/")]).whole();
    try_all(&Method { name: "token", parts: vec![token(whole.clone())], body: Value::Null });
    let server = super::fixture::start();
    let sandbox = stranger(&server).without("INFISICAL_PROJECT_ID").without("HUSHED_ENV");
    let sandbox = sandbox.env("INFISICAL_TOKEN", whole.as_str());
    // Its one scope does not cover the folder that is imported.
    assert_eq!(super::fixture::secrets(&sandbox, &[]), map(&AT_ROOT[1..]));
    let sent = whole.rsplit_once('.').unwrap().0;
    for request in server.requests() {
        assert_eq!(request.header("authorization"), Some(format!("Bearer {sent}").as_str()));
        assert!(!format!("{request:?}").contains("canaryprojectkey"), "{}", request.target);
    }
}

#[test]
fn a_ready_access_token_is_used_as_it_is() {
    let server = super::fixture::start();
    let jwt = server.mint("reader");
    for (place, flags) in [("INFISICAL_TOKEN", vec![]), ("", vec!["--token", &jwt])] {
        server.forget();
        let sandbox = stranger(&server);
        let run = env(&sandbox, &flags).argv_reveals();
        let run = if place.is_empty() { run } else { run.env(place, jwt.as_str()) };
        let output = run.run().success();
        assert_eq!(variables(&output)["NAME"], "canary-root");
        assert_eq!(output.stderr.contains("`ps` shows it"), place.is_empty());
        let requests = server.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].header("authorization"), Some(format!("Bearer {jwt}").as_str()));
    }
}

#[test]
fn a_service_account_logs_in_with_the_file_of_its_token() {
    let server = super::fixture::start();
    let id = identity_id(&server, "pod");
    let home = || {
        stranger(&server)
            .env("INFISICAL_MACHINE_IDENTITY_ID", id.as_str())
            .file("account", "canary-of-a-pod\n")
    };
    let config = "[source.i]\ntype = \"infisical\"\nservice-account-token-path = \"account\"\n";
    let variable = "INFISICAL_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH";
    for (name, sandbox, flags) in [
        ("flag", home(), vec!["--service-account-token-path", "account"]),
        ("variable", home().env(variable, "account"), vec![]),
        ("key", home().file("hushed.toml", config), vec![]),
        ("with a method", home().env(variable, "account"), vec!["--method", "kubernetes"]),
    ] {
        server.forget();
        assert_eq!(variables(&env(&sandbox, &flags).run().success())["NAME"], "canary-root");
        let login = &server.requests()[0];
        assert_eq!(login.path(), "/api/v1/auth/kubernetes-auth/login", "{name}");
        assert_eq!(login.json(), json!({"identityId": id, "jwt": "canary-of-a-pod"}), "{name}");
    }
}

#[test]
fn an_organisation_is_named_to_servers_of_both_spellings() {
    let server = super::fixture::start();
    server.world(|world| world.organisations = vec!["team".into()]);
    let config = "[source.i]\ntype = \"infisical\"\norganization = \"team\"\n";
    for (sandbox, flags) in [
        (super::fixture::home(&server), vec!["--organization-slug", "team"]),
        (super::fixture::home(&server).env("INFISICAL_AUTH_ORGANIZATION_SLUG", "team"), vec![]),
        (super::fixture::home(&server).env("HUSHED_ORGANIZATION", "team"), vec![]),
        (super::fixture::home(&server).file("hushed.toml", config), vec![]),
    ] {
        server.forget();
        super::fixture::secrets(&sandbox, &flags);
        let login = server.requests()[0].json();
        assert_eq!(login["organizationSlug"], "team");
        assert_eq!(login["subOrganizationName"], "team");
    }
}

//! The shop that the tests read from, and how they look at a command's environment.
//! Must not assert anything about hushed but that it succeeded.

use std::collections::BTreeMap;

use crate::support::{
    infisical::{
        CLIENT_ID, CLIENT_SECRET, Generation, Identity, Login, Project, Secret, Server,
        ServiceToken, World,
    },
    sandbox::{Output, Run, Sandbox},
};

/// What `dev` has at its root, as [`shop`] makes it.
pub(super) const AT_ROOT: [(&str, &str); 4] = [
    ("IMPORTED", "canary-imported"),
    ("NAME", "canary-root"),
    ("REFERENCE", "<canary-root>"),
    ("TAGGED", "canary-tagged"),
];

/// Makes a project with a secret of every sort, and one identity for every way to log in.
pub(super) fn shop() -> World {
    let project = Project::new("shop")
        .env("dev")
        .env("prod")
        .secret("dev", "/", "NAME", "canary-root")
        .secret("dev", "/", "REFERENCE", "<${NAME}>")
        .with("dev", "/", Secret::new("TAGGED", "canary-tagged").tagged(&["web"]))
        .secret("dev", "/api", "NAME", "canary-api")
        .secret("dev", "/api", "PORT", "canary-8080")
        .secret("dev", "/api/deep", "DEEP", "canary-deep")
        .secret("dev", "/api2", "ALIKE", "canary-alike")
        .with("dev", "/own", Secret::new("MINE", "canary-shared"))
        .with("dev", "/own", Secret::new("MINE", "canary-personal").personal())
        .secret("dev", "/base", "IMPORTED", "canary-imported")
        .folder("dev", "/empty")
        .import(("dev", "/"), ("dev", "/base"))
        .secret("prod", "/", "NAME", "canary-prod");
    World::default()
        .project(project)
        .identity(Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop"))
        .identity(Identity::jwt("pod", "kubernetes-auth", "canary-of-a-pod").reads_all("shop"))
        .identity(Identity::jwt("build", "oidc-auth", "canary-of-a-build").reads_all("shop"))
        .identity(Identity::jwt("signer", "jwt-auth", "canary-of-a-signer").reads_all("shop"))
        .identity(Identity::ldap("ada", "ada", "canary of ada ").reads_all("shop"))
        .identity(Identity::new("person", Login::User).reads_all("shop"))
        .service_token(ServiceToken::new("shop", &[("dev", "/")]))
}

/// Starts the shop over plain HTTP, which loopback permits and which is quick.
pub(super) fn plain(generation: Generation) -> Server {
    Server::builder(generation, shop()).plain().start()
}

/// Starts the newest shop over plain HTTP.
pub(super) fn start() -> Server {
    plain(Generation::V4C)
}

/// Makes a home that knows server, project and a client secret.
pub(super) fn home(server: &Server) -> Sandbox {
    Sandbox::new().server(server, "shop")
}

/// Makes a home that knows the server and the project's id, and has no credential.
pub(super) fn stranger(server: &Server) -> Sandbox {
    Sandbox::new().address(server).project_of(server, "shop", "dev")
}

/// Returns the id of the shop, or of an identity.
pub(super) fn project_id(server: &Server) -> String {
    server.world(|world| world.edit("shop").id.clone())
}

/// Returns the id of an identity.
pub(super) fn identity_id(server: &Server, name: &str) -> String {
    server.world(|world| world.edit_identity(name).id.clone())
}

/// Prepares a run of `env` that inherits everything.
pub(super) fn env<'a>(sandbox: &'a Sandbox, flags: &[&str]) -> Run<'a> {
    let flags = ["run"].iter().chain(flags).chain(&["--", "env", "-0"]);
    sandbox.command(flags.copied()).reveals()
}

/// Runs `env` with nothing but secrets in it, and gives those.
pub(super) fn secrets(sandbox: &Sandbox, flags: &[&str]) -> BTreeMap<String, String> {
    let flags: Vec<&str> = ["--clean-env"].iter().chain(flags).copied().collect();
    let output = env(sandbox, &flags).run().success();
    assert_eq!(output.stderr, "");
    variables(&output)
}

/// Runs `env`, which must not start, and gives what is said about it.
pub(super) fn refusal(sandbox: &Sandbox, flags: &[&str]) -> String {
    refused(env(sandbox, flags).run())
}

/// Returns the error of a command that did not start.
pub(super) fn refused(output: Output) -> String {
    let output = output.fails_with(125);
    assert_eq!(output.stdout, "", "the command ran");
    output.stderr
}

/// Reads what `env -0` wrote.
pub(super) fn variables(output: &Output) -> BTreeMap<String, String> {
    let pairs = output.stdout.split_terminator('\0').map(|line| line.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Makes a map of what is wanted.
pub(super) fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Returns method and path of all requests so far.
pub(super) fn asked(server: &Server) -> Vec<String> {
    let line = |request: &crate::support::infisical::Request| {
        format!("{} {}", request.method, request.path())
    };
    server.requests().iter().map(line).collect()
}

/// Counts the requests whose path begins so.
pub(super) fn count(server: &Server, path: &str) -> usize {
    server.requests().iter().filter(|request| request.path().starts_with(path)).count()
}

/// The login of a client secret.
pub(super) const LOGIN: &str = "/api/v1/auth/universal-auth/login";
/// The list of a folder.
pub(super) const LIST: &str = "/api/v4/secrets";

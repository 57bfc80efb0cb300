//! Credentials of one source that come from another: what is asked of both, when it is refused, and that a project's
//! file does not send a user's secret anywhere. The messages are in tests/cmd/credential-sources.md.

use crate::support::infisical::{
    CLIENT_ID, CLIENT_SECRET, Fault, Generation, Identity, Project, Server, World,
};
use crate::support::sandbox::{Output, Sandbox};

const OTHER_ID: &str = "5a3b1c9e-0000-4000-8000-0000000000aa";
const OTHER_SECRET: &str = "canary-other-client-secret";

/// The server whose login is kept in another store.
fn shop() -> Server {
    let project = Project::new("shop").env("dev").secret("dev", "/", "NAME", "canary-name");
    let world = World::default()
        .project(project)
        .identity(Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop"));
    Server::builder(Generation::V4C, world).plain().start()
}

/// The server that keeps it.
fn keys() -> Server {
    let project = Project::new("keys")
        .env("dev")
        .secret("dev", "/ci", "SHOP", CLIENT_SECRET)
        .secret("dev", "/", "UNUSED", "canary-unused");
    let world = World::default()
        .project(project)
        .identity(Identity::universal("keeper", OTHER_ID, OTHER_SECRET).reads_all("keys"));
    Server::builder(Generation::V4C, world).plain().start()
}

/// Two servers, of which the second one has the client secret of the first.
fn two(shop: &Server, keys: &Server) -> Sandbox {
    let id = |server: &Server, slug: &str| {
        server.world(|world| world.project_by_slug(slug).unwrap().id.clone())
    };
    let configuration = format!(
        "[source.shop]\ntype = \"infisical\"\ndomain = {:?}\nproject = {:?}\nclient-id = {CLIENT_ID:?}\n\
         client-secret = {{ ref = \"keys://ci#SHOP\" }}\n\n\
         [source.keys]\ntype = \"infisical\"\ndomain = {:?}\nproject = {:?}\nclient-id = {OTHER_ID:?}\n\
         deliver = false\n",
        shop.url(),
        id(shop, "shop"),
        keys.url(),
        id(keys, "keys"),
    );
    Sandbox::new()
        .file("hushed.toml", configuration)
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("HUSHED_SOURCE_KEYS_CLIENT_SECRET", OTHER_SECRET)
}

/// A login whose secret is in a file beside it.
fn with_file(shop: &Server, reference: &str) -> Sandbox {
    let configuration = format!(
        "[source.shop]\ntype = \"infisical\"\nclient-secret = {{ ref = {reference:?} }}\n\n\
         [source.login]\ntype = \"dotenv\"\nfile = \"login.env\"\ndeliver = false\n"
    );
    Sandbox::new()
        .server(shop, "shop")
        .without("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET")
        .file("hushed.toml", configuration)
        .file("login.env", format!("SECRET={CLIENT_SECRET}\n"))
        .env("HUSHED_CONFIG", "hushed.toml")
}

fn show(sandbox: &Sandbox, flags: &[&str]) -> Output {
    let script = "echo $NAME ${UNUSED-no} ${SECRET-no} ${HUSHED_SOURCE_KEYS_CLIENT_SECRET-no}";
    let arguments = [&["run"], flags, &["--", "sh", "-c", script]].concat();
    sandbox.command(arguments).reveals().run()
}

fn paths(server: &Server) -> Vec<String> {
    server.requests().iter().map(|request| request.path().to_owned()).collect()
}

#[test]
fn a_login_of_one_server_comes_from_another_and_nothing_else_does() {
    let (shop, keys) = (shop(), keys());
    let sandbox = two(&shop, &keys);
    for flags in [&[][..], &["--redact", "--redact-all=false"], &["--disk-free=best-effort"]] {
        let output = show(&sandbox, flags).success();
        let redacts = flags.contains(&"--redact");
        let want = if redacts { "[hushed:NAME] no no no\n" } else { "canary-name no no no\n" };
        assert_eq!(output.stdout, want, "{flags:?}");
    }
    let logins =
        |server: &Server| paths(server).iter().filter(|path| path.contains("login")).count();
    assert_eq!((logins(&shop), logins(&keys)), (3, 3));
    let lists = paths(&keys).iter().filter(|path| path.ends_with("/secrets")).count();
    assert_eq!(lists, 3, "one object in each run");
}

#[test]
fn plan_why_and_doctor_name_the_place() {
    let shop = shop();
    let sandbox = with_file(&shop, "login://SECRET");
    let plan = sandbox.run(["plan", "--", "true"]).success().stdout;
    assert!(plan.contains("credential `shop.client-secret` from login://SECRET\n"), "{plan}");
    let why = sandbox.run(["why", "shop.client-secret"]).success().stdout;
    assert_eq!(
        why,
        "shop.client-secret\n  login://SECRET  the credential that hushed logs in with\n"
    );
    let doctor = sandbox.run(["doctor"]).success().stdout;
    assert!(doctor.contains("login://SECRET"), "{doctor}");
}

#[test]
fn a_stronger_login_needs_no_other_source() {
    let shop = shop();
    let sandbox = with_file(&shop, "login://NOTHING");
    show(&sandbox, &[]).fails_with(125);
    let sandbox = sandbox.env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", CLIENT_SECRET);
    assert_eq!(show(&sandbox, &[]).success().stdout, "canary-name no no no\n");
}

#[test]
fn the_cache_belongs_to_the_credential_that_was_fetched() {
    let shop = shop();
    let sandbox = with_file(&shop, "login://SECRET").env("HUSHED_CACHE_KEY", "credential");
    let cached = ["--cache", "fallback"];
    show(&sandbox, &cached).success();
    shop.fault(Fault::status("/api/", 500, r#"{"message":"down","error":"Down"}"#));
    assert_eq!(show(&sandbox, &cached).success().stdout, "canary-name no no no\n");
    let sandbox = sandbox.file("login.env", "SECRET=canary-another-secret\n");
    show(&sandbox, &cached).fails_with(125);
}

#[test]
fn a_projects_file_sends_no_secret_to_a_server_without_trust() {
    let shop = shop();
    let sandbox = with_file(&shop, "login://SECRET").without("HUSHED_CONFIG");
    for arguments in [&["run", "--", "true"][..], &["plan"], &["doctor"], &["secrets", "list"]] {
        let output = sandbox.run(arguments.iter().copied());
        let told = format!("{}{}", output.stdout, output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(told.contains("sends a secret of one source to another"), "{told}");
    }
    assert_eq!(paths(&shop), [""; 0]);
    let told = sandbox.run(["trust"]).success().stdout;
    assert!(
        told.contains("[source.shop] client-secret-file = { ref = \"login://SECRET\" }"),
        "{told}"
    );
    assert_eq!(show(&sandbox, &[]).success().stdout, "canary-name no no no\n");
    // Where the credential comes from is a part of what was trusted.
    let text = std::fs::read_to_string(sandbox.project().join("hushed.toml")).unwrap();
    let sandbox = sandbox.file("hushed.toml", text.replace("login.env", "../.ssh/config"));
    let told = show(&sandbox, &[]).fails_with(125).stderr;
    assert!(told.contains("sends a secret of one source to another"), "{told}");
}

#[test]
fn a_reference_of_a_variable_to_a_source_of_the_users_own_file_needs_no_trust() {
    let own = "[source.mine]\ntype = \"dotenv\"\nfile = \"~/project/mine.env\"\n";
    let project = "[source.app]\ntype = \"dotenv\"\nfile = \"app.env\"\n[env]\nA = \"mine://A\"\n";
    let sandbox = Sandbox::new()
        .file("../.config/hushed/config.toml", own)
        .file("mine.env", "A=canary-a\nB=canary-b\n")
        .file("app.env", "C=c\n")
        .file("hushed.toml", project);
    let script = "echo $A ${B-no} $C";
    let output = sandbox.command(["run", "--", "sh", "-c", script]).reveals().run().success();
    assert_eq!(output.stdout, "canary-a no c\n");
    let plan = sandbox.run(["plan", "--", "true"]).success().stdout;
    assert!(plan.contains("A  `[env]` (mine://A), 8 bytes"), "{plan}");
}

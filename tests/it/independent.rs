//! The test server against Infisical's own Python client, which knows nothing of hushed.
//! Must not be silent where it is skipped.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use crate::support::{
    infisical::{CLIENT_ID, CLIENT_SECRET, Generation, Identity, Project, Secret, Server, World},
    sandbox::Sandbox,
};

/// What the client prints, but for the folders.
const SEEN: &str = "\
wrong secret: 401
login: Bearer 2592000
/ PASSWORD=canary-password []
/ URL=postgres://canary-password@db []
/app KEY=canary-key [web]
/app OTHER=canary-other []
/shared SHARED=canary-shared []
import /shared SHARED=canary-shared
by slug and tag: ['KEY']
by name, through an import: canary-shared
forbidden: 403 PermissionDenied
";

fn world() -> World {
    let project = Project::new("shop")
        .env("dev")
        .env("prod")
        .secret("dev", "/", "PASSWORD", "canary-password")
        .secret("dev", "/", "URL", "postgres://${PASSWORD}@db")
        .with("dev", "/app", Secret::new("KEY", "canary-key").tagged(&["web"]))
        .secret("dev", "/app", "OTHER", "canary-other")
        .secret("dev", "/shared", "SHARED", "canary-shared")
        .import(("dev", "/"), ("dev", "/shared"));
    let reader = Identity::universal("reader", CLIENT_ID, CLIENT_SECRET);
    let reader = reader.reads("shop", "dev", "/").reads("shop", "dev", "/app");
    World::default().project(project).identity(reader.reads("shop", "dev", "/shared"))
}

/// Returns a Python that has the client, if there is one.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("HUSHED_TEST_PYTHON").map(PathBuf::from);
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python");
    match named {
        Some(named) => Some(named),
        None if usual.exists() => Some(usual),
        None => None,
    }
}

#[test]
fn the_python_client_logs_in_and_reads() {
    let Some(python) = python() else {
        // Not `println!`, which the test runner swallows when a test passes.
        let said = b"skipped: no Python with infisicalsdk (HUSHED_TEST_PYTHON or target/python)\n";
        std::io::stderr().write_all(said).unwrap();
        return;
    };
    for generation in [Generation::V3Only, Generation::V4B, Generation::V4C] {
        let server = Server::start(generation, world());
        let id = server.world(|world| world.edit("shop").id.clone());
        let sandbox = Sandbox::new()
            .env("HOST", server.url())
            .env("REQUESTS_CA_BUNDLE", server.ca_file())
            .env("CLIENT_ID", CLIENT_ID)
            .env("CLIENT_SECRET", CLIENT_SECRET);
        // The client lists folders by v2 only, which the oldest server has not.
        let (flag, folders) = match generation {
            Generation::V3Only => ("none", ""),
            Generation::V4B | Generation::V4C => ("folders", "folders: ['app', 'shared']\n"),
        };
        let run = sandbox.program(&python, ["-", &id, flag]).stdin(include_str!("independent.py"));
        let output = run.reveals().run().success();
        assert_eq!(output.stdout, format!("{SEEN}{folders}"), "{generation:?}");
    }
}

//! One world on servers of all three generations is one environment.
//! Must not test what a flag does.

use super::fixture::{AT_ROOT, asked, home, map, plain, project_id, refusal, secrets};
use crate::support::{
    infisical::{
        CLIENT_ID, CLIENT_SECRET, Generation, Identity, Login, Project, Secret, Server, World,
    },
    sandbox::Sandbox,
};

const ALL: [Generation; 3] = [Generation::V3Only, Generation::V4B, Generation::V4C];

fn world() -> World {
    let project = Project::new("shop")
        .env("dev")
        // Imports: own over later over earlier; within one, its own over what it imports.
        .secret("dev", "/", "OWN", "canary-own")
        .secret("dev", "/one", "OWN", "canary-one")
        .secret("dev", "/one", "BOTH", "canary-one")
        .secret("dev", "/one", "FIRST", "canary-one")
        .secret("dev", "/two", "OWN", "canary-two")
        .secret("dev", "/two", "BOTH", "canary-two")
        .secret("dev", "/two", "NESTED", "canary-two")
        .secret("dev", "/three", "NESTED", "canary-three")
        .secret("dev", "/three", "DEEPEST", "canary-three")
        .import(("dev", "/two"), ("dev", "/three"))
        .import(("dev", "/"), ("dev", "/one"))
        .import(("dev", "/"), ("dev", "/two"))
        // References, and the value of several lines that some servers rewrite for them.
        .secret("dev", "/", "REFERENCE", "${OWN}/${dev.one.FIRST}")
        .secret("dev", "/", "LOST", "<${NOWHERE}>")
        .with("dev", "/", Secret::new("LINES", "${OWN}\nb\n").skip_multiline_encoding())
        .with("dev", "/", Secret::new("QUOTED", "\"canary\\nb\"").skip_multiline_encoding())
        .secret("dev", "/", "EMPTY", "")
        // Personal rows.
        .with("dev", "/", Secret::new("MINE", "canary-shared"))
        .with("dev", "/", Secret::new("MINE", "canary-mine").personal())
        // A tree, and a folder beside it whose name begins alike.
        .secret("dev", "/app", "PLACE", "canary-app")
        .secret("dev", "/app/deep", "PLACE", "canary-deep")
        .secret("dev", "/app2", "PLACE", "canary-app2")
        .secret("dev", "/app2", "ALIKE", "canary-app2");
    World::default()
        .project(project)
        .identity(Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop"))
        .identity(Identity::new("person", Login::User).reads_all("shop"))
}

fn person(server: &Server) -> Sandbox {
    Sandbox::new()
        .address(server)
        .project_of(server, "shop", "dev")
        .env("INFISICAL_TOKEN", server.mint("person"))
}

#[test]
fn every_generation_gives_the_same_environment() {
    let want = [
        ("BOTH", "canary-two"),
        ("DEEPEST", "canary-three"),
        ("EMPTY", ""),
        ("FIRST", "canary-one"),
        ("LINES", "canary-own\nb\n"),
        ("LOST", "<${NOWHERE}>"),
        ("MINE", "canary-mine"),
        ("NESTED", "canary-two"),
        ("OWN", "canary-own"),
        ("QUOTED", "\"canary\\nb\""),
        ("REFERENCE", "canary-own/canary-one"),
    ];
    for generation in ALL {
        let server = Server::builder(generation, world()).plain().start();
        assert_eq!(secrets(&person(&server), &[]), map(&want), "{generation:?}");
        let shared = secrets(&person(&server), &["--secret-overriding=false"]);
        assert_eq!(shared["MINE"], "canary-shared", "{generation:?}");
    }
}

#[test]
fn a_tree_is_what_is_below_a_folder_and_not_what_begins_like_it() {
    for generation in ALL {
        let server = Server::builder(generation, world()).plain().start();
        for path in ["/app", "/app/"] {
            let have = secrets(&person(&server), &["--path", path, "--recursive"]);
            assert_eq!(have, map(&[("PLACE", "canary-deep")]), "{generation:?} {path}");
        }
    }
}

#[test]
fn a_server_without_v4_is_asked_in_v3_and_only_then() {
    for (generation, want) in [
        (Generation::V3Only, vec!["/api/v4/secrets", "/api/v3/secrets/raw"]),
        (Generation::V4B, vec!["/api/v4/secrets"]),
        (Generation::V4C, vec!["/api/v4/secrets"]),
    ] {
        let server = plain(generation);
        assert_eq!(secrets(&home(&server), &[]), map(&AT_ROOT), "{generation:?}");
        let lists: Vec<String> = asked(&server).split_off(1);
        let want: Vec<String> = want.iter().map(|path| format!("GET {path}")).collect();
        assert_eq!(lists, want, "{generation:?}");
        let list = server.requests().pop().unwrap();
        for (name, value) in [
            ("expandSecretReferences", "true"),
            ("includeImports", "true"),
            ("include_imports", "true"),
            ("includePersonalOverrides", "true"),
            ("recursive", "false"),
            ("viewSecretValue", "true"),
        ] {
            assert_eq!(list.parameter(name).as_deref(), Some(value), "{generation:?} {name}");
        }
        assert_eq!(server.requests()[0].header("authorization"), None, "{generation:?}");
    }
}

#[test]
fn a_slug_is_found_on_every_generation() {
    for generation in ALL {
        let server = plain(generation);
        let sandbox = home(&server).env("INFISICAL_PROJECT_ID", "shop");
        assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT), "{generation:?}");
        let id = project_id(&server);
        let list = server.requests().pop().unwrap();
        let named = list.parameter("projectId").or(list.parameter("workspaceId"));
        assert_eq!(named, Some(id), "{generation:?}");
    }
}

#[test]
fn a_value_that_may_not_be_read_is_an_error_that_names_the_key() {
    for masks in [true, false] {
        let server = plain(Generation::V4C);
        server.world(|world| {
            world.masks_unreadable = masks;
            let folder = world.edit("shop").folder_mut("dev", "/");
            folder.secrets.push(Secret::new("CLOSED", "canary-closed").unreadable());
        });
        let said = refusal(&home(&server), &[]);
        if masks {
            let want = "the identity may not read the value of `CLOSED` at `/ in dev`\n";
            assert!(said.contains(want), "{said}");
        } else {
            assert!(said.starts_with("hushed: "), "{said}");
            assert!(said.contains("`/`") && said.contains("`dev`"), "{said}");
        }
    }
}

#[test]
fn a_reference_to_what_may_not_be_read_is_told() {
    // The oldest server leaves such a reference as it is, which nobody can tell from a value.
    for generation in [Generation::V4B, Generation::V4C] {
        let server = plain(generation);
        server.world(|world| {
            let folder = world.edit("shop").folder_mut("dev", "/api");
            folder.secrets.push(Secret::new("FAR", "${prod.NAME}"));
            world.edit_identity("reader").grants.clear();
            let reader = world.edit_identity("reader");
            *reader = reader.clone().reads("shop", "dev", "/**");
        });
        let said = refusal(&home(&server), &["--path", "/api"]);
        assert!(said.contains("reference"), "{generation:?}: {said}");
        let have = secrets(&home(&server), &["--path", "/api", "--expand=false"]);
        assert_eq!(have["FAR"], "${prod.NAME}", "{generation:?}");
    }
}

//! Identities that may read a part of a project only: a folder, or single secrets.
//! Must not test what is missing.

use super::fixture::{home, plain, refusal, secrets};
use crate::support::infisical::{Generation, Secret, Server};

const ALL: [Generation; 3] = [Generation::V3Only, Generation::V4B, Generation::V4C];

/// A server whose reader may read one folder only. Servers of 2025 list the others as empty.
fn restricted(generation: Generation, hides: bool) -> Server {
    let server = plain(generation);
    server.world(|world| {
        world.hides_forbidden = hides;
        let grants = &mut world.edit_identity("reader").grants;
        grants.retain(|grant| grant.project == "shop");
        for grant in grants {
            grant.environment = "dev".into();
            grant.path = "/api".into();
        }
    });
    server
}

#[test]
fn a_folder_that_may_not_be_read_is_an_error_also_where_the_server_lists_it_as_empty() {
    for generation in ALL {
        for hides in [true, false] {
            let server = restricted(generation, hides);
            let sandbox = home(&server);
            for flags in [&[][..], &["--allow-empty"]] {
                let said = refusal(&sandbox, flags);
                let want = "the identity may not read `/` in `dev`\n";
                assert!(said.contains(want), "{generation:?} {hides} {flags:?}: {said}");
            }
            assert!(secrets(&sandbox, &["--path", "/api"]).contains_key("PORT"));
            let doctor = sandbox.run(["doctor"]);
            assert!(doctor.stdout.contains("the identity may not read `/` in `dev`"), "{doctor:?}");
        }
    }
}

#[test]
fn an_empty_folder_that_may_be_read_is_still_empty() {
    let server = plain(Generation::V4C);
    server.world(|world| world.hides_forbidden = true);
    let said = refusal(&home(&server), &["--path", "/empty"]);
    assert!(said.contains("there are no secrets at `/empty` in `dev`"), "{said}");
    assert!(secrets(&home(&server), &["--path", "/empty", "--allow-empty"]).is_empty());
}

#[test]
fn one_secret_is_read_where_the_list_is_denied() {
    for generation in [Generation::V4B, Generation::V4C] {
        let server = plain(generation);
        server.world(|world| {
            let folder = world.edit("shop").folder_mut("dev", "/");
            folder.secrets.push(Secret::new("CLOSED", "canary-closed").unreadable());
        });
        // A confined fetch reads lists only.
        let sandbox = home(&server).without("HUSHED_DISK_FREE");
        let get = |arguments: &[&str]| {
            sandbox.command([&["secrets", "get"], arguments].concat()).reveals().run()
        };
        assert!(refusal(&sandbox, &[]).contains("may not read"));
        assert_eq!(get(&["NAME"]).success().stdout, "canary-root");
        assert_eq!(get(&["NAME", "--path", "/", "--path", "/api"]).success().stdout, "canary-api");
        assert_eq!(
            get(&["TAGGED", "--path", "/", "--path", "/api"]).success().stdout,
            "canary-tagged"
        );
        for name in ["CLOSED", "NOTHING"] {
            let output = get(&[name]);
            assert_eq!((output.code() == 0, output.stdout.as_str()), (false, ""), "{name}");
            assert!(output.stderr.contains("may not read"), "{}", output.stderr);
        }
    }
}

#[test]
fn a_name_that_occurs_twice_in_a_folder_is_an_error() {
    let server = plain(Generation::V4C);
    server.world(|world| {
        let folder = world.edit("shop").folder_mut("dev", "/api");
        folder.secrets.push(Secret::new("PORT", "canary-9090"));
    });
    let said = refusal(&home(&server), &["--path", "/api"]);
    assert!(said.contains("the name `PORT` occurs twice at `/api in dev`\n"), "{said}");
}

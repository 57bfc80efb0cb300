//! No silent emptiness: what is missing is an error that lists what there is.
//! Must not test what may not be read.

use super::fixture::{home, map, plain, refusal, secrets};
use crate::support::infisical::{Fault, Generation};

const ALL: [Generation; 3] = [Generation::V3Only, Generation::V4B, Generation::V4C];

const CASES: [(&[&str], &str); 7] = [
    (
        &["--env", "prd"],
        "there is no environment `prd` in the project; there are `dev`, `prod`\n  hint: did you mean `prod`?\n",
    ),
    (
        &["--env", "prd", "--recursive"],
        "there is no environment `prd` in the project; there are `dev`, `prod`\n  hint: did you mean `prod`?\n",
    ),
    (&["--path", "/apii"], "there is no folder `/apii` in `dev`; in `/` there are "),
    (
        &["--path", "/api/deeep/er"],
        "there is no folder `/api/deeep/er` in `dev`; in `/api` there is `deep`\n",
    ),
    (&["--path", "/empty"], "there are no secrets at `/empty` in `dev`\n"),
    (
        &["--tags", "none", "--include-imports=false"],
        "there are no secrets tagged `none` at `/` in `dev`",
    ),
    (&["--path", "/", "--path", "/empty"], "there are no secrets at `/empty` in `dev`\n"),
];

#[test]
fn what_is_missing_is_told_with_what_there_is() {
    for generation in ALL {
        let server = plain(generation);
        for (flags, want) in CASES {
            let said = refusal(&home(&server), flags);
            assert!(said.contains(want), "{generation:?} {flags:?}: {said}");
        }
    }
}

#[test]
fn emptiness_is_accepted_where_it_is_permitted() {
    for generation in ALL {
        let server = plain(generation);
        for (flags, _) in CASES {
            let flags: Vec<&str> = flags.iter().chain(&["--allow-empty"]).copied().collect();
            let have = secrets(&home(&server), &flags);
            assert_eq!(have.contains_key("NAME"), flags.contains(&"/"), "{generation:?} {flags:?}");
        }
        let sandbox = home(&server).env("HUSHED_ALLOW_EMPTY", "true");
        assert_eq!(secrets(&sandbox, &["--path", "/empty"]), map(&[]));
        let sandbox = home(&server).file("hushed.toml", "[run]\nallow-empty = true\n");
        assert_eq!(secrets(&sandbox, &["--path", "/empty"]), map(&[]));
    }
}

#[test]
fn emptiness_is_an_error_even_where_nothing_may_be_looked_up() {
    let no = r#"{"statusCode":403,"message":"You are not allowed","error":"PermissionDenied"}"#;
    for generation in ALL {
        let server = plain(generation);
        for path in ["/api/v1/projects", "/api/v1/workspace", "/api/v1/folders", "/api/v2/folders"]
        {
            server.fault(Fault::status(path, 403, no));
        }
        for flags in [["--env", "prd"], ["--path", "/apii"], ["--path", "/empty"]] {
            let said = refusal(&home(&server), &flags);
            let place = if flags[0] == "--env" { "`/` in `prd`" } else { "in `dev`" };
            assert!(said.contains("there are no secrets at "), "{generation:?}: {said}");
            assert!(said.contains(place), "{said}");
            assert!(said.contains("hint: the identity may not look them up"), "{said}");
        }
    }
}

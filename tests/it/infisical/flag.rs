//! The flags of `infisical run`, each also as a variable and as a key of the configuration.
//! Must not test credentials: those are in `login`.

use std::collections::BTreeMap;

use super::fixture::{AT_ROOT, LIST, home, map, project_id, secrets, shop, start};
use crate::support::{
    infisical::{Generation, Server},
    sandbox::Sandbox,
};

/// One setting in its three forms, and the secrets that it leads to.
struct Row<'a> {
    flags: &'a [&'a str],
    variables: &'a [(&'a str, &'a str)],
    keys: &'a str,
    want: &'a [(&'a str, &'a str)],
}

/// Makes a home whose token is a person's, who has secrets of her own.
fn person(server: &Server) -> Sandbox {
    Sandbox::new()
        .address(server)
        .env("INFISICAL_PROJECT_ID", project_id(server))
        .env("INFISICAL_TOKEN", server.mint("person"))
}

fn try_each(server: &Server, row: &Row<'_>) {
    let want = map(row.want);
    let config = |keys: &str| format!("[source.shop]\ntype = \"infisical\"\n{keys}");
    assert_eq!(secrets(&person(server), row.flags), want, "{:?}", row.flags);
    let mut sandbox = person(server);
    for (name, value) in row.variables {
        sandbox = sandbox.env(name, value);
    }
    assert_eq!(secrets(&sandbox, &[]), want, "{:?}", row.variables);
    let sandbox = person(server).file("hushed.toml", config(row.keys));
    assert_eq!(secrets(&sandbox, &[]), want, "{}", row.keys);
}

#[test]
fn the_environment_and_the_folders_are_chosen() {
    let server = start();
    let api = [("NAME", "canary-api"), ("PORT", "canary-8080")];
    for row in [
        Row {
            flags: &["--env", "prod"],
            variables: &[("HUSHED_ENV", "prod")],
            keys: "env = \"prod\"",
            want: &[("NAME", "canary-prod")],
        },
        Row {
            flags: &["-e", "prod"],
            variables: &[("HUSHED_ENV", "prod")],
            keys: "env = \"prod\"",
            want: &[("NAME", "canary-prod")],
        },
        Row { flags: &[], variables: &[], keys: "", want: &AT_ROOT },
        Row {
            flags: &["--path", "/api"],
            variables: &[("HUSHED_PATH", "/api/")],
            keys: "path = \"api\"",
            want: &api,
        },
        Row {
            flags: &["--path=/", "--path=/api"],
            variables: &[("HUSHED_PATH", "/,/api")],
            keys: "path = [\"/\", \"/api\"]",
            want: &[AT_ROOT[0], AT_ROOT[2], AT_ROOT[3], api[0], api[1]],
        },
        Row {
            flags: &["--path=/api", "--path=/"],
            variables: &[("HUSHED_PATH", "/api,/")],
            keys: "path = [\"/api\", \"/\"]",
            want: &[AT_ROOT[0], AT_ROOT[1], AT_ROOT[2], AT_ROOT[3], api[1]],
        },
        Row {
            flags: &["--path=/api", "--recursive"],
            variables: &[("HUSHED_PATH", "/api"), ("HUSHED_RECURSIVE", "true")],
            keys: "path = \"/api\"\nrecursive = true",
            want: &[api[0], api[1], ("DEEP", "canary-deep")],
        },
        Row {
            flags: &["--path=/api", "--recursive=false"],
            variables: &[("HUSHED_PATH", "/api"), ("HUSHED_RECURSIVE", "0")],
            keys: "path = \"/api\"\nrecursive = false",
            want: &api,
        },
    ] {
        try_each(&server, &row);
    }
}

#[test]
fn what_is_taken_from_a_folder_is_chosen() {
    let server = start();
    let [imported, name, reference, tagged] = AT_ROOT;
    for row in [
        Row {
            flags: &["--tags", "web,other"],
            variables: &[("HUSHED_TAGS", "web, other")],
            keys: "tags = [\"web\", \"other\"]\ninclude-imports = true",
            want: &[imported, tagged],
        },
        Row {
            flags: &["-t", "web", "--include-imports=false"],
            variables: &[("HUSHED_TAGS", "web"), ("HUSHED_INCLUDE_IMPORTS", "false")],
            keys: "tags = \"web\"\ninclude-imports = false",
            want: &[tagged],
        },
        Row {
            flags: &["--include-imports=false"],
            variables: &[("HUSHED_INCLUDE_IMPORTS", "false")],
            keys: "include-imports = false",
            want: &[name, reference, tagged],
        },
        Row {
            flags: &["--expand=false"],
            variables: &[("HUSHED_EXPAND", "false")],
            keys: "expand = false",
            want: &[imported, name, ("REFERENCE", "<${NAME}>"), tagged],
        },
        Row {
            flags: &["--path=/own"],
            variables: &[("HUSHED_PATH", "/own")],
            keys: "path = \"/own\"",
            want: &[("MINE", "canary-personal")],
        },
        Row {
            flags: &["--path=/own", "--secret-overriding=false"],
            variables: &[("HUSHED_PATH", "/own"), ("HUSHED_SECRET_OVERRIDING", "false")],
            keys: "path = \"/own\"\nsecret-overriding = false",
            want: &[("MINE", "canary-shared")],
        },
    ] {
        try_each(&server, &row);
    }
}

#[test]
fn a_project_is_named_by_id_or_slug() {
    let server = start();
    let id = project_id(&server);
    for name in [id.as_str(), "shop"] {
        let base = || home(&server).without("INFISICAL_PROJECT_ID");
        let key = format!("[source.shop]\ntype = \"infisical\"\nproject = \"{name}\"\n");
        for (sandbox, flags) in [
            (base(), vec!["--project", name]),
            (base(), vec!["--projectId", name]),
            (base().env("HUSHED_PROJECT", name), vec![]),
            (base().env("INFISICAL_PROJECT_ID", name), vec![]),
            (base().file("hushed.toml", key), vec![]),
        ] {
            assert_eq!(secrets(&sandbox, &flags), map(&AT_ROOT), "{name} {flags:?}");
        }
    }
}

#[test]
fn a_server_is_named_in_every_usual_spelling() {
    let server = Server::start(Generation::V4C, shop());
    let address = server.address().to_string();
    let nameless = || home(&server).without("INFISICAL_DOMAIN");
    for spelling in
        ["https://@", "https://@/", "https://@/api", "https://@/api/", "@", "@/api", " @ "]
    {
        let domain = spelling.replace('@', &address);
        let key = format!("[source.shop]\ntype = \"infisical\"\ndomain = \"{domain}\"\n");
        for (sandbox, flags) in [
            (nameless(), vec!["--domain", &domain]),
            (nameless().env("INFISICAL_API_URL", domain.as_str()), vec![]),
            (nameless().env("INFISICAL_DOMAIN", domain.as_str()), vec![]),
            (nameless().env("HUSHED_DOMAIN", domain.as_str()), vec![]),
            (nameless().file("mine.toml", key), vec!["--config", "mine.toml"]),
        ] {
            server.forget();
            assert_eq!(secrets(&sandbox, &flags), map(&AT_ROOT), "{flags:?}");
            assert_eq!(server.requests().len(), 2, "{domain}");
        }
    }
}

#[test]
fn a_flag_wins_over_a_variable_over_a_file() {
    let server = start();
    let config = "[source.shop]\ntype = \"infisical\"\nenv = \"nowhere\"\npath = \"/nowhere\"\n";
    let sandbox = person(&server).file("hushed.toml", config);
    let sandbox = sandbox.env("HUSHED_ENV", "nowhere").env("HUSHED_PATH", "/api");
    let have = secrets(&sandbox, &["--env", "dev"]);
    assert_eq!(have, map(&[("NAME", "canary-api"), ("PORT", "canary-8080")]));
}

#[test]
fn every_parameter_is_said_to_the_server() {
    let server = start();
    let id = project_id(&server);
    let base = [("environment", "dev"), ("projectId", id.as_str()), ("viewSecretValue", "true")];
    for (flags, path, booleans, tags) in [
        (vec![], "/", ["true", "true", "true", "true", "false"], None),
        (
            vec![
                "--path=/own",
                "--expand=false",
                "--include-imports=false",
                "--recursive",
                "--secret-overriding=false",
                "--tags=a,b",
                "--allow-empty",
            ],
            "/own",
            ["false", "false", "false", "false", "true"],
            Some("a,b"),
        ),
    ] {
        server.forget();
        secrets(&person(&server), &flags);
        let names = [
            "expandSecretReferences",
            "includeImports",
            "include_imports",
            "includePersonalOverrides",
            "recursive",
        ];
        let mut want: BTreeMap<_, _> = names.into_iter().zip(booleans).chain(base).collect();
        want.insert("secretPath", path);
        want.extend(tags.map(|tags| ("tagSlugs", tags)));
        let request = server.requests().into_iter().find(|it| it.path() == LIST).unwrap();
        let have = request.query();
        let have: BTreeMap<_, _> = have.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(have, want);
    }
}

#[test]
fn a_value_that_a_setting_cannot_have_is_an_error() {
    let server = start();
    for (variable, value, want) in [
        ("HUSHED_RECURSIVE", "maybe", "HUSHED_RECURSIVE must be `true` or"),
        ("HUSHED_TIMEOUT", "soon", "HUSHED_TIMEOUT: `soon` is not a duration, such as 30s or 2m"),
        ("HUSHED_TIMEOUT", "0s", "HUSHED_TIMEOUT: `0s` is not a duration"),
        ("INFISICAL_DOMAIN", "ftp://a", "INFISICAL_DOMAIN: `ftp://a` is not "),
    ] {
        let said = super::fixture::refusal(&home(&server).env(variable, value), &[]);
        assert!(said.starts_with(&format!("hushed: {want}")), "{said}");
    }
    let output = super::fixture::env(&home(&server), &["--recursive=maybe"]).run();
    assert!(super::fixture::refused(output).contains("`--recursive`: expected true or false"));
}

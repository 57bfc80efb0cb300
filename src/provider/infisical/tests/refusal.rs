//! What a server refuses or does not have, and how it is told.

use super::*;

#[test]
fn a_refused_login_is_told_in_full_and_not_repeated() {
    run(async {
        let server = server(&[(
            "login",
            401,
            r#"{"statusCode":401,"message":"Invalid credentials","error":"UnauthorizedError"}"#,
        )])
        .await;
        let told = told(&source(&server, Settings { login: universal(), ..settings() })).await;
        let origin = server.url.as_str().trim_end_matches('/');
        let want = format!(
            "cannot log in to Infisical at {origin}\n  \
             caused by: the server answered 401 Unauthorized: Invalid credentials\n  \
             hint: check the client secret (read from CLIENT_SECRET) and the client ID (read from \
             CLIENT_ID), or create a new client secret"
        );
        assert_eq!(told, want);
        assert_eq!(server.asked().len(), 1);
    });
}

#[test]
fn a_validation_error_is_no_reason_to_log_in_again() {
    run(async {
        let server = server(&[
            ("universal-auth", 200, LOGIN),
            ("/v4/secrets", 401, r#"{"message":[{"path":["x"],"message":"Bad"}],"error":"V"}"#),
        ])
        .await;
        let told = told(&source(&server, Settings { login: universal(), ..settings() })).await;
        assert!(told.contains("401 Unauthorized: x: Bad"), "{told}");
        assert_eq!(server.asked().len(), 2);
    });
}

#[test]
fn a_server_that_repeats_the_secret_is_not_quoted() {
    run(async {
        let echo = r#"{"message":"canary-secret is wrong","error":"UnauthorizedError"}"#;
        let server = server(&[("login", 401, echo)]).await;
        // `told` fails when the canary is in it.
        told(&source(&server, Settings { login: universal(), ..settings() })).await;
    });
}

#[test]
fn an_empty_answer_is_explained() {
    const FOLDERS: &str = r#"{"folders":[{"name":"api"},{"name":"web"}]}"#;
    for (environment, path, want) in [
        (
            "deb",
            "/",
            "there is no environment `deb` in the project; there are `dev`, `prod`\n  \
             hint: did you mean `dev`?",
        ),
        (
            "dev",
            "/ap/v1",
            "there is no folder `/ap/v1` in `dev`; in `/` there are `api`, `web`\n  \
             hint: did you mean `/api`?",
        ),
        (
            "dev",
            "/api",
            "there are no secrets at `/api` in `dev`; below it there are `api`, `web`\n  \
             hint: pass a folder with --path, or use --recursive; --allow-empty accepts an empty folder",
        ),
    ] {
        run(async {
            let newer = server(&[
                ("/v4/secrets", 200, EMPTY),
                (
                    "/v1/projects/",
                    200,
                    r#"{"project":{"id":"p1","environments":[{"slug":"dev"},{"slug":"prod"}]}}"#,
                ),
                ("/v2/folders", 200, FOLDERS),
            ])
            .await;
            let older = server(&[
                ("/v3/secrets/raw", 200, r#"{"secrets":[]}"#),
                (
                    "/v1/workspace/",
                    200,
                    r#"{"workspace":{"id":"p1","environments":[{"slug":"dev"},{"slug":"prod"}]}}"#,
                ),
                ("/v1/folders", 200, FOLDERS),
            ])
            .await;
            for server in [&newer, &older] {
                let settings = Settings {
                    environment: Some(environment.to_owned()),
                    paths: vec![path.to_owned()],
                    ..settings()
                };
                assert_eq!(told(&source(server, settings.clone())).await, want);
                let permitted = Settings { allow_empty: true, ..settings };
                assert!(fetched(&source(server, permitted)).await.is_empty());
            }
        });
    }
}

#[test]
fn an_empty_answer_is_an_error_even_when_nothing_may_be_looked_up() {
    run(async {
        let server = server(&[("/v4/secrets", 200, EMPTY), ("/api/", 403, FORBIDDEN)]).await;
        let tags = vec!["backend".to_owned()];
        let told = told(&source(&server, Settings { tags, recursive: true, ..settings() })).await;
        assert_eq!(
            told,
            "there are no secrets tagged `backend` at `/` in `dev`\n  hint: the identity may not look \
             them up; check --env, --path and --tags; --allow-empty accepts an empty folder"
        );
    });
}

#[test]
fn a_failure_on_a_tree_may_be_an_unknown_environment() {
    const ROUTES: &[(&str, u16, &str)] = &[
        ("/v3/secrets/raw", 500, FAILED),
        ("/v1/workspace/", 200, r#"{"workspace":{"id":"p1","environments":[{"slug":"dev"}]}}"#),
        ("/v1/folders", 200, r#"{"folders":[]}"#),
    ];
    run(async {
        for (environment, recursive, want) in [
            ("nope", true, "there is no environment `nope` in the project; there is `dev`"),
            ("dev", true, "500 Internal Server Error: Something went wrong"),
            ("nope", false, "500 Internal Server Error: Something went wrong"),
        ] {
            let server = server(ROUTES).await;
            let environment = Some(environment.to_owned());
            let told =
                told(&source(&server, Settings { environment, recursive, ..settings() })).await;
            assert!(told.contains(want), "{told}");
        }
    });
}

#[test]
fn a_server_that_says_what_is_missing_is_believed() {
    for (body, want) in [
        (
            r#"{"message":"Environment not found","error":"get folders","reqId":"req-1"}"#,
            "there is no environment `dev`",
        ),
        (
            r#"{"message":"Folder with path '/' not found","error":"NotFound","reqId":"req-1"}"#,
            "404 Not Found: Folder",
        ),
        (
            r#"{"message":"Project not found during bot lookup","error":"NotFound"}"#,
            "there is no project",
        ),
    ] {
        run(async {
            let server = Stub::answering(&[&answer(404, JSON, body)]).await;
            let told = told(&source(&server, settings())).await;
            assert!(told.contains(want), "{told}");
        });
    }
}

#[test]
fn refusals_to_read_are_told_apart() {
    for (body, want) in [
        (FORBIDDEN, "the identity may not read `/` in `dev`"),
        (
            r#"{"message":"No","error":"Identity is not a member of the specified project"}"#,
            "the identity has no access to the project `9ac97618",
        ),
        (
            r#"{"message":"You are attempting to reference secret named X","error":"ForbiddenError"}"#,
            "--expand=false",
        ),
        (
            r#"{"message":"You are not allowed to access this resource from the current IP address","error":"ForbiddenError"}"#,
            "does not allow this machine's address",
        ),
    ] {
        run(async {
            let server = Stub::answering(&[&answer(403, JSON, body)]).await;
            let told = told(&source(&server, settings())).await;
            assert!(told.contains(want) && told.contains("403 Forbidden"), "{told}");
            // Only whether there is such an environment is worth a question.
            assert_eq!(server.asked().len(), if body == FORBIDDEN { 2 } else { 1 }, "{body}");
        });
    }
}

#[test]
fn an_unknown_slug_is_an_unknown_project() {
    for (status, body) in [
        (
            404,
            r#"{"message":"Project with slug 'x' not found","error":"NotFound","reqId":"req-1"}"#,
        ),
        (500, r#"{"message":"Something went wrong","error":"Failed to find project by slug"}"#),
    ] {
        run(async {
            let server = Stub::answering(&[&answer(status, JSON, body)]).await;
            let project = Some(ProjectRef::parse("shop"));
            let told = told(&source(&server, Settings { project, ..settings() })).await;
            assert!(told.contains("there is no project `shop`"), "{told}");
        });
    }
}

#[test]
fn what_is_not_infisical_is_told() {
    let html = answer(200, "content-type: text/html\r\n", "<!doctype html>");
    let json = answer(200, JSON, r#"{"hello":"canary"}"#);
    let missing = answer(404, "content-type: text/html\r\n", "<h1>404</h1>");
    let route = answer(404, JSON, r#"{"message":"Route X not found","error":"Not Found"}"#);
    let cut = answer(200, JSON, r#"{"accessToken":"canary"#);
    for (answer, want) in [
        (html, "is not Infisical: it sent a web page"),
        (json, "is not Infisical: it sent JSON that is not Infisical"),
        (missing, "is not Infisical: it sent a web page"),
        (route, "is not Infisical: it does not support Infisical's requests"),
        (cut, "is incomplete JSON"),
    ] {
        run(async {
            for login in [universal(), settings().login] {
                let server = Stub::answering(&[&answer]).await;
                let told = told(&source(&server, Settings { login, ..settings() })).await;
                assert!(told.contains(want), "{told}");
            }
        });
    }
}

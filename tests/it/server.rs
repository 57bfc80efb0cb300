//! The test server beyond the recording: its newer generations, its wire, its faults.
//! Must not repeat what the replay shows.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use http_body_util::Full;
use hyper::Request;
use serde_json::{Value, json};

use crate::support::{
    infisical::{
        CLIENT_ID, CLIENT_SECRET, Certificate, Fault, FaultKind, Generation, Identity, Login,
        Project, Secret, Server, ServiceToken, World,
    },
    wire,
};

fn shop() -> World {
    let project = Project::new("shop")
        .env("dev")
        .env("prod")
        .secret("dev", "/", "NAME", "canary")
        .secret("dev", "/", "URL", "u://${NAME}")
        .secret("dev", "/", "LOST", "${NOWHERE}")
        .with("dev", "/", Secret::new("SHOWN", "canary shared"))
        .with("dev", "/", Secret::new("SHOWN", "canary personal").personal())
        .secret("dev", "/app", "A", "canary a")
        .secret("dev", "/app2", "B", "canary b")
        .secret("dev", "/base", "NAME", "canary base")
        .secret("dev", "/deep", "DEEP", "canary deep")
        .import(("dev", "/base"), ("dev", "/deep"))
        .import(("dev", "/"), ("dev", "/base"))
        .secret("prod", "/", "TOP", "canary prod");
    World::default()
        .project(project)
        .identity(Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop"))
        .identity(Identity::new("person", Login::User).reads_all("shop"))
        .service_token(ServiceToken::new("shop", &[("dev", "/app")]))
}

fn start(generation: Generation) -> Server {
    Server::builder(generation, shop()).plain().start()
}

/// Lists as the identity of this name, and gives the answer.
fn list(server: &Server, identity: &str, route: &str, query: &str) -> wire::Reply {
    let id = server.world(|world| world.edit("shop").id.clone());
    let project = if route.starts_with("/api/v4") { "projectId" } else { "workspaceId" };
    let target = format!("{route}?{project}={id}&environment=dev{query}");
    wire::get(server.address(), &target, &server.mint(identity))
}

/// Returns `KEY=value` of all own rows, sorted.
fn rows(body: &Value) -> Vec<String> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let row = |row: &Value| format!("{}={}", text(row, "secretKey"), text(row, "secretValue"));
    let mut rows: Vec<String> = body["secrets"].as_array().unwrap().iter().map(row).collect();
    rows.sort();
    rows
}

const V4: &str = "/api/v4/secrets";
const V3: &str = "/api/v3/secrets/raw";

#[test]
fn the_newest_generation_expands_and_imports_by_default() {
    let plain = ["LOST=${NOWHERE}", "NAME=canary", "SHOWN=canary shared", "URL=u://${NAME}"];
    let expanded = ["LOST=${NOWHERE}", "NAME=canary", "SHOWN=canary shared", "URL=u://canary"];
    let server = start(Generation::V4C);
    let body = list(&server, "reader", V4, "").json();
    assert_eq!(rows(&body), expanded);
    assert_eq!(rows(&body["imports"][0]), ["DEEP=canary deep", "NAME=canary base"]);
    assert_eq!(body["imports"].as_array().unwrap().len(), 1);
    let bare = list(&server, "reader", V4, "&includeImports=false&expandSecretReferences=false");
    assert_eq!(rows(&bare.json()), plain);
    assert_eq!(bare.json()["imports"], Value::Null);

    let server = start(Generation::V4B);
    assert_eq!(rows(&list(&server, "reader", V4, "&includeImports=true").json()), plain);
    let body = list(&server, "reader", V4, "&include_imports=true").json();
    assert_eq!(rows(&body["imports"][0]), ["DEEP=canary deep", "NAME=canary base"]);
}

#[test]
fn personal_rows_are_a_persons_and_collapsed_by_the_newest_generation() {
    let shown = |generation, identity, route, query: &str| {
        let mut rows = rows(&list(&start(generation), identity, route, query).json());
        rows.retain(|row| row.starts_with("SHOWN"));
        rows
    };
    let both = ["SHOWN=canary personal", "SHOWN=canary shared"];
    let (personal, shared) = (["SHOWN=canary personal"], ["SHOWN=canary shared"]);
    assert_eq!(shown(Generation::V3Only, "person", V3, ""), both);
    assert_eq!(shown(Generation::V4B, "person", V4, ""), both);
    assert_eq!(shown(Generation::V4B, "reader", V4, ""), shared);
    assert_eq!(shown(Generation::V4C, "person", V4, ""), shared);
    assert_eq!(shown(Generation::V4C, "person", V4, "&includePersonalOverrides=true"), personal);
    assert_eq!(shown(Generation::V4C, "person", V3, ""), both);
}

#[test]
fn a_personal_row_wins_in_an_import_too_where_overrides_are_asked_for() {
    let server = start(Generation::V4C);
    server.world(|world| {
        let folder = world.edit("shop").folder_mut("dev", "/base");
        folder.secrets.push(Secret::new("NAME", "canary own").personal());
    });
    for (query, want) in
        [("", "NAME=canary base"), ("&includePersonalOverrides=true", "NAME=canary own")]
    {
        let body = list(&server, "person", V4, query).json();
        assert_eq!(rows(&body["imports"][0])[1], want);
    }
}

#[test]
fn a_value_is_expanded_as_its_generation_does() {
    for (value, old, new) in [
        ("${NAME}-${dev.app.A}", "canary-canary a", "canary-canary a"),
        ("${dev.NAME}", "canary", "canary"),
        ("${dev.app.A}\nb", "\"canary a\\nb\"", "\"canary a\\nb\""),
        ("a\nb", "a\nb", "a\nb"),
        ("<${EMPTY}>", "<${EMPTY}>", "<>"),
        ("<${dev.nowhere.X}>", "<${dev.nowhere.X}>", "<${dev.nowhere.X}>"),
        ("${ NAME} ${} $NAME ${NAME", "${ NAME} ${} $NAME ${NAME", "${ NAME} ${} $NAME ${NAME"),
        ("${${NAME}}", "${canary}", "${canary}"),
    ] {
        for (generation, route, want) in [(Generation::V3Only, V3, old), (Generation::V4C, V4, new)]
        {
            let server = start(generation);
            server.world(|world| {
                let folder = world.edit("shop").folder_mut("dev", "/");
                folder.secrets = vec![
                    Secret::new("NAME", "canary"),
                    Secret::new("EMPTY", ""),
                    Secret::new("VALUE", value).skip_multiline_encoding(),
                ];
            });
            let body = list(&server, "reader", route, "&expandSecretReferences=true").json();
            assert_eq!(rows(&body)[2], format!("VALUE={want}"), "{generation:?}: {value}");
        }
    }
}

#[test]
fn a_login_may_name_an_organisation_that_there_is() {
    for (generation, field) in
        [(Generation::V4B, "subOrganizationName"), (Generation::V4C, "organizationSlug")]
    {
        let server = start(generation);
        server.world(|world| world.organisations = vec!["team".into()]);
        let login = |slug: &str| {
            let mut body = json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET});
            body[field] = slug.into();
            wire::post(server.address(), "/api/v1/auth/universal-auth/login", &body).status
        };
        assert_eq!((login("team"), login("other")), (200, 404), "{field}");
    }
}

#[test]
fn the_oldest_generation_takes_a_prefix_for_a_folder() {
    for (generation, route, want) in [
        (Generation::V3Only, V3, vec!["A=canary a", "B=canary b"]),
        (Generation::V4C, V4, vec!["A=canary a"]),
    ] {
        let query = "&secretPath=%2Fapp&recursive=true";
        assert_eq!(rows(&list(&start(generation), "reader", route, query).json()), want);
    }
}

#[test]
fn a_hidden_value_is_refused_masked_or_left_out() {
    let server = start(Generation::V4C);
    let hidden = |env, path| {
        move |world: &mut World| {
            let secrets = &mut world.edit("shop").folder_mut(env, path).secrets;
            for secret in secrets {
                secret.unreadable = true;
            }
        }
    };
    server.world(hidden("dev", "/base"));
    let body = list(&server, "reader", V4, "").json();
    assert_eq!(rows(&body["imports"][0]), ["DEEP=canary deep"]);
    server.world(hidden("dev", "/app"));
    let reply = list(&server, "reader", V4, "&secretPath=%2Fapp");
    assert_eq!((reply.status, &reply.json()["error"]), (403, &json!("PermissionDenied")));
    let reply = list(&server, "reader", V4, "&secretPath=%2Fapp&viewSecretValue=false");
    assert_eq!(rows(&reply.json()), ["A=<hidden-by-infisical>"]);
    server.world(|world| world.masks_unreadable = true);
    let body = list(&server, "reader", V4, "&secretPath=%2Fapp").json();
    assert_eq!(rows(&body), ["A=<hidden-by-infisical>"]);
    assert_eq!(body["secrets"][0]["secretValueHidden"], true);
}

#[test]
fn a_forbidden_reference_refuses_the_list_of_a_newer_generation() {
    for (generation, route, status) in [(Generation::V3Only, V3, 200), (Generation::V4C, V4, 403)] {
        let server = start(generation);
        server.world(|world| {
            let folder = world.edit("shop").folder_mut("dev", "/app");
            folder.secrets.push(Secret::new("REF", "${prod.TOP}"));
            let grants = &mut world.edit_identity("reader").grants;
            grants[0].environment = "dev".into();
        });
        let query = "&secretPath=%2Fapp&expandSecretReferences=true";
        assert_eq!(list(&server, "reader", route, query).status, status, "{generation:?}");
    }
}

#[test]
fn newer_generations_know_projects_folders_and_other_statuses() {
    let server = start(Generation::V4C);
    let (address, token) = (server.address(), server.mint("reader"));
    let get = |target: &str| wire::get(address, target, &token);
    let id = server.world(|world| world.edit("shop").id.clone());
    assert_eq!(get("/api/v1/projects/slug/shop").json()["id"], id.as_str());
    assert_eq!(get(&format!("/api/v1/projects/{id}")).json()["project"]["slug"], "shop");
    assert_eq!(get("/api/v1/projects").json()["projects"][0]["slug"], "shop");
    let folders = format!("/api/v2/folders?projectId={id}&environment=dev");
    assert_eq!(get(&folders).status, 422);
    let names = get(&format!("{folders}&path=/")).json();
    assert_eq!(names["folders"].as_array().unwrap().len(), 4);
    let bad = list(&server, "reader", V4, "&recursive=1");
    assert_eq!((bad.status, bad.json()["message"].is_array()), (422, true));
    assert!(bad.json()["reqId"].is_string());
    assert_eq!(get("/nothing").header("content-type"), Some("text/html; charset=utf-8"));
}

#[test]
fn three_bad_logins_lock_the_newer_generations() {
    for (generation, locked) in [(Generation::V3Only, 200), (Generation::V4C, 401)] {
        let server = start(generation);
        let path = "/api/v1/auth/universal-auth/login";
        let login = |secret: &str| {
            let body = json!({"clientId": CLIENT_ID, "clientSecret": secret});
            wire::post(server.address(), path, &body)
        };
        for _ in 0..3 {
            assert_eq!(login("wrong").json()["message"], "Invalid credentials");
        }
        assert_eq!(login(CLIENT_SECRET).status, locked, "{generation:?}");
        server.world(|world| world.advance(Duration::from_mins(5)));
        assert_eq!(login(CLIENT_SECRET).status, 200, "{generation:?}");
    }
}

#[test]
fn identities_log_in_with_what_they_have() {
    let world = shop()
        .identity(Identity::jwt("pod", "kubernetes-auth", "canary.jwt.pod").reads_all("shop"))
        .identity(Identity::ldap("staff", "ann", "canary word").reads_all("shop"))
        .identity(Identity::new("cloud", Login::Aws).reads_all("shop"));
    let server = Server::builder(Generation::V4C, world).plain().start();
    let id = |name: &str| server.world(|world| world.edit_identity(name).id.clone());
    let login = |method: &str, body: Value| {
        wire::post(server.address(), &format!("/api/v1/auth/{method}/login"), &body).status
    };
    let pod = id("pod");
    let jwt = |jwt: &str| json!({"identityId": pod, "jwt": jwt});
    assert_eq!(login("kubernetes-auth", jwt("canary.jwt.pod")), 200);
    assert_eq!(login("kubernetes-auth", jwt("canary.jwt.other")), 401);
    assert_eq!(login("oidc-auth", jwt("canary.jwt.pod")), 404);
    let staff = id("staff");
    let ldap = |word: &str| json!({"identityId": staff, "username": "ann", "password": word});
    assert_eq!(login("ldap-auth", ldap("canary word")), 200);
    assert_eq!(login("ldap-auth", ldap("wrong")), 401);
    let encoded = |text: &str| STANDARD.encode(text);
    let host = "sts.eu-west-1.amazonaws.com";
    let packed = |authorization: &str| {
        let headers = json!({"Authorization": authorization, "Host": host}).to_string();
        json!({
            "identityId": id("cloud"),
            "iamHttpRequestMethod": "POST",
            "iamRequestBody": encoded("Action=GetCallerIdentity&Version=2011-06-15"),
            "iamRequestHeaders": encoded(&headers),
        })
    };
    let signed = "AWS4-HMAC-SHA256 Credential=AKIA/x, SignedHeaders=host, Signature=0";
    assert_eq!(login("aws-auth", packed(signed)), 200);
    assert_eq!(login("aws-auth", packed("AWS4-HMAC-SHA256")), 401);
    assert_eq!(server.requests().len(), 7);
    assert_eq!(server.requests()[0].header("authorization"), None);
}

#[test]
fn the_only_scope_of_a_service_token_stands_for_the_query() {
    let server = start(Generation::V3Only);
    let whole = server.world(|world| world.service_tokens[0].whole());
    let (three, _) = whole.rsplit_once('.').unwrap();
    let get = |target: &str| wire::get(server.address(), target, three);
    let about = get("/api/v2/service-token").json();
    assert_eq!(about["scopes"][0]["secretPath"], "/app");
    let reply = get("/api/v3/secrets/raw?workspaceId=x&environment=prod&secretPath=/");
    assert_eq!(rows(&reply.json()), ["A=canary a"]);
    assert_eq!(wire::get(server.address(), "/api/v2/service-token", "st.a.b").status, 404);
}

#[test]
fn renewal_caps_the_token_of_a_newer_generation() {
    let server = start(Generation::V4C);
    server.world(|world| {
        let reader = world.edit_identity("reader");
        (reader.ttl, reader.max_ttl) = (Duration::from_mins(1), Duration::from_secs(90));
    });
    let token = server.mint("reader");
    server.world(|world| world.advance(Duration::from_secs(50)));
    let body = json!({"accessToken": token});
    let granted = wire::post(server.address(), "/api/v1/auth/token/renew", &body).json();
    assert!(granted["expiresIn"].as_u64().unwrap() <= 40);
    assert_ne!(granted["accessToken"], token.as_str());
    server.world(|world| world.advance(Duration::from_secs(50)));
    let reply = wire::get(server.address(), "/api/v2/workspace/shop", &token);
    assert_eq!((reply.status, &reply.json()["error"]), (403, &json!("TokenError")));
}

#[test]
fn every_fault_is_as_scripted() {
    let server = start(Generation::V4C);
    let get = || wire::try_exchange(server.address(), "GET", "/api/status", &[], b"");
    let with = |fault: Fault| {
        server.heal();
        server.fault(fault);
        get()
    };
    let on = |kind| Fault::on("/api/status", kind);
    let right = get().unwrap().body.len();

    let reply = with(Fault::status("/api/status", 503, "{}").header("retry-after", "1")).unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
    let reply = with(on(FaultKind::Html)).unwrap();
    assert!(reply.status == 200 && reply.text().starts_with("<!doctype html>"));
    let reply = with(on(FaultKind::Truncated)).unwrap();
    assert_eq!(reply.header("content-length"), Some(right.to_string().as_str()));
    assert_eq!(reply.body.len(), right / 2);
    let reply = with(on(FaultKind::ShortLength)).unwrap();
    assert_eq!(reply.header("content-length"), Some((right / 2).to_string().as_str()));
    assert!(serde_json::from_slice::<Value>(&reply.body).is_err());
    let reply = with(on(FaultKind::InvalidUtf8)).unwrap();
    assert!(std::str::from_utf8(&reply.body).is_err());
    let reply = with(on(FaultKind::Huge(33 << 20))).unwrap();
    assert_eq!(reply.body.len(), 33 << 20);
    assert!(reply.json()["secrets"].is_array());
    let reply = with(on(FaultKind::Redirect("http://127.0.0.1:1/x".into()))).unwrap();
    assert_eq!((reply.status, reply.header("location")), (307, Some("http://127.0.0.1:1/x")));
    let reply = with(on(FaultKind::RateLimited(7))).unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("7")));
    let begin = Instant::now();
    assert_eq!(with(on(FaultKind::Delay(Duration::from_millis(80)))).unwrap().status, 200);
    assert!(begin.elapsed() >= Duration::from_millis(80));
    assert!(with(on(FaultKind::Reset)).is_none());
    assert!(with(on(FaultKind::Hang)).is_none());

    let statuses = |fault: Fault| {
        server.heal();
        server.fault(fault);
        [(); 4].map(|()| get().unwrap().status)
    };
    let broken = || Fault::status("/api/status", 502, "");
    assert_eq!(statuses(broken()), [502; 4]);
    assert_eq!(statuses(broken().times(2)), [502, 502, 200, 200]);
    assert_eq!(statuses(broken().after(1).times(1)), [200, 502, 200, 200]);
    assert_eq!(statuses(Fault::status("/api/v4", 502, "")), [200; 4]);
}

/// Gets the status of a server over TLS: the protocol, or that there was none.
fn over_tls(server: &Server) -> Option<String> {
    let request = Request::get(format!("{}/api/status", server.url())).body(Full::default());
    wire::fetch(&server.ca_file(), request.unwrap()).map(|(protocol, _)| protocol)
}

#[test]
fn tls_speaks_both_protocols_and_shows_the_certificate_asked_for() {
    let builder = || Server::builder(Generation::V4C, World::sample(1));
    let server = builder().start();
    assert_eq!(over_tls(&server).as_deref(), Some("HTTP/2.0"));
    assert_eq!(server.requests()[0].version, "HTTP/2.0");
    assert_eq!(over_tls(&builder().http1_only().start()).as_deref(), Some("HTTP/1.1"));
    for wrong in [Certificate::Expired, Certificate::OtherName] {
        assert_eq!(over_tls(&builder().certificate(wrong).start()), None, "{wrong:?}");
    }
}

//! What is read of KV engines, and what is told apart.

use super::*;

#[test]
fn every_recorded_name_of_a_secret_is_sent_as_it_was() {
    let names = recorded().into_iter().filter(|exchange| {
        exchange.name.starts_with("kv2-name-")
            && exchange.name.ends_with("-read")
            && exchange.status() == 200
    });
    let mut count = 0;
    for exchange in names {
        let sent = exchange.request["path"].as_str().unwrap().to_owned();
        let decode = |text: &str| {
            url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
                .map(|(_, value)| value.into_owned())
                .collect::<String>()
        };
        let Ok(path) = ApiPath::parse(&decode(sent.strip_prefix("/v1/").unwrap())) else {
            // A control character, which no name in a configuration needs.
            continue;
        };
        count += 1;
        run(async {
            let bytes = exchange.wire();
            let server = Stub::new(move |_| Some(bytes.clone())).await;
            let source = source(&server, |own| Vault {
                paths: vec![path],
                engine: EngineSetting::Kv2,
                ..own
            });
            assert!(!fetched(&source).await.is_empty(), "{}", exchange.name);
            let line = asked(&server).remove(0);
            let got = line.strip_prefix("GET ").unwrap();
            // `%2F` in a name is a slash to the server too.
            assert_eq!(decode(got), decode(&sent), "{}", exchange.name);
        });
    }
    assert!(count > 20, "{count}");
}

#[test]
fn a_secret_of_kv_2_is_found_by_asking_for_its_mount() {
    run(async {
        let names = ["mount-preflight-secret", "kv2-read-newest", "kv2-read-version-1"];
        let server = replaying(&names).await;
        let source = source(&server, |own| Vault {
            paths: vec![path("secret/app/web"), path("secret/data/num")],
            ..own
        });
        let set = source.fetch().await.unwrap();
        assert_eq!(
            asked(&server),
            [
                "GET /v1/sys/internal/ui/mounts/secret/app/web",
                "GET /v1/secret/data/app/web",
                "GET /v1/secret/data/num",
            ]
        );
        let first = set.iter().next().unwrap();
        assert_eq!(&*first.provenance.place, "secret/data/app/web");
        assert_eq!(first.provenance.version, Some(3));
        let request = &server.asked()[1];
        assert!(request.contains("\r\nx-vault-token: canary-token\r\n"), "{request}");
        assert!(request.contains("\r\nx-vault-request: true\r\n"), "{request}");
        assert!(!request.contains("namespace"), "{request}");
    });
}

#[test]
fn numbers_and_nested_values_keep_their_text() {
    run(async {
        let server = replaying(&["kv1-read-numbers"]).await;
        let source = source(&server, |own| Vault {
            paths: vec![path("kv1/num")],
            engine: EngineSetting::Kv1,
            namespace: Some("team".into()),
            ..own
        });
        let lines = fetched(&source).await.join("\n");
        assert!(lines.contains("=12345678901234567890"), "{lines}");
        assert!(server.asked()[0].contains("\r\nx-vault-namespace: team\r\n"));
        assert_eq!(asked(&server), ["GET /v1/kv1/num"]);
    });
}

#[test]
fn a_version_is_asked_for_and_kv_1_has_none() {
    run(async {
        let server = replaying(&["kv2-read-version-1"]).await;
        let of = |server: &Stub, engine| {
            source(server, |own| Vault {
                paths: vec![path("secret/app/web")],
                engine,
                version: Some(1),
                ..own
            })
        };
        let set = of(&server, EngineSetting::Kv2).fetch().await.unwrap();
        assert_eq!(asked(&server), ["GET /v1/secret/data/app/web?version=1"]);
        assert_eq!(set.iter().next().unwrap().provenance.version, Some(1));

        let server = replaying(&["kv1-read-version"]).await;
        let (class, told) = told(&of(&server, EngineSetting::Kv1)).await;
        assert_eq!(class, Class::BadConfiguration);
        assert!(told.contains("has no versions"), "{told}");
    });
}

#[test]
fn what_is_not_there_is_told_apart() {
    for (names, class, text) in [
        (&["kv2-read-never-existed"][..], Class::NotFound, "there is no secret at `secret/data/x`"),
        (
            &["kv2-read-soft-deleted"],
            Class::NotFound,
            "version 3 of `secret/data/x` was deleted at 2026",
        ),
        (&["kv2-read-destroyed"], Class::NotFound, "version 3 of `secret/data/x` is destroyed"),
        (&["wrong-mount"], Class::NotFound, "there is no secrets engine at `secret/data/x`"),
        (&["namespace-wrong"], Class::NotFound, "there is no namespace `nope`"),
        (&["token-forbidden-path"], Class::Denied, "the token may not read `secret/data/x`"),
        (&["token-expired"], Class::Denied, "does not accept the token from VAULT_TOKEN"),
        (&["kv2-read-without-data"], Class::BadConfiguration, "does not have the form"),
        (
            &["kv2-read-folder", "kv2-metadata-list"],
            Class::NotFound,
            "`secret/data/x` is a folder, not a secret; in it there",
        ),
        (
            &["kv2-read-never-existed", "kv2-metadata-list-empty", "kv2-metadata-list"],
            Class::NotFound,
            "hint: ",
        ),
        (&["raft-health"], Class::BadData, "it sent JSON that is not Vault's"),
    ] {
        let names: Vec<_> = names
            .iter()
            .map(|name| if *name == "raft-health" { "health-ok" } else { name })
            .collect();
        run(async {
            let server = replaying(&names).await;
            let source = source(&server, |own| Vault {
                paths: vec![path("secret/x")],
                engine: EngineSetting::Kv2,
                namespace: Some("nope".into()),
                ..own
            });
            let (got, told) = told(&source).await;
            assert!(told.contains(text), "{names:?}: {told}");
            assert_eq!(got, class, "{told}");
        });
    }
}

#[test]
fn an_absent_secret_is_empty_where_that_is_accepted_and_only_then() {
    run(async {
        let server = replaying(&["kv2-read-never-existed"]).await;
        let change = |own| Vault { engine: EngineSetting::Kv2, allow_empty: true, ..own };
        assert_eq!(fetched(&source(&server, change)).await, [""; 0]);
        let empty =
            answer(200, JSON, r#"{"data":{"data":{},"metadata":{"version":1}},"lease_id":""}"#);
        let server = Stub::answering(&[&empty]).await;
        assert_eq!(fetched(&source(&server, change)).await, [""; 0]);
        let change = |own| Vault { engine: EngineSetting::Kv2, ..own };
        assert!(told(&source(&server, change)).await.1.contains("has no keys"));
        let null = answer(
            200,
            JSON,
            r#"{"data":{"data":{"A":"canary","B":null},"metadata":{"version":1}},"lease_id":""}"#,
        );
        let server = Stub::answering(&[&null]).await;
        let (class, told) = told(&source(&server, change)).await;
        assert_eq!(
            (class, told.contains("`B` at `secret/data/app` has no value")),
            (Class::BadData, true)
        );
    });
}

#[test]
fn a_long_value_and_unicode_arrive_whole() {
    run(async {
        let long = "é".repeat(32 << 10);
        let body = format!(
            r#"{{"data":{{"data":{{"L":"{long}","ключ":"\ud83d\udd11"}},"metadata":{{"version":2}}}}}}"#
        );
        let server = Stub::answering(&[&answer(200, JSON, &body)]).await;
        let change = |own| Vault { engine: EngineSetting::Kv2, ..own };
        let lines = fetched(&source(&server, change)).await;
        assert_eq!(lines, [format!("L={long}"), "ключ=🔑".to_owned()]);
    });
}

#[test]
fn references_name_objects() {
    run(async {
        let wire = |name: &str| String::from_utf8(exchange(name).wire()).unwrap();
        let server =
            Stub::answering(&[&wire("kv2-read-newest"), &wire("kv2-read-never-existed")]).await;
        let source =
            source(&server, |own| Vault { paths: Vec::new(), engine: EngineSetting::Kv2, ..own });
        assert!(source.fetch().await.unwrap().is_empty());
        let address = |path: &str, version: Option<&str>| ObjectAddress {
            path: path.into(),
            version: version.map(str::to_owned),
            options: Vec::new(),
        };
        let reader = source.as_read_objects().unwrap();
        let addresses = [address("secret/app/web", None), address("secret/none", None)];
        let objects = reader.read_objects(&addresses).await.unwrap();
        let object = objects[0].as_ref().unwrap();
        assert_eq!(object.version.as_deref(), Some("3"));
        assert!(matches!(&object.content, ObjectContent::Members(members) if !members.is_empty()));
        assert!(objects[1].is_none());
        for (wrong, text) in [
            (address("secret/x", Some("latest")), "`latest` is not the number of a version"),
            (address("secret//x", None), "`secret//x` is not a path in Vault"),
            (
                ObjectAddress {
                    options: vec![("stage".into(), "x".into())],
                    ..address("secret/x", None)
                },
                "no option `stage`",
            ),
        ] {
            let error = reader.read_objects(&[wrong]).await.unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    });
}

#[test]
fn an_address_has_its_base_path() {
    run(async {
        let server = replaying(&["kv2-read-newest"]).await;
        let base = Url::parse(&format!("{}vault/", server.url)).unwrap();
        let own = Vault { engine: EngineSetting::Kv2, ..settings(base) };
        let source = VaultSource::new(own, Client::new(Options::default()));
        assert!(!fetched(&source).await.is_empty());
        assert_eq!(asked(&server), ["GET /v1/secret/data/app".replace("/v1", "/vault/v1")]);
    });
}

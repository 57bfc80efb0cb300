//! `hushed schema`: what an editor is told of hushed.toml.
//! Must not repeat what the manual's tables show.

use serde_json::Value;

use hushed::provider::registry::STORES;

use crate::support::sandbox::Sandbox;

fn schema() -> Value {
    let output = Sandbox::new().run(["schema"]).success();
    serde_json::from_str(&output.stdout).unwrap()
}

#[test]
fn it_has_the_keys_of_run_and_of_each_type_of_source() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["properties"]["run"]["properties"]["redact"]["type"], "boolean");
    let source = &schema["properties"]["source"]["additionalProperties"];
    assert_eq!(source["required"], serde_json::json!(["type"]));
    let of_type = |name: &str| {
        let rules = source["allOf"].as_array().unwrap();
        let rule = rules.iter().find(|rule| rule["if"]["properties"]["type"]["const"] == name);
        rule.unwrap()["then"]["properties"].clone()
    };
    assert!(of_type("infisical").get("project").is_some());
    assert!(of_type("dotenv").get("file").is_some() && of_type("dotenv").get("project").is_none());
    assert_eq!(source["properties"]["type"]["enum"].as_array().unwrap().len(), STORES.len());
}

#[test]
fn a_secret_can_only_be_a_reference() {
    let schema = schema();
    for secret in ["client-secret", "token", "jwt", "passphrase"] {
        let found = properties(&schema, secret);
        assert!(!found.is_empty(), "{secret}");
        for property in found {
            let only = serde_json::json!({ "ref": { "type": "string" } });
            assert_eq!(property["properties"], only, "{secret}");
            assert_eq!(property["additionalProperties"], false, "{secret}");
        }
    }
}

/// The schemas of all properties of this name.
fn properties<'a>(schema: &'a Value, name: &str) -> Vec<&'a Value> {
    match schema {
        Value::Object(members) => {
            let own = members.get("properties").and_then(|properties| properties.get(name));
            own.into_iter().chain(members.values().flat_map(|it| properties(it, name))).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| properties(item, name)).collect(),
        _ => Vec::new(),
    }
}

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
fn a_secret_is_no_key() {
    let text = schema().to_string();
    for secret in ["\"client-secret\"", "\"token\"", "\"jwt\"", "\"passphrase\""] {
        assert!(!text.contains(secret), "{secret}");
    }
}

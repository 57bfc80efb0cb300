//! The JSON Schema of `hushed.toml` (draft 2020-12), for editors: made from the schema of the settings.

use serde_json::{Map, Value as Json, json};

use super::credential_reference::referable;
use super::schema::{COMMON, ENV_DOC, EXTENDS, RUN, SettingKey, SourceSchema, TYPE, ValueKind};

/// The schema of a file with sources of these types.
pub fn json_schema(types: &[&'static SourceSchema]) -> Json {
    let names: Vec<_> = types.iter().map(|schema| schema.name).collect();
    let all = types.iter().flat_map(|schema| schema.keys).chain(COMMON).copied();
    let of_type = |schema: &&'static SourceSchema| {
        let mut table = table(schema.keys.iter().chain(COMMON).copied());
        add_references(&mut table, std::iter::once(*schema));
        table["description"] = schema.doc.into();
        json!({
            "if": { "properties": { TYPE.name: { "const": schema.name } } },
            "then": table,
        })
    };
    let source = json!({
        "type": "object",
        "properties": { TYPE.name: { "enum": names, "description": TYPE.doc } },
        "required": [TYPE.name],
        "allOf": types.iter().map(of_type).collect::<Vec<_>>(),
    });
    // A profile's table need not repeat the type.
    let mut in_profile = table(all);
    add_references(&mut in_profile, types.iter().copied());
    let in_profile = named(&in_profile);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hushed.toml",
        "type": "object",
        "properties": {
            EXTENDS.name: { "type": "string", "description": EXTENDS.doc },
            "run": table(RUN.iter().copied()),
            "env": env(),
            "source": named(&source),
            "profile": named(&json!({
                "type": "object",
                "properties": {
                    "run": table(RUN.iter().copied()),
                    "env": env(),
                    "source": in_profile,
                    super::schema::PROTECTED.name: { "type": "boolean", "description": super::schema::PROTECTED.doc },
                },
                "additionalProperties": false,
            })),
        },
        "additionalProperties": false,
    })
}

/// `[env]`.
fn env() -> Json {
    let text = json!({ "type": "string" });
    let delivery = json!({ "enum": ["variable", "file"] });
    let of_ref = json!({
        "ref": text, "required": { "type": "boolean" }, "default": text,
        "deliver": delivery, "as": text, "mode": text, "owner": text,
    });
    let of_value = json!({
        "value": text, "deliver": delivery, "as": text, "mode": text, "owner": text,
    });
    let table = |required: &str, properties: Json| json!({ "type": "object", "properties": properties, "required": [required], "additionalProperties": false });
    let template =
        json!({ "type": "object", "required": ["template"], "additionalProperties": text });
    let mut env = named(&json!({
        "anyOf": [text, table("ref", of_ref), table("value", of_value), template],
    }));
    env["properties"] = json!({ "from": named(&json!({
        "type": "object",
        "properties": {
            "shape": { "enum": ["database", "api-key", "tls"] },
            "prefix": text,
            "rename": named(&text),
            "required": { "type": "boolean" },
            "mode": text,
            "owner": text,
        },
        "additionalProperties": false,
    })) });
    env["description"] = ENV_DOC.into();
    env
}

/// Lets the credentials in a table of a source be references.
fn add_references(table: &mut Json, types: impl Iterator<Item = &'static SourceSchema>) {
    let text = json!({ "type": "string" });
    let reference = json!({
        "type": "object",
        "properties": { "ref": text },
        "required": ["ref"],
        "additionalProperties": false,
        "description": "A reference to a secret of another source.",
    });
    let names = types.flat_map(|schema| {
        schema.credentials.iter().filter(|key| referable(schema, key.name()).is_some())
    });
    for name in names.map(|key| key.name()) {
        let known = &mut table["properties"][name];
        let is_new = known.is_null() || known["properties"]["ref"].is_object();
        *known = match known.take() {
            _ if is_new => reference.clone(),
            plain if plain.get("anyOf").is_some() => plain,
            plain => json!({ "anyOf": [plain, reference] }),
        };
    }
}

/// A table whose keys are names that the user chooses.
fn named(value: &Json) -> Json {
    json!({ "type": "object", "additionalProperties": value })
}

/// A table with these keys and no others.
fn table(keys: impl Iterator<Item = &'static SettingKey>) -> Json {
    let property = |key: &'static SettingKey| {
        let mut value = of_kind(key.kind);
        value["description"] = key.doc.into();
        (key.name.to_owned(), value)
    };
    let properties: Map<String, Json> = keys.map(property).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn of_kind(kind: ValueKind) -> Json {
    let text = json!({ "type": "string" });
    let switch = json!({ "type": "boolean" });
    let list = json!({ "type": "array", "items": { "type": "string" } });
    match kind {
        ValueKind::Text | ValueKind::Path | ValueKind::Secret => text,
        ValueKind::Switch => switch,
        ValueKind::List | ValueKind::Paths => json!({ "anyOf": [text, list] }),
        ValueKind::Map => named(&text),
        ValueKind::SwitchOrList => json!({ "anyOf": [switch, text, list] }),
        ValueKind::SwitchOrText => json!({ "anyOf": [switch, text] }),
    }
}

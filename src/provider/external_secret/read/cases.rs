//! What the real operator made of manifests, replayed. The differences are listed in hushed-external-secrets(7).

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use zeroize::Zeroizing;

use super::evaluate::{ConfigMaps, Evaluated, Remote, evaluate};
use super::fake::Fake;
use super::fields::{Fault, Fields};
use super::model::{RemoteValue, StoreRef};
use super::parse;
use super::value::Content;
use crate::provider::document::parse_yaml;

/// Stores by their names.
struct Stores(BTreeMap<StoreRef, Fake>);

impl Remote for Stores {
    fn object(&self, store: &StoreRef, remote: &RemoteValue) -> Result<Option<Content>, String> {
        let store = self.0.get(store).ok_or_else(|| format!("{store} does not exist"))?;
        let value = store.get(&remote.key, remote.version.as_deref());
        Ok(value.map(|value| Content::Value(value.clone())))
    }

    fn all(&self, store: &StoreRef, path: Option<&str>) -> Result<Vec<(String, Content)>, String> {
        if path.is_some() {
            return Err("`find` by `path` is not supported by this store".to_owned());
        }
        let store = self.0.get(store).ok_or_else(|| format!("{store} does not exist"))?;
        Ok(store.all().into_iter().map(|(key, value)| (key, Content::Value(value))).collect())
    }
}

fn fake(store: &Json) -> Result<Option<(StoreRef, Fake)>, Fault> {
    let Some(provider) = store.pointer("/spec/provider/fake") else { return Ok(None) };
    let text = provider.to_string();
    let document = parse_yaml(&text, false).unwrap().remove(0);
    let cluster = store["kind"] == "ClusterSecretStore";
    let name = store["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let fields = Fields::new(&document, 1, "fake")?;
    Ok(Some((StoreRef { cluster, name }, Fake::read(&fields)?)))
}

/// What hushed makes of a case: of what the manifests are after its last step.
fn outcome(case: &Json) -> Result<Evaluated, Fault> {
    let last = |name: &str| {
        let steps = case["steps"].as_array().map_or(&[][..], Vec::as_slice);
        steps.iter().rev().find_map(|step| step.get(name)).unwrap_or(&case[name]).clone()
    };
    let objects = last("objects").as_array().cloned().unwrap_or_default();
    let (mut stores, mut config_maps) = (BTreeMap::new(), ConfigMaps::new());
    for object in objects.iter().chain([&last("store")]) {
        stores.extend(fake(object)?);
        if object["kind"] == "ConfigMap" {
            let data = object["data"].as_object().into_iter().flatten();
            let data = data.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()));
            let name = object["metadata"]["name"].as_str().unwrap().to_owned();
            config_maps.insert(name, data.collect());
        }
    }
    let text = last("external_secret").to_string();
    let document = parse_yaml(&text, false).unwrap().remove(0);
    let manifest = parse::read(&document, 1)?;
    evaluate(&manifest, &Stores(stores), &config_maps)
}

/// Cases in which hushed differs, by reason.
const DIFFERENCES: &[(&str, &[&str])] = &[
    (
        "a property in syntax of gjson beyond keys and indexes",
        &["data-20", "data-21", "data-25", "data-26", "data-27", "data-34"],
    ),
    ("JSON that is not valid", &["data-31", "extract-14"]),
    ("`Auto` that makes bytes of a text", &["decode-11", "decode-12", "decode-14"]),
    ("two keys that become one", &["rewrite-20"]),
    ("`find` with `path`", &["find-14"]),
    ("generators", &["generator-02", "generator-06", "generator-07", "generator-12"]),
    ("`metadataPolicy: Fetch`", &["extract-48"]),
    (
        "a function of a template that fails silently",
        &["template-22", "template-32", "template-33", "template-36", "template-62"],
    ),
    ("words that YAML 1.1 takes for booleans", &["tplfrom-04", "tplfrom-13"]),
    (
        "functions for PKCS #12 and certificates",
        &["pem-02", "pem-03", "pem-04", "pem-06", "pem-16", "pem-17", "pem-18", "pem-19", "pem-20"],
    ),
    (
        "a Secret that exists before",
        &[
            "policy-07",
            "policy-13",
            "policy-15",
            "policy-20",
            "policy-24",
            "policy-32",
            "policy-36",
            "policy-40",
            "refresh-03",
            "refresh-07",
        ],
    ),
];

/// The keys and values of a result; `None` for an error.
type Data = Option<BTreeMap<String, Vec<u8>>>;

fn wanted(case: &Json) -> Data {
    if case.get("error").is_some() {
        return None;
    }
    let data = case["result"]["data"].as_object().into_iter().flatten();
    let value = |(key, value): (&String, &Json)| {
        (key.clone(), STANDARD.decode(value.as_str().unwrap()).unwrap())
    };
    Some(data.map(value).collect())
}

fn shown(data: &Data) -> Option<Vec<String>> {
    let pair = |(key, value): (&String, &Vec<u8>)| format!("{key}={}", value.escape_ascii());
    data.as_ref().map(|data| data.iter().map(pair).collect())
}

#[test]
fn the_manifests_become_what_the_operator_made_of_them() {
    let text = include_str!("../../../../tests/corpus/external-secrets/cases.jsonl");
    let known: BTreeSet<_> = DIFFERENCES.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    let mut different = BTreeSet::new();
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let id = case["id"].as_str().unwrap();
        let got = outcome(&case);
        let bytes = |(key, value): (&String, &Zeroizing<Vec<u8>>)| (key.clone(), value.to_vec());
        let data: Data = got.as_ref().ok().map(|got| got.values.iter().map(bytes).collect());
        let want = wanted(&case);
        if data != want {
            assert!(
                known.contains(id),
                "{id}: {}\n want {:?}\n got  {:?} {:?}",
                case["about"],
                shown(&want),
                shown(&data),
                got.err()
            );
            different.insert(id.to_owned());
        }
    }
    let different: BTreeSet<_> = different.iter().map(String::as_str).collect();
    assert_eq!(different, known, "the list of differences is not exact");
}

#[test]
fn each_difference_is_in_the_manual() {
    let page = include_str!("../../../../man/src/hushed-external-secrets.md");
    for (what, _) in DIFFERENCES {
        assert!(page.contains(what), "the page does not name: {what}");
    }
}

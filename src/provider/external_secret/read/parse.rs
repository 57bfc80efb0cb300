//! Reads `ExternalSecret` manifests, and checks them as the schema and the webhook of the operator do. Nothing is fetched.

use regex_lite::Regex;

use super::decode::{Conversion, Decoding};
use super::fields::{Fault, Fields, text};
use super::model::{
    ConfigMapRef, Creation, DataEntry, DataFrom, DataFromKind, Deletion, ExternalSecret,
    RemoteValue, Rewrite, StoreRef, Template, TemplateText, Treatment,
};
use crate::provider::document::{Item, Node};

const DECODINGS: &[(&str, Decoding)] = &[
    ("None", Decoding::None),
    ("Base64", Decoding::Base64),
    ("Base64URL", Decoding::Base64Url),
    ("Auto", Decoding::Auto),
];
const CONVERSIONS: &[(&str, Conversion)] =
    &[("Default", Conversion::Default), ("Unicode", Conversion::Unicode)];

/// Reads a manifest of the kind `ExternalSecret`.
pub(super) fn read(document: &Node, line: usize) -> Result<ExternalSecret, Fault> {
    let manifest = Fields::new(document, line, "manifest")?;
    let metadata = manifest.map("metadata")?;
    let name = metadata.map_or(Ok(None), |metadata| metadata.text("name"))?.unwrap_or_default();
    let spec = manifest.map("spec")?.ok_or_else(|| Fault::new(line, "`spec` is missing"))?;
    spec.refuse_others(&[
        "secretStoreRef",
        "refreshPolicy",
        "refreshInterval",
        "syncWindows",
        "target",
        "data",
        "dataFrom",
    ])?;
    let mut notes = Vec::new();
    refresh(&spec, &mut notes)?;
    let default =
        spec.map("secretStoreRef")?.map(|fields| store_ref(&fields)).transpose()?.flatten();
    let mut reader = Reader { default, notes };
    let data = spec.list("data")?.iter().map(|item| reader.data(item)).collect::<Result<_, _>>()?;
    let mut data_from = Vec::new();
    for item in spec.list("dataFrom")? {
        data_from.extend(reader.data_from(item)?);
    }
    if spec.list("data")?.is_empty() && spec.list("dataFrom")?.is_empty() {
        return Err(Fault::new(spec.line, "either `data` or `dataFrom` must be set"));
    }
    let target = spec.map("target")?;
    let (creation, deletion, template) = match &target {
        Some(target) => reader.target(target)?,
        None => (Creation::Deliver, Deletion::Retain, None),
    };
    Ok(ExternalSecret { name, data, data_from, creation, deletion, template, notes: reader.notes })
}

fn refresh(spec: &Fields<'_>, notes: &mut Vec<(usize, String)>) -> Result<(), Fault> {
    let policies = [("Periodic", ()), ("CreatedOnce", ()), ("OnChange", ())];
    spec.choice("refreshPolicy", &policies)?;
    if let Some(interval) = spec.text("refreshInterval")?
        && !crate::provider::external_secret::export::is_go_duration(&interval)
    {
        let what = "`refreshInterval` is no duration, such as 1h";
        return Err(Fault::new(spec.line_of("refreshInterval"), what));
    }
    for name in ["refreshPolicy", "refreshInterval", "syncWindows"] {
        if spec.item(name).is_some() {
            let what = format!("`{name}` has no effect: a run reads the stores once");
            notes.push((spec.line_of(name), what));
        }
    }
    Ok(())
}

fn store_ref(fields: &Fields<'_>) -> Result<Option<StoreRef>, Fault> {
    fields.refuse_others(&["name", "kind"])?;
    let cluster = fields.choice("kind", &[("SecretStore", false), ("ClusterSecretStore", true)])?;
    Ok(fields.text("name")?.map(|name| StoreRef { cluster, name }))
}

struct Reader {
    default: Option<StoreRef>,
    notes: Vec<(usize, String)>,
}

impl Reader {
    fn note(&mut self, line: usize, what: impl Into<String>) {
        self.notes.push((line, what.into()));
    }

    /// The store of an entry: its own or that of all.
    fn store(&self, entry: &Fields<'_>) -> Result<StoreRef, Fault> {
        let source = entry.map("sourceRef")?;
        if let Some(source) = source {
            source.refuse_others(&["storeRef", "generatorRef"])?;
            if let Some(generator) = source.map("generatorRef")? {
                let kind = generator.text("kind")?.unwrap_or_default();
                let what = format!("the generator `{}` is not supported", kind.escape_debug());
                return Err(Fault::new(generator.line, what));
            }
            if let Some(store) = source.map("storeRef")?
                && let Some(store) = store_ref(&store)?
            {
                return Ok(store);
            }
        }
        let missing =
            || Fault::new(entry.line, "it names no store, and `secretStoreRef` is missing");
        self.default.clone().ok_or_else(missing)
    }

    fn data(&mut self, item: &Item) -> Result<DataEntry, Fault> {
        let entry = Fields::new(&item.node, item.line, "data")?;
        entry.refuse_others(&["secretKey", "remoteRef", "sourceRef"])?;
        let key = entry.required("secretKey")?;
        if !is_key(&key) {
            let what = format!(
                "`secretKey` is `{}`; use letters, digits, `-`, `.` and `_`",
                key.escape_debug()
            );
            return Err(Fault::new(entry.line_of("secretKey"), what));
        }
        let remote = entry.map("remoteRef")?;
        let remote = remote.ok_or_else(|| Fault::new(entry.line, "`remoteRef` is missing"))?;
        Ok(DataEntry { key, store: self.store(&entry)?, remote: Self::remote(&remote)? })
    }

    fn remote(fields: &Fields<'_>) -> Result<RemoteValue, Fault> {
        fields.refuse_others(&[
            "key",
            "property",
            "version",
            "metadataPolicy",
            "conversionStrategy",
            "decodingStrategy",
            "nullBytePolicy",
        ])?;
        if fields.choice("metadataPolicy", &[("None", false), ("Fetch", true)])? {
            let what = "`metadataPolicy: Fetch` is not supported: hushed reads no tags and labels";
            return Err(Fault::new(fields.line_of("metadataPolicy"), what));
        }
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(RemoteValue {
            line: fields.line,
            key: fields.required("key")?,
            property: filled(fields.text("property")?),
            version: filled(fields.text("version")?),
            treatment: treatment(fields)?,
        })
    }

    fn data_from(&mut self, item: &Item) -> Result<Option<DataFrom>, Fault> {
        let entry = Fields::new(&item.node, item.line, "dataFrom")?;
        entry.refuse_others(&["extract", "find", "rewrite", "sourceRef"])?;
        let what = match (entry.map("extract")?, entry.map("find")?) {
            (Some(_), Some(_)) => {
                return Err(Fault::new(entry.line, "`extract` and `find` cannot be in one entry"));
            }
            (Some(extract), None) => DataFromKind::Extract(Self::remote(&extract)?),
            (None, Some(find)) => Self::find(&find)?,
            (None, None) => {
                // It may name a generator, which is not supported.
                self.store(&entry)?;
                self.note(
                    entry.line,
                    "an entry of `dataFrom` without `extract` and `find` reads nothing",
                );
                return Ok(None);
            }
        };
        let rewrite = entry.list("rewrite")?.iter().map(rewrite).collect::<Result<_, _>>()?;
        Ok(Some(DataFrom { line: entry.line, store: self.store(&entry)?, what, rewrite }))
    }

    fn find(find: &Fields<'_>) -> Result<DataFromKind, Fault> {
        find.refuse_others(&[
            "path",
            "name",
            "tags",
            "conversionStrategy",
            "decodingStrategy",
            "nullBytePolicy",
        ])?;
        if find.item("tags").is_some() {
            return Err(Fault::new(find.line_of("tags"), "`find` by `tags` is not supported"));
        }
        let name = match find.map("name")? {
            None => None,
            Some(name) => {
                name.refuse_others(&["regexp"])?;
                name.text("regexp")?.map(|text| regex(&text, name.line_of("regexp"))).transpose()?
            }
        };
        let path = find.text("path")?;
        if name.is_none() && path.is_none() {
            return Err(Fault::new(find.line, "`find` needs `name` or `path`"));
        }
        Ok(DataFromKind::Find { path, name, treatment: treatment(find)? })
    }

    fn target(
        &mut self,
        target: &Fields<'_>,
    ) -> Result<(Creation, Deletion, Option<Template>), Fault> {
        target.refuse_others(&[
            "name",
            "creationPolicy",
            "deletionPolicy",
            "immutable",
            "manifest",
            "template",
        ])?;
        if target.item("manifest").is_some() {
            let what = "`manifest` is not supported: hushed makes variables, no objects";
            return Err(Fault::new(target.line_of("manifest"), what));
        }
        let creation = target.choice(
            "creationPolicy",
            &[
                ("Owner", Creation::Deliver),
                ("Orphan", Creation::Deliver),
                ("CreateOrMerge", Creation::Deliver),
                ("Merge", Creation::Merge),
                ("None", Creation::Nothing),
            ],
        )?;
        let deletions = [("Retain", 0), ("Delete", 1), ("Merge", 2)];
        let deletion = target.choice("deletionPolicy", &deletions)?;
        let policy = target.text("creationPolicy")?;
        match (policy.as_deref(), deletion) {
            (Some("None" | "Merge"), 1) => {
                let what = "`deletionPolicy: Delete` needs a Secret that the operator creates";
                return Err(Fault::new(target.line_of("deletionPolicy"), what));
            }
            (Some("None"), 2) => {
                let what =
                    "`deletionPolicy: Merge` and `creationPolicy: None` contradict each other";
                return Err(Fault::new(target.line_of("deletionPolicy"), what));
            }
            _ => {}
        }
        if creation == Creation::Nothing {
            self.note(
                target.line_of("creationPolicy"),
                "`creationPolicy: None`: nothing is delivered",
            );
        }
        if target.switch("immutable")? == Some(true) {
            self.note(target.line_of("immutable"), "`immutable` has no effect: there is no Secret");
        }
        let template =
            target.map("template")?.map(|template| self.template(&template)).transpose()?;
        let deletion = if deletion == 0 { Deletion::Retain } else { Deletion::Skip };
        Ok((creation, deletion, template))
    }

    fn template(&mut self, fields: &Fields<'_>) -> Result<Template, Fault> {
        fields.refuse_others(&[
            "engineVersion",
            "type",
            "metadata",
            "mergePolicy",
            "data",
            "templateFrom",
        ])?;
        fields.choice("engineVersion", &[("v2", ())])?;
        if fields.item("metadata").is_some() {
            self.note(fields.line_of("metadata"), "`metadata` has no effect: there is no Secret");
        }
        let kind = fields.text("type")?;
        if kind.as_deref() == Some("kubernetes.io/service-account-token") {
            let what = "a Secret of the type kubernetes.io/service-account-token cannot be made";
            return Err(Fault::new(fields.line_of("type"), what));
        }
        let mut template = Template {
            line: fields.line,
            kind,
            merges: fields.choice("mergePolicy", &[("Replace", false), ("Merge", true)])?,
            data: Vec::new(),
            literals: Vec::new(),
            config_maps: Vec::new(),
            has_any_from: false,
        };
        for item in fields.map("data")?.map_or(&[][..], |data| data.items()) {
            if !is_key(&item.key) || item.key == "." || item.key == ".." {
                let what = format!("`{}` is no key of a Secret", item.key.escape_debug());
                return Err(Fault::new(item.line, what));
            }
            let text = text(item, &item.key)?;
            template.data.push(TemplateText { key: item.key.clone(), line: item.line, text });
        }
        for item in fields.list("templateFrom")? {
            template.has_any_from = true;
            self.template_from(item, &mut template)?;
        }
        Ok(template)
    }

    fn template_from(&mut self, item: &Item, template: &mut Template) -> Result<(), Fault> {
        let from = Fields::new(&item.node, item.line, "templateFrom")?;
        from.refuse_others(&[
            "target",
            "literal",
            "configMap",
            "secret",
            "valuesDecodingStrategy",
        ])?;
        if from.item("secret").is_some() {
            let what = "`secret` in `templateFrom` is not supported: a host has no Secrets";
            return Err(Fault::new(from.line_of("secret"), what));
        }
        if from.choice("valuesDecodingStrategy", DECODINGS)? != Decoding::None {
            let what = "`valuesDecodingStrategy` is not supported";
            return Err(Fault::new(from.line_of("valuesDecodingStrategy"), what));
        }
        let target = from.text("target")?.unwrap_or_else(|| "Data".into());
        match target.to_ascii_lowercase().as_str() {
            "data" => {}
            "annotations" | "labels" => {
                self.note(
                    from.line_of("target"),
                    format!("`target: {target}` has no effect: there is no Secret"),
                );
                return Ok(());
            }
            _ => {
                let what = format!(
                    "`target` is `{}`; known: Data, Annotations, Labels",
                    target.escape_debug()
                );
                return Err(Fault::new(from.line_of("target"), what));
            }
        }
        if let Some(map) = from.map("configMap")? {
            let name = map.required("name")?;
            for item in map.list("items")? {
                let fields = Fields::new(&item.node, item.line, "items")?;
                fields.refuse_others(&["key", "templateAs"])?;
                template.config_maps.push(ConfigMapRef {
                    line: item.line,
                    name: name.clone(),
                    key: fields.required("key")?,
                    keys_and_values: fields
                        .choice("templateAs", &[("Values", false), ("KeysAndValues", true)])?,
                });
            }
        }
        if let Some(text) = from.text("literal")? {
            let line = from.line_of("literal");
            template.literals.push(TemplateText { key: String::new(), line, text });
        }
        Ok(())
    }
}

fn treatment(fields: &Fields<'_>) -> Result<Treatment, Fault> {
    Ok(Treatment {
        conversion: fields.choice("conversionStrategy", CONVERSIONS)?,
        decoding: fields.choice("decodingStrategy", DECODINGS)?,
        refuses_null: fields.choice("nullBytePolicy", &[("Ignore", false), ("Fail", true)])?,
    })
}

fn regex(text: &str, line: usize) -> Result<Regex, Fault> {
    Regex::new(text).map_err(|_| {
        Fault::new(
            line,
            "the regular expression is not valid, or uses syntax that is not supported",
        )
    })
}

fn rewrite(item: &Item) -> Result<Rewrite, Fault> {
    let fields = Fields::new(&item.node, item.line, "rewrite")?;
    fields.refuse_others(&["regexp", "transform", "merge"])?;
    let line = fields.line;
    match (fields.map("regexp")?, fields.map("transform")?, fields.map("merge")?) {
        (Some(regexp), None, None) => {
            regexp.refuse_others(&["source", "target"])?;
            let source = regex(&regexp.required("source")?, regexp.line_of("source"))?;
            let target = regexp.required("target")?;
            let line = regexp.line_of("target");
            super::rewrite::check_groups(&source, &target)
                .map_err(|what| Fault::new(line, what))?;
            Ok(Rewrite::Regexp { line, source, target })
        }
        (None, Some(transform), None) => {
            transform.refuse_others(&["template"])?;
            let line = transform.line_of("template");
            Ok(Rewrite::Transform { line, template: transform.required("template")? })
        }
        (None, None, Some(merge)) => {
            merge.refuse_others(&[
                "strategy",
                "into",
                "priority",
                "priorityPolicy",
                "conflictPolicy",
            ])?;
            let is_json = merge.choice("strategy", &[("Extract", false), ("JSON", true)])?;
            let into = merge.text("into")?.filter(|into| !into.is_empty());
            if is_json && into.is_none() {
                return Err(Fault::new(merge.line, "`strategy: JSON` needs `into`"));
            }
            let priority = merge.list("priority")?.iter().map(|item| text(item, "priority"));
            Ok(Rewrite::Merge {
                line: merge.line,
                into: into.filter(|_| is_json),
                priority: priority.collect::<Result<_, _>>()?,
                strict: merge
                    .choice("priorityPolicy", &[("Strict", true), ("IgnoreNotFound", false)])?,
                ignores_conflicts: merge
                    .choice("conflictPolicy", &[("Error", false), ("Ignore", true)])?,
            })
        }
        _ => Err(Fault::new(
            line,
            "an entry of `rewrite` has one of `regexp`, `transform` and `merge`",
        )),
    }
}

/// Whether a Secret may have a key of this name.
pub(super) fn is_key(key: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    (1..=253).contains(&key.len()) && key.chars().all(is_allowed)
}

//! The metadata of a sops file: who can open it, which values are encrypted, and what the MAC is bound to.

use super::error::Reason;
use super::rules::Rule;
use crate::provider::document::{Item, Node, ScalarKind, timestamp};

/// The metadata of a file.
pub(super) struct Metadata {
    /// When it was changed last, as it is bound to the MAC.
    pub(super) last_modified: String,
    /// The sealed MAC.
    pub(super) mac: Option<String>,
    /// Whether the MAC covers encrypted values only.
    pub(super) mac_only_encrypted: bool,
    /// Which values are encrypted.
    pub(super) rule: Rule,
    /// Groups of keys. Each key of a group opens the data key, or the group's share of it.
    pub(super) groups: Vec<Vec<MasterKey>>,
    /// How many groups are needed, if there are several.
    pub(super) threshold: usize,
}

/// The data key, or a share of it, sealed for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MasterKey {
    /// Which service opens it.
    pub(super) service: Service,
    /// What it is named by, for messages.
    pub(super) name: String,
    /// The sealed key.
    pub(super) sealed: String,
}

/// A service that opens data keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Age,
    AwsKms,
    GcpKms,
    AzureKeyVault,
    HashicorpVault,
    HuaweiKms,
    Pgp,
}

impl Service {
    /// Their keys in the metadata, and those by which their entries are named.
    const ALL: [(Self, &'static str, &'static [&'static str]); 7] = [
        (Self::AwsKms, "kms", &["arn"]),
        (Self::GcpKms, "gcp_kms", &["resource_id"]),
        (Self::HuaweiKms, "hckms", &["key_id"]),
        (Self::AzureKeyVault, "azure_kv", &["vault_url", "name"]),
        (Self::HashicorpVault, "hc_vault", &["vault_address", "key_name"]),
        (Self::Pgp, "pgp", &["fp"]),
        (Self::Age, "age", &["recipient"]),
    ];

    /// Its name, for messages.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::AwsKms => "AWS KMS",
            Self::GcpKms => "Google Cloud KMS",
            Self::AzureKeyVault => "Azure Key Vault",
            Self::HashicorpVault => "Vault transit",
            Self::HuaweiKms => "Huawei Cloud KMS",
            Self::Pgp => "PGP",
        }
    }
}

/// A map of the metadata.
struct Table<'a>(&'a [Item]);

impl<'a> Table<'a> {
    fn node(&self, key: &str) -> Option<&'a Node> {
        self.0.iter().find(|item| item.key == key).map(|item| &item.node)
    }

    fn text(&self, key: &str) -> Result<Option<String>, Reason> {
        let wrong = |node: &Node| Reason::Metadata(format!("`{key}` is {}", node.describe()));
        match self.node(key) {
            None | Some(Node::Null) => Ok(None),
            Some(Node::Scalar(scalar)) if scalar.kind == ScalarKind::Time => {
                Err(Reason::Metadata(format!("`{key}` is a time, not text; put it in quotes")))
            }
            Some(Node::Scalar(scalar)) => {
                let text = String::from_utf8(scalar.text.to_vec());
                text.map(Some).map_err(|_| Reason::Metadata(format!("`{key}` is not UTF-8")))
            }
            Some(node) => Err(wrong(node)),
        }
    }

    fn tables(&self, key: &str) -> Result<Vec<Self>, Reason> {
        let items = match self.node(key) {
            None | Some(Node::Null) => return Ok(Vec::new()),
            Some(Node::List(items)) => items,
            Some(node) => {
                let what = format!("`{key}` is {}, not a list", node.describe());
                return Err(Reason::Metadata(what));
            }
        };
        let table = |item: &'a Item| match &item.node {
            Node::Map(items) => Ok(Self(items)),
            node => {
                let what = format!("`{key}` holds {}, not only maps", node.describe());
                Err(Reason::Metadata(what))
            }
        };
        items.iter().map(table).collect()
    }

    /// The keys of one group.
    fn group(&self) -> Result<Vec<MasterKey>, Reason> {
        let mut keys = Vec::new();
        for (service, key, naming) in Service::ALL {
            for table in self.tables(key)? {
                if service != Service::Age {
                    let created = table.text("created_at")?.unwrap_or_default();
                    if timestamp::rfc3339(&created).is_none() {
                        let what = format!("`created_at` of an entry of `{key}` is no time");
                        return Err(Reason::Metadata(what));
                    }
                }
                let mut name = Vec::new();
                for naming in naming {
                    name.extend(table.text(naming)?);
                }
                let sealed = table.text("enc")?.unwrap_or_default();
                keys.push(MasterKey { service, name: name.join(" "), sealed });
            }
        }
        Ok(keys)
    }
}

impl Metadata {
    /// The age recipients, each once.
    pub(super) fn recipients(&self) -> impl Iterator<Item = &str> {
        let mut seen = Vec::new();
        let keys = self.groups.iter().flatten().filter(|key| key.service == Service::Age);
        keys.map(|key| key.name.as_str()).filter(move |name| {
            let is_new = !seen.contains(name);
            seen.push(*name);
            is_new
        })
    }

    /// Reads the metadata of a file.
    pub(super) fn read(node: &Node) -> Result<Self, Reason> {
        let Node::Map(items) = node else {
            return Err(Reason::Metadata("`sops` is not a map".to_owned()));
        };
        let table = Table(items);
        let missing = |key| Reason::Metadata(format!("`{key}` is missing"));
        let version = table.text("version")?.ok_or_else(|| missing("version"))?;
        if !is_version(&version) {
            return Err(Reason::Metadata("`version` is not of the form 1.2.3".to_owned()));
        }
        let last_modified = table.text("lastmodified")?.ok_or_else(|| missing("lastmodified"))?;
        let last_modified = timestamp::rfc3339_seconds(&last_modified)
            .ok_or_else(|| Reason::Metadata("`lastmodified` is no time".to_owned()))?;
        let mut rules = Vec::new();
        for key in Rule::KEYS {
            rules.extend(table.text(key)?.map(|value| (key, value)));
        }
        let group = table.group()?;
        let groups = if group.is_empty() {
            table.tables("key_groups")?.iter().map(Table::group).collect::<Result<_, _>>()?
        } else {
            vec![group]
        };
        if groups.iter().all(Vec::is_empty) {
            return Err(Reason::Metadata("it names no key that opens it".to_owned()));
        }
        Ok(Self {
            last_modified,
            mac: table.text("mac")?.filter(|mac| !mac.is_empty()),
            mac_only_encrypted: switch(&table, "mac_only_encrypted")?,
            rule: Rule::new(rules)?,
            threshold: threshold(&table, groups.len())?,
            groups,
        })
    }
}

fn switch(table: &Table<'_>, key: &str) -> Result<bool, Reason> {
    match table.text(key)?.as_deref() {
        Some("true" | "True" | "TRUE" | "t" | "T" | "1") => Ok(true),
        None | Some("" | "false" | "False" | "FALSE" | "f" | "F" | "0") => Ok(false),
        Some(_) => Err(Reason::Metadata(format!("`{key}` is neither true nor false"))),
    }
}

/// How many of these groups are needed: all, if nothing else is specified.
fn threshold(table: &Table<'_>, groups: usize) -> Result<usize, Reason> {
    const KEY: &str = "shamir_threshold";
    let text = table.text(KEY)?.filter(|text| !text.is_empty());
    let number: Option<usize> = match text {
        Some(text) => {
            Some(text.parse().map_err(|_| Reason::Metadata(format!("`{KEY}` is not a number")))?)
        }
        None => None,
    };
    Ok(number.filter(|number| *number > 0).unwrap_or(groups))
}

/// Whether this is a version of three numbers, perhaps with something behind.
fn is_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = core.split('.').collect();
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number)
}

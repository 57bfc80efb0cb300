//! A secret as JSON, in each of the shapes it has.
//! Must not know which secrets are asked for.

use super::{
    ordered::{Json, object},
    project::{Kind, Project, Secret},
};

/// What a server shows instead of a value that it hides.
pub const HIDDEN: &str = "<hidden-by-infisical>";

/// Says in which shape a secret is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// In a list.
    Listed,
    /// Alone, of its folder.
    Single,
    /// Alone, found by an import.
    SingleImported,
    /// In a block of imports.
    Imported,
    /// In the list of an import's secrets.
    ImportedDated,
}

/// A secret, where it lies, and its value as it is shown.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// The project.
    pub project: &'a Project,
    /// The environment's slug.
    pub env: &'a str,
    /// The folder's path.
    pub path: &'a str,
    /// The secret itself.
    pub secret: &'a Secret,
    /// The value, or what stands for it; none if it is hidden.
    pub value: Option<String>,
    /// The tags to show.
    pub tags: Vec<&'a str>,
}

impl Row<'_> {
    /// Writes the row.
    pub fn json(&self, shape: Shape, old: bool) -> Json {
        let secret = self.secret;
        let imported = matches!(shape, Shape::Imported | Shape::ImportedDated);
        let kind = if secret.kind == Kind::Personal { "personal" } else { "shared" };
        let workspace = if imported { "" } else { &self.project.id };
        let mut fields = vec![
            ("id", Json::from(&secret.id)),
            ("_id", Json::from(&secret.id)),
            ("workspace", Json::from(workspace)),
            ("environment", Json::from(self.env)),
            ("version", Json::from(secret.version)),
            ("type", Json::from(kind)),
            ("secretKey", Json::from(&secret.key)),
            ("secretValue", Json::from(self.value.as_deref().unwrap_or(HIDDEN))),
            ("secretComment", Json::from(&secret.comment)),
        ];
        if !imported {
            fields.push(("secretReminderNote", Json::Null));
            fields.push(("secretReminderRepeatDays", Json::Null));
        }
        fields.push(("skipMultilineEncoding", Json::from(secret.skip_multiline_encoding)));
        if old {
            fields.push(("metadata", Json::Null));
        } else {
            fields.push(("secretValueHidden", Json::from(self.value.is_none())));
            fields.push(("isRotatedSecret", Json::from(false)));
            fields.push(("rotationId", Json::Null));
            fields.push(("secretMetadata", Json::List(Vec::new())));
        }
        if shape != Shape::Imported {
            let [created, updated] = &secret.dates;
            fields.push(("createdAt", Json::from(created)));
            fields.push(("updatedAt", Json::from(updated)));
        }
        if shape == Shape::Listed || !old && !imported {
            fields.push(("secretPath", Json::from(self.path)));
        }
        if shape == Shape::Listed || shape == Shape::Single || !old && !imported {
            fields.push(("tags", self.tags()));
        }
        Json::Object(fields)
    }

    fn tags(&self) -> Json {
        let known = |slug: &&str| self.project.tags.iter().find(|tag| tag.slug == **slug);
        let tags = self.tags.iter().filter_map(known).map(|tag| {
            object([
                ("id", Json::from(&tag.id)),
                ("slug", Json::from(&tag.slug)),
                ("color", Json::from(&tag.color)),
                ("name", Json::from(&tag.slug)),
            ])
        });
        tags.collect()
    }
}

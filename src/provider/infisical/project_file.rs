//! `.infisical.json`, the project file of Infisical's own command line, and the branch that its
//! mapping wants. It starts no git: the branch is read from `.git/HEAD`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::schema;
use crate::config::{Error, Layer, Origin, RawValue, read_project_file};

/// The name of the file.
pub(super) const NAME: &str = ".infisical.json";

/// What the file says, as far as it means something to us.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Contents {
    workspace_id: Option<String>,
    default_environment: Option<String>,
    git_branch_to_environment_mapping: Option<BTreeMap<String, String>>,
    domain: Option<String>,
}

/// Reads the file as a layer: project, environment (by the branch, else the default), domain.
pub(super) fn read(path: &Arc<Path>) -> Result<Layer, Error> {
    let text = read_project_file(path)?;
    let contents: Contents = serde_json::from_str(&text).map_err(|error| Error::ForeignFile {
        path: path.to_path_buf(),
        what: "what `infisical init` writes",
        error,
        hint: "correct it, or delete it and pass --project and --env",
    })?;
    let branch = path.parent().and_then(branch);
    Ok(layer(contents, branch.as_deref(), &Origin::ForeignFile(Arc::clone(path))))
}

fn layer(contents: Contents, branch: Option<&str>, origin: &Origin) -> Layer {
    let mapping = contents.git_branch_to_environment_mapping.unwrap_or_default();
    let mapped = branch.and_then(|branch| mapped(&mapping, branch));
    let environment = mapped.or(contents.default_environment);
    let mut layer = Layer::default();
    let values = [
        (&schema::PROJECT, contents.workspace_id),
        (&schema::ENV, environment),
        (&schema::DOMAIN, contents.domain),
    ];
    for (key, value) in values {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            layer.push(key, RawValue::Text(value), origin.clone());
        }
    }
    layer
}

/// The environment of a branch: by its whole name, else by its last part, which is what Infisical's
/// own command line looks up.
fn mapped(mapping: &BTreeMap<String, String>, branch: &str) -> Option<String> {
    let last = branch.rsplit('/').next().unwrap_or(branch);
    mapping.get(branch).or_else(|| mapping.get(last)).cloned()
}

/// The branch that is checked out, if one is.
fn branch(directory: &Path) -> Option<String> {
    let git = directory.ancestors().map(|above| above.join(".git")).find(|git| git.exists())?;
    let directory = if git.is_file() {
        // A worktree or submodule: `gitdir: PATH` (gitrepository-layout(5)).
        let text = read_project_file(&git).ok()?;
        let named = PathBuf::from(text.strip_prefix("gitdir:")?.trim());
        git.parent()?.join(named)
    } else {
        git
    };
    let head = read_project_file(&directory.join("HEAD")).ok()?;
    Some(head.strip_prefix("ref: refs/heads/")?.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(json: &str, branch: Option<&str>) -> Option<RawValue> {
        let contents: Contents = serde_json::from_str(json).unwrap();
        let layer = layer(contents, branch, &Origin::Default);
        layer.get(&schema::ENV).map(|setting| setting.value.clone())
    }

    #[test]
    fn the_branch_decides_over_the_default() {
        const JSON: &str = r#"{"workspaceId":"w","defaultEnvironment":"dev",
            "gitBranchToEnvironmentMapping":{"main":"prod","feature/x":"exact","y":"last"}}"#;
        for (branch, want) in [
            (Some("main"), "prod"),
            (Some("feature/x"), "exact"),
            (Some("feature/y"), "last"),
            (Some("other"), "dev"),
            (None, "dev"),
        ] {
            assert_eq!(environment(JSON, branch), Some(RawValue::Text(want.into())), "{branch:?}");
        }
    }

    #[test]
    fn what_init_writes_is_understood() {
        let json =
            r#"{"workspaceId":"w","defaultEnvironment":"","gitBranchToEnvironmentMapping":null}"#;
        assert_eq!(environment(json, Some("main")), None);
    }
}

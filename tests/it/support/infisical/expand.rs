//! References between secrets: `${KEY}` and `${env.folder.KEY}`.
//! Must not know lists or rows.

use super::{
    access::View,
    answer::Refusal,
    project::{Kind, Project, Secret},
};

/// How many references deep the server follows.
const DEPTH: u32 = 10;

/// Why a value could not be expanded.
#[derive(Debug)]
pub enum Broken {
    /// The sender may not read what is referred to.
    Forbidden { key: String, env: String, path: String },
    /// There is no such folder, which the old server did not foresee.
    Folder,
}

impl Broken {
    /// Refuses a single secret for it.
    pub fn refusal(self, old: bool) -> Refusal {
        match self {
            Self::Folder => Refusal::unforeseen("InternalServerError"),
            Self::Forbidden { key, env, path } => {
                let reason = format!(
                    "You are attempting to reference secret named {key} from environment {env} in \
                     path {path} which you do not have access to."
                );
                if old {
                    return Refusal::new(403, "ForbiddenError", reason);
                }
                Refusal::Fault {
                    status: 403,
                    error: "ForbiddenError".into(),
                    message: "Failed to expand one or more secret references".into(),
                    details: Some(serde_json::json!([reason])),
                }
            }
        }
    }
}

/// Expands a secret's value as it stands in its folder.
pub fn expand(
    view: &View<'_>,
    project: &Project,
    env: &str,
    path: &str,
    secret: &Secret,
) -> Result<String, Broken> {
    let expanded = follow(view, project, (env, path), &secret.value, 0)?;
    if expanded != secret.value && secret.skip_multiline_encoding && expanded.contains('\n') {
        return Ok(format!("\"{}\"", expanded.replace('\n', "\\n")));
    }
    Ok(expanded)
}

fn follow(
    view: &View<'_>,
    project: &Project,
    (env, path): (&str, &str),
    value: &str,
    depth: u32,
) -> Result<String, Broken> {
    if depth > DEPTH {
        return Ok(value.to_owned());
    }
    let mut expanded = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.push_str(before);
        let inner = after.split_once('}').filter(|(name, _)| is_reference(name));
        let Some((name, tail)) = inner else {
            expanded.push_str("${");
            rest = after;
            continue;
        };
        let (env, path, key) = place(name, env, path);
        if !view.may_read(project, &env, &path) {
            return Err(Broken::Forbidden { key, env, path });
        }
        if let Some(found) = lookup(view, project, &env, &path, &key)? {
            expanded.push_str(&follow(view, project, (&env, &path), &found, depth + 1)?);
        } else {
            expanded.extend(["${", name, "}"]);
        }
        rest = tail;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn is_reference(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && name.bytes().all(letter)
}

/// Reads a reference: environment, folder, key.
fn place(name: &str, env: &str, path: &str) -> (String, String, String) {
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        [env, folders @ .., key] => {
            let path = format!("/{}", folders.join("/"));
            ((*env).to_owned(), path, (*key).to_owned())
        }
        _ => (env.to_owned(), path.to_owned(), name.to_owned()),
    }
}

fn lookup(
    view: &View<'_>,
    project: &Project,
    env: &str,
    path: &str,
    key: &str,
) -> Result<Option<String>, Broken> {
    let Some(folder) = project.find(env, path) else {
        return if view.old() { Err(Broken::Folder) } else { Ok(None) };
    };
    let secret = folder.secrets.iter().find(|found| found.key == key && found.kind == Kind::Shared);
    let value = secret.map(|secret| secret.value.clone());
    // The old server cannot tell an empty value from none.
    Ok(value.filter(|value| !(view.old() && value.is_empty())))
}

//! Words for settings that people bring along from the tools and client libraries of secret stores, and what
//! they are called in `hushed.toml`. For hints only: none of them is accepted.

/// Words in kebab case, and the setting that each means.
const SYNONYMS: &[(&str, &str)] = &[
    ("environment", "env"),
    ("environment-slug", "env"),
    ("env-slug", "env"),
    ("default-environment", "env"),
    ("project-id", "project"),
    ("project-slug", "project"),
    ("workspace", "project"),
    ("workspace-id", "project"),
    ("secret-path", "path"),
    ("secrets-path", "path"),
    ("paths", "path"),
    ("folder", "path"),
    ("folders", "path"),
    ("site-url", "domain"),
    ("api-url", "domain"),
    ("base-url", "domain"),
    ("host", "domain"),
    ("host-api", "domain"),
    ("url", "domain"),
    ("server", "domain"),
    ("auth-method", "method"),
    ("login", "method"),
    ("org", "organization"),
    ("organization-slug", "organization"),
    ("machine-identity-id", "identity-id"),
    ("identity", "identity-id"),
    ("universal-auth-client-id", "client-id"),
    ("expand-secret-references", "expand"),
    ("imports", "include-imports"),
    ("tag", "tags"),
    ("tag-slugs", "tags"),
    ("only-keys", "only"),
    ("include", "only"),
    ("ignore", "exclude"),
    ("env-files", "env-file"),
    ("dotenv", "env-file"),
];

/// The setting among `known` that a word means, written in any case or known by another name.
pub(super) fn find_setting(
    word: &str,
    known: &(impl Iterator<Item = &'static str> + Clone),
) -> Option<&'static str> {
    let kebab = to_kebab_case(word);
    let is_known = |name: &str| known.clone().find(|known| *known == name);
    is_known(&kebab).or_else(|| {
        let (_, meant) = SYNONYMS.iter().find(|(synonym, _)| *synonym == kebab)?;
        is_known(meant)
    })
}

/// `projectId`, `project_id` and `PROJECT_ID` are `project-id`.
fn to_kebab_case(word: &str) -> String {
    let mut kebab = String::with_capacity(word.len() + 2);
    let mut after_lower = false;
    for c in word.chars() {
        if c.is_ascii_uppercase() && after_lower {
            kebab.push('-');
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        kebab.push(if c == '_' || c == ' ' { '-' } else { c.to_ascii_lowercase() });
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_any_case_and_by_another_name() {
        let known = ["env", "project", "client-id"];
        for (word, want) in [
            ("environment", Some("env")),
            ("ENV", Some("env")),
            ("projectId", Some("project")),
            ("project_id", Some("project")),
            ("workspaceId", Some("project")),
            ("clientId", Some("client-id")),
            ("CLIENT_ID", Some("client-id")),
            ("secretPath", None),
            ("zzz", None),
        ] {
            assert_eq!(find_setting(word, &known.into_iter()), want, "{word}");
        }
    }
}

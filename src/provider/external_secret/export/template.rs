//! Templates of the operator (Go's text/template with sprig): from the templates of `[env]`, and for the shapes of
//! objects. Pure.

use serde_json::{Map, Value as Json};

use super::super::store::ManifestError;

/// Percent-encodes as hushed does: Go's function writes a space as `+`.
const URL_ENCODE: &str = "urlquery | replace \"+\" \"%20\"";

/// A value that the operator passes through: the key of the merged map.
pub(super) fn field(key: &str) -> String {
    format!("{{{{ index . {} }}}}", quoted(key))
}

/// Text that is no template.
pub(super) fn literal(text: &str) -> String {
    if text.contains("{{") { format!("{{{{ {} }}}}", quoted(text)) } else { text.to_owned() }
}

/// A string of Go. JSON's escapes are a part of Go's, but for those of a surrogate pair, which it does not write.
fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

/// A template of `[env]` for the operator. It can have text, names, and names with `urlencode`.
pub(super) fn converted(
    template: &str,
    key_of: impl Fn(&str) -> Option<String>,
) -> Result<String, ManifestError> {
    let unsupported = |what: &str| {
        ManifestError::new(
            format!("the template has {what}, which hushed does not translate to a template of Go"),
            "use only text, {{ name }} and {{ name | urlencode }}, or leave the variable out",
        )
    };
    let mut out = String::new();
    let mut rest = template;
    while let Some((text, code)) = rest.split_once("{{") {
        plain(text, &mut out).map_err(unsupported)?;
        let (code, after) = code.split_once("}}").ok_or_else(|| unsupported("an open `{{`"))?;
        let mut parts = code.split('|').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let key = key_of(name).ok_or_else(|| unsupported("an expression"))?;
        out.push_str("{{ index . ");
        out.push_str(&quoted(&key));
        for filter in parts {
            match filter {
                "urlencode" => {
                    out.push_str(" | ");
                    out.push_str(URL_ENCODE);
                }
                _ => return Err(unsupported("a filter other than `urlencode`")),
            }
        }
        out.push_str(" }}");
        rest = after;
    }
    plain(rest, &mut out).map_err(unsupported)?;
    Ok(out)
}

fn plain(text: &str, out: &mut String) -> Result<(), &'static str> {
    if text.contains("{%") || text.contains("{#") {
        return Err("a statement or a comment");
    }
    out.push_str(text);
    Ok(())
}

/// The first of these keys that the object has. The context of the operator is a map of text, in which a missing key
/// is empty.
fn first_of(keys: &[&str]) -> String {
    let indexed: Vec<_> = keys.iter().map(|key| format!("(index . {})", quoted(key))).collect();
    match indexed.as_slice() {
        [one] => one.clone(),
        several => format!("(or {})", several.join(" ")),
    }
}

/// A field of a shape: the variable, and the keys that stores have for it.
pub(super) type Field<'a> = (&'a str, &'a [&'a str]);

/// One template for each field: the first of its keys that exists.
pub(super) fn fields(prefix: &str, fields: &[Field<'_>]) -> Map<String, Json> {
    let field = |(name, keys): &Field<'_>| {
        (format!("{prefix}{name}"), format!("{{{{ {} }}}}", first_of(keys)).into())
    };
    fields.iter().map(field).collect()
}

/// The URL of a database: the object's own, else one of its parts.
pub(super) fn database_url(field: impl Fn(usize) -> String, engine: &[&str]) -> String {
    let [host, port, user, password, name, url] = [0, 1, 2, 3, 4, 5].map(field);
    let engine = first_of(engine);
    let scheme = format!(
        "{{{{ $e := lower {engine} | trimPrefix \"aurora-\" }}}}\
         {{{{ if has $e (list \"mysql\" \"aurora\" \"mariadb\") }}}}mysql\
         {{{{ else if has $e (list \"mongo\" \"mongodb\" \"docdb\") }}}}mongodb\
         {{{{ else if has $e (list \"\" \"postgres\" \"postgresql\" \"pgsql\" \"pg\") }}}}postgres\
         {{{{ else }}}}{{{{ $e }}}}{{{{ end }}}}"
    );
    format!(
        "{{{{ if {url} }}}}{{{{ {url} }}}}{{{{ else }}}}{scheme}://\
         {{{{ with {user} }}}}{{{{ . | {URL_ENCODE} }}}}\
         {{{{ with {of_root} }}}}:{{{{ . | {URL_ENCODE} }}}}{{{{ end }}}}@{{{{ end }}}}\
         {{{{ {host} }}}}{{{{ with {port} }}}}:{{{{ . }}}}{{{{ end }}}}\
         {{{{ with {name} }}}}/{{{{ . | {URL_ENCODE} }}}}{{{{ end }}}}{{{{ end }}}}",
        // Inside `with`, the context is the user.
        of_root = password.replace("index .", "index $"),
    )
}

/// The expression for a field of a shape.
pub(super) fn expression(keys: &[&str]) -> String {
    first_of(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(template: &str) -> Result<String, ManifestError> {
        converted(template, |name| (name == "pass").then(|| "DB_URL.pass".to_owned()))
    }

    #[test]
    fn names_and_urlencode_are_translated_and_nothing_else() {
        assert_eq!(
            convert("postgres://app:{{ pass|urlencode }}@{{pass}}").unwrap(),
            "postgres://app:{{ index . \"DB_URL.pass\" | urlquery | replace \"+\" \"%20\" }}@\
             {{ index . \"DB_URL.pass\" }}"
        );
        for (template, want) in [
            ("{% if pass %}x{% endif %}", "a statement or a comment"),
            ("{{ pass | upper }}", "a filter other than `urlencode`"),
            ("{{ 'x' }}", "an expression"),
            ("{{ pass", "an open `{{`"),
        ] {
            assert!(convert(template).unwrap_err().what.contains(want), "{template}");
        }
        assert_eq!(literal("{{ x }}"), "{{ \"{{ x }}\" }}");
    }
}

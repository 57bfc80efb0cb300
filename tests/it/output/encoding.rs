//! Values in the encodings that common programs and languages produce.

use super::script;
use crate::support::sandbox::{Output, Sandbox};

/// A value with something to escape for everybody; its length is a multiple of three.
const TOKEN: &str = "TOKEN='canary-\"q\"-<&>-é-$xy'\n";
const QUOTED: &str = "QUOTED_KEY=\"canary it's one\"\n";
const KEY: &str =
    "KEY=\"-----BEGIN KEY-----\ncanaryMIIEvQIBADAN\nBgkqhkiGcanary\n-----END KEY-----\n\"\n";

fn sandbox() -> Sandbox {
    Sandbox::new().file("app.env", [TOKEN, QUOTED, KEY].concat())
}

/// Runs a script twice, the second time all on stderr; gives what it wrote, the same both times.
fn written(text: &str) -> String {
    let sandbox = sandbox();
    let run = |text: &str| -> Output { script(&sandbox, &["--redact"], text).run().success() };
    let (first, second) = (run(text), run(&format!("exec 3>&2 2>&1 >&3; {text}")));
    assert_eq!((&first.stdout, &first.stderr), (&second.stderr, &second.stdout), "{text}");
    first.stdout + &first.stderr
}

fn python(expression: &str) -> String {
    let imports = "import base64, html, json, os, shlex, urllib.parse as url";
    let values = "t = os.environ['TOKEN']; q = os.environ['QUOTED_KEY']; k = os.environ['KEY']";
    format!("python3 -c \"{imports}\n{values}; b = t.encode()\nprint({expression})\"")
}

#[test]
fn a_plain_value_is_redacted() {
    for (text, want) in [
        (r#"echo "$TOKEN""#, "[hushed:TOKEN]\n"),
        (r#"printf %s "$TOKEN""#, "[hushed:TOKEN]"),
        (r#"printf 'a%sb%sc' "$TOKEN" "$TOKEN""#, "a[hushed:TOKEN]b[hushed:TOKEN]c"),
        (r"env | grep ^TOKEN=", "TOKEN=[hushed:TOKEN]\n"),
        (r#"printf %s "$KEY""#, "[hushed:KEY]"),
        (r#"printf %s "$KEY" | sed -n 2,3p"#, "[hushed:KEY]\n[hushed:KEY]\n"),
        (r#"printf '%s\n' "$KEY" | sed -n 1p"#, "-----BEGIN KEY-----\n"),
        (r#"printf %s "$KEY" | sed 's/$/\r/'"#, "[hushed:KEY]"),
        (r#"k=$(printf %s "$KEY"); printf '<%s>' "$k""#, "<[hushed:KEY]>"),
    ] {
        assert_eq!(written(text), want, "{text}");
    }
}

#[test]
fn a_value_encoded_by_programs_is_redacted() {
    for (text, want) in [
        (r#"printf %s "$TOKEN" | base64"#, "[hushed:TOKEN]\n"),
        (r#"echo "$TOKEN" | base64"#, "[hushed:TOKEN]Cg==\n"),
        (r#"printf 'u:%s' "$TOKEN" | base64"#, "dTp[hushed:TOKEN]k=\n"),
        (r#"printf 'a:%s:' "$TOKEN" | openssl base64"#, "YTp[hushed:TOKEN]k6\n"),
        (r#"printf %s "$TOKEN" | xxd -p"#, "[hushed:TOKEN]\n"),
        (r#"printf %s "$TOKEN" | xxd -p -u"#, "[hushed:TOKEN]\n"),
        (r#"printf %s "$TOKEN" | od -An -v -tx1 | tr -d ' \n'"#, "[hushed:TOKEN]"),
        (r#"sh -c 'set -x; : "$QUOTED_KEY"'"#, "+ : [hushed:QUOTED_KEY]\n"),
        (r#"bash -c 'set -x; : "$QUOTED_KEY"'"#, "+ : '[hushed:QUOTED_KEY]'\n"),
        (r#"bash -c 'printf %q "$QUOTED_KEY"'"#, "[hushed:QUOTED_KEY]"),
        (r#"bash -c 'printf %q "$TOKEN"'"#, "$'[hushed:TOKEN]'"),
        (r#"bash -c 'set -x; : "$KEY"'"#, "+ : '[hushed:KEY]'\n"),
        (r"bash -c 'declare -p KEY'", "declare -x KEY=$'[hushed:KEY]'\n"),
        ("export -p | grep QUOTED_KEY", "export QUOTED_KEY='[hushed:QUOTED_KEY]'\n"),
    ] {
        assert_eq!(written(text), want, "{text}");
    }
}

#[test]
fn a_value_quoted_by_languages_is_redacted() {
    for (expression, want) in [
        ("base64.urlsafe_b64encode(b).decode()", "[hushed:TOKEN]\n"),
        ("base64.urlsafe_b64encode(b'12' + b).decode()", "MTJ[hushed:TOKEN]k=\n"),
        ("b.hex()", "[hushed:TOKEN]\n"),
        ("b.hex().upper()", "[hushed:TOKEN]\n"),
        ("url.quote(t, safe='')", "[hushed:TOKEN]\n"),
        ("url.quote_plus(q)", "[hushed:QUOTED_KEY]\n"),
        ("url.urlencode({'a': t, 'b': q})", "a=[hushed:TOKEN]&b=[hushed:QUOTED_KEY]\n"),
        ("json.dumps(t)", "\"[hushed:TOKEN]\"\n"),
        (
            "json.dumps({'a': [t, k]}, ensure_ascii=False)",
            "{\"a\": [\"[hushed:TOKEN]\", \"[hushed:KEY]\"]}\n",
        ),
        ("html.escape(t)", "[hushed:TOKEN]\n"),
        ("html.escape(q)", "[hushed:QUOTED_KEY]\n"),
        ("'<a>' + html.escape(t, quote=False) + '</a>'", "<a>[hushed:TOKEN]</a>\n"),
        ("shlex.quote(q)", "'[hushed:QUOTED_KEY]'\n"),
    ] {
        assert_eq!(written(&python(expression)), want, "{expression}");
    }
}

//! Dotenv files that all their readers read alike. It never writes an escape, since there is none
//! that two readers agree on.
//!
//! Two quotings are left: single quotes, where hushed, node, ruby, docker compose, systemd and shells
//! take every character for itself, and python-dotenv all but `\\`, `\'` and `${`; and double quotes
//! around a value that has a `'` and nothing that is special in double quotes anywhere.

use super::output::Output;
use super::{Error, ExportedSecret, Unsupported};

pub(super) fn write(secrets: &[ExportedSecret<'_>], out: &mut Output) -> Result<(), Error> {
    for secret in secrets {
        let name = secret.identifier()?;
        let text = secret.text()?;
        let quote = quote(secret, text)?;
        for part in [name, "=", quote, text, quote, "\n"] {
            out.push(part);
        }
    }
    Ok(())
}

fn quote(secret: &ExportedSecret<'_>, text: &str) -> Result<&'static str, Error> {
    secret.refuse(text.contains('\0'), Unsupported::Nul)?;
    // Python reads a carriage return as a newline, node takes it away.
    secret.refuse(text.contains('\r'), Unsupported::CarriageReturn)?;
    secret.refuse(text.contains("${"), Unsupported::Expansion)?;
    if text.contains('\'') {
        secret.refuse(text.contains(['"', '\\', '`', '$']), Unsupported::Quotes)?;
        return Ok("\"");
    }
    secret.refuse(text.contains("\\\\") || text.ends_with('\\'), Unsupported::Backslash)?;
    Ok("'")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::deliver::format::{Error, Format, RenderOptions, Unsupported, render};
    use crate::provider::dotenv::parse;
    use crate::secret::{Name, Value};

    fn written(value: &str) -> Result<String, Unsupported> {
        let secret = (&Name::new("A"), &Value::from(value));
        match render(Format::Dotenv, [secret], RenderOptions::default()) {
            Ok(text) => Ok(String::from_utf8(text.to_vec()).unwrap()),
            Err(Error::Value { what, .. }) => Err(what),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn chooses_the_quotes_that_all_readers_agree_on() {
        for (value, want) in [
            ("", Ok("A=''\n")),
            ("canary", Ok("A='canary'\n")),
            ("canary $A `b` \"c\" \\n #", Ok("A='canary $A `b` \"c\" \\n #'\n")),
            ("canary\n2", Ok("A='canary\n2'\n")),
            ("it's canary # $", Err(Unsupported::Quotes)),
            ("it's canary #\n", Ok("A=\"it's canary #\n\"\n")),
            ("it's a `canary`", Err(Unsupported::Quotes)),
            ("it's a can\\ary", Err(Unsupported::Quotes)),
            ("it's a \"canary\"", Err(Unsupported::Quotes)),
            ("canary\\", Err(Unsupported::Backslash)),
            ("can\\\\ary", Err(Unsupported::Backslash)),
            ("can${ary", Err(Unsupported::Expansion)),
            ("canary\r\n", Err(Unsupported::CarriageReturn)),
            ("canary\0", Err(Unsupported::Nul)),
        ] {
            assert_eq!(written(value), want.map(str::to_owned), "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn hushed_reads_what_it_writes(value in r#"([\PC'"\\$`# \n]|\$[A{(])*"#) {
            if let Ok(text) = written(&format!("canary{value}")) {
                let entries = parse(text.as_bytes()).unwrap();
                prop_assert_eq!(entries.len(), 1);
                prop_assert_eq!(entries[0].name.as_str(), "A");
                let want = format!("canary{value}");
                prop_assert_eq!(entries[0].value.expose_str(), Some(want.as_str()));
            }
        }
    }
}

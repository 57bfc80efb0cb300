//! The content of a token's file: the token itself, or what an agent writes to a sink: the wrapping token of
//! one, as JSON. Pure.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::wire::SecretText;
use crate::secret::Value;

/// What a file with a token holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TokenContent {
    /// A token.
    Plain,
    /// A wrapping token, and the path of the request that created it.
    Wrapped { token: Value, creation_path: String },
    /// A token that the agent encrypted for one reader.
    Encrypted,
    /// JSON of another kind.
    Unknown,
}

#[derive(Deserialize)]
struct Sink {
    token: Option<SecretText>,
    creation_path: Option<String>,
    encrypted_payload: Option<IgnoredAny>,
    curve25519_public_key: Option<IgnoredAny>,
}

/// Tells what the content is.
pub(super) fn parse(content: &Value) -> TokenContent {
    let bytes = content.expose().trim_ascii();
    if !bytes.starts_with(b"{") {
        return TokenContent::Plain;
    }
    match serde_json::from_slice::<Sink>(bytes) {
        Ok(
            Sink { encrypted_payload: Some(_), .. } | Sink { curve25519_public_key: Some(_), .. },
        ) => TokenContent::Encrypted,
        Ok(Sink { token: Some(token), creation_path: Some(creation_path), .. }) => {
            TokenContent::Wrapped { token: token.0, creation_path }
        }
        _ => TokenContent::Unknown,
    }
}

/// Whether it may be a token: printable ASCII, after the white space at its ends.
pub(super) fn is_token(value: &Value) -> bool {
    let token = value.expose().trim_ascii();
    !token.is_empty() && token.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_of_a_sink_is_told_from_a_token() {
        let wrapped = r#"{"token":"canary-wrap","accessor":"a","ttl":300,
            "creation_time":"2026-11-28T20:50:25Z","creation_path":"sys/wrapping/wrap","wrapped_accessor":""}"#;
        let expected = TokenContent::Wrapped {
            token: Value::from("canary-wrap"),
            creation_path: "sys/wrapping/wrap".into(),
        };
        for (content, want) in [
            ("hvs.canary\n", TokenContent::Plain),
            (wrapped, expected),
            (
                r#"{"curve25519_public_key":"x","nonce":"y","encrypted_payload":"z"}"#,
                TokenContent::Encrypted,
            ),
            ("{}", TokenContent::Unknown),
            ("{canary", TokenContent::Unknown),
        ] {
            assert_eq!(parse(&Value::from(content)), want, "{content}");
        }
    }

    #[test]
    fn a_token_is_printable() {
        for (token, want) in [
            ("hvs.CAESI-_=", true),
            (" s.abc\r\n", true),
            ("", false),
            ("a b", false),
            ("a\nb", false),
            ("é", false),
        ] {
            assert_eq!(is_token(&Value::from(token)), want, "{token:?}");
        }
    }
}

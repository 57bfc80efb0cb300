//! The grammar of references.
//!
//! ```text
//! reference = source "://" path [ "?" option *( "&" option ) ] [ "#" property ]
//! option    = "version=" … | "stage=" … | "encoding=" … | "trim=newline" | options of one store
//! property  = name | "/" JSON pointer
//! ```
//!
//! Percent-encoding is needed for `%`, `?`, `#` and control characters only.

use percent_encoding::percent_decode_str;

use super::{Encoding, Property, Reference};
use crate::secret::ObjectAddress;

/// Why a text is no reference. It holds no part of the text but names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// There is no `source://` at its start.
    #[error("it does not start with `SOURCE://`")]
    NoSource,
    /// A host, a port or a user.
    #[error("a reference names a source of the configuration, and no {0}")]
    Authority(&'static str),
    /// `%` without two hexadecimal digits, or a text that is not UTF-8 when it is decoded.
    #[error(
        "`%` must be followed by two hexadecimal digits that make UTF-8; write `%25` for `%` itself"
    )]
    Percent,
    /// A control character.
    #[error("it has a control character; write it as `%` and two hexadecimal digits")]
    Control,
    /// A path that leads elsewhere than it says.
    #[error("its path has a segment `.` or `..`")]
    Dots,
    /// An option without `=` or a value.
    #[error("the option `{0}` has no value")]
    EmptyOption(String),
    /// An option that occurs twice.
    #[error("the option `{0}` occurs twice")]
    RepeatedOption(String),
    /// An unknown value of an option.
    #[error("the option `{option}` must be {wanted}")]
    OptionValue {
        /// The option.
        option: &'static str,
        /// The accepted values.
        wanted: &'static str,
    },
    /// `#` without a property.
    #[error("there is no name after `#`")]
    EmptyProperty,
    /// `~` without `0` or `1`.
    #[error("in a JSON pointer, `~` must be followed by 0 or 1")]
    Tilde,
}

/// What stands before `://`, if it could name a source: letters, digits, `-`, `_` and `.`.
pub fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    (!scheme.is_empty() && scheme.chars().all(fits)).then_some(scheme)
}

/// Parses a text, all of which must be a reference.
pub fn parse(text: &str) -> Result<Reference, ParseError> {
    let source = scheme(text).ok_or(ParseError::NoSource)?;
    if text.chars().any(char::is_control) {
        return Err(ParseError::Control);
    }
    let rest = text.get(source.len() + 3..).unwrap_or_default();
    let (rest, property) = match rest.split_once('#') {
        Some((rest, property)) => (rest, parse_property(property)?),
        None => (rest, Property::Whole),
    };
    let (path, options) = match rest.split_once('?') {
        Some((path, options)) => (path, Some(options)),
        None => (rest, None),
    };
    refuse_authority(path)?;
    let path = decode(path)?;
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(ParseError::Dots);
    }
    let address = ObjectAddress { path, ..ObjectAddress::default() };
    let (encoding, trims_newline) = (None, false);
    let mut reference =
        Reference { source: source.to_owned(), address, property, encoding, trims_newline };
    for option in options.into_iter().flat_map(|options| options.split('&')) {
        add_option(&mut reference, option)?;
    }
    reference.address.options.sort();
    Ok(reference)
}

/// Refuses what a URL would have at this place. An ARN, which ends with a name, is none of it.
fn refuse_authority(path: &str) -> Result<(), ParseError> {
    let first = path.split('/').next().unwrap_or_default();
    if first.contains('@') {
        return Err(ParseError::Authority("user; write `%40` for `@` in a path"));
    }
    let is_port = |port: &str| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
    match first.split_once(':') {
        Some((_, port)) if is_port(port) => Err(ParseError::Authority("host or port")),
        _ => Ok(()),
    }
}

fn add_option(reference: &mut Reference, option: &str) -> Result<(), ParseError> {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    let (name, value) = (decode(name)?, decode(value)?);
    if value.is_empty() {
        return Err(ParseError::EmptyOption(name));
    }
    let address = &mut reference.address;
    let is_repeated = match name.as_str() {
        "version" => address.version.replace(value).is_some(),
        "encoding" => {
            let found = Encoding::NAMES.iter().find(|(known, _)| *known == value);
            let wanted = "base64, base64url or hex";
            let (_, encoding) =
                found.ok_or(ParseError::OptionValue { option: "encoding", wanted })?;
            reference.encoding.replace(*encoding).is_some()
        }
        "trim" if value == "newline" => std::mem::replace(&mut reference.trims_newline, true),
        "trim" => return Err(ParseError::OptionValue { option: "trim", wanted: "newline" }),
        _ => {
            let is_repeated = address.options.iter().any(|(known, _)| *known == name);
            address.options.push((name.clone(), value));
            is_repeated
        }
    };
    if is_repeated { Err(ParseError::RepeatedOption(name)) } else { Ok(()) }
}

fn parse_property(text: &str) -> Result<Property, ParseError> {
    if text.is_empty() {
        return Err(ParseError::EmptyProperty);
    }
    let text = decode(text)?;
    let Some(pointer) = text.strip_prefix('/') else { return Ok(Property::Key(text)) };
    pointer.split('/').map(unescape).collect::<Result<_, _>>().map(Property::Pointer)
}

/// A reference token of a JSON pointer (RFC 6901, section 4).
fn unescape(token: &str) -> Result<String, ParseError> {
    let mut parts = token.split('~');
    let mut unescaped = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (escaped, rest) = match part.as_bytes().first() {
            Some(b'0') => ('~', part.get(1..)),
            Some(b'1') => ('/', part.get(1..)),
            _ => return Err(ParseError::Tilde),
        };
        unescaped.push(escaped);
        unescaped.push_str(rest.unwrap_or_default());
    }
    Ok(unescaped)
}

fn decode(text: &str) -> Result<String, ParseError> {
    let mut digits = text.split('%');
    digits.next();
    let is_escape = |part: &str| {
        part.get(..2).is_some_and(|two| two.chars().all(|digit| digit.is_ascii_hexdigit()))
    };
    if !digits.all(is_escape) {
        return Err(ParseError::Percent);
    }
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_utf8| ParseError::Percent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(path: &str, version: Option<&str>, options: &[(&str, &str)]) -> ObjectAddress {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        ObjectAddress {
            path: path.into(),
            version: version.map(str::to_owned),
            options: options.iter().map(owned).collect(),
        }
    }

    #[test]
    fn a_reference_has_a_source_a_path_options_and_a_property() {
        let key = |name: &str| Property::Key(name.to_owned());
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
        for (text, source, want, property) in [
            (
                "vault://secret/app/db#password",
                "vault",
                address("secret/app/db", None, &[]),
                key("password"),
            ),
            ("aws-ssm:///app/db", "aws-ssm", address("/app/db", None, &[]), Property::Whole),
            ("v://a?version=3#k", "v", address("a", Some("3"), &[]), key("k")),
            (
                "v://a?stage=OLD&attribute=otp",
                "v",
                address("a", None, &[("attribute", "otp"), ("stage", "OLD")]),
                Property::Whole,
            ),
            ("local://#API_KEY", "local", address("", None, &[]), key("API_KEY")),
            ("v://a b/ü#x.y z", "v", address("a b/ü", None, &[]), key("x.y z")),
            ("v://a%3Fb%23c%25#d%23e", "v", address("a?b#c%", None, &[]), key("d#e")),
            (
                "v://a#/b/c~1d~0e/0",
                "v",
                address("a", None, &[]),
                Property::Pointer(vec!["b".into(), "c/d~e".into(), "0".into()]),
            ),
            ("v://a#/", "v", address("a", None, &[]), Property::Pointer(vec![String::new()])),
            (
                &format!("aws-sm://{arn}#password"),
                "aws-sm",
                address(arn, None, &[]),
                key("password"),
            ),
            ("v://a%40b/c", "v", address("a@b/c", None, &[]), Property::Whole),
        ] {
            let parsed = parse(text).unwrap();
            assert_eq!(
                (parsed.source.as_str(), parsed.address, parsed.property),
                (source, want, property),
                "{text}"
            );
        }
        let parsed = parse("v://a?encoding=base64url&trim=newline").unwrap();
        assert_eq!((parsed.encoding, parsed.trims_newline), (Some(Encoding::Base64Url), true));
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        let empty = |name: &str| ParseError::EmptyOption(name.to_owned());
        let repeated = |name: &str| ParseError::RepeatedOption(name.to_owned());
        for (text, want) in [
            ("secret/app", ParseError::NoSource),
            ("://a", ParseError::NoSource),
            ("a b://c", ParseError::NoSource),
            ("v://user@host/a", ParseError::Authority("user; write `%40` for `@` in a path")),
            ("v://host:8200/a", ParseError::Authority("host or port")),
            ("v://a%2", ParseError::Percent),
            ("v://a%zz", ParseError::Percent),
            ("v://a%ff", ParseError::Percent),
            ("v://a\nb", ParseError::Control),
            ("v://a/../b", ParseError::Dots),
            ("v://a/%2e%2e/b", ParseError::Dots),
            ("v://a?version", empty("version")),
            ("v://a?", empty("")),
            ("v://a?version=1&version=2", repeated("version")),
            ("v://a?x=1&x=1", repeated("x")),
            ("v://a?trim=all", ParseError::OptionValue { option: "trim", wanted: "newline" }),
            ("v://a#", ParseError::EmptyProperty),
            ("v://a#/b~2", ParseError::Tilde),
        ] {
            assert_eq!(parse(text), Err(want), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_reference_or_an_error(text in ".{0,40}") {
            drop(parse(&text));
            drop(parse(&format!("vault://{text}")));
        }

        #[test]
        fn what_is_shown_is_parsed_again(path in "[a-z/]{0,12}", version in "[0-9]{1,3}", key in "[a-z.]{1,8}") {
            let text = format!("vault://{path}?version={version}#{key}");
            prop_assert_eq!(parse(&text).unwrap().to_string(), text);
        }
    }
}

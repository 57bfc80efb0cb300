//! How systemd reads an environment file: the rules of systemd.exec(5) said again, and the same
//! reader of systemd's own inside its `environment.d` generator.

use std::path::Path;
use std::process::Command;

use super::reader::{Read, stdout};

/// `EnvironmentFile=` in systemd.exec(5), for values that are quoted throughout.
pub(super) fn rules(file: &Path) -> Read {
    let text = std::fs::read_to_string(file).unwrap();
    let refused = |c: char| {
        let code = u32::from(c);
        c == '\u{feff}'
            || (0xfdd0..0xfdf0).contains(&code)
            || matches!(code & 0xffff, 0xfffe | 0xffff)
    };
    assert!(!text.contains(refused), "systemd ignores or refuses such a file");
    let mut rest = text.chars();
    let mut read = Read::new();
    while !rest.as_str().is_empty() {
        let name: String = rest.by_ref().take_while(|c| *c != '=').collect();
        assert!(!name.contains(|c: char| c != '_' && !c.is_ascii_alphanumeric()), "`{name}`");
        let quote = rest.next().unwrap();
        assert!(matches!(quote, '\'' | '"'), "a value without quotes");
        let mut value = String::new();
        loop {
            match rest.next().expect("an open quote") {
                c if c == quote => break,
                '\\' if quote == '"' => match rest.next().expect("an open escape") {
                    c @ ('"' | '\\' | '`' | '$') => value.push(c),
                    '\n' => {}
                    c => value.extend(['\\', c]),
                },
                c => value.push(c),
            }
        }
        assert_eq!(rest.next(), Some('\n'));
        read.insert(name, value.into_bytes());
    }
    read
}

/// The generator reads a file as `EnvironmentFile=` does, and then expands `$`, where `$$` stands for
/// itself: so every `$` is doubled for it. What it prints is quoted for a shell.
pub(super) fn generator(file: &Path) -> Option<Read> {
    let generator = Path::new("/usr/lib/systemd/user-environment-generators")
        .join("30-systemd-environment-d-generator");
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("environment.d");
    std::fs::create_dir(&config).unwrap();
    let text = std::fs::read_to_string(file).unwrap().replace('$', "$$");
    std::fs::write(config.join("export.conf"), text).unwrap();
    let mut command = Command::new(generator);
    let out = stdout(command.env_clear().env("XDG_CONFIG_HOME", directory.path()))?;
    let lines = std::str::from_utf8(&out).unwrap().lines();
    let pairs = lines.map(|line| line.split_once('=').unwrap());
    Some(pairs.map(|(name, value)| (name.to_owned(), unquoted(value))).collect())
}

/// Undoes systemd's quoting for a shell: C escapes, octal ones among them, in double quotes.
fn unquoted(value: &str) -> Vec<u8> {
    let Some(value) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.as_bytes().to_vec();
    };
    let mut bytes = value.bytes();
    let mut unquoted = Vec::new();
    while let Some(byte) = bytes.next() {
        let escape = if byte == b'\\' { bytes.next() } else { None };
        unquoted.push(match escape {
            None => byte,
            Some(b'a') => 0x07,
            Some(b'b') => 0x08,
            Some(b't') => b'\t',
            Some(b'n') => b'\n',
            Some(b'v') => 0x0b,
            Some(b'f') => 0x0c,
            Some(b'r') => b'\r',
            Some(digit @ b'0'..=b'3') => [bytes.next(), bytes.next()]
                .into_iter()
                .fold(digit - b'0', |code, digit| code * 8 + (digit.unwrap() - b'0')),
            Some(other) => other,
        });
    }
    unquoted
}

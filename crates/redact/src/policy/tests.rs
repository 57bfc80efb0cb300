//! Decisions by table: scope, instruction, name and value together.

use super::*;

fn decide(name: &str, value: &str, scope: Scope) -> Decision {
    let path_exists = |path: &str| path == "/etc/hosts";
    let policy = Policy { all: false, min: 6, path_exists: &path_exists };
    let instruction = Instruction::None;
    policy.decide(&Candidate { name, value: value.as_bytes(), scope, instruction })
}

#[test]
fn a_source_that_is_redacted_leaves_only_ordinary_values_out() {
    for (name, value, reason) in [
        ("DB_PASSWORD", "hunter-two", Reason::Source),
        ("APP_NAME", "Paint Shop", Reason::Source),
        ("NODE_ENV", "production", Reason::Ordinary(Ordinary::Word)),
        ("DB_PASSWORD", "postgres", Reason::Ordinary(Ordinary::Word)),
        ("APP_URL", "http://localhost:5173", Reason::Ordinary(Ordinary::Address)),
        ("CACHE", "/etc/hosts", Reason::Ordinary(Ordinary::Path)),
        ("CACHE", "/etc/hosts-other", Reason::Source),
        ("SHORT", "abc", Reason::TooShort(6)),
        ("SHORT", "abcde\n", Reason::TooShort(6)),
        ("EMPTY", "", Reason::Empty),
    ] {
        assert_eq!(decide(name, value, Scope::All).reason, reason, "{name}={value}");
        assert!(!decide(name, value, Scope::Nothing).is_redacted);
    }
}

#[test]
fn automatically_a_name_or_a_value_decides() {
    for (name, value, reason) in [
        ("DB_PASSWORD", "hunter", Reason::Name("PASSWORD")),
        ("DB_PASSWORD", "postgres", Reason::Ordinary(Ordinary::Word)),
        ("PIN", "1234", Reason::TooShort(6)),
        ("PIN", "100000", Reason::Name("PIN")),
        ("PIN", "abcd", Reason::TooShort(6)),
        ("APP_NAME", "Paint Shop", Reason::Plain),
        ("SHORT", "aB3$xY9", Reason::Plain),
        ("VALUE", "eiQuaeh4", Reason::KeyLike),
        ("VALUE", "correct horse battery staple", Reason::Plain),
        ("PUBLIC_KEY", "6f1c2a4e-8f5b-4c7d-9e10-2b3c4d5e6f70", Reason::Evident(Evidence::Uuid)),
        ("BUILD_ID", "6f1c2a4e-8f5b-4c7d-9e10-2b3c4d5e6f70", Reason::Evident(Evidence::Uuid)),
        ("GITHUB_SHA", "0ce25d2f5e0c4a1b9d8e7f6a5b4c3d2e1f0a9b8c", Reason::Plain),
        ("GITHUB_SHA", "ghp_canarycanarycanary", Reason::Evident(Evidence::Token("ghp_"))),
        ("HOSTNAME", "web-7d9f8b6c5d-x2x4z", Reason::Plain),
        ("APP_HOST", "web-7d9f8b6c5d-X2x4z", Reason::KeyLike),
        ("GITHUB_APP_ID", "73519264", Reason::Plain),
        ("VALUE", "73519264", Reason::KeyLike),
        ("DATABASE_URL", "postgres://app:app@db/app", Reason::Evident(Evidence::UserInfo)),
    ] {
        assert_eq!(decide(name, value, Scope::Auto).reason, reason, "{name}={value}");
    }
}

#[test]
fn bytes_that_are_no_text_are_redacted() {
    let policy = Policy { all: false, min: 6, path_exists: &|_| false };
    let (name, value, instruction) =
        ("VALUE", &b"\xff\xfe\x00\x01\x02\x03\x04"[..], Instruction::None);
    let decision = policy.decide(&Candidate { name, value, scope: Scope::Auto, instruction });
    assert_eq!(decision, Decision { is_redacted: true, reason: Reason::KeyLike });
}

#[test]
fn an_instruction_is_stronger_than_the_source() {
    for (all, scope, instruction, value, want) in [
        (false, Scope::Nothing, Instruction::Redact, "production", Reason::Named),
        (false, Scope::All, Instruction::Show, "hunter-two", Reason::Exempt),
        (true, Scope::All, Instruction::Show, "hunter-two", Reason::Exempt),
        (true, Scope::Auto, Instruction::None, "production", Reason::All),
        (true, Scope::Nothing, Instruction::None, "production", Reason::SourceOff),
        (true, Scope::Auto, Instruction::Redact, "dev", Reason::TooShort(6)),
    ] {
        let policy = Policy { all, min: 6, path_exists: &|_| false };
        let value = value.as_bytes();
        let decision = policy.decide(&Candidate { name: "NODE_ENV", value, scope, instruction });
        assert_eq!(decision.reason, want);
        let redacts = matches!(want, Reason::Named | Reason::All);
        assert_eq!(decision.is_redacted, redacts);
    }
}

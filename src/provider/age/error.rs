//! Why an age file was not opened. It carries the names of recipient types, never keys or content.

/// Why an age file was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no age file at all.
    #[error("it is not an age file")]
    NotAge,
    /// The text armor around it is not as it should be.
    #[error("its armor is damaged: {0}")]
    Armor(&'static str),
    /// The header is not as it should be.
    #[error("its header is damaged: {0}")]
    Header(&'static str),
    /// No key opens it.
    #[error("no key opens it; it is encrypted for {}", recipients(stanzas))]
    NoMatch {
        /// The types of its recipients.
        stanzas: Vec<String>,
    },
    /// The passphrase is not the one that it was encrypted with.
    #[error("the passphrase does not open it")]
    WrongPassphrase,
    /// Deriving the key from the passphrase would take too much time and memory.
    #[error("its scrypt work factor {0} is larger than {max}", max = super::identity::MAX_WORK_FACTOR)]
    WorkFactor(u8),
    /// The header was changed.
    #[error("the MAC of its header does not match")]
    HeaderMac,
    /// The content was changed, cut short, or has something behind its end.
    #[error("its content is damaged or cut short")]
    Payload,
}

/// What the types of recipients stand for, each once.
fn recipients(stanzas: &[String]) -> String {
    let mut named: Vec<&str> = Vec::new();
    for stanza in stanzas {
        let name = match stanza.as_str() {
            "X25519" => "an X25519 key (age1…)",
            "mlkem768x25519" => "a post-quantum key (age1pq1…)",
            "scrypt" => "a passphrase",
            "ssh-ed25519" => "an SSH key (ssh-ed25519)",
            "ssh-rsa" => "an SSH key (ssh-rsa), which hushed cannot use",
            "piv-p256" | "p256tag" | "mlkem768p256tag" => "a hardware key, which hushed cannot use",
            _ => "a key of a type that hushed does not know",
        };
        if !named.contains(&name) {
            named.push(name);
        }
    }
    if named.is_empty() { "nobody".to_owned() } else { named.join(" and ") }
}

/// Why text is not an age identity or an SSH key that hushed can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A line is no identity.
    #[error(
        "line {0} is not an age identity, which begins with AGE-SECRET-KEY-1 or AGE-SECRET-KEY-PQ-1, in \
         capitals and without spaces around it"
    )]
    Line(usize),
    /// A line is an identity of a plugin.
    #[error("line {0} is an identity of an age plugin, which hushed does not run")]
    Plugin(usize),
    /// There is no identity in it.
    #[error("it holds no age identity")]
    Empty,
    /// It is an SSH key where only age identities are expected.
    #[error("it is an SSH key, where age identities are expected")]
    Ssh,
    /// It is an SSH key with a passphrase.
    #[error("it is an SSH key with a passphrase, which hushed cannot open")]
    SshPassphrase,
    /// It is an SSH key of another type than Ed25519.
    #[error("it is an SSH key of another type than Ed25519")]
    SshType,
    /// It is no SSH private key.
    #[error("it is not an OpenSSH private key")]
    NotSsh,
    /// It is encrypted, and no passphrase is configured.
    #[error("it is encrypted with a passphrase, and none is configured")]
    NeedsPassphrase,
    /// It is encrypted, and the passphrase does not open it.
    #[error("it is encrypted, and the configured passphrase does not open it")]
    Encrypted,
}

//! The arguments of `hushed kms`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Scope;

/// `hushed kms`.
#[derive(Args, Debug)]
pub struct Kms {
    /// The subcommand.
    #[command(subcommand)]
    pub action: KmsAction,
}

/// The subcommands of `hushed kms`.
#[derive(Debug, Subcommand)]
pub enum KmsAction {
    /// Encrypt data, and print the ciphertext.
    Encrypt(Box<KmsEncrypt>),
    /// Decrypt a ciphertext, and print the data.
    Decrypt(Box<KmsDecrypt>),
    /// Sign data, and print the signature.
    Sign(Box<KmsSign>),
    /// Check a signature or an HMAC; the exit status is 1 if it does not match.
    Verify(Box<KmsVerify>),
    /// Make an HMAC of data, and print it.
    Hmac(Box<KmsSign>),
    /// List the keys of the service.
    Keys(Box<KmsKeys>),
}

/// What is processed, and with which key.
#[derive(Args, Debug)]
pub struct KmsInput {
    /// The file to read [default: standard input].
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The key [default: `kms-key` of the configuration].
    #[arg(long, value_name = "NAME")]
    pub key: Option<String>,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed kms encrypt`.
#[derive(Args, Debug)]
pub struct KmsEncrypt {
    /// Bind the ciphertext to TEXT, which decryption needs again.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub context: String,
    /// The data.
    #[command(flatten)]
    pub input: KmsInput,
}

/// `hushed kms decrypt`.
#[derive(Args, Debug)]
pub struct KmsDecrypt {
    /// The TEXT that the ciphertext is bound to.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub context: String,
    /// How to print the data: raw (default), base64 or hex.
    #[arg(
        short = 'f',
        long,
        value_name = "FORMAT",
        default_value = "raw",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub format: KmsEncoding,
    /// The ciphertext.
    #[command(flatten)]
    pub input: KmsInput,
}

/// `hushed kms sign` and `hmac`.
#[derive(Args, Debug)]
pub struct KmsSign {
    /// The algorithm.
    #[arg(
        long,
        value_name = "NAME",
        help = "The algorithm, such as ECDSA_SHA_256 [default: that of the key]"
    )]
    pub algorithm: Option<String>,
    /// Print the bare signature as base64, hex or raw, for other programs.
    #[arg(short = 'f', long, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<KmsEncoding>,
    /// The data.
    #[command(flatten)]
    pub input: KmsInput,
}

/// `hushed kms verify`.
#[derive(Args, Debug)]
pub struct KmsVerify {
    /// The signature, as `hushed kms sign` printed it.
    #[arg(long, value_name = "TEXT", required_unless_present = "signature_file")]
    pub signature: Option<String>,
    /// Read the signature from FILE.
    #[arg(long, value_name = "FILE", conflicts_with = "signature")]
    pub signature_file: Option<PathBuf>,
    /// The data.
    #[command(flatten)]
    pub input: KmsInput,
}

/// `hushed kms keys`.
#[derive(Args, Debug)]
pub struct KmsKeys {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
}

/// How bytes are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum KmsEncoding {
    /// Base64 (RFC 4648, 4), with a newline.
    Base64,
    /// Lower-case hex, with a newline.
    Hex,
    /// The bytes themselves.
    Raw,
}

//! The program as its users meet it, through its binary: one module a part.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on says so at once, starts processes and writes its own files"
)]

mod ansible;
mod assets;
#[cfg(feature = "aws")]
mod aws;
mod cache;
#[cfg(all(feature = "azure", feature = "gcp"))]
mod cloud;
mod compose;
mod config;
mod container;
mod credential_sources;
mod disk_free;
mod doctor;
mod dotenv;
mod environment;
mod exec;
mod exit;
#[cfg(feature = "external-secrets")]
mod external_secrets;
mod faults;
mod formats;
mod harness;
mod id_token;
mod independent;
mod infisical;
mod kms;
mod kubernetes;
mod layers;
mod limits;
mod local;
#[cfg(all(feature = "aws", feature = "kubernetes", feature = "vault"))]
mod matrix;
#[cfg(all(
    feature = "aws",
    feature = "azure",
    feature = "doppler",
    feature = "gcp",
    feature = "onepassword",
    feature = "sops",
    feature = "vault"
))]
mod migrate;
#[cfg(any(feature = "doppler", feature = "onepassword"))]
mod neighbors;
mod output;
mod paths;
mod quickstart;
mod recipes;
mod redaction;
mod references;
mod registry;
mod replay;
mod residue;
mod scan;
mod secret_files;
#[cfg(feature = "secret-service")]
mod secret_service;
mod server;
mod silence;
mod sops;
mod static_build;
mod store;
mod supervise;
mod support;
mod surprises;
mod terminal;
mod transcript;
mod units;
mod usage;
mod vault;
mod view;
mod written;

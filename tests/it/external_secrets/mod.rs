//! Manifests of External Secrets.

mod export;
mod source;

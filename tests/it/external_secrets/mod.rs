//! Manifests of External Secrets.

mod export;

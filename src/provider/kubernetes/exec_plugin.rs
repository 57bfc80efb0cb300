//! Credential plugins (`exec` in a kubeconfig): a program that prints an `ExecCredential`. Its standard error goes
//! to the user. The answer is never shown.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value as Json, json};

use super::access::{ExecPlugin, PluginCluster};
use super::error::PluginError;
use super::kubeconfig::BASE64;
use super::yaml::Node;
use crate::provider::doctor::is_rfc3339;
use crate::provider::withheld::is_always_withheld;
use crate::secret::Value;
use crate::sys::program::{HelperProgram, find_in_path};

/// The largest answer of a plugin, in bytes.
const ANSWER_LIMIT: usize = 1 << 20;

/// What a plugin gave: a token, a client certificate with its key, or both.
#[derive(Debug)]
pub(super) struct PluginCredentials {
    pub(super) token: Option<Value>,
    pub(super) certificate: Option<(Value, Value)>,
}

impl ExecPlugin {
    /// Runs the program and reads its answer.
    pub(super) async fn run(&self, patience: Duration) -> Result<PluginCredentials, PluginError> {
        let is_terminal = std::io::stdin().is_terminal();
        let is_interactive = is_terminal && self.entry.interactive_mode != "Never";
        if self.entry.interactive_mode == "Always" && !is_terminal {
            return Err(PluginError::NoTerminal);
        }
        let program = HelperProgram {
            file: self.file()?,
            arguments: self.entry.arguments.iter().map(OsString::from).collect(),
            environment: self.environment(is_interactive),
            is_interactive,
        };
        let ended = program.run(ANSWER_LIMIT, patience).await.map_err(PluginError::NotRun)?;
        match ended.status {
            Some(0) => self.read(&ended.output),
            Some(status) => Err(PluginError::Failed(status)),
            None => Err(PluginError::Killed),
        }
    }

    fn file(&self) -> Result<PathBuf, PluginError> {
        let command = &self.entry.command;
        if command.contains('/') {
            return Ok(PathBuf::from(command));
        }
        let path = self.environment.verbatim("PATH").unwrap_or_default();
        find_in_path(command, path)
            .ok_or_else(|| PluginError::NotFound { hint: self.entry.install_hint.clone() })
    }

    /// The inherited variables without hushed's own, those of the entry, and what it is told.
    fn environment(&self, is_interactive: bool) -> Vec<(OsString, OsString)> {
        let own = |name: &OsStr| self.entry.environment.iter().any(|(known, _)| **known == *name);
        let is_withheld = |name: &OsStr| name.to_str().is_some_and(is_always_withheld);
        let text = |value: &Value| OsStr::from_bytes(value.expose()).to_owned();
        let inherited = self.environment.iter();
        let inherited = inherited.filter(|v| !own(&v.name) && !is_withheld(&v.name));
        let inherited = inherited.map(|variable| (variable.name.clone(), text(&variable.value)));
        let own = self.entry.environment.iter();
        let own = own.map(|(name, value)| (OsString::from(name), text(value)));
        let info = self.info(is_interactive).to_string();
        inherited.chain(own).chain([("KUBERNETES_EXEC_INFO".into(), info.into())]).collect()
    }

    fn info(&self, is_interactive: bool) -> Json {
        let mut spec = json!({ "interactive": is_interactive });
        if let Some(cluster) = &self.cluster {
            spec["cluster"] = cluster.to_json();
        }
        json!({
            "kind": "ExecCredential",
            "apiVersion": self.entry.api_version,
            "spec": spec,
        })
    }

    fn read(&self, answer: &[u8]) -> Result<PluginCredentials, PluginError> {
        let node =
            Node::parse(answer).map_err(|_| PluginError::Answer("is neither JSON nor YAML"))?;
        let text = |node: &Node, key: &str| match node.get(key) {
            None => Ok(None),
            Some(Node::Text(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(_) => Err(PluginError::Answer("has a field that is not a string")),
        };
        let kind = text(&node, "kind")?;
        if kind.is_some_and(|kind| kind.expose() != b"ExecCredential") {
            return Err(PluginError::Answer("is not an ExecCredential"));
        }
        let version = text(&node, "apiVersion")?;
        if version.is_none_or(|version| version.expose() != self.entry.api_version.as_bytes()) {
            return Err(PluginError::Answer("has another apiVersion than the kubeconfig"));
        }
        let status = node.get("status").ok_or(PluginError::Answer("has no status"))?;
        let expiry = text(status, "expirationTimestamp")?;
        if expiry.is_some_and(|text| !text.expose_str().is_some_and(is_rfc3339)) {
            return Err(PluginError::Answer("has an expirationTimestamp that is not a time"));
        }
        let token = text(status, "token")?;
        let certificate = text(status, "clientCertificateData")?;
        let certificate = match (certificate, text(status, "clientKeyData")?) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(PluginError::Answer("has only one of client certificate and key")),
        };
        if token.is_none() && certificate.is_none() {
            return Err(PluginError::Answer("has neither a token nor a client certificate"));
        }
        Ok(PluginCredentials { token, certificate })
    }
}

impl PluginCluster {
    fn to_json(&self) -> Json {
        let mut cluster = json!({ "server": self.server });
        let mut add = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                cluster[name] = value;
            }
        };
        let text = |text: &str| (!text.is_empty()).then(|| Json::from(text));
        let value = |value: &Option<Value>| text(value.as_ref()?.expose_str()?);
        add("tls-server-name", text(&self.tls_server_name));
        add("insecure-skip-tls-verify", self.insecure.then_some(Json::Bool(true)));
        let authority = self.authority.as_ref().map(|pem| BASE64.encode(pem.expose()));
        add("certificate-authority-data", authority.map(Json::from));
        add("proxy-url", value(&self.proxy_url));
        add("config", self.config.as_ref().map(Node::to_json));
        cluster
    }
}

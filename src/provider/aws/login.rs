//! Obtains the credentials that the chain selected: reads files, runs the program, asks the metadata services, STS
//! or IAM Identity Center. Each provider is tried once; what it says is final.

use std::time::{Duration, SystemTime};

use super::call::{Call, Repetition, xml_text};
use super::credential_plan::{Provider, Role, WebIdentity, WebIdentityToken};
use super::endpoint::Service;
use super::environment::Variables;
use super::error::{Error, Refusal};
use super::keys::Keys;
use super::resolve::{Region, Resolved, read_file};
use super::sigv4::Signer;
use super::{login_session, metadata, process, sso, time};
use crate::config::Environment;
use crate::http::{self, Client, FieldValue, Request, RequestBody, Response};
use crate::secret::Value;

/// The media type of a request to STS.
pub(super) const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// What a login needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login<'a> {
    pub(super) http: &'a Client,
    pub(super) resolved: &'a Resolved,
    pub(super) environment: &'a Environment,
    /// How long a program may take.
    pub(super) timeout: Duration,
    /// Whether no file may be written and no program run.
    pub(super) disk_free: bool,
}

impl Login<'_> {
    /// The region: the configured one, or that of the instance.
    pub(super) async fn region(&self) -> Result<String, Error> {
        match &self.resolved.region {
            Region::Known(region) => Ok(region.clone()),
            Region::OfInstance(metadata) => metadata::region(self.http, metadata).await,
        }
    }

    /// The credentials, after all roles are assumed.
    pub(super) async fn keys(&self, region: &str) -> Result<Keys, Error> {
        let mut keys = self.base(region).await?;
        for role in &self.resolved.credentials.roles {
            keys = self.assume(role, &keys, region).await?;
        }
        Ok(keys)
    }

    async fn base(&self, region: &str) -> Result<Keys, Error> {
        match &self.resolved.credentials.base {
            Provider::Static { keys, .. } => Ok(keys.clone()),
            Provider::WebIdentity(identity) => self.web_identity(identity, region).await,
            Provider::Sso(settings) => sso::keys(self, settings).await,
            Provider::Login(session) => login_session::keys(self, session, region).await,
            Provider::Process(_) if self.disk_free => {
                Err(Error::DiskFree { what: "credential_process runs a program" })
            }
            Provider::Process(command) => {
                process::keys(command, self.environment, self.timeout).await
            }
            Provider::Container(container) => metadata::container(self.http, container).await,
            Provider::InstanceMetadata(settings) => metadata::instance(self.http, settings).await,
        }
    }

    async fn web_identity(&self, identity: &WebIdentity, region: &str) -> Result<Keys, Error> {
        let (token, place) = match &identity.token {
            WebIdentityToken::File(path) => {
                let token = read_file(path)?.ok_or_else(|| Error::Unreadable {
                    path: path.clone(),
                    source: std::io::ErrorKind::NotFound.into(),
                })?;
                (token, format!("the web identity token file `{}`", path.display()))
            }
            WebIdentityToken::OfJob(token) => {
                let token = token.obtain(self.http).await?;
                let credential = token.credential();
                let value = Value::from(credential.value.expose().trim_ascii());
                (value, format!("the ID token from {}", credential.origin))
            }
        };
        let token = token.expose_str().filter(|token| token.len() >= 4);
        let token = token.ok_or_else(|| Error::Provider {
            provider: place,
            problem: "it holds no token".to_owned(),
            hint: "check what writes it".to_owned(),
        })?;
        let role = &identity.role;
        let form = form("AssumeRoleWithWebIdentity", role, &[("WebIdentityToken", token)]);
        self.sts("AssumeRoleWithWebIdentity", &form, None, region).await
    }

    async fn assume(&self, role: &Role, keys: &Keys, region: &str) -> Result<Keys, Error> {
        let duration = role.duration.map(|seconds| seconds.to_string());
        let mut more = Vec::new();
        more.extend(role.external_id.as_deref().map(|id| ("ExternalId", id)));
        more.extend(duration.as_deref().map(|seconds| ("DurationSeconds", seconds)));
        self.sts("AssumeRole", &form("AssumeRole", role, &more), Some(keys), region).await
    }

    /// Asks STS for the credentials of a role, signed with these keys or not at all.
    async fn sts(
        &self,
        operation: &'static str,
        form: &Value,
        keys: Option<&Keys>,
        region: &str,
    ) -> Result<Keys, Error> {
        let service = Service::Sts;
        let url = self.resolved.endpoints.url(service, region)?;
        let (attempts, repetition) = (self.resolved.attempts, Repetition::Harmless);
        let call = Call { http: self.http, service, operation, attempts, repetition };
        let request = || {
            let body = RequestBody { content_type: FORM, bytes: form.clone() };
            let request = Request::post_body(&url, body)
                .with_field("accept", FieldValue::Public("text/xml".to_owned()));
            let Some(keys) = keys else { return Ok(request) };
            let (service, now) = (service.signing_name(), SystemTime::now());
            request.authorized(&Signer { keys, region, service, now })
        };
        match call.send(request).await? {
            Ok(response) => sts_keys(&response).ok_or_else(|| call.not_understood()),
            Err(refusal) => Err(call.refused(refusal)),
        }
    }

    /// Sends an unsigned request of IAM Identity Center.
    pub(super) async fn unsigned(
        &self,
        service: Service,
        operation: &'static str,
        request: impl Fn() -> Result<Request, http::Error>,
    ) -> Result<Result<Response, Refusal>, Error> {
        let attempts = self.resolved.attempts;
        let repetition = Repetition::Harmless;
        Call { http: self.http, service, operation, attempts, repetition }.send(request).await
    }

    pub(super) fn variables(&self) -> Variables<'_> {
        Variables(self.environment)
    }
}

/// The form of a request to STS.
fn form(action: &str, role: &Role, more: &[(&str, &str)]) -> Value {
    let session = role
        .session
        .clone()
        .unwrap_or_else(|| format!("hushed-{}", time::unix_seconds(SystemTime::now())));
    let fields = [
        ("Action", action),
        ("Version", "2011-06-15"),
        ("RoleArn", &role.arn),
        ("RoleSessionName", &session),
    ];
    let mut form = url::form_urlencoded::Serializer::new(String::with_capacity(16 << 10));
    form.extend_pairs(fields).extend_pairs(more);
    Value::new(form.finish().into_bytes())
}

/// Reads the credentials in an answer of STS, which is XML.
fn sts_keys(response: &Response) -> Option<Keys> {
    let text = std::str::from_utf8(&response.body).ok()?;
    let (_, credentials) = text.split_once("<Credentials>")?;
    let secret = |name| Some(Value::new(xml_text(credentials, name)?.into_bytes()));
    Some(Keys {
        access_key: xml_text(credentials, "AccessKeyId")?,
        secret_key: secret("SecretAccessKey")?,
        session_token: Some(secret("SessionToken")?),
        expires: time::parse(&xml_text(credentials, "Expiration")?),
    })
}

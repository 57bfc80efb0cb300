//! A signed `GetCallerIdentity` request, by which another store has AWS verify the identity of this machine. It is
//! signed here, with the credentials of the chain, and sent by the store.

use std::time::{Duration, SystemTime};

use url::Url;

use super::configure::login_endpoints;
use super::endpoint::Service;
use super::error::Error;
use super::login::{FORM, Login};
use super::resolve::{OwnSettings, Resolved, resolve};
use super::sigv4::Signer;
use super::source::metadata_origins;
use crate::config::{self, Environment, RunSettings};
use crate::http::{Client, FieldValue, Request, RequestBody};
use crate::provider::{self, ProviderError as _};
use crate::secret::Value;

/// The body of the request.
const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// The identity of the AWS credential chain.
#[derive(Clone, Debug)]
pub struct CallerIdentity {
    environment: Environment,
    resolved: Resolved,
    endpoints: Vec<Url>,
    /// How long a program may take.
    timeout: Duration,
    disk_free: bool,
}

/// A request that is signed and not sent yet. The signature is valid for some minutes.
#[derive(Debug)]
pub(crate) struct SignedRequest {
    /// Its method.
    pub(crate) method: &'static str,
    /// Its headers, in their usual spelling.
    pub(crate) headers: Vec<(&'static str, Value)>,
    /// Its body.
    pub(crate) body: &'static str,
}

impl CallerIdentity {
    /// The identity that the environment and the AWS files select, as for AWS CLI v2. Nothing is asked yet.
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self, config::Error> {
        let environment = environment.clone();
        let resolved = resolve(Service::Sts, &OwnSettings::default(), &environment);
        let resolved = resolved.map_err(|error| config::Error::Store {
            hint: error.hint().unwrap_or_default(),
            error: Box::new(error),
        })?;
        let endpoints = login_endpoints(&resolved);
        let (timeout, disk_free) = (Duration::from_mins(1), false);
        Ok(Self { environment, resolved, endpoints, timeout, disk_free })
    }

    /// Takes the limits of this run.
    pub(crate) fn limit(&mut self, run: &RunSettings) {
        (self.timeout, self.disk_free) = (run.timeout, run.disk_free.is_some());
    }

    /// The servers that the credentials come from.
    pub(crate) fn endpoints(&self) -> &[Url] {
        &self.endpoints
    }

    /// Where the credentials come from, for a person.
    pub(crate) fn describe(&self) -> String {
        self.resolved.credentials.describe()
    }

    /// Obtains the credentials, and signs a request to STS in their region.
    pub(crate) async fn sign(&self, http: &Client) -> Result<SignedRequest, provider::Error> {
        let http = http.for_other_server(metadata_origins(&self.resolved));
        let login = Login {
            http: &http,
            resolved: &self.resolved,
            environment: &self.environment,
            timeout: self.timeout,
            disk_free: self.disk_free,
        };
        let region = login.region().await?;
        let keys = login.keys(&region).await?;
        let now = SystemTime::now();
        let signer = Signer { keys: &keys, region: &region, service: "sts", now };
        SignedRequest::new(&region, &signer).ok_or_else(|| Error::BadRegion { region }.into())
    }
}

impl SignedRequest {
    /// Signs the request of `GetCallerIdentity` in this region.
    fn new(region: &str, signer: &Signer<'_>) -> Option<Self> {
        let host = format!("sts.{region}.amazonaws.com");
        let url = Url::parse(&format!("https://{host}/")).ok()?;
        let body = RequestBody { content_type: FORM, bytes: Value::from(BODY) };
        let request = Request::post_body(&url, body).authorized(signer).ok()?;
        let name = |name: &str| {
            Some(match name {
                "authorization" => "Authorization",
                "x-amz-date" => "X-Amz-Date",
                "x-amz-security-token" => "X-Amz-Security-Token",
                _ => return None,
            })
        };
        let of_request = request.headers().filter_map(|(header, field)| {
            let value = match field {
                FieldValue::Public(text) => Value::from(text.as_str()),
                FieldValue::Secret(value) => value.clone(),
            };
            Some((name(header)?, value))
        });
        let own = [
            ("Host", Value::from(host.as_str())),
            ("Content-Type", Value::from(FORM)),
            ("Content-Length", Value::from(BODY.len().to_string())),
        ];
        let headers = of_request.chain(own).collect();
        Some(Self { method: "POST", headers, body: BODY })
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::Keys;
    use super::*;

    #[test]
    fn the_headers_are_those_that_are_signed() {
        let session_token = Some(Value::from("canary-session"));
        let keys = Keys {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret_key: Value::from("canary-secret"),
            session_token,
            expires: None,
        };
        let (region, now) = ("eu-west-1", SystemTime::UNIX_EPOCH + Duration::from_mins(24_015_636));
        let signer = Signer { keys: &keys, region, service: "sts", now };
        let request = SignedRequest::new(region, &signer).unwrap();
        let header = |name: &str| {
            let (_, value) = request.headers.iter().find(|(known, _)| *known == name).unwrap();
            value.expose_str().unwrap().to_owned()
        };
        assert_eq!((request.method, request.body.len()), ("POST", 43));
        assert_eq!(header("Host"), "sts.eu-west-1.amazonaws.com");
        assert_eq!(
            (&*header("Content-Length"), &*header("X-Amz-Date")),
            ("43", "20150830T123600Z")
        );
        assert_eq!(header("X-Amz-Security-Token"), "canary-session");
        let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/sts/aws4_request, \
                     SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=";
        assert!(header("Authorization").starts_with(start), "{}", header("Authorization"));
    }
}

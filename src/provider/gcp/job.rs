//! The login of a CI job: its ID token is exchanged by workload identity federation, and the identity in the pool may
//! impersonate a service account.

use url::Url;

use super::configure::{checked, form, trust_subject};
use super::credentials::{Credentials, Identity, Impersonation, Lookup};
use super::federation::Federation;
use super::schema;
use crate::config::schema::ID_TOKEN;
use crate::config::{Error, Layers, Origin, TrustRecords};
use crate::provider::identity::id_token::IdTokenSetting;

/// The credentials of a CI job, if the source has a workload identity provider. A variable that sets `id-token` for all
/// sources concerns only those.
pub(super) fn credentials(
    layers: &Layers<'_>,
    trust: &TrustRecords,
    universe: &str,
) -> Result<Option<Credentials>, Error> {
    let setting = IdTokenSetting::find(layers)?;
    let is_account = |text: &str| text.contains('@') && text.bytes().all(is_account_byte);
    let what = "the email address of a service account";
    let account = checked(layers, &schema::SERVICE_ACCOUNT, what, is_account)?;
    let what = "a workload identity provider: \
                projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER";
    let key = &schema::WORKLOAD_IDENTITY_PROVIDER;
    let Some(provider) = checked(layers, key, what, is_provider)? else {
        let is_own = layers.table(&ID_TOKEN).is_some() && setting.is_some();
        return if is_own || account.is_some() {
            let hint =
                "set `workload-identity-provider`, which `id-token` and `service-account` require";
            Err(Error::Required { what: "workload identity provider", hint })
        } else {
            Ok(None)
        };
    };
    let setting = setting.ok_or(Error::Required {
        what: "ID token for the workload identity provider",
        hint: "set `id-token`, which `workload-identity-provider` requires",
    })?;
    if layers.table(&schema::CREDENTIALS_FILE).is_some() {
        let what = "`credentials-file` and `workload-identity-provider` exclude each other";
        return Err(Error::Conflict { what });
    }
    // One of the two audiences that a provider accepts by default.
    let token = setting.take(layers, Some(&format!("https://iam.googleapis.com/{provider}")))?;
    token.check_trust(&trust_subject(layers)?.server, trust)?;
    let service = |name, path: &str| service(layers, universe, name, path);
    let impersonation = account.map(|account| {
        let path = format!("v1/projects/-/serviceAccounts/{account}:generateAccessToken");
        Ok::<_, Error>(Impersonation {
            url: service("iamcredentials", &path)?,
            delegates: Vec::new(),
        })
    });
    let place = format!("the ID token from {}", token.credential().origin);
    let federation = Federation::of_job(token, &provider, service("sts", "v1/token")?);
    Ok(Some(Credentials {
        base: Identity::Federation(Box::new(federation)),
        impersonation: impersonation.transpose()?,
        place,
        project: None,
        quota_project: None,
    }))
}

/// The address of a method of a service: below the address that gcloud's variable for it sets, or the public one.
fn service(layers: &Layers<'_>, universe: &str, name: &str, path: &str) -> Result<Url, Error> {
    let variable = format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{}", name.to_ascii_uppercase());
    let environment = layers.environment();
    let set = environment.text(&variable).map(|text| text.to_string_lossy().into_owned());
    let base = set.unwrap_or_else(|| format!("https://{name}.{universe}/"));
    let text = format!("{}/{path}", base.trim_end_matches('/'));
    let lookup = Lookup { of_job: None, own: None, environment, universe };
    let url = lookup.url(&text, "", "").ok();
    form(&base, &Origin::Variable(variable.into()), "the address of a service of Google Cloud", url)
}

/// Whether a text is the resource name of a provider: no other path can come of it.
fn is_provider(text: &str) -> bool {
    let parts: Vec<_> = text.split('/').collect();
    let is_id = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    matches!(
        &*parts,
        ["projects", number, "locations", location, "workloadIdentityPools", pool, "providers", provider]
            if [number, location, pool, provider].into_iter().all(|part| is_id(part))
    )
}

fn is_account_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"@.-_".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_known_by_its_full_name() {
        let name = "projects/123/locations/global/workloadIdentityPools/ci/providers/github";
        for (text, want) in [
            (name.to_owned(), true),
            (format!("//iam.googleapis.com/{name}"), false),
            (format!("{name}/x"), false),
            (name.replace("github", "a?b"), false),
            (name.replace("/ci/", "//"), false),
            ("github".to_owned(), false),
        ] {
            assert_eq!(is_provider(&text), want, "{text}");
        }
    }
}

//! `hushed export --format external-secret` and `secret-store`: each manifest is checked against the schema of what the
//! `CustomResourceDefinition`s demand, by a program that knows JSON Schema. The manifests themselves are in
//! tests/cmd/external-secrets.md.

use std::{fs, io::Write as _, process::Command};

use crate::recipes::snippet::python;
use crate::support::sandbox::{Output, Sandbox};

/// Configurations, one for each kind of store, login and variable.
const CONFIGURATIONS: [&str; 8] = [
    r#"
[source.shop]
type = "infisical"
project = "shop"
env = "prod"
path = "/api"
organization = "acme"
ca-file = "ca.crt"
"#,
    r#"
[source.shop]
type = "infisical"
domain = "https://secrets.example"
project = "shop"
method = "kubernetes"
deliver = false
[env]
LOG_LEVEL = "info {{ x }}"
A = "shop://api/db#PASSWORD"
B = "shop://api/db#/CONFIG/a.b/0"
C = { ref = "shop://#TOP", required = false }
URL = { template = "x://{{ u }}:{{ p | urlencode }}@db", u = "shop://db#USER", p = "shop://db#PASS" }
"#,
    r#"
[source.main]
type = "vault"
address = "https://vault.example:8200"
namespace = "team"
mount = "secret"
kv = "1"
role-id = "web-role"
path = ["app/web", "app/db"]
"#,
    r#"
[source.main]
type = "vault"
address = "https://vault.example:8200"
method = "kubernetes"
role = "web"
deliver = false
[env]
PASSWORD = "main://secret/app#tls.key"
OLD = "main://secret/app?version=3&encoding=base64#old"
[env.from."main://secret/db"]
shape = "database"
[env.from."main://secret/other-db"]
shape = "database"
prefix = "REPORTS_"
[env.from."main://secret/tls"]
shape = "tls"
[env.from."main://secret/stripe"]
shape = "api-key"
prefix = "STRIPE_KEY"
[env.from."main://secret/app"]
prefix = "APP_"
rename = { APP_HOME = "APP_DIRECTORY" }
"#,
    r#"
[source.sm]
type = "aws-sm"
region = "eu-west-1"
json = true
secrets = ["app/db", "app/key?stage=AWSPREVIOUS"]
[source.ssm]
type = "aws-ssm"
region = "eu-west-1"
path = "/app/prod"
parameters = ["/shared/token:3"]
"#,
    r#"
[source.sm]
type = "aws-sm"
region = "eu-west-1"
access-key-id = "AKIAEXAMPLE"
secret-access-key-file = "key"
session-token-file = "token"
deliver = false
[source.kube]
type = "kubernetes"
namespace = "apps"
secret = "web"
[env]
A = "sm://app/db?version=00000000-1111-2222-3333-444444444444#password"
B = "kube://other#tls.key"
"#,
    r#"
[source.a]
type = "vault"
address = "https://vault.example"
method = "jwt"
auth-mount = "auth/ci"
role = "web"
deliver = false
[source.b]
type = "vault"
address = "https://vault.example"
method = "ldap"
username = "web"
deliver = false
[source.c]
type = "vault"
address = "https://vault.example"
method = "cert"
deliver = false
[source.d]
type = "vault"
address = "https://vault.example"
method = "userpass"
username = "web"
ca-file = "ca.crt"
deliver = false
[env]
A = "a://secret/x#k"
B = "b://secret/x#k"
C = "c://secret/x#k"
D = "d://secret/x#k"
"#,
    r#"
[source.g]
type = "gcp-sm"
project = "my-project"
location = "europe-west3"
newest-enabled = true
json = true
secrets = ["db", "projects/my-project/locations/europe-west3/secrets/key/versions/3"]
[source.h]
type = "gcp-sm"
project = "my-project"
credentials-file = "key.json"
deliver = false
[source.i]
type = "azure-kv"
vault = "my-vault"
client-id = "11111111-1111-1111-1111-111111111111"
json = false
secrets = ["api-key"]
[source.j]
type = "azure-kv"
vault = "https://my-vault.vault.azure.cn"
tenant-id = "00000000-0000-0000-0000-000000000000"
client-secret-file = "secret"
deliver = false
[source.k]
type = "azure-kv"
vault = "my-vault"
tenant-id = "00000000-0000-0000-0000-000000000000"
id-token = "github"
deliver = false
[source.l]
type = "azure-kv"
vault = "my-vault"
tenant-id = "00000000-0000-0000-0000-000000000000"
client-certificate = "client.pem"
deliver = false
[env]
A = "h://token?version=prod"
B = "j://db#password"
C = "k://db"
D = "l://db?version=0123456789abcdef0123456789abcdef#/a/0"
"#,
];

fn export(sandbox: &Sandbox, format: &str, options: &[&str]) -> Output {
    let arguments = ["export", "--format", format].into_iter().chain(options.iter().copied());
    sandbox.run(arguments)
}

#[test]
fn manifests_satisfy_the_schema_of_the_operator() {
    let Some(python) = python("check_jsonschema") else {
        let skipped = b"skipped: no check-jsonschema: manifests are not checked against a schema\n";
        std::io::stderr().write_all(skipped).unwrap();
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (at, configuration) in CONFIGURATIONS.into_iter().enumerate() {
        let sandbox = Sandbox::new().file("hushed.toml", configuration);
        let cluster = ["--cluster-store", "--namespace", "apps", "--service-account", "web"];
        let merge =
            ["--creation-policy", "merge", "--refresh-interval", "15m", "--manifest-name", "app"];
        for format in ["external-secret", "secret-store"] {
            for options in [&[][..], &cluster, &merge] {
                let output = export(&sandbox, format, options).success();
                for (part, text) in output.stdout.split("---\n").enumerate() {
                    let name = format!("{at}-{format}-{}-{part}.yaml", options.len());
                    files.push(directory.path().join(name));
                    fs::write(files.last().unwrap(), text).unwrap();
                }
            }
        }
    }
    let schema =
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/external_secrets/manifests.schema.json");
    let check = |files: &[std::path::PathBuf]| {
        let mut command = Command::new(&python);
        command.args(["-m", "check_jsonschema", "--schemafile", schema]).args(files);
        command.output().unwrap()
    };
    let output = check(&files);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    // The schema refuses what the operator would refuse.
    let wrong = directory.path().join("wrong.yaml");
    let text = fs::read_to_string(&files[0]).unwrap().replace("refreshInterval", "refreshEvery");
    fs::write(&wrong, text).unwrap();
    assert!(!check(&[wrong]).status.success());
}

#[test]
fn what_a_manifest_cannot_say_is_an_error_with_its_place() {
    const VAULT: &str =
        "[source.v]\ntype = \"vault\"\naddress = \"https://v.example\"\nmethod = \"token\"\n";
    for (configuration, options, want) in [
        (
            "[source.a]\ntype = \"dotenv\"\nfile = \".env\"\n",
            &[][..],
            "External Secrets has no store for the source `a` of type `dotenv`",
        ),
        (
            &format!("{VAULT}deliver = false\n[env]\nA = \"v://secret/app\"\n"),
            &[],
            "hushed.toml:7:1: `A`: the reference names no key",
        ),
        (
            &format!(
                "{VAULT}deliver = false\n[env]\nA = {{ ref = \"v://s/a#k\", default = \"x\" }}\n"
            ),
            &[],
            "hushed.toml:7:1: `A`: an ExternalSecret has no default values",
        ),
        (
            &format!("{VAULT}deliver = false\n[env]\nA = \"v://s/a?encoding=hex#k\"\n"),
            &[],
            "`A`: `encoding=hex` has no counterpart",
        ),
        (
            &format!(
                "{VAULT}deliver = false\n[env]\nA = {{ template = \"{{{{ x | upper }}}}\", x = \"v://s/a#k\" }}\n"
            ),
            &[],
            "a filter other than `urlencode`",
        ),
        (
            &format!("{VAULT}path = \"secret/app\"\n[run]\nprefix = \"APP_\"\n"),
            &[],
            "hushed.toml:7:1: `prefix` cannot be part of a manifest",
        ),
        (
            &format!("{VAULT}path = \"secret/app\"\n"),
            &["--refresh-interval", "1 hour"],
            "--refresh-interval: `1 hour` is no duration",
        ),
        (
            &format!("{VAULT}path = \"secret/app\"\n"),
            &["--manifest-name", "My_App"],
            "--manifest-name: `My_App` is no name of an object",
        ),
        (
            &format!("{VAULT}path = \"secret/app\"\n"),
            &["--creation-policy", "None"],
            "creation policy",
        ),
        (
            "[source.i]\ntype = \"infisical\"\nproject = \"shop\"\npath = [\"/a\", \"/b\"]\n",
            &[],
            "it has 2 folders",
        ),
        (
            "[source.s]\ntype = \"aws-sm\"\nregion = \"eu-west-1\"\nsecrets = \"app\"\n",
            &[],
            "whether `app` is a JSON object, only the store knows",
        ),
        (
            "[source.g]\ntype = \"gcp-sm\"\nproject = \"p1\"\njson = true\nsecrets = \"other/db\"\n",
            &[],
            "`projects/other/secrets/db` is in another one",
        ),
        (
            "[source.g]\ntype = \"gcp-sm\"\nproject = \"p1\"\nfilter = \"labels.a=b\"\n",
            &[],
            "a list of secrets (`name-prefix`, `filter`, `all`) cannot be part of a manifest",
        ),
        (
            "[source.a]\ntype = \"azure-kv\"\nvault = \"my-vault\"\nsecrets = \"db\"\n",
            &[],
            "whether `db` is a JSON object, only the store knows",
        ),
    ] {
        let sandbox = Sandbox::new().file("hushed.toml", configuration);
        let output = export(&sandbox, "external-secret", options);
        assert!(output.stderr.contains(want), "{configuration}: {}", output.stderr);
        assert!(output.stdout.is_empty() && !output.status.success(), "{}", output.stderr);
    }
    for (options, want) in [
        (&["--cluster-store"][..], "--cluster-store requires --namespace"),
        (&[], "the source `i`: the manifest needs the slug of the project, not its ID"),
    ] {
        let id = "project = \"00000000-1111-2222-3333-444444444444\"";
        let configuration = format!("[source.i]\ntype = \"infisical\"\n{id}\n");
        let sandbox = Sandbox::new().file("hushed.toml", configuration);
        let output = export(&sandbox, "secret-store", options);
        assert!(output.stderr.contains(want), "{}", output.stderr);
    }
    let sandbox = Sandbox::new().file(".env", "A=1\n");
    let output = export(&sandbox, "dotenv", &["--env-file", ".env", "--cluster-store"]);
    assert!(output.stderr.contains("--cluster-store"), "{}", output.stderr);
}

#[test]
fn a_store_of_a_cloud_that_lacks_something_says_what_to_set() {
    for (settings, want) in [
        ("type = \"gcp-sm\"", "the source `s`: it has no project"),
        (
            "type = \"gcp-sm\"\nproject = \"p1\"\nendpoint = \"https://x.example\"",
            "no `endpoint` for Google Secret Manager",
        ),
        (
            "type = \"azure-kv\"\nvault = \"https://vault.example\"",
            "it has no vault in a domain of Azure",
        ),
        (
            "type = \"azure-kv\"\nvault = \"my-vault\"\nmethod = \"azure-cli\"",
            "the operator has no login `azure-cli` for Azure",
        ),
        (
            "type = \"azure-kv\"\nvault = \"my-vault\"\nmethod = \"client-secret\"",
            "the login needs a tenant",
        ),
    ] {
        let sandbox = Sandbox::new().file("hushed.toml", format!("[source.s]\n{settings}\n"));
        let output = export(&sandbox, "secret-store", &[]);
        assert!(output.stderr.contains(want), "{}", output.stderr);
    }
}

//! The recipes for CI: the schemas of both systems accept them, and the steps run, with servers on loopback in place
//! of GitHub, GitLab and Infisical.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    thread,
};

use ring::digest::{SHA256, digest};
use serde_json::Value;

use super::{missing, server, skipped, snippet};
use crate::support::{
    infisical::Server,
    sandbox::{Sandbox, hushed},
};

const JWT: &str = "canary.of.a-build";
const MAKEFILE: &str = "test:\n\t@echo \"$${#DATABASE_URL} $$DATABASE_URL $$INFISICAL_JWT\"\n";
/// What `make test` prints: the value is redacted, and the JWT is not inherited.
const TESTED: &str = "20 [hushed:DATABASE_URL] \n";

/// Returns the one document of a snippet, or says why it cannot be read.
fn parsed(document: &str, what: &str) -> Option<Value> {
    let parsed = snippet::yaml(&snippet::find(document, what));
    if parsed.is_none() {
        skipped("no python3 with PyYAML");
    }
    Some(parsed?.unwrap()[0].take())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Returns our PATH, with these directories in front.
fn with_path(directories: impl IntoIterator<Item = PathBuf>) -> OsString {
    let ours = env::var_os("PATH").unwrap();
    env::join_paths(directories.into_iter().chain(env::split_paths(&ours))).unwrap()
}

/// Makes a home with the variables of a job, whose placeholders mean what is on the server.
fn job(server: &Server, variables: &Value, expand: impl Fn(&str) -> String) -> Sandbox {
    let sandbox = Sandbox::new().address(server).file("Makefile", MAKEFILE);
    let sandbox = sandbox.env("PATH", with_path(hushed().parent().map(PathBuf::from)));
    let variables = variables.as_object().unwrap().iter();
    variables
        .fold(sandbox, |sandbox, (name, value)| sandbox.env(name, expand(value.as_str().unwrap())))
}

#[test]
fn the_workflow_of_github_runs() {
    if let Some(program) = missing(&["bash", "curl", "make", "sha256sum"]) {
        return skipped(&format!("{program} is not installed"));
    }
    let Some(workflow) = parsed("ci.md", "HUSHED_ID_TOKEN: github") else { return };
    let infisical = server("oidc-auth", JWT);
    // What a runner downloads is the program under test.
    let program = format!("#!/bin/sh\nexec '{}' \"$@\"\n", hushed().display());
    let checksum = hex(digest(&SHA256, program.as_bytes()).as_ref());
    let github = serve(vec![
        ("/hushed", String::new(), program),
        (
            "/token?api-version=2.0",
            "authorization: bearer made-up".to_owned(),
            format!("{{\"count\":1,\"value\":\"{JWT}\"}}"),
        ),
    ]);
    let (project, identity) = ids(&infisical);
    let expand = |text: &str| {
        text.replace("${{ vars.INFISICAL_IDENTITY }}", &identity)
            .replace("${{ vars.INFISICAL_PROJECT }}", &project)
            .replace("${{ vars.HUSHED_URL }}", &format!("{github}/hushed"))
            .replace("${{ vars.HUSHED_SHA256 }}", &checksum)
    };
    let job_of_workflow = &workflow["jobs"]["test"];
    let sandbox = job(&infisical, &job_of_workflow["env"], expand)
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{github}/token?api-version=2.0"))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "made-up");
    let sandbox = sandbox.env("PATH", env::var_os("PATH").unwrap());
    let temporary = sandbox.home().join("tmp");
    let added = temporary.join("path");
    let mut sandbox = sandbox.env("RUNNER_TEMP", &temporary).env("GITHUB_PATH", &added);
    let mut written = String::new();
    for step in job_of_workflow["steps"].as_array().unwrap() {
        let Some(script) = step["run"].as_str() else { continue };
        let own = step["env"].as_object().cloned().unwrap_or_default();
        let run = sandbox.program("bash", ["-e", "-c", script]);
        let run = own
            .iter()
            .fold(run, |run, (name, value)| run.env(name, expand(value.as_str().unwrap())));
        written = run.run().success().stdout;
        let directories = fs::read_to_string(&added).unwrap_or_default();
        sandbox = sandbox.env("PATH", with_path(directories.lines().map(PathBuf::from)));
    }
    assert_eq!(written, TESTED);
}

#[test]
fn the_job_of_gitlab_runs() {
    if let Some(program) = missing(&["make"]) {
        return skipped(&format!("{program} is not installed"));
    }
    let Some(pipeline) = parsed("ci.md", "id_tokens:") else { return };
    let infisical = server("oidc-auth", JWT);
    let (project, identity) = ids(&infisical);
    let job_of_pipeline = &pipeline["test"];
    let sandbox = job(&infisical, &job_of_pipeline["variables"], |text| {
        text.replace("00000000-0000-0000-0000-000000000000", &identity)
            .replace("11111111-1111-1111-1111-111111111111", &project)
    });
    let [token] = &*job_of_pipeline["id_tokens"].as_object().unwrap().keys().collect::<Vec<_>>()
    else {
        panic!("one token")
    };
    let sandbox = sandbox.env(*token, JWT);
    let script = job_of_pipeline["script"].as_array().unwrap();
    let script: Vec<&str> = script.iter().map(|line| line.as_str().unwrap()).collect();
    let run = sandbox.program("sh", ["-e", "-c", &script.join("\n")]).run().success();
    assert_eq!(run.stdout, TESTED);
}

#[test]
fn the_schemas_accept_them() {
    let Some(python) = snippet::python("check_jsonschema") else {
        return skipped(
            "no check-jsonschema: the pipelines are not compared with the schemas of GitHub, GitLab and Compose",
        );
    };
    for (schema, document, what) in [
        ("vendor.github-workflows", "ci.md", "HUSHED_ID_TOKEN: github"),
        ("vendor.gitlab-ci", "ci.md", "id_tokens:"),
        ("vendor.compose-spec", "docker.md", "services:"),
    ] {
        let file = tempfile::Builder::new().suffix(".yml").tempfile().unwrap();
        let text = snippet::find(document, what);
        fs::write(file.path(), &text).unwrap();
        let check = |path| {
            let mut command = Command::new(&python);
            command.args(["-m", "check_jsonschema", "--builtin-schema", schema]).arg(path);
            command.output().unwrap()
        };
        let output = check(file.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        // A mistake is found, or the check says nothing.
        let broken = text.replace("runs-on:", "runs-of:").replace("script:", "scripd:");
        fs::write(file.path(), broken.replace("services:", "services: 1\nx:")).unwrap();
        assert!(!check(file.path()).status.success(), "{schema}");
    }
}

fn ids(server: &Server) -> (String, String) {
    server.world(|world| {
        let project = world.project_by_slug("shop").unwrap().id.clone();
        (project, world.edit_identity("recipe").id.clone())
    })
}

/// Serves pages on loopback until the test process ends: path, a header that a request must have, and body.
fn serve(pages: Vec<(&'static str, String, String)>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(&mut stream.unwrap(), &pages);
        }
    });
    format!("http://{address}")
}

fn answer(stream: &mut TcpStream, pages: &[(&str, String, String)]) {
    let lines = BufReader::new(&mut *stream).lines().map(Result::unwrap);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = head[0].split(' ').nth(1).unwrap();
    let has = |header: &str| {
        header.is_empty() || head.iter().any(|line| line.eq_ignore_ascii_case(header))
    };
    let page = pages.iter().find(|(known, header, _)| *known == path && has(header));
    let (status, body) = page.map_or(("404 Not Found", ""), |(_, _, body)| ("200 OK", body));
    let length = body.len();
    let reply =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    stream.write_all(reply.as_bytes()).unwrap();
}

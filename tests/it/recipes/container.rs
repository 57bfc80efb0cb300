//! The recipes for containers: what an image or a pod would start is started, with a server on loopback.

use serde_json::Value;

use super::{root, server, skipped, snippet};
use crate::support::{
    infisical::Server,
    sandbox::{Sandbox, hushed},
};

const JWT: &str = "canary-of-a-pod";
const INSTRUCTIONS: [&str; 12] = [
    "FROM",
    "COPY",
    "RUN",
    "WORKDIR",
    "USER",
    "ENTRYPOINT",
    "CMD",
    "ENV",
    "ARG",
    "LABEL",
    "EXPOSE",
    "ADD",
];

/// Returns the instructions of a Dockerfile, with what continues them.
fn instructions(text: &str) -> Vec<(String, String)> {
    let text = text.replace("\\\n", " ");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parted = lines.map(|line| line.split_once(' ').unwrap_or((line, "")));
    parted.map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect()
}

/// Returns the words of an instruction in its JSON form.
fn words(instructions: &[(String, String)], name: &str) -> Vec<String> {
    let found = instructions.iter().find(|(known, _)| known == name);
    found.map_or(Vec::new(), |(_, words)| serde_json::from_str(words).unwrap())
}

/// Describes what is wrong with a Dockerfile: an unknown instruction, or a command line that hushed does not understand.
pub(super) fn dockerfile_fault(text: &str) -> Option<String> {
    let instructions = instructions(text);
    let unknown = instructions.iter().find(|(name, _)| !INSTRUCTIONS.contains(&name.as_str()));
    if let Some((name, _)) = unknown {
        return Some(format!("unknown instruction {name}"));
    }
    let line = [words(&instructions, "ENTRYPOINT"), words(&instructions, "CMD")].concat();
    let first = line.first().map(|program| program.trim_start_matches('/'));
    if first != Some("hushed") || line.len() == 1 {
        return None;
    }
    let parsed = hushed::cli::definition().try_get_matches_from(&line);
    parsed.err().filter(clap::Error::use_stderr).map(|error| error.to_string())
}

#[test]
fn the_images_of_the_repository_are_well_formed() {
    for name in ["Dockerfile", "examples/container/Containerfile"] {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        assert_eq!(dockerfile_fault(&text), None, "{name}");
        assert_eq!(instructions(&text)[0], ("FROM".to_owned(), "scratch".to_owned()), "{name}");
    }
    assert!(dockerfile_fault("FORM scratch\n").is_some());
    assert!(
        dockerfile_fault("ENTRYPOINT [\"hushed\", \"run\", \"--no-such\", \"--\"]\n").is_some()
    );
}

/// Starts a command line in a home that has the variables of a container.
fn start(sandbox: &Sandbox, line: &[String], program: [&str; 3]) -> String {
    assert_eq!(line.first().map(String::as_str), Some("hushed"));
    let split = line.iter().position(|word| word == "--").unwrap();
    let flags = line[1..=split].iter().map(String::as_str);
    let run = sandbox.program(hushed(), flags.chain(program));
    run.run().success().stdout
}

/// Puts the ids of the server in place of the placeholders.
fn with_ids(server: &Server, text: &str) -> String {
    let (project, identity) = server.world(|world| {
        let project = world.project_by_slug("shop").unwrap().id.clone();
        (project, world.edit_identity("recipe").id.clone())
    });
    text.replace("00000000-0000-0000-0000-000000000000", &identity)
        .replace("11111111-1111-1111-1111-111111111111", &project)
}

const SHOW: [&str; 3] = ["sh", "-c", "echo ${#DATABASE_URL}"];

#[test]
fn the_pods_log_in_with_their_service_account() {
    let server = server("kubernetes-auth", JWT);
    let mut pods = 0;
    for what in ["kind: Deployment", "kind: Pod"] {
        let text = with_ids(&server, &snippet::find("kubernetes.md", what));
        let Some(manifests) = snippet::yaml(&text) else {
            return skipped("no python3 with PyYAML");
        };
        for manifest in manifests.unwrap().as_array().unwrap() {
            let spec = match manifest["kind"].as_str().unwrap() {
                "Deployment" => &manifest["spec"]["template"]["spec"],
                "Pod" => &manifest["spec"],
                _ => continue,
            };
            let container = &spec["containers"][0];
            let sandbox = pod(&server, container, spec);
            let line: Vec<String> = strings(&container["command"]);
            assert_eq!(start(&sandbox, &line, SHOW), "20\n", "{}", manifest["kind"]);
            pods += 1;
        }
    }
    assert_eq!(pods, 2);
}

/// Makes a home with the variables of a container and a token where its volume would be.
fn pod(server: &Server, container: &Value, spec: &Value) -> Sandbox {
    const TOKEN_PATH: &str = "INFISICAL_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH";
    let sandbox = Sandbox::new().address(server).file("token", JWT);
    let token = sandbox.project().join("token");
    let mut sandbox = sandbox.env(TOKEN_PATH, &token);
    for variable in container["env"].as_array().unwrap() {
        let (name, value) = (&variable["name"], &variable["value"]);
        if name == TOKEN_PATH {
            let mount = &container["volumeMounts"][0]["mountPath"];
            let source = &spec["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"];
            let file = format!("{}/{}", mount.as_str().unwrap(), source["path"].as_str().unwrap());
            assert_eq!(value.as_str(), Some(&*file), "the token is where the volume has it");
            continue;
        }
        sandbox = sandbox.env(name.as_str().unwrap(), value.as_str().unwrap());
    }
    sandbox
}

fn strings(list: &Value) -> Vec<String> {
    serde_json::from_value(list.clone()).unwrap()
}

#[test]
fn the_container_of_compose_starts() {
    use crate::support::infisical::{
        CLIENT_ID, CLIENT_SECRET, Generation, Identity, Project, World,
    };
    let Some(compose) = snippet::yaml(&snippet::find("docker.md", "services:")) else {
        return skipped("no python3 with PyYAML");
    };
    let project = Project::new("shop").env("prod");
    let project = project.secret("prod", "/", "DATABASE_URL", "postgres://canary@db");
    let identity = Identity::universal("recipe", CLIENT_ID, CLIENT_SECRET).reads_all("shop");
    let world = World::default().project(project).identity(identity);
    let server = Server::builder(Generation::V4C, world).plain().start();
    let id = server.world(|world| world.project_by_slug("shop").unwrap().id.clone());

    let app = &compose.unwrap()[0]["services"]["app"];
    assert_eq!(app["secrets"][0], "client-secret");
    let secret = "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET_FILE";
    assert_eq!(app["environment"][secret], "/run/secrets/client-secret");
    let sandbox = Sandbox::new().address(&server).file("client-secret", CLIENT_SECRET);
    let file = sandbox.project().join("client-secret");
    let variables = app["environment"].as_object().unwrap().iter();
    let sandbox = variables.fold(sandbox, |sandbox, (name, value)| match name.as_str() {
        "INFISICAL_PROJECT_ID" => sandbox.env(name, &id),
        "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID" => sandbox.env(name, CLIENT_ID),
        name if name == secret => sandbox.env(name, &file),
        _ => sandbox.env(name, value.as_str().unwrap()),
    });
    let image = instructions(&snippet::find("docker.md", "ENTRYPOINT"));
    let line = words(&image, "ENTRYPOINT");
    let show = ["sh", "-c", "echo $DATABASE_URL; env | grep CLIENT || echo none"];
    assert_eq!(start(&sandbox, &line, show), "[hushed:DATABASE_URL]\nnone\n");
}

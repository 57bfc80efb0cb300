//! The units of `examples/systemd/` and one of `hushed init`, under a systemd in a container: `DynamicUser=`,
//! credentials, readiness, reload, watchdog, and a journal without secrets. Needs root and namespaces.

use super::skipped;
use crate::support::{
    infisical::{CLIENT_ID, CLIENT_SECRET, Generation, Identity, Project, Server, World},
    sandbox::{Sandbox, hushed},
};

#[test]
fn a_systemd_runs_the_units() {
    let project = Project::new("shop").env("dev").secret("dev", "/", "NAME", "canary-live");
    let identity = Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop");
    let world = World::default().project(project).identity(identity);
    let server = Server::builder(Generation::V4C, world).plain().start();
    let id = server.world(|world| world.project_by_slug("shop").unwrap().id.clone());
    let config = format!(
        "[source.infisical]\ntype = \"infisical\"\ndomain = \"{}\"\nproject = \"{id}\"\n\
         env = \"dev\"\nclient-id = \"{CLIENT_ID}\"\n",
        server.url()
    );
    let sandbox = Sandbox::new().file("hushed.toml", config).file("client-secret", CLIENT_SECRET);
    let command = ["/bin/sh", "-c", "exec /usr/local/bin/app \"${NAME}\""];
    let init = ["init", "--systemd", "-o", "init.service", "--"];
    sandbox.run([&init[..], &command].concat()).success();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/units/live.py");
    let hushed = hushed().to_string_lossy().into_owned();
    let line = [script, &hushed, "hushed.toml", "client-secret", "init.service"];
    let output = sandbox.program("python3", line).run();
    if output.status.code() == Some(77) {
        return skipped(output.stdout.trim());
    }
    output.success();
}

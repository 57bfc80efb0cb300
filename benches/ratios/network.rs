//! Login and list over TLS on loopback, then exec; against curl, which makes the same two requests in
//! one process, and against `doppler run`, which makes one.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use super::{
    binary::Binaries,
    doppler,
    files::Home,
    infisical::{
        CLIENT_ID, CLIENT_SECRET, Fault, FaultKind, Generation, Identity, Project, Server, World,
    },
    memory,
    round::{Contestant, Race, Rounds},
    target,
};

const SECRETS: usize = 50;
const DELAY: Duration = Duration::from_millis(20);

/// A server with one project, and commands that ask it.
struct Stage {
    home: Home,
    server: Server,
    project: String,
}

impl Stage {
    fn new(world: World) -> Self {
        let server = Server::start(Generation::V4C, world);
        let project = server.world(|world| world.edit("sample").id.clone());
        Self { home: Home::new(), server, project }
    }

    fn hushed(&self, binary: &Path, flags: &[&str]) -> Command {
        let mut command = self.home.command(binary, "project");
        command.env("INFISICAL_DOMAIN", self.server.url());
        command.env("SSL_CERT_FILE", self.server.ca_file());
        command.env("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", CLIENT_ID);
        command.env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", CLIENT_SECRET);
        command.args(["run", "--env", "dev", "--project", &self.project]);
        command.args(flags).args(["--", "true"]);
        command
    }

    fn curl(&self) -> Command {
        let url = self.server.url();
        let login = format!("{url}/api/v1/auth/universal-auth/login");
        let body = format!(r#"{{"clientId":"{CLIENT_ID}","clientSecret":"{CLIENT_SECRET}"}}"#);
        let list =
            format!("{url}/api/v4/secrets?projectId={}&environment=dev&secretPath=/", self.project);
        let token = format!("authorization: Bearer {}", self.server.mint("reader"));
        let mut command = self.home.command("curl", "project");
        let common = ["--silent", "--show-error", "--fail", "--cacert"];
        command.args(common).arg(self.server.ca_file());
        command.args(["--header", "content-type: application/json", "--data", &body, &login]);
        command.arg("--next").args(common).arg(self.server.ca_file());
        command.args(["--header", &token, &list]);
        command
    }
}

pub(crate) fn measure(binaries: &Binaries, rounds: Rounds) {
    against_others(binaries, rounds);
    paths(binaries, rounds);
    amounts(binaries, rounds);
    cached(binaries, rounds);
}

/// A start that asks no server, against one from a store that never needs one.
fn cached(binaries: &Binaries, rounds: Rounds) {
    let stage = Stage::new(World::sample(SECRETS));
    stage.home.store(&binaries.dynamic, "store", SECRETS);
    let run = |binary: &Path| {
        let mut store = stage.home.command(binary, "store");
        store.args(["run", "--", "true"]);
        let mut cache = stage.hushed(binary, &["--cache", "ttl=1h"]);
        // It says so each time.
        cache.stderr(Stdio::null());
        (store, cache)
    };
    let (store, cache) = run(&binaries.dynamic);
    let mut contestants =
        vec![Contestant::new("local store", store), Contestant::new("ttl cache", cache)];
    if let Some(fixed) = &binaries.fixed {
        let (store, cache) = run(fixed);
        contestants.push(Contestant::new("local store, static", store));
        contestants.push(Contestant::new("ttl cache, static", cache));
    }
    let race = Race::run("50 secrets from the sealed cache", rounds.quick, contestants);
    target::at_most(1.2, &race, "ttl cache", "local store");
    target::at_most(1.2, &race, "ttl cache, static", "local store, static");
}

fn against_others(binaries: &Binaries, rounds: Rounds) {
    let stage = Stage::new(World::sample(SECRETS));
    let mut env = stage.home.command("/usr/bin/env", "project");
    env.args(["X=1", "true"]);
    let mut contestants = vec![
        Contestant::new("env X=1 true", env),
        Contestant::new("login and list", stage.hushed(&binaries.dynamic, &[])),
        Contestant::new("curl, both requests", stage.curl()),
    ];
    if let Some(fixed) = &binaries.fixed {
        contestants.push(Contestant::new("login and list, static", stage.hushed(fixed, &[])));
    }
    if let Some(command) = doppler::run(&stage.home, &stage.server, SECRETS) {
        contestants.push(Contestant::new("doppler run, one request", command));
    }
    let race = Race::run("50 secrets over TLS on loopback", rounds.quick, contestants);
    target::at_most(0.5, &race, "login and list", "curl, both requests");
    target::at_most(0.4, &race, "login and list", "doppler run, one request");
    target::at_most(3.5, &race, "login and list, static", "env X=1 true");
}

fn paths(binaries: &Binaries, rounds: Rounds) {
    const PATHS: [&str; 5] = ["/one", "/two", "/three", "/four", "/five"];
    let mut project = Project::new("sample").env("dev");
    for path in PATHS {
        for number in 0..20 {
            let name = format!("{}_{number}", path.trim_start_matches('/').to_uppercase());
            project = project.secret("dev", path, &name, "canary");
        }
    }
    let reader = Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("sample");
    let stage = Stage::new(World::default().project(project).identity(reader));
    stage.server.fault(Fault::on("/api/", FaultKind::Delay(DELAY)));
    let five: Vec<&str> = PATHS.into_iter().flat_map(|path| ["--path", path]).collect();
    let contestants = vec![
        Contestant::new("one path", stage.hushed(&binaries.dynamic, &["--path", "/one"])),
        Contestant::new("five paths", stage.hushed(&binaries.dynamic, &five)),
    ];
    let race = Race::run("20 secrets a path, behind 20 ms", rounds.slow, contestants);
    target::at_most(1.15, &race, "five paths", "one path");
}

fn amounts(binaries: &Binaries, rounds: Rounds) {
    let stages = [500, 5000].map(|count| Stage::new(World::sample(count)));
    let [some, many] = &stages;
    let contestants = vec![
        Contestant::new("500 secrets", some.hushed(&binaries.dynamic, &[])),
        Contestant::new("5,000 secrets", many.hushed(&binaries.dynamic, &[])),
    ];
    let race = Race::run("many secrets, the server's work included", rounds.slow, contestants);
    target::at_most(10.0, &race, "5,000 secrets", "500 secrets");

    println!("\nmemory with 500 secrets over TLS");
    for (name, binary) in
        [("dynamic", Some(&binaries.dynamic)), ("static", binaries.fixed.as_ref())]
    {
        let Some(binary) = binary else { continue };
        let peak = memory::peak(&some.hushed(binary, &[]));
        target::below(8.0, &format!("peak memory, {name}"), peak, "MB");
    }
}

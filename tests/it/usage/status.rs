//! The exit status of commands that run nothing, as in sysexits.h.

use crate::support::sandbox::Sandbox;

#[test]
fn failures_have_the_statuses_of_sysexits() {
    let bad = Sandbox::new().file("bad.env", "A='\n").file("hushed.toml", "nonsense");
    let unreachable = Sandbox::new()
        .env("INFISICAL_DOMAIN", "http://127.0.0.1:1")
        .env("INFISICAL_TOKEN", "canary")
        .env("INFISICAL_PROJECT_ID", "p")
        .env("HUSHED_INSECURE_HTTP", "true");
    let good = Sandbox::new().file(".env", "A=1\n").env("HUSHED_ENV_FILE", ".env");
    let empty = Sandbox::new();
    for (sandbox, line, status) in [
        (&good, &["secrets", "get", "B"][..], 1),
        (&good, &["why", "B"], 1),
        (&good, &["secrets", "get"], 2),
        (&good, &["nosuch"], 2),
        (&good, &["export", "--format", "jsn"], 2),
        (&good, &["export", "--dialect", "nextjs"], 2),
        (&good, &["export", "--dialect", "next", "--format", "json"], 2),
        (&good, &["plan", "--terminal", "none", "--redact"], 2),
        (&empty, &["plan", "--env-file-dialect", "node"], 2),
        (&unreachable, &["secrets", "list"], 69),
        (&unreachable, &["export"], 69),
        (&empty, &["plan"], 78),
        (&bad, &["plan"], 78),
        (&bad, &["secrets", "list", "--config", "/dev/null", "--env-file", "bad.env"], 65),
        (&bad, &["run", "--", "true"], 125),
    ] {
        sandbox.run(line.iter().copied()).fails_with(status);
    }
}

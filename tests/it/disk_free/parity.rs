//! A run with `--disk-free` gives the same secrets, errors, hints and exit codes as one without.

use std::{
    fs,
    net::{Ipv4Addr, UdpSocket},
    process::Command,
    thread,
};

use super::{can_be_held, over_tls, skipped};
use crate::support::{
    infisical::{Certificate, Fault, FaultKind, Generation, Server, World},
    proxy::Proxy,
    sandbox::{Output, Run, Sandbox, hushed},
};

/// Runs the same with and without the promise.
fn both<'a>(sandbox: &'a Sandbox, line: &[&str], how: fn(Run<'a>) -> Run<'a>) -> [Output; 2] {
    ["false", "true"].map(|promise| {
        let command = sandbox.command(line.iter().copied()).env("HUSHED_DISK_FREE", promise);
        how(command).run()
    })
}

/// Fails unless both ended alike, and gives what the second said.
fn alike(sandbox: &Sandbox, line: &[&str]) -> Output {
    let [plain, promised] = both(sandbox, line, Run::reveals);
    assert_eq!(plain.stderr, promised.stderr, "{line:?}");
    assert_eq!((plain.code(), &plain.bytes), (promised.code(), &promised.bytes), "{line:?}");
    promised
}

#[test]
fn every_source_gives_the_same_secrets_with_and_without_disk_free() {
    if !can_be_held() {
        return;
    }
    let (_server, sandbox) = over_tls();
    let text = "[source.one]\ntype = \"infisical\"\n[source.two]\ntype = \"local\"\nkey-file = \
                \"../key\"\n[source.three]\ntype = \"dotenv\"\n";
    let sandbox = sandbox.file("hushed.toml", text).file(".env", "DOT='canary\nof dotenv'\n");
    let set = sandbox.command(["secrets", "set", "STORED", "--source", "two"]);
    set.stdin("canary-stored").run().success();
    for mode in ["--redact", "--init", "--redact=false"] {
        let script = "[ ${#STORED} = 13 ] && [ \"$SECRET_00002\" ] && exit 7";
        let output = alike(&sandbox, &["run", "-v", mode, "--", "sh", "-c", script]);
        assert_eq!(output.code(), 7, "{}", output.stderr);
    }
    for line in [
        &["export", "--format", "json"][..],
        &["secrets", "list", "--json", "--reveal"],
        &["secrets", "get", "DOT"],
        &["why", "STORED", "--json"],
    ] {
        let output = alike(&sandbox, line).success();
        assert!(line[0] == "why" || output.stdout.contains("canary"), "{line:?}");
    }
}

#[test]
fn more_than_a_pipe_holds_arrives_complete() {
    if !can_be_held() {
        return;
    }
    let large = "canary-".repeat(500_000);
    let sandbox = Sandbox::new().file(".env", format!("LARGE={large}\nEND=canary-end\n"));
    let sandbox = sandbox.env("HUSHED_ENV_FILE", ".env");
    let output = alike(&sandbox, &["secrets", "get", "LARGE"]).success();
    assert_eq!(output.stdout.len(), large.len());
}

#[test]
fn an_env_file_given_as_a_descriptor_is_read() {
    if !can_be_held() {
        return;
    }
    let sandbox = Sandbox::new();
    let line = ["secrets", "get", "A", "--disk-free", "--env-file", "/dev/stdin"];
    let output = sandbox.command(line).stdin("A=canary-in\n").reveals().run().success();
    assert_eq!(output.stdout, "canary-in");
    let script = "exec 5<<END\nA=canary-five\nEND\nexec 6>there; exec \"$0\" secrets get A \
                  --disk-free --env-file /dev/fd/5";
    let output = sandbox.program("sh", ["-c".into(), script.into(), hushed().into_os_string()]);
    assert_eq!(output.argv_reveals().reveals().run().success().stdout, "canary-five");
}

#[test]
fn file_errors_are_the_same_with_and_without_disk_free() {
    if !can_be_held() {
        return;
    }
    let sandbox = Sandbox::new().file("bad", "A=canary\nB='unclosed\n").file("good", "A=canary\n");
    let sandbox = sandbox.file("secrets.hushed", "no store").file("sub/x", "");
    for line in [
        &["run", "--env-file", "none", "--", "true"][..],
        &["run", "--env-file", "bad", "--", "true"],
        &["run", "--env-file", "sub", "--", "true"],
        &["export", "--env-file", "none"],
        &["run", "--env-file", "good", "--", "true"],
        &["run", "--env-file", "good", "--require", "NONE", "--", "true"],
        &["run", "--env-file", "good", "--", "./none"],
        &["secrets", "get", "NONE", "--env-file", "good"],
    ] {
        let output = alike(&sandbox, line);
        assert!(output.code() > 0 && output.stderr.starts_with("hushed: "), "{line:?}");
    }
}

#[test]
fn server_errors_are_the_same_with_and_without_disk_free() {
    if !can_be_held() {
        return;
    }
    let (server, sandbox) = over_tls();
    let line = ["run", "--timeout", "1s", "--", "true"];
    for fault in [
        Fault::status("/api/v1/auth", 401, "{\"message\":\"no\"}"),
        Fault::status("/api/v4", 403, "{\"message\":\"no\"}"),
        Fault::status("/api/v4", 404, "{\"message\":\"no\"}"),
        Fault::status("/api/v4", 500, "{}"),
        Fault::status("/api/v4", 200, "{"),
        Fault::on("/api/v4", FaultKind::Truncated),
        Fault::on("/api/v4", FaultKind::Hang),
    ] {
        server.heal();
        server.fault(fault.clone());
        let output = alike(&sandbox, &line).fails_with(125);
        let shape =
            output.stderr.contains("\n  caused by: ") || output.stderr.contains("\n  hint: ");
        assert!(shape, "{fault:?}: {}", output.stderr);
    }
    server.heal();
    for (name, value) in [
        ("INFISICAL_DOMAIN", "https://secrets.invalid"),
        ("INFISICAL_DOMAIN", "https://localhost:1"),
        ("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "canary-wrong"),
        ("SSL_CERT_FILE", "/nonexistent"),
    ] {
        let sandbox = Sandbox::new().server(&server, "sample").env(name, value);
        alike(&sandbox, &line).fails_with(125);
    }
    let stranger = Server::builder(Generation::V4C, World::sample(1));
    let stranger = stranger.certificate(Certificate::Expired).start();
    alike(&Sandbox::new().server(&stranger, "sample"), &line).fails_with(125);
}

/// Answers questions for the address of any name with loopback; its thread ends with the process.
fn name_server() -> std::io::Result<Ipv4Addr> {
    let address = Ipv4Addr::new(127, 83, 77, 1);
    let socket = UdpSocket::bind((address, 53))?;
    thread::spawn(move || {
        let mut packet = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            let question = &packet[12..length];
            let name = question.iter().position(|&byte| byte == 0).unwrap();
            let question = &question[..name + 5];
            let is_address = question[name + 1..name + 3] == [0, 1];
            let head = [packet[0], packet[1], 0x81, 0x80, 0, 1, 0, is_address.into(), 0, 0, 0, 0];
            let answer = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 1];
            let answer = if is_address { &answer[..] } else { &[] };
            socket.send_to(&[&head, question, answer].concat(), from).unwrap();
        }
    });
    Ok(address)
}

#[test]
fn host_names_are_resolved_by_the_system() {
    if !can_be_held() {
        return;
    }
    // A name server of the test's own, for hushed alone: both take root.
    let Ok(address) = name_server() else { return skipped("port 53 cannot be bound here") };
    let server = Server::builder(Generation::V4C, World::sample(1)).plain().start();
    let domain = format!("http://only-by-dns.example:{}", server.address().port());
    let sandbox = Sandbox::new().server(&server, "sample").env("INFISICAL_DOMAIN", domain);
    let sandbox = sandbox.file("resolv.conf", format!("nameserver {address}\n"));
    let script = "mount --bind resolv.conf /etc/resolv.conf || exit 99; exec \"$@\"";
    let prefix = ["--mount", "sh", "-c", script, "sh"].map(Into::into).into_iter();
    let line = ["run", "--disk-free", "--insecure-http", "--", "true"].map(Into::into);
    let line = prefix.chain([hushed().into_os_string()]).chain(line);
    let output = sandbox.program("unshare", line).run();
    if output.code() == 99 || output.stderr.starts_with("unshare: ") {
        return skipped(&output.stderr);
    }
    assert_eq!(output.success().stderr, "");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn the_fetcher_uses_the_proxy_and_cannot_bypass_it() {
    if !can_be_held() {
        return;
    }
    let server =
        Server::builder(Generation::V4C, World::sample(2)).certificate(Certificate::OtherName);
    let server = server.start();
    let host = format!("other.test:{}", server.address().port());
    let proxy = Proxy::start(&[(host.clone(), server.address())]);
    let sandbox = Sandbox::new().server(&server, "sample");
    let sandbox = sandbox.env("INFISICAL_DOMAIN", format!("https://{host}"));
    let sandbox = sandbox.env("HTTPS_PROXY", proxy.url());
    for line in [&["run", "--", "true"][..], &["run", "--redact", "--", "true"]] {
        alike(&sandbox, line).success();
    }
    assert_eq!(proxy.asked().len(), 4);
}

#[test]
fn disk_free_works_without_privileges() {
    if !can_be_held() {
        return;
    }
    if !nix::unistd::geteuid().is_root() {
        // All other tests here were run by one.
        return;
    }
    let (_server, sandbox) = over_tls();
    let sandbox = sandbox.file(".env", "DOT=canary-dot\n");
    let program = sandbox.home().join("hushed");
    fs::copy(hushed(), &program).unwrap();
    let trusted = sandbox.home().join("ca.pem");
    fs::copy(sandbox.variable("SSL_CERT_FILE"), &trusted).unwrap();
    let owned = Command::new("chown").arg("-R").arg("65534:65534").arg(sandbox.home()).status();
    assert!(owned.unwrap().success());
    let sandbox = sandbox.env("SSL_CERT_FILE", trusted).env("HUSHED_ENV_FILE", ".env");
    let user = ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"];
    let prefix = user.map(Into::into).into_iter().chain([program.into_os_string()]);
    for mode in ["--redact", "--redact=false"] {
        let script = "[ \"$DOT\" ] && [ \"$SECRET_00000$SECRET_00001\" ] && exit 9";
        let line = ["run", "--disk-free", mode, "--", "sh", "-c", script].map(Into::into);
        let output = sandbox.program("setpriv", prefix.clone().chain(line)).run();
        if output.stderr.contains("setpriv: ") {
            skipped(&output.stderr);
            return;
        }
        assert_eq!((output.code(), output.stderr.as_str()), (9, ""));
    }
}
